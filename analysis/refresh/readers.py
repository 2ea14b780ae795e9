"""Readers of the families of one or two kinds of attention: what the keys of each mean.

A reader asks for every key of the structure that its family has. What a family does and its configuration does not say
stands in its reader, and was read in the code that the configuration was published with.
"""

from analysis.refresh.configuration import Configuration
from analysis.refresh.layers import (
    Model,
    Part,
    build,
    dense,
    everywhere,
    feed_forwards,
    feeding_by_layer,
    filled,
    grouped,
    indexed,
    latent,
    layer_types,
    mixture,
    named_windows,
    optional_windows,
    stated_bias,
    windowed,
)


def read_llama(keys: Configuration) -> Model:
    """Llama 2 and 3: every layer the same."""
    keys.off("mlp_bias")
    feeding, parts = feeding_by_layer(keys)
    parts["attention"] = grouped(keys, bias=stated_bias(keys, "all"))
    return build(keys, everywhere(keys), feeding, parts)


def read_mistral(keys: Configuration) -> Model:
    """Mistral and Mixtral: a window, where one is stated, in every layer."""
    feeding, parts = feeding_by_layer(keys, "intermediate_size")
    window = keys.whole("sliding_window", default=0)
    parts["attention"] = grouped(keys)
    if window:
        parts["window"] = windowed(parts["attention"], window)
    return build(keys, everywhere(keys, "window" if window else "attention"), feeding, parts)


def read_qwen3(keys: Configuration) -> Model:
    """Qwen3, dense and with experts."""
    keys.off("qkv_bias")
    keys.choice("use_qk_norm", [True])
    feeding, parts = feeding_by_layer(keys, shared=keys.choice("shared_expert_intermediate_size", [0], 0))
    parts["attention"] = grouped(keys, bias=stated_bias(keys, "all"), norm="head")
    kinds = optional_windows(keys, len(feeding))
    if "window" in kinds:
        parts["window"] = windowed(parts["attention"], keys.size("sliding_window"))
    return build(keys, kinds, feeding, parts)


def read_qwen_delta(keys: Configuration) -> Model:
    """Qwen3-Next and after: gated delta layers, every fourth (as stated) with attention whose output is gated."""
    shared = keys.whole("shared_expert_intermediate_size", default=0)
    more = {"shared": int(shared > 0), "shared_gate": shared > 0}
    if shared != keys.whole("moe_intermediate_size", default=shared):
        more["shared_width"] = shared
    feeding, parts = feeding_by_layer(keys, **more)
    gate = "element" if keys.flag("attn_output_gate", default=True) else "none"
    keys.choice("output_gate_type", ["swish", "silu", "sigmoid"])
    parts["attention"] = grouped(keys, bias=stated_bias(keys, "all"), norm="head", gate=gate)
    parts["delta"] = {
        "kind": "linear",
        "key_heads": keys.size("linear_num_key_heads"),
        "value_heads": keys.size("linear_num_value_heads"),
        "key_dim": keys.size("linear_key_head_dim"),
        "value_dim": keys.size("linear_value_head_dim"),
        "kernel": keys.size("linear_conv_kernel_dim"),
    }
    every = keys.whole("full_attention_interval", default=4, least=1)
    default = ["delta" if (layer + 1) % every else "attention" for layer in range(len(feeding))]
    names = {"full_attention": "attention", "linear_attention": "delta"}
    return build(keys, layer_types(keys, len(feeding), names, default), feeding, parts)


