"""Token share by origin: denominators, chart cut-offs, crossings, growth, ranks and concentration.

Frames of tokens are tidy: ``week_start`` (Monday, datetime64), ``author``, ``total_tokens`` (int64), and, once
``origins.with_origin`` has added it, ``origin``. Model-level frames also have ``model_permaslug`` and ``ranked``.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.measures.calendar import WEEK, best_week
from analysis.measures.origins import CODES, SIDES, UNATTRIBUTED

_WEIGHTS = ["open", "closed", "unknown"]


def largest_models(models: pd.DataFrame, n: int) -> pd.DataFrame:
    """Rows of the n models with the most tokens in each week: what a chart cut at n shows.

    Parameters
    ----------
    models : DataFrame
        As ``calendar.models_by_week`` gives it.
    n : int
        Number of models.

    Returns
    -------
    DataFrame
        Rows of ``models``, largest first; none of a week that does not rank n models.

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "model_permaslug": ["a/x", "b/y"],
    ...                        "total_tokens": [1, 2], "ranked": True})
    >>> largest_models(models, 1).model_permaslug.tolist(), len(largest_models(models, 3))
    (['b/y'], 0)
    """
    ranked = largest_first(models)
    week = ranked.groupby("week_start")
    return ranked[(week.cumcount() < n) & week["total_tokens"].transform("size").ge(n)]


def origin_tokens(tokens: pd.DataFrame) -> pd.DataFrame:
    """Tokens by week and origin.

    Returns
    -------
    DataFrame
        Indexed by week_start, a column for each of ``CODES``, int64 tokens.

    Examples
    --------
    >>> week = pd.Timestamp("2026-03-23")
    >>> tokens = pd.DataFrame({"week_start": week, "origin": ["CN", "US"], "total_tokens": [3, 1]})
    >>> origin_tokens(tokens)[["CN", "US", "other"]].iloc[0].tolist()
    [3, 1, 0]
    """
    summed = tokens.groupby(["week_start", "origin"], observed=True)["total_tokens"].sum()
    return summed.unstack("origin", fill_value=0).reindex(columns=CODES, fill_value=0).rename_axis(columns=None)


def origin_share(tokens: pd.DataFrame) -> pd.DataFrame:
    """Token share by week and origin; the denominator is whatever rows are given.

    Examples
    --------
    >>> week = pd.Timestamp("2026-03-23")
    >>> tokens = pd.DataFrame({"week_start": week, "origin": ["CN", "US"], "total_tokens": [3, 1]})
    >>> origin_share(tokens).loc["2026-03-23", "CN"]
    np.float64(0.75)
    """
    weekly = origin_tokens(tokens)
    return weekly.div(weekly.sum(axis=1), axis=0)


def pooled_share(tokens: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.Series:
    """Token share by origin over several weeks taken together; NaN where the weeks hold no tokens.

    Examples
    --------
    >>> week = pd.Timestamp("2026-03-23")
    >>> tokens = pd.DataFrame({"week_start": week, "origin": ["CN", "US"], "total_tokens": [3, 1]})
    >>> pooled_share(tokens, pd.DatetimeIndex([week]))["US"]
    np.float64(0.25)
    """
    weekly = origin_tokens(tokens)
    summed = weekly[weekly.index.isin(weeks)].sum().astype(float)
    return summed / (summed.sum() or np.nan)


def share_if_whole(tokens: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.Series:
    """Token share by origin over several weeks taken together, known only if there are tokens of all of them.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-03-23", "2026-03-30"])
    >>> tokens = pd.DataFrame({"week_start": week[:1], "origin": ["US"], "total_tokens": [3]})
    >>> share_if_whole(tokens, week)["US"], share_if_whole(tokens, week[:1])["US"]
    (np.float64(nan), np.float64(1.0))
    """
    return pooled_share(tokens, weeks if weeks.isin(tokens["week_start"]).all() else weeks[:0])


def vendor_tokens(tokens: pd.DataFrame, authors: Iterable[str]) -> pd.Series:
    """Tokens of some authors together by week; a week without them is missing.

    Examples
    --------
    >>> tokens = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "author": ["a", "b"], "total_tokens": [3, 1]})
    >>> vendor_tokens(tokens, ["a"]).tolist()
    [3]
    """
    return tokens[tokens["author"].isin(list(authors))].groupby("week_start")["total_tokens"].sum()


def growth(weekly: pd.DataFrame, days: pd.Series | int = 7, weeks: int = 1) -> pd.DataFrame:
    """Relative change of tokens per observed day against so many weeks before.

    Parameters
    ----------
    weekly : DataFrame
        Tokens, indexed by week_start.
    days : Series or int
        Days observed of each week: a partial week is compared by its daily average.
    weeks : int
        How far back to compare.

    Returns
    -------
    DataFrame
        As ``weekly``; 0.5 is plus 50 %. NaN where the earlier week is not there or held no tokens.

    Examples
    --------
    >>> weekly = pd.DataFrame({"CN": [60, 140]}, index=pd.to_datetime(["2026-03-23", "2026-03-30"]))
    >>> growth(weekly, days=pd.Series([6, 7], index=weekly.index)).CN.tolist()
    [nan, 1.0]
    """
    daily = weekly.div(days, axis=0)
    before = daily.reindex(daily.index - weeks * WEEK).set_axis(daily.index)
    return daily / before.where(before > 0) - 1


def first_lead(weekly: pd.DataFrame, leader: str = "CN", other: str = "US") -> dict[str, pd.Timestamp]:
    """First week in which one origin has more than another.

    Parameters
    ----------
    weekly : DataFrame
        Tokens by week and origin; a row without values is a week that is not known.
    leader, other : str
        The two origins.

    Returns
    -------
    dict
        ``value``: that week; NaT if there is none, or if an earlier one is not known. Then ``low`` is the first week
        that it could be in, and ``high`` the first in which it is known to have more.

    Examples
    --------
    >>> weekly = pd.DataFrame({"CN": [1, 3], "US": [2, 2]}, index=pd.to_datetime(["2026-03-23", "2026-03-30"]))
    >>> first_lead(weekly)["value"], first_lead(weekly[:1])["low"]
    (Timestamp('2026-03-30 00:00:00'), Timestamp('2026-03-30 00:00:00'))
    >>> [f"{end:%d %B}" for end in first_lead(weekly.where(weekly["CN"] > 1)).values() if pd.notna(end)]
    ['23 March', '30 March']
    """
    week = weekly.index[weekly[leader] > weekly[other]].min()
    unknown = weekly.index[weekly[[leader, other]].isna().any(axis=1)].min()
    if unknown < week or (pd.isna(week) and pd.notna(unknown)):
        return {"value": pd.NaT, "low": unknown, "high": week}
    return {"value": week, "low": weekly.index.max() + WEEK if pd.isna(week) else pd.NaT, "high": pd.NaT}


def author_ranks(tokens: pd.DataFrame) -> pd.DataFrame:
    """Authors ranked by tokens in each week, largest first.

    Models listed without an author and ``other`` are no authors: they hold no rank, but count in the share.

    Returns
    -------
    DataFrame
        Columns week_start, rank (1 is the largest), author, origin, total_tokens, share (of all tokens of the week).

    Examples
    --------
    >>> tokens = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "author": ["a", "b", "other"],
    ...                        "origin": ["US", "CN", "other"], "named": [True, True, False],
    ...                        "total_tokens": [3, 5, 2]})
    >>> author_ranks(tokens)[["rank", "author", "share"]].values.tolist()
    [[1, 'b', 0.5], [2, 'a', 0.3]]
    """
    week = tokens.groupby("week_start")["total_tokens"]
    shares = tokens.assign(share=tokens["total_tokens"] / week.transform("sum"))
    ordered = shares[shares["named"]].sort_values(
        ["week_start", "total_tokens"], ascending=[True, False], kind="stable"
    )
    ranked = ordered.assign(rank=ordered.groupby("week_start").cumcount() + 1)
    return ranked[["week_start", "rank", "author", "origin", "total_tokens", "share"]].reset_index(drop=True)


def chinese_among_largest(rows: pd.DataFrame, n: int) -> pd.Series:
    """Number of Chinese among the n rows with the most tokens in each week.

    Parameters
    ----------
    rows : DataFrame
        Columns week_start, origin, total_tokens; a row an author or a model.
    n : int
        How many of the largest to look at.

    Examples
    --------
    >>> rows = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "origin": ["CN", "US", "CN"],
    ...                      "total_tokens": [3, 2, 1]})
    >>> chinese_among_largest(rows, 2).tolist()
    [1]
    """
    largest = rows.sort_values("total_tokens", ascending=False, kind="stable").groupby("week_start").head(n)
    return largest["origin"].eq("CN").groupby(largest["week_start"]).sum()


def weights_share(models: pd.DataFrame, weights: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.Series:
    """Share of Chinese models in all tokens of some weeks, by what is known of their weights.

    Parameters
    ----------
    models : DataFrame
        As ``calendar.models_by_week`` gives it, with origin.
    weights : DataFrame
        Columns model (permaslug without variant), weights (open or closed) and open_from (day, NaT: from the listing
        on). Weights that were published in the course of a week count as closed in that week.
    weeks : DatetimeIndex
        Weeks to take together.

    Returns
    -------
    Series
        Shares of open, closed and unknown; NaN where the weeks hold no tokens.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-06-08"])
    >>> models = pd.DataFrame({"week_start": week[0], "model_permaslug": ["a/x:free", "b/y", "c/z"], "origin": "CN",
    ...                        "total_tokens": [2, 1, 1]})
    >>> weights = pd.DataFrame({"model": ["a/x", "b/y"], "weights": "open",
    ...                         "open_from": pd.to_datetime([None, "2026-06-12"])})
    >>> weights_share(models, weights, week).to_dict()
    {'open': 0.5, 'closed': 0.25, 'unknown': 0.25}
    """
    rows = models[models["week_start"].isin(weeks)]
    tokens = rows["total_tokens"].groupby(_weights_known(rows, weights)).sum().reindex(_WEIGHTS, fill_value=0)
    return tokens / (rows["total_tokens"].sum() or np.nan)


def weights_by_week(models: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Share of Chinese models in all tokens of each week, by what is known of their weights.

    Parameters
    ----------
    models, weights
        As for ``weights_share``.

    Returns
    -------
    DataFrame
        Indexed by week_start: shares of open, closed and unknown.

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.to_datetime(["2026-06-08", "2026-06-15"]), "model_permaslug": "a/x",
    ...                        "origin": ["CN", "US"], "total_tokens": [2, 1]})
    >>> weights = pd.DataFrame({"model": ["a/x"], "weights": "open", "open_from": pd.to_datetime([None])})
    >>> weights_by_week(models, weights)["open"].tolist()
    [1.0, 0.0]
    """
    total = models.groupby("week_start")["total_tokens"].sum()
    tokens = models["total_tokens"].groupby([models["week_start"], _weights_known(models, weights)]).sum().unstack()
    shares = tokens.reindex(index=total.index, columns=_WEIGHTS).fillna(0).div(total, axis=0)
    return shares.rename_axis(columns=None)


