import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import catalog
from analysis.measures import calendar, cutoffs, origins, share

WEEK = pd.Timestamp("2026-01-05")
NEXT = pd.Timestamp("2026-01-12")


@pytest.fixture(scope="module")
def people():
    return catalog.load("authors"), catalog.load("anonymous_models")


@pytest.fixture(scope="module")
def models(people):
    return origins.with_origin(calendar.models_by_week(catalog.load("model_week"), catalog.load("model_day")), *people)


@pytest.fixture(scope="module")
def tokens(people):
    return origins.with_origin(catalog.load("author_week"), *people)


# Planted: a made-up platform whose answers are known.


def test_share_of_all_tokens_is_recovered(platform):
    shares = share.origin_share(platform)
    assert shares["CN"].tolist() == [0.4, 0.7]
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1])


def test_share_without_other_is_recovered(platform):
    named = platform[platform["origin"] != "other"]
    assert share.origin_share(named).loc[WEEK, "CN"] == pytest.approx(40 / 90)


def test_pooled_share_weighs_weeks_by_their_tokens(platform):
    assert share.pooled_share(platform, pd.DatetimeIndex([WEEK, NEXT]))["CN"] == pytest.approx(180 / 300)


def test_pooled_share_of_no_weeks_is_missing(platform):
    assert share.pooled_share(platform, pd.DatetimeIndex([])).isna().all()


def test_first_lead_is_recovered_and_bounded_where_there_is_none(platform):
    weekly = share.origin_tokens(platform)
    assert share.first_lead(weekly)["value"] == NEXT
    before = share.first_lead(weekly[:1])
    assert pd.isna(before["value"])
    assert before["low"] == NEXT


def test_a_tie_is_no_lead():
    weekly = pd.DataFrame({"CN": [5], "US": [5]}, index=[WEEK])
    assert pd.isna(share.first_lead(weekly)["value"])


def test_growth_is_recovered(platform):
    change = share.growth(share.origin_tokens(platform))
    assert change.loc[NEXT, ["CN", "US"]].tolist() == pytest.approx([2.5, -0.2])
    assert change.loc[WEEK].isna().all()


def test_growth_compares_a_partial_week_by_its_days(platform):
    days = pd.Series([5, 7], index=[WEEK, NEXT])
    change = share.growth(share.origin_tokens(platform), days)
    assert change.loc[NEXT, "CN"] == pytest.approx((140 / 7) / (40 / 5) - 1)


def test_growth_over_a_missing_week_is_missing_not_taken_from_an_earlier_one():
    weekly = pd.DataFrame({"CN": [1, 2]}, index=pd.to_datetime(["2026-01-05", "2026-01-19"]))
    assert share.growth(weekly)["CN"].isna().all()


def test_growth_from_nothing_is_missing():
    weekly = pd.DataFrame({"CN": [0, 2]}, index=[WEEK, NEXT])
    assert share.growth(weekly)["CN"].isna().all()


def test_ranks_are_recovered_and_leave_out_what_is_no_author(platform):
    ranks = share.author_ranks(platform)
    assert ranks[ranks["week_start"].eq(WEEK)]["author"].tolist() == ["openai", "qwen", "deepseek"]
    assert ranks.loc[ranks["week_start"].eq(NEXT), "share"].tolist() == [0.35, 0.35, 0.2]


def test_concentration_is_recovered(platform):
    concentration = share.herfindahl(platform)
    assert concentration.loc[WEEK, "CN"] == pytest.approx(0.75**2 + 0.25**2)
    assert concentration.loc[NEXT, "CN"] == pytest.approx(0.5)
    assert concentration["US"].tolist() == [1, 1]


def test_what_the_unattributed_would_have_to_be_is_recovered(platform):
    shares = share.origin_share(platform)
    assert share.unattributed_needed(shares.loc[WEEK], 0.45) == pytest.approx(0.5)
    assert share.unattributed_needed(shares.loc[WEEK], 0.6) == pytest.approx(2.0)
    assert share.unattributed_needed(shares.loc[NEXT], 0.6) < 0


def test_the_attribution_band_is_recovered(platform):
    band = share.attribution_band(share.origin_tokens(platform), weeks=2)
    assert band.index.tolist() == [NEXT]
    assert band.iloc[0].tolist() == pytest.approx([180 / 300, 210 / 300])


@pytest.fixture
def chart():
    """Five models of 50, 30, 10, 6 and 4 tokens, and a sum of the rest; Chinese are the first, third and fifth."""
    return pd.DataFrame(
        {
            "week_start": WEEK,
            "model_permaslug": ["qwen/a", "openai/b", "qwen/c:free", "openai/d", "z-ai/e", "other"],
            "author": ["qwen", "openai", "qwen", "openai", "z-ai", "other"],
            "origin": ["CN", "US", "CN", "US", "CN", "other"],
            "ranked": [True] * 5 + [False],
            "total_tokens": [50, 30, 10, 6, 4, 100],
        }
    )


