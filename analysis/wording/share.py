"""Token shares in sentences. Shares are 0 to 1."""

import pandas as pd

from analysis.prose import date_words, known, names, number_word, percent, sentences, weeks_words


def answer(everything: float, chart: float, top_n: int, level: float, best: pd.Series, weeks: pd.DatetimeIndex) -> str:
    """Is the claimed share reached, what is true instead, and where the claim comes from.

    Parameters
    ----------
    everything, chart : float
        Chinese share of all tokens, and of those of each week's ``top_n`` biggest models.
    top_n : int
        Models that a chart shows.
    level : float
        The claimed share.
    best : Series
        Chinese share of all tokens by week.
    weeks : DatetimeIndex
        Weeks that "now" takes together.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2026-05-18"])
    >>> print(answer(0.4539, 0.6434, 9, 0.6, pd.Series([0.5], weeks), weeks))
    **No.** Chinese models had 45.4% of OpenRouter's tokens in the week of 18 May 2026, not over 60%. \
Among only each week's nine biggest models, which a chart shows, it was 64.3%. \
In their best week, that of 18 May 2026, they had 50.0% of all tokens.
    >>> answer(float("nan"), float("nan"), 9, 0.6, pd.Series(dtype=float), weeks[:0])
    'No full week had been published by then.'
    """
    is_so = everything > level
    share = f"{percent(everything, 1)} of OpenRouter's tokens in {weeks_words(weeks)}"
    verdict = f"**{'Yes' if is_so else 'No'}.** Chinese models had {share}"
    biggest = f"each week's {number_word(top_n)} biggest models"
    top_week = best.idxmax() if best.notna().any() else pd.NaT
    had = f"In their best week, that of {date_words(top_week)}, they had {percent(best.max(), 1)} of all tokens."
    return sentences(
        known(f"{verdict}{'' if is_so else f', not over {percent(level)}'}.", everything),
        known(f"Among only {biggest}, which a chart shows, it was {percent(chart, 1)}.", chart),
        known(had, best.max()),
        otherwise="No full week had been published by then.",
    )


def coverage(as_of: str, authors: pd.DatetimeIndex, models: pd.DatetimeIndex, days: pd.Series) -> str:
    """What the tables hold by a day.

    Parameters
    ----------
    as_of : str
        The day, ISO.
    authors, models : DatetimeIndex
        Weeks known by developer and by model.
    days : Series
        Days observed of each week.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-05-18"])
    >>> print(coverage("2026-05-25", week, week[:0], pd.Series([7], week)))
    By 25 May 2026 the tables hold one week by developer, the last of them that of 18 May 2026. \
No week is known by model yet.
    """
    by_model = (
        f"They hold {count_words(len(models))} by model, the last of them that of {date_words(models.max())}."
        if len(models)
        else "No week is known by model yet."
    )
    partial = names(date_words(week) for week in days.index[days < 7])
    missing = f"The source lacks days of the weeks of {partial}. Growth is therefore taken from daily averages."
    return sentences(
        f"By {date_words(as_of)} the tables hold {count_words(len(authors))} by developer, "
        f"the last of them that of {date_words(authors.max())}.",
        by_model,
        missing if (days < 7).any() else "",
        otherwise="",
    )


def count_words(weeks: int) -> str:
    """A number of weeks, in words where it is small.

    Examples
    --------
    >>> count_words(1), count_words(35)
    ('one week', '35 weeks')
    """
    return f"{number_word(weeks)} week{'' if weeks == 1 else 's'}"


