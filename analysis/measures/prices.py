"""Prices: the book at a date, workload mixes, ratios, price at equal capability, savings.

Prices are US dollars per million tokens throughout. A price book is a frame indexed by model with the columns
``prompt``, ``cached`` and ``completion`` (the three kinds of tokens), ``vendor``, ``origin`` (CN, US or elsewhere),
``cache_listed`` and ``since``; ``Price`` is one row of it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import InputError

KINDS = ["prompt", "cached", "completion"]
"""Kinds of tokens: uncached prompt, prompt read from a cache, completion."""


@dataclass(frozen=True)
class Price:
    """List price of a model.

    Parameters
    ----------
    prompt, completion : float
        US dollars per million uncached prompt tokens and completion tokens.
    cached : float, optional
        US dollars per million prompt tokens read from a cache; without one, they cost what uncached ones do.
    """

    prompt: float
    completion: float
    cached: float | None = None


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of tokens in a workload; they sum to 1.

    Parameters
    ----------
    prompt, cached, completion : float
        Shares of uncached prompt, cached prompt and completion tokens.

    Raises
    ------
    InputError
        A share is negative, or they do not sum to 1.
    """

    prompt: float
    cached: float
    completion: float

    def __post_init__(self) -> None:
        shares = (self.prompt, self.cached, self.completion)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise InputError(f"The shares of a mix must be 0 or more and sum to 1; not {shares}.")

    @classmethod
    def from_ratio(cls, prompt_to_completion: float, cache_hit_share: float = 0.0) -> "Mix":
        """Mix of so many prompt tokens for each completion token, a share of the prompt read from a cache.

        Examples
        --------
        >>> Mix.from_ratio(3)
        Mix(prompt=0.75, cached=0.0, completion=0.25)
        >>> Mix.from_ratio(1, cache_hit_share=0.5)
        Mix(prompt=0.25, cached=0.25, completion=0.5)
        """
        prompt = prompt_to_completion / (1 + prompt_to_completion)
        return cls(prompt * (1 - cache_hit_share), prompt * cache_hit_share, 1 - prompt)


def blended_price(price: Price, mix: Mix) -> float:
    """Price of one token of a workload, in US dollars per million tokens.

    Parameters
    ----------
    price : Price
        List price.
    mix : Mix
        Shares of the kinds of tokens.

    Examples
    --------
    >>> blended_price(Price(prompt=3.0, completion=15.0), Mix.from_ratio(3))
    6.0
    """
    cached = price.prompt if price.cached is None else price.cached
    return price.prompt * mix.prompt + cached * mix.cached + price.completion * mix.completion


def mix_table(mixes: dict[object, Mix]) -> pd.DataFrame:
    """Mixes as a frame: a row a mix, a column for each of ``KINDS``.

    Examples
    --------
    >>> mix_table({"3:1": Mix.from_ratio(3)}).loc["3:1"].tolist()
    [0.75, 0.0, 0.25]
    """
    rows = [(mix.prompt, mix.cached, mix.completion) for mix in mixes.values()]
    return pd.DataFrame(rows, index=pd.Index(list(mixes)), columns=KINDS)


def check_intervals(prices: pd.DataFrame) -> None:
    """Refuse price intervals that are reversed, or overlap for one model on one basis.

    Parameters
    ----------
    prices : DataFrame
        Columns model, price_basis, effective_from, effective_to (NaT: still in force).

    Raises
    ------
    InputError
        Names the model, the basis and the date.
    """
    ordered = prices.sort_values(["price_basis", "model", "effective_from"])
    reversed_ = ordered["effective_to"] <= ordered["effective_from"]
    following = ordered.groupby(["price_basis", "model"])["effective_from"].shift(-1)
    overlaps = following.notna() & ~(ordered["effective_to"] <= following)
    for bad, problem in ((reversed_, "ends before it starts"), (overlaps, "overlaps the next one")):
        if bad.any():
            row = ordered[bad].iloc[0]
            raise InputError(
                f"The {row['price_basis']} price of {row['model']} from {row['effective_from']:%Y-%m-%d} {problem}: "
                "correct its dates in prices.csv."
            )


