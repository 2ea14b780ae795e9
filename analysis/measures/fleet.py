"""Serving as it is done: a fleet of free size, caches copied or not, popular experts, prompts mixed with completions.

Where ``serving.roofline`` spreads everything evenly over a fixed number of devices, here the slowest device sets the
pace. Times leave out communication and are what the device needs at least; a ratio of two of them bounds nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis import InputError
from analysis.measures.architecture import (
    Architecture,
    GroupedQuery,
    Latent,
    Mixture,
    flops_per_token,
    training_flops_per_token,
)
from analysis.measures.attention import Attention, Compressed
from analysis.measures.serving import Devices, Precision, inclusion, precision

FLEETS = (8, 16, 32, 64, 128)
BATCHES = tuple(2**power for power in range(15))
SERVED = ["ttft_ms", "tpot_ms", "tokens_s_user", "usd_per_mtok", "prompt_share", "fits", "devices", "batch"]


@dataclass(frozen=True)
class Setting:
    """How a fleet serves.

    Parameters
    ----------
    bits : Precision
        Bits of weights, experts and cache.
    activations : float
        Bits in which the units multiply. Weights of fewer bits are unpacked first: they save memory, not computing.
    attention : {"data", "tensor"}
        Data-parallel attention gives each device requests of its own and a copy of the attention's weights; tensor
        parallelism shares the weights and copies what cannot be split by head, as a latent cache, onto every device.
    skew : float
        Exponent of the experts' popularity; 0: all alike.
    """

    bits: Precision
    activations: float = 16
    attention: Literal["data", "tensor"] = "data"
    skew: float = 0.0


def cache_copies(attention: Attention, devices: int, parallel: Literal["data", "tensor"]) -> float:
    """How many copies of a layer's cache the fleet holds.

    Examples
    --------
    >>> grouped = GroupedQuery(heads=64, kv_heads=8, head_dim=128)
    >>> [cache_copies(grouped, 32, parallel) for parallel in ("data", "tensor")]
    [1.0, 4.0]
    """
    if parallel == "data":
        return 1.0
    if isinstance(attention, GroupedQuery):
        return max(1.0, devices / attention.kv_heads)
    # All heads share one entry of a latent or compressed cache; a state of linear attention splits by head.
    return float(devices) if isinstance(attention, Latent | Compressed) else 1.0


def busiest_device(experts: int, per_token: int, batch: float, devices: int, skew: float = 0.0) -> tuple[float, float]:
    """Experts that the busiest device reads for one layer, and the tokens that it multiplies by an expert.

    Experts are dealt out by popularity, one to each device in turn, as balancing would; with fewer experts than
    devices, each is split evenly.

    Parameters
    ----------
    experts, per_token : int
        Of a layer, and used by a token.
    batch : float
        Tokens of a step.
    devices : int
    skew : float
        Exponent of the experts' popularity.

    Returns
    -------
    float, float
        Expected number of experts read, and expected pairs of token and expert, on the device with most of each.

    Examples
    --------
    >>> busiest_device(8, 2, 100, 4)[1]
    50.0
    >>> busiest_device(8, 2, 100, 4, skew=1)[1] > 50
    True
    """
    chance = inclusion(experts, per_token, skew)
    read, tokens = 1 - (1 - chance) ** batch, batch * chance
    if devices >= experts:
        return float(read.max() * experts / devices), float(tokens.max() * experts / devices)
    place = np.arange(experts) % devices
    return float(np.bincount(place, read).max()), float(np.bincount(place, tokens).max())


def decoding_step(model: Architecture, devices: Devices, batch: int, context: float, setting: Setting) -> pd.Series:
    """Least time of a decoding step on the busiest device, and what that device must hold.

    Parameters
    ----------
    model : Architecture
    devices : Devices
    batch : int
        Requests decoded together by the whole fleet.
    context : float
        Tokens of each before the one being computed.
    setting : Setting

    Returns
    -------
    Series
        step_ms, gb (weights and caches of the busiest device) and fits; memory that is not known fits nothing.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.measures.serving import devices_of
    >>> from analysis.catalog import load, read_bytes
    >>> model = read_architectures(read_bytes("architectures"))["DeepSeek-V3"]
    >>> h200, fp8 = devices_of(load("accelerators"), "H200", 32), Precision(8, 8, 8)
    >>> steps = [decoding_step(model, h200, 1024, 4096, Setting(fp8, 8, way))["step_ms"] for way in ("data", "tensor")]
    >>> bool(steps[0] < steps[1])
    True
    """
    step_ms, gb = _step_and_memory(model, devices, batch, context, setting)
    return pd.Series({"step_ms": step_ms, "gb": gb, "fits": bool(gb <= devices.gb)}, dtype=object)


def _step_and_memory(
    model: Architecture, devices: Devices, batch: int, context: float, setting: Setting
) -> tuple[float, float]:
    """Milliseconds of a decoding step on the busiest device, and the gigabytes that it holds."""
    layers = _busiest_layers(model, devices.count, batch, context, setting)
    head = model.vocabulary * model.hidden_size * setting.bits.weights / 8 / devices.count
    compute = batch * flops_per_token(model, context) / devices.count - layers["even"] + layers["flops"]
    moving = (layers["read"] + head) / (devices.tb_s * 1e12)
    seconds = max(moving, compute / devices.peak(setting.activations))
    return 1e3 * seconds, (layers["held"] + (2 - model.tied) * head) / 1e9


def _busiest_layers(
    model: Architecture, devices: int, batch: int, context: float, setting: Setting
) -> dict[str, float]:
    """Over all layers, on the busiest device: bytes read and held, operations on routed experts, and those if even."""
    is_data = setting.attention == "data"
    requests = np.ceil(batch / devices) if is_data else batch
    total = dict.fromkeys(["read", "held", "flops", "even"], 0.0)
    for block in model.blocks:
        attention, ffn = block.attention, block.feed_forward
        copies = cache_copies(attention, devices, setting.attention)
        caches = requests if is_data else requests * copies / devices
        always = attention.parameters(model.hidden_size) / (1 if is_data else devices)
        always += (ffn.parameters(model.hidden_size) - ffn.routed(model.hidden_size)) / devices
        layer = _experts(ffn, model.hidden_size, batch, devices, setting)
        layer["read"] += always * setting.bits.weights / 8
        layer["read"] += caches * float(attention.traffic(float(context), setting.bits.cache))
        layer["held"] += always * setting.bits.weights / 8
        layer["held"] += caches * float(attention.cache(float(context), setting.bits.cache))
        for part in total:
            total[part] += block.count * layer[part]
    return total


def decoding_steps(
    model: Architecture, devices: Devices, batches: Iterable[int], context: float, setting: Setting
) -> pd.DataFrame:
    """Least time and cost of a decoding step by batch, on the busiest device of a fleet.

    Returns
    -------
    DataFrame
        Indexed by batch: step_ms, gb, fits and usd_per_mtok, as ``serving.least_cost`` takes them.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.measures.serving import devices_of
    >>> from analysis.catalog import load, read_bytes
    >>> model = read_architectures(read_bytes("architectures"))["DeepSeek-V3"]
    >>> h200, fp8 = devices_of(load("accelerators"), "H200", 8), Precision(8, 8, 8)
    >>> decoding_steps(model, h200, [1, 64], 4096, Setting(fp8, 8))["usd_per_mtok"].round(1).tolist()
    [11.8, 1.1]
    """
    steps = {int(batch): decoding_step(model, devices, int(batch), context, setting) for batch in batches}
    found = pd.DataFrame.from_dict(steps, orient="index").rename_axis("batch").infer_objects()
    tokens_an_hour = 3.6e6 * found.index / found["step_ms"]
    return found.assign(usd_per_mtok=1e6 * devices.count * devices.usd_hour / tokens_an_hour)


def _experts(ffn: object, hidden: int, batch: float, devices: int, setting: Setting) -> dict[str, float]:
    """Of one layer's routed experts on the busiest device: bytes read and held, operations, and those if even."""
    if not isinstance(ffn, Mixture):
        return dict.fromkeys(["read", "held", "flops", "even"], 0.0)
    weights = ffn.routed(hidden) / ffn.experts
    size = weights * setting.bits.experts / 8
    read, tokens = busiest_device(ffn.experts, ffn.per_token, batch, devices, setting.skew)
    held = size * (np.ceil(ffn.experts / devices) if devices < ffn.experts else ffn.experts / devices)
    even = 2 * weights * batch * ffn.per_token / devices
    return {"read": size * read, "held": float(held), "flops": 2 * weights * tokens, "even": even}


