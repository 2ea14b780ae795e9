"""The claims register, findings, and the rule that turns findings into a verdict."""

import html
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import DATA, InputError
from analysis.prose import Value, format_value, interval, joined

HEADLINE = "headline"
CONTEXT = "context"
RELATIONS = (">", ">=", "<", "<=", "=", "within", "between")
MIME = "application/vnd.analysis.verdicts+json"

_WORDS = {">": "more than ", ">=": "at least ", "<": "less than ", "<=": "at most ", "=": ""}
_DATES = {">": "after {}", ">=": "on {} or later", "<": "before {}", "<=": "on {} or earlier", "=": "on {}"}

SUPPORTED = "supported"
NOT_SUPPORTED = "not supported"
HOLDS_ONLY_IF = "holds only if"
TOO_CLOSE = "too close to call"
NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True)
class Claim:
    """A sentence of the article, and the test it is put to.

    Parameters
    ----------
    id : str
        Stable id such as ``S1``.
    notebook : str
        Name of the notebook that tests it.
    quote : str
        Verbatim from the article.
    measure : str
        What is measured, in one sentence.
    unit : str or dict
        Unit of the headline finding; by finding key where they differ.
    relation : str or dict
        One of ``RELATIONS``; by finding key where they differ; empty where nothing can be tested.
    claimed : Value, list or dict
        The claimed value; for ``between`` the two ends; a dict by finding key where one sentence claims several.
    tolerance : float, str or dict
        Half width for ``within``; a parameter's name where the reader sets it; by finding key where they differ, the
        headline's first.
    alternatives : dict
        Scope to the condition under which the claim is then read, with ``{parameter}`` where one enters.
    tables : tuple of str
        Tables of the data package that its findings rest on.
    labels : dict
        What people call a finding key, where a claim states several values.
    at : Any
        A number of the quote that the measure needs beside the claimed one, such as a level of price.
    would_need : str
        What data would decide it, where no public data do.

    Raises
    ------
    InputError
        The relation is unknown, the claimed value does not fit it, an alternative has a name that is taken, or what is
        given by finding key does not have the keys of the claimed values.
    """

    id: str
    notebook: str
    quote: str
    measure: str
    unit: Any = ""
    relation: Any = ""
    claimed: Any = None
    tolerance: Any = 0.0
    alternatives: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    at: Any = None
    would_need: str = ""

    def __post_init__(self) -> None:
        if bool(self.relation) == bool(self.would_need):
            raise InputError(f"Claim {self.id}: give a relation, or what data it would need; one of the two.")
        keys = list(self.claimed) if isinstance(self.claimed, Mapping) else [""]
        for name, given in (("relation", self.relation), ("unit", self.unit)):
            if isinstance(given, Mapping) and set(given) != set(keys):
                raise InputError(
                    f"Claim {self.id}: {name} is by finding key; the keys of claimed are the ones to give."
                )
        for key in keys if self.relation else ():
            _check_target(self.id, _part(self.relation, key), _part(self.claimed, key))
        for width in _widths(self.tolerance):
            if not isinstance(width, (int, float, str)) or (not isinstance(width, str) and not width >= 0):
                raise InputError(f"Claim {self.id}: tolerance must be a number of at least 0; not {width!r}.")
        if taken := {HEADLINE, CONTEXT} & set(self.alternatives):
            raise InputError(f"Claim {self.id}: an alternative may not be called {', '.join(taken)}.")


@dataclass(frozen=True)
class Finding:
    """A measured value under one reading of a claim.

    Floats are kept to four significant digits, which is as much as the data support; a missing value is None.

    Parameters
    ----------
    key : str
        Name of the finding in ``results.json``.
    scope : str
        ``headline``, an alternative of the claim, or ``context`` for a number that is shown and not judged.
    value : Value or None
        The measured value; None where the data do not reach.
    low, high : Value or None
        Ends of its interval, where it has one.
    unit : str
        Unit of the three.
    as_of : str
        Last day that its data cover, ISO date; empty where it does not depend on time.

    Raises
    ------
    InputError
        The value does not lie in its interval.

    Examples
    --------
    >>> Finding("cn_share_all", "headline", 0.45391734, unit="share").value
    0.4539
    """

    key: str
    scope: str
    value: Value | None
    low: Value | None = None
    high: Value | None = None
    unit: str = ""
    as_of: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        object.__setattr__(self, "as_of", _plain(self.as_of) or "")
        known: list[Any] = [end for end in (self.low, self.value, self.high) if end is not None]
        if known != sorted(known):
            raise InputError(f"Finding {self.key}: {self.value} does not lie between {self.low} and {self.high}.")


