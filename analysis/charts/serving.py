"""Charts of what serving a model costs."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from analysis.figures import (
    COLOURS,
    GREY,
    INK,
    batch_axis,
    label_ends,
    label_points,
    lay_out,
    log_axis,
    origin_scatter,
    week_axis,
)
from analysis.measures.origins import ADJECTIVES

_SHADES: dict[str, Any] = {"bins": "log", "vmin": 0.2, "cmap": "Blues", "linewidths": 0}
"""Of hexagons: the more runs, the darker."""


def cost_panels(figure: Figure, panels: Mapping[str, pd.DataFrame]) -> Axes:
    """Draw price against cost of named models, a panel a price list, with the line on which they are sold at cost.

    Parameters
    ----------
    figure : Figure
        Where to draw.
    panels : dict
        Title of the panel to a frame: model, origin, cost and price in US dollars per million tokens.

    Returns
    -------
    Axes
        The first panel.
    """
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    together = pd.concat(panels.values())
    if together.empty:
        return axes[0]
    drawn = together[["cost", "price"]].to_numpy(dtype=float)
    ends = (0.4 * drawn.min(), 2 * drawn.max())
    ticks = [tick for tick in (0.01, 0.03, 0.1, 0.3, 1, 3, 10) if ends[0] <= tick <= ends[1]]
    for ax, (name, rows) in zip(axes, panels.items(), strict=True):
        log_axis(ax, "cost, USD per million tokens", "x", ticks)
        log_axis(ax, "price, USD per million tokens" if ax is axes[0] else "", ticks=ticks)
        ax.set(xlim=ends, ylim=ends, aspect="equal")
        ax.set_title(name, fontsize=10)
        ax.scatter(rows["cost"], rows["price"], c=rows["origin"].map(COLOURS), s=36, zorder=3)
        _line_of_equals(ax, ends, "sold at cost")
    figure.suptitle("\n")  # leaves the room that the title takes, so that labels stay where they are put
    for ax, rows in zip(axes, panels.values(), strict=True):
        name_points(ax, rows.set_index("model"), "cost", "price")
    origin_key(axes[0], together["origin"])
    return axes[0]


def _line_of_equals(ax: Axes, ends: tuple[float, float], words: str) -> None:
    """Draw the diagonal of two alike logarithmic axes, and say along its lower part what lies on it."""
    ax.plot(ends, ends, color=INK, linewidth=1)
    place = ends[0] ** 0.7 * ends[1] ** 0.3
    label = ax.annotate(words, (place, place), (3, -3), textcoords="offset points", color=INK, va="top")
    label.set(rotation=45, rotation_mode="anchor", fontsize=9)


def origin_key(ax: Axes, origins: pd.Series) -> None:
    """Write the names of the origins that there are, each in its colour, into the lower right corner."""
    for row, origin in enumerate(origin for origin in COLOURS if origin in set(origins)):
        place = (0.98, 0.03 + 0.06 * row)
        ax.annotate(
            f"{ADJECTIVES[origin]} models",
            place,
            xycoords="axes fraction",
            ha="right",
            color=COLOURS[origin],
            weight="bold",
        )


def name_points(ax: Axes, frame: pd.DataFrame, x: str, y: str) -> None:
    """Write every row's index near its point, at the nearest place free of points, labels and the line of equals.

    Parameters
    ----------
    ax : Axes
        Where to write; its limits and scales must not change later.
    frame : DataFrame
        The points; the index holds the labels.
    x, y : str
        Columns that were drawn.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    lay_out(figure)
    along = np.geomspace(*ax.get_xlim(), 80)
    line = ax.transData.transform(np.column_stack([along, along]))
    points = ax.transData.transform(frame[[x, y]].to_numpy(dtype=float))
    taken = [_around(place, 3) for place in line] + [_around(place, 5) for place in points]
    for name, row in frame.sort_values(y, ascending=False).iterrows():
        for distance, angle in product(
            (6, 12, 20, 30, 42, 56, 72, 90), np.deg2rad([0, 180, 90, 270, 35, 145, 215, 325])
        ):
            offset = (distance * np.cos(angle), distance * np.sin(angle))
            label = _offset_label(ax, str(name), (row[x], row[y]), offset)
            if _is_clear(ax, label, taken):
                taken.append(np.array(Text.get_window_extent(label).padded(2).extents))
                break
            label.remove()


