"""Is what a source gives plausible beside its own past? Each check gives a sentence on what is odd, or nothing.

The bounds are wide: the days of summer 2026 keep within 0.8 and 1.2 times the days around them, and each holds 51
rows. A bound that is passed is no proof of a fault, so that each sentence ends with the flag that accepts it.
"""

from collections.abc import Sequence

import pandas as pd

from analysis import SourceError

FLAG = "--allow-odd"
"""Flag that accepts what is odd."""

ROWS = 0.8
"""Least rows of a day, and least models of a fit, beside what is usual."""

NEIGHBOURS = 4
"""A day's tokens lie within this factor of the median of the 15 days around it."""

PAST = 10
"""A day's tokens lie within this factor of the nearest day that is held, if that is within 60 days."""

PRICE = 10
"""Few prices change by more than this factor in one go, or become nothing."""

MANY = 0.05
"""So many prices may."""

EXTREME = 100
"""No price changes by more than this factor."""

GONE = 0.2
"""So many of the models that had a price may be gone."""

WHOLE = 0.0005
"""The shares of a day differ from 1 by no more than this in sum: each is rounded to a millionth, and labs are few."""

LAB = 0.01
"""A lab of at least this share is expected on the next days too."""

ABSENT = 7
"""So many days such a lab may lack a share."""


def odd_days(fetched: pd.DataFrame, held: pd.DataFrame, url: str) -> str:
    """What is odd about days of the rankings.

    Parameters
    ----------
    fetched, held : DataFrame
        Columns date and total_tokens: what was fetched, and the days that are there.
    url : str
        The source.

    Examples
    --------
    >>> held = pd.DataFrame({"date": pd.date_range("2026-09-01", periods=9), "total_tokens": 10})
    >>> odd_days(held.assign(total_tokens=10_000_000), held, "the source")
    'the source gives 10,000,000 tokens for 2026-09-01, where 2026-09-01 has 10'
    """
    # as floats, since a sum of what is odd may pass what an integer holds
    days = fetched["total_tokens"].astype("float64").groupby(fetched["date"])
    past = held["total_tokens"].astype("float64").groupby(held["date"])
    rows, usual = days.size(), pd.concat([days.size(), past.size()]).median()
    few = rows[rows.lt(ROWS * usual) | rows.gt(usual / ROWS)]
    if len(few):
        return f"{url} gives {few.iloc[0]:,} rows for {few.index[0]:%Y-%m-%d}, where its days have {usual:.0f}"
    tokens = days.sum()
    around = tokens.rolling(15, center=True, min_periods=3).median()
    off = tokens[_apart(tokens, around, NEIGHBOURS)]
    if len(off):
        day = off.index[0]
        return (
            f"{url} gives {off.iloc[0]:,.0f} tokens for {day:%Y-%m-%d}, where the days around have {around[day]:,.0f}"
        )
    return _off_the_past(tokens, past.sum(), url)


def odd_prices(listed: pd.DataFrame, last: pd.DataFrame, url: str) -> str:
    """What is odd about prices.

    Parameters
    ----------
    listed, last : DataFrame
        Column model and columns of prices in US dollars per million tokens: what is listed, and the last prices.
    url : str
        The source.

    Examples
    --------
    >>> last = pd.DataFrame({"model": ["a/x", "a/y"], "input": [1.0, 2.0]})
    >>> odd_prices(last.assign(input=last.input * 1e6), last, "the source")
    'the source gives a/x an input of 1e+06 instead of 1, and so differs greatly for 2 of 2 prices'
    """
    was = last.drop_duplicates("model", keep="last").set_index("model").astype("float64").melt(ignore_index=False)
    now = listed.set_index("model").astype("float64").melt(ignore_index=False)
    both = was.set_index("variable", append=True)["value"].to_frame("was")
    both["now"] = now.set_index("variable", append=True)["value"]
    both = both[both["was"].gt(0) & both["now"].notna()]
    great = both[_apart(both["now"], both["was"], PRICE)]
    extreme = both[_apart(both["now"], both["was"], EXTREME) & both["now"].gt(0)]
    if len(great) > max(3, MANY * len(both)) or len(extreme) or (len(great) and len(great) == len(both) > 1):
        seen = extreme if len(extreme) else great
        (name, kind), price = seen.index[0], seen.iloc[0]
        return (
            f"{url} gives {name} an {kind} of {price['now']:.4g} instead of {price['was']:.4g}, and so differs greatly "
            f"for {len(great):,} of {len(both):,} prices"
        )
    dearest = was["value"].max()
    dear = now[now["value"].gt(PRICE * dearest)]
    if len(dear):
        return f"{url} gives {dear.index[0]} a price of {dear['value'].iloc[0]:.4g}; the dearest so far is {dearest:g}"
    return ""


