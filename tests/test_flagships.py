"""Notebook 02 as an article: flagships compared, the runs of an evaluation, and what its sentences and charts say."""

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from analysis import NOTEBOOKS, catalog, figures
from analysis.charts import prices as charts
from analysis.measures import evaluations, flagships, ladders, prices, ratings, saving
from analysis.measures.prices import Mix
from analysis.register import read_register
from analysis.run.records import committed
from analysis.wording import flagships as gap
from analysis.wording import price_tables as tables
from analysis.wording import prices as words

CLAIMED = (10, 20)
NAN = float("nan")


@pytest.fixture(autouse=True)
def drawn_without_a_screen():
    mpl.use("agg")
    figures.use_style()
    yield
    plt.close("all")


def pairs_of(values: dict[tuple[str, str], float]) -> pd.Series:
    """Ratios by pair of a US and a Chinese model."""
    return pd.Series(list(values.values()), pd.MultiIndex.from_tuples(values, names=["US", "China"]))


PAIRS = pairs_of({("a", "x"): 4.0, ("a", "y"): 12.0, ("b", "x"): 2.0, ("b", "y"): 20.0})


# Planted


def test_the_ends_of_the_claimed_range_belong_to_it():
    assert flagships.share_in_range(PAIRS, *CLAIMED) == 0.5
    assert flagships.share_in_range(PAIRS, 12.1, 19.9) == 0


def test_each_flagship_has_the_median_of_its_own_pairs():
    medians = flagships.by_model(PAIRS).set_index("model")["median"]
    assert medians.to_dict() == {"x": 3.0, "a": 8.0, "b": 11.0, "y": 16.0}


def test_where_all_kinds_of_tokens_are_five_times_as_dear_no_mix_changes_the_ratio():
    book = pd.DataFrame({"prompt": [5.0, 1.0], "cached": [0.5, 0.1], "completion": [25.0, 5.0]}, index=["u", "c"])
    by_mix = flagships.median_by_mix(book, ["u"], ["c"])
    assert by_mix.shape == (len(flagships.RATIOS), len(flagships.CACHED))
    assert np.allclose(by_mix, 5)


def runs_of(*rows: tuple[str, str, float, float, str]) -> pd.DataFrame:
    """Runs of the suite: model, origin, score, cost and date."""
    frame = pd.DataFrame(rows, columns=["model", "origin", "score", "cost_usd", "date"])
    return frame.assign(benchmark="Artificial Analysis v4", date=pd.to_datetime(frame["date"]), n_tasks=None)


CLAUDE = ("Claude", "US", 57.0, 4811.0, "2026-05-01")
GLM = ("GLM", "CN", 51.0, 544.0, "2026-05-01")
TOLD = {"claude": 4811, "glm": 544}


def test_the_rival_scored_as_high_as_glm_on_the_same_day_and_nobody_cheaper_did():
    weaker, other_day = ("Weak", "US", 50.9, 1.0, "2026-05-01"), ("Late", "US", 60.0, 2.0, "2026-05-20")
    rows = [CLAUDE, GLM, weaker, other_day, ("Rival", "US", 51.0, 300.0, "2026-05-01")]
    assert evaluations.claimed_runs(runs_of(*rows), TOLD).loc["rival", "model"] == "Rival"


def test_a_price_that_was_changed_later_is_the_last_of_the_same_model():
    rows = [CLAUDE, GLM, ("Claude", "US", 57.0, 5000.0, "2026-05-10"), ("Claude", "US", 57.0, 5117.0, "2026-05-20")]
    assert evaluations.claimed_runs(runs_of(*rows), TOLD).loc["newest", "cost_usd"] == 5117.0


@pytest.mark.parametrize("rows", [[CLAUDE], [GLM], []], ids=["no GLM", "no Claude", "neither"])
def test_where_a_run_is_missing_no_sentence_speaks_of_it(rows):
    suite = evaluations.claimed_runs(runs_of(*rows), TOLD)
    said = words.suite(suite, TOLD)
    assert "nan" not in said and "no data" not in said and "None" not in said
    assert not gap.are_right(suite, TOLD)
    assert len(tables.suite(suite)) == len(rows)


