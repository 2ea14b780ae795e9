"""Architectures as composition: parameters, arithmetic and cache from a model's blocks.

A model is an embedding, blocks and a head. Each kind of attention and of feed-forward answers for itself; the model
sums its blocks. Sizes are counts of weights, arithmetic is floating-point operations (a multiplication and an addition
are two), and the cache is bytes.
"""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, get_args, get_type_hints

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import InputError

Tokens = npt.NDArray[np.float64] | float
"""A number of tokens, or an array of such numbers."""

CONVENTIONS = ["embedding and head", "head only", "neither"]
"""What is counted as active beside the blocks, from most to least."""

_STATE_BITS = 32


@dataclass(frozen=True)
class Attention(ABC):
    """What every kind of attention answers; ``hidden`` is the width of the model.

    Tokens are those that precede the one being computed. ``mixing`` is a pair of operations: queries against keys, and
    weights against values.
    """

    kind: ClassVar[str]

    @abstractmethod
    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""

    @abstractmethod
    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations of one token against those before it: scores, and values."""

    @abstractmethod
    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence of so many tokens, at so many bits a value."""

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes of the cache that one decoding step reads or writes for a sequence."""
        return self.cache(tokens, bits)

    def fault(self) -> tuple[str, str] | None:
        """Field and problem, where the sizes do not fit together."""
        return None


@dataclass(frozen=True)
class GroupedQuery(Attention):
    """Grouped-query attention: several heads share a key and a value (Ainslie et al., arXiv 2305.13245)."""

    kind: ClassVar[str] = "grouped-query"
    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int = 0
    bias: Literal["none", "qkv", "all"] = "none"
    norm: Literal["none", "head", "layer"] = "none"
    gate: Literal["none", "head", "element"] = "none"
    sinks: bool = False

    @property
    def _value_dim(self) -> int:
        return self.value_dim or self.head_dim

    def _seen(self, tokens: Tokens) -> Tokens:
        return tokens

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        values, keys = self.heads * self._value_dim, self.kv_heads * (self.head_dim + self._value_dim)
        queries = self.heads * self.head_dim
        gate = {"none": 0, "head": hidden * self.heads, "element": hidden * values}[self.gate]
        bias = {"none": 0, "qkv": queries + keys, "all": queries + keys + hidden}[self.bias]
        norm = {"none": 0, "head": 2 * self.head_dim, "layer": queries + self.kv_heads * self.head_dim}[self.norm]
        return hidden * (queries + keys + values) + gate + bias + norm + self.sinks * self.heads

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations of one token against those it sees: scores, and values."""
        seen = self._seen(tokens)
        return 2 * self.heads * self.head_dim * seen, 2 * self.heads * self._value_dim * seen

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence: a key and a value for each head that has its own."""
        return self.kv_heads * (self.head_dim + self._value_dim) * self._seen(tokens) * bits / 8

    def fault(self) -> tuple[str, str] | None:
        """Heads are shared out evenly."""
        return _uneven(self, "kv_heads")


@dataclass(frozen=True)
class SlidingWindow(GroupedQuery):
    """Grouped-query attention that sees the last ``window`` tokens and no others."""

    kind: ClassVar[str] = "sliding-window"
    window: int = 1

    def _seen(self, tokens: Tokens) -> Tokens:
        return np.minimum(tokens, self.window)


@dataclass(frozen=True)
class Latent(Attention):
    """Multi-head latent attention: all heads share one compressed entry (DeepSeek-V2, arXiv 2405.04434)."""

    kind: ClassVar[str] = "latent"
    heads: int
    query_rank: int
    kv_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: down and up projections of queries and of keys and values, their norms, the output."""
        queries = hidden * self.query_rank + self.query_rank * (1 + self.heads * (self.nope_dim + self.rope_dim))
        keys = hidden * (self.kv_rank + self.rope_dim)
        keys += self.kv_rank * (1 + self.heads * (self.nope_dim + self.value_dim))
        return queries + keys + self.heads * self.value_dim * hidden

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations: against the shared entries while decoding, with each head's own keys otherwise."""
        score, value = (self.kv_rank, self.kv_rank) if decoding else (self.nope_dim, self.value_dim)
        return 2 * self.heads * (score + self.rope_dim) * tokens, 2 * self.heads * value * tokens

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence: the compressed entry and the rotated part of the key."""
        return (self.kv_rank + self.rope_dim) * tokens * bits / 8


@dataclass(frozen=True)
class SparseIndexed(Latent):
    """Latent attention to the tokens that a small index ranks highest (DeepSeek-V3.2)."""

    kind: ClassVar[str] = "sparse-indexed"
    index_heads: int = 1
    index_dim: int = 1
    index_top: int = 1

    def parameters(self, hidden: int) -> int:
        """Weights of one layer, with those of the index: queries, one key with its norm, weights of the heads."""
        index = self.query_rank * self.index_heads * self.index_dim + hidden * (self.index_dim + self.index_heads)
        return super().parameters(hidden) + index + 2 * self.index_dim

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations: the index over all tokens, the rest over those it lets through."""
        score, value = super().mixing(np.minimum(tokens, self.index_top), decoding)
        return score + 2 * self.index_heads * self.index_dim * tokens, value

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence, with the keys of the index."""
        return super().cache(tokens, bits) + self.index_dim * tokens * bits / 8

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes read: all keys of the index, the entries that it lets through."""
        return super().cache(np.minimum(tokens, self.index_top), bits) + self.index_dim * tokens * bits / 8


