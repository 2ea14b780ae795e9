"""The least time of decoding held against measured runs, and a calibrated time beside it.

Of a server's requests some are still having their prompts processed. By Little's law those being decoded number the
concurrency times the decoding part of a request's duration: that, and not the concurrency, is the batch here.
"""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from analysis import InputError
from analysis.measures.architecture import Architecture, training_flops_per_token
from analysis.measures.serving import Devices, Precision, devices_of, fits, step_parts

BITS = {"fp4": 4, "int4": 4, "fp8": 8, "bf16": 16}
TERMS = ["weights_ms", "cache_ms", "compute_ms", "prompts_ms", "layers"]
SETTING = ["model", "accelerator", "precision", "devices", "input_tokens", "output_tokens"]


def decoding_batch(runs: pd.DataFrame) -> pd.Series:
    """Requests that are being decoded on average: concurrency times the decoding part of a request's duration.

    Parameters
    ----------
    runs : DataFrame
        Columns concurrency, output_tokens, ttft_ms and tpot_ms.

    Examples
    --------
    >>> run = {"concurrency": 64, "output_tokens": 101, "ttft_ms": 3000.0, "tpot_ms": 10.0}
    >>> decoding_batch(pd.DataFrame([run])).tolist()
    [16.0]
    """
    decoding = (runs["output_tokens"] - 1) * runs["tpot_ms"]
    return (runs["concurrency"].astype(float) * decoding / (runs["ttft_ms"] + decoding)).clip(lower=1.0)


def usable(runs: pd.DataFrame, sizes: pd.DataFrame, accelerators: pd.DataFrame) -> pd.DataFrame:
    """Runs that a bound can be computed for, each with its architecture and its batch.

    Left out are runs whose prompts have devices of their own (their decoding devices are not told apart), whose number
    of devices, concurrency or format is not known, or whose model or accelerator is in no table.

    Parameters
    ----------
    runs, sizes, accelerators : DataFrame
        The tables ``serving_runs``, ``model_sizes`` and ``accelerators``.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> len(usable(*(load(name) for name in ("serving_runs", "model_sizes", "accelerators"))))
    2507
    """
    names = sizes[sizes["architecture"].ne("")].set_index("model")["architecture"]
    kept = runs[runs["mode"].eq("together") & runs["precision"].isin(BITS)].dropna(subset=["devices", "concurrency"])
    kept = kept[kept["model"].isin(names.index) & kept["accelerator"].isin(accelerators["accelerator"])]
    return kept.assign(architecture=kept["model"].map(names), batch=decoding_batch(kept))


def bound_terms(runs: pd.DataFrame, models: Mapping[str, Architecture], accelerators: pd.DataFrame) -> pd.DataFrame:
    """Least time of a decoding step in each run, and the parts of it.

    The context is the prompt and half of the completion, weights and cache have the run's bits, and each step gives one
    token a request: a run that predicts several may beat this.

    Parameters
    ----------
    runs : DataFrame
        As ``usable`` gives them.
    models : dict
        Architectures by name.
    accelerators : DataFrame
        The table ``accelerators``.

    Returns
    -------
    DataFrame
        ``runs`` with weights_ms, cache_ms, compute_ms, prompts_ms (least time for the prompts that come with one step),
        layers (their number), bound_ms (the roofline of decoding alone), times (measured over bound) and fits (whether
        weights and caches fit into the memory of the devices: where not, the row contradicts itself).

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import load, read_bytes
    >>> tables = [load(name) for name in ("serving_runs", "model_sizes", "accelerators")]
    >>> found = bound_terms(usable(*tables).head(5), read_architectures(read_bytes("architectures")), tables[2])
    >>> bool((found["times"] > 1).all())
    True
    """
    groups = list(runs.groupby(SETTING, observed=True).indices.values())
    parts = _by_setting(runs, groups, models, accelerators)
    in_order = np.argsort(np.concatenate(groups))
    terms = {name: np.concatenate([part[name] for part in parts])[in_order] for name in parts[0]}
    terms["fits"] = fits(terms.pop("spare_gb"))
    return runs.assign(**terms, times=runs["tpot_ms"] / terms["bound_ms"])