def _weights_known(models: pd.DataFrame, weights: pd.DataFrame) -> pd.Series:
    """Whether the weights of each Chinese model were open in its week, closed, or unknown; missing for other models."""
    listed = weights.set_index("model")
    model = models["model_permaslug"].str.split(":").str[0]
    too_early = model.map(listed["open_from"]) > models["week_start"]
    known = model.map(listed["weights"]).mask(too_early, "closed").fillna("unknown")
    return known.where(models["origin"].eq("CN"))


def herfindahl(tokens: pd.DataFrame) -> pd.DataFrame:
    """Herfindahl index of each origin's authors by week: sum of their squared shares in the origin's tokens.

    1 is a single author, 1/n is n equal ones. Hirschman (1964), The Paternity of an Index.

    Returns
    -------
    DataFrame
        Indexed by week_start, a column an origin.

    Examples
    --------
    >>> tokens = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "author": ["a", "b"], "origin": "CN",
    ...                        "total_tokens": [1, 1]})
    >>> herfindahl(tokens).CN.tolist()
    [0.5]
    """
    week = ["week_start", "origin"]
    author = tokens.groupby([*week, "author"])["total_tokens"].sum()
    share = author / author.groupby(week).transform("sum")
    return share.pow(2).groupby(week).sum().unstack("origin").rename_axis(columns=None)


