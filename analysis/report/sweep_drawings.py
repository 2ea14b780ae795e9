"""One claim over the parameter that was swept, as SVG: where the verdict turns, and the findings that differ."""

import textwrap
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator

from analysis import figures
from analysis.criteria import LITERAL, Claim
from analysis.figures import VERDICT_COLOURS
from analysis.prose import Value
from analysis.report import panels

_LINES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#595959"]
_MARKERS = "o^sDv"
_STRIP, _PANEL, _GAP = 0.24, 1.3, 0.42  # inches: a row of verdicts, the least of the values, what lies between
_LEFT, _RIGHT = 0.17, 0.66
"""Part of the width at which panels begin and end: verdicts are named before them, lines behind."""

_LETTERS, _ROW = 42, 0.125
"""Letters of the name of a line that stand in one row, and the inches that it takes."""

_MANY = 30
"""From so many values on, a line has no marks."""


class _Line(NamedTuple):
    """A finding under one reading in the runs of one group, by the parameter that was swept."""

    name: str
    rows: pd.DataFrame

    @property
    def is_literal(self) -> bool:
        return bool(self.rows["reading"].eq(LITERAL).any())


class _Panel(NamedTuple):
    """Lines that share an axis, and the values that are claimed of them."""

    title: str
    lines: list[_Line]
    claimed: list[Value]

    @property
    def height(self) -> float:
        """Inches that it takes: the names of its lines stand beside it."""
        rows = sum(line.name.count("\n") + 1.4 for line in self.lines)
        return max(_PANEL, rows * _ROW)


def draw(claim: Claim, x: str, verdicts: pd.DataFrame, findings: pd.DataFrame) -> str:
    """Draw the verdict over a parameter where it turns, and findings with the claimed value.

    Parameters
    ----------
    claim : Claim
        The claim.
    x : str
        The parameter.
    verdicts : DataFrame
        A row a run, in the order of the parameter: columns x, at (its place on the axis), group (the other parameters
        that were swept, in words) and verdict.
    findings : DataFrame
        What to draw, a row a finding a run in the same order: columns run, at, group, day (which the run judges by),
        and those of a finding.

    Returns
    -------
    str
        SVG; empty where the verdict is the same and nothing is to be drawn.
    """
    shown, parts = panels.come_to(verdicts["verdict"]), _panels(claim, findings)
    strip = [_STRIP * (len(shown) + 0.5)] if len(shown) > 1 else []
    if not strip and not parts:
        return ""
    with panels.style(claim.id, 9):
        figure, axes = panels.stack([*strip, *(panel.height for panel in parts)], _LEFT, _RIGHT, _GAP)
        if strip:
            _draw_verdicts(axes[0], verdicts, shown)
        for ax, panel in zip(axes[len(strip) :], parts, strict=True):
            _draw_panel(ax, panel)
        _draw_axis(axes[-1], x, verdicts)
        return panels.svg(figure)


def _panels(claim: Claim, findings: pd.DataFrame) -> list[_Panel]:
    """A panel an assertion and unit, with its readings; one for each finding that is not judged."""
    known = findings[findings["value"].notna().groupby([findings["finding"], findings["reading"]]).transform("any")]
    parts = []
    for (name, _), rows in known.groupby(["assertion", "unit"], sort=False):
        target = claim[str(name)].target
        ends = target if isinstance(target, tuple) else () if target is None else (target,)
        parts.append(_Panel(f"Claimed: {claim[str(name)].says}", _lines(rows), list(ends)))
    for _, rows in known[known["assertion"].isna()].groupby("finding", sort=False):
        parts.append(_Panel("Beside it, not judged", _lines(rows), []))
    return parts


def _lines(findings: pd.DataFrame) -> list[_Line]:
    """A line a finding, reading and group, the sentence as written first; one for groups that have the same values."""
    found = []
    for _, rows in findings.groupby(["finding", "reading"], sort=False):
        if rows.groupby("at")[["value", "low", "high"]].nunique(dropna=False).le(1).all(axis=None):
            found.append(_line(rows.drop_duplicates("at"), ""))
        else:
            found += [_line(mine, str(group)) for group, mine in rows.groupby("group", sort=False)]
    return sorted(found, key=lambda line: not line.is_literal)


