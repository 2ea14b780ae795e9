"""A server on loopback that plays the sources: made-up data by the contract, and faults on purpose."""

import io
import json
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

KEY = "sk-or-v1-5f0c83b1e97d462a"
LAST_DAY = pd.Timestamp("2026-10-18")
AS_OF = "2026-10-19T02:00:00.000Z"
HOLES = ["2025-06-15", "2025-07-15"]

Reply = dict[str, Any]
"""What is sent: status, headers and body; ``hold`` is how many bytes of it come before silence, ``drip`` slows it."""


def day_rows(day: str) -> list[dict[str, str]]:
    """Rows of one made-up day: of 10 million million tokens 60 % Chinese, 30 % US, 10 % other; 51 rows."""
    rows = [(f"qwen/made-up-{i:02}", 240_000_000_000) for i in range(25)]
    rows += [(f"openai/made-up-{i:02}", 120_000_000_000) for i in range(25)]
    rows += [("other", 1_000_000_000_000)]
    return [{"date": day, "model_permaslug": slug, "total_tokens": str(tokens)} for slug, tokens in rows]


def ranking(rows: list[dict[str, Any]], start: str, end: str) -> dict[str, Any]:
    """Body of the daily rankings."""
    return {"data": rows, "meta": {"as_of": AS_OF, "version": "v1", "start_date": start, "end_date": end}}


def rankings(query: dict[str, str]) -> dict[str, Any]:
    """Answer of the daily rankings to a query, up to ``LAST_DAY``."""
    start, end = query["start_date"], min(query["end_date"], f"{LAST_DAY:%Y-%m-%d}")
    days = pd.date_range(start, end).strftime("%Y-%m-%d")
    assert query["period"] == "day"
    assert len(pd.date_range(start, query["end_date"])) <= 366
    return ranking([row for day in days if day not in HOLES for row in day_rows(day)], start, end)


def lab_row(day: str, metric: str, name: str, per_cent: float) -> dict[str, Any]:
    """A row of the gateway's export."""
    fixed = {"group": "lab", "modality": "text"}
    return {"date": day, "name": name, "metric": metric, "share_percent": per_cent, **fixed}


TOKENS_OF_LABS = {
    "deepseek": 50.0,
    "anthropic": 12.0,
    "openai": 12.0,
    "zai": 7.0,
    "google": 6.0,
    "stepfun": 6.0,
    "meta": 4.0,
    "moonshotai": 3.0,
}
"""Shares that the made-up days of the gateway have of tokens and of requests, in per cent; 66 % are Chinese."""

SPEND_OF_LABS = {"anthropic": 50.0, "openai": 25.0, "google": 14.0, "zai": 5.5, "moonshotai": 3.25, "deepseek": 2.25}
"""Shares of spend, in per cent; 11 % are Chinese."""


def labs(query: dict[str, str]) -> dict[str, Any]:
    """Answer of the gateway's export to a query, up to ``LAST_DAY``."""
    start, end = query["from"], min(query["to"], f"{LAST_DAY:%Y-%m-%d}")
    assert (query["dataset"], query["modality"], query["format"]) == ("labs", "text", "json")
    assert start >= "2025-10-01"
    shares = {"requests": TOKENS_OF_LABS, "spend": SPEND_OF_LABS, "tokens": TOKENS_OF_LABS}
    rows = [
        lab_row(day, metric, name, per_cent)
        for day in pd.date_range(start, end).strftime("%Y-%m-%d")
        for metric, of_labs in shares.items()
        for name, per_cent in of_labs.items()
    ]
    said = {"dataset": "labs", "modality": "text", "from": start, "to": end, "earliest_available_date": "2025-10-01"}
    licence = {"license": "CC-BY-4.0", "license_url": "https://creativecommons.org/licenses/by/4.0/"}
    return {**said, **licence, "rows": rows}


def model(slug: str, prompt: str = "0.000005", completion: str = "0.00003", **pricing: str) -> dict[str, Any]:
    """One model of OpenRouter's list."""
    return {
        "id": slug,
        "canonical_slug": slug,
        "hugging_face_id": None,
        "context_length": 131072,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "pricing": {"prompt": prompt, "completion": completion, **pricing},
        "supported_parameters": ["tools"],
    }


