"""One request and its limits: addresses, key, retries, deadlines, size, and the sentence that each fault gets.

The key is sent to OpenRouter alone, over https (through a proxy: inside the tunnel) or to this machine, which is never
asked through a proxy. Of what a source answers no message repeats more than a few characters.
"""

import asyncio
import email.utils
import json
import math
import re
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pandas as pd
import tenacity

from analysis import InputError, SourceError
from analysis.refresh import text

KEY = "OPENROUTER_API_KEY"
"""Environment variable that holds the key: the only place it is read from."""

LATER = "run refresh again later"
"""Remedy of what may pass."""


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
    "vercel": Source(
        "VERCEL_BASE_URL",
        "https://vercel.com/api/ai",
        "Source: Vercel AI Gateway leaderboards (vercel.com/ai-gateway/leaderboards), as of {as_of}. © 2026 Vercel. "
        '"AI Gateway Leaderboard Data" is licensed under CC BY 4.0. To view a copy of this license, visit '
        "https://creativecommons.org/licenses/by/4.0/",
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
    connect, read : float
        Seconds to wait for a connection, and for the next part of an answer.
    whole : float
        Seconds for one request, from its first byte to the last one of the answer.
    total : float
        Seconds for all requests of a command, pauses included.
    attempts : int
        Attempts in all, where a fault may pass: no connection, no answer, 429 and 5xx.
    pause : float
        Seconds before the second attempt; doubled before each further one. Retry-After counts before it.
    size : int
        Bytes of an answer, unpacked.
    most_values : int
        Values that a JSON answer may hold: what bounds the memory that reading it takes.
    sleep : callable
        Waits so many seconds.
    ends : float
        Moment of the monotonic clock at which the command's time is over; ``started`` sets it.
    """

    connect: float = 10
    read: float = 60
    whole: float = 120
    total: float = 900
    attempts: int = 4
    pause: float = 1
    size: int = 10_000_000
    most_values: int = 500_000
    sleep: Callable[[float], None] = time.sleep
    ends: float = math.inf

    def started(self) -> "Limits":
        """These limits, with the command's time running from now."""
        return replace(self, ends=time.monotonic() + self.total)

    def left(self) -> float:
        """Seconds that are left of the command's time."""
        return min(self.total, self.ends - time.monotonic())


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
class Connection:
    """How one source is asked, as ``connect`` sets it up.

    Parameters
    ----------
    source : Source
        Which source.
    address : str
        Where it is asked.
    limits : Limits
        Limits of each request.
    key : str
        API key, or empty.
    """

    source: Source
    address: str
    limits: Limits
    key: str = field(default="", repr=False)

    def fetched(self, frame: pd.DataFrame, url: str, as_of: str, slugs: tuple[str, ...] = ()) -> Fetched:
        """Rows with their provenance, once their text is known to be no more than text."""
        text.check(frame, url, self.key, slugs)
        return Fetched(frame, url, as_of, self.source.citation.format(as_of=as_of))

    def url(self, path: str) -> str:
        """Address of a path."""
        return f"{self.address.rstrip('/')}/{path}"

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
            stop=tenacity.stop_after_attempt(self.limits.attempts) | tenacity.stop_before_delay(self.limits.left()),
            wait=self._pause,
            sleep=self.limits.sleep,
            reraise=True,
        )
        headers, body = retrying(self._attempt, path, params or {})
        if self.key and self.key.encode() in body:
            raise SourceError(f"{self.url(path)} repeats the API key in its answer, which is not used: {self._check}.")
        told = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not any(known in told for known in _KINDS[kind]):
            raise SourceError(
                f"{self.url(path)} answered with {text.clean(told, self.key)[:40]!r} instead of {kind}, as a login or "
                f"error page does: {self._check}."
            )
        if kind != "an archive" and sum(body.count(mark) for mark in (b",", b"[", b"{")) > self.limits.most_values:
            most = f"{self.limits.most_values:,} values"
            raise SourceError(f"{self.url(path)} answered with more than {most}: {self._check}.")
        return body, _moment(headers.get("date"))

    def get_json(
        self, path: str, params: Mapping[str, str] | None = None, kind: str = "JSON"
    ) -> tuple[dict[str, Any], str]:
        """As ``get``, the body read as a JSON object."""
        body, moment = self.get(path, params, kind)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise SourceError(f"{self.url(path)} answered with JSON that is incomplete or broken: {LATER}.") from None
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

    def _attempt(self, path: str, params: Mapping[str, str]) -> tuple[httpx.Headers, bytes]:
        """One attempt, which ends in time whatever the source does."""
        url, left = self.url(path), self.limits.left()
        if left <= 0:
            raise SourceError(f"The refresh took more than the {self.limits.total:g} s that it may: {LATER}.")
        try:
            return asyncio.run(self._within(min(left, self.limits.whole), path, params))
        except TimeoutError:
            took = f"{url} took more than {min(left, self.limits.whole):.3g} s to answer"
            raise _PassingError(f"{took}: {LATER}.") from None
        except httpx.TimeoutException:
            raise _PassingError(f"{url} did not answer in time: check the network, or {LATER}.") from None
        except httpx.ProxyError:
            raise _PassingError(f"{url} cannot be reached through the proxy: check {_PROXIES}.") from None
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SourceError(
                    f"{url} shows a certificate that is not trusted: check {self.source.variable} and {_CERTIFICATES}."
                ) from None
            raise _PassingError(f"{url} cannot be reached: check the network and {self.source.variable}.") from None
        except (httpx.TransportError, httpx.InvalidURL, zlib.error, UnicodeError, OSError):
            raise _PassingError(f"{url} broke off or garbled its answer: {LATER}.") from None

    async def _within(self, seconds: float, path: str, params: Mapping[str, str]) -> tuple[httpx.Headers, bytes]:
        async with self._client() as client, asyncio.timeout(seconds):
            return await self._ask(client, path, params)

    def _client(self) -> httpx.AsyncClient:
        """A client that follows no redirect by itself; this machine is asked directly, whatever proxy is set."""
        headers = {"user-agent": "openrouter-claims", "accept-encoding": "gzip"}
        headers |= {"authorization": f"Bearer {self.key}"} if self.key else {}
        url = httpx.URL(self.address)
        timeout = httpx.Timeout(self.limits.read, connect=self.limits.connect)
        try:
            trusted = httpx.create_ssl_context() if url.scheme == "https" else False
        except OSError:  # also what ssl raises
            raise InputError(f"{_CERTIFICATES} name certificates that cannot be read: correct or unset them.") from None
        try:
            return httpx.AsyncClient(
                base_url=url, headers=headers, timeout=timeout, verify=trusted, trust_env=not _is_local(url)
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            raise InputError(
                f"{_PROXIES} must each be the http:// or https:// address of a proxy: correct or unset them."
            ) from None

    async def _ask(
        self, client: httpx.AsyncClient, path: str, params: Mapping[str, str]
    ) -> tuple[httpx.Headers, bytes]:
        """Send a request; redirects within the same host are followed."""
        request, url = client.build_request("GET", path, params=params), self.url(path)
        for _ in range(4):
            response = await client.send(request, stream=True)
            try:
                if response.next_request is None:
                    self._refuse(response, url)
                    return response.headers, await self._read(response, url)
            finally:
                await response.aclose()
            if _origin(response.next_request.url) != _origin(request.url):
                raise SourceError(f"{url} redirects to another host, which is not followed: {self._check}.")
            request = response.next_request
        raise SourceError(f"{url} redirects in circles: {self._check}.")

    async def _read(self, response: httpx.Response, url: str) -> bytes:
        """Body, as long as it keeps within the limit of size."""
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip"):
            raise SourceError(
                f"{url} packs its answer as {text.clean(coding, self.key)[:40]!r}; at most gzip was asked for, once: "
                f"{self._check}."
            )
        body = bytearray()
        parts = response.aiter_raw() if coding == "identity" else _unpacked(response.aiter_raw())
        async for part in parts:
            body += part
            if len(body) > self.limits.size:
                raise SourceError(f"{url} answered with more than {self.limits.size:,} bytes: {self._check}.")
        return bytes(body)

    def _refuse(self, response: httpx.Response, url: str) -> None:
        """Raise what a status means to the person who can act; the source's own words are not repeated."""
        status, after = response.status_code, _seconds(response.headers.get("retry-after"))
        if status == 429 or status >= 500:
            what = "limits the rate (429)" if status == 429 else f"fails ({status})"
            if after is not None and after >= self.limits.left():
                raise SourceError(
                    f"{url} {what} and asks to wait {after:.0f} s, longer than is left of the {self.limits.total:g} s "
                    f"of a refresh: run refresh again in {after:.0f} s."
                )
            wait = "run refresh again " + (f"in {after:.0f} s" if after else "in a minute")
            raise _PassingError(f"{url} {what}: {wait if status == 429 else LATER}.", after)
        if status in _STATUS:
            raise SourceError(f"{url} {_STATUS[status].format(check=self._check)}.")
        if status != 200:
            raise SourceError(f"{url} answered with status {status}: {self._check}.")


_PROXIES = "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
_CERTIFICATES = "SSL_CERT_FILE and SSL_CERT_DIR"
_PIECE = 65_536
_KINDS = {"JSON": ["json"], "an archive": ["zip", "application/octet-stream"], "text": ["text/plain", "json"]}
_STATUS = {
    400: "does not take the request (400): its contract may have changed, or {check}",
    401: f"does not accept the key (401): set {KEY} to a valid OpenRouter key",
    403: f"forbids the request (403): set {KEY} to a key that may make it; activity takes a management key",
    404: "is not there (404): {check}",
}


@contextmanager
def connect(name: str, environ: Mapping[str, str], limits: Limits = LIMITS) -> Iterator[Connection]:
    """Set up how a source is asked.

    Parameters
    ----------
    name : {"openrouter", "models_dev", "epoch", "vercel", "hugging_face"}
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
    >>> with connect("epoch", {"EPOCH_BASE_URL": "http://127.0.0.1:8000"}) as connection:
    ...     connection.url("benchmark_data.zip")
    'http://127.0.0.1:8000/benchmark_data.zip'
    """
    source = SOURCES[name]
    yield Connection(source, _address(source, environ), limits, read_key(environ) if name == "openrouter" else "")


def read_key(environ: Mapping[str, str]) -> str:
    """The API key, or nothing where none is set.

    Raises
    ------
    InputError
        It cannot be a key.

    Examples
    --------
    >>> read_key({"OPENROUTER_API_KEY": "short"})
    Traceback (most recent call last):
    analysis.InputError: OPENROUTER_API_KEY holds what no key can be: copy the key again.
    """
    key = environ.get(KEY, "").strip()
    # a shorter one could not be told from ordinary text, and so not be kept out of messages
    if key and not re.fullmatch(r"[!-~]{8,}", key):
        raise InputError(f"{KEY} holds what no key can be: copy the key again.")
    return key


async def _unpacked(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What gzip packed, in pieces, so that a little that unpacks to much is noticed early."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    async for part in parts:
        rest = part
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, _PIECE)
            rest = unpacker.unconsumed_tail
    if not unpacker.eof or unpacker.unused_data:
        raise zlib.error


def _address(source: Source, environ: Mapping[str, str]) -> str:
    """Address of a source; one that would send the key in the clear over a network is refused."""
    address = environ.get(source.variable, "").strip() or source.address
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, TypeError, ValueError):
        url = httpx.URL("")
    if not url.host or not (url.scheme == "https" or (url.scheme == "http" and _is_local(url))):
        raise InputError(f"{source.variable} must be an https address (http only on this machine).")
    if url.userinfo or url.query or url.fragment or not 0 < (url.port or 1) < 65_536:
        raise InputError(f"{source.variable} must be an address without user, query or fragment.")
    return address


def _is_local(url: httpx.URL) -> bool:
    return url.host in ("127.0.0.1", "localhost", "::1")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _seconds(header: str | None) -> float | None:
    """Retry-After, a number or a date, in seconds from now; None where there is none, or it is neither."""
    if not header:
        return None
    if re.fullmatch(r"[0-9]{1,18}", header.strip()):
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return None


def _moment(header: str | None) -> str:
    """Date header as ISO 8601, or empty."""
    moment = pd.to_datetime(header, format="%a, %d %b %Y %H:%M:%S GMT", errors="coerce")
    return "" if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
