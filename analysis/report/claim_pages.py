"""Pages of the claims of one run, and the files beside them: findings, pictures, and a chart to embed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.report import drawings, sharing, sweeps
from analysis.report.claim_card import Card
from analysis.report.index import Section
from analysis.report.over_time import Day
from analysis.report.rendering import render
from analysis.report.strips import Drawing
from analysis.system.files import write_text
from analysis.system.messages import inert

_STALE = ("*.html", "*.csv", "*.svg", "*.png")


@dataclass(frozen=True)
class Around:
    """What the page of a claim shows beside the claim itself.

    Parameters
    ----------
    article : str
        The text that makes the claims.
    rules : str
        The register as it is written.
    address : str
        Address at which the site is published, or nothing.
    commit : str
        Commit of the code, or nothing.
    history : dict
        Claim to its verdicts over time.
    drawings : dict
        Claim to what is drawn of it over time, and under other settings.
    """

    article: str
    rules: str
    address: str = ""
    commit: str = ""
    history: Mapping[str, list[Day]] = field(default_factory=dict)
    drawings: Mapping[str, list[Drawing]] = field(default_factory=dict)


def write(section: Section, cards: Sequence[Card], around: Around) -> None:
    """Write a page a claim of one run, and what belongs to it, in the place of those that were there.

    Parameters
    ----------
    section : Section
        The run.
    cards : sequence of Card
        All claims, in the order in which one leafs through them.
    around : Around
        What the pages show beside.
    """
    for folder in (section.folder / "claims", section.folder / "charts"):
        for stale in (path for kind in _STALE for path in folder.glob(kind)):
            stale.unlink()
    for card in section.cards:
        files = _files(section, card)
        shown = _shown(section, card, cards, around) | {"files": files}
        write_text(section.folder / "claims" / f"{card.verdict.id}.html", render("claim.html.j2", **shown))
        if _drawn(section, card):
            write_text(section.folder / "charts" / f"{card.verdict.id}.html", render("chart.html.j2", **shown))


def rule(rules: str, claim: str) -> str:
    r"""A claim's entry in the register, as it is written there.

    Examples
    --------
    >>> rule('[A1]\nquote = "a"\n[A1.assertions.b]\n\n[A10]\nquote = "c"\n', "A1")
    '[A1]\nquote = "a"\n[A1.assertions.b]'
    """
    name = re.escape(claim)
    found = re.search(rf"^\[{name}\].*?(?=^\[(?!{name}[\].])|\Z)", rules, re.DOTALL | re.MULTILINE)
    return found[0].strip() if found else ""


def _drawn(section: Section, card: Card) -> bool:
    """Whether there is a chart of a claim that can stand alone."""
    return card.verdict.id in section.charts or any(card.charts)


def _files(section: Section, card: Card) -> dict[str, str]:
    """Write what can be downloaded; path from the page to its name in words."""
    name, written = card.verdict.id, {f"{card.verdict.id}.csv": "Data (CSV)"}
    table = sweeps.table([replace(card.record, claims=(card.verdict,))]).map(inert)
    write_text(section.folder / "claims" / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    if first := next(filter(None, card.charts), None):
        drawing = drawings.draw("readings.svg.j2", chart=first, alone=True)
        write_text(section.folder / "charts" / f"{name}.svg", drawing)
        written[f"../charts/{name}.svg"] = "Chart (SVG)"
    if card.evidence.figures:
        sharing.picture(section.folder / "charts" / f"{name}.png", card.evidence.figures[0].data)
        written[f"../charts/{name}.png"] = "Picture (PNG)"
    return written


def _shown(section: Section, card: Card, cards: Sequence[Card], around: Around) -> dict[str, Any]:
    """What the template is given."""
    name, place = card.verdict.id, cards.index(card)
    url = sharing.address(around.address, card.page)
    chart = sharing.address(around.address, card.page.replace("/claims/", "/charts/"))
    picture = f"{Path(card.page).parts[0]}/charts/{name}.png" if card.evidence.figures else section.picture
    return {
        "card": card,
        "section": section,
        "notebook": Path(section.page or "").name,
        "review": sharing.claim_review(card, around.article, url),
        "absolute": bool(around.address),
        "image": sharing.address(around.address, picture, "../../") if picture else "",
        "moved": section.charts.get(name),
        "drawn": next(filter(None, card.charts), None),
        "drawings": around.drawings.get(name, []),
        "rule": rule(around.rules, name),
        "quote": sharing.quotation(card, sharing.citation(card, around.commit, url)),
        "embed": f'<iframe src="{chart}" title="{name}" width="600" height="460"></iframe>'
        if _drawn(section, card)
        else "",
        "before": cards[place - 1] if place else None,
        "after": cards[place + 1] if place + 1 < len(cards) else None,
    }
