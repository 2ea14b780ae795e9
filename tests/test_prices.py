import json
from datetime import datetime
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from analysis import NOTEBOOKS, InputError, catalog
from analysis.measures import bills, capability, evaluations, ladders, origins, prices, saving
from analysis.measures.prices import KINDS, Mix
from analysis.prose import escaped
from analysis.run import execute
from analysis.run.records import committed

ACTIVITY = Path(__file__).parent / "data" / "made_up_activity.json"


@pytest.fixture(scope="module")
def table():
    return catalog.load("prices")


def book_of(rows: dict[str, tuple[float, float, float, str]]) -> pd.DataFrame:
    """Price book from model to prompt, cached and completion price and origin."""
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[*KINDS, "origin"])
    return frame.assign(vendor=frame.index.str.split("/").str[0], cache_listed=True)


# Planted


@pytest.fixture
def book():
    """A Chinese model at a tenth of a US one, a dearer and better one, a free one, and a US one nobody scored."""
    return book_of(
        {
            "us/best": (10.0, 1.0, 50.0, "US"),
            "us/unscored": (5.0, 0.5, 25.0, "US"),
            "cn/cheap": (1.0, 0.1, 5.0, "CN"),
            "cn/good": (4.0, 0.4, 20.0, "CN"),
            "cn/free": (0.0, 0.0, 0.0, "CN"),
        }
    )


SCORES = pd.Series({"us/best": 150.0, "cn/cheap": 140.0, "cn/good": 151.0, "cn/free": 155.0})


def test_a_tenth_of_the_price_is_a_ratio_of_ten_at_every_mix(book):
    mixes = prices.mix_table({(r, c): Mix.from_ratio(r, c) for r in (0.1, 3, 100) for c in (0, 0.5, 1)})
    assert np.allclose(prices.price_ratios(book, ["us/best"], ["cn/cheap"], mixes), 10)


def test_a_free_model_is_never_a_denominator_and_a_missing_one_is_listed(book):
    mixes = prices.mix_table({0: Mix.from_ratio(3)})
    ratios = prices.price_ratios(book, ["us/best", "us/gone"], ["cn/free", "cn/cheap"], mixes)
    assert ratios.loc[0].notna().to_dict() == {
        ("us/best", "cn/free"): False,
        ("us/best", "cn/cheap"): True,
        ("us/gone", "cn/free"): False,
        ("us/gone", "cn/cheap"): False,
    }
    assert prices.unpriced(book, ["us/best", "us/gone"]) == ["us/gone"]


@given(st.floats(0.01, 1000), st.floats(0, 1))
def test_a_mix_sums_to_one_and_keeps_its_ratio(ratio, cached):
    mix = Mix.from_ratio(ratio, cached)
    assert mix.prompt + mix.cached + mix.completion == pytest.approx(1)
    assert (mix.prompt + mix.cached) / mix.completion == pytest.approx(ratio)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100), st.floats(0.01, 1000), st.floats(0, 1))
def test_a_blended_price_is_the_bill_of_a_workload_over_its_tokens(prompt, cached, completion, ratio, share):
    """A million completion tokens: ``ratio`` million of prompt, of which ``share`` come from a cache."""
    book = book_of({"a/b": (prompt, cached, completion, "US")})
    blended = prices.blended_prices(book, prices.mix_table({0: Mix.from_ratio(ratio, share)})).loc["a/b", 0]
    bill = ratio * (1 - share) * prompt + ratio * share * cached + completion
    assert blended == pytest.approx(bill / (1 + ratio))


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (-0.5, 0.5, 1.0)])
def test_shares_that_are_no_mix_are_refused(shares):
    with pytest.raises(InputError, match="The shares of a mix must be 0 or more and sum to 1"):
        Mix(*shares)


def test_the_ladder_gives_the_cheapest_price_at_each_capability(book):
    ladder = ladders.price_ladder(book, SCORES, Mix(1, 0, 0))
    assert ladder.loc[140].tolist() == [1.0, 10.0]
    assert ladder.loc[150].tolist() == [4.0, 10.0]
    assert ladder.loc[151, "CN"] == 4.0
    assert np.isnan(ladder.loc[151, "US"])
    assert ladders.cheapest_at(ladder, 145)["CN"] == 4.0
    assert ladders.cheapest_at(ladder, 999).isna().all()


