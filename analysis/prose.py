"""Results in words: what notebooks and pages say of a number, a week or a range."""

import re
import string
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

Value = float | int | str
"""What can be said: a number, or an ISO date."""


def format_value(value: Value | None, unit: str) -> str:
    """A value with its unit, as people write it.

    Parameters
    ----------
    value : Value or None
        Number or ISO date; None and NaN are "no data".
    unit : str
        ``share`` and ``change`` are written in per cent, ``points`` in percentage points, ``tokens`` in trillions,
        ``USD`` with cents (a dollar sign would start a formula in a notebook), ``months`` and ``index points`` with at
        most one decimal; any other unit stands behind the number, in the singular behind 1.

    Examples
    --------
    >>> [format_value(0.4539, "share"), format_value(0.81702, "change"), format_value(-0.036, "points")]
    ['45.4%', '+81.7%', '-3.6 points']
    >>> [format_value(4.21e12, "tokens"), format_value(2, "authors"), format_value(float("nan"), "share")]
    ['4.21T tokens', '2 authors', 'no data']
    >>> format_value(1_000_000, "tokens of context"), format_value(1, "models")
    ('1,000,000 tokens of context', '1 model')
    """
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return "no data"
    if unit in ("share", "change"):
        return f"{100 * value:{'+' if unit == 'change' else ''}.1f}%"
    if unit == "points":
        return f"{100 * value:.1f} points"
    if unit == "tokens":
        return f"{value / 1e12:.3g}T tokens"
    if unit == "USD":
        return (f"{value:,.3f}".removesuffix("0") if value < 10 else f"{value:,.2f}") + " USD"
    if unit == "times":
        return f"{value:.1f} times"
    if unit == "rank":
        return f"number {value:g}"
    number = f"{round(value, 1):g}" if unit in ("months", "index points") else f"{value:.4g}"
    number = f"{value:,.0f}" if abs(value) >= 1e4 else number
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}".strip()


def interval(low: Value | None, high: Value | None, unit: str) -> str:
    """Two ends with their unit, which is said once.

    Examples
    --------
    >>> interval(-0.055, 0.043, "points"), interval(5.42, float("nan"), "months")
    ('-5.5 to 4.3 points', '5.4 months or more')
    """
    if high is None or pd.isna(high):
        return "no data" if low is None or pd.isna(low) else f"{format_value(low, unit)} or more"
    return joined(format_value(low, unit), "to", format_value(high, unit))


def joined(first: str, word: str, second: str) -> str:
    """Two values in words around a word; a unit that both have is said once.

    Examples
    --------
    >>> joined("17.0 times", "±", "0.5 times"), joined("1 month", "to", "6 months"), joined("+9.0%", "±", "1.0 points")
    ('17.0 ± 0.5 times', '1 to 6 months', '+9.0% ± 1.0 points')
    """
    number = first.rstrip(f"% {string.ascii_letters}")
    unit = first.removeprefix(number).rstrip("s")
    return f"{number if second.rstrip('s').endswith(unit) else first} {word} {second}"


def count(number: float, noun: str) -> str:
    """A number of things, in the singular for one.

    Examples
    --------
    >>> count(1, "week"), count(4, "week"), count(float("nan"), "week")
    ('1 week', '4 weeks', 'no data')
    """
    return format_value(number, f"{noun}s")


def names(items: Iterable[str]) -> str:
    """Names in a row, or "none".

    Examples
    --------
    >>> names(["a", "b"]), names([])
    ('a, b', 'none')
    """
    return ", ".join(items) or "none"