def test_share_by_cutoff_is_recovered(chart):
    curve = cutoffs.share_by_cutoff(chart, pd.DatetimeIndex([WEEK]))
    assert curve["CN"].tolist() == pytest.approx([1, 50 / 80, 60 / 90, 60 / 96, 64 / 100])


def test_share_by_cutoff_ends_where_one_of_the_weeks_has_no_more_models(chart):
    shorter = chart.head(2).assign(week_start=NEXT)
    curve = cutoffs.share_by_cutoff(pd.concat([chart, shorter]), pd.DatetimeIndex([WEEK, NEXT]))
    assert curve.index.tolist() == [1, 2]
    assert curve.loc[2, "CN"] == pytest.approx(100 / 160)


def test_the_grid_of_cutoffs_agrees_with_the_curve(chart):
    grid = cutoffs.cutoff_grid(chart, chart, [1, 3, 50])
    assert grid.index.tolist() == ["1 largest", "3 largest", "50 largest", "top 50 by author", "all"]
    assert grid[WEEK].dropna().tolist() == pytest.approx([1, 60 / 90, 0.64, 0.32])
    assert grid.loc["50 largest"].isna().all()


def test_a_week_that_does_not_rank_n_models_has_no_n_largest(chart):
    assert len(share.largest_models(chart, 5)) == 5
    assert share.largest_models(chart, 6).empty


def test_growth_looks_back_as_far_as_asked():
    weekly = pd.DataFrame({"CN": [1, 2, 6]}, index=pd.date_range(WEEK, periods=3, freq="7D"))
    assert share.growth(weekly, weeks=2)["CN"].iloc[-1] == pytest.approx(5)
    assert share.growth(weekly, weeks=1)["CN"].iloc[-1] == pytest.approx(2)


def test_the_smallest_of_values_is_only_bounded_while_one_is_missing():
    assert share.least(pd.Series([0.1, -0.2]))["value"] == -0.2
    assert share.least(pd.Series([0.1, np.nan]))["high"] == 0.1
    assert np.isnan(share.least(pd.Series([0.1, np.nan]))["value"])
    assert np.isnan(share.least(pd.Series(dtype=float))["high"])


def test_the_last_run_of_weeks_stops_at_a_gap_and_at_n():
    weeks = pd.DatetimeIndex(
        [*pd.date_range("2025-06-16", periods=4, freq="7D"), *pd.date_range(WEEK, periods=3, freq="7D")]
    )
    assert calendar.last_run(weeks, 26).equals(weeks[-3:])
    assert calendar.last_run(weeks, 2).equals(weeks[-2:])
    assert calendar.last_run(weeks[:4], 26).equals(weeks[:4])
    assert calendar.last_run(weeks[:0], 4).empty


def test_chinese_among_the_largest_are_counted(platform, chart):
    assert share.chinese_among_largest(share.author_ranks(platform), 2).tolist() == [1, 2]
    assert share.chinese_among_largest(chart[chart["ranked"]], 3).tolist() == [2]


def test_tokens_of_one_model_add_up_its_variants(chart):
    assert share.model_tokens(chart, "qwen/c").tolist() == [10]
    both = pd.concat([chart, chart.head(1).assign(model_permaslug="qwen/c")])
    assert share.model_tokens(both, "qwen/c").tolist() == [60]


def test_free_share_is_recovered(chart):
    free = share.free_share(chart)
    assert free.loc[WEEK, ("CN", "free")] == pytest.approx(10 / 200)
    assert free.loc[WEEK, ("CN", "paid")] == pytest.approx(54 / 200)
    assert free.loc[WEEK, ("US", "free")] == 0


def test_weights_share_takes_open_closed_and_unknown_apart(chart):
    weights = pd.DataFrame({"model": ["qwen/a", "qwen/c"], "weights": ["closed", "open"], "open_from": pd.NaT})
    shares = share.weights_share(chart, weights, pd.DatetimeIndex([WEEK]))
    assert shares.to_dict() == pytest.approx({"open": 0.05, "closed": 0.25, "unknown": 0.02})


@pytest.mark.parametrize(("since", "expected"), [("2026-01-05", 0.05), ("2026-01-06", 0.0)])
def test_weights_published_in_the_course_of_a_week_count_from_the_next(chart, since, expected):
    weights = pd.DataFrame({"model": ["qwen/c"], "weights": ["open"], "open_from": pd.to_datetime([since])})
    assert share.weights_share(chart, weights, pd.DatetimeIndex([WEEK]))["open"] == pytest.approx(expected)


