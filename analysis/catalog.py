"""Open a table of the data package by name: hash, schema, as-of filter and provenance."""

import copy
import functools
import json
import re
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, InputError, package
from analysis.package import digest
from analysis.schema import DAY, FORMULA, parse_csv, parse_json, parse_named_csv, typed
from analysis.system import files


def descriptor(root: Path = DATA) -> dict[str, Any]:
    """Content of ``datapackage.json``, where it is what every reader relies on.

    Raises
    ------
    InputError
        It is missing or broken.

    Examples
    --------
    >>> len(descriptor()["resources"]) > 20
    True
    """
    return _parsed(package.read_descriptor(root), root / package.DESCRIPTOR)


@functools.lru_cache(maxsize=8)
def _parsed(read: bytes, path: Path) -> dict[str, Any]:
    """The descriptor, once for each state of it: a report asks for thousands of entries. Not to be changed."""
    try:
        content = json.loads(read)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({error}): restore it from git.") from None
    if not isinstance(content, dict) or not isinstance(content.get("resources"), list) or not content["resources"]:
        raise InputError(f"{path} lists no resources: restore it from git.")
    for place, entry in enumerate(content["resources"], 1):
        if reason := _not_a_resource(entry):
            raise InputError(f"{path}, resource {place}: {reason}: restore it from git.")
    return content


def _not_a_resource(entry: Any) -> str:
    """What a descriptor entry lacks that every reader relies on; empty where it lacks nothing."""
    if not isinstance(entry, dict):
        return "it is no object"
    for key in ("name", "title", "path", "hash", "vintage"):
        if not isinstance(entry.get(key), str):
            return f"{key} is no text"
    if Path(entry["path"]).name != entry["path"]:
        return f"path {entry['path']!r} leads out of the folder"
    if "schema" in entry:
        schema = entry["schema"]
        listed = schema.get("fields") if isinstance(schema, dict) else None
        if not isinstance(listed, list) or not all(_is_field(field) for field in listed):
            return "schema has no fields with a name and a type each"
    return ""


def _is_field(field: Any) -> bool:
    return isinstance(field, dict) and all(isinstance(field.get(key), str) for key in ("name", "type"))


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
    entries = {entry["name"]: entry for entry in descriptor(root)["resources"]}
    if name not in entries:
        raise InputError(f"The data package has no table {name!r}; it has {', '.join(entries)}.")
    return copy.deepcopy(entries[name])


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
    return _consistent(name, root)[1]


def _consistent(name: str, root: Path) -> tuple[dict[str, Any], bytes]:
    """Descriptor entry and bytes of a resource that belong together, also where a refresh comes between the two."""
    entry = resource(name, root)
    for _ in range(package.READS):
        content = package.read(root, entry["path"])
        if content is not None and digest(content) == entry["hash"]:
            return entry, content
        again = resource(name, root)
        if again == entry:
            break
        entry = again
    path = root / entry["path"]
    if content is None:
        raise InputError(f"{path} is missing: restore it from git.")
    raise InputError(
        f"{path} is not the file that datapackage.json describes (SHA-256 differs): "
        "restore it from git, or use the command describe on it."
    )


def entries(name: str, root: Path = DATA) -> list[str]:
    """Names of the tables at the top of a TOML resource.

    Raises
    ------
    InputError
        As ``read_bytes`` raises it.

    Examples
    --------
    >>> entries("architectures")[0]
    'DeepSeek-V3'
    """
    return list(tomllib.loads(read_bytes(name, root).decode("utf-8")))


def taken_on(root: Path = DATA) -> str:
    """ISO date of the last day that the data can speak for: of the package, or of a table that was fetched since.

    Examples
    --------
    >>> taken_on() >= "2026-11-23"
    True
    """
    content = descriptor(root)
    days = [content.get("created", "")[:10], *(entry["vintage"] for entry in content["resources"])]
    return max(day for day in days if re.fullmatch(DAY, day))


def parse_day(value: str | date, name: str = "as_of") -> pd.Timestamp:
    """Parse an ISO date.

    Parameters
    ----------
    value : str or date
        Written YYYY-MM-DD, or a date or datetime.
    name : str
        What the message calls it.

    Raises
    ------
    InputError
        It is not a calendar date written YYYY-MM-DD.

    Examples
    --------
    >>> parse_day("2026-05-25")
    Timestamp('2026-05-25 00:00:00')
    """
    text = value.isoformat()[:10] if isinstance(value, date) else str(value)
    try:
        if re.fullmatch(DAY, text):
            return pd.Timestamp(date.fromisoformat(text))
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
        Rows published later are left out (a week: one that had not ended); a table without ``asOf`` has all rows.
    empty_before_start : bool
        Return no rows, rather than raise, for an ``as_of`` before the table's start.

    Returns
    -------
    DataFrame
        The columns of the schema: dates as datetime64, integers as int64. An empty string is an unknown string.

    Raises
    ------
    InputError
        Hash or schema do not fit (row and column are named), the table is empty, or ``as_of`` lies before its start.

    Examples
    --------
    >>> load("author_week", as_of="2026-05-25").week_start.max()
    Timestamp('2026-05-18 00:00:00')
    """
    entry, content = _consistent(name, root)
    frame = _checked(content, json.dumps(entry)).copy(deep=False)
    if as_of is None or "asOf" not in entry:
        return frame
    published, day = _published(frame, entry), parse_day(as_of)
    if day < published.min() and not empty_before_start:
        raise InputError(
            f"as_of {day.date()} lies before the table {name}, whose first rows were published by "
            f"{published.min():%Y-%m-%d}: choose that day or a later one."
        )
    return frame[published <= day].reset_index(drop=True)


@functools.lru_cache(maxsize=64)
def _checked(content: bytes, entry: str) -> pd.DataFrame:
    """A table, checked once for each state of its file and its description; who changes it changes a copy."""
    described = json.loads(entry)
    return typed(parse_csv(content, described), described)


def read_activity(path: str | Path) -> pd.DataFrame:
    """Read a person's own usage: an OpenRouter activity export, JSON (``{"data": [...]}``) or CSV.

    The columns are those that ``data/activity.schema.json`` describes, in any order; a CSV may lack what is optional.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        The file is missing, empty or malformed; the row (JSON) or line (CSV) and the column are named.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"There is no file {path}: give the path of an activity export.")
    content = files.read_bytes(path, "an activity export")
    if path.suffix == ".csv":
        entry = {"path": path.name, "schema": activity_schema()}
        return typed(parse_named_csv(content, entry), entry)
    return parse_activity(content, path.name)