def _by_setting(
    runs: pd.DataFrame,
    groups: list[npt.NDArray[np.intp]],
    models: Mapping[str, Architecture],
    accelerators: pd.DataFrame,
) -> list[dict[str, npt.NDArray[Any]]]:
    """Terms of each group of runs that differ in their batch only; a group holds the places of its rows."""
    settings = runs.iloc[[rows[0] for rows in groups]].itertuples(index=False)
    batches = runs["batch"].to_numpy(dtype=float)
    devices = functools.cache(functools.partial(devices_of, accelerators))  # a few, asked for by hundreds of settings
    return [
        _one_setting(setting, batches[rows], models, devices(setting.accelerator, int(setting.devices)))
        for setting, rows in zip(settings, groups, strict=True)
    ]


def _one_setting(
    setting: Any, batch: npt.NDArray[np.float64], models: Mapping[str, Architecture], devices: Devices
) -> dict[str, npt.NDArray[Any]]:
    """Terms of runs that differ in their batch only."""
    model, bits = models[setting.architecture], BITS[setting.precision]
    context = setting.input_tokens + setting.output_tokens / 2
    parts = step_parts(model, devices, batch, context, Precision(bits, bits, bits))
    # A training step counts three passes over a sequence: forward once, backward twice.
    prompt = setting.input_tokens * training_flops_per_token(model, int(setting.input_tokens)) / 3
    prompt_ms = 1e3 * prompt / (devices.count * devices.peak(bits))
    parts["bound_ms"] = parts.pop("step_ms")
    parts["prompts_ms"] = batch * prompt_ms / setting.output_tokens
    parts["layers"] = np.full(len(batch), sum(block.count for block in model.blocks))
    return parts


def faster_than_bound(terms: pd.DataFrame) -> tuple[int, pd.Series]:
    """Runs that beat the bound: how many contradict themselves, and how long requests waited in the others.

    Parameters
    ----------
    terms : DataFrame
        As ``bound_terms`` gives them.

    Returns
    -------
    int, Series
        Runs whose devices cannot hold their weights and caches; of the others, the time to the first token over the
        time of decoding: where it is long, the batch is hardly known.

    Examples
    --------
    >>> run = {"ttft_ms": 400.0, "output_tokens": 101, "tpot_ms": 1.0, "times": 0.9}
    >>> found = faster_than_bound(pd.DataFrame([run | {"fits": False}, run | {"fits": True}]))
    >>> found[0], found[1].tolist()
    (1, [4.0])
    """
    faster = terms[terms["times"] < 1]
    possible = faster[faster["fits"].astype(bool)]
    waiting = possible["ttft_ms"] / (possible["output_tokens"] - 1) / possible["tpot_ms"]
    return len(faster) - len(possible), waiting


def calibrate(terms: pd.DataFrame) -> pd.Series:
    """Factors, none below 0, by which the parts of the bound add up to measured times.

    ``tpot_ms`` is fitted as a sum of the terms, each times one factor, by least squares of the relative errors. That of
    the layers is milliseconds a layer: what is spent on launching and on waiting for the other devices.

    Parameters
    ----------
    terms : DataFrame
        As ``bound_terms`` gives them.

    Returns
    -------
    Series
        Factors by term.

    Raises
    ------
    InputError
        There are fewer runs than factors.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> planted = pd.DataFrame(random.uniform(1, 9, (50, 5)), columns=TERMS).assign(bound_ms=1.0)
    >>> calibrate(planted.assign(tpot_ms=planted[TERMS] @ [2, 1, 3, 1, 0.5])).round(6).tolist()
    [2.0, 1.0, 3.0, 1.0, 0.5]
    """
    if len(terms) < len(TERMS):
        raise InputError(f"{len(terms)} runs cannot fit {len(TERMS)} factors: give at least as many runs as factors.")
    relative = terms[TERMS].div(terms["tpot_ms"], axis=0).to_numpy(dtype=float)
    return pd.Series(optimize.nnls(relative, np.ones(len(terms)))[0], index=TERMS)


