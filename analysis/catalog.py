"""Open a table of the data package by name: hash, schema, as-of filter and provenance."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, InputError

_BOOLEANS = {"true": True, "false": False}
_INTEGER = r"[+-]?\d{1,18}"
_DAY = r"\d{4}-\d\d-\d\d"


def _package(root: Path) -> dict[str, Any]:
    path = root / "datapackage.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: run from a clone of the repository, installed with --editable.") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path} line {error.lineno} is not JSON ({error.msg}): restore it from git.") from None


def resource(name: str, root: Path = DATA) -> dict[str, Any]:
    """Descriptor entry of a table: its source, licence, citation, vintage, hash and schema.

    Parameters
    ----------
    name : str
        Name of a resource in ``datapackage.json``.
    root : Path
        Folder that holds ``datapackage.json`` and the tables.

    Raises
    ------
    InputError
        There is no such resource.

    Examples
    --------
    >>> resource("author_week")["schema"]["primaryKey"]
    ['week_start', 'author']
    """
    entries = {entry["name"]: entry for entry in _package(root)["resources"]}
    if name not in entries:
        raise InputError(f"The data package has no table {name!r}; it has {', '.join(entries)}.")
    return entries[name]


def read_bytes(name: str, root: Path = DATA) -> bytes:
    """Bytes of a resource, after checking them against the hash in the descriptor.

    Raises
    ------
    InputError
        The file is missing, or its SHA-256 is not the one in the descriptor.

    Examples
    --------
    >>> read_bytes("article").decode().splitlines()[0]
    'chinese-open-models-dominate-openrouter_01'
    """
    entry = resource(name, root)
    path = root / entry["path"]
    if not path.is_file():
        raise InputError(f"{path} is missing: restore it from git.")
    content = path.read_bytes()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != entry["hash"]:
        raise InputError(
            f"{path} is not the file that datapackage.json describes (SHA-256 differs): "
            "restore it from git, or record the new hash with its source."
        )
    return content


def parse_day(value: str | date, name: str = "as_of") -> pd.Timestamp:
    """Parse an ISO date.

    Raises
    ------
    InputError
        It is not a calendar date written YYYY-MM-DD.

    Examples
    --------
    >>> parse_day("2026-05-25")
    Timestamp('2026-05-25 00:00:00')
    """
    try:
        if re.fullmatch(_DAY, str(value)):
            return pd.Timestamp(str(value))
    except ValueError:
        pass
    raise InputError(f"{name} must be a date such as 2026-05-25, not {value!r}.")


def load(
    name: str, as_of: str | date | None = None, *, empty_before_start: bool = False, root: Path = DATA
) -> pd.DataFrame:
    """Load a table of the data package, as it had been published by a day.

    Parameters
    ----------
    name : str
        Name of a table in ``datapackage.json``; its schema there gives columns, types and units.
    as_of : str or date, optional
        ISO date. Rows published later are left out; the descriptor's ``asOf`` says from which day a row counts as
        published (a week: once it has ended). None, or a table without ``asOf``: all rows.
    empty_before_start : bool
        Return no rows, rather than raise, for an ``as_of`` before the table's start.
    root : Path
        Folder that holds ``datapackage.json`` and the tables.

    Returns
    -------
    DataFrame
        The columns of the schema, in its order: dates as datetime64, categorical strings as category, integers as
        int64. An empty string is an unknown string.

    Raises
    ------
    InputError
        Hash or schema do not fit (row and column are named), the table is empty, or ``as_of`` lies before its start.

    Examples
    --------
    >>> weeks = load("author_week", as_of="2026-05-25")
    >>> weeks.week_start.max()
    Timestamp('2026-05-18 00:00:00')
    >>> weeks.total_tokens.dtype
    dtype('int64')
    """
    entry = resource(name, root)
    frame = _typed(_parse(read_bytes(name, root), entry), entry)
    if as_of is None or "asOf" not in entry:
        return frame
    day = parse_day(as_of)
    published = _published(frame, entry)
    if day < published.min() and not empty_before_start:
        raise InputError(
            f"as_of {day:%Y-%m-%d} lies before the table {name}: its first rows were published by "
            f"{published.min():%Y-%m-%d}, so choose that day or a later one."
        )
    return frame[published <= day].reset_index(drop=True)


def covered_days(name: str, root: Path = DATA) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day on which rows of a dated table were published.

    Examples
    --------
    >>> first, last = covered_days("author_week")
    >>> f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    '2025-01-06 to 2026-09-28'
    """
    published = _published(load(name, root=root), resource(name, root))
    return published.min(), published.max()


def check(root: Path = DATA) -> None:
    """Load every table and read every file of the data package, so that a fault in one stops before any work starts.

    Raises
    ------
    InputError
        As ``load`` and ``read_bytes`` raise it.

    Examples
    --------
    >>> check()
    """
    for entry in _package(root)["resources"]:
        if "schema" in entry:
            load(entry["name"], root=root)
        else:
            read_bytes(entry["name"], root)