@dataclass(frozen=True)
class Verdict:
    """What the rule says of a claim, with the findings it rests on and the conditions under which the claim holds."""

    claim: Claim
    verdict: str
    findings: tuple[Finding, ...] = ()
    conditions: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Record of the verdict for ``results.json``."""
        return {
            "id": self.claim.id,
            "verdict": self.verdict,
            "conditions": list(self.conditions),
            "claimed": self.claim.claimed,
            "relation": self.claim.relation or None,
            "tolerance": self.claim.tolerance,
            "findings": [asdict(finding) | {"holds": holds(self.claim, finding)} for finding in self.findings],
        }


def read_register(path: Path = DATA / "claims.toml") -> dict[str, Claim]:
    """Claims of the register by id, in its order.

    Raises
    ------
    InputError
        The file is not TOML, or a claim is malformed; the claim and the field are named.

    Examples
    --------
    >>> read_register()["S1"].relation
    '>'
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, FileNotFoundError) as error:
        raise InputError(f"The claims register {path} cannot be read: {error}.") from None
    return {name: _claim(name, entry) for name, entry in entries.items()}


def check_quotes(register: Mapping[str, Claim], article: str) -> None:
    """Refuse a quote that is not verbatim from the article.

    Raises
    ------
    InputError
        Names the claim.

    Examples
    --------
    >>> check_quotes({"X": Claim("X", "n", "no such words", "m", would_need="more")}, "The article.")
    Traceback (most recent call last):
    analysis.InputError: Claim X: the article does not say 'no such words'.
    """
    for claim in register.values():
        if claim.quote not in article:
            raise InputError(f"Claim {claim.id}: the article does not say {claim.quote!r}.")


def holds(claim: Claim, finding: Finding) -> bool | None:
    """Whether a finding satisfies the claim's relation; None where its interval straddles the threshold.

    Also None for a context finding and for a missing value. A finding with an interval satisfies the relation
    where the whole interval does. One with a missing value but an end of its interval (something has not happened by
    a date) fails or holds where that end settles it.

    Examples
    --------
    >>> claim = Claim("X", "n", "q", "m", relation=">", claimed=0.6)
    >>> holds(claim, Finding("share", "headline", 0.7)), holds(claim, Finding("share", "headline", 0.7, 0.5, 0.9))
    (True, None)
    >>> february = Claim("X", "n", "q", "m", relation="between", claimed=["2026-02-01", "2026-02-28"])
    >>> holds(february, Finding("week", "headline", None, low="2026-03-09"))
    False
    """
    if finding.scope == CONTEXT or not claim.relation or not _known(finding):
        return None
    relation = _part(claim.relation, finding.key)
    low = finding.value if finding.low is None else finding.low
    high = finding.value if finding.high is None else finding.high
    below = _side(claim, finding.key, low) if low is not None else 0 if relation in ("<", "<=") else -1
    above = _side(claim, finding.key, high) if high is not None else 0 if relation in (">", ">=") else 1
    return below == 0 if below == above else None


def judge(claim: Claim, findings: Iterable[Finding], **parameters: object) -> Verdict:
    """Verdict on a claim, from the rule in the register and nothing else.

    Supported where all headline findings satisfy the relation; too close to call where none fails and an interval
    straddles the threshold; where one fails, holds only if some alternative satisfies it, else not supported; not
    checkable where the register says so or a headline value is missing.

    Parameters
    ----------
    claim : Claim
        Entry of the register.
    findings : iterable of Finding
    **parameters
        Values for the ``{parameter}`` places in the conditions.

    Raises
    ------
    InputError
        A finding has a scope, or a key, that the register does not know.

    Examples
    --------
    >>> claim = Claim("X", "n", "q", "m", relation=">", claimed=0.6, alternatives={"top": "only {n} count"})
    >>> judge(claim, [Finding("a", "headline", 0.5), Finding("b", "top", 0.7)], n=9).conditions
    ('only 9 count',)
    """
    findings, claim = tuple(findings), _settled(claim, parameters)
    if claim.would_need:
        return Verdict(claim, NOT_CHECKABLE, findings, (f"needed: {claim.would_need}",))
    _check_findings(claim, findings)
    state = _state(claim, [f for f in findings if f.scope == HEADLINE])
    if state != NOT_SUPPORTED:
        reason = ("the data published by this date do not cover it",) if state == NOT_CHECKABLE else ()
        return Verdict(claim, state, findings, reason)
    met = tuple(
        condition_text(claim, scope, parameters)
        for scope in claim.alternatives
        if _state(claim, [f for f in findings if f.scope == scope]) == SUPPORTED
    )
    return Verdict(claim, HOLDS_ONLY_IF if met else NOT_SUPPORTED, findings, met)


