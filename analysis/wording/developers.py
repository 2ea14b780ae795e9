"""Tokens of single developers and models in sentences. Shares are 0 to 1, tokens are counts."""

import pandas as pd

from analysis.measures.origins import NAMES
from analysis.prose import count, date_words, known, number_word, percent, sentences, weeks_words

TOLD_RANK = "seven"
"""Rank that the article gives OpenAI; a test holds it against the register."""


def one_model(peak: float, chart_peak: float, times: float, apart: float, vendor: float, top_n: int) -> str:
    """What is true instead of S4.

    Parameters
    ----------
    peak, chart_peak : float
        MiMo-V2-Pro's best weekly share of all tokens, and of those of the ``top_n`` biggest models.
    times : float
        Its best share over that of GPT-5.5.
    apart : float
        Weeks between the two.
    vendor : float
        Best weekly share of all of Xiaomi's models.

    Examples
    --------
    >>> print(one_model(0.174, 0.308, 10.2, 7.0, 0.206, 9))
    MiMo-V2-Pro's best week gave it 17.4% of all tokens, 10.2 times GPT-5.5's best week, which lies 7 weeks away. \
Of the tokens of the nine biggest models alone it had 30.8%. \
In no week did all of Xiaomi's models together pass 20.6%.
    """
    beside = f", {times:.1f} times GPT-5.5's best week, which lies {count(apart, 'week')} away"
    of_chart = f"Of the tokens of the {number_word(top_n)} biggest models alone it had {percent(chart_peak, 1)}."
    return sentences(
        known(f"MiMo-V2-Pro's best week gave it {percent(peak, 1)} of all tokens{known(beside, times, apart)}.", peak),
        known(of_chart, chart_peak),
        known(f"In no week did all of Xiaomi's models together pass {percent(vendor, 1)}.", vendor),
        otherwise="MiMo-V2-Pro was not yet among the ranked models by then.",
    )


def free_title(free: pd.DataFrame, week: pd.Timestamp) -> str:
    """Title of the figure of tokens free of charge, as ``share.free_share`` gives them.

    Examples
    --------
    >>> week = pd.Timestamp("2026-04-06")
    >>> frame = pd.DataFrame([[0.1, 0.3]], [week], pd.MultiIndex.from_product([["CN"], ["free", "paid"]]))
    >>> free_title(frame, week)
    'Free Chinese tokens peaked in the week of 6 April 2026: at least 25% of all Chinese tokens were free of charge'
    >>> free_title(frame.head(0), pd.NaT)
    ''
    """
    if pd.isna(week):
        return ""
    chinese = free["CN"].loc[week]
    part = percent(chinese["free"] / chinese.sum())
    peak = f"Free Chinese tokens peaked in the week of {date_words(week)}"
    return f"{peak}: at least {part} of all Chinese tokens were free of charge"


def top_six(now: float, ever: float, by_model: float, week: pd.DatetimeIndex) -> str:
    """What is true instead of S6: Chinese among the six biggest developers in a week, ever, and by biggest model.

    Examples
    --------
    >>> print(top_six(3, 3, 5, pd.to_datetime(["2026-05-18"])))
    In the week of 18 May 2026, three of the six biggest developers were Chinese. No week had more than three. \
Ranked by their one biggest model, it was five of six at most.
    """
    verb = "was" if now == 1 else "were"
    return sentences(
        known(f"In {weeks_words(week)}, {_whole(now)} of the six biggest developers {verb} Chinese.", now),
        known(f"No week had more than {_whole(ever)}.", ever),
        known(f"Ranked by their one biggest model, it was {_whole(by_model)} of six at most.", by_model),
        otherwise="No full week had been published by then.",
    )


def six_title(now: float, week: pd.DatetimeIndex) -> str:
    """Title of the figure of the biggest developers.

    Examples
    --------
    >>> six_title(3, pd.to_datetime(["2026-05-18"])), six_title(float("nan"), pd.DatetimeIndex([]))
    ('Three of the six biggest developers are Chinese (the week of 18 May 2026)', '')
    """
    verb = "is" if now == 1 else "are"
    words = f"{_whole(now).capitalize()} of the six biggest developers {verb} Chinese ({weeks_words(week)})"
    return known(words, now)


def _whole(number: float) -> str:
    return number_word(int(number)) if pd.notna(number) else ""


def openai_rank(
    rank: float,
    tokens: float,
    in_table: int,
    model: tuple[float, float],
    claimed: tuple[float, float],
    week: pd.DatetimeIndex,
    weeks: int,
) -> str:
    """What is true instead of S8.

    Parameters
    ----------
    rank, tokens : float
        OpenAI's rank and tokens in the last week.
    in_table : int
        Its rank by the tokens of the article's own table.
    model : (float, float)
        GPT-5.5's tokens in the week, and in several weeks.
    claimed : (float, float)
        Tokens that the article gives, and its last stated place: what comes closer is named as the likely source.
    week, weeks : DatetimeIndex, int
        The last week, and how many weeks the second number of ``model`` takes together.

    Examples
    --------
    >>> print(openai_rank(5, 2.4e12, 4, (0.47e12, 1.57e12), (1.5e12, 1e11), pd.to_datetime(["2026-05-18"]), 4))
    OpenAI was number 5, with 2.4 trillion tokens in the week of 18 May 2026. \
By the article's own table it would be number 4, not seven. \
GPT-5.5 had 0.47 trillion tokens that week and 1.57 trillion in four weeks, \
close to the article's figure and its likely source.
    """
    place = f"OpenAI was number {rank:.0f}, with {tokens / 1e12:.2g} trillion tokens in {weeks_words(week)}."
    return sentences(
        known(place, rank, tokens),
        f"By the article's own table it would be number {in_table}, not {TOLD_RANK}.",
        known(_of_one_model(model, claimed, weeks), *model),
        otherwise="",
    )


