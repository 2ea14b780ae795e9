"""Readers of the families whose layers differ in kind or hold more or less than an attention and a feed-forward."""

from analysis.refresh.configuration import Configuration
from analysis.refresh.layers import (
    Model,
    Part,
    build,
    dense,
    feed_forwards,
    filled,
    grouped,
    head_dim,
    latent,
    layer_types,
    mixture,
    stated_bias,
    windowed,
)

_MAMBA, _ATTENTION, _DENSE, _EXPERTS = "mamba", "attention", "mlp", "moe"


def read_nemotron(keys: Configuration) -> Model:
    """Nemotron-H: a layer is a state-space layer, an attention, a feed-forward of two matrices, or experts."""
    keys.off("use_bias", "mlp_bias", "mamba_proj_bias", "sliding_window")
    order = _nemotron_order(keys)
    keys.value("expand")  # Of the width; the number of heads and their width are stated.
    keys.whole("intermediate_size", default=0)
    parts: dict[str, Part] = {
        "nothing": {"kind": "no-feed-forward"},
        "none": {"kind": "no-attention"},
        "mamba": _state_space(keys),
        "attention": grouped(keys, bias=stated_bias(keys, "all")),
    }
    if _DENSE in order:
        parts["dense"] = dense(keys, "intermediate_size", gated=False)
    if _EXPERTS in order:
        parts["experts"] = _nemotron_experts(keys)
    layers = {
        _MAMBA: ("mamba", "nothing"),
        _ATTENTION: ("attention", "nothing"),
        _DENSE: ("none", "dense"),
        _EXPERTS: ("none", "experts"),
    }
    attention = [layers[kind][0] for kind in order]
    return build(keys, attention, [layers[kind][1] for kind in order], parts)


def _nemotron_order(keys: Configuration) -> list[str]:
    """Kind of each layer, by a list or by a pattern of letters."""
    letters = {"M": _MAMBA, "*": _ATTENTION, "-": _DENSE, "E": _EXPERTS}
    pattern, listed = "hybrid_override_pattern", "layers_block_type"
    given = keys.value(listed) if keys.has(listed) else keys.value(pattern)
    count = len(given) if isinstance(given, list | str) else 1
    if keys.has("num_hidden_layers"):
        count = keys.layers("num_hidden_layers")
    if not keys.has(listed):
        return [letters[letter] for letter in keys.each(pattern, list(letters), count)]
    order = [str(kind) for kind in keys.each(listed, list(letters.values()), count)]
    if keys.has(pattern) and [letters[letter] for letter in keys.each(pattern, list(letters), count)] != order:
        keys.refuse(pattern, keys.value(pattern), f"which contradicts {listed}")
    return order


def _state_space(keys: Configuration) -> Part:
    part: Part = {
        "kind": "state-space",
        "heads": keys.size("mamba_num_heads"),
        "head_dim": keys.size("mamba_head_dim"),
        "groups": keys.size("n_groups"),
        "state_dim": keys.size("ssm_state_size"),
        "kernel": keys.size("conv_kernel"),
    }
    return part if keys.flag("use_conv_bias", default=True) else part | {"conv_bias": False}


def _nemotron_experts(keys: Configuration) -> Part:
    latent_width = keys.whole("moe_latent_size", default=0)
    shared = keys.whole("n_shared_experts", default=0)
    width = keys.whole("moe_shared_expert_intermediate_size", default=0)
    part = mixture(keys, "moe_intermediate_size", shared=shared, shared_width=width, latent=latent_width)
    return part | {"gated": False}


