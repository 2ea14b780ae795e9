"""Rules of notebook 01, both ways: for each, findings that make it supported and findings that do not.

Where a measure makes the finding, the plant is data and goes through the measure: as many weeks, models and developers
as the notebook has. No rule here is a statistical test, so none depends on a number of questions.
"""

import pandas as pd
import pytest

from analysis import catalog, parameters
from analysis.claims import judge
from analysis.criteria import CONTEXT, LITERAL, settled
from analysis.findings import (
    HOLDS_ONLY_IF,
    NOT_CHECKABLE,
    NOT_SUPPORTED,
    PARTLY_SUPPORTED,
    SUPPORTED,
    TOO_CLOSE,
    Finding,
)
from analysis.measures import calendar, origins, share
from analysis.prose import number_word
from analysis.register import read_register
from analysis.wording import developers

NOTEBOOK = "01_share_shift"
DEFAULTS = {name: parameter.default for name, parameter in parameters.read(NOTEBOOK).items()}
CLAIMS = {name: settled(claim, DEFAULTS) for name, claim in read_register().items() if claim.notebook == NOTEBOOK}

PLANTS = [
    # claim, finding that answers the sentence as written, a value that satisfies its rule, one that just does not
    ("S1", "cn_share_all", 0.6001, 0.60),
    ("S1", "cn_open_share", 0.6001, 0.60),
    ("S2", "first_cn_lead_week", "2026-02-23", "2026-03-02"),
    ("S3", "april_gap_pooled", 0.0967, 0.0966),
    ("S4", "mimo_v2_pro_peak_share", 0.206, 0.2059),
    ("S4", "mimo_over_gpt55_best_weeks", 2.5, 3.51),
    ("S5", "cn_wow", 0.827, 0.828),
    ("S5", "us_wow", -0.356, -0.357),
    ("S6", "cn_in_top6", 6, 5),
    ("S7", "cn_share_year_ago", 0.0199, 0.02),
    ("S8", "rank_of_openai", 7, 5),
    ("S8", "openai_week_tokens", 1.55e12, 1.56e12),
    ("S9", "company_columns", 1, 0),
    ("S10", "xiaomi_last_share", 0.2061, 0.2049),
    ("S10", "rank_of_xiaomi", 1, 2),
    ("S11", "us_share_half_year_ago", 0.5001, 0.5),
    ("S12", "best_week_alibaba", 2.5e12, 2.49e12),
    ("S12", "best_week_minimax", 1.46e12, 1.45e12),
    ("S12", "best_week_zhipu", 1.01e12, 1.0e12),
    ("S12", "best_week_deepseek", 1.0e12, 0.99e12),
    ("S12", "best_week_stepfun", 0.97e12, 0.96e12),
    ("S12", "best_week_openai", 1.35e12, 1.34e12),
]

UNKNOWN_IN_APRIL = Finding("april_unknown_share", CONTEXT, 0.0966)
"""Threshold of S3, which the data give: the share of April's tokens that are of no known origin."""

NOW = pd.date_range("2026-04-27", periods=4, freq="7D")
APRIL = calendar.weeks_of_month("2026-04")
HOMES = {"openai": "US", "anthropic": "US", "google": "US", "other": "other", "stealth": "anonymous"}


def criterion_of(claim, key):
    """Assertion whose literal finding has this key."""
    return next(c for c in CLAIMS[claim].assertions if c.readings and c.readings[0].key == key)


def ruling(claim, key, *findings):
    """What the register makes of an assertion from these findings alone."""
    name = criterion_of(claim, key).name
    given = (UNKNOWN_IN_APRIL, *findings) if claim == "S3" else findings
    return next(made for made in judge(CLAIMS[claim], given).assertions if made.name == name)


def found(key, value, low=None, high=None, reading=LITERAL):
    return Finding(key, reading, value, low, high)


def literal(claim, key, value, low=None, high=None):
    """Verdict on an assertion by its literal finding alone."""
    return ruling(claim, key, found(key, value, low, high)).verdict


def platform_of(weeks):
    """Tokens by week and developer, with origins; a developer that ``HOMES`` does not hold is Chinese."""
    rows = [
        {"week_start": pd.Timestamp(week), "author": author, "total_tokens": tokens}
        for week, authors in weeks.items()
        for author, tokens in authors.items()
    ]
    frame = pd.DataFrame(rows)
    origin = frame["author"].map(HOMES).fillna("CN")
    return frame.assign(origin=origin, named=~origin.isin(["other", "anonymous"]))


def models_of(tokens_by_model):
    """One week's tokens by model, as ``calendar.models_by_week`` gives them, with origins."""
    frame = pd.DataFrame({"model_permaslug": list(tokens_by_model), "total_tokens": list(tokens_by_model.values())})
    author = frame["model_permaslug"].str.split("/").str[0]
    origin = author.map(HOMES).fillna("CN")
    return frame.assign(week_start=NOW[0], author=author, origin=origin, ranked=True)


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
    assert literal(claim, key, None) == NOT_CHECKABLE


# S1: four weeks together, and what is not known of weights.


