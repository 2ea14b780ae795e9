"""The rule: each relation, every reading, several assertions; and how a verdict shows itself."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import InputError, catalog, findings
from analysis.claims import Case, holds, judge
from analysis.criteria import Claim, Criterion, Reading, required, settled
from analysis.findings import Finding, describe_holds
from analysis.run import records

NUMBERS = st.integers(-1000, 1000).map(lambda n: n / 10)


def rule(relation=">", target=0.6, readings=("a", "b"), unit="share", **more) -> Criterion:
    """A criterion whose literal finding is x; each further reading is asked of a finding of its own name."""
    others = [Reading(name, name, f"label of {name}", unit, f"you take {name}") for name in readings]
    name = more.pop("name", "share")
    kind = more.pop("kind", "stated")
    literal = Reading("literal", "x", "label of x", unit)
    return Criterion(name, kind, f"It says {name}", "measure", (literal, *others), relation, target, **more)


def claim(*rules: Criterion, **more) -> Claim:
    return Claim("X1", "n", "quote", rules or (rule(),), **more)


def literal(value, low=None, high=None) -> Finding:
    return Finding("x", "literal", value, low, high)


def other(name: str, value, low=None, high=None) -> Finding:
    return Finding(name, name, value, low, high, f"label of {name}")


@pytest.mark.parametrize(
    ("relation", "target", "inside", "outside"),
    [
        (">", 6, [6.1, 100], [6, 5.9]),
        (">=", 6, [6, 6.1], [5.9]),
        ("<", 6, [5.9, -1], [6, 6.1]),
        ("<=", 6, [6, 5.9], [6.1]),
        ("=", 6, [5.5, 6, 6.5], [5.4, 6.6]),
        ("between", (3, 6), [2.5, 4.5, 6.5], [2.4, 6.6]),
        ("between", ("2026-02-01", "2026-02-28"), ["2026-02-01", "2026-02-23"], ["2026-01-26", "2026-03-02"]),
    ],
)
def test_each_relation_parts_values_that_satisfy_it_from_those_that_do_not(relation, target, inside, outside):
    test = claim(rule(relation, target, (), precision=1.0))
    assert {judge(test, [literal(value)]).verdict for value in inside} == {"supported"}
    assert {judge(test, [literal(value)]).verdict for value in outside} == {"not supported"}


@pytest.mark.parametrize(
    ("target", "precision", "inside", "outside"),
    [(17, 1, [16.5, 17.5], [16.4, 17.6]), (0.9, 0.1, [0.85, 0.95], [0.84, 0.96]), (5, 0.01, [4.995, 5.005], [4.99])],
)
def test_a_figure_is_judged_at_the_precision_with_which_it_is_stated(target, precision, inside, outside):
    test = claim(rule("=", target, (), precision=precision))
    assert {judge(test, [literal(value)]).verdict for value in inside} == {"supported"}
    assert {judge(test, [literal(value)]).verdict for value in outside} == {"not supported"}


def test_a_tolerance_takes_the_place_of_the_precision_and_needs_a_reason():
    wide = rule("=", 6, (), precision=0.1, tolerance=2, because="the data were restated")
    assert judge(claim(wide), [literal(7.9)]).verdict == "supported"
    with pytest.raises(InputError, match="Assertion share: a tolerance needs a because"):
        rule("=", 6, (), tolerance=2)


@given(NUMBERS, st.sampled_from([">", ">=", "<", "<="]), st.sampled_from([0.1, 1, 50]))
def test_moving_a_finding_across_its_threshold_flips_the_verdict(threshold, relation, step):
    test = claim(rule(relation, threshold, ()))
    up, down = (judge(test, [literal(threshold + move)]).verdict for move in (step, -step))
    assert {up, down} == {"supported", "not supported"}


@given(NUMBERS, NUMBERS, NUMBERS)
def test_another_reading_never_turns_supported_into_something_else_and_is_always_judged(value, first, second):
    verdict = judge(claim(rule(target=0.0)), [literal(value), other("a", first), other("b", second)])
    assert (verdict.verdict == "supported") == (value > 0)
    assert [finding.holds for finding in verdict.assertions[0].findings] == [value > 0, first > 0, second > 0]


@given(NUMBERS, NUMBERS)
def test_holds_only_if_needs_a_failing_literal_reading_and_another_that_holds(value, first):
    verdict = judge(claim(rule(target=0.0, readings=("a",))), [literal(value), other("a", first)])
    expected = value <= 0 < first
    assert (verdict.verdict == "holds only if") == expected
    assert verdict.conditions == (("you take a",) if expected else ())


def test_a_straddling_interval_is_too_close_unless_another_reading_settles_it():
    test = claim(rule(readings=("a",)))
    assert judge(test, [literal(0.6, 0.5, 0.7), other("a", 0.5)]).verdict == "too close to call"
    assert judge(test, [literal(0.6, 0.5, 0.7), other("a", 0.9)]).words == "holds only if you take a"


def test_where_the_sentence_fails_readings_that_cannot_be_told_are_named():
    one = rule(readings=("a", "b", "c"), name="one")
    found = [literal(0.5), other("a", 0.6, 0.5, 0.7), other("b", 0.4), other("c", None)]
    alone = judge(claim(one), found)
    assert alone.verdict == "not supported"
    assert alone.words == "not supported, but undecided if you take a"
    beside = judge(claim(one, BOTH[1]), [*found, Finding("y", "literal", 0.4)])
    assert beside.conditions == ("“It says one” is undecided if you take a",)
    partly = judge(claim(one, BOTH[1]), [*found, Finding("y", "literal", 0.8)])
    assert partly.conditions[0] == ("It says one: not supported, but undecided if you take a")


def test_an_interval_on_one_side_decides():
    assert judge(claim(rule(readings=())), [literal(0.7, 0.61, 0.8)]).verdict == "supported"
    assert judge(claim(rule(readings=())), [literal(0.5, 0.4, 0.6)]).verdict == "not supported"


def test_an_interval_wider_than_the_claimed_range_is_too_close_to_call():
    assert judge(claim(rule("between", (3, 6), ())), [literal(4, 2, 9)]).verdict == "too close to call"


def test_a_reading_that_straddles_rescues_nothing():
    test = claim(rule(readings=("a",)))
    assert judge(test, [literal(0.5), other("a", 0.7, 0.5, 0.9)]).verdict == "not supported"


# Several assertions


def two(first: float, second: float) -> list[Finding]:
    return [literal(first), Finding("y", "literal", second)]


BOTH = (
    rule(readings=(), name="one"),
    replace(rule(readings=(), name="two"), readings=(Reading("literal", "y", "label of y"),)),
)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0.7, 0.8, "supported"),
        (0.5, 0.4, "not supported"),
        (0.7, 0.4, "partly supported: It says one: supported; It says two: not supported"),
    ],
)
def test_a_sentence_is_supported_if_all_it_states_is_and_partly_if_some_is(first, second, words):
    assert judge(claim(*BOTH), two(first, second)).words == words


def test_a_part_that_holds_under_a_condition_only_says_which():
    found = [literal(0.5), other("a", 0.7), Finding("y", "literal", 0.8)]
    verdict = judge(claim(rule(readings=("a",), name="one"), BOTH[1]), found)
    assert verdict.conditions == ("It says one: holds only if you take a", "It says two: supported")


def test_of_several_the_weakest_is_the_verdict():
    unknown = Criterion("three", "stated", "It says three", would_need="a survey")
    assert judge(claim(BOTH[0], unknown), [literal(0.5)]).verdict == "not supported"
    assert judge(claim(BOTH[0], unknown), [literal(0.6, 0.5, 0.7)]).verdict == "not checkable"


def test_what_is_conveyed_gets_a_verdict_of_its_own_and_decides_nothing():
    beside = replace(BOTH[1], kind="conveyed")
    verdict = judge(claim(BOTH[0], beside), two(0.7, 0.4))
    assert (verdict.verdict, [ruling.verdict for ruling in verdict.conveyed]) == ("supported", ["not supported"])
    assert judge(claim(beside), [Finding("y", "literal", 0.4)]).verdict == "not supported"


def test_of_several_that_hold_only_under_conditions_those_count_that_serve_all():
    first = rule(readings=("a", "b"), name="one")
    second = replace(first, name="two", says="It says two")
    found = [literal(0.5), other("a", 0.7), other("b", 0.7)]
    assert judge(claim(first, second), found).conditions == ("you take a", "you take b")
    apart = replace(second, readings=(first.readings[0], replace(first.readings[2], key="c")))
    assert judge(claim(first, apart), [*found, Finding("c", "b", 0.7)]).conditions == ("you take b",)
    never = replace(second, readings=(first.readings[0], Reading("d", "d", "", "", "you take d")))
    assert judge(claim(first, never), [*found, other("d", 0.7)]).words == (
        "holds only if you take a or you take b (for “It says one”), and you take d (for “It says two”)"
    )


def test_one_finding_may_answer_two_assertions():
    high = rule(">=", 10, (), name="one", unit="times")
    most = rule("between", (10, 20), (), name="two", unit="times")
    verdict = judge(claim(high, most), [literal(25)])
    assert [ruling.verdict for ruling in verdict.assertions] == ["supported", "not supported"]


def test_a_threshold_may_be_a_finding_itself():
    unknown = Reading("context", "unknown", "unknown part", "share")
    test = claim(rule(">", None, (), threshold=unknown), context=(unknown,))
    assert required(test["share"]) == "more than the unknown part"
    part = Finding("unknown", "context", 0.1)
    assert judge(test, [literal(0.11), part]).verdict == "supported"
    assert judge(test, [literal(0.09), part]).verdict == "not supported"
    assert judge(test, [literal(0.11), replace(part, value=None)]).verdict == "not checkable"


def test_a_bound_is_moved_by_a_tolerance_that_has_a_reason_and_by_no_precision():
    assert judge(claim(rule(">=", 10, (), precision=1)), [literal(9.9)]).verdict == "not supported"
    wide = rule(">=", 10, (), tolerance=1, because="weeks are cut on another day")
    assert [judge(claim(wide), [literal(value)]).verdict for value in (9, 8.9)] == ["supported", "not supported"]


# What is missing


@pytest.mark.parametrize(("value", "low", "high"), [(0.1, 0.7, 0.9), (None, 5, 3.5), (1, None, 0)])
def test_a_value_outside_its_interval_is_refused(value, low, high):
    with pytest.raises(InputError, match=r"Finding x: .* does not lie between"):
        Finding("x", "literal", value, low, high)


def test_what_holds_in_some_weeks_only_is_undecided_until_all_are_there_and_refuted_by_one():
    ahead = claim(rule(">", 0.0, ()))
    assert judge(ahead, [literal(None, high=0.3)]).verdict == "not checkable"
    assert judge(ahead, [literal(None, high=-0.1)]).verdict == "not supported"


def test_a_missing_literal_finding_is_not_checkable_unless_another_reading_holds():
    test = claim(rule(readings=("a",)))
    assert judge(test, [literal(float("nan")), other("a", 0.1)]).verdict == "not checkable"
    assert judge(test, [literal(None), other("a", 0.9)]).verdict == "holds only if"


def test_what_has_not_happened_by_a_date_fails_once_the_date_is_past():
    february = claim(rule("between", ("2026-02-01", "2026-02-28"), (), unit="week"))
    assert judge(february, [literal(None, low="2026-03-09")]).verdict == "not supported"
    assert judge(february, [literal(None, low="2026-02-16")]).verdict == "not checkable"


def test_a_forecast_is_open_until_it_can_be_judged():
    forecast = claim(rule("between", (3, 4), (), open="until the model is released"))
    assert judge(forecast, [literal(None)]).words == "open: until the model is released"
    assert judge(forecast, [literal(3.5)]).verdict == "supported"
    assert judge(claim(Criterion("a", "stated", "s", open="no day is given")), []).verdict == "open"


def test_a_claim_that_no_data_can_decide_says_what_would():
    verdict = judge(claim(Criterion("a", "stated", "s", would_need="a survey")), [])
    assert (verdict.verdict, verdict.conditions) == ("not checkable", ("it would take a survey",))


# A case


def test_a_case_takes_its_labels_and_units_from_the_register_and_the_run():
    test = claim(rule(readings=("a",)), context=(Reading("context", "z", "sum of the {n} largest", "tokens"),))
    case = Case(settled(test, {"n": 9}), "2026-05-25")
    case.find("x", 0.5)
    case.find("a", 0.7, reading="a", as_of=catalog.parse_day("2026-05-24"), vintage="2026-07-01")
    shown = case.find("z", 2e12)
    assert (shown.label, shown.unit, shown.reading) == ("sum of the 9 largest", "tokens", "context")
    verdict = case.verdict("It is half.")
    assert [(f.reading, f.as_of, f.vintage) for f in verdict.findings] == [
        ("literal", "2026-05-25", ""),
        ("a", "2026-05-24", "2026-07-01"),
        ("context", "2026-05-25", ""),
    ]


def test_a_cell_may_be_run_again():
    case = Case(claim(rule(readings=())), "2026-05-25")
    for value in (0.5, 0.7):
        case.find("x", value)
    assert case.verdict("").verdict == "supported"


def test_what_the_register_does_not_ask_for_or_still_asks_for_is_named():
    case = Case(claim(rule(readings=("a",))), "2026-05-25")
    with pytest.raises(InputError, match="Claim X1 asks for no finding 'x' in the reading 'b'"):
        case.find("x", 1, reading="b")
    case.find("x", 0.7)
    with pytest.raises(InputError, match="Claim X1 has no finding 'a' in the reading 'a': n gives it with find"):
        case.verdict("")


def test_texts_and_tolerances_take_the_parameters_of_the_run():
    test = claim(rule("=", 0, ("a",), tolerance="margin", because="the reader's", unit="points"))
    near = settled(replace(test, quote="{left as it is}"), {"margin": 0.05})
    points = settled(
        replace(test, assertions=(replace(test["share"], tolerance="margin_points"),)), {"margin_points": 5}
    )
    assert points["share"].tolerance == near["share"].tolerance
    assert judge(near, [literal(0.04), other("a", 1)]).verdict == "supported"
    with pytest.raises(InputError, match="Claim X1: no parameter is called 'margin'"):
        settled(test, {"other": 1})


def test_a_reading_may_have_a_tolerance_of_its_own():
    points = replace(rule("=", 0, ("a",)).readings[1], tolerance=0.02)
    test = replace(rule("=", 0, (), tolerance=1.0, because="a point apart"))
    test = replace(test, readings=(*test.readings, points))
    assert [holds(test, literal(0.9)), holds(test, other("a", 0.9)), holds(test, other("a", 0.01))] == [
        True,
        False,
        True,
    ]


def test_a_finding_is_judged_as_measured_and_written_with_six_digits():
    finding = Finding("x", "literal", 0.12345678, 1 / 9, float("nan"), as_of=catalog.parse_day("2026-05-24"))
    assert (finding.value, finding.low, finding.high, finding.as_of) == (0.12345678, 0.111111111111, None, "2026-05-24")
    shown = finding.rounded
    assert (shown.value, shown.low, shown.high) == (0.123457, 0.111111, None)
    assert Finding("x", "literal", 116_829_156_672).rounded.value == 116_829_156_672


def test_a_value_beyond_the_threshold_by_less_than_the_sixth_digit_is_judged_as_what_it_is():
    dollars = rule("<=", 4811, (), unit="usd")
    verdict = judge(claim(dollars), [literal(4811.0004)])
    written = verdict._repr_mimebundle_()[findings.MIME]["assertions"][0]["findings"][0]
    assert (verdict.verdict, written["value"], written["holds"]) == ("not supported", 4811.0, False)


def test_what_only_the_last_digits_of_a_float_tell_apart_is_the_same():
    assert judge(claim(rule(">=", 10, ())), [literal(9.2 / 0.92)]).verdict == "supported"
    assert 1.1 * 1.1 > 1.21 and judge(claim(rule("<=", 1.21, ())), [literal(1.1 * 1.1)]).verdict == "supported"


def test_a_number_that_is_compared_with_a_word_is_refused():
    with pytest.raises(InputError, match=r"Claim X1, finding x: 'soon' cannot be compared with 0\.6"):
        judge(claim(), [literal("soon")])


# Display


@pytest.mark.parametrize(
    ("relation", "target", "unit", "words"),
    [
        (">", "2026-04-20", "week", "after 2026-04-20"),
        ("<=", "2026-04-20", "week", "on 2026-04-20 or earlier"),
        ("between", ("2026-02-01", "2026-02-28"), "week", "from 2026-02-01 to 2026-02-28"),
        ("between", (0.1, 0.2), "share", "10.0 to 20.0 ± 100.0%"),
        ("=", 0, "index points", "0 ± 1 index point"),
        ("=", 0.8, "change", "+80.0% ± 100.0 points"),
    ],
)
def test_what_a_claim_takes_to_hold_reads_as_a_person_would_write_it(relation, target, unit, words):
    assert required(rule(relation, target, (), unit, precision=2.0)) == words


def test_what_has_a_bound_and_no_value_yet_is_not_yet_settled():
    february = rule("between", ("2026-02-01", "2026-02-28"), (), unit="week")
    soon, late = (judge(claim(february), [literal(None, low=day)]) for day in ("2026-02-16", "2026-03-16"))
    assert describe_holds(soon.findings[0]) == "cannot be told: not yet settled"
    assert describe_holds(late.findings[0]) == "no"


def test_a_verdict_shows_quote_answer_and_every_reading_and_carries_its_record():
    verdict = judge(claim(), [literal(0.45), other("a", 0.7), other("b", None)], "It is under half.")
    bundle = verdict._repr_mimebundle_()
    for words in ("quote", "It is under half.", "holds only if", "label of a", "no data"):
        assert words in bundle["text/html"]
    record = json.loads(json.dumps(bundle[findings.MIME]))
    assert records.verdict_from_json(record).words == verdict.words
    assert [f["holds"] for f in record["assertions"][0]["findings"]] == [False, True, None]


def test_text_in_a_verdict_is_inert():
    hostile = replace(claim(), quote="<script>alert(1)</script>")
    bundle = judge(hostile, [literal(0.5)], "<img src=x>")._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"]
    assert "<img" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
