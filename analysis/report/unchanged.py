"""Whether a report is still what was written, and would be written the same: then a command has no page to make."""

import json
from collections.abc import Iterable
from pathlib import Path

import analysis
from analysis import DATA
from analysis.report import sharing
from analysis.run import cache, records
from analysis.run.records import Record
from analysis.system.files import write_text

STATE = ".report.json"
"""File in a report: what it was made of, and what is in it."""


def key(shown: Iterable[Record], *said: object) -> str:
    """SHA-256 over all that the pages are made of: results, code and templates, data, packages, and the commit.

    Parameters
    ----------
    shown : iterable of Record
        The results.
    *said : object
        What the command says besides, such as the address of the report.
    """
    package = Path(analysis.__file__).parent
    used = [path for place in (package, DATA) for path in _files(place) if path.suffix != ".pyc"]
    results = cache.sha256("".join(records.write_lines(shown)).encode())
    return cache.sha256(json.dumps([results, _digest(used), cache.environment(), sharing.commit(), *said]).encode())


def is_written(out: Path, made_of: str) -> bool:
    """Whether a folder holds the report of a key, and nobody has changed a page of it since."""
    try:
        state = json.loads((out / STATE).read_text(encoding="utf-8"))
        return bool(state == {"key": made_of, "pages": _digest(_pages(out))})
    except (OSError, ValueError):
        return False


def note(out: Path, made_of: str) -> None:
    """Note in a folder which report it holds."""
    write_text(out / STATE, json.dumps({"key": made_of, "pages": _digest(_pages(out))}) + "\n")


def _pages(out: Path) -> list[Path]:
    """All files of a report but the executed notebooks, whose runs have keys of their own, and reports below it."""
    others = {path.parent for path in out.glob(f"*/{STATE}")}
    mine = (path for path in _files(out) if not others & set(path.parents))
    return [path for path in mine if path.name != STATE and path.suffix != ".ipynb"]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(files: Iterable[Path]) -> str:
    """SHA-256 over paths and contents."""
    found = "".join(f"{path} {cache.sha256(path.read_bytes())}\n" for path in files)
    return cache.sha256(found.encode())