def test_tokens_move_to_the_cheapest_equal_and_what_has_none_stays(book):
    work = pd.DataFrame({"prompt": [1e6, 1e6], "cached": 0.0, "completion": 0.0}, index=["us/best", "us/unscored"])
    costs = saving.replacements(work, book, SCORES, "CN")
    assert costs["own_usd"].tolist() == [10.0, 5.0]
    assert costs["replacement"].fillna("none").tolist() == ["cn/good", "none"]
    assert costs["replacement_usd"].tolist()[0] == 4.0
    assert saving.saving(costs) == pytest.approx(1 - (4 + 5) / 15)


@given(st.lists(st.floats(0, 200), min_size=4, max_size=4), st.floats(0.1, 30))
def test_a_draw_of_scores_saves_what_the_replacements_save(scores, chinese):
    prices_of = {"us/a": 10.0, "us/b": 2.0, "cn/a": chinese, "cn/b": 4.0}
    made = pd.DataFrame({"prompt": prices_of, "completion": prices_of})
    made = made.assign(cached=0.0, origin=["US", "US", "CN", "CN"])
    fit, tokens, mix = pd.Series(scores, index=made.index), pd.Series({"us/a": 1e6, "us/b": 3e6}), Mix(0.5, 0, 0.5)
    found = saving.saving_at_equal(tokens, 1.0, mix, made, fit.to_frame())
    assert found == pytest.approx([saving.saving(saving.move(tokens, mix, made, fit))])
    assert found[0] >= 0


def test_the_largest_ratio_is_sought_from_a_capability_up_and_may_lie_below_one():
    rows = {"cn/weak": 1.0, "cn/good": 2.0, "us/weak": 9.0, "us/good": 4.0, "us/best": 1.0}
    made = pd.DataFrame({"prompt": rows, "completion": rows}).assign(cached=0.0, origin=["CN", "CN", "US", "US", "US"])
    scores = pd.DataFrame({0: [130.0, 150.0, 130.0, 140.0, 160.0], 1: [130.0, 150.0, 130.0, 150.0, 120.0]}, made.index)
    # In the first column the best US model, the cheapest, serves every capability; in the second it is the weakest.
    assert ladders.ratio_at_equal(made, scores, Mix(1, 0, 0)).tolist() == [0.5, 2.0]
    weak, good = made.loc[["cn/weak"]], made.loc[["cn/good"]]
    assert ladders.largest_ratio_above(made, weak, scores, Mix(1, 0, 0)).tolist() == [1.0, 4.0]
    assert ladders.largest_ratio_above(made, good, scores, Mix(1, 0, 0)).tolist() == [0.5, 2.0]


def test_a_dearer_equal_saves_nothing(book):
    work = pd.DataFrame({"prompt": [1e6], "cached": 0.0, "completion": 0.0}, index=["cn/cheap"])
    costs = saving.replacements(work, book, SCORES, "US")
    assert costs["replacement"].tolist() == ["us/best"]
    assert saving.saving(costs) == 0


def test_a_bill_is_never_made_dearer_by_a_swap():
    usd, equal = pd.Series([100.0, 50.0, 20.0]), pd.Series([10.0, 80.0, np.nan])
    found = bills.bill(usd, equal)
    assert (found.spent, found.after, found.without_equal, found.saved) == (170.0, 80.0, 20.0, 90.0)
    assert bills.bill(usd, usd + 1).saved == 0


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=8))
def test_no_usage_costs_more_after_the_swaps(rows):
    usd, equal = (pd.Series(column) for column in zip(*rows, strict=True))
    assert bills.bill(usd, equal.mask(equal > 900)).after <= usd.sum() + 1e-9


def test_the_noise_of_scores_widens_an_interval_that_always_holds_each_fit():
    fits = [pd.Series({"us/best": 150.0, "cn/good": 150.1}), pd.Series({"us/best": 150.0, "cn/good": 150.2})]

    def lead(scores: pd.DataFrame) -> pd.Series:
        return scores.loc["cn/good"] - scores.loc["us/best"]

    assert ladders.span(lead, fits, noise=0.0) == pytest.approx((0.1, 0.2))
    low, high = ladders.span(lead, fits, noise=0.5, draws=2000)
    # The difference of two scores has an error of 0.5 times the root of two; 1.96 of them on either side.
    assert (low, high) == pytest.approx((0.1 - 1.386, 0.2 + 1.386), abs=0.1)
    assert ladders.span(lead, fits, 0.5) == ladders.span(lead, fits, 0.5)


def test_an_interval_that_no_draw_can_tell_has_no_ends():
    assert np.isnan(ladders.span(lambda scores: scores.loc["a"] * np.nan, [pd.Series({"a": 1.0})], 0.5)).all()


