"""What lets others pass a page on: addresses, citations, previews, a feed, machine-readable records, a policy."""

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import ROOT, catalog
from analysis.criteria import Claim
from analysis.findings import HOLDS_ONLY_IF, NOT_SUPPORTED, PARTLY_SUPPORTED, SUPPORTED
from analysis.prose import capital
from analysis.report import article_text
from analysis.report.claim_card import Card
from analysis.report.over_time import Change

NAME = "openrouter-claims"

RATINGS = {NOT_SUPPORTED: 1, HOLDS_ONLY_IF: 2, PARTLY_SUPPORTED: 3, SUPPORTED: 4}
"""Number of a verdict in a ClaimReview; the others say nothing for or against, and have a name only."""

_INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_DATA = re.compile(r"""type\s*=\s*["']?application/""")


def address(site: str, path: str, here: str = "") -> str:
    """Address of a page of the site: absolute where the site's own is known, else from the folder of another page.

    Examples
    --------
    >>> address("https://example.org/report", "a/S1.html"), address("", "a/S1.html", here="../")
    ('https://example.org/report/a/S1.html', '../a/S1.html')
    """
    return f"{site.rstrip('/')}/{path}" if site else f"{here}{path}"


def commit() -> str:
    """First letters of the commit that the code stands at; nothing outside a repository."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def citation(card: Card, code: str, url: str) -> str:
    """How to cite a verdict: with its day, the vintage of its data, and the commit of the code."""
    verdict, made = card.verdict, " and ".join(card.vintages)
    parts = [
        f"{NAME}, claim {verdict.id}: “{verdict.quote}” {capital(verdict.words)}",
        f"As of {card.record.as_of}",
        f"data of {made}" if made else "",
        f"commit {code}" if code else "",
    ]
    return f"{'; '.join(filter(None, parts))}. {url}".strip()


def quotation(card: Card, cited: str) -> str:
    """What is true instead, with its citation, as one pastes it."""
    return f"“{card.verdict.answer or card.verdict.words}”\n({cited})"


def claim_review(card: Card, article: str, url: str = "") -> dict[str, Any]:
    """A verdict as schema.org's ClaimReview.

    Parameters
    ----------
    card : Card
        As ``pages.card`` gives it.
    article : str
        The text that makes the claim; its first line names it.
    url : str
        Address of the claim's page.
    """
    verdict = card.verdict
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict.verdict}
    if verdict.verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[verdict.verdict], "worstRating": 1, "bestRating": max(RATINGS.values())}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": url,
        "claimReviewed": verdict.quote,
        "itemReviewed": {
            "@type": "Claim",
            "appearance": {"@type": "CreativeWork", "name": article_text.title(article)},
            **_first_appearance(card.claim),
        },
        "author": {"@type": "Organization", "name": NAME},
        "reviewRating": rating | {"ratingExplanation": " ".join(filter(None, [verdict.answer, verdict.words]))},
        "temporalCoverage": card.record.as_of,
        "isBasedOn": [
            {"@type": "Dataset", "name": table["title"], "description": table["cite"]} for table in card.tables
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


def crate(pages: Mapping[str, str], files: Iterable[str], day: str) -> str:
    """The site as an RO-Crate 1.1: its pages, its results, and the tables that they rest on.

    Parameters
    ----------
    pages : dict
        Path of a file to its name in words.
    files : iterable of str
        Tables of the data package that the site carries.
    day : str
        The day that it judges by.
    """
    tables = [catalog.resource(name) for name in files]
    parts: list[dict[str, Any]] = [{"@id": path, "@type": "File", "name": name} for path, name in pages.items()]
    parts += [
        {
            "@id": f"data/{table['path']}",
            "@type": "File",
            "name": table["title"],
            "description": table["description"],
            "license": table["licenses"][0].get("path") or table["licenses"][0]["title"],
            "sha256": table["hash"].removeprefix("sha256:"),
        }
        for table in tables
    ]
    about: dict[str, Any] = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    about |= {"conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}}
    root: dict[str, Any] = {"@id": "./", "@type": "Dataset", "name": f"{NAME}: an article checked sentence by sentence"}
    root |= {"description": "Verdicts, what they rest on, and the executed notebooks that made them."}
    root |= {"datePublished": day, "license": "https://spdx.org/licenses/MIT"}
    root |= {"hasPart": [{"@id": part["@id"]} for part in parts]}
    graph = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, root, *parts]}
    return json.dumps(graph, indent=1, ensure_ascii=False) + "\n"


def feed_entries(changes: Sequence[Change], cards: Mapping[str, Card], site: str) -> list[dict[str, str]]:
    """Changed verdicts as the feed shows them.

    Parameters
    ----------
    changes : sequence of Change
        The newest first.
    cards : dict
        Claim to its card.
    site : str
        Address of the site, or nothing.
    """
    return [
        {
            "id": f"tag:{NAME},2026:{change.claim}:{change.day}",
            "title": f"{change.claim}: {change.after} (was: {change.before})",
            "day": change.day,
            "url": address(site, cards[change.claim].page),
            "text": f"“{cards[change.claim].verdict.quote}” As of {change.day}: {change.after}"
            + (f", found: {change.value}." if change.value else "."),
        }
        for change in changes
        if change.claim in cards
    ]


def guarded(page: str, styles: str = "") -> str:
    """A page with a policy in its head: nothing from elsewhere, and of scripts only its own.

    Parameters
    ----------
    page : str
        HTML.
    styles : str
        Source of styles beside the page's own sheets, such as ``'unsafe-inline'`` where elements carry some.

    Examples
    --------
    >>> guarded("<head></head><script>1</script>")[:70]
    '<head><meta http-equiv="Content-Security-Policy" content="default-src '
    """
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, attributes, content in _INLINE.findall(page):
        if not _DATA.search(attributes):
            hashes[kind].append(_hash(content))
    rules = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "img-src": "'self' data: file:",
        "script-src": " ".join(dict.fromkeys(hashes["script"])) or "'none'",
        "style-src": styles or " ".join(dict.fromkeys(hashes["style"])) or "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return page.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def picture(path: Path, data: str) -> None:
    """Write a picture, given in base64, as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(data))
