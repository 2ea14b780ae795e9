"""What serving was found to take and to cost, in sentences. Costs are US dollars per million tokens."""

from collections.abc import Mapping

import pandas as pd

from analysis.prose import known, listed, number_word, percent, sentences

COMPARISONS = {
    "literal": "Chinese mixtures with US models",
    "without_flash": "the same without the hosted model",
    "dense_same_year": "with dense models of the same year",
    "dense": "with dense models",
    "long_context": "with US models, after a long context",
}
"""What the table of capabilities calls the ways of comparing."""


def answer(compute: pd.Series, slope: pd.Series, target: float, markup: pd.Series) -> str:
    """Is it so that Chinese models need far less compute and that their prices follow; what is known instead.

    Parameters
    ----------
    compute : Series
        Operations of the most frugal US model over those of the most frugal Chinese one as capable: ``literal``, and
        ``without_flash``, without the model that was scored as a hosted variant.
    slope : Series
        Rise of the price for a rise of the cost by 1%: slope, low and high.
    target, markup : float, Series
        Slope from which savings count as passed on; price over measured cost, by model.

    Examples
    --------
    >>> slope = pd.Series({"slope": 0.55, "low": 0.28, "high": 0.71})
    >>> print(answer(pd.Series({"literal": 1.7, "without_flash": 0.38}), slope, 0.7, pd.Series([1.3, 2.0, 2.9])))
    **The compute cannot be compared from outside: no US model that the article names has a published size.** \
Where sizes are known, the US model that needs least computing needs 1.7 times as much as the Chinese one, \
at equal scores; without one doubtful score it is 0.38 times. \
Whether prices follow is too close to call: a model that costs 1% more to serve has a list price 0.55% higher, \
and we call savings passed on from 0.7%. \
Only three models have both prices and measured costs, so that the rise could be anything from 0.28% to 0.71%. \
Their makers ask 1.3 to 2.9 times what serving was measured to cost.
    """
    few = f"Only {number_word(len(markup))} models have both prices and measured costs"
    asked = f"{markup.min():.1f} to {markup.max():.1f} times what serving was measured to cost"
    return sentences(
        "**The compute cannot be compared from outside: no US model that the article names has a published size.**",
        known(_least_computing(compute), compute["literal"]),
        known(_passed_on(slope, target), slope["slope"])
        or "Too few models had both a list price and a measured cost to see whether prices follow.",
        known(
            f"{few}, so that the rise could be anything from {slope['low']:.2f}% to {slope['high']:.2f}%.",
            slope["slope"],
        ),
        known(f"Their makers ask {asked}.", markup.min(), slope["slope"]),
        otherwise="",
    )


def _least_computing(compute: pd.Series) -> str:
    """What the most frugal US model needs beside the most frugal Chinese one."""
    without = compute["without_flash"]
    doubtful = known(f"; without one doubtful score it is {without:.2g} times", without)
    times = f"{compute['literal']:.1f} times as much as the Chinese one, at equal scores"
    beside = "" if without == compute["literal"] else doubtful
    return f"Where sizes are known, the US model that needs least computing needs {times}{beside}."


def _passed_on(slope: pd.Series, target: float) -> str:
    """Whether prices follow costs."""
    whether = "Prices do follow costs" if slope["low"] >= target else "Prices follow costs only in part"
    if slope["low"] < target <= slope["high"]:
        whether = "Whether prices follow is too close to call"
    rise = f"{abs(slope['slope']):.2f}% {'higher' if slope['slope'] > 0 else 'lower'}"
    costs = f"a model that costs 1% more to serve has a list price {rise}"
    return f"{whether}: {costs}, and we call savings passed on from {target}%."


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


def duel_title(pair: Mapping[str, str], ratios: pd.DataFrame) -> str:
    """Title of the figure of two models on one server.

    Examples
    --------
    >>> duel_title({"dense": "L", "moe": "D"}, pd.DataFrame({1024: [11.0, 0.7]}, index=[1, 128]))
    'Alone, L takes 11.0 times as long as D; in a batch of 128 it takes 0.7 times as long'
    """
    first, least = ratios.iloc[0].max(), ratios.min(axis=None)
    where, smallest = ratios.min(axis=1).idxmin(), ratios.index[0]
    alone = "Alone" if smallest == 1 else f"In a batch of {smallest}"
    title = f"{alone}, {pair['dense']} takes {first:.1f} times as long as {pair['moe']}"
    if where == smallest:
        return title
    return f"{title}; in a batch of {where} it takes {least:.1f} times as long"


def duel(
    pair: Mapping[str, str], active: float, ratios: pd.DataFrame, slower: Mapping[int, pd.Index], context: int
) -> str:
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
    context : int
        Tokens of context at which one request alone is looked at.

    Examples
    --------
    >>> ratios = pd.DataFrame({1024: [11.0, 0.7]}, index=[1, 128])
    >>> print(duel({"dense": "L", "moe": "D"}, 11.0, ratios, {1024: pd.Index([32, 128])}, 1024))
    L has 11.0 times the active parameters of D. For one request alone it takes 11.0 times as long. \