def on_sale(book: pd.DataFrame) -> list[dict[str, Any]]:
    """OpenRouter's list with the models and prices that the table of prices has now."""
    now = book[book["price_basis"].eq("openrouter") & book["effective_to"].isna()]
    prices = now[["input_usd_per_mtok", "output_usd_per_mtok"]] / 1e6
    return [
        model(slug, f"{prompt:.12f}", f"{completion:.12f}")
        for slug, (prompt, completion) in zip(now["model"], prices.to_numpy(), strict=True)
    ]


def archive(text: str, member: str = "epoch_capabilities_index.csv") -> bytes:
    """Archive of Epoch AI's hub."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(member, text)
    return content.getvalue()


EPOCH = """Model version,ECI Score,Release date,Organization,Country,Display name
made-up-1_high,151.239,2026-10-01,Made Up,China,Made-up 1
made-up-1_low,140.5,2026-10-01,Made Up,China,Made-up 1
GPT-5,150.0,2025-08-07,OpenAI,United States of America,GPT-5
joint,99.5,2025-01-01,"Made Up,OpenAI","China,United States of America",Joint work
unscored,,2026-10-01,Made Up,China,Unscored
"""


class World:
    """What the server answers; a test changes it. ``faults`` are used up first, one a request."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], str]] = []
        self.faults: list[Reply] = []
        self.always: Reply | None = None
        self.rankings: Callable[[dict[str, str]], dict[str, Any]] = rankings
        self.labs: Callable[[dict[str, str]], dict[str, Any]] = labs
        self.models: list[dict[str, Any]] = [model("openai/gpt-5.5")]
        self.vendors: dict[str, Any] = {"openai": {"models": {"gpt-5.5": {"cost": {"input": 5, "output": 30}}}}}
        self.epoch = archive(EPOCH)
        self.activity: dict[str, Any] = {"data": []}
        self.config: dict[str, Any] = {}
        self.done = threading.Event()

    def reply(self, path: str, query: dict[str, str]) -> Reply:
        """What is sent to a request."""
        if self.faults:
            return self.faults.pop(0)
        if self.always:
            return self.always
        if path.endswith("/datasets/rankings-daily"):
            return as_json(self.rankings(query))
        if path.endswith("/leaderboard-export"):
            return as_json(self.labs(query))
        if path.endswith("/models"):
            rows = self.models[int(query["offset"]) :]
            return as_json({"data": rows, "total_count": len(self.models)})
        if path.endswith("/api.json"):
            return as_json(self.vendors)
        if path.endswith("/benchmark_data.zip"):
            return {"body": self.epoch, "headers": {"content-type": "application/zip"}}
        if path.endswith("/activity"):
            return as_json(self.activity)
        if path.endswith("/config.json"):
            return as_json(self.config) | {"headers": {"content-type": "text/plain; charset=utf-8"}}
        return {"status": 404, "body": b"{}"}


def as_json(body: Any) -> Reply:
    """A reply with a JSON body."""
    return {"body": body if isinstance(body, bytes) else json.dumps(body).encode()}


class Handler(BaseHTTPRequestHandler):
    world: World

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.world.seen.append((parts.path, query, self.headers.get("authorization", "")))
        reply = self.world.reply(parts.path, query)
        body = reply.get("body", b"")
        if reply.get("hold") == "all":
            self.world.done.wait(20)
            return
        self.send_response(reply.get("status", 200))
        headers = {"content-type": "application/json", "content-length": str(len(body))} | reply.get("headers", {})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if "drip" in reply:
            while not self.world.done.wait(reply["drip"]):
                self.wfile.write(b" ")
                self.wfile.flush()
        elif "hold" in reply:
            self.wfile.write(body[: reply["hold"]])
            self.wfile.flush()
            self.world.done.wait(20)
        else:
            self.wfile.write(body)

    def handle(self) -> None:
        """A client that hangs up is no fault of the test."""
        with suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


class Server:
    """The server in a thread, from entering to leaving."""

    def __init__(self) -> None:
        self.world = World()
        handler = type("Bound", (Handler,), {"world": self.world})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self) -> "Server":
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.world.done.set()
        self.http.shutdown()
        self.http.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point the project at this server, with a key."""
        sources = ("OPENROUTER", "MODELS_DEV", "EPOCH", "VERCEL", "HUGGING_FACE")
        addresses = {f"{name}_BASE_URL": self.address for name in sources}
        return addresses | {"OPENROUTER_API_KEY": KEY}