@pytest.mark.parametrize(("chinese", "verdict"), [(61, SUPPORTED), (60, NOT_SUPPORTED), (45, NOT_SUPPORTED)])
def test_the_share_of_four_weeks_together_decides(chinese, verdict):
    week = {"deepseek": chinese - 10, "qwen": 10, "openai": 90 - chinese, "other": 10}
    pooled = share.pooled_share(platform_of(dict.fromkeys(NOW, week)), NOW)
    assert literal("S1", "cn_share_all", pooled["CN"]) == verdict


@pytest.mark.parametrize(
    ("chinese", "american", "verdict"),
    [(61, 29, SUPPORTED), (58, 32, TOO_CLOSE), (45, 45, NOT_SUPPORTED), (50, 40, NOT_SUPPORTED)],
)
def test_tokens_of_unknown_origin_leave_a_share_near_the_line_undecided(chinese, american, verdict):
    week = {"deepseek": chinese, "openai": american, "stealth": 2, "other": 8}
    pooled = share.pooled_share(platform_of(dict.fromkeys(NOW, week)), NOW)
    most = pooled["CN"] + pooled[list(origins.UNATTRIBUTED)].sum()
    assert literal("S1", "cn_share_all", pooled["CN"], pooled["CN"], most) == verdict


@pytest.mark.parametrize(
    ("open_tokens", "unknown_tokens", "verdict"),
    [(61, 5, SUPPORTED), (40, 5, NOT_SUPPORTED), (58, 5, TOO_CLOSE), (11, 49, NOT_SUPPORTED), (11, 50, TOO_CLOSE)],
)
def test_weights_that_nobody_recorded_leave_the_open_share_undecided(open_tokens, unknown_tokens, verdict):
    rest = 100 - open_tokens - unknown_tokens
    models = models_of({"deepseek/open": open_tokens, "z-ai/new": unknown_tokens, "openai/closed": rest})
    weights = pd.DataFrame({"model": ["deepseek/open"], "weights": ["open"], "open_from": [pd.NaT]})
    parts = share.weights_share(models, weights, NOW[:1])
    most = parts["open"] + parts["unknown"]
    assert literal("S1", "cn_open_share", parts["open"], parts["open"], most) == verdict


def test_the_one_week_that_reached_sixty_per_cent_was_carried_by_closed_models():
    """As OpenRouter's rankings have the week of 30 March 2026: Qwen3.6 Plus and MiMo-V2-Pro were closed."""
    week = pd.DatetimeIndex(["2026-03-30"])
    people = catalog.load("authors"), catalog.load("anonymous_models")
    table = calendar.models_by_week(catalog.load("model_week"), catalog.load("model_day"))
    parts = share.weights_share(origins.with_origin(table, *people), catalog.load("open_weights"), week)
    every = share.pooled_share(origins.with_origin(catalog.load("author_week"), *people), week)["CN"]
    most = parts["open"] + parts["unknown"]
    assert (round(every, 3), round(parts["open"], 3), round(most, 3)) == (0.618, 0.209, 0.234)
    both = found("cn_share_all", every), found("cn_open_share", parts["open"], parts["open"], most)
    assert judge(CLAIMS["S1"], both).verdict == PARTLY_SUPPORTED


# S2: the first week, and what is not known of it yet.


@pytest.mark.parametrize(
    ("ahead", "verdict"),
    [
        (["2026-02-23", "2026-03-02"], SUPPORTED),
        (["2026-03-02"], NOT_SUPPORTED),
        (["2026-01-26", "2026-02-23"], NOT_SUPPORTED),
        ([], NOT_SUPPORTED),
    ],
)
def test_the_first_week_in_which_chinese_models_lead_decides(ahead, verdict):
    weeks = pd.date_range("2026-01-26", "2026-03-02", freq="7D").strftime("%Y-%m-%d")
    tokens = platform_of({week: {"deepseek": 6 if week in ahead else 4, "openai": 5} for week in weeks})
    lead = share.first_lead(share.origin_tokens(tokens))
    assert literal("S2", "first_cn_lead_week", **lead) == verdict


def test_before_february_ends_a_lead_that_has_not_come_may_still_come():
    tokens = platform_of({"2026-01-26": {"deepseek": 4, "openai": 5}})
    lead = share.first_lead(share.origin_tokens(tokens))
    assert literal("S2", "first_cn_lead_week", **lead) == NOT_CHECKABLE


# S3: five weeks of April; what is of unknown origin could all be American.


def april(tokens_by_week):
    """Pooled lead of Chinese models in April, and the threshold that it has to pass."""
    pooled = share.pooled_share(platform_of(tokens_by_week), APRIL)
    unknown = pooled[list(origins.UNATTRIBUTED)].sum()
    lead = found("april_gap_pooled", pooled["CN"] - pooled["US"])
    return lead, Finding("april_unknown_share", CONTEXT, unknown)


