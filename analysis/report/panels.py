"""Panels one under the other that share what lies across, as SVG: what strips and sweeps are drawn with."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import figures
from analysis.figures import INK, VERDICT_COLOURS
from analysis.run.records import OLD_DAYS

_WIDTH = 8.0  # inches
_FOOT = 0.5  # inches, below the lowest panel

_UNITS = {
    "share": (100.0, "%"),
    "change": (100.0, "%"),
    "points": (100.0, "percentage points"),
    "tokens": (1e-12, "trillion tokens"),
    "rank": (1.0, "place"),
}
"""Unit of a finding to the factor by which an axis shows it, and what the axis calls it."""


@contextmanager
def style(salt: str, size: float) -> Iterator[None]:
    """Settings of a drawing with letters of a size in points; the same salt gives the same SVG."""
    with mpl.rc_context():
        figures.use_style()
        mpl.rcParams.update({"figure.constrained_layout.use": False, "font.size": size, "svg.hashsalt": salt})
        mpl.rcParams["axes.titley"] = 1.0  # a place that is not sought saves a fifth of the drawing
        yield


def stack(heights: Sequence[float], left: float, right: float, gap: float) -> tuple[Figure, list[Axes]]:
    """Axes one under the other over the x axis of the lowest.

    Parameters
    ----------
    heights : sequence of float
        Height of each, in inches.
    left, right : float
        Part of the width at which they begin and end.
    gap : float
        Inches between them.
    """
    height = sum(heights) + gap * len(heights) + _FOOT
    figure, top = Figure(figsize=(_WIDTH, height)), height - gap
    axes: list[Axes] = []
    for size in heights:
        box = (left, (top - size) / height, right - left, size / height)
        axes.append(figure.add_axes(box, sharex=axes[0] if axes else None))
        axes[-1].xaxis.set_visible(len(axes) == len(heights))
        top -= size + gap
    return figure, axes


def svg(figure: Figure) -> str:
    """A figure as SVG, without the date of its making."""
    picture = io.StringIO()
    figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def scale(unit: str) -> tuple[float, str]:
    """Factor from a finding to what an axis shows, and the name of that.

    Examples
    --------
    >>> scale("share"), scale("months")
    ((100.0, '%'), (1.0, 'months'))
    """
    return _UNITS.get(unit, (1.0, unit))


def verdicts_reached(verdicts: pd.Series) -> list[str]:
    """Verdicts that any run came to, in their order."""
    return [verdict for verdict in VERDICT_COLOURS if verdicts.eq(verdict).any()]


def name_rows(ax: Axes, names: Sequence[str], size: float | None = None) -> None:
    """Make rows with names of a panel, from the top, with letters of a size in points."""
    ax.set_yticks(range(len(names)), names, fontsize=size)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(length=0)


def draw_claimed(ax: Axes, values: Iterable[Any]) -> None:
    """Draw claimed numbers or dates, or the ends of what is claimed, as dashed lines."""
    for value in values:
        ax.axhline(value, color=INK, lw=1, linestyle=(0, (4, 3)), zorder=1)


def carried_forward(days: pd.Series, data_to: pd.Series) -> pd.Series:
    """Whether the data of a value end long before the day that is judged by; both as dates.

    Examples
    --------
    >>> day = pd.Series(pd.to_datetime(["2026-06-01", "2026-08-01", "2026-08-01"]))
    >>> carried_forward(day, pd.Series(pd.to_datetime(["2026-05-24", "2026-05-24", None]))).tolist()
    [False, True, False]
    """
    return (days - data_to).dt.days.gt(OLD_DAYS)
