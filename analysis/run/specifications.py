"""Specification curves: a claim under every setting that its entry in the register declared beforehand."""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, NOTEBOOKS, InputError, catalog, package, parameters, provenance
from analysis.criteria import Claim, Grid
from analysis.register import read_register
from analysis.run import depends, execute, made_tables
from analysis.run.execute import Run
from analysis.run.records import Record

TABLE = "specifications"

HOLDS, FAILS, UNTOLD = "holds", "fails", "cannot be told"


@dataclass(frozen=True)
class Specification:
    """One setting of a claim.

    Parameters
    ----------
    claim : str
        Id of the claim.
    grid : Grid
        Where it is from.
    settings : dict
        Parameter to value, of those that the grid sets.
    run : Run
        The run that answers it; several share one.
    """

    claim: str
    grid: Grid
    settings: Mapping[str, Any]
    run: Run


def read(root: Path = DATA) -> pd.DataFrame:
    """The table: a row a claim and setting.

    Examples
    --------
    >>> sorted(read()["claim"].unique())
    ['B5', 'M6', 'P1', 'S1']
    """
    texts = ("claim", "assertion", "reading", "settings", "unit", "verdict")
    return catalog.load(TABLE, root=root).astype(dict.fromkeys(texts, "object"))


def sentence(rows: pd.DataFrame) -> str:
    """In how many of its settings a claim stands, in words.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table on one claim.

    Examples
    --------
    >>> sentence(pd.DataFrame({"verdict": ["holds", "fails", "cannot be told"]}))
    'In 1 of 3 settings the claim stands; in 1 it cannot be told.'
    """
    stands, untold = int(rows["verdict"].eq(HOLDS).sum()), int(rows["verdict"].eq(UNTOLD).sum())
    beside = f"; in {untold} it cannot be told" if untold else ""
    return f"In {stands} of {len(rows)} settings the claim stands{beside}."


def plan(claim: Claim, folder: Path) -> list[Specification]:
    """Every setting of a claim, with the run that answers it.

    Parameters
    ----------
    claim : Claim
        With its specifications.
    folder : Path
        Gets a copy of the notebook and a folder a run.

    Raises
    ------
    InputError
        The notebook does not take a setting; the claim is named.
    """
    copy = made_tables.without_pictures(NOTEBOOKS / f"{claim.notebook}.ipynb", folder)
    found = []
    for grid in claim.specifications:
        for values in itertools.product(*grid.settings.values()):
            settings = dict(zip(grid.settings, values, strict=True))
            found.append(Specification(claim.id, grid, settings, _run(claim, settings, folder, copy)))
    return found


def extend(executes: made_tables.Executes, folder: Path, root: Path = DATA) -> made_tables.Table:
    """The table brought up to date: a claim whose settings, cells, code and data are as before is not executed again.

    Parameters
    ----------
    executes : callable
        Executes a plan.
    folder : Path
        Gets what is executed.
    root : Path
        Folder of the data package.
    """
    claims = {claim.id: claim for claim in read_register().values() if claim.specifications}
    keys = {name: _key(claim) for name, claim in claims.items()}
    before: dict[str, str] = catalog.resource(TABLE, root)[provenance.MADE_FROM]
    asked = [item for name in keys if before.get(name) != keys[name] for item in plan(claims[name], folder)]
    runs = {item.run.folder: item.run for item in asked}
    records = dict(zip(runs, executes(list(runs.values())) if runs else [], strict=True))
    failed = [record for record in records.values() if not record.is_ok]
    broken = {item.claim for item in asked if not records[item.run.folder].is_ok}
    fresh = [_row(item, records[item.run.folder]) for item in asked if item.claim not in broken]
    frame = _joined(read(root), fresh, list(claims))
    return made_tables.Table(TABLE, frame, {name: key for name, key in keys.items() if name not in broken}, failed)


def _key(claim: Claim) -> str:
    """Hash of what the rows of a claim rest on."""
    grids = [[grid.assertion, grid.reading, dict(grid.settings)] for grid in claim.specifications]
    return package.digest(json.dumps([depends.key(claim.notebook), grids]).encode())


def _run(claim: Claim, settings: Mapping[str, Any], folder: Path, copy: Path) -> Run:
    """Run of a setting; the notebook's own values are not set, so that settings that come to the same share one."""
    try:
        parameters.check(claim.notebook, **settings)
    except InputError as error:
        raise InputError(f"Claim {claim.id} in the register, specifications: {error}") from None
    known = parameters.read(claim.notebook)
    given = {name: value for name, value in settings.items() if value != known[name].default}
    return replace(execute.new_run(claim.notebook, given, folder), notebook=copy)


def _row(item: Specification, record: Record) -> dict[str, Any]:
    """What a run found under a setting."""
    verdict = record.verdict(item.claim)
    assert verdict is not None  # a run that finished has judged every claim of its notebook
    ruling = next(ruling for ruling in verdict.assertions if ruling.name == item.grid.assertion)
    found = next(finding for finding in ruling.findings if finding.reading == item.grid.reading)
    return {
        "claim": item.claim,
        "assertion": item.grid.assertion,
        "reading": item.grid.reading,
        "settings": "; ".join(f"{name}={parameters.written(value)}" for name, value in item.settings.items()),
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "unit": found.unit,
        "verdict": UNTOLD if found.holds is None else HOLDS if found.holds else FAILS,
    }


def _joined(before: pd.DataFrame, fresh: Iterable[dict[str, Any]], order: list[str]) -> pd.DataFrame:
    """Rows in the place of all that there were on the same claims, in the order of the register."""
    new = pd.DataFrame(list(fresh), columns=before.columns).astype(object)
    kept = before[before["claim"].isin(order) & ~before["claim"].isin(new["claim"])].astype(object)
    table = pd.concat([kept, new])
    return table.sort_values("claim", key=lambda names: names.map(order.index), kind="stable").reset_index(drop=True)
