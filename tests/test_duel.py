"""Two models on one server: the published ratios, and what moves them."""

from dataclasses import replace

import pytest

from analysis import catalog
from analysis.measures import architecture, duel, serving
from analysis.measures.serving import Precision

MODELS = architecture.read_architectures(catalog.read_bytes("architectures"))
ACCELERATORS = catalog.load("accelerators")


@pytest.fixture
def setting() -> duel.Duel:
    """Llama-3.1-405B and DeepSeek-V3 on eight H200, after 1,024 tokens, with a cache of eight bits."""
    pair = {"dense": MODELS["Llama-3.1-405B"], "moe": MODELS["DeepSeek-V3"]}
    bits = dict.fromkeys(duel.PAIR, Precision(8, 8, 8))
    server = serving.devices_of(ACCELERATORS, "H200", 8)
    return duel.Duel(pair, bits, server, (1, 8, 32, 128, 512), 1024)


def test_the_saving_of_one_user_is_not_that_of_a_busy_server(setting):
    """Recomputed by hand for issue 16: 11.02, 2.488, 0.949, 0.660 and 1.472."""
    ratios, _ = duel.by_context(setting, [1024])
    assert ratios[1024].tolist() == pytest.approx([11.02, 2.488, 0.949, 0.660, 1.472], rel=1e-3)


def test_a_model_against_itself_is_equally_fast_in_every_setting(setting):
    same = replace(setting, models=dict.fromkeys(duel.PAIR, MODELS["Llama-3.1-405B"]))
    table = duel.compare(duel.settings(same, ACCELERATORS))
    even = [name for name in table.index if not name.startswith("busiest")]
    assert len(even) == 6
    assert (table.loc[even] == 1).all(axis=None)


def test_without_context_and_memory_unknown_every_batch_is_taken_to_fit(setting):
    unknown = replace(setting, server=replace(setting.server, gb=float("nan")))
    assert duel.by_context(unknown, [0, 10**7])[1].all(axis=None)
    assert not duel.by_context(setting, [0, 10**7])[1].all(axis=None)


def test_only_batches_that_fit_count_as_slower(setting):
    ratios, fits = duel.by_context(setting, [1024])
    assert duel.slower_batches(ratios, fits)[1024].tolist() == [32, 128]
    assert duel.slower_batches(ratios, fits & False)[1024].empty
