"""A model's published ``config.json`` as an entry of the project's form of architectures.

The form is that of ``architectures.toml``: the width of the model, how many layers of which two parts, and the parts by
name. A family is known by the ``model_type`` of its configuration; ``families`` has what each family's keys mean. A key
that says something about the structure and that the family's reader did not ask for stops the conversion.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from analysis import InputError, SourceError
from analysis.measures import form
from analysis.refresh.configuration import BY_HAND, OFF, Configuration
from analysis.refresh.families import FAMILIES, Family
from analysis.refresh.layers import Model


def architecture(config: Mapping[str, Any]) -> dict[str, Any]:
    """Entry of the form of architectures for a published configuration.

    Layers for multi-token prediction and encoders of images and sound are left out.

    Parameters
    ----------
    config : dict
        The content of ``config.json``; of a model of several kinds of input, the part on text counts.

    Returns
    -------
    dict
        hidden_size, vocabulary, tied (if the head is the embedding), blocks (in order of first appearance), parts.

    Raises
    ------
    SourceError
        The family, a size or a key of the structure is not understood; the sentence names it and its value.

    Examples
    --------
    >>> config = {"model_type": "qwen3", "hidden_size": 64, "vocab_size": 100, "num_hidden_layers": 2, "head_dim": 8,
    ...           "num_attention_heads": 8, "num_key_value_heads": 2, "intermediate_size": 256}
    >>> architecture(config)["blocks"]
    [[2, 'attention', 'dense']]
    """
    if not isinstance(config, Mapping):
        raise SourceError("The configuration is not a table of keys and values: give the content of config.json.")
    nested = config.get("text_config") is not None
    text = config["text_config"] if nested else config
    name, family = _family(text, config)
    keys = Configuration(text, name)
    model = family.read(keys)
    entry = _entry(model, _tied(keys, config, family))
    keys.finish()
    if nested:
        _check_outer(config, text, keys)
    _check_sizes(entry, keys.family)
    return entry


def _entry(model: Model, tied: bool) -> dict[str, Any]:
    """What a family's reader found, in the project's form: equal layers counted together, unused parts left out."""
    counts = Counter(model.layers)
    used = {name for parts in counts for name in parts}
    entry: dict[str, Any] = {"hidden_size": model.hidden, "vocabulary": model.vocabulary}
    if tied:
        entry["tied"] = True
    entry["blocks"] = [[count, *parts] for parts, count in counts.items()]
    entry["parts"] = {name: part for name, part in model.parts.items() if name in used}
    return entry


def to_toml(name: str, entry: Mapping[str, Any]) -> str:
    """An entry as text to put into ``architectures.toml``.

    Examples
    --------
    >>> parts = {"x": {"kind": "dense", "width": 4}}
    >>> print(to_toml("A 1", {"blocks": [[2, "x", "x"]], "parts": parts}))
    ["A 1"]
    blocks = [[2, "x", "x"]]
    parts.x = { kind = "dense", width = 4 }
    """
    lines = [f"[{name if re.fullmatch('[A-Za-z0-9_-]+', name) else json.dumps(name)}]"]
    for key, value in entry.items():
        if key != "parts":
            lines.append(f"{key} = {json.dumps(value)}")
    for key, part in entry["parts"].items():
        fields = ", ".join(f"{field} = {json.dumps(value)}" for field, value in part.items())
        lines.append(f"parts.{key} = {{ {fields} }}")
    return "\n".join(lines)


def _family(text: Any, config: Mapping[str, Any]) -> tuple[str, Family]:
    """The family of the part on text or, where that does not say, of the whole configuration."""
    name = text.get("model_type", config.get("model_type")) if isinstance(text, Mapping) else None
    if not isinstance(name, str) or name not in FAMILIES:
        raise SourceError(
            f"The configuration is of the family {name!r}, which is not known; known are {', '.join(FAMILIES)}: "
            f"{BY_HAND}"
        )
    return name, FAMILIES[name]


def _tied(keys: Configuration, config: Mapping[str, Any], family: Family) -> bool:
    """Whether the head is the embedding, by the part on text, by the whole, or by what the family does unasked."""
    name = "tie_word_embeddings"
    inner = keys.flag(name) if keys.has(name) else None
    whole = Configuration(config, keys.family)
    outer = whole.flag(name) if whole.has(name) else None
    if inner is not None and outer is not None and inner != outer:
        keys.refuse(name, inner, f"and {str(outer).lower()} outside the part on text")
    stated = outer if inner is None else inner
    return family.tied if stated is None else stated


def _check_sizes(entry: Mapping[str, Any], family: str) -> None:
    """The sizes must fit together, as in an entry written by hand."""
    try:
        form.checked(family, entry)
    except InputError as error:
        raise SourceError(f"The configuration has sizes that do not fit together: {error}") from None


def _check_outer(config: Mapping[str, Any], text: Mapping[str, Any], keys: Configuration) -> None:
    """What stands outside the part on text must not be structure, or must say the same as the part on text."""
    own = {"text_config", "tie_word_embeddings", "model_type"}
    asked = keys.asked - set(OFF)
    for name, value in config.items():
        if name not in own and name in asked and value != text.get(name):
            keys.refuse(name, value, "outside the part on text")
    rest = {name: value for name, value in config.items() if name not in own | asked}
    Configuration(rest, keys.family).finish()
