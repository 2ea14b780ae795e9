"""Findings of many runs: as a tidy table, and drawn over the parameter that was swept."""

import functools
import io
import itertools
import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import figures
from analysis.criteria import CONTEXT, LITERAL, Claim
from analysis.figures import VERDICT_COLOURS
from analysis.findings import Finding
from analysis.parameters import written
from analysis.prose import Value
from analysis.run.records import Record

COLUMNS = [
    *("claim", "verdict", "assertion", "assertion_verdict", "finding", "reading", "label"),
    *("value", "low", "high", "unit", "data_to", "vintage", "holds"),
]
"""Columns of a row of the table, after ``run``, ``notebook`` and a column for each parameter."""

_READINGS = {LITERAL: "as written", CONTEXT: "shown, not judged"}
_UNITS = {"share": "%", "change": "%", "points": "percentage points", "tokens": "trillion tokens", "rank": "place"}
_LINES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#595959"]
_MARKERS = "o^sDv"
_WIDTH, _STRIP, _PANEL, _GAP, _FOOT, _TOP = 8.0, 0.24, 1.4, 0.42, 0.55, 0.2  # inches


@dataclass(frozen=True)
class Curve:
    """Verdicts and findings of one claim over a parameter.

    Parameters
    ----------
    claim : Claim
        The claim.
    picture : str
        The drawing, SVG.
    text : str
        What it shows, for those who do not see it.
    counts : dict
        Verdict to the number of runs that came to it.
    """

    claim: Claim
    picture: str
    text: str
    counts: Mapping[str, int]


def table(records: Iterable[Record]) -> pd.DataFrame:
    """Findings of runs, a row a finding a run.

    Parameters
    ----------
    records : iterable of Record
        A run that failed has no findings and so no row.

    Returns
    -------
    DataFrame
        Columns run, notebook, one for each parameter of any of the runs, and ``COLUMNS``.
    """
    rows = [row for record in records for row in _rows(record)]
    names = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    return pd.DataFrame(rows, columns=[*(names or ["run", "notebook"]), *COLUMNS], dtype=object)


def _rows(record: Record) -> list[dict[str, object]]:
    """Rows of the table for one run."""
    rows: list[dict[str, object]] = []
    run: dict[str, object] = {"run": record.folder, "notebook": record.notebook}
    run |= {name: written(value) for name, value in record.parameters.items()}
    for verdict in record.claims:
        about = run | {"claim": verdict.id, "verdict": verdict.verdict}
        for ruling in verdict.assertions:
            judged = about | {"assertion": ruling.name, "assertion_verdict": ruling.verdict}
            rows += [judged | _cells(finding) for finding in ruling.findings]
        rows += [about | _cells(finding) for finding in verdict.context]
    return rows


def _cells(finding: Finding) -> dict[str, object]:
    cells = {name: getattr(finding, name) for name in ("reading", "label", "value", "low", "high", "unit", "vintage")}
    return cells | {"finding": finding.key, "data_to": finding.as_of, "holds": finding.holds}


def swept(records: Iterable[Record]) -> list[str]:
    """Parameters that differ between runs of one notebook, the one with most values first.

    Examples
    --------
    >>> days = [Record("n", "ok", {"as_of": day, "n": 9, "m": day[-1] > "1"}, day, 1, "") for day in ("1", "2", "3")]
    >>> swept(days)
    ['as_of', 'm']
    """
    values = pd.DataFrame([{k: json.dumps(v) for k, v in record.parameters.items()} for record in records])
    numbers = values.nunique().sort_values(ascending=False, kind="stable")
    return list(numbers[numbers > 1].index)


def curves(
    records: list[Record], register: Mapping[str, Claim], each: Callable[..., Iterable[str]] = map
) -> list[Curve]:
    """A drawing for each claim that runs of one notebook judge.

    Parameters
    ----------
    records : list of Record
        Runs that finished, which differ in a parameter at least.
    register : dict
        The claims.
    each : callable
        Draws all of them as ``map`` would; that of an executor draws several at once.
    """
    x, *others = swept(records)
    places = pd.DataFrame([_place(record, x, others) for record in records])
    places = places.assign(at=_positions(places["x"]))
    judged = [{"run": r.folder, "claim": v.id, "verdict": v.verdict} for r in records for v in r.claims]
    verdicts = pd.DataFrame(judged).merge(places, on="run").sort_values("at", kind="stable")
    findings = table(records)[["run", *COLUMNS]].merge(places, on="run").sort_values("at", kind="stable")
    claims = [claim for name, claim in register.items() if verdicts["claim"].eq(name).any()]
    judged_by = [verdicts[verdicts["claim"].eq(claim.id)] for claim in claims]
    found_by = [findings[findings["claim"].eq(claim.id)] for claim in claims]
    pictures = each(draw, claims, [x] * len(claims), judged_by, found_by)
    return [
        Curve(claim, picture, describe(claim.id, x, mine), _counts(mine))
        for claim, picture, mine in zip(claims, pictures, judged_by, strict=True)
    ]


