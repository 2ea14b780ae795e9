"""Check the cells of a table against its schema and give each column its type; messages name row and column."""

import csv
import json
import re
import reprlib
from collections.abc import Iterable
from io import StringIO
from typing import Any

import pandas as pd

from analysis import InputError

_BOOLEANS = {"true": True, "false": False}
_INTEGER = r"-?[0-9]{1,18}"
_NUMBER = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""Pattern of an ISO date."""

FORMULA = r"^(?='*[=+\-@\t\r])"
"""What a spreadsheet would take for a formula, or that with apostrophes before it."""


def parse_csv(content: bytes, entry: dict[str, Any]) -> pd.DataFrame:
    r"""Read the cells of a CSV file as strings, indexed by line, and check header, width and number of rows.

    Parameters
    ----------
    content : bytes
        Of the file.
    entry : dict
        Its descriptor: path, schema, and a hash if it is of the data package.

    Raises
    ------
    InputError
        It is no such table; the line is named where there is one.

    Examples
    --------
    >>> parse_csv(b"a,b\n1,2\n", {"path": "x.csv", "schema": {"fields": [{"name": "a"}, {"name": "b"}]}}).loc[2, "b"]
    '2'
    """
    expected = [field["name"] for field in entry["schema"]["fields"]]
    header, rows = _csv_rows(content, entry)
    if header != expected:
        raise InputError(f"{entry['path']} has the columns {', '.join(header)}; expected {', '.join(expected)}.")
    return _cells(header, rows, entry)


def parse_named_csv(content: bytes, entry: dict[str, Any]) -> pd.DataFrame:
    r"""Read the columns of a schema from a CSV file by their names; order and further columns do not matter.

    Parameters
    ----------
    content, entry
        As for ``parse_csv``. A column that the schema does not require may be missing: its cells are then empty.

    Raises
    ------
    InputError
        It is no such table, is empty, or lacks a required column; the column is named.

    Examples
    --------
    >>> fields = [{"name": "a", "constraints": {"required": True}}, {"name": "b"}]
    >>> parse_named_csv(b"c,a\n1,2\n", {"path": "x.csv", "schema": {"fields": fields}}).loc[2].tolist()
    ['2', '']
    """
    fields = entry["schema"]["fields"]
    if not content.strip():
        raise InputError(f"{entry['path']} is empty: {_remedy(entry)}.")
    header, rows = _csv_rows(content, entry)
    required = [field["name"] for field in fields if field.get("constraints", {}).get("required")]
    if missing := [name for name in required if name not in header]:
        raise InputError(f"{entry['path']} has no column {', '.join(missing)}: {_remedy(entry)}.")
    if twice := [name for name in header if header.count(name) > 1]:
        raise InputError(f"{entry['path']} has the column {twice[0]} twice: leave one of them.")
    return _cells(header, rows, entry).reindex(columns=[field["name"] for field in fields], fill_value="")


def _csv_rows(content: bytes, entry: dict[str, Any]) -> tuple[list[str], dict[int, list[str]]]:
    """Header of a CSV file, and its rows by line."""
    try:
        reader = csv.reader(StringIO(content.decode("utf-8-sig")), strict=True)
        rows = {line: row for row, line in ((row, reader.line_num) for row in reader) if row}
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{entry['path']} is not a CSV table ({error}): {_remedy(entry)}.") from None
    return rows.pop(min(rows, default=0), []), rows


def _cells(header: list[str], rows: dict[int, list[str]], entry: dict[str, Any]) -> pd.DataFrame:
    """Rows as a frame of strings, indexed by line; each must be as wide as the header."""
    if not rows:
        raise InputError(f"{entry['path']} has a header and no rows: {_remedy(entry)}.")
    for line, row in rows.items():
        if len(row) != len(header):
            raise InputError(f"{entry['path']} line {line} has {len(row)} fields; expected {len(header)}.")
    return pd.DataFrame(rows.values(), columns=header, index=list(rows), dtype="str")


def _remedy(entry: dict[str, Any]) -> str:
    """What to do about a broken file: one of the data package has a hash, a person's own has none."""
    return "restore it from git or fetch it again" if "hash" in entry else "export it again"


def parse_json(content: bytes, entry: dict[str, Any]) -> pd.DataFrame:
    """Read the records of ``{"data": [...]}`` as strings, indexed by row from 1.

    Parameters
    ----------
    content, entry
        As for ``parse_csv``.

    Raises
    ------
    InputError
        It has another form, or a record lacks a field; the row is named.

    Examples
    --------
    >>> parse_json(b'{"data": [{"a": null}]}', {"path": "x.json", "schema": {"fields": [{"name": "a"}]}}).loc[1, "a"]
    ''
    """
    names = [field["name"] for field in entry["schema"]["fields"]]
    if not content.strip():
        raise InputError(f"{entry['path']} is empty: export it again.")
    try:
        records = json.loads(content)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f'{entry["path"]} is not JSON of the form {{"data": [...]}}: export it again.') from None
    if not isinstance(records, list) or not records:
        raise InputError(f"{entry['path']} has no rows: export it again.")
    for row, record in enumerate(records, 1):
        missing = [name for name in names if not isinstance(record, dict) or name not in record]
        if missing:
            raise InputError(f"{entry['path']} row {row} has no {', '.join(missing)}: export it again.")
    cells = [["" if record[name] is None else str(record[name]) for name in names] for record in records]
    return pd.DataFrame(cells, columns=names, index=range(1, len(cells) + 1), dtype="str")


