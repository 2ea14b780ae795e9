"""Where the tables of the data package come from, in the words that their licences ask for."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from analysis import DATA, catalog, vintages

MADE_FROM = "madeFrom"
"""Field of the descriptor that a table made of runs has: notebook or claim to the hash of what its rows rest on."""


def made(root: Path = DATA) -> list[dict[str, Any]]:
    """Descriptor entries of the tables that this project makes of its own runs; no run may rest on them.

    Examples
    --------
    >>> [entry["name"] for entry in made()]
    ['verdict_history', 'specifications']
    """
    return [entry for entry in _entries(root) if MADE_FROM in entry]


def given(root: Path = DATA) -> list[dict[str, Any]]:
    """Descriptor entries of all that runs may rest on.

    Examples
    --------
    >>> given()[0]["name"]
    'author_week'
    """
    return [entry for entry in _entries(root) if MADE_FROM not in entry]


def _entries(root: Path) -> list[dict[str, Any]]:
    return [catalog.resource(name, root) for name in catalog.versions(root)]


def sources(names: Iterable[str], as_of: str | date, root: Path = DATA) -> str:
    """Provenance of tables as a Markdown list: citation, licence, source, vintage, hash and caveats.

    Examples
    --------
    >>> sources(["authors"], "2026-05-25").splitlines()[0].strip()
    '- **Authors of models and their home country** (`data/authors.csv`)'
    """
    listed = [_source(catalog.resource(name, root), citation(name, as_of, root)) for name in names]
    return "\n".join([*listed, "", vintages.SENTENCE])


def citation(name: str, as_of: str | date, root: Path = DATA) -> str:
    """Citation that a table's licence asks for, dated ``as_of`` or, where its rows end before, by their end.

    Examples
    --------
    >>> citation("author_week", "2030-01-01")
    'Source: OpenRouter (openrouter.ai/rankings), as of 2026-09-28. Licensed under CC BY 4.0.'
    """
    entry, day = catalog.resource(name, root), catalog.parse_day(as_of)
    if "asOf" in entry:
        day = min(day, catalog.covered_days(name, root)[1])
    return entry["citation"].format(as_of=f"{day:%Y-%m-%d}")


def _source(entry: dict[str, Any], cite: str) -> str:
    origins = "; ".join(
        (f"[{source['title']}]({source['path']})" if "path" in source else source["title"])
        + (f" at commit {source['commit']}" if "commit" in source else "")
        for source in entry["sources"]
    )
    lines = [
        f"- **{entry['title']}** (`data/{entry['path']}`)",
        f"  {cite}",
        f"  From: {origins}. Licence: {entry['licenses'][0]['title']}. Vintage: {entry['vintage']}. "
        f"SHA-256: `{entry['hash'].removeprefix('sha256:')[:12]}…`",
        f"  {entry['description']}",
    ]
    return "  \n".join(lines)