def unattributed_needed(share: pd.Series, threshold: float) -> float:
    """Part of the tokens of no known origin that would have to be Chinese for China to reach a share.

    Above 1, the threshold is out of reach whatever those tokens are; below 0, it is passed without them.

    Parameters
    ----------
    share : Series
        Token share by origin, as ``pooled_share`` gives it.
    threshold : float
        Share to reach.

    Examples
    --------
    >>> share = pd.Series({"CN": 0.5, "US": 0.3, "elsewhere": 0.0, "anonymous": 0.1, "unknown": 0.0, "other": 0.1})
    >>> round(unattributed_needed(share, 0.6), 3)
    0.5
    """
    return float((threshold - share["CN"]) / (share[list(UNATTRIBUTED)].sum() or np.nan))


def attribution_band(weekly: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """Chinese share of all tokens over so many weeks together, through time, and what it could be at most.

    Parameters
    ----------
    weekly : DataFrame
        As ``origin_tokens`` gives it.
    weeks : int
        Weeks to take together, up to and including the one of the row.

    Returns
    -------
    DataFrame
        Columns CN, and high: the share if all tokens without a known author were Chinese.

    Examples
    --------
    >>> weekly = pd.DataFrame({"CN": [4], "US": 4, "anonymous": 0, "unknown": 0, "other": 2})
    >>> attribution_band(weekly, 1).values.tolist()
    [[0.4, 0.6]]
    """
    pooled = weekly.rolling(weeks).sum().dropna()
    most = pooled["CN"] + pooled[list(UNATTRIBUTED)].sum(axis=1)
    return pd.DataFrame({"CN": pooled["CN"], "high": most}).div(pooled.sum(axis=1), axis=0)


def free_share(models: pd.DataFrame) -> pd.DataFrame:
    """Share of all tokens of a week that is Chinese or US, paid or free of charge (the variant ``:free``).

    Returns
    -------
    DataFrame
        Indexed by week_start; columns (origin, "paid" or "free").

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "model_permaslug": ["a/x:free", "b/y"],
    ...                        "origin": "CN", "total_tokens": [3, 1]})
    >>> free_share(models)["CN"].values.tolist()
    [[0.25, 0.75]]
    """
    price = models["model_permaslug"].str.endswith(":free").map({True: "free", False: "paid"}).rename("price")
    tokens = models.groupby(["week_start", "origin", price])["total_tokens"].sum().unstack(["origin", "price"])
    columns = pd.MultiIndex.from_product([SIDES, ["paid", "free"]])
    return tokens.reindex(columns=columns).fillna(0).div(tokens.sum(axis=1), axis=0)


def biggest_model_of_each(models: pd.DataFrame) -> pd.DataFrame:
    """The one model of each author with the most tokens in each week, all variants of a model together.

    Parameters
    ----------
    models : DataFrame
        Columns week_start, model_permaslug, author, origin, ranked, total_tokens.

    Returns
    -------
    DataFrame
        Columns week_start, author, origin, total_tokens; a row an author a week.

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "model_permaslug": ["a/x:free", "a/x", "a/y"],
    ...                        "author": "a", "origin": "CN", "ranked": True, "total_tokens": [3, 2, 4]})
    >>> biggest_model_of_each(models)["total_tokens"].tolist()
    [5]
    """
    ranked = models[models["ranked"]]
    base = ranked["model_permaslug"].str.split(":").str[0].rename("base")
    by_model = ranked.groupby(["week_start", "author", "origin", base], observed=True)["total_tokens"].sum()
    return by_model.groupby(["week_start", "author", "origin"], observed=True).max().reset_index()


def weekly_rank(ranks: pd.DataFrame, author: str) -> pd.Series:
    """Rank of one author by week, as ``author_ranks`` gives it.

    Examples
    --------
    >>> ranks = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "author": ["a", "b"], "rank": [1, 2]})
    >>> weekly_rank(ranks, "b").tolist()
    [2]
    """
    return ranks[ranks["author"].eq(author)].set_index("week_start")["rank"]


def model_tokens(models: pd.DataFrame, model: str) -> pd.Series:
    """Weekly tokens of a ranked model, all its variants together; weeks in which it is not ranked are missing.

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "model_permaslug": ["a/x:free", "a/x"],
    ...                        "total_tokens": [3, 1]})
    >>> model_tokens(models, "a/x").tolist()
    [4]
    """
    rows = models[models["model_permaslug"].str.split(":").str[0].eq(model)]
    return rows.groupby("week_start")["total_tokens"].sum()


def peak_ratio(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """Best week of one model over the best week of another, and how many weeks lie between the two.

    Examples
    --------
    >>> weeks = pd.date_range("2026-03-02", periods=3, freq="7D")
    >>> peak_ratio(pd.Series([4.0, 1.0, 1.0], weeks), pd.Series([1.0, 1.0, 2.0], weeks))
    (2.0, 2.0)
    """
    apart = abs((best_week(first) - best_week(second)).days) / 7
    return float(first.max() / second.max()), float(apart)


def least(values: pd.Series) -> dict[str, float]:
    """Smallest of some values, as a finding takes it; where one is missing, an upper bound of it.

    Returns
    -------
    dict
        ``value`` and ``high``; one of them is NaN.

    Examples
    --------
    >>> least(pd.Series([3.0, 1.0])), least(pd.Series([3.0, float("nan")]))
    ({'value': 1.0, 'high': nan}, {'value': nan, 'high': 3.0})
    """
    known, whole = float(values.min()), len(values) > 0 and values.notna().all()
    return {"value": known if whole else np.nan, "high": np.nan if whole else known}


def implied_totals(providers: pd.DataFrame) -> pd.DataFrame:
    """Weekly platform total that each row of a table of tokens and shares implies, with its rounding interval.

    Parameters
    ----------
    providers : DataFrame
        Columns provider, total_tokens, tokens_half_unit, share, share_half_unit.

    Returns
    -------
    DataFrame
        Indexed by provider: low, value, high (tokens).

    Examples
    --------
    >>> row = {"provider": ["A"], "total_tokens": 100, "tokens_half_unit": 10, "share": 0.5, "share_half_unit": 0.05}
    >>> implied_totals(pd.DataFrame(row)).round(1).values.tolist()
    [[163.6, 200.0, 244.4]]
    """
    tokens, half = providers["total_tokens"], providers["tokens_half_unit"]
    share, share_half = providers["share"], providers["share_half_unit"]
    totals = {
        "low": (tokens - half) / (share + share_half),
        "value": tokens / share,
        "high": (tokens + half) / (share - share_half),
    }
    return pd.DataFrame(totals).set_axis(providers["provider"])


def largest_first(models: pd.DataFrame) -> pd.DataFrame:
    """Rows of the ranked models, those with the most tokens first."""
    return models[models["ranked"]].sort_values("total_tokens", ascending=False, kind="stable")