def activity_schema() -> dict[str, Any]:
    """Schema of a person's own usage.

    Examples
    --------
    >>> activity_schema()["primaryKey"]
    ['date', 'model_permaslug', 'endpoint_id']
    """
    return json.loads((DATA / "activity.schema.json").read_text(encoding="utf-8"))


def parse_activity(content: bytes, place: str) -> pd.DataFrame:
    """Read the JSON of a person's own usage; as ``read_activity``.

    Parameters
    ----------
    content : bytes
        JSON of the form ``{"data": [...]}``.
    place : str
        What messages call it.
    """
    entry = {"path": place, "schema": activity_schema(), "counts": "row"}
    return typed(parse_json(content, entry), entry)


def read_rows(name: str, rows: list[list[str]], place: str, root: Path = DATA) -> pd.DataFrame:
    """Check rows of text that a source gave against the schema of a table, and convert them.

    Parameters
    ----------
    name : str
        The table whose schema they must fit.
    rows : list of list of str
        Cells in the order of its fields; an empty string is a missing value.
    place : str
        What the message calls the rows.
    root : Path
        Folder of the data package.

    Raises
    ------
    InputError
        A row does not fit; the place, the row (from 1) and the column are named.

    Examples
    --------
    >>> read_rows("model_day", [["2026-08-21", "qwen/qwen3", "7"]], "the answer").total_tokens.tolist()
    [7]
    """
    schema = resource(name, root)["schema"]
    columns = [field["name"] for field in schema["fields"]]
    raw = pd.DataFrame(rows, columns=columns, index=range(1, len(rows) + 1), dtype="str")
    return typed(raw, {"path": place, "schema": schema, "counts": "row"})


def to_csv(frame: pd.DataFrame, schema: dict[str, Any]) -> bytes:
    r"""A table as the bytes of its file.

    Text that a spreadsheet would take for a formula gets an apostrophe in front; ``load`` takes it away again.

    Parameters
    ----------
    frame : DataFrame
        The columns of the schema.
    schema : dict
        Of the table, in the descriptor.

    Examples
    --------
    >>> schema = {"fields": [{"name": "model", "type": "string"}]}
    >>> to_csv(pd.DataFrame({"model": ["=cmd()", "qwen/qwen3"]}), schema)
    b"model\n'=cmd()\nqwen/qwen3\n"
    """
    names = [field["name"] for field in schema["fields"]]
    texts = [field["name"] for field in schema["fields"] if field["type"] == "string"]
    inert = {name: frame[name].astype("str").str.replace(FORMULA, "'", regex=True) for name in texts}
    flags = [field["name"] for field in schema["fields"] if field["type"] == "boolean"]
    words = {name: frame[name].astype("boolean").astype("str").str.lower().mask(frame[name].isna()) for name in flags}
    text = frame[names].assign(**inert, **words).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return text.encode("utf-8")


def texts(content: bytes, entry: dict[str, Any]) -> pd.DataFrame:
    """Cells of a table as text, indexed by line, after checking them as ``load`` does.

    Parameters
    ----------
    content : bytes
        Of its file.
    entry : dict
        Its descriptor, as ``resource`` gives it.

    Examples
    --------
    >>> texts(read_bytes("model_day"), resource("model_day")).loc[2, "total_tokens"]
    '125415684992'
    """
    raw = parse_csv(content, entry)
    typed(raw, entry)
    return raw


def covered_days(name: str, root: Path = DATA) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day on which rows of a dated table were published.

    Examples
    --------
    >>> first, last = covered_days("author_week")
    >>> f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    '2025-01-06 to 2026-09-28'
    """
    return _covered_days(name, root, digest(package.read_descriptor(root)))


@functools.lru_cache(maxsize=128)
def _covered_days(name: str, root: Path, descriptor: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The same in one state of the descriptor, which has every table's hash: a report asks for it at each citation."""
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
    for entry in descriptor(root)["resources"]:
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


def _published(frame: pd.DataFrame, entry: dict[str, Any]) -> pd.Series:
    return frame[entry["asOf"]["field"]] + timedelta(days=entry["asOf"]["days"])
