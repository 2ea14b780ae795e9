"""Savings: what a workload costs, what its cheapest equals would cost, and what it came to at effective prices."""

import numpy as np
import pandas as pd

from analysis.measures.origins import with_country_origin
from analysis.measures.prices import KINDS, Mix, mix_table

LEAST_COVERED = 0.8
"""Least share of a side's tokens that must have a price: an average over fewer would be that of another workload."""


def replacements(workload: pd.DataFrame, book: pd.DataFrame, scores: pd.Series, origin: str) -> pd.DataFrame:
    """What each model of a workload costs, and what the cheapest model of an origin that is as capable would cost.

    Parameters
    ----------
    workload : DataFrame
        Tokens, indexed by model, a column for each of ``KINDS``.
    book, scores : DataFrame, Series
        A price book; capability by model.
    origin : {"CN", "US"}
        Where to look for the replacement; free models do not count.

    Returns
    -------
    DataFrame
        Indexed as ``workload``: own_usd (missing: no price), replacement and replacement_usd (missing: no equal).

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> work = pd.DataFrame({"prompt": [1e6], "cached": 0.0, "completion": 1e6}, index=["b"])
    >>> replacements(work, book, pd.Series({"a": 151.0, "b": 150.0}), "CN").values.tolist()
    [[8.0, 'a', 2.0]]
    """
    offers = _offers(book, scores.index, origin)
    own, costs = _costs(workload, book, offers)
    needed = scores.reindex(workload.index).to_numpy(dtype=float)[:, np.newaxis]
    offered = scores.reindex(offers.index).to_numpy(dtype=float)[np.newaxis, :]
    # Too weak an offer costs infinitely much, as does every offer for a model without a score (NaN compares as False).
    least, place = _least(np.where(offered >= needed, costs, np.inf))
    # The place after the last offer stands for none.
    replacement = np.array([*offers.index, None], dtype=object)[place]
    found = {"own_usd": own, "replacement": replacement, "replacement_usd": least}
    return pd.DataFrame(found, index=workload.index)


def _offers(book: pd.DataFrame, models: pd.Index, origin: str) -> pd.DataFrame:
    """Rows of a book that are among models, of an origin, and not free."""
    return book[book["origin"].eq(origin) & book[KINDS].sum(axis=1).gt(0) & book.index.isin(models)]


