"""What a notebook's parameters are and may be, read from its own cell tagged ``parameters``.

That cell is the one place that knows: a line a parameter, ``name: type = default  # allowed: what it means``. Allowed
is written as ``1 to 52``, ``one of a, b, c``, ``a day covered by TABLE``, ``a Monday of TABLE``, ``models of TABLE``,
``an accelerator of TABLE``, ``VALUE or a board of TABLE`` (a column may have any name), ``an entry of RESOURCE`` or ``a
file or empty``. A day is covered by a table from its first row to the day that the data were taken on, though the
table's last row may be older.
"""

import ast
import contextlib
import functools
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import NOTEBOOKS, InputError, catalog
from analysis.system import files

TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "list[str]": list, "list[int]": list}

FILE = "a file or empty"
"""Rule for a parameter that is the path of an activity export."""

_MOST_BYTES = 50_000_000
"""Largest notebook: the project's own have less than a twentieth."""

_PARSING = threading.Lock()

_WRITTEN = {"str": r"(?s).*", "int": r"-?[0-9]{1,18}", "float": r"-?[0-9]+(\.[0-9]+)?"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Parameters
    ----------
    name : str
        Its name.
    type : str
        ``str``, ``int``, ``float``, ``list[str]`` or ``list[int]``; on the command line the items of a list stand
        between commas.
    default : Any
        Value in the committed notebook.
    allowed : str
        The values it takes, in the words of the module's docstring.
    help : str
        What it means.
    """

    name: str
    type: str
    default: Any
    allowed: str
    help: str

    @property
    def is_day(self) -> bool:
        """Whether its values are dates."""
        return self.allowed.startswith(("a day ", "a Monday "))

    def parse(self, text: str) -> Any:
        """Value from the command line's text; the text itself where it is not of the type, for ``check`` to refuse."""
        if self.type.startswith("list"):
            items = [item.strip() for item in text.split(",") if item.strip()]
            whole = self.type == "list[int]"
            return [int(item) if whole and re.fullmatch(_WRITTEN["int"], item) else item for item in items]
        return TYPES[self.type](text) if re.fullmatch(_WRITTEN[self.type], text) else text

    def check(self, value: Any) -> None:
        """Refuse a value of another type, or one that is not allowed.

        Raises
        ------
        InputError
            One sentence: the parameter, what it takes, and the value.

        Examples
        --------
        >>> Parameter("weeks", "int", 4, "1 to 52", "").check(53)
        Traceback (most recent call last):
        analysis.InputError: weeks takes a whole number, 1 to 52; not 53.
        """
        kinds = {"int": "a whole number, ", "float": "a number, ", "list[str]": "a list of "}
        kinds["list[int]"] = "a list of whole numbers, "
        fits = isinstance(value, TYPES[self.type]) or (self.type == "float" and isinstance(value, int))
        if self.type == "list[int]" and fits:
            fits = len(value) > 0 and all(type(item) is int for item in value)
        if self.type == "list[str]" and fits:
            fits = all(isinstance(item, str) for item in value)
        if not fits or isinstance(value, bool) or not _is_allowed(value, self.allowed, self.name):
            raise InputError(f"{self.name} takes {kinds.get(self.type, '')}{self.allowed}; not {value!r}.")


def read(notebook: str | Path) -> dict[str, Parameter]:
    """Parameters of a notebook by name, in the order of its cell.

    Parameters
    ----------
    notebook : str or Path
        Name of a notebook of the collection, or path of a file.

    Raises
    ------
    InputError
        There is no such notebook, or its cell is not written as it should be.

    Examples
    --------
    >>> read("01_share_shift")["top_n"].allowed
    '2 to 50'
    """
    path = notebook if isinstance(notebook, Path) else NOTEBOOKS / f"{notebook}.ipynb"
    # to list the folder takes long where a sweep asks for each of its runs
    there = isinstance(notebook, Path) or (Path(notebook).name == notebook and _is_file(str(path)))
    if not there and notebook not in names():
        near = get_close_matches(Path(notebook).stem, names(), 1)
        meant = f": did you mean {near[0]}?" if near else "."
        raise InputError(f"There is no notebook {notebook!r}; there are {', '.join(names())}{meant}")
    read_cells(path)  # says what is wrong with the file
    state = path.stat()
    return dict(_read(path, state.st_mtime_ns, state.st_size))


@functools.lru_cache(maxsize=32)
def _read(path: Path, *_state: int) -> dict[str, Parameter]:
    """As ``read``, once for each state of a file: a sweep asks for each of its runs."""
    source = _tagged_source(path)
    try:
        body = parse_source(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"{path.name}, parameters: the cell is no Python: restore it from git.") from None
    return {p.name: p for p in (_parameter(node, source.splitlines(), path) for node in body)}


@functools.lru_cache(maxsize=1024)
def parse_source(source: str) -> ast.Module:
    """Syntax tree of Python source, from one thread at a time: Python 3.11 fails where two parse at once.

    A library's thread may parse as well: what fails so is tried again.

    Raises
    ------
    SyntaxError
        It is no Python.
    """
    with _PARSING:
        for _ in range(5):
            with contextlib.suppress(SystemError):
                return ast.parse(source)
        return ast.parse(source)


def names() -> list[str]:
    """Names of the notebooks of the collection, in order.

    Examples
    --------
    >>> names()[0]
    '01_share_shift'
    """
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def written(value: Any) -> str:
    """Value of a parameter as the command line takes it.

    Examples
    --------
    >>> written(["a", "b"]), written([1, 8]), written(9)
    ('a,b', '1,8', '9')
    """
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def check(notebook: str | Path, **values: Any) -> None:
    """Refuse parameters that the notebook does not have, or values that it does not take.

    Raises
    ------
    InputError
        One sentence: the parameter and what is allowed.

    Examples
    --------
    >>> check("01_share_shift", anonymous="JP")
    Traceback (most recent call last):
    analysis.InputError: anonymous takes one of separate, CN, US, revealed; not 'JP'.
    """
    for name, value in values.items():
        find(notebook, name).check(value)


def find(notebook: str | Path, name: str) -> Parameter:
    """A parameter of a notebook.

    Raises
    ------
    InputError
        The notebook has none of that name; those that it has are named.

    Examples
    --------
    >>> find("01_share_shift", "top_n").allowed
    '2 to 50'
    """
    known = read(notebook)
    if name not in known:
        raise InputError(f"{Path(notebook).stem} has no parameter {name!r}; it has {', '.join(known)}.")
    return known[name]


def check_notebook(notebook: str, namespace: Mapping[str, Any]) -> None:
    r"""Refuse what ``check`` refuses, from within a notebook, and names that papermill injected by mistake.

    Parameters
    ----------
    notebook : str
        Its name.
    namespace : dict
        The notebook's ``globals()``. In a kernel they hold the source of the cells, and papermill writes the values
        that it is given into a cell of its own, whether the notebook has such parameters or not.

    Raises
    ------
    InputError
        As ``check`` raises it.

    Examples
    --------
    >>> values = {name: parameter.default for name, parameter in read("01_share_shift").items()}
    >>> check_notebook("01_share_shift", values)
    >>> check_notebook("01_share_shift", values | {"In": ["# Parameters\nasof = '2026-05-25'"], "asof": "2026-05-25"})
    Traceback (most recent call last):
    analysis.InputError: 01_share_shift has no parameter 'asof'; it has as_of, weeks, top_n, anonymous, reference_week.
    """
    injected = [source for source in namespace.get("In", []) if source.startswith("# Parameters\n")]
    nodes = [node for source in injected for node in ast.walk(ast.parse(source))]
    given = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    check(notebook, **{name: namespace[name] for name in [*read(notebook), *given]})


def parse(notebook: str | Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Typed and checked values from ``key=value`` texts of the command line.

    Parameters
    ----------
    notebook : str or Path
        As for ``read``.
    texts : dict
        Parameter to text.

    Raises
    ------
    InputError
        As ``check`` raises it.

    Examples
    --------
    >>> parse("01_share_shift", {"weeks": "8"})
    {'weeks': 8}
    """
    known = read(notebook)
    values = {name: known[name].parse(text) if name in known else text for name, text in texts.items()}
    check(notebook, **values)
    return values


def read_cells(path: Path) -> list[dict[str, Any]]:
    """Cells of a notebook file, not to be changed; a file is read again only where it has changed.

    Raises
    ------
    InputError
        It is not a notebook.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}): restore it from git.") from None
    return _read_cells(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=32)