def _around(place: np.ndarray, pixels: float) -> np.ndarray:
    """Left, lower, right and upper end of a square."""
    return np.concatenate([place - pixels, place + pixels])


def _offset_label(ax: Axes, name: str, place: tuple[float, float], offset: tuple[float, float]) -> Annotation:
    """Write a name some points away from a place, on the side that faces away from it; from afar with a line."""
    across, up = offset
    side = "center" if abs(across) < 1 else "left" if across > 0 else "right"
    height = "center" if abs(up) < 1 else "bottom" if up > 0 else "top"
    line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
    relpos = ({"left": 0, "right": 1}.get(side, 0.5), {"bottom": 0, "top": 1}.get(height, 0.5))
    far = line | {"relpos": relpos} if np.hypot(across, up) > 7 else None
    label = ax.annotate(name, place, offset, textcoords="offset points", ha=side, va=height, arrowprops=far)
    label.set(fontsize=8, color=GREY)
    return label


def _is_clear(ax: Axes, label: Annotation, taken: list[np.ndarray]) -> bool:
    """Whether neither a label nor its line, which begins outside the point, covers what is taken or leaves the axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    label.get_window_extent()  # settles where the text stands
    box = Text.get_window_extent(label).padded(1)
    place, offset = ax.transData.transform(label.xy), np.array(label.xyann) * figure.dpi / 72
    if not ax.bbox.x0 < box.x0 < box.x1 < ax.bbox.x1:
        return False
    lower, upper = np.array(taken)[:, :2], np.array(taken)[:, 2:]
    leader = place + np.linspace(0, 1, 12)[:, np.newaxis] * offset
    outside = leader[np.abs(leader - place).max(axis=1) > 6][:, np.newaxis]  # spot, box, dimension
    is_covered = ((lower <= box.max) & (box.min <= upper)).all(axis=1).any()
    is_crossed = ((lower <= outside) & (outside <= upper)).all(axis=2).any()
    return not (is_covered or is_crossed)


def size_panels(points: pd.DataFrame, article: pd.Timestamp, claimed: Sequence[float]) -> Axes:
    """Draw active against total parameters, and the active share against the day of release.

    Parameters
    ----------
    points : DataFrame
        A row a model: origin, released, total_params_b, active_params_b and part (the active share, 0 to 1).
    article : Timestamp
        The article's day, which is marked.
    claimed : sequence of float
        All and active parameters of DeepSeek V4 by the article, billions.

    Returns
    -------
    Axes
        The first panel.
    """
    _, (sizes, shares) = plt.subplots(1, 2, figsize=(8, 4.6))
    origin_scatter(sizes, points, "total_params_b", "active_params_b")
    log_axis(sizes, "active parameters, billions")
    log_axis(sizes, "all parameters, billions", "x")
    sizes.plot(*claimed, marker="x", markersize=8, color=INK)
    pointer = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkB": 5}
    label = sizes.annotate(
        "DeepSeek V4,\nas claimed", claimed, (0, -62), textcoords="offset points", arrowprops=pointer
    )
    label.set(ha="center", fontsize=8, color=GREY)
    for origin, rows in points.groupby("origin"):
        shares.scatter(rows["released"], 100 * rows["part"], color=COLOURS[origin], s=36, alpha=0.85)
    log_axis(shares, "active share of all parameters, %", ticks=[3, 10, 30, 100])
    _mark_article(shares, article)
    week_axis(shares)
    return sizes


def _mark_article(ax: Axes, day: pd.Timestamp) -> None:
    """Draw a thin line at the article's day, with its name beside it."""
    ax.axvline(day, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)), zorder=0)
    ax.set_xlim(right=max(ax.get_xlim()[1], mdates.date2num(day + pd.Timedelta(days=90))))
    label = ax.annotate("the article", (day, 0.72), (3, 0), xycoords=("data", "axes fraction"), va="center")
    label.set(rotation=90, color=GREY, fontsize=8)
    label.set_anncoords("offset points")


