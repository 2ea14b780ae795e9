"""What experts save: distinct experts of a batch, the roofline of decoding, its cost.

A decoding step reads the weights that its batch touches once and each sequence's cache, and computes one token a
sequence. It takes at least as long as the memory takes to deliver the bytes, or the units to compute, whichever is
longer; everything else (communication, scheduling, prompts) is left out, so that times and costs are lower bounds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from analysis import InputError
from analysis.measures.architecture import (
    Architecture,
    Mixture,
    block_table,
    cache_bytes,
    flops_per_token,
)

Batch = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Devices:
    """Accelerators of one kind that serve a model together; rates, memory and price are those of one.

    Parameters
    ----------
    name : str
    count : int
        Their number.
    tflops : dict
        Dense peak rate in TFLOP/s by bits (4, 8, 16); formats without a rate are not there.
    tb_s : float
        Memory bandwidth, TB/s.
    gb : float
        Memory, GB; NaN where the source does not say.
    usd_hour : float
        Price of an hour, US dollars.
    """

    name: str
    count: int
    tflops: dict[int, float]
    tb_s: float
    gb: float
    usd_hour: float

    def peak(self, bits: float) -> float:
        """FLOP/s of the narrowest format that holds weights of so many bits."""
        return 1e12 * self.tflops[min(size for size in self.tflops if size >= int(bits))]


@dataclass(frozen=True)
class Precision:
    """Bits of a weight, of a routed expert's weight and of a cached value."""

    weights: float = 16
    experts: float = 16
    cache: float = 16


def devices_of(table: pd.DataFrame, name: str, count: int = 1, usd_hour: float = 0) -> Devices:
    """Devices from the table ``accelerators``.

    Parameters
    ----------
    table : DataFrame
        The table.
    name : str
        Name of the accelerator.
    count : int
        Their number.
    usd_hour : float
        Price of an hour, US dollars; 0 takes the neocloud's or, where there is none, the report's.

    Raises
    ------
    InputError
        There is no such accelerator.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> devices_of(load("accelerators"), "H200").peak(4) / 1e12
    1979.0
    """
    rows = table[table["accelerator"].eq(name)]
    if rows.empty:
        raise InputError(f"There is no accelerator {name!r}; there are {', '.join(table['accelerator'])}.")
    row = rows.iloc[0]
    rates = {4: row["fp4_tflops"], 8: row["fp8_tflops"], 16: row["bf16_tflops"]}
    listed = row["usd_hour_report"] if pd.isna(row["usd_hour_neocloud"]) else row["usd_hour_neocloud"]
    known = {bits: float(rate) for bits, rate in rates.items() if pd.notna(rate)}
    return Devices(name, count, known, float(row["hbm_tb_s"]), float(row["hbm_gb"]), float(usd_hour or listed))


def hourly_rates(table: pd.DataFrame, usd_hour: float = 0) -> pd.Series:
    """Price of an hour of each accelerator, US dollars; as for ``devices_of``, 0 takes the table's."""
    names = table["accelerator"]
    return pd.Series({name: devices_of(table, name, usd_hour=usd_hour).usd_hour for name in names}, dtype=float)


def precision(sizes: pd.DataFrame, model: str) -> Precision:
    """Release precision of a model by the table ``model_sizes``; 16 bits where the table does not say. The cache: 16.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> precision(load("model_sizes"), "DeepSeek-V4-Pro")
    Precision(weights=8.0, experts=4.0, cache=16)
    """
    rows = sizes[sizes["model"].eq(model)].dropna(subset=["weight_bits", "expert_bits"])
    return Precision(*rows.iloc[0][["weight_bits", "expert_bits"]].astype(float)) if len(rows) else Precision()