def _counts(verdicts: pd.DataFrame) -> dict[str, int]:
    """How many runs came to each verdict that any of them came to, in the order of the verdicts."""
    counts = verdicts["verdict"].value_counts()
    return {verdict: int(counts[verdict]) for verdict in VERDICT_COLOURS if verdict in counts}


def conditions(claim: Claim) -> dict[str, str]:
    """Readings of a claim beside the literal ones, and the condition that each adds."""
    return {r.name: r.condition for rule in claim.assertions for r in rule.readings if r.name != LITERAL}


def describe(claim: str, x: str, verdicts: pd.DataFrame) -> str:
    """Verdicts over a parameter in a sentence.

    Parameters
    ----------
    claim : str
        Id of the claim.
    x : str
        The parameter.
    verdicts : DataFrame
        Columns x, group (the other parameters that were swept, in words) and verdict, in the order of x.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"x": [1, 2, 3], "group": "", "verdict": ["supported"] * 2 + ["not supported"]})
    >>> describe("S1", "n", verdicts)
    'Verdict on S1 over n: supported from 1 to 2; not supported at 3.'
    """
    parts = []
    for group, rows in verdicts.groupby("group", sort=False):
        spells = rows.groupby(rows["verdict"].ne(rows["verdict"].shift()).cumsum())[["verdict", "x"]].agg(
            ["first", "last"]
        )
        words = [
            f"{verdict} at {first}" if first == last else f"{verdict} from {first} to {last}"
            for verdict, _, first, last in spells.itertuples(index=False)
        ]
        parts.append((f"with {group}, " if group else "") + "; ".join(words))
    return f"Verdict on {claim} over {x}: {'. '.join(parts)}."


def draw(claim: Claim, x: str, verdicts: pd.DataFrame, findings: pd.DataFrame) -> str:
    """Draw the verdict over a parameter, and under it each finding with the claimed value, as SVG.

    Parameters
    ----------
    claim : Claim
        The claim.
    x : str
        The parameter.
    verdicts : DataFrame
        As for ``describe``, with the places on the axis in a column at.
    findings : DataFrame
        Columns x, at, group, finding, reading, label, value, low, high and unit, in the order of at.
    """
    shown = [verdict for verdict in VERDICT_COLOURS if verdicts["verdict"].eq(verdict).any()]
    known = findings[findings["value"].notna()]
    keys = list(dict.fromkeys(known.sort_values("reading", key=_rank, kind="stable")["finding"]))
    heights = [_STRIP * (len(shown) + 0.5), *[_PANEL] * len(keys)]
    with mpl.rc_context():
        figures.use_style()
        mpl.rcParams.update({"figure.constrained_layout.use": False, "font.size": 9, "svg.hashsalt": claim.id})
        mpl.rcParams["axes.titley"] = 1.0  # a place that is not sought saves a fifth of the drawing
        figure, axes = _panels(heights)
        _draw_verdicts(axes[0], verdicts, shown)
        for ax, key in zip(axes[1:], keys, strict=True):
            _draw_finding(ax, claim, key, findings[findings["finding"].eq(key)])
        _draw_axis(axes[-1], x, verdicts)
        picture = io.StringIO()
        figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def _place(record: Record, x: str, others: list[str]) -> dict[str, object]:
    """Where a run stands: the value of the swept parameter, and the others in words."""
    value = record.parameters[x]
    group = ", ".join(f"{name} = {written(record.parameters[name])}" for name in others)
    return {"run": record.folder, "x": value if isinstance(value, (int, float)) else written(value), "group": group}


