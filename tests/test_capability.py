"""Scores, gaps and lags: planted, real and broken. Statistics are held against statsmodels."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats import contingency_tables, multitest, power, proportion, weightstats

from analysis import InputError
from analysis.catalog import load
from analysis.measures import capability, lag, paired, published, statistics
from analysis.wording import lags as lag_words

SHARES = [0, 1, 7, 250, 404, 499, 500]
CONFIDENCES = [0.8, 0.95, 0.99]
DAY = "2026-05-25"


@pytest.fixture(scope="module")
def verified():
    return paired.outcomes(load("openhands_runs"), load("openhands_tasks"), "SWE-bench Verified")


# Statistics, against an independent implementation


@pytest.mark.parametrize(("solved", "confidence"), list(product(SHARES, CONFIDENCES)))
def test_wilson_agrees_with_statsmodels_and_scipy(solved, confidence):
    low, high = statistics.wilson(solved / 500, 500, confidence)
    theirs = proportion.proportion_confint(solved, 500, 1 - confidence, method="wilson")
    assert (low, high) == pytest.approx(theirs, abs=1e-9)
    scipys = stats.binomtest(solved, 500).proportion_ci(confidence, method="wilson")
    assert (low, high) == pytest.approx((scipys.low, scipys.high), abs=1e-9)


@pytest.mark.parametrize(("first", "second", "n"), list(product([0, 3, 40], [0, 11, 40], [40, 731])))
@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_newcombe_and_its_test_agree_with_statsmodels(first, second, n, confidence):
    gap = statistics.newcombe(first / 40, 40, second / n, n, confidence)
    limits = {"method": "newcomb", "compare": "diff", "alpha": 1 - confidence}
    theirs = proportion.confint_proportions_2indep(first, 40, second, n, **limits)
    assert (gap.low, gap.high) == pytest.approx(theirs, abs=1e-9)
    if 0 < first + second < 40 + n:
        assert gap.p_different == pytest.approx(proportion.proportions_ztest([first, second], [40, n])[1], abs=1e-9)
    else:
        assert gap.p_different == 1.0


@pytest.mark.parametrize(("first", "second"), list(product([0, 1, 23, 200], [0, 4, 44, 300])))
def test_mcnemar_agrees_with_statsmodels(first, second):
    theirs = contingency_tables.mcnemar([[10, first], [second, 10]], exact=True).pvalue if first + second else 1.0
    assert statistics.mcnemar(first, second) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(("first", "second", "margin"), list(product([1, 23, 400], [2, 44, 450], [0.01, 0.03, 0.1])))
def test_equivalence_agrees_with_statsmodels(first, second, margin):
    shares = np.array([first, second]) / 500
    error = np.sqrt((shares * (1 - shares) / 500).sum())
    ours = statistics.equivalence(shares[0] - shares[1], error, margin)
    theirs = proportion.tost_proportions_2indep(first, 500, second, 500, -margin, margin, method="wald")
    assert ours == pytest.approx(theirs.pvalue, abs=1e-9)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 500), (23, 44), (250, 250)])
def test_a_paired_interval_is_that_of_the_questions_with_one_more_of_either_kind(first, second):
    """Bonett and Price's interval is Wald's after one question more is given to each side."""
    signs = np.repeat([1.0, -1.0, 0.0], [first + 1, second + 1, 500 - first - second])
    marks = pd.DataFrame({"a": [1.0] * first + [0.0] * (500 - first), "b": 0.0})
    marks.loc[first : first + second - 1, "b"] = 1.0
    row = paired.paired_differences(marks, [("a", "b")], 0.95, 0.03).iloc[0]
    described = weightstats.DescrStatsW(signs)
    half = stats.norm.ppf(0.975) * described.std / np.sqrt(502)
    assert row["low"] == pytest.approx(described.mean - half, abs=1e-9)
    assert row["high"] == pytest.approx(described.mean + half, abs=1e-9)
    assert (row["first_only"], row["second_only"]) == (first, second)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_holm_agrees_with_statsmodels(seed):
    p_values = pd.Series(np.random.default_rng(seed).uniform(size=40) ** 4)
    assert statistics.holm(p_values).to_numpy() == pytest.approx(
        multitest.multipletests(p_values, method="holm")[1], 1e-9
    )


@pytest.mark.parametrize(("share", "n", "confidence"), list(product([0.0, 0.3, 0.802], [30, 500], CONFIDENCES)))
def test_the_detectable_gap_has_the_power_that_statsmodels_gives_it(share, n, confidence):
    gap = statistics.detectable_gap(share, n, confidence)
    effect = proportion.proportion_effectsize(share + gap, share)
    one_sided = {"alpha": (1 - confidence) / 2, "alternative": "larger"}
    assert power.NormalIndPower().power(effect, n, **one_sided) == pytest.approx(0.8, abs=1e-9)


def test_no_gap_is_detectable_where_no_share_is_far_enough():
    assert np.isnan(statistics.detectable_gap(0.99, 30, 0.95))


# Planted


def ladder(lag_months: int, *, step: float = 1.2, models: int = 30, noise: float = 0.0) -> pd.DataFrame:
    """Two frontiers with a model a month each, the Chinese one the same some months later."""
    months = pd.date_range("2023-01-01", periods=models, freq="MS")
    scores = 120 + step * np.arange(models)
    us = pd.DataFrame({"model": [f"u{i}" for i in range(models)], "origin": "US", "score": scores, "date": months})
    later = months + pd.DateOffset(months=lag_months)
    cn = us.assign(origin="CN", model=[f"c{i}" for i in range(models)], date=later)
    return pd.concat([us, cn], ignore_index=True).assign(
        stderr=noise, board="planted", measured=later.max(), dated=True
    )


@pytest.mark.parametrize("months", [1, 3, 6, 11])
def test_a_planted_lag_is_recovered(months):
    board = ladder(months)
    assert lag.frontier_lag(board, "CN", "US", "2025-01-01").months == pytest.approx(months, abs=0.1)
    assert lag.lags_at_release(board, "CN", "US")["months"].iloc[-5:].to_numpy() == pytest.approx(months, abs=0.1)


def test_the_side_that_leads_has_no_lag():
    assert lag.frontier_lag(ladder(6), "US", "CN", "2025-01-01").months == 0


def test_a_score_that_is_not_known_is_no_best_one_and_hides_none():
    days = pd.date_range("2025-01-01", periods=3)
    board = pd.DataFrame({"model": list("abc"), "origin": "CN", "score": [1.0, np.nan, 2.0], "date": days})
    assert capability.frontier(board, "CN")["model"].tolist() == ["a", "c"]


def interval(board: pd.DataFrame, day: str, seed: int, confidence: float) -> tuple[float, float]:
    """Interval of the Chinese lag behind the US frontier."""
    question = board, "CN", "US", day
    return lag.lag_interval(lag.frontier_lag(*question), *question, seed, confidence)


def two_frontiers(rng: np.random.Generator, behind: float = 6.0, models: int = 60) -> pd.DataFrame:
    """True skills of two sides that rise alike, one some months behind; most models are below their frontier."""
    sides = []
    for origin, late in [("US", 0.0), ("CN", behind)]:
        months = rng.uniform(0, 36, models)
        skill = 120 + 1.2 * (months - late) - np.abs(rng.normal(0, 4, models))
        date = pd.Timestamp("2023-01-01") + pd.to_timedelta(months * 30.4, unit="D")
        sides.append(pd.DataFrame({"model": [f"{origin}{i}" for i in range(models)], "score": skill, "date": date}))
        sides[-1]["origin"] = origin
    return pd.concat(sides, ignore_index=True)


def coverage(noise: float, confidence: float, worlds: int) -> float:
    """Share of planted worlds in which the interval of the lag, from noisy scores, holds the true lag."""
    rng, held = np.random.default_rng(7), 0
    for seed in range(worlds):
        truth = two_frontiers(rng)
        seen = truth.assign(score=truth["score"] + noise * rng.normal(size=len(truth)), stderr=noise)
        low, high = interval(seen, "2026-01-01", seed, confidence)
        held += low <= lag.frontier_lag(truth, "CN", "US", "2026-01-01").months <= high
    return held / worlds


@pytest.mark.slow
@pytest.mark.parametrize("noise", [1.0, 2.0])
@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_the_interval_of_a_lag_holds_the_truth_as_often_as_it_says(noise, confidence):
    worlds = 250
    chance = 2.6 * np.sqrt(confidence * (1 - confidence) / worlds)
    assert coverage(noise, confidence, worlds) == pytest.approx(confidence, abs=chance)


@pytest.mark.slow
def test_where_the_noise_is_small_a_lag_takes_few_values_and_the_interval_holds_more():
    assert coverage(0.3, 0.9, 100) >= 0.9


def test_simulated_lags_without_noise_are_the_lag_itself_and_a_seed_repeats_them():
    board = ladder(6)
    expected = lag.frontier_lag(board, "CN", "US", "2025-01-01").months
    assert set(lag.simulated_lags(board, "CN", "US", "2025-01-01", seed=1, draws=50)) == {expected}
    noisy = board.assign(stderr=1.0)
    again = [lag.simulated_lags(noisy, "CN", "US", "2025-01-01", seed, draws=50).tolist() for seed in (1, 1, 2)]
    assert again[0] == again[1] != again[2]


def test_a_board_that_starts_with_the_other_side_above_gives_a_lower_bound():
    late = ladder(6).query("date >= '2024-06-01' or origin == 'CN'")
    behind = lag.frontier_lag(late, "CN", "US", "2024-07-01")
    assert behind.censored
    assert behind.months < 6
    assert np.isnan(interval(late, "2024-07-01", 1, 0.95)[1])


def test_where_nearly_no_draw_is_as_small_as_the_lag_there_is_no_interval_and_none_is_made_up():
    rows = [(f"near{i}", "US", 99.9, 1.0, "2024-01-01") for i in range(20)]
    rows += [("first", "US", 100.1, 0.0, "2024-10-01"), ("best", "CN", 100.0, 0.0, "2025-01-01")]
    board = pd.DataFrame(rows, columns=["model", "origin", "score", "stderr", "date"]).astype(
        {"date": "datetime64[us]"}
    )
    behind = lag.frontier_lag(board, "CN", "US", "2025-01-01").months
    assert behind < np.quantile(lag.simulated_lags(board, "CN", "US", "2025-01-01", 1), 0.025)
    assert np.isnan(interval(board, "2025-01-01", 1, 0.95)).all()


@pytest.mark.parametrize("seed", range(20))
def test_an_interval_of_a_lag_holds_the_lag_itself(seed):
    truth = two_frontiers(np.random.default_rng(seed))
    low, high = interval(truth.assign(stderr=1.0), "2026-01-01", seed, 0.9)
    assert low <= lag.frontier_lag(truth, "CN", "US", "2026-01-01").months <= high


def test_the_lag_through_time_is_the_lag_of_each_day():
    board = capability.index_board(load("capability"), "2026-09-30", 0.3)
    days = pd.date_range("2022-01-01", "2026-09-30", freq="41D")
    through = lag.lag_through_time(board, "CN", "US", days)
    lags = [lag.frontier_lag(board, "CN", "US", day) for day in through.index]
    assert 20 < len(through) < len(days)
    assert through["months"].tolist() == [lag.months for lag in lags]
    assert through["censored"].tolist() == [lag.censored for lag in lags]
    assert lag.lag_through_time(board[board["origin"].eq("US")], "CN", "US", days).empty


def test_a_lag_stops_where_the_board_stops_and_its_interval_runs_on_to_the_day_of_the_run():
    old = ladder(6).assign(measured=pd.Timestamp("2024-07-01")).query("date <= '2024-07-01'")
    row = lag.lag_table(old, "CN", "US", "2026-01-01", 1, 0.95).loc["planted"]
    assert row["months"] == pytest.approx(6, abs=0.1)
    assert row["low"] == row["months"]
    assert row["high"] - row["months"] == pytest.approx(18, abs=0.1)
    unknown = lag.lag_table(old.assign(stderr=np.nan), "CN", "US", "2026-01-01", 1, 0.95).loc["planted"]
    assert unknown["high"] - unknown["low"] == pytest.approx(18, abs=0.1)


def test_a_lower_bound_of_a_lag_has_no_value_and_nothing_above_it():
    late = ladder(6).query("date >= '2024-06-01' or origin == 'CN'").assign(measured=pd.Timestamp("2024-07-01"))
    row = lag.lag_table(late, "CN", "US", "2025-01-01", 1, 0.95, fits=[late]).loc["planted"]
    value, low, high = lag.ends(row)
    assert (value, low) == (None, row["months"])
    assert np.isnan(high)
    both = pd.concat([row.to_frame().T, row.to_frame().T])
    assert np.isnan(lag.median_lag(both)[::2]).all()


def test_the_interval_of_a_lag_spans_both_fits_of_a_board():
    board = ladder(6)
    refitted = board.assign(score=board["score"] + 2.4 * board["origin"].eq("CN"))
    day = "2025-06-15"
    alone, other = (lag.lag_table(rows, "CN", "US", day, 1, 0.95).loc["planted"] for rows in (board, refitted))
    both = lag.lag_table(board, "CN", "US", day, 1, 0.95, fits=[board, refitted]).loc["planted"]
    assert alone["months"] - other["months"] == pytest.approx(2, abs=0.1)
    assert both["months"] == alone["months"]
    assert (both["low"], both["high"]) == (other["months"], alone["months"])


def test_both_fits_hold_the_same_models_and_differ_by_the_scores_fitted_anew():
    columns = ["fit", "name", "score", "country", "open_weights", "release_date", "model"]
    rows = [
        ("2026-07-01", "a", 100.0, "CN", True, "2026-01-01", ""),
        ("2026-07-01", "b", 110.0, "US", True, "2026-01-01", ""),
        ("2026-09-30", "a", 101.0, "CN", True, "2026-01-01", ""),
        ("2026-09-30", "c", 120.0, "US", True, "2026-03-01", ""),
    ]
    table = pd.DataFrame(rows, columns=columns).astype({"fit": "datetime64[us]", "release_date": "datetime64[us]"})
    july, september = capability.index_fits(table, "2026-05-25", 0.3)
    scores = [board.set_index("model")["score"].to_dict() for board in (july, september)]
    assert scores == [{"a": 100.0, "b": 110.0, "c": 120.0}, {"a": 101.0, "b": 110.0, "c": 120.0}]
    assert set(july["measured"]) == set(september["measured"]) == {pd.Timestamp("2026-07-01")}


def test_equally_able_models_are_equivalent_and_different_ones_differ():
    """Answers are drawn apart, so that equally able models disagree on many questions."""
    skills, rng = {"cn": 0.7, "same": 0.7, "at_margin": 0.67, "worse": 0.6}, np.random.default_rng(3)
    marks = pd.DataFrame({name: (rng.uniform(size=20_000) < skill).astype(float) for name, skill in skills.items()})
    tests = paired.paired_differences(marks, [("cn", name) for name in skills if name != "cn"], 0.95, 0.03)
    assert paired.classify(tests, 0.95).tolist() == ["equivalent", "different", "different"]


def test_a_best_model_of_unknown_release_counts_from_the_day_of_its_board():
    row = {"board": "b", "metric": "Elo", "n_items": 900, "stderr": 5.0, "open_weights": True, "date": "2026-04-19"}
    rows = [
        ("US", 1200.0, "2025-06-01"),
        ("US", 1300.0, "2026-01-01"),
        ("CN", 1190.0, "2026-02-01"),
        ("CN", 1250.0, None),
    ]
    frame = pd.DataFrame(
        [row | {"model": f"{o}{s}", "country": o, "score": s, "release_date": day} for o, s, day in rows]
    ).astype({"date": "datetime64[us]", "release_date": "datetime64[us]"})
    behind = lag.lag_table(capability.boards(frame), "CN", "US", "2026-05-25", 1, 0.95).loc["b"]
    assert (behind["score"], behind["undated"]) == (1250, 1)
    assert behind["months"] == pytest.approx((pd.Timestamp("2026-04-19") - pd.Timestamp("2026-01-01")) / lag.MONTH)
    assert lag.lags_at_release(capability.boards(frame), "CN", "US")["score"].tolist() == [1190]


def test_a_board_without_standard_errors_has_no_interval_of_its_lag():
    board = ladder(6).assign(stderr=np.nan)
    assert np.isnan(interval(board, "2025-01-01", 1, 0.95)).all()


def test_what_a_rival_reports_of_a_model_is_not_its_vendors_word():
    pairs = published.measured_elsewhere(load("scores"))
    assert not pairs["harness"].str.contains("cited in|StepFun").any()
    opus = pairs[pairs["model"].eq("Claude Opus 4.6")]
    assert set(opus["reported"]) == {80.8, 81.42}


# Real


def test_the_articles_two_scores_cannot_be_told_apart():
    """80.2 against 80.8 on 500 questions: about -5.5 to +4.3 points; a question of AIME is 3.3 points."""
    scores = load("scores", DAY)
    both = [
        capability.reported(scores, benchmark="SWE-bench Verified", model=model, score=score)
        for model, score in [("MiniMax M2.5", 80.2), ("Claude Opus 4.6", 80.8)]
    ]
    gap = capability.score_gap(*both, confidence=0.95)
    assert (100 * gap.low, 100 * gap.high) == pytest.approx((-5.5, 4.3), abs=0.05)
    aime = scores[scores["benchmark"].eq("AIME 2025")]
    assert (100 / aime["n_items"]).tolist() == pytest.approx([3.3] * len(aime), abs=0.05)


def test_on_one_harness_the_two_disagree_on_67_questions(verified):
    row = paired.paired_differences(verified, [("MiniMax-M2.5", "claude-opus-4-6")], 0.95, 0.03).iloc[0]
    assert row[["n", "first_only", "second_only"]].tolist() == [500, 23, 44]
    assert row["p_different"] == pytest.approx(stats.binomtest(23, 67).pvalue, abs=1e-9)


def test_questions_and_published_summary_agree_but_where_the_descriptor_says_so():
    scores = (
        load("scores").assign(key=lambda s: s["model"].map(capability.model_key)).set_index(["board", "key"])["score"]
    )
    apart = set()
    for name in ["SWE-bench Verified", "SWT-bench"]:
        marks = paired.outcomes(load("openhands_runs"), load("openhands_tasks"), name)
        summary = scores[f"{name} (OpenHands)"].reindex(marks.columns.map(capability.model_key)).set_axis(marks.columns)
        gap = (100 * marks.fillna(0).mean() - summary).abs()
        apart |= {(name, model) for model in gap.index[gap.gt(1)]}
    models = ["DeepSeek-V4-Pro", "Nemotron-3-Nano", "Nemotron-3-Super", "Qwen3-Coder-Next", "Qwen3.5-Flash"]
    assert apart == {("SWT-bench", model) for model in [*models, "Qwen3.6-Plus"]}


def test_the_noise_of_the_index_is_larger_near_the_best_chinese_score_than_over_all_models():
    """An independent audit had about 0.50 at scores of 150 and more, and 0.28 over all models."""
    table = load("capability")
    assert capability.fit_noise(table, near=153.2) == pytest.approx(0.5, abs=0.05)
    assert capability.fit_noise(table) == pytest.approx(0.28, abs=0.005)


def test_planted_noise_of_two_fits_is_recovered_where_it_is_used():
    rng = np.random.default_rng(5)
    truth = np.linspace(100, 160, 400)
    noise = np.where(truth > 150, 0.8, 0.2)
    frames = [
        pd.DataFrame({"fit": fit, "name": [f"m{i}" for i in range(400)], "score": truth + noise * rng.normal(size=400)})
        for fit in ("2026-07-01", "2026-09-30")
    ]
    fits = pd.concat(frames)
    assert capability.fit_noise(fits, near=156, models=50) == pytest.approx(0.8, rel=0.25)
    assert capability.fit_noise(fits, near=120, models=50) == pytest.approx(0.2, rel=0.25)


def test_gemini_3_pro_reached_the_best_chinese_score_of_may_2026_first():
    board = capability.index_board(load("capability", DAY), DAY, 0.0)
    behind = lag.frontier_lag(board, "CN", "US", DAY)
    assert (behind.model, behind.reached_by, f"{behind.reached:%Y-%m-%d}") == (
        "Qwen3.7-Max",
        "Gemini 3 Pro",
        "2025-11-18",
    )


def test_opus_has_three_values_on_swe_bench_pro():
    scores = load("scores")
    values = scores[scores["benchmark"].eq("SWE-bench Pro (public)") & scores["model"].eq("Claude Opus 4.6")]["score"]
    assert sorted(values) == [51.9, 53.4, 57.3]


def test_a_board_without_both_sides_says_so_and_no_more():
    frame = pd.concat(
        [capability.index_board(load("capability"), "2026-11-10", 0.3), capability.boards(load("scores"))]
    )
    told = {board: {"CN", "US"} <= set(rows["origin"]) for board, rows in frame.groupby("board")}
    without = [board for board, both in told.items() if not both]
    assert without
    lags = lag.lag_table(frame, "CN", "US", "2026-11-10", 1, 0.95)
    assert not set(without) & set(lags.index[lags["months"].notna()])
    words = lag_words.behind(
        without[0], lags.reindex(without).iloc[0], lags, (5.0, 4.0, 6.0), float("nan"), "2026-11-10"
    )
    assert words.startswith(f"How far Chinese models were behind, {without[0]} does not tell. On ")


# Broken


def test_a_model_without_a_run_is_named(verified):
    with pytest.raises(InputError, match=r"^GPT-9 has no run here: a paired test needs the runs of both models\.$"):
        paired.paired_differences(verified, [("MiniMax-M2.5", "GPT-9")], 0.95, 0.03)


def test_a_pair_without_a_common_question_is_named():
    marks = pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]})
    with pytest.raises(InputError, match=r"^a and b have no question in common\.$"):
        paired.paired_differences(marks, [("a", "b")], 0.95, 0.03)


def test_a_question_that_is_there_twice_is_named():
    tasks = pd.DataFrame({"benchmark": "x", "position": [1, 2], "instance_id": ["q", "q"]})
    runs = pd.DataFrame({"benchmark": "x", "model": ["a"], "resolved": ["10"]})
    with pytest.raises(InputError, match=r"^x has the question q twice: leave one\.$"):
        paired.outcomes(runs, tasks, "x")
    with pytest.raises(InputError, match=r"^x has the run a twice: leave one\.$"):
        paired.outcomes(pd.concat([runs, runs]), tasks.assign(instance_id=["q", "r"]), "x")


def test_a_run_with_too_few_results_is_named():
    tasks = pd.DataFrame({"benchmark": "x", "position": [1, 2], "instance_id": ["q", "r"]})
    runs = pd.DataFrame({"benchmark": "x", "model": ["a"], "resolved": ["1"]})
    with pytest.raises(InputError, match=r"^The run of a on x has not 2 results: correct the table\.$"):
        paired.outcomes(runs, tasks, "x")


@pytest.mark.parametrize("score", [-0.1, 100.1])
def test_a_score_outside_0_to_100_is_named(score):
    row = {"metric": "% resolved", "model": "m", "score": score, "n_items": 500, "stderr": None}
    with pytest.raises(InputError, match=rf"^The score of m, {score}, is not from 0 to 100 per cent: correct it"):
        capability.score_intervals(pd.DataFrame([row]), 0.95)


def test_a_board_with_one_origin_is_refused_and_left_out_of_the_table_of_lags():
    board = ladder(6).query("origin == 'US'")
    with pytest.raises(InputError, match=r"^The board has no model of origin CN by 2025-01-01: choose another board"):
        lag.frontier_lag(board, "CN", "US", "2025-01-01")
    assert lag.lag_table(board, "CN", "US", "2025-01-01", 1, 0.95).empty
