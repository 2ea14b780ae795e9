"""Operations a token at equal capability: the most frugal model of each origin, compared in several ways."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.measures import capability, ladders
from analysis.measures.architecture import Architecture, flops_per_token
from analysis.measures.model_sizes import by_slug
from analysis.measures.origins import SIDES

HOSTED = "Qwen3.5-35B-A3B"
"""The one model whose score was measured on a hosted variant, and not on the published weights."""


def fit(table: pd.DataFrame, as_of: str) -> tuple[pd.Timestamp, pd.Series]:
    """Capability of models by slug, or by name where no price is known; NaT and nothing before the first fit.

    Parameters
    ----------
    table : DataFrame
        The table ``capability``.
    as_of : str
        ISO date.

    Examples
    --------
    >>> fit(pd.DataFrame(columns=["fit", "model", "name", "score"]), "2026-05-25")[0]
    NaT
    """
    if table.empty:
        return pd.NaT, pd.Series(dtype=float)
    named = table.assign(model=table["model"].mask(table["model"].eq(""), table["name"]))
    return capability.capability_fit(named, as_of)


def scored_models(
    sizes: pd.DataFrame, scores: pd.Series, models: Mapping[str, Architecture], contexts: Mapping[str, float]
) -> pd.DataFrame:
    """Models of known size and capability, with the operations of a token in billions after each context.

    Parameters
    ----------
    sizes : DataFrame
        The table ``model_sizes``.
    scores : Series
        Capability by slug or name, as ``fit`` gives it.
    models : dict
        Architectures by name; without one, two operations for each published active weight are taken.
    contexts : dict
        Name of a column to tokens of context.

    Returns
    -------
    DataFrame
        The rows of ``sizes`` by slug, with score and the columns of ``contexts``.

    Examples
    --------
    >>> size = {"model": "M", "slugs": "v/m", "scored_as": "", "architecture": "", "active_params_b": 3.0}
    >>> scored_models(pd.DataFrame([size]), pd.Series({"v/m": 140.0}), {}, {"flops": 8192})["flops"].tolist()
    [6.0]
    """
    scored = by_slug(sizes).assign(score=scores).dropna(subset=["score"])
    for column, context in contexts.items():
        counted = {name: flops_per_token(model, context) / 1e9 for name, model in models.items()}
        scored[column] = scored["architecture"].map(counted).fillna(2 * scored["active_params_b"])
    return scored.dropna(subset=list(contexts))


def sides(scored: pd.DataFrame) -> pd.DataFrame:
    """Chinese mixtures of experts and all US models: those that the claim compares.

    Examples
    --------
    >>> sides(pd.DataFrame({"origin": ["CN", "CN", "US"], "kind": ["moe", "dense", "dense"]})).index.tolist()
    [0, 2]
    """
    return pd.concat([_chinese_mixtures(scored), scored[scored["origin"].eq("US")]])


def against_dense(scored: pd.DataFrame) -> pd.DataFrame:
    """Chinese mixtures of experts and, in the place of the US models, dense ones of any origin.

    Examples
    --------
    >>> against_dense(pd.DataFrame({"origin": ["CN", "CN"], "kind": ["moe", "dense"]}))["origin"].tolist()
    ['CN', 'US']
    """
    return pd.concat([_chinese_mixtures(scored), scored[scored["kind"].eq("dense")].assign(origin="US")])


def _chinese_mixtures(scored: pd.DataFrame) -> pd.DataFrame:
    return scored[scored["origin"].eq("CN") & scored["kind"].eq("moe")]


def last_shared_year(frame: pd.DataFrame) -> float:
    """Last year in which both sides released a model; NaN where there is none.

    Examples
    --------
    >>> released = pd.to_datetime(["2024-05-01", "2024-06-01", "2025-01-01"])
    >>> int(last_shared_year(pd.DataFrame({"origin": ["CN", "US", "CN"], "released": released})))
    2024
    """
    both = frame.groupby(frame["released"].dt.year)["origin"].nunique()
    return both.index[both.eq(2)].max()


def ladders_by_way(scored: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Fewest operations by capability and origin, for every way of comparing that the register names.

    Parameters
    ----------
    scored : DataFrame
        As ``scored_models`` gives it, with the columns flops and long.

    Returns
    -------
    dict
        Name of the reading to a ladder, as ``ladders.steps`` gives it.
    """
    claimed, dense = sides(scored), against_dense(scored)
    year = dense["released"].dt.year
    frames = {
        "literal": claimed,
        "without_flash": claimed[~claimed["model"].eq(HOSTED)],
        "dense_same_year": dense[year.eq(last_shared_year(dense))],
        "dense": dense,
        "long_context": claimed.assign(flops=claimed["long"]),
    }
    return {way: ladders.steps(frame, "flops").reindex(columns=list(SIDES)) for way, frame in frames.items()}