def _positions(values: pd.Series) -> pd.Series:
    """Places on an axis: numbers and dates as they are, other words one step apart, in their order."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    return days if days.notna().all() else pd.Series(pd.factorize(values)[0], index=values.index)


def _rank(readings: pd.Series) -> pd.Series:
    """Order in which findings are drawn: what is judged as written first, what is not judged last."""
    return readings.eq(CONTEXT).astype(int) - readings.eq(LITERAL).astype(int)


def _panels(heights: list[float]) -> tuple[Figure, list[Axes]]:
    """Axes of given heights in inches, one under the other, with room for names on either side."""
    height = _TOP + sum(heights) + _GAP * (len(heights) - 1) + _FOOT
    figure, top = Figure(figsize=(_WIDTH, height)), height - _TOP
    axes: list[Axes] = []
    for size in heights:
        box = (0.17, (top - size) / height, 0.53, size / height)
        axes.append(figure.add_axes(box, sharex=axes[0] if axes else None))
        axes[-1].xaxis.set_visible(len(axes) == len(heights))
        top -= size + _GAP
    return figure, axes


def _draw_verdicts(ax: Axes, verdicts: pd.DataFrame, shown: list[str]) -> None:
    """A row a verdict, with a mark at each value that led to it; marks of several groups stand side by side."""
    groups = list(dict.fromkeys(verdicts["group"]))
    for group, marker in zip(groups, itertools.cycle(_MARKERS), strict=False):
        rows = verdicts[verdicts["group"].eq(group)]
        shift = 0.25 * (groups.index(group) - (len(groups) - 1) / 2) / max(1, len(groups) - 1)
        heights = rows["verdict"].map(shown.index) + shift
        ax.scatter(
            rows["at"], heights, c=rows["verdict"].map(VERDICT_COLOURS), s=14, marker=marker, label=group or None
        )
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.tick_params(length=0)
    if len(groups) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.3), fontsize=7)


def _draw_finding(ax: Axes, claim: Claim, key: str, findings: pd.DataFrame) -> None:
    """A line a reading and group: the literal one thick, with its interval; the claimed value dashed."""
    unit, dated = findings["unit"].iloc[0], findings["value"].dropna().map(type).eq(str).any()
    factor = 100 if unit in ("share", "change", "points") else 1e-12 if unit == "tokens" else 1
    scale = functools.partial(_numbers, dated=dated, factor=factor)
    findings = findings.drop_duplicates(["run", "reading"])  # one that several assertions share is drawn once
    lines = list(findings.groupby(["reading", "group"], sort=False))
    for place, ((reading, group), rows) in enumerate(sorted(lines, key=lambda line: line[0][0] != LITERAL)):
        colour, marker = _LINES[place % len(_LINES)], "o" if len(rows) < 30 else ""
        name = ", ".join(filter(None, [_READINGS.get(reading, reading.replace("_", " ")), group]))
        width = 2.2 if reading == LITERAL else 1.2
        ax.plot(rows["at"], scale(rows["value"]), color=colour, lw=width, marker=marker, ms=3, label=name)
        if rows["low"].notna().any() and rows["high"].notna().any():
            ax.fill_between(rows["at"], scale(rows["low"]), scale(rows["high"]), color=colour, alpha=0.15, lw=0)
    for end in scale(pd.Series(_targets(claim, key), dtype=object)):
        ax.axhline(end, color="#333333", lw=1, linestyle=(0, (4, 3)), zorder=1)
    name = findings["label"].iloc[0] or key
    ax.set_title(textwrap.shorten(f"{name}, {_UNITS.get(unit, unit)}".removesuffix(", "), 90), loc="left", fontsize=9)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.05), fontsize=7)


def _targets(claim: Claim, key: str) -> list[Value]:
    """Claimed values of the assertions that a finding answers."""
    ends: list[Value] = []
    for criterion in claim.assertions:
        if criterion.target is not None and any(reading.key == key for reading in criterion.readings):
            ends += criterion.target if isinstance(criterion.target, tuple) else [criterion.target]
    return list(dict.fromkeys(ends))


def _draw_axis(ax: Axes, x: str, verdicts: pd.DataFrame) -> None:
    """Name the axis, and write its values where they are words."""
    if pd.api.types.is_datetime64_any_dtype(verdicts["at"]):
        figures.week_axis(ax)
    elif not pd.api.types.is_numeric_dtype(verdicts["x"]):
        words = verdicts.drop_duplicates("at")
        ax.set_xticks(list(words["at"]), [textwrap.shorten(word, 24, placeholder="…") for word in words["x"]])
    ax.set_xlabel(x)


def _numbers(values: pd.Series, dated: bool, factor: float) -> pd.Series:
    """Values as an axis takes them; what is missing, or of another kind than the rest, is a gap."""
    if dated:
        return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    return pd.to_numeric(values, errors="coerce") * factor
