"""Write what the descriptor says of a file: hash and bytes, and of a new table what can be read off it.

What no file says of itself (source, licence, units, what a column means) is marked ``GAP``, for a person to fill in.
"""

import csv
import json
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, InputError, catalog, package
from analysis.schema import is_readable
from analysis.system.files import write_text

Entry = dict[str, Any]

GAP = "?"
"""What stands where a person has something to say."""

_NAME = r"[a-z][a-z0-9_]*"
_TYPES = ("boolean", "integer", "number", "date")
_UNIT_OF = {"boolean": "", "date": "day"}
"""Unit of the types that have the same one in every table."""


@dataclass(frozen=True)
class Described:
    """What ``describe`` did.

    Parameters
    ----------
    name : str
        Of the entry.
    is_new : bool
        Whether there was none.
    columns : tuple of str
        Columns that were added to its schema.
    gaps : tuple of str
        What is left to fill in, in words.
    """

    name: str
    is_new: bool
    columns: tuple[str, ...]
    gaps: tuple[str, ...]

    def __str__(self) -> str:
        added = f"; new columns: {', '.join(self.columns)}" if self.columns and not self.is_new else ""
        done = f"{self.name}: {'entry written' if self.is_new else 'hash and bytes are those of the file'}{added}."
        if not self.gaps:
            return done
        return f"{done}\nTo fill in where datapackage.json says {GAP!r}: {'; '.join(self.gaps)}."


def describe(file: Path, root: Path = DATA) -> Described:
    """Bring the entry of a file in ``datapackage.json`` up to date, or write one for a new table.

    Of an entry that is there, hash and bytes follow the file, and columns that are new in it are added; all else stays.

    Parameters
    ----------
    file : Path
        The file, in ``root``.
    root : Path
        Folder of the data package.

    Raises
    ------
    InputError
        The file is elsewhere or no table, or its rows or its ``asOf`` do not fit its schema; nothing is written.
    """
    path = _checked(file, root)
    descriptor = json.loads(package.read_descriptor(root))
    known = [entry for entry in descriptor["resources"] if entry["path"] == path.name]
    if not known and (path.suffix != ".csv" or not re.fullmatch(_NAME, path.stem)):
        raise InputError(f"{file} is no new table: name it in small letters, digits and _, and end it in .csv.")
    content = path.read_bytes()
    before = known[0] if known else _new_entry(path)
    entry = before | {"bytes": len(content), "hash": package.digest(content)}
    columns: tuple[str, ...] = ()
    if not known or "schema" in before:
        entry["schema"] = _schema(content, before, path.name)
        described = {field["name"] for field in before.get("schema", {}).get("fields", [])}
        columns = tuple(field["name"] for field in entry["schema"]["fields"] if field["name"] not in described)
        catalog.texts(content, entry)  # refuses rows that do not fit
        _check_as_of(entry)
    descriptor["resources"] = [entry if other is before else other for other in descriptor["resources"]]
    descriptor["resources"] += [] if known else [entry]
    write_text(root / "datapackage.json", json.dumps(descriptor, indent=1, ensure_ascii=False) + "\n")
    return Described(entry["name"], not known, columns, tuple(gaps(entry)))


def gaps(entry: Entry) -> list[str]:
    """What a person has to fill in of an entry of the descriptor, in words.

    Examples
    --------
    >>> field = {"name": "tokens", "unit": "?", "description": "?"}
    >>> gaps({"title": "?", "sources": [{"title": "?"}], "schema": {"fields": [field]}})
    ['title', 'sources', 'unit of tokens', 'description of tokens']
    """
    found = [key for key, value in entry.items() if key != "schema" and _has_gap(value)]
    for field in entry.get("schema", {}).get("fields", []):
        found += [f"{key} of {field['name']}" for key, value in field.items() if value == GAP]
    return found


def _has_gap(value: object) -> bool:
    if isinstance(value, list):
        return any(_has_gap(item) for item in value)
    if isinstance(value, dict):
        return any(_has_gap(item) for item in value.values())
    return value == GAP