@dataclass(frozen=True)
class Linear(Attention):
    """Linear attention by the gated delta rule: a state of fixed size (Yang et al., arXiv 2412.06464)."""

    kind: ClassVar[str] = "linear"
    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    kernel: int

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: projections, convolution, decay and step of each head, norm, gate, output."""
        values = self.value_heads * self.value_dim
        mixed = 2 * self.key_heads * self.key_dim + values
        heads = 2 * self.value_heads * (hidden + 1)
        return hidden * (mixed + 2 * values) + self.kernel * mixed + heads + self.value_dim

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations on the state: read by the key and update, read by the query; no matter how many tokens."""
        state = self.value_heads * self.key_dim * self.value_dim * np.ones_like(tokens)
        return 4 * state, 2 * state

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes of the state, which is kept in 32 bits, and of the convolution's last inputs."""
        recent = (self.kernel - 1) * (2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim)
        state = self.value_heads * self.key_dim * self.value_dim * _STATE_BITS / 8
        return (state + recent * bits / 8) * np.ones_like(tokens)

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes read and written: the state goes both ways."""
        return 2 * self.cache(tokens, bits)

    def fault(self) -> tuple[str, str] | None:
        """Heads are shared out evenly."""
        uneven = f"{self.value_heads} heads cannot be shared out among {self.key_heads}"
        return ("key_heads", uneven) if self.value_heads % self.key_heads else None


@dataclass(frozen=True)
class Compressed(Attention):
    """Attention to one entry for every ``ratio`` tokens and to a window (DeepSeek-V4, arXiv 2606.19348).

    Keys and values are the same entry, shared by all heads. A ratio of 0 leaves the window alone.
    """

    kind: ClassVar[str] = "compressed"
    heads: int
    head_dim: int
    query_rank: int
    output_groups: int
    output_rank: int
    window: int
    ratio: int = 0

    _overlap: ClassVar[int] = 1

    def _compressor(self, hidden: int, width: int) -> int:
        """Weights of entry and gate, of the places within an entry, and of the norm."""
        return (2 * hidden + self.ratio) * self._overlap * width + width if self.ratio else 0

    def _entries(self, tokens: Tokens) -> Tokens:
        return tokens / self.ratio if self.ratio else 0.0 * tokens

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: queries, entry, grouped output, sinks and compressor."""
        queries = hidden * self.query_rank + self.query_rank * (1 + self.heads * self.head_dim)
        output = self.heads * self.head_dim * self.output_rank + self.output_groups * self.output_rank * hidden
        entry = (hidden + 1) * self.head_dim
        return queries + entry + output + self.heads + self._compressor(hidden, self.head_dim)

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations against the window and the compressed entries."""
        seen = np.minimum(tokens, self.window) + self._entries(tokens)
        return 2 * self.heads * self.head_dim * seen, 2 * self.heads * self.head_dim * seen

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence: the window and the compressed entries."""
        return self.head_dim * (np.minimum(tokens, self.window) + self._entries(tokens)) * bits / 8

    def fault(self) -> tuple[str, str] | None:
        """Heads are shared out evenly."""
        return _uneven(self, "output_groups")


