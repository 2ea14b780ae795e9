"""An article as it was laid out: title, headings, paragraphs, lists and tables, cut where quotes begin and end."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pandas as pd

from analysis.prose import capital

Kind = Literal["heading", "paragraph", "list", "table"]

_BULLET = re.compile(r"\s*[•*\-–]\s+")
_CELL = re.compile(r"[^\t]+")
_DAY = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}\b"
)
_LONGEST_HEADING = 90
_ENDS_A_SENTENCE = tuple(".!?:;,…”\"'")

Spans = Mapping[str, tuple[int, int]]


class Piece(NamedTuple):
    """Part of a text, the claims that quote it, and those of them whose quote ends with it."""

    text: str
    claims: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


Row = tuple[tuple[Piece, ...], ...]
"""A line of a block: a cell, or the cells of a row of a table, each in pieces."""


@dataclass(frozen=True)
class Block:
    """Part of an article.

    Parameters
    ----------
    kind : str
        ``heading``, ``paragraph``, ``list`` or ``table``.
    rows : tuple of Row
        One of one cell; of a list, one an entry; of a table, the head first.
    """

    kind: Kind
    rows: tuple[Row, ...]


class _Line(NamedTuple):
    """A line of a text that is not empty: its kind, its place, and where it begins behind a bullet."""

    kind: Kind
    start: int
    end: int


def blocks(article: str, quotes: Mapping[str, str]) -> list[Block]:
    r"""An article behind its title, block by block.

    A short line between empty ones that ends no sentence is a heading; lines with a bullet are a list; lines with
    tabs are the rows of a table.

    Parameters
    ----------
    article : str
        The text; its first line that is not empty is the title.
    quotes : dict
        Id of a claim to its verbatim quote; quotes may overlap.

    Examples
    --------
    >>> [block.kind for block in blocks("T\n\nA head\n\nOne. Two.\n\na\tb\n1\t2\n\n• x", {})]
    ['heading', 'paragraph', 'table', 'list']
    >>> blocks("T\n\nOne. Two.", {"X": "Two."})[0].rows[0][0][1]
    Piece(text='Two.', claims=('X',), ended=('X',))
    """
    starts = {name: article.find(quote) for name, quote in quotes.items()}
    spans = {name: (start, start + len(quotes[name])) for name, start in starts.items() if start >= 0}
    made = []
    for kind, lines in itertools.groupby(_lines(article), lambda line: line.kind):
        rows = tuple(_row(article, spans, line) for line in lines)
        if kind in ("list", "table"):
            made.append(Block(kind, rows))
        else:
            made += [Block(kind, (row,)) for row in rows]
    return made


def title(article: str) -> str:
    r"""Title of an article; one that is the name of a file is written as words.

    Examples
    --------
    >>> title("open-models-on-openrouter_01\n\nMost of it runs through OpenRouter.")
    'Open models on OpenRouter'
    >>> title("  A title  ")
    'A title'
    """
    first, _, rest = article.lstrip().partition("\n")
    first = first.strip()
    if " " in first or not re.search("[-_]", first):
        return first
    words = [_as_written(word, rest) for word in re.split("[-_]+", re.sub(r"[-_]\d+$", "", first))]
    return capital(" ".join(words))


def last_day(article: str) -> str:
    """Last day that an article names, ISO date, or nothing: it cannot be older.

    Examples
    --------
    >>> last_day("From April 24, 2026 to May 4, 2026."), last_day("In May.")
    ('2026-05-04', '')
    """
    named = pd.to_datetime(_DAY.findall(article), format="%B %d, %Y", errors="coerce")
    return f"{named.max():%Y-%m-%d}" if named.notna().any() else ""


def _as_written(word: str, text: str) -> str:
    """A word as a text writes it, where it always begins with a capital there."""
    found = re.findall(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
    return found[0] if found and all(other[0].isupper() for other in found) else word


def _lines(article: str) -> list[_Line]:
    """Lines behind the title that are not empty."""
    lines = [found for found in re.finditer(r".*", article) if found[0].strip()][1:]
    return [_line(article, found.start(), found.end()) for found in lines]


def _line(article: str, start: int, end: int) -> _Line:
    text = article[start:end]
    if bullet := _BULLET.match(text):
        return _Line("list", start + bullet.end(), end)
    if "\t" in text:
        return _Line("table", start, end)
    alone = article[:start].endswith("\n\n") and article[end:].startswith("\n\n")
    short = len(text) <= _LONGEST_HEADING and not text.rstrip().endswith(_ENDS_A_SENTENCE)
    return _Line("heading" if alone and short else "paragraph", start, end)


def _row(article: str, spans: Spans, line: _Line) -> Row:
    cells = _CELL.finditer(article, line.start, line.end)
    return tuple(_pieces(article, spans, cell.start(), cell.end()) for cell in cells)


def _pieces(article: str, spans: Spans, start: int, end: int) -> tuple[Piece, ...]:
    """Part of a text, cut where quotes begin and end."""
    edges = {edge for span in spans.values() for edge in span if start < edge < end}
    cuts = sorted({start, end, *edges})
    return tuple(_piece(article, spans, first, last) for first, last in itertools.pairwise(cuts))


def _piece(article: str, spans: Spans, start: int, end: int) -> Piece:
    covering = tuple(name for name, (first, last) in spans.items() if first < end and start < last)
    return Piece(article[start:end], covering, tuple(name for name in covering if spans[name][1] == end))