def hashes(names: Iterable[str], root: Path = DATA) -> dict[str, str]:
    """SHA-256 of each table, as hex digits.

    Examples
    --------
    >>> len(hashes(["authors"])["authors"])
    64
    """
    return {name: resource(name, root)["hash"].removeprefix("sha256:") for name in names}


def sources(names: Iterable[str], as_of: str | date, root: Path = DATA) -> str:
    """Provenance of tables as a Markdown list: citation, licence, source, vintage, hash and caveats.

    Examples
    --------
    >>> sources(["authors"], "2026-05-25").splitlines()[0].strip()
    '- **Authors of models and their home country** (`data/authors.csv`)'
    """
    return "\n".join(_source(resource(name, root), parse_day(as_of)) for name in names)


def _source(entry: dict[str, Any], as_of: pd.Timestamp) -> str:
    origins = "; ".join(
        (f"[{source['title']}]({source['path']})" if "path" in source else source["title"])
        + (f" at commit {source['commit']}" if "commit" in source else "")
        for source in entry["sources"]
    )
    lines = [
        f"- **{entry['title']}** (`data/{entry['path']}`)",
        f"  {entry['citation'].format(as_of=f'{as_of:%Y-%m-%d}')}",
        f"  Source: {origins}. Licence: {entry['licenses'][0]['title']}. Vintage: {entry['vintage']}. "
        f"SHA-256: `{entry['hash'].removeprefix('sha256:')[:12]}…`",
        f"  {entry['description']}",
    ]
    return "  \n".join(lines)


def _published(frame: pd.DataFrame, entry: dict[str, Any]) -> pd.Series:
    return frame[entry["asOf"]["field"]] + timedelta(days=entry["asOf"]["days"])


def _parse(content: bytes, entry: dict[str, Any]) -> pd.DataFrame:
    """Read the cells as strings, and check header and number of rows."""
    expected = [field["name"] for field in entry["schema"]["fields"]]
    try:
        raw = pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{entry['path']} is not a CSV table ({str(error).strip()}): restore it from git.") from None
    if list(raw.columns) != expected:
        raise InputError(f"{entry['path']} has the columns {', '.join(raw.columns)}; expected {', '.join(expected)}.")
    if raw.empty:
        raise InputError(f"{entry['path']} has a header and no rows: restore it from git or fetch it again.")
    return raw


def _typed(raw: pd.DataFrame, entry: dict[str, Any]) -> pd.DataFrame:
    """Convert each column to its type and check its constraints; then check the primary key."""
    columns = {}
    for field in entry["schema"]["fields"]:
        name, text, rules = field["name"], raw[field["name"]], field.get("constraints", {})
        missing = text.eq("")
        if rules.get("required"):
            _refuse(raw, entry, name, missing, "a value is required")
        _refuse(raw, entry, name, ~missing & ~_readable(text, field["type"]), f"expected a valid {field['type']}")
        columns[name] = _convert(text, field)
        for problem, bad in _violations(columns[name], text, rules):
            _refuse(raw, entry, name, ~missing & bad, problem)
    frame = pd.DataFrame(columns)
    key = entry["schema"]["primaryKey"]
    _refuse(raw, entry, key[-1], frame.duplicated(key), f"the row repeats the key ({', '.join(key)}) of an earlier one")
    return frame


def _readable(text: pd.Series, kind: str) -> pd.Series:
    if kind == "date":
        return text.str.fullmatch(_DAY) & pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").notna()
    if kind == "integer":
        return text.str.fullmatch(_INTEGER)
    if kind == "number":
        return pd.to_numeric(text, errors="coerce").abs().lt(float("inf"))
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
    return text.astype("category") if field.get("categorical") else text


def _violations(values: pd.Series, text: pd.Series, rules: dict[str, Any]) -> Iterable[tuple[str, pd.Series]]:
    if "minimum" in rules:
        yield f"the least allowed is {rules['minimum']}", values.lt(rules["minimum"])
    if "maximum" in rules:
        yield f"the most allowed is {rules['maximum']}", values.gt(rules["maximum"])
    if "enum" in rules:
        yield f"allowed are {', '.join(rules['enum'])}", ~text.isin(rules["enum"])
    if "pattern" in rules:
        yield f"it must match {rules['pattern']}", ~text.str.fullmatch(re.compile(rules["pattern"]))


def _refuse(raw: pd.DataFrame, entry: dict[str, Any], column: str, bad: pd.Series, problem: str) -> None:
    """Stop at the first bad row. Lines are counted as an editor does, the header being line 1."""
    if bad.fillna(False).any():
        row = int(bad.fillna(False).to_numpy().argmax())
        value = raw[column].iloc[row]
        raise InputError(f"{entry['path']} line {row + 2}, column {column}: {problem}; found {value!r}.")