def test_tokens_of_a_model_without_a_slug_are_not_covered_and_count_in_no_average():
    tokens = pd.DataFrame(
        {"model": ["cn/cheap", None, "us/best"], "free": False, "total_tokens": [1, 3, 2], "origin": ["CN", "CN", "US"]}
    )
    blended = pd.Series({"cn/cheap": 1.0, "us/best": 10.0})
    assert saving.saving_at_listings(tokens, blended, least_covered=0.25) == pytest.approx(0.9)
    assert np.isnan(saving.saving_at_listings(tokens, blended))
    assert saving.covered_share(tokens, blended, "CN") == 0.25
    assert np.isnan(saving.covered_share(tokens.iloc[:0], blended, "CN"))


def test_saving_at_list_weighs_prices_by_tokens(book):
    blended = prices.blended_prices(book, prices.mix_table({0: Mix(1, 0, 0)}))[0]
    us, cn = pd.Series({"us/best": 1.0, "us/unscored": 1.0}), pd.Series({"cn/cheap": 3.0, "cn/good": 1.0})
    assert saving.saving_at_list(us, cn, blended) == pytest.approx(1 - 1.75 / 7.5)


def test_a_flagship_is_each_vendors_most_capable_model_on_sale(book):
    assert ladders.most_capable(book, SCORES, "US") == ["us/best"]
    assert ladders.most_capable(book, SCORES, "CN") == ["cn/free"]


def test_a_day_without_prices_has_no_flagship_and_no_ladder(book):
    assert ladders.most_capable(book.iloc[:0], SCORES, "US") == []
    assert ladders.price_ladder(book.iloc[:0], SCORES, Mix(1, 0, 0)).empty


def test_a_thousand_mixes_times_all_pairs_are_one_array(table):
    book = prices.price_book(table, "2026-05-25")
    mixes = prices.mix_table({i: Mix.from_ratio(0.01 + i, i / 1000) for i in range(1000)})
    us, cn = (book.index[book["origin"].eq(origin)].tolist() for origin in ("US", "CN"))
    ratios = prices.price_ratios(book, us, cn, mixes)
    assert ratios.shape == (1000, len(us) * len(cn))
    pair = ("anthropic/claude-opus-4.6", "minimax/minimax-m2.5")
    # 500.01 prompt tokens for each completion token, half of them cached; list prices 5, 0.5, 25 and 0.3, 0.03, 1.2.
    opus = 250.005 * 5 + 250.005 * 0.5 + 25
    minimax = 250.005 * 0.3 + 250.005 * 0.03 + 1.2
    assert ratios.loc[500, pair] == pytest.approx(opus / minimax)


# Real


def test_the_article_s_seventeen_times_and_its_daily_costs(table):
    """Source: vendors' list prices: Opus 4.6 5/25, MiniMax M2.5 0.30/1.20, DeepSeek V3.2 0.28/0.42 USD per million."""
    book = prices.price_book(table, "2026-05-25")
    mixes = prices.mix_table({"in": Mix(1, 0, 0), "out": Mix(0, 0, 1), "3:1": Mix.from_ratio(3)})
    ratio = prices.price_ratios(book, ["anthropic/claude-opus-4.6"], ["minimax/minimax-m2.5"], mixes).iloc[:, 0]
    assert ratio.round(1).to_dict() == {"in": 16.7, "out": 20.8, "3:1": 19.0}
    sold = prices.price_book(table, prices.last_on_sale(table, "deepseek/deepseek-v3.2", "2026-05-25"))
    daily = 5 * prices.blended_prices(pd.concat([book, sold])[KINDS].groupby(level=0).first(), mixes)["3:1"]
    assert daily["anthropic/claude-opus-4.6"] == pytest.approx(50.0)
    assert daily["deepseek/deepseek-v3.2"] == pytest.approx(1.575)
    assert "deepseek/deepseek-v3.2" not in book.index


def test_the_article_s_single_prices_are_of_different_kinds(table):
    """Source: $125 and $0.70 for five million tokens are $25 and $0.14 for one million."""
    told = table[table["price_basis"].eq("first_party")]
    claude, deepseek = prices.single_prices(told, "anthropic", 25.0), prices.single_prices(told, "deepseek", 0.14)
    assert claude["kind"].tolist() == ["completion"]
    assert "claude-opus-4.6" in claude["models"][0]
    assert "deepseek-v4-flash" in deepseek.set_index("kind")["models"]["prompt"]
    assert "deepseek-v3.2" not in "".join(deepseek["models"])


