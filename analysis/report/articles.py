"""Another article: its text and claims by path, judged by the same rule from what the same notebooks found.

.. code-block:: toml

    article = "text.txt"

    [A1]
    quote = "more than two fifths of all tokens went to Chinese models"
    measure = "Chinese share of all tokens in the last full weeks."
    relation = ">"
    claimed = 0.4
    findings = { headline = "cn_share_all@headline", chart = "cn_share_top_n@top_n" }
    alternatives = { chart = "nothing but the {top_n} largest models is counted" }

A claim names what it rests on as ``KEY@SCOPE``, by the names in ``results.json``; unit, tables and notebook follow.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from string import Formatter
from typing import Any

from analysis import InputError, catalog, claims, files, parameters
from analysis.claims import CONTEXT, HEADLINE, Claim, Finding
from analysis.run import execute

_KINDS = {
    "quote": str,
    "measure": str,
    "relation": str,
    "claimed": object,
    "tolerance": (int, float, dict),
    "labels": dict,
    "alternatives": dict,
    "findings": dict,
    "would_need": str,
}

Uses = Mapping[str, tuple[str, ...]]
"""Scope of a claim to the findings, ``KEY@SCOPE``, that it takes from a notebook."""


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
        Claim id to claim.
    uses : dict
        Claim id to what it takes from the notebooks.
    """

    name: str
    rules: str
    text: str
    register: Mapping[str, Claim]
    uses: Mapping[str, Uses]

    @property
    def notebooks(self) -> list[str]:
        """Notebooks whose findings the claims need, in the order of the collection."""
        return sorted({claim.notebook for claim in self.register.values()})


@dataclass(frozen=True)
class _Source:
    """A finding of a committed notebook, and the claim of the project's own register that it was made for."""

    record: Mapping[str, Any]
    finding: Finding
    claim: Claim

    @property
    def sample(self) -> Finding:
        """The finding; where it has no value yet, the value that its own claim expects, to be compared in its place."""
        expected = self.claim.claimed.get(self.finding.key) if isinstance(self.claim.claimed, dict) else None
        if self.finding.value is None and expected is not None:
            return replace(self.finding, value=expected[0] if isinstance(expected, list) else expected)
        return self.finding


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
    rules = catalog.read_text(path, "a file of claims")
    entries = catalog.parse_toml(rules, path)
    text = _text(path, entries.pop("article", None))
    known = _known()
    try:
        uses = {name: _uses(name, entry, known) for name, entry in entries.items()}
        first = min((known[item].claim.notebook for use in uses.values() for item in _items(use)), default=None)
        if first is None:
            raise InputError("no claim names findings, and so there is nothing to execute: give one its findings.")
        register = {name: _claim(name, entry, uses[name], known, first) for name, entry in entries.items()}
        claims.check_quotes(register, text)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    return Article(path.name, rules, text, register, uses)


def judge(article: Article, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records of runs, with the verdicts on an article's claims in the place of the notebook's own.

    Parameters
    ----------
    article : Article
        As ``read`` gives it.
    records : iterable of dict
        Records of ``results.json``; a run that failed stays as it is.
    """
    return [dict(record) | {"verdicts": _verdicts(article, record)} for record in records]


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
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for name, text in texts.items():
        execute.write_text(data / name, text)
        for entry in (entry for entry in package["resources"] if entry["path"] == name):
            entry |= {"hash": catalog.digest(text.encode()), "bytes": len(text.encode()), "vintage": "unknown"}
            entry |= {
                "title": f"Text of {article.name}",
                "sources": [{"title": article.name}],
                "citation": article.name,
            }
            entry |= {"licenses": [{"name": "unknown", "title": "Unknown"}], "description": "The text under test."}
    execute.write_text(data / "datapackage.json", json.dumps(package, indent=1, ensure_ascii=False) + "\n")


def check_notebooks(article: Article, names: Iterable[str]) -> None:
    """Refuse a plan that leaves out a notebook which the claims need.

    Raises
    ------
    InputError
        Names it.

    Examples
    --------
    >>> claim = Claim("A1", "02_price_gap", "q", "m", relation=">", claimed=1)
    >>> check_notebooks(Article("", "", "q", {"A1": claim}, {}), ["01_share_shift"])
    Traceback (most recent call last):
    analysis.InputError: Claim A1 rests on 02_price_gap: execute that as well, or leave out NAME.
    """
    names = set(names)
    for claim in article.register.values():
        if claim.notebook not in names:
            raise InputError(f"Claim {claim.id} rests on {claim.notebook}: execute that as well, or leave out NAME.")


def findings(verdict: Mapping[str, Any]) -> list[Finding]:
    """Findings of a verdict's record."""
    fields = Finding.__dataclass_fields__
    return [Finding(**{name: finding[name] for name in fields}) for finding in verdict["findings"]]


def origins(article: Article, name: str) -> list[str]:
    """Claims of the project's own register that the findings of an article's claim were made for."""
    known = _known()
    return list(dict.fromkeys(known[item].claim.id for item in _items(article.uses[name])))


def names(article: Article, name: str) -> set[tuple[str, str]]:
    """Key and scope of the findings of an article's claim."""
    uses = article.uses[name]
    return {(item.partition("@")[0], scope) for scope, items in uses.items() for item in items}


def _known() -> dict[str, _Source]:
    """Findings of the committed notebooks by ``KEY@SCOPE``."""
    register = claims.read_register()
    records = [execute.committed(name) for name in parameters.names()]
    return {
        f"{finding.key}@{finding.scope}": _Source(record, finding, register[verdict["id"]])
        for record in records
        for verdict in record["verdicts"]
        if verdict["id"] in register
        for finding in findings(verdict)
    }


def _text(path: Path, name: Any) -> str:
    if not isinstance(name, str) or not name:
        raise InputError(f'{path.name}: its first line must name the text: article = "text.txt".')
    try:
        return catalog.read_text(files.beside(path, name), "the article")
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _uses(name: str, entry: Any, known: Mapping[str, _Source]) -> Uses:
    """What a claim takes from the notebooks, by its scopes; the form of the entry is checked first."""
    _check_form(name, entry)
    uses = {
        scope: tuple(items if isinstance(items, list) else [items])
        for scope, items in entry.get("findings", {}).items()
    }
    if unknown := [item for item in _items(uses) if item not in known]:
        raise InputError(
            f"Claim {name}: no notebook has the finding {unknown[0]!r}; write KEY@SCOPE, such as "
            f"{_nearest(unknown[0], known)} (the command explain lists them by claim)."
        )
    if bool(uses) == bool(entry.get("would_need")):
        raise InputError(f"Claim {name}: give findings, or would_need; one of the two.")
    if len(notebooks := {known[item].claim.notebook for item in _items(uses)}) > 1:
        raise InputError(f"Claim {name}: its findings are of {' and '.join(sorted(notebooks))}; make a claim of each.")
    if uses and {HEADLINE, *entry.get("alternatives", {})} != set(uses) - {CONTEXT}:
        raise InputError(f"Claim {name}: findings must name headline and every alternative, and nothing else.")
    return uses


def _check_form(name: str, entry: Any) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,19}", name):
        raise InputError(f"Claim {name!r}: an id is a letter, then letters, digits, - or _, 20 at most.")
    if not isinstance(entry, dict):
        raise InputError(f"{name} is no claim: write [{name}] and its fields below it.")
    for key, value in entry.items():
        if key not in _KINDS:
            raise InputError(f"Claim {name}: there is no field {key!r}; the fields are {', '.join(_KINDS)}.")
        nested = value.values() if isinstance(value, dict) and key in ("labels", "alternatives") else []
        if key == "findings" and isinstance(value, dict):
            nested = [item for items in value.values() for item in (items if isinstance(items, list) else [items])]
        if not isinstance(value, _KINDS[key]) or not all(isinstance(text, str) for text in nested):  # type: ignore[arg-type]
            raise InputError(f"Claim {name}: {key} is not written as data/README.md shows; found {value!r}.")
    if missing := [key for key in ("quote", "measure") if not entry.get(key)]:
        raise InputError(f"Claim {name} has no {missing[0]}: give one.")