def _read_cells(path: Path, *_state: int) -> list[dict[str, Any]]:
    text = files.read_text(path, "a notebook", _MOST_BYTES)
    try:
        cells = list(json.loads(text)["cells"])
    except (ValueError, KeyError, TypeError, RecursionError):
        cells = [None]
    if not all(_is_cell(cell) for cell in cells):
        raise InputError(f"{path.name} is not a notebook: restore it from git.")
    return cells


def _is_cell(cell: Any) -> bool:
    """Whether it has what every reader relies on; a source is one text, or a list of lines."""
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    source, about = cell.get("source"), cell.get("metadata")
    lines = source if isinstance(source, list) else [source]
    return isinstance(about, dict) and all(isinstance(line, str) for line in lines)


def _tagged_source(path: Path) -> str:
    for cell in read_cells(path):
        if "parameters" in cell["metadata"].get("tags", []):
            return "".join(cell["source"])
    raise InputError(f"{path.name} has no cell tagged parameters.")


def _parameter(node: ast.stmt, lines: list[str], path: Path) -> Parameter:
    line = lines[(node.end_lineno or node.lineno) - 1]
    match = re.search(r"#\s*([^:]+):\s*(.+)$", line)
    if not isinstance(node, ast.AnnAssign) or node.value is None or match is None:
        raise InputError(f"{path.name}, parameters: write {line!r} as name: type = default  # allowed: meaning.")
    if (kind := ast.unparse(node.annotation)) not in TYPES:
        raise InputError(f"{path.name}, parameters: the type in {line!r} must be one of {', '.join(TYPES)}.")
    try:
        default = ast.literal_eval(node.value)
    except ValueError:
        raise InputError(f"{path.name}, parameters: the default in {line!r} must be a plain value.") from None
    return Parameter(ast.unparse(node.target), kind, default, match[1], match[2])


