"""Live data: each source is one function from a client to a tidy frame, with its address, time and citation.

OpenRouter's part follows its Data API v1 as documented in August 2026. Nothing here writes a file. What a source
answers is data: it is checked for type and size, no message repeats more than a few characters of it, and an answer
that holds the API key is not used.
"""

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
import pandas as pd
import tenacity

from analysis import InputError, SourceError, catalog

KEY = "OPENROUTER_API_KEY"
"""Environment variable that holds the key: the only place it is read from."""

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


@dataclass(frozen=True)
class Source:
    """Where data come from.

    Parameters
    ----------
    variable : str
        Environment variable that replaces the address.
    address : str
        The address.
    citation : str
        What its licence or its courtesy asks to be said; ``{as_of}`` is the time of the answer.
    """

    variable: str
    address: str
    citation: str


SOURCES = {
    "openrouter": Source(
        "OPENROUTER_BASE_URL",
        "https://openrouter.ai/api/v1",
        "Source: OpenRouter (openrouter.ai/rankings), as of {as_of}. Licensed under CC BY 4.0.",
    ),
    "models_dev": Source("MODELS_DEV_BASE_URL", "https://models.dev", "Prices: models.dev (MIT), as of {as_of}."),
    "epoch": Source(
        "EPOCH_BASE_URL",
        "https://epoch.ai/data",
        "Epoch AI, Epoch Capabilities Index, as of {as_of}. Licensed under CC BY 4.0.",
    ),
    "hugging_face": Source(
        "HUGGING_FACE_BASE_URL", "https://huggingface.co", "Configuration: Hugging Face, as of {as_of}."
    ),
}
"""All sources by name."""


@dataclass(frozen=True)
class Limits:
    """How long, how often and how much is asked.

    OpenRouter allows 30 requests a minute and 500 a day for a key; a whole history of its daily rankings is one request
    for each year, so that no further brake is needed.

    Parameters
    ----------
    connect, read, whole : float
        Seconds to wait for a connection, for the next part of an answer, and for all of it.
    attempts : int
        Attempts in all, where a fault may pass: no connection, no answer, 429 and 5xx.
    pause : float
        Seconds before the second attempt; doubled before each further one. Retry-After counts before it.
    longest_pause : float
        A source that asks for a longer pause is not asked again.
    size : int
        Bytes of an answer, unpacked.
    sleep : callable
        Waits so many seconds.
    """

    connect: float = 10
    read: float = 60
    whole: float = 300
    attempts: int = 4
    pause: float = 1
    longest_pause: float = 90
    size: int = 100_000_000
    sleep: Callable[[float], None] = time.sleep


LIMITS = Limits()
"""Limits of a refresh."""


@dataclass(frozen=True)
class Fetched:
    """What a source answered.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    url : str
        Address that was asked, without the query.
    as_of : str
        Time of the answer, ISO 8601: the one it states, or else that of its ``Date`` header.
    citation : str
        How to cite it.
    """

    frame: pd.DataFrame
    url: str
    as_of: str
    citation: str