def test_weights_by_week_count_a_model_as_open_from_the_week_after_its_release():
    weeks = pd.to_datetime(["2026-01-05", "2026-01-12"])
    models = pd.DataFrame({"week_start": weeks.repeat(2), "model_permaslug": ["a/x", "b/y"] * 2})
    models = models.assign(origin=["CN", "US"] * 2, total_tokens=[1, 3, 3, 1])
    weights = pd.DataFrame({"model": ["a/x"], "weights": ["open"], "open_from": pd.to_datetime(["2026-01-07"])})
    by_week = share.weights_by_week(models, weights)
    expected = pd.DataFrame({"open": [0, 0.75], "closed": [0.25, 0], "unknown": [0.0, 0.0]}, weeks)
    pd.testing.assert_frame_equal(by_week, expected.rename_axis("week_start"), check_freq=False)


def test_days_make_a_week_only_if_there_are_seven():
    days = pd.DataFrame(
        {"date": pd.date_range("2026-01-05", "2026-01-17"), "model_permaslug": "qwen/a", "total_tokens": 10}
    )
    weekly = pd.DataFrame({"week_start": [], "model_permaslug": [], "total_tokens": []})
    weeks = calendar.models_by_week(weekly.astype({"week_start": "datetime64[us]", "total_tokens": "int64"}), days)
    assert weeks[["week_start", "total_tokens"]].to_numpy().tolist() == [[WEEK, 70]]


def test_a_week_that_both_tables_hold_is_taken_once():
    days = pd.DataFrame({"date": pd.date_range(WEEK, periods=7), "model_permaslug": "qwen/a", "total_tokens": 10})
    weekly = pd.DataFrame({"week_start": [WEEK], "model_permaslug": ["qwen/a"], "total_tokens": [71]})
    assert calendar.models_by_week(weekly, days)["total_tokens"].tolist() == [71]


def test_sums_of_models_hold_no_rank():
    weekly = pd.DataFrame(
        {"week_start": WEEK, "model_permaslug": ["qwen/a", "qwen/~below-top-30", "other"], "total_tokens": [1, 9, 9]}
    )
    empty = pd.DataFrame({"date": pd.to_datetime([]), "model_permaslug": pd.Series(dtype="str"), "total_tokens": []})
    weeks = calendar.models_by_week(weekly, empty.astype({"total_tokens": "int64"}))
    assert weeks["ranked"].tolist() == [True, False, False]


ANONYMOUS = pd.DataFrame(
    {
        "week_start": [WEEK, NEXT, NEXT],
        "author": ["stealth", "stealth", "somebody-new"],
        "total_tokens": [1, 1, 1],
    }
)
AUTHORS = pd.DataFrame({"author": ["stealth"], "kind": ["anonymous"], "country": [""]})


@pytest.mark.parametrize(
    ("country", "how", "expected"),
    [
        ("CN", "separate", ["anonymous", "anonymous", "unknown"]),
        ("CN", "CN", ["CN", "CN", "unknown"]),
        ("CN", "US", ["US", "US", "unknown"]),
        ("CN", "revealed", ["CN", "anonymous", "unknown"]),
        ("NZ", "revealed", ["elsewhere", "anonymous", "unknown"]),
        ("", "revealed", ["anonymous", "anonymous", "unknown"]),
    ],
)
def test_anonymous_models_move_as_the_parameter_says(country, how, expected):
    identities = pd.DataFrame({"author": ["stealth"], "first_week": [WEEK], "last_week": [WEEK], "country": [country]})
    assert origins.with_origin(ANONYMOUS, AUTHORS, identities, how)["origin"].tolist() == expected


def test_the_sum_of_the_rest_and_hidden_authors_are_not_named():
    rows = pd.DataFrame({"week_start": WEEK, "author": ["qwen", "openrouter", "other"], "total_tokens": 1})
    counted = origins.with_origin(rows, catalog.load("authors"), catalog.load("anonymous_models"))
    assert counted["named"].tolist() == [True, False, False]
    assert counted["origin"].tolist() == ["CN", "anonymous", "other"]


def test_a_model_that_counts_as_chinese_still_holds_no_rank_of_authors():
    identities = pd.DataFrame({"author": [], "first_week": [], "last_week": [], "country": []})
    counted = origins.with_origin(ANONYMOUS, AUTHORS, identities, "CN")
    assert counted["named"].tolist() == [False, False, True]


