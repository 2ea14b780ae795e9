"""Plans of many runs: a TOML file of grids over the parameters of notebooks.

.. code-block:: toml

    [[sweep]]
    notebook = "01_share_shift"
    as_of = {from = "2025-03-03", to = "2026-09-28", every = "week"}
    top_n = [9, 50]

A list is an axis of the grid; for a parameter that is itself a list, a list of lists is.
"""

import contextlib
import itertools
import json
import math
from collections.abc import Iterable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import InputError, catalog, parameters
from analysis.parameters import Parameter
from analysis.run import execute, folder
from analysis.run.execute import Run
from analysis.system import files

MOST_RUNS = 5_000
"""Largest plan; at five seconds a run that is seven hours on one core."""

_MOST_DAYS = 1_000
"""Where the days of an axis are no longer counted: the tables have fewer, and ``_axes`` says so."""

_STEPS = {"day": "days", "week": "weeks", "month": "months"}
_SPAN = ("from", "to", "every")


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
        The file is not a sweep (the file and the entry are named), or as ``execute.check_inputs`` raises it. Nothing
        has been written or started then.
    """
    execute.check_inputs()
    folder.check(out)
    runs: dict[Path, Run] = {}
    entries = _entries(path)
    _check_size(entries, path)
    for place, entry in enumerate(entries, 1):
        try:
            name, axes = _axes(entry)
        except InputError as error:
            raise InputError(f"{path}, sweep {place}: {error}") from None
        for values in itertools.product(*axes.values()):
            run = execute.new_run(name, dict(zip(axes, values, strict=True)), out)
            runs.setdefault(run.folder, run)
    return list(runs.values())


def _check_size(entries: list[dict[str, Any]], path: Path) -> None:
    """Refuse a plan of too many runs before any of its values is looked at: a grid multiplies."""
    number = sum(math.prod(_length(key, value) for key, value in entry.items()) for entry in entries)
    if number > MOST_RUNS:
        # the number itself may have thousands of digits
        many = f"{number:,}" if number < 10**15 else "more than 10^15"
        raise InputError(f"{path} asks for {many} runs, and a sweep may have {MOST_RUNS:,}: give fewer values.")


def _length(key: str, value: Any) -> int:
    """Number of values of an axis; where it is not written as one, 1, and ``_values`` says what is wrong."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict) and set(value) == set(_SPAN):
        with contextlib.suppress(InputError, TypeError):
            days = _dates(key, {end: _text(day) for end, day in value.items()})
            return sum(1 for _ in itertools.islice(days, _MOST_DAYS))
    return 1


def _entries(path: Path) -> list[dict[str, Any]]:
    content = files.parse_toml(files.read_text(path, "a sweep"), path)
    entries = content.pop("sweep", None)
    if isinstance(entries, dict):
        raise InputError(f"{path} has [sweep]: write it in two brackets, [[sweep]].")
    if content or not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        stray = f"; not {', '.join(content)}" if content else ""
        raise InputError(f"{path} takes one or more entries below a line [[sweep]] each, and nothing else{stray}.")
    return entries


def _axes(entry: dict[str, Any]) -> tuple[str, dict[str, list[Any]]]:
    """Name of the notebook, and the values of each parameter, all of them checked."""
    name = entry.get("notebook")
    if not isinstance(name, str):
        found = f"; not {name!r}" if "notebook" in entry else ""
        raise InputError(f'it takes the name of one notebook, such as notebook = "{parameters.names()[0]}"{found}.')
    parameters.read(name)
    wanted = [(parameters.find(name, key), value) for key, value in entry.items() if key != "notebook"]
    return name, {known.name: [_checked(known, item) for item in _values(known, value)] for known, value in wanted}


def _checked(known: Parameter, value: Any) -> Any:
    """The value; as a float where the parameter is one and the value is written as a whole number."""
    known.check(value)
    return float(value) if known.type == "float" else value


def _values(known: Parameter, value: Any) -> Iterable[Any]:
    """Values of an axis, not yet checked; a single value is an axis of one."""
    if isinstance(value, dict) and known.is_day:
        return _dates(known.name, {key: _text(part) for key, part in value.items()})
    values = [_text(item) for item in (value if isinstance(value, list) else [value])]
    if known.type.startswith("list") and not (values and all(isinstance(item, list) for item in values)):
        lists = [item if isinstance(item, list) else [item] for item in values] or [[]]
        raise InputError(
            f"{known.name} is itself a list: give a list of lists, such as {json.dumps(lists, default=str)}."
        )
    if not values:
        raise InputError(f"{known.name} is an empty list, which makes no run: give a value, or leave {known.name} out.")
    return values


def _text(value: Any) -> Any:
    """A date or time of TOML as text, and any other value as it is."""
    return value.isoformat() if isinstance(value, (date, time)) else value


def _dates(key: str, span: dict[str, Any]) -> Iterator[str]:
    """ISO dates from one day to another, both included where a step meets them; months are counted from the first."""
    wrong = [f"there is no {part}" for part in _SPAN if part not in span]
    wrong += [f"not {part}" for part in span if part not in _SPAN]
    if not wrong and span["every"] not in list(_STEPS):
        wrong = [f"not every = {span['every']!r}"]
    if wrong:
        steps = " or ".join(f'"{step}"' for step in _STEPS)
        raise InputError(f"{key} takes {{from = DAY, to = DAY, every = {steps}}}; {wrong[0]}.")
    first, last = (catalog.parse_day(span[end], f"{key}.{end}") for end in ("from", "to"))
    if first > last:
        raise InputError(f"{key}: from {span['from']} lies after to {span['to']}: swap them.")
    step = _STEPS[span["every"]]
    days = (first + pd.DateOffset(**{step: count}) for count in itertools.count())
    return (day.date().isoformat() for day in itertools.takewhile(lambda day: day <= last, days))