def prompt_seconds(model: Architecture, devices: Devices, prompt: int, setting: Setting) -> float:
    """Least seconds in which the whole fleet processes one prompt: the time to first token without a queue.

    Computing binds long prompts, reading all weights once short ones; a device with popular experts is the slowest.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.measures.serving import devices_of
    >>> from analysis.catalog import load, read_bytes
    >>> model = read_architectures(read_bytes("architectures"))["Llama-3.1-70B"]
    >>> h200 = devices_of(load("accelerators"), "H200", 8)
    >>> round(prompt_seconds(model, h200, 8192, Setting(Precision(), 16)), 3)
    0.155
    """
    # A training step counts three passes over a sequence: forward once, backward twice.
    compute = prompt * training_flops_per_token(model, prompt) / 3 / devices.count
    for block in model.blocks:
        experts = _experts(block.feed_forward, model.hidden_size, prompt, devices.count, setting)
        compute += block.count * (experts["flops"] - experts["even"])
    held_gb = _step_and_memory(model, devices, 1, 0, replace(setting, skew=0.0))[1]
    reading = held_gb * 1e9 / (devices.tb_s * 1e12)
    return float(max(compute / devices.peak(setting.activations), reading))


def _served(
    model: Architecture, devices: Devices, batch: int, prompt: int, completion: int, setting: Setting, first: float
) -> dict[str, float]:
    """As ``serve``, with the milliseconds of a prompt known: they are those of every batch."""
    step_ms, gb = _step_and_memory(model, devices, batch, prompt + completion / 2, setting)
    token = step_ms + batch * first / completion
    hours = devices.count * completion * token / batch / 3.6e6
    return {
        "ttft_ms": first,
        "tpot_ms": token,
        "tokens_s_user": 1e3 / token,
        "usd_per_mtok": 1e6 * hours * devices.usd_hour / (prompt + completion),
        "prompt_share": 1 - step_ms / token,
        "fits": bool(gb <= devices.gb),
    }


