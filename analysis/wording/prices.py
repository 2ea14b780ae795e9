"""What was found on prices, in sentences. Prices are US dollars per million tokens."""

from collections.abc import Mapping

import pandas as pd

from analysis.measures.bills import Bill
from analysis.prose import (
    change_words,
    date_words,
    known,
    listed,
    money,
    number_word,
    percent,
    sentences,
    times_as_much,
)
from analysis.wording.flagships import SUMMER, are_right


def paid_title(parts: pd.DataFrame) -> str:
    """Title of the figure of tokens and dollars; as ``saving.realised_by_origin`` gives them.

    Examples
    --------
    >>> paid_title(pd.DataFrame({"token_share": {"CN": 0.678}, "spend_share": {"CN": 0.246}}))
    'Of the tokens with a known effective price, July and August 2026, 68% were Chinese, and 25% of the dollars'
    """
    tokens, dollars = percent(parts["token_share"]["CN"]), percent(parts["spend_share"]["CN"])
    of_which = f"Of the tokens with a known effective price, {SUMMER}"
    return f"{of_which}, {tokens} were Chinese, and {dollars} of the dollars"


def day_costs(daily: pd.Series, per_million: Mapping[str, float], single: pd.DataFrame) -> str:
    """What is true instead of P2.

    Parameters
    ----------
    daily : Series
        US dollars of a day's tokens on claude and on deepseek.
    per_million : dict
        Vendor to what the article's amount makes for a million tokens.
    single : DataFrame
        As ``prices.matching_prices`` gives it.

    Examples
    --------
    >>> daily, told = pd.Series({"claude": 50.0, "deepseek": 1.575}), {"anthropic": 25.0, "deepseek": 0.14}
    >>> single = pd.DataFrame({"vendor": ["anthropic", "deepseek"], "kind": ["completion", "prompt"]})
    >>> print(day_costs(daily, told, single))
    At list prices the day costs $50.00 on Claude Opus 4.6. On DeepSeek V3.2 the same day costs $1.58. \
The article's amounts come to $25.00 and $0.14 for a million tokens. \
The first is a price of completion tokens at Anthropic, the second one of prompt tokens at DeepSeek.
    >>> day_costs(daily * float("nan"), told, single)
    'Neither model had a price by then.'
    """
    claude, deepseek = daily["claude"], daily["deepseek"]
    kinds = {vendor: listed(dict.fromkeys(rows)) for vendor, rows in single.groupby("vendor")["kind"]}
    first, second = kinds.get("anthropic"), kinds.get("deepseek")
    amounts = f"{money(per_million['anthropic'])} and {money(per_million['deepseek'])}"
    return sentences(
        known(f"At list prices the day costs {money(claude)} on Claude Opus 4.6.", claude),
        known(f"On DeepSeek V3.2 the same day costs {money(deepseek)}.", deepseek),
        known(f"The article's amounts come to {amounts} for a million tokens.", claude),
        known(
            f"The first is a price of {first} tokens at Anthropic, the second one of {second} tokens at DeepSeek.",
            *(claude, first, second),
        ),
        otherwise="Neither model had a price by then.",
    )


def suite(runs: pd.DataFrame, told: Mapping[str, float]) -> str:
    """What is true instead of P3.

    Parameters
    ----------
    runs : DataFrame
        As ``evaluations.claimed_runs`` gives it.
    told : dict
        US dollars that are said of claude and of glm.

    Examples
    --------
    >>> runs = pd.DataFrame(
    ...     {"model": ["Opus", "GLM-5.1", "Grok", "Opus"], "cost_usd": [4811.04, 543.95, 395.17, 5117.14],
    ...      "date": pd.to_datetime(["2026-05-01", "2026-05-01", "2026-05-01", "2026-05-20"])},
    ...     index=["claude", "glm", "rival", "newest"])
    >>> print(suite(runs, {"claude": 4811, "glm": 544}))
    Both amounts are right: a run cost $4,811 with Opus and $544 with GLM-5.1, as published on 1 May 2026. \
That is 8.8 times as much. By 20 May 2026 the source put the first at $5,117. \
The cheapest US model that scored as high as GLM, Grok, cost $395.
    >>> suite(runs.iloc[:0].reindex(runs.index), {"claude": 4811, "glm": 544})
    'Neither run had been published by then.'
    """
    cost, model, date = runs["cost_usd"].astype(float), runs["model"], runs["date"]
    first, second = f"{money(cost['claude'])} with {model['claude']}", f"{money(cost['glm'])} with {model['glm']}"
    opening = "Both amounts are right: a run cost" if are_right(runs, told) else "The nearest runs cost"
    both = cost["claude"], cost["glm"]
    return sentences(
        known(f"{opening} {first} and {second}, as published on {date_words(date['claude'])}.", *both),
        known(f"That is {cost['claude'] / cost['glm']:.1f} times as much.", *both),
        known(
            f"By {date_words(date['newest'])} the source put the first at {money(cost['newest'])}.",
            *(cost["newest"], *both),
        ),
        known(
            f"The cheapest US model that scored as high as GLM, {model['rival']}, cost {money(cost['rival'])}.",
            cost["rival"],
        ),
        otherwise="Neither run had been published by then.",
    )


