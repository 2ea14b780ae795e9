"""Somebody's own bill: what their usage cost, and what it would cost on the cheapest equals of either side."""

from dataclasses import dataclass

import pandas as pd

from analysis.measures.origins import SIDES
from analysis.measures.prices import KINDS
from analysis.measures.saving import replacements


def own_usage(activity: pd.DataFrame | None) -> pd.DataFrame:
    """A person's own usage by model, as ``saving.replacements`` takes it.

    The export does not say which prompt tokens were cached: all count as uncached. Dollars include those spent with the
    user's own key; variants such as ``:free`` count as the model.

    Parameters
    ----------
    activity : DataFrame, optional
        As ``catalog.read_activity`` gives it; without one the workload has no rows.

    Returns
    -------
    DataFrame
        Indexed by model: a column for each of ``KINDS`` (tokens), and usd (dollars spent).

    Examples
    --------
    >>> rows = {"model": ["a", "a"], "prompt_tokens": [1, 2], "completion_tokens": [1, 1], "usage": [0.5, 1.0],
    ...         "byok_usage_inference": 0.0}
    >>> own_usage(pd.DataFrame(rows)).loc["a"].tolist()
    [3.0, 0.0, 2.0, 1.5]
    >>> own_usage(None).columns.tolist()
    ['prompt', 'cached', 'completion', 'usd']
    """
    if activity is None:
        return pd.DataFrame(columns=[*KINDS, "usd"], dtype=float).rename_axis(index="model")
    spent = activity["usage"] + activity["byok_usage_inference"].fillna(0)
    model = activity["model"].str.split(":").str[0]
    rows = activity[["prompt_tokens", "completion_tokens"]].assign(usage=spent)
    sums = rows.groupby(model).sum().astype(float)
    kinds = {"prompt": sums["prompt_tokens"], "cached": 0.0, "completion": sums["completion_tokens"]}
    return pd.DataFrame(kinds).assign(usd=sums["usage"])


def own_options(own: pd.DataFrame, book: pd.DataFrame, scores: pd.Series) -> pd.DataFrame:
    """What each model of somebody's usage cost, at list price too, and its cheapest equal on either side.

    Parameters
    ----------
    own : DataFrame
        As ``own_usage`` gives it.
    book, scores
        As for ``saving.replacements``.

    Returns
    -------
    DataFrame
        Indexed as ``own``: usd, at_list, and CN, CN_usd, US, US_usd: each side's equal and its cost.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> own = pd.DataFrame({"prompt": [1e6], "cached": 0.0, "completion": 0.0, "usd": 5.0}, index=["b"])
    >>> own_options(own, book, pd.Series({"a": 2.0, "b": 1.0})).values.tolist()
    [[5.0, 4.0, 'a', 1.0, 'b', 4.0]]
    """
    found = own[["usd"]]
    for origin in SIDES:
        equals = replacements(own, book, scores, origin)
        found = found.assign(at_list=equals["own_usd"])
        found[[origin, f"{origin}_usd"]] = equals[["replacement", "replacement_usd"]]
    return found


@dataclass(frozen=True)
class Bill:
    """What somebody's usage cost, and would cost on the cheapest equals of an origin; US dollars.

    Parameters
    ----------
    spent : float
        What was paid.
    after : float
        The same where each model that has a cheaper equal is swapped for it, and no other.
    without_equal : float
        Part of ``spent`` on models without a known equal.
    """

    spent: float
    after: float
    without_equal: float

    @property
    def saved(self) -> float:
        """What is saved; never less than nothing."""
        return self.spent - self.after


def bill(usd: pd.Series, replacement_usd: pd.Series) -> Bill:
    """Somebody's bill before and after the swaps that save money; a dearer equal is never taken.

    Parameters
    ----------
    usd : Series
        Dollars paid, by model.
    replacement_usd : Series
        What the cheapest equal would cost, by model, as ``saving.replacements`` gives it; missing: none is known.

    Examples
    --------
    >>> bill(pd.Series([10.0, 5.0, 1.0]), pd.Series([4.0, 9.0, None]))
    Bill(spent=16.0, after=10.0, without_equal=1.0)
    """
    after = pd.concat([usd, replacement_usd], axis="columns").min(axis="columns")
    return Bill(float(usd.sum()), float(after.sum()), float(usd[replacement_usd.isna()].sum()))