In the batch that suits D least, L takes 0.7 times as long after 1,024 tokens. \
D is the slower one after 1,024 tokens in batches of 32 to 128.
    """
    worst = listed(f"{ratios[context].min():.1f} times as long after {_tokens(context)}" for context in ratios)
    behind = {context: batches for context, batches in slower.items() if len(batches)}
    where = listed(f"after {_tokens(c)} in batches of {b[0]} to {b[-1]}" for c, b in behind.items())
    return sentences(
        f"{pair['dense']} has {active:.1f} times the active parameters of {pair['moe']}.",
        f"In a batch of {ratios.index[0]} it takes {ratios[context].iloc[0]:.1f} times as long."
        if ratios.index[0] > 1
        else f"For one request alone it takes {ratios[context].iloc[0]:.1f} times as long.",
        f"In the batch that suits {pair['moe']} least, {pair['dense']} takes {worst}.",
        f"{pair['moe']} is the slower one {where}." if where else f"{pair['moe']} is never the slower one.",
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
as capable, Q. Without the one model that was scored as a hosted variant, it needs 0.38 times as many. \
Against dense models of 2024, the last year with both kinds, it is 4.1 times as many.
    """
    ratio = compared["ratio"]
    without_hosted, dense = ratio["without_flash"], ratio["dense_same_year"]
    hosted = f"Without the one model that was scored as a hosted variant, it needs {without_hosted:.2f} times as many."
    sides = (
        f"Of models with known sizes, the most frugal US one, {frugal.get('US')}, needs {ratio['literal']:.1f} times "
        f"the operations of the most frugal Chinese one as capable, {frugal.get('CN')}."
    )
    return sentences(
        "No US model that the article names has a published size, so its compute is not known.",
        known(sides, ratio["literal"]),
        known(hosted, without_hosted),
        known(
            f"Against dense models of {year:.0f}, the last year with both kinds, it is {dense:.1f} times as many.",
            *(year, dense),
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
    spread, calculated : Series, float
        Largest over smallest of these models: cost (the least possible one) and measured; slope against the former.
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
the measured ones by 7.0. For each 1% of calculated cost, prices rise by 1.36%.
    >>> nothing = pd.Series({"slope": float("nan"), "low": float("nan"), "high": float("nan")})
    >>> prices_follow(nothing, 0.7, pd.Series(dtype=float), spread * float("nan"), float("nan"), "H200")
    'Too few models with a measured cost had a list price by then.'
    """
    rise, low, high = slope["slope"], slope["low"], slope["high"]
    costlier = f"A model that costs 1% more to serve on {accelerator} has a list price {rise:.2f}% higher"
    follow = f"{costlier} ({low:.2f}% to {high:.2f}%), over {number_word(len(markup))} models."
    of_several = float("nan") if len(markup) < 2 else spread["measured"]  # one model has no spread
    return sentences(
        known(follow, rise),
        _one_to_one(low, high, target),
        known(_asked(markup), of_several),
        known(_disagree(spread), spread["cost"], of_several),
        known(f"For each 1% of calculated cost, prices rise by {calculated:.2f}%.", calculated, spread["cost"]),
        otherwise="Too few models with a measured cost had a list price by then.",
    )


def _asked(markup: pd.Series) -> str:
    """How many times the measured cost makers ask."""
    ends = f"{markup.min():.1f} to {markup.max():.1f} times"
    return f"Makers ask {markup.median():.1f} times the measured cost in the median, {ends}."


def _one_to_one(low: float, high: float, target: float) -> str:
    """Whether prices follow costs one to one, where the models leave that open or rule it out."""
    if low < target <= high:
        return f"From {target}% on it counts as one to one, and these models do not settle it."
    return "Savings are not passed on one to one." if high < target else ""


def _disagree(spread: pd.Series) -> str:
    """How far models lie apart by calculation, and by measurement."""
    least = f"the least possible costs of these models differ by a factor of {spread['cost']:.1f}"
    return f"Calculation and measurement disagree: {least}, the measured ones by {spread['measured']:.1f}."


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
    US models need twice as much at none of the capabilities that both sides reach. \
Dense models do at all of them. \
At the highest one, a Chinese model would have to do with 6.3 billion operations a token instead of 7.3. \
Each at its own cheapest batch that fits, L costs 0.5 to 6.4 times what D costs, by the settings of the server. \
These are the least possible costs; the ratio of real ones may lie on either side.
    """
    times = {2: "twice as much"}.get(int(needed), f"{needed:g} times as much")
    part = _part(levels["literal"])
    each = f"Each at its own cheapest batch that fits, {pair['dense']} costs {costs.min():.1f} to {costs.max():.1f}"
    return sentences(
        known(f"US models need {times} at {part} the capabilities that both sides reach.", levels["literal"]),
        known(f"Dense models do at {_part(levels['dense'])} them.", *levels.values()),
        known(_at_the_highest(best["CN"], best["US"] / needed), *best[["US", "CN"]]),
        known(f"{each} times what {pair['moe']} costs, by the settings of the server.", costs.min()),
        "These are the least possible costs; the ratio of real ones may lie on either side.",
        otherwise="",
    )


def _at_the_highest(least: float, enough: float) -> str:
    """What a Chinese model needs and what it might need at most, in billion operations; nothing where that is met."""
    if enough >= least:
        return ""
    instead = f"{enough:.1f} billion operations a token instead of {least:.1f}"
    return f"At the highest one, a Chinese model would have to do with {instead}."


def _part(share: float) -> str:
    return {0.0: "none of", 1.0: "all of"}.get(share, f"{percent(share)} of")


def _tokens(context: int) -> str:
    return "one token" if context == 1 else f"{context:,} tokens"
