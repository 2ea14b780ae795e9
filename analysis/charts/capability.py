"""Charts of scores, of pairs of models and of lags."""

import textwrap
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from analysis.figures import COLOURS, GREY, INK, label_ends, mark_day, week_axis
from analysis.measures.lag import MONTH
from analysis.measures.origins import ADJECTIVES, SIDES
from analysis.prose import format_value

BAND = "#E4E4E4"
"""Colour of a claimed range."""

MODELS = {origin: f"{ADJECTIVES[origin]} models" for origin in SIDES}
"""What a legend calls the models of a side."""


def frontiers(
    steps: pd.DataFrame, lag: pd.Series, claimed: tuple[float, float], label: str, marked: pd.Timestamp
) -> Axes:
    """Draw the best score of each side over time, and the lag as a bar at the score that it is measured at.

    Parameters
    ----------
    steps : DataFrame
        Indexed by day, a column an origin: its best score so far.
    lag : Series
        reached and day, from when until when; score, at which height; months.
    claimed : tuple of float
        The claimed range of months before that day; tinted.
    label : str
        Label of the y axis.
    marked : Timestamp
        The day of the article.
    """
    _, ax = plt.subplots()
    ends: dict[str, tuple[object, float, str]] = {}
    for origin in SIDES:
        line = steps[origin].dropna()
        if len(line):
            marker = "o" if len(line) < 3 else ""
            ax.plot(line.index, line, color=COLOURS[origin], drawstyle="steps-post", marker=marker)
            ends[f"best {ADJECTIVES[origin]}\nmodel"] = (line.index[-1], line.iloc[-1], COLOURS[origin])
    if pd.notna(lag["reached"]):
        _lag_bar(ax, lag, claimed)
    week_axis(ax)
    ax.set_ylabel(label)
    mark_day(ax, marked, "article")
    label_ends(ax, ends, gap=0.11)
    return ax


def _lag_bar(ax: Axes, lag: pd.Series, claimed: tuple[float, float]) -> None:
    """Draw a lag as a bar, and tint when it would have begun were it as claimed."""
    begins = [lag["day"] - months * MONTH for months in claimed]
    ax.axvspan(*begins, color=BAND, zorder=0)
    middle = begins[0] + (begins[1] - begins[0]) / 2
    words = f"claimed:\n{claimed[0]:g} to {claimed[1]:g}\nmonths"
    place, clear = (mdates.date2num(middle), 0.02), {"facecolor": BAND, "edgecolor": "none", "pad": 1}
    ax.annotate(words, place, xycoords=("data", "axes fraction"), color=GREY, ha="center", bbox=clear)
    ax.plot([lag["reached"], lag["day"]], [lag["score"]] * 2, color=INK, linewidth=3, solid_capstyle="butt")
    start = (lag["reached"], lag["score"])
    words = format_value(lag["months"], "months")
    ax.annotate(words, start, xytext=(-5, 4), textcoords="offset points", ha="right", va="bottom", weight="bold")


def score_dots(frame: pd.DataFrame, label: str) -> Axes:
    """Draw a row a comparison, with a dot and its interval for each of its two models.

    Parameters
    ----------
    frame : DataFrame
        The index is the label of the row, and the two models of a comparison share it; columns value, low, high,
        origin. An interval that is missing is left out.
    label : str
        Label of the x axis.
    """
    _, ax = plt.subplots(figsize=(8, 6))
    labels = list(dict.fromkeys(frame.index))
    for origin, rows in frame.groupby("origin", sort=False):
        shift = 0.14 * (1 if origin == SIDES[0] else -1)
        at = [labels.index(label) - shift for label in rows.index]
        _dots(ax, rows, at, COLOURS[origin], MODELS[origin])
    if labels:
        _legend_on_top(ax)
    _rows(ax, labels)
    ax.set_xlabel(label)
    return ax


