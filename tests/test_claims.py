from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import DATA, InputError, catalog, claims
from analysis.claims import Claim, Finding, Verdicts, holds, judge

NUMBERS = st.integers(-1000, 1000).map(lambda n: n / 10)
ALTERNATIVES = {"a": "if a", "b": "if b"}


def claim(relation=">", claimed=0.6, **more):
    return Claim("X1", "n", "quote", "measure", unit="share", relation=relation, claimed=claimed, **more)


def headline(value, low=None, high=None):
    return Finding("x", "headline", value, low, high)


@pytest.mark.parametrize(
    ("relation", "claimed", "inside", "outside"),
    [
        (">", 6, [6.1, 100], [6, 5.9]),
        (">=", 6, [6, 6.1], [5.9]),
        ("<", 6, [5.9, -1], [6, 6.1]),
        ("<=", 6, [6, 5.9], [6.1]),
        ("=", 6, [6], [5.9, 6.1, 7]),
        ("within", 6, [5.5, 6, 6.5], [5.4, 6.6]),
        ("between", [3, 6], [3, 4.5, 6], [2.9, 6.1]),
        ("between", ["2026-02-01", "2026-02-28"], ["2026-02-01", "2026-02-23"], ["2026-01-26", "2026-03-02"]),
    ],
)
def test_each_relation_parts_values_that_satisfy_it_from_those_that_do_not(relation, claimed, inside, outside):
    test = claim(relation, claimed, tolerance=0.5)
    assert {judge(test, [headline(value)]).verdict for value in inside} == {"supported"}
    assert {judge(test, [headline(value)]).verdict for value in outside} == {"not supported"}


@given(NUMBERS, st.sampled_from([">", ">=", "<", "<="]), st.sampled_from([0.1, 1, 50]))
def test_moving_a_finding_across_its_threshold_flips_the_verdict(threshold, relation, step):
    up = judge(claim(relation, threshold), [headline(threshold + step)]).verdict
    down = judge(claim(relation, threshold), [headline(threshold - step)]).verdict
    assert {up, down} == {"supported", "not supported"}


@given(NUMBERS, NUMBERS, st.floats(0, 10), st.sampled_from(["=", "within", "between"]))
def test_moving_a_finding_out_of_its_range_flips_the_verdict(value, low, width, relation):
    claimed = [low, low + 1] if relation == "between" else low
    found = judge(claim(relation, claimed, tolerance=width), [headline(low)]).verdict
    far = judge(claim(relation, claimed, tolerance=width), [headline(low + 20 + abs(value))]).verdict
    assert (found, far) == ("supported", "not supported")


@given(NUMBERS, st.lists(NUMBERS, max_size=3), st.lists(NUMBERS, max_size=3))
def test_an_alternative_never_turns_supported_into_something_else(value, some, more):
    test = claim(claimed=0.0, alternatives=ALTERNATIVES)
    found = [headline(value), *(Finding("y", "a", v) for v in some)]
    with_more = [*found, *(Finding("z", "b", v) for v in more)]
    if judge(test, found).verdict == "supported":
        assert judge(test, with_more).verdict == "supported"


@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=3))
def test_holds_only_if_needs_a_failing_headline_and_a_whole_alternative(value, alternative):
    test = claim(claimed=0.0, alternatives={"a": "if a"})
    verdict = judge(test, [headline(value), *(Finding("y", "a", v) for v in alternative)])
    expected = value <= 0 and min(alternative) > 0
    assert (verdict.verdict == "holds only if") == expected
    assert verdict.conditions == (("if a",) if expected else ())


@given(NUMBERS, st.floats(0.1, 5), st.floats(0.1, 5))
def test_a_headline_whose_interval_straddles_is_too_close_to_call(value, below, above):
    test = claim(claimed=value, alternatives={"a": "if a"})
    found = [headline(value, value - below, value + above), Finding("y", "a", value + 1)]
    assert judge(test, found).verdict == "too close to call"


def test_an_interval_on_one_side_decides():
    assert judge(claim(), [headline(0.7, 0.61, 0.8)]).verdict == "supported"
    assert judge(claim(), [headline(0.5, 0.4, 0.6)]).verdict == "not supported"


def test_an_interval_wider_than_the_claimed_range_is_too_close_to_call():
    assert judge(claim("between", [3, 6]), [headline(4, 2, 9)]).verdict == "too close to call"


def test_an_alternative_that_straddles_satisfies_nothing():
    test = claim(alternatives={"a": "if a"})
    assert judge(test, [headline(0.5), Finding("y", "a", 0.7, 0.5, 0.9)]).verdict == "not supported"


def test_every_headline_finding_must_hold_where_a_claim_states_several():
    test = claim("within", {"x": 0.8, "y": -0.3}, tolerance=0.01)
    both = [Finding("x", "headline", 0.8), Finding("y", "headline", -0.3)]
    assert judge(test, both).verdict == "supported"
    assert judge(test, [both[0], Finding("y", "headline", -0.2)]).verdict == "not supported"
    assert judge(test, both[:1]).verdict == "not checkable"
    assert judge(test, [both[0], Finding("y", "headline", None)]).verdict == "not checkable"


