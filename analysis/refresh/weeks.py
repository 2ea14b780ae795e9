"""The tables of tokens, made from the daily rankings: days, weeks by author, weeks by model."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.measures import calendar

TOKENS = {"model_day": ("date", 1), "author_week": ("week_start", 7), "model_week": ("week_start", 7)}
"""Tables of tokens, rebuilt from the daily rankings: the column of the period, and its days."""

RANKED = 30
"""Models that ``model_week`` names in a week; the rest is summed by author."""


def author_weeks(days: pd.DataFrame, merges: Mapping[str, str]) -> pd.DataFrame:
    """Rows of the table ``author_week`` for the whole weeks of some days.

    Parameters
    ----------
    days : DataFrame
        Columns date, model_permaslug, total_tokens.
    merges : dict
        Older author slug to the one that it is merged into.

    Returns
    -------
    DataFrame
        Columns week_start, author, total_tokens, days_observed; largest first, ``other`` last.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.date_range("2026-03-23", periods=7), "model_permaslug": "thudm/x",
    ...                      "total_tokens": 2})
    >>> author_weeks(days, {"thudm": "z-ai"})[["author", "total_tokens", "days_observed"]].values.tolist()
    [['z-ai', 14, 7]]
    """
    whole = calendar.whole_weeks(days)
    weeks = whole.assign(author=author_of(whole["model_permaslug"], merges)).groupby(["week_start", "author"])
    return _largest_first(weeks["total_tokens"].sum().reset_index().assign(days_observed=7), "author")


def model_weeks(days: pd.DataFrame, merges: Mapping[str, str], ranked: int = RANKED) -> pd.DataFrame:
    """Rows of the table ``model_week`` for the whole weeks of some days.

    Parameters
    ----------
    days : DataFrame
        Columns date, model_permaslug, total_tokens.
    merges : dict
        Older author slug to the one that it is merged into, for the rows that are sums.
    ranked : int
        Models to name in each week.

    Returns
    -------
    DataFrame
        Columns week_start, model_permaslug, total_tokens: the largest models, ``author/~below-top-30`` for the others
        of each author, and ``other``.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.date_range("2026-03-23", periods=7).repeat(3), "total_tokens": [3, 2, 1] * 7,
    ...                      "model_permaslug": ["a/x", "a/y", "other"] * 7})
    >>> model_weeks(days, {}, ranked=1)["model_permaslug"].tolist()
    ['a/x', 'a/~below-top-30', 'other']
    """
    sums = calendar.whole_weeks(days).groupby(["week_start", "model_permaslug"])["total_tokens"].sum().reset_index()
    weeks = _largest_first(sums, "model_permaslug")
    slug = weeks["model_permaslug"]
    below = weeks.groupby("week_start").cumcount().ge(ranked) & slug.ne("other")
    summed = weeks.assign(model_permaslug=slug.mask(below, author_of(slug, merges) + "/~below-top-30"))
    named = summed.assign(below=below).groupby(["week_start", "below", "model_permaslug"])["total_tokens"].sum()
    ordered = _largest_first(named.reset_index(), "model_permaslug", ["week_start", "below"])
    return ordered.drop(columns="below")


def missing_days(days: pd.Series, since: pd.Timestamp, holes: Iterable[str]) -> pd.DatetimeIndex:
    """Days from the first to the last one there is, without rows and not known to be missing at the source.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2026-03-23", "2026-03-26"]))
    >>> missing_days(days, pd.Timestamp("2026-03-23"), ["2026-03-24"]).strftime("%F").tolist()
    ['2026-03-25']
    """
    expected = pd.date_range(since, days.max())
    return expected.difference(pd.DatetimeIndex(days.unique())).difference(pd.DatetimeIndex(holes))


def in_order(table: pd.DataFrame, old: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows by period; within one, those that were there before keep their order."""
    place = pd.Series(range(len(old)), index=pd.MultiIndex.from_frame(old[key].astype({key[1]: "str"})))
    at = place.reindex(pd.MultiIndex.from_frame(table[key])).to_numpy()
    ordered = table.assign(at=at).sort_values([key[0], "at"], kind="stable", na_position="last")
    return ordered.drop(columns="at").reset_index(drop=True)


def read_merges(entry: dict[str, Any]) -> dict[str, str]:
    """Older author slugs and what the table merges them into."""
    return next(field["merges"] for field in entry["schema"]["fields"] if field["name"] == "author")


def author_of(slugs: pd.Series, merges: Mapping[str, str]) -> pd.Series:
    """Authors of slugs, older names of an author replaced."""
    return slugs.str.split("/").str[0].replace(dict(merges))


def _largest_first(frame: pd.DataFrame, name: str, by: list[str] | None = None) -> pd.DataFrame:
    """Rows by week, and in a week by tokens; ``other`` is the last."""
    by = by or ["week_start"]
    keyed = frame.assign(last=frame[name].eq("other"), most=-frame["total_tokens"])
    ordered = keyed.sort_values([by[0], "last", *by[1:], "most", name])
    return ordered.drop(columns=["last", "most"]).reset_index(drop=True)


def periods(spans: list[list[str]], step: int) -> pd.DatetimeIndex:
    """Days or weeks of spans that are given by their first and last one."""
    days = [day for first, last in spans for day in pd.date_range(first, last, freq=f"{step}D")]
    return pd.DatetimeIndex(days)


def runs(periods: pd.DatetimeIndex, step: int) -> list[list[str]]:
    """Spans of days or weeks that follow each other, by their first and last one."""
    ordered = periods.sort_values().to_series()
    run = ordered.diff().ne(pd.Timedelta(days=step)).cumsum()
    return [[f"{days.iloc[0]:%Y-%m-%d}", f"{days.iloc[-1]:%Y-%m-%d}"] for _, days in ordered.groupby(run)]


def spans_in_words(periods: pd.DatetimeIndex, step: int) -> str:
    """Days or weeks in words."""
    words = [first if first == last else f"{first} to {last}" for first, last in runs(periods, step)]
    return ", ".join(words) or "none"
