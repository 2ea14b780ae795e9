import re

import numpy as np
import pandas as pd
import pytest

from analysis import InputError, catalog
from analysis.measures import measured, prices

SHAPES = [(1024, 1024), (8192, 1024), (1024, 8192)]


@pytest.fixture(scope="module")
def runs():
    return catalog.load("serving_runs")


def run_of(shape, seconds, concurrency=4, devices=8, tpot=20.0, number=1):
    """A run whose request takes so many device-seconds."""
    decoding = (shape[1] - 1) * tpot
    return {
        "model": "M",
        "accelerator": "A",
        "input_tokens": shape[0],
        "output_tokens": shape[1],
        "devices": devices,
        "concurrency": concurrency,
        "ttft_ms": 1e3 * seconds * concurrency / devices - decoding,
        "tpot_ms": tpot,
        "precision": "fp8",
        "run": number,
    }


def planted_offers(slope, vendors, random):
    """Two models a vendor, whose prices share a policy of the vendor's."""
    vendor = np.repeat(np.arange(vendors), 2)
    cost = random.normal(size=2 * vendors)
    price = slope * cost + random.normal(scale=0.3, size=vendors)[vendor] + random.normal(scale=0.1, size=2 * vendors)
    return pd.DataFrame({"model": range(2 * vendors), "vendor": vendor, "cost": np.exp(cost), "price": np.exp(price)})


# Planted


def test_planted_costs_of_prompt_and_completion_tokens_are_recovered():
    prompt, completion = 0.0004, 0.009
    planted = [run_of(shape, prompt * shape[0] + completion * shape[1]) for shape in SHAPES]
    cost = measured.measured_cost(pd.DataFrame(planted), 50, pd.Series({"A": 3.6}), ttft_s=60)
    assert cost.loc[("M", "A"), ["prompt_s", "completion_s"]].tolist() == pytest.approx([400, 9000])
    assert cost.loc[("M", "A"), ["prompt", "completion"]].tolist() == pytest.approx([0.4, 9.0])


def test_a_simulated_closed_loop_finishes_what_littles_law_says():
    """Four users ask one after another, each request taking 0.5 to 1.5 s: counted against devices * mean / users."""
    random = np.random.default_rng(1)
    finished = sum((np.cumsum(random.uniform(0.5, 1.5, 30_000)) <= 10_000).sum() for _ in range(4))
    run = {"devices": 8, "concurrency": 4, "output_tokens": 11, "ttft_ms": 500.0, "tpot_ms": 50.0}
    told = measured.request_seconds(pd.DataFrame([run]))["device_seconds"].item()
    assert told == pytest.approx(8 * 10_000 / finished, rel=0.01)


def test_a_price_that_follows_cost_passes_all_of_it_through_and_a_flat_one_nothing():
    random = np.random.default_rng(0)
    for slope in (0.0, 0.5, 1.0):
        found, low, high = measured.pass_through(planted_offers(slope, 200, random))
        assert found == pytest.approx(slope, abs=0.06) and low < found < high


@pytest.mark.slow
def test_the_interval_holds_the_planted_slope_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    inside = 0
    for _ in range(200):
        _, low, high = measured.pass_through(planted_offers(1.0, 25, random), resamples=300)
        inside += low <= 1 <= high
    assert 0.88 <= inside / 200 <= 0.99


def test_vendors_and_not_models_are_drawn():
    """One vendor's models copied tenfold add nothing: the interval stays as wide."""
    offers = planted_offers(1.0, 12, np.random.default_rng(3))
    copied = pd.concat([offers.assign(model=offers["model"] + 100 * copy) for copy in range(10)])
    once, tenfold = (measured.pass_through(frame, seed=5) for frame in (offers, copied))
    assert tenfold == pytest.approx(once)


