"""Price at equal capability: the least that each origin asks for at least a capability, and for a solved task."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from analysis.measures.origins import SIDES
from analysis.measures.prices import Mix, blended_prices, check_intervals, in_force, mix_table


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
    least = offers.groupby(["score", "origin"], observed=True)[column].min().dropna().unstack("origin")
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


def largest_ratio_above(book: pd.DataFrame, earlier: pd.DataFrame, scores: pd.DataFrame, mix: Mix) -> np.ndarray:
    """Largest ratio of the cheapest US over the cheapest Chinese price, over all capabilities from a level up.

    The level is the capability of the best model that an earlier book had, of any country.

    Parameters
    ----------
    book, earlier : DataFrame
        Price books.
    scores : DataFrame
        Capability: a row a model, a column a draw.
    mix : Mix
        The workload.

    Returns
    -------
    ndarray
        A ratio a draw; NaN where no capability from the level up has a price on both sides.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> scores = pd.DataFrame({0: [151.0, 150.0], 1: [149.0, 150.0]}, index=["a", "b"])
    >>> largest_ratio_above(book, book.loc[["b"]], scores, Mix(1, 0, 0)).tolist()
    [4.0, nan]
    """
    offers = priced(book, scores.index, mix)
    offered, level = scores.loc[offers.index], scores[scores.index.isin(earlier.index)].max()
    least = _least_prices(offers, offered, offered)
    ratios = pd.DataFrame(least["US"] / least["CN"], columns=scores.columns)
    return ratios.where(offered.ge(level).to_numpy()).max().to_numpy()


def cheapest_at_best(ladder: pd.DataFrame) -> pd.Series:
    """Cheapest price of each origin at the capability of the best Chinese model on sale.

    Examples
    --------
    >>> ladder = pd.DataFrame({"CN": [1.0, 4.0, None], "US": [9.0, 2.0, 5.0]}, index=[130.0, 140.0, 150.0])
    >>> cheapest_at_best(ladder).tolist()
    [4.0, 2.0]
    """
    return cheapest_at(ladder, ladder["CN"].dropna().index.max())


def ratio_at_equal(book: pd.DataFrame, scores: pd.DataFrame, mix: Mix) -> np.ndarray:
    """Cheapest US over cheapest Chinese price among models at least as capable as the best Chinese one on sale.

    Parameters
    ----------
    book, scores, mix
        As for ``largest_ratio_above``.

    Returns
    -------
    ndarray
        A ratio a draw; NaN where one side has no such model.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> scores = pd.DataFrame({0: [140.0, 150.0], 1: [151.0, 150.0]}, index=["a", "b"])
    >>> ratio_at_equal(book, scores, Mix(1, 0, 0)).tolist()
    [4.0, nan]
    """
    offers = priced(book, scores.index, mix)
    offered = scores.loc[offers.index]
    best_chinese = offered[offers["origin"].eq("CN")].max().to_frame().T
    least = _least_prices(offers, offered, best_chinese)
    return (least["US"] / least["CN"])[0]


def _least_prices(offers: pd.DataFrame, scores: pd.DataFrame, levels: pd.DataFrame) -> dict[str, np.ndarray]:
    """Least price of each origin at a capability: a row a level, a column a draw; NaN where it has no such model."""
    is_able = scores.to_numpy()[np.newaxis] >= levels.to_numpy()[:, np.newaxis]  # level, model, draw
    found = {}
    for origin in SIDES:
        price = offers["price"].where(offers["origin"].eq(origin), np.inf).to_numpy()
        least = np.where(is_able, price[:, np.newaxis], np.inf).min(axis=1, initial=np.inf)
        found[origin] = np.where(np.isinf(least), np.nan, least)
    return found


def at_levels(ladder: pd.DataFrame, levels: Iterable[float]) -> pd.DataFrame:
    """Cheapest price of each origin at several capabilities, and the US one over the Chinese one.

    Examples
    --------
    >>> at_levels(pd.DataFrame({"CN": [1.0, 2.0], "US": [4.0, 4.0]}, index=[140.0, 150.0]), [139, 149]).values.tolist()
    [[1.0, 4.0, 4.0], [2.0, 4.0, 2.0]]
    """
    rows = pd.DataFrame({level: cheapest_at(ladder, level) for level in levels}).T
    return rows.assign(ratio=rows["US"] / rows["CN"])


def span(
    measure: Callable[[pd.DataFrame], np.ndarray], fits: Iterable[pd.Series], noise: float, draws: int = 200
) -> tuple[float, float]:
    """Interval of a measure over several fits of the index and over the noise of its scores.

    From the least to the most of what each fit gives, as it stands and in the central 95 % of draws in which every
    score is off by noise. So it holds the value of each fit, and needs no widening for it.

    Parameters
    ----------
    measure : callable
        From scores, a row a model and a column a draw, to a number a draw; NaN where it cannot be told.
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
    >>> span(lambda scores: scores.loc["a"] - scores.loc["b"], fits, noise=0)
    (2.0, 3.0)
    """
    random = np.random.default_rng(0)
    ends: list[float] = []
    for scores in fits:
        shifts = np.vstack([np.zeros(len(scores)), random.normal(0, noise, (draws, len(scores)))])
        found = pd.Series(measure(pd.DataFrame(scores.to_numpy() + shifts, columns=scores.index).T))
        ends += [found[0], *found[1:].quantile([0.025, 0.975])]
    return float(pd.Series(ends).min()), float(pd.Series(ends).max())


def months_before(day: str, months: int) -> pd.Timestamp:
    """The same day of the month, so many months before.

    Examples
    --------
    >>> months_before("2026-05-25", 12)
    Timestamp('2025-05-25 00:00:00')
    """
    return pd.Timestamp(day) - pd.DateOffset(months=months)


def history_days(day: str, months: int = 18) -> pd.DatetimeIndex:
    """Days to follow a price on: the first of each month of so many, the day a year before, and the day itself.

    Examples
    --------
    >>> history_days("2026-05-25", 14).strftime("%F").tolist()[:4]
    ['2025-04-01', '2025-05-01', '2025-05-25', '2025-06-01']
    """
    firsts = pd.date_range(months_before(day, months), day, freq="MS")
    return firsts.union([months_before(day, 12), pd.Timestamp(day)])


def best_on_sale(book: pd.DataFrame, scores: pd.Series, origin: str | None = None) -> float:
    """Capability of the best model of a book, of one origin or of any; NaN where none is scored.

    Examples
    --------
    >>> book = pd.DataFrame({"origin": ["CN", "US"]}, index=["a", "b"])
    >>> scores = pd.Series({"a": 140.0, "b": 150.0, "gone": 160.0})
    >>> best_on_sale(book, scores, "CN"), best_on_sale(book, scores)
    (140.0, 150.0)
    """
    models = book.index if origin is None else book.index[book["origin"].eq(origin)]
    return float(scores[scores.index.isin(models)].max())


def price_change(over_time: pd.DataFrame, first: pd.Timestamp, last: str) -> float:
    """Change of the cheapest price of any origin from one day to another, as a part of the first.

    Parameters
    ----------
    over_time : DataFrame
        As ``cheapest_over_time`` gives it; both days are in it.
    first, last : Timestamp, str
        The two days.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-05-25", "2026-05-25"])
    >>> price_change(pd.DataFrame({"CN": [4.0, 1.0], "US": [2.0, 3.0]}, days), days[0], "2026-05-25")
    -0.5
    """
    cheapest = over_time.min(axis=1)
    return float(cheapest[pd.Timestamp(last)] / cheapest[first] - 1)


def ladders_on(
    prices: pd.DataFrame, scores: pd.Series, days: Iterable[pd.Timestamp], mix: Mix, basis: str = "first_party"
) -> pd.DataFrame:
    """Price ladders of several days side by side.

    Parameters
    ----------
    prices, scores, mix, basis
        As for ``cheapest_over_time``.
    days : iterable of Timestamp
        Days, in order.

    Returns
    -------
    DataFrame
        Indexed by score, ascending; columns day (ISO date) and origin; NaN above the best model of an origin that day.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> scores = pd.Series({"deepseek/deepseek-v3.2": 146.6, "anthropic/claude-opus-4.6": 155.6})
    >>> found = ladders_on(load("prices"), scores, pd.to_datetime(["2025-11-01", "2026-03-01"]), Mix.from_ratio(3))
    >>> found.round(3).values.tolist()
    [[nan, nan, 0.315, 10.0], [nan, nan, nan, 10.0]]
    """
    check_intervals(prices)
    found = {f"{day:%Y-%m-%d}": price_ladder(in_force(prices, day, basis), scores, mix) for day in days}
    return pd.concat(found, axis=1).sort_index().bfill()


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
    check_intervals(prices)
    cheapest = {}
    for day in days:
        ladder = price_ladder(in_force(prices, day, basis), scores, mix)
        cheapest[day] = cheapest_at(ladder, level)
    return pd.DataFrame(cheapest).T


def _scored(book: pd.DataFrame, scores: pd.Series, mix: Mix) -> pd.DataFrame:
    """Models of a book that have a score and are not free, with both."""
    offers = priced(book, scores.dropna().index, mix)
    return offers.assign(score=scores.reindex(offers.index))


def priced(book: pd.DataFrame, models: pd.Index, mix: Mix) -> pd.DataFrame:
    """Rows of a book that are among models and not free, with the blended price of a mix.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 0.0], "cached": 0.0, "completion": [1.0, 0.0]}, index=["a", "free"])
    >>> priced(book, book.index, Mix.from_ratio(3))["price"].to_dict()
    {'a': 1.0}
    """
    offers = book[book.index.isin(models)]
    offers = offers.assign(price=blended_prices(offers, mix_table({0: mix}))[0])
    return offers[offers["price"] > 0]
