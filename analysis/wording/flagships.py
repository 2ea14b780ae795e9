"""The price gap of flagships in sentences. Ratios are US over Chinese."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.prose import (
    capital,
    count,
    date_words,
    known,
    listed,
    money,
    number_word,
    percent,
    sentences,
    times_as_much,
)

BASES = {"first_party": "the vendors' own price lists", "openrouter": "OpenRouter's listings"}
"""Where prices come from, by the parameter ``basis``."""

SUMMER = "July and August 2026"
"""When OpenRouter's effective prices were measured."""


def inside(pairs: pd.Series, claimed: tuple[float, float]) -> str:
    """How many pairs lie in the claimed range.

    Examples
    --------
    >>> inside(pd.Series([5.0, 12.0, 19.0]), (10, 20)), inside(pd.Series([5.0, 12.0]), (10, 20))
    ('two of the three pairs lie', 'one of the two pairs lies')
    >>> inside(pd.Series([5.0]), (10, 20)), inside(pd.Series([12.0]), (10, 20))
    ('no pair lies', 'the only pair lies')
    """
    found, total = int(pairs.between(*claimed).sum()), len(pairs)
    if not found:
        return "no pair lies"
    if total == 1:
        return "the only pair lies"
    return f"{number_word(found)} of the {number_word(total)} pairs {'lies' if found == 1 else 'lie'}"


def answer(
    day: str,
    claimed: tuple[float, float],
    medians: pd.Series,
    pairs: pd.Series,
    equal: tuple[float, float, float],
    realised: float,
) -> str:
    """The answer to the title: whether it is so, what is true instead, and how sure that is.

    Parameters
    ----------
    day, claimed : str, tuple of float
        The day of the prices, and the claimed range.
    medians, pairs : Series
        Median ratio by mix, the literal one first; ratio of each pair at that mix.
    equal, realised : tuple of float, float
        Ratio at the best Chinese capability, its least and most; ratio of effective prices.

    Examples
    --------
    >>> medians = pd.Series({"literal": 3.8, "input_only": 4.2, "output_only": 3.4})
    >>> print(answer("2026-05-25", (10, 20), medians, pd.Series([2.6, 3.8, 12.0]), (0.42, 0.4, 1.2), 6.6))
    **No: on 25 May 2026 a US flagship cost 3.8 times as much as a Chinese one at list price, not 10 to 20 times**; \
that is the median of three pairs. Whatever the mix of tokens sent and received, it lies between 3.4 and 4.2 times. \
By the effective prices on OpenRouter in July and August 2026, caches and discounts counted, it was 6.6 times. \
The cheapest US model as capable as the best Chinese one cost 58% less; \
within the error of the capability scores it might have cost 1.2 times as much.
    """
    if pd.isna(medians.iloc[0]):
        return f"On {date_words(day)} too few flagships had a price to tell."
    least, most = medians.min(), medians.max()
    effective = f"By the effective prices on OpenRouter in {SUMMER}"
    return sentences(
        f"**{_headline(day, claimed, medians.iloc[0])}**; that is the median of {_pairs(pairs)}.",
        f"Whatever the mix of tokens sent and received, it lies between {least:.1f} and {most:.1f} times.",
        known(f"{effective}, caches and discounts counted, it was {realised:.1f} times.", realised),
        known(f"The cheapest US model as capable as the best Chinese one cost {_at_equal(*equal)}.", equal[0]),
        otherwise="",
    )


def _headline(day: str, claimed: tuple[float, float], middle: float) -> str:
    """What was found, and whether that is what is claimed."""
    low, high = claimed
    is_so = low <= middle <= high
    claim = "as the article says" if is_so else f"not {low:g} to {high:g} times"
    found = f"a US flagship cost {middle:.1f} times as much as a Chinese one at list price"
    return f"{'Yes' if is_so else 'No'}: on {date_words(day)} {found}, {claim}"


def _at_equal(ratio: float, least: float, most: float) -> str:
    """A ratio of prices in words, and the end of its interval that lies on the other side of the same price."""
    other = most if ratio < 1 < most else least
    if not (least < 1 < most):
        return times_as_much(ratio)
    error = "within the error of the capability scores it might have cost"
    return f"{times_as_much(ratio)}; {error} {times_as_much(other)}"


def _pairs(pairs: pd.Series) -> str:
    return f"{number_word(len(pairs))} pair{'s' if len(pairs) != 1 else ''}"


