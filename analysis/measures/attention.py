"""Kinds of attention: weights, operations and cache of one layer; state-space layers and other mixers count as one."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.float64] | float
"""A number of tokens, or an array of such numbers."""

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

    def state(self, bits: float) -> float:
        """Bytes of the part of the cache that is there from the first token and never grows; none, as a rule."""
        return 0.0

    def fault(self) -> tuple[str, str] | None:
        """Field and problem, where the sizes do not fit together."""
        return None


@dataclass(frozen=True)
class NoAttention(Attention):
    """A layer that only feeds forward."""

    kind: ClassVar[str] = "no-attention"

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: none."""
        return 0

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations: none."""
        return 0.0 * tokens, 0.0 * tokens

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes: none."""
        return 0.0 * tokens


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
    query_rank: int = 0
    keys_are_values: bool = False

    @property
    def _value_dim(self) -> int:
        return self.value_dim or self.head_dim

    def _seen(self, tokens: Tokens) -> Tokens:
        return tokens

    def parameters(self, hidden: int) -> int:
        """Weights of one layer."""
        values, queries = self.heads * self._value_dim, self.heads * self.head_dim
        # Where keys are values, one projection makes both; they differ in norm and rotation, and both are cached.
        keys = self.kv_heads * (self.head_dim + (0 if self.keys_are_values else self._value_dim))
        made_by = hidden * queries
        if self.query_rank:
            made_by = self.query_rank * (hidden + 1 + queries)
        gate = {"none": 0, "head": hidden * self.heads, "element": hidden * values}[self.gate]
        bias = {"none": 0, "qkv": queries + keys, "all": queries + keys + hidden}[self.bias]
        norm = {"none": 0, "head": 2 * self.head_dim, "layer": queries + self.kv_heads * self.head_dim}[self.norm]
        return made_by + hidden * (keys + values) + gate + bias + norm + self.sinks * self.heads

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
    window: int = field(kw_only=True)

    def _seen(self, tokens: Tokens) -> Tokens:
        return np.minimum(tokens, self.window)


