"""The course of a lag: from release to release, through time, and under other assumptions."""

from collections.abc import Iterable

import pandas as pd

from analysis.measures.capability import INDEX, index_board, index_fits
from analysis.measures.lag import MONTH, lag_table, lag_through_time, median_at_release


def release_median(
    board: pd.DataFrame, fits: Iterable[pd.DataFrame], origin: str, reference: str, day: str | pd.Timestamp
) -> tuple[float, float, float]:
    """``median_at_release`` of a board, and the least and most of it over the fits of the board.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> [round(end, 1) for end in release_median(board, [], "CN", "US", "2025-12-01")]
    [5.9, 5.9, 5.9]
    """
    value = median_at_release(board, origin, reference, day)
    every = pd.Series([value, *(median_at_release(fit, origin, reference, day) for fit in fits)])
    return value, float(every.min()), float(every.max())


def lags_through_time(
    boards: pd.DataFrame, lags: pd.DataFrame, origin: str, reference: str, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Lag on every board through time, until the day that the board tells of.

    Parameters
    ----------
    boards, lags : DataFrame
        Boards, and the table of their lags; a board with fewer than three models of the origin is left out.
    origin, reference : str
        Whose lag, and behind whose frontier.
    days : DatetimeIndex
        The days to take it on, besides the last of each board.

    Returns
    -------
    DataFrame
        By board and day: months and censored; a board that has fewer than three days is left out.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> from analysis.measures.capability import boards
    >>> frame = boards(load("scores", "2026-05-25"))
    >>> lags = lag_table(frame, "CN", "US", "2026-05-25", 1, 0.95)
    >>> days = pd.date_range("2025-06-01", "2026-05-25", freq="MS")
    >>> "LMArena text" in lags_through_time(frame, lags, "CN", "US", days).index
    True
    """
    frames: dict[str, pd.DataFrame] = {}
    for board, rows in boards.groupby("board"):
        name = str(board)
        if name in lags.index and lags["models"][name] > 2:
            until = lags["day"][name]
            frame = lag_through_time(rows, origin, reference, [*days[days < until], until])
            frames |= {name: frame} if len(frame) > 2 else {}
    empty = pd.DataFrame({"months": [], "censored": []}, index=pd.MultiIndex.from_arrays([[], pd.DatetimeIndex([])]))
    return (pd.concat(frames) if frames else empty).rename_axis(["board", "day"])


def lags_by_noise(
    capability: pd.DataFrame,
    noises: Iterable[float],
    origin: str,
    reference: str,
    day: str,
    seed: int,
    confidence: float,
) -> pd.DataFrame:
    """Lag on the capability index, were the noise of a score another one.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``, as of the day.
    noises : iterable of float
        Standard errors of a score, index points.
    origin, reference, day, seed, confidence
        As for ``lag_table``.

    Returns
    -------
    DataFrame
        Indexed by noise: months, low, high.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> table = load("capability", "2026-05-25")
    >>> lags_by_noise(table, [0.1], "CN", "US", "2026-05-25", 1, 0.95)["months"].round(1).to_dict()
    {0.1: 6.2}
    """
    rows = {}
    for noise in noises:
        fits = index_fits(capability, day, noise)
        lags = lag_table(index_board(capability, day, noise), origin, reference, day, seed, confidence, fits)
        rows[noise] = lags.reindex([INDEX]).iloc[0][["months", "low", "high"]]
    return pd.DataFrame(rows).T.astype(float)


def days_within(lag: pd.Series, board: pd.DataFrame, low: float, high: float) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From when until when a lag lies between two lengths, if nothing new comes out; NaT where there is no lag.

    Parameters
    ----------
    lag : Series
        A row of ``lag_table``: reached and model.
    board : DataFrame
        The board: columns model and date. Before the best model's release its lag is that of another one.
    low, high : float
        In months.

    Examples
    --------
    >>> row = pd.Series({"reached": pd.Timestamp("2025-11-18"), "model": "m"})
    >>> board = pd.DataFrame({"model": ["m"], "date": [pd.Timestamp("2026-05-19")]})
    >>> [f"{day:%Y-%m-%d}" for day in days_within(row, board, 2.5, 6.5)]
    ['2026-05-19', '2026-06-03']
    """
    first, last = lag["reached"] + low * MONTH, lag["reached"] + high * MONTH
    came_out = board.loc[board["model"].eq(lag["model"]), "date"].min()
    return (max(first, came_out) if pd.notna(first) else first), last