def at_best(ladder: pd.DataFrame) -> pd.Series:
    """Least of each origin at the capability of the best US model, and how many times the Chinese the US one is.

    Examples
    --------
    >>> ladder = pd.DataFrame({"CN": [1.0, 2.0], "US": [4.0, np.nan]}, index=[140.0, 150.0])
    >>> at_best(ladder).to_dict()
    {'CN': 1.0, 'US': 4.0, 'level': 140.0, 'ratio': 4.0}
    """
    return _at(ladder, ladder["US"].dropna().index.max())


def at_best_of_both(ladder: pd.DataFrame) -> pd.Series:
    """As ``at_best``, at the highest capability that is a step of both sides.

    Examples
    --------
    >>> ladder = pd.DataFrame({"CN": [1.0, np.nan], "US": [4.0, 5.0]}, index=[140.0, 150.0])
    >>> at_best_of_both(ladder)["ratio"]
    np.float64(4.0)
    """
    return _at(ladder, ladder.dropna().index.max())


def _at(ladder: pd.DataFrame, level: float) -> pd.Series:
    row = ladders.cheapest_at(ladder, level)
    return pd.Series({"CN": row["CN"], "US": row["US"], "level": level, "ratio": row["US"] / row["CN"]}, dtype=float)


def most_frugal(scored: pd.DataFrame, at: pd.Series) -> dict[str, str]:
    """Names of the models that are the most frugal ones of their origins, as ``at_best`` found them.

    Examples
    --------
    >>> claimed = pd.DataFrame({"origin": ["CN", "US"], "model": ["A", "B"], "flops": [1.0, 4.0]})
    >>> most_frugal(claimed, pd.Series({"CN": 1.0, "US": 4.0}))
    {'CN': 'A', 'US': 'B'}
    """
    found = {}
    for side, rows in scored.groupby("origin"):
        found[str(side)] = " and ".join(rows.loc[rows["flops"].eq(at[side]), "model"].unique())
    return found


def by_capability(ladder_of: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All steps that both sides reach, by way of comparing: least of each and ratio, where either changes.

    Examples
    --------
    >>> ladder = pd.DataFrame({"CN": [1.0, 1.0], "US": [4.0, 4.0]}, index=[140.0, 150.0])
    >>> by_capability({"literal": ladder})["ratio"].to_dict()
    {('literal', 150.0): 4.0}
    """
    steps = {}
    for way, ladder in ladder_of.items():
        both = ladder.dropna().assign(ratio=ladder["US"] / ladder["CN"])
        steps[way] = both[~both.round(6).duplicated(keep="last")]
    return pd.concat(steps)


def share_of_levels(ladder: pd.DataFrame, least: float) -> float:
    """Share of the capabilities that both sides reach at which the US model needs at least so many times as much.

    Examples
    --------
    >>> share_of_levels(pd.DataFrame({"CN": [1.0, 3.0], "US": [4.0, 4.0]}, index=[140.0, 150.0]), 2)
    0.5
    """
    both = ladder.dropna()
    return float((both["US"] / both["CN"]).ge(least).mean()) if len(both) else np.nan
