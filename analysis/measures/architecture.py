"""Architectures as composition: parameters, arithmetic and cache from a model's blocks.

A model is an embedding, blocks and a head. Each kind of attention and of feed-forward answers for itself; the model
sums its blocks. Sizes are counts of weights, arithmetic is floating-point operations (a multiplication and an addition
are two), and the cache is bytes. The kinds stand in ``attention`` and ``blocks``, reading them in ``form``.
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.measures.attention import GroupedQuery, Latent, Linear, SlidingWindow, SparseIndexed, StateSpace
from analysis.measures.blocks import Architecture, Block, Dense, Mixture
from analysis.measures.form import read_architectures

CONVENTIONS = ["embedding and head", "head only", "neither"]
"""What is counted as active beside the blocks, from most to least."""

__all__ = [
    "CONVENTIONS",
    "Architecture",
    "Block",
    "Dense",
    "GroupedQuery",
    "Latent",
    "Linear",
    "Mixture",
    "SlidingWindow",
    "SparseIndexed",
    "StateSpace",
    "active_parameters",
    "attention_family",
    "block_table",
    "cache_bytes",
    "flops_per_token",
    "read_architectures",
    "total_parameters",
    "training_flops_per_token",
]


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
    blocks, rows = _active_blocks(model), model.vocabulary * model.hidden_size
    return pd.Series([blocks + (2 - model.tied) * rows, blocks + rows, blocks], index=CONVENTIONS)


def _active_blocks(model: Architecture) -> int:
    """Weights of all layers that one token uses, without embedding and head."""
    return model.hidden_size + sum(_layer(model, b, b.feed_forward.active) for b in model.blocks)


def _flops_of_weights(model: Architecture) -> float:
    """Two operations for each weight that a token uses, the head included."""
    return 2 * float(_active_blocks(model) + model.vocabulary * model.hidden_size)


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
    return _flops_of_weights(model) + mixing


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
    return 3 * (_flops_of_weights(model) + float(mixing))


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
    if not grows:
        return "none that grows"
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
    """Weights of a block's layers: attention, the feed-forward as counted by ``weights``, norms."""
    hidden = model.hidden_size
    return block.count * (block.attention.parameters(hidden) + weights(hidden) + block.norms * hidden)