class _PassingError(SourceError):
    """A fault that may pass; ``after`` is how many seconds the source asks to wait."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class Client:
    """A connection to one source, as ``connect`` opens it.

    Parameters
    ----------
    http : httpx.Client
        The connection; it follows no redirect by itself.
    source : Source
        Which source.
    limits : Limits
        Limits of each request.
    key : str
        API key, or empty.
    """

    http: httpx.Client
    source: Source
    limits: Limits
    key: str = field(default="", repr=False)

    def fetched(self, frame: pd.DataFrame, url: str, as_of: str) -> Fetched:
        """Rows with their provenance."""
        return Fetched(frame, url, as_of, self.source.citation.format(as_of=as_of))

    def url(self, path: str) -> str:
        """Address of a path."""
        return f"{str(self.http.base_url).rstrip('/')}/{path}"

    def get(self, path: str, params: Mapping[str, str] | None = None, kind: str = "JSON") -> tuple[bytes, str]:
        """Body and time of an answer, after bounded retries.

        Parameters
        ----------
        path : str
            Below the source's address.
        params : dict, optional
            The query.
        kind : {"JSON", "an archive", "text"}
            What the answer must be.

        Raises
        ------
        SourceError
            The source cannot be used as it answers.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            stop=tenacity.stop_after_attempt(self.limits.attempts),
            wait=self._pause,
            sleep=self.limits.sleep,
            reraise=True,
        )
        response, body = retrying(self._ask, path, params or {})
        if self.key and self.key.encode() in body:
            raise SourceError(f"{self.url(path)} repeats the API key in its answer, which is not used: {self._check}.")
        told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not any(known in told for known in _KINDS[kind]):
            raise SourceError(
                f"{self.url(path)} answered with {told[:40]!r} instead of {kind}, as a login or error page does: "
                f"{self._check}."
            )
        return body, _moment(response.headers.get("date"))

    def get_json(
        self, path: str, params: Mapping[str, str] | None = None, kind: str = "JSON"
    ) -> tuple[dict[str, Any], str]:
        """As ``get``, the body read as a JSON object."""
        body, moment = self.get(path, params, kind)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise SourceError(f"{self.url(path)} answered with JSON that is incomplete or broken: {_LATER}.") from None
        if not isinstance(answer, dict):
            raise SourceError(f"{self.url(path)} answered with JSON that is not an object: {self._check}.")
        return answer, moment

    @property
    def _check(self) -> str:
        return f"check {self.source.variable}"

    def _pause(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome and state.outcome.exception()
        after = fault.after if isinstance(fault, _PassingError) else None
        return self.limits.pause * 2 ** (state.attempt_number - 1) if after is None else after

    def _ask(self, path: str, params: Mapping[str, str]) -> tuple[httpx.Response, bytes]:
        """One attempt; redirects within the same host are followed."""
        deadline = time.monotonic() + self.limits.whole
        request, url = self.http.build_request("GET", path, params=params), self.url(path)
        try:
            for _ in range(4):
                response = self.http.send(request, stream=True)
                try:
                    if response.next_request is None:
                        self._refuse(response, url)
                        return response, self._read(response, url, deadline)
                finally:
                    response.close()
                if _origin(response.next_request.url) != _origin(request.url):
                    raise SourceError(f"{url} redirects to another host, which is not followed: {self._check}.")
                request = response.next_request
        except httpx.TimeoutException:
            raise _PassingError(f"{url} did not answer in time: check the network, or {_LATER}.") from None
        except httpx.ConnectError:
            raise _PassingError(f"{url} cannot be reached: check the network and {self.source.variable}.") from None
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL):
            raise _PassingError(f"{url} broke off or garbled its answer: {_LATER}.") from None
        raise SourceError(f"{url} redirects in circles: {self._check}.")

    def _read(self, response: httpx.Response, url: str, deadline: float) -> bytes:
        """Body, as long as it keeps within the limits of size and time."""
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > self.limits.size:
                raise SourceError(f"{url} answered with more than {self.limits.size:,} bytes: {self._check}.")
            if time.monotonic() > deadline:
                raise _PassingError(f"{url} took more than {self.limits.whole:g} s to answer: {_LATER}.")
        return bytes(body)

    def _refuse(self, response: httpx.Response, url: str) -> None:
        """Raise what a status means to the person who can act; the source's own words are not repeated."""
        status = response.status_code
        if status == 429:
            after = _seconds(response.headers.get("retry-after"))
            wait = f"in {after:.0f} s" if after else "in a minute"
            kind = SourceError if after and after > self.limits.longest_pause else _PassingError
            raise kind(
                f"{url} limits the rate (429): run refresh again {wait}.", *([after] if kind is _PassingError else [])
            )
        if status >= 500:
            raise _PassingError(f"{url} fails ({status}): {_LATER}.")
        if status in _STATUS:
            raise SourceError(f"{url} {_STATUS[status].format(check=self._check)}.")
        if status != 200:
            raise SourceError(f"{url} answered with status {status}: {self._check}.")


_LATER = "run refresh again later"
_KINDS = {"JSON": ["json"], "an archive": ["zip", "application/octet-stream"], "text": ["text/plain", "json"]}
_STATUS = {
    400: "does not take the request (400): its contract may have changed, or {check}",
    401: f"does not accept the key (401): set {KEY} to a valid OpenRouter key",
    403: f"forbids the request (403): set {KEY} to a key that may make it; activity takes a management key",
    404: "is not there (404): {check}",
}


