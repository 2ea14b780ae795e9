"""Two charts that a reader can move: how many models count (S1), and the mix of tokens (P1).

The page computes what it shows from an embedded table; the functions here make that table, and the same numbers.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis import catalog
from analysis.criteria import Claim
from analysis.measures import calendar, ladders, origins, prices, share
from analysis.measures.prices import Mix
from analysis.prose import model_name
from analysis.run.records import Record

CUTOFFS = (2, 50)
"""Fewest and most models that can be counted: what the notebook takes."""

RATIOS = (0.25, 100.0)
"""Fewest and most prompt tokens for each completion token."""

MOST_CACHED = 0.95

SHOWN_WEEKS = 40

AXIS = (0.2, 200.0)
TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100)
"""Ends of the axis of ratios, and what is written at it."""


def charts(record: Record, register: Mapping[str, Claim]) -> dict[str, dict[str, Any]]:
    """Movable charts of a run, by the claim of the project's register that each is on.

    Parameters
    ----------
    record : Record
        A run that finished.
    register : dict
        The claims of the site: the claimed figures are theirs.
    """
    if record.notebook == "01_share_shift":
        return {"S1": share_chart(record.parameters) | {"claimed": _claimed(register, "cn_share_all")}}
    if record.notebook == "02_price_gap":
        return {"P1": price_chart(record.parameters) | {"claimed": _claimed(register, "median_ratio")}}
    return {}


def share_chart(values: Mapping[str, Any]) -> dict[str, Any]:
    """Chinese token share week by week: of the n largest models for every n, and of all tokens.

    Parameters
    ----------
    values : dict
        Parameters of the notebook on the token share.

    Returns
    -------
    dict
        ``weeks`` (Mondays, ISO), ``all`` (a share a week), ``top`` (number of models to a share a week, None in a week
        that does not rank so many), ``pooled_all`` and ``pooled`` (the last full weeks together), ``count`` (how many
        those are), ``most`` (models that every one of them ranks) and ``n`` (where it starts).
    """
    tokens, models = tokens_of(values)
    full = calendar.full_weeks(catalog.load("author_week", values["as_of"]))
    model_weeks = pd.DatetimeIndex(models["week_start"].unique()).sort_values()
    now = calendar.last_run(model_weeks, int(values["weeks"]))
    weeks = full[-SHOWN_WEEKS:]
    top, pooled = {}, {}
    for n in range(CUTOFFS[0], CUTOFFS[1] + 1):
        largest = share.largest_models(models, n)
        weekly = share.origin_share(largest)["CN"].reindex(weeks)
        pooled[n] = _rounded(share.pooled_share(largest, now)["CN"])
        top[n] = [_rounded(value) for value in weekly]
    known = [n for n, value in pooled.items() if value is not None] or [int(values["top_n"])]
    everything = share.origin_share(tokens)["CN"].reindex(weeks)
    return {
        "weeks": [f"{week:%Y-%m-%d}" for week in weeks],
        "all": [_rounded(value) for value in everything],
        "top": top,
        "pooled": pooled,
        "pooled_all": _rounded(share.pooled_share(tokens, full[-int(values["weeks"]) :])["CN"]),
        "count": int(values["weeks"]),
        "most": max(known),
        "n": int(values["top_n"]),
    }


def price_chart(values: Mapping[str, Any]) -> dict[str, Any]:
    """List prices of the flagships on both sides, and the mix at which they are compared.

    Parameters
    ----------
    values : dict
        Parameters of the notebook on prices.

    Returns
    -------
    dict
        ``us`` and ``cn`` (rows of name, and USD per million prompt, cached and completion tokens), ``ratio`` and
        ``cached`` (where it starts), ``least`` (fewest pairs), ``dots`` (places of the pairs there), ``median`` (there)
        and its place ``at``.
    """
    book, us, cn = flagships(values)
    ratio, cached = float(values["prompt_to_completion"]), float(values["cache_hit_share"])
    mix = prices.mix_table({"mix": Mix.from_ratio(ratio, cached)})
    ratios = prices.price_ratios(book, us, cn, mix)
    median = float(prices.median_ratio(ratios)["mix"])
    return {
        "us": _rows(book, us),
        "cn": _rows(book, cn),
        "ticks": [(times, place(times)) for times in TICKS],
        "dots": [place(times) for times in ratios.loc["mix"].dropna() if times > 0],
        "at": None if pd.isna(median) else place(median),
        "ratio": ratio,
        "cached": cached,
        "least": prices.LEAST_PAIRS,
        "median": None if pd.isna(median) else median,
    }


def place(times: float) -> float:
    """Place of a ratio on the axis of the chart on prices, in units of the drawing.

    Examples
    --------
    >>> place(0.2), place(200), place(1e6)
    (10.0, 470.0, 470.0)
    """
    part = math.log(times / AXIS[0]) / math.log(AXIS[1] / AXIS[0])
    return round(10 + 460 * min(max(part, 0.0), 1.0), 1)


def ratio_step(ratio: float) -> int:
    """Where the slider of the mix stands for a ratio: it has a hundred steps, each the same number of times as much.

    Examples
    --------
    >>> ratio_step(0.25), ratio_step(5.0), ratio_step(100)
    (0, 50, 100)
    """
    part = math.log(ratio / RATIOS[0]) / math.log(RATIOS[1] / RATIOS[0])
    return round(100 * min(max(part, 0.0), 1.0))


def flagships(values: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Price book of the day, and the most capable model of each vendor on either side."""
    from analysis.measures import capability  # with scipy it takes a fifth of a second, and a sweep does without it

    book = prices.price_book(catalog.load("prices", values["as_of"]), values["as_of"], str(values["basis"]))
    _, scores = capability.capability_fit(catalog.load("capability", values["as_of"]), values["as_of"])
    us, cn = (ladders.most_capable(book, scores, origin) for origin in ("US", "CN"))
    return book, us, cn


def median_ratio(values: Mapping[str, Any], prompt_to_completion: float, cached: float) -> float:
    """Median over pairs of flagships of the US over the Chinese price, at a mix; NaN where too few have a price."""
    book, us, cn = flagships(values)
    mixes = prices.mix_table({"mix": Mix.from_ratio(prompt_to_completion, cached)})
    return float(prices.median_ratio(prices.price_ratios(book, us, cn, mixes))["mix"])


def tokens_of(values: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tokens by author and by model, with their origin."""
    day = values["as_of"]
    people = catalog.load("authors", day), catalog.load("anonymous_models", day)
    by_week, by_day = (catalog.load(name, day, empty_before_start=True) for name in ("model_week", "model_day"))
    models = calendar.models_by_week(by_week, by_day)
    tables = (catalog.load("author_week", day), models)
    tokens, ranked = (origins.with_origin(table, *people, str(values["anonymous"])) for table in tables)
    return tokens, ranked


def _rows(book: pd.DataFrame, models: list[str]) -> list[list[Any]]:
    priced = book.reindex(models)[list(prices.KINDS)].dropna(how="all")
    return [[model_name(str(model)), *row] for model, row in zip(priced.index, priced.to_numpy().tolist(), strict=True)]


def _rounded(value: float) -> float | None:
    """A share to six decimals: the page rounds it once more, to tenths of a per cent."""
    return None if pd.isna(value) else round(float(value), 6)


def _claimed(register: Mapping[str, Claim], key: str) -> Any:
    """What the first claim on a finding says that it is; an article's keys carry their reading."""
    tests = (test for claim in register.values() for test in claim.assertions if test.readings)
    return next((test.target for test in tests if test.readings[0].key.split("@")[0] == key), None)
