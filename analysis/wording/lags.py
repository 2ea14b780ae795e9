"""Lags of Chinese behind US models in sentences. Lags are in months."""

import pandas as pd

from analysis.measures.capability import INDEX
from analysis.prose import capital, date_words, format_value, interval, known, number_word, sentences
from analysis.wording.capability import is_chance

Three = tuple[float, float, float]
"""A value and the ends of its interval."""

CLAIMED = "roughly three to six months"
"""The lag that the article gives; a test holds it against the register."""


def on_board(board: str) -> str:
    """Where a lag was measured.

    Examples
    --------
    >>> on_board("Epoch Capabilities Index"), on_board("LMArena text")
    ('the Epoch Capabilities Index', 'LMArena text')
    """
    return f"the {board}" if board == INDEX else board


def answer(
    board: str,
    lag: pd.Series,
    is_so: bool | None,
    others: pd.DataFrame,
    middle: Three,
    gap: pd.Series,
    kinds: pd.Series,
) -> str:
    """How far behind, how sure that is, and whether that is parity.

    Parameters
    ----------
    board, lag, is_so : str, Series, bool or None
        Where the lag is measured, a row of ``lag_table``, and whether it is as claimed; None where that is open.
    others, middle : DataFrame, tuple of float
        Lags on the other boards, and the median of them with its interval.
    gap : Series
        MiniMax M2.5 minus Claude Opus 4.6 over all tasks: n, difference, low, high (parts of one).
    kinds : Series
        Number of pairs that are equivalent, undecided and different.

    Examples
    --------
    >>> lag = pd.Series({"months": 6.2, "low": 3.6, "high": 6.2, "censored": False, "model": "M", "day": "2026-05-25"})
    >>> gap = pd.Series({"n": 933.0, "difference": -0.072, "low": -0.097, "high": -0.046})
    >>> kinds = pd.Series({"equivalent": 0, "undecided": 56, "different": 184})
    >>> print(answer("LMArena text", lag, True, pd.DataFrame(index=["a", "b"]), (5.8, 2.8, 9.6), gap, kinds))
    **Months behind: yes, roughly.** On LMArena text, the best Chinese model, M, was 6.2 months behind the best US \
model on 25 May 2026; the article says roughly three to six. The scores are noisy: the true lag may be \
3.6 to 6.2 months. On two other boards the median lag was 5.8 months.
    <BLANKLINE>
    **On par: no, for the pair that the article calls indistinguishable.** Of the same 933 coding tasks, MiniMax M2.5 \
solved 7.2 percentage points fewer than Claude Opus 4.6, which is more than chance. \
Of 240 pairs of a Chinese and a US model, 184 are shown to differ, and not one to be \
equally good.
    """
    return "\n\n".join(filter(None, [_months(board, lag, is_so, others, middle), _on_par(gap, kinds)]))


def _months(board: str, lag: pd.Series, is_so: bool | None, others: pd.DataFrame, middle: Three) -> str:
    """How far behind, and how sure that is."""
    verdict = {True: "yes, roughly", False: "no", None: "too close to call"}[is_so]
    found = f"On {on_board(board)}, {_behind(lag)}; the article says {CLAIMED.removesuffix(' months')}."
    return sentences(
        known(f"**Months behind: {verdict}.** {found}", lag["months"]),
        known(_untold(board, lag), middle[0]),
        known(f"The scores are noisy: the true lag may be {_ends(lag)}." if _has_ends(lag) else "", lag["months"]),
        known(f"On {_boards(others)} the median lag was {format_value(middle[0], 'months')}.", middle[0]),
        otherwise="By then no board scored both Chinese and US models.",
    )


def _on_par(gap: pd.Series, kinds: pd.Series) -> str:
    """Whether two models solve as much, and how many pairs do."""
    is_equal = "too close to call" if is_chance(gap) else "no"
    chance = "can be" if is_chance(gap) else "is more than"
    way = "fewer" if gap["difference"] < 0 else "more"
    points = f"{abs(100 * gap['difference']):.1f} percentage points {way} than Claude Opus 4.6"
    heading = f"**On par: {is_equal}, for the pair that the article calls indistinguishable.**"
    equal = kinds["equivalent"] or "not one"
    pairs = f"Of {kinds.sum():,} pairs of a Chinese and a US model, {kinds['different']} are shown to differ"
    return sentences(
        known(
            f"{heading} Of the same {gap['n']:.0f} coding tasks, MiniMax M2.5 solved {points}, which {chance} chance.",
            gap["difference"],
        ),
        f"{pairs}, and {equal} to be equally good." if kinds.sum() and pd.notna(gap["difference"]) else "",
        otherwise="",
    )


