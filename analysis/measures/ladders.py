"""Price at equal capability: the least that each origin asks for at least a capability, and for a solved task."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from analysis.measures.origins import SIDES
from analysis.measures.prices import Mix, blended_prices, mix_table, price_book


def most_capable(book: pd.DataFrame, scores: pd.Series, origin: str) -> list[str]:
    """The most capable priced model of each vendor of an origin, most capable first.

    Examples
    --------
    >>> book = pd.DataFrame({"vendor": ["v", "v", "w"], "origin": "CN"}, index=["a", "b", "c"])
    >>> most_capable(book, pd.Series({"a": 1.0, "b": 2.0, "c": 3.0}), "CN")
    ['c', 'b']
    """
    rows = book[book["origin"].eq(origin)]
    # without reindex an empty book would take the models of the scores
    rows = rows.assign(score=scores.reindex(rows.index)).dropna(subset=["score"])
    return rows.sort_values("score", ascending=False, kind="stable").drop_duplicates("vendor").index.tolist()


def price_ladder(book: pd.DataFrame, scores: pd.Series, mix: Mix) -> pd.DataFrame:
    """Cheapest blended price at which each origin offers at least a capability, for every score there is.

    Free models are left out: they have no list price.

    Parameters
    ----------
    book : DataFrame
        A price book.
    scores : Series
        Capability by model.
    mix : Mix
        The workload.

    Returns
    -------
    DataFrame
        Indexed by score, ascending; columns CN and US; NaN above the best model of an origin.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> price_ladder(book, pd.Series({"a": 140.0, "b": 150.0}), Mix.from_ratio(3)).values.tolist()
    [[1.0, 4.0], [nan, 4.0]]
    """
    return steps(_scored(book, scores, mix), "price").reindex(columns=list(SIDES))


def steps(offers: pd.DataFrame, column: str) -> pd.DataFrame:
    """Least value of a column at which each origin offers at least a capability, for every score there is.

    Parameters
    ----------
    offers : DataFrame
        Columns origin, score and ``column``.
    column : str
        What is to be least: a price, or operations.

    Returns
    -------
    DataFrame
        Indexed by score, ascending; a column an origin; NaN above its best model.

    Examples
    --------
    >>> offers = pd.DataFrame({"origin": ["CN", "US"], "score": [140.0, 150.0], "flops": [1.0, 4.0]})
    >>> steps(offers, "flops").values.tolist()
    [[1.0, 4.0], [nan, 4.0]]
    """
    least = offers.pivot_table(index="score", columns="origin", values=column, aggfunc="min", observed=True)
    return least.rename_axis(columns=None).iloc[::-1].cummin().ffill().iloc[::-1]


def cheapest_at(ladder: pd.DataFrame, level: float) -> pd.Series:
    """Cheapest price of each origin at a capability of at least ``level``; NaN where it has none.

    Examples
    --------
    >>> cheapest_at(pd.DataFrame({"CN": [1.0], "US": [4.0]}, index=[140.0]), 139.5).tolist()
    [1.0, 4.0]
    """
    reached = ladder[ladder.index >= level]
    return reached.iloc[0] if len(reached) else pd.Series(np.nan, index=ladder.columns)


def largest_ratio(ladder: pd.DataFrame, level: float) -> float:
    """Largest ratio of the cheapest US over the cheapest Chinese price, over all capabilities from a level up.

    Examples
    --------
    >>> ladder = pd.DataFrame({"CN": [1.0, 1.0, 2.0], "US": [9.0, 4.0, 4.0]}, index=[130.0, 140.0, 150.0])
    >>> largest_ratio(ladder, 120), largest_ratio(ladder, 135), largest_ratio(ladder, 151)
    (9.0, 4.0, nan)
    """
    reached = ladder[ladder.index >= level]
    return float((reached["US"] / reached["CN"]).max())


def largest_ratio_above(book: pd.DataFrame, earlier: pd.DataFrame, scores: pd.Series, mix: Mix) -> float:
    """As ``largest_ratio``, from the capability of the best model that an earlier book had, of any country, up.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> largest_ratio_above(book, book.loc[["b"]], pd.Series({"a": 151.0, "b": 150.0}), Mix(1, 0, 0))
    4.0
    """
    level = scores[scores.index.isin(earlier.index)].max()
    return largest_ratio(price_ladder(book, scores, mix), level)


def ratio_at_best(ladder: pd.DataFrame) -> float:
    """Cheapest US over cheapest Chinese price among models at least as capable as the best Chinese one on sale.

    Examples
    --------
    >>> ratio_at_best(pd.DataFrame({"CN": [1.0, 4.0, None], "US": [9.0, 2.0, 5.0]}, index=[130.0, 140.0, 150.0]))
    0.5
    """
    at_best = cheapest_at(ladder, ladder["CN"].dropna().index.max())
    return float(at_best["US"] / at_best["CN"])


def span(
    measure: Callable[[pd.Series], float], fits: Iterable[pd.Series], noise: float, draws: int = 200
) -> tuple[float, float]:
    """Interval of a measure over several fits of the index and over the noise of its scores.

    From the least to the most of what each fit gives, as it stands and in the central 95 % of draws in which every
    score is off by noise. So it holds the value of each fit, and needs no widening for it.

    Parameters
    ----------
    measure : callable
        From the scores of one fit, capability by model, to a number; NaN where it cannot be told.
    fits : iterable of Series
        Capability by model, a series a fit.
    noise : float
        Standard deviation of a score, index points.
    draws : int
        Draws for each fit; the random generator starts anew each time, so that the interval can be reproduced.

    Returns
    -------
    tuple of float
        Least and most; NaN where no draw can be told.

    Examples
    --------
    >>> fits = [pd.Series({"a": 3.0, "b": 1.0}), pd.Series({"a": 5.0, "b": 2.0})]
    >>> span(lambda scores: scores["a"] - scores["b"], fits, noise=0)
    (2.0, 3.0)
    """
    random = np.random.default_rng(0)
    ends: list[float] = []
    for scores in fits:
        shifts = random.normal(0, noise, (draws, len(scores)))
        drawn = pd.Series([measure(scores + shift) for shift in shifts], dtype=float)
        ends += [measure(scores), *drawn.quantile([0.025, 0.975])]
    return float(pd.Series(ends).min()), float(pd.Series(ends).max())


def cheapest_over_time(
    prices: pd.DataFrame, scores: pd.Series, days: pd.DatetimeIndex, level: float, mix: Mix, basis: str = "first_party"
) -> pd.DataFrame:
    """Cheapest price of each origin at a fixed capability, on several days.

    Parameters
    ----------
    prices : DataFrame
        The table ``prices``.
    scores : Series
        Capability by model.
    days : DatetimeIndex
        Days to look at.
    level : float
        Capability to reach.
    mix : Mix
        The workload.
    basis : {"first_party", "openrouter"}
        Whose prices.

    Returns
    -------
    DataFrame
        Indexed by day; columns CN and US; NaN before an origin has such a model.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> scores = pd.Series({"deepseek/deepseek-v3.2": 146.6, "anthropic/claude-opus-4.6": 155.6})
    >>> days = pd.to_datetime(["2025-11-01", "2026-03-01"])
    >>> cheapest_over_time(load("prices"), scores, days, 146, Mix.from_ratio(3)).round(3).CN.tolist()
    [nan, 0.315]
    """
    cheapest = {}
    for day in days:
        ladder = price_ladder(price_book(prices, day, basis), scores, mix)
        cheapest[day] = cheapest_at(ladder, level)
    return pd.DataFrame(cheapest).T


def per_solved_task(runs: pd.DataFrame) -> pd.Series:
    """Cost of a benchmark run for each task that it solved, in US dollars.

    Parameters
    ----------
    runs : DataFrame
        The table ``task_cost``: score (per cent solved), cost_usd, n_tasks; NaN where the number is not said.

    Examples
    --------
    >>> per_solved_task(pd.DataFrame({"score": [50.0], "cost_usd": [25.0], "n_tasks": [100]})).tolist()
    [0.5]
    """
    return runs["cost_usd"] / (runs["n_tasks"].astype("float64") * runs["score"] / 100)


def solved_task_ratio(runs: pd.DataFrame, score: float) -> float:
    """Cost of a solved task, cheapest US over cheapest Chinese run, among runs with at least a score.

    Parameters
    ----------
    runs : DataFrame
        Columns origin, score, cost_usd, per_task.
    score : float
        Score to reach.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": ["US", "CN"], "score": 50.0, "cost_usd": [4.0, 1.0], "per_task": [0.4, 0.1]})
    >>> solved_task_ratio(runs, 45), solved_task_ratio(runs, 55)
    (4.0, nan)
    """
    good = runs[runs["score"].ge(score)]
    cheapest = good.groupby("origin")["per_task"].min().reindex(list(SIDES))
    return float(cheapest["US"] / cheapest["CN"])


def cheapest_run(runs: pd.DataFrame, origin: str, score: float) -> pd.Series:
    """The cheapest run of an origin that scored at least so much; all missing where there is none.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": "US", "score": [50.0, 60.0], "cost_usd": [2.0, 3.0], "model": ["a", "b"]})
    >>> cheapest_run(runs, "US", 55)["model"]
    'b'
    """
    rows = runs[runs["origin"].eq(origin) & runs["score"].ge(score)].sort_values("cost_usd")
    return rows.iloc[0] if len(rows) else pd.Series(np.nan, index=runs.columns)


def nearest_run(runs: pd.DataFrame, family: str, usd: float) -> pd.Series:
    """The run of a family of models whose cost is nearest to an amount; all missing where the family has none.

    The amount may be wrong: the run is chosen by its models, and the amount only says which of theirs is meant.

    Parameters
    ----------
    runs : DataFrame
        Columns model and cost_usd.
    family : str
        What the model's name begins with.
    usd : float
        US dollars.

    Examples
    --------
    >>> runs = pd.DataFrame({"model": ["Claude A", "Claude B", "GLM"], "cost_usd": [100.0, 480.0, 500.0]})
    >>> nearest_run(runs, "Claude", 500)["cost_usd"]
    np.float64(480.0)
    """
    rows = runs[runs["model"].str.startswith(family)].dropna(subset=["cost_usd"])
    nearest = rows.iloc[(rows["cost_usd"] - usd).abs().argsort(kind="stable")]
    return nearest.iloc[0] if len(nearest) else pd.Series(np.nan, index=runs.columns)


def _scored(book: pd.DataFrame, scores: pd.Series, mix: Mix) -> pd.DataFrame:
    """Models of a book that have a score and are not free, with both."""
    priced = book.assign(price=blended_prices(book, mix_table({0: mix}))[0])
    rows = priced.assign(score=scores.reindex(book.index)).dropna(subset=["score"])
    return rows[rows["price"] > 0]
