"""Charts of what serving a model costs."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from analysis.figures import COLOURS, GREY, INK, NAMES, log_axis


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
        ax.annotate(NAMES[origin], place, xycoords="axes fraction", ha="right", color=COLOURS[origin], weight="bold")


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
    figure.draw_without_rendering()
    along = np.geomspace(*ax.get_xlim(), 80)
    line = ax.transData.transform(np.column_stack([along, along]))
    points = ax.transData.transform(frame[[x, y]].to_numpy(dtype=float))
    taken = [Bbox([place - 3, place + 3]) for place in line] + [Bbox([place - 5, place + 5]) for place in points]
    for name, row in frame.sort_values(y, ascending=False).iterrows():
        for distance, angle in product((6, 12, 20, 30, 42), np.deg2rad([0, 180, 90, 270, 35, 145, 215, 325])):
            offset = (distance * np.cos(angle), distance * np.sin(angle))
            label = _offset_label(ax, str(name), (row[x], row[y]), offset)
            if _is_clear(ax, label, taken):
                taken.append(Text.get_window_extent(label).padded(1))
                break
            label.remove()


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


def _is_clear(ax: Axes, label: Annotation, taken: list[Bbox]) -> bool:
    """Whether neither a label nor its line, which begins outside the point, covers what is taken or leaves the axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    label.get_window_extent()  # settles where the text stands
    box = Text.get_window_extent(label).padded(1)
    place, offset = ax.transData.transform(label.xy), np.array(label.xyann) * figure.dpi / 72
    leader = [place + part * offset for part in np.linspace(0, 1, 12)]
    outside = [spot for spot in leader if np.abs(spot - place).max() > 6]
    if any(other.overlaps(box) or any(other.contains(*spot) for spot in outside) for other in taken):
        return False
    return bool(ax.bbox.x0 < box.x0 and box.x1 < ax.bbox.x1)
