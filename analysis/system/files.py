"""Someone else's files, read so that none can hold up, fill or mislead a command; and our own, written in one step."""

import os
import stat
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis import InputError
from analysis.system.messages import CONTROLS

MOST_BYTES = 2_000_000
"""Largest claims, sweep, usage or article file: the project's own have less than a hundredth."""

MOST_DIGITS = 30
"""A number in such a file with more digits is a slip; beyond 308 no float holds it."""


def read_bytes(path: Path, what: str, most: int = MOST_BYTES) -> bytes:
    """Bytes of a regular file that is not too large.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What the file should be, for the message.
    most : int
        Largest number of bytes.

    Raises
    ------
    InputError
        It is not such a file, or cannot be read.

    Examples
    --------
    >>> read_bytes(Path("/dev/null"), "a sweep")
    Traceback (most recent call last):
    analysis.InputError: /dev/null is not a regular file: give the path of a sweep.
    """
    try:
        state, content = _state_and_content(path, most)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read ({reason}): give the path of {what}.") from None
    if stat.S_ISDIR(state.st_mode):
        raise InputError(f"{path} cannot be read (Is a directory): give the path of {what}.")
    if not stat.S_ISREG(state.st_mode) or (content and not state.st_size):
        raise InputError(f"{path} is not a regular file: give the path of {what}.")
    if len(content) > most:
        raise InputError(f"{path} has more than {most:,} bytes, the most that {what} may have: make it smaller.")
    return content


def _state_and_content(path: Path, most: int) -> tuple[os.stat_result, bytes]:
    """What kind of file it is and, of a regular one, at most one byte more than it may have.

    A pipe would wait for ever, a device has no end, and a file that the system makes up as it is read (below
    ``/proc``, which says that it holds no byte) can hold what nobody meant to publish.
    """
    # without waiting: to open a pipe waits for someone who writes into it
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(handle)
        return state, file.read(most + 1) if stat.S_ISREG(state.st_mode) else b""


def read_text(path: Path, what: str, most: int = MOST_BYTES) -> str:
    """Text of such a file, with or without a byte order mark; parameters and errors as ``read_bytes`` has them.

    Raises
    ------
    InputError
        As ``read_bytes`` raises it, or it is not UTF-8.

    Examples
    --------
    >>> read_text(Path("none.toml"), "a sweep")
    Traceback (most recent call last):
    analysis.InputError: none.toml cannot be read (No such file or directory): give the path of a sweep.
    """
    content = read_bytes(path, what, most)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start + 1}): save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_toml(text: str, place: str | Path) -> dict[str, Any]:
    """Content of a person's own TOML.

    Raises
    ------
    InputError
        It is not TOML; the line is named.

    Examples
    --------
    >>> parse_toml("top_n = ", "weeks.toml")
    Traceback (most recent call last):
    analysis.InputError: weeks.toml cannot be read as TOML: Invalid value (at end of document).
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} cannot be read as TOML: {error}.") from None
    check_values(content, str(place))
    return content


def beside(path: Path, name: str) -> Path:
    """Path of a file that another one names, which has to lie in that one's folder or below.

    Parameters
    ----------
    path : Path
        The file that names the other.
    name : str
        As it is written there.

    Raises
    ------
    InputError
        It leads elsewhere, be it through a symbolic link.

    Examples
    --------
    >>> beside(Path("data/claims.toml"), "../README.md")
    Traceback (most recent call last):
    analysis.InputError: '../README.md' does not lie beside or below data/claims.toml: move it there.
    """
    folder = path.parent
    try:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a name that is too long, a zero byte, links in a circle
        inside = False
    if not inside:
        raise InputError(f"{name!r} does not lie beside or below {path}: move it there.")
    return folder / name


def check_values(content: dict[str, Any], place: str) -> None:
    r"""Refuse numbers that no calculation can hold, and text that would steer a terminal.

    Parameters
    ----------
    content : dict
        Of a person's TOML file.
    place : str
        What messages call it.

    Raises
    ------
    InputError
        Names the key.

    Examples
    --------
    >>> check_values({"A1": {"claimed": 10**400}}, "claims.toml")
    Traceback (most recent call last):
    analysis.InputError: claims.toml: A1.claimed has more than 30 digits: give a number that can be measured.
    >>> check_values({"A1": {"quote": "a\x1b[2J"}}, "claims.toml")
    Traceback (most recent call last):
    analysis.InputError: claims.toml: A1.quote holds a control character: leave it out.
    """
    for key, value in _leaves(content, ""):
        if isinstance(value, str) and CONTROLS.search(value):
            raise InputError(f"{place}: {key} holds a control character: leave it out.")
        if isinstance(value, (int, float)) and abs(value) >= 10**MOST_DIGITS:
            raise InputError(f"{place}: {key} has more than {MOST_DIGITS} digits: give a number that can be measured.")


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Every value, and every name, with the key that leads there."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield f"{key}{'.' if key else ''}{name}", name
            yield from _leaves(part, f"{key}{'.' if key else ''}{name}")
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part, key)
    else:
        yield key, value


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a full disk does not say which file it had no room for
        raise