def read_llama4(keys: Configuration) -> Model:
    """Chunks of tokens that see one another, in three layers of four; a layer of experts has one shared expert."""
    count = keys.layers("num_hidden_layers")
    step = keys.whole("interleave_moe_layer_step", default=1, least=1)
    default = [layer for layer in range(count) if (layer + 1) % step == 0]
    with_experts = keys.numbers("moe_layers") if keys.has("moe_layers") else default
    keys.flag("use_qk_norm")  # Of the norm that has no weights.
    attention = grouped(keys, bias=stated_bias(keys, "all"))
    chunk = keys.whole("attention_chunk_size", default=0)
    parts = {
        "attention": attention,
        "chunk": windowed(attention, chunk),
        "dense": dense(keys, "intermediate_size_mlp"),
        "experts": mixture(keys, "intermediate_size", shared=1),
    }
    kind = "chunk" if chunk else "attention"
    kinds = [kind if (layer + 1) % 4 else "attention" for layer in range(count)]
    kinds = layer_types(keys, count, {"full_attention": "attention", "chunked_attention": "chunk"}, kinds)
    if "chunk" in kinds and not chunk:
        keys.refuse("attention_chunk_size", chunk, "and layer_types has chunks")
    return build(keys, kinds, ["experts" if n in with_experts else "dense" for n in range(count)], parts)


def read_gpt_oss(keys: Configuration) -> Model:
    """Windows and full attention in turn, with biases and sinks."""
    keys.choice("attention_bias", [True])
    feeding, parts = feeding_by_layer(keys, "intermediate_size", bias=True)
    parts["attention"] = grouped(keys, bias="all", sinks=True)
    parts["window"] = windowed(parts["attention"], keys.size("sliding_window"))
    in_turn = ["attention" if layer % 2 else "window" for layer in range(len(feeding))]
    return build(keys, named_windows(keys, len(feeding), in_turn), feeding, parts)


def read_glm4_moe(keys: Configuration) -> Model:
    """GLM-4.5 to 4.7."""
    feeding, parts = feeding_by_layer(keys)
    norm = "head" if keys.flag("use_qk_norm") else "none"
    parts["attention"] = grouped(keys, bias=stated_bias(keys, "qkv"), norm=norm)
    return build(keys, everywhere(keys), feeding, parts)


def read_latent(keys: Configuration) -> Model:
    """DeepSeek-V2 and V3, Kimi K2."""
    keys.off("attention_bias")
    feeding, parts = feeding_by_layer(keys)
    parts["attention"] = latent(keys)
    return build(keys, everywhere(keys), feeding, parts)


def read_sparse(keys: Configuration) -> Model:
    """DeepSeek-V3.2 and GLM-5: an index; layers may share that of an earlier one."""
    keys.off("attention_bias")
    feeding, parts = feeding_by_layer(keys)
    index = indexed(keys)
    parts["attention"] = latent(keys) | {"kind": "sparse-indexed", **index}
    parts["shared-index"] = latent(keys) | {"kind": "sparse-shared", "index_top": index["index_top"]}
    everywhere(keys)
    return build(keys, _indexers(keys, len(feeding)), feeding, parts)


def _indexers(keys: Configuration, count: int) -> list[str]:
    """Layers with an index of their own: listed, by a pattern, or one in so many from an offset on."""
    names = {"full": "attention", "F": "attention", "shared": "shared-index", "S": "shared-index"}
    every, offset = keys.whole("index_topk_freq", default=1, least=1), keys.whole("index_skip_topk_offset", default=2)
    found = ["shared-index" if max(n - offset + 1, 0) % every else "attention" for n in range(count)]
    for name, known in (("index_topk_pattern", ["F", "S"]), ("indexer_types", ["full", "shared"])):
        if keys.has(name):
            listed = [names[one] for one in keys.each(name, known, count)]
            if every > 1 and listed != found:
                keys.refuse(name, keys.value(name), "which contradicts index_topk_freq")
            found = listed
    if found[0] == "shared-index":
        keys.refuse("indexer_types", "shared", "in the first layer, where there is no index to share")
    return found


