"""Answers of each source changed at random: valid tables come out, or one sentence and nothing has changed."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import InputError, SourceError, catalog
from analysis.refresh import tables, transport
from analysis.refresh.tables import Request
from conftest import PACKAGE, snapshot
from source_server import LAST_DAY, Server, archive, as_json, labs, on_sale, rankings

pytestmark = pytest.mark.slow

TODAY = pd.Timestamp("2026-12-01")
LIMITS = transport.Limits(connect=2, read=2, whole=5, attempts=1)
ADDRESSES = {
    "rankings-daily": "days",
    "models": "models",
    "api.json": "vendors",
    "benchmark_data.zip": "fit",
    "activity": "usage",
    "config.json": "config",
    "leaderboard-export": "labs",
}
EXAMPLES = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(["", "0", "-1", "1e999999", "9" * 40, "2999-01-01", "0001-01-01", "../x", "a\u200b", "=cmd()"]),
    st.sampled_from([[], {}, [[]], {"a": {}}, "x" * 400, 10**30]),
)


@dataclass
class Place:
    """A data package of the tables that have a source, and the server that is asked."""

    server: Server
    request: Request
    bytes_before: dict[str, bytes]

    def answer(self, **replies: dict[str, Any]) -> None:
        """Let the server answer with these replies, each to its own address."""
        standard = {"vendors": as_json(VENDORS), "usage": as_json(USAGE)}
        known = standard | replies

        def reply(path: str, query: dict[str, str]) -> dict[str, Any]:
            return known[ADDRESSES[path.rsplit("/", 1)[1]]]

        self.server.world.reply = reply

    def refresh(self, *names: str) -> str:
        """Refresh; the one sentence of a refusal, or nothing where valid tables came out."""
        try:
            tables.run(
                Request(names, self.request.environ, TODAY, self.request.since, root=self.root, limits=LIMITS), len
            )
        except (SourceError, InputError) as error:
            assert snapshot(self.root) == self.bytes_before
            assert str(error).isprintable()
            assert len(str(error)) <= 300
            return str(error)
        catalog.check(self.root)
        self.restore()
        return ""

    @property
    def root(self) -> Path:
        return self.request.root

    def restore(self) -> None:
        """Put back what was there, and take away what was not, such as the table of values that were replaced."""
        for name in set(snapshot(self.root)) - set(self.bytes_before):
            (self.root / name).unlink()
        for name, content in self.bytes_before.items():
            (self.root / name).write_bytes(content)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = Path(shutil.copytree(PACKAGE, tmp_path_factory.mktemp("package") / "data"))
    with Server() as server:
        request = Request((), server.environment, TODAY, pd.Timestamp("2026-10-05"), root=root, limits=LIMITS)
        yield Place(server, request, snapshot(root))


def way_into(draw: st.DataObject, value: Any) -> list[Any]:
    """Keys that lead to a part of a JSON value, from the outside in."""
    way: list[Any] = []
    while isinstance(value, dict | list) and value:
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        way.append(draw.draw(st.sampled_from(keys)))
        value = value[way[-1]]
        if draw.draw(st.integers(0, 3)) == 0:
            break
    return way


def changed(draw: st.DataObject, value: Any) -> Any:
    """A copy of a JSON value with one to three parts replaced, removed or doubled."""
    copy = json.loads(json.dumps(value))
    for _ in range(draw.draw(st.integers(1, 3))):
        if not copy:
            break
        *way, last = way_into(draw, copy)
        holder = copy
        for key in way:
            holder = holder[key]
        what = draw.draw(st.sampled_from(["replace", "remove", "double"]))
        if what == "remove":
            del holder[last]
        elif what == "double" and isinstance(holder, list):
            holder.append(holder[last])
        else:
            holder[last] = draw.draw(VALUES)
    return copy


def spoilt(draw: st.DataObject, content: bytes) -> bytes:
    """Bytes cut short, or with some of them changed."""
    body = bytearray(content)
    for _ in range(draw.draw(st.integers(1, 4))):
        body[draw.draw(st.integers(0, len(body) - 1))] = draw.draw(st.integers(0, 255))
    return bytes(body[: draw.draw(st.integers(len(body) // 2, len(body)))])


@cache
def days() -> dict[str, Any]:
    """Two weeks of the rankings, as the request asks for them."""
    body = rankings({"start_date": "2026-10-05", "end_date": f"{LAST_DAY:%Y-%m-%d}", "period": "day"})
    return body | {"meta": body["meta"] | {"end_date": f"{LAST_DAY:%Y-%m-%d}"}}


@cache
def listing() -> dict[str, Any]:
    """OpenRouter's list with the models and prices that the table has."""
    models = on_sale(catalog.load("prices", root=PACKAGE))
    return {"data": models, "total_count": len(models)}


