"""What was found of models, in sentences: sizes, kinds, context, licences, releases. Sizes are in billions."""

from collections.abc import Mapping

import pandas as pd

from analysis.prose import date_words, known, listed, money, number_word, percent, sentences

KINDS = {"moe": "mixture of experts"}
"""What tables call a kind of model."""

_CONVENTIONS = {
    "head only": "has the head in it but not the embedding",
    "embedding and head": "has embedding and head in it",
    "neither": "has neither embedding nor head in it",
}

ASCEND = (
    "No account of these runs by DeepSeek or Huawei is public. Press reports of failed training on Ascend chips name "
    "the model R2, and not V4."
)
"""What is known of M9."""


def coverage(as_of: str, sizes: pd.DataFrame, server: str, usd_hour: float) -> str:
    """What the table of sizes holds by a day, and which server is assumed.

    Parameters
    ----------
    as_of : str
        The day, ISO.
    sizes : DataFrame
        The table ``model_sizes``, with origin.
    server : str
        The server in words.
    usd_hour : float
        Price of an hour of one of its devices, US dollars.

    Examples
    --------
    >>> sizes = pd.DataFrame({"kind": ["moe"], "origin": ["CN"], "active_params_b": [3.0], "architecture": ["M"]})
    >>> print(coverage("2026-05-25", sizes, "8 H200", 1.74))
    By 25 May 2026 the table holds one model. One of them is known to be a mixture of experts. \
Total and active sizes are published for one: 1 Chinese model and 0 US models. The dimensions of one are known. \
The server assumed has 8 H200, at $1.74 an hour for each device.
    """
    told = sizes.dropna(subset=["active_params_b"])
    origin, moe = told["origin"].value_counts(), int(sizes["kind"].eq("moe").sum())
    chinese, us = int(origin.get("CN", 0)), int(origin.get("US", 0))
    rest = f", and {len(told) - chinese - us} from elsewhere" if len(told) > chinese + us else ""
    kind = "a mixture of experts" if moe == 1 else "mixtures of experts"
    every, entered = number_word(len(sizes)), number_word(int(sizes["architecture"].ne("").sum()))
    both = f"Total and active sizes are published for {number_word(len(told))}"
    return sentences(
        f"By {date_words(as_of)} the table holds {every} model{'s' * (len(sizes) != 1)}.",
        f"{number_word(moe).capitalize()} of them {'is' if moe == 1 else 'are'} known to be {kind}." if moe else "",
        f"{both}: {chinese} Chinese model{'s' * (chinese != 1)} and {us} US model{'s' * (us != 1)}{rest}.",
        f"The dimensions of {entered} are known.",
        f"The server assumed has {server}, at {money(usd_hour)} an hour for each device.",
        otherwise="",
    )


def computed(sizes: pd.DataFrame, far: pd.DataFrame, exact: pd.Series, limits: Mapping[str, float]) -> str:
    """How well the computed sizes agree with the published ones.

    Parameters
    ----------
    sizes : DataFrame
        As ``model_sizes.computed_sizes`` gives them.
    far : DataFrame
        As ``model_sizes.deviations`` gives it.
    exact : Series
        Parameter counts that agree to the last digit, by model.
    limits : dict
        Largest error of total and of active that counts as agreement, as a share.

    Examples
    --------
    >>> sizes = pd.DataFrame({"total_error": [0.0, 0.1], "active_error": [0.0, 0.0], "convention": "head only"})
    >>> far = pd.DataFrame({"size": ["total"]})
    >>> print(computed(sizes, far, pd.Series({"M": 1000.0}), {"total": 0.01, "active": 0.03}))
    Computed totals lie within 1% of the published ones for one of two models. \
Active sizes lie within 3% for two of two. \
The parameter count agrees to the last digit with that of the model card for M (1,000). \
The count that fits most often, for two of the models, has the head in it but not the embedding.
    """
    misses = far["size"].value_counts()
    counted = {size: int(sizes[f"{size}_error"].notna().sum()) for size in ("total", "active")}
    near = {size: counted[size] - int(misses.get(size, 0)) for size in counted}
    named = listed(f"{model} ({count:,.0f})" for model, count in exact.items())
    totals, actives = (f"{number_word(near[size])} of {number_word(counted[size])}" for size in counted)
    return sentences(
        f"Computed totals lie within {percent(limits['total'])} of the published ones for {totals} models.",
        f"Active sizes lie within {percent(limits['active'])} for {actives}.",
        f"The parameter count agrees to the last digit with that of the model card for {named}." if named else "",
        _usual(sizes["convention"].value_counts()),
        otherwise="",
    )


def _usual(conventions: pd.Series) -> str:
    """Which way of counting active parameters fits most often."""
    if conventions.empty:
        return ""
    often = f"for {number_word(int(conventions.iloc[0]))} of the models"
    return f"The count that fits most often, {often}, {_CONVENTIONS[str(conventions.index[0])]}."