def price_book(prices: pd.DataFrame, day: str | pd.Timestamp, basis: str = "first_party") -> pd.DataFrame:
    """Prices in force on a day; raises as ``check_intervals`` does.

    Parameters
    ----------
    prices : DataFrame
        The table ``prices``.
    day : str or Timestamp
    basis : {"first_party", "openrouter"}

    Returns
    -------
    DataFrame
        The price book. Without a cache-read price, ``cached`` is ``prompt`` and ``cache_listed`` False. A model without
        a prompt or completion price is not in it.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> price_book(load("prices"), "2026-05-25").loc["minimax/minimax-m2.5", KINDS].tolist()
    [0.3, 0.03, 1.2]
    """
    check_intervals(prices)
    moment = pd.Timestamp(day)
    ended = prices["effective_to"] <= moment
    rows = prices[prices["price_basis"].eq(basis) & prices["effective_from"].le(moment) & ~ended].set_index("model")
    book = pd.DataFrame(
        {
            "prompt": rows["input_usd_per_mtok"],
            "cached": rows["cache_read_usd_per_mtok"].fillna(rows["input_usd_per_mtok"]),
            "completion": rows["output_usd_per_mtok"],
            "vendor": rows["vendor"],
            "origin": rows["country"].where(rows["country"].isin(["CN", "US"]), "elsewhere"),
            "cache_listed": rows["cache_read_usd_per_mtok"].notna(),
            "since": rows["effective_from"],
        }
    )
    return book.dropna(subset=["prompt", "completion"])


def last_on_sale(prices: pd.DataFrame, model: str, day: str | pd.Timestamp, basis: str = "first_party") -> pd.Timestamp:
    """Last day, up to a given one, on which a model had a price; NaT if it never had one by then.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> last_on_sale(load("prices"), "deepseek/deepseek-v3.2", "2026-05-25")
    Timestamp('2026-04-23 00:00:00')
    """
    moment = pd.Timestamp(day)
    rows = prices[prices["model"].eq(model) & prices["price_basis"].eq(basis) & prices["effective_from"].le(moment)]
    ends = rows["effective_to"].fillna(pd.Timestamp.max) - pd.Timedelta(days=1)
    return min(ends.max(), moment) if len(rows) else pd.NaT


def blended_prices(book: pd.DataFrame, mixes: pd.DataFrame) -> pd.DataFrame:
    """Blended price of every model for every mix: a row a model, a column a mix.

    Parameters
    ----------
    book : DataFrame
        A price book.
    mixes : DataFrame
        As ``mix_table`` gives it.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [3.0], "cached": [0.3], "completion": [15.0]}, index=["a"])
    >>> blended_prices(book, mix_table({"3:1": Mix.from_ratio(3)})).loc["a", "3:1"]
    np.float64(6.0)
    """
    return book[KINDS] @ mixes[KINDS].T


def price_ratios(book: pd.DataFrame, us: list[str], cn: list[str], mixes: pd.DataFrame) -> pd.DataFrame:
    """US over Chinese blended price, for every pair and every mix.

    Parameters
    ----------
    book : DataFrame
        A price book.
    us, cn : list of str
        Models.
    mixes : DataFrame
        As ``mix_table`` gives it.

    Returns
    -------
    DataFrame
        A row a mix, a column a pair (us, cn). A pair with a model that has no price, or whose Chinese model is free,
        is missing (NaN).

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [5.0, 0.5], "cached": [0.5, 0.5], "completion": [25.0, 2.5]}, index=["a", "b"])
    >>> price_ratios(book, ["a", "x"], ["b"], mix_table({"3:1": Mix.from_ratio(3)})).loc["3:1"].tolist()
    [10.0, nan]
    """
    blended = blended_prices(book, mixes).T
    above = blended.reindex(columns=us).to_numpy()
    below = blended.reindex(columns=cn).to_numpy()
    below = np.where(below > 0, below, np.nan)
    ratios = (above[:, :, None] / below[:, None, :]).reshape(len(mixes), -1)
    return pd.DataFrame(ratios, index=mixes.index, columns=pd.MultiIndex.from_product([us, cn], names=["US", "China"]))


def unpriced(book: pd.DataFrame, models: list[str]) -> list[str]:
    """Those of some models that have no price in the book.

    Examples
    --------
    >>> unpriced(pd.DataFrame(index=["a"]), ["a", "b"])
    ['b']
    """
    return [model for model in models if model not in book.index]


