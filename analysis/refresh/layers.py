"""What the keys shared by many families mean: an attention's sizes, experts, and which layers have which of them."""

from dataclasses import dataclass
from typing import Any

from analysis.refresh.configuration import Configuration

Part = dict[str, Any]

_EXPERTS = ("n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts")
_PER_TOKEN = ("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_top_k", "moe_topk")
_SHARED = ("n_shared_experts", "num_shared_experts")


def filled(**fields: Any) -> Part:
    """A part without the fields that are left at what they are unasked."""
    return {name: value for name, value in fields.items() if value not in (0, False, "none")}


def grouped(
    keys: Configuration,
    bias: str = "none",
    norm: str = "none",
    kv_heads: tuple[str, ...] = ("num_key_value_heads",),
    **more: Any,
) -> Part:
    """Grouped-query attention by its usual keys."""
    heads = keys.size("num_attention_heads")
    return {
        "kind": "grouped-query",
        "heads": heads,
        "kv_heads": keys.whole(*kv_heads, default=heads, least=1),
        "head_dim": head_dim(keys, heads),
        **filled(bias=bias, norm=norm, **more),
    }


def head_dim(keys: Configuration, heads: int) -> int:
    """Width of a head: stated, or the model's width shared out among the heads."""
    if keys.has("head_dim"):
        return keys.size("head_dim")
    width = keys.size("hidden_size")
    if width % heads:
        keys.refuse("num_attention_heads", heads, f"among which hidden_size = {width} cannot be shared out")
    return width // heads


def windowed(part: Part, window: int) -> Part:
    """The same attention within a window."""
    return part | {"kind": "sliding-window", "window": window}


def latent(keys: Configuration, **more: Any) -> Part:
    """Multi-head latent attention; without a query rank, queries are made directly."""
    sizes = {
        "heads": keys.size("num_attention_heads"),
        "query_rank": keys.whole("q_lora_rank", default=0),
        "kv_rank": keys.size("kv_lora_rank"),
        "nope_dim": keys.size("qk_nope_head_dim"),
        "rope_dim": keys.whole("qk_rope_head_dim"),
        "value_dim": keys.size("v_head_dim"),
    }
    if keys.whole("num_key_value_heads", default=sizes["heads"]) != sizes["heads"]:
        keys.refuse("num_key_value_heads", keys.value("num_key_value_heads"), "unlike num_attention_heads")
    # What the sizes above give already, or what only the rotated part is called.
    keys.whole("qk_head_dim", default=0)
    keys.whole("head_dim", default=0)
    return {"kind": "latent", **filled(**sizes, **more)}


def indexed(keys: Configuration) -> Part:
    """Sizes of an index over tokens."""
    return {
        "index_heads": keys.size("index_n_heads"),
        "index_dim": keys.size("index_head_dim"),
        "index_top": keys.size("index_topk"),
    }


def has_experts(keys: Configuration) -> bool:
    """Whether the model has experts: their number is there and not 0."""
    return keys.whole(*_EXPERTS, default=0) > 0


def mixture(keys: Configuration, *width: str, **more: Any) -> Part:
    """A mixture of experts by its usual keys; shared experts are as wide as the others unless the family says so."""
    if "shared" not in more:
        more["shared"] = keys.whole(*_SHARED, default=0)
    return {
        "kind": "mixture",
        "experts": keys.size(*_EXPERTS),
        "per_token": keys.size(*_PER_TOKEN, *(("top_k_experts",) if keys.has("top_k_experts") else ())),
        "width": keys.size(*width),
        **filled(**more),
    }


def dense(keys: Configuration, *width: str, **more: Any) -> Part:
    """A dense feed-forward."""
    return {"kind": "dense", "width": keys.size(*width), **more}


def feed_forwards(keys: Configuration, count: int, experts: bool | None = None) -> list[str]:
    """For each layer, ``dense`` or ``experts``, from all keys in use that say so."""
    if not (has_experts(keys) if experts is None else experts):
        return ["dense"] * count
    sparse = [True] * count
    first = keys.whole("first_k_dense_replace", default=0)
    if first > count:
        keys.refuse("first_k_dense_replace", first, f"and there are {count} layers")
    every, step = _frequency(keys, count), keys.whole("decoder_sparse_step", default=1, least=1)
    only = keys.numbers("mlp_only_layers") if keys.has("mlp_only_layers") else []
    for layer in only:
        if not 0 <= layer < count:
            keys.refuse("mlp_only_layers", layer, f"and there are {count} layers")
    for layer in range(count):
        sparse[layer] = layer >= first and every[layer] and (layer + 1) % step == 0 and layer not in only
    found = ["experts" if one else "dense" for one in sparse]
    return _listed(keys, found, all(sparse))


