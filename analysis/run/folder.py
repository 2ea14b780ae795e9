"""The folder of a report: which one is ours to write, and the mark that says so."""

import subprocess
from pathlib import Path

from analysis import ROOT, InputError

MARKER = ".openrouter-claims"
"""File in every folder that a command has made for a report; what is there may be replaced."""

_ROOMS = ("analysis", "data", "notebooks", "tests", ".git")
_FILES = {"bench.md", "activity.csv"}
"""What other commands put into ``reports/`` when no report is there yet."""


def check(out: Path) -> None:
    """Refuse a folder that holds anything else than a report, or is a part of the project.

    Parameters
    ----------
    out : Path
        As ``--out`` names it; it need not exist. Nothing is written.

    Raises
    ------
    InputError
        One sentence: why, and what to choose.

    Examples
    --------
    >>> check(ROOT / "data")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    analysis.InputError: --out ... is a part of the project: choose reports/ or a folder outside.
    """
    try:
        _check(out)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"--out {out} cannot be used ({error.strerror}): choose another folder.") from None
    except (ValueError, RuntimeError) as error:  # a zero byte, or links in a circle
        raise InputError(f"--out {out} cannot be used ({error}): choose another folder.") from None


def mark(out: Path) -> None:
    """Make the folder where there is none, and mark it as a report's.

    Raises
    ------
    InputError
        The disk refuses it; the reason is named.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / MARKER).write_text("A report of openrouter-claims: its commands replace what is here.\n")
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}): choose another folder.") from None


def _check(out: Path) -> None:
    place = out.resolve()
    if ROOT.is_relative_to(place) or (place.is_relative_to(ROOT) and not _is_ours_to_write(place)):
        raise InputError(f"--out {out} is a part of the project: choose reports/ or a folder outside.")
    if any(_exists(path) and not path.is_dir() for path in (place, *place.parents)):
        raise InputError(f"--out {out} is no folder, or lies below something that is none: choose another.")
    if not place.is_dir():
        return
    entries = sorted(place.iterdir())
    strange = [entry.name for entry in entries if not _is_known(entry)]
    if strange and not (place / MARKER).is_file():
        raise InputError(
            f"--out {out} holds {strange[0]} and is not marked as a report: choose a new folder, or delete this one if "
            "an earlier version made it."
        )
    if links := [entry.name for entry in entries if entry.is_symlink()]:
        raise InputError(f"--out {out} holds the link {links[0]}, which leads elsewhere: remove it.")


def _exists(path: Path) -> bool:
    """Whether there is such a path; a name that is too long raises, and so does a folder that nobody may enter."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_known(entry: Path) -> bool:
    """Whether it is a report of its own, or the file of another command."""
    return entry.name in _FILES or (entry.is_dir() and (entry / MARKER).is_file())


def _is_ours_to_write(place: Path) -> bool:
    """Whether a place inside the project is ``reports/`` or below, or one that git ignores."""
    inside = place.relative_to(ROOT)
    if inside.parts[0] in _ROOMS:
        return False
    return inside.parts[0] == "reports" or _is_ignored(place)


def _is_ignored(place: Path) -> bool:
    try:
        command = ["git", "-C", str(ROOT), "check-ignore", "--quiet", f"{place}/x"]
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