def test_the_two_evaluation_runs_of_the_article_are_in_the_table():
    runs = origins.with_country_origin(catalog.load("task_cost", "2026-05-25"))
    found = runs[runs["cost_usd"].round().isin([4811, 544])].set_index("origin")
    assert found["model"].str.split(" ").str[:2].to_dict() == {
        "US": ["Claude", "Opus"],
        "CN": ["GLM-5.1", "(Reasoning)"],
    }
    same = runs[runs["date"].eq(found["date"]["CN"]) & runs["benchmark"].eq(found["benchmark"]["CN"])]
    rival = evaluations.cheapest_run(same, "US", found["score"]["CN"])
    assert (rival["model"], rival["cost_usd"], rival["score"]) == ("Grok 4.3", 395.17, 53.2)


AGREE = [
    ("anthropic/claude-opus-4.6", "anthropic", "claude-opus-4-6", "2026-05-25"),
    ("anthropic/claude-opus-5.5", "anthropic", "claude-opus-5-5", "2026-11-10"),
    ("openai/gpt-5.4", "openai", "gpt-5.4", "2026-05-25"),
    ("openai/gpt-5.5", "openai", "gpt-5.5", "2026-05-25"),
    ("google/gemini-3.1-pro-preview", "google", "gemini-3.1-pro-preview", "2026-05-25"),
    ("x-ai/grok-4.3", "x-ai", "grok-4.3", "2026-05-25"),
    ("z-ai/glm-5.1", "zai", "glm-5.1", "2026-05-25"),
    ("moonshotai/kimi-k2.6", "moonshotai", "kimi-k2.6", "2026-05-25"),
    ("minimax/minimax-m2.5", "minimax", "MiniMax-M2.5", "2026-05-25"),
    ("deepseek/deepseek-v4-pro", "deepseek", "deepseek-v4-pro", "2026-05-25"),
    ("deepseek/deepseek-v4-flash", "deepseek", "deepseek-v4-flash", "2026-05-25"),
]
DIFFER = {
    ("deepseek/deepseek-v3.2", "deepseek", "deepseek-chat", "2026-03-01"): "it keeps one price, 0.27/1.10, for the "
    "alias deepseek-chat, which pointed to V3.2 at 0.28/0.42 by then",
    ("anthropic/claude-3.5-haiku", "anthropic", "claude-3-5-haiku-latest", "2025-01-10"): "it has the later price, "
    "0.80/4.00, without the 1.00/5.00 of the first months",
}


def cost_elsewhere(vendor: str, model: str, day: str) -> float:
    """Cost of 30,000 prompt and 10,000 completion tokens by genai-prices."""
    moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    usage = Usage(input_tokens=30_000, output_tokens=10_000)
    return float(calc_price(usage, model_ref=model, provider_id=vendor, genai_request_timestamp=moment).total_price)


def cost_here(table: pd.DataFrame, model: str, day: str) -> float:
    blended = prices.blended_prices(prices.price_book(table, day), prices.mix_table({0: Mix.from_ratio(3)}))
    return 0.04 * blended.loc[model, 0]


@pytest.mark.parametrize(("model", "vendor", "name", "day"), AGREE)
def test_costs_agree_with_an_independent_library(table, model, vendor, name, day):
    assert cost_here(table, model, day) == pytest.approx(cost_elsewhere(vendor, name, day))


@pytest.mark.parametrize(("model", "vendor", "name", "day"), DIFFER)
def test_where_that_library_s_history_is_wrong_it_still_is(table, model, vendor, name, day):
    assert cost_here(table, model, day) != pytest.approx(cost_elsewhere(vendor, name, day)), "take it off the list"


def test_a_model_that_a_later_fit_leaves_out_keeps_its_earlier_score():
    day = "2026-11-10"
    july = capability.capability_fit(catalog.load("capability", day), "2026-07-01")[1]
    fit, september = capability.capability_fit(catalog.load("capability", day), day)
    assert fit == pd.Timestamp("2026-09-30")
    assert set(july.index) < set(september.index)
    assert september["anthropic/claude-haiku-4.5"] == july["anthropic/claude-haiku-4.5"]
    assert september["x-ai/grok-4.20"] != july["x-ai/grok-4.20"]


