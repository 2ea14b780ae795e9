"""What a refresh makes of the tables: planted weeks recovered, nothing lost, nothing half written."""

import csv
import errno
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bs4
import nbformat
import pandas as pd
import pytest

from analysis import InputError, SourceError, catalog, package, parameters, vintages
from analysis.measures import calendar, origins
from analysis.refresh import sources, tables, transport, weeks
from analysis.refresh.tables import Request
from analysis.run.records import committed, verdict_cells
from conftest import PACKAGE, copied_project, snapshot
from source_server import KEY, LAST_DAY, Server, model, ranking, rankings

pytestmark = pytest.mark.slow

SINCE = pd.Timestamp("2026-09-28")
TODAY = LAST_DAY + pd.Timedelta(days=2)
TOKENS = ("model_day", "author_week", "model_week")
RESTATED = ("2026-05-25", "2026-06-21")  # days of a copy that was made after the source had restated them
SLUG = "model_permaslug"
LIMITS = transport.Limits(read=2, attempts=1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Server on loopback with the made-up sources."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as server:
        yield server


@pytest.fixture
def asked(server: Server, live_copy: Path) -> Iterator[Request]:
    """Request for the tables of tokens from the first day after the snapshot; the key reaches no file."""
    yield Request(TOKENS, server.environment, TODAY, SINCE, root=live_copy, limits=LIMITS)
    assert_no_key(live_copy.parent)


def assert_no_key(folder: Path) -> None:
    """No file below the folder holds the key."""
    assert [name for name, content in snapshot(folder).items() if KEY.encode() in content] == []


def run(request: Request) -> str:
    """Refresh, and give back what it said."""
    said: list[str] = []
    tables.run(request, said.append)
    assert KEY not in "".join(said)
    return "\n".join(said)


def test_planted_weeks_are_recovered_and_the_transcribed_ones_stay(asked: Request):
    before = catalog.load("author_week", root=asked.root)
    said = run(asked)
    after = catalog.load("author_week", root=asked.root)
    pd.testing.assert_frame_equal(after[: len(before)].astype(before.dtypes), before)
    new = after[len(before) :]
    assert new["week_start"].unique().strftime("%F").tolist() == ["2026-09-28", "2026-10-05", "2026-10-12"]
    assert new["author"].tolist() == ["qwen", "openai", "other"] * 3
    assert new["total_tokens"].tolist() == [42 * 10**12, 21 * 10**12, 7 * 10**12] * 3
    assert new["days_observed"].eq(7).all()
    assert "author_week: 9 rows added, 0 values restated, 0 rows gone" in said
    assert "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-19T02:00:00.000Z." in said


def test_the_models_of_a_week_sum_to_its_authors(asked: Request):
    run(replace(asked, since=sources.FIRST_DAY, allow_loss=True))
    authors, models = (catalog.load(name, root=asked.root) for name in ("author_week", "model_week"))
    by_author = authors.groupby("week_start")["total_tokens"].sum()
    by_model = models.groupby("week_start")["total_tokens"].sum()
    assert len(by_model) == 93 - 3 + 1
    pd.testing.assert_series_equal(by_model, by_author.reindex(by_model.index))
    week = models[models["week_start"].eq("2026-10-12")]["model_permaslug"].tolist()
    assert len(week) == 30 + 1 + 1
    assert week[-2:] == ["openai/~below-top-30", "other"]


def test_the_committed_days_make_the_committed_weeks():
    """The daily table comes from other copies than the weekly one, and the rebuilding agrees with both to the token."""
    days = catalog.load("model_day").astype({"model_permaslug": "str"})
    days = days[~days["date"].between(*RESTATED)]
    merges = weeks.read_merges(catalog.resource("author_week"))
    rebuilt = weeks.author_weeks(days, merges).set_index(["week_start", "author"]).sort_index()
    held_weeks = catalog.load("author_week").astype({"author": "str"})
    theirs = (
        held_weeks[held_weeks["week_start"].isin(rebuilt.index.levels[0])]
        .set_index(["week_start", "author"])
        .sort_index()
    )
    assert len(rebuilt.index.levels[0]) == 22
    pd.testing.assert_frame_equal(rebuilt, theirs)


def test_the_descriptor_says_what_was_fetched_and_what_is_transcribed(asked: Request):
    run(asked)
    entry = catalog.resource("author_week", asked.root)
    assert entry["fetched"] == [["2026-09-28", "2026-10-12"]]
    assert (
        "Summed from the API's daily lists, which hold all seven days: weeks 2026-09-28 to 2026-10-12."
        in entry["description"]
    )
    assert "transcribed by hand in late September 2026: weeks 2024-12-30 to 2026-09-21;" in entry["description"]
    assert entry["vintage"] == entry["sources"][-1]["date"] == "2026-10-19"
    assert entry["sources"][-1]["path"].endswith("/datasets/rankings-daily")
    assert entry["sources"][1]["commit"] == "1390749"


def test_history_that_the_source_reaches_is_no_longer_called_transcribed(asked: Request):
    run(replace(asked, since=sources.FIRST_DAY, allow_loss=True))
    days, held_weeks = (catalog.resource(name, asked.root) for name in ("model_day", "author_week"))
    assert "Days from a public repository: none." in days["description"]
    assert [source.get("commit") for source in days["sources"]] == [None, None]
    assert "late September 2026: weeks 2024-12-30, 2025-06-09, 2025-07-14;" in held_weeks["description"]
    held = catalog.load("author_week", root=asked.root)
    assert calendar.observed_days(held).loc[["2024-12-30", "2025-06-09", "2025-07-14"]].tolist() == [5, 6, 6]


@pytest.mark.parametrize(
    "names",
    [TOKENS, ("prices",), ("capability",), ("gateway_share",), ()],
    ids=["tokens", "prices", "epoch", "gateway", "all"],
)
def test_a_second_refresh_changes_not_a_byte_even_on_a_later_day(names, asked: Request):
    first = replace(asked, names=names, allow_loss=True, allow_odd=True)
    assert "Written: " in run(first)
    once = snapshot(asked.root)
    said = run(replace(first, today=TODAY + pd.Timedelta(days=9)))
    assert said.endswith("No table has changed; none is written.")
    assert snapshot(asked.root) == once


def test_a_dry_run_says_the_same_and_writes_nothing(asked: Request):
    before = snapshot(asked.root)
    said = run(replace(asked, dry_run=True))
    assert snapshot(asked.root) == before
    assert said.endswith("Nothing is written: --dry-run.")
    assert "author_week: 9 rows added" in said
    assert "author_week: 9 rows added" in run(asked)


def test_a_restated_value_is_shown_with_its_old_and_new_value(server: Server, asked: Request):
    run(asked)

    def restated(query):
        body = rankings(query)
        body["data"][0]["total_tokens"] = "240000000007"
        return body

    server.world.rankings = restated
    said = run(asked)
    assert "  restated 2026-09-28 qwen/made-up-00 total_tokens: 240000000000 -> 240000000007" in said
    assert "  restated 2026-09-28 qwen total_tokens: 42000000000000 -> 42000000000007" in said
    assert "model_day: 0 rows added, 1 values restated, 0 rows gone" in said


def test_what_a_restatement_replaces_is_kept_with_its_day_and_can_be_put_back(server: Server, asked: Request):
    run(asked)
    before = catalog.load("model_day", root=asked.root)
    assert vintages.read(asked.root).empty

    def restated(query):
        body = rankings(query)
        body["data"][0]["total_tokens"] = "240000000007"
        return body

    server.world.rankings = restated
    later = asked.today + pd.Timedelta(days=1)
    run(replace(asked, today=later))
    kept = vintages.read(asked.root)
    mine = kept[kept["table"].eq("model_day")].iloc[0]
    assert (mine["row"], mine["column"]) == ('["2026-09-28", "qwen/made-up-00"]', "total_tokens")
    assert (mine["was"], mine["became"], mine["replaced_on"]) == ("240000000000", "240000000007", later)
    then = vintages.as_known("model_day", f"{asked.today:%Y-%m-%d}", asked.root)
    pd.testing.assert_frame_equal(then.astype(before.dtypes), before)
    now = vintages.as_known("model_day", f"{later:%Y-%m-%d}", asked.root)
    pd.testing.assert_frame_equal(now, catalog.load("model_day", root=asked.root))
    catalog.check(asked.root)


def test_rows_that_a_source_no_longer_has_are_kept_as_well(server: Server, asked: Request):
    run(asked)
    before = catalog.load("model_day", root=asked.root)

    def fewer(query):
        body = rankings(query)
        body["data"] = [row for row in body["data"] if row["date"] > "2026-09-28" or "made-up-00" not in row[SLUG]]
        return body

    server.world.rankings = fewer
    run(replace(asked, today=asked.today + pd.Timedelta(days=1), allow_loss=True, allow_odd=True))
    kept = vintages.read(asked.root)
    lost = kept[kept["table"].eq("model_day") & kept["became"].eq("")]
    assert sorted(lost["row"]) == ['["2026-09-28", "openai/made-up-00"]', '["2026-09-28", "qwen/made-up-00"]']
    then = vintages.as_known("model_day", f"{asked.today:%Y-%m-%d}", asked.root)
    key = ["date", SLUG]
    then = then.astype(before.dtypes).sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(then, before.sort_values(key).reset_index(drop=True))


def shorter(query: dict[str, str]) -> dict:
    """The rankings without one model on one day."""
    body = rankings(query)
    return body | {"data": body["data"][1:]}


def test_history_is_dropped_only_when_told_to(server: Server, asked: Request):
    run(asked)
    before = snapshot(asked.root)
    server.world.rankings = shorter
    with pytest.raises(SourceError) as error:
        run(asked)
    assert str(error.value) == (
        "The sources lack 1 rows that are there (see above): accept the loss with --allow-loss."
    )
    assert snapshot(asked.root) == before
    assert "  gone 2026-09-28 qwen/made-up-00" in run(replace(asked, allow_loss=True))
    assert catalog.load("model_day", root=asked.root)["date"].eq(SINCE).sum() == 50


def test_a_source_that_ends_earlier_than_before_is_a_loss(server: Server, asked: Request):
    run(asked)
    server.world.rankings = lambda query: rankings(query | {"end_date": "2026-10-11"})
    with pytest.raises(SourceError, match=r"lack 392 rows that are there"):
        run(asked)


def test_a_known_hole_is_no_missing_day_and_its_week_stays_transcribed(asked: Request):
    run(replace(asked, since=pd.Timestamp("2025-06-02"), allow_loss=True))
    held_weeks = catalog.load("author_week", root=asked.root)
    assert held_weeks[held_weeks["week_start"].eq("2025-06-09")]["days_observed"].eq(6).all()


def test_a_gap_that_is_accepted_leaves_its_week_out(server: Server, asked: Request):
    def gap(query):
        body = rankings(query)
        return body | {"data": [row for row in body["data"] if row["date"] != "2026-10-07"]}

    server.world.rankings = gap
    run(replace(asked, allow_loss=True))
    held_weeks = catalog.load("author_week", root=asked.root)["week_start"]
    assert held_weeks[held_weeks.ge(SINCE)].unique().strftime("%F").tolist() == ["2026-09-28", "2026-10-12"]
    assert catalog.resource("author_week", asked.root)["fetched"] == [["2026-09-28"] * 2, ["2026-10-12"] * 2]


def test_a_new_author_is_kept_and_reported_and_its_origin_is_unknown(server: Server, asked: Request):
    def newcomer(query):
        body = rankings(query)
        return body | {
            "data": [{**r, "model_permaslug": r["model_permaslug"].replace("qwen", "newcomer")} for r in body["data"]]
        }

    server.world.rankings = newcomer
    assert "  not in authors.csv, kept with the origin unknown: newcomer" in run(asked)
    names = ("author_week", "authors", "anonymous_models")
    held_weeks, authors, people = (catalog.load(name, root=asked.root) for name in names)
    origin = origins.with_origin(held_weeks[held_weeks["week_start"].eq("2026-10-12")], authors, people).set_index(
        "author"
    )["origin"]
    assert origin.to_dict() == {"newcomer": "unknown", "openai": "US", "other": "other"}


def test_an_older_slug_of_an_author_is_merged(server: Server, asked: Request):
    server.world.rankings = lambda query: ranking(
        [
            {"date": f"{day:%Y-%m-%d}", "model_permaslug": slug, "total_tokens": "1"}
            for day in pd.date_range("2026-09-28", "2026-10-04")
            for slug in ("thudm/a", "z-ai/b", "meta-llama/c")
        ],
        query["start_date"],
        "2026-10-04",
    )
    run(replace(asked, allow_odd=True))
    found = catalog.load("author_week", root=asked.root)
    found = found[found["week_start"].eq(SINCE)]
    assert dict(zip(found["author"], found["total_tokens"], strict=True)) == {"z-ai": 14, "meta": 7}


def listed(root: Path, slug: str, basis: str = "openrouter") -> list[list[str]]:
    """Intervals of a model: from, to, input price."""
    rows = (
        catalog.load("prices", root=root)
        .query("model == @slug and price_basis == @basis")
        .sort_values("effective_from")
    )
    return rows[["effective_from", "effective_to", "input_usd_per_mtok"]].astype("str").fillna("").to_numpy().tolist()


@pytest.fixture
def shop(server: Server, asked: Request) -> Request:
    """Request for prices; the server lists what the table says is on sale."""
    book = catalog.load("prices", root=PACKAGE)
    now = book[book["price_basis"].eq("openrouter") & book["effective_to"].isna()]
    kinds = {"prompt": 0, "completion": 1, "input_cache_read": 2, "input_cache_write": 3}
    for row in now.itertuples():
        values = [getattr(row, name) for name in sources.PRICES]
        pricing = {kind: f"{values[i] / 1e6:.12f}" for kind, i in kinds.items() if not pd.isna(values[i])}
        server.world.models.append(model(row.model) | {"pricing": pricing})
    server.world.models.pop(0)
    server.world.vendors = {"openai": {"models": {"gpt-5.5": {"cost": {"input": 5, "output": 30, "cache_read": 0.5}}}}}
    return replace(asked, names=("prices",), today=pd.Timestamp("2026-12-01"))


def test_prices_that_are_listed_as_before_change_nothing(shop: Request):
    before = snapshot(shop.root)
    assert run(shop).endswith("No table has changed; none is written.")
    assert snapshot(shop.root) == before


def test_a_changed_price_closes_an_interval_and_opens_one_and_first_party_rows_stay(server: Server, shop: Request):
    book = catalog.load("prices", root=PACKAGE)
    changed = next(row for row in server.world.models if row["id"] == "openai/gpt-5.5")
    before = listed(shop.root, "openai/gpt-5.5")
    changed["pricing"] = {**changed["pricing"], "prompt": "0.000004"}
    server.world.models.append(model("openai/gpt-made-up", "0.000001"))
    run(shop)
    *old, (start, end, price) = before
    assert end == ""
    after = [*old, [start, "2026-12-01", price], ["2026-12-01", "", "4.0"]]
    assert listed(shop.root, "openai/gpt-5.5") == after
    assert listed(shop.root, "openai/gpt-made-up") == [["2026-12-01", "", "1.0"]]
    first_party = [
        b[b["price_basis"].eq("first_party")].reset_index(drop=True)
        for b in (book, catalog.load("prices", root=shop.root))
    ]
    pd.testing.assert_frame_equal(*first_party)
    row = catalog.load("prices", root=shop.root).iloc[-1]
    assert (row["vendor"], row["country"], row["source"]) == ("openai", "US", f"{server.address}/models")


def test_a_price_that_changes_twice_on_a_day_is_one_interval(server: Server, shop: Request):
    changed = next(row for row in server.world.models if row["id"] == "openai/gpt-5.5")
    for price in ("0.000004", "0.000003"):
        changed["pricing"] = {**changed["pricing"], "prompt": price}
        run(shop)
    assert listed(shop.root, "openai/gpt-5.5")[-1] == ["2026-12-01", "", "3.0"]


def test_a_model_that_is_no_longer_listed_has_no_price_any_more(server: Server, shop: Request):
    server.world.models = [row for row in server.world.models if row["id"] != "openai/gpt-5.5"]
    run(shop)
    assert listed(shop.root, "openai/gpt-5.5")[-1][1] == "2026-12-01"


def test_a_list_that_lacks_a_fifth_of_the_models_is_refused(server: Server, shop: Request):
    server.world.models = server.world.models[:9]
    before = snapshot(shop.root)
    with pytest.raises(
        SourceError, match=r"/models lists 9 of the \d+ models that had a price: run refresh again later"
    ):
        run(shop)
    assert snapshot(shop.root) == before


def test_a_vendors_own_price_is_found_by_its_name_at_models_dev(server: Server, shop: Request):
    server.world.vendors = {
        "openai": {
            "models": {
                "gpt-5.5": {"cost": {"input": 4, "output": 30}},
                "gpt-nobody-9": {"cost": {"input": 1, "output": 1}},
            }
        },
        "anthropic": {
            "models": {"claude-opus-4-6": {"cost": {"input": 5, "output": 25, "cache_read": 0.5, "cache_write": 6.25}}}
        },
        "deepseek": {"models": {"deepseek-chat": {"cost": {"input": 9, "output": 9}}}},
        "reseller": {"models": {"gpt-5.5": {"cost": {"input": 9, "output": 9}}}},
    }
    before = listed(shop.root, "anthropic/claude-opus-4.6", "first_party")
    run(shop)
    assert listed(shop.root, "openai/gpt-5.5", "first_party")[-1] == ["2026-12-01", "", "4.0"]
    assert listed(shop.root, "anthropic/claude-opus-4.6", "first_party") == before
    assert listed(shop.root, "deepseek/deepseek-chat", "first_party") == []
    assert not catalog.load("prices", root=shop.root)["model"].str.contains("nobody").any()


def test_a_new_fit_keeps_the_earlier_ones_and_their_price_slugs(asked: Request):
    before = catalog.load("capability", root=asked.root)
    run(replace(asked, names=("capability",), allow_odd=True))
    after = catalog.load("capability", root=asked.root)
    pd.testing.assert_frame_equal(after[: len(before)], before, check_dtype=False)  # open weights may be unknown now
    new = after[len(before) :].set_index("name")
    assert new["fit"].eq(TODAY).all()
    assert new["model"].to_dict() == {"Made-up 1": "", "GPT-5": "openai/gpt-5", "Joint work": ""}


STOP = """
import os, signal, sys
from pathlib import Path
place, count = sys.argv.pop(1), int(sys.argv.pop(1))
owner, name = {"fsync": (os, "fsync"), "rename": (Path, "rename"), "replace": (Path, "replace")}[place]
real = getattr(owner, name)
def stop(*arguments):
    global count
    count -= 1
    return real(*arguments) if count else os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, stop)
from analysis.__main__ import main
main(prog_name="python -m analysis")
"""
ARGUMENTS = ["refresh", *TOKENS, "--since", f"{SINCE:%Y-%m-%d}"]


def in_project(folder: Path, server: Server, *command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy of the project that is pointed at the server."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | server.environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


@pytest.mark.parametrize(
    ("place", "count"),
    [("fsync", 3), ("rename", 1), ("replace", 1), ("replace", 2), ("replace", 4)],
    ids=["while writing", "before it counts", "before the first move", "between two tables", "before the descriptor"],
)
def test_a_kill_leaves_the_old_tables_or_the_new_ones_and_the_next_refresh_completes(
    place, count, server, project_copy, tmp_path_factory
):
    data, undisturbed = project_copy / "data", tmp_path_factory.mktemp("undisturbed") / "data"
    before = snapshot(data)
    package.copy_files(undisturbed, data)
    killed = in_project(project_copy, server, "-c", STOP, place, str(count), *ARGUMENTS)
    assert killed.returncode == -9, killed.stderr
    assert KEY not in killed.stdout + killed.stderr
    assert_no_key(project_copy)
    catalog.check(data)
    new = catalog.load("author_week", root=data)["week_start"].max() == pd.Timestamp("2026-10-12")
    assert new == (place == "replace")
    if not new:
        assert {name: content for name, content in snapshot(data).items() if not name.startswith(".refresh")} == before
    site = tmp_path_factory.mktemp("site")
    package.copy_files(site, data)
    catalog.check(site)
    again = in_project(project_copy, server, "-m", "analysis", *ARGUMENTS)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1].startswith("No table has changed" if new else "Written: ")
    request = Request(
        TOKENS, server.environment, pd.Timestamp.now("UTC").normalize().tz_localize(None), SINCE, root=undisturbed
    )
    run(request)
    assert snapshot(data) == snapshot(undisturbed)
    assert not list(data.glob(".refresh*"))


def test_of_two_refreshes_at_once_the_second_stops_with_a_sentence(server: Server, asked: Request):
    arrived, go = threading.Event(), threading.Event()

    def wait(query):
        arrived.set()
        assert go.wait(20)
        return rankings(query)

    server.world.rankings = wait
    first = threading.Thread(target=run, args=(replace(asked, limits=replace(LIMITS, read=30)),))
    first.start()
    assert arrived.wait(20)
    before = snapshot(asked.root)
    with pytest.raises(SourceError) as error:
        run(asked)
    assert str(error.value) == f"Another refresh is at work in {asked.root}: wait until it has ended."
    assert snapshot(asked.root) == before
    go.set()
    first.join()
    assert catalog.load("author_week", root=asked.root)["week_start"].max() == pd.Timestamp("2026-10-12")


def test_a_file_that_the_disk_does_not_take_changes_nothing(server: Server, project_copy: Path):
    """The kernel's limit on the size of a file stands in for a full disk: the write fails half way through."""
    before = snapshot(project_copy)
    full = in_project(
        project_copy,
        server,
        "-m",
        "analysis",
        *ARGUMENTS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert full.returncode == 1
    data = project_copy / "data"
    assert full.stderr == (
        f"Error: {data / 'model_day.csv'} cannot be read or written (File too large): make room there, or see to its "
        "rights.\n"
    )
    assert snapshot(project_copy) == before
    assert KEY not in full.stdout + full.stderr


def fill_disk(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Let the disk be full at one of the moments at which it is asked to hold what was written."""
    calls, real = iter(range(99)), os.fsync

    def fsync(handle: int) -> None:
        if next(calls) == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize(
    ("call", "name"),
    [(0, "model_day.csv"), (3, "datapackage.json"), (4, "")],
    ids=["first file", "descriptor", "folder"],
)
def test_a_full_disk_before_the_refresh_counts_changes_nothing_and_the_file_is_named(
    call, name, asked: Request, monkeypatch: pytest.MonkeyPatch
):
    before = snapshot(asked.root)
    fill_disk(monkeypatch, call)
    with pytest.raises(SourceError) as error:
        run(asked)
    sentence = f"{asked.root / name} cannot be read or written (No space left on device): make room there, or see to "
    sentence += "its rights."
    assert str(error.value) == sentence
    assert snapshot(asked.root) == before


@pytest.mark.parametrize("call", [5, 6], ids=["before the first move", "after the last"])
def test_a_full_disk_after_it_leaves_a_complete_refresh(call, asked: Request, monkeypatch: pytest.MonkeyPatch):
    fill_disk(monkeypatch, call)
    with pytest.raises(SourceError) as error:
        run(asked)
    assert str(error.value) == (
        f"{asked.root} is refreshed, but its files could not be moved into place (No space left on device): "
        "run refresh again."
    )
    catalog.check(asked.root)
    assert run(asked).endswith("No table has changed; none is written.")
    assert not list(asked.root.glob(".refresh*"))


def test_a_table_that_was_damaged_before_is_refused_before_anything_is_asked(server: Server, asked: Request):
    (asked.root / "author_week.csv").write_text("week_start\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"author_week\.csv is not the file that datapackage\.json describes"):
        run(asked)
    assert server.world.seen == []


EVIL = [
    "=cmd()/x",
    "=cmd()",
    "<script>alert(1)</script>",
    "evil/<script>alert(1)</script>",
    "+1-1/'=x",
    "@a/$x$|**b**",
]


def evil(query: dict[str, str]) -> dict:
    """The rankings with text that someone might take for more than text, larger than all else."""
    body = rankings(query)
    days = sorted({row["date"] for row in body["data"]})
    rows = [{"date": d, "model_permaslug": slug, "total_tokens": "9000000000000"} for d in days for slug in EVIL]
    return body | {"data": [*rows, *body["data"]]}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy of the project, refreshed with such text, and the notebooks that read it executed on it unchanged."""
    names = [name for name in parameters.names() if set(TOKENS) & set(committed(name).data)]
    folder = copied_project(tmp_path_factory.mktemp("project"))
    with Server() as server:
        server.world.rankings = evil
        refreshed = in_project(folder, server, "-m", "analysis", *ARGUMENTS)
        assert refreshed.returncode == 0, refreshed.stderr
        done = in_project(folder, server, "-m", "analysis", "run", *names, "-p", "as_of=2026-10-19")
        assert done.returncode == 0, done.stdout + done.stderr
        assert KEY not in refreshed.stdout + refreshed.stderr + done.stdout + done.stderr
    return folder


def test_text_is_inert_in_a_table_and_comes_back_as_it_was(executed: Path):
    for name in TOKENS:
        with (executed / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            cells = [value for row in csv.DictReader(file) for value in row.values()]
        assert [value for value in cells if value.startswith(("=", "+", "-", "@"))] == []
    slugs = catalog.load("model_day", root=executed / "data")["model_permaslug"]
    assert set(EVIL) <= set(slugs)


def test_text_is_inert_on_a_page(executed: Path):
    pages = list((executed / "reports").rglob("*.html"))
    assert len(pages) > 1
    texts = ""
    for page in pages:
        soup = bs4.BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        assert [tag for tag in soup.find_all("script") if "alert(1)" in tag.get_text()] == []
        texts += soup.get_text()
    assert "<script>alert(1)" in texts
    assert "=cmd()" in texts


def test_text_is_inert_in_a_notebook(executed: Path):
    shown = []
    for path in (executed / "reports").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            data = [output.get("data", {}) for output in cell.get("outputs", [])]
            shown += [d[kind] for d in data for kind in ("text/html", "text/markdown") if kind in d]
    assert [text for text in shown if "<script" in text] == []
    assert any("&lt;script&gt;alert(1)" in text for text in shown)


def test_the_key_is_in_no_file_after_a_refresh_and_a_run(executed: Path):
    assert_no_key(executed)


ONE_RUN = """
from pathlib import Path
from analysis import NOTEBOOKS
from analysis.run import execute
run = execute.Run(NOTEBOOKS / "01_share_shift.ipynb", Path("out"), {"as_of": "2026-10-19", "weeks": 3})
print(execute.execute_one(run).error)
"""


def test_the_notebooks_run_unchanged_on_refreshed_weeks(server: Server, project_copy: Path):
    assert in_project(project_copy, server, "-m", "analysis", *ARGUMENTS).returncode == 0
    done = in_project(project_copy, server, "-c", ONE_RUN)
    assert done.stdout == "None\n", done.stdout + done.stderr
    output = project_copy / "out" / "01_share_shift.ipynb"
    _, verdict = verdict_cells(nbformat.read(output, as_version=4))["S1"]
    share_now = verdict.assertions[0].findings[0]
    assert (share_now.key, share_now.as_of) == ("cn_share_all", "2026-10-18")
    assert share_now.value == pytest.approx(0.6)
    assert "which hold all seven days: weeks 2026-09-28 to 2026-10-12." in json.dumps(
        nbformat.read(output, as_version=4)
    )
