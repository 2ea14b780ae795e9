"""The rules of notebook 03 can come out either way, at the number of observations that there are."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis import parameters
from analysis.claims import judge
from analysis.criteria import LITERAL, settled
from analysis.findings import NOT_CHECKABLE, NOT_SUPPORTED, SUPPORTED, TOO_CLOSE, Finding, Ruling
from analysis.measures import capability, lag, paired, statistics
from analysis.prose import number_word
from analysis.register import read_register
from analysis.wording import lags

NOTEBOOK = "03_benchmark_parity"
DEFAULTS = {name: parameter.default for name, parameter in parameters.read(NOTEBOOK).items()}
CLAIMS = {name: settled(claim, DEFAULTS) for name, claim in read_register().items() if claim.notebook == NOTEBOOK}
RULES = {(name, rule.name): rule for name, claim in CLAIMS.items() for rule in claim.assertions}
TESTABLE = [key for key, rule in RULES.items() if rule.relation]
CONFIDENCE, MARGIN = DEFAULTS["confidence"], DEFAULTS["margin_points"] / 100

Ends = tuple[float | str | None, float | str | None, float | str | None]

# What there is: questions of each benchmark, published questions, models of the index, providers.
VERIFIED, BOTH_BENCHMARKS, PRO, PROVIDERS = 500, 933, 731, 11
INDEX_NOISE = 0.47


def ruling(claim: str, name: str, ends: Ends) -> Ruling:
    """Ruling on an assertion whose literal finding is planted, and no other."""
    finding = Finding(RULES[claim, name].readings[0].key, LITERAL, *ends)
    rulings = judge(CLAIMS[claim], [finding]).assertions
    return next(one for one in rulings if one.name == name)


def marks(first_only: int, second_only: int, questions: int) -> pd.DataFrame:
    """Results of two models that differ on so many questions and both solve the others."""
    first = np.ones(questions)
    second = np.ones(questions)
    second[:first_only] = 0
    first[first_only : first_only + second_only] = 0
    return pd.DataFrame({"first": first, "second": second})


def pair(first_only: int, second_only: int, questions: int) -> Ends:
    row = paired.paired_gap(marks(first_only, second_only, questions), "first", "second", CONFIDENCE, MARGIN)
    return row["difference"], row["low"], row["high"]


def same(alike: int) -> Ends:
    row = paired.same_outcome(marks(VERIFIED - alike, 0, VERIFIED), "first", "second")
    return row["share"], *statistics.wilson(row["share"], row["n"], CONFIDENCE)


def published(first: float, second: float) -> Ends:
    gap = statistics.newcombe(first / 100, PRO, second / 100, PRO, CONFIDENCE)
    return gap.value, gap.low, gap.high


def index(first: float, second: float, refitted: float = 0.2) -> Ends:
    """Gap on the index, whose second fit moves the first model."""
    board = pd.DataFrame({"model": ["a", "b"], "score": [first, second], "stderr": INDEX_NOISE})
    fits = [board, board.assign(score=[first + refitted, second])]
    gap = capability.gap_over_fits(fits, "a", "b", CONFIDENCE)
    return gap.value, gap.low, gap.high


def board(behind: float, ended: str = "2026-05-25", name: str = "planted") -> pd.DataFrame:
    """A board of the index's size: a Chinese and a US frontier that rise alike, one some months behind."""
    months = np.arange(44)
    start = pd.Timestamp("2022-10-15")
    sides = []
    for origin, late in [("US", 0.0), ("CN", behind)]:
        date = start + pd.to_timedelta(np.round(30.4 * (months + late)), unit="D")
        # A Chinese model is a little below the US model that it follows, so that noise seldom makes it the better one.
        score = 110 + 1.2 * months - (0.5 if origin == "CN" else 0)
        sides.append(pd.DataFrame({"model": [f"{origin}{i}" for i in months], "score": score, "date": date}))
        sides[-1]["origin"] = origin
    rows = pd.concat(sides)
    known = rows[rows["date"].le(ended)]
    return known.assign(board=name, stderr=INDEX_NOISE, dated=True, measured=pd.Timestamp(ended))