def _claim(name: str, entry: Mapping[str, Any], uses: Uses, known: Mapping[str, _Source], first: str) -> Claim:
    """Claim of an entry, tried on the committed findings so that what cannot be judged is found before a run."""
    sources = [known[item] for item in _items(uses)]
    units = {known[item].finding.unit for item in uses.get(HEADLINE, ())}
    claim = Claim(
        id=name,
        notebook=sources[0].claim.notebook if sources else first,
        tables=tuple(dict.fromkeys(table for source in sources for table in source.claim.tables)),
        unit=units.pop() if len(units) == 1 else "",
        **{key: value for key, value in entry.items() if key != "findings"},
    )
    if sources:
        values = sources[0].record["parameters"]
        _check_conditions(claim, values)
        samples = {item: known[item].sample for item in _items(uses)}
        _check_claimed(claim, {samples[item].key for item in uses[HEADLINE]})
        claims.judge(claim, _taken(claim, uses, samples), **values)
    return claim


def _check_conditions(claim: Claim, values: Mapping[str, Any]) -> None:
    """Refuse a condition whose braces hold anything but the name of a parameter."""
    for scope, text in claim.alternatives.items():
        try:
            places = [(name, spec, kind) for _, name, spec, kind in Formatter().parse(text) if name is not None]
        except ValueError as error:
            raise InputError(f"Claim {claim.id}, alternative {scope!r}: {error}; write braces twice.") from None
        if bad := [name for name, spec, kind in places if name not in values or spec or kind]:
            raise InputError(
                f"Claim {claim.id}, alternative {scope!r}: {{{bad[0]}}} is no parameter of {claim.notebook}; "
                f"it has {', '.join(values)}."
            )


def _check_claimed(claim: Claim, keys: set[str]) -> None:
    if isinstance(claim.claimed, dict) and set(claim.claimed) != keys:
        raise InputError(f"Claim {claim.id}: claimed has {', '.join(claim.claimed)}; headline, {', '.join(keys)}.")


def _verdicts(article: Article, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    if record["status"] != "ok":
        return []
    found = {f"{f.key}@{f.scope}": f for verdict in record["verdicts"] for f in findings(verdict)}
    judged = [claim for claim in article.register.values() if claim.notebook == record["notebook"]]
    taken = {claim.id: _taken(claim, article.uses[claim.id], found) for claim in judged}
    return [claims.judge(claim, taken[claim.id], **record["parameters"]).record() for claim in judged]


def _taken(claim: Claim, uses: Uses, found: Mapping[str, Finding]) -> list[Finding]:
    """Findings of a claim, each in the claim's own scope; one that a run does not have is a missing value."""
    return [
        replace(found.get(item, Finding(item.partition("@")[0], "", None, unit=claim.unit)), scope=scope)
        for scope, items in uses.items()
        for item in items
    ]


def _items(uses: Uses) -> list[str]:
    return [item for items in uses.values() for item in items]


def _nearest(item: str, known: Mapping[str, _Source]) -> str:
    key = item.partition("@")[0]
    same = [other for other in known if other.startswith(f"{key}@")]
    return ", ".join(same or get_close_matches(item, known, 1, 0))
