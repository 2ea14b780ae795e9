"""Verdicts and where they come from, as text for a terminal."""

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat

from analysis import NOTEBOOKS, InputError, catalog, parameters, provenance
from analysis.criteria import Claim, required, settled
from analysis.findings import Finding, Verdict, describe_holds
from analysis.register import read_register
from analysis.report import articles
from analysis.report.articles import Article
from analysis.run.records import Record, committed, read_results, verdict_cells


def verdict_table(records: Iterable[Record], width: int) -> str:
    """Verdicts of runs, a row a claim: id, verdict, quote, what was measured, what is true instead.

    Parameters
    ----------
    records : iterable of Record
        Of notebooks that finished.
    width : int
        Columns of the terminal.

    Examples
    --------
    >>> print(verdict_table([committed("01_share_shift")], 80).splitlines()[0].strip())
    verdict          the article says    what was measured   what we found
    """
    part = max((width - 23) // 3, 16)
    rows = [("", "verdict", "the article says", "what was measured", "what we found")]
    for verdict in (verdict for record in records for verdict in record.claims):
        rows.append((verdict.id, verdict.in_short, verdict.quote, verdict.measured, verdict.answer))
    return "\n".join(line for row in rows for line in _lines(row, (3, 16, part, part, part)))


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
    >>> print(explain("S9", Path("nowhere"), 80).splitlines()[0].split(" · ")[0])
    S9
    """
    register = article.register if article else read_register()
    _check_known(name, register)
    record, place, verdict = _judged(register[name], out, article)
    claim = settled(register[name], record.parameters)
    parts = [
        [f"{name} · {verdict.words} · as of {record.as_of}"],
        [f"“{claim.quote}”"],
        [f"Origin    {claim.came_from}"] if claim.origin or article is None else [],
        [f"Found     {verdict.answer}"] if verdict.answer else [],
        *(_assertion(claim, verdict, rule) for rule in range(len(verdict.assertions))),
        [_finding(finding, "") for finding in verdict.context],
        _tables(claim, record),
        [f"Cell      {_cells(claim, article)}", f"From      {place}, {_settings(record)}.{_stale(record)}"],
    ]
    return "\n".join(line for part in parts for text in part for line in _wrapped(text, width))


def _check_known(name: str, register: Mapping[str, Claim]) -> None:
    if name not in register:
        meant = f": did you mean {name.upper()}?" if name.upper() in register else f"; there are {', '.join(register)}."
        raise InputError(f"There is no claim {name!r}{meant}")


def _judged(claim: Claim, out: Path, article: Article | None) -> tuple[Record, str, Verdict]:
    """The run whose verdict on a claim is explained, where it is from, and the verdict."""
    record, place = _reported(claim, out) or (_committed(claim, article), "the committed notebook")
    verdict = record.verdict(claim.id)
    if verdict is None or not _is_same(claim, verdict):
        why = record.error or "it was judged by other findings than the register asks for now"
        raise InputError(f"{place} of {claim.notebook} has no such verdict on {claim.id} ({why}): execute it again.")
    return record, place, verdict


def _assertion(claim: Claim, verdict: Verdict, place: int) -> list[str]:
    """Lines on one assertion: what it says, its rule, its verdict, and a line a finding."""
    ruling, criterion = verdict.assertions[place], claim.assertions[place]
    conditions = {reading.name: reading.condition for reading in criterion.readings}
    rule = f" {criterion.measure} It holds if: {required(criterion)}." if criterion.relation else ""
    return [
        f"{ruling.kind.capitalize():<9} {ruling.says.rstrip('.')}: {ruling.words}",
        *([f"Rule     {rule}"] if rule else []),
        *(_finding(finding, conditions.get(finding.reading, "")) for finding in ruling.findings),
    ]


def _finding(finding: Finding, condition: str) -> str:
    """A finding: its name, the value with its interval, whether that satisfies the rule, and how it is then read."""
    until = f"; data to {finding.as_of}" if finding.as_of else ""
    vintage = f"; made {finding.vintage}" if finding.vintage else ""
    text = f"{finding.key}@{finding.reading}: {finding}; holds: {describe_holds(finding)}{until}{vintage}"
    return f"Finding   {text}{f'; if {condition}' if condition else ''}"


def _tables(claim: Claim, record: Record) -> list[str]:
    used = [catalog.resource(name) for name in claim.tables if name in record.data]
    return [
        f"Table     data/{entry['path']}, obtained {entry['vintage']}: "
        f"{provenance.citation(entry['name'], record.as_of or '')}"
        for entry in used
    ]


def _cells(claim: Claim, article: Article | None) -> str:
    """Place of the cells that show the verdict on a claim, or on the claims that its findings were made for."""
    ids = articles.origins(claim) if article else [claim.id]
    executed = nbformat.read(NOTEBOOKS / f"{claim.notebook}.ipynb", as_version=4)
    shown = {cell: name for name, (cell, _) in verdict_cells(executed).items()}
    code = [cell["id"] for cell in executed.cells if cell.cell_type == "code"]
    found = [f"cell [{number}] (id {cell})" for number, cell in enumerate(code, 1) if shown.get(cell) in ids]
    none = "no cell computes it" if article else "no cell shows it yet: make notebooks executes them"
    return ", ".join([f"notebooks/{claim.notebook}.ipynb", *(found or [none])])


def _committed(claim: Claim, article: Article | None) -> Record:
    """Record of the claim's notebook as it is stored, judged on the article."""
    record = committed(claim.notebook)
    return articles.judge(article, [record])[0] if article else record


def _reported(claim: Claim, out: Path) -> tuple[Record, str] | None:
    """Run of ``results.json`` that judged the claim by the findings that the register asks for now.

    The one with the parameters that the notebook has, where it is there; else the last.
    """
    path = out / "results.json"
    if not path.exists():
        return None
    runs = read_results(path)
    places = [place for place, run in enumerate(runs) if _is_same(claim, run.verdict(claim.id))]
    if not places:
        return None
    usual = {name: parameter.default for name, parameter in parameters.read(claim.notebook).items()}
    place = next((place for place in places if runs[place].parameters == usual), places[-1])
    return runs[place], f"{path}, run {place + 1} of {len(runs)}"


def _is_same(claim: Claim, verdict: Verdict | None) -> bool:
    """Whether a verdict is on this claim: the quote, the assertions and the findings are the same."""
    if verdict is None or verdict.quote != claim.quote:
        return False
    asked = [(rule.name, [(r.key, r.name) for r in rule.readings]) for rule in claim.assertions]
    given = [(ruling.name, [(f.key, f.reading) for f in ruling.findings]) for ruling in verdict.assertions]
    return asked == given


def _settings(record: Record) -> str:
    return "with " + ", ".join(f"{name}={parameters.written(value)}" for name, value in record.parameters.items())


def _stale(record: Record) -> str:
    """Remark where the tables have changed since the run."""
    same = record.data == catalog.hashes(record.data)
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
