"""Rules of notebook 04, both ways: for each, findings that make it supported and findings that do not.

Where a measure makes the finding, the plant is data and goes through the measure, with as many observations as there
are: twelve models in the first thirty, thirty problems of a mathematics contest, five models of four vendors.
"""

import numpy as np
import pandas as pd
import pytest

from analysis import catalog, parameters
from analysis.claims import judge
from analysis.criteria import LITERAL, settled
from analysis.findings import (
    HOLDS_ONLY_IF,
    NOT_CHECKABLE,
    NOT_SUPPORTED,
    OPEN,
    PARTLY_SUPPORTED,
    SUPPORTED,
    TOO_CLOSE,
    Finding,
)
from analysis.measures import ladders, measured, model_sizes, prices
from analysis.register import read_register

NOTEBOOK = "04_moe_efficiency"
DEFAULTS = {name: parameter.default for name, parameter in parameters.read(NOTEBOOK).items()}
CLAIMS = {name: settled(claim, DEFAULTS) for name, claim in read_register().items() if claim.notebook == NOTEBOOK}

PLANTS = [
    # claim, finding that answers the sentence as written, a value that satisfies its rule, one that just does not
    ("M1", "cn_top_moe_share", 1, 11 / 12),
    ("M2", "v4_total_b", 1100, 1101),
    ("M2", "v4_active_b", 40.7, 40.8),
    ("M3", "k26_total_b", 1000, 1100),
    ("M3", "k26_expert_layers", 1, 0),
    ("M4", "step35_total_b", 197.9, 198.0),
    ("M4", "step35_score", 97.3, 97.4),
    ("M4", "step35_beats", 1, 0),
    ("M4", "step35_beats_beyond_chance", 1, 0),
    ("M5", "qwen36_plus_context", 1_000_000, 999_999),
    ("M6", "flops_ratio_equal_capability", 2, 1.99),
    ("M7", "pass_through", 0.7, 0.699),
    ("M7", "pass_through", 1.3, 1.301),
    ("M8", "mimo_licences", 1, 0.8),
    ("M8", "mimo_price_place", 0.1, 0.101),
    ("M10", "k3_total_b", 3000, 2999),
    ("M10", "k3_context_tokens", 1_000_000, 999_999),
    ("M11", "v4_models_released", 1, 0),
]


def criterion_of(claim, key):
    """Assertion whose literal finding has this key."""
    return next(c for c in CLAIMS[claim].assertions if c.readings and c.readings[0].key == key)


def ruling(claim, key, *findings):
    """What the register makes of an assertion from these findings alone."""
    name = criterion_of(claim, key).name
    return next(made for made in judge(CLAIMS[claim], findings).assertions if made.name == name)


def found(key, value, low=None, high=None, reading=LITERAL):
    return Finding(key, reading, value, low, high)


def literal(claim, key, value, low=None, high=None):
    """Verdict on an assertion by its literal finding alone."""
    return ruling(claim, key, found(key, value, low, high)).verdict


# Every rule, by its own threshold.


def test_every_rule_of_the_notebook_is_planted_both_ways_and_no_other():
    rules = {
        (claim.id, rule.readings[0].key) for claim in CLAIMS.values() for rule in claim.assertions if rule.relation
    }
    assert rules == {(claim, key) for claim, key, _, _ in PLANTS}


@pytest.mark.parametrize(("claim", "key", "satisfies", "fails"), PLANTS)
def test_a_rule_comes_out_either_way(claim, key, satisfies, fails):
    assert literal(claim, key, satisfies) == SUPPORTED
    assert literal(claim, key, fails) == NOT_SUPPORTED


@pytest.mark.parametrize(("claim", "key", "satisfies", "fails"), PLANTS)
def test_every_other_reading_turns_the_verdict_and_is_named(claim, key, satisfies, fails):
    for reading in criterion_of(claim, key).readings[1:]:
        made = ruling(claim, key, found(key, fails), found(reading.key, satisfies, reading=reading.name))
        assert (made.verdict, made.conditions) == (HOLDS_ONLY_IF, (reading.condition,))


