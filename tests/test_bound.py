import re

import numpy as np
import pandas as pd
import pytest

from analysis import InputError, catalog
from analysis.measures import architecture, bound


@pytest.fixture(scope="module")
def models():
    return architecture.read_architectures(catalog.read_bytes("architectures"))


@pytest.fixture(scope="module")
def tables():
    return [catalog.load(name) for name in ("serving_runs", "model_sizes", "accelerators")]


@pytest.fixture(scope="module")
def terms(models, tables):
    return bound.bound_terms(bound.usable(*tables), models, tables[2])


def planted(random, runs=200, noise=0.0):
    frame = pd.DataFrame(random.uniform(1, 9, (runs, len(bound.TERMS))), columns=bound.TERMS)
    told = frame @ np.array([2.0, 1.0, 3.0, 1.0, 0.5])
    return frame.assign(tpot_ms=told * np.exp(noise * random.normal(size=runs)), model=["M", "N"] * (runs // 2))


# Real: InferenceX runs


@pytest.mark.slow
def test_six_of_2507_runs_beat_the_bound_and_five_of_them_do_not_fit_into_their_memory(terms):
    """The sixth waits four times as long for its first token as it decodes, so that its batch is hardly known."""
    faster = terms[terms["times"] < 1]
    assert len(terms) == 2507 and len(faster) == 6
    assert (~faster["fits"]).sum() == 5
    sixth = faster[faster["fits"]].iloc[0]
    assert sixth["ttft_ms"] > 4 * sixth["output_tokens"] * sixth["tpot_ms"]


def test_the_bound_ranks_runs_over_all_and_within_each_model(terms):
    check = bound.bound_check(terms)
    assert check.loc["all", "rank"] == pytest.approx(0.83, abs=0.01)
    assert (check["rank"] > 0.6).all() and check.loc["all", "median"] == pytest.approx(3.7, abs=0.1)


def test_the_calibration_comes_nearer_on_models_it_has_not_seen_than_the_bound_does(terms):
    error = bound.left_out_error(terms)
    many = error[error["runs"] > 50]
    assert many["median_factor"].max() < 1.8 and many["within_2"].min() > 0.75
    assert many["median_factor"].max() < bound.bound_check(terms).drop("all")["median"].min()


@pytest.mark.slow
def test_a_memory_a_quarter_as_fast_is_beaten_by_many(models, tables):
    """The comparison can fail."""
    slow = tables[2].assign(hbm_tb_s=tables[2]["hbm_tb_s"] / 4)
    assert (bound.bound_terms(bound.usable(*tables), models, slow)["times"] < 1).mean() > 0.25


# Planted


def test_planted_factors_are_recovered_from_noisy_runs():
    factors = bound.calibrate(planted(np.random.default_rng(0), runs=4000, noise=0.05))
    assert factors.tolist() == pytest.approx([2.0, 1.0, 3.0, 1.0, 0.5], abs=0.06)


def test_short_outputs_after_long_waits_are_not_a_full_batch():
    run = {"concurrency": 64, "output_tokens": 128, "ttft_ms": 1270.0, "tpot_ms": 10.0}
    assert bound.decoding_batch(pd.DataFrame([run])).item() == pytest.approx(32)


def test_a_model_that_obeys_another_law_shows_as_an_error_of_the_calibration():
    frame = planted(np.random.default_rng(1))
    other = frame.assign(tpot_ms=frame["tpot_ms"].mask(frame["model"].eq("N"), 5 * frame["tpot_ms"]))
    assert bound.left_out_error(other).loc["N", "median_factor"] > 2


# Broken


def test_fewer_runs_than_factors_are_refused():
    with pytest.raises(InputError, match=re.escape("4 runs cannot fit 5 factors: give at least as many runs")):
        bound.calibrate(planted(np.random.default_rng(0), runs=4))
