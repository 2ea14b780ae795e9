"""One claim over the parameter that was swept, as SVG: where the verdict turns, and the findings that differ."""

import textwrap
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.artist import setp
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator

from analysis import figures
from analysis.criteria import LITERAL, STATED, Claim, Criterion
from analysis.figures import INK, VERDICT_COLOURS
from analysis.findings import SUPPORTED
from analysis.prose import Value
from analysis.report import panels
from analysis.report.drawings import holds_in
from analysis.run.records import OLD_DAYS

_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#595959"]
_DASHES = ["-", (0, (3, 1)), (0, (1, 1))]
"""Of the lines that come after as many as there are colours."""

_MARKERS = "o^sDv"
_STRIP, _PANEL, _GAP = 0.24, 1.3, 0.42  # inches: a row of verdicts, the least of the values, what lies between
_LEFT, _RIGHT = 0.17, 0.66
"""Part of the width at which panels begin and end: verdicts are named before them, lines behind."""

_LETTERS, _ROW = 42, 0.125
"""Letters of the name of a line that stand in one row, and the inches that it takes."""

_MANY = 30
"""From so many values on, a line has no marks."""


class _Line(NamedTuple):
    """A finding under one reading in the runs of one group, by the parameter that was swept."""

    name: str
    rows: pd.DataFrame

    @property
    def is_literal(self) -> bool:
        return bool(self.rows["reading"].eq(LITERAL).any())


class _Panel(NamedTuple):
    """Lines that share an axis, the values that are claimed of them, and the range in which the test holds."""

    title: str
    lines: list[_Line]
    claimed: tuple[Value, ...] = ()
    holds_in: tuple[float | None, float | None] | None = None

    @property
    def height(self) -> float:
        """Inches that it takes: the names of its lines stand beside it."""
        return max(_PANEL, sum(line.name.count("\n") + 1.4 for line in self.lines) * _ROW)


def draw(claim: Claim, x: str, verdicts: pd.DataFrame, findings: pd.DataFrame) -> str:
    """Draw the verdict over a parameter where it turns, and findings with the claimed value.

    Parameters
    ----------
    claim : Claim
        The claim.
    x : str
        The parameter.
    verdicts : DataFrame
        A row a run, in the order of the parameter: columns x, at (its place on the axis), group (the other parameters
        that were swept, in words) and verdict.
    findings : DataFrame
        What to draw, a row a finding a run in the same order: columns run, at, group, day (which the run judges by),
        and those of a finding.

    Returns
    -------
    str
        SVG; empty where the verdict is the same and nothing is to be drawn.
    """
    reached, drawn = panels.verdicts_reached(verdicts["verdict"]), _panels_of(claim, findings)
    groups = list(dict.fromkeys(verdicts["group"]))
    strip = [max(_STRIP * (len(reached) + 0.5), _ROW * (len(groups) + 0.5))] if len(reached) > 1 else []
    if not strip and not drawn:
        return ""
    with panels.style(claim.id, 9):
        figure, axes = panels.stack([*strip, *(panel.height for panel in drawn)], _LEFT, _RIGHT, _GAP)
        if strip:
            _draw_verdicts(axes[0], verdicts, reached, groups)
        for ax, panel in zip(axes[len(strip) :], drawn, strict=True):
            _draw_panel(ax, panel)
        _draw_axis(axes[-1], x, verdicts)
        return panels.svg(figure)


def _panels_of(claim: Claim, findings: pd.DataFrame) -> list[_Panel]:
    """A panel an assertion and unit, with its readings; one for each finding that is not judged."""
    known = findings[_is_known(findings).groupby([findings["finding"], findings["reading"]]).transform("any")]
    rules = {rule.name: rule for rule in claim.assertions}
    judged = known.groupby(["assertion", "unit"], sort=False)
    beside = known[known["assertion"].isna()].groupby("finding", sort=False)
    drawn = [_panel(rules.get(str(name)), rows) for (name, _), rows in judged]
    return drawn + [_Panel("Beside it, not judged", _lines(rows)) for _, rows in beside]


