"""Claims as the register holds them: what a sentence asserts, and the test that each assertion is put to.

A sentence says one or more things. Each is an assertion with a test of its own, a ``Criterion``, and is either stated
(a figure or a fact that the sentence gives) or conveyed (what it is there to make a reader believe).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from analysis import InputError
from analysis.prose import Value, format_value, interval, joined

LITERAL = "literal"
CONTEXT = "context"
STATED = "stated"
CONVEYED = "conveyed"
PRIMARY = "primary"
SECONDARY = "secondary"
NO_ORIGIN = "The article itself names no source for this sentence."
SAME = "same"
"""Relation of two things that are the same within the tolerance; a difference that is shown and larger refutes it."""
RELATIONS = (">", ">=", "<", "<=", "=", SAME, "between")

_WORDS = {">": "more than ", ">=": "at least ", "<": "less than ", "<=": "at most ", "=": "", SAME: ""}
_DATES = {
    ">": "after {}",
    ">=": "on {} or later",
    "<": "before {}",
    "<=": "on {} or earlier",
    "=": "on {}",
    SAME: "on {}",
}

Kind = Literal["stated", "conveyed"]
Target = Value | tuple[Value, Value] | None


@dataclass(frozen=True)
class Reading:
    """A way to read an assertion: the finding that answers it, and the condition that it adds.

    Parameters
    ----------
    name : str
        ``literal`` for the sentence as written, ``context`` for what is shown and not judged.
    key : str
        Key of the finding.
    label : str
        What a journalist would call the finding.
    unit : str
        Unit of the finding, as ``prose.format_value`` knows them.
    condition : str
        Under which the sentence is then read; empty for the literal reading.
    tolerance : float, str or None
        Half width that takes the place of the assertion's own, where the unit is another.
    """

    name: str
    key: str
    label: str
    unit: str = ""
    condition: str = ""
    tolerance: float | str | None = None


@dataclass(frozen=True)
class Criterion:
    """One assertion of a sentence, and the test it is put to.

    Parameters
    ----------
    name : str
        Short name, unique in its claim.
    kind : str
        ``stated`` or ``conveyed``.
    says : str
        What is asserted, in a plain sentence.
    measure : str
        What is measured, in a sentence.
    readings : tuple of Reading
        The literal one first.
    relation : str
        One of ``RELATIONS``; empty where nothing can be tested.
    target : Value or pair of Value
        The claimed value; for ``between`` the two ends.
    threshold : Reading or None
        The context finding that is the target, where the data give it and not the sentence.
    precision : float
        Last place with which the figure is stated, in its unit: half of it lies within what is said.
    tolerance : float or str
        Half width where more than the precision is allowed; a parameter's name where the reader sets it.
    because : str
        Why more is allowed.
    would_need : str
        What would decide it, where no public data do.
    open : str
        What it waits for, where it is a forecast.

    Raises
    ------
    InputError
        The kind or relation is unknown, the target does not fit it, or there is neither a test nor a reason for none.
    """

    name: str
    kind: Kind
    says: str
    measure: str = ""
    readings: tuple[Reading, ...] = ()
    relation: str = ""
    target: Target = None
    threshold: Reading | None = None
    precision: float = 0.0
    tolerance: float | str = 0.0
    because: str = ""
    would_need: str = ""
    open: str = ""

    @property
    def ends(self) -> tuple[Value, ...]:
        """The claimed value, or the two ends of what is claimed; nothing where the sentence claims no value."""
        if self.target is None:
            return ()
        return self.target if isinstance(self.target, tuple) else (self.target,)

    def __post_init__(self) -> None:
        if self.kind not in (STATED, CONVEYED):
            raise InputError(f"Assertion {self.name}: kind is stated or conveyed; not {self.kind!r}.")
        if not (self.relation or self.would_need or self.open):
            raise InputError(f"Assertion {self.name}: give a relation, or what it would need, or what it is open for.")
        if self.would_need and self.relation:
            raise InputError(f"Assertion {self.name}: give a relation, or what data it would need; one of the two.")
        if self.relation:
            if self.threshold is None:
                _check_target(self.name, self.relation, self.target)
            _check_width(self.name, self.tolerance, self.because)
        names = [reading.name for reading in self.readings]
        if bool(self.relation) != (names[:1] == [LITERAL]) or len(set(names)) < len(names) or CONTEXT in names:
            raise InputError(f"Assertion {self.name}: a test has one literal finding, and each other reading one.")


@dataclass(frozen=True)
class Origin:
    """Who is known to have made a claim before the article did, and where.

    Parameters
    ----------
    who : str
        Person, organisation or publication.
    said : str
        What they say, in a phrase that follows their name.
    source : str
        Where that stands.
    kind : str
        ``primary``: the source is their own; ``secondary``: others report it.
    path : str
        Address of the source, where there is one.

    Raises
    ------
    InputError
        The kind is unknown.

    Examples
    --------
    >>> Origin("An investor", "called it likely", "a magazine", "secondary").sentence
    'An investor called it likely (a magazine; known here second-hand).'
    """

    who: str
    said: str
    source: str
    kind: str
    path: str = ""

    def __post_init__(self) -> None:
        if self.kind not in (PRIMARY, SECONDARY):
            raise InputError(f"origin: kind is {PRIMARY} or {SECONDARY}; not {self.kind!r}.")

    @property
    def sentence(self) -> str:
        """The origin in words, marked where it is known second-hand."""
        second_hand = "; known here second-hand" if self.kind == SECONDARY else ""
        return f"{self.who} {self.said} ({self.source}{second_hand})."


@dataclass(frozen=True)
class Objection:
    """The strongest thing to be said against a claim's rule or against what comes of it, and the answer.

    Parameters
    ----------
    says : str
        What the author of the text, or one who doubts the verdict, would object.
    answer : str
        What there is to say to it, and where it is right.
    """

    says: str
    answer: str


@dataclass(frozen=True)
class Grid:
    """Settings under which a claim can as well be measured, each with each; declared before any is.

    Parameters
    ----------
    assertion, reading : str
        What is read off each run.
    settings : dict
        Parameter of the notebook to its values.
    """

    assertion: str
    reading: str
    settings: Mapping[str, tuple[object, ...]]


@dataclass(frozen=True)
class Claim:
    """A sentence of the article, and what it asserts.

    Parameters
    ----------
    id : str
        Stable id such as ``S1``.
    notebook : str
        Name of the notebook that tests it.
    quote : str
        Verbatim from the article.
    assertions : tuple of Criterion
        What it states and conveys.
    context : tuple of Reading
        Findings that are shown and not judged.
    tables : tuple of str
        Tables of the data package that its findings rest on.
    at : dict
        Numbers of the quote that the measure needs beside the claimed ones, such as a level of price.
    origin : Origin or None
        Who made the claim before the article did, where that is known.
    title : str
        A few words of the quote, where the claim stands for its notebook on the first page.
    objection : Objection or None
        The strongest objection with its answer, where one is written down.
    specifications : tuple of Grid
        Settings of its specification curve; empty where it has none.
    """

    id: str
    notebook: str
    quote: str
    assertions: tuple[Criterion, ...]
    context: tuple[Reading, ...] = ()
    tables: tuple[str, ...] = ()
    at: Mapping[str, float] = field(default_factory=dict)
    origin: Origin | None = None
    title: str = ""
    objection: Objection | None = None
    specifications: tuple[Grid, ...] = ()

    def __getitem__(self, name: str) -> Criterion:
        """Assertion of a name."""
        return {criterion.name: criterion for criterion in self.assertions}[name]

    @property
    def came_from(self) -> str:
        """Who said it before, in a sentence."""
        return self.origin.sentence if self.origin else NO_ORIGIN

    @property
    def expected(self) -> list[Reading]:
        """Every finding that the claim asks for, judged or shown; one that several assertions share, once."""
        asked = [reading for criterion in self.assertions for reading in criterion.readings]
        first = {(reading.key, reading.name): reading for reading in reversed([*asked, *self.context])}
        return list(reversed(first.values()))


def settled(claim: Claim, parameters: Mapping[str, object]) -> Claim:
    """The claim with the run's parameters in its texts, and a number for every tolerance that names one.

    Raises
    ------
    InputError
        A text or a tolerance names a parameter that is not given.

    Examples
    --------
    >>> top = Reading("literal", "share", "share of the {n} largest")
    >>> rule = Criterion("a", "stated", "Over 60 %.", readings=(top,), relation=">", target=0.6)
    >>> settled(Claim("X", "n", "q", (rule,)), {"n": 9})["a"].readings[0].label
    'share of the 9 largest'
    """
    try:
        return replace(
            claim,
            assertions=tuple(_criterion_with(criterion, parameters) for criterion in claim.assertions),
            context=tuple(_reading_with(reading, parameters) for reading in claim.context),
        )
    except KeyError as error:
        known = ", ".join(parameters)
        raise InputError(f"Claim {claim.id}: no parameter is called {error}; there are {known}.") from None
    except ValueError as error:  # a text written as a number
        raise InputError(f"Claim {claim.id}: a parameter in braces is not written so ({error}).") from None


def required(criterion: Criterion) -> str:
    """What the literal finding has to be, in words.

    Examples
    --------
    >>> share = Reading("literal", "share", "", "share")
    >>> required(Criterion("a", "stated", "s", readings=(share,), relation=">", target=0.6))
    'more than 60.0%'
    >>> months = replace(share, unit="months")
    >>> required(Criterion("a", "stated", "s", readings=(months,), relation="between", target=(3, 6)))
    '3 to 6 months'
    >>> required(Criterion("a", "stated", "s", readings=(months,), relation="between", target=(3, 6), precision=1))
    '3 to 6 ± 0.5 months'
    """
    relation, target = criterion.relation, criterion.target
    if criterion.threshold:
        return f"{_WORDS[relation]}the {criterion.threshold.label}"
    if not relation or target is None:
        return "–"
    unit = criterion.readings[0].unit
    if isinstance(target, tuple):
        if isinstance(target[0], str):
            return f"from {interval(target[0], target[1], unit)}"
        return _with_margin(interval(target[0], target[1], unit), criterion)
    if isinstance(target, str):
        return _DATES[relation].format(target)
    words = format_value(target, unit)
    has_margin = relation in ("=", SAME) or criterion.tolerance
    return _WORDS[relation] + (_with_margin(words, criterion) if has_margin else words)


def _with_margin(words: str, criterion: Criterion) -> str:
    """A target in words, with how far beside it still counts."""
    unit, width = criterion.readings[0].unit, half_width(criterion, LITERAL)
    return joined(words, "±", format_value(width, "points" if unit == "change" else unit)) if width else words


def half_width(criterion: Criterion, reading: str) -> float:
    """Half width around the target: the reading's tolerance, the assertion's, or half of the last stated place."""
    own = next((r.tolerance for r in criterion.readings if r.name == reading), None)
    width = criterion.tolerance if own is None else own
    return float(width) or criterion.precision / 2


def less(first: Value, second: Value) -> bool:
    """Whether a value is the smaller one; both are numbers or both dates, as ``_check_comparable`` has seen."""
    if isinstance(first, str) or isinstance(second, str):
        return str(first) < str(second)
    return first < second


def _check_target(name: str, relation: str, target: Target) -> None:
    if relation not in RELATIONS:
        raise InputError(f"Assertion {name}: unknown relation {relation!r}; use {', '.join(RELATIONS)}.")
    ends = target if isinstance(target, tuple) else (target,)
    fits = all(map(_is_target, ends)) and len({isinstance(end, str) for end in ends}) == 1
    if relation == "between":
        fits = fits and len(ends) == 2 and not less(ends[1] or 0, ends[0] or 0)
    if not fits or (relation != "between" and isinstance(target, tuple)):
        wanted = "two ends in order" if relation == "between" else "a number or an ISO date"
        raise InputError(f"Assertion {name}: {relation!r} takes as target {wanted}; not {target!r}.")


def _is_target(value: Value | None) -> bool:
    if isinstance(value, str):
        return pd.notna(pd.to_datetime(value, format="%Y-%m-%d", errors="coerce"))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_width(name: str, width: float | str, because: str) -> None:
    if not isinstance(width, str) and not (isinstance(width, (int, float)) and width >= 0):
        raise InputError(f"Assertion {name}: tolerance must be a number of at least 0; not {width!r}.")
    if width and not because:
        raise InputError(f"Assertion {name}: a tolerance needs a because.")


def _criterion_with(criterion: Criterion, parameters: Mapping[str, object]) -> Criterion:
    width = criterion.tolerance
    return replace(
        criterion,
        says=criterion.says.format(**parameters),
        measure=criterion.measure.format(**parameters),
        readings=tuple(_reading_with(reading, parameters) for reading in criterion.readings),
        threshold=_reading_with(criterion.threshold, parameters) if criterion.threshold else None,
        tolerance=_set_by_reader(width, parameters) if isinstance(width, str) else width,
    )


def _reading_with(reading: Reading, parameters: Mapping[str, object]) -> Reading:
    width = reading.tolerance
    return replace(
        reading,
        label=reading.label.format(**parameters),
        condition=reading.condition.format(**parameters),
        tolerance=_set_by_reader(width, parameters) if isinstance(width, str) else width,
    )


def _set_by_reader(name: str, parameters: Mapping[str, object]) -> float:
    """Half width that a parameter gives; where its name ends in ``_points``, in percentage points."""
    value = parameters[name]
    if not isinstance(value, (int, float)):
        raise InputError(f"A tolerance takes a parameter that is a number; {name} is {value!r}.")
    return value / 100 if name.endswith("_points") else float(value)
