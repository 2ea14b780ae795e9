"""A claim under test: it takes findings as they are made, and the rule makes a verdict of them.

Only what a sentence states decides the verdict on it; what it conveys gets a verdict beside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis import InputError
from analysis.criteria import CONTEXT, LITERAL, SAME, Claim, Criterion, Reading, half_width, less
from analysis.findings import (
    HOLDS_ONLY_IF,
    NOT_CHECKABLE,
    NOT_SUPPORTED,
    OPEN,
    PARTLY_SUPPORTED,
    SUPPORTED,
    TOO_CLOSE,
    VERDICTS,
    Finding,
    Ruling,
    Verdict,
    deciding,
    describe_verdict,
    plain_value,
)
from analysis.prose import Value

NO_DATA = "the data published by this date do not cover it"


class Case:
    """A claim under test: it takes findings as they are made, and gives the verdict.

    Parameters
    ----------
    claim : Claim
        With its parameters filled in, see ``settled``.
    as_of : str
        The day that the run judges by.

    Examples
    --------
    >>> literal, top = Reading("literal", "share", "share"), Reading("top", "share_top", "", "", "only 9 count")
    >>> rule = Criterion("share", "stated", "Over 60 %.", readings=(literal, top), relation=">", target=0.6)
    >>> case = Case(Claim("X", "n", "q", (rule,)), "2026-05-25")
    >>> case.find("share", 0.5), case.find("share_top", 0.7, reading="top")
    (0.5, 0.7)
    >>> case.verdict("It is half.").words
    'holds only if only 9 count'
    """

    def __init__(self, claim: Claim, as_of: str) -> None:
        self.claim, self.as_of = claim, as_of
        self.result: Verdict | None = None
        self._found: dict[tuple[str, str], Finding] = {}

    def find(
        self,
        key: str,
        value: Value | None,
        low: Value | None = None,
        high: Value | None = None,
        *,
        reading: str = LITERAL,
        as_of: str | pd.Timestamp | None = None,
        vintage: str = "",
    ) -> Finding:
        """Take down a finding; its label and unit are the register's.

        Parameters
        ----------
        key, reading : str
            Its key in the register, and the reading that it answers; a key of the context needs none.
        value, low, high : Value or None
            The value and the ends of its interval.
        as_of : str or Timestamp, optional
            Last day that its data cover; the day that the run judges by, where none is given.
        vintage : str
            When the fit or compilation that it rests on was made.

        Raises
        ------
        InputError
            The register does not ask for it, or its value cannot be compared with what is claimed.
        """
        asked = {(r.key, r.name): r for r in self.claim.expected}
        known = asked.get((key, reading)) or (asked.get((key, CONTEXT)) if reading == LITERAL else None)
        if known is None:
            raise InputError(f"Claim {self.claim.id} asks for no finding {key!r} in the reading {reading!r}.")
        day = self.as_of if as_of is None else as_of
        finding = Finding(
            key, known.name, value, low, high, known.label, known.unit, str(plain_value(day) or ""), vintage
        )
        self._found[key, known.name] = finding
        return finding

    def verdict(self, answer: str) -> Verdict:
        """Judge the claim by what was found.

        Parameters
        ----------
        answer : str
            What is true instead, in one or two plain sentences.

        Raises
        ------
        InputError
            A finding that the register asks for was not made.
        """
        for asked in self.claim.expected:
            if (asked.key, asked.name) not in self._found:
                raise InputError(
                    f"Claim {self.claim.id} has no finding {asked.key!r} in the reading {asked.name!r}: "
                    f"{self.claim.notebook} gives it with find before verdict."
                )
        self.result = judge(self.claim, self._found.values(), answer)
        return self.result


def judge(claim: Claim, findings: Iterable[Finding], answer: str = "") -> Verdict:
    """Verdict on a claim by the rules of its assertions and nothing else.

    Supported where all stated assertions are, partly supported where some are, else as the weakest of them.

    Parameters
    ----------
    claim : Claim
        With its parameters filled in.
    findings : iterable of Finding
        One for each reading of each assertion.
    answer : str
        What is true instead.

    Raises
    ------
    InputError
        A value cannot be compared with the claimed one.
    """
    found = {(finding.key, finding.reading): finding for finding in findings}
    rulings = tuple(_rule(claim, _with_threshold(criterion, found), found) for criterion in claim.assertions)
    context = tuple(f for f in (found.get((r.key, r.name)) for r in claim.context) if f)
    verdict, conditions = _together(deciding(rulings))
    return Verdict(claim.id, claim.quote, verdict, answer, conditions, rulings, context)


def holds(criterion: Criterion, finding: Finding) -> bool | None:
    """Whether a finding satisfies an assertion's rule; None where its interval straddles the threshold.

    Also None for a missing value. A finding with an interval satisfies the rule where the whole interval does. One with
    a missing value but an end of its interval (something has not happened by a date) fails or holds where that end
    settles it. Two things are not the same where a difference is shown (the interval leaves the target out) and the
    value lies outside the tolerance, also where the interval reaches into it.

    Examples
    --------
    >>> over = Criterion("a", "stated", "s", readings=(Reading("literal", "x", ""),), relation=">", target=0.6)
    >>> holds(over, Finding("x", "literal", 0.7)), holds(over, Finding("x", "literal", 0.7, 0.5, 0.9))
    (True, None)
    >>> february = replace(over, relation="between", target=("2026-02-01", "2026-02-28"))
    >>> holds(february, Finding("x", "literal", None, low="2026-03-09"))
    False
    """
    if criterion.target is None or not finding.is_known:
        return None
    least, most = _bounds(criterion, finding.reading)
    low = finding.value if finding.low is None else finding.low
    high = finding.value if finding.high is None else finding.high
    strict = criterion.relation in ("<", ">")
    below = -1 if low is None and least is not None else _side(low, least, most, strict)
    above = 1 if high is None and most is not None else _side(high, least, most, strict)
    if below == above:
        return below == 0
    return False if criterion.relation == SAME and _is_shown_apart(criterion, finding) else None


def _is_shown_apart(criterion: Criterion, finding: Finding) -> bool:
    """Whether the value lies outside the tolerance, and the whole interval on one side of the target."""
    target, low, high = criterion.target, finding.low, finding.high
    if isinstance(target, tuple) or target is None or low is None or high is None:
        return False
    outside = _side(finding.value, *_bounds(criterion, finding.reading), strict=False) != 0
    return outside and (less(target, low) or less(high, target))


def _rule(claim: Claim, criterion: Criterion, found: Mapping[tuple[str, str], Finding]) -> Ruling:
    """Verdict on one assertion."""
    named = {reading: found.get((reading.key, reading.name)) for reading in criterion.readings}
    given = {reading: finding for reading, finding in named.items() if finding}
    for reading, finding in given.items():
        _check_comparable(claim, criterion, finding)
        given[reading] = replace(finding, holds=holds(criterion, finding))
    verdict, conditions = _verdict_of(criterion, list(given.items()))
    return Ruling(criterion.name, criterion.kind, criterion.says, verdict, conditions, tuple(given.values()))


def _with_threshold(criterion: Criterion, found: Mapping[tuple[str, str], Finding]) -> Criterion:
    """The assertion with a found threshold as its target, where the data and not the sentence give it."""
    if criterion.threshold is None:
        return criterion
    threshold = found.get((criterion.threshold.key, CONTEXT))
    return replace(criterion, target=threshold.value) if threshold else criterion


def _verdict_of(criterion: Criterion, given: Sequence[tuple[Reading, Finding]]) -> tuple[str, tuple[str, ...]]:
    """Verdict on an assertion from its judged findings, and its conditions or its reason."""
    if criterion.would_need:
        return NOT_CHECKABLE, (f"it would take {criterion.would_need}",)
    if criterion.relation and criterion.target is None:
        return NOT_CHECKABLE, (NO_DATA,)
    literal = next((finding for reading, finding in given if reading.name == LITERAL), None)
    if criterion.open and (literal is None or not literal.is_known):
        return OPEN, (criterion.open,)
    if literal is not None and literal.holds:
        return SUPPORTED, ()
    if met := tuple(reading.condition for reading, finding in given if finding.holds and reading.name != LITERAL):
        return HOLDS_ONLY_IF, met
    if literal is None or (literal.value is None and literal.holds is None):
        return NOT_CHECKABLE, (NO_DATA,)
    return (TOO_CLOSE, ()) if literal.holds is None else (NOT_SUPPORTED, _untold(given))


def _untold(given: Sequence[tuple[Reading, Finding]]) -> tuple[str, ...]:
    """What is to be said beside "not supported": the readings under which the data allow both."""
    untold = [reading.condition for reading, finding in given if finding.holds is None and finding.is_known]
    return (f"undecided if {'; or if '.join(untold)}",) if untold else ()


def _together(rulings: tuple[Ruling, ...]) -> tuple[str, tuple[str, ...]]:
    """Verdict on a sentence from those on its assertions."""
    given = [ruling.verdict for ruling in rulings]
    if SUPPORTED in given and set(given) != {SUPPORTED}:
        return PARTLY_SUPPORTED, tuple(f"{ruling.says.rstrip('.')}: {_in_brief(ruling)}" for ruling in rulings)
    weakest = max(given, key=VERDICTS.index)
    same = [ruling for ruling in rulings if ruling.verdict == weakest]
    if weakest == HOLDS_ONLY_IF and len(same) > 1:
        return weakest, _shared_conditions(same)
    if weakest == NOT_SUPPORTED and len(rulings) > 1:  # what is untold of one is not untold of the sentence
        return weakest, tuple(f"“{ruling.says.rstrip('.')}” is {text}" for ruling in same for text in ruling.conditions)
    return weakest, tuple(dict.fromkeys(condition for ruling in same for condition in ruling.conditions))


def _in_brief(ruling: Ruling) -> str:
    """Verdict on an assertion, without the reason why it cannot be checked."""
    return describe_verdict(ruling.verdict, () if ruling.verdict in (NOT_CHECKABLE, OPEN) else ruling.conditions)


def _shared_conditions(rulings: Sequence[Ruling]) -> tuple[str, ...]:
    """Conditions under which every assertion holds; where there is none, one that names those of each assertion."""
    met = [[f.reading for f in ruling.findings if f.holds and f.reading != LITERAL] for ruling in rulings]
    conditions = dict(zip(met[0], rulings[0].conditions, strict=True))
    shared = [name for name in met[0] if all(name in names for names in met[1:])]
    if shared:
        return tuple(conditions[name] for name in shared)
    own = [f"{' or '.join(ruling.conditions)} (for “{ruling.says.rstrip('.')}”)" for ruling in rulings]
    return (", and ".join(own),)


def _bounds(criterion: Criterion, reading: str) -> tuple[Value | None, Value | None]:
    """Least and most that satisfy the rule; None where there is no such end."""
    target = criterion.target
    least: Value | None
    most: Value | None
    if isinstance(target, tuple):
        least, most = target
    else:
        least = target if criterion.relation in (">", ">=", "=", SAME) else None
        most = target if criterion.relation in ("<", "<=", "=", SAME) else None
    bounded = criterion.relation not in ("=", SAME, "between") and not criterion.tolerance
    if isinstance(least, str) or isinstance(most, str) or bounded:  # "at least" and "over" have no precision
        return least, most
    # what is stated with a last place is met by all that round to it; the last digits of a float do not count
    width = half_width(criterion, reading) * (1 + 1e-9)
    return (None if least is None else least - width), (None if most is None else most + width)


def _side(value: Value | None, least: Value | None, most: Value | None, strict: bool) -> int:
    """-1 below, 0 inside and +1 above what satisfies the rule; a missing end lies inside."""
    if value is None:
        return 0
    if least is not None and (less(value, least) or (strict and value == least)):
        return -1
    if most is not None and (less(most, value) or (strict and value == most)):
        return 1
    return 0


def _check_comparable(claim: Claim, criterion: Criterion, finding: Finding) -> None:
    ends = criterion.target if isinstance(criterion.target, tuple) else (criterion.target,)
    for value in (finding.value, finding.low, finding.high):
        if value is not None and any(isinstance(value, str) != isinstance(end, str) for end in ends):
            raise InputError(
                f"Claim {claim.id}, finding {finding.key}: {value!r} cannot be compared with {criterion.target!r}."
            )