@pytest.mark.parametrize(
    ("chinese", "american", "verdict"), [(55, 35, SUPPORTED), (47, 43, NOT_SUPPORTED), (50, 40, NOT_SUPPORTED)]
)
def test_a_lead_is_decisive_that_tokens_of_unknown_origin_could_not_undo(chinese, american, verdict):
    week = {"deepseek": chinese, "openai": american, "other": 8, "stealth": 2}
    assert judge(CLAIMS["S3"], april(dict.fromkeys(APRIL, week))).verdict == verdict


def test_one_strong_week_does_not_make_april_decisive():
    weeks = {week: {"deepseek": 40, "openai": 48, "other": 12} for week in APRIL}
    weeks[APRIL[0]] = {"deepseek": 62, "openai": 32, "other": 6}
    assert judge(CLAIMS["S3"], april(weeks)).verdict == NOT_SUPPORTED


# S4 and S12: a model's best week.


@pytest.mark.parametrize(("peak", "rival", "verdict"), [(211, 70, SUPPORTED), (211, 20, PARTLY_SUPPORTED)])
def test_a_models_best_week_and_its_rivals_decide(peak, rival, verdict):
    models = models_of({"xiaomi/mimo": peak, "openai/gpt": rival, "google/rest": 1000 - peak - rival})
    total = models["total_tokens"].sum()
    mimo, gpt = (share.model_tokens(models, name).max() for name in ("xiaomi/mimo", "openai/gpt"))
    findings = found("mimo_v2_pro_peak_share", mimo / total), found("mimo_over_gpt55_best_weeks", mimo / gpt)
    assert judge(CLAIMS["S4"], findings).verdict == verdict


def test_a_table_of_which_some_rows_are_reached_is_partly_supported():
    keys = [key for claim, key, _, _ in PLANTS if claim == "S12"]
    findings = [found(key, 3e12 if place < 4 else 0.5e12) for place, key in enumerate(keys)]
    assert judge(CLAIMS["S12"], findings).verdict == PARTLY_SUPPORTED


# S5: two weeks, both figures.


@pytest.mark.parametrize(
    ("after", "verdict"),
    [((1817, 654), SUPPORTED), ((1817, 921), PARTLY_SUPPORTED), ((1300, 921), NOT_SUPPORTED)],
)
def test_growth_from_one_week_to_the_next_decides(after, verdict):
    chinese, american = after
    weeks = {
        "2026-04-20": {"deepseek": 1000, "openai": 1000},
        "2026-04-27": {"deepseek": chinese, "openai": american},
    }
    change = share.growth(share.origin_tokens(platform_of(weeks))).iloc[-1]
    findings = found("cn_wow", change["CN"]), found("us_wow", change["US"])
    assert judge(CLAIMS["S5"], findings).verdict == verdict


# S6, S8 and S10: places among developers in one week.


def ranks_of(names):
    """Ranks of developers, the first named with the most tokens; ``other`` has more than any and no place."""
    tokens = {name: 1000 - place for place, name in enumerate(names)}
    return share.author_ranks(platform_of({NOW[-1]: tokens | {"other": 5000}}))


CHINESE_SIX = ["xiaomi", "qwen", "minimax", "z-ai", "deepseek", "stepfun"]


@pytest.mark.parametrize(
    ("names", "verdict"),
    [([*CHINESE_SIX, "openai"], SUPPORTED), (["openai", *CHINESE_SIX], NOT_SUPPORTED)],
)
def test_six_chinese_developers_among_six_decide(names, verdict):
    six = share.chinese_among_largest(ranks_of(names), 6).iloc[-1]
    assert literal("S6", "cn_in_top6", six) == verdict


@pytest.mark.parametrize(
    ("names", "openai", "xiaomi"),
    [([*CHINESE_SIX, "openai"], SUPPORTED, SUPPORTED), (["openai", *CHINESE_SIX], NOT_SUPPORTED, NOT_SUPPORTED)],
)
def test_a_developers_place_decides(names, openai, xiaomi):
    place = ranks_of(names).set_index("author")["rank"]
    assert literal("S8", "rank_of_openai", place["openai"]) == openai
    assert literal("S10", "rank_of_xiaomi", place["xiaomi"]) == xiaomi


# S7 and S11: one week, so many weeks before the last.


@pytest.mark.parametrize(("chinese", "verdict"), [(15, SUPPORTED), (117, NOT_SUPPORTED)])
def test_the_share_of_the_week_a_year_ago_decides(chinese, verdict):
    shares = share.origin_share(platform_of({"2025-05-19": {"deepseek": chinese, "openai": 1000 - chinese}}))
    assert literal("S7", "cn_share_year_ago", shares["CN"].iloc[0]) == verdict


@pytest.mark.parametrize(("american", "verdict"), [(709, SUPPORTED), (397, NOT_SUPPORTED)])
def test_the_american_share_half_a_year_ago_decides(american, verdict):
    week = {"openai": american, "deepseek": 900 - american, "other": 100}
    shares = share.origin_share(platform_of({"2025-11-17": week}))
    assert literal("S11", "us_share_half_year_ago", shares["US"].iloc[0]) == verdict


def test_the_word_for_the_rank_that_the_article_gives_is_that_of_the_register():
    assert number_word(int(CLAIMS["S8"]["rank"].target)) == developers.TOLD_RANK
