"""Charts of token shares."""

from collections.abc import Mapping

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import COLOURS, NAMES, label_with_claim, mark_day, origin_lines, percent_axis, week_axis
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


def share_history(ax: Axes, shares: pd.DataFrame, claimed: float, marked: pd.Timestamp) -> None:
    """Draw Chinese shares week by week, one line for each way of counting, with a day marked.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    shares : DataFrame
        Indexed by week; a column for each way of counting, named as it is to be labelled. The first is drawn strongest.
    claimed : float
        A claimed share, drawn as a dashed line.
    marked : Timestamp
        The day of the article.
    """
    ends: dict[str, tuple[object, float, str]] = {}
    for place, name in enumerate(shares.columns):
        line = shares[name].dropna()
        if len(line):
            style, marker = ("-" if place == 0 else ":"), ("o" if len(line) < 3 else "")
            ax.plot(line.index, line, color=COLOURS["CN"], linewidth=2.2, linestyle=style, marker=marker)
            ends[name] = (line.index[-1], line.iloc[-1], COLOURS["CN"])
    mark_day(ax, marked, "article")
    ax.set_ylim(0, 1)
    label_with_claim(ax, ends, claimed)


def weekly_shares(
    shares: pd.DataFrame, origins: list[str], label: str, claimed: float, marked: pd.Timestamp, most: str = ""
) -> Axes:
    """Draw shares of origins week by week in a figure of their own, with a claimed share and a day marked.

    Parameters
    ----------
    shares : DataFrame
        Indexed by week; a column for each origin.
    origins : list of str
        Columns to draw.
    label : str
        Label of the y axis.
    claimed : float
        A claimed share, drawn as a dashed line.
    marked : Timestamp
        The day of the article.
    most : str
        Column of what the first origin's share could be at most; the band up to it is tinted.
    """
    _, ax = plt.subplots()
    week_axis(ax)
    percent_axis(ax, label)
    if most:
        ax.fill_between(shares.index, shares[origins[0]], shares[most], color=COLOURS[origins[0]], alpha=0.2, lw=0)
    origin_lines(ax, shares, origins, claimed=claimed)
    mark_day(ax, marked, "article")
    return ax


def share_bounds(ax: Axes, days: pd.DataFrame, parts: list[pd.DataFrame], label: str) -> None:
    """Draw least and largest shares as upright bars, and the least as a line where days are comparable.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    days, parts : DataFrame, list of DataFrame
        As ``gateway.best_bounds`` and ``gateway.lines`` give them.
    label : str
        What is shared out.
    """
    ax.vlines(days.index, days["low"], days["high"], color=COLOURS["CN"], alpha=0.45, linewidth=3)
    for part in parts:
        ax.plot(part.index, part["low"], color=COLOURS["CN"], linewidth=1.5)
    ax.set_title(label, loc="left", fontsize=10)


def gateway_panels(
    figure: Figure, metrics: Mapping[str, tuple[pd.DataFrame, list[pd.DataFrame]]], marked: pd.Timestamp
) -> Axes:
    """Draw bounds of several metrics side by side on one scale.

    Parameters
    ----------
    figure : Figure
        An empty figure.
    metrics : dict
        Label to bounds and comparable parts, see ``share_bounds``.
    marked : Timestamp
        The day of the article.

    Returns
    -------
    Axes
        The first panel.
    """
    axes = figure.subplots(1, len(metrics), sharey=True)
    for ax, (label, (days, parts)) in zip(axes, metrics.items(), strict=True):
        if len(days):
            share_bounds(ax, days, parts, label)
            week_axis(ax)
            mark_day(ax, marked, "article")
        ax.set_ylim(0, 1)
    return axes[0]