def test_implied_totals_hold_the_true_total_within_their_rounding():
    true_total, tokens = 20e12, np.array([4.213e12, 1.071e12])
    printed = pd.DataFrame(
        {
            "provider": ["a", "b"],
            "total_tokens": tokens.round(-10),
            "tokens_half_unit": 5e9,
            "share": (tokens / true_total).round(3),
            "share_half_unit": 0.0005,
        }
    )
    implied = share.implied_totals(printed)
    assert implied["low"].le(true_total).all()
    assert implied["high"].ge(true_total).all()


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=40), st.data())
def test_share_by_cutoff_is_a_share_for_any_platform_and_ends_at_the_share_of_all(counts, data):
    drawn = data.draw(st.lists(st.sampled_from(origins.CODES), min_size=len(counts), max_size=len(counts)))
    models = pd.DataFrame({"week_start": WEEK, "origin": drawn, "ranked": True, "total_tokens": counts})
    curve = cutoffs.share_by_cutoff(models, pd.DatetimeIndex([WEEK]))
    assert np.allclose(curve.sum(axis=1), 1)
    assert np.allclose(curve.iloc[-1], share.origin_share(models).iloc[0])


# Real: published figures, and what the sources say of themselves.


def test_the_nine_largest_models_give_the_weekly_totals_of_2026_02_09(models):
    """Source: the issue that asked for this check; 4.12T Chinese and 2.93T US tokens are the figures in circulation."""
    week = share.origin_tokens(share.largest_models(models, 9)).loc["2026-02-09"]
    assert round(week["CN"] / 1e12, 2) == 4.12
    assert round(week["US"] / 1e12, 2) == 2.93


def test_the_nine_largest_models_give_the_growth_that_the_article_states(models):
    """Source: the article, "surged 81.7% week-over-week while US model usage dropped 34.6%" (data: -34.7 %)."""
    change = share.growth(share.origin_tokens(share.largest_models(models, 9))).loc["2026-04-27"]
    assert round(100 * change["CN"], 1) == 81.7
    assert round(100 * change["US"], 1) == -34.7


def test_among_the_nine_largest_china_leads_first_on_2026_02_09_and_is_behind_in_two_weeks_of_april(models):
    """Weeks that were missing by model, 2026-02-23, 04-13 and 04-20 among them, are all there now."""
    weekly = share.origin_tokens(share.largest_models(models, 9))
    lead = weekly["CN"] - weekly["US"]
    assert share.first_lead(weekly.loc["2026-01-26":])["value"] == pd.Timestamp("2026-02-09")
    assert lead["2026-02-23"] < 0
    april = lead[calendar.weeks_of_month("2026-04")]
    assert [f"{week:%m-%d}" for week in april.index[april < 0]] == ["04-13", "04-20"]


def test_every_week_from_2026_01_26_to_2026_09_21_is_known_by_model(models):
    weeks = pd.date_range("2026-01-26", "2026-09-21", freq="7D")
    assert len(weeks) == 35
    assert weeks.isin(models["week_start"]).all()


def test_all_tokens_do_not_give_it(tokens):
    change = share.growth(share.origin_tokens(tokens)).loc["2026-04-27"]
    assert change["CN"] < 0.5
    assert change["US"] > -0.2


def test_author_weeks_equal_model_weeks_to_the_token():
    by_author = catalog.load("author_week").groupby("week_start")["total_tokens"].sum()
    by_model = catalog.load("model_week").groupby("week_start")["total_tokens"].sum()
    assert len(by_model) == 15
    pd.testing.assert_series_equal(by_author[by_model.index], by_model)


def test_weeks_made_of_days_equal_author_weeks_to_the_token_but_for_two_that_were_restated(tokens, models):
    made = models[~models["week_start"].isin(catalog.load("model_week")["week_start"])]
    by_day = made.groupby("week_start")["total_tokens"].sum().drop(pd.to_datetime(["2026-06-08", "2026-06-15"]))
    assert len(by_day) == 22
    assert by_day.equals(tokens.groupby("week_start")["total_tokens"].sum()[by_day.index])


def test_every_author_of_the_tokens_is_in_the_table_of_authors(models, tokens):
    known = set(catalog.load("authors")["author"])
    assert set(tokens["author"]) | set(models["author"]) <= known


def test_all_rows_of_a_week_have_the_same_number_of_days():
    assert catalog.load("author_week").groupby("week_start")["days_observed"].nunique().eq(1).all()


def test_no_week_is_missing():
    weeks = pd.DatetimeIndex(catalog.load("author_week")["week_start"].unique()).sort_values()
    assert weeks.equals(pd.DatetimeIndex(pd.date_range(weeks[0], weeks[-1], freq="7D")))


def test_every_week_with_fewer_than_seven_days_is_named_in_the_caveat():
    days = calendar.observed_days(catalog.load("author_week"))
    caveat = catalog.resource("author_week")["description"]
    assert {f"{week:%Y-%m-%d}" for week in days.index[days < 7]} == {"2024-12-30", "2025-06-09", "2025-07-14"}
    assert all(f"{week:%Y-%m-%d}" in caveat for week in days.index[days < 7])
