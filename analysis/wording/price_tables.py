"""Tables of prices with heads that say what they hold. Prices are US dollars per million tokens."""

from collections.abc import Mapping

import pandas as pd

from analysis.measures.bills import bill
from analysis.measures.origins import ADJECTIVES, SIDES
from analysis.prose import day, sentences
from analysis.wording.prices import own_bill

MIXES = {
    "literal": "the mix chosen here",
    "input_only": "prompt tokens alone",
    "output_only": "completion tokens alone",
    "agentic_mix": "an agent's mix",
    "measured_mix": "the mix measured on OpenRouter",
}
"""What the mixes are called."""

NAMED = {"claude": "Claude Opus 4.6", "deepseek": "DeepSeek V3.2", "minimax": "MiniMax M2.5"}
"""Models that the article names with a price."""

KINDS = {"prompt": "prompt", "cached": "cached prompt", "completion": "completion"}
"""What the kinds of tokens are called."""


def ways(medians: pd.Series, fixed_list: float, realised: float, equal: float) -> pd.Series:
    """US over Chinese price by every way to compare, in words.

    Parameters
    ----------
    medians : Series
        Median ratio by mix.
    fixed_list : float
        The same for the models on the list of the parameters.
    realised : float
        Ratio of effective prices.
    equal : float
        Ratio at the capability of the best Chinese model.

    Examples
    --------
    >>> print(ways(pd.Series({"literal": 3.8}), 4.4, 6.6, 0.42).to_string())
    List price, the mix chosen here            3.80
    List price, models on a fixed list         4.40
    Effective prices, July and August 2026     6.60
    Cheapest list price at equal capability    0.42
    """
    named = {f"List price, {MIXES[mix]}": value for mix, value in medians.items()}
    named["List price, models on a fixed list"] = fixed_list
    named["Effective prices, July and August 2026"] = realised
    named["Cheapest list price at equal capability"] = equal
    return pd.Series(named, dtype=float)


