"""Names in a row, as a sentence says them."""

from collections.abc import Iterable


def listed(items: Iterable[str]) -> str:
    """Names with commas, and the last one with "and"; nothing for none.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last
