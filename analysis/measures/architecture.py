"""Architectures as composition: parameters, arithmetic and cache from a model's blocks.

A model is an embedding, blocks and a head. Each kind of attention and of feed-forward answers for itself; the model
sums its blocks. Sizes are counts of weights, arithmetic is floating-point operations (a multiplication and an addition
are two), and the cache is bytes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, get_args, get_type_hints

import numpy as np
import pandas as pd

from analysis import InputError
from analysis.measures.attention import (
    Attention,
    Compressed,
    CompressedIndexed,
    GroupedQuery,
    Latent,
    Linear,
    SlidingWindow,
    SparseIndexed,
)

CONVENTIONS = ["embedding and head", "head only", "neither"]
"""What is counted as active beside the blocks, from most to least."""


@dataclass(frozen=True)
class Dense:
    """Gated feed-forward of three matrices (SwiGLU)."""

    kind: ClassVar[str] = "dense"
    width: int

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        return 3 * hidden * self.width

    def routed(self, hidden: int) -> int:
        """Weights of the experts to choose from: none."""
        return 0

    def active(self, hidden: int) -> int:
        """Weights that a token uses: all."""
        return self.parameters(hidden)

    def fault(self) -> tuple[str, str] | None:
        """One size always fits."""
        return None


@dataclass(frozen=True)
class Mixture:
    """Mixture of experts: a router picks ``per_token`` of them; shared experts serve every token."""

    kind: ClassVar[str] = "mixture"
    experts: int
    per_token: int
    width: int
    shared: int = 0
    shared_width: int = 0
    shared_gate: bool = False
    bias: bool = False

    def _expert(self, hidden: int) -> int:
        return 3 * hidden * self.width + self.bias * (2 * self.width + hidden)

    def router(self, hidden: int) -> int:
        """Weights that pick the experts."""
        return self.experts * (hidden + self.bias)

    def _always(self, hidden: int) -> int:
        shared = 3 * hidden * (self.shared_width or self.width) * self.shared
        return shared + self.router(hidden) + self.shared_gate * hidden

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        return self.routed(hidden) + self._always(hidden)

    def routed(self, hidden: int) -> int:
        """Weights of the experts to choose from."""
        return self.experts * self._expert(hidden)

    def active(self, hidden: int) -> int:
        """Weights that a token uses: its experts, the shared ones and the router."""
        return self.per_token * self._expert(hidden) + self._always(hidden)

    def fault(self) -> tuple[str, str] | None:
        """A token cannot use more experts than there are."""
        if self.per_token > self.experts:
            return "per_token", f"{self.per_token} experts a token are more than the {self.experts} that there are"
        return None


@dataclass(frozen=True)
class Block:
    """So many equal layers: an attention and a feed-forward, with two norms."""

    count: int
    attention: Attention
    feed_forward: Dense | Mixture


@dataclass(frozen=True)
class Architecture:
    """A model: its embedding, its blocks and its head."""

    name: str
    hidden_size: int
    vocabulary: int
    blocks: tuple[Block, ...]
    tied: bool = False


ATTENTION = {
    c.kind: c for c in (GroupedQuery, SlidingWindow, Latent, SparseIndexed, Linear, Compressed, CompressedIndexed)
}


FEED_FORWARD = {c.kind: c for c in (Dense, Mixture)}


def read_architectures(content: bytes) -> dict[str, Architecture]:
    """Architectures by name, from TOML of the form that ``data/architectures.toml`` explains.

    Parameters
    ----------
    content : bytes
        As ``catalog.read_bytes("architectures")`` gives it.

    Raises
    ------
    InputError
        Names the model and the field.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> read_architectures(read_bytes("architectures"))["gpt-oss-20b"].hidden_size
    2880
    """
    try:
        entries = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InputError(f"architectures.toml cannot be read: {error}.") from None
    return {name: _architecture(name, entry) for name, entry in entries.items()}


def total_parameters(model: Architecture) -> int:
    """All weights: embedding, head (none of its own where it is tied), blocks and norms.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> total_parameters(read_architectures(read_bytes("architectures"))["gpt-oss-120b"])
    116829156672
    """
    rows = (2 - model.tied) * model.vocabulary + 1
    return rows * model.hidden_size + sum(_layer(model, b, b.feed_forward.parameters) for b in model.blocks)


def active_parameters(model: Architecture) -> pd.Series:
    """Weights that one token uses, under the three conventions in use.

    Returns
    -------
    Series
        Indexed by ``CONVENTIONS``; vendors rarely say which one they take. A tied head counts once.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> (active_parameters(read_architectures(read_bytes("architectures"))["DeepSeek-V3"]) / 1e9).round(1).tolist()
    [37.6, 36.6, 35.7]
    """
    blocks = model.hidden_size + sum(_layer(model, b, b.feed_forward.active) for b in model.blocks)
    rows = model.vocabulary * model.hidden_size
    return pd.Series([blocks + (2 - model.tied) * rows, blocks + rows, blocks], index=CONVENTIONS)


def block_table(model: Architecture, context: float, cache_bits: float = 16) -> pd.DataFrame:
    """What each group of equal layers adds while one token is decoded after a context.

    Parameters
    ----------
    model : Architecture
    context : float
        Tokens before the one being computed.
    cache_bits : float
        Bits of a cached value.

    Returns
    -------
    DataFrame
        A row a block: layers, attention and feed_forward (kinds); weights of the attention, of the router and of the
        rest that a token uses of the feed-forward; score_flops and value_flops; cache_bytes of the sequence.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> block_table(read_architectures(read_bytes("architectures"))["DeepSeek-V3"], 1)["cache_bytes"].sum()
    np.float64(70272.0)
    """
    columns = ["layers", "attention", "feed_forward", "attention_weights", "router_weights", "feed_forward_weights"]
    columns += ["score_flops", "value_flops", "cache_bytes"]
    return pd.DataFrame([_row(model, block, context, cache_bits) for block in model.blocks], columns=columns)


def flops_per_token(model: Architecture, context: float) -> float:
    """Floating-point operations of decoding one token after a context.

    Two for each weight that it uses (the head counts, looking up the embedding does not), and those of attention to the
    tokens before it.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> models = read_architectures(read_bytes("architectures"))
    >>> round(flops_per_token(models["Llama-3.1-405B"], 0) / 1e9)
    808
    """
    mixing = 0.0
    for block in model.blocks:
        scores, values = block.attention.mixing(float(context))
        mixing += block.count * float(scores + values)
    return 2 * float(active_parameters(model)["head only"]) + mixing


def training_flops_per_token(model: Architecture, sequence: int) -> float:
    """Floating-point operations of training on one token: forward, and twice that backward.

    Attention is causal: a token sees those before it, half the sequence on average.

    Parameters
    ----------
    model : Architecture
    sequence : int
        Tokens of a training sequence.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> round(training_flops_per_token(read_architectures(read_bytes("architectures"))["DeepSeek-V3"], 4096) / 1e9)
    250
    """
    before = np.arange(sequence, dtype=float)
    mixing = 0.0
    for block in model.blocks:
        scores, values = block.attention.mixing(before, decoding=False)
        # The mean over all places of the sequence is what one token of it takes.
        mixing += block.count * float(np.mean(scores) + np.mean(values))
    return 3 * (2 * float(active_parameters(model)["head only"]) + mixing)


def cache_bytes(model: Architecture, context: float, bits: float = 16) -> float:
    """Bytes that a sequence of so many tokens holds in the cache.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> cache_bytes(read_architectures(read_bytes("architectures"))["Llama-3.1-405B"], 1)
    516096.0
    """
    return float(sum(b.count * b.attention.cache(float(context), bits) for b in model.blocks))


def attention_family(model: Architecture) -> str:
    """Kind of attention that holds the model's cache as the context grows; linear layers and windows stop growing.

    Examples
    --------
    >>> from analysis.catalog import read_bytes
    >>> models = read_architectures(read_bytes("architectures"))
    >>> [attention_family(models[name]) for name in ("Qwen3.5-27B", "gpt-oss-20b", "DeepSeek-V3")]
    ['grouped-query, one in 4 layers', 'grouped-query, one in 2 layers', 'latent']
    """
    long, longer = 1e6, 2e6
    kinds, layers, growing = set(), 0, 0
    for block in model.blocks:
        layers += block.count
        if block.attention.cache(longer, 16) > block.attention.cache(long, 16):
            growing += block.count
            kinds.add(block.attention.kind)
    part = f", one in {layers / growing:.0f} layers" if layers / growing > 1.5 else ""
    return ", ".join(sorted(kinds)) + part


def _row(model: Architecture, block: Block, context: float, cache_bits: float) -> list[Any]:
    """Row of ``block_table``."""
    hidden, attention, ffn = model.hidden_size, block.attention, block.feed_forward
    router = ffn.router(hidden) if isinstance(ffn, Mixture) else 0
    weights = [attention.parameters(hidden), router, ffn.active(hidden) - router]
    sizes = [*weights, *attention.mixing(context), attention.cache(context, cache_bits)]
    row: list[Any] = [block.count, attention.kind, ffn.kind]
    for size in sizes:
        row.append(block.count * size)
    return row


def _layer(model: Architecture, block: Block, weights: Any) -> int:
    """Weights of a block's layers: attention, the feed-forward as counted by ``weights``, two norms."""
    hidden = model.hidden_size
    return block.count * (block.attention.parameters(hidden) + weights(hidden) + 2 * hidden)