def inclusion(experts: int, per_token: int, skew: float) -> Batch:
    """Probability that a token uses each expert, where expert number i is as popular as i to the power of -skew.

    Drawing without replacement in proportion to popularity makes expert i part of the draw with probability
    1 - exp(-t w_i) nearly, for the t at which these sum to ``per_token`` (Rosén 1997); exactly, without skew.

    Examples
    --------
    >>> inclusion(4, 1, 0).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    if skew == 0 or per_token == experts:
        return np.full(experts, per_token / experts)
    popularity = np.arange(1, experts + 1, dtype=float) ** -skew

    def surplus(log_time: float) -> float:
        return float(-np.expm1(-np.exp(log_time) * popularity).sum() - per_token)

    time = np.exp(optimize.brentq(surplus, -20, 20 + np.log(1 / popularity.min())))
    return np.asarray(-np.expm1(-time * popularity))


def distinct_experts(experts: int, per_token: int, batch: npt.ArrayLike, skew: float = 0.0) -> Batch:
    """Expected number of experts that a batch touches in one layer; without skew, E(1 - (1 - k/E)^B).

    Parameters
    ----------
    experts, per_token : int
        E experts, k a token.
    batch : array_like of shape (n,)
        Tokens in the batch.
    skew : float
        Exponent of the experts' popularity; 0: all alike.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> distinct_experts(256, 8, [1, 64]).round(1).tolist()
    [8.0, 222.4]
    """
    unused = 1 - inclusion(experts, per_token, skew)
    return np.asarray((1 - unused[:, None] ** np.atleast_1d(np.asarray(batch, dtype=float))).sum(axis=0))


def touched_experts(model: Architecture, batches: Sequence[int], skews: Iterable[float]) -> pd.DataFrame:
    """Share of the experts of a model's first layer with experts that a batch reads.

    Parameters
    ----------
    model : Architecture
    batches : sequence of int
        Tokens of a step.
    skews : iterable of float
        Exponents of the experts' popularity.

    Returns
    -------
    DataFrame
        Indexed by batch, a column a skew; without columns for a dense model.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import read_bytes
    >>> model = read_architectures(read_bytes("architectures"))["DeepSeek-V3"]
    >>> touched_experts(model, [1, 1024], [0.0])[0.0].round(3).tolist()
    [0.031, 1.0]
    """
    layers = [block.feed_forward for block in model.blocks if isinstance(block.feed_forward, Mixture)]
    found = pd.DataFrame(index=pd.Index(batches, name="batch"))
    for skew in dict.fromkeys(skews) if layers else []:
        first = layers[0]
        found[skew] = distinct_experts(first.experts, first.per_token, np.array(batches), skew) / first.experts
    return found


def weight_bytes(model: Architecture, batch: Batch, bits: Precision, skew: float = 0.0) -> Batch:
    """Bytes of weights that a decoding step of a batch reads; the embedding is looked up, not read.

    Examples
    --------
    >>> from analysis import catalog
    >>> from analysis.measures import architecture
    >>> model = architecture.read_architectures(catalog.read_bytes("architectures"))["DeepSeek-V3"]
    >>> (weight_bytes(model, np.array([1.0, 64.0]), Precision(8, 8)) / 1e9).round(1).tolist()
    [36.6, 584.4]
    """
    hidden, read = model.hidden_size, np.zeros(len(batch))
    for block in model.blocks:
        ffn = block.feed_forward
        always = block.attention.parameters(hidden) + ffn.parameters(hidden) - ffn.routed(hidden) + 2 * hidden
        read += block.count * always * bits.weights / 8
        if isinstance(ffn, Mixture):
            touched = distinct_experts(ffn.experts, ffn.per_token, batch, skew) / ffn.experts
            read += block.count * ffn.routed(hidden) * touched * bits.experts / 8
    return read + model.vocabulary * hidden * bits.weights / 8


def stored_bytes(model: Architecture, bits: Precision) -> float:
    """Bytes of all weights in memory, embedding included.

    Examples
    --------
    >>> from analysis import catalog
    >>> from analysis.measures import architecture
    >>> model = architecture.read_architectures(catalog.read_bytes("architectures"))["Llama-3.1-405B"]
    >>> round(stored_bytes(model, Precision(8, 8)) / 1e9)
    406
    """
    everything = float(weight_bytes(model, np.array([np.inf]), bits)[0])
    return everything + (1 - model.tied) * model.vocabulary * model.hidden_size * bits.weights / 8


def roofline(
    model: Architecture, devices: Devices, batch: npt.ArrayLike, context: float, bits: Precision, skew: float = 0.0
) -> pd.DataFrame:
    """Least time and cost of a decoding step (Williams et al. 2009): the longer of computing and of moving bytes.

    Parameters
    ----------
    model, devices, bits, skew
        Weights and caches are spread over all devices; skew as for ``distinct_experts``.
    batch : array_like of shape (n,)
        Sequences decoded together.
    context : float
        Tokens of each before the one being computed.

    Returns
    -------
    DataFrame
        Indexed by batch: weights_ms, cache_ms, compute_ms, step_ms, bound (memory or compute), fits (weights and caches
        within the memory; missing where that is not known) and usd_per_mtok, US dollars a million tokens.

    Examples
    --------
    >>> from analysis import catalog
    >>> from analysis.measures import architecture
    >>> model = architecture.read_architectures(catalog.read_bytes("architectures"))["Llama-3.1-405B"]
    >>> h200 = devices_of(catalog.load("accelerators"), "H200", 8)
    >>> roofline(model, h200, [1], 8192, Precision(8, 8))["step_ms"].round(2).tolist()
    [10.62]
    """
    size = np.atleast_1d(np.asarray(batch, dtype=float))
    parts = step_parts(model, devices, size, context, bits, skew)
    moved, spare_gb = parts["weights_ms"] + parts["cache_ms"], parts.pop("spare_gb")
    return pd.DataFrame(parts, index=pd.Index(size.astype(int), name="batch")).assign(
        bound=np.where(moved >= parts["compute_ms"], "memory", "compute"),
        fits=fits(spare_gb),
        usd_per_mtok=devices.count * devices.usd_hour / 3.6e6 * parts["step_ms"] / size.astype(int) * 1e6,
    )


def fits(spare_gb: Batch) -> pd.arrays.BooleanArray:
    """Whether memory is left over; missing where it is not known how much.

    Examples
    --------
    >>> fits(np.array([1.0, -1.0, np.nan])).tolist()
    [True, False, <NA>]
    """
    return pd.arrays.BooleanArray(spare_gb >= 0, np.isnan(spare_gb))


def step_parts(
    model: Architecture, devices: Devices, size: Batch, context: float, bits: Precision, skew: float = 0.0
) -> dict[str, Batch]:
    """Least milliseconds of a step for reading weights, for reading caches and for computing, by batch.

    Parameters
    ----------
    model, devices, context, bits, skew
        As for ``roofline``.
    size : array of shape (n,)
        Sequences decoded together.

    Returns
    -------
    dict
        weights_ms, cache_ms, compute_ms, step_ms and spare_gb: memory left beside weights and caches, NaN where the
        memory of the device is not known.
    """
    bandwidth, peak = devices.count * devices.tb_s * 1e12, devices.count * devices.peak(min(bits.weights, bits.experts))
    traffic = sum(b.count * float(b.attention.traffic(float(context), bits.cache)) for b in model.blocks)
    weights_ms = 1e3 * weight_bytes(model, size, bits, skew) / bandwidth
    cache_ms = 1e3 * size * traffic / bandwidth
    compute_ms = 1e3 * size * flops_per_token(model, context) / peak
    held = stored_bytes(model, bits) + size.astype(int) * cache_bytes(model, context, bits.cache)
    return {
        "weights_ms": weights_ms,
        "cache_ms": cache_ms,
        "compute_ms": compute_ms,
        "step_ms": np.maximum(weights_ms + cache_ms, compute_ms),
        "spare_gb": (devices.count * devices.gb * 1e9 - held) / 1e9,
    }


def least_cost(steps: pd.DataFrame) -> float:
    """Least cost over the batches that are not known not to fit, US dollars a million tokens; NaN where none does.

    Examples
    --------
    >>> least_cost(pd.DataFrame({"fits": [True, False], "usd_per_mtok": [2.0, 1.0]}))
    2.0
    """
    return float(steps.loc[steps["fits"].fillna(True).astype(bool), "usd_per_mtok"].min())


def most_tokens_a_second(model: Architecture, devices: Devices, context: float, bits: Precision) -> float:
    """Most tokens a second that a server can decode by the bound, at any batch up to 32,768."""
    steps = roofline(model, devices, 2 ** np.arange(16), context, bits)
    return float((1e3 * steps.index / steps["step_ms"]).max())


def step3_terms(model: Architecture, context: int) -> pd.Series:
    """Terms of table 2 of the Step-3 report (arXiv 2507.19427), counted as the report counts.

    The cache has 8 bits; where only some layers attend to all tokens, those have 16. Values of latent attention are
    counted as wide as its scores. The router is left out.

    Parameters
    ----------
    model : Architecture
    context : int
        Tokens of context.

    Returns
    -------
    Series
        kv_bytes, attn_flops, linear_flops and ffn_flops.

    Examples
    --------
    >>> from analysis import catalog
    >>> from analysis.measures import architecture
    >>> models = architecture.read_architectures(catalog.read_bytes("architectures"))
    >>> f"{step3_terms(models['DeepSeek-V3'], 8192)['kv_bytes']:.3g}"
    '2.88e+08'
    """
    blocks = block_table(model, context, 8)
    wide = blocks["attention"].eq("grouped-query") & blocks["attention"].ne("grouped-query").any()
    terms = {
        "kv_bytes": (blocks["cache_bytes"] * (1 + wide)).sum(),
        "attn_flops": 2 * blocks["score_flops"].sum(),
        "linear_flops": 2 * blocks["attention_weights"].sum(),
        "ffn_flops": 2 * blocks["feed_forward_weights"].sum(),
    }
    return pd.Series(terms, dtype=float)


def day_of_serving(figures: pd.Series, prompt: float, cached: float, completion: float) -> pd.Series:
    """Cost, revenue and margin of a day of serving, from what its vendor published of it.

    Parameters
    ----------
    figures : Series
        avg_nodes, devices_per_node, usd_per_h800_h, input_tokens, cache_hit_tokens, output_tokens.
    prompt, cached, completion : float
        List prices, US dollars a million tokens.

    Returns
    -------
    Series
        cost, revenue (US dollars) and margin (share of the cost).

    Examples
    --------
    >>> day = pd.Series({"avg_nodes": 1, "devices_per_node": 1, "usd_per_h800_h": 1, "input_tokens": 3e6,
    ...                  "cache_hit_tokens": 1e6, "output_tokens": 1e6})
    >>> day_of_serving(day, 10, 4, 24).tolist()
    [24.0, 48.0, 1.0]
    """
    cost = float(figures["avg_nodes"] * figures["devices_per_node"] * figures["usd_per_h800_h"] * 24)
    tokens = (
        figures["input_tokens"] - figures["cache_hit_tokens"],
        figures["cache_hit_tokens"],
        figures["output_tokens"],
    )
    revenue = sum(float(count) * price / 1e6 for count, price in zip(tokens, (prompt, cached, completion), strict=True))
    return pd.Series({"cost": cost, "revenue": revenue, "margin": revenue / cost - 1})