@cache
def shares() -> dict[str, Any]:
    """Two weeks of the gateway's labs, as the request asks for them."""
    asked = {"dataset": "labs", "modality": "text", "format": "json", "from": "2026-10-05"}
    return labs(asked | {"to": f"{LAST_DAY:%Y-%m-%d}"})


@cache
def fit() -> str:
    """Epoch AI's table with the models of the newest fit."""
    held = catalog.load("capability", root=PACKAGE)
    rows = held[held["fit"].eq(held["fit"].max())]
    text = pd.DataFrame(
        {
            "Display name": rows["name"],
            "ECI Score": rows["score"] + 0.5,
            "Release date": rows["release_date"].dt.strftime("%Y-%m-%d"),
            "Organization": rows["vendor"],
            "Country": "China",
        }
    )
    return text.to_csv(index=False)


VENDORS = {"openai": {"models": {name: {"cost": {"input": 5, "output": 30}} for name in ("gpt-5.5", "gpt-5")}}}
USAGE = json.loads((Path(__file__).parent / "data" / "made_up_activity.json").read_text(encoding="utf-8"))


def as_archive(content: bytes) -> dict[str, Any]:
    """A reply with an archive."""
    return {"body": content, "headers": {"content-type": "application/zip"}}


@pytest.fixture
def outcomes() -> Iterator[list[str]]:
    """What the refreshes of a test said; of answers changed at random some are refused."""
    said: list[str] = []
    yield said
    assert any(said)


def test_answers_that_are_not_changed_make_valid_tables(place: Place):
    place.answer(
        days=as_json(days()), models=as_json(listing()), fit=as_archive(archive(fit())), labs=as_json(shares())
    )
    assert place.refresh("model_day", "author_week", "model_week") == ""
    assert place.refresh("gateway_share") == ""
    assert place.refresh("prices", "capability") == ""
    assert place.refresh("activity") == ""


@EXAMPLES
@given(draw=st.data())
def test_rankings_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(days=as_json(changed(draw, days())))
    outcomes.append(place.refresh("model_day", "author_week", "model_week"))


@EXAMPLES
@given(draw=st.data())
def test_shares_of_labs_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(labs=as_json(changed(draw, shares())))
    outcomes.append(place.refresh("gateway_share"))


@EXAMPLES
@given(draw=st.data())
def test_listed_prices_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(models=as_json(changed(draw, listing())))
    outcomes.append(place.refresh("prices"))


@EXAMPLES
@given(draw=st.data())
def test_vendor_prices_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(models=as_json(listing()), vendors=as_json(changed(draw, VENDORS)))
    outcomes.append(place.refresh("prices"))


@EXAMPLES
@given(draw=st.data())
def test_capability_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    lines = [line.split(",") for line in fit().splitlines()]
    row, column = draw.draw(st.integers(0, len(lines) - 1)), draw.draw(st.integers(0, 4))
    lines[row][column] = str(draw.draw(VALUES))
    text = "\n".join(",".join(line) for line in lines).encode("utf-8", "replace").decode()
    place.answer(fit=as_archive(archive(text)))
    outcomes.append(place.refresh("capability"))


@EXAMPLES
@given(draw=st.data())
def test_usage_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(usage=as_json(changed(draw, USAGE)))
    outcomes.append(place.refresh("activity"))


@EXAMPLES
@given(draw=st.data())
def test_a_configuration_that_is_anything_is_one_sentence(place: Place, outcomes: list[str], draw: st.DataObject):
    place.answer(config=as_json(draw.draw(st.dictionaries(st.text(max_size=9), VALUES))))
    outcomes.append(place.refresh("owner/name"))


@EXAMPLES
@given(draw=st.data(), name=st.sampled_from(["model_day", "prices", "capability", "gateway_share", "activity"]))
def test_bytes_changed_at_random(place: Place, outcomes: list[str], draw: st.DataObject, name: str):
    def of_json(value: Any) -> dict[str, Any]:
        return as_json(spoilt(draw, json.dumps(value).encode()))

    if name == "model_day":
        place.answer(days=of_json(days()))
    elif name == "prices":
        place.answer(models=of_json(listing()))
    elif name == "gateway_share":
        place.answer(labs=of_json(shares()))
    elif name == "activity":
        place.answer(usage=of_json(USAGE))
    else:
        place.answer(fit=as_archive(spoilt(draw, archive(fit()))))
    outcomes.append(place.refresh(name))
