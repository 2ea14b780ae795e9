"""A model's published ``config.json`` as an entry of the project's form of architectures.

The form is that of ``architectures.toml``: the width of the model, blocks in order, and parts by name. A family is
known by the ``model_type`` of its configuration; what a family does and its configuration does not say stands in the
table of families here.
"""

import json
import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from analysis import SourceError

_FAMILIES: dict[str, dict[str, Any]] = {
    "deepseek_v3": {"kind": "latent"},
    "deepseek_v32": {"kind": "sparse-indexed"},
    "glm_moe_dsa": {"kind": "sparse-indexed"},
    "kimi_k2": {"kind": "latent"},
    "glm4_moe": {"kind": "grouped-query", "bias": "attention_bias", "norm": "use_qk_norm"},
    "gpt_oss": {"kind": "grouped-query", "bias": "all", "sinks": True, "experts_bias": True},
    "llama": {"kind": "grouped-query"},
    "minimax_m2": {"kind": "grouped-query", "norm": "layer", "expert_width": "intermediate_size"},
    "mixtral": {"kind": "grouped-query", "expert_width": "intermediate_size"},
    "qwen3": {"kind": "grouped-query", "norm": "head"},
    "qwen3_moe": {"kind": "grouped-query", "norm": "head"},
}

_LATENT = {
    "heads": "num_attention_heads",
    "query_rank": "q_lora_rank",
    "kv_rank": "kv_lora_rank",
    "nope_dim": "qk_nope_head_dim",
    "rope_dim": "qk_rope_head_dim",
    "value_dim": "v_head_dim",
}
_INDEX = {"index_heads": "index_n_heads", "index_dim": "index_head_dim", "index_top": "index_topk"}


def architecture(config: Mapping[str, Any]) -> dict[str, Any]:
    """Entry of the form of architectures for a published configuration.

    Layers for multi-token prediction and vision encoders are left out.

    Parameters
    ----------
    config : dict
        The content of ``config.json``; of a model of several kinds of input, the part on text counts.

    Returns
    -------
    dict
        hidden_size, vocabulary, tied (where the head is the embedding), blocks, parts.

    Raises
    ------
    SourceError
        The family is not known, or the configuration lacks a size that its family has.

    Examples
    --------
    >>> config = {"model_type": "qwen3", "hidden_size": 64, "vocab_size": 100, "num_hidden_layers": 2, "head_dim": 8,
    ...           "num_attention_heads": 8, "num_key_value_heads": 2, "intermediate_size": 256}
    >>> architecture(config)["blocks"]
    [[2, 'attention', 'dense']]
    """
    text, family = _known(config)
    attention = _attention(text, family)
    windowed = attention | {"kind": "sliding-window", "window": text.get("sliding_window")}
    layers = list(zip(_kinds(text), _feed_forward(text), strict=True))
    parts = {"attention": attention, "window": windowed, **_widths(text, family)}
    used = {name for layer in layers for name in layer}
    tied = {"tied": True} if text.get("tie_word_embeddings") else {}
    sizes = {"hidden_size": _size(text, "hidden_size"), "vocabulary": _size(text, "vocab_size")} | tied
    blocks = [[len(list(run)), *layer] for layer, run in groupby(layers)]
    return sizes | {"blocks": blocks, "parts": {name: part for name, part in parts.items() if name in used}}


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
    lines += [f"{key} = {json.dumps(value)}" for key, value in entry.items() if key != "parts"]
    for key, part in entry["parts"].items():
        lines.append(f"parts.{key} = {{ {', '.join(f'{k} = {json.dumps(v)}' for k, v in part.items())} }}")
    return "\n".join(lines)


def _known(config: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The part of a configuration on text, and what its family does."""
    text = config.get("text_config", config)
    family = _FAMILIES.get(str(text.get("model_type"))) if isinstance(text, Mapping) else None
    if family is None:
        raise SourceError(
            f"The configuration is of a family that is not known; known are {', '.join(_FAMILIES)}: write the entry by "
            "hand."
        )
    return text, family


def _size(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SourceError(f"The configuration has no {name} that is a whole number from 1: write the entry by hand.")
    return value


def _layers(config: Mapping[str, Any]) -> int:
    count = _size(config, "num_hidden_layers")
    if count > 10_000:
        raise SourceError(f"The configuration has {count:,} layers, which no model has.")
    return count


def _attention(config: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, Any]:
    """The part that attends."""
    if family["kind"] != "grouped-query":
        names = _LATENT | (_INDEX if family["kind"] == "sparse-indexed" else {})
        return {"kind": family["kind"]} | {ours: _size(config, theirs) for ours, theirs in names.items()}
    heads = _size(config, "num_attention_heads")
    stated = config.get("head_dim") is not None
    width = _size(config, "head_dim") if stated else _size(config, "hidden_size") // heads
    part = {
        "kind": "grouped-query",
        "heads": heads,
        "kv_heads": _size(config, "num_key_value_heads"),
        "head_dim": width,
    }
    bias, norm = family.get("bias"), family.get("norm")
    if bias == "all" or (bias and config.get(bias)):
        part["bias"] = "all" if bias == "all" else "qkv"
    if norm in ("head", "layer") or (norm and config.get(norm)):
        part["norm"] = norm if norm in ("head", "layer") else "head"
    return part | ({"sinks": True} if family.get("sinks") else {})


def _kinds(config: Mapping[str, Any]) -> list[str]:
    """For each layer, whether it attends to all tokens or within a window."""
    count, kinds = _layers(config), config.get("layer_types")
    if not isinstance(kinds, list) or "sliding_attention" not in kinds:
        return ["attention"] * count
    _size(config, "sliding_window")
    if len(kinds) != count:
        raise SourceError(f"The configuration has {count} layers and kinds of {len(kinds)}: write the entry by hand.")
    return ["window" if kind == "sliding_attention" else "attention" for kind in kinds]


def _experts(config: Mapping[str, Any]) -> str | None:
    """Name under which a configuration says how many experts it has; None for a dense model."""
    return next((n for n in ("n_routed_experts", "num_experts", "num_local_experts") if config.get(n)), None)


def _feed_forward(config: Mapping[str, Any]) -> list[str]:
    """For each layer, whether it is dense or a mixture of experts."""
    count = _layers(config)
    if _experts(config) is None:
        return ["dense"] * count
    if (
        config.get("mlp_only_layers")
        or config.get("decoder_sparse_step", 1) != 1
        or config.get("moe_layer_freq", 1) != 1
    ):
        raise SourceError("The configuration mixes dense layers and experts in its own order: write the entry by hand.")
    dense = min(config.get("first_k_dense_replace") or 0, count)
    return ["dense"] * dense + ["experts"] * (count - dense)


def _widths(config: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts that feed forward."""
    dense = {"kind": "dense", "width": _size(config, "intermediate_size")}
    counted = _experts(config)
    if counted is None:
        return {"dense": dense}
    own = family.get(
        "expert_width", "moe_intermediate_size" if config.get("moe_intermediate_size") else "intermediate_size"
    )
    part = {
        "kind": "mixture",
        "experts": _size(config, counted),
        "per_token": _size(config, "num_experts_per_tok"),
        "width": _size(config, own),
    }
    part |= {"shared": _size(config, "n_shared_experts")} if config.get("n_shared_experts") else {}
    return {"dense": dense, "experts": part | ({"bias": True} if family.get("experts_bias") else {})}
