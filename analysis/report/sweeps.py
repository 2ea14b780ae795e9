"""Findings of many runs: as a tidy table, and what of them differs over the parameter that was swept."""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.criteria import LITERAL, Claim
from analysis.findings import Finding, Verdict
from analysis.parameters import written
from analysis.report import panels, sweep_drawings
from analysis.run.records import Record

COLUMNS = [
    *("claim", "verdict", "assertion", "assertion_verdict", "finding", "reading", "label"),
    *("value", "low", "high", "unit", "data_to", "vintage", "holds"),
]
"""Columns of a row of the table, after ``run``, ``notebook`` and a column for each parameter."""


@dataclass(frozen=True)
class Curve:
    """Verdicts and findings of one claim over a parameter.

    Parameters
    ----------
    claim : Claim
        The claim.
    last : Verdict
        Verdict of the run with the last value of the parameter.
    run : str
        Parameters of that run, of those that were swept.
    picture : str
        What differs between the runs, as SVG; empty where nothing does.
    text : str
        The verdicts in words.
    counts : dict
        Verdict to the number of runs that came to it.
    same : tuple of Finding
        Findings that are the same in every run.
    """

    claim: Claim
    last: Verdict
    run: str
    picture: str
    text: str
    counts: Mapping[str, int]
    same: tuple[Finding, ...]


def table(records: Iterable[Record]) -> pd.DataFrame:
    """Findings of runs, a row a finding a run.

    Parameters
    ----------
    records : iterable of Record
        A run that failed has no findings and so no row.

    Returns
    -------
    DataFrame
        Columns run, notebook, one for each parameter of any of the runs, and ``COLUMNS``.
    """
    rows = [row for record in records for row in _rows(record)]
    names = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    return pd.DataFrame(rows, columns=[*(names or ["run", "notebook"]), *COLUMNS], dtype=object)


def _rows(record: Record) -> list[dict[str, object]]:
    """Rows of the table for one run."""
    rows: list[dict[str, object]] = []
    run: dict[str, object] = {"run": record.folder, "notebook": record.notebook}
    run |= {name: written(value) for name, value in record.parameters.items()}
    for verdict in record.claims:
        about = run | {"claim": verdict.id, "verdict": verdict.verdict}
        for ruling in verdict.assertions:
            judged = about | {"assertion": ruling.name, "assertion_verdict": ruling.verdict}
            rows += [judged | _cells(finding) for finding in ruling.findings]
        rows += [about | _cells(finding) for finding in verdict.context]
    return rows


def _cells(finding: Finding) -> dict[str, object]:
    cells = {name: getattr(finding, name) for name in ("reading", "label", "value", "low", "high", "unit", "vintage")}
    return cells | {"finding": finding.key, "data_to": finding.as_of, "holds": finding.holds}


def swept(records: Iterable[Record]) -> list[str]:
    """Parameters that differ between runs of one notebook, the one with most values first.

    Examples
    --------
    >>> days = [Record("n", "ok", {"as_of": day, "n": 9, "m": day[-1] > "1"}, day, 1, "") for day in ("1", "2", "3")]
    >>> swept(days)
    ['as_of', 'm']
    """
    values = pd.DataFrame([{k: json.dumps(v) for k, v in record.parameters.items()} for record in records])
    numbers = values.nunique().sort_values(ascending=False, kind="stable")
    return list(numbers[numbers > 1].index)


