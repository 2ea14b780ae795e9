"""What serving was found to take and to cost, in sentences. Costs are US dollars per million tokens."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.prose import known, money, number_word, percent, sentences
from analysis.wording.text import listed

WAYS = {
    "literal": "makers' list prices, measured cost",
    "cheapest_device": "makers' list prices, each model on its cheapest accelerator",
    "hosts": "listings on OpenRouter, measured cost",
    "hosts_cheapest_device": "listings on OpenRouter, each model on its cheapest accelerator",
    "roofline": "makers' list prices, least possible cost",
    "chinese": "list prices of Chinese makers, measured cost",
}
"""What the table of slopes calls the ways of holding prices against costs."""

COMPARISONS = {
    "literal": "Chinese mixtures with US models",
    "without_flash": "the same without the hosted model",
    "dense_same_year": "with dense models of the same year",
    "dense": "with dense models",
    "long_context": "with US models, after a long context",
}
"""What the table of capabilities calls the ways of comparing."""

RUNS = {
    "runs": "runs",
    "beaten": "faster than the least time",
    "least": "measured ÷ least, smallest",
    "median": "measured ÷ least, median",
    "rank": "rank correlation",
    "median_factor": "estimate misses by, times",
    "within_2": "estimate within twice, share",
    "rank of the estimate": "rank correlation of the estimate",
}
"""What the table of measured runs calls its columns."""


def answer(compute: pd.Series, slope: pd.Series, target: float, markup: pd.Series) -> str:
    """Is it so that Chinese models need far less compute and that their prices follow; what is known instead.

    Parameters
    ----------
    compute : Series
        ratio: operations of the most frugal US model over those of the most frugal Chinese one as capable.
    slope : Series
        Rise of the price for a rise of the cost by 1%: slope, low and high.
    target : float
        Slope from which savings count as passed on.
    markup : Series
        Price over measured cost, by model.

    Examples
    --------
    >>> slope = pd.Series({"slope": 0.55, "low": 0.28, "high": 0.71})
    >>> print(answer(pd.Series({"ratio": 1.7}), slope, 0.7, pd.Series([1.3, 2.0, 2.9])))
    **It cannot be checked, and what can be measured does not show it.** \
No US model that the article names has a published size, so nobody outside knows what a token of it takes. \
Among models of known size, the most frugal US one needs 1.7 times the operations of the most frugal Chinese one \
as capable. Prices follow costs in part: a model that costs 1% more to serve has a list price 0.55% higher. \
With three models, anything from 0.28% to 0.71% is possible, and 0.7% would count as passed on. \
No model is sold at cost: its maker asks 1.3 to 2.9 times what serving was measured to cost.
    """
    rise = slope["slope"]
    decided = slope["low"] >= target or slope["high"] < target
    sure = (
        f"With {number_word(len(markup))} models, anything from {slope['low']:.2f}% to {slope['high']:.2f}% is possible"
    )
    verge = "." if decided else f", and {target}% would count as passed on."
    asked = f"its maker asks {markup.min():.1f} to {markup.max():.1f} times what serving was measured to cost."
    opening = "No model is sold at cost: " if markup.min() > 1 else "Of each model, "
    return sentences(
        "**It cannot be checked, and what can be measured does not show it.**"
        if not (slope["low"] >= target)
        else "**The compute cannot be checked; prices do follow costs.**",
        "No US model that the article names has a published size, so nobody outside knows what a token of it takes.",
        known(
            f"Among models of known size, the most frugal US one needs {compute['ratio']:.1f} times the operations of "
            "the most frugal Chinese one as capable.",
            compute["ratio"],
        ),
        known(
            "Prices follow costs in part: a model that costs 1% more to serve has a list price "
            f"{rise:.2f}% {'higher' if rise > 0 else 'lower'}.",
            rise,
        ),
        known(f"{sure}{verge}", rise),
        known(f"{opening}{asked}", markup.min()),
        otherwise="",
    )


def price_and_cost_title(makers: float, hosts: float) -> str:
    """Title of the key figure.

    Parameters
    ----------
    makers, hosts : float
        Rise of the makers' prices and of those on OpenRouter for a rise of the cost by 1%.

    Examples
    --------
    >>> price_and_cost_title(0.55, 0.64)
    'Where serving costs 1% more, makers charge 0.55% more, and OpenRouter lists a price 0.64% higher'
    >>> price_and_cost_title(float("nan"), float("nan"))
    'Too few models with a measured cost had a price'
    """
    alone = f"Where serving costs 1% more, makers charge {makers:.2f}% more"
    return (
        known(f"{alone}, and OpenRouter lists a price {hosts:.2f}% higher", makers, hosts)
        or known(alone, makers)
        or "Too few models with a measured cost had a price"
    )


def memory_title(memory: pd.DataFrame) -> str:
    """Title of the figure of caches.

    Examples
    --------
    >>> memory_title(pd.DataFrame({"kb": [516.0, 8.0]}, index=["Llama-3.1-405B", "DeepSeek-V4-Flash"]))
    'A token of context takes 516 kB in Llama-3.1-405B and 8 kB in DeepSeek-V4-Flash'
    """
    most, least = memory["kb"].idxmax(), memory["kb"].idxmin()
    return f"A token of context takes {memory['kb'].max():.0f} kB in {most} and {memory['kb'].min():.0f} kB in {least}"


def reports(errors: pd.DataFrame, relative: pd.DataFrame, base: str) -> str:
    """How well the formulas give what two reports publish.

    Parameters
    ----------
    errors : DataFrame
        Deviation in per cent from each term of the Step-3 report.
    relative : DataFrame
        By model and quantity: published and computed share of what an earlier model takes.
    base : str
        The earlier model.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("V4", "cache")], names=["model", "quantity"])
    >>> relative = pd.DataFrame({"published": [0.1], "computed": [0.115]}, index=index)
    >>> print(reports(pd.DataFrame({"kv": [0.35]}), relative, "V3.2"))
    Every term of the Step-3 report agrees within 0.35%, counted as the report counts. \