@pytest.mark.parametrize(("claim", "key", "satisfies", "fails"), PLANTS)
def test_a_finding_that_is_missing_decides_nothing(claim, key, satisfies, fails):
    assert literal(claim, key, None) == (OPEN if claim == "M10" else NOT_CHECKABLE)


@pytest.mark.parametrize("claim", ["M6", "M9", "M12"])
def test_what_nothing_public_decides_says_what_would(claim):
    verdict = judge(CLAIMS[claim], [])
    assert verdict.verdict == NOT_CHECKABLE
    assert verdict.conditions and not verdict.conditions[0].endswith(".")


# M1: twelve Chinese models among the thirty.


def kinds(*, dense, undisclosed):
    """Parts of twelve models that are known to be mixtures, of all and of the disclosed."""
    names = [f"v/m{number}" for number in range(12)]
    kind = ["dense"] * dense + ["undisclosed"] * undisclosed + ["moe"] * (12 - dense - undisclosed)
    sizes = pd.DataFrame({"model": names, "slugs": names, "kind": kind, "weights": "open"})
    top = model_sizes.kinds_of(pd.Series(1.0, index=names), sizes)
    told = top[top["kind"].ne("undisclosed")]
    parts = {"": top["kind"].eq("moe").mean(), "_disclosed": told["kind"].eq("moe").mean()}
    return [found(f"cn_top_moe_share{name}", part, reading=name[1:] or LITERAL) for name, part in parts.items()]


@pytest.mark.parametrize(
    ("dense", "undisclosed", "verdict"), [(0, 0, SUPPORTED), (0, 1, HOLDS_ONLY_IF), (1, 0, NOT_SUPPORTED)]
)
def test_one_dense_model_refutes_that_all_are_mixtures_and_an_undisclosed_one_does_not(dense, undisclosed, verdict):
    assert judge(CLAIMS["M1"], kinds(dense=dense, undisclosed=undisclosed)).verdict == verdict


# M4: thirty problems, three larger models.


def beyond_chance(rival_score):
    """How many of three larger models score less by more than chance, on thirty problems."""
    names = ["Small", "Large A", "Large B", "Large C"]
    sizes = pd.DataFrame({"slugs": [f"v/{name.lower().replace(' ', '-')}" for name in names]})
    sizes["total_params_b"] = [196.0, 700.0, 800.0, 1000.0]
    scores = pd.DataFrame({"model": names, "score": [97.3, *[rival_score] * 3], "n_items": 30})
    return model_sizes.larger_models(scores, sizes, "Small", 3)["beyond_chance"].sum()


@pytest.mark.parametrize(("rival", "verdict"), [(70.0, SUPPORTED), (92.5, NOT_SUPPORTED)])
def test_thirty_problems_can_show_a_difference_and_the_published_one_is_too_small(rival, verdict):
    assert literal("M4", "step35_beats_beyond_chance", beyond_chance(rival)) == verdict


def test_it_takes_a_gap_of_five_problems_of_thirty_to_be_beyond_chance():
    problems = 100 / 30
    gaps = [lost for lost in range(1, 15) if beyond_chance(97.3 - lost * problems) == 3]
    assert gaps[0] == 5


# M6: the most frugal model of each side at one capability.


@pytest.mark.parametrize(("american", "verdict"), [(40.0, SUPPORTED), (12.0, NOT_SUPPORTED), (19.9, NOT_SUPPORTED)])
def test_the_most_frugal_models_at_one_capability_decide(american, verdict):
    rows = pd.DataFrame(
        {"model": list("abcd"), "origin": ["CN", "CN", "US", "US"], "score": [140.0, 150.0, 140.0, 130.0]}
    ).assign(flops=[10.0, 60.0, american, 1.0])
    steps = ladders.steps(rows, "flops")
    row = ladders.cheapest_at(steps, steps["US"].dropna().index.max())
    assert literal("M6", "flops_ratio_equal_capability", row["US"] / row["CN"]) == verdict


# M7: five models of four vendors.

COSTS = pd.Series([0.47, 0.26, 0.48, 0.99, 0.14])
"""US dollars per million tokens, as measured for the five models that have a list price on 25 May 2026."""


