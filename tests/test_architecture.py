"""Architectures counted: totals, caches and operations against published figures and sums done by hand."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from analysis import InputError, catalog
from analysis.measures import architecture, attention, blocks, form, serving


@pytest.fixture(scope="module")
def models():
    return architecture.read_architectures(catalog.read_bytes("architectures"))


@pytest.fixture(scope="module")
def figures():
    return catalog.load("published_figures")


def only(figures: pd.DataFrame, report: str, quantity: str, model: str) -> float:
    rows = figures.query("report == @report and quantity == @quantity and model == @model")
    return rows["value"].item()


# Real: published figures that the dimensions must give


@pytest.mark.parametrize(
    ("name", "weights"),
    [("gpt-oss-120b", 116_829_156_672), ("gpt-oss-20b", 20_914_757_184), ("GLM-5", 743_911_199_232)],
)
def test_totals_are_exact_to_the_parameter(models, name, weights):
    """Model cards of gpt-oss and, in Megatron-Bridge, of GLM-5."""
    assert architecture.total_parameters(models[name]) == weights


@pytest.mark.parametrize("name", ["DeepSeek-V3", "Llama-3.1-405B"])
def test_the_cache_of_a_token_is_exact_to_the_byte(models, figures, name):
    """arXiv 2505.09343, table 1: 70.272 KB and 516.096 KB."""
    published = only(figures, "DeepSeek insights", "cache", name)
    assert published in (70_272, 516_096)
    assert architecture.cache_bytes(models[name], 1, bits=16) == published


def test_training_takes_250_and_2473_gigaflops_a_token(models):
    """arXiv 2505.09343, table 2: 250 and 2448; the issue allows 2448 to 2473."""
    assert architecture.training_flops_per_token(models["DeepSeek-V3"], 4096) / 1e9 == pytest.approx(250, rel=0.005)
    llama = architecture.training_flops_per_token(models["Llama-3.1-405B"], 4096) / 1e9
    assert 2448 <= round(llama) <= 2473


def test_a_million_tokens_cost_v4_the_published_part_of_v32(models, figures):
    """arXiv 2606.19348, abstract: 27 % of the operations and 10 % of the cache, both rounded."""
    pro, old = models["DeepSeek-V4-Pro"], models["DeepSeek-V3.2"]
    flops = architecture.flops_per_token(pro, 2**20) / architecture.flops_per_token(old, 2**20)
    cache = architecture.cache_bytes(pro, 2**20) / architecture.cache_bytes(old, 2**20)
    assert flops == pytest.approx(only(figures, "DeepSeek-V4 report", "flops_share", pro.name), abs=0.015)
    assert cache == pytest.approx(only(figures, "DeepSeek-V4 report", "kv_share", pro.name), abs=0.015)


def test_the_saving_of_the_mixture_over_the_batch_is_as_it_was(models):
    """Time of Llama-405B over that of DeepSeek-V3 at 1K of context, 8-bit weights and cache, eight H200."""
    server = serving.devices_of(catalog.load("accelerators"), "H200", 8)
    eight = serving.Precision(8, 8, 8)
    steps = {}
    for name in ("Llama-3.1-405B", "DeepSeek-V3"):
        steps[name] = serving.roofline(models[name], server, [1, 8, 32, 128, 512], 1024, eight)["step_ms"]
    ratio = steps["Llama-3.1-405B"] / steps["DeepSeek-V3"]
    assert ratio.to_numpy() == pytest.approx([11.02, 2.488, 0.949, 0.660, 1.472], rel=0.001)


# Planted


def test_a_model_of_known_weights_is_counted():
    """Embedding and head 2*10*4, attention 4*(4+2+2)+4*4, feed-forward 3*4*5, norms 3*4."""
    attention = architecture.GroupedQuery(heads=2, kv_heads=1, head_dim=2)
    block = architecture.Block(1, attention, architecture.Dense(width=5))
    model = architecture.Architecture("small", hidden_size=4, vocabulary=10, blocks=(block,))
    assert architecture.total_parameters(model) == 80 + 48 + 60 + 12
    assert architecture.total_parameters(replace(model, tied=True)) == 40 + 48 + 60 + 12
    assert architecture.active_parameters(model).tolist() == [200, 160, 120]
    assert architecture.flops_per_token(model, 10) == 2 * 160 + 2 * 2 * 2 * 10 * 2


def test_a_window_a_state_and_an_index_bound_what_grows():
    window = architecture.SlidingWindow(heads=2, kv_heads=2, head_dim=4, window=8)
    assert window.cache(100, 16) == window.cache(8, 16) > window.cache(4, 16)
    state = architecture.Linear(key_heads=1, value_heads=1, key_dim=4, value_dim=4, kernel=4)
    assert state.cache(1.0, 16) == state.cache(1e6, 16)
    indexed = architecture.SparseIndexed(
        heads=1, query_rank=1, kv_rank=8, nope_dim=1, rope_dim=0, value_dim=1, index_heads=1, index_dim=2, index_top=10
    )
    assert indexed.cache(100, 8) == 1000 and indexed.traffic(100, 8) == 80 + 200


def test_training_sees_half_the_sequence_on_average(models):
    model = models["Llama-3.1-70B"]
    weights = 6 * architecture.active_parameters(model)["head only"]
    attention = architecture.training_flops_per_token(model, 4096) - weights
    at_half = 3 * (architecture.flops_per_token(model, 2047.5) - weights / 3)
    assert attention == pytest.approx(at_half)


def test_a_state_space_layer_is_counted():
    """Input 6*(2*8+2*4+2), convolution (8+8)*(4+1), decay, skip and step 3*2, norm 8, output 8*6."""
    layer = attention.StateSpace(heads=2, head_dim=4, groups=1, state_dim=4, kernel=4)
    assert layer.parameters(6) == 6 * (16 + 8 + 2) + 80 + 6 + 8 + 48
    assert layer.state(16) == 2 * 4 * 4 * 4 + 3 * 16 * 2
    assert layer.cache(10.0, 16) == layer.cache(1e6, 16) == layer.state(16)
    assert layer.traffic(10.0, 16) == 2 * layer.state(16)


def test_only_layers_with_a_state_have_bytes_from_the_first_token_on():
    full = attention.GroupedQuery(heads=2, kv_heads=1, head_dim=2)
    assert full.state(16) == 0 and full.cache(0.0, 16) == 0
    fixed = attention.Lightning(heads=2, head_dim=4)
    assert fixed.state(16) == 2 * 4 * 4 * 4 and fixed.parameters(6) == 5 * 6 * 8 + 8


def test_a_decay_for_each_channel_is_counted():
    """Four projections 4*6*8, convolutions 3*4*8, decay and gate each 4*(6+8), step 6*2+2, dt 8, norm 4."""
    low = attention.LinearByChannel(heads=2, head_dim=4, kernel=4)
    assert low.parameters(6) == 192 + 96 + 2 * 56 + 14 + 8 + 4
    assert replace(low, full_rank_gate=True).parameters(6) == low.parameters(6) - 56 + 48


def test_a_shared_index_has_no_weights_and_no_keys_and_reads_what_was_let_through():
    sizes = {"heads": 2, "query_rank": 3, "kv_rank": 8, "nope_dim": 2, "rope_dim": 2, "value_dim": 2}
    plain, shared = attention.Latent(**sizes), attention.SparseShared(**sizes, index_top=10)
    own = attention.SparseIndexed(**sizes, index_heads=2, index_dim=4, index_top=10)
    assert shared.parameters(6) == plain.parameters(6) < own.parameters(6)
    assert shared.cache(100, 8) == plain.cache(100, 8) == own.cache(100, 8) - 400
    assert shared.traffic(100, 8) == plain.cache(10, 8)
    assert shared.mixing(100)[0] == plain.mixing(10)[0]


def test_an_index_over_grouped_queries_is_counted():
    plain = attention.GroupedQuery(heads=4, kv_heads=2, head_dim=2)
    index = attention.GroupedIndexed(heads=4, kv_heads=2, head_dim=2, index_heads=2, index_dim=4, index_top=10)
    assert index.parameters(6) == plain.parameters(6) + 6 * 3 * 4 + 2 * 4
    assert index.traffic(100, 8) == plain.cache(10, 8) + 400


def test_queries_are_made_directly_where_there_is_no_rank():
    ranked = attention.Latent(heads=2, query_rank=3, kv_rank=8, nope_dim=2, rope_dim=2, value_dim=2)
    assert ranked.parameters(6) - replace(ranked, query_rank=0).parameters(6) == 3 * (6 + 1 + 8) - 6 * 8
    narrow = attention.GroupedQuery(heads=2, kv_heads=1, head_dim=2, query_rank=3)
    assert narrow.parameters(6) - replace(narrow, query_rank=0).parameters(6) == 3 * (6 + 1 + 4) - 6 * 4
    one = replace(narrow, keys_are_values=True)
    assert one.parameters(6) == narrow.parameters(6) - 6 * 2 and one.cache(5, 8) == narrow.cache(5, 8)


def test_experts_of_two_matrices_on_a_latent_width_are_counted():
    """Four experts 2*3*5, shared 2*8*7, router 4*8, to and from the latent width 2*8*3."""
    experts = blocks.Mixture(4, 2, 5, shared=1, shared_width=7, gated=False, latent=3)
    assert experts.parameters(8) == 4 * 30 + 112 + 32 + 48
    assert experts.active(8) == 2 * 30 + 112 + 32 + 48
    assert replace(experts, empty=2).router(8) == 6 * 8
    assert blocks.Dense(5, gated=False).parameters(8) == 80


def test_a_layer_of_one_part_has_one_norm():
    only_attends = blocks.Block(1, attention.GroupedQuery(2, 1, 2), blocks.NoFeedForward())
    only_feeds = blocks.Block(1, attention.NoAttention(), blocks.Dense(5))
    model = blocks.Architecture("small", 4, 10, (only_attends, only_feeds))
    assert architecture.total_parameters(model) == 80 + 48 + 60 + 3 * 4
    assert architecture.cache_bytes(model, 10) == 2 * 2 * 10 * 2


def test_a_model_of_states_alone_has_no_attention_that_grows():
    layer = blocks.Block(2, attention.Lightning(heads=2, head_dim=4), blocks.Dense(5))
    assert architecture.attention_family(blocks.Architecture("small", 4, 10, (layer,))) == "none that grows"


# Broken


GOOD = """
[M]
hidden_size = 8
vocabulary = 10
blocks = [[2, "a", "f"]]
parts.a = { kind = "grouped-query", heads = 4, kv_heads = 2, head_dim = 2 }
parts.f = { kind = "mixture", experts = 4, per_token = 2, width = 3 }
"""


def test_a_model_is_added_by_writing_its_dimensions():
    model = architecture.read_architectures(GOOD.encode())["M"]
    assert architecture.total_parameters(model) == 168 + 2 * (8 * (8 + 8 + 8) + 4 * 72 + 32 + 16)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("per_token = 2", "per_token = 5", "M, f, per_token: 5 experts a token are more than the 4 that there are"),
        ("kv_heads = 2", "kv_heads = 3", "M, a, kv_heads: 4 heads cannot be shared out among 3"),
        (", width = 3", "", "M, f, width: it is missing"),
        ("hidden_size = 8", "", "M, hidden_size: it is missing"),
        ("vocabulary = 10", "vocabulary = 0", "M, vocabulary: give a whole number of at least 1; not 0"),
        ("heads = 4,", 'heads = "4",', "M, a, heads: give a whole number of at least 1; not '4'"),
        ("width = 3", "widht = 3", "M, f, widht: mixture has no such field; it has experts"),
        ("grouped-query", "grouped", "M, a, kind: use grouped-query, sliding-window, grouped-indexed, latent"),
        ("grouped-query", "sliding-window", "M, a, window: it is missing"),
        ("head_dim = 2 }", 'head_dim = 2, gate = "some" }', "M, a, gate: use none, head, element; not 'some'"),
        ("head_dim = 2 }", "head_dim = 2, sinks = 1 }", "M, a, sinks: use true or false; not 1"),
        ('"a", "f"', '"f", "a"', "M, blocks: no part is called 'f' and of the kind grouped-query"),
        ('[[2, "a", "f"]]', '[["a", "f"]]', "M, blocks: write [count, attention, feed-forward]"),
        ("vocabulary = 10", "vocabulary = 10\nlayers = 2", "M, layers: there is no such field"),
        ("[M]", "[M", "architectures.toml cannot be read"),
    ],
)
def test_a_malformed_architecture_is_refused_by_model_and_field(old, new, message):
    with pytest.raises(InputError, match=re.escape(message)):
        architecture.read_architectures(GOOD.replace(old, new).encode())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": 7}, "Architecture M: write blocks = [[count, attention, feed-forward], ...] and parts.NAME"),
        ({"blocks": "x"}, "Architecture M: write blocks = [[count, attention, feed-forward], ...] and parts.NAME"),
        ({"blocks": [[1, ["a"], "f"]]}, "Architecture M, blocks: name the parts in quotes; not [1, ['a'], 'f']"),
        ({"parts": {"a": 3}}, "Architecture M, a: write its kind and sizes in a table; not 3"),
        ({"parts": {"a": {"kind": ["dense"]}}}, "Architecture M, a, kind: use grouped-query"),
        ({"tied": "yes"}, "Architecture M, tied: use true or false; not 'yes'"),
    ],
)
def test_an_entry_of_wrong_types_is_refused_in_a_sentence(change, message):
    entry = {"hidden_size": 8, "vocabulary": 10, "blocks": [], "parts": {}} | change
    with pytest.raises(InputError, match=re.escape(message)):
        form.checked("M", entry)
