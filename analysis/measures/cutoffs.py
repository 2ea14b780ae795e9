"""What depends on how many of the largest models are counted: growth, crossings and gaps by the length of a chart."""

from collections.abc import Iterable

import pandas as pd

from analysis.measures.share import first_lead, growth, largest_models, origin_tokens


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
    return pd.DataFrame({n: _of_chart(largest_models(models, n), month, week, model) for n in lengths}).T


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
