"""What a source gives beside its own past: what is odd is refused with what was seen, and taken where that is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import SourceError, catalog
from analysis.refresh import plausible, tables, transport
from analysis.refresh.tables import Request
from conftest import PACKAGE, snapshot
from source_server import LAST_DAY, Server, archive, on_sale, rankings

pytestmark = pytest.mark.slow

TODAY = LAST_DAY + pd.Timedelta(days=2)
SINCE = pd.Timestamp("2026-09-28")
ACCEPT = ": run refresh again later, or accept that with --allow-odd."


@pytest.fixture
def asked(live_copy: Path) -> Iterator[Request]:
    with Server() as server:
        limits = transport.Limits(whole=5, attempts=1)
        yield Request(
            ("model_day",), server.environment | {"server": server}, TODAY, SINCE, root=live_copy, limits=limits
        )


def refused(request: Request) -> str:
    """The sentence that a refresh is refused with, after looking that it changed nothing and goes on where told to."""
    before = snapshot(request.root)
    with pytest.raises(SourceError) as error:
        tables.run(request, lambda line: None)
    assert snapshot(request.root) == before
    said: list[str] = []
    tables.run(replace(request, allow_odd=True), said.append)
    message = str(error.value)
    assert f"  accepted: {message.removesuffix(ACCEPT)}" in said
    return message.removesuffix(ACCEPT).replace(request.environ["OPENROUTER_BASE_URL"], "it")


def with_days(request: Request, change: Callable[[list[dict]], list[dict]]) -> Request:
    def answer(query: dict[str, str]) -> dict:
        body = rankings(query)
        return body | {"data": change(body["data"])}

    request.environ["server"].world.rankings = answer
    return request


def test_a_day_of_few_rows_is_odd(asked: Request):
    kept = {f"qwen/made-up-{i:02}" for i in range(3)}
    cut = lambda rows: [row for row in rows if row["date"] != "2026-10-07" or row["model_permaslug"] in kept]  # noqa: E731
    assert refused(with_days(asked, cut)) == (
        "it/datasets/rankings-daily gives 3 rows for 2026-10-07, where its days have 51"
    )


def test_a_day_a_million_times_too_large_is_odd(asked: Request):
    def inflate(rows: list[dict]) -> list[dict]:
        return [
            row | {"total_tokens": row["total_tokens"] + "0000"} if row["date"] == "2026-10-07" else row for row in rows
        ]

    assert refused(with_days(asked, inflate)) == (
        "it/datasets/rankings-daily gives 100,000,000,000,000,000 tokens for 2026-10-07, where the days around have "
        "10,000,000,000,000"
    )


def test_days_that_are_all_too_small_are_odd_beside_the_days_that_are_held(asked: Request):
    message = refused(with_days(asked, lambda rows: [row | {"total_tokens": row["total_tokens"][:-3]} for row in rows]))
    assert message.startswith("it/datasets/rankings-daily gives 10,000,000,000 tokens for 2026-09-28, where 2026-")


@pytest.mark.parametrize("moment", ["2999-01-01T00:00:00Z", "2026-10-17T00:00:00Z"])
def test_a_time_of_the_answer_that_cannot_be_is_odd(moment, asked: Request):
    world = asked.environ["server"].world
    world.rankings = lambda query: (body := rankings(query)) | {"meta": body["meta"] | {"as_of": moment}}
    assert refused(asked) == f"it/datasets/rankings-daily answers as of {moment[:10]}, and today is 2026-10-20"


@pytest.fixture
def shop(asked: Request) -> Request:
    """Request for prices; the server lists what the table says is on sale."""
    asked.environ["server"].world.models = on_sale(catalog.load("prices", root=PACKAGE))
    return replace(asked, names=("prices",), today=pd.Timestamp("2026-12-01"))


@pytest.mark.parametrize("factor", [1e6, 0])
def test_prices_that_all_change_a_millionfold_or_to_nothing_are_odd(factor, shop: Request):
    for entry in shop.environ["server"].world.models:
        entry["pricing"] = {kind: f"{float(price) * factor:.12f}" for kind, price in entry["pricing"].items()}
    message = refused(shop)
    assert message.startswith("it/models gives ")
    assert "and so differs greatly for " in message


def test_a_fourfold_price_is_not_odd(shop: Request):
    entry = shop.environ["server"].world.models[0]
    entry["pricing"]["prompt"] = f"{float(entry['pricing']['prompt']) * 4:.12f}"
    tables.run(shop, lambda line: None)


def test_45_percent_of_the_models_gone_are_a_loss(shop: Request):
    world = shop.environ["server"].world
    world.models = world.models[: int(len(world.models) * 0.55)]
    before = snapshot(shop.root)
    with pytest.raises(SourceError, match=r"/models lists \d+ of the \d+ models that had a price: run refresh"):
        tables.run(shop, lambda line: None)
    assert snapshot(shop.root) == before


def fit(change: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    """Archive of the newest fit, changed."""
    held = catalog.load("capability", root=PACKAGE)
    rows = change(held[held["fit"].eq(held["fit"].max())].astype({"release_date": "str"}).reset_index(drop=True))
    names = {"name": "Display name", "score": "ECI Score", "release_date": "Release date", "vendor": "Organization"}
    return archive(rows.rename(columns=names)[list(names.values())].assign(Country="China").to_csv(index=False))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("score", 1e12, "a score of 1e+12; those of the last fit reach from"),
        ("release_date", "1901-01-01", "was released on 1901-01-01"),
        ("release_date", "2199-01-01", "was released on 2199-01-01"),
    ],
)
def test_a_score_or_a_date_that_cannot_be_is_odd(column, value, said, asked: Request):
    asked.environ["server"].world.epoch = fit(lambda rows: rows.assign(**{column: [value, *rows[column][1:]]}))
    assert said in refused(replace(asked, names=("capability",)))


def test_a_fit_of_few_models_is_odd(asked: Request):
    asked.environ["server"].world.epoch = fit(lambda rows: rows[:50])
    message = refused(replace(asked, names=("capability",)))
    assert "/benchmark_data.zip scores 50 models, where the last fit has " in message


def test_nothing_in_the_days_that_are_held_is_odd():
    """The checks accept the project's own history: each day beside all the days before it."""
    days = catalog.load("model_day")
    half = days["date"].median()
    assert plausible.odd_days(days[days["date"].gt(half)], days[days["date"].le(half)], "it") == ""
    assert plausible.odd_days(days, days, "it") == ""
