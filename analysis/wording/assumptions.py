"""What would have to be true for a claimed token share, in sentences. Shares are 0 to 1."""

import pandas as pd

from analysis.prose import count, date_words, known, needed, number_word, percent, sentences


def certainty(part: float, level: float) -> str:
    """Whether the tokens of unknown origin could change the answer.

    Parameters
    ----------
    part : float
        Part of them that would have to be Chinese, as ``share.unattributed_needed`` gives it.
    level : float
        The claimed share.

    Examples
    --------
    >>> certainty(1.15, 0.6)
    'Even if every token of unknown origin were Chinese, 60% would not be reached.'
    >>> certainty(0.4, 0.6), certainty(-0.1, 0.6), certainty(float("nan"), 0.6)
    ('It would be true if 40% of the tokens of unknown origin were Chinese.', \
'It is so whoever made the models of unknown origin.', '')
    """
    if part > 1:
        return f"Even if every token of unknown origin were Chinese, {percent(level)} would not be reached."
    if part > 0:
        return f"It would be true if {percent(part)} of the tokens of unknown origin were Chinese."
    return known("It is so whoever made the models of unknown origin.", part)


def elsewhere(tokens: pd.Series, spend: pd.Series) -> str:
    """What share Chinese models have on the second platform: of its tokens, and of the money spent there.

    Parameters
    ----------
    tokens, spend : Series
        Least (low) and largest (high) share on one day, which is the series' name; NaN where there is none.

    Examples
    --------
    >>> day = pd.Timestamp("2026-05-20")
    >>> tokens = pd.Series({"low": 0.2006, "high": 0.3977}, name=day)
    >>> print(elsewhere(tokens, pd.Series({"low": 0.0024, "high": 0.0275}, name=day)))
    Vercel's AI Gateway, another router, does not name all models: Chinese ones had 20% to 40% of its tokens \
on 20 May 2026. \
Of the money spent there they had 0.2% to 2.8%.
    >>> elsewhere(*2 * [pd.Series({"low": float("nan"), "high": float("nan")}, name=pd.NaT)])
    "Nothing had been published about Vercel's AI Gateway by then."
    """
    if tokens.isna().all() or spend.isna().all():
        return "Nothing had been published about Vercel's AI Gateway by then."
    digits = 1 if spend["high"] < 0.1 else 0
    same_day = "" if tokens.name == spend.name else f" on {date_words(spend.name)}"
    return (
        "Vercel's AI Gateway, another router, does not name all models: "
        f"Chinese ones had {_between(tokens, 0)} of its tokens on {date_words(tokens.name)}. "
        f"Of the money spent there{same_day} they had {_between(spend, digits)}."
    )


def _between(ends: pd.Series, digits: int) -> str:
    """Two ends of a share; one where they are printed alike."""
    low, high = percent(ends["low"], digits), percent(ends["high"], digits)
    return low if low == high else f"{low} to {high}"


def grid_title(passing: pd.Series, seen: pd.Series, top_n: int, level: float) -> str:
    """Title of the figure of shares by number of models and week: in how many weeks the level is passed.

    Examples
    --------
    >>> rows = ["9 largest", "all"]
    >>> grid_title(pd.Series([5, 1], rows), pd.Series([9, 9], rows), 9, 0.6)
    'Over 60% Chinese in 5 of 9 weeks among the nine biggest models, in 1 of 9 weeks on all tokens'
    """
    chart = f"{top_n} largest"
    if not seen["all"]:
        return ""
    return (
        f"Over {percent(level)} Chinese in {passing[chart]} of {count(seen[chart], 'week')} among the "
        f"{number_word(top_n)} biggest models, in {passing['all']} of {count(seen['all'], 'week')} on all tokens"
    )


def growth_lengths(lengths: str, least: int, most: int) -> str:
    """On which lengths of a chart both growth figures of the article come out.

    Examples
    --------
    >>> growth_lengths("9", 5, 15)
    'Of all charts of 5 to 15 models, both growth figures of the article come out on those with 9. \
On all tokens there is no length to choose.'
    """
    if lengths == "no length":
        return f"On no chart of {least} to {most} models do both growth figures of the article come out."
    return (
        f"Of all charts of {least} to {most} models, both growth figures of the article come out on those "
        f"with {lengths}. On all tokens there is no length to choose."
    )


