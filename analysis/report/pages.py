"""What the report's pages say: an article with its verdicts, and a claim with its evidence."""

import base64
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import nbformat

from analysis import catalog, claims

RATINGS = {claims.NOT_SUPPORTED: 1, claims.HOLDS_ONLY_IF: 2, claims.SUPPORTED: 3}
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


def evidence(notebook: nbformat.NotebookNode, claim: str) -> dict[str, Any]:
    """Where a notebook deals with a claim.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.
    claim : str
        Id of the claim; its section starts with an anchor of that name.

    Returns
    -------
    dict
        ``cell``, the id of the cell that makes its findings; ``sensitivity``, that of the section on assumptions;
        either is None where there is none. ``figures``, the pictures of its section as ``data`` (base64) and ``alt``.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    made = [cell.get("id") for cell in code if f'findings["{claim}"] = ' in cell.source]
    turned = [heading.cell for heading in headings(notebook) if heading.text == SENSITIVITY]
    return {
        "cell": made[-1] if made else None,
        "sensitivity": turned[0] if turned else None,
        "figures": [figure for cell in _section(notebook, claim) for figure in pictures(cell)],
    }


def pictures(cell: nbformat.NotebookNode) -> list[dict[str, str]]:
    """Pictures that a cell shows: ``data`` (PNG, base64) and ``alt``, the finding in words."""
    shown = [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    return [
        {
            "data": base64.b64encode(base64.b64decode(output["data"]["image/png"])).decode(),
            "alt": output["metadata"]["image/png"]["alt"],
        }
        for output in shown
    ]


def card(record: Mapping[str, Any], register: Mapping[str, claims.Claim], run: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict in words: the record, and what the register says of the claim.

    Parameters
    ----------
    record : dict
        The verdict, as in ``results.json``.
    register : dict
        The claims.
    run : dict
        Record of the run, of which ``parameters`` and ``data`` are read; empty where no readings are shown.
    """
    claim = replace(register[record["id"]], tolerance=record["tolerance"])
    fields = ("key", "scope", "value", "low", "high", "unit", "as_of")
    findings = [claims.Finding(**{name: finding[name] for name in fields}) for finding in record["findings"]]
    tables = [catalog.resource(name) for name in claim.tables if name in run.get("data", {})]
    return {
        "id": claim.id,
        "quote": claim.quote,
        "measure": claim.measure,
        "needed": claim.would_need,
        "tables": [table | {"cite": catalog.citation(table["name"], run["as_of"])} for table in tables],
        "vintages": list(dict.fromkeys(table["vintage"] for table in tables)),
        "data_to": max((f.as_of for f in findings if f.scope == claims.HEADLINE), default=""),
        "claimed": claims.describe_claimed(claim),
        "found": claims.describe_findings(claim, findings),
        "verdict": record["verdict"],
        "conditions": record["conditions"],
        "findings": [_finding(claim, finding, run.get("parameters", {})) for finding in findings],
    }


def claim_review(shown: Mapping[str, Any], article: str, as_of: str) -> dict[str, Any]:
    """A verdict as schema.org's ClaimReview.

    Parameters
    ----------
    shown : dict
        As ``card`` gives it.
    article : str
        The text that makes the claim; its first line names it.
    as_of : str
        The date that the run judges by.
    """
    verdict = shown["verdict"]
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict}
    if verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[verdict], "worstRating": 1, "bestRating": max(RATINGS.values())}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": shown["quote"],
        "itemReviewed": {"@type": "Claim", "appearance": {"@type": "CreativeWork", "name": name_of(article)}},
        "author": {"@type": "Organization", "name": "openrouter-claims"},
        "reviewRating": rating | {"ratingExplanation": claims.describe_verdict(verdict, shown["conditions"])},
        "temporalCoverage": as_of,
        "isBasedOn": [
            {"@type": "Dataset", "name": table["title"], "description": table["cite"]} for table in shown["tables"]
        ],
    }


def name_of(article: str) -> str:
    """First line of a text that is not empty.

    Examples
    --------
    >>> name_of("  A title  ")
    'A title'
    """
    return next((line.strip() for line in article.splitlines() if line.strip()), "")


def reading(claim: claims.Claim, scope: str, parameters: Mapping[str, Any]) -> str:
    """Words for a scope; without parameters, its name."""
    if scope in claim.alternatives:
        return claims.condition_text(claim, scope, parameters) if parameters else scope
    return {claims.HEADLINE: "as written", claims.CONTEXT: "shown, not judged"}.get(scope, scope)


def tally(verdicts: Iterable[str]) -> dict[str, int]:
    """Number of each verdict that occurs, from the one for the article to the one that says nothing.

    Examples
    --------
    >>> tally(["not supported", "supported", "not supported"])
    {'supported': 1, 'not supported': 2}
    """
    order, given = (
        [claims.SUPPORTED, claims.HOLDS_ONLY_IF, claims.TOO_CLOSE, claims.NOT_SUPPORTED, claims.NOT_CHECKABLE],
        list(verdicts),
    )
    return {verdict: given.count(verdict) for verdict in order if verdict in given}


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


def _finding(claim: claims.Claim, finding: claims.Finding, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": finding.key,
        "label": claim.labels.get(finding.key, ""),
        "scope": finding.scope,
        "reading": reading(claim, finding.scope, parameters),
        "text": claims.describe_finding(finding),
        "as_of": finding.as_of,
        "holds": claims.describe_holds(claim, finding),
    }
