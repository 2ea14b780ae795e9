"""What the report's pages say: an article with its verdicts, and a claim with its evidence."""

import base64
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import nbformat

from analysis import catalog, provenance
from analysis.criteria import Claim, Criterion, settled
from analysis.findings import HOLDS_ONLY_IF, SUPPORTED, VERDICTS, Finding, Ruling, Verdict
from analysis.report import drawings
from analysis.run.records import Record, verdict_cells

SENSITIVITY = "What would have to be true"
"""Heading of the section of a notebook that says which assumptions turn its verdicts."""

_SENTENCES = re.compile(r"(?<=[.!?]) +(?=[A-Z\"“0-9])")
_HEADING = re.compile(r"^(#{1,3}) +(.+)$", re.MULTILINE)


class Heading(NamedTuple):
    """A heading of a notebook, and the id of its cell."""

    level: int
    text: str
    cell: str


class Picture(NamedTuple):
    """A figure as PNG in base64, and the finding that it shows in words."""

    data: str
    alt: str


@dataclass(frozen=True)
class Evidence:
    """Where a notebook deals with a claim.

    Parameters
    ----------
    cell : str or None
        Id of the cell that shows its verdict.
    sensitivity : str or None
        Id of the cell that heads the section on assumptions.
    figures : tuple of Picture
        The pictures of its section.
    """

    cell: str | None = None
    sensitivity: str | None = None
    figures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Card:
    """A verdict as the pages show it: with the claim of the register, its run, and its evidence.

    Parameters
    ----------
    verdict : Verdict
        What the run came to.
    claim : Claim
        The register's entry, with the run's parameters in its texts.
    record : Record
        The run.
    page : str
        Page of the claim, from the index.
    evidence : Evidence
        Where the notebook deals with it.
    """

    verdict: Verdict
    claim: Claim
    record: Record
    page: str = ""
    evidence: Evidence = Evidence()

    @functools.cached_property
    def tables(self) -> list[dict[str, Any]]:
        """Descriptors of the tables that it rests on, each with its citation as ``cite``."""
        used = [catalog.resource(name) for name in self.claim.tables if name in self.record.data]
        day = self.record.as_of or ""
        return [table | {"cite": provenance.citation(table["name"], day)} for table in used]

    @property
    def short(self) -> str:
        """What is true instead, its first sentence; the verdict in words where nothing is."""
        return first_sentence(self.verdict.answer) or self.verdict.words

    @property
    def conveys_more(self) -> bool:
        """Whether it holds as written, and what it conveys does not."""
        beside = self.verdict.conveyed_beside
        return self.verdict.verdict == SUPPORTED and any(ruling.verdict != SUPPORTED for ruling in beside)

    @property
    def condition(self) -> str:
        """On which condition the sentence holds; nothing where it does without, or not at all."""
        return "; or if ".join(self.verdict.conditions) if self.verdict.verdict == HOLDS_ONLY_IF else ""

    @property
    def mark_text(self) -> str:
        """What the marked sentence says where it stands: its condition, what is true instead, and what it conveys."""
        condition = [f"Only if {self.condition}."] if self.condition else []
        beside = self.verdict.conveyed_beside
        conveyed = [f"It conveys “{ruling.says.rstrip('.')}”: {ruling.words}." for ruling in beside]
        return " ".join([*condition, self.short, *conveyed])

    @property
    def lead(self) -> str:
        """What is true instead, its first two sentences."""
        return " ".join(_SENTENCES.split(self.verdict.answer)[:2]) or self.verdict.words

    @property
    def more(self) -> str:
        """What is true instead, the sentences behind the first two."""
        return " ".join(_SENTENCES.split(self.verdict.answer)[2:])

    @property
    def _tried(self) -> list[tuple[Ruling, Criterion]]:
        """Ruling on each assertion with its rule, where the register has it: a run may be older than the register."""
        rules = {criterion.name: criterion for criterion in self.claim.assertions}
        return [(ruling, rules[ruling.name]) for ruling in self.verdict.assertions if ruling.name in rules]

    @property
    def charts(self) -> list[drawings.Chart | None]:
        """Drawing of each assertion's findings, in their order; None where there is nothing to draw."""
        rules, context = dict(self._tried), self.verdict.context
        return [
            drawings.chart(ruling, rules[ruling], context) if ruling in rules else None
            for ruling in self.verdict.assertions
        ]

    @property
    def headline(self) -> drawings.Chart | None:
        """Drawing of what decides on the sentence as it is written, or else of what the sentence conveys."""
        tried = sorted(self._tried, key=lambda pair: pair[0] not in self.verdict.deciding)
        drawn = (
            drawings.chart(replace(ruling, findings=ruling.findings[:1]), test, self.verdict.context)
            for ruling, test in tried
        )
        return next(filter(None, drawn), None)

    @property
    def off(self) -> tuple[float | None, str]:
        """How far a figure as written lies from what is claimed, as a part of that, and which of several it is.

        It is the one that is furthest off; None where that says nothing.
        """
        found = [
            (_off(ruling.findings[0], drawings.holds_in(test, self.verdict.context)), ruling.findings[0].label)
            for ruling, test in self._tried
            if ruling in self.verdict.deciding and ruling.findings
        ]
        known = [(off, label) for off, label in found if off is not None]
        if self.verdict.verdict != SUPPORTED and not any(off for off, _ in known):
            return None, ""  # no number is what fails
        off, label = max(known, key=lambda pair: abs(pair[0]), default=(None, ""))
        return off, label if len(found) > 1 and off else ""

    @property
    def vintages(self) -> list[str]:
        """When its tables were obtained."""
        return list(dict.fromkeys(table["vintage"] for table in self.tables))