def condition_text(claim: Claim, scope: str, parameters: Mapping[str, object]) -> str:
    """Condition of an alternative, with the values of the parameters that enter it.

    Raises
    ------
    InputError
        The condition names a parameter that is not given.

    Examples
    --------
    >>> claim = Claim("X", "n", "q", "m", relation=">", claimed=0.6, alternatives={"top": "only the top {n} count"})
    >>> condition_text(claim, "top", {"n": 9})
    'only the top 9 count'
    """
    try:
        return claim.alternatives[scope].format(**parameters)
    except KeyError as error:
        raise InputError(f"Claim {claim.id}: the condition of {scope!r} names no parameter {error}.") from None


class Verdicts:
    """Verdicts of one notebook; displays itself as a table, and as records under ``MIME``.

    Parameters
    ----------
    notebook : str
        Name of the notebook; all its claims in the register are judged.
    findings : dict
        Claim id to its findings.
    as_of : str
        The date that the run judges by.
    data : dict
        Table to SHA-256, as ``catalog.hashes`` gives them.
    **parameters
        Values for the ``{parameter}`` places in the conditions.

    Raises
    ------
    InputError
        Findings are given for a claim that is not this notebook's.
    """

    def __init__(
        self,
        notebook: str,
        findings: Mapping[str, Iterable[Finding]],
        as_of: str,
        data: Mapping[str, str],
        **parameters: object,
    ) -> None:
        register = {name: claim for name, claim in read_register().items() if claim.notebook == notebook}
        if stray := set(findings) - set(register):
            raise InputError(f"No claim of {notebook} in the register is called {', '.join(sorted(stray))}.")
        self.as_of, self.data = as_of, dict(data)
        self.verdicts = [judge(claim, findings.get(name, ()), **parameters) for name, claim in register.items()]

    def frame(self) -> pd.DataFrame:
        """One row a claim: quote, what it takes to hold, headline findings and verdict."""
        rows = [
            {
                "claim": verdict.claim.id,
                "quote": verdict.claim.quote,
                "holds if": describe_claimed(verdict.claim),
                "found": describe_findings(verdict.claim, verdict.findings),
                "verdict": describe_verdict(verdict.verdict, verdict.conditions),
            }
            for verdict in self.verdicts
        ]
        return pd.DataFrame(rows).set_index("claim")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        table = self.frame().reset_index().map(html.escape)
        records = {
            "as_of": self.as_of,
            "data": self.data,
            "verdicts": [verdict.record() for verdict in self.verdicts],
        }
        return {
            "text/plain": "\n".join(
                f"{v.claim.id}: {describe_verdict(v.verdict, v.conditions)}" for v in self.verdicts
            ),
            "text/html": table.to_html(
                index=False, escape=False, border=0, justify="left", classes="mathjax_ignore"
            ).replace("<td>", '<td style="text-align: left">'),
            MIME: json.loads(json.dumps(records)),
        }


def describe_verdict(verdict: str, conditions: Iterable[str]) -> str:
    """Verdict with its conditions, in words.

    Examples
    --------
    >>> describe_verdict("holds only if", ["a", "b"])
    'holds only if a; or b'
    """
    conditions = list(conditions)
    if not conditions:
        return verdict
    return f"{verdict}{' ' if HOLDS_ONLY_IF in verdict else ': '}{'; or '.join(conditions)}"


def describe_claimed(claim: Claim) -> str:
    """Relation and claimed value in words.

    Examples
    --------
    >>> describe_claimed(Claim("X", "n", "q", "m", unit="share", relation=">", claimed=0.6))
    'more than 60.0 %'
    >>> describe_claimed(Claim("X", "n", "q", "m", unit="points", relation=">=", claimed={"a": 0, "b": "2026-04-20"}))
    'a at least 0.0 points; b on 2026-04-20 or later'
    >>> describe_claimed(Claim("X", "n", "q", "m", unit="months", relation="between", claimed=[3, 6]))
    '3 to 6 months'
    """
    if not claim.relation:
        return "–"
    if not isinstance(claim.claimed, Mapping):
        return _required(claim, "")
    return "; ".join(f"{claim.labels.get(key, key)} {_required(claim, key)}" for key in claim.claimed)