def _behind(lag: pd.Series) -> str:
    """Who was how far behind, and when."""
    bound = "at least " if lag["censored"] else ""
    months = f"{bound}{format_value(lag['months'], 'months')} behind the best US model"
    when = f" on {date_words(lag['day'])}" if pd.notna(lag["day"]) else ""
    return f"the best Chinese model, {lag['model']}, was {months}{when}"


def _untold(board: str, lag: pd.Series) -> str:
    """That a board does not have what it takes, where others do."""
    return "" if pd.notna(lag["months"]) else f"How far Chinese models were behind, {on_board(board)} does not tell."


def _has_ends(lag: pd.Series) -> bool:
    return bool(pd.notna(lag["high"]) and lag["low"] < lag["high"])


def _ends(lag: pd.Series) -> str:
    return interval(lag["low"], lag["high"], "months")


def _boards(others: pd.DataFrame) -> str:
    return f"{number_word(len(others))} other board{'' if len(others) == 1 else 's'}"


def key_title(lag: pd.Series) -> str:
    """Title of the chart of the two frontiers.

    Parameters
    ----------
    lag : Series
        A row of ``lag_table``.

    Examples
    --------
    >>> lag = pd.Series({"months": 6.2, "reached_by": "Gemini 3 Pro", "day": "2026-05-25", "model": "M"})
    >>> key_title(lag)
    'On 25 May 2026 no Chinese model was ahead of where Gemini 3 Pro had been 6.2 months before'
    >>> key_title(lag.replace({"Gemini 3 Pro": "", 6.2: 0.0}))
    'On 25 May 2026 a Chinese model, M, was ahead of every US model'
    """
    if pd.isna(lag["months"]):
        return ""
    when = f"On {date_words(lag['day'])}"
    if not lag["reached_by"]:
        return f"{when} a Chinese model, {lag['model']}, was ahead of every US model"
    months = format_value(lag["months"], "months")
    return f"{when} no Chinese model was ahead of where {lag['reached_by']} had been {months} before"


def history_title(through: pd.DataFrame, board: str) -> str:
    """Title of the lag through time.

    Parameters
    ----------
    through : DataFrame
        By board and day: months.
    board : str
        The board that is drawn strongest.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-06-01", "2026-01-01", "2026-05-25"])
    >>> index = pd.MultiIndex.from_product([["x"], days], names=["board", "day"])
    >>> through = pd.DataFrame({"months": [8.0, 9.0, 6.2]}, index=index)
    >>> history_title(through, "x"), history_title(through, "y")
    ('On x the lag was 8 months in June 2025 and 6.2 months in May 2026', 'The lag on one board through time')
    """
    names = through.index.unique("board")
    if board not in names:
        return (
            f"The lag on {number_word(len(names))} board{'' if len(names) == 1 else 's'} through time"
            if len(names)
            else ""
        )
    line = through.loc[board]["months"]
    first, last = (f"{format_value(line.iloc[at], 'months')} in {line.index[at]:%B %Y}" for at in (0, -1))
    return f"On {on_board(board)} the lag was {first} and {last}"


def boards_title(lags: pd.DataFrame, low: float, high: float) -> str:
    """Title of the lags on all boards.

    Parameters
    ----------
    lags : DataFrame
        As ``lag_table`` gives them.
    low, high : float
        Ends of the claimed range as it is judged, in months.

    Examples
    --------
    >>> lags = pd.DataFrame({"months": [6.2, 9.0, 1.0], "censored": [False, False, True]})
    >>> boards_title(lags, 2.5, 6.5)
    'On 1 of 2 boards that tell it, the lag is roughly three to six months'
    >>> boards_title(lags.head(1), 2.5, 6.5)
    'On the one board that tells it, the lag is roughly three to six months'
    >>> boards_title(lags.head(2), 12, 18)
    'On no board of the 2 that tell it is the lag roughly three to six months'
    """
    told = lags[~lags["censored"].astype(bool)]
    if told.empty:
        return "The boards give no more than lower bounds of the lag" if len(lags) else ""
    inside = int(told["months"].between(low, high).sum())
    if len(told) == 1:
        return f"On the one board that tells it, the lag is {'' if inside else 'not '}{CLAIMED}"
    if not inside:
        return f"On no board of the {len(told)} that tell it is the lag {CLAIMED}"
    return f"On {inside} of {len(told)} boards that tell it, the lag is {CLAIMED}"