def capability_fit(
    capability: pd.DataFrame, day: str | pd.Timestamp, by: str = "model"
) -> tuple[pd.Timestamp, pd.Series]:
    """Capability of models by the newest fit before a day that has the model.

    Where there is no fit before the day, the first one is taken. A later fit may hold fewer models than an earlier one:
    a model that it leaves out keeps its earlier score.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``, as of the day: columns fit, model (empty: no price known), score.
    day : str or Timestamp
        The day.
    by : str
        ``model`` for those that have a price, by slug; ``name`` for all, by the index's own name.

    Returns
    -------
    Timestamp, Series
        Date of the newest fit taken; score by model.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> fit, scores = capability_fit(load("capability", "2026-05-25"), "2026-05-25")
    >>> fit, scores["z-ai/glm-5.1"]
    (Timestamp('2026-07-01 00:00:00'), np.float64(150.67))
    """
    fits = capability["fit"].drop_duplicates().sort_values()
    newest = max(fits[fits <= pd.Timestamp(day)], default=fits.min())
    rows = capability[capability["fit"].le(newest) & capability[by].ne("")]
    return newest, rows.sort_values("fit", kind="stable").groupby(by)["score"].last()


def most_capable(book: pd.DataFrame, scores: pd.Series, origin: str) -> list[str]:
    """The most capable priced model of each vendor of an origin, most capable first.

    Examples
    --------
    >>> book = pd.DataFrame({"vendor": ["v", "v", "w"], "origin": "CN"}, index=["a", "b", "c"])
    >>> most_capable(book, pd.Series({"a": 1.0, "b": 2.0, "c": 3.0}), "CN")
    ['c', 'b']
    """
    rows = book[book["origin"].eq(origin)].assign(score=scores).dropna(subset=["score"])
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
    return ladder(_scored(book, scores, mix), "price").reindex(columns=["CN", "US"])


def ladder(offers: pd.DataFrame, column: str) -> pd.DataFrame:
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
    >>> ladder(offers, "flops").values.tolist()
    [[1.0, 4.0], [nan, 4.0]]
    """
    steps = offers.pivot_table(index="score", columns="origin", values=column, aggfunc="min", observed=True)
    return steps.rename_axis(columns=None).iloc[::-1].cummin().ffill().iloc[::-1]


def cheapest_at(ladder: pd.DataFrame, level: float) -> pd.Series:
    """Cheapest price of each origin at a capability of at least ``level``; NaN where it has none.

    Examples
    --------
    >>> cheapest_at(pd.DataFrame({"CN": [1.0], "US": [4.0]}, index=[140.0]), 139.5).tolist()
    [1.0, 4.0]
    """
    steps = ladder[ladder.index >= level]
    return steps.iloc[0] if len(steps) else pd.Series(np.nan, index=ladder.columns)


def offers_at(book: pd.DataFrame, scores: pd.Series, mix: Mix, level: float) -> pd.DataFrame:
    """The model of each origin that is cheapest among those at least as capable as a level.

    Parameters
    ----------
    book : DataFrame
        A price book.
    scores : Series
        Capability by model.
    mix : Mix
        The workload.
    level : float
        Capability to reach.

    Returns
    -------
    DataFrame
        Indexed by origin: model, price, score; an origin without such a model is not there.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> offers_at(book, pd.Series({"a": 140.0, "b": 150.0}), Mix(1, 0, 0), 145)["model"].to_dict()
    {'US': 'b'}
    """
    rows = _scored(book, scores, mix)
    rows = rows[rows["score"].ge(level) & rows["origin"].isin(["CN", "US"])].sort_values("price", kind="stable")
    first = rows.rename_axis(index="model").reset_index().drop_duplicates("origin")
    return first.set_index("origin")[["model", "price", "score"]]


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
    ladders = {day: price_ladder(price_book(prices, day, basis), scores, mix) for day in days}
    return pd.DataFrame({day: cheapest_at(ladder, level) for day, ladder in ladders.items()}).T


def per_solved_task(runs: pd.DataFrame) -> pd.Series:
    """Cost of a benchmark run for each task that it solved, in US dollars.

    Parameters
    ----------
    runs : DataFrame
        The table ``task_cost``: score (per cent solved), cost_usd, n_tasks; NaN where the number is not said.

    Examples
    --------
    >>> per_solved_task(pd.DataFrame({"score": [50.0], "cost_usd": [25.0], "n_tasks": [100]})).tolist()
    [0.5]
    """
    return runs["cost_usd"] / (runs["n_tasks"].astype("float64") * runs["score"] / 100)


def solved_task_ratio(runs: pd.DataFrame, score: float) -> float:
    """Cost of a solved task, cheapest US over cheapest Chinese run, among runs with at least a score.

    Parameters
    ----------
    runs : DataFrame
        Columns origin, score, cost_usd, per_task.
    score : float
        Score to reach.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": ["US", "CN"], "score": 50.0, "cost_usd": [4.0, 1.0], "per_task": [0.4, 0.1]})
    >>> solved_task_ratio(runs, 45), solved_task_ratio(runs, 55)
    (4.0, nan)
    """
    us, cn = (runs.loc[runs["origin"].eq(o) & runs["score"].ge(score), "per_task"].min() for o in ("US", "CN"))
    return float(us / cn)


def cheapest_run(runs: pd.DataFrame, origin: str, score: float) -> pd.Series:
    """The cheapest run of an origin that scored at least so much; all missing where there is none.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": "US", "score": [50.0, 60.0], "cost_usd": [2.0, 3.0], "model": ["a", "b"]})
    >>> cheapest_run(runs, "US", 55)["model"]
    'b'
    """
    rows = runs[runs["origin"].eq(origin) & runs["score"].ge(score)].sort_values("cost_usd")
    return rows.iloc[0] if len(rows) else pd.Series(np.nan, index=runs.columns)


def equal_capability(workload: pd.DataFrame, book: pd.DataFrame, scores: pd.Series, origin: str) -> pd.DataFrame:
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
    >>> equal_capability(work, book, pd.Series({"a": 151.0, "b": 150.0}), "CN").values.tolist()
    [[8.0, 'a', 2.0]]
    """
    offers = book[book["origin"].eq(origin) & book[KINDS].sum(axis=1).gt(0) & book.index.isin(scores.index)]
    tokens = workload[KINDS].to_numpy(dtype=float) / 1e6
    costs = tokens @ offers[KINDS].to_numpy(dtype=float).T
    wanted = scores.reindex(workload.index).to_numpy(dtype=float)[:, None]
    costs = np.where(scores.reindex(offers.index).to_numpy(dtype=float)[None, :] >= wanted, costs, np.inf)
    costs = np.column_stack([costs, np.full(len(workload), np.inf)])
    best = np.where(np.isinf(costs.min(axis=1)), len(offers), costs.argmin(axis=1))
    own = (tokens * book[KINDS].reindex(workload.index).to_numpy(dtype=float)).sum(axis=1)
    found = {
        "own_usd": own,
        "replacement": np.array([*offers.index, None], dtype=object)[best],
        "replacement_usd": np.where(np.isinf(costs.min(axis=1)), np.nan, costs.min(axis=1)),
    }
    return pd.DataFrame(found, index=workload.index)