def one_lag(behind: float) -> Ends:
    rows = board(behind)
    lags = lag.lag_table(rows, "CN", "US", "2026-05-25", 1, CONFIDENCE, fits=[rows])
    return lag.ends(lags.loc["planted"])


def picture_lag(behind: float) -> Ends:
    """Median of three boards, two of which ended a month before the day of the run."""
    days = ["2026-04-19", "2026-04-19", "2026-05-19"]
    frames = [board(behind, ended, f"board {number}") for number, ended in enumerate(days)]
    return lag.median_lag(lag.lag_table(pd.concat(frames), "CN", "US", "2026-05-25", 1, CONFIDENCE))


def calls(valid: float) -> Ends:
    by_provider = pd.Series(np.linspace(valid - 0.002, valid + 0.001, PROVIDERS))
    return by_provider.mean(), *statistics.bootstrap_mean(by_provider, DEFAULTS["seed"], CONFIDENCE)


def alone(value: float | str) -> Ends:
    return value, None, None


BOTH_WAYS: dict[tuple[str, str], tuple[Callable[[], Ends], Callable[[], Ends]]] = {
    ("B1", "first"): (lambda: alone(80.24), lambda: alone(80.3)),
    ("B1", "second"): (lambda: alone(80.8), lambda: alone(81.42)),
    ("B1", "parity"): (lambda: pair(20, 20, VERIFIED), lambda: pair(23, 44, VERIFIED)),
    ("B2", "first"): (lambda: alone(58.6), lambda: alone(58.4)),
    ("B2", "second"): (lambda: alone(57.7), lambda: alone(59.1)),
    ("B2", "first_open_above"): (lambda: alone("2026-04-20"), lambda: alone("2026-04-07")),
    ("B2", "beats"): (lambda: published(65.0, 57.7), lambda: published(50.0, 57.7)),
    ("B3", "near"): (lambda: index(156.0, 156.2), lambda: index(149.7, 156.2)),
    ("B4", "published"): (lambda: alone(0.011), lambda: alone(-0.011)),
    ("B4", "beyond_chance"): (lambda: published(65.0, 57.3), lambda: published(50.0, 57.3)),
    ("B5", "lag"): (lambda: one_lag(3.5), lambda: one_lag(11)),
    ("B6", "generation"): (lambda: picture_lag(11), lambda: picture_lag(1)),
    ("B7", "malformed"): (lambda: calls(0.92), lambda: calls(0.998)),
    ("B8", "same_outcome"): (lambda: same(433), lambda: same(200)),
    ("B8", "equally_good"): (lambda: pair(50, 55, BOTH_BENCHMARKS), lambda: pair(43, 110, BOTH_BENCHMARKS)),
}


def test_every_rule_of_the_notebook_is_tried_both_ways():
    assert sorted(BOTH_WAYS) == sorted(TESTABLE)


@pytest.mark.parametrize(("claim", "name"), TESTABLE)
def test_a_rule_can_be_satisfied(claim, name):
    assert ruling(claim, name, BOTH_WAYS[claim, name][0]()).verdict == SUPPORTED


@pytest.mark.parametrize(("claim", "name"), TESTABLE)
def test_a_rule_can_be_failed(claim, name):
    assert ruling(claim, name, BOTH_WAYS[claim, name][1]()).verdict == NOT_SUPPORTED


@pytest.mark.parametrize(
    ("claim", "name", "ends"),
    [
        ("B1", "parity", pair(33, 35, VERIFIED)),
        ("B2", "beats", published(58.6, 57.7)),
        ("B3", "near", index(154.5, 156.2)),
        ("B4", "beyond_chance", published(58.4, 57.3)),
        ("B5", "lag", (6.2, 5.4, 7.6)),
        ("B6", "generation", (6.6, 4.8, 7.8)),
        ("B7", "malformed", (0.988, 0.975, 0.996)),
        ("B8", "same_outcome", same(251)),
        ("B8", "equally_good", pair(80, 90, BOTH_BENCHMARKS)),
    ],
)
def test_what_the_interval_leaves_open_is_too_close_to_call(claim, name, ends):
    assert ruling(claim, name, ends).verdict == TOO_CLOSE


