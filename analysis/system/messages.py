"""Text from elsewhere, made fit for a terminal, a record or a cell of a table."""

import re
from typing import Any

MOST_CHARACTERS = 300
"""A longer message is cut."""

CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
"""Characters that steer a terminal, turn or hide text, or cannot be written; tab and line feed are not among them."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\n|%]")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def printable(text: str) -> str:
    r"""Text with a replacement sign for each character that is no part of what people read.

    Examples
    --------
    >>> printable("a\x1b[2Jb")
    'a�[2Jb'
    """
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def message(text: str) -> str:
    r"""One line of a message, at most ``MOST_CHARACTERS`` long: its beginning and its end, where the remedy stands.

    Examples
    --------
    >>> message("no\x07 tokens\nhere"), len(message("a" * 100_000))
    ('no� tokens here', 300)
    """
    line = " ".join(printable(text).split())
    if len(line) <= MOST_CHARACTERS:
        return line
    end = MOST_CHARACTERS // 3
    return f"{line[: MOST_CHARACTERS - end - 3]} … {line[-end:]}"


def inert(cell: Any) -> Any:
    """Cell of a table that no spreadsheet takes for a formula: an apostrophe stands before what looks like one.

    Examples
    --------
    >>> inert("=1+1"), inert("-1.5"), inert("-1.5+cmd"), inert(-1.5)
    ("'=1+1", '-1.5', "'-1.5+cmd", -1.5)
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