def examples(daily: pd.Series, day_told: Mapping[str, float], suite: pd.DataFrame, told: Mapping[str, float]) -> str:
    """What the article's two examples cost, beside what it says that they cost.

    Parameters
    ----------
    daily : Series
        US dollars of a day's tokens on claude and on deepseek.
    day_told, told : dict
        US dollars that are said: of the days, and of the evaluation runs with claude and with glm.
    suite : DataFrame
        As ``evaluations.claimed_runs`` gives it.

    Examples
    --------
    >>> daily, day_told = pd.Series({"claude": 50.0, "deepseek": 1.575}), {"claude": 125.0, "deepseek": 0.7}
    >>> suite = pd.DataFrame({"cost_usd": {"claude": 4811.04, "glm": 543.95}})
    >>> print(examples(daily, day_told, suite, {"claude": 4811, "glm": 544}))
    Of the article's two examples, the agent's day costs $50.00 on Claude and $1.58 on DeepSeek, not $125 and $0.70. \
The two benchmark runs did cost $4,811 and $544.
    >>> examples(daily * float("nan"), day_told, suite.head(0).reindex(["claude", "glm"]), {"claude": 4811, "glm": 544})
    ''
    """
    claude, deepseek = daily["claude"], daily["deepseek"]
    run, other = (float(suite["cost_usd"][name]) for name in ("claude", "glm"))
    said = f"{money(day_told['claude'])} and {money(day_told['deepseek'])}"
    found = f"{money(claude)} on Claude and {money(deepseek)} on DeepSeek"
    is_right = said == f"{money(claude)} and {money(deepseek)}"
    beside = "as the article says" if is_right else f"not {said}"
    return sentences(
        known(f"Of the article's two examples, the agent's day costs {found}, {beside}.", claude, deepseek),
        known(f"The two benchmark runs {_did(suite, told)} cost {money(run)} and {money(other)}.", run, other),
        otherwise="",
    )


def _did(suite: pd.DataFrame, told: Mapping[str, float]) -> str:
    return "did" if are_right(suite, told) else "nearest to its amounts"


def are_right(suite: pd.DataFrame, told: Mapping[str, float]) -> bool:
    """Whether the runs cost what is said of them, to the dollar.

    Examples
    --------
    >>> suite = pd.DataFrame({"cost_usd": {"claude": 4811.04, "glm": None}})
    >>> are_right(suite, {"claude": 4811}), are_right(suite, {"claude": 4811, "glm": 544})
    (True, False)
    """
    costs = suite["cost_usd"].astype(float).round()
    return all(costs[name] == usd for name, usd in told.items())


def gap_title(middle: float, claimed: tuple[float, float]) -> str:
    """Title of the figure of all ways to compare.

    Examples
    --------
    >>> gap_title(3.8, (10, 20)), gap_title(13.0, (10, 20)), gap_title(float("nan"), (10, 20))
    ('A US flagship cost 3.8 times as much as a Chinese one, not 10 to 20 times', \
'A US flagship cost 13.0 times as much as a Chinese one', '')
    """
    low, high = claimed
    beside = "" if low <= middle <= high else f", not {low:g} to {high:g} times"
    return known(f"A US flagship cost {middle:.1f} times as much as a Chinese one{beside}", middle)


def coverage(
    day: str, basis: str, models: int, sides: Mapping[str, Sequence[str]], fit: str, without: Sequence[str]
) -> str:
    """What is compared on the day: how many models have a price, and which are the flagships.

    Parameters
    ----------
    day, fit : str
        The day of the prices, and that of the capability scores.
    basis : str
        A key of ``BASES``.
    models : int
        Models with a price.
    sides : dict
        Adjective to the names of its flagships.
    without : list of str
        Models that were asked for and have no price.

    Examples
    --------
    >>> print(coverage("2026-05-25", "openrouter", 3, {"US": ["a", "b"], "Chinese": ["c"]}, "2026-07-01", ["d"]))
    On 25 May 2026 OpenRouter's listings give a price for 3 models. The US flagships of that day are a and b. \
The Chinese flagship of that day is c. Capability scores are those of 1 July 2026. \
On the fixed list, no price is known for d.
    """
    return sentences(
        f"On {date_words(day)} {BASES[basis]} give a price for {count(models, 'model')}.",
        *[_flagships(side, names) for side, names in sides.items()],
        f"Capability scores are those of {date_words(fit)}.",
        f"On the fixed list, no price is known for {listed(without)}." if without else "",
        otherwise="",
    )