def test_relation_and_unit_may_differ_by_finding_key():
    test = claim({"x": "between", "y": ">="}, {"x": [1, 2], "y": 1})
    assert judge(test, [headline(1.5), Finding("y", "headline", 7)]).verdict == "supported"
    assert judge(test, [headline(7), Finding("y", "headline", 7)]).verdict == "not supported"
    mixed = replace(test, unit={"x": "USD", "y": "models"}, labels={"x": "cost", "y": "number beaten"})
    assert claims.describe_claimed(mixed) == "cost 1.00 to 2.00 USD; number beaten at least 1 model"
    with pytest.raises(InputError, match=r"Claim X1: relation is by finding key; the keys of claimed are the ones"):
        claim({"x": ">="}, {"x": 1, "y": 1})


def test_one_failing_finding_settles_it_even_if_another_is_missing():
    test = claim("within", {"x": 0.8, "y": -0.3}, tolerance=0.01)
    assert judge(test, [Finding("x", "headline", 0.5), Finding("y", "headline", None)]).verdict == "not supported"
    assert judge(test, [Finding("x", "headline", 0.5)]).verdict == "not supported"


def test_an_alternative_with_a_missing_finding_satisfies_nothing():
    test = claim("within", {"x": 0.8, "y": -0.3}, tolerance=0.01, alternatives={"a": "if a"})
    found = [Finding("x", "headline", 0.5), Finding("y", "headline", 0.5), Finding("x", "a", 0.8)]
    assert judge(test, found).verdict == "not supported"


@pytest.mark.parametrize(("value", "low", "high"), [(0.1, 0.7, 0.9), (None, 5, 3.5), (1, None, 0)])
def test_a_value_outside_its_interval_is_refused(value, low, high):
    with pytest.raises(InputError, match=r"Finding x: .* does not lie between"):
        Finding("x", "headline", value, low, high)


def test_what_holds_in_some_weeks_only_is_open_until_all_are_there_and_refuted_by_one():
    ahead = claim(">", 0.0)
    assert judge(ahead, [Finding("gap", "headline", None, high=0.3)]).verdict == "not checkable"
    assert judge(ahead, [Finding("gap", "headline", None, high=-0.1)]).verdict == "not supported"


def test_a_missing_headline_is_not_checkable_whatever_the_alternatives_say():
    test = claim(alternatives={"a": "if a"})
    assert judge(test, [headline(None), Finding("y", "a", 0.9)]).verdict == "not checkable"
    assert judge(test, [headline(float("nan"))]).verdict == "not checkable"
    assert judge(test, []).verdict == "not checkable"


def test_what_has_not_happened_by_a_date_fails_once_the_date_is_past():
    february = claim("between", ["2026-02-01", "2026-02-28"])
    assert judge(february, [headline(None, low="2026-03-09")]).verdict == "not supported"
    assert judge(february, [headline(None, low="2026-02-16")]).verdict == "not checkable"


def test_a_context_finding_is_shown_and_not_judged():
    context = Finding("y", "context", 0.0)
    verdict = judge(claim(), [headline(0.7), context])
    assert verdict.verdict == "supported"
    assert context in verdict.findings
    assert holds(claim(), context) is None


def test_a_claim_that_no_data_can_decide_says_what_would():
    test = Claim("X9", "n", "quote", "measure", would_need="a survey")
    verdict = judge(test, [])
    assert (verdict.verdict, verdict.conditions) == ("not checkable", ("needed: a survey",))


def test_conditions_name_the_parameter():
    test = claim(alternatives={"a": "only the {top_n} largest count"})
    assert judge(test, [headline(0.5), Finding("y", "a", 0.7)], top_n=9).conditions == ("only the 9 largest count",)


def test_a_finding_with_a_scope_or_key_unknown_to_the_register_is_refused():
    with pytest.raises(InputError, match="Claim X1 has no scope 'c' in the register"):
        judge(claim(alternatives=ALTERNATIVES), [headline(1), Finding("y", "c", 1)])
    with pytest.raises(InputError, match="Claim X1 claims nothing of 'z'"):
        judge(claim("within", {"x": 1}), [Finding("z", "headline", 1)])


def test_findings_are_rounded_where_they_are_made():
    finding = Finding("x", "headline", 0.123456, 1 / 9, float("nan"), as_of=catalog.parse_day("2026-05-24"))
    assert (finding.value, finding.low, finding.high, finding.as_of) == (0.1235, 0.1111, None, "2026-05-24")
    assert Finding("x", "headline", 116_829_156_672).value == 116_829_156_672


def test_a_record_has_the_promised_fields():
    record = judge(claim(), [headline(0.7)]).record()
    assert list(record) == ["id", "verdict", "conditions", "claimed", "relation", "tolerance", "findings"]
    assert list(record["findings"][0])[:6] == ["key", "scope", "value", "low", "high", "unit"]


# The register


def test_every_quote_is_verbatim_from_the_article():
    article = catalog.read_bytes("article").decode()
    assert [name for name, claim in claims.read_register().items() if claim.quote not in article] == []