def two_prices(minimax: pd.Series, opus: pd.Series) -> str:
    """What is true instead of P4; prices by kind of token.

    Examples
    --------
    >>> minimax, opus = pd.Series({"prompt": 0.3, "completion": 1.2}), pd.Series({"prompt": 5.0, "completion": 25.0})
    >>> print(two_prices(minimax, opus))
    MiniMax M2.5 charges $0.30 and Claude Opus 4.6 $5.00 for a million prompt tokens, 16.7 times as much. \
For completion tokens it is 20.8 times.
    >>> two_prices(minimax * float("nan"), opus)
    'One of the two models had no price by then.'
    """
    times = opus / minimax
    return sentences(
        known(
            f"MiniMax M2.5 charges {money(minimax['prompt'])} and Claude Opus 4.6 {money(opus['prompt'])} "
            f"for a million prompt tokens, {times['prompt']:.1f} times as much.",
            times["prompt"],
        ),
        known(f"For completion tokens it is {times['completion']:.1f} times.", times["completion"]),
        otherwise="One of the two models had no price by then.",
    )


def moved(at_listings: float, cn_priced: float, at_list: float, equal: float, no_equal: float) -> str:
    """What is true instead of P5.

    Parameters
    ----------
    at_listings, at_list, equal : float
        Saved at OpenRouter's prices, at the vendors' own, and at equal capability.
    cn_priced : float
        Share of the Chinese tokens that have a price.
    no_equal : float
        Share of the US cost that has no known Chinese equal.

    Examples
    --------
    >>> print(moved(0.896, 0.99, 0.84, 0.014, 0.94))
    The average Chinese token costs 90% less than the average US token at OpenRouter's prices, free variants included. \
At the vendors' own list prices it costs 84% less. \
Moving only to Chinese models known to be as capable saves 1.4%: 94% of the US cost has no known Chinese equal.
    >>> nan = float("nan")
    >>> moved(nan, 0.65, nan, nan, nan), moved(nan, nan, nan, nan, nan)
    ('Only 65% of the Chinese tokens have a price: too few for an average.', \
'No tokens by model had been published by then.')
    """
    average = known(
        f"The average Chinese token costs {percent(at_listings)} less than the average US token "
        "at OpenRouter's prices, free variants included.",
        at_listings,
    )
    too_few = known(f"Only {percent(cn_priced)} of the Chinese tokens have a price: too few for an average.", cn_priced)
    return sentences(
        average or too_few,
        known(f"At the vendors' own list prices it costs {percent(at_list)} less.", at_list),
        known(
            f"Moving only to Chinese models known to be as capable saves {percent(equal, 1)}: "
            f"{percent(no_equal)} of the US cost has no known Chinese equal.",
            *(equal, no_equal),
        ),
        otherwise="No tokens by model had been published by then.",
    )


def history_title(change: float, now: float) -> str:
    """Title of the figure of the price of a fixed capability.

    Examples
    --------
    >>> history_title(-0.857, 0.1375), history_title(float("nan"), 0.1)
    ('The cheapest price of a fixed capability fell by 86% in a year, to $0.138 a million tokens', '')
    >>> history_title(0.0, 0.1375)
    'The cheapest price of a fixed capability did not change in a year: $0.138 a million tokens'
    """
    words = change_words(change)
    to = ":" if words == "did not change" else ", to"
    return known(
        f"The cheapest price of a fixed capability {words} in a year{to} {money(now)} a million tokens", change
    )


