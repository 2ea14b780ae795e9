"""Tables of the data package that ``publish`` makes of runs: their rows, and what the descriptor then says of them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd

from analysis import DATA, catalog, package, provenance
from analysis.run.execute import Run
from analysis.run.records import Record
from analysis.system.files import write_text

Executes = Callable[[list[Run]], list[Record]]
"""Executes a plan and gives back its records, in the order of the plan."""

_LEAVE_OUT = "from analysis import figures\n\nfigures.leave_out_pictures()"


@dataclass(frozen=True)
class Table:
    """A table made of runs.

    Parameters
    ----------
    name : str
        Its name in the data package.
    frame : DataFrame
        Its rows.
    keys : dict
        Notebook or claim to the hash of what its rows rest on.
    failed : list of Record
        Runs that failed; what they stand for keeps the rows that it had, and has no key.
    """

    name: str
    frame: pd.DataFrame
    keys: dict[str, str]
    failed: list[Record]


def new_files(tables: Iterable[Table], root: Path = DATA) -> dict[str, bytes]:
    """Files by name that the tables need, the descriptor among them; none where nothing has changed.

    Parameters
    ----------
    tables : iterable of Table
        What ``publish`` has made.
    root : Path
        Folder of the data package.

    Raises
    ------
    InputError
        Rows do not fit the schema of their table.
    """
    listing = json.loads(package.read_descriptor(root))
    entries = {entry["name"]: entry for entry in listing["resources"]}
    files = {}
    for table in tables:
        entry = entries[table.name]
        content = catalog.to_csv(table.frame, entry["schema"])
        catalog.texts(content, entry)  # refuses rows that do not fit
        files[entry["path"]] = content
        entry |= {"bytes": len(content), "hash": package.digest(content), provenance.MADE_FROM: table.keys}
    descriptor = (json.dumps(listing, indent=1, ensure_ascii=False) + "\n").encode()
    return {} if descriptor == package.read_descriptor(root) else files | {"datapackage.json": descriptor}


def without_pictures(notebook: Path, folder: Path) -> Path:
    """Copy of a notebook that draws no pictures: to run it for its verdicts takes half the time.

    Parameters
    ----------
    notebook : Path
        The notebook.
    folder : Path
        Folder of the copy.
    """
    content = nbformat.read(notebook, as_version=4)
    content.cells.insert(0, nbformat.v4.new_code_cell(_LEAVE_OUT, id="no-pictures"))
    copy = folder / notebook.name
    write_text(copy, nbformat.writes(content))
    return copy
