"""What was found: a value under a reading, the ruling on an assertion, and the verdict on a sentence."""

import html
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import pandas as pd

from analysis import InputError
from analysis.criteria import CONTEXT, CONVEYED, STATED, Kind
from analysis.prose import Value, format_value, interval

MIME = "application/vnd.analysis.verdict+json"
RUN_MIME = "application/vnd.analysis.run+json"
"""What a verdict, and the summary of a notebook, show to machines."""

SUPPORTED = "supported"
PARTLY_SUPPORTED = "partly supported"
HOLDS_ONLY_IF = "holds only if"
OPEN = "open"
TOO_CLOSE = "too close to call"
NOT_CHECKABLE = "not checkable"
NOT_SUPPORTED = "not supported"
VERDICTS = (SUPPORTED, PARTLY_SUPPORTED, HOLDS_ONLY_IF, OPEN, TOO_CLOSE, NOT_CHECKABLE, NOT_SUPPORTED)
"""All verdicts, the one for the sentence first and the one against it last: of several, the weakest is the last."""


@dataclass(frozen=True, repr=False)
class Finding:
    """A measured value under one reading; in text it prints itself with its unit and interval.

    It is judged as measured. What is written has six significant digits: more than the data support, so that what is
    shown, with fewer, is rounded but once. A missing value is None.

    Parameters
    ----------
    key : str
        Name of the finding in ``results.json``.
    reading : str
        ``literal``, another reading of an assertion, or ``context``.
    value : Value or None
        The measured value; None where the data do not reach.
    low, high : Value or None
        Ends of its interval, where it has one.
    label : str
        What a journalist would call it.
    unit : str
        Unit of the three.
    as_of : str
        Last day that its data cover, ISO date; empty where it does not depend on time.
    vintage : str
        When the fit or compilation that it rests on was made, where that is not the data's own day.
    holds : bool or None
        Whether it satisfies the rule of its assertion; None where that is undecided or not judged.

    Raises
    ------
    InputError
        The value does not lie in its interval.

    Examples
    --------
    >>> Finding("lag", "literal", 4.2171, 3.0, 5.0, unit="months")
    4.2 months, 3 to 5 months
    """

    key: str
    reading: str
    value: Value | None
    low: Value | None = None
    high: Value | None = None
    label: str = ""
    unit: str = ""
    as_of: str = ""
    vintage: str = ""
    holds: bool | None = None

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, plain_value(getattr(self, name)))
        object.__setattr__(self, "as_of", plain_value(self.as_of) or "")
        ends = (six_digits(self.low), six_digits(self.value), six_digits(self.high))
        known = [end for end in ends if end is not None]
        if known != sorted(known, key=lambda end: (isinstance(end, str), end)):
            raise InputError(f"Finding {self.key}: {self.value} does not lie between {self.low} and {self.high}.")

    @property
    def rounded(self) -> "Finding":
        """The finding as it is shown and written.

        Examples
        --------
        >>> cost = Finding("cost", "literal", 4811.0449)
        >>> cost.value, cost.rounded.value
        (4811.0449, 4811.04)
        """
        low, high = six_digits(self.low), six_digits(self.high)
        return replace(self, value=six_digits(self.value), low=low, high=high)

    @property
    def is_known(self) -> bool:
        """Whether there is a value, or an end of its interval."""
        return any(end is not None for end in (self.value, self.low, self.high))

    def __str__(self) -> str:
        shown = self.rounded
        low, high = shown.low, shown.high
        if shown.value is None and low is not None and high is not None:
            return interval(low, high, self.unit)
        if shown.value is None and low is not None:
            return f"not before {low}" if isinstance(low, str) else f"{self._words(low)} or more"
        if shown.value is None and high is not None:
            return f"at most {self._words(high)}"
        text = self._words(shown.value)
        if low is None or low == high:
            return text
        return f"{text}, {interval(low, high, self.unit)}"

    __repr__ = __str__

    def _words(self, value: Value | None) -> str:
        return format_value(value, self.unit)


@dataclass(frozen=True)
class Ruling:
    """Verdict on one assertion, with the findings under each reading."""

    name: str
    kind: Kind
    says: str
    verdict: str
    conditions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def words(self) -> str:
        """The verdict with its conditions."""
        return describe_verdict(self.verdict, self.conditions)