def _costs(workload: pd.DataFrame, book: pd.DataFrame, offers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """What the tokens of each model cost on it; and a row a model, a column an offer, what they would cost there."""
    tokens = workload[KINDS].to_numpy(dtype=float) / 1e6
    own = (tokens * book[KINDS].reindex(workload.index).to_numpy(dtype=float)).sum(axis=1)
    return own, tokens @ offers[KINDS].to_numpy(dtype=float).T


def _least(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least cost of each row and its column; NaN and one past the last column where no cost is finite."""
    # Without a last column that is always there, argmin would fail where there is no offer at all.
    padded = np.column_stack([costs, np.full(len(costs), np.inf)])
    least = padded.min(axis=1)
    none = costs.shape[1]
    return np.where(np.isinf(least), np.nan, least), np.where(np.isinf(least), none, padded.argmin(axis=1))


def saving(costs: pd.DataFrame) -> float:
    """Part of the cost that is saved by taking each replacement that is cheaper.

    What has no equal, or only a dearer one, keeps its own cost; what has no price is left out.

    Parameters
    ----------
    costs : DataFrame
        As ``replacements`` gives it.

    Examples
    --------
    >>> saving(pd.DataFrame({"own_usd": [7.0, 2.0, 1.0], "replacement_usd": [1.0, float("nan"), 5.0]}))
    0.6
    """
    priced = costs.dropna(subset=["own_usd"])
    after = priced[["own_usd", "replacement_usd"]].min(axis=1).sum()
    return float(1 - after / (priced["own_usd"].sum() or np.nan))


def move(tokens: pd.Series, mix: Mix, book: pd.DataFrame, scores: pd.Series) -> pd.DataFrame:
    """What tokens of US models cost at a mix, and on the cheapest Chinese model that is as capable.

    Parameters
    ----------
    tokens : Series
        Tokens by model.
    mix : Mix
        The workload.
    book : DataFrame
        A price book.
    scores : Series
        Capability by model.

    Returns
    -------
    DataFrame
        As ``replacements`` gives it.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> move(pd.Series({"b": 1e6}), Mix(1, 0, 0), book, pd.Series({"a": 2.0, "b": 1.0}))["replacement_usd"].tolist()
    [1.0]
    """
    return replacements(_at_mix(tokens, mix), book, scores, "CN")


def _at_mix(tokens: pd.Series, mix: Mix) -> pd.DataFrame:
    """Tokens by model as a workload."""
    shares = mix_table({0: mix}).loc[0]
    return pd.DataFrame(np.outer(tokens, shares), index=tokens.index, columns=shares.index)


def average_price(tokens: pd.Series, blended: pd.Series) -> float:
    """Price per million tokens, weighted by tokens; models without a price are left out.

    Examples
    --------
    >>> average_price(pd.Series({"a": 3, "b": 1, "x": 5}), pd.Series({"a": 1.0, "b": 5.0}))
    2.0
    """
    weights = tokens[tokens.index.isin(blended.index)]
    return float((weights * blended.reindex(weights.index)).sum() / (weights.sum() or np.nan))


def saving_at_vendors(variants: pd.DataFrame, listings: pd.Series, blended: pd.Series) -> float:
    """As ``saving_at_list``, for the tokens of both sides; missing where ``saving_at_listings`` is.

    Parameters
    ----------
    variants : DataFrame
        As ``tokens_by_variant`` gives it.
    listings, blended : Series
        Blended price by model, on OpenRouter and at the vendors.

    Examples
    --------
    >>> rows = {"model": ["b", "a"], "free": False, "total_tokens": 1, "origin": ["US", "CN"]}
    >>> at_vendors = pd.Series({"a": 1.0, "b": 4.0})
    >>> saving_at_vendors(pd.DataFrame(rows), at_vendors, at_vendors)
    0.75
    """
    if np.isnan(saving_at_listings(variants, listings)):
        return float("nan")
    return saving_at_list(paid_tokens(variants, "US"), paid_tokens(variants, "CN"), blended)


def saving_at_equal(
    tokens: pd.Series, covered: float, mix: Mix, book: pd.DataFrame, scores: pd.DataFrame
) -> np.ndarray:
    """Part of the US cost that is saved by moving each model's tokens to its cheapest Chinese equal, see ``move``.

    Parameters
    ----------
    tokens : Series
        Tokens of US models.
    covered : float
        Share of them that has a price, 0 to 1.
    mix, book
        As for ``move``.
    scores : DataFrame
        Capability: a row a model, a column a draw.

    Returns
    -------
    ndarray
        A part a draw; NaN where too few of the tokens have a price in the book.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> scores = pd.DataFrame({0: [2.0, 1.0], 1: [0.0, 1.0]}, index=["a", "b"])
    >>> saving_at_equal(pd.Series({"b": 1e6}), 0.9, Mix(1, 0, 0), book, scores).tolist()
    [0.75, 0.0]
    """
    if covered < LEAST_COVERED:
        return np.full(scores.shape[1], np.nan)
    work, offers = _at_mix(tokens[tokens.index.isin(book.index)], mix), _offers(book, scores.index, "CN")
    own, costs = _costs(work, book, offers)
    needed = scores.reindex(work.index).to_numpy()[:, np.newaxis]
    is_able = scores.loc[offers.index].to_numpy()[np.newaxis] >= needed  # model of the workload, offer, draw
    least = np.where(is_able, costs[:, :, np.newaxis], np.inf).min(axis=1, initial=np.inf)
    after = np.minimum(own[:, np.newaxis], least).sum(axis=0)
    return 1 - after / (own.sum() or np.nan)


def cost_without_equal(costs: pd.DataFrame) -> float:
    """Share of the cost that falls on models without a known equal; as ``replacements`` gives it.

    Examples
    --------
    >>> cost_without_equal(pd.DataFrame({"own_usd": [3.0, 1.0], "replacement": ["a", None]}))
    0.25
    """
    alone = costs.loc[costs["replacement"].isna(), "own_usd"].sum()
    return float(alone / (costs["own_usd"].sum() or np.nan))


def saving_at_list(us: pd.Series, cn: pd.Series, blended: pd.Series) -> float:
    """Part of the cost that is saved by paying the average Chinese price instead of the average US one.

    Parameters
    ----------
    us, cn : Series
        Tokens by model.
    blended : Series
        Blended price by model.

    Examples
    --------
    >>> saving_at_list(pd.Series({"b": 1}), pd.Series({"a": 1}), pd.Series({"a": 1.0, "b": 4.0}))
    0.75
    """
    return 1 - average_price(cn, blended) / average_price(us, blended)


def average_listing(tokens: pd.DataFrame, blended: pd.Series) -> float:
    """Price of the average token, US dollars per million tokens, free variants at 0.

    Parameters
    ----------
    tokens : DataFrame
        As ``tokens_by_variant`` gives it, of one origin.
    blended : Series
        Blended price by model; models without one are left out.

    Examples
    --------
    >>> tokens = pd.DataFrame({"model": ["a", "a", "x"], "free": [False, True, False], "total_tokens": [1, 3, 9]})
    >>> average_listing(tokens, pd.Series({"a": 2.0}))
    0.5
    """
    price = tokens["model"].map(blended).mask(tokens["free"], 0.0)
    weights = tokens["total_tokens"].where(price.notna(), 0).astype(float)
    return float((weights * price.fillna(0)).sum() / (weights.sum() or np.nan))


def saving_at_listings(tokens: pd.DataFrame, blended: pd.Series, least_covered: float = LEAST_COVERED) -> float:
    """Part of the cost that is saved by moving the average US token to the average Chinese one, free variants at 0.

    Missing where too few tokens of a side have a price: what has one, free variants above all, is then no average.

    Parameters
    ----------
    tokens : DataFrame
        As ``tokens_by_variant`` gives it.
    blended : Series
        Blended price by model.
    least_covered : float
        Least share of the tokens of each side that must have a price, 0 to 1.

    Examples
    --------
    >>> rows = {"model": ["b", "a", "a"], "free": [False, False, True], "total_tokens": 1, "origin": ["US", "CN", "CN"]}
    >>> saving_at_listings(pd.DataFrame(rows), pd.Series({"a": 1.0, "b": 4.0}))
    0.875
    >>> saving_at_listings(pd.DataFrame(rows), pd.Series({"b": 4.0}))
    nan
    """
    if not all(covered_share(tokens, blended, origin) >= least_covered for origin in ("CN", "US")):
        return float("nan")
    cn, us = (average_listing(tokens[tokens["origin"].eq(origin)], blended) for origin in ("CN", "US"))
    return 1 - cn / us


def covered_share(tokens: pd.DataFrame, blended: pd.Series, origin: str) -> float:
    """Share of an origin's ranked tokens that have a price: those of free variants do.

    Where it is low, an average price is that of a part that nobody chose.

    Examples
    --------
    >>> rows = {"model": ["a", None, "a"], "free": [False, False, True], "total_tokens": [1, 2, 1], "origin": "CN"}
    >>> covered_share(pd.DataFrame(rows), pd.Series({"a": 1.0}), "CN")
    0.5
    """
    mine = tokens[tokens["origin"].eq(origin)]
    known = mine["free"] | mine["model"].isin(blended.index)
    return float(mine.loc[known, "total_tokens"].sum() / (mine["total_tokens"].sum() or np.nan))


def tokens_by_variant(models: pd.DataFrame, slugs: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """Tokens of ranked models in some weeks, free variants apart.

    Parameters
    ----------
    models : DataFrame
        As ``calendar.models_by_week`` gives it, with origin.
    slugs : DataFrame
        The table ``model_slugs``: permaslug, model.
    weeks : DatetimeIndex
        Weeks to take together.

    Returns
    -------
    DataFrame
        Columns origin, permaslug, model (missing: the table of slugs does not have it), free, total_tokens.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-05-18"])
    >>> models = pd.DataFrame({"week_start": week[0], "model_permaslug": ["a/x-2026", "a/x-2026:free"], "ranked": True,
    ...                        "origin": "CN", "total_tokens": [2, 3]})
    >>> slugs = pd.DataFrame({"permaslug": ["a/x-2026"], "model": ["a/x"]})
    >>> tokens_by_variant(models, slugs, week)[["model", "free", "total_tokens"]].values.tolist()
    [['a/x', False, 2], ['a/x', True, 3]]
    """
    rows = models[models["week_start"].isin(weeks) & models["ranked"]]
    name = rows["model_permaslug"].str.split(":").str[0]
    free = rows["model_permaslug"].str.endswith(":free").rename("free")
    keys = [rows["origin"], name.rename("permaslug"), free]
    sums = rows["total_tokens"].groupby(keys, observed=True).sum().reset_index()
    return sums.assign(model=sums["permaslug"].map(slugs.set_index("permaslug")["model"]))


def paid_tokens(variants: pd.DataFrame, origin: str) -> pd.Series:
    """Tokens of an origin's models that are paid for, by model; free variants and unknown slugs are left out.

    Parameters
    ----------
    variants : DataFrame
        As ``tokens_by_variant`` gives it.
    origin : {"CN", "US"}

    Examples
    --------
    >>> rows = {"model": ["a", "a", "b"], "free": [False, True, False], "total_tokens": [1, 2, 4], "origin": "US"}
    >>> paid_tokens(pd.DataFrame(rows), "US").to_dict()
    {'a': 1.0, 'b': 4.0}
    """
    rows = variants[variants["origin"].eq(origin) & ~variants["free"]]
    return rows.groupby("model")["total_tokens"].sum().astype(float)


def realised_by_origin(usage: pd.DataFrame) -> pd.DataFrame:
    """Tokens, dollars and effective price, by origin.

    Parameters
    ----------
    usage : DataFrame
        The table ``realised_usage``.

    Returns
    -------
    DataFrame
        Indexed by origin: tokens, usd, usd_per_mtok, token_share, spend_share.

    Examples
    --------
    >>> usage = pd.DataFrame({"country": ["CN", "US"], "prompt_tokens": [2e6, 1e6], "completion_tokens": [1e6, 0],
    ...                       "usage_usd": [3.0, 9.0]})
    >>> realised_by_origin(usage)["usd_per_mtok"].tolist()
    [1.0, 9.0]
    """
    tokens = usage["prompt_tokens"] + usage["completion_tokens"]
    sums = with_country_origin(usage).assign(tokens=tokens).groupby("origin")[["tokens", "usage_usd"]].sum()
    sums = sums.rename(columns={"usage_usd": "usd"})
    return sums.assign(
        usd_per_mtok=1e6 * sums["usd"] / sums["tokens"],
        token_share=sums["tokens"] / sums["tokens"].sum(),
        spend_share=sums["usd"] / sums["usd"].sum(),
    )


def realised_mix(usage: pd.DataFrame) -> Mix | None:
    """Mix of all tokens of the table ``realised_usage``; None where it is empty.

    Cached tokens are native counts and prompt tokens are not, so the cached share is approximate.

    Examples
    --------
    >>> realised_mix(pd.DataFrame({"prompt_tokens": [6], "cached_tokens": [3], "completion_tokens": [2]}))
    Mix(prompt=0.375, cached=0.375, completion=0.25)
    """
    if usage.empty:
        return None
    prompt, cached, completion = (usage[f"{kind}_tokens"].sum() for kind in KINDS)
    total = prompt + completion
    return Mix(float((prompt - cached) / total), float(cached / total), float(completion / total))