def _checked(file: Path, root: Path) -> Path:
    """Path of a file that can be described."""
    if not file.is_file():
        raise InputError(f"{file} is missing: give the path of a file of the data package.")
    if file.resolve().parent != root.resolve() or file.name == "datapackage.json":
        raise InputError(f"{file} is no file of the data package: put it into {root}.")
    if (root / package.COMMITTED).is_dir():
        raise InputError(f"{root} holds a refresh that is not in place yet: run the command refresh first.")
    return file


def _new_entry(path: Path) -> Entry:
    return {
        "name": path.stem,
        "type": "table",
        "path": path.name,
        "title": GAP,
        "description": GAP,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": 0,
        "hash": "",
        "sources": [{"title": GAP}],
        "licenses": [{"name": GAP, "title": GAP}],
        "citation": GAP,
        "vintage": GAP,
    }


def _schema(content: bytes, entry: Entry, place: str) -> Entry:
    """Schema with a field for each column of the file: the one that is there, else what can be read off the cells."""
    header, rows = _read(content, place)
    before = entry.get("schema", {"primaryKey": [], "missingValues": [""], "fields": []})
    fields = {field["name"]: field for field in before["fields"]}
    lost = [name for name in fields if name not in header]
    if lost:
        raise InputError(
            f"{place} has no column {lost[0]!r}, which datapackage.json describes: "
            "bring it back, or rename it or take it out there first."
        )
    cells = pd.DataFrame(rows, columns=header, dtype="str")
    inferred = [fields[name] if name in fields else _field(cells[name]) for name in header]
    return before | {"primaryKey": before["primaryKey"] or _key(cells, place), "fields": inferred}


def _check_as_of(entry: Entry) -> None:
    """Refuse an ``asOf`` by which no row could be given a day."""
    if "asOf" not in entry:
        return
    rule = entry["asOf"]
    days = [field["name"] for field in entry["schema"]["fields"] if field["type"] == "date"]
    fits = isinstance(rule, dict) and rule.get("field") in days and type(rule.get("days")) is int
    if not fits:
        raise InputError(
            f'{entry["path"]}: asOf is written {{"field": "released", "days": 0}}, with a column of dates '
            f"({', '.join(days) or 'here there is none'}) and a whole number; not {json.dumps(rule)}."
        )


def _read(content: bytes, place: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table."""
    try:
        lines = [row for row in csv.reader(StringIO(content.decode("utf-8-sig")), strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(
            f"{place} is not a CSV table ({error}): save it as UTF-8, with commas between cells."
        ) from None
    if len(lines) < 2:
        raise InputError(f"{place} has no rows: give it a line of column names and one a row.")
    header, *rows = lines
    wrong = [name for name in header if not re.fullmatch(_NAME, name) or header.count(name) > 1]
    if wrong:
        raise InputError(f"{place} has the column {wrong[0]!r}: write each name once, in small letters, digits and _.")
    uneven = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if uneven:
        raise InputError(f"{place} row {uneven[0]} has not as many cells as the header ({len(header)}): correct it.")
    return header, rows


def _field(text: pd.Series) -> Entry:
    """Field of the descriptor for a column of cells."""
    given = text[text.ne("")]
    # a column without any value could be of every type: text commits to the least
    kinds = [kind for kind in _TYPES if len(given) and is_readable(given, kind).all()]
    kind = [*kinds, "string"][0]
    field = {"name": text.name, "type": kind, "unit": _UNIT_OF.get(kind, GAP), "description": GAP}
    return field | ({"constraints": {"required": True}} if len(given) == len(text) else {})


def _key(cells: pd.DataFrame, place: str) -> list[str]:
    """The fewest columns, from the left, whose values no two rows share."""
    for count in range(1, len(cells.columns) + 1):
        columns = cells.columns[:count].tolist()
        if not cells.duplicated(columns).any():
            return columns
    row = int(cells.duplicated().idxmax()) + 1
    raise InputError(f"{place} row {row} repeats an earlier one: take it out, or add the column that tells them apart.")