def pairs(ratios: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Ratios of all pairs as a matrix: a row a US flagship, a column a Chinese one.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["b/x", "a/y"], ["c/z"]], names=["US", "China"])
    >>> pairs(pd.Series([2.0, 3.0], index), pd.Series({"b/x": "X", "a/y": "Y", "c/z": "Z"})).to_dict("index")
    {'X': {'Z': 2.0}, 'Y': {'Z': 3.0}}
    """
    rows, columns = (ratios.index.unique(level) for level in ("US", "China"))
    matrix = ratios.unstack("China").reindex(index=rows, columns=columns).astype(float)
    return matrix.rename(index=names, columns=names).rename_axis(index="US", columns="Chinese")


def mixes(frame: pd.DataFrame) -> pd.DataFrame:
    """Mixes in per cent; as ``prices.mix_table`` gives them.

    Examples
    --------
    >>> mixes(pd.DataFrame({"prompt": [0.75], "cached": 0.0, "completion": 0.25}, index=["input_only"])).columns[1]
    'cached prompt, %'
    """
    heads = {kind: f"{name}, %" for kind, name in KINDS.items()}
    return (100 * frame).round(1).rename(index=MIXES, columns=heads)


def by_mix(frame: pd.DataFrame) -> pd.DataFrame:
    """Median ratios by mix with heads in words; as ``flagships.median_by_mix`` gives them.

    Examples
    --------
    >>> by_mix(pd.DataFrame({0.5: [4.0]}, index=[3.0])).to_dict("index")
    {'3 : 1': {'50% cached': 4.0}}
    """
    shown = frame.rename(index="{:g} : 1".format, columns="{:.0%} cached".format)
    return shown.rename_axis(index="prompt : completion", columns="")


def paid(frame: pd.DataFrame) -> pd.DataFrame:
    """Tokens, and dollars at effective prices; as ``saving.realised_by_origin`` gives them.

    Examples
    --------
    >>> row = {"tokens": 2e12, "usd": 3e6, "usd_per_mtok": 1.5, "token_share": 0.5, "spend_share": 0.25}
    >>> paid(pd.DataFrame([row])).iloc[0].tolist()
    [2.0, 3.0, 1.5, 50.0, 25.0]
    """
    heads = {
        "tokens": "tokens, trillion",
        "usd": "cost, million USD",
        "usd_per_mtok": "USD per million tokens",
        "token_share": "of all tokens, %",
        "spend_share": "of all dollars, %",
    }
    scaled = frame[list(heads)] * [1e-12, 1e-6, 1, 100, 100]
    return scaled.round(3).rename(columns=heads)


def days(daily: pd.DataFrame) -> pd.DataFrame:
    """Cost of a day's tokens: a row a mix, a column a model.

    Examples
    --------
    >>> days(pd.DataFrame({"literal": [50.0, 1.5]}, index=["claude", "deepseek"])).columns.tolist()
    ['Claude Opus 4.6, USD a day', 'DeepSeek V3.2, USD a day']
    """
    heads = {name: f"{NAMED[name]}, USD a day" for name in ("claude", "deepseek")}
    return daily.T[list(heads)].round(3).rename(index=MIXES, columns=heads)


def single(frame: pd.DataFrame) -> pd.DataFrame:
    """Single prices that equal the article's amounts; as ``prices.matching_prices`` gives them.

    Examples
    --------
    >>> single(pd.DataFrame({"vendor": ["deepseek"], "kind": ["cached"], "models": ["a"]})).values.tolist()
    [['cached prompt', 'a']]
    """
    shown = frame.assign(kind=frame["kind"].map(KINDS)).set_index("vendor")
    return shown.rename(columns={"kind": "tokens", "models": "models at that price"})


def suite(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of the evaluation suite; as ``evaluations.claimed_runs`` gives them.

    Examples
    --------
    >>> row = {"benchmark": "b", "model": "m", "score": 51.4, "cost_usd": 544.0, "date": pd.Timestamp("2026-05-01")}
    >>> suite(pd.DataFrame([row], index=["glm"])).loc["GLM", "published"]
    '2026-05-01'
    """
    rows = {"claude": "Claude", "glm": "GLM", "rival": "cheapest US run as good", "newest": "Claude, priced anew"}
    heads = {"benchmark": "suite", "model": "model", "score": "score", "cost_usd": "cost, USD"}
    known = runs.dropna(subset=["cost_usd"])
    shown = known[list(heads)].assign(published=known["date"].map(day))
    return shown.rename(index=rows, columns=heads)


def two_prices(sold: pd.DataFrame) -> pd.DataFrame:
    """List prices of Claude Opus 4.6 and MiniMax M2.5 by kind of token, and how many times one is the other.

    Examples
    --------
    >>> rows = {"prompt": [5.0, 0.3], "cached": [0.5, 0.03], "completion": [25, 1.2]}
    >>> two_prices(pd.DataFrame(rows, index=["claude", "minimax"])).iloc[0].tolist()
    [5.0, 0.3, 16.7]
    """
    shown = sold.loc[["claude", "minimax"], list(KINDS)].astype(float).T
    heads = {name: f"{NAMED[name]}, USD" for name in shown.columns}
    times = (shown["claude"] / shown["minimax"]).round(1)
    return shown.assign(**{"Claude ÷ MiniMax": times}).rename(index=KINDS, columns=heads)


def saved(by_mix: Mapping[str, float]) -> pd.DataFrame:
    """Saving by mix in per cent.

    Examples
    --------
    >>> saved({"literal": 0.896})["saved, %"].to_dict()
    {'the mix chosen here': 89.6}
    """
    return (100 * pd.Series(by_mix, dtype=float)).round(1).rename(index=MIXES).rename("saved, %").to_frame()


