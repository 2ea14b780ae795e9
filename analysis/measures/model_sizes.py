"""Sizes of models: computed against published, by slug, against scores, and in rank with prices."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.measures import capability, statistics
from analysis.measures.architecture import CONVENTIONS, Architecture, active_parameters, total_parameters

KINDS_OF_MODELS = ["moe", "dense", "undisclosed"]
"""Kinds of feed-forward that the table knows."""


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


def deviations(computed: pd.DataFrame, sizes: pd.DataFrame, within: Mapping[str, float]) -> pd.DataFrame:
    """Computed sizes that lie further from the published ones than they should, with what is known of the figure.

    Parameters
    ----------
    computed : DataFrame
        As ``computed_sizes`` gives it.
    sizes : DataFrame
        The table ``model_sizes``: columns model, total_basis and active_basis.
    within : dict
        Largest error of ``total`` and of ``active``, as a share of the published figure.

    Returns
    -------
    DataFrame
        Columns size (total or active), model, error (a share) and basis (of the published figure).

    Examples
    --------
    >>> computed = pd.DataFrame({"total_error": [0.02], "active_error": [0.02]}, index=["M"])
    >>> sizes = pd.DataFrame({"model": ["M"], "total_basis": ["rounded"], "active_basis": [""]})
    >>> deviations(computed, sizes, {"total": 0.01, "active": 0.03})["basis"].tolist()
    ['rounded']
    """
    known, parts = sizes.set_index("model"), []
    for size, most in within.items():
        errors = computed[f"{size}_error"].dropna()
        far = errors[(100 * errors).abs() > 100 * most]
        basis = known[f"{size}_basis"].reindex(far.index)
        parts.append(pd.DataFrame({"size": size, "model": far.index, "error": far.array, "basis": basis.array}))
    return pd.concat(parts, ignore_index=True)


def most_used(listed: pd.DataFrame, weeks: pd.DatetimeIndex, slugs: pd.DataFrame, top: int, origin: str) -> pd.Series:
    """Tokens by slug of the models of an origin that are among those with the most tokens.

    Parameters
    ----------
    listed : DataFrame
        Tokens by week and model: columns week_start, ranked, model_permaslug, origin and total_tokens.
    weeks : DatetimeIndex
        Mondays that count.
    slugs : DataFrame
        The table ``model_slugs``: columns permaslug and model. Variants of a slug count as one.
    top : int
        How many models of all origins.
    origin : str
        Code of the origin.

    Examples
    --------
    >>> monday = pd.Timestamp("2026-05-18")
    >>> rows = {"week_start": monday, "ranked": True, "model_permaslug": ["v/m", "v/m:free"], "origin": "CN"}
    >>> slugs = pd.DataFrame({"permaslug": ["v/m"], "model": ["v/m-1"]})
    >>> most_used(pd.DataFrame({**rows, "total_tokens": [2, 1]}), pd.DatetimeIndex([monday]), slugs, 30, "CN").to_dict()
    {'v/m-1': 3}
    """
    rows = listed[listed["ranked"] & listed["week_start"].isin(weeks)]
    permaslug = rows["model_permaslug"].str.split(":").str[0]
    slug = permaslug.map(slugs.set_index("permaslug")["model"]).fillna(permaslug).rename("model")
    ranked = rows.groupby([slug, "origin"])["total_tokens"].sum().nlargest(top)
    return ranked[ranked.index.get_level_values("origin") == origin].droplevel("origin")


def kind_counts(top: pd.DataFrame) -> pd.DataFrame:
    """Models by kind, of all and of those whose weights are published.

    Parameters
    ----------
    top : DataFrame
        As ``kinds_of`` gives it.

    Returns
    -------
    DataFrame
        Rows ``all`` and ``open``; columns moe, dense and undisclosed.

    Examples
    --------
    >>> kind_counts(pd.DataFrame({"kind": ["moe", "undisclosed"], "weights": ["open", "closed"]})).loc["all"].tolist()
    [1, 0, 1]
    """
    open_ones = top[top["weights"].isin(["open", "restricted"])]
    counts = {"all": top["kind"].value_counts(), "open": open_ones["kind"].value_counts()}
    return pd.DataFrame(counts).T.reindex(columns=KINDS_OF_MODELS).fillna(0).astype(int)


def mixture_shares(counts: pd.DataFrame) -> pd.Series:
    """Share of mixtures of experts of all models, of those with a disclosed kind, and of those with open weights.

    Examples
    --------
    >>> counts = pd.DataFrame({"moe": [3, 2], "dense": [0, 0], "undisclosed": [1, 0]}, index=["all", "open"])
    >>> mixture_shares(counts).to_dict()
    {'literal': 0.75, 'disclosed': 1.0, 'open_weights': 1.0}
    """
    everything, opened = counts.loc["all"], counts.loc["open"]
    parts = {
        "literal": (everything["moe"], everything.sum()),
        "disclosed": (everything["moe"], everything["moe"] + everything["dense"]),
        "open_weights": (opened["moe"], opened.sum()),
    }
    return pd.Series({name: part / (whole or np.nan) for name, (part, whole) in parts.items()})


def expert_layers(models: Mapping[str, Architecture], sizes: pd.DataFrame, model: str) -> int | None:
    """Layers in which a model chooses among experts; None where its dimensions are not known.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import load, read_bytes
    >>> expert_layers(read_architectures(read_bytes("architectures")), load("model_sizes"), "Kimi-K2.6")
    60
    """
    named = sizes[sizes["model"].eq(model) & sizes["architecture"].isin(list(models))]
    if named.empty:
        return None
    blocks = models[named["architecture"].iloc[0]].blocks
    return sum(block.count for block in blocks if block.feed_forward.kind == "mixture")


def licences(
    weights: pd.DataFrame, author: str, slugs: pd.DataFrame, on_sale: pd.Series, sizes: pd.DataFrame
) -> pd.Series:
    """Licence of the weights of an author's models that are on sale, by slug.

    Parameters
    ----------
    weights : DataFrame
        The table ``open_weights``: columns author and model (a permaslug).
    author : str
        The author.
    slugs : DataFrame
        The table ``model_slugs``: columns permaslug and model.
    on_sale : Series
        Slugs that have a price.
    sizes : DataFrame
        The table ``model_sizes``: licences by slug.

    Examples
    --------
    >>> weights = pd.DataFrame({"author": ["v"], "model": ["v/m-0101"]})
    >>> slugs = pd.DataFrame({"permaslug": ["v/m-0101"], "model": ["v/m"]})
    >>> sizes = pd.DataFrame({"model": ["M"], "slugs": ["v/m"], "scored_as": [""], "licence": ["MIT"]})
    >>> licences(weights, "v", slugs, pd.Series(["v/m"]), sizes).to_dict()
    {'v/m': 'MIT'}
    """
    permaslugs = weights.loc[weights["author"].eq(author), "model"]
    slug = slugs.set_index("permaslug")["model"].reindex(permaslugs)
    named = by_slug(sizes)["licence"].reindex(slug[slug.isin(on_sale)].to_numpy())
    return named.fillna("none: no public weights").rename_axis("model")


def cheaper_share(price: pd.Series, scores: pd.Series, author: str, within: float = 5) -> float | None:
    """Share of the models about as capable as the most capable one of an author that cost less than it.

    Parameters
    ----------
    price : Series
        Price by slug; what is free is left out.
    scores : Series
        Capability by slug, in index points.
    author : str
        The author; None is the share where it has no model with a price and a score.
    within : float
        Index points by which the capability may differ.

    Examples
    --------
    >>> cheaper_share(pd.Series({"v/m": 1.0, "w/n": 0.5}), pd.Series({"v/m": 140.0, "w/n": 143.0}), "v")
    0.5
    """
    both = pd.DataFrame({"price": price, "score": pd.Series(scores, dtype=float)}).dropna().query("price > 0")
    own = both[both.index.str.startswith(f"{author}/")].sort_values("score").tail(1)
    if own.empty:
        return None
    like = both[both["score"].sub(own["score"].max()).abs().le(within)]
    return float(like["price"].lt(own["price"].max()).mean())


def on_sale(sizes: pd.DataFrame, price: pd.Series) -> pd.DataFrame:
    """Models of disclosed kind that have a price, one row each.

    Examples
    --------
    >>> sizes = pd.DataFrame({"model": ["M"], "slugs": ["v/m"], "scored_as": [""], "kind": ["moe"]})
    >>> on_sale(sizes, pd.Series({"v/m": 2.0}))["price"].tolist()
    [2.0]
    """
    offers = by_slug(sizes).assign(price=price).query("price > 0")
    return offers[offers["kind"].ne("undisclosed")].drop_duplicates("model")


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
    beyond = [capability.score_gap(own, row, 0.95).low > 0 for _, row in rows.assign(metric="%").iterrows()]
    return rows.assign(beyond_chance=beyond)


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
    low, high = statistics.wilson(score / 100, n, 0.95)
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
    # Spearman's coefficient is Pearson's of the ranks; a row a resample, all at once.
    left = stats.rankdata(pairs["x"].to_numpy()[rows], axis=1)
    right = stats.rankdata(pairs["y"].to_numpy()[rows], axis=1)
    left -= left.mean(axis=1, keepdims=True)
    right -= right.mean(axis=1, keepdims=True)
    # A resample of one pair alone has no spread, and no correlation.
    with np.errstate(invalid="ignore"):
        drawn = (left * right).sum(axis=1) / np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return round(value, 2), round(float(min(low, value)), 2), round(float(max(high, value)), 2)


def _with_total(scores: pd.DataFrame, sizes: pd.DataFrame) -> pd.DataFrame:
    """Scores with their intervals and with the total weights of the model that each name means."""
    listed = sizes.assign(slug=sizes["slugs"].str.split()).explode("slug").dropna(subset=["slug"])
    total = listed.set_index(listed["slug"].str.split("/").str[-1])["total_params_b"]
    total = total[~total.index.duplicated()].reindex(scores.index.str.lower().str.replace(" ", "-"))
    low, high = statistics.wilson(scores["score"] / 100, scores["n_items"], 0.95)
    return scores.assign(low=100 * low, high=100 * high, total=total.to_numpy())