Against the report on DeepSeek V4, which compares with V3.2, the largest difference is 1.5 points: \
the cache of V4 comes out at 11.5% and is published as 10%.
    """
    apart = (relative["computed"] - relative["published"]).abs()
    worst = apart.idxmax() if len(apart) else ("", "")
    row = relative.loc[worst] if len(apart) else pd.Series({"computed": np.nan, "published": np.nan})
    verb = "come out at" if worst[1] == "operations" else "comes out at"
    are = "are" if worst[1] == "operations" else "is"
    return sentences(
        known(
            f"Every term of the Step-3 report agrees within {errors.abs().max(axis=None):.2f}%, "
            "counted as the report counts.",
            errors.abs().max(axis=None),
        ),
        known(
            f"Against the report on DeepSeek V4, which compares with {base}, the largest difference is "
            f"{100 * apart.max():.1f} points: the {worst[1]} of {worst[0]} {verb} {percent(row['computed'], 1)} "
            f"and {are} published as {percent(row['published'])}.",
            row["computed"],
        ),
        otherwise="No report had published such figures by then.",
    )


def training(runs: pd.DataFrame) -> str:
    """What training on a token takes, and how well the hardware was used.

    Parameters
    ----------
    runs : DataFrame
        As ``published.training_runs`` gives them.

    Examples
    --------
    >>> print(training(pd.DataFrame({"gflop": [100.0, 2400.0], "utilisation": [0.23, 0.39]}, index=["A", "B"])))
    Training on one token takes 100 billion operations for A. For B it takes 24 times as many. \
The runs used 23% to 39% of the sixteen-bit peak of their hours. \
A run that computes in narrower formats has a higher peak.
    >>> training(pd.DataFrame({"gflop": [], "utilisation": []}))
    'No training run had published both its hours and its tokens by then.'
    """
    if runs.empty:
        return "No training run had published both its hours and its tokens by then."
    by_token, used = runs["gflop"], runs["utilisation"]
    return sentences(
        f"Training on one token takes {by_token.min():,.0f} billion operations for {by_token.idxmin()}.",
        f"For {by_token.idxmax()} it takes {by_token.max() / by_token.min():.0f} times as many."
        if len(runs) > 1
        else "",
        f"The runs used {percent(used.min())} to {percent(used.max())} of the sixteen-bit peak of their hours.",
        "A run that computes in narrower formats has a higher peak.",
        otherwise="",
    )


def duel_title(pair: Mapping[str, str], ratios: pd.DataFrame) -> str:
    """Title of the figure of two models on one server.

    Examples
    --------
    >>> duel_title({"dense": "L", "moe": "D"}, pd.DataFrame({1024: [11.0, 0.7]}, index=[1, 128]))
    'Alone, L takes 11.0 times as long as D; in a batch of 128 it takes 0.7 times as long'
    """
    first, least = ratios.iloc[0].max(), ratios.min(axis=None)
    where = ratios.min(axis=1).idxmin()
    return (
        f"Alone, {pair['dense']} takes {first:.1f} times as long as {pair['moe']}; "
        f"in a batch of {where} it takes {least:.1f} times as long"
    )


def duel(pair: Mapping[str, str], active: float, ratios: pd.DataFrame, slower: Mapping[int, pd.Index]) -> str:
    """Where the saving of the mixture of experts is, and where it is not.

    Parameters
    ----------
    pair : dict
        Name of the model that is ``dense`` and of that which is ``moe``.
    active : float
        Active parameters of the first over those of the second.
    ratios : DataFrame
        Time of the first over that of the second, by batch and context.
    slower : dict
        Batches in which the second takes longer, by context.

    Examples
    --------
    >>> ratios = pd.DataFrame({1024: [11.0, 0.7]}, index=[1, 128])
    >>> print(duel({"dense": "L", "moe": "D"}, 11.0, ratios, {1024: pd.Index([32, 128])}))
    L has 11.0 times the active parameters of D. For one request alone it takes 11.0 times as long. \