def typed(raw: pd.DataFrame, entry: dict[str, Any]) -> pd.DataFrame:
    """Convert each column to its type and check its constraints; then check the primary key.

    Parameters
    ----------
    raw : DataFrame
        Cells as text, as ``parse_csv`` and ``parse_json`` give them.
    entry : dict
        Path and schema.

    Raises
    ------
    InputError
        A cell does not fit; the first one is named by line and column.

    Examples
    --------
    >>> schema = {"fields": [{"name": "a", "type": "integer"}], "primaryKey": ["a"]}
    >>> typed(pd.DataFrame({"a": ["1", "2"]}), {"path": "x.csv", "schema": schema})["a"].sum()
    np.int64(3)
    """
    columns = {}
    for field in entry["schema"]["fields"]:
        name, text, rules = field["name"], raw[field["name"]], field.get("constraints", {})
        missing = text.eq("")
        if rules.get("required"):
            _refuse(raw, entry, name, missing, "a value is required")
        _refuse(raw, entry, name, ~missing & ~is_readable(text, field["type"]), f"expected a valid {field['type']}")
        columns[name] = _convert(text, field)
        for problem, bad in _violations(columns[name], text, rules | field.get("rules", {})):
            _refuse(raw, entry, name, ~missing & bad, problem)
    frame = pd.DataFrame(columns)
    key = entry["schema"]["primaryKey"]
    _refuse(raw, entry, key[-1], frame.duplicated(key), f"the row repeats the key ({', '.join(key)}) of an earlier one")
    return frame.reset_index(drop=True)


def is_readable(text: pd.Series, kind: str) -> pd.Series:
    """Whether each cell reads as a value of a type of the descriptor.

    Examples
    --------
    >>> is_readable(pd.Series(["2026-05-25", "2026-02-30"]), "date").tolist()
    [True, False]
    """
    if kind == "date":
        return text.str.fullmatch(DAY) & pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").notna()
    if kind == "integer":
        return text.str.fullmatch(_INTEGER)
    if kind == "number":
        return text.str.fullmatch(_NUMBER)
    if kind == "boolean":
        return text.isin(_BOOLEANS)
    return pd.Series(True, index=text.index)


def _convert(text: pd.Series, field: dict[str, Any]) -> pd.Series:
    if field["type"] == "date":
        return pd.to_datetime(text.mask(text.eq("")), format="%Y-%m-%d")
    if field["type"] == "integer":
        return text.astype("int64") if text.ne("").all() else text.mask(text.eq("")).astype("Int64")
    if field["type"] == "number":
        return pd.to_numeric(text, errors="coerce").astype("float64")
    if field["type"] == "boolean":
        return text.map(_BOOLEANS).astype("bool" if text.ne("").all() else "boolean")
    text = text.str.replace(r"^'(?='*[=+\-@\t\r])", "", regex=True)
    return text.astype("category") if field.get("categorical") else text


def _violations(values: pd.Series, text: pd.Series, rules: dict[str, Any]) -> Iterable[tuple[str, pd.Series]]:
    if "minimum" in rules:
        yield f"the least allowed is {rules['minimum']}", values.lt(rules["minimum"])
    if "maximum" in rules:
        yield f"the most allowed is {rules['maximum']}", values.gt(rules["maximum"])
    if "enum" in rules:
        yield f"allowed are {', '.join(rules['enum'])}", ~text.isin(rules["enum"])
    if "isoWeekday" in rules:
        yield (
            f"the day of the week must be number {rules['isoWeekday']}",
            values.dt.day_of_week.ne(rules["isoWeekday"] - 1),
        )
    if "pattern" in rules:
        yield f"it must match {rules['pattern']}", ~text.str.fullmatch(re.compile(rules["pattern"]))


def _refuse(raw: pd.DataFrame, entry: dict[str, Any], column: str, bad: pd.Series, problem: str) -> None:
    """Stop at the first bad row; lines are those that an editor shows."""
    if (bad := bad.fillna(False)).any():
        line = bad.idxmax()
        place = f"{entry['path']} {entry.get('counts', 'line')} {line}, column {column}"
        raise InputError(f"{place}: {problem}; found {reprlib.repr(raw[column][line])}.")