def test_the_register_holds_the_claims_of_the_first_notebook():
    register = claims.read_register()
    assert [name for name, c in register.items() if c.notebook == "01_share_shift"] == [f"S{n}" for n in range(1, 10)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('relation = ">"', 'relation = "~"', "Claim S1: unknown relation '~'; use >, >=, <, <=, =, within, between."),
        ("measure =", "mesure =", "Claim S1 in the register: got an unexpected keyword argument 'mesure'."),
        ('relation = ">"', "", "Claim S1: give a relation, or what data it would need; one of the two."),
        ("claimed = 0.60", "claimed = nan", "Claim S1: '>' takes as claimed a number or an ISO date; not nan."),
        ("claimed = 0.60\n", "", "Claim S1: '>' takes as claimed a number or an ISO date; not None."),
        ("claimed = 0.60", "claimed = [1, 2]", "Claim S1: '>' takes as claimed a number or an ISO date; not .1, 2."),
        (
            '"2026-02-01", "2026-02-28"',
            '"2026-02-28", "2026-02-01"',
            "Claim S2: 'between' takes as claimed two ends in",
        ),
        ("tolerance = 0.01", "tolerance = -1", "Claim S5: tolerance must be a number of at least 0; not -1."),
        ("named = ", "headline = ", "Claim S1: an alternative may not be called headline."),
        ("[S1]", "[S1", "The claims register .* cannot be read"),
    ],
)
def test_a_malformed_register_is_refused_by_claim_and_field(tmp_path: Path, old, new, message):
    path = tmp_path / "claims.toml"
    path.write_text((DATA / "claims.toml").read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        claims.read_register(path)


# Display


@pytest.mark.parametrize(
    ("relation", "claimed", "unit", "words"),
    [
        (">", "2026-04-20", "week", "after 2026-04-20"),
        ("<=", "2026-04-20", "week", "on 2026-04-20 or earlier"),
        ("between", ["2026-02-01", "2026-02-28"], "week", "from 2026-02-01 to 2026-02-28"),
        ("between", [0.1, 0.2], "share", "10.0 to 20.0 %"),
        ("within", 0, "index points", "0 ± 1 index point"),
        ("within", 0.8, "change", "+80.0 % ± 100.0 points"),
        ("=", 6, "Chinese of six", "6 Chinese of six"),
    ],
)
def test_what_a_claim_takes_to_hold_reads_as_a_person_would_write_it(relation, claimed, unit, words):
    test = replace(claim(relation, claimed, tolerance=1), unit=unit)
    assert claims.describe_claimed(test) == words


def test_what_has_a_bound_and_no_value_yet_is_not_yet_settled():
    test = claim("between", ["2026-02-01", "2026-02-28"])
    assert claims.describe_holds(test, headline(None, low="2026-02-16")) == "cannot be told: not yet settled"
    assert claims.describe_holds(test, headline(None, low="2026-03-16")) == "no"


def test_findings_of_a_claim_without_any_data_are_no_data():
    found = [Finding("x", "headline", None), Finding("y", "headline", None)]
    assert claims.describe_findings(claim(claimed={"x": 1, "y": 1}), found) == "no data"


def test_verdicts_display_as_a_table_and_carry_their_records():
    verdicts = Verdicts(
        "01_share_shift", {"S8": [Finding("rank", "headline", 4, unit="rank")]}, "2026-05-25", {"t": "0"}
    )
    bundle = verdicts._repr_mimebundle_()
    records = bundle[claims.MIME]
    assert [record["id"] for record in records["verdicts"]] == [f"S{n}" for n in range(1, 10)]
    assert records["verdicts"][7]["verdict"] == "not supported"
    assert (records["as_of"], records["data"]) == ("2026-05-25", {"t": "0"})
    assert "number 4" in bundle["text/html"]
    assert "S8: not supported" in bundle["text/plain"]


def test_a_number_that_is_compared_with_a_word_is_refused():
    with pytest.raises(InputError, match=r"Claim X1, finding x: 'soon' cannot be compared with 0\.6"):
        judge(claim(), [headline("soon")])


def test_a_condition_that_names_no_parameter_is_refused():
    test = claim(alternatives={"a": "only the {top_m} largest count"})
    with pytest.raises(InputError, match="Claim X1: the condition of 'a' names no parameter 'top_m'"):
        judge(test, [headline(0.5), Finding("y", "a", 0.7)], top_n=9)


def test_every_table_that_a_claim_names_is_in_the_data_package():
    assert {name for c in claims.read_register().values() for name in c.tables if not catalog.resource(name)} == set()


def test_verdicts_refuse_findings_of_another_notebooks_claim():
    with pytest.raises(InputError, match="No claim of 01_share_shift in the register is called P1"):
        Verdicts("01_share_shift", {"P1": []}, "2026-05-25", {})


def test_text_in_the_table_of_verdicts_is_inert():
    finding = Finding("rank", "headline", "<script>alert(1)</script>", unit="week")
    bundle = Verdicts("01_share_shift", {"S2": [finding]}, "2026-05-25", {})._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
