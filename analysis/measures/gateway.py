"""A second platform: what share an origin has on Vercel's AI Gateway, as bounds, for not all of the traffic is named.

Frames are rows of the table ``gateway_share``: date, metric, level, name, author, share (0 to 1) and listed, which says
whose list the names are of. Before 2026-08-26 a list belongs to a request for many days and not to the day.
"""

import pandas as pd

from analysis.measures.origins import UNATTRIBUTED, author_origin

COMPARABLE = ("day", "4 labs", "5 labs", "all labs")
"""Lists that a line may join from day to day: the day's own, or the same labs throughout."""


def with_author_origin(shares: pd.DataFrame, authors: pd.DataFrame) -> pd.DataFrame:
    """Add the origin of each row: ``other`` where no author is named, ``unknown`` for one that ``authors`` lacks.

    Parameters
    ----------
    shares : DataFrame
        The table ``gateway_share``.
    authors : DataFrame
        The table ``authors``.

    Examples
    --------
    >>> authors = pd.DataFrame({"author": ["qwen"], "kind": ["author"], "country": ["CN"]})
    >>> with_author_origin(pd.DataFrame({"author": ["qwen", "", "new"]}), authors)["origin"].tolist()
    ['CN', 'other', 'unknown']
    """
    origin = shares["author"].map(author_origin(authors)).fillna("unknown")
    return shares.assign(origin=origin.mask(shares["author"].eq(""), "other"))


def bounds(shares: pd.DataFrame, metric: str, level: str, origin: str = "CN") -> pd.DataFrame:
    """Least and largest share that an origin can have on each day.

    The least is what is named and of that origin. The largest adds all that is not named as another origin's: the row
    Other, authors of unknown origin, and what a copy left out.

    Parameters
    ----------
    shares : DataFrame
        As ``with_author_origin`` gives it.
    metric : {"tokens", "spend", "requests"}
        What is shared out.
    level : {"model", "lab", "provider"}
        Rows to take.
    origin : str
        The origin.

    Returns
    -------
    DataFrame
        Indexed by date: low, high (shares), listed, level.

    Examples
    --------
    >>> shares = pd.DataFrame({"date": pd.Timestamp("2026-05-20"), "metric": "tokens", "level": "model",
    ...                        "listed": "day", "origin": ["CN", "US", "other"], "share": [0.25, 0.5, 0.25]})
    >>> bounds(shares, "tokens", "model")[["low", "high"]].iloc[0].tolist()
    [0.25, 0.5]
    """
    rows = shares[shares["metric"].eq(metric) & shares["level"].eq(level)]
    ours = rows["origin"].eq(origin)
    theirs = ~ours & ~rows["origin"].isin(UNATTRIBUTED)
    low = rows["share"].where(ours, 0.0).groupby(rows["date"]).sum()
    named_as_others = rows["share"].where(theirs, 0.0).groupby(rows["date"]).sum()
    # published shares are rounded: where all is named, the rest may come out a little below nothing
    high = (1 - named_as_others).clip(lower=low)
    listed = rows.groupby("date")["listed"].first()
    return pd.DataFrame({"low": low, "high": high, "listed": listed}).assign(level=level)


def best_bounds(shares: pd.DataFrame, metric: str, origin: str = "CN") -> pd.DataFrame:
    """Bounds by lab where a day has them, for that list leaves out less, and by model on the other days.

    Parameters
    ----------
    shares, metric, origin
        As for ``bounds``.

    Returns
    -------
    DataFrame
        As ``bounds`` gives it, in order of date.

    Examples
    --------
    >>> shares = pd.DataFrame({"date": pd.Timestamp("2026-05-20"), "metric": "spend", "level": ["model", "lab"],
    ...                        "listed": ["day", "4 labs"], "origin": "US", "share": [0.75, 0.875]})
    >>> best_bounds(shares, "spend")["level"].tolist()
    ['lab']
    """
    by_lab, by_model = (bounds(shares, metric, level, origin) for level in ("lab", "model"))
    return pd.concat([by_lab, by_model[~by_model.index.isin(by_lab.index)]]).sort_index()


def lines(days: pd.DataFrame) -> list[pd.DataFrame]:
    """Parts of bounds that a figure may draw as lines: two days or more that follow each other on comparable lists.

    Points of other lists are drawn as bounds, each for itself.

    Parameters
    ----------
    days : DataFrame
        As ``bounds`` or ``best_bounds`` gives it.

    Examples
    --------
    >>> listed = ["request 2026-05-29/2026-07-27"] * 2 + ["day"] * 2
    >>> days = pd.DataFrame({"listed": listed, "level": "model"}, index=pd.date_range("2026-08-31", periods=4))
    >>> [part.index.day.tolist() for part in lines(days)]
    [[2, 3]]
    """
    # a change of list begins a new part, so that no line passes over days of another list
    changed = days["listed"].ne(days["listed"].shift()) | days["level"].ne(days["level"].shift())
    parts = [part for _, part in days.groupby(changed.cumsum())]
    return [part for part in parts if len(part) > 1 and part["listed"].iloc[0] in COMPARABLE]


def both(shares: pd.DataFrame, origin: str = "CN") -> dict[str, pd.DataFrame]:
    """Bounds of an origin's share of the tokens, and of the money spent.

    Parameters
    ----------
    shares, origin
        As for ``bounds``; a table without rows gives bounds without rows.

    Returns
    -------
    dict
        ``tokens`` and ``spend``, each as ``best_bounds`` gives it.

    Examples
    --------
    >>> shares = pd.DataFrame({"date": pd.Timestamp("2026-05-20"), "metric": ["tokens", "spend"], "level": "lab",
    ...                        "listed": "day", "origin": "CN", "share": [0.5, 0.25]})
    >>> {metric: days["low"].tolist() for metric, days in both(shares).items()}
    {'tokens': [0.5], 'spend': [0.25]}
    """
    return {metric: best_bounds(shares, metric, origin) for metric in ("tokens", "spend")}


def latest(days: pd.DataFrame) -> pd.Series:
    """Least and largest share on the last day, which is the name of the series; without a day, both are NaN.

    Examples
    --------
    >>> latest(pd.DataFrame({"low": [0.2, 0.3], "high": 0.4}, pd.date_range("2026-05-19", periods=2))).to_dict()
    {'low': 0.3, 'high': 0.4}
    >>> latest(pd.DataFrame(columns=["low", "high"], index=pd.DatetimeIndex([]))).isna().all()
    np.True_
    """
    if days.empty:
        return pd.Series({"low": float("nan"), "high": float("nan")}, name=pd.NaT)
    return days[["low", "high"]].iloc[-1]


def side_by_side(metrics: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Least and largest share of each metric, a row a day.

    Examples
    --------
    >>> days = pd.DataFrame({"low": [0.3], "high": [0.4]}, pd.to_datetime(["2026-05-20"]))
    >>> side_by_side({"tokens": days, "spend": days}).columns.tolist()
    ['tokens, least', 'tokens, most', 'spend, least', 'spend, most']
    """
    columns: dict[str, pd.Series] = {}
    for metric, days in metrics.items():
        columns |= {f"{metric}, least": days["low"], f"{metric}, most": days["high"]}
    return pd.DataFrame(columns)
