"""Charts of scores, of pairs of models and of lags."""

import textwrap
from collections.abc import Mapping

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import COLOURS, GREY, INK, NAMES, origin_lines, week_axis
from analysis.measures.origins import ADJECTIVES, SIDES
from analysis.prose import format_value


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