def cache_by_kind(memory: pd.DataFrame) -> Axes:
    """Draw the cache of a token of context, a row for each kind of attention.

    Parameters
    ----------
    memory : DataFrame
        As ``reports.memory_by_model`` gives it.
    """
    _, ax = plt.subplots()
    kinds = memory.drop_duplicates("row")["kind"]
    ax.scatter(memory["kb"], memory["row"], color=INK, s=30)
    ax.set_yticks(range(len(kinds)), kinds)
    ax.set_ylim(len(kinds) - 0.5, -0.5)
    log_axis(ax, "cache for each token of the context, kB at 16 bits", "x", ticks=[10, 30, 100, 300])
    ax.margins(x=0.35)
    label_points(ax, memory, "kb", "row")
    return ax


def time_ratios(ratios: pd.DataFrame, fits: pd.DataFrame) -> Axes:
    """Draw how many times as long the dense model takes, a line a context; dotted where the memory is too small.

    Parameters
    ----------
    ratios, fits : DataFrame
        As ``duel.by_context`` gives them.
    """
    _, ax = plt.subplots()
    batch_axis(ax, ratios.index)
    for context, colour in zip(ratios, ["#56B4E9", "#0072B2", "#003B5C"], strict=False):
        line = ratios[context]
        ax.plot(line.index, line, color=colour, linestyle=":")
        ax.plot(line.index, line.where(fits[context]), color=colour, marker="o", markersize=4)
    ax.axhline(1, color=INK, linewidth=1)
    ax.annotate("equally fast", (ratios.index[0], 1), (0, -4), textcoords="offset points", va="top", color=INK)
    log_axis(ax, "dense model's time ÷ the other's", ticks=[1 / 2, 1, 2, 5, 10])
    ax.set_xlabel("requests decoded together (dotted: too many for the memory)")
    last = ratios.iloc[-1]
    label_ends(ax, {f"{int(context):,} tokens": (ratios.index[-1], last[context], INK) for context in ratios})
    return ax


def bound_and_estimate(runs: pd.DataFrame) -> Axes:
    """Draw measured time against the least time, and against the estimate for a model left out.

    Parameters
    ----------
    runs : DataFrame
        As ``bound.bound_terms`` gives them, with estimate.

    Returns
    -------
    Axes
        The first panel.
    """
    _, axes = plt.subplots(1, 2, figsize=(8, 3.8), sharex=True, sharey=True)
    ends = (runs["bound_ms"].min() / 1.5, runs["tpot_ms"].max() * 1.5)
    names = {"bound_ms": "least time, ms a token", "estimate": "estimate, ms a token"}
    for ax, (column, label) in zip(axes, names.items(), strict=True):
        ax.hexbin(runs[column], runs["tpot_ms"], xscale="log", yscale="log", gridsize=45, mincnt=1, **_SHADES)
        ax.plot(ends, ends, color=INK, linewidth=1)
        log_axis(ax, label, "x", ticks=[1, 10, 100])
    faster = runs[runs["times"] < 1]
    axes[0].scatter(faster["bound_ms"], faster["tpot_ms"], s=16, color=COLOURS["CN"])
    log_axis(axes[0], "measured, ms a token", ticks=[1, 10, 100])
    axes[0].set(xlim=ends, ylim=(1, ends[1]))
    return axes[0]


def capability_and_operations(points: pd.DataFrame, context: int) -> Axes:
    """Draw operations a token against capability, every model in the colour of its origin.

    Parameters
    ----------
    points : DataFrame
        A row a model, labelled by the index: origin, score and flops (billions).
    context : int
        Tokens before the one being computed.
    """
    _, ax = plt.subplots()
    log_axis(ax, "billion operations a token")
    origin_scatter(ax, points, "score", "flops")
    ax.set_xlabel(f"Epoch Capabilities Index, points (operations after {context:,} tokens)")
    ax.margins(x=0.12)
    label_points(ax, points.iloc[::-1], "score", "flops")
    return ax