def provider_dots(calls: pd.DataFrame, claimed: float) -> Axes:
    """Draw, a row a provider, the share of its tool calls that fit the schema, in per cent.

    Parameters
    ----------
    calls : DataFrame
        As ``tool_calls.by_provider`` gives it.
    claimed : float
        Share at which malformed calls count as occasional; a dashed line.
    """
    _, ax = plt.subplots()
    shown = calls.assign(value=100 * calls["value"], low=100 * calls["low"], high=100 * calls["high"])
    labels = calls["provider"].tolist()
    colours = {"vendor": COLOURS["CN"], "vendor, public software": GREY, "third party": "#009E73"}
    for kind, colour in colours.items():
        rows = shown[shown["served_by"].eq(kind)]
        _dots(ax, rows, [labels.index(name) for name in rows["provider"]], colour, f"served by {_server(kind)}")
    if labels:
        _legend_on_top(ax)
        ax.axvline(100 * claimed, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        words = "one call in a hundred\ndoes not fit"
        ax.annotate(words, (100 * claimed, len(labels) - 1), xytext=(-6, 0), textcoords="offset points", ha="right")
    _rows(ax, labels)
    ax.set_xlabel("tool calls whose JSON fits the schema, per cent")
    return ax


def _server(kind: str) -> str:
    return {"vendor": "its vendor", "vendor, public software": "its vendor with public software"}.get(kind, "others")


def _dots(ax: Axes, rows: pd.DataFrame, at: list[float], colour: str, name: str) -> None:
    """Draw dots with their intervals at given heights."""
    ax.hlines(at, rows["low"], rows["high"], color=colour, linewidth=2, alpha=0.45)
    ax.scatter(rows["value"], at, color=colour, s=32, zorder=3, label=name)


def _legend_on_top(ax: Axes) -> None:
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, handletextpad=0.1)