def _architecture(name: str, entry: Any) -> Architecture:
    place = f"Architecture {name}"
    if not isinstance(entry, dict):
        raise InputError(f"{place}: write its dimensions in a table of its own.")
    for field in ("hidden_size", "vocabulary", "blocks", "parts"):
        if field not in entry:
            raise InputError(f"{place}, {field}: it is missing.")
    for field in set(entry) - {"hidden_size", "vocabulary", "blocks", "parts", "tied"}:
        raise InputError(f"{place}, {field}: there is no such field.")
    for field in ("hidden_size", "vocabulary"):
        _check_size(f"{place}, {field}", entry[field], 1)
    parts = {key: _part(f"{place}, {key}", part) for key, part in entry["parts"].items()}
    blocks = tuple(_block(place, row, parts) for row in entry["blocks"])
    return Architecture(name, entry["hidden_size"], entry["vocabulary"], blocks, entry.get("tied", False))


def _block(place: str, row: Any, parts: Mapping[str, Any]) -> Block:
    if not isinstance(row, list) or len(row) != 3:
        raise InputError(f"{place}, blocks: write [count, attention, feed-forward]; not {row!r}.")
    _check_size(f"{place}, blocks", row[0], 1)
    for part, kinds in zip(row[1:], (list(ATTENTION), list(FEED_FORWARD)), strict=True):
        if part not in parts or parts[part].kind not in kinds:
            raise InputError(f"{place}, blocks: no part is called {part!r} and of the kind {' or '.join(kinds)}.")
    return Block(row[0], parts[row[1]], parts[row[2]])


