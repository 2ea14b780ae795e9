import re
from dataclasses import replace

import numpy as np
import pytest

from analysis import InputError, catalog
from analysis.measures import architecture, fleet, serving

EIGHT = serving.Precision(8, 8, 8)
CHAT = {"prompt": 8192, "completion": 1024}


@pytest.fixture(scope="module")
def models():
    return architecture.read_architectures(catalog.read_bytes("architectures"))


def devices(name, count=8):
    return serving.devices_of(catalog.load("accelerators"), name, count)


# Real


@pytest.mark.parametrize(("batch", "ratio"), [(1, 11.02), (8, 2.488), (32, 0.949), (128, 0.660), (512, 1.472)])
def test_llama_over_deepseek_on_eight_h200_is_as_recomputed_independently(models, batch, ratio):
    steps = [
        serving.roofline(models[name], devices("H200"), [batch], 1024, EIGHT)["step_ms"].item()
        for name in ("Llama-3.1-405B", "DeepSeek-V3")
    ]
    assert steps[0] / steps[1] == pytest.approx(ratio, abs=6e-4 if ratio < 10 else 6e-3)


def test_deepseeks_own_day_is_within_what_its_fleet_could_do_at_best(models):
    """DeepSeek, day 6: 14,800 decoded tokens a second a node of eight H800, in fleets of 144, at 4,989 of context."""
    h800 = devices("H800", 144)
    step = fleet.decoding_step(models["DeepSeek-V3"], h800, 144 * 128, 4989, fleet.Setting(EIGHT, 8))
    assert 1e3 * 144 * 128 / step["step_ms"] / 18 > 14_800


# Planted


def test_a_latent_cache_is_copied_under_tensor_parallelism_and_not_under_data_parallel_attention(models):
    latent = models["DeepSeek-V3"].blocks[0].attention
    assert [fleet.cache_copies(latent, 16, way) for way in ("tensor", "data")] == [16, 1]
    held = {
        way: [
            fleet.decoding_step(models["DeepSeek-V3"], devices("H200", 16), batch, 8192, fleet.Setting(EIGHT, 8, way))[
                "gb"
            ]
            for batch in (16, 512 + 16)
        ]
        for way in ("tensor", "data")
    }
    added = {way: last - first for way, (first, last) in held.items()}
    assert added["tensor"] == pytest.approx(16 * added["data"])


def test_the_busiest_device_of_a_simulated_batch_is_as_busy_as_computed():
    """The chances are those of Rosén (1997) for many experts; of 16 with two a token they miss by 4 %."""
    random = np.random.default_rng(0)
    popularity = np.arange(1, 65.0) ** -1.0
    loads = np.zeros(4)
    for _ in range(4000):
        # The largest keys of an exponential race are a draw without replacement in proportion to popularity.
        chosen = np.argsort(random.exponential(size=64) / popularity)[:4]
        np.add.at(loads, chosen % 4, 1)
    assert fleet.busiest_device(64, 4, 4000, 4, 1.0)[1] == pytest.approx(loads.max(), rel=0.02)


def test_popular_experts_cost_time_in_a_large_batch(models):
    times = [
        fleet.decoding_step(models["DeepSeek-V3"], devices("H200", 32), 8192, 1024, fleet.Setting(EIGHT, 8, skew=skew))
        for skew in (0.0, 1.0)
    ]
    assert times[1]["step_ms"] > times[0]["step_ms"]


def test_weights_of_fewer_bits_do_not_speed_up_computing(models):
    prompts = [
        fleet.prompt_seconds(models["Kimi-K2"], devices("B200"), 8192, fleet.Setting(serving.Precision(16, bits), 16))
        for bits in (4, 16)
    ]
    assert prompts[0] == prompts[1]


def test_even_experts_and_one_device_give_the_roofline_of_the_bound(models):
    one = replace(devices("H200", 1), gb=1e6)
    step = fleet.decoding_step(models["Llama-3.1-70B"], one, 4, 1024, fleet.Setting(EIGHT, 8))
    plain = serving.roofline(models["Llama-3.1-70B"], one, [4], 1024, EIGHT)["step_ms"].item()
    assert step["step_ms"] == pytest.approx(plain, rel=1e-3)


def test_steps_by_batch_cost_what_their_time_costs_and_say_which_fit(models):
    setting = fleet.Setting(EIGHT, 8)
    steps = fleet.decoding_steps(models["DeepSeek-V3"], devices("H200"), [1, 64, 65536], 8192, setting)
    alone = fleet.decoding_step(models["DeepSeek-V3"], devices("H200"), 64, 8192, setting)
    assert steps.loc[64, "step_ms"] == alone["step_ms"]
    seconds_a_token = 8 * alone["step_ms"] / 1e3 / 64
    assert steps.loc[64, "usd_per_mtok"] == pytest.approx(1e6 * seconds_a_token * devices("H200").usd_hour / 3600)
    assert steps["fits"].tolist() == [True, True, False]
    assert serving.least_cost(steps) == steps.loc[64, "usd_per_mtok"]


def test_a_fleet_of_free_size_is_never_dearer_than_one_of_eight(models):
    for name in ("DeepSeek-V3", "Llama-3.1-70B"):
        setting = fleet.Setting(EIGHT, 8)
        free = fleet.cheapest_fleet(models[name], devices("B200"), CHAT, 20, setting)
        eight = fleet.cheapest_fleet(models[name], devices("B200"), CHAT, 20, setting, [8])
        assert free["usd_per_mtok"] <= eight["usd_per_mtok"]


# Broken


def test_a_memory_that_is_not_known_is_refused_by_name(models):
    with pytest.raises(InputError, match=re.escape("The memory of A800 is not known: enter hbm_gb in the table")):
        fleet.cheapest_fleet(models["DeepSeek-V3"], replace(devices("A800"), gb=np.nan), CHAT, 20, fleet.Setting(EIGHT))


def test_a_model_that_fits_nowhere_costs_nothing_that_is_known(models):
    tiny = replace(devices("H100"), gb=1.0)
    assert np.isnan(
        fleet.cheapest_fleet(models["DeepSeek-V3"], tiny, CHAT, 20, fleet.Setting(EIGHT, 8))["usd_per_mtok"]
    )