def mixtures(counts: pd.Series, top: int) -> str:
    """What is true instead of M1.

    Parameters
    ----------
    counts : Series
        Chinese models among the most used ones: moe, dense and undisclosed.
    top : int
        How many models of all origins are looked at.

    Examples
    --------
    >>> print(mixtures(pd.Series({"moe": 11, "dense": 0, "undisclosed": 1}), 30))
    11 of the 12 Chinese models among the 30 with the most tokens are known to be mixtures of experts. \
None is known to be dense. The architecture of one is not disclosed.
    >>> mixtures(pd.Series({"moe": 0, "dense": 0, "undisclosed": 0}), 30)
    'No Chinese model was among them by then.'
    """
    every, dense, hidden = int(counts.sum()), int(counts["dense"]), int(counts["undisclosed"])
    if not every:
        return "No Chinese model was among them by then."
    known_ones = f"{counts['moe']} of the {every}"
    if counts["moe"] == every:
        known_ones = f"All {number_word(every)}"
    return sentences(
        f"{known_ones} Chinese models among the {top} with the most tokens are known to be mixtures of experts.",
        f"{number_word(dense).capitalize()} {'is' if dense == 1 else 'are'} known to be dense."
        if dense
        else "None is known to be dense.",
        f"The architecture of {number_word(hidden)} is not disclosed." if hidden else "",
        otherwise="",
    )


def active_share_title(points: pd.DataFrame) -> str:
    """Title of the figure of sizes.

    Parameters
    ----------
    points : DataFrame
        Columns origin, kind and part (the active share).

    Examples
    --------
    >>> rows = {"origin": ["CN", "US"], "kind": "moe", "part": [0.055, 0.128]}
    >>> active_share_title(pd.DataFrame(rows))
    'Half of the Chinese mixtures of experts use less than 5.5% of their parameters for a token, of the US ones 12.8%'
    """
    middle = points[points["kind"].eq("moe")].groupby("origin")["part"].median()
    us, cn = middle.get("US"), middle.get("CN")
    return known(
        f"Half of the Chinese mixtures of experts use less than {percent(cn, 1)} of their parameters for a token, "
        f"of the US ones {percent(us, 1)}",
        *(cn, us),
    )


def deepseek_v4(pro: pd.Series, flash: pd.Series, previous: pd.Series, claimed: float) -> str:
    """What is true instead of M2.

    Parameters
    ----------
    pro, flash, previous : Series
        total_b and active_b of the two V4 models and of V3.2; NaN before their release.
    claimed : float
        Active parameters by the article.

    Examples
    --------
    >>> sizes = [pd.Series({"total_b": total, "active_b": b}) for total, b in ((1600, 49), (284, 13), (671, 37))]
    >>> print(deepseek_v4(*sizes, 37))
    DeepSeek V4 Pro has 1.6 trillion parameters, 49 billion of them active for each token. \
V4 Flash has 284 billion and 13 billion. \
V3.2, the model before it, has 37 billion active, the number that the article gives.
    >>> print(deepseek_v4(sizes[0] * float("nan"), sizes[1] * float("nan"), sizes[2], 37))
    DeepSeek V4 was not released by then. \
V3.2, the model before it, has 37 billion active, the number that the article gives.
    """
    is_old = abs(previous["active_b"] - claimed) < 1
    old = (
        f"V3.2, the model before it, has {previous['active_b']:.0f} billion active, the number that the article gives."
    )
    return sentences(
        known(
            f"DeepSeek V4 Pro has {pro['total_b'] / 1000:.1f} trillion parameters, "
            f"{pro['active_b']:.0f} billion of them active for each token.",
            *pro,
        )
        or "DeepSeek V4 was not released by then.",
        known(f"V4 Flash has {flash['total_b']:.0f} billion and {flash['active_b']:.0f} billion.", *flash),
        old if is_old else "",
        otherwise="",
    )


def kimi_k26(total: float, active: float, layers: int | None) -> str:
    """What is true of M3.

    Examples
    --------
    >>> print(kimi_k26(1026.0, 32.0, 60))
    Kimi K2.6 has 1.03 trillion parameters by its own configuration, 32 billion of them active. \
It chooses among experts in 60 layers.
    >>> kimi_k26(float("nan"), float("nan"), None)
    'Kimi K2.6 was not released by then.'
    """
    return sentences(
        known(
            f"Kimi K2.6 has {total / 1000:.2f} trillion parameters by its own configuration, "
            f"{active:.0f} billion of them active.",
            *(total, active),
        ),
        known(f"It chooses among experts in {layers} layers.", total, layers),
        otherwise="Kimi K2.6 was not released by then.",
    )


