"""Plans of many runs: a TOML file of grids over the parameters of notebooks.

.. code-block:: toml

    [[sweep]]
    notebook = "01_share_shift"
    as_of = {from = "2025-03-03", to = "2026-09-28", every = "week"}
    top_n = [9, 50]

A list is an axis of the grid; for a parameter that is itself a list, a list of lists is.
"""

import itertools
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import InputError, batch, catalog, parameters
from analysis.batch import Run

_STEPS = {"day": "days", "week": "weeks", "month": "months"}


def plan(path: Path, out: Path) -> list[Run]:
    """Runs of a sweep, their parameters checked; a run that two grids share is there once.

    Parameters
    ----------
    path : Path
        The TOML file.
    out : Path
        Folder that gets a folder a run.

    Raises
    ------
    InputError
        The file is not a sweep (the file and the entry are named), or as ``batch.check_inputs`` raises it. Nothing has
        been written or started then.
    """
    batch.check_inputs(out)
    runs: dict[Path, Run] = {}
    for place, entry in enumerate(_entries(path), 1):
        try:
            name, axes = _axes(entry)
        except InputError as error:
            raise InputError(f"{path.name}, sweep {place}: {error}") from None
        for values in itertools.product(*axes.values()):
            run = batch.new_run(name, dict(zip(axes, values, strict=True)), out)
            runs.setdefault(run.folder, run)
    return list(runs.values())


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as TOML: {error}.") from None
    entries = content.pop("sweep", None)
    if content or not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        stray = f"; not {', '.join(content)}" if content else ""
        raise InputError(f"{path.name} takes one or more [[sweep]] entries and nothing else{stray}.")
    return entries


def _axes(entry: dict[str, Any]) -> tuple[str, dict[str, list[Any]]]:
    """Name of the notebook, and the values of each parameter, all of them checked."""
    name = entry.get("notebook")
    known = parameters.read(str(name) if name is not None else "")
    axes = {key: _values(key, value) for key, value in entry.items() if key != "notebook"}
    for key, values in axes.items():
        if key in known and known[key].type == "list[str]" and not all(isinstance(value, list) for value in values):
            raise InputError(f"{key} is itself a list: give a list of lists, such as [{entry[key]}].")
        if key in known and known[key].type == "float":
            axes[key] = [float(value) if type(value) is int else value for value in values]
        for value in axes[key]:
            parameters.check(str(name), **{key: value})
    return str(name), axes


def _values(key: str, value: Any) -> list[Any]:
    """Values of an axis; a single value is an axis of one."""
    if isinstance(value, dict):
        return _dates(key, value)
    values = value if isinstance(value, list) else [value]
    if not values:
        raise InputError(f"{key} is an empty list, which makes no run: give a value, or leave {key} out.")
    return [day.isoformat() if isinstance(day, date) else day for day in values]


def _dates(key: str, span: dict[str, Any]) -> list[str]:
    """ISO dates from one day to another, both included where a step meets them; months are counted from the first."""
    if set(span) != {"from", "to", "every"} or span["every"] not in _STEPS:
        raise InputError(f"{key} takes {{from = DAY, to = DAY, every = {' or '.join(_STEPS)}}}; not {span}.")
    first, last = (catalog.parse_day(span[end], f"{key}.{end}") for end in ("from", "to"))
    if first > last:
        raise InputError(f"{key}: from {span['from']} lies after to {span['to']}: swap them.")
    step = _STEPS[span["every"]]
    days = (first + pd.DateOffset(**{step: count}) for count in itertools.count())
    return [f"{day:%Y-%m-%d}" for day in itertools.takewhile(lambda day: day <= last, days)]
