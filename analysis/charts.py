"""Charts that one notebook draws; what several share is in ``figures``."""

import textwrap
from collections.abc import Mapping
from itertools import product

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from analysis.figures import COLOURS, GREY, INK, NAMES, label_with_claim, log_axis, origin_lines, week_axis
from analysis.measures.origins import ADJECTIVES, SIDES
from analysis.prose import format_value


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


def price_steps(ax: Axes, ladder: pd.DataFrame) -> None:
    """Draw the cheapest price at each capability as steps, a line an origin.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    ladder : DataFrame
        As ``prices.price_ladder`` gives it.
    """
    for place, origin in enumerate(ladder.columns):
        line = ladder[origin].dropna()
        if len(line):
            ax.step(line.index, line, where="pre", color=COLOURS[origin])
            corner = (0.03, 0.94 - 0.06 * place)
            ax.annotate(NAMES[origin], corner, xycoords="axes fraction", color=COLOURS[origin], weight="bold")
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.yaxis.set_minor_formatter("")


def name_stacks(ax: Axes, parts: pd.DataFrame, names: list[str]) -> None:
    """Finish horizontal stacked bars of shares: the names of the bars, of the origins, and their shares.

    Parameters
    ----------
    ax : Axes
        Where the bars are.
    parts : DataFrame
        Indexed by origin, a column a bar.
    names : list of str
        Names of the bars.
    """
    for place, column in enumerate(parts.columns):
        centres = parts[column].cumsum() - parts[column] / 2
        for origin, centre in centres.items():
            if parts[column][origin] > 0.05:
                text = f"{NAMES[origin]}\n{format_value(parts[column][origin], 'share')}"
                ax.annotate(text, (centre, place), ha="center", va="center", color="white", weight="bold")
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="both", length=0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)


