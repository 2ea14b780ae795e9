"""The most frugal models at one capability: planted ladders, and what is left out of each comparison."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures import frugality


@pytest.fixture
def scored() -> pd.DataFrame:
    """A hosted and an ordinary Chinese mixture, a Chinese dense model, and a US mixture and dense model."""
    rows = [
        [frugality.HOSTED, "CN", "moe", 145.0, 5.0, "2026-01-01"],
        ["Ordinary", "CN", "moe", 145.0, 30.0, "2025-01-01"],
        ["Dense", "CN", "dense", 150.0, 60.0, "2025-06-01"],
        ["US-MoE", "US", "moe", 140.0, 10.0, "2025-01-01"],
        ["US-dense", "US", "dense", 130.0, 90.0, "2024-01-01"],
    ]
    frame = pd.DataFrame(rows, columns=["model", "origin", "kind", "score", "flops", "released"])
    return frame.assign(released=pd.to_datetime(frame["released"]), long=frame["flops"] * [10, 1, 1, 1, 1])


def test_each_way_of_comparing_gives_its_planted_ratio(scored):
    ratios = {way: frugality.at_best(steps)["ratio"] for way, steps in frugality.ladders_by_way(scored).items()}
    # the best US model has 140 points and takes 10; the Chinese ones with as many take 5, and without that one 30
    assert ratios["literal"] == 2
    assert ratios["without_flash"] == pytest.approx(1 / 3)
    assert ratios["long_context"] == pytest.approx(1 / 3)
    # 2025 has a Chinese mixture with 145 points and a dense model with 150 in the place of the US ones
    assert np.isnan(ratios["dense_same_year"])
    assert np.isnan(ratios["dense"])


def test_a_chinese_dense_model_stands_against_the_mixtures_and_never_among_them(scored):
    assert "Dense" not in frugality.sides(scored)["model"].tolist()
    against = frugality.against_dense(scored).set_index("model")["origin"]
    assert against["Dense"] == "US"
    assert "US-MoE" not in against


def test_the_best_of_both_is_a_level_that_both_reach(scored):
    ladder = frugality.ladders_by_way(scored)["literal"]
    assert frugality.at_best_of_both(ladder)["level"] == 140
    assert frugality.at_best_of_both(ladder)["ratio"] == 2


def test_the_most_frugal_models_are_named(scored):
    claimed = frugality.sides(scored)
    at = frugality.at_best(frugality.ladders_by_way(scored)["literal"])
    assert frugality.most_frugal(claimed, at) == {"CN": frugality.HOSTED, "US": "US-MoE"}


def test_before_the_first_fit_nothing_is_known(scored):
    day, scores = frugality.fit(pd.DataFrame(columns=["fit", "model", "name", "score"]), "2024-01-01")
    assert pd.isna(day)
    assert scores.empty
    nothing = frugality.ladders_by_way(scored.head(0))
    assert all(np.isnan(frugality.at_best(ladder)["ratio"]) for ladder in nothing.values())
    assert np.isnan(frugality.share_of_levels(nothing["literal"], 2))
