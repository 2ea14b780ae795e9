"""Lag: how many months the best of one origin is behind the frontier of another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis import InputError
from analysis.measures.capability import frontier

MONTH = pd.Timedelta(days=365.25 / 12)
"""Length of a month in a lag."""

_COLUMNS = [
    "months",
    "low",
    "high",
    "censored",
    "model",
    "score",
    "reached_by",
    "reached",
    "day",
    "models",
    "undated",
]


@dataclass(frozen=True)
class Lag:
    """How far the best model of one origin is behind the frontier of another on a day.

    Parameters
    ----------
    months : float
        Time since the other frontier first reached the score; 0 where it has not.
    model, score : str, float
        The best model of the origin, and its score.
    reached_by, reached : str, Timestamp
        The other origin's model that reached that score first, and its release; "" and NaT where none has.
    censored : bool
        Whether it was the first that the board has of that origin, so that ``months`` is a lower bound.
    """

    months: float
    model: str
    score: float
    reached_by: str
    reached: pd.Timestamp
    censored: bool


def frontier_lag(board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp) -> Lag:
    """How far the best model of an origin is behind the frontier of another on a day.

    Parameters
    ----------
    board : DataFrame
        Columns model, origin, score and date (the model's release), of one board.
    origin, reference : str
        Whose lag, and behind whose frontier.
    day : str or Timestamp
        Models released later are left out.

    Raises
    ------
    InputError
        The board has no model of one of the two by that day.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "US", 155.0, "2025-06-01"), ("c", "CN", 151.0, "2025-12-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lag = frontier_lag(board, "CN", "US", "2025-12-01")
    >>> lag.reached_by, round(lag.months, 1), lag.censored
    ('b', 6.0, False)
    """
    day = pd.Timestamp(day)
    known = board[board["date"].le(day)]
    ours, theirs = frontier(known, origin), frontier(known, reference)
    for name, rows in [(origin, ours), (reference, theirs)]:
        if rows.empty:
            raise InputError(f"The board has no model of origin {name} by {day:%Y-%m-%d}: choose another board or day.")
    best = ours.iloc[-1]
    above = theirs[theirs["score"].ge(best["score"])]
    if above.empty:
        return Lag(0.0, best["model"], best["score"], "", pd.NaT, False)
    first = above.iloc[0]
    months = (day - first["date"]) / MONTH
    return Lag(months, best["model"], best["score"], first["model"], first["date"], first["date"] == theirs["date"][0])


def lags_at_release(board: pd.DataFrame, origin: str, reference: str) -> pd.DataFrame:
    """Lag of each new best of an origin on the day of its release, where that is known.

    Parameters
    ----------
    board, origin, reference
        As for ``frontier_lag``.

    Returns
    -------
    DataFrame
        By release: model, score, date, months (0 where the other frontier was not there yet), reached_by, censored.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01"), ("c", "CN", 151.0, "2025-12-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lags_at_release(board, "CN", "US")[["model", "months", "censored"]].round(1).to_dict("records")
    [{'model': 'b', 'months': 5.9, 'censored': True}, {'model': 'c', 'months': 0.0, 'censored': False}]
    """
    dated = board[board.get("dated", pd.Series(True, index=board.index))]
    ours, theirs = frontier(dated, origin), frontier(dated, reference)
    # Before the other origin's first model there is nothing to be behind.
    ours = ours[ours["date"].ge(theirs["date"].min())]
    first = _first_to_reach(ours["score"], theirs, pd.DatetimeIndex(ours["date"]))
    columns = ["model", "score", "months", "reached_by", "censored"]
    return first.assign(model=ours["model"].to_numpy(), score=ours["score"].to_numpy())[columns].assign(
        date=ours["date"].to_numpy()
    )


def _first_to_reach(scores: pd.Series, theirs: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Months since a frontier first reached each of several scores, on a day for each of them.

    A frontier rises with time, so that a sorted search finds who was there first. Columns: months (0 where none was
    there by the day), reached_by ("" where none) and censored (the frontier's first model was above already).
    """
    first = theirs["score"].searchsorted(scores.to_numpy())
    reached = first < theirs["date"].searchsorted(days, side="right")
    place = np.where(reached, first, 0)
    months = np.where(reached, (days - theirs["date"].to_numpy()[place]) / MONTH, 0.0)
    by = np.where(reached, theirs["model"].to_numpy()[place], "")
    return pd.DataFrame({"months": months, "reached_by": by, "censored": reached & (first == 0)})


def lag_through_time(board: pd.DataFrame, origin: str, reference: str, days: Iterable[pd.Timestamp]) -> pd.DataFrame:
    """Lag on each of several days, from the first on which the board has both origins.

    Returns
    -------
    DataFrame
        Indexed by day: months and censored.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lag_through_time(board, "CN", "US", pd.to_datetime(["2025-06-01", "2025-08-01"])).round(1).to_dict("records")
    [{'months': 7.0, 'censored': True}]
    """
    ours, theirs = frontier(board, origin), frontier(board, reference)
    if ours.empty or theirs.empty:
        return pd.DataFrame({"months": [], "censored": []}, index=pd.DatetimeIndex([]))
    every = pd.DatetimeIndex(list(days))
    covered = every[every >= max(ours["date"].min(), theirs["date"].min())]
    # The frontier rises with time, so that a sorted search finds the best of a day.
    best = ours["score"].iloc[ours["date"].searchsorted(covered, side="right") - 1]
    return _first_to_reach(best, theirs, covered)[["months", "censored"]].set_index(covered)


def simulated_lags(
    board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, draws: int = 2000
) -> np.ndarray:
    """Lags in months when every score moves by its standard error: a parametric bootstrap.

    Parameters
    ----------
    board : DataFrame
        As for ``frontier_lag``, with stderr; a score without one stays.
    origin, reference : str
        Whose lag, and behind whose frontier.
    day : str or Timestamp
        The day.
    seed : int
        Of the generator.
    draws : int
        How many.

    Returns
    -------
    array
        One lag a draw.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, 0.0, "2025-01-01"), ("b", "CN", 149.0, 0.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "stderr", "date"])
    >>> board = board.astype({"date": "datetime64[us]"})
    >>> simulated_lags(board, "CN", "US", "2025-07-01", seed=1, draws=2).round(1)
    array([5.9, 5.9])
    """
    day = pd.Timestamp(day)
    known = board[board["date"].le(day)].sort_values("date", kind="stable")
    noise = np.random.default_rng(seed).normal(size=(draws, len(known))) * known["stderr"].fillna(0).to_numpy()
    moved = known["score"].to_numpy() + noise
    is_ours, is_theirs = known["origin"].eq(origin).to_numpy(), known["origin"].eq(reference).to_numpy()
    # A row a draw, a column a model of the reference by release: whether it reaches the best of the origin.
    reached = moved[:, is_theirs] >= moved[:, is_ours].max(axis=1, keepdims=True)
    months = ((day - known.loc[is_theirs, "date"]) / MONTH).to_numpy()
    return np.where(reached.any(axis=1), months[reached.argmax(axis=1)], 0.0)


def told_until(board: pd.DataFrame, day: str | pd.Timestamp) -> pd.Timestamp:
    """Day up to which a board tells: its last score, or an earlier day of the run.

    A lag grows with every day on which a board is not brought up to date; it is taken on this one.

    Examples
    --------
    >>> told_until(pd.DataFrame({"measured": pd.to_datetime(["2026-04-19"])}), "2026-05-25")
    Timestamp('2026-04-19 00:00:00')
    """
    return min(pd.Timestamp(day), board["measured"].max())


def lag_table(
    frame: pd.DataFrame,
    origin: str,
    reference: str,
    day: str | pd.Timestamp,
    seed: int,
    confidence: float,
    fits: Iterable[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Lag on every board with models of both origins, on the last day that it tells of.

    Parameters
    ----------
    frame : DataFrame
        Boards, as ``capability.boards`` gives them.
    origin, reference, day, seed, confidence
        Whose lag, behind whose frontier, on which day; seed and confidence of the simulated interval.
    fits : iterable of DataFrame
        A board of the frame as other fits of it have it: its interval spans theirs.

    Returns
    -------
    DataFrame
        Indexed by board: months, low, high (missing where there is no interval, and high where the lag is censored;
        where nobody has measured since, high is what the lag would be now if nothing had changed),
        censored, model, score, reached_by, reached, day, models (of ``origin``) and undated (without a release).

    Examples
    --------
    >>> from analysis.catalog import load
    >>> from analysis.measures.capability import boards
    >>> lag_table(boards(load("scores", "2026-05-25")), "CN", "US", "2026-05-25", 1, 0.95).loc["LMArena text", "model"]
    'glm-5.1'
    """
    rows = {}
    for name, board in frame.groupby("board"):
        if {origin, reference} <= set(board["origin"]):
            rows[name] = _lag_row(board, origin, reference, day, seed, confidence)
    lags = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)
    return _over_fits(lags, [lag_table(other, origin, reference, day, seed, confidence) for other in fits])


def _lag_row(
    board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, confidence: float
) -> dict[str, Any]:
    until = told_until(board, day)
    lag = frontier_lag(board, origin, reference, until)
    low, high = lag_interval(lag, board, origin, reference, until, seed, confidence)
    if (unmeasured := (pd.Timestamp(day) - until) / MONTH) > 0 and not lag.censored:
        low, high = (lag.months, lag.months) if np.isnan(high) else (low, high)
        high += unmeasured
    undated = ~board["dated"] & board["origin"].isin([origin, reference])
    counts = {"models": board["origin"].eq(origin).sum(), "undated": undated.sum()}
    return vars(lag) | {"low": low, "high": high, "day": until} | counts


def lag_interval(
    lag: Lag, board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, confidence: float
) -> tuple[float, float]:
    """Interval of a lag from ``simulated_lags``: bias-corrected percentiles of the draws.

    Noise lets an earlier model of nearly that score reach it first, and lifts the best of many, so that the draws do
    not lie evenly about the lag that was observed. The percentiles are moved by twice that unevenness (Efron 1987,
    J. Am. Stat. Assoc. 82, 171-185, without acceleration). A lag takes few values, so that a draw that equals it
    counts half.

    Returns
    -------
    tuple of float
        Lower and upper end in months. The upper one is missing where the lag itself is a lower bound. Both are missing
        where a score of the two origins has no standard error, and where the interval would not hold the lag.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, 0.0, "2025-01-01"), ("b", "CN", 149.0, 0.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "stderr", "date"])
    >>> board = board.astype({"date": "datetime64[us]"})
    >>> question = "CN", "US", "2025-07-01"
    >>> lag_interval(frontier_lag(board, *question), board, *question, seed=1, confidence=0.95)
    (5.946611909650924, nan)
    """
    nothing = float("nan"), float("nan")
    if board.loc[board["origin"].isin([origin, reference]), "stderr"].isna().any():
        return nothing
    draws = simulated_lags(board, origin, reference, day, seed)
    below = (draws < lag.months).mean() + (draws == lag.months).mean() / 2
    if below in (0, 1):
        return nothing
    half_width, bias = special.ndtri((1 + confidence) / 2), special.ndtri(below)
    # An end is one of the lags that were drawn, not a mean of two of them.
    ranks = special.ndtr([2 * bias - half_width, 2 * bias + half_width])
    low, high = np.quantile(draws, ranks, method="inverted_cdf")
    if not low <= lag.months <= high:
        return nothing
    return float(low), float("nan") if lag.censored else float(high)


def _over_fits(lags: pd.DataFrame, others: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Lags whose intervals span those of other fits; a fit without an interval moves the ends to its lag."""
    low, high = lags["low"].fillna(lags["months"]), lags["high"].fillna(lags["months"])
    has_other = pd.Series(False, index=lags.index)
    for other in others:
        again = other.reindex(lags.index)
        has_other |= again["months"].notna()
        low = low.where(~again["low"].fillna(again["months"]).lt(low), again["low"].fillna(again["months"]))
        high = high.where(~again["high"].fillna(again["months"]).gt(high), again["high"].fillna(again["months"]))
    # A lower bound has nothing above it, whatever another fit says.
    bounded = high.where(~lags["censored"].astype(bool))
    return lags.assign(low=lags["low"].where(~has_other, low), high=lags["high"].where(~has_other, bounded))


def ends(row: pd.Series) -> tuple[float | None, float, float]:
    """Value, low and high of a lag, as a finding takes them: a lower bound has no value, and nothing above it.

    Examples
    --------
    >>> ends(pd.Series({"months": 5.2, "low": 3.3, "high": 7.0, "censored": True}))
    (None, 3.3, nan)
    """
    if pd.notna(row["censored"]) and row["censored"]:
        return None, float(pd.Series([row["low"], row["months"]]).min()), float("nan")
    return row["months"], row["low"], row["high"]


def median_lag(lags: pd.DataFrame) -> tuple[float, float, float]:
    """Median over boards, and the medians of the ends of their intervals.

    A board whose lag is a lower bound counts in the ends alone: with that bound in the lower one, without any in the
    upper one.

    Parameters
    ----------
    lags : DataFrame
        As ``lag_table`` gives them.

    Returns
    -------
    tuple of float
        Value, low and high in months; missing where no board has a lag, and value and high where half of them or more
        have a lower bound.

    Examples
    --------
    >>> rows = {"months": [4.0, 6.0, 9.0], "low": [3.0, 5.0, 1.0], "high": [5.0, 8.0, 9.5], "censored": False}
    >>> median_lag(pd.DataFrame(rows))
    (6.0, 3.0, 8.0)
    """
    is_bound = lags["censored"].astype(bool)
    value = float(lags.loc[~is_bound, "months"].astype(float).median())
    low = lags["low"].fillna(lags["months"]).astype(float).median()
    high = lags["high"].fillna(lags["months"]).astype(float).where(~is_bound, np.inf).median()
    least = float(np.fmin(low, value))
    return (value, least, float(np.fmax(high, value))) if np.isfinite(high) else (float("nan"), least, float("nan"))


def median_at_release(board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp) -> float:
    """Median lag in months of an origin's new bests on the days of their release, over the year before a day.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> round(median_at_release(board, "CN", "US", "2025-12-01"), 1)
    5.9
    """
    day = pd.Timestamp(day)
    releases = lags_at_release(board[board["date"].le(day)], origin, reference)
    return float(releases.loc[releases["date"].gt(day - pd.DateOffset(years=1)), "months"].median())