def card(verdict: Verdict, register: Mapping[str, Claim], record: Record) -> Card:
    """Card of a verdict.

    Parameters
    ----------
    verdict : Verdict
        A verdict of the run.
    register : dict
        The claims.
    record : Record
        The run.
    """
    return Card(verdict, settled(register[verdict.id], record.parameters), record)


def conditions_of(criterion: Criterion) -> dict[str, str]:
    """Readings of an assertion beside the literal one, and the condition that each adds."""
    return {reading.name: f"if {reading.condition}" for reading in criterion.readings if reading.condition}


def headings(notebook: nbformat.NotebookNode) -> list[Heading]:
    """Headings of a notebook down to the third level, in order.

    Examples
    --------
    >>> headings(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Limits", id="limits")]))
    [Heading(level=2, text='Limits', cell='limits')]
    """
    return [
        Heading(len(found[1]), found[2].replace("\\", ""), cell.get("id", ""))
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for found in _HEADING.finditer(cell.source)
    ]


def evidence(notebook: nbformat.NotebookNode, claim: str) -> Evidence:
    """Where a notebook deals with a claim.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.
    claim : str
        Id of the claim; its section starts with an anchor of that name.
    """
    cell, _ = verdict_cells(notebook).get(claim, (None, None))
    turned = [heading.cell for heading in headings(notebook) if heading.text == SENSITIVITY]
    figures = tuple(picture for cell in _section(notebook, claim) for picture in pictures(cell))
    return Evidence(cell, turned[0] if turned else None, figures)


def pictures(cell: nbformat.NotebookNode) -> list[Picture]:
    """Pictures that a cell shows."""
    shown = [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    return [
        Picture(
            # stored in lines, shown in one
            base64.b64encode(base64.b64decode(output["data"]["image/png"])).decode(),
            output["metadata"]["image/png"]["alt"],
        )
        for output in shown
    ]


def first_sentence(text: str) -> str:
    """First sentence of a text.

    Examples
    --------
    >>> first_sentence("V3.2 costs $1.57 a day. The other costs more.")
    'V3.2 costs $1.57 a day.'
    """
    return _SENTENCES.split(text, maxsplit=1)[0]


def tally(verdicts: Iterable[str]) -> dict[str, int]:
    """Number of each verdict that occurs, from the one for the article to the one against it.

    Examples
    --------
    >>> tally(["not supported", "supported", "not supported"])
    {'supported': 1, 'not supported': 2}
    """
    given = list(verdicts)
    return {verdict: given.count(verdict) for verdict in VERDICTS if verdict in given}


def _off(finding: Finding, region: tuple[float | None, float | None] | None) -> float | None:
    """By how much a number is larger or smaller than the nearer end of a range, as a part of that end.

    None where that says nothing: of a place, of nothing at all, and where one is a rise and the other a fall.
    """
    value = finding.value
    if region is None or value is None or isinstance(value, str) or finding.unit == "rank":
        return None
    low, high = region
    if low is not None and value < low:
        return value / low - 1 if value * low > 0 else None
    if high is not None and value > high:
        return value / high - 1 if value * high > 0 else None
    return 0.0


def _section(notebook: nbformat.NotebookNode, claim: str) -> list[nbformat.NotebookNode]:
    """Cells from the anchor of a claim to the next heading of its level."""
    inside, cells = False, []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"^##? ", cell.source, re.MULTILINE):
            inside = f'<a id="{claim}"></a>' in cell.source
        if inside:
            cells.append(cell)
    return cells