def curves(
    records: list[Record], register: Mapping[str, Claim], each: Callable[..., Iterable[str]] = map
) -> list[Curve]:
    """What differs between runs of one notebook, drawn claim by claim.

    Parameters
    ----------
    records : list of Record
        Runs that finished, which differ in a parameter at least.
    register : dict
        The claims.
    each : callable
        Draws all of them as ``map`` would; that of an executor draws several at once.
    """
    x, *others = swept(records)
    places = pd.DataFrame([_place(record, x, others) for record in records])
    places = places.assign(at=_positions(places["x"]))
    judged = [{"run": r.folder, "claim": v.id, "verdict": v.verdict} for r in records for v in r.claims]
    verdicts = pd.DataFrame(judged).merge(places, on="run").sort_values("at", kind="stable")
    findings = table(records)[["run", *COLUMNS]].merge(places, on="run").sort_values("at", kind="stable")
    in_order = [records[place] for place in places.sort_values("at", kind="stable").index]
    run = _words(in_order[-1], [x, *others])
    last = {verdict.id: verdict for record in in_order for verdict in record.claims}
    claims = [claim for name, claim in register.items() if name in last]
    judged_by = [verdicts[verdicts["claim"].eq(claim.id)] for claim in claims]
    found_by = [findings[findings["claim"].eq(claim.id)] for claim in claims]
    differ = [_differing(mine, len(judged)) for mine, judged in zip(found_by, judged_by, strict=True)]
    drawn = [mine[mine["finding"].isin(keys)] for mine, keys in zip(found_by, differ, strict=True)]
    pictures = each(sweep_drawings.draw, claims, [x] * len(claims), judged_by, drawn)
    found = []
    for claim, picture, mine, keys in zip(claims, pictures, judged_by, differ, strict=True):
        verdict = last[claim.id]
        found.append(
            Curve(claim, verdict, run, picture, describe(claim.id, x, mine), _counts(mine), _same(verdict, keys))
        )
    return found


def _differing(findings: pd.DataFrame, runs: int) -> set[str]:
    """Findings of a claim that are not the same in each of so many runs."""
    once = findings.drop_duplicates(["run", "finding", "reading"])  # several assertions may share one
    groups = once.groupby(["finding", "reading"])
    values = groups[["value", "low", "high", "holds"]].nunique(dropna=False).max(axis=1)
    differing = values[values.gt(1) | groups.size().lt(runs)]
    return set(differing.index.get_level_values("finding"))


def _same(verdict: Verdict, differing: set[str]) -> tuple[Finding, ...]:
    """Findings of a verdict but those that differ between runs, and those that several assertions share once."""
    found = [finding for ruling in verdict.assertions for finding in ruling.findings]
    every = {(finding.key, finding.reading): finding for finding in [*found, *verdict.context]}
    return tuple(finding for finding in every.values() if finding.key not in differing)


def _counts(verdicts: pd.DataFrame) -> dict[str, int]:
    """How many runs came to each verdict that any of them came to, in the order of the verdicts."""
    counts = verdicts["verdict"].value_counts()
    return {verdict: int(counts[verdict]) for verdict in panels.come_to(verdicts["verdict"])}


def conditions(claim: Claim) -> dict[str, str]:
    """Readings of a claim beside the literal ones, and the condition that each adds."""
    return {r.name: r.condition for rule in claim.assertions for r in rule.readings if r.name != LITERAL}


def describe(claim: str, x: str, verdicts: pd.DataFrame) -> str:
    """Verdicts over a parameter in a sentence.

    Parameters
    ----------
    claim : str
        Id of the claim.
    x : str
        The parameter.
    verdicts : DataFrame
        Columns x, group (the other parameters that were swept, in words) and verdict, in the order of x.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"x": [1, 2, 3], "group": "", "verdict": ["supported"] * 2 + ["not supported"]})
    >>> describe("S1", "n", verdicts)
    'Verdict on S1 over n: supported from 1 to 2; not supported at 3.'
    """
    parts = []
    for group, rows in verdicts.groupby("group", sort=False):
        words = []
        for verdict, spell in itertools.groupby(rows.itertuples(), key=lambda row: row.verdict):
            places = [row.x for row in spell]
            first, last = places[0], places[-1]
            words.append(f"{verdict} at {first}" if first == last else f"{verdict} from {first} to {last}")
        parts.append((f"with {group}, " if group else "") + "; ".join(words))
    return f"Verdict on {claim} over {x}: {'. '.join(parts)}."


def _place(record: Record, x: str, others: list[str]) -> dict[str, object]:
    """Where a run stands: the value of the swept parameter, and the others in words."""
    value = record.parameters[x]
    shown = value if isinstance(value, (int, float)) else written(value)
    return {"run": record.folder, "x": shown, "group": _words(record, others), "day": record.as_of}


def _words(record: Record, names: Iterable[str]) -> str:
    """Parameters of a run with their values."""
    return ", ".join(f"{name} = {written(record.parameters[name])}" for name in names)


def _positions(values: pd.Series) -> pd.Series:
    """Places on an axis: numbers and dates as they are, other words one step apart, in their order."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    return days if days.notna().all() else pd.Series(pd.factorize(values)[0], index=values.index)
