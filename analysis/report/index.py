"""What the index shows: the answer, a card a notebook, the article with its marks, and all claims."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import catalog
from analysis.criteria import Claim
from analysis.prose import capital
from analysis.report import article_text, claim_card, over_time
from analysis.report.claim_card import Card, Picture
from analysis.report.over_time import Day
from analysis.run.records import Record

QUESTION = "Did Chinese open-weight models take over OpenRouter?"
"""What the project's own article comes down to."""

FIRST = "S1"
"""Claim whose answer is the answer to the question."""


@dataclass(frozen=True)
class Section:
    """What the pages show of one run.

    Parameters
    ----------
    record : Record
        The run.
    folder : Path
        Its folder.
    page : str or None
        Page of its notebook, from the index; None where there is no notebook.
    title : str
        Title of the notebook.
    cards : list of Card
        Its verdicts.
    sources : list of dict
        Descriptors of its tables, each with its citation as ``cite``.
    figure : Picture or None
        The figure that stands for it.
    charts : dict
        Claim of the project's register to a chart that a reader can move.
    """

    record: Record
    folder: Path
    page: str | None
    title: str
    cards: list[Card]
    sources: list[dict[str, Any]]
    figure: Picture | None
    charts: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its notebook in words: the title, or the name without its number where there is none."""
        return self.title or self.record.notebook.lstrip("0123456789_").replace("_", " ").capitalize()

    @property
    def first(self) -> Card | None:
        """Claim that stands for it: the one with a title in the register, else the first."""
        titled = (card for card in self.cards if card.claim.title)
        return next(titled, self.cards[0] if self.cards else None)

    @property
    def picture(self) -> str:
        """Picture that stands for it, from the index; nothing where it has none."""
        return f"{self.folder.name}/key.png" if self.figure else ""

    @property
    def tally(self) -> dict[str, int]:
        """Number of each verdict."""
        return claim_card.tally(card.verdict.verdict for card in self.cards)


def shown(
    sections: Sequence[Section],
    drawn: Sequence[dict[str, Any]],
    register: Mapping[str, Claim],
    article: str,
    history: Mapping[str, list[Day]],
) -> dict[str, Any]:
    """What the template of the index is given.

    Parameters
    ----------
    sections : sequence of Section
        Runs of notebooks that ran in one way.
    drawn : sequence of dict
        Notebooks that ran in several.
    register, article : dict, str
        The claims, and the text that they are quoted from.
    history : dict
        Claim to its verdicts over time.
    """
    days = _days([sweep for sweep in drawn if sweep["parameters"] == ["as_of"]])
    marks = _marks(sections, drawn, days[-1]["verdict"] if days else {})
    cards = [card for section in sections for card in section.cards]
    first = next((card for card in cards if card.verdict.id == FIRST), cards[0] if cards else None)
    title = article_text.title(article)
    return {
        "question": _question(article, title),
        **_then_and_now(first, history),
        "chart": next((section.charts[FIRST] for section in sections if FIRST in section.charts), None),
        "changed": changed(cards, history),
        "title": title,
        "day": article_text.last_day(article),
        "blocks": article_text.blocks(article, {name: register[name].quote for name in marks}),
        "marks": marks,
        "conveying": 0 if drawn else len({card.verdict.id for card in cards if card.conveys_more}),
        "tally": claim_card.tally(places[0]["verdict"] for places in marks.values()),
        "sections": sections,
        "sweeps": drawn,
        "days": days,
    }


def _question(article: str, title: str) -> str:
    own = article == catalog.read_bytes("article").decode()
    return QUESTION if own else f"How much of “{title}” stands?"


def _then_and_now(card: Card | None, history: Mapping[str, list[Day]]) -> dict[str, Any]:
    """The claim that stands first, its two days, and what its figure measures as the beginning of a sentence."""
    if card is None:
        return {"first": None, "since": None, "measured": ""}
    label = next((finding.label for finding in card.verdict.assertions[0].findings), "")
    return {"first": card, "since": then_and_now(card, history), "measured": capital(label)}


def then_and_now(card: Card, history: Mapping[str, list[Day]]) -> tuple[Day, Day] | None:
    """A verdict on the day that the page judges by, and the newest one; None where that is the same day."""
    days = history.get(card.verdict.id, [])
    then = over_time.on(days, card.record.as_of or "")
    return (then, days[-1]) if then and days[-1].day > (card.record.as_of or "") else None


def changed(cards: Sequence[Card], history: Mapping[str, list[Day]]) -> list[tuple[Card, Day]]:
    """Claims on which the newest verdict is another than the one shown."""
    pairs = [(card, then_and_now(card, history)) for card in cards]
    return [(card, days[1]) for card, days in pairs if days and days[1].verdict != card.verdict.verdict]


def _marks(
    sections: Sequence[Section], drawn: Sequence[dict[str, Any]], last: Mapping[str, str]
) -> dict[str, list[dict[str, str]]]:
    """Claim to the places that show its verdict."""
    marks: dict[str, list[dict[str, str]]] = {}
    for run, section in enumerate(sections, 1):
        for card in section.cards:
            place = {"verdict": card.verdict.verdict, "page": card.page, "row": f"{run}-{card.verdict.id}"}
            marks.setdefault(card.verdict.id, []).append(place)
    for sweep in drawn:
        for curve in sweep["curves"]:
            name = curve["claim"].id
            verdict = last.get(name) or curve["card"].verdict.verdict
            marks.setdefault(name, []).append({"verdict": verdict, "page": f"#sweep-{name}", "row": f"sweep-{name}"})
    return marks


def _days(drawn: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Verdicts of all sweeps together on each day for which every one of them has a run that finished."""
    found = [{run["record"].as_of: run["verdict"] for run in sweep["runs"] if run["record"].is_ok} for sweep in drawn]
    shared = sorted(set.intersection(*map(set, found))) if found else []
    return [{"day": day, "verdict": dict(ChainMap(*(verdicts[day] for verdicts in found)))} for day in shared]