@dataclass(frozen=True)
class GroupedIndexed(GroupedQuery):
    """Grouped-query attention to the tokens that an index ranks highest; the index has a key for every token."""

    kind: ClassVar[str] = "grouped-indexed"
    index_heads: int = field(kw_only=True)
    index_dim: int = field(kw_only=True)
    index_top: int = field(kw_only=True)

    def parameters(self, hidden: int) -> int:
        """Weights of one layer, with those of the index: queries, one key, a norm of each."""
        return super().parameters(hidden) + hidden * (self.index_heads + 1) * self.index_dim + 2 * self.index_dim

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
class Latent(Attention):
    """Multi-head latent attention: all heads share one compressed entry (DeepSeek-V2, arXiv 2405.04434).

    Queries are made by way of ``query_rank`` values, or directly where it is 0.
    """

    kind: ClassVar[str] = "latent"
    heads: int
    query_rank: int = field(default=0, kw_only=True)
    kv_rank: int
    nope_dim: int
    rope_dim: int = field(default=0, kw_only=True)
    value_dim: int
    gate: Literal["none", "head", "element"] = "none"

    def _queries(self, hidden: int) -> int:
        """Weights that make the queries, with the norm between the two projections where there are two."""
        queries = self.heads * (self.nope_dim + self.rope_dim)
        return self.query_rank * (hidden + 1 + queries) if self.query_rank else hidden * queries

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: down and up projections of queries and of keys and values, their norms, the output."""
        gate = {"none": 0, "head": hidden * self.heads, "element": hidden * self.heads * self.value_dim}[self.gate]
        keys = hidden * (self.kv_rank + self.rope_dim)
        keys += self.kv_rank * (1 + self.heads * (self.nope_dim + self.value_dim))
        return self._queries(hidden) + keys + gate + self.heads * self.value_dim * hidden

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
    index_heads: int = field(kw_only=True)
    index_dim: int = field(kw_only=True)
    index_top: int = field(kw_only=True)

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
class SparseShared(Latent):
    """Latent attention to the tokens that the index of an earlier layer let through: no index of its own (GLM-5.2)."""

    kind: ClassVar[str] = "sparse-shared"
    index_top: int = field(kw_only=True)

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations: over the tokens that were let through."""
        return super().mixing(np.minimum(tokens, self.index_top), decoding)

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes read: the entries that were let through."""
        return super().cache(np.minimum(tokens, self.index_top), bits)


@dataclass(frozen=True)
class Recurrent(Attention):
    """What layers with a state of fixed size share: it is kept in 32 bits, read and written at every token."""

    @abstractmethod
    def _state_values(self) -> int:
        """Values of the state."""

    def _recent_values(self) -> int:
        """Last inputs of a convolution, kept at the bits of the cache."""
        return 0

    def state(self, bits: float) -> float:
        """Bytes of the state and of the convolution's last inputs."""
        return self._state_values() * _STATE_BITS / 8 + self._recent_values() * bits / 8

    def mixing(self, tokens: Tokens, decoding: bool = True) -> tuple[Tokens, Tokens]:
        """Operations on the state: read by the key and update, read by the query; no matter how many tokens."""
        state = self._state_values() * np.ones_like(tokens)
        return 4 * state, 2 * state

    def cache(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes held for a sequence: the state, however long it is."""
        return self.state(bits) * np.ones_like(tokens)

    def traffic(self, tokens: Tokens, bits: float) -> Tokens:
        """Bytes read and written: the state goes both ways."""
        return 2 * self.cache(tokens, bits)


@dataclass(frozen=True)
class Linear(Recurrent):
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

    def _state_values(self) -> int:
        return self.value_heads * self.key_dim * self.value_dim

    def _recent_values(self) -> int:
        return (self.kernel - 1) * (2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim)

    def fault(self) -> tuple[str, str] | None:
        """Heads are shared out evenly."""
        uneven = f"{self.value_heads} heads cannot be shared out among {self.key_heads}"
        return ("key_heads", uneven) if self.value_heads % self.key_heads else None


@dataclass(frozen=True)
class LinearByChannel(Recurrent):
    """Gated delta rule with a decay for every channel of the key (Kimi Delta Attention, arXiv 2510.26692).

    Decay and output gate are made by way of ``head_dim`` values; the gate directly where ``full_rank_gate``.
    """

    kind: ClassVar[str] = "linear-by-channel"
    heads: int
    head_dim: int
    kernel: int
    full_rank_gate: bool = False

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: projections, convolutions, decay, step of each head, gate, norm, output."""
        width = self.heads * self.head_dim
        decay = self.head_dim * (hidden + width)
        gate = hidden * width if self.full_rank_gate else self.head_dim * (hidden + width)
        small = hidden * self.heads + self.heads + width + self.head_dim
        return 4 * hidden * width + 3 * self.kernel * width + decay + gate + small

    def _state_values(self) -> int:
        return self.heads * self.head_dim * self.head_dim

    def _recent_values(self) -> int:
        return (self.kernel - 1) * 3 * self.heads * self.head_dim


@dataclass(frozen=True)
class Lightning(Recurrent):
    """Linear attention with a fixed decay for each head (MiniMax-01, arXiv 2501.08313)."""

    kind: ClassVar[str] = "lightning"
    heads: int
    head_dim: int

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: queries, keys, values, gate, norm, output."""
        width = self.heads * self.head_dim
        return 5 * hidden * width + width

    def _state_values(self) -> int:
        return self.heads * self.head_dim * self.head_dim


@dataclass(frozen=True)
class StateSpace(Recurrent):
    """State-space layer (Mamba-2; Dao and Gu, arXiv 2405.21060)."""

    kind: ClassVar[str] = "state-space"
    heads: int
    head_dim: int
    groups: int
    state_dim: int
    kernel: int
    conv_bias: bool = True

    @property
    def _mixed(self) -> int:
        return self.heads * self.head_dim + 2 * self.groups * self.state_dim

    def parameters(self, hidden: int) -> int:
        """Weights of one layer: input, convolution, decay, skip and step of each head, norm, output."""
        inner = self.heads * self.head_dim
        convolution = self._mixed * (self.kernel + self.conv_bias)
        return hidden * (2 * inner + self._mixed + self.heads) + convolution + 3 * self.heads + inner

    def _state_values(self) -> int:
        return self.heads * self.head_dim * self.state_dim

    def _recent_values(self) -> int:
        return (self.kernel - 1) * self._mixed

    def fault(self) -> tuple[str, str] | None:
        """Heads are shared out evenly."""
        return _uneven(self, "groups")


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
    index_heads: int = field(kw_only=True)
    index_dim: int = field(kw_only=True)
    index_top: int = field(kw_only=True)

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


_KINDS: tuple[type[Attention], ...] = (
    *(GroupedQuery, SlidingWindow, GroupedIndexed),
    *(Latent, SparseIndexed, SparseShared),
    *(Linear, LinearByChannel, Lightning, StateSpace),
    *(Compressed, CompressedIndexed, NoAttention),
)
ATTENTION = {kind.kind: kind for kind in _KINDS}
"""Kinds of attention by name."""