def _panel(rule: Criterion | None, rows: pd.DataFrame) -> _Panel:
    """Panel of findings of an assertion in one unit."""
    lines = _lines(rows)
    if rule is None:  # a run may be older than the register
        return _Panel(str(rows["assertion"].iloc[0]), lines)
    title = f"{'Claimed' if rule.kind == STATED else 'Conveyed'}: {rule.says}"
    if not rule.readings or rule.readings[0].unit != rows["unit"].iloc[0]:  # what is claimed is in another one
        return _Panel(title, lines)
    return _Panel(title, lines, rule.ends, holds_in(rule))


def _is_known(findings: pd.DataFrame) -> pd.Series:
    """Whether there is a value, or an end of its interval."""
    return findings[["value", "low", "high"]].notna().any(axis=1)


def _lines(findings: pd.DataFrame) -> list[_Line]:
    """A line a finding, reading and group, the sentence as written first; one for groups that have the same values."""
    found = []
    for _, rows in findings.groupby(["finding", "reading"], sort=False):
        places = rows.groupby("at")
        is_whole = places["group"].nunique().eq(rows["group"].nunique()).all()
        if is_whole and places[["value", "low", "high"]].nunique(dropna=False).le(1).all(axis=None):
            found.append(_line(rows.drop_duplicates("at"), ""))
        else:
            groups = [(group, mine) for group, mine in rows.groupby("group", sort=False) if _is_known(mine).any()]
            found += [_line(mine, str(group)) for group, mine in groups]
    return sorted(found, key=lambda line: not line.is_literal)


def _line(rows: pd.DataFrame, group: str) -> _Line:
    """A line under the finding's label, without the words that differ where it names what was swept."""
    words = zip(*[label.split() for label in rows["label"].unique()], strict=False)
    label = " ".join(same[0] if len(set(same)) == 1 else "…" for same in words)
    name = label or rows["finding"].iloc[0].replace("_", " ")
    if rows["reading"].eq(LITERAL).any():
        name += " (as written)"
    return _Line(_wrapped(name, group), rows)


def _wrapped(*names: str) -> str:
    """Names in rows; a parameter and its value stay in one."""
    return textwrap.fill(", ".join(filter(None, names)).replace(" = ", "\u00a0=\u00a0"), _LETTERS)


def _draw_verdicts(ax: Axes, verdicts: pd.DataFrame, reached: list[str], groups: list[str]) -> None:
    """A row a verdict, with a mark at each value that led to it; marks of several groups stand side by side."""
    for place, group in enumerate(groups):
        rows = verdicts[verdicts["group"].eq(group)]
        shift = 0.25 * (place - (len(groups) - 1) / 2) / max(1, len(groups) - 1)
        colours, marker = rows["verdict"].map(VERDICT_COLOURS), _MARKERS[place % len(_MARKERS)]
        heights = rows["verdict"].map(reached.index) + shift
        ax.scatter(rows["at"], heights, c=colours, s=14, marker=marker, label=_wrapped(group) or None)
    panels.name_rows(ax, reached)
    if len(groups) > 1:
        legend = ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.1), fontsize=7)
        for handle in filter(None, legend.legend_handles):
            setp(handle, color=INK)  # a colour says a verdict


class _Scale(NamedTuple):
    """How the values of a finding stand on an axis."""

    dated: bool
    factor: float
    unit: str

    def __call__(self, values: pd.Series) -> pd.Series:
        """Values as the axis takes them; what is missing, or of another kind than the rest, is a gap."""
        if self.dated:
            return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
        return pd.to_numeric(values, errors="coerce") * self.factor


def _scale_of(panel: _Panel) -> _Scale:
    rows = pd.concat([line.rows for line in panel.lines])
    is_text = rows[["value", "low", "high"]].map(lambda value: isinstance(value, str))
    return _Scale(bool(is_text.any(axis=None)), *panels.scale(rows["unit"].iloc[0]))


