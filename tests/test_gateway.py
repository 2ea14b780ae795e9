import pandas as pd
import pytest

from analysis import catalog, provenance
from analysis.measures import gateway
from conftest import PACKAGE

REQUEST = "request 2026-03-30/2026-05-28"


@pytest.fixture(scope="module")
def shares() -> pd.DataFrame:
    """The shares as they were copied by hand, whatever a refresh has made of those in data/ since."""
    return gateway.with_author_origin(*(catalog.load(name, root=PACKAGE) for name in ("gateway_share", "authors")))


def planted(rows: list[tuple[str, str, str, float]], metric: str = "tokens", level: str = "model") -> pd.DataFrame:
    """Rows of date, list, origin and share."""
    frame = pd.DataFrame(rows, columns=["date", "listed", "origin", "share"])
    return frame.assign(date=pd.to_datetime(frame["date"]), metric=metric, level=level)


def test_what_is_not_named_counts_to_the_upper_bound_alone():
    rows = [("CN", 0.2), ("US", 0.4), ("elsewhere", 0.1), ("unknown", 0.05), ("other", 0.25)]
    found = gateway.bounds(planted([("2026-05-20", REQUEST, *row) for row in rows]), "tokens", "model")
    assert found.loc["2026-05-20", ["low", "high"]].tolist() == pytest.approx([0.2, 0.5])


def test_what_a_copy_left_out_counts_as_if_it_might_be_chinese():
    kept = planted([("2026-05-20", "4 labs", "US", 0.97), ("2026-05-20", "4 labs", "CN", 0.01)], level="lab")
    found = gateway.bounds(kept, "tokens", "lab").iloc[0]
    assert (found["low"], found["high"]) == pytest.approx((0.01, 0.03))


def test_where_all_is_named_the_bounds_meet_though_shares_are_rounded():
    whole = planted([("2026-09-13", "all labs", "CN", 0.6), ("2026-09-13", "all labs", "US", 0.400001)])
    found = gateway.bounds(whole, "tokens", "model").iloc[0]
    assert found["low"] == found["high"] == pytest.approx(0.6)


def test_of_many_labs_each_counts_once_and_those_of_unknown_origin_to_the_upper_bound():
    rows = [
        ("CN", 0.3),
        ("CN", 0.2),
        ("US", 0.2),
        ("US", 0.1),
        ("elsewhere", 0.05),
        ("anonymous", 0.1),
        ("unknown", 0.05),
    ]
    labs = [planted([(day, "all labs", *row) for row in rows], level="lab") for day in ("2026-10-01", "2026-10-02")]
    by_model = planted([("2026-10-02", "day", "CN", 0.4), ("2026-10-02", "day", "other", 0.6)])
    found = gateway.best_bounds(pd.concat([*labs, by_model]), "tokens")
    assert found["level"].tolist() == ["lab", "lab"]
    assert found["low"].tolist() == pytest.approx([0.5, 0.5])
    assert found["high"].tolist() == pytest.approx([0.65, 0.65])
    assert [len(part) for part in gateway.lines(found)] == [2]


def test_other_metrics_and_levels_do_not_enter():
    tokens, spend = planted([("2026-05-20", "day", "CN", 0.4)]), planted([("2026-05-20", "day", "CN", 0.1)], "spend")
    both = pd.concat([tokens, spend])
    assert gateway.bounds(both, "tokens", "model")["low"].tolist() == [0.4]
    assert gateway.bounds(both, "tokens", "lab").empty


def test_a_line_joins_only_days_that_follow_each_other_on_lists_of_one_kind():
    listed = ["day", "day", REQUEST, REQUEST, "day", "4 labs", "4 labs", "5 labs", "5 labs"]
    days = pd.DataFrame({"listed": listed, "level": "model"}, index=pd.date_range("2026-09-01", periods=9))
    assert [part.index.day.tolist() for part in gateway.lines(days)] == [[1, 2], [6, 7], [8, 9]]


def test_around_20_may_2026_a_fifth_to_two_fifths_of_tokens_are_chinese_and_at_most_a_36th_of_spend(shares):
    """Source: the exports as copied: DeepSeek V4 Flash and Pro named; all labs but Anthropic, OpenAI and Google."""
    tokens, spend = (gateway.best_bounds(shares, metric).loc["2026-05-20"] for metric in ("tokens", "spend"))
    assert (round(100 * tokens["low"], 1), round(100 * tokens["high"], 1)) == (20.1, 39.8)
    assert (round(100 * spend["low"], 2), round(100 * spend["high"], 2)) == (0.24, 2.75)
    assert (tokens["level"], spend["level"]) == ("model", "lab")


def test_on_the_day_with_all_labs_four_fifths_of_tokens_are_chinese(shares):
    day = gateway.bounds(shares, "tokens", "lab").loc["2026-09-13"]
    assert round(100 * day["low"], 2) == 80.09
    assert day["high"] - day["low"] < 0.001


@pytest.mark.parametrize(
    ("metric", "day", "low", "high"),
    [("tokens", "2026-06-10", 23.77, 83.61), ("tokens", "2026-09-16", 69.86, 85.44), ("spend", "2025-10-01", 0, 34.53)],
)
def test_bounds_by_model_are_those_of_the_table_made_with_the_data(shares, metric, day, low, high):
    found = gateway.bounds(shares, metric, "model").loc[day]
    assert (100 * found["low"], 100 * found["high"]) == pytest.approx((low, high), abs=0.011)


@pytest.mark.parametrize(("day", "low", "high"), [("2026-06-10", 0.28, 3.86), ("2026-08-26", 12.17, 18.60)])
def test_bounds_by_lab_are_those_of_the_table_made_with_the_data(shares, day, low, high):
    found = gateway.bounds(shares, "spend", "lab").loc[day]
    assert (100 * found["low"], 100 * found["high"]) == pytest.approx((low, high), abs=0.006)


def test_every_day_by_model_names_the_whole_of_each_metric(shares):
    sums = shares[shares["level"].eq("model")].groupby(["date", "metric"])["share"].sum()
    assert len(sums) == 33 * 3
    assert sums.between(0.99999, 1.00001).all()


def test_no_line_goes_through_days_whose_names_belong_to_a_request(shares):
    for metric in ("tokens", "spend"):
        parts = gateway.lines(gateway.bounds(shares, metric, "model"))
        assert [part.index.min() for part in parts] == [pd.Timestamp("2026-09-02")]
    spend = gateway.lines(gateway.best_bounds(shares, "spend"))
    lists = [part["listed"].unique().tolist() for part in spend]
    assert lists == [["4 labs"], ["5 labs"], ["day"]]


def test_the_table_carries_its_notice_and_its_caveats():
    assert '© 2026 Vercel. "AI Gateway Leaderboard Data" is licensed under CC BY 4.0.' in provenance.citation(
        "gateway_share", "2026-05-25"
    )
    description = catalog.resource("gateway_share")["description"]
    for caveat in (
        "only bounds may be drawn",
        "revised",
        "unknown, not zero",
        "tokenizer",
        "what customers paid",
        "54 %",
    ):
        assert caveat in description