@contextmanager
def connect(name: str, environ: Mapping[str, str], limits: Limits = LIMITS) -> Iterator[Client]:
    """Open a client of a source.

    Parameters
    ----------
    name : {"openrouter", "models_dev", "epoch", "hugging_face"}
        The source.
    environ : dict
        Environment: the source's address, where it is replaced, and for OpenRouter the key. No other source gets it.
    limits : Limits
        Limits of each request.

    Raises
    ------
    InputError
        The address or the key cannot be one.

    Examples
    --------
    >>> with connect("epoch", {"EPOCH_BASE_URL": "http://127.0.0.1:8000"}) as client:
    ...     client.url("benchmark_data.zip")
    'http://127.0.0.1:8000/benchmark_data.zip'
    """
    source = SOURCES[name]
    address = _address(source, environ)
    key = environ.get(KEY, "").strip() if name == "openrouter" else ""
    if not re.fullmatch(r"[!-~]*", key):
        raise InputError(f"{KEY} holds characters that no key has: copy the key again.")
    headers = {"user-agent": "openrouter-claims"} | ({"authorization": f"Bearer {key}"} if key else {})
    timeout = httpx.Timeout(limits.read, connect=limits.connect)
    with httpx.Client(base_url=address, headers=headers, timeout=timeout) as http:
        yield Client(http, source, limits, key)


def rankings_daily(
    client: Client, since: pd.Timestamp, until: pd.Timestamp, tell: Callable[[str], None] = lambda line: None
) -> Fetched:
    """OpenRouter's daily top 50 and ``other``, in windows of at most 366 days.

    Parameters
    ----------
    client : Client
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
        As ``Client.get`` raises it, or an answer does not fit the contract.
    """
    if not client.key:
        raise InputError(
            f"The daily rankings need an OpenRouter key: set {KEY} to one (any will do), or "
            "name the tables that need none: prices, capability."
        )
    url, rows, as_of = client.url(_RANKINGS), [], ""
    for start in pd.date_range(since, until, freq=f"{LONGEST_WINDOW}D"):
        end = min(start + pd.Timedelta(days=LONGEST_WINDOW - 1), until)
        window, as_of = _window(client, f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}")
        rows += window
        tell(f"  {start:%Y-%m-%d} to {end:%Y-%m-%d}: {len(window):,} rows")
    return client.fetched(_rows("model_day", rows, url), url, as_of)


_RANKINGS = "datasets/rankings-daily"
_LAG = pd.Timedelta(days=1)


def _window(client: Client, start: str, end: str) -> tuple[list[list[str]], str]:
    """Rows of one window of the daily rankings, and the time of the answer."""
    query, url = {"start_date": start, "end_date": end, "period": "day"}, client.url(_RANKINGS)
    answer, _ = client.get_json(_RANKINGS, query)
    as_of = _meta(answer, url, query)
    rows = _texts(answer, ["date", "model_permaslug", "total_tokens"], url)
    if any(not start <= row[0] <= end for row in rows):
        raise SourceError(f"{url} gives days outside {start} to {end}: {_LATER}.")
    last, stated = rows[-1][0], answer["meta"]["end_date"]
    if _day(last) < _day(stated) - _LAG:
        raise SourceError(f"{url} says that it covers {stated}, and its last row is of {last}: {_LATER}.")
    return rows, as_of


def listings(client: Client) -> Fetched:
    """Models that OpenRouter lists: prices, context and modalities.

    Parameters
    ----------
    client : Client
        Of ``openrouter``; a key is not needed.

    Returns
    -------
    Fetched
        Frame with model, hugging_face_id (empty: none given), context_tokens, the four price columns of the table
        ``prices`` (NaN: none listed), image_input, video_input, audio_input and tool_call. A model whose price varies,
        which the source writes as a negative one, is left out.
    """
    url = client.url("models")
    records: list[dict[str, Any]] = []
    moment, counted, more = "", 1, True
    while more and len(records) < counted:
        answer, moment = client.get_json("models", {"offset": str(len(records)), "limit": "1000"})
        page, counted = _records(answer, url), answer.get("total_count", len(records))
        records, more = records + page, bool(page)
    if not records or not isinstance(counted, int) or len(records) < counted:
        raise SourceError(f"{url} lists no models, or fewer than it counts: {_LATER}.")
    frame = pd.DataFrame([_listing(record, url, row) for row, record in enumerate(records, 1)])
    frame = frame[~frame[PRICES].lt(0).any(axis=1)].reset_index(drop=True)
    return client.fetched(_distinct(frame, ["model"], url), url, moment)