In the batch that suits D least, it takes 0.7 times as long after 1,024 tokens. \
D is the slower one after 1,024 tokens in batches of 32 to 128.
    """
    first = ratios.iloc[0]
    worst = listed(f"{ratios[context].min():.1f} times as long after {context:,} tokens" for context in ratios)
    behind = {context: batches for context, batches in slower.items() if len(batches)}
    where = listed(f"after {c:,} tokens in batches of {b[0]} to {b[-1]}" for c, b in behind.items())
    return sentences(
        f"{pair['dense']} has {active:.1f} times the active parameters of {pair['moe']}.",
        f"For one request alone it takes {first.iloc[len(first) // 2]:.1f} times as long.",
        f"In the batch that suits {pair['moe']} least, it takes {worst}.",
        f"{pair['moe']} is the slower one {where}." if where else f"{pair['moe']} is never the slower one.",
        otherwise="",
    )


def bound_title(ratio: float, miss: float) -> str:
    """Title of the figure of measured runs.

    Examples
    --------
    >>> bound_title(3.7, 1.28)
    'Half of the measured runs take more than 3.7 times the least time; half of the estimates miss by less than 28%'
    """
    return (
        f"Half of the measured runs take more than {ratio:.1f} times the least time; "
        f"half of the estimates miss by less than {percent(miss - 1)}"
    )


def bound(checked: pd.DataFrame, missed: pd.DataFrame, unfit: int, waiting: pd.Series) -> str:
    """How the least time and the estimate compare with what was measured.

    Parameters
    ----------
    checked, missed : DataFrame
        By model and for "all", as ``bound.bound_check`` and ``bound.left_out_error`` give them.
    unfit : int
        Runs that beat the bound and contradict themselves.
    waiting : Series
        Of the other runs that beat it, waiting for the first token over decoding.

    Examples
    --------
    >>> checked = pd.DataFrame({"runs": [100, 100], "median": 3.7, "rank": 0.83}, index=["all", "M"])
    >>> missed = pd.DataFrame({"median_factor": [1.3, 1.7], "within_2": 0.92}, index=["all", "M"])
    >>> print(bound(checked, missed, 5, pd.Series([4.1])))
    Of 100 measured runs, six beat the least time. \