def read_gemma4(keys: Configuration) -> Model:
    """Gemma 4: windows, and full attention with heads of its own whose keys are its values.

    Where there are experts, a dense part of every layer stands beside them, like a shared expert.

    Small models with an embedding for each layer, or layers that share a cache, are not counted here.
    """
    keys.off("hidden_size_per_layer_input", "num_kv_shared_layers", "use_double_wide_mlp", "attention_bias")
    keys.value("vocab_size_per_layer_input")
    count = keys.layers("num_hidden_layers")
    near = grouped(keys, norm="head")
    shared = keys.flag("attention_k_eq_v")
    own = keys.whole("num_global_key_value_heads", default=0) if shared else 0
    parts: dict[str, Part] = {
        "window": windowed(near, keys.size("sliding_window")),
        "attention": near
        | {"kv_heads": own or near["kv_heads"], "head_dim": keys.size("global_head_dim")}
        | filled(keys_are_values=shared),
    }
    feeding = "dense"
    width = keys.size("intermediate_size")
    if keys.flag("enable_moe_block"):
        feeding = "experts"
        parts["experts"] = mixture(keys, "moe_intermediate_size", shared=1, shared_width=width)
    else:
        keys.off("num_experts", "top_k_experts", "moe_intermediate_size")
        parts["dense"] = {"kind": "dense", "width": width}
    default = ["attention" if layer % 6 == 5 or layer == count - 1 else "window" for layer in range(count)]
    kinds = layer_types(keys, count, {"sliding_attention": "window", "full_attention": "attention"}, default)
    return build(keys, kinds, [feeding] * count, parts)


def read_longcat(keys: Configuration) -> Model:
    """LongCat-Flash: a layer is two attentions and two dense feed-forwards, with experts beside the first of them.

    A token picks among experts and such that do nothing, so that the number with weights is an average.
    """
    keys.off("attention_bias", "router_bias")
    count = keys.layers("num_layers", "num_hidden_layers")
    width = keys.size("ffn_hidden_size", *(("intermediate_size",) if keys.has("intermediate_size") else ()))
    experts, empty = keys.size("n_routed_experts"), keys.whole("zero_expert_num", default=0)
    picked = keys.size("moe_topk", *(("num_experts_per_tok",) if keys.has("num_experts_per_tok") else ()))
    if picked * experts % (experts + empty):
        keys.refuse("moe_topk", picked, "of which no whole number has weights on average")
    parts: dict[str, Part] = {
        "attention": latent(keys),
        "dense": {"kind": "dense", "width": width},
        "experts": {
            "kind": "mixture",
            "experts": experts,
            "per_token": picked * experts // (experts + empty),
            "width": keys.size("expert_ffn_hidden_size"),
            "shared": 1,
            "shared_width": width,
            **filled(empty=empty),
        },
    }
    return build(keys, ["attention"] * 2 * count, ["experts", "dense"] * count, parts)


def read_kimi_linear(keys: Configuration) -> Model:
    """Kimi Linear and K3: a delta rule with a decay for each channel, and latent attention; experts may be latent.

    Attention over the outputs of earlier layers (``attn_res_block_size``) has a vector a layer and is left out.
    """
    count = keys.layers("num_hidden_layers")
    keys.whole("attn_res_block_size", default=0)
    keys.flag("latent_moe_use_norm")
    delta = keys.part("linear_attn_config")
    parts: dict[str, Part] = {
        "attention": latent(keys, gate="element" if keys.flag("mla_use_output_gate") else "none"),
        "delta": {
            "kind": "linear-by-channel",
            "heads": delta.size("num_heads"),
            "head_dim": delta.size("head_dim"),
            "kernel": delta.size("short_conv_kernel_size"),
            **filled(full_rank_gate=delta.flag("use_full_rank_gate")),
        },
        "dense": dense(keys, "intermediate_size"),
        "experts": mixture(keys, "moe_intermediate_size", latent=keys.whole("routed_expert_hidden_size", default=0)),
    }
    kinds = _kimi_order(delta, count)
    delta.value("gate_lower_bound")
    delta.finish()
    return build(keys, kinds, feed_forwards(keys, count), parts)


def _kimi_order(keys: Configuration, count: int) -> list[str]:
    """Attention of each layer by two lists of layers, which count from 1."""
    delta, full = keys.numbers("kda_layers"), keys.numbers("full_attn_layers")
    if sorted(delta + full) != list(range(1, count + 1)):
        keys.refuse("full_attn_layers", full, f"which with kda_layers is not each of {count} layers once")
    return ["delta" if layer in delta else "attention" for layer in range(1, count + 1)]