def slope_of(elasticity, noise=()):
    """Slope, low and high of five models of four vendors whose prices follow their costs with an elasticity."""
    price = 2 * COSTS**elasticity * np.exp(noise if len(noise) else np.zeros(5))
    return measured.pass_through(
        pd.DataFrame({"model": list("abcde"), "vendor": list("vvwxy"), "cost": COSTS, "price": price})
    )


@pytest.mark.parametrize(
    ("elasticity", "verdict"), [(1.0, SUPPORTED), (0.75, SUPPORTED), (0.5, NOT_SUPPORTED), (0.0, NOT_SUPPORTED)]
)
def test_five_models_show_whether_prices_follow_costs_one_to_one(elasticity, verdict):
    assert literal("M7", "pass_through", *slope_of(elasticity)) == verdict


def test_prices_that_follow_costs_loosely_leave_it_open():
    loose = np.array([0.5, -0.4, 0.3, -0.5, 0.2])
    assert literal("M7", "pass_through", *slope_of(1.0, loose)) == TOO_CLOSE


def test_three_vendors_decide_nothing():
    three = pd.DataFrame({"model": list("abc"), "vendor": list("vwx"), "cost": COSTS[:3], "price": COSTS[:3]})
    assert literal("M7", "pass_through", *measured.pass_through(three)) == NOT_CHECKABLE


def test_on_the_articles_day_no_reading_shows_one_to_one_and_the_cheapest_accelerators_refute_it():
    """InferenceX runs at 20 tokens a second, requests of 8K and 1K, the makers' list prices of 25 May 2026."""
    requests = measured.cheapest_requests(catalog.load("serving_runs"), 20)
    table = catalog.load("accelerators").set_index("accelerator")["usd_hour_neocloud"]
    book = prices.price_book(catalog.load("prices"), "2026-05-25")
    slopes = {}
    for reading, rates in {LITERAL: table[["H200"]], "cheapest_device": table}.items():
        cost = measured.request_cost(requests, rates, 8192, 1024)
        slopes[reading] = measured.pass_through(measured.priced(cost, catalog.load("model_sizes"), book, 8 / 9))
    one = found("pass_through", *slopes[LITERAL])
    cheapest = found("pass_through_cheapest_device", *slopes["cheapest_device"], reading="cheapest_device")
    made = ruling("M7", "pass_through", one, cheapest)
    assert [finding.holds for finding in made.findings] == [None, False]
    assert made.verdict == TOO_CLOSE


# M8: licences of the weights, and the price among models of like capability.


@pytest.mark.parametrize(
    ("licences", "verdict"), [(["Apache-2.0"] * 5, SUPPORTED), (["MIT"] * 3 + ["none"] * 2, NOT_SUPPORTED)]
)
def test_the_licences_of_five_models_decide(licences, verdict):
    assert literal("M8", "mimo_licences", pd.Series(licences).eq("Apache-2.0").mean()) == verdict


@pytest.mark.parametrize(("cheaper", "verdict"), [(1, SUPPORTED), (3, NOT_SUPPORTED)])
def test_a_price_is_absurdly_low_where_few_of_twelve_models_cost_less(cheaper, verdict):
    assert literal("M8", "mimo_price_place", cheaper / 12) == verdict


# M10: open, then settled.


@pytest.mark.parametrize(
    ("size", "context", "verdict"),
    [
        (3500, 1_000_000, SUPPORTED),
        (3500, 262_144, PARTLY_SUPPORTED),
        (1000, 262_144, NOT_SUPPORTED),
        (None, None, OPEN),
    ],
)
def test_a_forecast_is_open_until_the_release_and_settled_after(size, context, verdict):
    assert judge(CLAIMS["M10"], [found("k3_total_b", size), found("k3_context_tokens", context)]).verdict == verdict


def test_a_size_that_rounds_to_three_trillion_holds_only_if_it_is_rounded():
    findings = [found("k3_total_b", 2800), found("k3_total_rounded_b", 3000, reading="rounded")]
    made = ruling("M10", "k3_total_b", *findings)
    assert (made.verdict, made.conditions) == (HOLDS_ONLY_IF, ("the size is rounded to whole trillions",))
