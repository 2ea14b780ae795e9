"""How verdicts moved: every claim judged week by week or month by month, kept as the table ``verdict_history``.

A notebook whose data are weekly is executed at every week, another at every month: on the weekday, or the day of the
month, on which the article came out, and at the newest day of the data.
"""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, NOTEBOOKS, catalog, provenance
from analysis.findings import Verdict
from analysis.register import read_register
from analysis.run import depends, execute, made_tables
from analysis.run.execute import Run
from analysis.run.records import Record, committed

TABLE = "verdict_history"


def read(root: Path = DATA) -> pd.DataFrame:
    """The table: a row a claim and day, in the order of the register.

    Examples
    --------
    >>> read().columns[:3].tolist()
    ['claim', 'as_of', 'verdict']
    """
    return catalog.load(TABLE, root=root).astype({"claim": "object", "verdict": "object"})


def verdicts_on(day: str, root: Path = DATA) -> dict[str, str]:
    """Verdicts of the table on a day, by claim.

    Examples
    --------
    >>> verdicts_on("2026-05-25")["M5"]
    'supported'
    """
    table = read(root)
    rows = table[table["as_of"].eq(catalog.parse_day(day))]
    return dict(zip(rows["claim"], rows["verdict"], strict=True))


def verdicts(records: Collection[Record]) -> dict[str, str]:
    """Verdicts of runs, by claim."""
    return {verdict.id: verdict.verdict for record in records for verdict in record.claims}


def published(records: Collection[Record], root: Path = DATA) -> dict[str, str]:
    """Verdicts that were published for the day that each run judges by: those of the table, else of the notebook.

    Parameters
    ----------
    records : collection of Record
        Runs of the committed notebooks.
    root : Path
        Folder of the data package.
    """
    found: dict[str, str] = {}
    for record in records:
        table = verdicts_on(record.as_of or "", root)
        known = {name: table[name] for name in verdicts([record]) if name in table}
        found |= verdicts([committed(record.notebook)]) | known
    return found


def days(notebook: str) -> list[str]:
    """Days at which the verdicts of a notebook are kept, ISO dates.

    Examples
    --------
    >>> days("01_share_shift")[:2]
    ['2025-01-06', '2025-01-13']
    """
    step = "weeks" if depends.is_regular(depends.table_of(notebook)) else "months"
    first, middle, last = depends.first_day(), depends.article_day(notebook), depends.newest_day()
    found = {middle, last}
    for sign in (-1, 1):
        steps = 1
        while first <= (day := middle + pd.DateOffset(**{step: sign * steps})) <= last:
            found.add(day)
            steps += 1
    return [f"{day:%Y-%m-%d}" for day in sorted(found)]


def plan(notebook: str, folder: Path) -> list[Run]:
    """Runs of a notebook at all of its days.

    Parameters
    ----------
    notebook : str
        Its name.
    folder : Path
        Gets a copy of the notebook and a folder a run.
    """
    copy = made_tables.without_pictures(NOTEBOOKS / f"{notebook}.ipynb", folder)
    runs = [execute.new_run(notebook, {"as_of": day}, folder) for day in days(notebook)]
    return [replace(run, notebook=copy) for run in runs]


def newest_runs(out: Path) -> list[Run]:
    """Runs of the notebooks at the newest day of the data: how the claims have fared since the article.

    Parameters
    ----------
    out : Path
        Folder that gets a folder a run.

    Examples
    --------
    >>> [run.folder.name for run in newest_runs(Path("reports"))][0]
    '01_share_shift--as_of=2026-09-28'
    """
    dated = depends.dated()
    if not dated:  # no notebook takes a day that a table covers
        return []
    newest = depends.newest_day()
    names = [name for name in dated if depends.article_day(name) != newest]
    return [execute.new_run(name, {"as_of": f"{newest:%Y-%m-%d}"}, out) for name in names]


def extend(executes: made_tables.Executes, folder: Path, root: Path = DATA) -> made_tables.Table:
    """The table brought up to date: what rests on the same cells, code, claims and data as before is not made again.

    Parameters
    ----------
    executes : callable
        Executes a plan.
    folder : Path
        Gets what is executed.
    root : Path
        Folder of the data package.
    """
    before: dict[str, str] = catalog.resource(TABLE, root)[provenance.MADE_FROM]
    keys = {name: depends.key(name) for name in depends.dated()}
    runs = [run for name, key in keys.items() if before.get(name) != key for run in plan(name, folder)]
    records = executes(runs) if runs else []
    failed = [record for record in records if not record.is_ok]
    broken = {record.notebook for record in failed}
    fresh = [record for record in records if record.notebook not in broken]
    frame = _joined(read(root), fresh)
    return made_tables.Table(TABLE, frame, {name: key for name, key in keys.items() if name not in broken}, failed)


def rows(records: Collection[Record]) -> pd.DataFrame:
    """Rows of the table that runs come to.

    Parameters
    ----------
    records : collection of Record
        Runs that finished.
    """
    return pd.DataFrame([_row(verdict, record.as_of or "") for record in records for verdict in record.claims])


def _row(verdict: Verdict, as_of: str) -> dict[str, Any]:
    """The verdict on a claim, and what was found for its first assertion as it is written."""
    row: dict[str, Any] = {"claim": verdict.id, "as_of": pd.Timestamp(as_of), "verdict": verdict.verdict}
    row |= {"conditions": "; ".join(verdict.conditions)}
    row |= {"conveyed": "; ".join(ruling.verdict for ruling in verdict.conveyed)}
    for found in verdict.assertions[0].findings[:1]:
        ends = {"value": found.value, "low": found.low, "high": found.high}
        row |= {name: None if isinstance(end, str) else end for name, end in ends.items()}
        row |= {"day": _day(found.value), "unit": found.unit, "data_to": _day(found.as_of)}
    return row


def _day(value: object) -> pd.Timestamp:
    """An ISO date as a day; what is none is missing."""
    return pd.to_datetime(value if isinstance(value, str) else None, format="%Y-%m-%d", errors="coerce")


def _joined(before: pd.DataFrame, fresh: list[Record]) -> pd.DataFrame:
    """Rows of runs in the place of all that there were on the same claims, in the order of the register."""
    if not fresh:
        return before
    order = list(read_register())
    new = rows(fresh).reindex(columns=before.columns)
    kept = before[before["claim"].isin(order) & ~before["claim"].isin(new["claim"])]
    table = pd.concat([kept.astype(object), new.astype(object)])
    places = table["claim"].map(order.index)
    return table.assign(place=places).sort_values(["place", "as_of"]).drop(columns="place").reset_index(drop=True)
