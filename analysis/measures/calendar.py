"""Weeks: which are whole, which follow each other, and model-level tokens by week."""

import pandas as pd

WEEK = pd.Timedelta(weeks=1)
"""Distance of two weeks that follow each other."""


def weeks_before(day: str, weeks: int) -> pd.DatetimeIndex:
    """Monday of the last week that had ended so many weeks before a day.

    Examples
    --------
    >>> weeks_before("2026-05-25", 26)[0], weeks_before("2026-05-24", 0)[0]
    (Timestamp('2025-11-17 00:00:00'), Timestamp('2026-05-11 00:00:00'))
    """
    end = pd.Timestamp(day) - weeks * WEEK
    return pd.DatetimeIndex([end - pd.Timedelta(days=end.weekday()) - WEEK])


def models_by_week(model_week: pd.DataFrame, model_day: pd.DataFrame) -> pd.DataFrame:
    """Model-level tokens of all weeks that have them: the weekly table, and the daily one where days make whole weeks.

    Parameters
    ----------
    model_week : DataFrame
        Columns week_start, model_permaslug, total_tokens.
    model_day : DataFrame
        Columns date, model_permaslug, total_tokens.

    Returns
    -------
    DataFrame
        Columns week_start, model_permaslug, total_tokens, author, and ranked: False for rows that are sums of models
        (``author/~below-top-30`` and ``other``), which no chart ranks.

    Examples
    --------
    >>> week = pd.DataFrame({"week_start": pd.to_datetime(["2026-03-23"] * 2), "model_permaslug": ["a/x", "a/~rest"],
    ...                      "total_tokens": [3, 1]})
    >>> models_by_week(week, week.rename(columns={"week_start": "date"}))[["author", "ranked"]].values.tolist()
    [['a', True], ['a', False]]
    """
    days = whole_weeks(model_day)
    summed = (
        days[~days["week_start"].isin(model_week["week_start"])]
        .groupby(["week_start", "model_permaslug"], observed=True, as_index=False)["total_tokens"]
        .sum()
    )
    # One of the two may hold its slugs as categories, which do not concatenate with text.
    text = {"model_permaslug": "str"}
    weeks = pd.concat([model_week.astype(text), summed.astype(text)], ignore_index=True)
    return weeks.assign(
        author=weeks["model_permaslug"].str.split("/").str[0],
        ranked=weeks["model_permaslug"].str.match(r"[^/]+/[^~]"),
    )


def whole_weeks(model_day: pd.DataFrame) -> pd.DataFrame:
    """Rows of the days that make whole ISO weeks, with their week.

    Parameters
    ----------
    model_day : DataFrame
        Column date.

    Returns
    -------
    DataFrame
        Those rows, with the column week_start.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.date_range("2026-03-22", "2026-03-30")})
    >>> whole_weeks(days)["week_start"].unique().strftime("%F").tolist()
    ['2026-03-23']
    """
    days = model_day.assign(week_start=model_day["date"] - pd.to_timedelta(model_day["date"].dt.day_of_week, "D"))
    return days[days.groupby("week_start")["date"].transform("nunique").eq(7)]


def full_weeks(author_week: pd.DataFrame) -> pd.DatetimeIndex:
    """Weeks of which the source holds all seven days, in order.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2024-12-30", "2025-01-06"])
    >>> full_weeks(pd.DataFrame({"week_start": weeks, "days_observed": [5, 7]})).strftime("%Y-%m-%d").tolist()
    ['2025-01-06']
    """
    days = observed_days(author_week)
    return pd.DatetimeIndex(days.index[days.eq(7)])


def observed_days(author_week: pd.DataFrame) -> pd.Series:
    """Number of days that the source holds of each week.

    Examples
    --------
    >>> observed_days(pd.DataFrame({"week_start": pd.to_datetime(["2024-12-30"]), "days_observed": [5]})).tolist()
    [5]
    """
    return author_week.groupby("week_start")["days_observed"].first()


def weeks_in(frame: pd.DataFrame) -> pd.DatetimeIndex:
    """Weeks of a frame with the column week_start, in order.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2026-05-18", "2026-05-11", "2026-05-18"])
    >>> weeks_in(pd.DataFrame({"week_start": weeks})).strftime("%F").tolist()
    ['2026-05-11', '2026-05-18']
    """
    return pd.DatetimeIndex(frame["week_start"].unique()).sort_values()


def last_run(weeks: pd.DatetimeIndex, n: int) -> pd.DatetimeIndex:
    """The last of some weeks, as far back as they follow each other without a gap, and n at most.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2025-07-07", "2026-02-09", "2026-02-16"])
    >>> last_run(weeks, 4).strftime("%F").tolist()
    ['2026-02-09', '2026-02-16']
    """
    gaps = (weeks[1:] - weeks[:-1] != WEEK).nonzero()[0]
    return weeks[gaps.max() + 1 if len(gaps) else 0 :][-n:]


def last_sunday(weeks: pd.DatetimeIndex) -> pd.Timestamp:
    """Sunday of the last of some weeks; NaT if there is none.

    Examples
    --------
    >>> last_sunday(pd.to_datetime(["2026-05-11", "2026-05-18"]))
    Timestamp('2026-05-24 00:00:00')
    """
    return weeks.max() + pd.Timedelta(days=6)


def weeks_of_month(month: str) -> pd.DatetimeIndex:
    """Weeks that belong to a month by ISO 8601: those whose Thursday lies in it.

    Examples
    --------
    >>> weeks_of_month("2026-04").strftime("%m-%d").tolist()
    ['03-30', '04-06', '04-13', '04-20', '04-27']
    """
    first = pd.Timestamp(month)
    thursdays = pd.date_range(first, first + pd.offsets.MonthEnd(), freq="W-THU")
    return thursdays - pd.Timedelta(days=3)


def nearest_week(weeks: pd.DatetimeIndex, to: pd.DatetimeIndex, most: int = 8) -> pd.DatetimeIndex:
    """The one of some weeks that lies nearest to another, and not more than so many weeks from it.

    Parameters
    ----------
    weeks : DatetimeIndex
        Weeks to choose from, in order.
    to : DatetimeIndex
        One week, or none.
    most : int
        Largest distance, in weeks.

    Returns
    -------
    DatetimeIndex
        One week; empty if none is near enough.

    Examples
    --------
    >>> weeks = pd.to_datetime(["2025-06-16", "2026-02-09"])
    >>> nearest_week(weeks, pd.to_datetime(["2025-05-19"])).strftime("%F").tolist()
    ['2025-06-16']
    >>> len(nearest_week(weeks, pd.to_datetime(["2025-01-06"])))
    0
    """
    if weeks.empty or to.empty:
        return weeks[:0]
    near = weeks[weeks.get_indexer(to, method="nearest")]
    return near[abs(near - to) <= most * WEEK]


def best_week(series: pd.Series) -> pd.Timestamp:
    """Week with the largest value, the first of them; NaT if there is none.

    Examples
    --------
    >>> best_week(pd.Series([1.0, 3.0], index=pd.to_datetime(["2026-05-11", "2026-05-18"])))
    Timestamp('2026-05-18 00:00:00')
    """
    known = series.dropna()
    return known.idxmax() if len(known) else pd.NaT
