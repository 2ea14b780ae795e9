"""Drawings from the tables that ``publish`` makes: a claim over time, and a claim under other settings."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from analysis import figures
from analysis.criteria import Claim, Criterion
from analysis.figures import GREY, INK, VERDICT_COLOURS
from analysis.findings import NOT_CHECKABLE, NOT_SUPPORTED, SUPPORTED
from analysis.register import read_register
from analysis.report import panels, setting_words, sweeps
from analysis.run import history, specifications
from analysis.run.records import OLD_DAYS
from analysis.system.files import write_text

FOLDER = "strips"
"""Folder of the drawings in a report."""

_OF_VERDICTS, _OF_SETTINGS = 0.2, 0.37
"""Part of the width that the names of the rows take."""

_RIGHT = 0.98
"""Part of the width at which the panels end."""

_ROW, _PANEL, _GAP = 0.19, 2.1, 0.15  # inches: of a setting or a verdict, of the values, and between them
_POINTS = 8  # of letters
_LONGEST = 52
"""Longest name of a setting, in characters."""

_COLOURS = {
    specifications.HOLDS: VERDICT_COLOURS[SUPPORTED],
    specifications.FAILS: VERDICT_COLOURS[NOT_SUPPORTED],
    specifications.UNTOLD: VERDICT_COLOURS[NOT_CHECKABLE],
}


class Drawing(NamedTuple):
    """A drawing on the page of a claim: its file, from the index, and what it shows in words."""

    path: str
    title: str
    text: str


def write(out: Path, register: Mapping[str, Claim]) -> dict[str, list[Drawing]]:
    """Write the drawings of all claims that the tables speak of; what is there already is not drawn again.

    Parameters
    ----------
    out : Path
        Folder of the report.
    register : dict
        The claims of the report; one that is not as in this project's own register gets no drawing.

    Returns
    -------
    dict
        Claim to its drawings.
    """
    own = read_register()
    courses, curves = history.read(), specifications.read()
    found: dict[str, list[Drawing]] = {}
    for name in (name for name, claim in register.items() if claim == own.get(name)):
        course, curve = courses[courses["claim"].eq(name)], curves[curves["claim"].eq(name)]
        found[name] = []
        if len(course):
            path = _write(out, strip, register[name], course)
            found[name].append(Drawing(path, "How the verdict moved", _course_text(name, course)))
        if len(curve):
            path = _write(out, specification_curve, register[name], curve)
            found[name].append(Drawing(path, "Under other settings", specifications.sentence(curve)))
    _drop_older(out / FOLDER, found)
    return found


def _write(out: Path, draw: Callable[[Claim, pd.DataFrame], str], claim: Claim, rows: pd.DataFrame) -> str:
    """Draw to a file whose name tells the rows, the claim and the code apart; its path from the index."""
    made_of = f"{rows.to_csv()}{claim}{_code()}".encode()
    path = f"{FOLDER}/{claim.id}-{hashlib.sha256(made_of).hexdigest()[:12]}.svg"
    if not (out / path).is_file():
        write_text(out / path, draw(claim, rows))
    return path


@functools.cache
def _code() -> str:
    """Source of all that draws, or words what is drawn."""
    files = (__file__, panels.__file__, figures.__file__, setting_words.__file__)
    return "".join(Path(place).read_text(encoding="utf-8") for place in files) + str(OLD_DAYS)


def _drop_older(folder: Path, found: Mapping[str, list[Drawing]]) -> None:
    """Remove drawings of an earlier state of these claims; pages of other claims may still show theirs."""
    kept = {drawing.path for drawings in found.values() for drawing in drawings}
    for path in folder.glob("*.svg"):
        claim, _, _ = path.stem.rpartition("-")
        if claim in found and f"{FOLDER}/{path.name}" not in kept:
            path.unlink()


def _course_text(name: str, rows: pd.DataFrame) -> str:
    """What the verdict was from when to when, in words."""
    spells = pd.DataFrame({"x": rows["as_of"].dt.strftime("%Y-%m-%d"), "group": "", "verdict": rows["verdict"]})
    return sweeps.describe(name, "time", spells)


def specification_curve(claim: Claim, rows: pd.DataFrame) -> str:
    """Draw a claim's value under every setting, sorted, and below each value the settings that gave it, as SVG.

    Parameters
    ----------
    claim : Claim
        The claim.
    rows : DataFrame
        Rows of the table ``specifications`` on it.
    """
    known = rows[rows["value"].notna()].sort_values("value", kind="stable").reset_index(drop=True)
    chosen, every = _chosen(claim, known), _in_order(_chosen(claim, rows))
    with panels.style(claim.id, _POINTS):
        figure, (top, below) = panels.stack([_PANEL, _ROW * len(every)], _OF_SETTINGS, _RIGHT, _GAP)
        _draw_values(top, known, claim[known["assertion"].iloc[0]])
        _draw_settings(below, chosen, every)
        return panels.svg(figure)


def strip(claim: Claim, rows: pd.DataFrame) -> str:
    """Draw the verdicts on a claim over time, and below them the value of its first assertion as written, as SVG.

    Parameters
    ----------
    claim : Claim
        The claim.
    rows : DataFrame
        Rows of the table ``verdict_history`` on it.
    """
    shown = panels.verdicts_reached(rows["verdict"])
    measured = rows["value"].notna().any()
    heights = [_ROW * (len(shown) + 0.6), *([_PANEL / 1.5] if measured else [])]
    with panels.style(claim.id, _POINTS):
        figure, axes = panels.stack(heights, _OF_VERDICTS, _RIGHT, _GAP)
        colours = rows["verdict"].map(VERDICT_COLOURS)
        axes[0].scatter(rows["as_of"], rows["verdict"].map(shown.index), c=colours, s=11, marker="s")
        panels.name_rows(axes[0], shown)
        if measured:
            _draw_course(axes[1], rows, claim.assertions[0])
        figures.week_axis(axes[-1])
        return panels.svg(figure)


_Setting = tuple[str, str]
"""A parameter and its value; of a reading, nothing and the reading."""


def _chosen(claim: Claim, rows: pd.DataFrame) -> list[list[_Setting]]:
    """What gave each row: its reading, and its settings."""
    return [
        [("", setting_words.reading(claim, row.assertion, row.reading)), *_parts(str(row.settings))]
        for row in rows.itertuples(index=False)
    ]


def _parts(text: str) -> list[_Setting]:
    """Settings as the table writes them, one by one."""
    pairs = (part.partition("=") for part in text.split("; "))
    return [(parameter, value) for parameter, _, value in pairs]


def _in_order(chosen: Iterable[Iterable[_Setting]]) -> list[_Setting]:
    """All settings that there are, those of one parameter together, in the order of the register."""
    every = list(dict.fromkeys(setting for row in chosen for setting in row))
    parameters = list(dict.fromkeys(parameter for parameter, _ in every))
    return sorted(every, key=lambda setting: parameters.index(setting[0]))


def _words(setting: _Setting) -> str:
    parameter, value = setting
    text = setting_words.said(parameter, value) if parameter else value
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _draw_values(ax: Axes, rows: pd.DataFrame, criterion: Criterion) -> None:
    """A mark a setting with its interval, in the colour of what it says, and the claimed value as a line."""
    factor, unit = panels.scale(str(rows["unit"].iloc[0]))
    colours = rows["verdict"].map(_COLOURS)
    spans = rows["low"].notna() & rows["high"].notna()
    ax.vlines(rows.index[spans], rows["low"][spans] * factor, rows["high"][spans] * factor, colors=colours[spans], lw=1)
    ax.scatter(rows.index, rows["value"] * factor, c=colours, s=9, zorder=3)
    _draw_claimed(ax, criterion, factor)
    ax.set_ylabel(unit)
    ax.set_xticks([])


def _draw_settings(ax: Axes, chosen: list[list[_Setting]], every: list[_Setting]) -> None:
    """A row a setting, with a dot below each value that it gave."""
    for place, row in enumerate(chosen):
        ax.scatter([place] * len(row), [every.index(setting) for setting in row], s=4, color=INK)
    panels.name_rows(ax, list(map(_words, every)), 7)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)


def _draw_course(ax: Axes, rows: pd.DataFrame, criterion: Criterion) -> None:
    """The value over time with its interval; hollow marks where it is carried forward from older data."""
    factor, unit = panels.scale(str(rows["unit"].dropna().iloc[0]))
    rows = rows.assign(**{name: rows[name] * factor for name in ("value", "low", "high")})
    is_old = panels.carried_forward(rows["as_of"], rows["data_to"])
    ax.plot(rows["as_of"], rows["value"], color=GREY, lw=1)
    if rows["low"].notna().any():
        ax.fill_between(rows["as_of"], rows["low"], rows["high"], color=GREY, alpha=0.2, lw=0)
    for part, face in ((rows[~is_old], INK), (rows[is_old], "white")):
        ax.scatter(part["as_of"], part["value"], s=9, facecolors=face, edgecolors=INK, linewidths=0.8, zorder=3)
    _draw_claimed(ax, criterion, factor)
    ax.set_ylabel(unit)


def _draw_claimed(ax: Axes, criterion: Criterion, factor: float) -> None:
    """The claimed number, or the two ends of what is claimed."""
    panels.draw_claimed(ax, [end * factor for end in criterion.ends if isinstance(end, (int, float))])