def floor(day: str, price_change: float, models: int, usd: float) -> str:
    """What is true instead of P6.

    Examples
    --------
    >>> print(floor("2026-05-25", -0.857, 3, 0.05))
    The cheapest price of a fixed capability fell by 86% in the twelve months to 25 May 2026. \
Three models cost $0.05 or less for a million prompt tokens already, so it is no floor.
    >>> floor("2023-11-21", float("nan"), 0, 0.05)
    'No model costs as little as $0.05 for a million prompt tokens yet.'
    """
    verb = "model costs" if models == 1 else "models cost"
    below = (
        f"{number_word(models).capitalize()} {verb} {money(usd)} or less for a million prompt tokens already, "
        "so it is no floor."
    )
    none_yet = f"No model costs as little as {money(usd)} for a million prompt tokens yet."
    return sentences(
        known(
            f"The cheapest price of a fixed capability {change_words(price_change)} in the twelve months "
            f"to {date_words(day)}.",
            price_change,
        ),
        below if models else none_yet,
        otherwise="",
    )


def frontier_title(at_best: pd.Series) -> str:
    """Title of the figure of the cheapest price by capability, see ``ladders.cheapest_at_best``.

    Examples
    --------
    >>> frontier_title(pd.Series({"CN": 3.75, "US": 1.5625}))
    'As capable as the best Chinese model: $3.75 from China, $1.56 from the United States'
    >>> frontier_title(pd.Series({"CN": float("nan"), "US": 1.5}))
    ''
    """
    chinese, us = money(at_best["CN"]), money(at_best["US"])
    text = f"As capable as the best Chinese model: {chinese} from China, {us} from the United States"
    return known(text, at_best["CN"], at_best["US"])


def task_title(ratio: float, least: float, most: float) -> str:
    """Title of the figure of solved tasks, with the interval of the ratio.

    Examples
    --------
    >>> print(task_title(0.61, 0.6, 9.2))
    A task solved by the cheapest US run as good as the best Chinese one cost 39% less; \
within the error of its score, up to 9.2 times as much
    >>> task_title(2.04, 2.04, 2.04), task_title(float("nan"), float("nan"), float("nan"))
    ('A task solved by the cheapest US run as good as the best Chinese one cost 2.0 times as much', '')
    """
    text = f"A task solved by the cheapest US run as good as the best Chinese one cost {times_as_much(ratio)}"
    if most > 1.05 * ratio:
        text += f"; within the error of its score, up to {times_as_much(most)}"
    elif least < 0.95 * ratio:
        text += f"; within the error of its score, as little as {times_as_much(least)}"
    return known(text, ratio)


def frontier(largest: float, at_best: pd.Series) -> str:
    """What is true instead of P7.

    Examples
    --------
    >>> print(frontier(2.1, pd.Series({"CN": 3.75, "US": 1.5625})))
    Among models at least as capable as the best of a year before, the cheapest US one costs at most 2.1 times as much \
as the cheapest Chinese one. At the best Chinese model's level the cheapest US model costs $1.56 against $3.75 \
for a million tokens.
    >>> frontier(float("nan"), pd.Series({"CN": float("nan"), "US": 1.0}))
    'Too few models with a known capability had a price by then.'
    """
    chinese, us = at_best["CN"], at_best["US"]
    return sentences(
        known(
            "Among models at least as capable as the best of a year before, the cheapest US one costs "
            f"at most {largest:.1f} times as much as the cheapest Chinese one.",
            largest,
        ),
        known(
            f"At the best Chinese model's level the cheapest US model costs {money(us)} "
            f"against {money(chinese)} for a million tokens.",
            *(us, chinese),
        ),
        otherwise="Too few models with a known capability had a price by then.",
    )


def own_bill(bill: Bill, whose: str) -> str:
    """What somebody would save, in a sentence.

    Parameters
    ----------
    bill : Bill
    whose : str
        Adjective of the origin, such as "Chinese".

    Examples
    --------
    >>> own_bill(Bill(1188.0, 1187.0, 1128.6), "Chinese")
    'Switching saves $1 of $1,188; 95% of your spending has no known Chinese equal.'
    >>> own_bill(Bill(20.0, 20.0, 0.0), "US")
    'Switching saves nothing of $20; all of your spending has a known US equal.'
    >>> own_bill(Bill(0.0, 0.0, 0.0), "US")
    'Your usage cost nothing: there is nothing to save.'
    """
    if bill.spent <= 0:
        return "Your usage cost nothing: there is nothing to save."
    saved = f"${bill.saved:,.0f}" if bill.saved >= 0.5 else "nothing" if bill.saved <= 0 else "less than $1"
    missing = bill.without_equal / bill.spent
    rest = f"{missing:.0%} of your spending has no known" if missing else "all of your spending has a known"
    return f"Switching saves {saved} of ${bill.spent:,.0f}; {rest} {whose} equal."
