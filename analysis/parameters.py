"""What a notebook's parameters are and may be, read from its own cell tagged ``parameters``.

That cell is the one place that knows: a line a parameter, ``name: type = default  # allowed: what it means``. Allowed
is written as ``1 to 52``, ``one of a, b, c``, ``a day covered by TABLE`` or ``a Monday of TABLE``.
"""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from analysis import NOTEBOOKS, InputError, catalog

TYPES: dict[str, type] = {"str": str, "int": int, "float": float}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Parameters
    ----------
    name : str
        Its name.
    type : str
        ``str``, ``int`` or ``float``.
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

    def parse(self, text: str) -> Any:
        """Value from the command line's text; the text itself where it is not of the type, for ``check`` to refuse."""
        try:
            return TYPES[self.type](text)
        except ValueError:
            return text

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
        kinds = {"str": "text", "int": "a whole number", "float": "a number"}
        fits = isinstance(value, TYPES[self.type]) or (self.type == "float" and isinstance(value, int))
        if not fits or isinstance(value, bool) or not _is_allowed(value, self.allowed, self.name):
            wanted = self.allowed if self.type == "str" else f"{kinds[self.type]}, {self.allowed}"
            raise InputError(f"{self.name} takes {wanted}; not {value!r}.")


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
    '1 to 50'
    """
    path = notebook if isinstance(notebook, Path) else NOTEBOOKS / f"{notebook}.ipynb"
    if not path.is_file():
        raise InputError(f"There is no notebook {str(notebook)!r}; there are {', '.join(names())}.")
    source = _tagged_source(path)
    return {p.name: p for p in (_parameter(node, source.splitlines(), path) for node in ast.parse(source).body)}


def names() -> list[str]:
    """Names of the notebooks of the collection, in order.

    Examples
    --------
    >>> names()[0]
    '01_share_shift'
    """
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


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
    known = read(notebook)
    for name, value in values.items():
        if name not in known:
            raise InputError(f"{Path(notebook).stem} has no parameter {name!r}; it has {', '.join(known)}.")
        known[name].check(value)


def parse(notebook: str | Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Typed and checked values from ``key=value`` texts of the command line.

    Examples
    --------
    >>> parse("01_share_shift", {"weeks": "8"})
    {'weeks': 8}
    """
    known = read(notebook)
    values = {name: known[name].parse(text) if name in known else text for name, text in texts.items()}
    check(notebook, **values)
    return values


def _tagged_source(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if "parameters" in cell["metadata"].get("tags", []):
            return "".join(cell["source"])
    raise InputError(f"{path.name} has no cell tagged parameters.")


def _parameter(node: ast.stmt, lines: list[str], path: Path) -> Parameter:
    line = lines[node.lineno - 1]
    match = re.search(r"#\s*([^:]+):\s*(.+)$", line)
    if not isinstance(node, ast.AnnAssign) or node.value is None or match is None:
        raise InputError(f"{path.name}, parameters: write {line!r} as name: type = default  # allowed: meaning.")
    if (kind := ast.unparse(node.annotation)) not in TYPES:
        raise InputError(f"{path.name}, parameters: the type in {line!r} must be one of {', '.join(TYPES)}.")
    return Parameter(ast.unparse(node.target), kind, ast.literal_eval(node.value), match[1], match[2])


def _is_allowed(value: Any, allowed: str, name: str) -> bool:
    if match := re.fullmatch(r"(\S+) to (\S+)", allowed):
        return float(match[1]) <= value <= float(match[2])
    if match := re.fullmatch(r"one of (.+)", allowed):
        return value in match[1].split(", ")
    if match := re.fullmatch(r"a day covered by (\w+)", allowed):
        catalog.load(match[1], as_of=catalog.parse_day(value, name).date())
        return True
    if match := re.fullmatch(r"a Monday of (\w+)", allowed):
        first, last = catalog.covered_days(match[1])
        day = catalog.parse_day(value, name)
        return day.weekday() == 0 and first - timedelta(days=7) <= day < last
    raise InputError(f"{name}: the notebook's parameters cell does not say what is allowed; {allowed!r} is no rule.")
