"""Findings of many runs: as a tidy table, and what of them differs over the parameter that was swept."""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from analysis.criteria import LITERAL, Claim, settled
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
        The claim, with the parameters of the last run in its texts.
    record : Record
        The last run: that with the last value of the parameter.
    settings : str
        Its parameters, of those that were swept.
    picture : str
        What differs between the runs, as SVG; empty where nothing can be drawn.
    text : str
        The verdicts in words, and those on parts of the sentence that turn.
    moved : tuple of str
        Findings that differ, in the first run and in the last.
    same : tuple of Finding
        Findings that are the same in every run.
    counts : dict
        Verdict to the number of runs that came to it.
    turns : bool
        Whether the verdict, its condition, or the verdict on a part of the sentence differs between runs.
    is_same : bool
        Whether every run says the same.
    """

    claim: Claim
    record: Record
    settings: str
    picture: str
    text: str
    moved: tuple[str, ...]
    same: tuple[Finding, ...]
    counts: Mapping[str, int]
    turns: bool
    is_same: bool


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
    groups: Iterable[list[Record]], register: Mapping[str, Claim], each: Callable[..., Iterable[str]] = map
) -> list[list[Curve]]:
    """What differs between runs of a notebook, drawn claim by claim.

    Parameters
    ----------
    groups : iterable of list of Record
        For each notebook its runs that finished.
    register : dict
        The claims.
    each : callable
        Draws the claims of all notebooks as ``map`` would; that of an executor draws several at once.

    Returns
    -------
    list of list of Curve
        For each notebook; none where its runs do not differ in a parameter.
    """
    said = [_said(records, register) for records in groups]
    pictures = iter(each(_draw, [one for mine in said for one, _ in mine]))
    return [[_curve(one, runs, next(pictures)) for one, runs in mine] for mine in said]


class _Runs(NamedTuple):
    """Runs of a notebook in the order of the parameter that was swept; places and findings as ``draw`` takes them."""

    x: str
    others: list[str]
    records: list[Record]
    places: pd.DataFrame
    findings: pd.DataFrame


class _Said(NamedTuple):
    """What runs say of one claim: a verdict a run, the findings that differ, and their keys."""

    claim: Claim
    x: str
    by_run: list[Verdict]
    verdicts: pd.DataFrame
    findings: pd.DataFrame
    differing: set[str]


def _in_order(records: list[Record]) -> _Runs:
    x, *others = swept(records)
    places = pd.DataFrame([_place(record, x, others) for record in records])
    places = places.assign(at=_positions(places["x"])).sort_values("at", kind="stable")
    in_order = [records[place] for place in places.index]
    return _Runs(x, others, in_order, places, table(in_order)[["run", *COLUMNS]].merge(places, on="run"))


def _said(records: list[Record], register: Mapping[str, Claim]) -> "list[tuple[_Said, _Runs]]":
    """What runs of one notebook say of each claim that the last of them judges."""
    if not swept(records):
        return []
    runs = _in_order(records)
    return [(_of(claim, runs), runs) for claim in register.values() if runs.records[-1].verdict(claim.id)]


def _of(claim: Claim, runs: _Runs) -> _Said:
    by_run = [record.verdict(claim.id) for record in runs.records]
    verdicts = runs.places.assign(verdict=[verdict.verdict if verdict else None for verdict in by_run])
    verdicts = verdicts.dropna(subset="verdict")
    found = runs.findings[runs.findings["claim"].eq(claim.id)]
    differing = _differing(found, len(verdicts))
    drawn = found[found["finding"].isin(differing)]
    known = settled(claim, runs.records[-1].parameters)
    return _Said(known, runs.x, [verdict for verdict in by_run if verdict], verdicts, drawn, differing)


def _draw(said: _Said) -> str:
    return sweep_drawings.draw(said.claim, said.x, said.verdicts, said.findings)


def _curve(said: _Said, runs: _Runs, picture: str) -> Curve:
    parts = _parts_that_turn(said)
    turns = bool(parts) or len({verdict.in_short for verdict in said.by_run}) > 1
    answers = {verdict.answer for verdict in said.by_run}
    return Curve(
        claim=said.claim,
        record=runs.records[-1],
        settings=_words(runs.records[-1], [runs.x, *runs.others]),
        picture=picture,
        text=" ".join([describe(said.claim.id, said.x, said.verdicts), *parts]),
        moved=_moved(said),
        same=_same(said.by_run[-1], said.differing),
        counts=_counts(said.verdicts),
        turns=turns,
        is_same=not (said.differing or turns) and len(answers) == 1,
    )


def _parts_that_turn(said: _Said) -> list[str]:
    """Verdicts over the parameter, in words, on each part of a sentence on which they differ between runs."""
    found = []
    for name in [ruling.name for ruling in said.by_run[-1].assertions]:
        rulings = [ruling for verdict in said.by_run for ruling in verdict.assertions if ruling.name == name]
        turns = len({ruling.verdict for ruling in rulings}) > 1
        if turns and len(said.by_run[-1].assertions) > 1 and len(rulings) == len(said.verdicts):
            rows = said.verdicts.assign(verdict=[ruling.verdict for ruling in rulings])
            found.append(describe(f"“{rulings[-1].says}”", said.x, rows))
    return found


def _moved(said: _Said) -> tuple[str, ...]:
    """Findings that differ, in the first run and in the last, in words."""
    first, last = (
        {(finding.key, finding.reading): finding for finding in verdict.findings}
        for verdict in (said.by_run[0], said.by_run[-1])
    )
    both = [(first[key], last[key]) for key in first if key in last and key[0] in said.differing]
    return tuple(f"{end.label or end.key}: first {begin}, last {end}" for begin, end in both)


def _differing(findings: pd.DataFrame, runs: int) -> set[str]:
    """Findings of a claim that are not the same in each of so many runs."""
    once = findings.drop_duplicates(["run", "finding", "reading"])  # several assertions may share one
    groups = once.groupby(["finding", "reading"])
    values = groups[["value", "low", "high", "holds"]].nunique(dropna=False).max(axis=1)
    differing = values[values.gt(1) | groups.size().lt(runs)]
    return set(differing.index.get_level_values("finding"))


def _same(verdict: Verdict, differing: set[str]) -> tuple[Finding, ...]:
    """Findings of a verdict but those that differ between runs, and those that several assertions share once."""
    every = {(finding.key, finding.reading): finding for finding in verdict.findings}
    return tuple(finding for finding in every.values() if finding.key not in differing)


def _counts(verdicts: pd.DataFrame) -> dict[str, int]:
    """How many runs came to each verdict that any of them came to, in the order of the verdicts."""
    counts = verdicts["verdict"].value_counts()
    return {verdict: int(counts[verdict]) for verdict in panels.verdicts_reached(verdicts["verdict"])}


def conditions(claim: Claim) -> dict[str, str]:
    """What is found under each reading of a claim beside the literal ones, and the condition that it adds."""
    return {r.label or r.key: r.condition for rule in claim.assertions for r in rule.readings if r.name != LITERAL}


def describe(subject: str, x: str, verdicts: pd.DataFrame) -> str:
    """Verdicts over a parameter in a sentence.

    Parameters
    ----------
    subject : str
        Id of the claim, or a part of it.
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
    return f"Verdict on {subject} over {x}: {'. '.join(parts)}."


def _place(record: Record, x: str, others: list[str]) -> dict[str, object]:
    """Where a run stands: the value of the swept parameter, and the others in words."""
    value = record.parameters[x]
    shown = value if isinstance(value, (int, float)) else written(value) or "none"
    return {"run": record.folder, "x": shown, "group": _words(record, others), "day": record.as_of}


def _words(record: Record, names: Iterable[str]) -> str:
    """Parameters of a run with their values."""
    return ", ".join(f"{name} = {written(record.parameters[name]) or 'none'}" for name in names)


def _positions(values: pd.Series) -> pd.Series:
    """Places on an axis: numbers and dates as they are, other words one step apart, in their order."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    return days if days.notna().all() else pd.Series(pd.factorize(values)[0], index=values.index)