Five of them name devices whose memory cannot hold the model, so that the rows contradict themselves. \
In the other one, a request waited 4.1 times as long for its first token as it was decoded, so that its batch is \
hardly known. Half of all runs took more than 3.7 times the least time. \
The rank correlation of the two is 0.83. The estimate misses by a factor of 1.3 in the median, and by 1.7 for the \
worst model. It lies within twice or half the measured time for 92% of the runs.
    """
    every, errors = checked.loc["all"], missed.loc["all"]
    few = unfit + len(waiting)
    verb = "names devices" if unfit == 1 else "name devices"
    rows = "so that the row contradicts itself" if unfit == 1 else "so that the rows contradict themselves"
    others = "the other one" if len(waiting) == 1 else "the others"
    return sentences(
        f"Of {every['runs']:,.0f} measured runs, {number_word(few)} beat the least time.",
        f"{number_word(unfit).capitalize()} of them {verb} whose memory cannot hold the model, {rows}."
        if unfit
        else "",
        f"In {others}, a request waited {waiting.min():.1f} times as long for its first token as it was decoded, "
        "so that its batch is hardly known."
        if len(waiting)
        else "",
        f"Half of all runs took more than {every['median']:.1f} times the least time.",
        f"The rank correlation of the two is {every['rank']:.2f}.",
        f"The estimate misses by a factor of {errors['median_factor']:.1f} in the median, "
        f"and by {missed['median_factor'].max():.1f} for the worst model.",
        f"It lies within twice or half the measured time for {percent(errors['within_2'])} of the runs.",
        otherwise="",
    )


def day_of_serving(computed: pd.Series, reported: float, most: float, node: str) -> str:
    """What follows from DeepSeek's account of one day.

    Parameters
    ----------
    computed : Series
        cost (US dollars) and margin (a share of it), from its own nodes, tokens and prices.
    reported, most : float
        Decoded tokens a second of a node, as it reports them and at most by the bound.
    node : str
        The node in words.

    Examples
    --------
    >>> print(day_of_serving(pd.Series({"cost": 87072.0, "margin": 5.456}), 14800, 72230, "8 H800"))
    The day cost $87,072 by DeepSeek's own number of nodes and price of an hour. \
Billed at the list price of its reasoning model, every token would have brought in 6.5 times as much: \
a profit of 546% of the cost. \
A node of 8 H800 decoded 14,800 tokens a second; the bound allows 72,230 at the best batch.
    """
    cost, margin = computed["cost"], computed["margin"]
    return sentences(
        f"The day cost {money(cost)} by DeepSeek's own number of nodes and price of an hour.",
        f"Billed at the list price of its reasoning model, every token would have brought in {1 + margin:.1f} times as "
        f"much: a profit of {percent(margin)} of the cost.",
        f"A node of {node} decoded {reported:,.0f} tokens a second; the bound allows {most:,.0f} at the best batch.",
        otherwise="",
    )


def operations_title(compared: pd.Series) -> str:
    """Title of the figure of capability and operations.

    Examples
    --------
    >>> operations_title(pd.Series({"level": 140.6, "ratio": 1.7}))
    'At 140.6 points, the most frugal US model needs 1.7 times the operations of the most frugal Chinese one'
    """
    return (
        known(
            f"At {compared['level']:.1f} points, the most frugal US model needs {compared['ratio']:.1f} times the "
            "operations of the most frugal Chinese one",
            compared["ratio"],
        )
        or "One side has no model of known size and capability"
    )


def compute(compared: pd.DataFrame, frugal: Mapping[str, str], year: float) -> str:
    """What is true instead of M6.

    Parameters
    ----------
    compared : DataFrame
        A row a way of comparing: ratio of the operations of the most frugal models, US over Chinese.
    frugal : dict
        Names of the most frugal models by origin.
    year : float
        Last year with models of both sides against dense ones.

    Examples
    --------
    >>> compared = pd.DataFrame({"ratio": [1.7, 0.38, 4.1]}, index=["literal", "without_flash", "dense_same_year"])
    >>> print(compute(compared, {"US": "G", "CN": "Q"}, 2024))
    No US model that the article names has a published size, so its compute is not known. \
Of models with known sizes, the most frugal US one, G, needs 1.7 times the operations of the most frugal Chinese one \
as capable, Q. Without the one model that was scored as a hosted variant, the ratio is 0.38. \
Against dense models of 2024, the last year with both kinds, it is 4.1.
    """
    ratio = compared["ratio"]
    hosted = f"Without the one model that was scored as a hosted variant, the ratio is {ratio['without_flash']:.2f}."
    sides = (
        f"Of models with known sizes, the most frugal US one, {frugal.get('US')}, needs {ratio['literal']:.1f} times "
        f"the operations of the most frugal Chinese one as capable, {frugal.get('CN')}."
    )
    return sentences(
        "No US model that the article names has a published size, so its compute is not known.",
        known(sides, ratio["literal"]),
        known(hosted, ratio["without_flash"]),
        known(
            f"Against dense models of {year:.0f}, the last year with both kinds, it is {ratio['dense_same_year']:.1f}.",
            *(year, ratio["dense_same_year"]),
        ),
        otherwise="",
    )


def prices_follow(
    slope: pd.Series, target: float, markup: pd.Series, spread: pd.Series, calculated: float, accelerator: str
) -> str:
    """What is true instead of M7.

    Parameters
    ----------
    slope, target, markup
        As for ``answer``.
    spread : Series
        Largest over smallest of these models: cost (the least possible one) and measured.
    calculated : float
        Slope against the least possible cost.
    accelerator : str
        On which all models are compared.

    Examples
    --------
    >>> slope = pd.Series({"slope": 0.55, "low": 0.28, "high": 0.71})
    >>> spread = pd.Series({"cost": 2.0, "measured": 7.0})
    >>> print(prices_follow(slope, 0.7, pd.Series([1.3, 2.0, 2.9]), spread, 1.36, "H200"))
    A model that costs 1% more to serve on H200 has a list price 0.55% higher (0.28% to 0.71%), over three models. \