def read_deepseek_v4(keys: Configuration) -> Model:
    """Compressed attention; hyper-connections (0.1 billion weights) and tables of hashed experts are left out."""
    keys.off("attention_bias")
    count = keys.layers("num_hidden_layers")
    keys.choice("num_key_value_heads", [1])
    keys.whole("qk_rope_head_dim")
    keys.whole("hc_mult", default=0)
    keys.whole("num_hash_layers", default=0)
    sizes = {
        "heads": keys.size("num_attention_heads"),
        "head_dim": keys.size("head_dim"),
        "query_rank": keys.size("q_lora_rank"),
        "output_groups": keys.size("o_groups"),
        "output_rank": keys.size("o_lora_rank"),
        "window": keys.size("sliding_window"),
    }
    parts = {
        "window": {"kind": "compressed", **sizes, "ratio": 0},
        "by-4": {"kind": "compressed-indexed", **sizes, "ratio": 4, **indexed(keys)},
        "by-128": {"kind": "compressed", **sizes, "ratio": 128},
        "experts": mixture(keys, "moe_intermediate_size"),
    }
    # The list ends with the ratios of the layers for multi-token prediction.
    further = keys.whole("num_nextn_predict_layers", default=0)
    ratios = keys.each("compress_ratios", [0, 4, 128], count, further)
    names = {0: "window", 4: "by-4", 128: "by-128"}
    return build(keys, [names[ratio] for ratio in ratios], ["experts"] * count, parts)


def read_mimo(keys: Configuration) -> Model:
    """MiMo-V2: windows by a pattern, with heads and sinks of their own."""
    keys.off("attention_bias")
    keys.choice("attention_projection_layout", ["split", "fused_qkv"])  # How the same weights are stored.
    feeding, parts = feeding_by_layer(keys)
    count = len(feeding)
    window = keys.size("sliding_window", "sliding_window_size", "attention_chunk_size")
    full = grouped(keys)
    value = keys.whole("v_head_dim", default=full["head_dim"], least=1)
    near = {
        "heads": keys.whole("swa_num_attention_heads", default=full["heads"], least=1),
        "kv_heads": keys.whole("swa_num_key_value_heads", default=full["kv_heads"], least=1),
        "head_dim": keys.whole("swa_head_dim", default=full["head_dim"], least=1),
    }
    near_value = keys.whole("swa_v_head_dim", default=value, least=1)
    sinks, near_sinks = keys.flag("add_full_attention_sink_bias"), keys.flag("add_swa_attention_sink_bias")
    parts["attention"] = full | {"value_dim": value} | filled(sinks=sinks)
    parts["window"] = windowed(full | near | {"value_dim": near_value}, window) | filled(sinks=near_sinks)
    pattern = keys.each("hybrid_layer_pattern", [0, 1], count)
    keys.whole("hybrid_block_size", default=0)
    kinds = ["window" if one else "attention" for one in pattern]
    return build(keys, kinds, feeding, parts)


def read_minimax_m2(keys: Configuration) -> Model:
    """Full attention in every layer, experts of the common width."""
    count = keys.layers("num_hidden_layers")
    keys.choice("shared_intermediate_size", [0])
    keys.choice("qk_norm_type", ["per_layer"])
    norm = "layer" if keys.flag("use_qk_norm", default=True) else "none"
    if keys.has("attn_type_list"):
        keys.each("attn_type_list", [1], count)
    feeding, parts = feeding_by_layer(keys, "intermediate_size")
    parts["attention"] = grouped(keys, norm=norm)
    return build(keys, everywhere(keys), feeding, parts)


def read_minimax_m1(keys: Configuration) -> Model:
    """MiniMax-01 and M1: lightning attention, every eighth layer (as listed) with softmax."""
    count = keys.layers("num_hidden_layers")
    keys.choice("shared_intermediate_size", [0])
    keys.flag("postnorm")  # Where the norms stand; there are as many.
    keys.value("shared_moe_mode")  # Of shared experts, of which there are none.
    kinds = [["lightning", "attention"][one] for one in keys.each("attn_type_list", [0, 1], count)]
    feeding, parts = feeding_by_layer(keys, "intermediate_size")
    parts["attention"] = grouped(keys)
    parts["lightning"] = {
        "kind": "lightning",
        "heads": parts["attention"]["heads"],
        "head_dim": parts["attention"]["head_dim"],
    }
    return build(keys, kinds, feeding, parts)