def test_a_slower_user_is_cheaper_to_serve_and_a_queue_of_minutes_does_not_count():
    waiting = run_of(SHAPES[0], 20.0, concurrency=64, number=3)
    planted = pd.DataFrame([run_of(SHAPES[0], 60.0, tpot=10.0), run_of(SHAPES[0], 45.0, number=2), waiting])
    numbers = [
        measured.cheapest_requests(planted, least, wait)["run"].item()
        for least, wait in [(100, 60), (20, 60), (20, 600)]
    ]
    assert numbers == [1, 2, 3]


# Real


def test_deepseek_r1_on_h200_costs_about_what_deepseek_published_of_its_own_servers(runs):
    """DeepSeek, day 6 of its open-source week: 608 G input (342 G of them cached) and 168 G output tokens a day on
    226.75 nodes of eight H800. Priced by the split of these runs, the day would have taken between half and four times
    these devices: other devices, other software, caches that cost nothing here."""
    cost = measured.measured_cost(runs, 20, pd.Series({"H200": 1.74}))
    prompt, completion = cost.loc[("DeepSeek-R1", "H200"), ["prompt_s", "completion_s"]]
    devices = ((608e9 - 342e9) * prompt + 168e9 * completion) / 1e6 / 86_400
    assert 0.5 < devices / (226.75 * 8) < 4


def test_list_prices_follow_measured_cost_by_about_half_on_one_accelerator(runs):
    """Requests of 8K and 1K at 20 tokens a second on H200, vendors' list prices on the article's day."""
    requests = measured.cheapest_requests(runs, 20)
    cost = measured.request_cost(requests, pd.Series({"H200": 1.74}), 8192, 1024)
    book = prices.price_book(catalog.load("prices"), "2026-05-25")
    offers = measured.priced(cost, catalog.load("model_sizes"), book, 8 / 9)
    found, low, high = measured.pass_through(offers)
    assert offers["model"].nunique() == 5 and offers["vendor"].nunique() == 4
    assert found == pytest.approx(0.55, abs=0.01) and low < 0.7 < high


def test_gpt_oss_takes_fewer_device_seconds_than_any_chinese_model_of_the_runs(runs):
    """The only US model of that capability; on H200 at 20 tokens a second, requests of 8K and 1K."""
    cost = measured.request_cost(measured.cheapest_requests(runs, 20), pd.Series({"H200": 1.74}), 8192, 1024)
    chinese = cost.drop(["gpt-oss-120b", "Llama-3.1-70B", "Llama-3.1-8B"])["seconds"]
    assert cost.loc["gpt-oss-120b", "seconds"] / chinese.min() == pytest.approx(0.22, abs=0.01)


def test_every_model_of_the_runs_but_one_has_a_row_of_sizes(runs):
    assert set(runs["model"]) - set(catalog.load("model_sizes")["model"]) == {"Llama-3.1-8B"}


def test_every_row_of_the_source_is_counted_once(runs):
    """The source holds 5,221 rows."""
    assert runs["copies"].sum() == 5221 and len(runs) == 4065


def test_no_run_of_one_node_is_given_more_devices_than_a_node_holds(runs):
    one_node = runs["mode"].eq("together") & runs["accelerator"].isin(["H100", "H200", "B200", "B300"])
    assert runs.loc[one_node, "devices"].max() == 8


# Broken


def test_lengths_of_one_ratio_cannot_be_split():
    one_ratio = pd.DataFrame([run_of((1024, 1024), 9.0), run_of((2048, 2048), 30.0)])
    assert np.isnan(measured.split_seconds(measured.request_seconds(one_ratio))).all()


def test_three_vendors_do_not_tell_an_interval():
    assert np.isnan(measured.pass_through(planted_offers(1.0, 3, np.random.default_rng(0)))).all()


def test_a_speed_or_a_share_that_cannot_be_is_refused(runs):
    with pytest.raises(InputError, match=re.escape("interactivity is 0: give the tokens a second that each user gets")):
        measured.cheapest_requests(runs, 0)
    cost = pd.DataFrame({"prompt": [1.0], "completion": [1.0]})
    with pytest.raises(
        InputError, match=re.escape("prompt_share is 75: give the share of prompt tokens, between 0 and")
    ):
        measured.cheapest_accelerator(cost, 75)