def listed(items: Iterable[str]) -> str:
    """Names as a sentence says them, the last one with "and"; nothing for none.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def model_name(slug: str) -> str:
    """Model without its vendor.

    Examples
    --------
    >>> model_name("openai/gpt-5.5")
    'gpt-5.5'
    """
    return slug.split("/")[-1]


def day(when: pd.Timestamp) -> str:
    """ISO date, or "none" for NaT.

    Examples
    --------
    >>> day(pd.Timestamp("2026-03-23")), day(pd.NaT)
    ('2026-03-23', 'none')
    """
    return "none" if pd.isna(when) else f"{when:%Y-%m-%d}"


def ranges(numbers: pd.Index) -> str:
    """Whole numbers as ranges, or "no length".

    Examples
    --------
    >>> ranges(pd.Index([1, 2, 3, 7, 9, 10])), ranges(pd.Index([]))
    ('1 to 3, 7 or 9 to 10', 'no length')
    """
    runs = pd.Series(numbers, dtype="int64").groupby(pd.Series(numbers, dtype="int64").diff().ne(1).cumsum())
    words = [str(low) if low == high else f"{low} to {high}" for low, high in zip(runs.min(), runs.max(), strict=True)]
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "no length"


def needed(part: float) -> str:
    """Part that an assumption needs, in words that say when no part would do.

    Examples
    --------
    >>> needed(0.5), needed(1.2), needed(-0.1), needed(float("nan"))
    ('50%', 'more than all (120%)', 'none', 'no data')
    """
    if pd.isna(part):
        return "no data"
    if part > 1:
        return f"more than all ({part:.0%})"
    return "none" if part <= 0 else f"{part:.0%}"


def percent(part: float | None, digits: int = 0) -> str:
    """A part of one in per cent, as a newspaper prints it.

    Examples
    --------
    >>> percent(0.4539), percent(0.0336, 1)
    ('45%', '3.4%')
    """
    return "no data" if part is None or pd.isna(part) else f"{100 * part:.{digits}f}%"


def escaped(text: str) -> str:
    """A text for Markdown in a notebook, where two dollar signs in a line would set what is between them as a formula.

    A backslash is not enough: JupyterLab takes it away before it looks for formulas.

    Examples
    --------
    >>> escaped("It costs $5.")
    'It costs <span>&#36;</span>5.'
    """
    return text.replace("$", "<span>&#36;</span>")


def money(dollars: float | None) -> str:
    """An amount in dollars: whole from a hundred on, else with cents.

    Examples
    --------
    >>> money(4811.04), money(0.7), money(0.005), money(1.575)
    ('$4,811', '$0.70', '$0.005', '$1.58')
    """
    if dollars is None or pd.isna(dollars):
        return "no data"
    if abs(dollars) >= 100:
        return f"${dollars:,.0f}"
    cents = f"{Decimal(f'{dollars:.9g}').quantize(Decimal('0.01'), ROUND_HALF_UP)}"  # 1.575 lies just below itself
    return f"${cents}" if float(cents) == round(dollars, 4) or dollars >= 1 else f"${dollars:.3g}"


def date_words(when: pd.Timestamp | str | None) -> str:
    """A day as people write it.

    Examples
    --------
    >>> date_words("2026-05-18")
    '18 May 2026'
    """
    day = pd.Timestamp(when)
    return "no day" if pd.isna(day) else f"{day.day} {day:%B %Y}"


def weeks_words(weeks: pd.DatetimeIndex) -> str:
    """Weeks that follow each other, as people speak of them.

    Parameters
    ----------
    weeks : DatetimeIndex
        Their Mondays.

    Examples
    --------
    >>> weeks_words(pd.to_datetime(["2026-05-11", "2026-05-18"])), weeks_words(pd.to_datetime(["2026-05-18"]))
    ('the two weeks to 24 May 2026', 'the week of 18 May 2026')
    """
    if len(weeks) < 2:
        return f"the week of {date_words(weeks[0])}" if len(weeks) else "no week"
    return f"the {number_word(len(weeks))} weeks to {date_words(weeks.max() + pd.Timedelta(days=6))}"


def number_word(number: int) -> str:
    """A small whole number in letters, a larger one in digits.

    Examples
    --------
    >>> number_word(9), number_word(33)
    ('nine', '33')
    """
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return words[number] if 0 <= number < len(words) else f"{number:,}"


def known(text: str, *values: object) -> str:
    """A sentence, or nothing where a value that it speaks of is missing.

    Examples
    --------
    >>> known("It is so.", 1, "x"), known("It is so.", 1, None), known("It is so.", float("nan"))
    ('It is so.', '', '')
    """
    return "" if any(value is None or pd.isna(value) for value in values) else text


def capital(text: str) -> str:
    """Text that begins with a capital letter; the others stay, unlike with ``str.capitalize``.

    Examples
    --------
    >>> capital("first week with more US tokens")
    'First week with more US tokens'
    """
    return text[:1].upper() + text[1:]


def sentences(*parts: str, otherwise: str) -> str:
    """Those sentences that there are, in a row, or another where there is none.

    Examples
    --------
    >>> sentences("", "One.", "Two.", otherwise="Nothing."), sentences("", otherwise="Nothing.")
    ('One. Two.', 'Nothing.')
    """
    return " ".join(part for part in parts if part) or otherwise


def times_as_much(ratio: float) -> str:
    """A price beside another one, of which it is so many times.

    Examples
    --------
    >>> times_as_much(2.04), times_as_much(0.4167), times_as_much(1.0)
    ('2.0 times as much', '58% less', 'as much')
    """
    if abs(ratio - 1) < 0.005:
        return "as much"
    return f"{ratio:.1f} times as much" if ratio > 1 else f"{1 - ratio:.0%} less"


def change_words(part: float) -> str:
    """A change as a part of what was before, with its verb.

    Examples
    --------
    >>> change_words(-0.857), change_words(0.05), change_words(0.0)
    ('fell by 86%', 'rose by 5%', 'did not change')
    """
    if abs(part) < 0.005:
        return "did not change"
    return f"{'rose' if part > 0 else 'fell'} by {abs(part):.0%}"


_MISSING = re.compile(r"\b(no data|none|nan|no week|no length|no day)\b")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z*“(])")


def spoken(text: str, otherwise: str = "Nothing had been published on this by then.") -> str:
    """The sentences of a text in which nothing is missing; another where none is left.

    Parameters
    ----------
    text : str
        Sentences with values in words, such as ``format_value`` and ``names`` give them.
    otherwise : str
        What is said where every sentence has a gap.

    Examples
    --------
    >>> spoken("The share is 45.4%. A year ago: no data. Models: none.")
    'The share is 45.4%.'
    >>> spoken("The share is no data.", "Not known yet.")
    'Not known yet.'
    """
    kept = [sentence for sentence in _SENTENCE_END.split(text.strip()) if not _MISSING.search(sentence)]
    return " ".join(kept) or otherwise