def calibrated_ms(terms: pd.DataFrame, factors: pd.Series) -> pd.Series:
    """Time per output token by calibrated factors, in ms; an estimate and no bound.

    Examples
    --------
    >>> terms = pd.DataFrame([[1.0, 2.0, 3.0, 4.0, 5.0]], columns=TERMS)
    >>> calibrated_ms(terms, pd.Series([1.0, 1.0, 0.0, 0.0, 0.1], index=TERMS)).tolist()
    [3.5]
    """
    return terms[TERMS].mul(factors, axis=1).sum(axis=1)


def left_out_ms(terms: pd.DataFrame) -> pd.Series:
    """Time per output token of each run, in ms, with factors fitted on the runs of all other models.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> planted = pd.DataFrame(random.uniform(1, 9, (50, 5)), columns=TERMS).assign(model=["M", "N"] * 25)
    >>> told = planted[TERMS].sum(axis=1)
    >>> bool(np.allclose(left_out_ms(planted.assign(tpot_ms=told)), told))
    True
    """
    estimates = []
    for model in terms["model"].unique():
        own = terms["model"].eq(model)
        estimates.append(calibrated_ms(terms[own], calibrate(terms[~own])))
    return pd.concat(estimates).reindex(terms.index)


def left_out_error(terms: pd.DataFrame) -> pd.DataFrame:
    """Error of the calibration on each model, with the factors fitted on all the others.

    Parameters
    ----------
    terms : DataFrame
        As ``bound_terms`` gives them, of at least two models.

    Returns
    -------
    DataFrame
        By model, and for "all": runs, median_factor (median of the larger over the smaller of estimate and measurement;
        1 is perfect), within_2 (share of runs within a factor of 2) and rank (Spearman's correlation of the two).

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> planted = pd.DataFrame(random.uniform(1, 9, (50, 5)), columns=TERMS).assign(model=["M", "N"] * 25)
    >>> left_out_error(planted.assign(tpot_ms=planted[TERMS].sum(axis=1)))["median_factor"].round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    estimated = terms.assign(estimate=left_out_ms(terms))
    rows = {}
    for model, runs in [("all", estimated), *estimated.groupby("model", observed=True)]:
        away = np.exp(np.abs(np.log(runs["estimate"] / runs["tpot_ms"])))
        rank = stats.spearmanr(runs["estimate"], runs["tpot_ms"]).statistic
        rows[model] = {"runs": len(runs), "median_factor": away.median(), "within_2": away.le(2).mean()}
        rows[model]["rank"] = float(rank)
    return pd.DataFrame.from_dict(rows, orient="index")


def bound_check(terms: pd.DataFrame) -> pd.DataFrame:
    """How far measured runs lie from the bound, over all and by model.

    Parameters
    ----------
    terms : DataFrame
        As ``bound_terms`` gives them.

    Returns
    -------
    DataFrame
        By model, and for "all": runs, beaten (runs faster than the bound), least and median of the measured time over
        the bound, and rank (Spearman's correlation of bound and measurement).

    Examples
    --------
    >>> told = pd.DataFrame({"model": "M", "bound_ms": [1.0, 2.0, 3.0], "tpot_ms": [2.0, 1.0, 9.0]})
    >>> bound_check(told.assign(times=told["tpot_ms"] / told["bound_ms"])).loc["all", ["beaten", "median"]].tolist()
    [1.0, 2.0]
    """
    groups = {"all": terms} | dict(iter(terms.groupby("model", observed=True)))
    return pd.DataFrame({name: _distance(rows) for name, rows in groups.items()}).T


def _distance(rows: pd.DataFrame) -> pd.Series:
    times: npt.NDArray[np.float64] = rows["times"].to_numpy(dtype=float)
    rank = stats.spearmanr(rows["bound_ms"], rows["tpot_ms"]).statistic
    found = {"runs": len(rows), "beaten": (times < 1).sum(), "least": times.min(), "median": np.median(times)}
    return pd.Series(found | {"rank": rank}, dtype=float)
