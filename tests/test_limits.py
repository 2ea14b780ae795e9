"""What a source, a proxy or a disk may do: it ends in time and in memory, with one sentence, and nothing changed."""

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from itertools import count
from pathlib import Path

import pandas as pd
import pytest

from analysis import InputError, SourceError, catalog
from analysis.refresh import tables, transport
from analysis.refresh.tables import Request
from conftest import snapshot
from source_server import KEY, LAST_DAY, Server, as_json, model, rankings

pytestmark = pytest.mark.slow

SINCE = pd.Timestamp("2026-09-28")
TODAY = LAST_DAY + pd.Timedelta(days=2)
LIMITS = transport.Limits(connect=1, read=1, whole=0.5, total=20, attempts=2, pause=0.1)
DAYS = "datasets/rankings-daily"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificates but a test's own."""
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    """Server on loopback with the made-up sources."""
    with Server() as server:
        yield server


@pytest.fixture
def asked(server: Server, live_copy: Path) -> Request:
    """Request for the days from the first one after the snapshot."""
    return Request(("model_day",), server.environment, TODAY, SINCE, root=live_copy, limits=LIMITS)


def refused(request: Request, within: float = 5, kind: type[Exception] = SourceError) -> str:
    """The one sentence of a refresh that must not succeed, after looking at time, bytes and key."""
    before, began, said = snapshot(request.root.parent), time.monotonic(), []
    with pytest.raises(kind) as error:
        tables.run(request, said.append)
    assert time.monotonic() - began < within
    assert snapshot(request.root.parent) == before
    message = str(error.value)
    everything = message + "".join(said)
    assert not [part for part in (KEY[start : start + 8] for start in range(len(KEY) - 7)) if part in everything]
    assert len(message) <= 300
    assert message.isprintable()
    return message


class RawServer:
    """A server that does with each connection what a test says, from entering to leaving."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self.serve, self.listener, self.seen = serve, socket.create_server(("127.0.0.1", 0)), []
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> "RawServer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            self.seen.append(connection.recv(65_536))
            self.serve(connection)


def never_answers(connection: socket.socket) -> None:
    """Wait until the other side hangs up."""
    connection.recv(1)


def drips_headers(connection: socket.socket) -> None:
    """A byte of the headers now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def hints_forever(connection: socket.socket) -> None:
    """Interim answers without end."""
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")


@pytest.mark.parametrize("serve", [never_answers, drips_headers, hints_forever])
def test_a_request_ends_in_time_whatever_the_source_does(serve, asked: Request):
    with RawServer(serve) as raw:
        message = refused(replace(asked, environ=asked.environ | {"OPENROUTER_BASE_URL": raw.address}))
    assert message == f"{raw.address}/{DAYS} took more than 0.5 s to answer: run refresh again later."


def test_the_command_ends_in_time_however_often_it_may_ask(asked: Request):
    limits = replace(LIMITS, whole=10, read=10, total=1, attempts=99, pause=0.01)
    with RawServer(never_answers) as raw:
        message = refused(replace(asked, environ=asked.environ | {"OPENROUTER_BASE_URL": raw.address}, limits=limits))
    assert message.startswith((f"{raw.address}/{DAYS} took more than", "The refresh took more than the 1 s"))


def test_pages_that_never_run_out_are_counted(server: Server, asked: Request):
    numbers = count()
    page = lambda *_: as_json({"data": [model(f"a/{next(numbers)}")], "total_count": 10**6})  # noqa: E731
    server.world.reply = page
    message = refused(replace(asked, names=("prices",)))
    assert message == f"{server.address}/models does not end after 20 pages: run refresh again later."
    assert len(server.world.seen) == 20


def test_a_retry_after_that_is_a_date_is_kept(server: Server, asked: Request):
    pauses: list[float] = []
    date = formatdate(time.time() + 9, usegmt=True)
    server.world.faults = [{"status": 503, "headers": {"retry-after": date}}]
    tables.run(replace(asked, limits=replace(LIMITS, whole=5, sleep=pauses.append)), lambda line: None)
    assert len(pauses) == 1
    assert 6 < pauses[0] <= 9


# workers must collect tests of the same names: a time in a name differs between them
@pytest.mark.parametrize(
    "after", ["86400", formatdate(time.time() + 86_400, usegmt=True), "9" * 18], ids=["seconds", "date", "for ever"]
)
def test_a_retry_after_beyond_the_time_left_stops_at_once(after, server: Server, asked: Request):
    server.world.always = {"status": 429, "headers": {"retry-after": after}}
    message = refused(asked, within=2)
    assert "(429) and asks to wait" in message
    assert "longer than is left of the 20 s of a refresh: run refresh again in" in message
    assert len(server.world.seen) == 1


