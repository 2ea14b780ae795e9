"""The list of verdicts that changed, and the guard that asks for an entry before one does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis import DATA, InputError
from analysis.findings import VERDICTS
from analysis.system import files

PATH = DATA / "CHANGELOG.md"

CAUSES = ("data", "restatement", "rule")
"""What can change a verdict at a fixed date."""

_CELLS = ("day", "claim", "from", "to", "cause", "what changed")


@dataclass(frozen=True)
class Change:
    """A verdict at the article's date that changed.

    Parameters
    ----------
    day : str
        When the change was made, ISO date.
    claim : str
        Id of the claim.
    before, after : str
        The verdict that it had, and the one that it got.
    cause : str
        One of ``CAUSES``.
    why : str
        What changed it, in a sentence.
    """

    day: str
    claim: str
    before: str
    after: str
    cause: str
    why: str


def read(path: Path = PATH) -> list[Change]:
    """Entries of the list, in its order.

    Parameters
    ----------
    path : Path
        The list, Markdown with a row of a table an entry.

    Raises
    ------
    InputError
        It cannot be read, or an entry is not written as it should be; the line is named.

    Examples
    --------
    >>> read()[0].claim
    'S3'
    """
    lines = files.read_text(path, "the list of changed verdicts").splitlines()
    rows = {number: line for number, line in enumerate(lines, 1) if re.match(r"\| *\d", line)}
    return [_change(line, f"{path.name} line {number}") for number, line in rows.items()]


def check(before: Mapping[str, str], after: Mapping[str, str], changes: list[Change]) -> None:
    """Refuse to change a verdict that the last entry on the claim does not speak of.

    Parameters
    ----------
    before, after : dict
        Claim to verdict; a claim that is only in one of them is new or gone, and not a change.
    changes : list of Change
        As ``read`` gives them.

    Raises
    ------
    InputError
        One sentence: the claim, both verdicts, and what to write.

    Examples
    --------
    >>> check({"S1": "open"}, {"S1": "supported"}, [])
    Traceback (most recent call last):
    analysis.InputError: S1 changes from open to supported: say in data/CHANGELOG.md, in a row at its end, what did.
    """
    last = {change.claim: (change.before, change.after) for change in changes}
    for claim in before:
        change = before[claim], after.get(claim, before[claim])
        if change[0] != change[1] and last.get(claim) != change:
            raise InputError(
                f"{claim} changes from {change[0]} to {change[1]}: say in data/CHANGELOG.md, in a row at its end, "
                "what did."
            )


def _change(line: str, place: str) -> Change:
    """Entry of a row."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) != len(_CELLS) or not all(cells):
        raise InputError(f"{place} has {len(cells)} cells; an entry has {len(_CELLS)}: {', '.join(_CELLS)}.")
    change = Change(*cells)
    if change.cause not in CAUSES:
        raise InputError(f"{place}: cause is one of {', '.join(CAUSES)}; not {change.cause!r}.")
    for verdict in (change.before, change.after):
        if verdict not in VERDICTS:
            raise InputError(f"{place}: {verdict!r} is no verdict; there are {', '.join(VERDICTS)}.")
    return change
