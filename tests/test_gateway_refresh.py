"""The gateway's export as a source: planted shares come in, partial copies give way, and what does not fit is said."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import SourceError, catalog
from analysis.measures import gateway as measured
from analysis.refresh import gateway, plausible, tables, transport, weeks
from analysis.refresh.tables import Request
from conftest import PACKAGE, snapshot
from source_server import Server, as_json, lab_row, labs

pytestmark = pytest.mark.slow

TODAY = pd.Timestamp.now("UTC").normalize().tz_localize(None)
YESTERDAY = f"{TODAY - pd.Timedelta(days=1):%Y-%m-%d}"
LATER = "run refresh again later"
ACCEPT = f": {LATER}, or accept that with --allow-odd."

Answer = dict[str, Any]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def asked(server: Server, live_copy: Path) -> Request:
    """Request for the days after those that the table holds, without any key."""
    environment = {name: value for name, value in server.environment.items() if name.endswith("_BASE_URL")}
    limits = transport.Limits(read=20, attempts=1)
    return Request(("gateway_share",), environment, TODAY, pd.Timestamp("2026-09-28"), root=live_copy, limits=limits)


def run(request: Request) -> str:
    said: list[str] = []
    tables.run(request, said.append)
    return "\n".join(said)


def change(server: Server, changed: Callable[[Answer], object]) -> None:
    """Let the server answer with something changed."""

    def answer(query: dict[str, str]) -> Answer:
        body = labs(query)
        changed(body)
        return body

    server.world.labs = answer


def by_lab(root: Path) -> pd.DataFrame:
    table = catalog.load("gateway_share", root=root)
    return table[table["level"].eq("lab")]


def test_planted_shares_come_in_and_are_attributed(asked: Request):
    said = run(asked)
    rows = by_lab(asked.root)
    day = rows[rows["date"].eq("2026-10-18") & rows["metric"].eq("spend")]
    assert day["name"].tolist() == ["anthropic", "openai", "google", "zai", "moonshotai", "deepseek"]
    assert day["author"].tolist() == ["anthropic", "openai", "google", "z-ai", "moonshotai", "deepseek"]
    assert day["share"].tolist() == [0.5, 0.25, 0.14, 0.055, 0.0325, 0.0225]
    assert set(day["listed"]) == {"all labs"}
    assert "gateway_share: 462 rows added, 0 values restated, 0 rows gone" in said
    assert '© 2026 Vercel. "AI Gateway Leaderboard Data" is licensed under CC BY 4.0.' in said


def test_all_days_from_the_first_are_asked_for_at_once_and_no_key_is_sent(server: Server, asked: Request):
    run(replace(asked, since=pd.Timestamp("2025-01-01"), environ=server.environment, allow_loss=True))
    asked_for = {"dataset": "labs", "modality": "text", "format": "json", "from": "2025-10-01", "to": YESTERDAY}
    assert server.world.seen == [("/leaderboard-export", asked_for, "")]


def test_what_the_request_does_not_reach_stays_as_it_was(asked: Request):
    before = catalog.load("gateway_share", root=asked.root)
    assert "are replaced" not in run(asked)
    after = catalog.load("gateway_share", root=asked.root)
    earlier = [frame[frame["date"].le("2026-09-27")] for frame in (before, after)]
    key = catalog.resource("gateway_share", asked.root)["schema"]["primaryKey"]
    pd.testing.assert_frame_equal(*(frame.sort_values(key, ignore_index=True) for frame in earlier))
    assert after["level"].eq("model").sum() == before["level"].eq("model").sum()


def test_complete_days_replace_those_of_four_and_five_labs(asked: Request):
    said = run(replace(asked, since=pd.Timestamp("2026-05-20"), allow_loss=True))
    assert "  15 days that listed 4 labs, 5 labs are replaced by complete ones" in said.splitlines()
    assert "  restated 2026-05-20 spend lab anthropic share: 0.7008 -> 0.5" in said
    rows = by_lab(asked.root)
    assert set(rows["listed"]) == {"all labs"}
    day = rows[rows["date"].eq("2026-05-20")]
    assert day.groupby("metric")["share"].sum().to_dict() == pytest.approx({"tokens": 1, "spend": 1, "requests": 1})


def test_days_of_four_labs_that_do_not_come_in_stay(asked: Request):
    run(replace(asked, since=pd.Timestamp("2026-07-02"), allow_loss=True))
    rows = by_lab(asked.root)
    kept = rows[rows["listed"].ne("all labs")]
    assert kept["date"].unique().strftime("%F").tolist()[-2:] == ["2026-06-24", "2026-07-01"]
    assert kept["date"].nunique() == 7


def test_bounds_of_complete_days_meet_at_the_planted_share(asked: Request):
    run(asked)
    table = catalog.load("gateway_share", root=asked.root)
    shares = measured.with_author_origin(table, catalog.load("authors", root=asked.root))
    for metric, planted in (("tokens", 0.66), ("spend", 0.11)):
        days = measured.best_bounds(shares, metric).loc["2026-09-28":]
        assert days["level"].eq("lab").all()
        assert days[["low", "high"]].to_numpy() == pytest.approx(planted)
        assert [len(part) for part in measured.lines(days)] == [21]


def test_a_lab_that_no_table_knows_is_said_and_counts_to_the_upper_bound_alone(server: Server, asked: Request):
    change(server, lambda body: [row.update(name="new-lab") for row in body["rows"] if row["name"] == "stepfun"])
    assert "  not in authors.csv, kept with the origin unknown: new-lab" in run(replace(asked, allow_odd=True))
    table = catalog.load("gateway_share", root=asked.root)
    shares = measured.with_author_origin(table, catalog.load("authors", root=asked.root))
    day = measured.best_bounds(shares, "tokens").loc["2026-10-18"]
    assert (day["low"], day["high"]) == pytest.approx((0.60, 0.66))


def test_a_day_that_was_revised_is_shown_with_its_old_and_new_share(server: Server, asked: Request):
    run(asked)

    def revise(body: Answer) -> None:
        revised = {"deepseek": 49.0, "stepfun": 7.0}
        for row in body["rows"]:
            if row["date"] == "2026-10-18" and row["metric"] == "tokens":
                row["share_percent"] = revised.get(row["name"], row["share_percent"])

    change(server, revise)
    said = run(asked)
    assert "gateway_share: 0 rows added, 2 values restated, 0 rows gone" in said
    assert "  restated 2026-10-18 tokens lab deepseek share: 0.5 -> 0.49" in said


def test_the_descriptor_says_what_was_fetched_and_keeps_its_caveats(asked: Request):
    run(asked)
    run(replace(asked, since=pd.Timestamp("2026-09-14")))
    entry = catalog.resource("gateway_share", asked.root)
    assert [source["path"].endswith("/leaderboard-export") for source in entry["sources"][-2:]] == [False, True]
    assert entry["vintage"] == entry["sources"][-1]["date"] == f"{TODAY:%Y-%m-%d}"
    assert "the publisher's export by lab, modality text, fetched by refresh" in entry["description"]
    for caveat in ("only bounds may be drawn", "revised", "unknown, not zero", "tokenizer", "what customers paid"):
        assert caveat in entry["description"]


def row(**values: object) -> Callable[[Answer], None]:
    """The third row with other values; a column is left out for ``...``."""

    def changed(body: Answer) -> None:
        given = body["rows"][2] | values
        body["rows"][2] = {name: value for name, value in given.items() if value is not ...}

    return changed


def said_of_itself(**values: object) -> Callable[[Answer], None]:
    """The answer with other values about itself; one is left out for ``...``."""

    def changed(body: Answer) -> None:
        body.update(values)
        for name in [name for name, value in values.items() if value is ...]:
            del body[name]

    return changed


def keep(wanted: Callable[[dict[str, Any]], bool]) -> Callable[[Answer], None]:
    """Only some of the rows."""
    return lambda body: body.update(rows=[given for given in body["rows"] if wanted(given)])


NUMBER = "row 3, column share_percent: expected"
PERIOD = f"answers for another period than 2026-09-28 to {YESTERDAY}: {LATER}."
FAULTS = {
    "a share as text": (row(share_percent="12"), f"{NUMBER} a number; found str: {LATER}."),
    "a share that is true": (row(share_percent=True), f"{NUMBER} a number; found bool: {LATER}."),
    "no share": (row(share_percent=...), f"{NUMBER} a number; found nothing: {LATER}."),
    "a share below nothing": (row(share_percent=-0.5), f"{NUMBER} 0 to 100; found -0.5: {LATER}."),
    "a share above the whole": (row(share_percent=10**30), f"{NUMBER} 0 to 100; found {'1' + 19 * '0'}: {LATER}."),
    "a share that is no number": (row(share_percent=float("nan")), f"{NUMBER} 0 to 100; found nan: {LATER}."),
    "a lab without a name": (row(name=...), f"row 3, column name: expected text; found nothing: {LATER}."),
    "an empty name": (row(name=""), "row 3, column name: a value is required; found ''."),
    "a name of two words": (row(name="open ai"), f"row 3, column name: is no slug such as author/model: {LATER}."),
    "a metric that is a list": (row(metric=[]), f"row 3, column metric: expected text; found list: {LATER}."),
    "a metric that the table does not have": (
        row(metric="imageCount"),
        "row 3, column metric: allowed are tokens, spend, requests; found 'imageCount'.",
    ),
    "a model among the labs": (row(group="model"), f"row 3 is of something else than a lab's text: {LATER}."),
    "pictures among the text": (row(modality="image"), f"row 3 is of something else than a lab's text: {LATER}."),
    "a day that is none": (row(date="2026-10-32"), "row 3, column date: expected a valid date; found '2026-10-32'."),
    "a day to come": (row(date="2999-01-01"), f"gives days outside 2026-09-28 to {YESTERDAY}: {LATER}."),
    "a day before the period": (row(date="2026-09-27"), f"gives days outside 2026-09-28 to {YESTERDAY}: {LATER}."),
    "a lab twice on a day": (
        lambda body: body["rows"].insert(3, body["rows"][2]),
        "row 4, column name: the row repeats the key (date, metric, level, name) of an earlier one; found 'openai'.",
    ),
    "no rows": (said_of_itself(rows=[]), f"gives no list of rows: {LATER}."),
    "rows that are none": (said_of_itself(rows=[1]), f"gives no list of rows: {LATER}."),
    "no list of rows": (said_of_itself(rows=...), f"gives no list of rows: {LATER}."),
    "another licence": (
        said_of_itself(license="proprietary"),
        "states the licence 'proprietary' instead of CC-BY-4.0: read it before using the data.",
    ),
    "another list": (said_of_itself(dataset="models"), f"answers with other data than labs of text: {LATER}."),
    "another modality": (said_of_itself(modality="all"), f"answers with other data than labs of text: {LATER}."),
    "another period": (said_of_itself(**{"from": "2026-09-29"}), PERIOD),
    "no last day": (said_of_itself(to=...), PERIOD),
    "a last day to come": (said_of_itself(to="2999-01-01"), PERIOD),
    "rows that end early": (
        keep(lambda given: given["date"] <= "2026-10-15"),
        f"says that it covers 2026-10-18, and ends on 2026-10-15: {LATER}.",
    ),
    "a day missing in the middle": (
        keep(lambda given: given["date"] != "2026-10-07"),
        f"has no rows for 2026-10-07: {LATER}, or accept the gap with --allow-loss.",
    ),
}


def refused(request: Request) -> str:
    """The sentence that a refresh is refused with, which changed nothing, without the address."""
    before = snapshot(request.root)
    with pytest.raises(SourceError) as error:
        run(request)
    assert snapshot(request.root) == before
    return str(error.value).removeprefix(f"{request.environ['VERCEL_BASE_URL']}/leaderboard-export ")


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_does_not_fit_is_one_sentence_and_changes_nothing(fault, server: Server, asked: Request):
    changed, sentence = FAULTS[fault]
    change(server, changed)
    assert refused(asked) == sentence


def test_an_answer_that_breaks_off_changes_nothing(server: Server, asked: Request):
    period = {"from": "2026-09-28", "to": YESTERDAY}
    whole = as_json(labs({"dataset": "labs", "modality": "text", "format": "json", **period}))
    server.world.always = {"body": whole["body"][: len(whole["body"]) // 2]}
    assert refused(asked) == f"answered with JSON that is incomplete or broken: {LATER}."


def without(name: str, metric: str, first: str) -> Callable[[dict[str, Any]], bool]:
    return lambda given: given["name"] != name or given["metric"] != metric or given["date"] < first


ODD = {
    "a day of which rows are missing": (
        keep(lambda given: given["date"] != "2026-10-07" or given["name"] != "deepseek"),
        "gives shares of tokens that sum to 0.5 on 2026-10-07, where all labs make 1",
    ),
    "a metric that is not there": (
        keep(lambda given: given["metric"] != "spend"),
        "gives shares of spend that sum to 0 on 2026-09-28, where all labs make 1",
    ),
    "shares in place of per cent": (
        lambda body: [given.update(share_percent=given["share_percent"] / 100) for given in body["rows"]],
        "gives shares of tokens that sum to 0.01 on 2026-09-28, where all labs make 1",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_days_that_do_not_sum_to_one_are_odd(case, server: Server, asked: Request):
    changed, sentence = ODD[case]
    change(server, changed)
    assert refused(asked) == f"{sentence}{ACCEPT}"
    assert f"  accepted: {server.address}/leaderboard-export {sentence}" in run(replace(asked, allow_odd=True))


def given_away(days: int) -> Callable[[Answer], None]:
    """Anthropic's spend booked as OpenAI's on the last days."""
    first = f"{pd.Timestamp('2026-10-19') - pd.Timedelta(days=days):%Y-%m-%d}"

    def changed(body: Answer) -> None:
        for given in body["rows"]:
            if given["metric"] == "spend" and given["name"] == "openai" and given["date"] >= first:
                given["share_percent"] = 75
        keep(without("anthropic", "spend", first))(body)

    return changed


def test_a_lab_that_is_gone_on_many_days_is_odd_and_on_a_week_is_not(server: Server, asked: Request):
    change(server, given_away(8))
    sentence = "gives no share of spend to anthropic on 8 days, where it had 57.4% before"
    assert refused(asked) == f"{sentence}{ACCEPT}"
    change(server, given_away(7))
    assert "Written: " in run(asked)


def test_a_lab_that_is_gone_for_good_is_odd_once(server: Server, asked: Request):
    change(server, given_away(8))
    run(replace(asked, allow_odd=True))
    assert run(asked).endswith("No table has changed; none is written.")


def test_nothing_in_the_complete_day_that_is_held_is_odd():
    held = by_lab(PACKAGE)
    whole = held[held["listed"].eq("all labs")]
    assert plausible.odd_shares(whole, held, ["tokens"], "it") == ""


PUBLISHED = {
    "deepseek": 70.2559,
    "openai": 6.7084,
    "anthropic": 6.2055,
    "google": 4.2399,
    "zai": 4.1821,
    "stepfun": 2.9192,
    "meta": 2.4608,
    "moonshotai": 1.4165,
    "xiaomi": 0.4747,
    "inclusionai": 0.2812,
    "minimax": 0.2726,
    "alibaba": 0.2721,
    "poolside": 0.2548,
    "mistral": 0.0171,
    "tencent": 0.0123,
    "nvidia": 0.0103,
    "perplexity": 0.0062,
    "amazon": 0.0041,
    "inception": 0.0027,
    "sakana": 0.0017,
    "thinkingmachines": 0.0011,
    "morph": 0.0007,
    "arcee-ai": 0.0001,
    "bytedance": 0.0001,
    "cohere": 0.0,
    "interfaze": 0.0,
}
"""Per cent of tokens on 2026-09-13. Source: JallanXYZ/open-weights, draft/vercel-snapshot-2026-09-13.json."""


def test_a_published_day_makes_the_rows_that_the_table_has_of_it(server: Server):
    day = pd.Timestamp("2026-09-13")
    rows = [lab_row("2026-09-13", "tokens", name, per_cent) for name, per_cent in PUBLISHED.items()]
    change(server, lambda body: body.update(rows=rows))
    merges = weeks.read_merges(catalog.resource("gateway_share"))
    with transport.connect("vercel", server.environment) as connection:
        made = gateway.lab_shares(connection, day, day, merges).frame
    held = by_lab(PACKAGE)
    columns = ["name", "author", "share", "listed"]
    theirs = held[held["date"].eq(day) & held["metric"].eq("tokens")]
    pd.testing.assert_frame_equal(made[columns], theirs[columns].reset_index(drop=True))