def bomb(layers: int, size: int = 400_000_000) -> bytes:
    """So many zeros, packed."""
    content = gzip.compress(bytes(size), 1)
    for _ in range(layers - 1):
        content = gzip.compress(content)
    return content


MEASURE = """
import atexit, re, sys
peak = lambda: re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
atexit.register(lambda: print(peak(), file=sys.stderr))
from analysis.__main__ import main
main(prog_name="python -m analysis")
"""
JSON = {"content-type": "application/json"}
HEAVY = {
    "gzip in gzip in gzip": (
        lambda: bomb(3),
        JSON | {"content-encoding": "gzip, gzip, gzip"},
        "packs its answer as 'gzip, gz",
    ),
    "gzip once": (lambda: bomb(1), JSON | {"content-encoding": "gzip"}, "answered with more than 10,000,000 bytes"),
    "many values": (
        lambda: b'{"data":[' + b"{}," * 2_000_000 + b"{}]}",
        JSON,
        "answered with more than 500,000 values",
    ),
    "as much as is taken": (
        lambda: b'{"data":[' + b'{"a":"\xf0\x9f\x98\x80xxxxxxxxxxx"},' * 240_000 + b"{}]}",
        JSON,
        "does not say in meta",
    ),
}


@pytest.mark.parametrize("case", HEAVY)
def test_memory_stays_below_300_megabytes(case, server: Server, project_copy: Path):
    body, headers, sentence = HEAVY[case]
    server.world.always = {"body": body(), "headers": headers}
    before = snapshot(project_copy)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, "refresh", "model_day", "--since", "2026-09-28"],
        cwd=project_copy,
        env=os.environ | server.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    *_, message, peak = done.stderr.splitlines()
    assert sentence in message
    assert done.returncode == 1
    assert int(peak) < 300_000, "kilobytes"
    assert snapshot(project_copy) == before


def slug(text: str) -> Callable[[Server], None]:
    """The rankings with another slug in the third row."""

    def prepare(server: Server) -> None:
        def answer(query: dict[str, str]) -> dict:
            body = rankings(query)
            body["data"][2]["model_permaslug"] = text
            return body

        server.world.rankings = answer

    return prepare


