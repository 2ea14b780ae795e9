"""What makes two runs the same, and what a finished run leaves behind so that it need not be executed again."""

import functools
import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat

import analysis
from analysis import DATA, package, parameters, provenance
from analysis.run import records
from analysis.run.records import ParameterValue, Record
from analysis.system.files import write_text

STATE = "run.json"
"""File beside an executed notebook: key, hash of the notebook, seconds of each cell, and the record of the run."""

_INJECTED_TAGS = ("injected-parameters", "papermill-error-cell-tag")
"""Cells that papermill puts in: the parameters, and where an error is."""


@functools.cache
def environment() -> str:
    """SHA-256 over what all runs share: data, rules, the code of this package, Python, and installed packages.

    It is taken once in a process, since a process also imports code only once. What ``publish`` makes of runs is no
    part of it: to publish would else make every run another one.
    """
    _began_with()  # first: what changes while the files are read is noticed later
    code = Path(analysis.__file__).parent
    digest = hashlib.sha256(platform.python_version().encode())
    for path in [*sorted(code.rglob("*.py")), *_data_files()]:
        digest.update(f"\n{path.relative_to(code.parent)} {sha256(path.read_bytes())}".encode())
    digest.update(json.dumps(provenance.given()).encode())
    packages = {path.name for place in sys.path if place for path in Path(place).glob("*.dist-info")}
    return sha256((digest.hexdigest() + "\n".join(sorted(packages))).encode())


def _data_files() -> list[Path]:
    """Files of the data package that a run may read, but for the descriptor, which also names what is made of runs."""
    left_out = {"datapackage.json", *(entry["path"] for entry in provenance.made())}
    found = (path for path in DATA.rglob("*") if path.is_file() and path.suffix != ".md")
    return sorted(path for path in found if path.name not in left_out)


@functools.cache
def _began_with() -> bytes:
    """Descriptor of the data when this process first asked for it."""
    return package.read_descriptor()


def has_changed() -> bool:
    """Whether a refresh has put another data package in the place of the one that ``environment`` stands for."""
    return package.read_now(DATA, package.DESCRIPTOR) != _began_with()


def fingerprint(notebook: Path, values: Mapping[str, ParameterValue], cwd: Path) -> str:
    """Key of a run: SHA-256 over the environment, the notebook's sources, and the values of all its parameters.

    Parameters
    ----------
    notebook : Path
        The notebook; its outputs do not count.
    values : dict
        Value of every parameter; where one names a file, what is in the file counts.
    cwd : Path
        Folder that the name of such a file starts from.
    """
    state = notebook.stat()
    sources = _sources(notebook, state.st_mtime_ns, state.st_size)
    known = parameters.read(notebook)
    named = [str(value) for name, value in values.items() if value and known[name].allowed == parameters.FILE]
    files = {name: sha256((cwd / name).read_bytes()) for name in named}
    return sha256(json.dumps([environment(), notebook.name, sources, values, files], sort_keys=True).encode())


@functools.lru_cache(maxsize=32)
def _sources(notebook: Path, *_state: int) -> str:
    """SHA-256 over the sources of a notebook, once for each state of the file: a sweep asks for each of its runs."""
    cells = parameters.read_cells(notebook)
    return sha256(
        json.dumps([(cell["cell_type"], cell["source"], cell["metadata"].get("tags")) for cell in cells]).encode()
    )


def read(output: Path, key: str) -> Record | None:
    """Record of a finished run; None where its key is another, or its notebook is gone or has been changed.

    Parameters
    ----------
    output : Path
        The executed notebook.
    key : str
        Key that the run would have now.
    """
    try:
        state = json.loads((output.parent / STATE).read_text(encoding="utf-8"))
        same = state["key"] == key and state["output"] == sha256(output.read_bytes())
        return records.from_json(state["record"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(output: Path, key: str, cells: Mapping[str, float], record: Record) -> None:
    """Note beside an executed notebook that its run has finished.

    Parameters
    ----------
    output : Path
        The executed notebook.
    key : str
        Key of the run.
    cells : dict
        Seconds of each cell, by its id.
    record : Record
        What it came to.
    """
    state = {"key": key, "output": sha256(output.read_bytes()), "cells": cells, "record": records.to_json(record)}
    write_text(output.parent / STATE, json.dumps(state, indent=1, ensure_ascii=False) + "\n")


def settle(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """Take out of an executed notebook what differs from run to run: times, paths and random ids.

    Returns
    -------
    dict
        Seconds of each cell, by its id.

    Examples
    --------
    >>> cell = nbformat.v4.new_code_cell("1", id="one", metadata={"papermill": {"duration": 0.5}, "tags": ["a"]})
    >>> settle(nbformat.v4.new_notebook(cells=[cell])), cell.metadata
    ({'one': 0.5}, {'tags': ['a']})
    """
    about = notebook.metadata.pop("papermill", {})
    kept = {name: about[name] for name in ("parameters", "version", "exception") if about.get(name) is not None}
    notebook.metadata["papermill"] = kept
    seconds = {}
    for place, cell in enumerate(notebook.cells):
        if any(tag in _INJECTED_TAGS for tag in cell.metadata.get("tags", [])):
            cell["id"] = f"papermill-{place}"
        cell.metadata.pop("execution", None)
        if duration := cell.metadata.pop("papermill", {}).get("duration"):
            seconds[cell["id"]] = duration
    return seconds


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