def odd_fit(scores: pd.DataFrame, last: pd.DataFrame, today: pd.Timestamp, url: str) -> str:
    """What is odd about a fit of capability.

    Parameters
    ----------
    scores, last : DataFrame
        Columns name, score and release_date: what was fetched, and the last fit.
    today : Timestamp
        Day of the refresh.
    url : str
        The source.

    Examples
    --------
    >>> last = pd.DataFrame({"name": ["a", "b"], "score": [100.0, 150.0], "release_date": pd.Timestamp("2026-01-01")})
    >>> odd_fit(last.assign(score=1e12), last, pd.Timestamp("2026-06-01"), "the source")
    'the source gives a a score of 1e+12; those of the last fit reach from 100 to 150'
    """
    if len(scores) < ROWS * len(last):
        return f"{url} scores {len(scores):,} models, where the last fit has {len(last):,}"
    low, high = last["score"].min(), last["score"].max()
    room = high - low
    far = scores[~scores["score"].between(low - room, high + room)]
    if len(far):
        seen = far.iloc[0]
        return (
            f"{url} gives {seen['name']} a score of {seen['score']:.6g}; those of the last fit reach from {low:g} to "
            f"{high:g}"
        )
    earliest = last["release_date"].min() - pd.Timedelta(days=5 * 365)
    dated = scores[~scores["release_date"].between(earliest, today + pd.Timedelta(days=1))]
    if len(dated):
        seen = dated.iloc[0]
        return f"{url} says that {seen['name']} was released on {seen['release_date']:%Y-%m-%d}"
    return ""


def odd_shares(fetched: pd.DataFrame, held: pd.DataFrame, metrics: Sequence[str], url: str) -> str:
    """What is odd about complete shares by lab.

    Parameters
    ----------
    fetched, held : DataFrame
        Columns date, metric, level, name and share (0 to 1): what was fetched, and the table that is there.
    metrics : sequence of str
        What must be shared out on each day.
    url : str
        The source.

    Examples
    --------
    >>> held = pd.DataFrame({"date": pd.Timestamp("2026-10-01"), "metric": "tokens", "level": "lab",
    ...                      "name": ["a", "b"], "share": [0.75, 0.25]})
    >>> odd_shares(held.head(1), held, ["tokens"], "the source")
    'the source gives shares of tokens that sum to 0.75 on 2026-10-01, where all labs make 1'
    """
    each = pd.MultiIndex.from_product([fetched["date"].unique(), metrics])
    sums = fetched.groupby(["date", "metric"])["share"].sum().reindex(each, fill_value=0.0)
    off = sums[(sums - 1).abs() > WHOLE]
    if len(off):
        (day, metric), total = off.index[0], off.iloc[0]
        return f"{url} gives shares of {metric} that sum to {total:.6g} on {day:%Y-%m-%d}, where all labs make 1"
    for metric in metrics:
        of_metric, known = (frame[frame["metric"].eq(metric)] for frame in (fetched, held))
        if odd := _labs_gone(of_metric, known[known["level"].eq("lab")], f"{url} gives no share of {metric}"):
            return odd
    return ""


def odd_time(as_of: str, least: pd.Timestamp, today: pd.Timestamp, url: str) -> str:
    """What is odd about the time that an answer states; a clock may be ahead by a day.

    Examples
    --------
    >>> odd_time("2999-01-01T00:00:00Z", pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-02"), "the source")
    'the source answers as of 2999-01-01, and today is 2026-01-02'
    """
    stated = pd.to_datetime(as_of[:10], format="%Y-%m-%d", errors="coerce")
    if not as_of or least <= stated <= today + pd.Timedelta(days=1):
        return ""
    return f"{url} answers as of {as_of[:10]}, and today is {today:%Y-%m-%d}"


def many_gone(gone: int, before: int) -> bool:
    """Whether more models are gone than is usual.

    Examples
    --------
    >>> many_gone(45, 100), many_gone(5, 100)
    (True, False)
    """
    return gone > GONE * before


def refuse(odd: str) -> None:
    """Raise what is odd, with the flag that accepts it."""
    if odd:
        raise SourceError(f"{odd}: run refresh again later, or accept that with {FLAG}.")


def _labs_gone(fetched: pd.DataFrame, held: pd.DataFrame, what: str) -> str:
    """Which lab lacks a share of a metric on many days, though the same day, or the last one held, gives it one."""
    now = fetched.pivot(index="date", columns="name", values="share")
    was = held.pivot(index="date", columns="name", values="share").reindex(now.index, method="ffill")
    absent = was.ge(LAB) & now.reindex(columns=was.columns).isna()
    many = absent.sum()[lambda days: days > ABSENT]
    if many.empty:
        return ""
    return f"{what} to {many.index[0]} on {many.iloc[0]:,} days, where it had {was[many.index[0]].max():.1%} before"


def _off_the_past(tokens: pd.Series, past: pd.Series, url: str) -> str:
    """What is odd about daily tokens beside the nearest day that is held."""
    pairs = pd.merge_asof(
        tokens.rename("now").reset_index(),
        past.rename("was").reset_index().assign(held=lambda frame: frame["date"]),
        on="date",
        direction="nearest",
        tolerance=pd.Timedelta(days=60),
    )
    off = pairs[pairs["was"].notna() & _apart(pairs["now"], pairs["was"], PAST)]
    if off.empty:
        return ""
    seen = off.iloc[0]
    return (
        f"{url} gives {seen['now']:,.0f} tokens for {seen['date']:%Y-%m-%d}, where {seen['held']:%Y-%m-%d} has "
        f"{seen['was']:,.0f}"
    )


def _apart(values: pd.Series, usual: pd.Series, factor: float) -> pd.Series:
    return values.gt(factor * usual) | values.lt(usual / factor)
