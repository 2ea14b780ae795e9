"""Live data: each source is one function from a client to a tidy frame, with its address, time and citation.

OpenRouter's part follows its Data API v1 as documented in August 2026. Nothing here writes a file. What a source
answers is data: it is checked for type and size, and no message repeats more than a few characters of it.
"""

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis import InputError, SourceError, catalog
from analysis.refresh.transport import KEY, LATER, Connection, Fetched

FIRST_DAY = pd.Timestamp("2025-01-01")
"""First day of OpenRouter's daily rankings."""

LONGEST_WINDOW = 366
"""Days that one request for the daily rankings may span."""

PRICES = ["input_usd_per_mtok", "output_usd_per_mtok", "cache_read_usd_per_mtok", "cache_write_usd_per_mtok"]
"""Columns of prices, in US dollars per million tokens."""

_COUNTRIES = {
    "Canada": "CA",
    "China": "CN",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "India": "IN",
    "Israel": "IL",
    "Japan": "JP",
    "Korea (Republic of)": "KR",
    "Singapore": "SG",
    "Switzerland": "CH",
    "United Arab Emirates": "AE",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "United States of America": "US",
}


def rankings_daily(
    client: Connection, since: pd.Timestamp, until: pd.Timestamp, tell: Callable[[str], None] = lambda line: None
) -> Fetched:
    """OpenRouter's daily top 50 and ``other``, in windows of at most 366 days.

    Parameters
    ----------
    client : Connection
        Of ``openrouter``, with a key.
    since, until : Timestamp
        First and last day to ask for; the source may end earlier.
    tell : callable
        Gets a line of progress after each window.

    Returns
    -------
    Fetched
        Frame of the table ``model_day``: date, model_permaslug, total_tokens. A day that the source lacks is not there.

    Raises
    ------
    SourceError
        As ``Connection.get`` raises it, or an answer does not fit the contract.
    """
    if not client.key:
        raise InputError(
            f"The daily rankings need an OpenRouter key: set {KEY} to one (any will do), or "
            "name the tables that need none: prices, capability, gateway_share."
        )
    url, rows, as_of = client.url(_RANKINGS), [], ""
    for start in pd.date_range(since, until, freq=f"{LONGEST_WINDOW}D"):
        end = min(start + pd.Timedelta(days=LONGEST_WINDOW - 1), until)
        window, as_of = _window(client, f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}")
        rows += window
        tell(f"  {start:%Y-%m-%d} to {end:%Y-%m-%d}: {len(window):,} rows")
    return client.fetched(_rows("model_day", rows, url), url, as_of, slugs=("model_permaslug",))


_RANKINGS = "datasets/rankings-daily"
_LAG = pd.Timedelta(days=1)


def _window(client: Connection, start: str, end: str) -> tuple[list[list[str]], str]:
    """Rows of one window of the daily rankings, and the time of the answer."""
    query, url = {"start_date": start, "end_date": end, "period": "day"}, client.url(_RANKINGS)
    answer, _ = client.get_json(_RANKINGS, query)
    as_of = _meta(answer, url, query)
    rows = _texts(answer, ["date", "model_permaslug", "total_tokens"], url)
    if any(not start <= row[0] <= end for row in rows):
        raise SourceError(f"{url} gives days outside {start} to {end}: {LATER}.")
    last, stated = rows[-1][0], answer["meta"]["end_date"]
    if _day(last) < _day(stated) - _LAG:
        raise SourceError(f"{url} says that it covers {stated}, and its last row is of {last}: {LATER}.")
    return rows, as_of


def listings(client: Connection) -> Fetched:
    """Models that OpenRouter lists: prices, context and modalities.

    Parameters
    ----------
    client : Connection
        Of ``openrouter``; a key is not needed.

    Returns
    -------
    Fetched
        Frame with model and the four price columns of the table ``prices`` (NaN: none listed). A model whose price
        varies, which the source writes as a negative one, is left out.
    """
    url = client.url("models")
    rows: list[list[Any]] = []
    for _ in range(_PAGES):
        answer, moment = client.get_json("models", {"offset": str(len(rows)), "limit": "1000"})
        page, counted = _records(answer, url), answer.get("total_count", 0)
        rows += [_listing(record, f"{url} row {row}") for row, record in enumerate(page, len(rows) + 1)]
        if not isinstance(counted, int) or not page or len(rows) >= counted:
            break
    else:
        raise SourceError(f"{url} does not end after {_PAGES} pages: {LATER}.")
    if not rows or not isinstance(counted, int) or len(rows) < counted:
        raise SourceError(f"{url} lists no models, or fewer than it counts: {LATER}.")
    frame = pd.DataFrame(rows, columns=["model", *PRICES])
    repeated = frame["model"].duplicated()
    if repeated.any():
        raise SourceError(f"{url} gives {frame['model'][repeated].iloc[0][:60]!r} more than once: {LATER}.")
    frame = frame[~frame[PRICES].lt(0).any(axis=1)].reset_index(drop=True)
    return client.fetched(frame, url, moment, slugs=("model",))