def _draw_panel(ax: Axes, panel: _Panel) -> None:
    """The lines, and what is claimed dashed."""
    scale = _scale_of(panel)
    panels.draw_claimed(ax, scale(pd.Series(panel.claimed, dtype=object)))
    for place, line in enumerate(panel.lines):
        turn, colour = divmod(place, len(_COLOURS))
        _draw_line(ax, line, scale, _COLOURS[colour], _DASHES[turn % len(_DASHES)])
    _shade(ax, panel, scale)
    if scale.dated:
        ax.yaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=5))
    else:
        ax.locator_params(axis="y", nbins=4)
    ax.set_ylabel(scale.unit)
    ax.set_title(textwrap.shorten(panel.title, 100), loc="left", fontsize=9)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.05), fontsize=7)


def _shade(ax: Axes, panel: _Panel, scale: _Scale) -> None:
    """Shade where the test holds, as far as the axis reaches; of days, only the claimed ones are drawn."""
    if panel.holds_in is None or scale.dated:
        return
    low, high = panel.holds_in
    bottom, top = ax.get_ylim()
    first, last = (bottom if low is None else low * scale.factor), (top if high is None else high * scale.factor)
    ax.axhspan(max(first, bottom), min(last, top), color=VERDICT_COLOURS[SUPPORTED], alpha=0.08, lw=0, zorder=0)
    ax.set_ylim(bottom, top)


def _draw_line(ax: Axes, line: _Line, scale: _Scale, colour: str, dashes: Any) -> None:
    """A line, thick for the sentence as written, with its interval; hollow where a value is carried forward."""
    rows = line.rows.assign(**{name: scale(line.rows[name]) for name in ("value", "low", "high")})
    width = 2.2 if line.is_literal else 1.2
    is_in_order = not rows["x"].map(type).eq(str).any() or pd.api.types.is_datetime64_any_dtype(rows["at"])
    dashes = dashes if is_in_order else ""  # between words there is nothing
    marker = "o" if rows["value"].notna().sum() < _MANY or not is_in_order else ""
    ax.plot(rows["at"], rows["value"], color=colour, ls=dashes, lw=width, marker=marker, ms=3, label=line.name)
    if line.is_literal and rows["low"].notna().any() and rows["high"].notna().any():
        ax.fill_between(rows["at"], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)
    for end, arrow in (("low", "^"), ("high", "v")):  # that or more, that or less
        alone = rows[rows[end].notna() & rows["value"].isna()]
        if len(alone):
            ax.scatter(alone["at"], alone[end], s=14, marker=arrow, color=colour)
    day, data_to = (pd.to_datetime(rows[name], format="%Y-%m-%d", errors="coerce") for name in ("day", "data_to"))
    since = day - data_to
    # what is of a fixed day, or always of a year before, is not carried forward
    is_old = (since - since.min()).dt.days.gt(OLD_DAYS) & (data_to.min() < data_to.max())
    old = rows[is_old & rows["value"].notna()]
    if len(old):
        ax.scatter(old["at"], old["value"], s=12, facecolors="white", edgecolors=colour, zorder=3)


def _draw_axis(ax: Axes, x: str, verdicts: pd.DataFrame) -> None:
    """Name the axis, and write its values where they are words; those that begin alike are numbered."""
    if pd.api.types.is_datetime64_any_dtype(verdicts["at"]):
        figures.week_axis(ax)
    elif not pd.api.types.is_numeric_dtype(verdicts["x"]):
        words = verdicts.drop_duplicates("at")
        names = [textwrap.shorten(word, 24, placeholder="…") for word in words["x"]]
        if len(set(names)) < len(names):
            names = [f"{number}: {name}" for number, name in enumerate(names, 1)]
        ax.set_xticks(list(words["at"]), names)
    ax.set_xlabel(x.replace("_", " "))
