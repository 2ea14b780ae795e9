"""Charts of list prices and of what a workload costs."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from analysis import figures
from analysis.figures import COLOURS, GREY, INK, NAMES, mark_day
from analysis.measures.origins import SIDES
from analysis.prose import money, percent

SHOWN_FROM = 130
"""Least capability that is drawn: what lies below costs next to nothing on either side."""

CLAIMED_TINT = "#F0E442"
"""Behind a claimed range, from the palette of Okabe and Ito (2008)."""


def ways_to_compare(ways: pd.Series, pairs: pd.Series, claimed: tuple[float, float]) -> Axes:
    """Draw the ratio by each way to compare as a point on a line of its own, with the claimed range behind.

    Parameters
    ----------
    ways : Series
        Ratio by way, which is the label of its line; the first is the literal one.
    pairs : Series
        Ratio of each pair, drawn on the first line.
    claimed : tuple of float
        The claimed range.
    """
    _, ax = plt.subplots(figsize=(8, 4.2))
    known = ways.dropna()
    places = range(len(known))
    if len(known):
        ax.axvspan(*claimed, color=CLAIMED_TINT, alpha=0.45, linewidth=0)
        ax.axvline(1, color=GREY, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
        ax.scatter(pairs, [0.0] * len(pairs), s=30, facecolor="none", edgecolor=GREY, linewidth=0.8)
        ax.scatter(known, list(places), s=70, color=INK, zorder=3)
        _label_ways(ax, known, claimed)
    ax.set_yticks(list(places), list(known.index))
    ax.set_ylim(len(known) - 0.4, -0.6)
    figures.log_axis(ax, "US price as a multiple of the Chinese one", "x", ticks=[0.5, 1, 2, 5, 10, 20, 50])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def _label_ways(ax: Axes, known: pd.Series, claimed: tuple[float, float]) -> None:
    """Write the values above their points, and what the band and the line are."""
    for place, value in enumerate(known):
        ax.annotate(f"{value:.1f}", (value, place), (0, 6), textcoords="offset points", ha="center", weight="bold")
    middle = (claimed[0] * claimed[1]) ** 0.5
    words = {middle: f"claimed: {claimed[0]:g} to {claimed[1]:g} times", 1.0: "same price"}
    for x, text in words.items():
        top = ("data", "axes fraction")
        ax.annotate(text, (x, 1.0), (0, 3), xycoords=top, textcoords="offset points", ha="center", color=INK)


def pair_map(pairs: pd.DataFrame, claimed: tuple[float, float]) -> Axes:
    """Draw the ratio of every pair, those in the claimed range framed.

    Parameters
    ----------
    pairs : DataFrame
        A row a US model, a column a Chinese one, by name.
    claimed : tuple of float
        The claimed range.
    """
    _, ax = plt.subplots()
    broken = pairs.rename(columns=lambda name: name.replace("-", "-\n", 1).replace(" ", "\n", 1))
    figures.heat_map(ax, broken, claimed[0], "US price ÷ Chinese price", fmt=".1f", band=claimed)
    ax.set(xlabel="Chinese flagship", ylabel="US flagship")
    return ax


def mix_map(by_mix: pd.DataFrame, claimed: tuple[float, float]) -> Axes:
    """Draw the median ratio of many mixes, those in the claimed range framed.

    Parameters
    ----------
    by_mix : DataFrame
        A row a ratio of prompt to completion tokens, a column a share of cached ones, in words.
    claimed : tuple of float
        The claimed range.
    """
    _, ax = plt.subplots()
    figures.heat_map(ax, by_mix, claimed[0], "median US price ÷ Chinese price", fmt=".1f", band=claimed)
    ax.set_ylabel("prompt tokens : completion tokens")
    ax.set_xlabel("share of the prompt tokens that is cached")
    return ax


def paid_shares(paid: pd.DataFrame) -> Axes:
    """Draw the shares of tokens and of dollars as two stacked bars, a colour an origin.

    Parameters
    ----------
    paid : DataFrame
        As ``saving.realised_by_origin`` gives it.
    """
    _, ax = plt.subplots(figsize=(8, 3))
    parts = paid[["token_share", "spend_share"]].reindex([code for code in COLOURS if code in paid.index])
    for place, column in enumerate(parts.columns):
        left = parts[column].cumsum() - parts[column]
        ax.barh(place, parts[column], left=left, color=[COLOURS[origin] for origin in parts.index])
        for origin, start in left.items():
            _name_part(ax, str(origin), start + parts[column][origin] / 2, place, parts[column][origin])
    ax.set_yticks([0, 1], ["of tokens", "of dollars"])
    ax.invert_yaxis()
    ax.tick_params(axis="both", length=0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def _name_part(ax: Axes, origin: str, centre: float, place: int, share: float) -> None:
    """Write an origin and its share into its part of a bar, where there is room."""
    if share > 0.05:
        text = f"{NAMES[origin]}\n{percent(share)}"
        ax.annotate(text, (centre, place), ha="center", va="center", color="white", weight="bold")


def price_ladders(ladder_on: pd.DataFrame) -> Axes:
    """Draw the cheapest price at each capability as steps, a panel a day and a line an origin.

    Parameters
    ----------
    ladder_on : DataFrame
        As ``ladders.ladders_on`` gives it.
    """
    days = list(ladder_on.columns.unique(0))
    axes = plt.figure().subplots(1, len(days), sharex=True, sharey=True)
    shown = ladder_on[ladder_on.index >= SHOWN_FROM]
    for ax, day in zip(axes, days, strict=True):
        _price_steps(ax, shown[day])
        ax.set_title(day, fontsize=10)
    axes[0].set_ylim(top=4 * axes[0].get_ylim()[1])  # room for the names
    axes[0].set_ylabel("cheapest price, USD per million tokens (log scale)")
    axes[len(days) // 2].set_xlabel("at least this capability (Epoch Capabilities Index)")
    return axes[0]


def _price_steps(ax: Axes, ladder: pd.DataFrame) -> None:
    """Draw the steps of one day, and a tenth of the US price, with their names in their colours."""
    lines = {NAMES[origin]: (ladder[origin].dropna(), COLOURS[origin], "-") for origin in SIDES}
    lines["a tenth of the US price"] = (ladder["US"].dropna() / 10, GREY, ":")
    for place, (name, (line, colour, style)) in enumerate(lines.items()):
        if len(line):
            ax.step(line.index, line, where="pre", color=colour, linestyle=style)
            corner = (0.03, 0.95 - 0.06 * place)
            ax.annotate(name, corner, xycoords="axes fraction", color=colour, weight="bold", fontsize=9)
    figures.log_axis(ax, "")


def price_history(over_time: pd.DataFrame, floor: float, article: pd.Timestamp) -> Axes:
    """Draw the cheapest price of a fixed capability over time, a line an origin, with the day of the article.

    Parameters
    ----------
    over_time : DataFrame
        As ``ladders.cheapest_over_time`` gives it.
    floor : float
        The price that the article expects, US dollars per million tokens.
    article : Timestamp
        The day of the article.
    """
    _, ax = plt.subplots()
    figures.log_axis(ax, "cheapest price, USD per million tokens")
    figures.week_axis(ax)
    if over_time.notna().any(axis=None):
        ax.axhline(floor, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        ax.set_ylim(0.7 * floor, 1.4 * max(over_time.max(axis=None), floor))
        place = (0.01, floor)
        ax.annotate(f"forecast floor: {money(floor)}", place, (0, 4), ax.get_yaxis_transform(), "offset points")
        figures.origin_lines(ax, over_time, list(SIDES), drawstyle="steps-post")
        mark_day(ax, article, "article")
    return ax


def solved_tasks(agent: pd.DataFrame) -> Axes:
    """Draw what a solved task cost in each run, by the share of tasks solved.

    Parameters
    ----------
    agent : DataFrame
        As ``evaluations.agent_runs`` gives it.
    """
    _, ax = plt.subplots()
    figures.origin_scatter(ax, agent, "score", "per_task")
    figures.log_axis(ax, "USD for each solved task")
    ax.set_xlabel("tasks solved, % of SWE-bench Verified")
    if len(agent):
        best = agent.loc[agent["origin"].eq("CN"), "score"].max()
        right = ax.get_xlim()[1]
        ax.axvspan(best, right, color=COLOURS["CN"], alpha=0.08, linewidth=0)
        ax.set_xlim(right=right)
        place, top = (right, 1.0), ("data", "axes fraction")
        words = "at least as good as the best Chinese run"
        ax.annotate(words, place, (0, 3), xycoords=top, textcoords="offset points", ha="right", color=COLOURS["CN"])
        best_first = agent.sort_values("score", ascending=False).set_index("model")
        figures.label_points(ax, best_first, "score", "per_task")
    return ax