def equals(costs: pd.DataFrame) -> pd.DataFrame:
    """What the tokens of each US model cost, and on its cheapest Chinese equal; as ``saving.move`` gives it.

    Examples
    --------
    >>> costs = pd.DataFrame({"own_usd": [2e6], "replacement": ["c/d"], "replacement_usd": [1e6]}, index=["a/b"])
    >>> equals(costs).values.tolist()
    [[2.0, 'c/d', 1.0]]
    """
    heads = {
        "own_usd": "list cost, million USD",
        "replacement": "cheapest Chinese equal",
        "replacement_usd": "its cost, million USD",
    }
    money = ["own_usd", "replacement_usd"]
    return costs.assign(**(costs[money].astype(float) / 1e6).round(2)).rename(columns=heads)


def cheapest(book: pd.DataFrame) -> pd.DataFrame:
    """Models of a price book, with the country of their developer.

    Examples
    --------
    >>> row = {"origin": "CN", "prompt": 0.05, "completion": 0.1, "since": pd.Timestamp("2026-05-01")}
    >>> cheapest(pd.DataFrame([row], index=["a/b"])).to_numpy().tolist()
    [['Chinese', 0.05, 0.1, '2026-05-01']]
    """
    heads = {"origin": "developer", "prompt": "prompt, USD", "completion": "completion, USD"}
    shown = book[[*heads]].assign(since=book["since"].map(day))
    return shown.replace({"origin": ADJECTIVES}).rename(columns=heads)


def by_model(medians: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Median over the pairs of each flagship; as ``flagships.by_model`` gives it.

    Examples
    --------
    >>> medians = pd.DataFrame({"origin": ["CN"], "model": ["a/b"], "median": [4.0]})
    >>> by_model(medians, pd.Series({"a/b": "B"})).values.tolist()
    [['Chinese', 4.0]]
    """
    shown = (
        medians.assign(model=medians["model"].map(names)).replace({"origin": ADJECTIVES}).set_index("model").round(2)
    )
    return shown.rename(columns={"origin": "developer", "median": "median US ÷ Chinese price of its pairs"})


def tasks(agent: pd.DataFrame) -> pd.DataFrame:
    """Runs of the programming benchmark with the cost of a solved task; as ``evaluations.agent_runs`` gives them.

    Examples
    --------
    >>> row = {"model": "m", "origin": "CN", "score": 60.0, "cost_usd": 14.0, "per_task": 0.047}
    >>> tasks(pd.DataFrame([row])).to_numpy().tolist()
    [['Chinese', 60.0, 14.0, 0.047]]
    """
    heads = {
        "origin": "developer",
        "score": "solved, %",
        "cost_usd": "cost of the run, USD",
        "per_task": "USD for each solved task",
    }
    shown = agent.set_index("model")[[*heads]].round(3)
    return shown.replace({"origin": ADJECTIVES}).rename(columns=heads)


def own(options: pd.DataFrame) -> pd.DataFrame:
    """Somebody's usage by model, with its cheapest equals; as ``bills.own_options`` gives it.

    Examples
    --------
    >>> own(pd.DataFrame(columns=["usd", "at_list", "CN", "CN_usd", "US", "US_usd"])).columns[2]
    'cheapest Chinese equal'
    """
    heads = {"usd": "paid, USD", "at_list": "at list price, USD"}
    for origin in SIDES:
        heads |= {origin: f"cheapest {ADJECTIVES[origin]} equal", f"{origin}_usd": f"{ADJECTIVES[origin]} equal, USD"}
    return options.round(2).rename(columns=heads)


def own_words(options: pd.DataFrame) -> str:
    """What somebody would save on either side; as ``bills.own_options`` gives it.

    Examples
    --------
    >>> options = pd.DataFrame({"usd": [20.0], "CN_usd": [15.0], "US_usd": [20.0]})
    >>> print(own_words(options))
    Switching saves $5 of $20; all of your spending has a known Chinese equal. \
Switching saves nothing of $20; all of your spending has a known US equal.
    >>> own_words(options.head(0))
    'No file of your own usage is given.'
    """
    if options.empty:
        return "No file of your own usage is given."
    said = [own_bill(bill(options["usd"], options[f"{origin}_usd"]), ADJECTIVES[origin]) for origin in SIDES]
    return sentences(*said, otherwise="")
