"""Each fault of a source: one sentence, a non-zero exit, the tables byte for byte, and the key nowhere."""

import json
import logging
import socket
import tomllib
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import analysis.__main__
from analysis import InputError, SourceError, catalog
from analysis.refresh import sources, transport
from conftest import snapshot
from source_server import AS_OF, KEY, Server, World, archive, as_json, day_rows, model, rankings

SLEPT: list[float] = []
LIMITS = transport.Limits(
    connect=1, read=0.2, whole=0.4, total=60, attempts=3, pause=2, size=2_000_000, sleep=SLEPT.append
)
SINCE = "2026-09-28"
DAYS = "datasets/rankings-daily"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Server on loopback at which the project is pointed, with short limits and no real waiting."""
    with Server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(transport, "LIMITS", LIMITS)
        SLEPT.clear()
        yield server


@pytest.fixture
def refresh(
    server: Server, live_copy: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[..., Result]]:
    """``python -m analysis refresh`` on a copy of the data; afterwards the key is looked for everywhere."""
    monkeypatch.setattr(analysis.__main__, "DATA", live_copy)
    caplog.set_level(logging.DEBUG)
    said = []

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(analysis.__main__.main, ["refresh", *arguments])
        said.append(result.output + "".join(traceback.format_exception(*result.exc_info)))
        return result

    yield run
    everything = [*said, caplog.text, *(str(vars(record)) for record in caplog.records)]
    everything += [content.decode("utf-8", "replace") for content in snapshot(live_copy.parent).values()]
    assert said
    assert [text for text in everything if KEY in text] == []


def cell(column: str, value: object) -> Callable[[World], None]:
    """The third row of the rankings with another value; a column is left out for ``...``."""

    def change(world: World) -> None:
        def answer(query: dict[str, str]) -> dict:
            body = rankings(query)
            row = {**body["data"][2], column: value}
            body["data"][2] = {name: given for name, given in row.items() if given is not ...}
            return body

        world.rankings = answer

    return change


def body(change: Callable[[dict], object]) -> Callable[[World], None]:
    """The rankings with something else changed."""

    def prepare(world: World) -> None:
        def answer(query: dict[str, str]) -> dict:
            content = rankings(query)
            change(content)
            return content

        world.rankings = answer

    return prepare


def always(**reply: object) -> Callable[[World], None]:
    """Every request gets this reply."""

    def prepare(world: World) -> None:
        world.always = reply

    return prepare


def drop_day(content: dict) -> None:
    content["data"] = [row for row in content["data"] if row["date"] != "2026-10-07"]


LATER = "run refresh again later"
CHECK = "check OPENROUTER_BASE_URL"
FAULTS = {
    "silence before the answer": (
        always(hold="all"),
        f"{{url}} did not answer in time: check the network, or {LATER}.",
    ),
    "silence in the body": (
        always(**as_json(day_rows("2026-10-01")), hold=20),
        f"{{url}} did not answer in time: check the network, or {LATER}.",
    ),
    "a byte now and then": (
        always(drip=0.05, headers={"content-length": "100000"}),
        f"{{url}} took more than 0.4 s to answer: {LATER}.",
    ),
    "400": (always(status=400), f"{{url}} does not take the request (400): its contract may have changed, or {CHECK}."),
    "401": (
        always(status=401),
        "{url} does not accept the key (401): set OPENROUTER_API_KEY to a valid OpenRouter key.",
    ),
    "403": (
        always(status=403),
        "{url} forbids the request (403): set OPENROUTER_API_KEY to a key that may make it; activity takes a "
        "management key.",
    ),
    "404": (always(status=404), f"{{url}} is not there (404): {CHECK}."),
    "418": (always(status=418), f"{{url}} answered with status 418: {CHECK}."),
    "429 without Retry-After": (always(status=429), "{url} limits the rate (429): run refresh again in a minute."),
    "429 with Retry-After": (
        always(status=429, headers={"retry-after": "7"}),
        "{url} limits the rate (429): run refresh again in 7 s.",
    ),
    "429 with a long Retry-After": (
        always(status=429, headers={"retry-after": "3600"}),
        "{url} limits the rate (429) and asks to wait 3600 s, longer than is left of the 60 s of a refresh: run "
        "refresh again in 3600 s.",
    ),
    "500": (always(status=500), f"{{url}} fails (500): {LATER}."),
    "a body that breaks off": (
        always(body=b"{}", headers={"content-length": "4", "connection": "close"}),
        f"{{url}} broke off or garbled its answer: {LATER}.",
    ),
    "a body that is not what its encoding says": (
        always(body=b"{}", headers={"content-encoding": "gzip"}),
        f"{{url}} broke off or garbled its answer: {LATER}.",
    ),
    "truncated JSON": (
        always(body=b'{"data": [{"date": "2026'),
        f"{{url}} answered with JSON that is incomplete or broken: {LATER}.",
    ),
    "JSON too deep": (
        always(body=b"[" * 100_000),
        f"{{url}} answered with JSON that is incomplete or broken: {LATER}.",
    ),
    "JSON that is no object": (always(body=b"[]"), f"{{url}} answered with JSON that is not an object: {CHECK}."),
    "wrong content type": (
        always(body=b"<html>Log in</html>", headers={"content-type": "text/html; charset=utf-8"}),
        f"{{url}} answered with 'text/html' instead of JSON, as a login or error page does: {CHECK}.",
    ),
    "a body above the limit": (
        always(body=b" " * 2_000_001),
        f"{{url}} answered with more than 2,000,000 bytes: {CHECK}.",
    ),
    "the key in the answer": (
        cell("model_permaslug", f"echo/{KEY}"),
        f"{{url}} repeats the API key in its answer, which is not used: {CHECK}.",
    ),
    "tokens as a number": (
        cell("total_tokens", 7),
        f"{{url}} row 3, column total_tokens: expected text; found int: {LATER}.",
    ),
    "no tokens": (
        cell("total_tokens", ...),
        f"{{url}} row 3, column total_tokens: expected text; found nothing: {LATER}.",
    ),
    "tokens as an empty string": (
        cell("total_tokens", ""),
        "{url} row 3, column total_tokens: a value is required; found ''.",
    ),
    "negative tokens": (
        cell("total_tokens", "-1"),
        "{url} row 3, column total_tokens: the least allowed is 0; found '-1'.",
    ),
    "tokens above 2^63": (
        cell("total_tokens", "9223372036854775809"),
        "{url} row 3, column total_tokens: expected a valid integer; found '9223372036854775809'.",
    ),
    "a day that is none": (
        cell("date", "2026-09-31"),
        "{url} row 3, column date: expected a valid date; found '2026-09-31'.",
    ),
    "a last day that is none": (
        body(lambda content: content["data"][-1].update(date="2026-10-99")),
        "{url} row 1071, column date: expected a valid date; found '2026-10-99'.",
    ),
    "a day outside the window": (
        cell("date", "2026-09-27"),
        f"{{url}} gives days outside 2026-09-28 to {{yesterday}}: {LATER}.",
    ),
    "a control character": (
        cell("model_permaslug", "qwen/\x1b[2J"),
        f"{{url}} row 3, column model_permaslug: holds a control or invisible character: {LATER}.",
    ),
    "missing meta": (
        body(lambda content: content.pop("meta")),
        f"{{url}} does not say in meta what it covers and as of when: {LATER}.",
    ),
    "another version": (
        body(lambda content: content["meta"].update(version="v2")),
        "{url} is of version 'v2'; this project knows v1: update the project.",
    ),
    "another period": (
        body(lambda content: content["meta"].update(start_date="2026-09-29")),
        f"{{url}} answers for another period than 2026-09-28 to {{yesterday}}: {LATER}.",
    ),
    "rows that end before the period": (
        body(lambda content: content.update(data=content["data"][: 51 * 5])),
        f"{{url}} says that it covers 2026-10-18, and its last row is of 2026-10-02: {LATER}.",
    ),
    "no last day": (
        body(lambda content: content["meta"].update(end_date="")),
        f"{{url}} gives no day in meta.end_date: {LATER}.",
    ),
    "no time": (
        body(lambda content: content["meta"].update(as_of="yesterday")),
        f"{{url}} gives no time in meta.as_of: {LATER}.",
    ),
    "no rows": (body(lambda content: content["data"].clear()), f"{{url}} gives no rows: {LATER}."),
    "no list of rows": (
        body(lambda content: content.update(data={})),
        f"{{url}} gives no list of rows in data: {LATER}.",
    ),
    "duplicate rows": (
        body(lambda content: content["data"].insert(1, content["data"][0])),
        "{url} row 2, column model_permaslug: the row repeats the key (date, model_permaslug) of an earlier one; "
        "found 'qwen/made-up-00'.",
    ),
    "a day missing in the middle": (
        body(drop_day),
        f"{{url}} has no rows for 2026-10-07: {LATER}, or accept the gap with --allow-loss.",
    ),
}


def assert_refused(result: Result, sentence: str) -> None:
    """Exit status 1, and in the end one sentence."""
    assert result.exit_code == 1, result.output
    assert result.output.splitlines()[-1] == f"Error: {sentence}"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_and_changes_nothing(fault, server, refresh, live_copy):
    prepare, sentence = FAULTS[fault]
    before = snapshot(live_copy.parent)
    prepare(server.world)
    result = refresh("--since", SINCE)
    yesterday = (pd.Timestamp.now("UTC") - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    assert_refused(result, sentence.format(url=f"{server.address}/{DAYS}", yesterday=yesterday))
    assert snapshot(live_copy.parent) == before


def test_a_sum_that_no_integer_holds_is_refused(server, refresh, live_copy):
    before = snapshot(live_copy.parent)
    body(lambda content: [row.update(total_tokens="9" * 18) for row in content["data"]])(server.world)
    result = refresh("author_week", "--since", SINCE, "--allow-odd")
    assert result.exit_code == 1
    assert "Error: What was fetched does not fit the table author_week: author_week.csv line 15" in result.output
    assert snapshot(live_copy.parent) == before


def test_a_connection_that_is_refused_names_address_and_variable(refresh, monkeypatch, live_copy):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("OPENROUTER_BASE_URL", address)
        before = snapshot(live_copy.parent)
        result = refresh()
    assert_refused(result, f"{address}/{DAYS} cannot be reached: check the network and OPENROUTER_BASE_URL.")
    assert snapshot(live_copy.parent) == before
    assert SLEPT == [2, 4]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "slept"),
    [
        ({"status": 500}, [2.0]),
        ({"status": 429}, [2.0]),
        ({"status": 429, "headers": {"retry-after": "7"}}, [7.0]),
        ({"status": 503, "headers": {"retry-after": "soon"}}, [2.0]),
    ],
    ids=["500", "429", "429 with Retry-After", "503 with a Retry-After that is no number"],
)
def test_a_fault_that_passes_is_tried_again_after_the_pause_asked_for(fault, slept, server, refresh, live_copy):
    server.world.faults = [fault]
    result = refresh("model_day", "--since", SINCE)
    assert result.exit_code == 0, result.output
    assert slept == SLEPT
    assert catalog.load("model_day", root=live_copy)["date"].max() == pd.Timestamp("2026-10-18")


def test_attempts_are_bounded_and_their_pauses_grow(server, refresh):
    server.world.always = {"status": 500}
    assert refresh("--since", SINCE).exit_code == 1
    assert len(server.world.seen) == LIMITS.attempts
    assert SLEPT == [2, 4]


def test_a_rate_limit_with_a_long_pause_is_not_tried_again(server, refresh):
    server.world.always = {"status": 429, "headers": {"retry-after": "3600"}}
    assert refresh("--since", SINCE).exit_code == 1
    assert len(server.world.seen) == 1
    assert SLEPT == []


def test_a_redirect_to_another_host_is_not_followed(server, refresh, live_copy):
    before = snapshot(live_copy.parent)
    with Server() as other:
        elsewhere = other.address.replace("127.0.0.1", "localhost")
        server.world.always = {"status": 302, "headers": {"location": elsewhere}}
        result = refresh("--since", SINCE)
        assert other.world.seen == []
    url = f"{server.address}/{DAYS}"
    assert_refused(result, f"{url} redirects to another host, which is not followed: check OPENROUTER_BASE_URL.")
    assert snapshot(live_copy.parent) == before


def test_a_redirect_within_the_host_is_followed_and_a_circle_is_not(server, refresh):
    server.world.faults = [{"status": 307, "headers": {"location": f"/moved/{DAYS}?{'start_date=2026-09-28'}"}}]
    server.world.rankings = lambda query: rankings({"period": "day", "end_date": "2026-10-18", **query})
    assert refresh("model_day", "--since", SINCE).exit_code == 0
    assert server.world.seen[-1][0] == f"/moved/{DAYS}"
    server.world.always = {"status": 307, "headers": {"location": f"/{DAYS}"}}
    result = refresh("model_day", "--since", SINCE)
    assert_refused(result, f"{server.address}/{DAYS} redirects in circles: check OPENROUTER_BASE_URL.")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://example.org/api", "must be an https address (http only on this machine)"),
        ("ftp://127.0.0.1", "must be an https address (http only on this machine)"),
        ("nonsense", "must be an https address (http only on this machine)"),
        ("https://user:secret@example.org", "must be an address without user, query or fragment"),
        ("https://example.org/?key=secret", "must be an address without user, query or fragment"),
    ],
)
def test_an_address_that_would_leak_the_key_is_refused_as_bad_input(address, message, refresh, monkeypatch):
    monkeypatch.setenv("OPENROUTER_BASE_URL", address)
    result = refresh()
    assert result.exit_code == 2
    assert f"Error: OPENROUTER_BASE_URL {message}" in " ".join(result.output.split())
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "",
            "The daily rankings need an OpenRouter key: set OPENROUTER_API_KEY to one (any will do), or "
            "name the tables that need none: prices, capability, gateway_share.",
        ),
        (f"{KEY}\nx: y", "OPENROUTER_API_KEY holds what no key can be: copy the key again."),
        (f"{KEY}\u2026", "OPENROUTER_API_KEY holds what no key can be: copy the key again."),
    ],
    ids=["no key", "a line break in it", "an ellipsis in it"],
)
def test_a_key_that_is_missing_or_mangled_is_refused_before_anything_is_asked(
    key, message, server, refresh, monkeypatch
):
    monkeypatch.setenv("OPENROUTER_API_KEY", key)
    result = refresh("author_week")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == f"Error: {message}"
    assert server.world.seen == []


def test_only_openrouter_gets_the_key(server, refresh):
    assert refresh("--since", SINCE, "--allow-loss", "--allow-odd").exit_code == 0
    got = {path: key for path, _, key in server.world.seen}
    assert got[f"/{DAYS}"] == got["/models"] == f"Bearer {KEY}"
    assert got["/api.json"] == got["/benchmark_data.zip"] == got["/leaderboard-export"] == ""


def client(server: Server, name: str = "openrouter") -> AbstractContextManager[transport.Connection]:
    """How a source at the server is asked."""
    return transport.connect(name, server.environment, LIMITS)


def test_the_whole_history_is_asked_for_in_windows_of_a_year(server):
    with client(server) as connection:
        fetched = sources.rankings_daily(connection, pd.Timestamp("2024-10-19"), pd.Timestamp("2026-10-18"))
    windows = [(query["start_date"], query["end_date"]) for _, query, _ in server.world.seen]
    asked = list(dict.fromkeys(windows))  # a slow answer is asked for twice
    assert asked == [("2024-10-19", "2025-10-19"), ("2025-10-20", "2026-10-18")]
    assert fetched.frame["date"].nunique() == 730 - 2
    assert fetched.url == f"{server.address}/{DAYS}"
    assert fetched.as_of == AS_OF
    assert fetched.citation.startswith(f"Source: OpenRouter (openrouter.ai/rankings), as of {AS_OF}. Licensed under CC")


def test_a_listing_gives_prices_per_million_without_noise_and_leaves_out_what_has_no_price(server):
    listed = [model("a/x", "0.00000026", "0.00000038", input_cache_read="0.000000026"), model("a/auto", "-1", "-1")]
    server.world.models = [*listed, *(model(f"b/{i}") for i in range(3))]
    with client(server) as connection:
        fetched = sources.listings(connection)
    row = fetched.frame.set_index("model").loc["a/x"]
    assert row[sources.PRICES[:3]].tolist() == [0.26, 0.38, 0.026]
    assert pd.isna(row["cache_write_usd_per_mtok"])
    assert "a/auto" not in set(fetched.frame["model"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pricing": {"prompt": "dear", "completion": "0"}}, "row 2 has a price that is no number"),
        ({"pricing": {"prompt": "Infinity", "completion": "0"}}, "row 2 has a price that is no number"),
        ({"pricing": {"prompt": True, "completion": "0"}}, "row 2 has a price that is no number"),
        ({"pricing": {"prompt": "0"}}, "row 2 lacks its id or its prices"),
        ({"id": None}, "row 2 lacks its id or its prices"),
        ({"id": "openai/gpt-5.5"}, "gives 'openai/gpt-5.5' more than once"),
        ({"id": "a/\x07"}, "row 2, column model: holds a control or invisible character"),
    ],
)
def test_a_listing_that_does_not_fit_is_refused_by_row(server, change, message):
    server.world.models = [model("openai/gpt-5.5"), {**model("a/x"), **change}]
    with client(server) as connection, pytest.raises(SourceError) as error:
        sources.listings(connection)
    assert str(error.value) == f"{server.address}/models {message}: {LATER}."


def test_a_list_of_models_shorter_than_it_says_is_refused(server):
    server.world.always = as_json({"data": [], "total_count": 5})
    with client(server) as connection, pytest.raises(SourceError, match="lists no models, or fewer than it counts"):
        sources.listings(connection)


def test_epochs_archive_gives_the_best_setting_of_each_scored_model(server):
    with client(server, "epoch") as connection:
        frame = sources.capability(connection).frame.set_index("name")
    assert frame["score"].to_dict() == {"Made-up 1": 151.24, "GPT-5": 150.0, "Joint work": 99.5}
    assert frame["country"].to_dict() == {"Made-up 1": "CN", "GPT-5": "US", "Joint work": "CN+US"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK no archive", "is no archive, or a broken one, or has no epoch_capabilities_index.csv"),
        (archive("x", "other.csv"), "is no archive, or a broken one, or has no epoch_capabilities_index.csv"),
        (archive("Display name\nx"), "lacks one of Country, Display name, ECI Score, Organization, Release date"),
        (archive("Display name,ECI Score,Release date,Organization,Country\nx,high,2026-01-01,a,b"), "has no scores"),
        (
            archive("Display name,ECI Score,Release date,Organization,Country\nx,1,soon,a,b"),
            "has no scores, or one that",
        ),
        (archive(" " * 2_000_001), "epoch_capabilities_index.csv unpacks to more than 2,000,000 bytes"),
    ],
)
def test_an_archive_that_does_not_fit_is_refused(server, content, message):
    server.world.epoch = content
    with client(server, "epoch") as connection, pytest.raises(SourceError, match=message):
        sources.capability(connection)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"openai": {}}, "'openai' has no models"),
        ({"openai": {"models": {"x": {"cost": {"input": "dear"}}}}}, "'x' has a price that is no number"),
        ({}, "gives no price"),
    ],
)
def test_vendor_prices_that_do_not_fit_are_refused(server, answer, message):
    server.world.vendors = answer
    with client(server, "models_dev") as connection, pytest.raises(SourceError, match=message):
        sources.vendor_prices(connection)


def test_own_usage_comes_as_the_price_notebook_takes_it(server, refresh, live_copy):
    given = Path(__file__).parent / "data" / "made_up_activity.json"
    server.world.activity = json.loads(given.read_text(encoding="utf-8"))
    before = snapshot(live_copy)
    result = refresh("activity")
    assert result.exit_code == 0, result.output
    read = catalog.read_activity(live_copy.parent / "reports" / "activity.csv")
    pd.testing.assert_frame_equal(read, catalog.read_activity(given))
    assert snapshot(live_copy) == before


def test_own_usage_that_does_not_fit_is_refused_by_row(server, refresh, live_copy):
    server.world.activity = {"data": [{"date": "2026-10-01"}]}
    before = snapshot(live_copy.parent)
    result = refresh("activity")
    assert result.exit_code == 1
    assert f"Error: {server.address}/activity row 1 has no model, model_permaslug" in result.output
    assert snapshot(live_copy.parent) == before


def test_an_unknown_source_and_a_day_that_is_none_are_bad_input(refresh):
    for arguments, message in [
        (["authors"], "No source refreshes 'authors'; there are sources of model_day, author_week, model_week, prices"),
        (["--since", "soon"], "--since must be a date such as 2026-05-25, not 'soon'"),
        (["--since", "2024-12-31"], "--since takes a day from 2025-01-01, the first of the source, to yesterday"),
        (["--since", "2999-01-01"], "--since takes a day from 2025-01-01, the first of the source, to yesterday"),
    ]:
        result = refresh(*arguments)
        assert result.exit_code == 2
        assert f"Error: {message}" in result.output


def test_the_help_names_the_key_and_the_variable_of_every_address():
    text = CliRunner().invoke(analysis.__main__.main, ["refresh", "--help"]).output
    for name in ("OPENROUTER_API_KEY", *(source.variable for source in transport.SOURCES.values())):
        assert name in text
    words = " ".join(text.split())
    limits = transport.LIMITS
    stated = f"a request may take {limits.whole:g} seconds, and all of them, pauses included, {limits.total:g} seconds"
    assert stated in words
    assert "--allow-odd" in words
    with pytest.raises(InputError), transport.connect("epoch", {"EPOCH_BASE_URL": "x"}):
        pass
    assert KEY not in repr(transport.Connection(transport.SOURCES["epoch"], "", replace(LIMITS, size=1), KEY))


def test_a_published_configuration_is_shown_in_the_projects_form(server, refresh, live_copy):
    server.world.config = {
        "model_type": "deepseek_v3",
        "hidden_size": 7168,
        "vocab_size": 129280,
        "num_hidden_layers": 61,
        "first_k_dense_replace": 3,
        "num_attention_heads": 128,
        "q_lora_rank": 1536,
        "kv_lora_rank": 512,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "v_head_dim": 128,
        "intermediate_size": 18432,
        "moe_intermediate_size": 2048,
        "n_routed_experts": 256,
        "n_shared_experts": 1,
        "num_experts_per_tok": 8,
    }
    before = snapshot(live_copy.parent)
    result = refresh("deepseek-ai/DeepSeek-V3")
    assert result.exit_code == 0, result.output
    form = tomllib.loads(result.output.rsplit("\n", 2)[0])["DeepSeek-V3"]
    assert form["blocks"] == [[3, "attention", "dense"], [58, "attention", "experts"]]
    assert form["parts"]["experts"] == {"kind": "mixture", "experts": 256, "per_token": 8, "width": 2048, "shared": 1}
    assert form["parts"]["attention"] == {
        "kind": "latent",
        "heads": 128,
        "query_rank": 1536,
        "kv_rank": 512,
        "nope_dim": 128,
        "rope_dim": 64,
        "value_dim": 128,
    }
    assert snapshot(live_copy.parent) == before
    assert server.world.seen == [("/deepseek-ai/DeepSeek-V3/resolve/main/config.json", {}, "")]


def test_an_id_that_leaves_its_place_is_refused(server, refresh):
    for name in ("../etc/passwd", "owner/name/more", "owner/../x", "a/b?c"):
        result = refresh(name)
        assert result.exit_code == 2
        assert "is no id of a model on Hugging Face, such as owner/name." in result.output
    assert server.world.seen == []