def _part(place: str, entry: dict[str, Any]) -> Any:
    """One part of the kind that it names, with every field checked."""
    kinds: dict[str, Any] = {**ATTENTION, **FEED_FORWARD}
    kind = kinds.get(entry.get("kind", ""))
    if kind is None:
        raise InputError(f"{place}, kind: use {', '.join(kinds)}; not {entry.get('kind')!r}.")
    known = {field.name: field for field in fields(kind)}
    hints = get_type_hints(kind)
    for name in set(entry) - {"kind"} - set(known):
        raise InputError(f"{place}, {name}: {kind.kind} has no such field; it has {', '.join(known)}.")
    own = set(vars(kind).get("__annotations__", {}))
    for name, field in known.items():
        if name in entry:
            least = 1 if field.default in (MISSING, 1) else 0
            _check_value(f"{place}, {name}", entry[name], hints[name], least)
        elif field.default is MISSING or (field.default == 1 and name in own):
            raise InputError(f"{place}, {name}: it is missing.")
    values = dict(entry)
    del values["kind"]
    part = kind(**values)
    if fault := part.fault():
        raise InputError(f"{place}, {fault[0]}: {fault[1]}.")
    return part


def _check_value(place: str, value: Any, hint: Any, least: int) -> None:
    if choices := get_args(hint):
        if value not in choices:
            raise InputError(f"{place}: use {', '.join(choices)}; not {value!r}.")
    elif hint is bool:
        if not isinstance(value, bool):
            raise InputError(f"{place}: use true or false; not {value!r}.")
    else:
        _check_size(place, value, least)


def _check_size(place: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"{place}: give a whole number of at least {least}; not {value!r}.")