def share_now(
    everything: float, chart: float, top_n: int, weights: pd.Series, best: float, weeks: pd.DatetimeIndex
) -> str:
    """What is true instead of S1.

    Parameters
    ----------
    everything, chart, top_n, weeks
        As for ``answer``.
    weights : Series
        Share of all tokens of Chinese models whose weights are open, closed or unknown.
    best : float
        Chinese share of all tokens in the best week.

    Examples
    --------
    >>> weights = pd.Series({"open": 0.39, "closed": 0.0, "unknown": 0.05})
    >>> print(share_now(0.454, 0.643, 9, weights, 0.618, pd.to_datetime(["2026-05-18"])))
    Chinese models had 45.4% of all tokens in the week of 18 May 2026, those known to have open weights 39.0%. \
Counting only each week's nine biggest models, Chinese ones had 64.3%. \
The best single Chinese week had 61.8% of all tokens.
    >>> hardly = pd.Series({"open": 0.107, "closed": 0.0, "unknown": 0.491})
    >>> print(share_now(0.598, 0.754, 9, hardly, 0.618, pd.to_datetime(["2026-09-21"])).split(", ")[1].split(". ")[0])
    those with open weights between 10.7% and 59.8%: for 49% of all tokens that is not recorded
    """
    is_open, unknown = weights["open"], weights["unknown"]
    ends = f"between {percent(is_open, 1)} and {percent(is_open + unknown, 1)}"
    of_open = f", those known to have open weights {percent(is_open, 1)}"
    if unknown >= 0.1:
        of_open = f", those with open weights {ends}: for {percent(unknown)} of all tokens that is not recorded"
    everything_had = f"Chinese models had {percent(everything, 1)} of all tokens in {weeks_words(weeks)}"
    biggest = number_word(top_n)
    return sentences(
        known(f"{everything_had}{known(of_open, is_open)}.", everything),
        known(f"Counting only each week's {biggest} biggest models, Chinese ones had {percent(chart, 1)}.", chart),
        known(f"The best single Chinese week had {percent(best, 1)} of all tokens.", best),
        otherwise="No full week had been published by then.",
    )


def key_title(everything: float, chart: float, top_n: int, weeks: pd.DatetimeIndex) -> str:
    """Title of the key figure.

    Examples
    --------
    >>> key_title(0.454, 0.643, 9, pd.to_datetime(["2026-05-18"]))
    'In the week of 18 May 2026, Chinese models had 45.4% of all tokens and 64.3% of those of the nine biggest models'
    >>> key_title(0.2, float("nan"), 9, pd.to_datetime(["2025-05-19"]))
    'In the week of 19 May 2025, Chinese models had 20.0% of all tokens'
    """
    of_chart = known(f" and {percent(chart, 1)} of those of the {number_word(top_n)} biggest models", chart)
    words = f"In {weeks_words(weeks)}, Chinese models had {percent(everything, 1)} of all tokens{of_chart}"
    return known(words, everything)


def cutoff_title(curve: pd.DataFrame) -> str:
    """Title of the figure of shares by number of models counted.

    Parameters
    ----------
    curve : DataFrame
        As ``cutoffs.share_by_cutoff`` gives it.

    Examples
    --------
    >>> cutoff_title(pd.DataFrame({"CN": [1.0, 0.5]}, index=[1, 2]))
    'The more models are counted, the smaller the Chinese share: 100% of the biggest, 50% of the two biggest'
    """
    if curve.empty:
        return ""
    first, last, longest = curve["CN"].iloc[0], curve["CN"].iloc[-1], curve.index[-1]
    trend = "smaller" if last < first else "larger"
    return (
        f"The more models are counted, the {trend} the Chinese share: {percent(first)} of the biggest, "
        f"{percent(last)} of the {number_word(longest)} biggest"
    )


def cutoff(lengths: str, level: float, of_named: float, of_all: float) -> str:
    """Which lengths of a chart show the claimed share, and what all tokens show.

    Parameters
    ----------
    lengths : str
        Lengths that show more than the level, in words.
    level, of_named, of_all : float
        The claimed share, and the Chinese share of each day's 50 biggest models and of all tokens.

    Examples
    --------
    >>> cutoff("7 to 12", 0.6, 0.506, 0.454)
    "A chart shows more than 60% Chinese if it counts 7 to 12 models. \
Each day's 50 biggest models together show 51%. All tokens show 45%."
    """
    return sentences(
        f"A chart shows more than {percent(level)} Chinese if it counts {lengths} models."
        if lengths != "no length"
        else f"A chart of no length shows more than {percent(level)} Chinese.",
        known(f"Each day's 50 biggest models together show {percent(of_named)}.", of_named),
        known(f"All tokens show {percent(of_all)}.", of_all),
        otherwise="",
    )