def saving(costs: pd.DataFrame) -> float:
    """Part of the cost that is saved by taking each replacement that is cheaper.

    What has no equal, or only a dearer one, keeps its own cost; what has no price is left out.

    Parameters
    ----------
    costs : DataFrame
        As ``equal_capability`` gives it.

    Examples
    --------
    >>> saving(pd.DataFrame({"own_usd": [7.0, 2.0, 1.0], "replacement_usd": [1.0, float("nan"), 5.0]}))
    0.6
    """
    priced = costs.dropna(subset=["own_usd"])
    after = priced[["own_usd", "replacement_usd"]].min(axis=1).sum()
    return float(1 - after / (priced["own_usd"].sum() or np.nan))


def average_price(tokens: pd.Series, blended: pd.Series) -> float:
    """Price per million tokens, weighted by tokens; models without a price are left out.

    Examples
    --------
    >>> average_price(pd.Series({"a": 3, "b": 1, "x": 5}), pd.Series({"a": 1.0, "b": 5.0}))
    2.0
    """
    weights = tokens[tokens.index.isin(blended.index)]
    return float((weights * blended.reindex(weights.index)).sum() / (weights.sum() or np.nan))


def priced_tokens(models: pd.DataFrame, slugs: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """Tokens of ranked models in some weeks, by origin and price slug; free variants are left out.

    Parameters
    ----------
    models : DataFrame
        As ``share.model_weeks`` gives it, with origin.
    slugs : DataFrame
        The table ``model_slugs``: permaslug, model.
    weeks : DatetimeIndex
        Weeks to take together.

    Returns
    -------
    DataFrame
        Indexed by model; columns origin, total_tokens.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-05-18"])
    >>> models = pd.DataFrame({"week_start": week[0], "model_permaslug": ["a/x-2026", "a/x-2026:free"], "ranked": True,
    ...                        "origin": "CN", "total_tokens": [2, 3]})
    >>> priced_tokens(models, pd.DataFrame({"permaslug": ["a/x-2026"], "model": ["a/x"]}), week).values.tolist()
    [['CN', 2]]
    """
    rows = models[models["week_start"].isin(weeks) & models["ranked"]]
    rows = rows[~rows["model_permaslug"].str.endswith(":free")]
    model = rows["model_permaslug"].str.split(":").str[0].map(slugs.set_index("permaslug")["model"])
    return rows.groupby(model.rename("model")).agg(origin=("origin", "first"), total_tokens=("total_tokens", "sum"))


def realised_by_origin(usage: pd.DataFrame) -> pd.DataFrame:
    """Tokens, dollars and price really paid, by origin.

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
    >>> usage = pd.DataFrame({"origin": ["CN", "US"], "prompt_tokens": [2e6, 1e6], "completion_tokens": [1e6, 0],
    ...                       "usage_usd": [3.0, 9.0]})
    >>> realised_by_origin(usage)["usd_per_mtok"].tolist()
    [1.0, 9.0]
    """
    tokens = usage["prompt_tokens"] + usage["completion_tokens"]
    sums = usage.assign(tokens=tokens).groupby("origin")[["tokens", "usage_usd"]].sum()
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


def single_prices(prices: pd.DataFrame, vendor: str, usd: float) -> pd.DataFrame:
    """Models of a vendor with a single list price of so many dollars per million tokens, and what kind of price it is.

    Parameters
    ----------
    prices : DataFrame
        The table ``prices``.
    vendor : str
        Vendor slug.
    usd : float
        US dollars per million tokens.

    Returns
    -------
    DataFrame
        Columns kind (prompt, cached or completion) and models.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> single_prices(load("prices"), "deepseek", 0.14)["kind"].tolist()
    ['cached', 'prompt']
    """
    columns = {"input_usd_per_mtok": "prompt", "cache_read_usd_per_mtok": "cached", "output_usd_per_mtok": "completion"}
    rows = prices[prices["vendor"].eq(vendor)].rename(columns=columns).melt("model", list(KINDS), "kind", "usd")
    rows = rows[np.isclose(rows["usd"], usd, rtol=1e-6)]
    return rows.groupby("kind")["model"].agg(lambda m: ", ".join(dict.fromkeys(m))).rename("models").reset_index()


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
        As ``equal_capability`` gives it.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [1.0, 4.0], "cached": 0.0, "completion": [1.0, 4.0], "origin": ["CN", "US"]},
    ...                     index=["a", "b"])
    >>> move(pd.Series({"b": 1e6}), Mix(1, 0, 0), book, pd.Series({"a": 2.0, "b": 1.0}))["replacement_usd"].tolist()
    [1.0]
    """
    work = pd.DataFrame({kind: tokens * part for kind, part in mix_table({0: mix}).loc[0].items()})
    return equal_capability(work, book, scores, "CN")


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


def workload(activity: pd.DataFrame) -> pd.DataFrame:
    """A person's own usage by model, as ``equal_capability`` takes it.

    The export does not say which prompt tokens were cached: all count as uncached. Dollars include those spent with the
    user's own key; variants such as ``:free`` count as the model.

    Parameters
    ----------
    activity : DataFrame
        As ``catalog.read_activity`` gives it.

    Returns
    -------
    DataFrame
        Indexed by model: a column for each of ``KINDS`` (tokens), and usd (dollars spent).

    Examples
    --------
    >>> rows = {"model": ["a", "a"], "prompt_tokens": [1, 2], "completion_tokens": [1, 1], "usage": [0.5, 1.0],
    ...         "byok_usage_inference": 0.0}
    >>> workload(pd.DataFrame(rows)).loc["a"].tolist()
    [3.0, 0.0, 2.0, 1.5]
    """
    spent = activity["usage"] + activity["byok_usage_inference"].fillna(0)
    model = activity["model"].str.split(":").str[0]
    rows = activity[["prompt_tokens", "completion_tokens"]].assign(usage=spent)
    sums = rows.groupby(model).sum().astype(float)
    kinds = {"prompt": sums["prompt_tokens"], "cached": 0.0, "completion": sums["completion_tokens"]}
    return pd.DataFrame(kinds).assign(usd=sums["usage"])


def _scored(book: pd.DataFrame, scores: pd.Series, mix: Mix) -> pd.DataFrame:
    """Models of a book that have a score and are not free, with both."""
    rows = book.assign(price=blended_prices(book, mix_table({0: mix}))[0], score=scores).dropna(subset=["score"])
    return rows[rows["price"] > 0]
