"""The project's own form of an architecture, as ``data/architectures.toml`` has and explains it, read and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

from analysis import InputError
from analysis.measures.attention import ATTENTION
from analysis.measures.blocks import FEED_FORWARD, Architecture, Block


def read_architectures(content: bytes) -> dict[str, Architecture]:
    """Architectures by name, from TOML of the form that ``data/architectures.toml`` explains.

    Parameters
    ----------
    content : bytes
        As ``catalog.read_bytes("architectures")`` gives it.

    Raises
    ------
    InputError
        Names the model and the field.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> read_architectures(read_bytes("architectures"))["gpt-oss-20b"].hidden_size
    2880
    """
    try:
        entries = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InputError(f"architectures.toml cannot be read: {error}.") from None
    return {name: checked(name, entry) for name, entry in entries.items()}


def checked(name: str, entry: Any) -> Architecture:
    """One entry, read and checked; errors name the model and the field.

    Examples
    --------
    >>> entry = {"hidden_size": 8, "vocabulary": 10, "blocks": [[2, "none", "dense"]]}
    >>> entry["parts"] = {"none": {"kind": "no-attention"}, "dense": {"kind": "dense", "width": 4}}
    >>> checked("Small", entry).blocks[0].count
    2
    """
    place = f"Architecture {name}"
    if not isinstance(entry, dict):
        raise InputError(f"{place}: write its dimensions in a table of its own.")
    for field in ("hidden_size", "vocabulary", "blocks", "parts"):
        if field not in entry:
            raise InputError(f"{place}, {field}: it is missing.")
    for field in set(entry) - {"hidden_size", "vocabulary", "blocks", "parts", "tied"}:
        raise InputError(f"{place}, {field}: there is no such field.")
    for field in ("hidden_size", "vocabulary"):
        _check_size(f"{place}, {field}", entry[field], 1)
    if not isinstance(entry["parts"], dict) or not isinstance(entry["blocks"], list):
        raise InputError(f"{place}: write blocks = [[count, attention, feed-forward], ...] and parts.NAME = {{ ... }}.")
    _check_value(f"{place}, tied", entry.get("tied", False), bool, 0)
    parts = {key: _part(f"{place}, {key}", part) for key, part in entry["parts"].items()}
    blocks = tuple(_block(place, row, parts) for row in entry["blocks"])
    return Architecture(name, entry["hidden_size"], entry["vocabulary"], blocks, entry.get("tied", False))


def _block(place: str, row: Any, parts: Mapping[str, Any]) -> Block:
    if not isinstance(row, list) or len(row) != 3:
        raise InputError(f"{place}, blocks: write [count, attention, feed-forward]; not {row!r}.")
    _check_size(f"{place}, blocks", row[0], 1)
    if not all(isinstance(part, str) for part in row[1:]):
        raise InputError(f"{place}, blocks: name the parts in quotes; not {row!r}.")
    for part, kinds in zip(row[1:], (list(ATTENTION), list(FEED_FORWARD)), strict=True):
        if part not in parts or parts[part].kind not in kinds:
            raise InputError(f"{place}, blocks: no part is called {part!r} and of the kind {' or '.join(kinds)}.")
    return Block(row[0], parts[row[1]], parts[row[2]])


def _part(place: str, entry: Any) -> Any:
    """One part of the kind that it names, with every field checked."""
    kinds: dict[str, Any] = {**ATTENTION, **FEED_FORWARD}
    if not isinstance(entry, dict):
        raise InputError(f"{place}: write its kind and sizes in a table; not {entry!r}.")
    kind = kinds.get(str(entry.get("kind")))
    if kind is None:
        raise InputError(f"{place}, kind: use {', '.join(kinds)}; not {entry.get('kind')!r}.")
    known = {field.name: field for field in fields(kind)}
    hints = get_type_hints(kind)
    for name in set(entry) - {"kind"} - set(known):
        raise InputError(f"{place}, {name}: {kind.kind} has no such field; it has {', '.join(known)}.")
    for name, field in known.items():
        needed = field.default is MISSING
        if name in entry:
            _check_value(f"{place}, {name}", entry[name], hints[name], least=1 if needed else 0)
        elif needed:
            raise InputError(f"{place}, {name}: it is missing.")
    part = kind(**{name: value for name, value in entry.items() if name != "kind"})
    if fault := part.fault():
        raise InputError(f"{place}, {fault[0]}: {fault[1]}.")
    return part


def _check_value(place: str, value: Any, hint: Any, least: int) -> None:
    if choices := get_args(hint):
        if value not in choices:
            raise InputError(f"{place}: use {', '.join(choices)}; not {value!r}.")
    elif hint is bool:
        if not isinstance(value, bool):
            raise InputError(f"{place}: use true or false; not {value!r}.")
    else:
        _check_size(place, value, least)


def _check_size(place: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"{place}: give a whole number of at least {least}; not {value!r}.")
