"""Text from outside is text: what it may hold where it is stored, and how it is shown."""

import re
import unicodedata

import pandas as pd

from analysis import SourceError

LONGEST = 200
"""Characters of a name."""

SHOWN = 300
"""Characters of a message."""

_RUN = 8
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that nobody sees


def check(frame: pd.DataFrame, url: str, key: str = "", slugs: tuple[str, ...] = ()) -> None:
    r"""Refuse text that a terminal, a spreadsheet, a path or an eye would take for something else.

    Parameters
    ----------
    frame : DataFrame
        What a source gave.
    url : str
        Its address, for the message.
    key : str
        API key; a text that holds part of it is refused.
    slugs : tuple of str
        Columns of slugs: printable ASCII without blanks, whose parts are no places of a path.

    Raises
    ------
    SourceError
        A cell is refused; its row, from 1, and its column are named.

    Examples
    --------
    >>> check(pd.DataFrame({"name": ["a", "b\u200b"]}), "it")
    Traceback (most recent call last):
    analysis.SourceError: it row 2, column name: holds a control or invisible character: run refresh again later.
    """
    is_text = [pd.api.types.is_string_dtype(kind) or kind == "category" for kind in frame.dtypes]
    for name in frame.columns[is_text]:
        for cell in frame[name].unique():
            problem = _problem(str(cell), key, name in slugs)
            if problem:
                row = int(frame[name].eq(cell).to_numpy().argmax()) + 1
                raise SourceError(f"{url} row {row}, column {name}: {problem}: run refresh again later.")


def clean(message: str, key: str = "") -> str:
    r"""A message without the key, parts of it, and characters that a terminal would act on.

    Examples
    --------
    >>> clean("no \x1b[2J for sk-or-v1-1234", "sk-or-v1-123456789")
    'no ?[2J for [key]'
    """
    parts = _key_parts(key)
    hidden = re.sub("|".join(f"(?:{re.escape(part)})" for part in parts), "\0", message) if parts else message
    # what stands beside a part of the key that was found may be the rest of it
    marked = re.sub("\0[^\\s'\"]*", "\0", hidden) if parts else hidden
    shown = "".join("?" if _is_odd(letter) and letter not in "\0\n" else letter for letter in marked)
    return shown.replace("\0", "[key]" if parts else "?")


def cut(message: str) -> str:
    """A message of at most ``SHOWN`` characters: where it begins, and its end with the remedy.

    Examples
    --------
    >>> len(cut("x" * 1000))
    300
    """
    if len(message) <= SHOWN:
        return message
    return f"{message[:160]} … {message[3 + 160 - SHOWN :]}"


def _problem(cell: str, key: str, is_slug: bool) -> str:
    """Why a text is refused; empty if it is not."""
    if any(_is_odd(letter) for letter in cell):
        return "holds a control or invisible character"
    if len(cell) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if cell != cell.strip() or any(letter.isspace() and letter != " " for letter in cell):
        return "holds blanks that are no single words' spaces"
    if any(part in cell for part in _key_parts(key)):
        return "holds part of the API key"
    if is_slug and not _is_slug(cell):
        return "is no slug such as author/model"
    return ""


def _is_odd(letter: str) -> bool:
    """Whether a character is a control, a format, a surrogate, a private one, or otherwise not to be seen."""
    if letter.isascii():
        return not letter.isprintable()
    kind = unicodedata.category(letter)
    selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0000" <= letter <= "\U000e0fff"
    return kind[0] == "C" or kind in ("Zl", "Zp") or selector or letter in _BLANK


def _is_slug(cell: str) -> bool:
    parts = cell.split("/")
    return re.fullmatch(r"[!-\[\]-~]+", cell) is not None and not {"", ".", "..", "~"} & set(parts)


def _key_parts(key: str) -> list[str]:
    """Each run of eight characters of the key."""
    return [key[start : start + _RUN] for start in range(len(key) - _RUN + 1)]