def test_the_cheapest_price_never_falls_as_the_capability_asked_for_rises():
    cells = {cell.id: cell for cell in nbformat.read(NOTEBOOKS / "02_price_gap.ipynb", as_version=4).cells}
    for name, columns in (("p7-frontier-table", 6), ("flip-level", 2)):
        body = BeautifulSoup(cells[name].outputs[0].data["text/html"], "html.parser").find("tbody")
        rows = [[cell.text for cell in row.find_all(["th", "td"])] for row in body.find_all("tr")]
        table = pd.DataFrame(rows).replace("–", "nan").astype(float).set_index(0).iloc[:, :columns]
        assert len(table) >= 10
        assert table.index.is_monotonic_increasing
        assert table.apply(lambda column: column.dropna().is_monotonic_increasing).all()
        assert table.isna().apply(lambda missing: missing.is_monotonic_increasing).all()


def test_every_slug_of_the_other_tables_has_a_price_on_some_basis(table):
    priced = set(table["model"])
    assert set(catalog.load("capability")["model"]) - {""} <= priced
    assert set(catalog.load("model_slugs")["model"]) <= priced


def test_a_book_charges_the_prompt_price_for_cached_tokens_where_no_cache_price_is_listed(table):
    book = prices.price_book(table, "2026-05-25")
    without = book[~book["cache_listed"]]
    assert len(without) > 5
    assert without["cached"].equals(without["prompt"])
    assert book.loc["anthropic/claude-opus-4.6", "cached"] == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("day", ["2023-11-21", "2025-03-03"])
def test_before_its_data_begin_the_notebook_says_so_and_nothing_is_nan(tmp_path, day):
    run = execute.Run(NOTEBOOKS / "02_price_gap.ipynb", tmp_path, {"as_of": day})
    record = execute.execute_one(run)
    assert record.is_ok, record.error
    assert record.verdict("P3").verdict == "not checkable"
    cells = nbformat.read(run.output, as_version=4).cells
    texts = [o.data.get("text/markdown", "") for cell in cells for o in cell.get("outputs", []) if "data" in o]
    assert not [text for text in texts if "nan" in text.split()]


# Broken


def interval(start: str, end: str | None, model: str = "a/b") -> dict:
    return {
        "model": model,
        "price_basis": "first_party",
        "effective_from": pd.Timestamp(start),
        "effective_to": pd.Timestamp(end) if end else pd.NaT,
    }


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([interval("2026-01-01", "2025-12-01")], "from 2026-01-01 ends before it starts"),
        ([interval("2026-01-01", "2026-01-01")], "from 2026-01-01 ends before it starts"),
        ([interval("2026-01-01", "2026-03-01"), interval("2026-02-01", None)], "from 2026-01-01 overlaps the next one"),
        ([interval("2026-01-01", None), interval("2026-02-01", None)], "from 2026-01-01 overlaps the next one"),
    ],
)
def test_intervals_that_overlap_or_are_reversed_are_refused_by_model(rows, problem):
    other = interval("2026-01-01", None, model="c/d")
    with pytest.raises(InputError, match=f"The first_party price of a/b {problem}: correct its dates"):
        prices.check_intervals(pd.DataFrame([other, *rows]))


def test_intervals_that_touch_and_the_table_itself_are_fine(table):
    prices.check_intervals(pd.DataFrame([interval("2026-01-01", "2026-02-01"), interval("2026-02-01", None)]))
    prices.check_intervals(table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"usage": "a lot"}, "row 2, column usage: expected a valid number; found 'a lot'"),
        ({"prompt_tokens": -5}, "row 2, column prompt_tokens: the least allowed is 0; found '-5'"),
        ({"completion_tokens": 1.5}, "row 2, column completion_tokens: expected a valid integer; found '1.5'"),
        ({"date": "21 May"}, "row 2, column date: expected a valid date; found '21 May'"),
        ({"model": None}, "row 2, column model: a value is required; found ''"),
        ({"date": "2026-05-20"}, "row 2, column endpoint_id: the row repeats the key"),
    ],
)
def test_a_malformed_export_is_refused_by_row_and_column(tmp_path, change, message):
    export = json.loads(ACTIVITY.read_text(encoding="utf-8"))
    export["data"][1] |= change
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        catalog.read_activity(path)
    assert f"mine.json {message}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON of the form"),
        ("[]", "is not JSON of the form"),
        ('{"data": []}', "has no rows"),
        ('{"data": [{"date": "2026-05-20"}]}', "row 1 has no model, model_permaslug"),
        ('{"data": ["x"]}', "row 1 has no date, model"),
    ],
)
def test_an_export_of_another_form_is_refused(tmp_path, text, message):
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        catalog.read_activity(path)


