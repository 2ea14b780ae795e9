"""What the verdicts of a notebook rest on, as one hash that is the same on every machine."""

import contextlib
import json
from dataclasses import astuple, replace
from pathlib import Path

import pandas as pd

import analysis
from analysis import NOTEBOOKS, ROOT, InputError, catalog, package, parameters, provenance, register
from analysis.run import imports

_COVERED = "a day covered by "
"""How the parameters of a notebook name the table whose days they take."""


def key(notebook: str) -> str:
    """SHA-256 over what decides the verdicts of a notebook: its cells, the code it imports, its claims, and the data.

    Unlike the key of a run it leaves out Python and the installed packages: a table that one machine has made would
    else be made again by every other.

    Parameters
    ----------
    notebook : str
        Its name.
    """
    path = NOTEBOOKS / f"{notebook}.ipynb"
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in parameters.read_cells(path)]
    code = {file.relative_to(ROOT).as_posix(): package.digest(file.read_bytes()) for file in _modules(path)}
    claims = [claim for claim in register.read_register().values() if claim.notebook == notebook]
    rules = [astuple(replace(claim, origin=None, specifications=(), objection=None, title="")) for claim in claims]
    data = {entry["name"]: entry["hash"] for entry in provenance.given()}
    return package.digest(json.dumps([cells, code, rules, data], sort_keys=True, default=str).encode())


def dated() -> list[str]:
    """Notebooks of the collection that judge by a day which a table covers; one that cannot be read is not among them.

    Examples
    --------
    >>> dated()[0]
    '01_share_shift'
    """
    found = []
    for name in parameters.names():
        with contextlib.suppress(InputError):
            if parameters.find(name, "as_of").allowed.startswith(_COVERED):
                found.append(name)
    return found


def first_day() -> pd.Timestamp:
    """First day that every notebook takes.

    Examples
    --------
    >>> f"{first_day():%Y-%m-%d}"
    '2025-01-06'
    """
    return max(catalog.covered_days(table_of(name))[0] for name in dated())


def newest_day() -> pd.Timestamp:
    """Last day up to which all notebooks have data.

    Examples
    --------
    >>> newest_day() >= pd.Timestamp("2026-09-28")
    True
    """
    return min(_reach(table_of(name)) for name in dated())


def article_day(notebook: str) -> pd.Timestamp:
    """Day by which the committed notebook judges.

    Examples
    --------
    >>> article_day("01_share_shift")
    Timestamp('2026-05-25 00:00:00')
    """
    return catalog.parse_day(parameters.find(notebook, "as_of").default)


def table_of(notebook: str) -> str:
    """Table whose days a notebook takes as ``as_of``.

    Examples
    --------
    >>> table_of("02_price_gap")
    'prices'
    """
    return parameters.find(notebook, "as_of").allowed.removeprefix(_COVERED)


def _reach(table: str) -> pd.Timestamp:
    """Last day that a table tells of: of events, such as prices and releases, the day on which they were gathered."""
    last = catalog.covered_days(table)[1]
    gathered = pd.to_datetime(catalog.resource(table)["vintage"], format="%Y-%m-%d", errors="coerce")
    return last if pd.isna(gathered) or is_regular(table) else gathered


def is_regular(table: str) -> bool:
    """Whether a table has a row for each of its periods, and does not list events.

    Examples
    --------
    >>> is_regular("author_week"), is_regular("prices")
    (True, False)
    """
    return bool(catalog.resource(table)["asOf"]["days"] > 0)


def _modules(notebook: Path) -> list[Path]:
    """Files of this package that a notebook may import."""
    found = [imports.source_of(name) for name in imports.reached_from(notebook)]
    return sorted({Path(analysis.__file__), *filter(None, found)})