def test_a_solved_task_costs_the_same_whatever_the_score_where_one_run_a_side_is_best():
    agent = pd.DataFrame(
        {"origin": ["CN", "US"], "score": [60.0, 70.0], "n_tasks": 500, "per_task": [0.1, 0.4], "cost_usd": [30, 140]}
    )
    assert evaluations.ratio_near_best(agent) == pytest.approx((4.0, 4.0, 4.0))


def test_the_price_of_a_capability_falls_from_the_cheapest_of_any_side_to_the_cheapest_of_any_side():
    days = pd.to_datetime(["2025-05-25", "2026-05-25"])
    over_time = pd.DataFrame({"CN": [8.0, 2.0], "US": [4.0, np.nan]}, days)
    assert ladders.price_change(over_time, days[0], "2026-05-25") == -0.5


def test_ratings_give_the_value_of_the_scores_in_use_and_the_ends_of_all_fits():
    now, early = pd.Series({"a": 3.0, "b": 1.0}), pd.Series({"a": 1.5, "b": 1.0})
    rated = ratings.Ratings(pd.Timestamp("2026-07-01"), now, (now, early), 0.0)
    assert rated.estimate(lambda scores: scores.loc["a"] - scores.loc["b"]) == (2.0, 0.5, 2.0)
    assert np.isnan(rated.estimate(lambda scores: scores.loc["a"] * NAN)).all()


@pytest.mark.parametrize(("priced", "saved"), [(7, NAN), (8, 0.75)])
def test_a_saving_on_few_of_the_tokens_is_not_known_whatever_the_scores(priced, saved):
    book = pd.DataFrame({"prompt": [4.0, 1.0], "cached": 0.0, "completion": 4.0, "origin": ["US", "CN"]}, ["b", "a"])
    rows = {"model": ["b", "no price"], "free": False, "total_tokens": [priced, 10 - priced], "origin": "US"}
    variants, scores = pd.DataFrame(rows), pd.DataFrame({0: [2.0, 1.0]}, index=["a", "b"])
    covered = saving.covered_share(variants, book["prompt"], "US")
    found = saving.saving_at_equal(saving.paid_tokens(variants, "US"), covered, Mix(1, 0, 0), book, scores)
    assert found == pytest.approx([saved], nan_ok=True)


def test_free_variants_and_models_without_a_known_slug_are_no_paid_tokens():
    rows = {"model": ["a", "a", None], "free": [False, True, False], "total_tokens": [1, 2, 4], "origin": "CN"}
    assert saving.paid_tokens(pd.DataFrame(rows), "CN").to_dict() == {"a": 1.0}
    assert saving.paid_tokens(pd.DataFrame(rows), "US").empty


# Sentences


@pytest.mark.parametrize(
    ("middle", "said"), [(3.8, "not 10 to 20 times"), (13.0, "as the article says"), (45.0, "not 10 to 20 times")]
)
def test_the_answer_says_whether_the_median_lies_in_the_claimed_range(middle, said):
    answer = gap.answer("2026-05-25", CLAIMED, pd.Series({"literal": middle}), PAIRS, (0.5, 0.4, 0.6), 6.6)
    assert f"{middle:.1f} times as much as a Chinese one at list price, {said}" in answer


def test_an_example_that_is_right_is_not_denied():
    daily, suite = (
        pd.Series({"claude": 125.0, "deepseek": 0.7}),
        pd.DataFrame({"cost_usd": {"claude": 1.0, "glm": 2.0}}),
    )
    said = gap.examples(daily, {"claude": 125.0, "deepseek": 0.7}, suite, TOLD)
    assert "$125 on Claude and $0.70 on DeepSeek, as the article says." in said
    assert "The two benchmark runs nearest to its amounts cost $1.00 and $2.00." in said


@pytest.mark.parametrize(
    ("equal", "end"),
    [
        ((0.42, 0.4, 1.2), "58% less; within the error of the capability scores it might have cost 1.2 times as much."),
        ((1.3, 0.9, 1.4), "1.3 times as much; within the error of the capability scores it might have cost 10% less."),
        ((0.42, 0.4, 0.5), "58% less."),
    ],
)
def test_the_answer_says_where_the_error_of_the_scores_could_turn_it(equal, end):
    assert gap.answer("2026-05-25", CLAIMED, pd.Series({"literal": 3.8}), PAIRS, equal, 6.6).endswith(f"cost {end}")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_pairs_are_counted_in_words_that_fit_their_number(count):
    said = gap.needed(PAIRS.iloc[:count], CLAIMED)
    assert "nan" not in said and "one pairs" not in said
    assert gap.pair_title(PAIRS.iloc[:count], CLAIMED).startswith(
        ["", "No pair lies", "One of the two pairs lies"][count]
    )


