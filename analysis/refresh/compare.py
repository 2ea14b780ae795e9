"""What a refresh changes in a table, and how its descriptor says so."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import InputError, SourceError, catalog, vintages
from analysis.refresh.transport import Fetched
from analysis.refresh.weeks import TOKENS, periods, spans_in_words

_SHOWN = 10


@dataclass(frozen=True)
class Update:
    """A table as it would become.

    Parameters
    ----------
    entry : dict
        Its descriptor.
    content : bytes
        Its file.
    added, restated, gone : DataFrame
        As ``compare`` gives them.
    changed : bool
        Whether file or descriptor differ from what is there.
    """

    entry: dict[str, Any]
    content: bytes
    added: pd.DataFrame
    restated: pd.DataFrame
    gone: pd.DataFrame
    changed: bool


def compare(old: pd.DataFrame, new: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows added, values restated and rows gone between two states of a table.

    Parameters
    ----------
    old, new : DataFrame
        Cells as text.
    key : list of str
        Primary key.

    Returns
    -------
    added, restated, gone : DataFrame
        Rows of ``new``; columns key, column, old, new; rows of ``old``.

    Examples
    --------
    >>> old = pd.DataFrame({"day": ["1", "2"], "n": ["5", "6"]})
    >>> new = pd.DataFrame({"day": ["2", "3"], "n": ["7", "8"]})
    >>> [part.values.tolist() for part in compare(old, new, ["day"])]
    [[['3', '8']], [['2', 'n', '6', '7']], [['1', '5']]]
    """
    before, after = old.set_index(key), new.set_index(key)
    both = before.index.intersection(after.index, sort=False)
    was, now = (
        frame.loc[both].melt(var_name="column", value_name="old", ignore_index=False) for frame in (before, after)
    )
    restated = was.assign(new=now["old"])[was["old"].ne(now["old"])].reset_index()
    added, gone = after.loc[~after.index.isin(both)], before.loc[~before.index.isin(both)]
    return added.reset_index(), restated, gone.reset_index()


@dataclass(frozen=True)
class Made:
    """A table made of what was fetched.

    Parameters
    ----------
    frame : DataFrame
        Its rows.
    fetched : list of Fetched
        What it is made of.
    spans : list, optional
        Of a table of tokens: first and last of the periods that were ever fetched without a gap between.
    """

    frame: pd.DataFrame
    fetched: list[Fetched]
    spans: list[list[str]] | None = None


def update(name: str, made: Made, root: Path, today: pd.Timestamp) -> Update:
    """Compare a table with what is there, and describe it anew where it differs."""
    entry = catalog.resource(name, root)
    content, old = catalog.to_csv(made.frame, entry["schema"]), catalog.read_bytes(name, root)
    try:
        after = catalog.texts(content, entry)
    except InputError as error:
        raise SourceError(f"What was fetched does not fit the table {name}: {error}") from None
    # in the words of a refresh: a number that someone wrote otherwise, 0.000011 for 1.1e-05, is not restated
    before = catalog.to_csv(catalog.load(name, root=root), entry["schema"])
    parts = compare(catalog.texts(before, entry), after, entry["schema"]["primaryKey"])
    changed = content != old or made.spans != entry.get("fetched")
    if changed:
        described = _described(entry, made, today)
        entry = described | {"bytes": len(content), "hash": catalog.digest(content)}
    return Update(entry, content, *parts, changed=changed)


def _described(entry: dict[str, Any], made: Made, today: pd.Timestamp) -> dict[str, Any]:
    """Descriptor of a table that was refreshed: title, description, sources and vintage say what was fetched."""
    live, marks, held, spans = entry["live"], {}, entry["sources"], made.spans
    if spans is not None:
        column, step = TOKENS[entry["name"]]
        there = periods(spans, step)
        kept = pd.DatetimeIndex(made.frame[column].unique()).difference(there)
        marks = {"fetched": spans_in_words(there, step), "transcribed": spans_in_words(kept, step)}
        held = [source for source in held if len(kept) or "commit" not in source]
    asked = [found.url for found in made.fetched]
    held = [source for source in held if source.get("path") not in asked]
    new = [{"title": f"{live['source']}, fetched", "path": f.url, "date": _day(f, today)} for f in made.fetched]
    texts = {"title": live["title"], "description": live["description"].format(**marks)}
    described = entry | texts | {"sources": held + new, "vintage": _day(made.fetched[0], today)}
    return described | ({"fetched": spans} if spans is not None else {})


def _day(fetched: Fetched, today: pd.Timestamp) -> str:
    return fetched.as_of[:10] or f"{today:%Y-%m-%d}"


def new_files(updates: list[Update], root: Path, today: pd.Timestamp) -> dict[str, bytes]:
    """New files by name: tables, the descriptor, and the values that were replaced.

    Parameters
    ----------
    updates : list of Update
        Tables that change.
    root : Path
        Folder of the data package.
    today : Timestamp
        Day of the refresh.
    """
    package = json.loads(catalog.read_descriptor(root))
    kept = _kept(updates, root, today)
    entries = {update.entry["name"]: update.entry for update in updates} | {entry["name"]: entry for entry, _ in kept}
    before = {entry["name"]: entry for entry in package["resources"]}
    package["resources"] = list((before | entries).values())
    descriptor = json.dumps(package, indent=1, ensure_ascii=False) + "\n"
    files = {update.entry["path"]: update.content for update in updates}
    files |= {entry["path"]: content for entry, content in kept}
    return files | {"datapackage.json": descriptor.encode()}


def _kept(updates: list[Update], root: Path, today: pd.Timestamp) -> list[tuple[dict[str, Any], bytes]]:
    """The table of restated values with what a refresh replaces, and its descriptor; nothing where that is nothing."""
    new = [
        vintages.replaced(u.entry["name"], u.entry["schema"]["primaryKey"], u.restated, u.gone, today) for u in updates
    ]
    rows = pd.concat(new, ignore_index=True)
    if rows.empty:
        return []
    before = vintages.read(root)
    # of two refreshes on one day, what the first replaced is what had been there
    table = pd.concat([before.astype(object), rows.astype(object)]).drop_duplicates(
        ["replaced_on", "table", "row", "column"]
    )
    is_there = vintages.TABLE in catalog.versions(root)
    entry = catalog.resource(vintages.TABLE, root) if is_there else vintages.described()
    content = catalog.to_csv(table.fillna(""), entry["schema"])
    return [(entry | {"bytes": len(content), "hash": catalog.digest(content)}, content)]


def describe(update: Update, tell: Callable[[str], None]) -> None:
    """Say what would change in a table; of long lists, the first lines."""
    counts = (
        f"{len(update.added):,} rows added, {len(update.restated):,} values restated, {len(update.gone):,} rows gone"
    )
    tell(f"{update.entry['name']}: {counts}")
    key = update.entry["schema"]["primaryKey"]
    for row in update.restated.head(_SHOWN).itertuples(index=False):
        tell(f"  restated {' '.join(row[: len(key)])} {row.column}: {row.old or 'empty'} -> {row.new or 'empty'}")
    for row in update.gone[key].head(_SHOWN).itertuples(index=False):
        tell(f"  gone {' '.join(row)}")
    for what, rows in (("restated", update.restated), ("gone", update.gone)):
        if len(rows) > _SHOWN:
            tell(f"  and {len(rows) - _SHOWN:,} more {what}")
