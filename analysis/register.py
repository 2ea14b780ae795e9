"""The claims register: ``data/claims.toml`` as typed claims."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from analysis import DATA, InputError
from analysis.criteria import CONTEXT, LITERAL, Claim, Criterion, Grid, Objection, Origin, Reading
from analysis.system import files

_NEEDED = ("kind", "says")
_WORDS = ("measure", "relation", "because", "would_need", "open")
_FORMS = ("", "g")
"""How a text may have a parameter written: as it is, or a number without its trailing zeros."""
_NUMBERS = ("target", "precision", "tolerance")
_ASSERTION = {*_NEEDED, *_WORDS, *_NUMBERS, "target_finding", "finding", "label", "unit", "readings"}
_READING = {"finding", "label", "unit", "if", "tolerance"}
_ORIGIN = {"who", "said", "source", "kind", "path"}
_OBJECTION = ("says", "answer")
_CLAIM = {
    "notebook",
    "quote",
    "tables",
    "at",
    "assertions",
    "context",
    "origin",
    "title",
    "objection",
    "specifications",
}

Entry = Mapping[str, object]


def read_register(path: Path = DATA / "claims.toml") -> dict[str, Claim]:
    """Claims of the register by id, in its order.

    Raises
    ------
    InputError
        The file cannot be read or is not TOML, a claim is malformed, or two of one notebook have a title.

    Examples
    --------
    >>> read_register()["S1"].assertions[0].relation
    '>'
    """
    return dict(_parsed(files.read_text(path, "the claims register"), path))


@functools.lru_cache(maxsize=4)
def _parsed(text: str, path: Path) -> dict[str, Claim]:
    """Claims of a register as it is written; kept, since most of what is made of a run asks for them."""
    claims = {name: claim(name, entry) for name, entry in files.parse_toml(text, path).items()}
    check_titles(claims)
    return claims


def check_titles(claims: Mapping[str, Claim]) -> None:
    """Refuse a second claim that would stand for its notebook.

    Raises
    ------
    InputError
        Names both claims.

    Examples
    --------
    >>> check_titles({name: Claim(name, "n", "no such words", (), title="words") for name in "XY"})
    Traceback (most recent call last):
    analysis.InputError: Claims X and Y both have a title: leave out one of them.
    """
    titles: dict[str, str] = {}
    for known in (known for known in claims.values() if known.title):
        if known.notebook in titles:
            raise InputError(
                f"Claims {titles[known.notebook]} and {known.id} both have a title: leave out one of them."
            )
        titles[known.notebook] = known.id


def check_quotes(register: Mapping[str, Claim], article: str) -> None:
    """Refuse a quote that is not verbatim from the article.

    Raises
    ------
    InputError
        Names the claim.

    Examples
    --------
    >>> check_quotes({"X": Claim("X", "n", "no such words", ())}, "The article.")
    Traceback (most recent call last):
    analysis.InputError: Claim X: the article does not say 'no such words'.
    """
    for known in register.values():
        if known.quote not in article:
            raise InputError(f"Claim {known.id}: the article does not say {known.quote!r}.")


def claim(name: str, entry: object) -> Claim:
    """A claim from its entry in the register.

    Parameters
    ----------
    name : str
        Id of the claim.
    entry : dict
        Its fields, as TOML gives them.

    Raises
    ------
    InputError
        A field is missing, unknown or not of its type.
    """
    try:
        fields = _fields(entry, _CLAIM)
        shown = tuple(_shown(key, part) for key, part in _tables(fields.get("context", {})).items())
        assertions = _tables(fields["assertions"])
        if not assertions:
            raise InputError("it needs an assertion.")
        return Claim(
            id=name,
            notebook=_text(fields, "notebook"),
            quote=_text(fields, "quote"),
            assertions=tuple(_criterion(key, part, shown) for key, part in assertions.items()),
            context=shown,
            tables=_texts(fields.get("tables", [])),
            at={key: _number(value) for key, value in _tables(fields.get("at", {})).items()},
            origin=_origin(fields["origin"]) if "origin" in fields else None,
            title=_title(fields),
            objection=_objection(fields["objection"]) if "objection" in fields else None,
            specifications=_grids(fields, assertions),
        )
    except KeyError as error:
        raise InputError(f"Claim {name} in the register has no field {error}.") from None
    except InputError as error:
        raise InputError(f"Claim {name} in the register: {error}") from None


def _origin(entry: object) -> Origin:
    fields = _fields(entry, _ORIGIN)
    return Origin(**{key: _text({"path": "", **fields}, key) for key in ("who", "said", "source", "kind", "path")})


def _title(fields: Entry) -> str:
    """A few words of the quote; empty where there are none."""
    title = _text({"title": "", **fields}, "title")
    if title != title.strip() or title not in _text(fields, "quote"):
        raise InputError(f"title: the quote does not say {title!r}; take a few of its words, or leave title out.")
    return title


def _objection(entry: object) -> Objection:
    """An objection with its answer: one without the other would leave a page one-sided."""
    fields = _fields(entry, {*_OBJECTION})
    says, answer = (_text({key: "", **fields}, key).strip() for key in _OBJECTION)
    if not says or not answer:
        raise InputError(
            f"objection: {'answer' if says else 'says'} is missing; give both says and answer, or neither."
        )
    return Objection(says, answer)


def _grids(fields: Entry, assertions: Entry) -> tuple[Grid, ...]:
    """Grids of settings; that the notebook takes them is seen where they are executed."""
    entries = fields.get("specifications", [])
    if not isinstance(entries, list):
        raise InputError(f"specifications are written [[ID.specifications]], in two brackets; not {entries!r}.")
    return tuple(_grid(_tables(entry), assertions) for entry in entries)


def _grid(entry: Entry, assertions: Entry) -> Grid:
    """A grid: what is read off each run, the first assertion as written by default, and values of parameters."""
    chosen = {"assertion": next(iter(assertions)), "reading": LITERAL, **entry}
    assertion, reading = _text(chosen, "assertion"), _text(chosen, "reading")
    readings = _tables(_tables(assertions.get(assertion, {})).get("readings", {}))
    if assertion not in assertions or reading not in (LITERAL, *readings):
        raise InputError(f"specifications: there is no assertion {assertion!r} with a reading {reading!r}.")
    names = [key for key in entry if key not in ("assertion", "reading")]
    return Grid(assertion, reading, {name: _values(name, entry[name]) for name in names})


def _values(name: str, values: object) -> tuple[object, ...]:
    if not isinstance(values, list) or not values:
        raise InputError(f"specifications: {name} takes a list of values; not {values!r}.")
    return tuple(values)


def _criterion(name: str, entry: object, shown: tuple[Reading, ...]) -> Criterion:
    fields = _fields(entry, _ASSERTION)
    words: dict[str, Any] = {key: _template(fields, key) for key in (*_NEEDED, *_WORDS) if key in (*_NEEDED, *fields)}
    return Criterion(
        name=name,
        threshold=_threshold(name, fields, shown),
        readings=_readings(fields),
        target=_target(fields.get("target")),
        precision=_number(fields.get("precision", 0.0)),
        tolerance=_width(fields.get("tolerance", 0.0)),
        **words,
    )


def _threshold(name: str, fields: Entry, shown: tuple[Reading, ...]) -> Reading | None:
    """The finding of the context that is the target, where one is named."""
    if "target_finding" not in fields:
        return None
    wanted = fields["target_finding"]
    found = [reading for reading in shown if reading.key == wanted]
    if not found:
        raise InputError(f"assertion {name}: target_finding takes a key of the context; not {wanted!r}.")
    return found[0]


def _readings(fields: Entry) -> tuple[Reading, ...]:
    """The literal reading of an assertion and the others; none where nothing is tested."""
    if "finding" not in fields:
        return ()
    literal = _reading(LITERAL, {key: fields[key] for key in ("finding", "label", "unit") if key in fields}, "")
    others = _tables(fields.get("readings", {}))
    return literal, *(_reading(key, part, literal.unit) for key, part in others.items())


def _reading(name: str, entry: object, unit: str) -> Reading:
    fields = _fields(entry, _READING)
    return Reading(
        name=name,
        key=_text(fields, "finding"),
        label=_template(fields, "label"),
        unit=_text({"unit": unit, **fields}, "unit"),
        condition="" if name == LITERAL else _template(fields, "if"),
        tolerance=_width(fields["tolerance"]) if "tolerance" in fields else None,
    )


def _shown(key: str, entry: object) -> Reading:
    fields = _fields(entry, {"label", "unit"})
    return Reading(CONTEXT, key, _template(fields, "label"), _text({"unit": "", **fields}, "unit"))


def _fields(entry: object, allowed: set[str]) -> Entry:
    """The entry as a table whose fields are all known."""
    fields = _tables(entry)
    if unknown := [key for key in fields if key not in allowed]:
        raise InputError(f"there is no field {unknown[0]!r}; the fields are {', '.join(sorted(allowed))}.")
    return fields


def _tables(entry: object) -> Entry:
    if not isinstance(entry, dict):
        raise InputError(f"a table is needed where {entry!r} stands.")
    return entry


def _text(fields: Entry, key: str) -> str:
    value = fields[key]
    if not isinstance(value, str):
        raise InputError(f"{key} takes text; not {value!r}.")
    return value


def _template(fields: Entry, key: str) -> str:
    """Text whose braces hold names of parameters and nothing else."""
    text = _text(fields, key)
    try:
        places = [place[1:] for place in Formatter().parse(text) if place[1] is not None]
    except ValueError as error:
        raise InputError(f"{key}, {text!r}: {error}; write braces twice.") from None
    for name, form, conversion in places:
        if form not in _FORMS or conversion or not str(name).isidentifier():
            raise InputError(f"{key}, {text!r}: {{{name}}} is no parameter; write braces twice.")
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"tables takes a list of names; not {value!r}.")
    return tuple(value)


def _target(value: object) -> Any:
    """A claimed value or two ends, as ``Criterion`` checks them."""
    return tuple(value) if isinstance(value, list) else value


def _width(value: object) -> float | str:
    """A half width, or the name of the parameter that gives it."""
    if isinstance(value, str):
        return value
    width = _number(value)
    if width < 0:
        raise InputError(f"tolerance must be a number of at least 0; not {value!r}.")
    return width


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise InputError(f"a number is needed where {value!r} stands.")
    return value