def first_lead(on_all: pd.Timestamp, on_chart: pd.Timestamp, top_n: int) -> str:
    """What is true instead of S2; NaT for a lead that had not come.

    Examples
    --------
    >>> first_lead(pd.Timestamp("2026-03-23"), pd.Timestamp("2026-02-09"), 9)
    'On all tokens, Chinese models first led in the week of 23 March 2026. \
Among the nine biggest models, they first led in the week of 9 February 2026.'
    >>> first_lead(pd.NaT, pd.NaT, 9)
    'On all tokens, Chinese models had not led in any week by then.'
    """
    return sentences(
        known(f"On all tokens, Chinese models first led in the week of {date_words(on_all)}.", on_all)
        or "On all tokens, Chinese models had not led in any week by then.",
        known(
            f"Among the {number_word(top_n)} biggest models, they first led in the week of {date_words(on_chart)}.",
            on_chart,
        ),
        otherwise="",
    )


def first_lead_title(on_all: pd.Timestamp) -> str:
    """Title of the figure of weekly shares.

    Examples
    --------
    >>> first_lead_title(pd.Timestamp("2026-03-23")), first_lead_title(pd.NaT)
    ('Chinese models first had more tokens than US models in the week of 23 March 2026', \
'Chinese models had not had more tokens than US models in any week')
    """
    if pd.isna(on_all):
        return "Chinese models had not had more tokens than US models in any week"
    return f"Chinese models first had more tokens than US models in the week of {date_words(on_all)}"


def april(lead: float, unknown: float, gap: pd.Series, chart: pd.Series, top_n: int) -> str:
    """What is true instead of S3.

    Parameters
    ----------
    lead : float
        Chinese minus US share over the month.
    unknown : float
        Share of the month's tokens of unknown origin.
    gap, chart : Series
        Chinese minus US share of all tokens, and of those of the ``top_n`` biggest models, a row a week.

    Examples
    --------
    >>> print(april(0.034, 0.097, pd.Series([0.3, -0.1]), pd.Series([0.4, 0.1]), 9))
    Over all of April, Chinese models were 3.4 points ahead; \
for 9.7% of the tokens the developer's country is not known. \
In the week in which April begins they led by 30 points. US models led in one of the month's two weeks. \
Among the nine biggest models, US ones led in none of the weeks.
    >>> april(float("nan"), float("nan"), *2 * [pd.Series([float("nan")])], 9)
    'April 2026 had not begun by then.'
    """
    side = "ahead" if lead > 0 else "behind"
    first = gap.iloc[0]
    behind, weeks = number_word(int((gap < 0).sum())), number_word(len(gap))
    return sentences(
        known(
            f"Over all of April, Chinese models were {100 * abs(lead):.1f} points {side}; "
            f"for {percent(unknown, 1)} of the tokens the developer's country is not known.",
            *(lead, unknown),
        ),
        known(f"In the week in which April begins they led by {100 * first:.0f} points.", first),
        known(f"US models led in {behind} of the month's {weeks} weeks.", lead),
        known(
            f"Among the {number_word(top_n)} biggest models, US ones led in {_weeks_behind(chart)} of the weeks.",
            chart.max(skipna=False),
            lead,
        ),
        otherwise="April 2026 had not begun by then.",
    )