def activity(client: Client) -> Fetched:
    """A person's own usage of the last 30 days, as the price notebook takes it; needs a management key.

    Parameters
    ----------
    client : Client
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
    return client.fetched(_printable(frame, url), url, moment)


def vendor_prices(client: Client) -> Fetched:
    """List prices by provider, as models.dev publishes them.

    Parameters
    ----------
    client : Client
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
            raise SourceError(f"{url}: {provider[:40]!r} has no models: its form may have changed, or {_LATER}.")
        for name, model in models.items():
            cost = model.get("cost") if isinstance(model, dict) else None
            if isinstance(cost, dict):
                costs = [cost.get(kind) for kind in ("input", "output", "cache_read", "cache_write")]
                known = [_price(value, 1, f"{url}: {name[:40]!r}") for value in costs]
                rows.append([provider, name, *known])
    if not rows:
        raise SourceError(f"{url} gives no price: its form may have changed, or {_LATER}.")
    frame = pd.DataFrame(rows, columns=["provider", "id", *PRICES])
    return client.fetched(_printable(frame, url), url, moment)


def capability(client: Client) -> Fetched:
    """Epoch Capabilities Index, from the archive of Epoch AI's benchmarking hub.

    Parameters
    ----------
    client : Client
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
    return client.fetched(_printable(best.reset_index(drop=True), url), url, moment)


def configuration(client: Client, hugging_face_id: str) -> tuple[dict[str, Any], str]:
    """A model's published ``config.json``, for ``huggingface.architecture``.

    Parameters
    ----------
    client : Client
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
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", hugging_face_id, flags=re.ASCII):
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
        raise SourceError(f"{place} is not a CSV table: {_LATER}.") from None
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
        raise SourceError(f"{place} has no scores, or one that is no number or has no date: {_LATER}.")
    return frame


def _address(source: Source, environ: Mapping[str, str]) -> str:
    """Address of a source; one that would send the key in the clear over a network is refused."""
    text = environ.get(source.variable, "").strip() or source.address
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    local = url.host in ("127.0.0.1", "localhost", "::1")
    if url.scheme != "https" and not (url.scheme == "http" and local):
        raise InputError(f"{source.variable} must be an https address (http only on this machine).")
    if url.userinfo or url.query or url.fragment:
        raise InputError(f"{source.variable} must be an address without user, query or fragment.")
    return text


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; None where there is none, or it is no number."""
    return float(header) if header and re.fullmatch(r"[0-9]{1,6}", header.strip()) else None


def _moment(header: str | None) -> str:
    """Date header as ISO 8601, or empty."""
    moment = pd.to_datetime(header, format="%a, %d %b %Y %H:%M:%S GMT", errors="coerce")
    return "" if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _meta(answer: dict[str, Any], url: str, query: Mapping[str, str]) -> str:
    """Time of an answer of the Data API, after checking what it says of itself."""
    meta = answer.get("meta")
    names = ["as_of", "version", "start_date", "end_date"]
    if not isinstance(meta, dict) or any(not isinstance(meta.get(name), str) for name in names):
        raise SourceError(f"{url} does not say in meta what it covers and as of when: {_LATER}.")
    if meta["version"] != "v1":
        raise SourceError(f"{url} is of version {meta['version'][:20]!r}; this project knows v1: update the project.")
    if meta["start_date"] != query["start_date"] or meta["end_date"] > query["end_date"]:
        raise SourceError(
            f"{url} answers for another period than {query['start_date']} to {query['end_date']}: {_LATER}."
        )
    if pd.isna(_day(meta["end_date"])):
        raise SourceError(f"{url} gives no day in meta.end_date: {_LATER}.")
    if pd.isna(_day(meta["as_of"][:10])) or not re.fullmatch(r"T[0-9:.]+(Z|[+-][0-9:]+)", meta["as_of"][10:]):
        raise SourceError(f"{url} gives no time in meta.as_of: {_LATER}.")
    return meta["as_of"]


def _day(text: str) -> pd.Timestamp:
    """A date, NaT where it is none."""
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


def _records(answer: dict[str, Any], url: str) -> list[dict[str, Any]]:
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise SourceError(f"{url} gives no list of rows in data: {_LATER}.")
    return data


def _texts(answer: dict[str, Any], names: list[str], url: str) -> list[list[str]]:
    """Cells of an answer whose fields are all strings."""
    rows = []
    for number, record in enumerate(_records(answer, url), 1):
        for name in names:
            if not isinstance(record.get(name), str):
                raise SourceError(
                    f"{url} row {number}, column {name}: expected text; found "
                    f"{'nothing' if name not in record else type(record[name]).__name__}: {_LATER}."
                )
        rows.append([record[name] for name in names])
    if not rows:
        raise SourceError(f"{url} gives no rows: {_LATER}.")
    return rows


def _rows(table: str, rows: list[list[str]], url: str) -> pd.DataFrame:
    """Rows of text as a frame that fits a table's schema."""
    try:
        return _printable(catalog.read_rows(table, rows, url), url)
    except InputError as error:
        raise SourceError(str(error)) from None