def _frequency(keys: Configuration, count: int) -> list[bool]:
    """Layers with experts by ``moe_layer_freq``: one in so many, or a list."""
    if isinstance(keys.value("moe_layer_freq"), list):
        return [one == 1 for one in keys.each("moe_layer_freq", [0, 1], count)]
    step = keys.whole("moe_layer_freq", default=1, least=1)
    return [layer % step == 0 for layer in range(count)]


def _listed(keys: Configuration, found: list[str], unsaid: bool) -> list[str]:
    """Kinds by ``mlp_layer_types``, where it is there; it must agree with the other keys where they say anything."""
    name = "mlp_layer_types"
    if not keys.has(name):
        return found
    kinds = keys.each(name, ["dense", "sparse", "moe"], len(found))
    listed = ["dense" if kind == "dense" else "experts" for kind in kinds]
    if not unsaid and listed != found:
        keys.refuse(name, kinds, "which contradicts the other keys on layers with experts")
    return listed


def layer_types(keys: Configuration, count: int, names: dict[str, str], default: list[str]) -> list[str]:
    """The project's name of each layer's attention by ``layer_types``; unstated, what the family does."""
    if not keys.has("layer_types"):
        return default
    further = keys.whole("num_nextn_predict_layers", default=0)
    return [names[kind] for kind in keys.each("layer_types", list(names), count, further)]


def optional_windows(keys: Configuration, count: int) -> list[str]:
    """Attention of each layer where windows must be switched on, and then begin at a layer (Qwen)."""
    window = keys.whole("sliding_window", default=0)
    first = keys.whole("max_window_layers", default=0)
    on = keys.flag("use_sliding_window")
    if on and not window:
        keys.refuse("use_sliding_window", on, "without a sliding_window")
    default = ["window" if on and layer >= first else "attention" for layer in range(count)]
    names = {"full_attention": "attention", "sliding_attention": "window"}
    kinds = layer_types(keys, count, names, default)
    if "window" in kinds and not on:
        keys.refuse("use_sliding_window", on, "and layer_types has windows")
    return kinds


def named_windows(keys: Configuration, count: int, default: list[str]) -> list[str]:
    """Attention of each layer where ``layer_types`` has windows of ``sliding_window`` tokens."""
    names = {"full_attention": "attention", "sliding_attention": "window"}
    return layer_types(keys, count, names, default)


@dataclass
class Model:
    """What a reader finds: the width, the tokens of the vocabulary, two parts for each layer, and the parts."""

    hidden: int
    vocabulary: int
    layers: list[tuple[str, str]]
    parts: dict[str, Part]


def build(
    keys: Configuration, attention: list[str], feeding: list[str], parts: dict[str, Part], width: str = "hidden_size"
) -> Model:
    """The model of a part for each layer to attend and to feed forward."""
    layers = list(zip(attention, feeding, strict=True))
    return Model(keys.size(width), keys.size("vocab_size"), layers, parts)


def feeding_by_layer(keys: Configuration, *expert_width: str, **more: Any) -> tuple[list[str], dict[str, Part]]:
    """The feed-forward of each layer, and the parts: the usual keys."""
    count = keys.layers("num_hidden_layers")
    found = feed_forwards(keys, count)
    parts: dict[str, Part] = {}
    if "experts" in found:
        parts["experts"] = mixture(keys, *(expert_width or ("moe_intermediate_size",)), **more)
    # Where all layers have experts, a width of dense layers may be stated and is not used.
    keys.whole("intermediate_size", default=0)
    if "dense" in found:
        parts["dense"] = dense(keys, "intermediate_size")
    return found, parts


def everywhere(keys: Configuration, name: str = "attention") -> list[str]:
    """The same attention in every layer; ``layer_types`` may say so."""
    count = keys.layers("num_hidden_layers")
    return layer_types(keys, count, {"full_attention": name}, [name] * count)


def stated_bias(keys: Configuration, kind: str) -> str:
    """Biases of that kind, where ``attention_bias`` says that there are any."""
    return kind if keys.flag("attention_bias") else "none"