_PAGES = 20


def activity(client: Connection) -> Fetched:
    """A person's own usage of the last 30 days, as the price notebook takes it; needs a management key.

    Parameters
    ----------
    client : Connection
        Of ``openrouter``, with a key.

    Returns
    -------
    Fetched
        Columns of ``data/activity.schema.json``.
    """
    if not client.key:
        raise InputError(f"Your own usage needs a management key of OpenRouter: set {KEY} to it.")
    body, moment = client.get("activity")
    url = client.url("activity")
    try:
        frame = catalog.parse_activity(body, url)
    except InputError as error:
        raise SourceError(str(error)) from None
    return client.fetched(frame, url, moment, slugs=("model", "model_permaslug"))


def vendor_prices(client: Connection) -> Fetched:
    """List prices by provider, as models.dev publishes them.

    Parameters
    ----------
    client : Connection
        Of ``models_dev``.

    Returns
    -------
    Fetched
        Frame with provider and id, both as models.dev names them, and the four price columns of the table ``prices``.
        A model without a price is left out.
    """
    answer, moment = client.get_json("api.json")
    url, rows = client.url("api.json"), []
    for provider, entry in answer.items():
        models = entry.get("models") if isinstance(entry, dict) else None
        if not isinstance(models, dict):
            raise SourceError(f"{url}: {provider[:40]!r} has no models: its form may have changed, or {LATER}.")
        for name, model in models.items():
            cost = model.get("cost") if isinstance(model, dict) else None
            if isinstance(cost, dict):
                costs = [cost.get(kind) for kind in ("input", "output", "cache_read", "cache_write")]
                known = [_price(value, 1, f"{url}: {name[:40]!r}") for value in costs]
                rows.append([provider, name, *known])
    if not rows:
        raise SourceError(f"{url} gives no price: its form may have changed, or {LATER}.")
    frame = pd.DataFrame(rows, columns=["provider", "id", *PRICES])
    return client.fetched(frame, url, moment)


def capability(client: Connection) -> Fetched:
    """Epoch Capabilities Index, from the archive of Epoch AI's benchmarking hub.

    Parameters
    ----------
    client : Connection
        Of ``epoch``.

    Returns
    -------
    Fetched
        Frame with name, vendor, country (ISO alpha-2, joint work joined by ``+``, empty: unknown), score, release_date.
        Of a model with several settings the highest score is taken; one without score or date is left out.
    """
    body, moment = client.get("benchmark_data.zip", kind="an archive")
    url = client.url("benchmark_data.zip")
    frame = _scores(_unzip(body, _SCORES, url, client.limits.size), f"{url}: {_SCORES}")
    best = frame.sort_values("score", ascending=False, kind="stable").drop_duplicates("name")
    return client.fetched(best.reset_index(drop=True), url, moment)


def configuration(client: Connection, hugging_face_id: str) -> tuple[dict[str, Any], str]:
    """A model's published ``config.json``, for ``huggingface.architecture``.

    Parameters
    ----------
    client : Connection
        Of ``hugging_face``.
    hugging_face_id : str
        Owner and name, as OpenRouter's list gives it.

    Returns
    -------
    dict, str
        Its content, and its address.

    Raises
    ------
    InputError
        The id cannot be one.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{,95}/[A-Za-z0-9][\w.-]{,95}", hugging_face_id, flags=re.ASCII):
        raise InputError(f"{hugging_face_id[:60]!r} is no id of a model on Hugging Face, such as owner/name.")
    path = f"{hugging_face_id}/resolve/main/config.json"
    config, _ = client.get_json(path, kind="text")
    return config, client.url(path)


_SCORES = "epoch_capabilities_index.csv"


def _scores(text: str, place: str) -> pd.DataFrame:
    """Scored and dated models of Epoch AI's table."""
    wanted = {"Display name", "ECI Score", "Release date", "Organization", "Country"}
    try:
        records = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error:
        raise SourceError(f"{place} is not a CSV table: {LATER}.") from None
    if not records or not wanted <= set(records[0]):
        raise SourceError(f"{place} lacks one of {', '.join(sorted(wanted))}: its form may have changed.")
    raw = pd.DataFrame(records)[sorted(wanted)].fillna("")
    raw = raw[raw["ECI Score"].ne("") & raw["Release date"].ne("")]
    frame = pd.DataFrame(
        {
            "name": raw["Display name"],
            "vendor": raw["Organization"],
            "country": raw["Country"].map(_country),
            "score": pd.to_numeric(raw["ECI Score"], errors="coerce").round(2),
            "release_date": pd.to_datetime(raw["Release date"], format="%Y-%m-%d", errors="coerce"),
        }
    )
    if frame.empty or frame.isna().any(axis=None):
        raise SourceError(f"{place} has no scores, or one that is no number or has no date: {LATER}.")
    return frame


