"""Small charts of the pages as SVG: findings under each reading against what is claimed."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import jinja2
import pandas as pd

from analysis.criteria import LITERAL, SAME, Criterion, half_width, required
from analysis.findings import Finding, Ruling, describe_holds
from analysis.prose import Value

WIDTH = 380
"""Width of a drawing in its own units: its text stays legible at the width of a telephone."""

_EDGE, _LINE, _STRIP, _GAP = 8.0, 17, 20, 16
_LETTERS = 45
"""Letters that fit in a line."""

_LEAST_DAYS = 60
"""Least length of an axis of days."""

_FAR = 0.5
"""Part of the largest value below which the smallest must lie for the axis to begin at zero."""


class Point(NamedTuple):
    """A finding in a drawing, and what stands above it."""

    lines: tuple[str, ...]
    value: str
    holds: str
    kind: str
    top: float
    x: float | None
    low: float | None
    high: float | None

    @property
    def said(self) -> tuple[str, ...]:
        """Value and whether it holds, in one line where both fit."""
        together = f"{self.value}: {self.holds}"
        return (together,) if len(together) <= _LETTERS else (self.value, self.holds)

    @property
    def rows(self) -> int:
        """Lines that stand above it."""
        return len(self.lines) + len(self.said)


@dataclass(frozen=True)
class Chart:
    """Findings of an assertion on one axis, with the part of it in which the assertion holds.

    Parameters
    ----------
    head : tuple of str
        What the shaded part is, in lines.
    claimed : str
        The same in a few words.
    text : str
        What it shows, for those who do not see it.
    points : tuple of Point
        One a finding.
    shaded : tuple of pair of float
        Parts of the axis in which the assertion holds, from and to.
    height : float
        Height of the drawing in its own units.
    """

    head: tuple[str, ...]
    claimed: str
    text: str
    points: tuple[Point, ...]
    shaded: tuple[tuple[float, float], ...]
    height: float
    width: int = WIDTH


@cache
def templates() -> jinja2.Environment:
    """Templates of the pages and of what is drawn in them."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("analysis.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def chart(ruling: Ruling, criterion: Criterion, shown: Iterable[Finding] = ()) -> Chart | None:
    """Findings of an assertion against what is claimed; None where nothing can be drawn.

    Parameters
    ----------
    ruling : Ruling
        What was found.
    criterion : Criterion
        The test, with the run's parameters in its texts.
    shown : iterable of Finding
        Findings that are not judged: a threshold may be among them.

    Examples
    --------
    >>> from analysis.criteria import Reading
    >>> rule = Criterion("a", "stated", "Over 60%.", "", (Reading("literal", "k", "share", "share"),), ">", 0.6)
    >>> found = Finding("k", "literal", 0.454, label="share of all", unit="share", holds=False)
    >>> drawn = chart(Ruling("a", "stated", "Over 60%.", "not supported", findings=(found,)), rule)
    >>> drawn.text
    'It holds if that is more than 60.0%. share of all: 45.4%, does not hold.'
    """
    unit = criterion.readings[0].unit if criterion.readings else ""
    found = [finding for finding in ruling.findings if finding.unit == unit and finding.is_known]
    region = holds_in(criterion, shown)
    if not found or region is None:
        return None
    is_dated = any(isinstance(end, str) for finding in found for end in (finding.value, finding.low, finding.high))
    axis = _axis([*_numbers(found), *(end for end in region if end is not None)], _LEAST_DAYS if is_dated else 0)
    head = textwrap.wrap(f"It holds in the shaded part: {required(criterion)}.", _LETTERS)
    top, points = float(len(head) * _LINE + 10), []
    for finding in found:
        points.append(_point(finding, top, axis))
        top += points[-1].rows * _LINE + _STRIP + _GAP
    words = [f"{_named(finding)}: {finding}, {_holds(finding)}." for finding in found]
    text = " ".join([f"It holds if that is {required(criterion)}.", *words])
    return Chart(tuple(head), required(criterion), text, tuple(points), _shaded(region, axis), top)


def holds_in(criterion: Criterion, shown: Iterable[Finding] = ()) -> tuple[float | None, float | None] | None:
    """Ends of the range in which a test holds, None for an open one; None where there is no number or date to it."""
    target: object = criterion.target
    if criterion.threshold:
        target = next((f.value for f in shown if f.key == criterion.threshold.key), None)
    width = half_width(criterion, LITERAL)
    if isinstance(target, tuple):
        around = 0 if isinstance(target[0], str) else width  # what rounds to an end holds; a day is a day
        return _number(target[0]) - around, _number(target[1]) + around
    if not isinstance(target, (int, float, str)):
        return None
    at = _number(target)
    if criterion.relation in ("=", SAME):
        return at - width, at + width
    if criterion.relation in (">", ">="):
        return at - width if criterion.tolerance else at, None
    return None, at + width if criterion.tolerance else at


def draw(template: str, **shown: object) -> str:
    """A drawing as a file of its own."""
    return templates().get_template(template).render(shown)


class _Axis(NamedTuple):
    low: float
    high: float

    def x(self, value: float) -> float:
        """Place of a value, in units of the drawing."""
        part = (value - self.low) / (self.high - self.low)
        return round(_EDGE + min(max(part, 0), 1) * (WIDTH - 2 * _EDGE), 1)


def _axis(values: Sequence[float], least: float = 0) -> _Axis:
    """An axis from zero where the values lie far apart, else one around them: what nearly touches looks so.

    It spans half of the largest value at least, or so much as ``least`` says.
    """
    low, high = min(values), max(values)
    if low >= 0 and low < _FAR * high:
        return _Axis(0, high * 1.08)
    span = max(high - low, least or abs(high) / 2 or 1)
    return _Axis((low + high) / 2 - 0.75 * span, (low + high) / 2 + 0.75 * span)


def _shaded(region: tuple[float | None, float | None], axis: _Axis) -> tuple[tuple[float, float], ...]:
    low, high = region
    first = _EDGE if low is None else axis.x(low)
    last = WIDTH - _EDGE if high is None else axis.x(high)
    return ((min(first, last - 2), max(last, first + 2)),)


def _point(finding: Finding, top: float, axis: _Axis) -> Point:
    ends = [None if end is None else axis.x(_number(end)) for end in (finding.value, finding.low, finding.high)]
    x, low, high = ends
    if low is not None and high is None and finding.value is None:
        high = WIDTH - _EDGE  # that or more: open to the right
    holds = _holds(finding)
    kind = {True: "good", False: "bad", None: "unsure"}[finding.holds]
    return Point(tuple(textwrap.wrap(_named(finding), _LETTERS)), str(finding), holds, kind, top, x, low, high)


def _named(finding: Finding) -> str:
    return finding.label or finding.key


def _holds(finding: Finding) -> str:
    if finding.holds is None:
        return describe_holds(finding).partition(":")[0]
    return "holds" if finding.holds else "does not hold"


def _numbers(found: Iterable[Finding]) -> list[float]:
    return [_number(end) for f in found for end in (f.value, f.low, f.high) if end is not None]


def _number(value: Value) -> float:
    """A number, or the day of an ISO date."""
    return float(pd.Timestamp(value).toordinal()) if isinstance(value, str) else float(value)