def read_step3(keys: Configuration) -> Model:
    """Step-3: queries by way of a narrower width, one key and value for all heads (arXiv 2507.19427)."""
    count = keys.layers("num_hidden_layers")
    heads = keys.size("num_attention_heads")
    part: Part = {
        "kind": "grouped-query",
        "heads": heads,
        "kv_heads": keys.size("num_attention_groups"),
        "head_dim": head_dim(keys, heads),
        "query_rank": keys.size("share_q_dim"),
    }
    parts = {"attention": part, "dense": dense(keys, "intermediate_size"), "experts": _step_experts(keys)}
    return build(keys, ["attention"] * count, _step_order(keys, count), parts)


def read_step3_flash(keys: Configuration) -> Model:
    """Step-3.5 and 3.7 Flash: windows with more heads, in three layers of four; the output of each head is gated."""
    count = keys.layers("num_hidden_layers")
    keys.choice("use_qk_norm", [True])
    stated = keys.has("head_wise_gate")
    gate = keys.flag("head_wise_gate") if stated else keys.flag("use_head_wise_attn_gate", default=True)
    keys.choice("att_impl_type", ["GQA"])
    keys.choice("use_moe", [True])
    groups = ("num_key_value_heads", "num_attention_groups")
    full = grouped(keys, norm="head", gate="head" if gate else "none", kv_heads=groups)
    near = _step_window(keys)
    window = keys.whole("sliding_window", default=512, least=1)
    every = keys.whole("full_attention_every", default=4, least=1)
    parts = {
        "attention": full,
        "window": windowed(full | near, window),
        "dense": dense(keys, "intermediate_size"),
        "experts": _step_experts(keys),
    }
    default = ["window" if layer % every else "attention" for layer in range(count)]
    kinds = layer_types(keys, count, {"full_attention": "attention", "sliding_attention": "window"}, default)
    return build(keys, kinds, _step_order(keys, count), parts)


def _step_window(keys: Configuration) -> Part:
    """Heads of the layers with a window; unsaid, as in the code published with Step-3.5-Flash."""
    heads = keys.whole("sliding_attention_heads", default=96, least=1)
    kv_heads = keys.whole("sliding_kv_heads", default=8, least=1)
    if not keys.has("attention_other_setting"):
        return {"heads": heads, "kv_heads": kv_heads}
    other = keys.part("attention_other_setting")
    other.choice("attention_type", ["sliding_attention"])
    found = {"heads": other.size("num_attention_heads"), "kv_heads": other.size("num_attention_groups")}
    if other.has("head_dim"):
        found["head_dim"] = other.size("head_dim")
    other.finish()
    return found


def _step_experts(keys: Configuration) -> Part:
    """Experts, with one shared expert of a width of its own."""
    shared = keys.whole("share_expert_dim", default=0)
    keys.choice("n_shared_experts", [1])
    part = mixture(keys, "moe_intermediate_size", shared=int(shared > 0))
    return part if shared in (0, part["width"]) else part | {"shared_width": shared}


def _step_order(keys: Configuration, count: int) -> list[str]:
    """Layers with experts by a text of their numbers, or by the number of dense layers before them."""
    keys.choice("moe_layer_offset", [0])
    keys.choice("moe_every_n_layer", [1])
    listed = keys.value("moe_layers_enum")
    if listed is None:
        return feed_forwards(keys, count)
    given = listed.split(",") if isinstance(listed, str) else keys.numbers("moe_layers_enum")
    numbers = [str(one).strip() for one in given]
    known = {str(layer) for layer in range(count)}
    if not numbers or not set(numbers) <= known:
        keys.refuse("moe_layers_enum", listed, f"which does not name some of {count} layers")
    return ["experts" if str(layer) in numbers else "dense" for layer in range(count)]