def describe_findings(claim: Claim, findings: Iterable[Finding]) -> str:
    """Headline values in words, with their labels where there are several.

    Examples
    --------
    >>> claim = Claim("X", "n", "q", "m", relation=">", claimed={"a": 1, "b": 1}, labels={"a": "China"})
    >>> describe_findings(claim, [Finding("a", "headline", 3, unit="months"), Finding("b", "headline", 2)])
    'China 3 months; b 2'
    >>> describe_findings(claim, [Finding("a", "headline", None), Finding("b", "headline", "2026-04-07")])
    'no data for China; b on 2026-04-07'
    """
    found = [finding for finding in findings if finding.scope == HEADLINE]
    if len(found) < 2 or not any(map(_known, found)):
        return describe_finding(found[0]) if found else "–"
    return "; ".join(_labelled(claim.labels.get(finding.key, finding.key), finding) for finding in found)


def describe_finding(finding: Finding) -> str:
    """Value of a finding in words, with its interval.

    Examples
    --------
    >>> describe_finding(Finding("lag", "headline", 4.2, 3.0, 5.0, unit="months"))
    '4.2 months (3 to 5 months)'
    """
    if finding.value is None and finding.low is not None:
        return f"not before {format_value(finding.low, finding.unit)}"
    if finding.value is None and finding.high is not None:
        return f"at most {format_value(finding.high, finding.unit)}"
    text = format_value(finding.value, finding.unit)
    if finding.low is None:
        return text
    return f"{text} ({interval(finding.low, finding.high, finding.unit)})"


def describe_holds(claim: Claim, finding: Finding) -> str:
    """Whether a finding satisfies the claim's relation, in words that say why where it is neither yes nor no.

    Examples
    --------
    >>> claim = Claim("X", "n", "q", "m", relation=">", claimed=0.6)
    >>> describe_holds(claim, Finding("share", "headline", 0.7)), describe_holds(claim, Finding("n", "context", 9))
    ('yes', 'not judged')
    >>> describe_holds(claim, Finding("a", "headline", 0.7, 0.5, 0.9)), describe_holds(claim, Finding("b", "top", None))
    ('cannot be told: the interval has values on both sides', 'no data')
    """
    state = holds(claim, finding)
    if state is not None:
        return "yes" if state else "no"
    if finding.scope == CONTEXT or not claim.relation:
        return "not judged"
    if not _known(finding):
        return "no data"
    return f"cannot be told: {'not yet settled' if finding.value is None else 'the interval has values on both sides'}"


def _claim(name: str, entry: Any) -> Claim:
    try:
        fields: dict[str, Any] = {key: tuple(value) if key == "tables" else value for key, value in entry.items()}
        return Claim(id=name, **fields)
    except (TypeError, AttributeError) as error:
        raise InputError(f"Claim {name} in the register: {str(error).replace('Claim.__init__() ', '')}.") from None


def _check_target(name: str, relation: str, target: Any) -> None:
    if relation not in RELATIONS:
        raise InputError(f"Claim {name}: unknown relation {relation!r}; use {', '.join(RELATIONS)}.")
    if not _is_target(target, relation):
        wanted = {"between": "two ends in order", "within": "a number"}.get(relation, "a number or an ISO date")
        raise InputError(f"Claim {name}: {relation!r} takes as claimed {wanted}; not {target!r}.")


def _is_target(target: Any, relation: str) -> bool:
    """Whether a claimed value is one that the relation can compare with."""
    if relation == "between":
        return (
            isinstance(target, list)
            and len(target) == 2
            and all(_is_target(t, "=") for t in target)
            and isinstance(target[0], str) == isinstance(target[1], str)
            and target == sorted(target)
        )
    if isinstance(target, str):
        return relation != "within" and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", target))
    return isinstance(target, (int, float)) and not isinstance(target, bool) and math.isfinite(target)