def _rows(ax: Axes, labels: list[str]) -> None:
    """Name the rows of a chart, the first on top."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def discordant_bars(frame: pd.DataFrame) -> Axes:
    """Draw, a row a pair, the questions that the first alone solved to the left and the second alone to the right.

    Parameters
    ----------
    frame : DataFrame
        The index is the label of the pair; columns first_only and second_only.
    """
    _, ax = plt.subplots(figsize=(8, 3.6))
    for side, column, origin in zip((-1, 1), ("first_only", "second_only"), SIDES, strict=True):
        bars = ax.barh(frame.index, side * frame[column], color=COLOURS[origin], height=0.6)
        ax.bar_label(bars, labels=[f"{value:.0f}" for value in frame[column]], padding=3)
        place = (0.5 + 0.02 * side, 1.02)
        align = "left" if side > 0 else "right"
        words = f"solved by the {ADJECTIVES[origin]} model alone"
        ax.annotate(words, place, xycoords="axes fraction", ha=align, color=COLOURS[origin], weight="bold")
    widest = 1.25 * frame[["first_only", "second_only"]].to_numpy().max(initial=1)
    ax.set_xlim(-widest, widest)
    ax.set_xlabel("questions that one of the two solved, and the other did not")
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=INK, linewidth=1)
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def pair_forest(pairs: pd.DataFrame, margin: float) -> Axes:
    """Draw the interval of every pair's difference, in order of the difference, by what is shown.

    Parameters
    ----------
    pairs : DataFrame
        Columns difference, low, high (parts of one) and shown.
    margin : float
        Half width of the band of equivalence, drawn grey and named.
    """
    _, ax = plt.subplots(figsize=(8, 6))
    ordered = pairs.sort_values("difference").reset_index(drop=True)
    colours = {"different": "#882255", "undecided": "#757575", "equivalent": "#117733"}
    names = {"different": "shown to differ", "equivalent": "shown to be equally good"}
    ax.axvspan(-100 * margin, 100 * margin, color=BAND, zorder=0)
    ax.axvline(0, color=INK, linewidth=1, zorder=1)
    for row, (shown, colour) in enumerate(colours.items()):
        rows = ordered[ordered["shown"].eq(shown)]
        ax.hlines(rows.index, 100 * rows["low"], 100 * rows["high"], color=colour, linewidth=0.8, alpha=0.6)
        ax.scatter(100 * rows["difference"], rows.index, color=colour, s=8, zorder=3)
        place = (0.02, 0.95 - 0.06 * row)
        words = f"{names.get(shown, shown)}: {len(rows)}"
        ax.annotate(words, place, xycoords="axes fraction", color=colour, weight="bold")
    words = f"equally good:\nwithin {100 * margin:.3g} points"
    ax.annotate(words, (100 * margin, 0.03), xytext=(5, 0), textcoords="offset points",
                xycoords=("data", "axes fraction"), color=GREY)  # fmt: skip
    ax.set_yticks([])
    ax.set_xlabel("Chinese minus US model, percentage points")
    ax.spines["left"].set_visible(False)
    return ax


def lag_history(through: pd.DataFrame, board: str, claimed: tuple[float, float], marked: pd.Timestamp) -> Axes:
    """Draw the lag on every board through time; a lower bound is dotted, the claimed range grey.

    Parameters
    ----------
    through : DataFrame
        By board and day: months and censored.
    board : str
        The board to draw strongest.
    claimed : tuple of float
        The claimed range of months.
    marked : Timestamp
        The day of the article.
    """
    _, ax = plt.subplots()
    names = {True: board, False: "other boards, a line each"}
    for name in through.index.unique("board"):
        is_own, frame = name == board, through.loc[name]
        look: dict[str, Any] = (
            {"color": COLOURS["CN"], "lw": 2.6, "zorder": 3} if is_own else {"color": "#9A9A9A", "lw": 1}
        )
        ax.plot(frame["months"].where(~frame["censored"].astype(bool)), label=names.pop(is_own, None), **look)
        ax.plot(frame["months"].where(frame["censored"].astype(bool)), linestyle=":", **look)
    if len(through):
        ax.axhspan(*claimed, color=BAND, zorder=0, label=f"claimed: {claimed[0]:g} to {claimed[1]:g} months")
        ax.plot([], [], linestyle=":", color=INK, lw=1, label="at least so long")
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.05), ncols=4, fontsize=9, columnspacing=1.2)
        week_axis(ax)
        mark_day(ax, marked, "article")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("months behind the best US model")
    return ax


def lag_dots(lags: pd.DataFrame, board: str, claimed: tuple[float, float]) -> Axes:
    """Draw, a row a board, the lag with its interval; an arrow where it is a lower bound.

    Parameters
    ----------
    lags : DataFrame
        As ``lag_table`` gives them, in the order in which they are to be drawn.
    board : str
        The board to draw strongest.
    claimed : tuple of float
        The claimed range of months, tinted and named.
    """
    _, ax = plt.subplots(figsize=(8, 1.5 + 0.26 * len(lags)))
    for row, (name, lag) in enumerate(lags.iterrows()):
        colour = COLOURS["CN"] if name == board else GREY
        end = lag["months"] if lag["censored"] else lag["high"]
        ax.hlines(row, lag["low"], end, color=colour, linewidth=2, alpha=0.45)
        ax.scatter(lag["months"], row, color=colour, s=36, marker=">" if lag["censored"] else "o", zorder=3)
    if len(lags):
        ax.axvspan(*claimed, color=BAND, zorder=0)
        words = f"claimed: {claimed[0]:g} to {claimed[1]:g} months"
        place = (sum(claimed) / 2, 1.0)
        ax.annotate(words, place, xytext=(0, 3), textcoords="offset points", xycoords=("data", "axes fraction"),
                    ha="center", color=GREY)  # fmt: skip
        ax.set_xlim(left=0)
    _rows(ax, [str(name) for name in lags.index])
    ax.set_xlabel("months behind the best US model; an arrow: at least so many")
    return ax


def dumbbells(frame: pd.DataFrame) -> Axes:
    """Draw, a row a model, what its vendor reported (filled) and what others measured (hollow), in per cent.

    Parameters
    ----------
    frame : DataFrame
        Columns model, benchmark, origin, reported, measured; a model may have several rows.
    """
    _, ax = plt.subplots(figsize=(8, 5))
    names = frame["model"] + ", " + frame["benchmark"].str.removeprefix("SWE-bench ")
    rows = list(dict.fromkeys(names))
    at = [rows.index(name) for name in names]
    colours = frame["origin"].map(COLOURS)
    ax.hlines(at, frame["measured"], frame["reported"], color=colours, linewidth=1, alpha=0.5)
    ax.scatter(frame["reported"], at, color=colours, s=36, zorder=3)
    ax.scatter(frame["measured"], at, facecolor="white", edgecolor=colours, s=36, zorder=4)
    words = "filled: reported by the vendor; hollow: measured by others; orange: Chinese models; blue: US models"
    ax.annotate(textwrap.fill(words, 76), (0, 1.02), xycoords="axes fraction", color=GREY, fontsize=9)
    _rows(ax, rows)
    ax.set_xlabel("questions of SWE-bench solved, per cent")
    return ax
