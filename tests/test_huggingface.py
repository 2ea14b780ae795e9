"""Published configurations in the project's form: one made-up configuration a family, read off by hand."""

import pytest

from analysis import SourceError
from analysis.refresh.huggingface import architecture

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
    assert found["blocks"] == [[1, "window", "experts"], [1, "attention", "experts"]] * 2
    assert found["parts"]["attention"] == full
    assert found["parts"]["window"] == full | {"kind": "sliding-window", "window": 128}
    assert found["parts"]["experts"] == EXPERTS | {"width": 96, "bias": True}


def test_a_sparse_index_and_a_part_on_text():
    latent = {"q_lora_rank": 24, "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 8}
    index = {"index_n_heads": 2, "index_head_dim": 8, "index_topk": 64}
    text = config("glm_moe_dsa", n_routed_experts=16, **latent, **index, **MIXTURE)
    found = architecture({"model_type": "outer", "text_config": text})["parts"]["attention"]
    sizes = {"heads": 8, "query_rank": 24, "kv_rank": 16, "nope_dim": 8, "rope_dim": 4, "value_dim": 8}
    assert found == {"kind": "sparse-indexed", **sizes, "index_heads": 2, "index_dim": 8, "index_top": 64}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (config("mamba"), "The configuration is of a family that is not known; known are deepseek_v3, "),
        ({}, "The configuration is of a family that is not known"),
        ({"text_config": 7}, "The configuration is of a family that is not known"),
        (config("llama", hidden_size="64"), "The configuration has no hidden_size that is a whole number from 1"),
        (config("llama", num_attention_heads=True), "has no num_attention_heads that is a whole number from 1"),
        (config("llama", num_hidden_layers=10**12), "has 1,000,000,000,000 layers, which no model has"),
        (config("llama", vocab_size=0), "has no vocab_size that is a whole number from 1"),
        (config("gpt_oss", layer_types=["sliding_attention"], sliding_window=8), "has 4 layers and kinds of 1"),
        (
            config("qwen3_moe", num_experts=16, mlp_only_layers=[2], **MIXTURE),
            "dense layers and experts in its own order",
        ),
    ],
)
def test_a_configuration_that_does_not_say_enough_is_refused(bad, message):
    with pytest.raises(SourceError, match=message):
        architecture(bad)