def test_own_keys_and_variants_count_in_the_workload():
    activity = catalog.read_activity(ACTIVITY)
    byok = activity.assign(byok_usage_inference=1.0, model=activity["model"] + ":free")
    assert bills.own_usage(byok)["usd"].sum() == pytest.approx(bills.own_usage(activity)["usd"].sum() + 4)
    assert bills.own_usage(byok).index.tolist() == bills.own_usage(activity).index.tolist()


def test_the_same_export_as_csv_gives_the_same_frame(tmp_path):
    path = tmp_path / "mine.csv"
    pd.DataFrame(json.loads(ACTIVITY.read_text(encoding="utf-8"))["data"]).to_csv(path, index=False)
    pd.testing.assert_frame_equal(catalog.read_activity(path), catalog.read_activity(ACTIVITY))
    path.write_text(path.read_text(encoding="utf-8").replace(",4000000,", ",many,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.csv line 4, column prompt_tokens: expected a valid integer"):
        catalog.read_activity(path)


def test_a_csv_export_is_read_by_the_names_of_its_columns_and_may_lack_what_is_not_required(tmp_path):
    path = tmp_path / "mine.csv"
    whole = pd.DataFrame(json.loads(ACTIVITY.read_text(encoding="utf-8"))["data"])
    needed = ["completion_tokens", "prompt_tokens", "usage", "requests", "model_permaslug", "model", "date"]
    needed_only = whole.assign(note="mine")[["note", *needed]]
    needed_only.iloc[1:].to_csv(path, index=False)
    read = catalog.read_activity(path)
    assert bills.own_usage(read)["usd"].to_dict() == {
        "anthropic/claude-haiku-4.5": 6.0,
        "anthropic/claude-opus-4.6": 10.0,
        "made-up/model": 1.5,
    }
    assert read["provider_name"].isna().all() or read["provider_name"].eq("").all()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mine.csv", "", "mine.csv is empty: export it again."),
        ("mine.json", " \n", "mine.json is empty: export it again."),
        ("mine.csv", "date,usage\n", "mine.csv has no column model, model_permaslug, requests, "),
        ("mine.csv", "date,date\n2026-05-20,3\n", "mine.csv has no column model, model_permaslug, usage, "),
    ],
)
def test_an_empty_export_and_one_without_a_needed_column_each_get_their_own_sentence(tmp_path, name, text, message):
    path = tmp_path / name
    with pytest.raises(InputError, match=f"There is no file .*{name}: give the path of an activity export"):
        catalog.read_activity(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        catalog.read_activity(path)


# The notebook


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """``02_price_gap`` at a later date, with flagships of that date and somebody's own usage."""
    out = tmp_path_factory.mktemp("later")
    texts = {"as_of": "2026-11-10", "us_models": "", "cn_models": "", "usage": str(ACTIVITY)}
    [run] = execute.plan(["02_price_gap"], texts | {"prompt_to_completion": "10"}, out)
    record = execute.execute_one(run)
    assert record.is_ok, record.error
    return record, out


@pytest.mark.slow
def test_at_a_later_date_everything_computes(later):
    for verdict in later[0].claims:
        if verdict.id != "P6":  # its forecast has no finding
            assert [ruling.findings[0].value is not None for ruling in verdict.assertions] == [True] * len(
                verdict.assertions
            ), verdict.id
    measured = [f for verdict in later[0].claims for f in verdict.findings if f.reading in ("measured_mix", "realised")]
    assert len(measured) == 4
    assert None not in [finding.value for finding in measured]


@pytest.mark.slow
def test_flagships_of_that_date_and_the_own_workload_are_shown(later):
    run, out = later
    notebook = nbformat.read(out / run.notebook_path, as_version=4)
    outputs = {cell.id: json.dumps(cell.get("outputs", [])) for cell in notebook.cells}
    assert "Kimi K3" in outputs["p1-table"]
    assert "Claude Opus 4.7" not in outputs["p1-table"]
    assert escaped("of $38;") in outputs["own-result"]
    assert "made-up/model" in outputs["own"]


def test_what_was_measured_later_says_when():
    found = [f for verdict in committed("02_price_gap").claims for f in verdict.findings]
    later_than_the_date = [f for f in found if f.reading in ("measured_mix", "realised")]
    assert len(later_than_the_date) == 4
    assert {finding.vintage > "2026-05-25" for finding in later_than_the_date} == {True}