def step_flash(total: float, score: float, larger: pd.DataFrame, times: float) -> str:
    """What is true instead of M4.

    Parameters
    ----------
    total : float
        Its parameters, in billions.
    score : float
        Its score on AIME 2025, per cent.
    larger : DataFrame
        Larger models in the same table, as ``model_sizes.larger_models`` gives them.
    times : float
        How many times larger they are at least.

    Examples
    --------
    >>> larger = pd.DataFrame({"less": [True, True], "beyond_chance": [False, False]})
    >>> print(step_flash(196.6, 97.3, larger, 3))
    Step 3.5 Flash has 197 billion parameters. It scores 97.3 on AIME 2025. \
That is more than each of the two models at least three times as large in the same table. \
With so few problems, none of these differences is beyond chance.
    >>> step_flash(float("nan"), float("nan"), larger, 3)
    'The model was not released by then.'
    """
    beaten, sure, every = int(larger["less"].sum()), int(larger["beyond_chance"].sum()), len(larger)
    rivals = f"the {number_word(every)} models at least {number_word(int(times))} times as large in the same table"
    part = "each" if beaten == every else number_word(beaten) if beaten else "none"
    certain = {0: "none", every: "each"}.get(sure, number_word(sure))
    return sentences(
        known(f"Step 3.5 Flash has {total:.0f} billion parameters.", total),
        known(f"It scores {score:.1f} on AIME 2025.", score),
        known(f"That is more than {part} of {rivals}.", score) if every else "",
        known(f"With so few problems, {certain} of these differences is beyond chance.", score) if every else "",
        otherwise="The model was not released by then.",
    )


def qwen_context(tokens: float | None, sizes: pd.DataFrame, claimed: float) -> str:
    """What is true of M5.

    Parameters
    ----------
    tokens : float or None
        Context of Qwen 3.6 Plus by its maker.
    sizes : DataFrame
        The table ``model_sizes``: context_tokens.
    claimed : float
        Context by the article, tokens.

    Examples
    --------
    >>> print(qwen_context(1_000_000, pd.DataFrame({"context_tokens": [1_000_000, 8192]}), 1_000_000))
    Its maker states 1,000,000 tokens. Of the two models in the table, one offers as much.
    >>> qwen_context(None, pd.DataFrame({"context_tokens": [8192]}), 1_000_000)
    'Qwen 3.6 Plus was not released by then.'
    """
    if tokens is None or pd.isna(tokens):
        return "Qwen 3.6 Plus was not released by then."
    wide = int(sizes["context_tokens"].ge(claimed).fillna(False).astype(bool).sum())
    return (
        f"Its maker states {tokens:,.0f} tokens. "
        f"Of the {number_word(len(sizes))} models in the table, {number_word(wide)} "
        f"offer{'s' * (wide == 1)} as much."
    )


def mimo_licences(licences: pd.Series, cheaper: float | None) -> str:
    """What is true instead of M8.

    Parameters
    ----------
    licences : Series
        Licence of each MiMo model on sale.
    cheaper : float or None
        Share of the models of like capability that cost less than the best of them.

    Examples
    --------
    >>> print(mimo_licences(pd.Series(["MIT", "MIT", "none: no public weights"]), None))
    Of three MiMo models on sale, two had weights under MIT and none of them under Apache 2.0. \
The weights of the others are not public. No MiMo model has a score to compare its price by.
    >>> mimo_licences(pd.Series(dtype=str), None)
    'No MiMo model was on sale by then.'
    """
    if licences.empty:
        return "No MiMo model was on sale by then."
    mit, apache = int(licences.eq("MIT").sum()), int(licences.str.contains("Apache-2.0").sum())
    some = (
        f"Of {number_word(len(licences))} MiMo models on sale, {number_word(mit)} had weights under MIT and "
        f"{number_word(apache) if apache else 'none of them'} under Apache 2.0. "
        "The weights of the others are not public."
    )
    all_mit = "The weights of the MiMo models on sale are under MIT, and not Apache 2.0."
    unscored = "No MiMo model has a score to compare its price by."
    compared = f"{percent(cheaper)} of the models of like capability cost less than the best MiMo model."
    return sentences(some if mit < len(licences) else all_mit, known(compared, cheaper) or unscored, otherwise="")


def kimi_k3(total: float, context: float, as_of: str) -> str:
    """What is true instead of M10, once it is settled.

    Examples
    --------
    >>> kimi_k3(2800.0, 1_000_000, "2026-09-28")
    'Kimi K3 came out with 2.8 trillion parameters and 1,000,000 tokens of context.'
    >>> kimi_k3(float("nan"), float("nan"), "2026-05-25")
    'Kimi K3 was not released by 25 May 2026: the forecast is open.'
    """
    if pd.isna(total):
        return f"Kimi K3 was not released by {date_words(as_of)}: the forecast is open."
    return sentences(
        f"Kimi K3 came out with {total / 1000:.1f} trillion parameters and {context:,.0f} tokens of context.",
        otherwise="",
    )


def v4_release(released: pd.Series, as_of: str) -> str:
    """What is true of M11.

    Examples
    --------
    >>> v4_release(pd.Series(pd.to_datetime(["2026-04-24"])), "2026-05-25")
    'The first DeepSeek V4 models came out on 24 April 2026.'
    >>> v4_release(pd.Series(dtype="datetime64[ns]"), "2026-03-09")
    'No DeepSeek V4 model was released by 9 March 2026.'
    """
    if released.empty:
        return f"No DeepSeek V4 model was released by {date_words(as_of)}."
    return f"The first DeepSeek V4 models came out on {date_words(released.min())}."
