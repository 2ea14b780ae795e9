"""What the report's pages say: an article with its verdicts, and a claim with its evidence."""

import base64
import functools
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import nbformat

from analysis import catalog, provenance
from analysis.criteria import Claim, Criterion, settled
from analysis.findings import HOLDS_ONLY_IF, NOT_SUPPORTED, PARTLY_SUPPORTED, SUPPORTED, VERDICTS, Verdict
from analysis.run.records import Record, verdict_cells

RATINGS = {NOT_SUPPORTED: 1, HOLDS_ONLY_IF: 2, PARTLY_SUPPORTED: 3, SUPPORTED: 4}
"""Number of a verdict in a ClaimReview; the others say nothing for or against, and have a name only."""

SENSITIVITY = "What would have to be true"
"""Heading of the section of a notebook that says which assumptions turn its verdicts."""

_HEADING = re.compile(r"^(#{1,3}) +(.+)$", re.MULTILINE)


class Piece(NamedTuple):
    """Part of a text, the claims that quote it, and those of them whose quote ends with it."""

    text: str
    claims: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


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
    def vintages(self) -> list[str]:
        """When its tables were obtained."""
        return list(dict.fromkeys(table["vintage"] for table in self.tables))

    @property
    def data_to(self) -> str:
        """Last day of the data that the sentence is judged by."""
        return max((f.as_of for ruling in self.verdict.deciding for f in ruling.findings), default="")


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


def marked(article: str, quotes: Mapping[str, str]) -> list[list[Piece]]:
    """Paragraphs of a text, cut where quotes begin and end.

    Parameters
    ----------
    article : str
        The text; each line that is not empty is a paragraph.
    quotes : dict
        Id of a claim to its verbatim quote; quotes may overlap.

    Examples
    --------
    >>> marked("One. Two.", {"X": "Two."})
    [[Piece(text='One. ', claims=(), ended=()), Piece(text='Two.', claims=('X',), ended=('X',))]]
    """
    starts = {name: article.find(quote) for name, quote in quotes.items()}
    spans = {name: (start, start + len(quotes[name])) for name, start in starts.items() if start >= 0}
    edges = {edge for span in spans.values() for edge in span}
    paragraphs = []
    for line in re.finditer(r".+", article):
        cuts = sorted({line.start(), line.end(), *(edge for edge in edges if line.start() < edge < line.end())})
        paragraphs.append([_piece(article, spans, a, b) for a, b in itertools.pairwise(cuts)])
    return paragraphs


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


def claim_review(shown: Card, article: str) -> dict[str, Any]:
    """A verdict as schema.org's ClaimReview.

    Parameters
    ----------
    shown : Card
        As ``card`` gives it.
    article : str
        The text that makes the claim; its first line names it.
    """
    verdict = shown.verdict
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict.verdict}
    if verdict.verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[verdict.verdict], "worstRating": 1, "bestRating": max(RATINGS.values())}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": verdict.quote,
        "itemReviewed": {
            "@type": "Claim",
            "appearance": {"@type": "CreativeWork", "name": name_of(article)},
            **_first_appearance(shown.claim),
        },
        "author": {"@type": "Organization", "name": "openrouter-claims"},
        "reviewRating": rating | {"ratingExplanation": " ".join(filter(None, [verdict.answer, verdict.words]))},
        "temporalCoverage": shown.record.as_of,
        "isBasedOn": [
            {"@type": "Dataset", "name": table["title"], "description": table["cite"]} for table in shown.tables
        ],
    }


def _first_appearance(claim: Claim) -> dict[str, Any]:
    """Who made a claim before the article did, as schema.org puts it; nothing where that is not known."""
    if claim.origin is None:
        return {}
    origin = claim.origin
    first = {"@type": "CreativeWork", "name": origin.source, "description": origin.sentence}
    return {
        "author": {"@type": "Thing", "name": origin.who},
        "firstAppearance": first | ({"url": origin.path} if origin.path else {}),
    }


def name_of(article: str) -> str:
    """First line of a text that is not empty.

    Examples
    --------
    >>> name_of("  A title  ")
    'A title'
    """
    return next((line.strip() for line in article.splitlines() if line.strip()), "")


def tally(verdicts: Iterable[str]) -> dict[str, int]:
    """Number of each verdict that occurs, from the one for the article to the one against it.

    Examples
    --------
    >>> tally(["not supported", "supported", "not supported"])
    {'supported': 1, 'not supported': 2}
    """
    given = list(verdicts)
    return {verdict: given.count(verdict) for verdict in VERDICTS if verdict in given}


def _piece(article: str, spans: Mapping[str, tuple[int, int]], start: int, end: int) -> Piece:
    covering = tuple(name for name, (first, last) in spans.items() if first < end and start < last)
    return Piece(article[start:end], covering, tuple(name for name in covering if spans[name][1] == end))


def _section(notebook: nbformat.NotebookNode, claim: str) -> list[nbformat.NotebookNode]:
    """Cells from the anchor of a claim to the next heading of its level."""
    inside, cells = False, []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"^##? ", cell.source, re.MULTILINE):
            inside = f'<a id="{claim}"></a>' in cell.source
        if inside:
            cells.append(cell)
    return cells