def interval_dots(ax: Axes, frame: pd.DataFrame, names: Mapping[str, str] = NAMES) -> None:
    """Draw a dot with its interval a row, the first on top, in the colour of its origin.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The index is the label of the row, and rows of one label share it; columns value, low, high, origin. An
        interval that is missing is left out.
    names : dict
        What the legend calls each origin.
    """
    labels = list(dict.fromkeys(frame.index))
    for origin, rows in frame.groupby("origin", sort=False):
        shift = 0.14 * (1 if origin == SIDES[0] else -1) * frame.index.has_duplicates
        at = [labels.index(label) - shift for label in rows.index]
        ax.hlines(at, rows["low"], rows["high"], color=COLOURS[origin], linewidth=2, alpha=0.45)
        ax.scatter(rows["value"], at, color=COLOURS[origin], s=32, zorder=3, label=names[origin])
    if labels:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, handletextpad=0.1)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def discordant_bars(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw, a row a pair, the questions that the first alone solved to the left and the second alone to the right.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The index is the label of the pair; columns first_only and second_only.
    """
    for side, column, origin in zip((-1, 1), ("first_only", "second_only"), SIDES, strict=True):
        bars = ax.barh(frame.index, side * frame[column], color=COLOURS[origin], height=0.6)
        ax.bar_label(bars, labels=[f"{value:.0f}" for value in frame[column]], padding=3)
        place = (0.5 + 0.02 * side, 1.02)
        align = "left" if side > 0 else "right"
        words = f"solved by the {ADJECTIVES[origin]} model alone"
        ax.annotate(words, place, xycoords="axes fraction", ha=align, color=COLOURS[origin], weight="bold")
    widest = 1.25 * frame[["first_only", "second_only"]].to_numpy().max(initial=1)
    ax.set_xlim(-widest, widest)
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=INK, linewidth=1)
    ax.spines[["left", "bottom"]].set_visible(False)


def pair_forest(ax: Axes, pairs: pd.DataFrame, margin: float) -> None:
    """Draw the interval of every pair's difference, in order of the difference, by what is shown.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    pairs : DataFrame
        Columns difference, low, high (parts of one) and shown.
    margin : float
        Half width of the band of equivalence, drawn grey.
    """
    pairs = pairs.sort_values("difference").reset_index(drop=True)
    colours = {"different": "#882255", "undecided": "#8A8A8A", "equivalent": "#117733"}
    ax.axvspan(-100 * margin, 100 * margin, color="#EEEEEE", zorder=0)
    ax.axvline(0, color=INK, linewidth=1, zorder=1)
    for row, (shown, colour) in enumerate(colours.items()):
        rows = pairs[pairs["shown"].eq(shown)]
        ax.hlines(rows.index, 100 * rows["low"], 100 * rows["high"], color=colour, linewidth=0.8, alpha=0.6)
        ax.scatter(100 * rows["difference"], rows.index, color=colour, s=8, zorder=3)
        place = (0.02, 0.95 - 0.06 * row)
        ax.annotate(f"{shown}: {len(rows)} pairs", place, xycoords="axes fraction", color=colour, weight="bold")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def frontier_steps(ax: Axes, steps: pd.DataFrame, lag: pd.Series) -> None:
    """Draw the best score of each origin over time as steps, and a lag as a bar at the score it is measured at.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    steps : DataFrame
        Indexed by day, a column an origin: its best score so far.
    lag : Series
        reached and day, from when until when; score, at which height; months.
    """
    if pd.notna(lag["reached"]):
        ax.plot([lag["reached"], lag["day"]], [lag["score"]] * 2, color=INK, linewidth=3, solid_capstyle="butt")
        place = (lag["reached"], lag["score"])
        words = f"lag: {format_value(lag['months'], 'months')}"
        ax.annotate(words, place, xytext=(-5, 4), textcoords="offset points", ha="right", va="bottom", color=INK)
    week_axis(ax)
    origin_lines(ax, steps, list(steps.columns), drawstyle="steps-post")


def lag_panels(figure: Figure, lags: Mapping[str, pd.DataFrame], claimed: tuple[float, float]) -> Axes:
    """Draw the lag through time, a panel a board; a lower bound is dotted, the claimed range grey.

    Parameters
    ----------
    figure : Figure
        Where to draw.
    lags : dict
        Board to a frame indexed by day: months and censored.
    claimed : tuple of float
        The claimed range of months.

    Returns
    -------
    Axes
        The first panel.
    """
    columns = 4
    axes = figure.subplots(max(1, -(-len(lags) // columns)), columns, sharex=True, sharey=True, squeeze=False)
    for ax, (board, frame) in zip(axes.flat, lags.items(), strict=False):
        ax.axhspan(*claimed, color="#DDDDDD", zorder=0)
        for dotted, style in ((False, "-"), (True, ":")):
            line = frame["months"].where(frame["censored"].eq(dotted))
            ax.plot(line.index, line, color=COLOURS[SIDES[0]], linestyle=style, marker="." if len(frame) < 3 else "")
        ax.set_title(textwrap.fill(board, 22), fontsize=8)
        ax.tick_params(labelsize=8)
        ax.xaxis.set_major_locator(mdates.YearLocator())
        ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    for place, ax in enumerate(axes.flat):
        ax.tick_params(labelbottom=place + columns >= len(lags))
        ax.set_axis_on() if place < len(lags) else ax.set_axis_off()
    axes[0, 0].set_ylim(bottom=0)
    figure.supylabel("lag in months (grey: as claimed; dotted: a lower bound)", fontsize=10)
    return axes[0, 0]


def dumbbells(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw, a row a model, what its vendor reported (filled) and what others measured (hollow).

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Indexed by model; columns origin, reported, measured; a model may have several rows.
    """
    rows = list(dict.fromkeys(frame.index))
    at = pd.Series([rows.index(name) for name in frame.index], index=frame.index)
    colours = frame["origin"].map(COLOURS)
    ax.hlines(at, frame["measured"], frame["reported"], color=colours, linewidth=1, alpha=0.5)
    ax.scatter(frame["reported"], at, color=colours, s=36, zorder=3)
    ax.scatter(frame["measured"], at, facecolor="white", edgecolor=colours, s=36, zorder=4)
    words = f"filled: reported by a vendor; hollow: measured by others; {NAMES['CN']} orange, {NAMES['US']} blue"
    ax.annotate(words, (0, 1.02), xycoords="axes fraction", color=GREY, fontsize=9)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


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
