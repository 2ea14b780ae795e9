"""Published configurations in the project's form: one made-up configuration a family, read off by hand."""

import contextlib
import re

import pytest

from analysis import SourceError
from analysis.measures import architecture as counting
from analysis.refresh.huggingface import architecture, to_toml

BASE = {
    "hidden_size": 64,
    "vocab_size": 1000,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "intermediate_size": 96,
}
GROUPED = {"kind": "grouped-query", "heads": 8, "kv_heads": 2, "head_dim": 8}
EXPERTS = {"kind": "mixture", "experts": 16, "per_token": 2, "width": 32}
MIXTURE = {"num_experts_per_tok": 2, "moe_intermediate_size": 32}


def config(family: str, **more: object) -> dict:
    return BASE | {"model_type": family} | more


LATENT_KEYS = {"q_lora_rank": 24, "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 8}
LATENT = {"kind": "latent", "heads": 8, "query_rank": 24, "kv_rank": 16, "nope_dim": 8, "rope_dim": 4, "value_dim": 8}
INDEX_KEYS = {"index_n_heads": 2, "index_head_dim": 8, "index_topk": 64}
INDEXED = LATENT | {"kind": "sparse-indexed", "index_heads": 2, "index_dim": 8, "index_top": 64}
GPT = {"num_local_experts": 16, "num_experts_per_tok": 2, "sliding_window": 8}


def latent_config(**more: object) -> dict:
    return config("deepseek_v3", **{"num_key_value_heads": 8, "n_routed_experts": 16, **MIXTURE, **more})


def sparse(**more: object) -> dict:
    return latent_config(**LATENT_KEYS, **INDEX_KEYS) | {"model_type": "glm_moe_dsa"} | more


def delta(**more: object) -> dict:
    heads = {"linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_conv_kernel_dim": 4}
    widths = {"linear_key_head_dim": 8, "linear_value_head_dim": 16, "shared_expert_intermediate_size": 48}
    return config("qwen3_5_moe_text", num_experts=16, **MIXTURE, **heads, **widths) | more


def nemotron(**more: object) -> dict:
    mamba = {"mamba_num_heads": 4, "mamba_head_dim": 16, "n_groups": 2, "ssm_state_size": 8, "conv_kernel": 4}
    experts = {"n_routed_experts": 16, "n_shared_experts": 1, "moe_shared_expert_intermediate_size": 40}
    order = {"hybrid_override_pattern": "ME*-", "moe_latent_size": 24}
    return config("nemotron_h", **MIXTURE, **mamba, **experts, **order) | more


def test_a_dense_model_is_one_kind_of_block():
    found = architecture(config("llama"))
    dense = {"kind": "dense", "width": 96}
    assert found == {
        "hidden_size": 64,
        "vocabulary": 1000,
        "blocks": [[4, "attention", "dense"]],
        "parts": {"attention": GROUPED, "dense": dense},
    }


def test_a_head_that_is_the_embedding_is_tied_and_a_stated_width_of_heads_counts():
    found = architecture(config("qwen3", head_dim=16, tie_word_embeddings=True))
    assert found["tied"] is True
    assert found["parts"]["attention"] == GROUPED | {"head_dim": 16, "norm": "head"}


def test_experts_may_start_after_dense_layers():
    more = {"n_routed_experts": 16, "n_shared_experts": 1, "first_k_dense_replace": 1, **MIXTURE}
    found = architecture(config("glm4_moe", attention_bias=True, use_qk_norm=True, **more))
    assert found["blocks"] == [[1, "attention", "dense"], [3, "attention", "experts"]]
    assert found["parts"]["experts"] == EXPERTS | {"shared": 1}
    assert found["parts"]["attention"] == GROUPED | {"bias": "qkv", "norm": "head"}
    plain = architecture(config("glm4_moe", attention_bias=False, use_qk_norm=False, **more))
    assert plain["parts"]["attention"] == GROUPED


def test_experts_may_take_the_common_width():
    found = architecture(config("mixtral", num_local_experts=16, num_experts_per_tok=2))
    assert found["parts"] == {"attention": GROUPED, "experts": EXPERTS | {"width": 96}}


def test_windows_and_sinks_of_a_model_that_alternates():
    kinds = ["sliding_attention", "full_attention"] * 2
    more = {"num_local_experts": 16, "num_experts_per_tok": 2, "sliding_window": 128, "layer_types": kinds}
    found = architecture(config("gpt_oss", **more))
    full = GROUPED | {"bias": "all", "sinks": True}
    assert found["blocks"] == [[2, "window", "experts"], [2, "attention", "experts"]]
    assert found["parts"]["attention"] == full
    assert found["parts"]["window"] == full | {"kind": "sliding-window", "window": 128}
    assert found["parts"]["experts"] == EXPERTS | {"width": 96, "bias": True}
    del more["layer_types"]
    assert architecture(config("gpt_oss", **more)) == found


def test_a_sparse_index_and_a_part_on_text():
    found = architecture({"model_type": "outer", "text_config": sparse()})["parts"]
    assert found["attention"] == INDEXED
    assert list(found) == ["experts", "attention"]


def test_layers_that_share_an_index_are_read_from_a_list_a_pattern_or_a_frequency():
    """GLM-5.2: the index of one layer in four, so that the others keep no keys of an index."""
    shared = LATENT | {"kind": "sparse-shared", "index_top": 64}
    kinds = ["full", "full", "shared", "shared"]
    listed = architecture(sparse(indexer_types=kinds))
    further = {"index_share_for_mtp_iteration": True, "moe_router_dtype": "float32"}
    assert architecture(sparse(indexer_types=kinds, **further)) == listed
    assert listed["blocks"] == [[2, "attention", "experts"], [2, "shared-index", "experts"]]
    assert listed["parts"]["shared-index"] == shared
    assert architecture(sparse(index_topk_pattern="FFSS")) == listed
    assert architecture(sparse(index_topk_freq=4, index_skip_topk_offset=2)) == listed


def test_the_family_is_that_of_the_whole_where_the_part_on_text_has_none():
    text = config("qwen3")
    del text["model_type"]
    assert architecture({"model_type": "qwen3", "text_config": text}) == architecture(config("qwen3"))


def test_an_option_outside_the_part_on_text_may_be_there_and_off():
    whole = {"model_type": "outer", "text_config": config("qwen3"), "process_image_mode": "dynamic"}
    off = {"num_reward_heads": 0, "is_encoder_decoder": False}
    assert architecture(whole | off) == architecture(config("qwen3"))
    with pytest.raises(SourceError, match="qwen3 has num_reward_heads = 2, which is not understood"):
        architecture(whole | {"num_reward_heads": 2})


def test_latent_attention_without_a_query_rank():
    sizes = {key: value for key, value in LATENT_KEYS.items() if key != "q_lora_rank"}
    plain = {key: value for key, value in LATENT.items() if key != "query_rank"}
    for rank in ({}, {"q_lora_rank": None}, {"q_lora_rank": 0}):
        found = architecture(latent_config(**sizes, **rank))
        assert found["parts"]["attention"] == plain


def test_gated_delta_layers_and_every_fourth_of_another_kind():
    found = architecture(delta())
    assert found["blocks"] == [[3, "delta", "experts"], [1, "attention", "experts"]]
    assert found["parts"]["attention"] == GROUPED | {"norm": "head", "gate": "element"}
    assert found["parts"]["delta"] == {
        "kind": "linear",
        "key_heads": 2,
        "value_heads": 4,
        "key_dim": 8,
        "value_dim": 16,
        "kernel": 4,
    }
    assert found["parts"]["experts"] == EXPERTS | {"shared": 1, "shared_gate": True, "shared_width": 48}
    turned = ["full_attention", "linear_attention"] * 2
    assert architecture(delta(layer_types=turned))["blocks"][0] == [2, "attention", "experts"]


def test_chunks_of_three_layers_in_four_and_experts_in_every_second():
    more = {"num_local_experts": 16, "num_experts_per_tok": 1, "intermediate_size_mlp": 80, "attention_chunk_size": 32}
    found = architecture(config("llama4_text", interleave_moe_layer_step=2, **more))
    assert found["blocks"] == [[2, "chunk", "dense"], [1, "chunk", "experts"], [1, "attention", "experts"]]
    assert found["parts"]["chunk"] == GROUPED | {"kind": "sliding-window", "window": 32}
    assert found["parts"]["dense"]["width"] == 80 and found["parts"]["experts"]["width"] == 96
    chunks = ["chunked_attention"] * 2 + ["full_attention"] * 2
    assert architecture(config("llama4_text", layer_types=chunks, **more))["blocks"][0] == [2, "chunk", "experts"]


def test_compressed_attention_by_its_list_of_ratios():
    more = {"compress_ratios": [0, 4, 128, 4, 0], "num_nextn_predict_layers": 1, "num_key_value_heads": 1}
    sizes = {"q_lora_rank": 24, "qk_rope_head_dim": 4, "o_groups": 2, "o_lora_rank": 12, "sliding_window": 16}
    text = config("deepseek_v4", head_dim=8, n_routed_experts=16, **MIXTURE, **INDEX_KEYS, **sizes) | more
    del text["intermediate_size"]
    found = architecture(text)
    assert found["blocks"] == [[1, "window", "experts"], [2, "by-4", "experts"], [1, "by-128", "experts"]]
    assert found["parts"]["by-4"]["index_top"] == 64 and found["parts"]["by-128"]["ratio"] == 128


def test_windows_with_heads_of_their_own():
    more = {"hybrid_layer_pattern": [0, 1, 1, 0], "moe_layer_freq": [0, 1, 1, 1], "sliding_window": 16}
    own = {"swa_num_attention_heads": 4, "swa_num_key_value_heads": 4, "v_head_dim": 6, "n_routed_experts": 16}
    found = architecture(config("mimo_v2", add_swa_attention_sink_bias=True, **more, **own, **MIXTURE))
    assert found["blocks"] == [
        [1, "attention", "dense"],
        [2, "window", "experts"],
        [1, "attention", "experts"],
    ]
    assert found["parts"]["attention"] == GROUPED | {"value_dim": 6}
    window = {"kind": "sliding-window", "heads": 4, "kv_heads": 4, "value_dim": 6, "window": 16, "sinks": True}
    assert found["parts"]["window"] == GROUPED | window
    stored = config("mimo_v2", add_swa_attention_sink_bias=True, **more, **own, **MIXTURE)
    assert architecture(stored | {"attention_projection_layout": "fused_qkv"}) == found
    with pytest.raises(SourceError, match="mimo_v2 has attention_projection_layout = 'shared', of which only split"):
        architecture(stored | {"attention_projection_layout": "shared"})


def test_lightning_attention_by_a_list_of_kinds():
    more = {"num_local_experts": 16, "num_experts_per_tok": 2, "shared_intermediate_size": 0}
    found = architecture(config("minimax_m1", attn_type_list=[0, 0, 0, 1], **more))
    assert found["blocks"] == [[3, "lightning", "experts"], [1, "attention", "experts"]]
    assert found["parts"]["lightning"] == {"kind": "lightning", "heads": 8, "head_dim": 8}


def test_an_index_over_blocks_on_some_layers():
    index = {"sparse_num_index_heads": 2, "sparse_index_dim": 8, "sparse_topk_blocks": 3, "sparse_block_size": 16}
    table = index | {"sparse_attention_freq": [0, 1, 1, 1]}
    more = {"num_local_experts": 16, "num_experts_per_tok": 2, "dense_intermediate_size": 80, "n_shared_experts": 1}
    text = config("minimax_m3", moe_layer_freq=[0, 1, 1, 1], sparse_attention_config=table, **more)
    found = architecture(text)
    assert found["blocks"] == [[1, "attention", "dense"], [3, "indexed", "experts"]]
    sizes = {"kind": "grouped-indexed", "index_heads": 2, "index_dim": 8, "index_top": 48, "norm": "head"}
    assert found["parts"]["indexed"] == GROUPED | sizes
    table["sparse_disable_index_value"] = [0, 1, 1, 1]
    assert architecture(text | {"moe_intermediate_size": 96}) == found
    with pytest.raises(SourceError, match="minimax_m3 has moe_intermediate_size = 32, which contradicts intermediate"):
        architecture(text | {"moe_intermediate_size": 32})
    table["sparse_disable_index_value"] = [0, 1, 0, 1]
    with pytest.raises(SourceError, match=r"has sparse_disable_index_value = 0, for layer 2, whose index would have"):
        architecture(text)
    del table["sparse_disable_index_value"]
    table["sparse_stride"] = 2
    with pytest.raises(
        SourceError, match=r"minimax_m3 \(sparse_attention_config\) has sparse_stride = 2, which is not"
    ):
        architecture(text)


def test_layers_of_one_part_each_and_experts_of_two_matrices_on_a_latent_width():
    found = architecture(nemotron())
    assert found["blocks"] == [
        [1, "mamba", "nothing"],
        [1, "none", "experts"],
        [1, "attention", "nothing"],
        [1, "none", "dense"],
    ]
    mamba = {"kind": "state-space", "heads": 4, "head_dim": 16, "groups": 2, "state_dim": 8, "kernel": 4}
    assert found["parts"]["mamba"] == mamba
    assert found["parts"]["dense"] == {"kind": "dense", "width": 96, "gated": False}
    special = {"latent": 24, "shared": 1, "shared_width": 40, "gated": False}
    assert found["parts"]["experts"] == EXPERTS | special
    listed = nemotron(layers_block_type=["mamba", "moe", "attention", "mlp"])
    assert architecture(listed) == found


def test_keys_that_are_values_and_a_dense_part_beside_the_experts():
    kinds = ["sliding_attention"] * 3 + ["full_attention"]
    more = {"head_dim": 8, "global_head_dim": 16, "num_global_key_value_heads": 1, "attention_k_eq_v": True}
    moe = {"enable_moe_block": True, "num_experts": 16, "top_k_experts": 2, "moe_intermediate_size": 32}
    found = architecture(config("gemma4_text", sliding_window=16, layer_types=kinds, **more, **moe))
    assert found["tied"] is True
    near = GROUPED | {"norm": "head"}
    assert found["parts"]["window"] == near | {"kind": "sliding-window", "window": 16}
    assert found["parts"]["attention"] == near | {"kv_heads": 1, "head_dim": 16, "keys_are_values": True}
    assert found["parts"]["experts"] == EXPERTS | {"shared": 1, "shared_width": 96}
    plain = architecture(config("gemma4_text", sliding_window=16, layer_types=kinds, **more))
    assert plain["blocks"] == [[3, "window", "dense"], [1, "attention", "dense"]]


def test_two_attentions_a_layer_and_experts_that_do_nothing():
    """Of 12 picks among 512 experts and 256 that do nothing, 8 have weights on average."""
    sizes = {"ffn_hidden_size": 80, "expert_ffn_hidden_size": 32, "num_layers": 4, "zero_expert_num": 8}
    text = latent_config(**LATENT_KEYS, **sizes, moe_topk=3, n_routed_experts=16) | {"model_type": "longcat_flash"}
    for name in ("num_hidden_layers", "intermediate_size", "moe_intermediate_size", "num_experts_per_tok"):
        del text[name]
    found = architecture(text)
    assert found["blocks"] == [[4, "attention", "experts"], [4, "attention", "dense"]]
    assert found["parts"]["experts"] == EXPERTS | {"shared": 1, "shared_width": 80, "empty": 8}
    with pytest.raises(SourceError, match="longcat_flash has moe_topk = 4, of which no whole number has weights"):
        architecture(text | {"moe_topk": 4})


def test_a_decay_for_each_channel_and_latent_experts():
    lists = {"kda_layers": [1, 2, 3], "full_attn_layers": [4], "num_heads": 8, "head_dim": 8}
    table = lists | {"short_conv_kernel_size": 4, "use_full_rank_gate": True, "gate_lower_bound": -5.0}
    more = {"num_experts": 16, "num_experts_per_token": 2, "moe_intermediate_size": 32, "first_k_dense_replace": 1}
    kinds = {"routed_expert_hidden_size": 24, "mla_use_output_gate": True, "linear_attn_config": table}
    text = config("kimi_linear", **LATENT_KEYS, **more, **kinds, num_shared_experts=2) | {"num_key_value_heads": 8}
    found = architecture(text)
    assert found["blocks"] == [[1, "delta", "dense"], [2, "delta", "experts"], [1, "attention", "experts"]]
    delta_part = {"kind": "linear-by-channel", "heads": 8, "head_dim": 8, "kernel": 4, "full_rank_gate": True}
    assert found["parts"]["delta"] == delta_part
    assert found["parts"]["attention"] == LATENT | {"gate": "element"}
    assert found["parts"]["experts"] == EXPERTS | {"latent": 24, "shared": 2}
    table["kda_layers"] = [1, 2]
    with pytest.raises(
        SourceError, match=r"has full_attn_layers = \[4\], which with kda_layers is not each of 4 layers"
    ):
        architecture(text)


def test_experts_in_the_layers_that_a_text_names():
    sizes = {"num_attention_groups": 1, "share_q_dim": 24, "head_dim": 16, "share_expert_dim": 32}
    more = {"moe_num_experts": 16, "moe_top_k": 2, "moe_intermediate_size": 32, "moe_layers_enum": "1,2,3"}
    text = config("step3_text", **sizes, **more)
    del text["num_key_value_heads"]
    found = architecture(text)
    assert found["blocks"] == [[1, "attention", "dense"], [3, "attention", "experts"]]
    assert found["parts"]["attention"] == GROUPED | {"kv_heads": 1, "head_dim": 16, "query_rank": 24}
    assert found["parts"]["experts"] == EXPERTS | {"shared": 1}


def test_windows_with_more_heads_in_a_table_of_their_own():
    other = {"attention_type": "sliding_attention", "num_attention_heads": 12, "num_attention_groups": 3}
    more = {"moe_num_experts": 16, "moe_top_k": 2, "moe_intermediate_size": 32, "moe_layers_enum": "3"}
    kinds = ["full_attention", "sliding_attention", "sliding_attention", "sliding_attention", "full_attention"]
    listed = {"layer_types": kinds, "num_nextn_predict_layers": 1, "sliding_window": 16}
    found = architecture(config("step3p5", attention_other_setting=other, **listed, **more))
    full = GROUPED | {"norm": "head", "gate": "head"}
    assert found["blocks"] == [[1, "attention", "dense"], [2, "window", "dense"], [1, "window", "experts"]]
    assert found["parts"]["window"] == full | {"kind": "sliding-window", "heads": 12, "kv_heads": 3, "window": 16}


# Real: published sizes that published dimensions give

# Dimensions "of aiconfigurator" were read in ai-dynamo/aiconfigurator (Step-3.7-Flash) or in its copy
# xiaowanCN/aiconfigurator (the others), folder aic-core/src/aiconfigurator_core/model_configs.

# Of aiconfigurator: zai-org--GLM-5.2_config.json.
GLM_5_2 = (
    {"model_type": "glm_moe_dsa", "hidden_size": 6144, "vocab_size": 154880, "num_hidden_layers": 78, "head_dim": 192}
    | {"num_attention_heads": 64, "num_key_value_heads": 64, "q_lora_rank": 2048, "kv_lora_rank": 512}
    | {"qk_nope_head_dim": 192, "qk_rope_head_dim": 64, "qk_head_dim": 256, "v_head_dim": 256}
    | {"index_n_heads": 32, "index_head_dim": 128, "index_topk": 2048, "index_topk_pattern": None}
    | {"index_topk_freq": 4, "index_skip_topk_offset": 3, "index_share_for_mtp_iteration": True}
    | {"indexer_types": ["full"] * 2 + (["full"] + ["shared"] * 3) * 19, "moe_router_dtype": "float32"}
    | {"intermediate_size": 12288, "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1}
    | {"num_experts_per_tok": 8, "first_k_dense_replace": 3, "mlp_layer_types": ["dense"] * 3 + ["sparse"] * 75}
)

# Of aiconfigurator: nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8_config.json.
NEMOTRON_SUPER = (
    {"model_type": "nemotron_h", "hidden_size": 4096, "vocab_size": 131072, "num_hidden_layers": 88, "head_dim": 128}
    | {"num_attention_heads": 32, "num_key_value_heads": 2, "mamba_num_heads": 128, "mamba_head_dim": 64}
    | {"ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4, "expand": 2, "use_conv_bias": True}
    | {"n_routed_experts": 512, "n_shared_experts": 1, "num_experts_per_tok": 22, "moe_latent_size": 1024}
    | {"intermediate_size": 2688, "moe_intermediate_size": 2688, "moe_shared_expert_intermediate_size": 5376}
    | {"mtp_hybrid_override_pattern": "*E", "num_nextn_predict_layers": 1}
    | {
        "hybrid_override_pattern": "MEMEMEM*EMEMEMEM*EMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*"
        "EMEMEMEM*EMEMEMEME"
    }
)

# Of aiconfigurator: nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16_config.json, which lists kinds and has no pattern.
_ULTRA_PATTERN = (
    "MEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
)
_KINDS = {"M": "mamba", "E": "moe", "*": "attention"}
NEMOTRON_ULTRA = {
    key: value
    for key, value in NEMOTRON_SUPER.items()
    if key not in ("hybrid_override_pattern", "mtp_hybrid_override_pattern", "num_hidden_layers")
} | (
    {"hidden_size": 8192, "num_attention_heads": 64, "mamba_num_heads": 256, "moe_latent_size": 2048}
    | {"intermediate_size": 5120, "moe_intermediate_size": 5120, "moe_shared_expert_intermediate_size": 10240}
    | {"layers_block_type": [_KINDS[letter] for letter in _ULTRA_PATTERN]}
    | {"mtp_layers_block_type": ["attention", "moe"]}
)

# config.json of moonshotai/Kimi-K3, the part on text, as a public report on its weights prints it; the shapes of the
# weights that the report lists give the same number, but for what the reader says that it leaves out.
_K3_FULL = [*range(4, 93, 4), 93]
KIMI_K3 = (
    {"model_type": "kimi_linear", "hidden_size": 7168, "vocab_size": 163840, "num_hidden_layers": 93}
    | {"num_attention_heads": 96, "num_key_value_heads": 96, "q_lora_rank": 1536, "kv_lora_rank": 512}
    | {"qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "mla_use_output_gate": True}
    | {"mla_use_nope": True, "attn_res_block_size": 12, "intermediate_size": 33792, "moe_intermediate_size": 3072}
    | {"num_experts": 896, "num_experts_per_token": 16, "num_shared_experts": 2, "first_k_dense_replace": 1}
    | {"moe_layer_freq": 1, "routed_expert_hidden_size": 3584, "latent_moe_use_norm": True}
    | {
        "linear_attn_config": {"num_heads": 96, "head_dim": 128, "short_conv_kernel_size": 4}
        | {"use_full_rank_gate": True, "gate_lower_bound": -5.0, "full_attn_layers": _K3_FULL}
        | {"kda_layers": [layer for layer in range(1, 94) if layer not in _K3_FULL]}
    }
)

# Of aiconfigurator: MiniMaxAI--MiniMax-M3_config.json.
_M3_LATER = [0] * 3 + [1] * 57
MINIMAX_M3 = (
    {"model_type": "minimax_m3", "hidden_size": 6144, "vocab_size": 200064, "num_hidden_layers": 60, "head_dim": 128}
    | {"num_attention_heads": 64, "num_key_value_heads": 4, "use_qk_norm": True, "qk_norm_type": "per_head"}
    | {"attention_output_gate": False, "dense_intermediate_size": 12288, "intermediate_size": 3072}
    | {"moe_intermediate_size": 3072, "shared_intermediate_size": 3072, "num_local_experts": 128}
    | {"num_experts_per_tok": 4, "n_shared_experts": 1, "first_k_dense_replace": 3, "moe_layer_freq": _M3_LATER}
    | {
        "sparse_attention_config": {"use_sparse_attention": True, "sparse_attention_freq": _M3_LATER}
        | {"sparse_disable_index_value": _M3_LATER, "sparse_num_index_heads": 4, "sparse_index_dim": 128}
        | {"sparse_topk_blocks": 16, "sparse_block_size": 128, "sparse_score_type": "max"}
        | {"sparse_init_block": 0, "sparse_local_block": 1}
    }
)

# Of aiconfigurator: stepfun-ai--Step-3.7-Flash_config.json, which is shortened: the heads of the windows (96, and 8 of
# keys) are those that the code published with Step-3.5-Flash takes where none are stated.
STEP_3_7_FLASH = (
    {"model_type": "step3p7", "hidden_size": 4096, "vocab_size": 128896, "num_hidden_layers": 45, "head_dim": 128}
    | {"num_attention_heads": 64, "num_key_value_heads": 8, "sliding_window": 512, "intermediate_size": 11264}
    | {"layer_types": (["full_attention"] + ["sliding_attention"] * 3) * 11 + ["full_attention"]}
    | {"num_experts": 288, "num_experts_per_tok": 8, "moe_intermediate_size": 1280, "share_expert_dim": 1280}
    | {"n_shared_experts": 1, "first_k_dense_replace": 3, "num_nextn_predict_layers": 3}
)

# Of aiconfigurator: google--gemma-4-26B-A4B_config.json and nvidia--Gemma-4-31B-IT-NVFP4_config.json, the part on text.
_GEMMA_4 = (
    {"model_type": "gemma4_text", "vocab_size": 262144, "head_dim": 256, "global_head_dim": 512}
    | {"attention_k_eq_v": True, "sliding_window": 1024, "hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0}
    | {"use_double_wide_mlp": False, "vocab_size_per_layer_input": 262144, "tie_word_embeddings": True}
)
_FIVE_WINDOWS = ["sliding_attention"] * 5 + ["full_attention"]
GEMMA_4_26B = _GEMMA_4 | (
    {"hidden_size": 2816, "num_hidden_layers": 30, "num_attention_heads": 16, "num_key_value_heads": 8}
    | {"num_global_key_value_heads": 2, "intermediate_size": 2112, "layer_types": _FIVE_WINDOWS * 5}
    | {"enable_moe_block": True, "num_experts": 128, "top_k_experts": 8, "moe_intermediate_size": 704}
)
GEMMA_4_31B = _GEMMA_4 | (
    {"hidden_size": 5376, "num_hidden_layers": 60, "num_attention_heads": 32, "num_key_value_heads": 16}
    | {"num_global_key_value_heads": 4, "intermediate_size": 21504, "layer_types": _FIVE_WINDOWS * 10}
    | {"enable_moe_block": False, "num_experts": None, "top_k_experts": None}
)

# config.json of XiaomiMiMo/MiMo-V2.5-Pro, as its copies kernelpool/MiMo-V2.5-Pro-6bit and bb1975/MiMo-V2.5-Pro have it.
_MIMO_FULL = (0, 7, 15, 23, 31, 39, 47, 55, 62, 69)
MIMO_V2_5_PRO = (
    {"model_type": "mimo_v2", "hidden_size": 6144, "vocab_size": 152576, "num_hidden_layers": 70}
    | {"num_attention_heads": 128, "num_key_value_heads": 8, "head_dim": 192, "v_head_dim": 128}
    | {"swa_num_attention_heads": 128, "swa_num_key_value_heads": 8, "swa_head_dim": 192, "swa_v_head_dim": 128}
    | {"sliding_window": 128, "sliding_window_size": 128, "attention_chunk_size": 128}
    | {"add_swa_attention_sink_bias": True, "add_full_attention_sink_bias": False}
    | {"attention_projection_layout": "fused_qkv"}
    | {"hybrid_layer_pattern": [int(layer not in _MIMO_FULL) for layer in range(70)]}
    | {"intermediate_size": 16384, "moe_intermediate_size": 2048, "n_routed_experts": 384, "n_shared_experts": None}
    | {"num_experts_per_tok": 8, "moe_layer_freq": [0] + [1] * 69}
)

# Of aiconfigurator: Qwen--Qwen3.5-122B-A10B_config.json, nvidia--Qwen3.6-35B-A3B-NVFP4_config.json, the part on text.
_QWEN_DELTA = (
    {"model_type": "qwen3_5_moe_text", "vocab_size": 248320, "num_key_value_heads": 2, "head_dim": 256}
    | {"attn_output_gate": True, "full_attention_interval": 4, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128}
    | {"linear_value_head_dim": 128, "linear_num_key_heads": 16, "num_experts": 256, "num_experts_per_tok": 8}
    | {"mtp_num_hidden_layers": 1, "mtp_use_dedicated_embeddings": False, "tie_word_embeddings": False}
)
QWEN_3_5_122B = _QWEN_DELTA | (
    {"hidden_size": 3072, "num_hidden_layers": 48, "num_attention_heads": 32, "linear_num_value_heads": 64}
    | {"moe_intermediate_size": 1024, "shared_expert_intermediate_size": 1024}
)
QWEN_3_6_35B = _QWEN_DELTA | (
    {"hidden_size": 2048, "num_hidden_layers": 40, "num_attention_heads": 16, "linear_num_value_heads": 32}
    | {"moe_intermediate_size": 512, "shared_expert_intermediate_size": 512}
)

PUBLISHED = [
    # NVIDIA's announcement of Nemotron 3: Nano has 31.6 billion, 3.2 active, 3.6 with embeddings.
    (
        nemotron(
            **{"vocab_size": 131072, "hidden_size": 2688, "num_hidden_layers": 52, "num_attention_heads": 32},
            **{"head_dim": 128, "mamba_num_heads": 64, "mamba_head_dim": 64, "ssm_state_size": 128, "n_groups": 8},
            **{"n_routed_experts": 128, "num_experts_per_tok": 6, "moe_intermediate_size": 1856},
            **{"moe_shared_expert_intermediate_size": 3712, "moe_latent_size": None},
            hybrid_override_pattern="MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
        ),
        31.6,
        3.2,
    ),
    # LongCat-Flash report, arXiv 2509.01322, abstract: 560 billion, 18.6 to 31.3 active, 27 on average.
    (
        {"model_type": "longcat_flash", "hidden_size": 6144, "vocab_size": 131072, "num_layers": 28}
        | {"num_attention_heads": 64, "ffn_hidden_size": 12288, "expert_ffn_hidden_size": 2048, "moe_topk": 12}
        | {"n_routed_experts": 512, "zero_expert_num": 256, "q_lora_rank": 1536, "kv_lora_rank": 512}
        | {"qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128},
        560,
        27,
    ),
    # MiniMax-M1 report, arXiv 2506.13585, abstract: 456 billion, 45.9 active.
    (
        {"model_type": "minimax_m1", "hidden_size": 6144, "vocab_size": 200064, "num_hidden_layers": 80}
        | {"num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 9216}
        | {"num_local_experts": 32, "num_experts_per_tok": 2, "attn_type_list": ([0] * 7 + [1]) * 10},
        456,
        45.9,
    ),
    # DeepSeek-V2 report, arXiv 2405.04434, abstract: 236 billion, 21 active.
    (
        {"model_type": "deepseek_v2", "hidden_size": 5120, "vocab_size": 102400, "num_hidden_layers": 60}
        | {"num_attention_heads": 128, "intermediate_size": 12288, "moe_intermediate_size": 1536}
        | {"n_routed_experts": 160, "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1}
        | {"q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64}
        | {"v_head_dim": 128},
        236,
        21,
    ),
    # Model card of Step3 (README of stepfun-ai/Step3): 316 billion without vision, 321 with it, 38 active.
    (
        {"model_type": "step3_text", "hidden_size": 7168, "vocab_size": 128815, "num_hidden_layers": 61}
        | {"num_attention_heads": 64, "num_attention_groups": 1, "head_dim": 256, "share_q_dim": 2048}
        | {"intermediate_size": 18432, "moe_intermediate_size": 5120, "share_expert_dim": 5120}
        | {"moe_num_experts": 48, "moe_top_k": 3, "moe_layers_enum": list(range(4, 60))},
        316,
        38,
    ),
    # README of zai-org/GLM-5: GLM-5, whose sizes GLM-5.2 keeps, has 744 billion, 40 active.
    (GLM_5_2, 744, 40),
    # NVIDIA-NeMo/Megatron-Bridge, docs/models/minimax/minimax-m3.md: 428 billion with vision, about 23 active.
    (MINIMAX_M3, 428, 23),
    # Model card of Kimi-K3, as quoted in ai-infra-learning/docs, pull request 15: 2.8 trillion, 104 active.
    (KIMI_K3, 2800, 104),
    # NVIDIA research, page of Nemotron 3 Super: 120 billion, 12 active.
    (NEMOTRON_SUPER, 120, 12),
    # NVIDIA research, page of Nemotron 3 Ultra: 550 billion, 55 active.
    (NEMOTRON_ULTRA, 550, 55),
    # vLLM recipe of stepfun-ai/Step-3.7-Flash: 196 billion without vision, 198 with it, about 11 active.
    (STEP_3_7_FLASH, 196, 11),
    # Model card of Gemma 4, as quoted in OpenExplorer/gemma-4-26B-A4B-it: 25.2 billion, 3.8 active.
    (GEMMA_4_26B, 25.2, 3.8),
    # Model card of Gemma 4 31B, as quoted with that of 26B A4B: 30.7 billion, dense.
    (GEMMA_4_31B, 30.7, 30.7),
    # README of XiaomiMiMo/MiMo-V2.5-Pro: 1.02 trillion, 42 active.
    (MIMO_V2_5_PRO, 1020, 42),
    # NVIDIA-NeMo/Megatron-Bridge, docs/models/qwen/qwen35-vl.md: 122 billion, 10 active; 35 billion, 3 active.
    (QWEN_3_5_122B, 122, 10),
    (QWEN_3_6_35B, 35, 3),
]


@pytest.mark.parametrize(("published", "total", "active"), PUBLISHED, ids=lambda one: str(one)[:40])
def test_published_dimensions_give_published_sizes(published, total, active):
    text = to_toml("model", architecture(published))
    model = counting.read_architectures(text.encode())["model"]
    assert counting.total_parameters(model) / 1e9 == pytest.approx(total, rel=0.01)
    nearest = (counting.active_parameters(model) / 1e9 / active - 1).abs().min()
    assert nearest < 0.03


# Real: weights as stored, to the last one

# Model verification cards of NVIDIA-NeMo/Megatron-Bridge: all weights of the published checkpoints, with one layer for
# multi-token prediction, of the blocks named here. docs/models/glm/glm5-2.md, docs/models/nemotron/nemotron3-super.md
# and docs/models/nemotron/nemotron3-ultra.md.
STORED = [
    (GLM_5_2, 753_329_940_480, [("sparse-indexed", "mixture")]),
    (NEMOTRON_SUPER, 123_611_033_088, [("grouped-query", "no-feed-forward"), ("no-attention", "mixture")]),
    (NEMOTRON_ULTRA, 560_524_603_904, [("grouped-query", "no-feed-forward"), ("no-attention", "mixture")]),
]


@pytest.mark.parametrize(("published", "stored", "further"), STORED, ids=lambda one: str(one)[:40])
def test_published_checkpoints_have_the_weights_that_are_counted_and_those_that_are_left_out(
    published, stored, further
):
    """Left out: the layer for multi-token prediction, and a bias of each expert that only picks (``e_score_...``)."""
    model = counting.read_architectures(to_toml("model", architecture(published)).encode())["model"]
    hidden, kinds = model.hidden_size, {(b.attention.kind, b.feed_forward.kind): b for b in model.blocks}
    blocks = [kinds[one] for one in further]
    layer = sum(b.attention.parameters(hidden) + b.feed_forward.parameters(hidden) + b.norms * hidden for b in blocks)
    joined = 2 * hidden * hidden + 3 * hidden
    picking = [b.count * b.feed_forward.experts for b in model.blocks if b.feed_forward.kind == "mixture"]
    picking += [b.feed_forward.experts for b in blocks if b.feed_forward.kind == "mixture"]
    assert counting.total_parameters(model) + layer + joined + sum(picking) == stored


# Broken: one sentence that names the family, the key and the value


def test_the_head_is_tied_where_only_the_whole_configuration_says_so():
    whole = {"model_type": "outer", "text_config": config("qwen3"), "tie_word_embeddings": True}
    assert architecture(whole)["tied"] is True
    whole["text_config"] = config("qwen3", tie_word_embeddings=False)
    with pytest.raises(SourceError, match="qwen3 has tie_word_embeddings = False, and true outside the part on text"):
        architecture(whole)


def test_dense_layers_are_read_from_a_list_where_no_number_of_them_stands():
    kinds = ["dense", "sparse", "sparse", "sparse"]
    listed = architecture(sparse(mlp_layer_types=kinds))
    assert listed["blocks"] == [[1, "attention", "dense"], [3, "attention", "experts"]]
    assert architecture(sparse(first_k_dense_replace=1)) == listed
    assert architecture(sparse(first_k_dense_replace=1, mlp_layer_types=kinds)) == listed
    with pytest.raises(SourceError, match="which contradicts the other keys on layers with experts"):
        architecture(sparse(first_k_dense_replace=2, mlp_layer_types=kinds))


def test_a_window_counts_where_it_is_switched_on_and_not_where_it_is_off():
    off = architecture(config("qwen3", sliding_window=16, use_sliding_window=False, max_window_layers=4))
    assert off["blocks"] == [[4, "attention", "dense"]]
    on = architecture(config("qwen3", sliding_window=16, use_sliding_window=True, max_window_layers=1))
    assert on["blocks"] == [[1, "attention", "dense"], [3, "window", "dense"]]
    everywhere = architecture(config("mistral", sliding_window=16))
    assert everywhere["blocks"] == [[4, "window", "dense"]]


LISTED = {"mlp_only_layers": [1, 2], "num_experts": 16}


def test_dense_layers_among_experts_are_read_from_their_list_or_their_step():
    found = architecture(config("qwen3_moe", **LISTED, **MIXTURE))
    assert found["blocks"] == [[2, "attention", "experts"], [2, "attention", "dense"]]
    stepped = architecture(config("qwen3_moe", num_experts=16, decoder_sparse_step=2, **MIXTURE))
    assert stepped["blocks"] == [[2, "attention", "dense"], [2, "attention", "experts"]]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (config("mamba"), "The configuration is of the family 'mamba', which is not known; known are dbrx, "),
        ({}, "The configuration is of the family None, which is not known"),
        ({"text_config": 7}, "The configuration is of the family None, which is not known"),
        ({"model_type": ["llama"]}, "The configuration is of the family ['llama'], which is not known"),
        ([], "The configuration is not a table of keys and values"),
        (config("llama", hidden_size="64"), "llama has hidden_size = '64', which is no whole number from 1: write the"),
        (config("llama", num_attention_heads=True), "has num_attention_heads = True, which is no whole number from 1"),
        (
            config("llama", num_hidden_layers=10**12),
            "num_hidden_layers = 1000000000000, and no model has so many layers",
        ),
        (config("llama", vocab_size=None), "The configuration of the family llama has no vocab_size: write the entry"),
        (config("llama", num_attention_heads=7), "has num_attention_heads = 7, among which hidden_size = 64 cannot be"),
        (
            config("llama", num_key_value_heads=3),
            "not fit together: Architecture llama, attention, kv_heads: 8 heads cannot be shared out among 3",
        ),
        (config("llama", sliding_window=16), "llama has sliding_window = 16, which is not understood: write the entry"),
        (config("llama", layer_types=["linear_attention"] * 4), "llama has layer_types = 'linear_attention', of which"),
        (
            config("llama", layer_types=["chunked_attention"] * 4),
            "has layer_types = 'chunked_attention', of which only",
        ),
        (config("llama", layer_types=7), "llama has layer_types = 7, which is no list of a value for each layer"),
        (config("llama", layer_types=[["full_attention"]] * 4), "has layer_types = ['full_attention'], of which only"),
        (config("llama", extra_blocks={"a": 1}), "llama has extra_blocks = {'a': 1}, which is not understood"),
        (config("llama", is_decoder=True), "llama has is_decoder = True, which is not understood"),
        (config("llama", tie_word_embeddings="yes"), "tie_word_embeddings = 'yes', which is neither true nor false"),
        (config("gpt_oss", **GPT, layer_types=["sliding_attention"]), "of 1 values for 4 layers"),
        (config("qwen3", use_sliding_window=True), "qwen3 has use_sliding_window = True, without a sliding_window"),
        (
            config("qwen3", sliding_window=16, layer_types=["sliding_attention"] * 4),
            "qwen3 has use_sliding_window = False, and layer_types has windows",
        ),
        (sparse(first_k_dense_replace="3"), "glm_moe_dsa has first_k_dense_replace = '3', which is no whole number"),
        (
            sparse(first_k_dense_replace=-1),
            "glm_moe_dsa has first_k_dense_replace = -1, which is no whole number from 0",
        ),
        (sparse(first_k_dense_replace=1.5), "has first_k_dense_replace = 1.5, which is no whole number from 0"),
        (sparse(first_k_dense_replace=[1]), "has first_k_dense_replace = [1], which is no whole number from 0"),
        (sparse(first_k_dense_replace={}), "has first_k_dense_replace = {}, which is no whole number from 0"),
        (sparse(first_k_dense_replace=5), "has first_k_dense_replace = 5, and there are 4 layers"),
        (sparse(indexer_types=["shared"] * 4), "in the first layer, where there is no index to share"),
        (sparse(index_topk_pattern=7), "has index_topk_pattern = 7, which is no list of a value for each layer"),
        (sparse(n_routed_experts=[16]), "has n_routed_experts = [16], which is no whole number from 0"),
        (sparse(n_shared_experts="one"), "has n_shared_experts = 'one', which is no whole number from 0"),
        (sparse(num_experts=8), "has num_experts = 8, which contradicts n_routed_experts"),
        (sparse(num_key_value_heads=2), "has num_key_value_heads = 2, unlike num_attention_heads"),
        (
            config("qwen3_moe", **MIXTURE, num_experts=16, mlp_only_layers=[9]),
            "has mlp_only_layers = 9, and there are 4",
        ),
        (config("qwen3_moe", **MIXTURE, num_experts=16, mlp_only_layers="1"), "'1', which is no list of whole numbers"),
        (
            config("minimax_m2", **GPT, attn_type_list=[1, 1, 0, 1]),
            "minimax_m2 has attn_type_list = 0, of which only 1",
        ),
        (
            config("minimax_m1", **GPT),
            "minimax_m1 has attn_type_list = None, which is no list of a value for each layer",
        ),
        (config("kimi_linear", linear_attn_config=3), "kimi_linear has linear_attn_config = 3, which is no table"),
        (config("gemma4_text", hidden_size_per_layer_input=256), "has hidden_size_per_layer_input = 256, which is not"),
        (
            {"model_type": "outer", "text_config": config("llama"), "hidden_size": 128},
            "llama has hidden_size = 128, outside the part on text",
        ),
        (
            {"model_type": "outer", "text_config": config("llama"), "adapter_layers": 2},
            "llama has adapter_layers = 2, which is not understood",
        ),
    ],
)
def test_what_is_not_understood_is_refused_with_the_family_the_key_and_the_value(bad, message):
    with pytest.raises(SourceError, match=re.escape(message)) as caught:
        architecture(bad)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


WHOLE = [config("llama"), config("gpt_oss", **GPT), sparse(), delta(), nemotron(), *(one for one, _, _ in PUBLISHED)]


@pytest.mark.parametrize("good", WHOLE, ids=lambda one: str(one["model_type"]))
@pytest.mark.parametrize("value", [None, "7", -1, 1.5, [], {}, [[1]], [{}], True, 10**30], ids=repr)
def test_no_wrong_value_of_any_key_ends_in_anything_but_a_sentence(good, value):
    for name in good:
        with contextlib.suppress(SourceError):
            architecture(good | {name: value})


def test_keys_that_say_nothing_about_the_structure_are_let_through():
    more = {"rope_theta": 1e6, "eos_token_id": [1, 2], "attention_dropout": 0.1, "quantization_config": {"bits": 4}}
    vision = {"model_type": "outer", "text_config": config("llama", **more), "vision_config": {"layers": 3}}
    assert architecture(vision) == architecture(config("llama"))