def cheapest_fleet(
    model: Architecture,
    device: Devices,
    shape: Mapping[str, int],
    interactivity: float,
    setting: Setting,
    fleets: Iterable[int] = FLEETS,
) -> pd.Series:
    """Cheapest fleet and batch that fit and give each user so many tokens a second.

    Parameters
    ----------
    model, device, setting
        As for ``serve``; the number of devices is free.
    shape, interactivity
        Prompt and completion in tokens, and the tokens a second that each user gets at least.
    fleets : iterable of int
        Numbers of devices to try.

    Returns
    -------
    Series
        As ``serve`` gives it, with devices and batch; NaN where nothing fits and is fast enough.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.measures.serving import devices_of
    >>> from analysis.catalog import load, read_bytes
    >>> model = read_architectures(read_bytes("architectures"))["DeepSeek-V3"]
    >>> h200, fp8 = devices_of(load("accelerators"), "H200"), Setting(Precision(8, 8, 8), 8)
    >>> int(cheapest_fleet(model, h200, {"prompt": 8192, "completion": 1024}, 20, fp8)["devices"]) > 8
    True
    """
    if np.isnan(device.gb):
        raise InputError(f"The memory of {device.name} is not known: enter hbm_gb in the table accelerators.")
    tried = [found for count in fleets for found in _batches(model, device, count, shape, interactivity, setting)]
    if not tried:
        return pd.Series(np.nan, index=SERVED)
    return pd.Series(min(tried, key=lambda found: found["usd_per_mtok"]), dtype=object)


def _batches(
    model: Architecture, device: Devices, count: int, shape: Mapping[str, int], interactivity: float, setting: Setting
) -> Iterator[dict[str, float]]:
    """Batches that fit a fleet of so many devices and are fast enough, as ``serve`` gives them."""
    fleet, prompt, completion = replace(device, count=count), shape["prompt"], shape["completion"]
    first = 1e3 * prompt_seconds(model, fleet, prompt, setting)
    for batch in BATCHES:
        found = _served(model, fleet, batch, prompt, completion, setting, first)
        # A larger batch is slower for each user and needs more memory.
        if not found["fits"] or found["tokens_s_user"] < interactivity:
            return
        yield {**found, "devices": count, "batch": batch}


def release_setting(sizes: pd.DataFrame, model: str) -> Setting:
    """How a model is served in its release precision: units multiply at no fewer than 8 bits, the cache has 8.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> release_setting(load("model_sizes"), "DeepSeek-V4-Pro")
    Setting(bits=Precision(weights=8.0, experts=4.0, cache=8), activations=8.0, attention='data', skew=0.0)
    """
    bits = replace(precision(sizes, model), cache=8)
    return Setting(bits, max(8.0, bits.weights))


def fleet_costs(
    models: Mapping[str, Architecture],
    sizes: pd.DataFrame,
    device: Devices,
    shape: Mapping[str, int],
    interactivity: float,
    fleets: Iterable[int] = FLEETS,
) -> pd.DataFrame:
    """Least cost of each model of known architecture on its cheapest fleet, as ``release_setting`` has it.

    Parameters
    ----------
    models, sizes
        Architectures by name, and the table ``model_sizes``.
    device, shape, interactivity, fleets
        As for ``cheapest_fleet``.

    Returns
    -------
    DataFrame
        By model: accelerator, cost (US dollars a million tokens of the shape), devices and batch, as
        ``measured.priced`` takes them.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.measures.serving import devices_of
    >>> from analysis.catalog import load, read_bytes
    >>> models, h200 = read_architectures(read_bytes("architectures")), devices_of(load("accelerators"), "H200")
    >>> sizes = load("model_sizes").query("model == 'GLM-5'")
    >>> fleet_costs(models, sizes, h200, {"prompt": 8192, "completion": 1024}, 20)["accelerator"].to_dict()
    {'GLM-5': 'H200'}
    """
    rows = {}
    for model, name in sizes[sizes["architecture"].isin(list(models))].set_index("model")["architecture"].items():
        setting = release_setting(sizes, str(model))
        found = cheapest_fleet(models[name], device, shape, interactivity, setting, fleets)
        rows[model] = {"accelerator": device.name, "cost": found["usd_per_mtok"], **found[["devices", "batch"]]}
    costs = pd.DataFrame.from_dict(rows, orient="index", columns=["accelerator", "cost", "devices", "batch"])
    return costs.dropna(subset=["cost"])