From 0.7% on it counts as one to one, and these models do not settle it. \
Makers ask 2.0 times the measured cost in the median, 1.3 to 2.9 times. \
Calculation and measurement disagree: the least possible costs of these models differ by a factor of 2.0, \
the measured ones by 7.0. Against the calculated cost, prices rise by 1.36%.
    >>> nothing = pd.Series({"slope": float("nan"), "low": float("nan"), "high": float("nan")})
    >>> prices_follow(nothing, 0.7, pd.Series(dtype=float), spread * float("nan"), float("nan"), "H200")
    'Too few models with a measured cost had a list price by then.'
    """
    rise, low, high = slope["slope"], slope["low"], slope["high"]
    follow = (
        f"A model that costs 1% more to serve on {accelerator} has a list price {rise:.2f}% higher "
        f"({low:.2f}% to {high:.2f}%), over {number_word(len(markup))} models."
    )
    settled = f"From {target}% on it counts as one to one, and these models do not settle it."
    disagree = (
        "Calculation and measurement disagree: the least possible costs of these models differ by a factor of "
        f"{spread['cost']:.1f}, the measured ones by {spread['measured']:.1f}."
    )
    return sentences(
        known(follow, rise),
        settled if low < target <= high else "",
        "Savings are not passed on one to one." if high < target else "",
        known(
            f"Makers ask {markup.median():.1f} times the measured cost in the median, "
            f"{markup.min():.1f} to {markup.max():.1f} times.",
            markup.median(),
        ),
        known(disagree, *spread[["cost", "measured"]]),
        known(f"Against the calculated cost, prices rise by {calculated:.2f}%.", calculated, spread["cost"]),
        otherwise="Too few models with a measured cost had a list price by then.",
    )


def assumptions(
    levels: Mapping[str, float], best: pd.Series, needed: float, costs: pd.Series, pair: Mapping[str, str]
) -> str:
    """What would have to be true for the compute to be far less, and what the settings of a server change.

    Parameters
    ----------
    levels : dict
        Share of the capabilities at which the claim on compute is met: ``literal``, and against ``dense`` models.
    best : Series
        Least operations at the best US model's capability: CN and US, in billions.
    needed : float
        How many times as much the US model has to need.
    costs : Series
        Cost of the dense model over that of the mixture, by setting, each at its cheapest batch that fits.
    pair : dict
        Their names.

    Examples
    --------
    >>> best, costs = pd.Series({"CN": 7.3, "US": 12.7}), pd.Series([0.5, 6.4])
    >>> print(assumptions({"literal": 0.0, "dense": 1.0}, best, 2, costs, {"dense": "L", "moe": "D"}))
    US models need twice as much at 0% of the capabilities that both sides reach. \
Dense models do at 100% of them. \
At the highest one, a Chinese model would have to do with 6.3 billion operations a token instead of 7.3. \
Each at its own cheapest batch that fits, L costs 0.5 to 6.4 times what D costs, by the settings of the server. \
The costs are the least possible ones, and their ratio bounds nothing.
    """
    times = {2: "twice as much"}.get(int(needed), f"{needed:g} times as much")
    return sentences(
        known(
            f"US models need {times} at {percent(levels['literal'])} of the capabilities that both sides reach.",
            levels["literal"],
        ),
        known(f"Dense models do at {percent(levels['dense'])} of them.", *levels.values()),
        known(
            f"At the highest one, a Chinese model would have to do with {best['US'] / needed:.1f} billion operations a "
            f"token instead of {best['CN']:.1f}.",
            *(best["US"], best["CN"]),
        ),
        known(
            f"Each at its own cheapest batch that fits, {pair['dense']} costs {costs.min():.1f} to {costs.max():.1f} "
            f"times what {pair['moe']} costs, by the settings of the server.",
            costs.min(),
        ),
        "The costs are the least possible ones, and their ratio bounds nothing.",
        otherwise="",
    )