def _flagships(side: str, names: Sequence[str]) -> str:
    if not names:
        return f"No {side} model with a price has a capability score."
    plural = "flagships of that day are" if len(names) > 1 else "flagship of that day is"
    return f"The {side} {plural} {listed(names)}."


def pair_title(pairs: pd.Series, claimed: tuple[float, float]) -> str:
    """Title of the figure of all pairs.

    Examples
    --------
    >>> pair_title(pd.Series([5.0, 12.0, 19.0]), (10, 20))
    'Two of the three pairs lie in the claimed range of 10 to 20 times (framed)'
    >>> pair_title(pd.Series(dtype=float), (10, 20))
    ''
    """
    if pairs.empty:
        return ""
    words = inside(pairs, claimed)
    return f"{capital(words)} in the claimed range of {claimed[0]:g} to {claimed[1]:g} times (framed)"


def mix_title(by_mix: pd.DataFrame) -> str:
    """Title of the figure of the median ratio by mix.

    Examples
    --------
    >>> mix_title(pd.DataFrame([[3.5, 4.8]])), mix_title(pd.DataFrame([[float("nan")]]))
    ('Whatever the mix, a US flagship cost between 3.5 and 4.8 times as much', '')
    """
    least, most = by_mix.min(axis=None), by_mix.max(axis=None)
    return known(f"Whatever the mix, a US flagship cost between {least:.1f} and {most:.1f} times as much", least)


def flagship_gap(day: str, middle: float, pairs: int, equal: float, realised: float) -> str:
    """What is true instead of P1.

    Examples
    --------
    >>> print(flagship_gap("2026-05-25", 3.8, 20, 0.42, 6.6))
    A US flagship cost 3.8 times as much as a Chinese one at list price, the median of 20 pairs on 25 May 2026. \
The cheapest US model as capable as the best Chinese one cost 58% less. \
At OpenRouter's effective prices in July and August 2026 a US token cost 6.6 times as much as a Chinese one.
    >>> flagship_gap("2023-11-21", float("nan"), 0, float("nan"), 6.6)
    'Too few flagships had a price that day.'
    """
    effective = f"At OpenRouter's effective prices in {SUMMER}"
    return sentences(
        known(
            f"A US flagship cost {middle:.1f} times as much as a Chinese one at list price, "
            f"the median of {pairs} pairs on {date_words(day)}.",
            middle,
        ),
        known(f"The cheapest US model as capable as the best Chinese one cost {times_as_much(equal)}.", equal),
        known(f"{effective} a US token cost {realised:.1f} times as much as a Chinese one.", realised, middle),
        otherwise="Too few flagships had a price that day.",
    )


def orders(middle: float, order: float, widest: float) -> str:
    """What is true instead of P8; ``order`` is one order of magnitude.

    Examples
    --------
    >>> orders(3.8, 10, 21.4)
    'The median of the pairs is 3.8 times, less than one order of magnitude. The pair furthest apart differs 21 times.'
    >>> orders(float("nan"), 10, float("nan"))
    'Too few flagships had a price that day.'
    """
    beside = "less than one order of magnitude" if middle < order else "an order of magnitude or more"
    return sentences(
        known(f"The median of the pairs is {middle:.1f} times, {beside}.", middle),
        known(f"The pair furthest apart differs {widest:.0f} times.", widest),
        otherwise="Too few flagships had a price that day.",
    )


def needed(pairs: pd.Series, claimed: tuple[float, float]) -> str:
    """How far the pairs are from the claimed range, and what Chinese prices would make their median reach it.

    Examples
    --------
    >>> print(needed(pd.Series([0.4, 3.8, 12.0]), (10, 20)))
    The pairs go from 0.4 to 12.0 times; one of the three pairs lies in the claimed range. \
For the median to reach 10 times, Chinese prices would have to be 38% of what they are.
    >>> needed(pd.Series(dtype=float), (10, 20))
    'No pair of flagships had a price by then.'
    """
    part = pairs.median() / claimed[0]
    lower = f"For the median to reach {claimed[0]:g} times, Chinese prices would have to be {percent(part)} of what"
    return sentences(
        known(
            f"The pairs go from {pairs.min():.1f} to {pairs.max():.1f} times; "
            f"{inside(pairs, claimed)} in the claimed range.",
            part,
        ),
        f"{lower} they are." if part < 1 else known(f"The median reaches {claimed[0]:g} times already.", part),
        otherwise="No pair of flagships had a price by then.",
    )
