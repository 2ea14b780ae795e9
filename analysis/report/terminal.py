"""Verdicts and where they come from, as text for a terminal."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis import NOTEBOOKS, InputError, catalog, claims, files, parameters
from analysis.claims import Claim
from analysis.report import articles
from analysis.report.articles import Article, findings
from analysis.run import execute

_MOST_BYTES = 500_000_000
"""Largest ``results.json``: a run takes about 30,000 bytes there."""


def verdict_table(records: Iterable[Mapping[str, Any]], width: int, register: Mapping[str, Claim] | None = None) -> str:
    """Verdicts of runs, a row a claim: id, verdict, what was found, what it takes to hold.

    Parameters
    ----------
    records : iterable of dict
        Records of ``results.json``, of notebooks that finished.
    width : int
        Columns of the terminal.
    register : dict, optional
        Claim id to claim; the project's own by default.

    Examples
    --------
    >>> print(verdict_table([execute.committed("01_share_shift")], 80).splitlines()[1])
    S1   holds only if      45.4 %                      more than 60.0 %
    """
    register = register or claims.read_register()
    half = max((width - 26) // 2, 16)
    rows = [("", "verdict", "found", "holds if")]
    for verdict in (verdict for record in records for verdict in record["verdicts"]):
        claim = register[verdict["id"]]
        found = claims.describe_findings(claim, findings(verdict))
        rows.append((claim.id, verdict["verdict"], found, claims.describe_claimed(_as_judged(claim, verdict))))
    return "\n".join(line for row in rows for line in _lines(row, (4, 18, half, half)))


def explain(name: str, out: Path, width: int, article: Article | None = None) -> str:
    """A claim, its rule, its findings and where they come from.

    Parameters
    ----------
    name : str
        Id of the claim.
    out : Path
        Folder whose ``results.json`` is taken where it holds the claim; the committed notebook else.
    width : int
        Columns of the terminal.
    article : Article, optional
        The article that the claim is on; the project's own by default.

    Raises
    ------
    InputError
        There is no such claim, or ``results.json`` is not one.

    Examples
    --------
    >>> print(explain("S9", Path("nowhere"), 80).splitlines()[0])
    S9 · not checkable: needed: a survey of companies with its sampling frame;
    """
    register = article.register if article else claims.read_register()
    if name not in register:
        raise InputError(f"There is no claim {name!r}; there are {', '.join(register)}.")
    claim = register[name]
    record, place = _latest(claim, out, article) or (_committed(claim, article), "the committed notebook")
    verdict = next(verdict for verdict in record["verdicts"] if verdict["id"] == name)
    claim = _as_judged(claim, verdict)
    parts = [
        [f"{name} · {claims.describe_verdict(verdict['verdict'], verdict['conditions'])}"],
        [f"“{claim.quote}”"],
        [f"Rule      {claim.measure} It holds if: {claims.describe_claimed(claim)}."],
        _findings(claim, verdict, record["parameters"]),
        _tables(claim, record),
        [f"Cell      {_cells(claim, article)}", f"From      {place}, {_settings(record)}.{_stale(record)}"],
    ]
    return "\n".join(line for part in parts for text in part for line in _wrapped(text, width))


def _findings(claim: Claim, verdict: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """A line a finding: its name, the reading, the value with its interval, and whether that satisfies the rule."""
    lines = []
    for finding in findings(verdict):
        reading = claims.condition_text(claim, finding.scope, values) if finding.scope in claim.alternatives else ""
        holds = claims.describe_holds(claim, finding)
        until = f"; data to {finding.as_of}" if finding.as_of else ""
        text = f"{finding.key}@{finding.scope}: {claims.describe_finding(finding)}; holds: {holds}{until}"
        lines.append(f"Finding   {text}{f'; if {reading}' if reading else ''}")
    return lines


def _tables(claim: Claim, record: Mapping[str, Any]) -> list[str]:
    used = [catalog.resource(name) for name in claim.tables if name in record["data"]]
    return [
        f"Table     data/{entry['path']}, obtained {entry['vintage']}: "
        f"{catalog.citation(entry['name'], record['as_of'])}"
        for entry in used
    ]


def _cells(claim: Claim, article: Article | None) -> str:
    """Place of the cells that make a claim's findings: where the notebook writes them down."""
    ids = articles.origins(article, claim.id) if article else [claim.id]
    cells = parameters.read_cells(NOTEBOOKS / f"{claim.notebook}.ipynb")
    code = [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    found = [
        f"cell [{number}] (id {cell})"
        for number, (cell, source) in enumerate(code, 1)
        if any(f'findings["{name}"] =' in source for name in ids)
    ]
    under = "no cell computes it" if article else f"under {claim.id}; no cell computes it"
    return ", ".join([f"notebooks/{claim.notebook}.ipynb", *(found or [under])])


def _committed(claim: Claim, article: Article | None) -> dict[str, Any]:
    """Record of the claim's notebook as it is stored, judged on the article."""
    record = execute.committed(claim.notebook)
    return articles.judge(article, [record])[0] if article else record


def _latest(claim: Claim, out: Path, article: Article | None) -> tuple[dict[str, Any], str] | None:
    """Last run of ``results.json`` that judged the claim by the rule that the register has now."""
    path = out / "results.json"
    if not path.exists():
        return None
    try:
        runs = json.loads(files.read_text(path, "the results", _MOST_BYTES))["runs"]
        judged = [run for run in runs if any(_is_same(claim, verdict, article) for verdict in run["verdicts"])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no results.json ({error!r}): delete it, or execute the notebooks again.") from None
    return (judged[-1], f"{path}, run {runs.index(judged[-1]) + 1} of {len(runs)}") if judged else None


def _is_same(claim: Claim, verdict: Mapping[str, Any], article: Article | None) -> bool:
    rule = (claim.id, claim.claimed, claim.relation or None)
    names = {(finding["key"], finding["scope"]) for finding in verdict["findings"]}
    taken = articles.names(article, claim.id) if article else names
    return (verdict["id"], verdict["claimed"], verdict["relation"]) == rule and names == taken


def _as_judged(claim: Claim, verdict: Mapping[str, Any]) -> Claim:
    """The claim with the tolerance that the run had."""
    return replace(claim, tolerance=verdict["tolerance"])


def _settings(record: Mapping[str, Any]) -> str:
    return "with " + ", ".join(f"{name}={parameters.written(value)}" for name, value in record["parameters"].items())


def _stale(record: Mapping[str, Any]) -> str:
    """Remark where the tables have changed since the run."""
    same = record["data"] == catalog.hashes(record["data"])
    return "" if same else " The tables have changed since: execute the notebook again."


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a text, indented below its label."""
    return textwrap.wrap(text, max(width, 40), subsequent_indent=" " * 10, break_on_hyphens=False) or [""]


def _lines(row: tuple[str, ...], widths: tuple[int, ...]) -> list[str]:
    """A row of a table as lines, each cell wrapped to its column."""
    cells = [textwrap.wrap(cell, size, break_on_hyphens=False) for cell, size in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [
        " ".join(part.ljust(size) for part, size in zip(parts, widths, strict=True)).rstrip()
        for parts in zip(*padded, strict=True)
    ]