@dataclass(frozen=True)
class Verdict:
    """Verdict on a sentence, what is true instead, and the rulings it follows from; it displays itself.

    Its fields are those of a claim in ``results.json``.
    """

    id: str
    quote: str
    verdict: str
    answer: str
    conditions: tuple[str, ...]
    assertions: tuple[Ruling, ...]
    context: tuple[Finding, ...] = ()

    @property
    def rounded(self) -> "Verdict":
        """The verdict with its findings as they are shown and written."""
        rulings = tuple(
            replace(ruling, findings=tuple(finding.rounded for finding in ruling.findings))
            for ruling in self.assertions
        )
        return replace(self, assertions=rulings, context=tuple(finding.rounded for finding in self.context))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those that are judged first."""
        return (*(finding for ruling in self.assertions for finding in ruling.findings), *self.context)

    @property
    def conveyed(self) -> tuple[Ruling, ...]:
        """What the sentence conveys, beside what it states."""
        return tuple(ruling for ruling in self.assertions if ruling.kind == CONVEYED)

    @property
    def conveyed_beside(self) -> tuple[Ruling, ...]:
        """What the sentence conveys, where that is not what the verdict follows from."""
        return tuple(ruling for ruling in self.conveyed if ruling not in self.deciding)

    @property
    def deciding(self) -> tuple[Ruling, ...]:
        """The rulings that the verdict follows from: what is stated, or all where nothing is."""
        return deciding(self.assertions)

    @property
    def measured(self) -> str:
        """What the sentence as written was judged by: the findings with their labels."""
        literal = [ruling.findings[0] for ruling in self.deciding if ruling.findings]
        found = (f"{f.label or f.key}: {f if f.is_known else 'not known'}" for f in literal)
        return "; ".join(found) or "–"

    @property
    def data_to(self) -> str:
        """Last day of the data that the sentence as written is judged by, ISO date; empty where it is not known."""
        return max((ruling.findings[0].as_of for ruling in self.deciding if ruling.findings), default="")

    @property
    def words(self) -> str:
        """The verdict with its conditions."""
        return describe_verdict(self.verdict, self.conditions)

    @property
    def in_short(self) -> str:
        """The verdict with its conditions, and that on what the sentence conveys."""
        beside = [f"conveyed ({ruling.says.rstrip('.')}): {ruling.words}" for ruling in self.conveyed_beside]
        return "; ".join([self.words, *beside])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        beside = [f"Conveyed: {ruling.says} – {ruling.words}" for ruling in self.conveyed]
        plain = [f"{self.id}: {self.words}", *beside, self.answer]
        return {"text/plain": "\n".join(plain), "text/html": _page(self, beside), MIME: asdict(self.rounded)}


def deciding(rulings: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """The rulings that decide on a sentence: what is stated, or all where nothing is."""
    return tuple(ruling for ruling in rulings if ruling.kind == STATED) or rulings


def describe_verdict(verdict: str, conditions: Iterable[str]) -> str:
    """Verdict with its conditions, in words.

    Examples
    --------
    >>> describe_verdict("holds only if", ["a", "b"]), describe_verdict("not checkable", ["a", "b"])
    ('holds only if a; or if b', 'not checkable: a; b')
    >>> describe_verdict("not supported", ["undecided if a"])
    'not supported, but undecided if a'
    """
    conditions = list(conditions)
    if not conditions:
        return verdict
    if verdict == HOLDS_ONLY_IF:
        return f"{verdict} {'; or if '.join(conditions)}"
    return f"{verdict}{', but' if verdict == NOT_SUPPORTED else ':'} {'; '.join(conditions)}"


def describe_holds(finding: Finding) -> str:
    """Whether a finding satisfies its rule, in words that say why where it is neither yes nor no.

    Examples
    --------
    >>> describe_holds(Finding("a", "literal", 0.7, holds=True)), describe_holds(Finding("n", "context", 9))
    ('yes', 'not judged')
    >>> describe_holds(Finding("a", "literal", 0.7, 0.5, 0.9)), describe_holds(Finding("b", "top", None))
    ('cannot be told: the interval has values on both sides', 'no data')
    """
    if finding.holds is not None:
        return "yes" if finding.holds else "no"
    if finding.reading == CONTEXT:
        return "not judged"
    if not finding.is_known:
        return "no data"
    return f"cannot be told: {'not yet settled' if finding.value is None else 'the interval has values on both sides'}"


def plain_value(value: object) -> Value | None:
    """Convert to a JSON value: None for missing, ISO dates for timestamps, plain numbers for those of numpy.

    A float keeps twelve significant digits: 3.0 / 0.3 is to be as large as 10.
    """
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # NaN differs from itself
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return float(f"{number:.12g}") if math.isfinite(number) else None
    if isinstance(number, int):
        return number
    raise InputError(f"A finding takes a number, a date or nothing; not {value!r}.")


def six_digits(value: Value | None) -> Value | None:
    """A float with six significant digits; all else as it is.

    Examples
    --------
    >>> six_digits(0.61846054), six_digits(123_456), six_digits("2026-05-25")
    (0.618461, 123456, '2026-05-25')
    """
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _page(verdict: Verdict, beside: Iterable[str]) -> str:
    """The verdict as HTML: quote, verdict, what is true instead, and every reading with its value."""
    rows = [
        {
            "reading": _reading_words(verdict, ruling, finding),
            "found": str(finding),
            "holds": describe_holds(finding),
        }
        for ruling in verdict.assertions
        for finding in ruling.findings
    ]
    table = pd.DataFrame(rows, columns=["reading", "found", "holds"]).map(html.escape)
    head = [
        f"<blockquote>“{html.escape(verdict.quote)}”</blockquote>",
        f"<p><strong>{html.escape(verdict.answer)}</strong></p>" if verdict.answer else "",
        f"<p>{html.escape(verdict.id)}: <strong>{html.escape(verdict.words)}</strong></p>",
        *(f"<p>{html.escape(text)}</p>" for text in beside),
    ]
    shown = table.to_html(index=False, escape=False, border=0, justify="left").replace(
        "<td>", '<td style="text-align: left">'
    )
    return "\n".join(["<div class='mathjax_ignore'>", *filter(None, head), shown if rows else "", "</div>"])


def _reading_words(verdict: Verdict, ruling: Ruling, finding: Finding) -> str:
    """Label of a finding, or its key where the register gives none, behind the assertion where there are several."""
    name = finding.label or finding.key
    return f"{ruling.says.rstrip('.')}: {name}" if len(verdict.assertions) > 1 else name
