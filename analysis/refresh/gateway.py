"""Vercel's AI Gateway: the share of each lab in tokens, spend and requests, day by day, from its open export.

The form is that of the documentation of August 2026 and of public copies. The list of labs is complete: the shares of
a day make 100 per cent. No key is sent. What is answered is checked as in ``sources``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis import InputError, SourceError, catalog
from analysis.refresh.transport import LATER, Connection, Fetched

FIRST_DAY = pd.Timestamp("2025-10-01")
"""First day of the export; a request for an earlier one is refused there."""

METRICS = ("tokens", "spend", "requests")
"""What is shared out, in the order of the table's rows."""

COMPLETE = "all labs"
"""What the table writes of a list that leaves no lab out."""

_TABLE = "gateway_share"
_EXPORT = "leaderboard-export"
_NOTE = "labs export, modality text, complete"
_LICENCE = "CC-BY-4.0"
_LAG = pd.Timedelta(days=2)  # the export is cached for a day, and a day is there when it is over
_BLOCK = ["date", "metric"]


def lab_shares(client: Connection, since: pd.Timestamp, until: pd.Timestamp, authors: Mapping[str, str]) -> Fetched:
    """Shares of all labs on each day, in one request.

    Parameters
    ----------
    client : Connection
        Of ``vercel``; there is no key.
    since, until : Timestamp
        First and last day to ask for, from ``FIRST_DAY``; the source may end earlier.
    authors : dict
        Slug of a lab to its slug in the table ``authors``, where the two differ.

    Returns
    -------
    Fetched
        Rows of the table ``gateway_share`` at level lab; share is 0 to 1.

    Raises
    ------
    SourceError
        As ``Connection.get`` raises it, or the answer does not fit the contract.
    """
    url, period = client.url(_EXPORT), {"from": f"{since:%Y-%m-%d}", "to": f"{until:%Y-%m-%d}"}
    answer, moment = client.get_json(_EXPORT, {"dataset": "labs", "modality": "text", "format": "json", **period})
    last = _covered(answer, url, period)
    cells = [_cells(record, f"{url} row {number}", authors) for number, record in enumerate(_rows(answer, url), 1)]
    days = [row[0] for row in cells]
    if min(days) < period["from"] or max(days) > period["to"]:
        raise SourceError(f"{url} gives days outside {period['from']} to {period['to']}: {LATER}.")
    try:
        frame = catalog.read_rows(_TABLE, cells, url)
    except InputError as error:
        raise SourceError(str(error)) from None
    if frame["date"].max() < last - _LAG:
        raise SourceError(f"{url} says that it covers {last:%Y-%m-%d}, and ends on {max(days)}: {LATER}.")
    return client.fetched(frame, url, moment, slugs=("name", "author"))


def spliced(held: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table with new days by lab in it, and the rows of partial lists that they replace.

    A day and metric that comes in takes the place of all that was there at level lab; everything else stays.

    Parameters
    ----------
    held : DataFrame
        The table ``gateway_share``.
    new : DataFrame
        As ``lab_shares`` gives it.

    Examples
    --------
    >>> held = pd.DataFrame({"date": pd.Timestamp("2026-05-20"), "metric": "spend", "level": ["model", "lab"],
    ...                      "name": ["Other", "zai"], "share": [1.0, 0.25], "listed": ["day", "4 labs"]})
    >>> new = held.tail(1).assign(share=0.5, listed=COMPLETE)
    >>> table, partial = spliced(held, new)
    >>> table["share"].tolist(), partial["listed"].tolist()
    ([1.0, 0.5], ['4 labs'])
    """
    by_lab = held["level"].eq("lab")
    comes_in = pd.MultiIndex.from_frame(held[_BLOCK]).isin(pd.MultiIndex.from_frame(new[_BLOCK]))
    partial = held[by_lab & comes_in & held["listed"].ne(COMPLETE)]
    labs = pd.concat([held[by_lab & ~comes_in], new])
    ordered = labs.assign(place=labs["metric"].map(METRICS.index), most=-labs["share"])
    ordered = ordered.sort_values(["date", "place", "most", "name"]).drop(columns=["place", "most"])
    return pd.concat([held[~by_lab], ordered], ignore_index=True), partial


def _covered(answer: dict[str, Any], url: str, period: Mapping[str, str]) -> pd.Timestamp:
    """Last day that an answer says it covers, after checking what it says of itself."""
    if answer.get("license") != _LICENCE:
        stated = str(answer.get("license"))[:40]
        raise SourceError(f"{url} states the licence {stated!r} instead of {_LICENCE}: read it before using the data.")
    if (answer.get("dataset"), answer.get("modality")) != ("labs", "text"):
        raise SourceError(f"{url} answers with other data than labs of text: {LATER}.")
    start, end = answer.get("from"), answer.get("to")
    last = pd.to_datetime(end if isinstance(end, str) else None, format="%Y-%m-%d", errors="coerce")
    if start != period["from"] or pd.isna(last) or last > pd.Timestamp(period["to"]):
        raise SourceError(f"{url} answers for another period than {period['from']} to {period['to']}: {LATER}.")
    return last


def _rows(answer: dict[str, Any], url: str) -> list[dict[str, Any]]:
    rows = answer.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"{url} gives no list of rows: {LATER}.")
    return rows


def _cells(record: dict[str, Any], place: str, authors: Mapping[str, str]) -> list[str]:
    """Cells of the table from one row of the export, in the order of its fields."""
    if (record.get("group"), record.get("modality")) != ("lab", "text"):
        raise SourceError(f"{place} is of something else than a lab's text: {LATER}.")
    day, metric, name = (_text(record, field, place) for field in ("date", "metric", "name"))
    return [day, metric, "lab", name, authors.get(name, name), _share(record, place), COMPLETE, _NOTE]


def _text(record: dict[str, Any], field: str, place: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        raise SourceError(f"{place}, column {field}: expected text; found {_kind(record, field)}: {LATER}.")
    return value


def _share(record: dict[str, Any], place: str) -> str:
    """Per cent as a share, without the noise of binary fractions."""
    per_cent = record.get("share_percent")
    if isinstance(per_cent, bool) or not isinstance(per_cent, int | float):
        found = _kind(record, "share_percent")
        raise SourceError(f"{place}, column share_percent: expected a number; found {found}: {LATER}.")
    if not 0 <= per_cent <= 100:  # nor is it, of what is no number
        raise SourceError(f"{place}, column share_percent: expected 0 to 100; found {str(per_cent)[:20]}: {LATER}.")
    return str(float(Decimal(str(per_cent)) / 100))


def _kind(record: dict[str, Any], field: str) -> str:
    return type(record[field]).__name__ if field in record else "nothing"
