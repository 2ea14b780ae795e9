"""The claims register: ``data/claims.toml`` as typed claims."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from analysis import DATA, InputError
from analysis.criteria import CONTEXT, LITERAL, Claim, Criterion, Reading

_ASSERTION = {
    *("kind", "says", "measure", "relation", "target"),
    *("precision", "tolerance", "because", "would_need", "open"),
}
_LITERAL = {"target_finding", "finding", "label", "unit", "readings"}
_READING = {"finding", "label", "unit", "if", "tolerance"}
_CLAIM = {"notebook", "quote", "tables", "at", "assertions", "context"}

Entry = Mapping[str, object]


def read_register(path: Path = DATA / "claims.toml") -> dict[str, Claim]:
    """Claims of the register by id, in its order.

    Raises
    ------
    InputError
        The file is not TOML, or a claim is malformed; the claim and the field are named.

    Examples
    --------
    >>> read_register()["S1"].assertions[0].relation
    '>'
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, FileNotFoundError) as error:
        raise InputError(f"The claims register {path} cannot be read: {error}.") from None
    return {name: claim(name, entry) for name, entry in entries.items()}


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
        return Claim(
            id=name,
            notebook=_text(fields, "notebook"),
            quote=_text(fields, "quote"),
            assertions=tuple(_criterion(key, part, shown) for key, part in _tables(fields["assertions"]).items()),
            context=shown,
            tables=_texts(fields.get("tables", [])),
            at={key: _number(value) for key, value in _tables(fields.get("at", {})).items()},
        )
    except KeyError as error:
        raise InputError(f"Claim {name} in the register has no field {error}.") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"Claim {name} in the register: {error}") from None


def _criterion(name: str, entry: object, shown: tuple[Reading, ...]) -> Criterion:
    fields = _fields(entry, _ASSERTION | _LITERAL)
    target = fields.get("target")
    readings = []
    if "finding" in fields:
        readings = [_reading(LITERAL, {key: fields[key] for key in ("finding", "label", "unit") if key in fields}, "")]
        unit = readings[0].unit
        readings += [_reading(key, part, unit) for key, part in _tables(fields.get("readings", {})).items()]
    known = {key: value for key, value in fields.items() if key in _ASSERTION - {"target"}}
    threshold = {reading.key: reading for reading in shown}.get(str(fields.get("target_finding")))
    if "target_finding" in fields and threshold is None:
        raise InputError(
            f"assertion {name}: target_finding takes a key of the context; not {fields['target_finding']!r}."
        )
    return Criterion(
        name=name,
        threshold=threshold,
        readings=tuple(readings),
        target=tuple(target) if isinstance(target, list) else target,  # type: ignore[arg-type]
        **known,  # type: ignore[arg-type]
    )


def _reading(name: str, entry: object, unit: str) -> Reading:
    fields = _fields(entry, _READING)
    width = fields.get("tolerance")
    return Reading(
        name=name,
        key=_text(fields, "finding"),
        label=_text(fields, "label"),
        unit=str(fields.get("unit", unit)),
        condition="" if name == LITERAL else _text(fields, "if"),
        tolerance=width if isinstance(width, str) or width is None else _number(width),
    )


def _shown(key: str, entry: object) -> Reading:
    fields = _fields(entry, {"label", "unit"})
    return Reading(CONTEXT, key, _text(fields, "label"), str(fields.get("unit", "")))


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


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"tables takes a list of names; not {value!r}.")
    return tuple(value)


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise InputError(f"a number is needed where {value!r} stands.")
    return value
