"""What the committed tables say: corrections and totals that a later edit of the data must not undo."""

import pandas as pd
import pytest

from analysis import catalog
from analysis.measures import calendar, origins, saving, share


def first_party(model: str, day: str) -> list[list[float]]:
    """Prices of a vendor's own list in force on a day: input and output, US dollars per million tokens."""
    prices = catalog.load("prices", day)
    open_end = prices["effective_to"].isna() | prices["effective_to"].gt(pd.Timestamp(day))
    rows = prices[prices["model"].eq(model) & prices["price_basis"].eq("first_party") & open_end]
    return rows[["input_usd_per_mtok", "output_usd_per_mtok"]].to_numpy().tolist()


def test_a_price_counts_from_the_day_it_was_seen_where_the_model_is_much_older():
    notes = catalog.load("prices")
    seen = pd.to_datetime(notes["note"].str.extract(r"first seen in source (\d{4}-\d{2}-\d{2})")[0])
    assert (seen - notes["effective_from"]).dt.days.max() <= 60
    assert notes["note"].str.contains("without a source of the vendor's for the days between").sum() == 18
    assert first_party("qwen/qwen-turbo", "2025-10-09") == []
    assert first_party("qwen/qwen-turbo", "2025-10-10") == [[0.05, 0.2]]


@pytest.mark.parametrize(("day", "price"), [("2026-05-12", [2.0, 6.0]), ("2026-05-15", [1.25, 2.5])])
def test_grok_kept_its_price_as_long_as_it_was_confirmed(day, price):
    assert first_party("x-ai/grok-4.20", day) == [price]


def test_the_licence_of_mimo_is_that_of_its_weights():
    sizes = catalog.load("model_sizes").set_index("model")
    mimo = sizes[sizes.index.str.startswith("MiMo")]
    assert set(mimo["licence"]) == {"MIT"}
    assert "model card" in mimo["source"]["MiMo-V2-Flash"]


def test_the_score_of_m25_says_that_it_is_a_mean_and_of_which_agent():
    scores = catalog.load("scores")
    rows = scores[scores["model"].eq("MiniMax M2.5") & scores["benchmark"].eq("SWE-bench Verified")]
    assert rows[rows["score"].eq(80.2)]["harness"].tolist() == ["Claude Code, mean of 4 runs"]


def test_of_the_usage_without_a_licence_only_sums_by_country_are_kept():
    usage = catalog.load("realised_usage")
    assert "model" not in usage
    assert not usage.duplicated(["period_start", "country"]).any()
    assert usage["models"].sum() == 351
    entry = catalog.resource("realised_usage")
    assert "no verdict rests on them alone" in entry["description"]
    assert entry["licenses"][0]["title"].startswith("The source states no licence")


def test_the_sums_give_the_mix_and_the_prices_that_the_rows_gave():
    usage = catalog.load("realised_usage")
    mix = saving.realised_mix(usage)
    paid = saving.realised_by_origin(usage)["usd_per_mtok"]
    assert (mix.prompt, mix.cached, mix.completion) == pytest.approx(
        (0.2601653446474501, 0.7073382820623099, 0.032496373290240015), rel=1e-12
    )
    assert paid[["CN", "US"]].tolist() == pytest.approx([0.14771081499511637, 0.9752186921821324], rel=1e-9)


def models() -> pd.DataFrame:
    """Tokens by model of all weeks that have them, with origin."""
    weeks = calendar.models_by_week(catalog.load("model_week"), catalog.load("model_day"))
    return origins.with_origin(weeks, catalog.load("authors"), catalog.load("anonymous_models"))


def test_every_week_from_late_january_2026_is_there_by_model():
    weeks = pd.DatetimeIndex(models()["week_start"].unique())
    expected = pd.date_range("2026-01-26", "2026-09-21", freq="W-MON")
    assert len(expected) == 35
    assert weeks[weeks >= "2026-01-26"].sort_values().tolist() == expected.tolist()


def test_the_days_of_the_copies_sum_to_the_weeks_by_author_to_the_token_but_where_the_source_restated():
    merges = {"meta-llama": "meta", "bytedance-seed": "bytedance"}
    days = calendar.whole_weeks(catalog.load("model_day"))
    author = days["model_permaslug"].astype("str").str.split("/").str[0].replace(merges)
    sums = days.groupby(["week_start", author.rename("author")])["total_tokens"].sum()
    held = catalog.load("author_week").astype({"author": "str"}).set_index(["week_start", "author"])["total_tokens"]
    held = held[held.index.get_level_values("week_start").isin(days["week_start"])]
    pd.testing.assert_index_equal(sums.index.sort_values(), held.index.sort_values(), exact=False)
    differing = (sums != held.reindex(sums.index)).groupby("week_start").any()
    restated = differing.index[differing].strftime("%Y-%m-%d").tolist()
    assert restated == ["2026-05-25", "2026-06-01", "2026-06-08", "2026-06-15"]
    total = (sums.groupby("week_start").sum() / held.groupby("week_start").sum() - 1)[restated]
    assert total.between(0.00018, 0.00043).all()


def test_no_day_by_model_is_cut_before_the_fiftieth():
    per_day = catalog.load("model_day").groupby("date").size()
    assert set(per_day) == {51}
    assert len(per_day) == 26 * 7


def test_among_the_nine_largest_china_leads_first_in_the_week_of_9_february_and_not_in_mid_april():
    tokens = share.origin_tokens(share.largest_models(models(), 9)).loc["2026-01-26":]
    leads = tokens["CN"].gt(tokens["US"])
    assert leads.idxmax() == pd.Timestamp("2026-02-09")
    behind = leads.index[~leads].strftime("%m-%d").tolist()
    assert behind == ["01-26", "02-02", "02-23", "04-13", "04-20"]


@pytest.mark.slow
def test_every_permaslug_that_is_mapped_is_ranked_and_its_model_priced_and_of_the_same_author():
    slugs = catalog.load("model_slugs")
    assert set(slugs["model"]) <= set(catalog.load("prices")["model"])
    ranked = set(models()["model_permaslug"].str.split(":").str[0])
    assert set(slugs["permaslug"]) <= ranked
    authors = (slugs[column].str.split("/").str[0].replace({"meta-llama": "meta"}) for column in ("permaslug", "model"))
    first, second = authors
    assert slugs[first.ne(second)].empty


@pytest.mark.parametrize("week", ["2026-03-02", "2026-05-18", "2026-08-10"])
def test_nearly_all_tokens_of_ranked_models_have_a_price_slug(week):
    rows = models()
    rows = rows[rows["ranked"] & rows["week_start"].eq(pd.Timestamp(week))]
    mapped = rows["model_permaslug"].str.split(":").str[0].isin(catalog.load("model_slugs")["permaslug"])
    assert rows["total_tokens"].where(mapped, 0).sum() / rows["total_tokens"].sum() > 0.94
