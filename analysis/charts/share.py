"""Charts of token shares."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import COLOURS, NAMES, label_with_claim
from analysis.measures.origins import SIDES


def cutoff_curve(ax: Axes, curve: pd.DataFrame, ends: pd.DataFrame, origins: list[str], claimed: float) -> None:
    """Draw shares against the number of models counted, and beside them the shares that count more than models tell.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : DataFrame
        Shares by number of models; a column for each origin.
    ends : DataFrame
        The same columns; a row for each further point, its index being the label of the tick.
    origins : list of str
        Columns to draw.
    claimed : float
        A claimed share, drawn as a dashed line.
    """
    if curve.empty:
        return
    last = max(curve.index)
    places = [last + 6 * (step + 1) for step in range(len(ends))]
    for origin in origins:
        ax.plot(curve.index, curve[origin], color=COLOURS[origin])
        joined = pd.concat([curve[origin].tail(1), ends[origin].set_axis(places)])
        ax.plot(joined.index, joined, color=COLOURS[origin], linestyle=":", marker="o", markevery=range(-len(ends), 0))
    ticks = [n for n in (1, 10, 20, 30, 40, 50) if n <= last]
    ax.set_xticks([*ticks, *places], [*map(str, ticks), *ends.index])
    ax.set_ylim(0, 1)
    label_with_claim(ax, {NAMES[o]: (places[-1], ends[o].iloc[-1], COLOURS[o]) for o in origins}, claimed)


def origin_bars(ax: Axes, values: pd.Series, origins: pd.Series) -> None:
    """Draw a horizontal bar for each value, largest on top, in the colour of its origin, with the origins' names."""
    ax.barh(values.index, values, color=origins.map(COLOURS))
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    for row, origin in enumerate(origin for origin in reversed(COLOURS) if origin in set(origins)):
        place = (1, 0.06 + 0.07 * row)
        ax.annotate(NAMES[origin], place, xycoords="axes fraction", ha="right", color=COLOURS[origin], weight="bold")


def paired_stacks(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw a pair of stacked bars a week, Chinese and US: paid in full colour, free of charge hatched on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Indexed by week; columns (origin, "paid" or "free").
    """
    if frame.empty:
        return
    places = range(len(frame))
    for shift, origin in zip((-0.2, 0.2), SIDES, strict=True):
        at = [place + shift for place in places]
        paid, free = frame[origin, "paid"], frame[origin, "free"]
        ax.bar(at, paid, 0.38, color=COLOURS[origin], label=f"{NAMES[origin]}, paid")
        ax.bar(at, free, 0.38, paid, color="white", edgecolor=COLOURS[origin], hatch="////", label="free of charge")
    shown = places[:: 1 + len(frame) // 14]
    ax.set_xticks(list(shown), frame.index[shown].strftime("%d %b\n%Y"))
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlim(-0.6, max(len(frame), 6) - 0.4)
    ax.legend(loc="upper left", ncols=2)
    ax.set_ylim(0, 1.35 * frame.T.groupby(level=0).sum().to_numpy().max())
