"""What a source said before it restated it: replaced values are kept, and tables can be had as they were known."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, catalog
from analysis.schema import typed

TABLE = "restated"

SENTENCE = (
    "A date filters what the newest copy of the data says of the past, and does not bring back what a source said at "
    "the time; what a refresh has replaced since then is kept in the table of restated values."
)
"""What ``as_of`` does and does not do, for every page that names a date."""

_UNIT = {"replaced_on": "day", "table": "name", "row": "JSON", "column": "name", "was": "text", "became": "text"}
_MEANS = {
    "replaced_on": "Day of the refresh that replaced the value.",
    "table": "Table of the data package.",
    "row": "Primary key of the row, as a JSON list in the order of the table's schema.",
    "column": "Column of the value.",
    "was": "The value until then; empty where there was none.",
    "became": "The value since then; empty where there is none, as in a row that the source no longer has.",
}


def described() -> dict[str, Any]:
    """Descriptor entry of the table of restated values, as it is before there are any.

    Examples
    --------
    >>> described()["schema"]["primaryKey"]
    ['replaced_on', 'table', 'row', 'column']
    """
    fields = [
        {
            "name": name,
            "type": "date" if name == "replaced_on" else "string",
            "unit": unit,
            "description": _MEANS[name],
            **({} if name in ("was", "became") else {"constraints": {"required": True}}),
        }
        for name, unit in _UNIT.items()
    ]
    return {
        "name": TABLE,
        "type": "table",
        "path": f"{TABLE}.csv",
        "title": "Values that a source has restated",
        "description": "What refreshes have replaced in the tables of this package, value by value; not rows added.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": 0,
        "hash": "",
        "sources": [{"title": "Earlier states of the tables of this package"}],
        "licenses": [{"name": "as-the-table", "title": "The licence of the table that the row names"}],
        "citation": "As the table that the row names, as of {as_of}.",
        "vintage": "made by refresh",
        "madeFrom": {},
        "schema": {"primaryKey": ["replaced_on", "table", "row", "column"], "missingValues": [""], "fields": fields},
    }


def read(root: Path = DATA) -> pd.DataFrame:
    """The table of restated values; without rows where no refresh has replaced any.

    Examples
    --------
    >>> read().columns.tolist()
    ['replaced_on', 'table', 'row', 'column', 'was', 'became']
    """
    if TABLE not in catalog.versions(root):
        return pd.DataFrame(columns=list(_UNIT)).astype({"replaced_on": "datetime64[us]"})
    return catalog.load(TABLE, root=root)


def replaced(name: str, key: list[str], restated: pd.DataFrame, gone: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Rows for the table of restated values.

    Parameters
    ----------
    name : str
        Table that a refresh changes.
    key : list of str
        Its primary key.
    restated : DataFrame
        Columns key, column, old and new.
    gone : DataFrame
        Rows that are no longer there.
    day : Timestamp
        Day of the refresh.

    Examples
    --------
    >>> values = pd.DataFrame({"day": ["1"], "column": ["n"], "old": ["5"], "new": ["6"]})
    >>> gone = pd.DataFrame({"day": [], "n": []})
    >>> replaced("t", ["day"], values, gone, pd.Timestamp("2026-11-24")).iloc[0, 1:].tolist()
    ['t', '["1"]', 'n', '5', '6']
    """
    lost = gone.melt(id_vars=key, var_name="column", value_name="old").assign(new="")
    both = pd.concat([restated, lost], ignore_index=True)
    rows = [json.dumps(list(values), ensure_ascii=False) for values in both[key].itertuples(index=False)]
    columns = {"replaced_on": day, "table": name, "row": rows, "column": both["column"]}
    return pd.DataFrame({**columns, "was": both["old"], "became": both["new"]}, columns=list(_UNIT))


def as_known(name: str, day: str, root: Path = DATA) -> pd.DataFrame:
    """A table as it was known here on a day: values that have been replaced since are put back.

    Rows that were added since are there, too: ``as_of`` leaves out those that tell of later days.

    Parameters
    ----------
    name : str
        Table of the data package.
    day : str
        ISO date.
    root : Path
        Folder of the data package.

    Examples
    --------
    >>> as_known("author_week", "2026-11-24").shape == catalog.load("author_week").shape
    True
    """
    entry = catalog.resource(name, root)
    key = entry["schema"]["primaryKey"]
    table = catalog.texts(catalog.read_bytes(name, root), entry)
    kept = read(root)
    since = kept[kept["table"].eq(name) & kept["replaced_on"].gt(catalog.parse_day(day))]
    cells = table.set_index(key)
    # the newest first, so that the oldest of several values of a cell is put back last
    for change in since.sort_values("replaced_on", ascending=False, kind="stable").itertuples(index=False):
        values = json.loads(str(change.row))
        cells.loc[tuple(values) if len(key) > 1 else values[0], str(change.column)] = str(change.was)
    back = cells.fillna("").reset_index()[list(table.columns)]
    return typed(back.set_axis(range(2, len(back) + 2)), entry)