@pytest.mark.parametrize(
    ("claim", "name", "needs"),
    [
        ("B3", "first", "one secondary note repeats the 87"),
        ("B3", "second", "no source of the 88 was found"),
        ("B9", "video", "a board of long video"),
        ("B9", "prose", "blind ratings of English prose"),
        ("B9", "ecosystem", "a count of integrations"),
        ("B10", "languages", "the languages of the training data"),
    ],
)
def test_what_nothing_public_decides_says_what_would(claim, name, needs):
    verdict = next(one for one in judge(CLAIMS[claim], []).assertions if one.name == name)
    assert verdict.verdict == NOT_CHECKABLE
    assert needs in verdict.conditions[0]


def test_a_first_is_not_decided_before_the_day_that_is_claimed_and_holds_where_none_came_before_it():
    waiting = ruling("B2", "first_open_above", (None, "2026-03-09", None))
    assert waiting.findings[0].holds is None
    assert ruling("B2", "first_open_above", (None, "2026-05-25", None)).verdict == SUPPORTED


def test_a_difference_that_is_shown_but_small_is_no_ground_against_parity():
    """6 of 500 questions apart, with hardly any on the other side: different beyond chance, and the same in effect."""
    ends = pair(0, 6, VERIFIED)
    assert ends[2] < 0
    assert ruling("B1", "parity", ends).verdict == SUPPORTED
    assert ruling("B1", "parity", (-0.025, -0.045, -0.005)).verdict == TOO_CLOSE


def test_parity_is_not_refuted_by_a_large_difference_that_chance_can_explain():
    assert ruling("B1", "parity", (-0.05, -0.11, 0.01)).verdict == TOO_CLOSE


def test_a_wider_margin_makes_parity_of_the_same_findings():
    wide = settled(read_register()["B1"], DEFAULTS | {"margin_points": 7.5})
    finding = Finding("m25_opus46_paired_gap", LITERAL, -0.042, -0.0742, -0.0098)
    assert next(one for one in judge(wide, [finding]).assertions if one.name == "parity").verdict == SUPPORTED


def test_two_unrelated_models_may_agree_on_most_tasks_so_that_chance_stands_beside():
    rng = np.random.default_rng(1)
    unrelated = pd.DataFrame({"first": rng.uniform(size=20_000) < 0.74, "second": rng.uniform(size=20_000) < 0.78})
    row = paired.same_outcome(unrelated.astype(float), "first", "second")
    assert row["share"] == pytest.approx(row["chance"], abs=0.01)
    assert row["chance"] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("discordant", "margin"), [(0.134, 0.03), (0.2, 0.05)])
def test_so_many_questions_show_equally_good_models_to_be_so_four_times_in_five(discordant, margin):
    questions = round(statistics.questions_for_equivalence(discordant, margin, CONFIDENCE))
    rng, shown = np.random.default_rng(2), 0
    for _ in range(1000):
        first_only, second_only, _rest = rng.multinomial(questions, [discordant / 2, discordant / 2, 1 - discordant])
        ends = pair(first_only, second_only, questions)
        shown += -margin <= ends[1] and ends[2] <= margin
    assert shown / 1000 == pytest.approx(0.8, abs=0.035)


def test_the_pair_of_the_article_would_take_three_times_the_questions_that_there_are():
    assert statistics.questions_for_equivalence(67 / VERIFIED, MARGIN, CONFIDENCE) == pytest.approx(1564, abs=1)
    assert statistics.questions_for_equivalence(0.04, MARGIN, CONFIDENCE) < VERIFIED


def test_the_words_for_what_the_article_claims_are_those_of_the_register():
    low, high = CLAIMS["B5"]["lag"].target
    assert f"roughly {number_word(low)} to {number_word(high)} months" == lags.CLAIMED