def unknown_origin(unknown: float, part: float, band: pd.DataFrame, weeks: int, level: float) -> str:
    """How much is of unknown origin, and whether it could turn the answer.

    Parameters
    ----------
    unknown : float
        Its share of all tokens.
    part : float
        Part of it that would have to be Chinese.
    band : DataFrame
        As ``share.attribution_band`` gives it.
    weeks : int
        Weeks that it takes together.
    level : float
        The claimed share.

    Examples
    --------
    >>> print(unknown_origin(0.127, 1.15, pd.DataFrame({"CN": [0.512]}, pd.to_datetime(["2026-04-06"])), 4, 0.6))
    For 12.7% of all tokens nobody has published whose models they went to. \
Even if every token of unknown origin were Chinese, 60% would not be reached. \
Over four weeks together the Chinese share was never higher than 51.2%, up to the week of 6 April 2026.
    """
    highest = band["CN"].max()
    together = f"Over {number_word(weeks)} week{'s' if weeks > 1 else ''} together"
    until = date_words(band["CN"].idxmax() if pd.notna(highest) else None)
    return sentences(
        known(f"For {percent(unknown, 1)} of all tokens nobody has published whose models they went to.", unknown),
        certainty(part, level),
        known(
            f"{together} the Chinese share was never higher than {percent(highest, 1)}, up to the week of {until}.",
            highest,
        ),
        otherwise="No full week had been published by then.",
    )


def band_title(part: float, level: float) -> str:
    """Title of the figure of what the tokens of unknown origin could add.

    Examples
    --------
    >>> band_title(1.15, 0.6), band_title(0.4, 0.6)
    ('Even with every token of unknown origin, the Chinese share would not pass 60%', \
'For 60%, 40% of the tokens of unknown origin would have to be Chinese')
    """
    if part > 1:
        return f"Even with every token of unknown origin, the Chinese share would not pass {percent(level)}"
    if part <= 0:
        return f"The Chinese share passes {percent(level)} without any token of unknown origin"
    return known(f"For {percent(level)}, {needed(part)} of the tokens of unknown origin would have to be Chinese", part)


def gateway_title(tokens: pd.Series, spend: pd.Series) -> str:
    """Title of the figure of the second platform, see ``elsewhere``.

    Examples
    --------
    >>> day = pd.Timestamp("2026-05-20")
    >>> spend = pd.Series({"low": 0.0024, "high": 0.0275}, name=day)
    >>> gateway_title(pd.Series({"low": 0.2006, "high": 0.3977}, name=day), spend)
    "On Vercel's gateway, Chinese models had 20% to 40% of the tokens and 0.2% to 2.8% of the money spent"
    """
    if tokens.isna().all() or spend.isna().all():
        return ""
    of_spend = _between(spend, 1 if spend["high"] < 0.1 else 0)
    return (
        f"On Vercel's gateway, Chinese models had {_between(tokens, 0)} of the tokens and {of_spend} of the money spent"
    )


def lengths_table(by_length: pd.DataFrame) -> pd.DataFrame:
    """What charts of several lengths show, with columns in words; as ``cutoffs.by_length`` gives it.

    Examples
    --------
    >>> row = {"first_lead": pd.NaT, "least_gap": 0.1, "best_share": 0.2, "CN": 0.5, "US": -0.25}
    >>> [str(cell) for cell in lengths_table(pd.DataFrame([row], [9])).iloc[0]]
    ['never', '10.0', '20.0', '50.0', '-25.0']
    """
    first = pd.to_datetime(by_length["first_lead"]).dt.strftime("%Y-%m-%d").fillna("never")
    columns = {
        "least_gap": "smallest Chinese lead in April, points",
        "best_share": "MiMo-V2-Pro's best week, %",
        "CN": "growth of Chinese tokens, %",
        "US": "growth of US tokens, %",
    }
    numbers = (100 * by_length[list(columns)].astype(float)).round(1).rename(columns=columns)
    numbers.insert(0, "first Chinese lead, week of", first)
    return numbers.rename_axis("models counted", axis="index")