def behind(board: str, lag: pd.Series, others: pd.DataFrame, middle: Three, at_release: float, as_of: str) -> str:
    """What is true instead of B5.

    Parameters
    ----------
    board, lag, others, middle
        As for ``answer``.
    at_release : float
        Median lag on the days on which new best Chinese models came out.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> lag = pd.Series({"months": 6.2, "low": 3.6, "high": 6.2, "censored": False, "model": "M", "day": "2026-05-25"})
    >>> print(behind("LMArena text", lag, pd.DataFrame(index=["a"]), (5.8, 2.8, 9.6), 4.0, "2026-05-25"))
    On LMArena text, the best Chinese model, M, was 6.2 months behind the best US model on 25 May 2026 (3.6 to 6.2 \
months). On one other board the median lag was 5.8 months (2.8 to 9.6 months). \
Measured on the days on which a new best Chinese model came out, the median lag over a year was 4 months.
    >>> nothing = pd.Series({"months": None, "low": None, "high": None, "censored": None, "model": None, "day": None})
    >>> behind("x", nothing, pd.DataFrame(), (float("nan"),) * 3, float("nan"), "2024-01-01")
    'By 1 January 2024, no board scored both Chinese and US models.'
    >>> print(behind("x", nothing, pd.DataFrame(index=["a"]), (5.8, 2.8, 9.6), float("nan"), "2024-01-01"))
    How far Chinese models were behind, x does not tell. On one other board the median lag was 5.8 months (2.8 to 9.6 \
months).
    """
    ends = f" ({_ends(lag)})" if _has_ends(lag) else ""
    median = f"{format_value(middle[0], 'months')} ({interval(*middle[1:], 'months')})"
    on_release = f"the median lag over a year was {format_value(at_release, 'months')}"
    return sentences(
        known(f"On {on_board(board)}, {_behind(lag)}{ends}.", lag["months"]),
        known(_untold(board, lag), middle[0]),
        known(f"On {_boards(others)} the median lag was {median}.", middle[0]),
        known(f"Measured on the days on which a new best Chinese model came out, {on_release}.", at_release),
        otherwise=f"By {date_words(as_of)}, no board scored both Chinese and US models.",
    )


def in_images(lags: pd.DataFrame, middle: Three, takes: pd.Series, as_of: str) -> str:
    """What is true instead of B6.

    Parameters
    ----------
    lags : DataFrame
        Lags on the boards with images.
    middle : tuple of float
        Their median, and its interval.
    takes : Series
        How many of the ten best models of each side are known to take images.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> lags = pd.DataFrame(index=["a", "b", "c"])
    >>> print(in_images(lags, (6.6, 4.8, 7.8), pd.Series({"CN": 4, "US": 10}), "2026-05-25"))
    On three boards with images, the best Chinese model was a median of 6.6 months behind the best US one \
(4.8 to 7.8 months). Of the ten best Chinese models four are known to take images, of the ten best US models ten.
    >>> in_images(lags.head(0), (float("nan"),) * 3, pd.Series(dtype=int), "2025-01-01")
    'By 1 January 2025, no board with images scored both sides.'
    """
    boards = f"{number_word(len(lags))} board{'' if len(lags) == 1 else 's'} with images"
    median = f"{format_value(middle[0], 'months')} behind the best US one ({interval(*middle[1:], 'months')})"
    chinese, us = (number_word(int(takes.get(side, 0))) for side in ("CN", "US"))
    only_bounds = "The boards with images gave no more than a lower bound of the lag."
    unscored = f"By {date_words(as_of)}, no board with images scored both sides."
    return sentences(
        known(f"On {boards}, the best Chinese model was a median of {median}.", middle[0]),
        known(
            f"Of the ten best Chinese models {chinese} are known to take images, of the ten best US models {us}.",
            middle[0],
        ),
        otherwise=only_bounds if len(lags) else unscored,
    )


def turning(board: str, months: float, days: tuple[pd.Timestamp, pd.Timestamp], width: float) -> str:
    """What would turn the verdicts.

    Parameters
    ----------
    board : str
        Where the lag is measured.
    months : float
        The lag there.
    days : tuple of Timestamp
        From when until when it would be as claimed, if nothing new came out.
    width : float
        Margin from which on MiniMax M2.5 and Claude Opus 4.6 count as equally good, in points.

    Examples
    --------
    >>> print(turning("x", 6.2, (pd.Timestamp("2026-05-19"), pd.Timestamp("2026-06-03")), 7.42))
    MiniMax M2.5 and Claude Opus 4.6 count as equally good from a margin of 7.4 points on. \
If no new Chinese best comes out, the best Chinese score on x is roughly three to six months behind from 19 May 2026 \
to 3 June 2026.
    >>> turning("x", float("nan"), (pd.NaT, pd.NaT), float("nan"))
    'By this date nothing turns on an assumption.'
    """
    first, last = days
    best = f"the best Chinese score on {on_board(board)}"
    period = f"from {date_words(first)} to {date_words(last)}"
    if_nothing = f"If no new Chinese best comes out, {best} is {CLAIMED} behind {period}."
    never = f"{capital(best)} was never {CLAIMED} behind with the models there are."
    return sentences(
        known(f"MiniMax M2.5 and Claude Opus 4.6 count as equally good from a margin of {width:.1f} points on.", width),
        known(if_nothing if pd.notna(first) and first <= last else never, months, first),
        otherwise="By this date nothing turns on an assumption.",
    )
