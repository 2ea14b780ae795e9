"""Kinds of attention: the weights, the arithmetic and the cache of each.

Arithmetic is floating-point operations (a multiplication and an addition are two), and the cache is bytes.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
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