INVISIBLE = "holds a control or invisible character"
TEXTS = {
    "zero-width": ("a/b\u200bc", INVISIBLE),
    "bidirectional": ("a/\u202ecod", INVISIBLE),
    "a tag": ("a/b\U000e0041", INVISIBLE),
    "half of a pair": ("a/b\ud800", INVISIBLE),
    "a blank": ("a/b c", "is no slug such as author/model"),
    "blanks at its ends": (" a/b ", "holds blanks that are no single words' spaces"),
    "a path upward": ("../../etc/passwd", "is no slug such as author/model"),
    "a path from the root": ("/etc/passwd", "is no slug such as author/model"),
    "a path of another system": ("a\\b", "is no slug such as author/model"),
    "a letter that looks like another": ("openаi/gpt", "is no slug such as author/model"),
    "a long name": ("a/" + "b" * 300, "is longer than 200 characters"),
    "half of the key": (f"a/{KEY[10:20]}", "holds part of the API key"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_that_is_more_than_text_is_refused(case, server: Server, asked: Request):
    text, problem = TEXTS[case]
    slug(text)(server)
    message = refused(asked)
    assert message == f"{server.address}/{DAYS} row 3, column model_permaslug: {problem}: run refresh again later."


def test_a_key_that_json_escapes_is_found(server: Server, asked: Request):
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    body = json.dumps(rankings({"start_date": "2026-09-28", "end_date": "2026-10-18", "period": "day"}))
    server.world.always = as_json(body.replace("qwen/made-up-02", f"qwen/{escaped}").encode())
    assert "holds part of the API key" in refused(replace(asked, today=LAST_DAY + pd.Timedelta(days=1)))


def test_a_key_in_a_content_type_is_not_shown_and_a_long_one_is_cut(server: Server, asked: Request):
    server.world.always = {"body": b"x", "headers": {"content-type": f"x/{KEY}{'y' * 5000}"}}
    message = refused(asked)
    assert "'x/[key]'" in message
    server.world.always = {"body": b"x", "headers": {"content-type": f"x/{KEY[:12]}"}}
    assert "'x/[key]'" in refused(asked)


def test_a_plain_proxy_never_sees_the_key(asked: Request, monkeypatch: pytest.MonkeyPatch):
    """This machine is asked directly; another one through a tunnel that the proxy cannot look into."""
    with RawServer(never_answers) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        tables.run(replace(asked, dry_run=True, limits=replace(LIMITS, whole=5)), lambda line: None)
        assert proxy.seen == []
        refused(replace(asked, environ=asked.environ | {"OPENROUTER_BASE_URL": "https://made-up.invalid"}))
    assert proxy.seen
    assert all(request.startswith(b"CONNECT made-up.invalid:443") for request in proxy.seen)
    assert not [request for request in proxy.seen if KEY.encode() in request]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1", "::", "nonsense://"])
def test_a_proxy_that_cannot_be_one_is_bad_input(proxy, asked: Request, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    away = replace(asked, environ=asked.environ | {"OPENROUTER_BASE_URL": "https://made-up.invalid"})
    assert refused(away, kind=InputError) == (
        "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY must each be the http:// or https:// address of a proxy: correct or "
        "unset them."
    )


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "broken"])
def test_certificates_that_cannot_be_read_are_bad_input(content, asked, monkeypatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("certificates") / "all.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    away = replace(asked, environ=asked.environ | {"OPENROUTER_BASE_URL": "https://made-up.invalid"})
    assert refused(away, kind=InputError) == (
        "SSL_CERT_FILE and SSL_CERT_DIR name certificates that cannot be read: correct or unset them."
    )


@pytest.mark.parametrize("name", ["x" * 300, "a/" + "x" * 300, "a/b/c", "\u202e"])
def test_a_long_or_odd_name_of_a_table_is_bad_input(name, asked: Request):
    assert refused(replace(asked, names=(name,)), kind=InputError)


@pytest.mark.parametrize("body", [b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"data":[1e999999]}', b"\xff"])
def test_json_that_breaks_readers_is_one_sentence(body, server: Server, asked: Request):
    server.world.always = as_json(body)
    for name in ("model_day", "prices", "activity", "owner/name"):
        message = refused(replace(asked, names=(name,)))
        assert message.endswith(".")


@pytest.mark.parametrize("price", ["1e999999", "1e-999999x", 10**400, [1], {"a": 1}, "NaN", "１e"])
def test_a_price_that_no_float_holds_is_refused(price, server: Server, asked: Request):
    server.world.models = [model("a/x") | {"pricing": {"prompt": price, "completion": "0"}}]
    message = refused(replace(asked, names=("prices",)))
    assert message == f"{server.address}/models row 1 has a price that is no number: run refresh again later."


@pytest.mark.parametrize("counted", ["7", None, [1], 1.5])
def test_a_count_of_a_wrong_type_is_refused(counted, server: Server, asked: Request):
    server.world.always = as_json({"data": [model("a/x")], "total_count": counted})
    assert "lists no models, or fewer than it counts" in refused(replace(asked, names=("prices",)))


def test_a_disk_that_cannot_be_read_names_the_file(asked: Request):
    path = asked.root / "prices.csv"
    path.unlink()
    path.symlink_to(path)
    message = refused(asked, kind=InputError)
    assert str(path) in message


def test_a_folder_that_is_a_loop_of_links_is_named(asked: Request, tmp_path_factory):
    loop = tmp_path_factory.mktemp("loop") / "data"
    loop.symlink_to(loop)
    assert refused(replace(asked, root=loop)).startswith(f"{loop} cannot be read or written (Too many levels")


def test_a_table_that_is_a_symbolic_link_stays_one(asked: Request, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "days.csv"
    path = asked.root / "model_day.csv"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    tables.run(replace(asked, limits=replace(LIMITS, whole=5)), lambda line: None)
    assert path.is_symlink()
    assert catalog.load("model_day", root=asked.root)["date"].max() == LAST_DAY
    assert [other.name for other in elsewhere.parent.iterdir()] == ["days.csv"]


def test_a_reader_meets_the_old_or_the_new_package_while_a_refresh_writes(server: Server, asked: Request):
    """Two threads read as fast as they can while one refresh after another replaces the table."""
    done, faults, ends = threading.Event(), [], set()

    def read() -> None:
        while not done.is_set():
            try:
                ends.add(len(catalog.read_bytes("model_day", asked.root)))
            except InputError as error:
                faults.append(str(error))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    days = rankings({"start_date": "2026-09-28", "end_date": "2026-10-18", "period": "day"})["data"]
    for length in range(1, 9):
        rows, last = days[: 51 * length], days[51 * length - 1]["date"]
        meta = {"as_of": f"{last}T02:00:00Z", "version": "v1", "start_date": "2026-09-28", "end_date": last}
        server.world.always = as_json({"data": rows, "meta": meta})
        tables.run(replace(asked, limits=replace(LIMITS, whole=5)), lambda line: None)
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert len(ends) > 1
