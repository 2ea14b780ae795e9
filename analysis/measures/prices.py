"""List prices: the book at a date, workload mixes, blended prices and their ratios.

Prices are US dollars per million tokens throughout. A price book is a frame indexed by model with the columns
``prompt``, ``cached`` and ``completion`` (the three kinds of tokens), ``vendor``, ``origin`` (see ``origins``),
``cache_listed`` and ``since``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import InputError
from analysis.measures.origins import origin_of

KINDS = ["prompt", "cached", "completion"]
"""Kinds of tokens: uncached prompt, prompt read from a cache, completion."""

LEAST_PAIRS = 12
"""Fewest pairs of flagships that decide: with fewer, such as two against five, one vendor's price moves the median."""


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


AGENTIC = Mix.from_ratio(40, cache_hit_share=0.9)
"""An agent's mix, as the register describes it: it reads its own long history again and again, and writes little."""


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
    return in_force(prices, day, basis)


def in_force(prices: pd.DataFrame, day: str | pd.Timestamp, basis: str) -> pd.DataFrame:
    """Price book of prices whose intervals have been checked; as ``price_book``, for many days of one table.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> prices = load("prices")
    >>> bool(in_force(prices, "2026-05-25", "openrouter").equals(price_book(prices, "2026-05-25", "openrouter")))
    True
    """
    moment = pd.Timestamp(day)
    ended = prices["effective_to"] <= moment
    rows = prices[prices["price_basis"].eq(basis) & prices["effective_from"].le(moment) & ~ended].set_index("model")
    book = pd.DataFrame(
        {
            "prompt": rows["input_usd_per_mtok"],
            "cached": rows["cache_read_usd_per_mtok"].fillna(rows["input_usd_per_mtok"]),
            "completion": rows["output_usd_per_mtok"],
            "vendor": rows["vendor"],
            "origin": rows["country"].map(origin_of).astype("str"),
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
    if rows.empty:
        return pd.NaT
    if rows["effective_to"].isna().any():  # still sold
        return moment
    return min(rows["effective_to"].max() - pd.Timedelta(days=1), moment)


def last_prices(prices: pd.DataFrame, models: dict[str, str], day: str, basis: str = "first_party") -> pd.DataFrame:
    """Prices of models on the last day, up to a given one, on which each was sold.

    Parameters
    ----------
    prices : DataFrame
        The table ``prices``.
    models : dict
        Short name to model.
    day : str
        The last day that counts.
    basis : {"first_party", "openrouter"}
        Whose prices.

    Returns
    -------
    DataFrame
        Indexed by short name: a column for each of ``KINDS``, and on, that last day; missing for a model never sold.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> models = {"new": "minimax/minimax-m2.5", "old": "deepseek/deepseek-v3.2", "none": "made/up"}
    >>> last_prices(load("prices"), models, "2026-05-25")[["prompt", "on"]].astype(str).values.tolist()
    [['0.3', '2026-05-25'], ['0.28', '2026-04-23'], [nan, nan]]
    """
    rows = pd.DataFrame(np.nan, index=pd.Index(list(models)), columns=KINDS).assign(on=pd.NaT)
    for name, model in models.items():
        on = last_on_sale(prices, model, day, basis)
        book = price_book(prices[prices["model"].eq(model)], on, basis) if pd.notna(on) else pd.DataFrame()
        if len(book):
            rows.loc[name, KINDS] = book.loc[model, KINDS].astype(float)
            rows.loc[name, "on"] = on
    return rows.astype({"on": "datetime64[us]"})


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


def median_ratio(ratios: pd.DataFrame, least_pairs: int = LEAST_PAIRS) -> pd.Series:
    """Median over the pairs for every mix; missing where too few pairs decide it.

    A pair that lacks a price is not counted. The price of a single model is no price gap between two countries, however
    many models it is compared with.

    Parameters
    ----------
    ratios : DataFrame
        As ``price_ratios`` gives it.
    least_pairs : int
        Fewest pairs with a price.

    Examples
    --------
    >>> pairs = pd.MultiIndex.from_product([["a", "b"], ["x", "y"]], names=["US", "China"])
    >>> ratios = pd.DataFrame([[1.0, 2.0, 4.0, float("nan")]], index=["3:1"], columns=pairs)
    >>> median_ratio(ratios, 3)["3:1"], median_ratio(ratios, 4)["3:1"]
    (np.float64(2.0), np.float64(nan))
    """
    priced = ratios.dropna(axis="columns", how="all")
    models = [priced.columns.get_level_values(side).nunique() for side in ("US", "China")]
    enough = priced.shape[1] >= least_pairs and min(models) > 1
    return priced.median(axis="columns") if enough else pd.Series(np.nan, index=ratios.index)


def unpriced(book: pd.DataFrame, models: list[str]) -> list[str]:
    """Those of some models that have no price in the book.

    Examples
    --------
    >>> unpriced(pd.DataFrame(index=["a"]), ["a", "b"])
    ['b']
    """
    return [model for model in models if model not in book.index]


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


def matching_prices(prices: pd.DataFrame, usd: dict[str, float]) -> pd.DataFrame:
    """Single list prices of several vendors that equal an amount each, see ``single_prices``.

    Parameters
    ----------
    prices : DataFrame
        The table ``prices``; the vendors' own prices count.
    usd : dict
        Vendor to US dollars per million tokens.

    Returns
    -------
    DataFrame
        Columns vendor, kind and models.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> matching_prices(load("prices"), {"deepseek": 0.14, "anthropic": 25.0})[["vendor", "kind"]].values.tolist()
    [['deepseek', 'cached'], ['deepseek', 'prompt'], ['anthropic', 'completion']]
    """
    own = prices[prices["price_basis"].eq("first_party")]
    found = {vendor: single_prices(own, vendor, amount) for vendor, amount in usd.items()}
    return pd.concat(found, names=["vendor", None]).reset_index("vendor").reset_index(drop=True)


def paid(book: pd.DataFrame) -> pd.DataFrame:
    """Models of a book whose prompt tokens are not free, the cheapest first.

    Examples
    --------
    >>> paid(pd.DataFrame({"prompt": [2.0, 0.0, 1.0]}, index=["a", "free", "b"])).index.tolist()
    ['b', 'a']
    """
    return book[book["prompt"].gt(0)].sort_values("prompt", kind="stable")