def test_without_flagships_the_answer_says_so_and_no_more():
    said = gap.answer("2023-11-21", CLAIMED, pd.Series({"literal": NAN}), PAIRS.head(0), (NAN, NAN, NAN), 6.6)
    assert said.startswith("On 21 November 2023 too few flagships") and said.count(".") == 1


# Charts


def texts(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts] + [label.get_text() for label in ax.get_yticklabels()]


def test_every_way_to_compare_is_named_with_its_value_and_the_claim_is_drawn():
    ways = tables.ways(pd.Series({"literal": 3.8, "input_only": NAN}), 5.1, 6.6, 0.42)
    said = texts(charts.ways_to_compare(ways, PAIRS, CLAIMED))
    assert {"3.8", "5.1", "6.6", "0.4", "claimed: 10 to 20 times", "List price, the mix chosen here"} <= set(said)
    assert "List price, prompt tokens alone" not in said


def test_without_data_no_chart_fails_and_none_shows_anything():
    nothing = tables.ways(pd.Series({"literal": NAN}), NAN, NAN, NAN)
    assert not charts.ways_to_compare(nothing, PAIRS.head(0), CLAIMED).has_data()
    days = pd.to_datetime(["2026-05-01", "2026-05-25"])
    empty = pd.DataFrame({"CN": [NAN, NAN], "US": NAN}, days)
    assert not charts.price_history(empty, 0.05, days[1]).has_data()
    agent = pd.DataFrame(columns=["origin", "model", "score", "per_task"])
    assert not charts.solved_tasks(agent).has_data()


def test_the_history_of_a_price_shows_the_forecast_floor_and_the_day_of_the_article():
    days = pd.to_datetime(["2026-01-01", "2026-05-25", "2026-09-01"])
    ax = charts.price_history(pd.DataFrame({"CN": [1.0, 0.5, 0.5], "US": [2.0, 1.0, 0.2]}, days), 0.05, days[1])
    assert {"article", "forecast floor: $0.05"} <= {text.get_text() for text in ax.texts}
    assert ax.get_ylim()[0] <= 0.05


# Real


def test_the_first_screen_says_what_the_sections_find():
    cells = {cell.id: cell for cell in nbformat.read(NOTEBOOKS / "02_price_gap.ipynb", as_version=4).cells}
    answer = cells["answer"].outputs[0].data["text/markdown"]
    run = committed("02_price_gap")
    found = {(f.key, f.reading): f.value for verdict in run.claims for f in verdict.findings}
    assert f"{found['median_ratio', 'literal']:.1f} times as much as a Chinese one" in answer
    assert f"{found['realised_ratio', 'realised']:.1f} times" in answer
    assert f"{found['claude_usd_day', 'literal']:.2f} on Claude" in answer
    assert f"{found['eval_usd_claude', 'literal']:,.0f}" in answer


def test_the_mixes_and_the_least_pairs_are_those_that_the_register_names():
    claim = read_register()["P1"]
    readings = {reading.name: reading.condition for reading in claim["range"].readings}
    assert "40 prompt tokens" in readings["agentic_mix"] and "nine in ten" in readings["agentic_mix"]
    assert Mix.from_ratio(40, 0.9) == prices.AGENTIC
    assert "fewer than twelve pairs" in claim["range"].measure and prices.LEAST_PAIRS == 12


def test_the_last_prices_are_those_of_the_last_day_on_sale():
    """Source: vendors' list prices; DeepSeek V3.2 was sold at 0.28/0.42 until its successor came on 24 April 2026."""
    table = catalog.load("prices", "2026-05-25")
    sold = prices.last_prices(table, {"old": "deepseek/deepseek-v3.2", "made": "made/up"}, "2026-05-25")
    assert sold.loc["old", ["prompt", "completion"]].tolist() == [0.28, 0.42]
    assert sold["on"]["old"] == pd.Timestamp("2026-04-23")
    assert sold.loc["made"].isna().all()
