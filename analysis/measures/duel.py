"""Two models on one server: how many times as long the dense one takes as the mixture of experts, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis.measures import fleet, serving
from analysis.measures.architecture import Architecture
from analysis.measures.serving import Devices, Precision

PAIR = ("dense", "moe")


@dataclass(frozen=True)
class Duel:
    """A dense model and a mixture of experts, and how both are served.

    Parameters
    ----------
    models : dict
        Architecture by side, ``dense`` and ``moe``.
    bits : dict
        Bits of the weights, experts and cache by side.
    server : Devices
        What serves either.
    batches : tuple of int
        Sequences decoded together.
    context : int
        Tokens before the one being computed.
    skew : float
        Exponent of the experts' popularity.
    """

    models: Mapping[str, Architecture]
    bits: Mapping[str, Precision]
    server: Devices
    batches: tuple[int, ...]
    context: int
    skew: float = 0.0


Steps = Mapping[str, pd.DataFrame]
"""Steps by side, as ``serving.roofline`` gives them."""


def steps(duel: Duel) -> Steps:
    """Least time of a step of either side by batch, all work spread evenly."""
    batches = list(duel.batches)
    return {
        side: serving.roofline(duel.models[side], duel.server, batches, duel.context, duel.bits[side], duel.skew)
        for side in PAIR
    }


def by_context(duel: Duel, contexts: Iterable[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Time of the dense model over that of the mixture, and whether both fit into the memory, by batch and context.

    Parameters
    ----------
    duel : Duel
    contexts : iterable of int
        Tokens of context.

    Returns
    -------
    DataFrame, DataFrame
        Indexed by batch, a column a context; a memory that is not known is taken to fit.

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import load, read_bytes
    >>> known = read_architectures(read_bytes("architectures"))
    >>> pair = {"dense": known["Llama-3.1-405B"], "moe": known["DeepSeek-V3"]}
    >>> h200 = serving.devices_of(load("accelerators"), "H200", 8)
    >>> duel = Duel(pair, dict.fromkeys(PAIR, Precision(8, 8, 8)), h200, (1, 128), 1024)
    >>> by_context(duel, [1024])[0][1024].round(2).tolist()
    [11.02, 0.66]
    """
    ratios, fits = {}, {}
    for context in contexts:
        found = steps(replace(duel, context=context))
        ratios[context] = found["dense"]["step_ms"] / found["moe"]["step_ms"]
        known = {side: table["fits"].fillna(True).astype(bool) for side, table in found.items()}
        fits[context] = known["dense"] & known["moe"]
    return pd.DataFrame(ratios), pd.DataFrame(fits)


def slower_batches(ratios: pd.DataFrame, fits: pd.DataFrame) -> dict[int, pd.Index]:
    """Batches that fit and in which the mixture of experts takes longer than the dense model, by context.

    Examples
    --------
    >>> ratios = pd.DataFrame({0: [2.0, 0.9, 0.8]}, index=[1, 8, 64])
    >>> slower_batches(ratios, pd.DataFrame({0: [True, True, False]}, index=[1, 8, 64]))[0].tolist()
    [8]
    """
    return {int(context): ratios.index[ratios[context].lt(1) & fits[context]] for context in ratios}


def settings(duel: Duel, accelerators: pd.DataFrame) -> dict[str, Steps]:
    """Steps of both sides under other formats, contexts, servers, and on the busiest device.

    Parameters
    ----------
    duel : Duel
    accelerators : DataFrame
        The table ``accelerators``.

    Returns
    -------
    dict
        Setting in words to the steps of either side.
    """
    server = duel.server
    b200 = serving.devices_of(accelerators, "B200", server.count)
    byte_cache = {side: replace(bits, cache=8) for side, bits in duel.bits.items()}
    even = {
        "as set": duel,
        "cache of 8 bits": replace(duel, bits=byte_cache),
        "weights of 4 bits": replace(duel, bits=dict.fromkeys(PAIR, Precision(4, 4))),
        "twice the devices": replace(duel, server=replace(server, count=2 * server.count)),
        "B200": replace(duel, server=b200),
        "no context": replace(duel, context=0),
    }
    found: dict[str, Steps] = {name: steps(one) for name, one in even.items()}
    mixture = _setting(duel, "moe")
    found["busiest device"] = _busiest(duel, mixture)
    found["busiest device, skewed experts (1)"] = _busiest(duel, replace(mixture, skew=1))
    found["busiest device, latent cache copied"] = _busiest(duel, replace(mixture, attention="tensor"))
    return found


def _setting(duel: Duel, side: str) -> fleet.Setting:
    """How one side is served: units multiply at no fewer than eight bits."""
    return fleet.Setting(duel.bits[side], max(8, duel.bits[side].weights))


def _busiest(duel: Duel, mixture: fleet.Setting) -> Steps:
    """Steps on the busiest device; the heads of the dense model are split over the devices."""
    how = {"dense": replace(_setting(duel, "dense"), attention="tensor"), "moe": mixture}
    return {
        side: fleet.decoding_steps(duel.models[side], duel.server, duel.batches, duel.context, how[side])
        for side in PAIR
    }


def compare(by_setting: Mapping[str, Steps]) -> pd.DataFrame:
    """Time of the dense model over that of the mixture by setting and batch, and cost at each one's cheapest batch.

    Examples
    --------
    >>> steps = pd.DataFrame({"step_ms": [4.0], "fits": [True], "usd_per_mtok": [2.0]}, index=[1])
    >>> twice = steps.assign(step_ms=2.0, usd_per_mtok=1.0)
    >>> compare({"as set": {"dense": steps, "moe": twice}}).loc["as set"].to_dict()
    {1: 2.0, 'cost': 2.0}
    """
    rows = {}
    for name, both in by_setting.items():
        dense, moe = both["dense"], both["moe"]
        ratio = dense["step_ms"] / moe["step_ms"]
        rows[name] = {**ratio.to_dict(), "cost": serving.least_cost(dense) / serving.least_cost(moe)}
    return pd.DataFrame.from_dict(rows, orient="index")