@dataclass(frozen=True)
class CompressedIndexed(Compressed):
    """Compressed attention to the entries that an index ranks highest; entries overlap, so they are twice as wide."""

    kind: ClassVar[str] = "compressed-indexed"
    index_heads: int = 1
    index_dim: int = 1
    index_top: int = 1

    _overlap: ClassVar[int] = 2

    def parameters(self, hidden: int) -> int:
        """Weights of one layer, with those of the index."""
        index = self.query_rank * self.index_heads * self.index_dim + hidden * self.index_heads
        return super().parameters(hidden) + index + self._compressor(hidden, self.index_dim)

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations: the index over all entries, the rest over the window and those it lets through."""
        entries = self._entries(tokens)
        seen = np.minimum(tokens, self.window) + np.minimum(entries, self.index_top)
        index = 2 * self.index_heads * self.index_dim * entries
        return 2 * self.heads * self.head_dim * seen + index, 2 * self.heads * self.head_dim * seen

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence, with the keys of the index."""
        return super().cache(tokens, bits) + self.index_dim * self._entries(tokens) * bits / 8

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes read: all keys of the index, the window and the entries that it lets through."""
        entries = self._entries(tokens)
        seen = np.minimum(tokens, self.window) + np.minimum(entries, self.index_top)
        return (self.head_dim * seen + self.index_dim * entries) * bits / 8


def _uneven(attention: Any, groups: str) -> tuple[str, str] | None:
    """Field of the groups and the problem, where the heads cannot be shared out evenly among them."""
    heads, number = attention.heads, getattr(attention, groups)
    return (groups, f"{heads} heads cannot be shared out among {number}") if heads % number else None


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
    mixing = sum(b.count * float(sum(b.attention.mixing(float(context)))) for b in model.blocks)
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
    mixing = sum(
        b.count * sum(np.mean(part) for part in b.attention.mixing(before, decoding=False)) for b in model.blocks
    )
    return 3 * (2 * float(active_parameters(model)["head only"]) + float(mixing))


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
    grows = {b for b in model.blocks if b.attention.cache(longer, 16) > b.attention.cache(long, 16)}
    kinds = sorted({b.attention.kind for b in grows})
    layers, growing = sum(b.count for b in model.blocks), sum(b.count for b in grows)
    part = f", one in {layers / growing:.0f} layers" if layers / growing > 1.5 else ""
    return ", ".join(kinds) + part


def _row(model: Architecture, block: Block, context: float, cache_bits: float) -> list[Any]:
    """Row of ``block_table``."""
    hidden, attention, ffn = model.hidden_size, block.attention, block.feed_forward
    router = ffn.router(hidden) if isinstance(ffn, Mixture) else 0
    weights = [attention.parameters(hidden), router, ffn.active(hidden) - router]
    sizes = [*weights, *attention.mixing(context), attention.cache(context, cache_bits)]
    return [block.count, attention.kind, ffn.kind, *(block.count * size for size in sizes)]


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
    part = kind(**{name: value for name, value in entry.items() if name != "kind"})
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
