"""What depends on how many of the largest models are counted: shares, growth and crossings by length of a chart."""

from collections.abc import Iterable

import pandas as pd

from analysis.measures.origins import CODES
from analysis.measures.share import first_lead, growth, largest_first, largest_models, origin_share, origin_tokens

LONGEST_LIST = 50
"""Models in OpenRouter's daily list; what lies below is in ``other``."""


def share_by_cutoff(models: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """Token share by origin among the n largest models of each week, for every n, over several weeks together.

    Parameters
    ----------
    models : DataFrame
        As ``calendar.models_by_week`` gives it, with origin.
    weeks : DatetimeIndex
        Weeks to take together.

    Returns
    -------
    DataFrame
        Indexed by n from 1 to the number of models that every week has (50 at most: the cut of the daily list), a
        column for each of ``CODES``.

    Examples
    --------
    >>> models = pd.DataFrame({"week_start": pd.Timestamp("2026-03-23"), "origin": ["CN", "US"], "ranked": True,
    ...                        "total_tokens": [3, 1]})
    >>> share_by_cutoff(models, pd.DatetimeIndex(["2026-03-23"])).CN.tolist()
    [1.0, 0.75]
    """
    ranked = largest_first(models[models["week_start"].isin(weeks)])
    place = ranked.groupby("week_start").cumcount().add(1).rename("n")
    tokens = ranked.groupby([place, "origin"])["total_tokens"].sum().unstack("origin", fill_value=0)
    cumulated = tokens.reindex(columns=CODES, fill_value=0).rename_axis(columns=None).cumsum()
    depth = min(ranked.groupby("week_start").size(), default=0)
    return cumulated.div(cumulated.sum(axis=1), axis=0).head(min(depth, LONGEST_LIST))


def cutoff_grid(models: pd.DataFrame, tokens: pd.DataFrame, cutoffs: list[int]) -> pd.DataFrame:
    """Chinese share by how many models count, and week.

    Parameters
    ----------
    models, tokens : DataFrame
        Model-level and author-level tokens, with origin.
    cutoffs : list of int
        Numbers of largest models; one that a week does not have is missing in that week.

    Returns
    -------
    DataFrame
        A row a cut-off, then all authors of the daily top 50 and all tokens; a column a model-level week.

    Examples
    --------
    >>> week = pd.Timestamp("2026-03-23")
    >>> models = pd.DataFrame({"week_start": week, "origin": ["CN", "US"], "ranked": True, "total_tokens": [3, 1]})
    >>> tokens = pd.DataFrame({"week_start": week, "origin": ["CN", "US", "other"], "total_tokens": [3, 1, 4]})
    >>> cutoff_grid(models, tokens, [1, 2])[week].to_dict()
    {'1 largest': 1.0, '2 largest': 0.75, 'top 50 by author': 0.75, 'all': 0.375}
    """
    weeks = pd.DatetimeIndex(models["week_start"].unique()).sort_values()
    rows = {f"{n} largest": origin_share(largest_models(models, n))["CN"] for n in cutoffs}
    rows["top 50 by author"] = origin_share(tokens[tokens["origin"] != "other"])["CN"]
    rows["all"] = origin_share(tokens)["CN"]
    return pd.DataFrame(rows).reindex(weeks).T


def by_length(
    models: pd.DataFrame, lengths: Iterable[int], month: pd.DatetimeIndex, week: str, model: pd.Series
) -> pd.DataFrame:
    """What charts of several lengths show of the same weeks.

    Parameters
    ----------
    models : DataFrame
        As ``calendar.models_by_week`` gives it, with origin.
    lengths : iterable of int
        Numbers of models counted.
    month : DatetimeIndex
        Weeks whose smallest Chinese lead is wanted.
    week : str
        Monday of the week whose growth is wanted.
    model : Series
        Tokens of one model by week.

    Returns
    -------
    DataFrame
        Indexed by length: first_lead (Monday, NaT where China never led), least_gap (share), best_share (of the model),
        CN and US (change from the week before).

    Examples
    --------
    >>> week = pd.to_datetime(["2026-03-23", "2026-03-30"])
    >>> models = pd.DataFrame({"week_start": week.repeat(2), "model_permaslug": ["a/x", "b/y"] * 2, "ranked": True,
    ...                        "origin": ["CN", "US"] * 2, "total_tokens": [3, 1, 6, 4]})
    >>> rows = by_length(models, [2], week, "2026-03-30", pd.Series([3, 6], week))
    >>> rows.loc[2, ["least_gap", "best_share", "CN", "US"]].astype(float).round(2).to_list()
    [0.2, 0.75, 1.0, 3.0]
    """
    rows = {n: _of_chart(largest_models(models, n), month, week, model) for n in lengths}
    return pd.DataFrame.from_dict(rows, orient="index")


def _of_chart(rows: pd.DataFrame, month: pd.DatetimeIndex, week: str, model: pd.Series) -> dict[str, object]:
    """What one chart shows."""
    weekly = origin_tokens(rows)
    total = weekly.sum(axis=1)
    shares = weekly.div(total, axis=0).reindex(month)
    change = growth(weekly).reindex([pd.Timestamp(week)]).iloc[0]
    return {
        "first_lead": first_lead(weekly)["value"],
        "least_gap": (shares["CN"] - shares["US"]).min(),
        "best_share": (model / total).max(),
        "CN": change["CN"],
        "US": change["US"],
    }