def _check_findings(claim: Claim, findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.scope not in (HEADLINE, CONTEXT, *claim.alternatives):
            raise InputError(
                f"Claim {claim.id} has no scope {finding.scope!r} in the register (finding {finding.key})."
            )
        if finding.scope != CONTEXT and isinstance(claim.claimed, Mapping) and finding.key not in claim.claimed:
            raise InputError(f"Claim {claim.id} claims nothing of {finding.key!r} in the register.")
        if finding.scope != CONTEXT and isinstance(claim.tolerance, Mapping) and finding.key not in claim.tolerance:
            raise InputError(f"Claim {claim.id} has no tolerance of {finding.key!r} in the register.")
        if finding.scope != CONTEXT and claim.relation:
            _check_comparable(claim, finding)


def _check_comparable(claim: Claim, finding: Finding) -> None:
    target = _part(claim.claimed, finding.key)
    for value in (finding.value, finding.low, finding.high):
        if value is not None and any(isinstance(value, str) != isinstance(end, str) for end in _ends(target)):
            raise InputError(f"Claim {claim.id}, finding {finding.key}: {value!r} cannot be compared with {target!r}.")


def _widths(tolerance: Any) -> list[Any]:
    return list(tolerance.values()) if isinstance(tolerance, Mapping) else [tolerance]


def _part(given: Any, key: str) -> Any:
    """What a field of a claim says of a finding key: its part where it is given by key, else the same for all."""
    return given[key] if isinstance(given, Mapping) else given


def _settled(claim: Claim, parameters: Mapping[str, Any]) -> Claim:
    """The claim with a number in the place of every tolerance that names a parameter."""
    try:
        widths = [parameters[width] if isinstance(width, str) else width for width in _widths(claim.tolerance)]
    except KeyError as error:
        raise InputError(f"Claim {claim.id}: its tolerance names no parameter {error}.") from None
    by_key = isinstance(claim.tolerance, Mapping)
    return replace(claim, tolerance=dict(zip(claim.tolerance, widths, strict=True)) if by_key else widths[0])


def _ends(target: Any) -> list[Any]:
    return target if isinstance(target, list) else [target]


def _known(finding: Finding) -> bool:
    return any(end is not None for end in (finding.value, finding.low, finding.high))


def _required(claim: Claim, key: str) -> str:
    """What the value of a finding key has to be, in words."""
    relation, unit, target = _part(claim.relation, key), _part(claim.unit, key), _part(claim.claimed, key)
    if relation == "between":
        low, high = target
        return f"{'from ' if isinstance(low, str) else ''}{interval(low, high, unit)}"
    if isinstance(target, str):
        return _DATES[relation].format(target)
    if relation == "within":
        by_key = claim.tolerance if isinstance(claim.tolerance, Mapping) else {}
        width = by_key.get(key, _widths(claim.tolerance)[0])
        return joined(format_value(target, unit), "±", format_value(width, "points" if unit == "change" else unit))
    return f"{_WORDS[relation]}{format_value(target, unit)}"


def _labelled(label: str, finding: Finding) -> str:
    if not _known(finding):
        return f"no data for {label}"
    return f"{label} {'on ' if isinstance(finding.value, str) else ''}{describe_finding(finding)}"


def _state(claim: Claim, findings: list[Finding]) -> str:
    """What the findings of one scope say together; one that fails settles it, whatever the others are."""
    states = [holds(claim, finding) for finding in findings]
    wanted = set(claim.claimed) if isinstance(claim.claimed, Mapping) else set()
    if False in states:
        return NOT_SUPPORTED
    missing = any(f.value is None and state is None for f, state in zip(findings, states, strict=True))
    if not findings or missing or wanted - {finding.key for finding in findings}:
        return NOT_CHECKABLE
    return TOO_CLOSE if None in states else SUPPORTED


def _side(claim: Claim, key: str, value: Value) -> int:
    """-1 below, 0 inside and +1 above the set of values that satisfy the relation."""
    target, relation = _part(claim.claimed, key), _part(claim.relation, key)
    if relation in (">", ">="):
        return -1 if value < target or (value == target and relation == ">") else 0
    if relation in ("<", "<="):
        return 1 if value > target or (value == target and relation == "<") else 0
    low, high = target if relation == "between" else (target, target)
    if relation == "within":
        low, high = target - _part(claim.tolerance, key), target + _part(claim.tolerance, key)
    return int(value > high) - int(value < low)


def _plain(value: Any) -> Value | None:
    """Convert to a JSON value: None for missing, ISO dates for timestamps, four significant digits for floats."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return float(f"{number:.4g}") if math.isfinite(number) else None
    return int(number)
