"""Another article: its text and claims by path, judged by the same rule from what the same notebooks found.

.. code-block:: toml

    article = "text.txt"

    [A1]
    quote = "more than two fifths of all tokens went to Chinese models"
    [A1.assertions.share]
    kind = "stated"
    says = "More than two fifths of all tokens went to Chinese models"
    finding = "cn_share_all@literal"
    relation = ">"
    target = 0.4
    [A1.assertions.share.readings.chart]
    finding = "cn_share_top_n@top_n"
    if = "you count only each week's {top_n} biggest models"

A finding is named as ``KEY@READING``, by the names in ``results.json``; its label, unit, tables and notebook follow.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis import InputError, claims, package, register
from analysis.criteria import Claim, Criterion, Reading, settled
from analysis.findings import Finding, Verdict
from analysis.run.records import Record, committed
from analysis.system import files
from analysis.system.files import write_text


@dataclass(frozen=True)
class Article:
    """A text and the claims on it.

    Parameters
    ----------
    name : str
        Name of the claims file.
    rules : str
        What is in it.
    text : str
        The article.
    register : dict
        Claim id to claim; the keys of its findings are ``KEY@READING``.
    """

    name: str
    rules: str
    text: str
    register: Mapping[str, Claim]

    @property
    def notebooks(self) -> list[str]:
        """Notebooks whose findings the claims need, in the order of the collection."""
        return sorted({claim.notebook for claim in self.register.values()})


@dataclass(frozen=True)
class _Source:
    """A finding that the project's own register asks for: the claim, how it reads it, and the rule it is put to."""

    claim: Claim
    reading: Reading
    criterion: Criterion | None = None


def read(path: Path) -> Article:
    """Article and claims of a file, tried on the findings of the committed notebooks.

    Parameters
    ----------
    path : Path
        The claims file; its ``article`` names the text, from the file's own folder.

    Raises
    ------
    InputError
        A file cannot be read, a quote is not in the text, or a claim is not written as it should be; one sentence
        that names the file, the claim and the remedy.
    """
    rules = files.read_text(path, "a file of claims")
    entries = files.parse_toml(rules, path)
    text = _text(path, entries.pop("article", None))
    try:
        known = _known()
        homes = {name: _notebook(name, entry, known) for name, entry in entries.items()}
        first = min((home for home in homes.values() if home), default=None)
        if first is None:
            raise InputError("no claim names findings, and so there is nothing to execute: give one its findings.")
        made = {name: _claim(name, entry, homes[name] or first, known) for name, entry in entries.items()}
        register.check_quotes(made, text)
        register.check_titles(made)
        _try(made, known)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    return Article(path.name, rules, text, made)


def judge(article: Article, records: Iterable[Record]) -> list[Record]:
    """Records of runs, with the verdicts on an article's claims in the place of the notebook's own.

    Parameters
    ----------
    article : Article
        As ``read`` gives it.
    records : iterable of Record
        A run that failed stays as it is.
    """
    return [replace(record, claims=_verdicts(article, record)) if record.is_ok else record for record in records]


def copy_files(article: Article, data: Path) -> None:
    """Put the claims and the text in the place of the project's own, in the copy of the data that a report carries.

    Parameters
    ----------
    article : Article
        As ``read`` gave it.
    data : Path
        Folder of the copy; its descriptor gets the hashes and lengths of the two files.
    """
    texts = {"claims.toml": article.rules, "article.txt": article.text}
    descriptor = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for name, text in texts.items():
        write_text(data / name, text)
        for entry in (entry for entry in descriptor["resources"] if entry["path"] == name):
            entry |= {"hash": package.digest(text.encode()), "bytes": len(text.encode()), "vintage": "unknown"}
            entry |= {
                "title": f"Text of {article.name}",
                "sources": [{"title": article.name}],
                "citation": article.name,
            }
            entry |= {"licenses": [{"name": "unknown", "title": "Unknown"}], "description": "The text under test."}
    write_text(data / "datapackage.json", json.dumps(descriptor, indent=1, ensure_ascii=False) + "\n")


def check_notebooks(article: Article, names: Iterable[str]) -> None:
    """Refuse a plan that leaves out a notebook which the claims need.

    Raises
    ------
    InputError
        Names it.

    Examples
    --------
    >>> claim = Claim("A1", "02_price_gap", "q", ())
    >>> check_notebooks(Article("", "", "q", {"A1": claim}), ["01_share_shift"])
    Traceback (most recent call last):
    analysis.InputError: Claim A1 rests on 02_price_gap: execute that as well, or leave out NAME.
    """
    names = set(names)
    for claim in article.register.values():
        if claim.notebook not in names:
            raise InputError(f"Claim {claim.id} rests on {claim.notebook}: execute that as well, or leave out NAME.")


def origins(claim: Claim) -> list[str]:
    """Claims of the project's own register that the findings of an article's claim were made for."""
    known = _known()
    return list(dict.fromkeys(known[reading.key].claim.id for reading in claim.expected))