def _listing(record: dict[str, Any], url: str, row: int) -> dict[str, Any]:
    """What a frame of listings has of one model."""
    place = f"{url} row {row}"
    pricing, architecture = record.get("pricing"), record.get("architecture")
    inputs = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    known = isinstance(record.get("id"), str) and isinstance(pricing, dict) and isinstance(inputs, list)
    if not known or pricing is None or inputs is None or not {"prompt", "completion"} <= set(pricing):
        raise SourceError(f"{place} lacks its id, its prices or its modalities: {_LATER}.")
    kinds = ["prompt", "completion", "input_cache_read", "input_cache_write"]
    return {
        "model": record["id"],
        "hugging_face_id": record.get("hugging_face_id") or "",
        "context_tokens": record.get("context_length"),
        **{name: _price(pricing.get(kind), 10**6, place) for name, kind in zip(PRICES, kinds, strict=True)},
        **{f"{kind}_input": kind in inputs for kind in ("image", "video", "audio")},
        "tool_call": "tools" in (record.get("supported_parameters") or []),
    }


def _price(value: Any, factor: int, place: str) -> float:
    """Price times a factor, without the noise of binary fractions; NaN where none is given."""
    if value is None or value == "":
        return float("nan")
    try:
        price = Decimal(str(value)) * factor
    except InvalidOperation:
        price = Decimal("NaN")
    if isinstance(value, bool) or not price.is_finite():
        raise SourceError(f"{place} has a price that is no number: {_LATER}.")
    return float(price)


def _distinct(frame: pd.DataFrame, key: list[str], url: str) -> pd.DataFrame:
    repeated = frame[frame.duplicated(key)]
    if len(repeated):
        raise SourceError(f"{url} gives {str(repeated[key[0]].iloc[0])[:60]!r} more than once: {_LATER}.")
    return _printable(frame, url)


def _printable(frame: pd.DataFrame, url: str) -> pd.DataFrame:
    """Refuse text with control characters, which a terminal or a spreadsheet would act on."""
    for name in frame.columns[[pd.api.types.is_string_dtype(kind) or kind == "category" for kind in frame.dtypes]]:
        odd = frame[name].astype("str").str.contains(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e]", regex=True)
        if odd.any():
            raise SourceError(f"{url} row {odd.argmax() + 1}, column {name}: holds a control character: {_LATER}.")
    return frame


def _unzip(body: bytes, member: str, url: str, size: int) -> str:
    """Text of a member of an archive, no longer than the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(archive.getinfo(member)) as file:
            content = file.read(size + 1)
        text = content.decode("utf-8-sig")
    except (zipfile.BadZipFile, KeyError, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError):
        raise SourceError(f"{url} is no archive, or a broken one, or has no {member}: {_LATER}.") from None
    if len(content) > size:
        raise SourceError(f"{url}: {member} unpacks to more than {size:,} bytes.")
    return text


def _country(names: str) -> str:
    """Country codes of joint work joined by +; empty where one is not known."""
    codes = [_COUNTRIES.get(name.strip(), "") for name in names.split(",")]
    return "+".join(dict.fromkeys(codes)) if all(codes) else ""
