"""Models against what is published of them: sizes, kinds, scores; and the rank correlation of two measures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.measures import parity
from analysis.measures.architecture import CONVENTIONS, Architecture, active_parameters, total_parameters


def computed_sizes(models: Mapping[str, Architecture], sizes: pd.DataFrame) -> pd.DataFrame:
    """Computed against published sizes.

    Parameters
    ----------
    models : dict
        Architectures by name.
    sizes : DataFrame
        The table ``model_sizes``: columns model, architecture, total_params_b, active_params_b.

    Returns
    -------
    DataFrame
        Indexed by model, for those with an architecture: total_b, total_error, active_b by convention, convention (the
        one that comes nearest) and active_error. Errors are relative to the published figure, NaN without one.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import load, read_bytes
    >>> found = computed_sizes(read_architectures(read_bytes("architectures")), load("model_sizes"))
    >>> found.loc["gpt-oss-120b", "convention"]
    'head only'
    """
    rows = sizes[sizes["architecture"].ne("")].set_index("model")
    used = {name: models[architecture] for name, architecture in rows["architecture"].items()}
    total = pd.Series({name: total_parameters(model) / 1e9 for name, model in used.items()}, dtype=float)
    active = pd.DataFrame({name: active_parameters(model) / 1e9 for name, model in used.items()}, index=CONVENTIONS).T
    errors = active.div(rows["active_params_b"], axis=0) - 1
    nearest = errors.abs().fillna(np.inf).idxmin(axis=1).where(rows["active_params_b"].notna())
    found = pd.DataFrame({"published_b": rows["total_params_b"], "total_b": total})
    found["total_error"] = total / rows["total_params_b"] - 1
    best = pd.Series({name: errors.loc[name, c] for name, c in nearest.dropna().items()}, dtype=float)
    return found.assign(active_published_b=rows["active_params_b"], **active, convention=nearest, active_error=best)


def by_slug(sizes: pd.DataFrame) -> pd.DataFrame:
    """Sizes by the slug under which a model is listed, or else by its name in the capability table; a row for each.

    Parameters
    ----------
    sizes : DataFrame
        The table ``model_sizes``.

    Examples
    --------
    >>> sizes = pd.DataFrame({"model": ["M"], "slugs": ["v/m v/m-2"], "scored_as": [""]})
    >>> by_slug(sizes).index.tolist()
    ['v/m', 'v/m-2']
    """
    listed = sizes["slugs"].str.split().where(sizes["scored_as"].eq(""), sizes["scored_as"].map(lambda name: [name]))
    return sizes.assign(slug=listed).explode("slug").dropna(subset=["slug"]).set_index("slug")


def kinds_of(tokens: pd.Series, sizes: pd.DataFrame) -> pd.DataFrame:
    """Kind of feed-forward of listed models: moe, dense, or undisclosed where no source says.

    Parameters
    ----------
    tokens : Series
        Tokens by slug.
    sizes : DataFrame
        The table ``model_sizes``.

    Returns
    -------
    DataFrame
        Indexed by slug, in the order given: tokens, kind, weights (open, restricted, closed, or unknown).

    Examples
    --------
    >>> sizes = pd.DataFrame({"model": ["M"], "slugs": ["v/m"], "kind": ["moe"], "weights": ["open"]})
    >>> kinds_of(pd.Series({"v/m": 2, "v/n": 1}), sizes)["kind"].tolist()
    ['moe', 'undisclosed']
    """
    listed = sizes.assign(slug=sizes["slugs"].str.split()).explode("slug").drop_duplicates("slug").set_index("slug")
    known = listed[["kind", "weights"]].reindex(tokens.index)
    return pd.DataFrame({"tokens": tokens, "kind": known["kind"].fillna("undisclosed").astype("str")}).assign(
        weights=known["weights"].fillna("unknown")
    )


def larger_models(scores: pd.DataFrame, sizes: pd.DataFrame, model: str, times: float) -> pd.DataFrame:
    """Models so many times larger than one, and whether they score less, by more than chance or not.

    Parameters
    ----------
    scores : DataFrame
        One benchmark: columns model, score (per cent) and n_items. Names fit slugs but for case and spaces.
    sizes : DataFrame
        The table ``model_sizes``.
    model : str
        Name in ``scores`` of the model to compare with.
    times : float
        Least ratio of total weights.

    Returns
    -------
    DataFrame
        Indexed by model: times (larger), score, low and high (95 % Wilson interval), less, and beyond_chance: the 95 %
        interval of the difference lies above 0 (Newcombe 1998, method 10). No rows where a score or size is missing.

    Examples
    --------
    >>> sizes = pd.DataFrame({"slugs": ["v/small", "v/large"], "total_params_b": [10.0, 100.0]})
    >>> scores = pd.DataFrame({"model": ["Small", "Large"], "score": [90.0, 50.0], "n_items": [100, 100]})
    >>> larger_models(scores, sizes, "Small", 3)["beyond_chance"].to_dict()
    {'Large': True}
    """
    rows = _with_total(scores.drop_duplicates("model").set_index("model")[["score", "n_items"]].astype(float), sizes)
    own = rows.assign(metric="%").reindex([model]).iloc[0]
    rows = rows.assign(times=rows["total"] / own["total"], less=rows["score"] < own["score"])
    rows = rows[rows["times"] >= times]
    gaps = [parity.score_gap(own, row, 0.95) for _, row in rows.assign(metric="%").iterrows()]
    return rows.assign(beyond_chance=[gap.low > 0 for gap in gaps])


def score_interval(scores: pd.DataFrame, model: str) -> tuple[float, float, float]:
    """Score of a model with its 95 % Wilson interval, in per cent; NaN where it has none.

    Examples
    --------
    >>> score_interval(pd.DataFrame({"model": ["M"], "score": [50.0], "n_items": [30]}), "M")[0]
    50.0
    """
    rows = scores[scores["model"].eq(model)]
    if rows.empty:
        return np.nan, np.nan, np.nan
    score, n = rows.iloc[0][["score", "n_items"]].astype(float)
    low, high = parity.wilson(score / 100, n, 0.95)
    return score, 100 * float(low), 100 * float(high)


def rank_correlation(x: pd.Series, y: pd.Series, seed: int = 0, resamples: int = 2000) -> tuple[float, float, float]:
    """Spearman's rank correlation with its 95 % bootstrap interval (percentiles over resampled pairs).

    Parameters
    ----------
    x, y : Series
        Two measures of the same models, matched by index; pairs with a missing value are left out.
    seed : int
        Of the random generator.
    resamples : int
        Number of bootstrap samples.

    Returns
    -------
    float, float, float
        Value, low and high, to two decimals; NaN for fewer than five pairs.

    Examples
    --------
    >>> rising = pd.Series(range(8), dtype=float)
    >>> rank_correlation(rising, rising**2)
    (1.0, 1.0, 1.0)
    """
    pairs = pd.DataFrame({"x": x, "y": y}).dropna()
    if len(pairs) < 5:
        return np.nan, np.nan, np.nan
    value = float(stats.spearmanr(pairs["x"], pairs["y"]).statistic)
    rows = np.random.default_rng(seed).integers(len(pairs), size=(resamples, len(pairs)))
    ranks = [stats.rankdata(pairs[name].to_numpy()[rows], axis=1) for name in ("x", "y")]
    left, right = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    with np.errstate(invalid="ignore"):
        drawn = (left * right).sum(axis=1) / np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return round(value, 2), round(float(min(low, value)), 2), round(float(max(high, value)), 2)


def _with_total(scores: pd.DataFrame, sizes: pd.DataFrame) -> pd.DataFrame:
    """Scores with their intervals and with the total weights of the model that each name means."""
    listed = sizes.assign(slug=sizes["slugs"].str.split()).explode("slug").dropna(subset=["slug"])
    total = listed.set_index(listed["slug"].str.split("/").str[-1])["total_params_b"]
    total = total[~total.index.duplicated()].reindex(scores.index.str.lower().str.replace(" ", "-"))
    low, high = parity.wilson(scores["score"] / 100, scores["n_items"], 0.95)
    return scores.assign(low=100 * low, high=100 * high, total=total.to_numpy())