def _known() -> dict[str, _Source]:
    """Findings that the project's own register asks for, by ``KEY@READING``."""
    known: dict[str, _Source] = {}
    for claim in register.read_register().values():
        for criterion in claim.assertions:
            for reading in criterion.readings:
                known.setdefault(_item(reading.key, reading.name), _Source(claim, reading, criterion))
        for reading in claim.context:
            known.setdefault(_item(reading.key, reading.name), _Source(claim, reading))
    return known


def _item(key: str, reading: str) -> str:
    return f"{key}@{reading}"


def _text(path: Path, name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InputError(f'{path.name}: its first line must name the text: article = "text.txt".')
    try:
        return files.read_text(files.beside(path, name), "the article")
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _notebook(name: str, entry: object, known: Mapping[str, _Source]) -> str | None:
    """Notebook of a claim's findings; None where it has none. Names and findings are checked first."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,19}", name):
        raise InputError(f"Claim {name!r}: an id is a letter, then letters, digits, - or _, 20 at most.")
    items = [str(part["finding"]) for part in _parts(name, entry) if "finding" in part]
    if unknown := [item for item in items if item not in known]:
        raise InputError(
            f"Claim {name}: no notebook has the finding {unknown[0]!r}; write KEY@READING, such as "
            f"{_nearest(unknown[0], known)} (the command explain lists them by claim)."
        )
    homes = sorted({known[item].claim.notebook for item in items})
    if len(homes) > 1:
        raise InputError(f"Claim {name}: its findings are of {' and '.join(homes)}; make a claim of each.")
    return homes[0] if homes else None


def _parts(name: str, entry: object) -> list[dict[str, Any]]:
    """Tables of an entry that may name a finding: its assertions and their readings."""
    assertions = entry.get("assertions") if isinstance(entry, dict) else None
    if not isinstance(assertions, dict) or not assertions:
        raise InputError(f"Claim {name} has no assertion: write [{name}.assertions.NAME] and its fields below it.")
    parts = []
    for key, part in assertions.items():
        readings = part.get("readings", {}) if isinstance(part, dict) else None
        if not isinstance(readings, dict) or not all(isinstance(reading, dict) for reading in readings.values()):
            raise InputError(f"Claim {name}: {key} is not written as data/README.md shows.")
        parts += [part, *readings.values()]
    return parts


def _claim(name: str, entry: Mapping[str, Any], notebook: str, known: Mapping[str, _Source]) -> Claim:
    """Claim of an entry, with what the project's own register says of its findings filled in."""
    sources = [known[part["finding"]] for part in _parts(name, entry) if "finding" in part]
    for part in _parts(name, entry):
        if "finding" in part:
            own = known[part["finding"]].reading
            part.setdefault("label", own.label)
            part.setdefault("unit", own.unit)
    tables = list(dict.fromkeys(table for source in sources for table in source.claim.tables))
    return register.claim(name, {**entry, "notebook": notebook, "tables": tables})


def _try(made: Mapping[str, Claim], known: Mapping[str, _Source]) -> None:
    """Judge every claim on the committed findings, so that what cannot be judged is found before a run."""
    for claim in made.values():
        record = committed(claim.notebook)
        found = _found(record)
        samples = {item: _sample(found.get(item), source) for item, source in known.items()}
        _judge(settled(claim, record.parameters), samples)


def _sample(finding: Finding | None, source: _Source) -> Finding:
    """A finding; where it has no value yet, the value that its own claim expects, to be compared in its place."""
    if finding is not None and finding.value is not None:
        return finding
    target = source.criterion.target if source.criterion else None
    expected = target[0] if isinstance(target, tuple) else target
    return Finding(source.reading.key, source.reading.name, expected, unit=source.reading.unit)


def _verdicts(article: Article, record: Record) -> tuple[Verdict, ...]:
    found = _found(record)
    mine = [claim for claim in article.register.values() if claim.notebook == record.notebook]
    return tuple(_judge(settled(claim, record.parameters), found) for claim in mine)


def _judge(claim: Claim, found: Mapping[str, Finding]) -> Verdict:
    """Verdict on an article's claim; a finding that a run does not have is a missing value."""
    taken = []
    for reading in claim.expected:
        finding = found.get(reading.key, Finding(reading.key, reading.name, None))
        asked = {"key": reading.key, "reading": reading.name, "label": reading.label, "unit": reading.unit}
        taken.append(replace(finding, **asked, holds=None))
    return claims.judge(claim, taken)


def _found(record: Record) -> dict[str, Finding]:
    """Findings of a run by ``KEY@READING``."""
    return {_item(f.key, f.reading): f for verdict in record.claims for f in verdict.findings}


def _nearest(item: str, known: Mapping[str, _Source]) -> str:
    key = item.partition("@")[0]
    same = [other for other in known if other.startswith(f"{key}@")]
    return ", ".join(same or get_close_matches(item, known, 1, 0))
