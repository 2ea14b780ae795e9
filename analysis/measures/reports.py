"""What reports publish of arithmetic, memory and training, beside the same computed from the dimensions."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.measures.architecture import (
    Architecture,
    attention_family,
    cache_bytes,
    flops_per_token,
    training_flops_per_token,
)
from analysis.measures.serving import step3_terms

SEQUENCE = 4096
"""Tokens of a training sequence."""


def of_known(figures: pd.DataFrame, models: Mapping[str, Architecture]) -> pd.DataFrame:
    """Rows of the table ``published_figures`` about models whose dimensions are known."""
    return figures[figures["architecture"].isin(list(models))]


def single_figures(figures: pd.DataFrame, models: Mapping[str, Architecture]) -> pd.DataFrame:
    """Cache of a token and operations of a training token, as published and as computed.

    Parameters
    ----------
    figures : DataFrame
        The table ``published_figures``.
    models : dict
        Architectures by name.

    Returns
    -------
    DataFrame
        By report, model and quantity: value (published), unit and computed.
    """
    rows = of_known(figures, models)
    rows = rows[rows["quantity"].isin(["cache", "training"])].set_index(["report", "model", "quantity"])
    used = [models[name] for name in rows["architecture"]]
    cache = [cache_bytes(model, 1) for model in used]
    training = [training_flops_per_token(model, SEQUENCE) / 1e9 for model in used]
    is_cache = rows.index.get_level_values("quantity") == "cache"
    return rows[["value", "unit"]].assign(computed=np.where(is_cache, cache, training))


def step3_errors(figures: pd.DataFrame, models: Mapping[str, Architecture]) -> pd.DataFrame:
    """Deviation in per cent from every term of the Step-3 report, counted as the report counts: a row a model."""
    rows = of_known(figures, models)
    rows = rows[rows["unit"].isin(["bytes a sequence", "FLOP a token"])]
    computed = [
        step3_terms(models[name], context)[quantity]
        for name, context, quantity in rows[["architecture", "context_tokens", "quantity"]].to_numpy()
    ]
    errors = rows.assign(error=100 * (np.array(computed) / rows["value"] - 1))
    return errors.pivot(index="model", columns="quantity", values="error").rename_axis(columns=None)


def relative_figures(figures: pd.DataFrame, models: Mapping[str, Architecture], base: str) -> pd.DataFrame:
    """Operations and cache of DeepSeek V4 after the report's context, as shares of an earlier model's.

    Parameters
    ----------
    figures, models
        As for ``single_figures``.
    base : str
        The earlier model.

    Returns
    -------
    DataFrame
        By model and quantity (operations or cache): published and computed.
    """
    rows = figures[figures["report"].eq("DeepSeek-V4 report") & figures["architecture"].isin(list(models))]
    context = int(figures["context_tokens"].max())
    ask = {"flops_share": flops_per_token, "kv_share": cache_bytes}
    computed = []
    for name, quantity in rows[["architecture", "quantity"]].to_numpy():
        computed.append(ask[quantity](models[name], context) / ask[quantity](models[base], context))
    named = rows["quantity"].replace({"flops_share": "operations", "kv_share": "cache"})
    found = rows.assign(quantity=named, computed=computed).rename(columns={"value": "published"})
    return found.set_index(["architecture", "quantity"])[["published", "computed"]].rename_axis(["model", "quantity"])


def exact_matches(figures: pd.DataFrame, models: Mapping[str, Architecture], totals: pd.Series) -> pd.Series:
    """Parameter counts that model cards give to the last digit and that the dimensions give too, by model.

    Parameters
    ----------
    figures, models
        As for ``single_figures``.
    totals : Series
        Computed total parameters by architecture.
    """
    rows = of_known(figures, models)
    rows = rows[rows["quantity"].eq("parameters")]
    same = rows["value"].eq(rows["architecture"].map(totals))
    return rows[same].set_index("model")["value"]


def memory_by_model(models: Mapping[str, Architecture], context: int) -> pd.DataFrame:
    """Cache and arithmetic of models, those with most to remember first.

    Parameters
    ----------
    models : dict
        Architectures by name.
    context : int
        Tokens before the one being computed.

    Returns
    -------
    DataFrame
        By architecture: kind (of attention), kb (a token of context, at 16 bits), with_context and without_context
        (billions of operations a token), row (number of the kind, in that order).

    Examples
    --------
    >>> from analysis.measures.architecture import read_architectures
    >>> from analysis.catalog import read_bytes
    >>> models = read_architectures(read_bytes("architectures"))
    >>> memory_by_model({"Llama-3.1-405B": models["Llama-3.1-405B"]}, 8192)["kb"].round().tolist()
    [516.0]
    """
    rows = {}
    for name, model in models.items():
        kb = cache_bytes(model, context) / context / 1e3
        rows[name] = [
            attention_family(model),
            kb,
            flops_per_token(model, context) / 1e9,
            flops_per_token(model, 0) / 1e9,
        ]
    columns = ["kind", "kb", "with_context", "without_context"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("architecture")
    found = found.sort_values("kb", ascending=False)
    return found.assign(row=pd.factorize(found["kind"])[0])


def training_runs(sizes: pd.DataFrame, models: Mapping[str, Architecture], accelerators: pd.DataFrame) -> pd.DataFrame:
    """Training runs with published hours and tokens: what they computed, and what part of the peak that is.

    Parameters
    ----------
    sizes, accelerators : DataFrame
        The tables ``model_sizes`` and ``accelerators``.
    models : dict
        Architectures by name.

    Returns
    -------
    DataFrame
        By model: gflop (billions of operations a token), tokens_t (trillions), flop (10^24 operations of the run),
        hours_m (million device hours), device and utilisation (of the sixteen-bit peak, 0 to 1).
    """
    runs = sizes.dropna(subset=["training_gpu_hours_m", "pretrain_tokens_t"])
    runs = runs[runs["architecture"].isin(list(models))].set_index("model")
    runs = runs.rename(columns={"pretrain_tokens_t": "tokens_t", "training_gpu_hours_m": "hours_m"})
    runs = runs.rename(columns={"training_gpu": "device"})
    gflop = [training_flops_per_token(models[name], SEQUENCE) / 1e9 for name in runs["architecture"]]
    peaks = accelerators.set_index("accelerator")["bf16_tflops"].reindex(runs["device"]).to_numpy()
    runs = runs.assign(gflop=gflop, flop=np.array(gflop, dtype=float) * runs["tokens_t"] / 1e3)
    runs["utilisation"] = runs["flop"] * 1e24 / (runs["hours_m"] * 1e6 * 3600 * peaks * 1e12)
    return runs[["gflop", "tokens_t", "flop", "hours_m", "device", "utilisation"]]