def _line(rows: pd.DataFrame, group: str) -> _Line:
    """A line under the finding's label, or its key where the label names what was swept."""
    labels = rows["label"].unique()
    label = labels[0] if len(labels) == 1 else ""
    name = label or rows["finding"].iloc[0].replace("_", " ")
    whole = group.replace(" = ", "\u00a0=\u00a0")  # stays in one row
    return _Line(textwrap.fill(", ".join(filter(None, [name, whole])), _LETTERS), rows)


def _draw_verdicts(ax: Axes, verdicts: pd.DataFrame, shown: list[str]) -> None:
    """A row a verdict, with a mark at each value that led to it; marks of several groups stand side by side."""
    groups = list(dict.fromkeys(verdicts["group"]))
    for place, group in enumerate(groups):
        rows = verdicts[verdicts["group"].eq(group)]
        shift = 0.25 * (place - (len(groups) - 1) / 2) / max(1, len(groups) - 1)
        colours, marker = rows["verdict"].map(VERDICT_COLOURS), _MARKERS[place % len(_MARKERS)]
        heights = rows["verdict"].map(shown.index) + shift
        ax.scatter(rows["at"], heights, c=colours, s=14, marker=marker, label=group or None)
    panels.name_rows(ax, shown)
    if len(groups) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.3), fontsize=7)


class _Scale(NamedTuple):
    """How the values of a finding stand on an axis."""

    dated: bool
    factor: float
    unit: str

    def __call__(self, values: pd.Series) -> pd.Series:
        """Values as the axis takes them; what is missing, or of another kind than the rest, is a gap."""
        if self.dated:
            return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
        return pd.to_numeric(values, errors="coerce") * self.factor


def _scale(panel: _Panel) -> _Scale:
    rows = pd.concat([line.rows for line in panel.lines])
    dated = bool(rows["value"].dropna().map(type).eq(str).any())
    return _Scale(dated, *panels.scale(rows["unit"].iloc[0]))


def _draw_panel(ax: Axes, panel: _Panel) -> None:
    """The lines, and what is claimed dashed."""
    scale = _scale(panel)
    for place, line in enumerate(panel.lines):
        _draw_line(ax, line, scale, _LINES[place % len(_LINES)])
    panels.draw_claimed(ax, scale(pd.Series(panel.claimed, dtype=object)))
    if scale.dated:
        ax.yaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=5))
    else:
        ax.locator_params(axis="y", nbins=4)
    ax.set_ylabel(scale.unit)
    ax.set_title(textwrap.shorten(panel.title, 100), loc="left", fontsize=9)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.05), fontsize=7)


def _draw_line(ax: Axes, line: _Line, scale: _Scale, colour: str) -> None:
    """A line, thick for the sentence as written, with its interval; hollow where a value is carried forward."""
    rows, width = line.rows, 2.2 if line.is_literal else 1.2
    marker = "o" if len(rows) < _MANY else ""
    ax.plot(rows["at"], scale(rows["value"]), color=colour, lw=width, marker=marker, ms=3, label=line.name)
    if line.is_literal and rows["low"].notna().any() and rows["high"].notna().any():
        ax.fill_between(rows["at"], scale(rows["low"]), scale(rows["high"]), color=colour, alpha=0.15, lw=0)
    old = rows[panels.carried_forward(pd.to_datetime(rows["day"]), pd.to_datetime(rows["data_to"], errors="coerce"))]
    if len(old):
        ax.scatter(old["at"], scale(old["value"]), s=12, facecolors="white", edgecolors=colour, zorder=3)


def _draw_axis(ax: Axes, x: str, verdicts: pd.DataFrame) -> None:
    """Name the axis, and write its values where they are words."""
    if pd.api.types.is_datetime64_any_dtype(verdicts["at"]):
        figures.week_axis(ax)
    elif not pd.api.types.is_numeric_dtype(verdicts["x"]):
        words = verdicts.drop_duplicates("at")
        ax.set_xticks(list(words["at"]), [textwrap.shorten(word, 24, placeholder="…") for word in words["x"]])
    ax.set_xlabel(x.replace("_", " "))