def _meta(answer: dict[str, Any], url: str, query: Mapping[str, str]) -> str:
    """Time of an answer of the Data API, after checking what it says of itself."""
    meta = answer.get("meta")
    names = ["as_of", "version", "start_date", "end_date"]
    if not isinstance(meta, dict) or any(not isinstance(meta.get(name), str) for name in names):
        raise SourceError(f"{url} does not say in meta what it covers and as of when: {LATER}.")
    if meta["version"] != "v1":
        raise SourceError(f"{url} is of version {meta['version'][:20]!r}; this project knows v1: update the project.")
    if meta["start_date"] != query["start_date"] or meta["end_date"] > query["end_date"]:
        raise SourceError(
            f"{url} answers for another period than {query['start_date']} to {query['end_date']}: {LATER}."
        )
    if pd.isna(_day(meta["end_date"])):
        raise SourceError(f"{url} gives no day in meta.end_date: {LATER}.")
    clock = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
    if pd.isna(_day(meta["as_of"][:10])) or not re.fullmatch(clock, meta["as_of"][10:], flags=re.ASCII):
        raise SourceError(f"{url} gives no time in meta.as_of: {LATER}.")
    return meta["as_of"]


def _day(text: str) -> pd.Timestamp:
    """A date, NaT where it is none."""
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


def _records(answer: dict[str, Any], url: str) -> list[dict[str, Any]]:
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise SourceError(f"{url} gives no list of rows in data: {LATER}.")
    return data


def _texts(answer: dict[str, Any], names: list[str], url: str) -> list[list[str]]:
    """Cells of an answer whose fields are all strings."""
    rows = []
    for number, record in enumerate(_records(answer, url), 1):
        for name in names:
            if not isinstance(record.get(name), str):
                raise SourceError(
                    f"{url} row {number}, column {name}: expected text; found "
                    f"{'nothing' if name not in record else type(record[name]).__name__}: {LATER}."
                )
        rows.append([record[name] for name in names])
    if not rows:
        raise SourceError(f"{url} gives no rows: {LATER}.")
    return rows


def _rows(table: str, rows: list[list[str]], url: str) -> pd.DataFrame:
    """Rows of text as a frame that fits a table's schema."""
    try:
        return catalog.read_rows(table, rows, url)
    except InputError as error:
        raise SourceError(str(error)) from None


def _listing(record: dict[str, Any], place: str) -> list[Any]:
    """Model and prices of one record of the list of models."""
    slug, pricing = record.get("id"), record.get("pricing")
    if not isinstance(slug, str) or not isinstance(pricing, dict) or not {"prompt", "completion"} <= set(pricing):
        raise SourceError(f"{place} lacks its id or its prices: {LATER}.")
    kinds = ["prompt", "completion", "input_cache_read", "input_cache_write"]
    return [slug, *(_price(pricing.get(kind), 10**6, place) for kind in kinds)]


def _price(value: Any, factor: int, place: str) -> float:
    """Price times a factor, without the noise of binary fractions; NaN where none is given."""
    if value is None or value == "":
        return float("nan")
    try:
        is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
        price = float(Decimal(str(value)) * factor) if is_number else math.nan
    except (ArithmeticError, ValueError):  # no number, or one that no float holds
        price = math.nan
    if not math.isfinite(price):
        raise SourceError(f"{place} has a price that is no number: {LATER}.")
    return price


def _unzip(body: bytes, member: str, url: str, size: int) -> str:
    """Text of a member of an archive, no longer than the limit; the checksum of every member must hold."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            # other ways of packing may ask for gigabytes to unpack
            if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in archive.infolist()):
                raise zipfile.BadZipFile
            stated = sum(info.file_size for info in archive.infolist())
            content = _member(archive, member, size)
            if stated <= _WHOLE_ARCHIVE and archive.testzip() is not None:
                raise zipfile.BadZipFile
        text = content.decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, OSError, RuntimeError):
        raise SourceError(f"{url} is no archive, or a broken one, or has no {member}: {LATER}.") from None
    if len(content) > size:
        raise SourceError(f"{url}: {member} unpacks to more than {size:,} bytes.")
    if content.count(b",") + content.count(b"\n") > _CELLS:
        raise SourceError(f"{url}: {member} has more than {_CELLS:,} cells.")
    return text


def _member(archive: zipfile.ZipFile, member: str, size: int) -> bytes:
    with archive.open(archive.getinfo(member)) as file:
        return file.read(size + 1)


_WHOLE_ARCHIVE = 100_000_000
_CELLS = 200_000


def _country(names: str) -> str:
    """Country codes of joint work joined by +; empty where one is not known."""
    codes = [_COUNTRIES.get(name.strip(), "") for name in names.split(",")]
    return "+".join(dict.fromkeys(codes)) if all(codes) else ""