@functools.lru_cache
def _covered_days(table: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """As ``catalog.covered_days``, asked once: a sweep checks hundreds of days."""
    return catalog.covered_days(table)


@functools.lru_cache
def _known(table: str, column: str) -> list[str]:
    """Values of a column, asked once."""
    types = {field["name"]: field["type"] for field in catalog.resource(table)["schema"]["fields"]}
    if types.get(column) != "string":
        raise InputError(
            f"The table {table} has no column of text {column!r}: correct what the parameters cell allows."
        )
    return list(filter(None, dict.fromkeys(catalog.load(table)[column])))


@functools.lru_cache
def _entries(name: str) -> list[str]:
    """As ``catalog.entries``, asked once."""
    return catalog.entries(name)


@functools.lru_cache
def _taken_on() -> str:
    """As ``catalog.taken_on``, asked once."""
    return catalog.taken_on()


def _is_file(name: str) -> bool:
    with contextlib.suppress(OSError):  # a name that is too long
        return Path(name).is_file()
    return False


def _check_day(value: Any, table: str, name: str) -> None:
    day = catalog.parse_day(value, name)
    if day < _covered_days(table)[0]:
        catalog.load(table, as_of=day.date())  # says so
    if day > catalog.parse_day(last := _taken_on()):
        raise InputError(
            f"{name} {value} lies after {last}, the day that the data were taken on: choose that day or an earlier "
            "one, or bring the tables to today with the command refresh."
        )


def _check_monday(value: Any, table: str, name: str) -> None:
    first, last = (day - timedelta(days=7) for day in _covered_days(table))
    day = catalog.parse_day(value, name)
    if day.weekday() != 0 or not first <= day <= last:
        raise InputError(f"{name} takes a Monday from {first:%Y-%m-%d} to {last:%Y-%m-%d}; not {value!r}.")


def _is_allowed(value: Any, allowed: str, name: str) -> bool:
    if match := re.fullmatch(r"(\S+) to (\S+)", allowed):
        return all(float(match[1]) <= v <= float(match[2]) for v in (value if isinstance(value, list) else [value]))
    if match := re.fullmatch(r"one of (.+)", allowed):
        return value in match[1].split(", ")
    if match := re.fullmatch(r"a day covered by (\w+)", allowed):
        _check_day(value, match[1], name)
        return True
    if match := re.fullmatch(r"a Monday of (\w+)", allowed):
        _check_monday(value, match[1], name)
        return True
    if match := re.fullmatch(r"models of (\w+)", allowed):
        unknown = [model for model in value if model not in _known(match[1], "model")]
        if unknown:
            raise InputError(f"{name} takes models of the table {match[1]}; {unknown[0]!r} is not in it.")
        return True
    if match := re.fullmatch(r"an entry of (\w+)", allowed):
        entries = _entries(match[1])
        if value not in entries:
            raise InputError(f"{name} takes an entry of {match[1]}: {', '.join(entries)}; not {value!r}.")
        return True
    if match := re.fullmatch(r"(?:(.+) or )?an? (\w+) of (\w+)", allowed):
        known = [*filter(None, [match[1]]), *_known(match[3], match[2])]
        if value not in known:
            raise InputError(f"{name} takes one of {', '.join(known)}; not {value!r}.")
        return True
    if allowed == FILE:
        if value and not _is_file(value):
            raise InputError(f"{name}: no file at {value!r}; give the path of an activity export, or leave it empty.")
        if value:
            catalog.read_activity(value)  # says which row does not fit
        return True
    raise InputError(f"{name}: the notebook's parameters cell does not say what is allowed; {allowed!r} is no rule.")