def _of_one_model(model: tuple[float, float], claimed: tuple[float, float], weeks: int) -> str:
    """What one model had, and whether that is close to what is claimed of all."""
    in_week, in_weeks = (f"{tokens / 1e12:.2f} trillion" for tokens in model)
    target, precision = claimed
    is_slip = abs(model[1] - target) < precision
    source = ", close to the article's figure and its likely source" if is_slip else ""
    return f"GPT-5.5 had {in_week} tokens that week and {in_weeks} in {number_word(weeks)} weeks{source}."


def one_vendor(now: float, rank: float, shares: pd.Series, week: pd.DatetimeIndex) -> str:
    """What is true instead of S10: Xiaomi's share and rank in a week, and its best week of all.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-05-18"])
    >>> one_vendor(0.014, 12, pd.Series([0.206], pd.to_datetime(["2026-03-23"])), week)
    'Xiaomi had 1.4% of all tokens in the week of 18 May 2026 and was number 12. \
Its best week was that of 23 March 2026, with 20.6%.'
    """
    best = shares.max()
    return sentences(
        known(
            f"Xiaomi had {percent(now, 1)} of all tokens in {weeks_words(week)} and was number {rank:.0f}.", now, rank
        ),
        known(
            f"Its best week was that of {date_words(shares.idxmax() if pd.notna(best) else None)}, "
            f"with {percent(best, 1)}.",
            best,
        ),
        otherwise="Xiaomi was not among the ranked developers by then.",
    )


def table_rows(best: pd.Series, claimed: pd.Series, allowed: float) -> str:
    """What is true instead of S12.

    Parameters
    ----------
    best, claimed : Series
        Tokens of each model's best week by its name, NaN where it had none, and those that the article gives.
    allowed : float
        Part of the claimed tokens that may be missing.

    Examples
    --------
    >>> models = ["GLM-5", "GPT-5.5"]
    >>> table_rows(pd.Series([2e12, 1e12], models), pd.Series([2.1e12, 2e12], models), 0.1)
    "One of the two models reached the article's tokens, 10% less allowed. Best weeks: GLM-5 2T, GPT-5.5 1T."
    >>> table_rows(pd.Series([float("nan"), 1e12], models), pd.Series([2.1e12, 2e12], models), 0.1)
    'Only one of the two had been ranked by then; none reached the tokens.'
    """
    seen, rows = int(best.count()), number_word(len(best))
    reached = int((best >= (1 - allowed) * claimed).sum())
    which = number_word(reached) if reached else "none"
    if seen == len(best):
        weeks = ", ".join(f"{name} {tokens / 1e12:.3g}T" for name, tokens in best.items())
        return (
            f"{which.capitalize()} of the {rows} models reached the article's tokens, {percent(allowed)} less allowed. "
            f"Best weeks: {weeks}."
        )
    if seen:
        return f"Only {number_word(seen)} of the {rows} had been ranked by then; {which} reached the tokens."
    return f"None of the {rows} models had been ranked by then."


def concentration(like: pd.Series) -> str:
    """How many equally large developers each side's tokens are as concentrated as.

    Examples
    --------
    >>> concentration(pd.Series({"CN": 3.7, "US": 3.3}))
    'Chinese tokens are as concentrated as if 3.7 equally large developers shared them. For US tokens it is 3.3.'
    """
    return sentences(
        known(
            f"Chinese tokens are as concentrated as if {like['CN']:.1f} equally large developers shared them.",
            like["CN"],
        ),
        known(f"For US tokens it is {like['US']:.1f}.", like["US"]),
        otherwise="No developer is known yet.",
    )


def rank_table(ranked: pd.DataFrame) -> pd.DataFrame:
    """Developers of a week with columns in words; tokens in trillions, shares in per cent.

    Parameters
    ----------
    ranked : DataFrame
        Rows as ``share.author_ranks`` gives them.

    Examples
    --------
    >>> row = {"author": "a", "rank": 1, "origin": "US", "total_tokens": 2_000_000_000_000, "share": 0.25}
    >>> [str(cell) for cell in rank_table(pd.DataFrame([row])).loc["a"]]
    ['1', 'United States', '2.0', '25.0']
    """
    shown = pd.DataFrame(
        {
            "rank": ranked["rank"],
            "home": ranked["origin"].map(NAMES),
            "trillion tokens": (ranked["total_tokens"] / 1e12).round(2),
            "% of all tokens": (100 * ranked["share"]).round(1),
        }
    )
    return shown.set_axis(ranked["author"].rename(None), axis="index")


def implied_table(implied: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """What each row of the article's table implies for the whole platform, in trillions, beside its place.

    Parameters
    ----------
    implied : DataFrame
        As ``share.implied_totals`` gives it, in tokens.
    printed : DataFrame
        The article's rows by provider: position, total_tokens.

    Examples
    --------
    >>> implied = pd.DataFrame({"low": [1e12], "value": 2e12, "high": 3e12}, ["A"])
    >>> printed = pd.DataFrame({"position": [7], "total_tokens": [1]}, ["A"])
    >>> implied_table(implied, printed).loc["A"].astype(int).tolist()
    [1, 2, 3, 7, 1]
    """
    columns = {"low": "platform at least, T tokens", "value": "platform, T tokens", "high": "at most, T tokens"}
    places = printed["total_tokens"].rank(ascending=False, method="min").astype(int)
    return (
        (implied / 1e12)
        .round(1)
        .rename(columns=columns)
        .assign(**{"place in the article": printed["position"], "place by its tokens": places})
    )