def week_growth(change: pd.DataFrame, week: str, top_n: int) -> str:
    """What is true instead of S5.

    Parameters
    ----------
    change : DataFrame
        Change from the week before; rows ``literal`` and ``top_n``, columns CN and US.
    week : str
        Its Monday.
    top_n : int
        Models that a chart shows.

    Examples
    --------
    >>> change = pd.DataFrame({"CN": [0.3, 0.817], "US": [-0.08, -0.347]}, index=["literal", "top_n"])
    >>> print(week_growth(change, "2026-04-27", 9))
    In the week of 27 April 2026, Chinese usage changed by +30% and US usage by -8%. \
On a chart of the nine biggest models it was +81.7% and -34.7%. \
A model that enters such a chart brings all its tokens at once, one that leaves takes them away.
    """
    cn_all, us_all = change.loc["literal", ["CN", "US"]]
    cn_top, us_top = change.loc["top_n", ["CN", "US"]]
    when = f"In the week of {date_words(week)}"
    enters = "A model that enters such a chart brings all its tokens at once, one that leaves takes them away."
    return sentences(
        known(f"{when}, Chinese usage changed by {cn_all:+.0%} and US usage by {us_all:+.0%}.", cn_all, us_all),
        known(f"On a chart of the {number_word(top_n)} biggest models it was {cn_top:+.1%} and {us_top:+.1%}.", cn_top),
        known(enters, cn_top),
        otherwise="The week had not ended by then.",
    )


def year_title(times: pd.Series) -> str:
    """Title of the figure of tokens a day.

    Parameters
    ----------
    times : Series
        Tokens a day over those of 52 weeks before, by origin.

    Examples
    --------
    >>> year_title(pd.Series({"CN": 35.2, "US": 6.04})), year_title(pd.Series({"CN": float("nan"), "US": 2.0}))
    ('Both grew: in a year, Chinese tokens became 35 times as many, US tokens 6.0 times', '')
    """
    both = "Both grew: in a year" if times.min() > 1 else "In a year"
    chinese, american = (f"{value:.1f}" if value < 10 else f"{value:.0f}" for value in times[["CN", "US"]])
    words = f"{both}, Chinese tokens became {chinese} times as many, US tokens {american} times"
    return known(words, *times[["CN", "US"]])


def year_ago(before: float, week: pd.DatetimeIndex, shares: pd.Series, open_then: float, near: pd.DatetimeIndex) -> str:
    """What is true instead of S7.

    Parameters
    ----------
    before : float
        Chinese share of all tokens in ``week``, a year ago.
    week, near : DatetimeIndex
        That week, and the nearest one known by model.
    shares : Series
        Chinese share of all tokens by week.
    open_then : float
        Share of Chinese models known to have open weights in ``near``.

    Examples
    --------
    >>> week = pd.to_datetime(["2025-05-19"])
    >>> shares = pd.Series([0.044, 0.117], pd.to_datetime(["2025-01-13", "2025-05-19"]))
    >>> print(year_ago(0.117, week, shares, 0.156, week))
    A year before, in the week of 19 May 2025, Chinese models had 11.7% of all tokens. \
The lowest Chinese week on record is that of 13 January 2025, with 4.4%. \
In the week of 19 May 2025, the nearest known by model, Chinese models known to have open weights had 15.6%.
    """
    lowest = shares.min()
    return sentences(
        known(f"A year before, in {weeks_words(week)}, Chinese models had {percent(before, 1)} of all tokens.", before),
        known(
            f"The lowest Chinese week on record is that of {date_words(shares.idxmin())}, with {percent(lowest, 1)}.",
            lowest,
        ),
        known(
            f"In {weeks_words(near)}, the nearest known by model, Chinese models known to have open weights had "
            f"{percent(open_then, 1)}.",
            open_then,
        ),
        otherwise="The data do not reach back a year.",
    )


def half_a_year_ago(share: float, week: pd.DatetimeIndex) -> str:
    """What is true instead of S11: the US share in a week half a year before.

    Examples
    --------
    >>> half_a_year_ago(0.71, pd.to_datetime(["2025-11-17"]))
    'Half a year before, in the week of 17 November 2025, US models had 71% of all tokens.'
    >>> half_a_year_ago(float("nan"), pd.DatetimeIndex([]))
    'The data do not reach back half a year.'
    """
    return sentences(
        known(f"Half a year before, in {weeks_words(week)}, US models had {percent(share)} of all tokens.", share),
        otherwise="The data do not reach back half a year.",
    )


def _weeks_behind(gap: pd.Series) -> str:
    """Number of weeks in which US models led, in words."""
    weeks = int((gap < 0).sum())
    return number_word(weeks) if weeks else "none"