def read_minimax_m3(keys: Configuration) -> Model:
    """An index over blocks of tokens on some layers; the dense layers have a width of their own."""
    count = keys.layers("num_hidden_layers")
    keys.choice("use_qk_norm", [True])
    keys.choice("qk_norm_type", ["per_head"])
    keys.off("attention_output_gate")
    feeding = feed_forwards(keys, count)
    shared = keys.whole("shared_intermediate_size", default=0)
    width = keys.size("intermediate_size", "moe_intermediate_size")
    parts = {
        "attention": grouped(keys, norm="head"),
        "experts": mixture(keys, "intermediate_size", shared_width=shared if shared != width else 0),
        "dense": dense(keys, "dense_intermediate_size"),
    }
    kinds = ["attention"] * count
    if keys.has("sparse_attention_config"):
        kinds = _sparse_blocks(keys.part("sparse_attention_config"), parts, count)
    return build(keys, kinds, feeding, parts)


def _sparse_blocks(keys: Configuration, parts: dict[str, Part], count: int) -> list[str]:
    """The part with an index over blocks, and the layers that have it."""
    on = keys.flag("use_sparse_attention", default=True)
    keys.choice("sparse_score_type", ["max"])
    # The blocks that are always seen are among those that the index lets through.
    keys.whole("sparse_init_block", default=0)
    keys.whole("sparse_local_block", default=0)
    parts["indexed"] = parts["attention"] | {
        "kind": "grouped-indexed",
        "index_heads": keys.size("sparse_num_index_heads"),
        "index_dim": keys.size("sparse_index_dim"),
        "index_top": keys.size("sparse_topk_blocks") * keys.size("sparse_block_size"),
    }
    listed = keys.each("sparse_attention_freq", [0, 1], count)
    _without_index_values(keys, listed)
    keys.finish()
    return ["indexed" if on and one else "attention" for one in listed]


def _without_index_values(keys: Configuration, indexed_layers: list[int]) -> None:
    """The index ranks and no more: an index with values would have two more projections, which are not counted."""
    name = "sparse_disable_index_value"
    if not keys.has(name):
        return
    disabled = keys.each(name, [0, 1], len(indexed_layers))
    for layer, (one, off) in enumerate(zip(indexed_layers, disabled, strict=True)):
        if one and not off:
            keys.refuse(name, off, f"for layer {layer}, whose index would have values, which is not understood")


def read_hunyuan(keys: Configuration) -> Model:
    """Hy3."""
    feeding, parts = feeding_by_layer(keys)
    norm = "head" if keys.flag("use_qk_norm", default=True) else "none"
    parts["attention"] = grouped(keys, norm=norm)
    return build(keys, everywhere(keys), feeding, parts)


def read_grok(keys: Configuration) -> Model:
    """Grok-1."""
    feeding, parts = feeding_by_layer(keys, "intermediate_size")
    parts["attention"] = grouped(keys)
    return build(keys, everywhere(keys), feeding, parts)


def read_dbrx(keys: Configuration) -> Model:
    """DBRX: keys in tables of their own."""
    count = keys.layers("n_layers")
    attention, feeding = keys.part("attn_config"), keys.part("ffn_config")
    heads, width = keys.size("n_heads"), keys.size("d_model")
    if width % heads:
        keys.refuse("n_heads", heads, f"among which d_model = {width} cannot be shared out")
    attention.value("clip_qkv")
    parts = {
        "attention": {
            "kind": "grouped-query",
            "heads": heads,
            "kv_heads": attention.size("kv_n_heads"),
            "head_dim": width // heads,
        },
        "experts": {
            "kind": "mixture",
            "experts": feeding.size("moe_num_experts"),
            "per_token": feeding.size("moe_top_k"),
            "width": feeding.size("ffn_hidden_size"),
        },
    }
    feeding.value("moe_jitter_eps")
    attention.finish()
    feeding.finish()
    return build(keys, ["attention"] * count, ["experts"] * count, parts, "d_model")
