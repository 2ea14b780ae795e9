"""What serving was measured to cost: device-seconds of a request, by length split into prompt and completion.

A server that always holds ``concurrency`` requests finishes ``concurrency / duration`` of them a second (Little's law),
where a request lasts its time to first token plus one time per output token for each token after the first. A request
so takes ``devices * duration / concurrency`` device-seconds, waiting in the queue included.
"""

from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from analysis import InputError

LENGTHS = ["input_tokens", "output_tokens"]
WAYS = {
    "literal": ("first_party", "measured"),
    "cheapest_device": ("first_party", "cheapest device"),
    "hosts": ("openrouter", "measured"),
    "hosts_cheapest_device": ("openrouter", "cheapest device"),
    "roofline": ("first_party", "calculated"),
}
"""Ways of holding prices against costs, as the register names them: price list and cost."""
SPLIT = ["prompt", "completion", "prompt_s", "completion_s", "shapes", "error", "ttft_ms"]


def request_seconds(runs: pd.DataFrame) -> pd.DataFrame:
    """Device-seconds of a request in each run whose devices and concurrency are known.

    Parameters
    ----------
    runs : DataFrame
        The table ``serving_runs``, or its columns devices, concurrency, output_tokens, ttft_ms and tpot_ms.

    Returns
    -------
    DataFrame
        The usable rows, with device_seconds (of one request) and tokens_s_user (tokens a second that a user sees).

    Examples
    --------
    >>> run = {"devices": 8, "concurrency": 4, "output_tokens": 101, "ttft_ms": 1000.0, "tpot_ms": 10.0}
    >>> request_seconds(pd.DataFrame([run]))[["device_seconds", "tokens_s_user"]].iloc[0].tolist()
    [4.0, 100.0]
    """
    usable = runs.dropna(subset=["devices", "concurrency"])
    duration = (usable["ttft_ms"] + (usable["output_tokens"] - 1) * usable["tpot_ms"]) / 1e3
    devices, concurrency = usable["devices"].astype(float), usable["concurrency"].astype(float)
    return usable.assign(device_seconds=devices * duration / concurrency, tokens_s_user=1e3 / usable["tpot_ms"])


def cheapest_requests(runs: pd.DataFrame, interactivity: float, ttft_s: float = 10.0) -> pd.DataFrame:
    """Fewest device-seconds of a request at which each user still gets so many tokens a second.

    Parameters
    ----------
    runs : DataFrame
        The table ``serving_runs``.
    interactivity : float
        Tokens a second that each user gets at least.
    ttft_s : float
        Seconds that a user waits at most for the first token: without a limit, a queue of minutes would look cheap.

    Returns
    -------
    DataFrame
        A row by model, accelerator and lengths: device_seconds, ttft_ms, devices, precision and run of the cheapest run
        that is fast enough. Lengths that no run serves so fast are left out.

    Raises
    ------
    InputError
        The interactivity is not above 0.

    Examples
    --------
    >>> slow = {"model": "M", "accelerator": "A", "input_tokens": 9, "output_tokens": 101, "devices": 1,
    ...         "precision": "", "concurrency": 4, "ttft_ms": 0.0, "tpot_ms": 40.0, "run": 1}
    >>> fast = slow | {"concurrency": 1, "tpot_ms": 20.0, "run": 2}
    >>> [cheapest_requests(pd.DataFrame([slow, fast]), least)["run"].item() for least in (20, 50)]
    [1, 2]
    """
    if not interactivity > 0:
        raise InputError(f"interactivity is {interactivity}: give the tokens a second that each user gets, above 0.")
    timed = request_seconds(runs)
    enough = timed[timed["tokens_s_user"].ge(interactivity) & timed["ttft_ms"].le(1e3 * ttft_s)]
    cheapest = enough.sort_values(["device_seconds", "run"]).drop_duplicates(["model", "accelerator", *LENGTHS])
    columns = ["model", "accelerator", *LENGTHS, "device_seconds", "ttft_ms", "devices", "precision", "run"]
    return cheapest[columns].sort_values(columns[:4]).reset_index(drop=True)


def split_seconds(requests: pd.DataFrame) -> tuple[float, float, float]:
    """Device-seconds of a prompt token and of a completion token that explain requests of several lengths.

    A request of p prompt and c completion tokens takes ``a p + b c``, with a and b not below 0, by least squares of the
    relative errors. What a long prompt costs while its completion is decoded (more cache to read) so belongs to the
    prompt, as in a price list. One shape of request, or several of one ratio, cannot be split.

    Parameters
    ----------
    requests : DataFrame
        Columns input_tokens, output_tokens and device_seconds.

    Returns
    -------
    float, float, float
        a, b (device-seconds a token) and the largest relative error; NaN where the lengths do not tell them apart.

    Examples
    --------
    >>> told = pd.DataFrame({"input_tokens": [1000, 8000], "output_tokens": 1000, "device_seconds": [3.0, 10.0]})
    >>> [round(found, 6) for found in split_seconds(told)]
    [0.001, 0.002, 0.0]
    """
    relative = requests[LENGTHS].to_numpy(dtype=float) / requests[["device_seconds"]].to_numpy(dtype=float)
    ratios = requests["input_tokens"] / requests["output_tokens"]
    # Ratios of lengths that differ by less than a factor of 2 would turn the noise of a run into a price.
    if len(requests) < 2 or ratios.max() < 2 * ratios.min():
        return np.nan, np.nan, np.nan
    prompt, completion = optimize.nnls(relative, np.ones(len(requests)))[0]
    errors = relative @ np.array([prompt, completion]) - 1
    return float(prompt), float(completion), float(np.abs(errors).max())


def request_cost(requests: pd.DataFrame, usd_hour: pd.Series, prompt: int, completion: int) -> pd.DataFrame:
    """Measured cost of requests of one shape, with nothing split: of each model on its cheapest accelerator.

    Parameters
    ----------
    requests : DataFrame
        As ``cheapest_requests`` gives them.
    usd_hour : Series
        Price of a device-hour in US dollars, by accelerator; accelerators without one are left out.
    prompt, completion : int
        Tokens of the request; runs whose lengths differ by at most 5 % count as of this shape.

    Returns
    -------
    DataFrame
        By model: accelerator, cost (US dollars a million tokens, prompt and completion together), seconds
        (device-seconds a million tokens on that accelerator), precision and run.

    Examples
    --------
    >>> run = {"model": "M", "accelerator": "A", "input_tokens": 8000, "output_tokens": 1000, "device_seconds": 9.0,
    ...        "precision": "fp8", "run": 1}
    >>> request_cost(pd.DataFrame([run]), pd.Series({"A": 3.6}), 8192, 1024)["cost"].item()
    1.0
    """
    near = requests[LENGTHS].div([prompt, completion]).sub(1).abs().le(0.05).all(axis=1)
    alike = requests[near]
    seconds = 1e6 * alike["device_seconds"] / alike[LENGTHS].sum(axis=1)
    costs = alike.assign(seconds=seconds, cost=seconds * alike["accelerator"].map(usd_hour) / 3600)
    cheapest = costs.dropna(subset=["cost"]).sort_values(["cost", "run"]).drop_duplicates("model").set_index("model")
    return cheapest[["accelerator", "cost", "seconds", "precision", "run"]].sort_index()


def measured_cost(
    runs: pd.DataFrame, interactivity: float, usd_hour: pd.Series, ttft_s: float = 10.0, most_error: float = 0.25
) -> pd.DataFrame:
    """Measured cost of prompt and completion tokens by model and accelerator.

    Parameters
    ----------
    runs : DataFrame
        The table ``serving_runs``.
    interactivity : float
        Tokens a second that each user gets at least.
    usd_hour : Series
        Price of a device-hour in US dollars, by accelerator; accelerators without one are left out.
    ttft_s : float
        Seconds that a user waits at most for the first token.
    most_error : float
        Largest relative error of a split that is still shown; two shapes fit exactly, which says nothing.

    Returns
    -------
    DataFrame
        By model and accelerator: prompt and completion (US dollars a million tokens), prompt_s and completion_s
        (device-seconds a million tokens), shapes (of requests), error (largest relative one of the split), ttft_ms (of
        the slowest shape).

    Examples
    --------
    >>> from analysis.catalog import load
    >>> cost = measured_cost(load("serving_runs"), 20, pd.Series({"H200": 1.74}))
    >>> cost.loc[("gpt-oss-120b", "H200"), ["prompt", "completion"]].gt(0).tolist()
    [True, True]
    """
    cheapest = cheapest_requests(runs[runs["accelerator"].isin(usd_hour.dropna().index)], interactivity, ttft_s)
    groups = dict(iter(cheapest.groupby(["model", "accelerator"])))
    rows = {key: _split_cost(requests, usd_hour[key[1]] / 3600) for key, requests in groups.items()}
    index = pd.MultiIndex.from_tuples(rows, names=["model", "accelerator"])
    found = pd.DataFrame(list(rows.values()), index=index, columns=SPLIT)
    return found[found["error"] <= most_error]


def _split_cost(requests: pd.DataFrame, usd_second: float) -> dict[str, float]:
    """Cost of prompt and completion tokens on one accelerator, from requests of several lengths."""
    prompt, completion, error = split_seconds(requests)
    return {
        "prompt": 1e6 * prompt * usd_second,
        "completion": 1e6 * completion * usd_second,
        "prompt_s": 1e6 * prompt,
        "completion_s": 1e6 * completion,
        "shapes": len(requests),
        "error": error,
        "ttft_ms": requests["ttft_ms"].max(),
    }


def cheapest_accelerator(cost: pd.DataFrame, prompt_share: float) -> pd.DataFrame:
    """Of each model the accelerator that serves a mix of prompt and completion at least cost.

    Parameters
    ----------
    cost : DataFrame
        As ``measured_cost`` gives it.
    prompt_share : float
        Share of prompt tokens, 0 to 1; all of them computed, none from a cache.

    Returns
    -------
    DataFrame
        By model: accelerator, cost (US dollars a million tokens of the mix) and the columns of ``cost``.

    Raises
    ------
    InputError
        The share is not between 0 and 1.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("M", "A"), ("M", "B")], names=["model", "accelerator"])
    >>> cost = pd.DataFrame({"prompt": [1.0, 2.0], "completion": [9.0, 4.0]}, index=index)
    >>> cheapest_accelerator(cost, 0.5)["cost"].to_dict()
    {'M': 3.0}
    """
    mixed = cost.assign(cost=_blend(cost, prompt_share)).reset_index().sort_values(["cost", "accelerator"])
    return mixed.drop_duplicates("model").set_index("model").sort_index()


def priced(cost: pd.DataFrame, sizes: pd.DataFrame, book: pd.DataFrame, prompt_share: float) -> pd.DataFrame:
    """Models with a measured cost and a price of the same mix.

    Parameters
    ----------
    cost : DataFrame
        As ``request_cost`` or ``cheapest_accelerator`` gives it, for the same share.
    sizes : DataFrame
        The table ``model_sizes``: which slugs a model is sold under.
    book : DataFrame
        Price book by slug: prompt and completion, US dollars a million tokens. Free listings are left out.
    prompt_share : float
        Share of prompt tokens, 0 to 1.

    Returns
    -------
    DataFrame
        By slug: model, vendor, country, accelerator, cost, price and markup (price over cost).

    Examples
    --------
    >>> cost = pd.DataFrame({"accelerator": ["A"], "cost": [1.0]}, index=["M"])
    >>> sizes = pd.DataFrame({"model": ["M"], "slugs": ["v/m"], "vendor": ["V"], "country": ["CN"]})
    >>> priced(cost, sizes, pd.DataFrame({"prompt": [2.0], "completion": [4.0]}, index=["v/m"]), 0.5)["markup"].item()
    3.0
    """
    listed = sizes.assign(slug=sizes["slugs"].str.split()).explode("slug").dropna(subset=["slug"])
    rows = listed[["slug", "model", "vendor", "country"]].join(cost[["accelerator", "cost"]], on="model", how="inner")
    rows = rows.drop_duplicates("slug").set_index("slug")
    price = pd.Series(_blend(book, prompt_share), index=book.index)
    rows = rows.assign(price=price[~price.index.duplicated()]).query("price > 0")
    return rows.assign(markup=rows["price"] / rows["cost"])


def offers_by_way(
    costs: Mapping[str, pd.DataFrame], books: Mapping[str, pd.DataFrame], sizes: pd.DataFrame, prompt_share: float
) -> dict[str, pd.DataFrame]:
    """Price and cost of models for each of ``WAYS``, and for the Chinese models among the literal ones.

    Parameters
    ----------
    costs : dict
        Costs as ``priced`` takes them: ``measured``, ``cheapest device`` and ``calculated``.
    books : dict
        Price books: ``first_party`` and ``openrouter``.
    sizes, prompt_share
        As for ``priced``.
    """
    offers = {way: priced(costs[cost], sizes, books[book], prompt_share) for way, (book, cost) in WAYS.items()}
    literal = offers["literal"]
    return {**offers, "chinese": literal[literal["country"].eq("CN")]}


def slopes(offers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Elasticity of price with respect to cost, a row for each set of offers: slope, low and high.

    Examples
    --------
    >>> nothing = pd.DataFrame(columns=["model", "vendor", "cost", "price"])
    >>> slopes({"literal": nothing})["slope"].tolist()
    [nan]
    """
    found = {way: pass_through(rows) for way, rows in offers.items()}
    return pd.DataFrame.from_dict(found, orient="index", columns=["slope", "low", "high"])


def beside(calculated: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """Calculated and measured cost of the models that have both, and how many times the first the second is.

    Examples
    --------
    >>> beside(pd.DataFrame({"cost": [1.0]}, index=["M"]), pd.DataFrame({"cost": [3.0]}, index=["M"])).loc["M"].tolist()
    [1.0, 3.0, 3.0]
    """
    both = calculated[["cost"]].join(requests["cost"].rename("measured"), how="inner")
    return both.assign(times=both["measured"] / both["cost"])


def spread(both: pd.DataFrame, models: pd.Series) -> pd.Series:
    """Largest over smallest cost of some models, calculated (``cost``) and ``measured``, as ``beside`` gives them.

    Examples
    --------
    >>> both = pd.DataFrame({"cost": [1.0, 2.0], "measured": [1.0, 7.0], "times": [1.0, 3.5]}, index=["M", "N"])
    >>> spread(both, pd.Series(["M", "N"]))["measured"]
    np.float64(7.0)
    """
    compared = both[both.index.isin(models)]
    return compared.max() / compared.min()


def by_model(offers: pd.DataFrame) -> pd.DataFrame:
    """Offers with one row a model: several listings of it count as one, at their geometric mean.

    Parameters
    ----------
    offers : DataFrame
        Columns model, vendor, cost and price, as ``priced`` gives them.

    Returns
    -------
    DataFrame
        Columns vendor, model, cost and price.

    Examples
    --------
    >>> twice = pd.DataFrame({"vendor": "V", "model": "M", "cost": 1.0, "price": [1.0, 4.0]})
    >>> by_model(twice)["price"].tolist()
    [2.0]
    """
    logs = offers.assign(cost=np.log(offers["cost"].astype(float)), price=np.log(offers["price"].astype(float)))
    means = logs.groupby(["vendor", "model"], observed=True)[["cost", "price"]].mean()
    return np.exp(means).reset_index()


def pass_through(offers: pd.DataFrame, seed: int = 0, resamples: int = 2000) -> tuple[float, float, float]:
    """Elasticity of price with respect to cost: slope of log price on log cost, with its 95 % interval.

    Several listings of a model count as one, see ``by_model``. Vendors, not models, are drawn with replacement
    (cluster bootstrap, Cameron, Gelbach and Miller 2008), because a vendor prices its models by one policy.
    Of planted slopes the interval held about 9 in 10 and not 19 in 20, with four vendors as with 25: it is somewhat too
    narrow.

    Parameters
    ----------
    offers : DataFrame
        Columns model, vendor, cost and price, as ``priced`` gives them.
    seed : int
        Of the random generator.
    resamples : int
        Number of bootstrap samples.

    Returns
    -------
    float, float, float
        Slope, low and high. NaN for fewer than four vendors: so few do not tell an interval.

    Examples
    --------
    >>> cost = pd.Series([1.0, 2.0, 4.0, 8.0, 16.0])
    >>> offers = pd.DataFrame({"model": list("abcde"), "vendor": list("vwxyz"), "cost": cost, "price": 3 * cost})
    >>> [round(found, 6) for found in pass_through(offers)]
    [1.0, 1.0, 1.0]
    """
    models = by_model(offers)
    models[["cost", "price"]] = np.log(models[["cost", "price"]])
    vendors = models["vendor"].unique()
    if len(vendors) < 4:
        return np.nan, np.nan, np.nan
    members = {vendor: rows[["cost", "price"]].to_numpy() for vendor, rows in models.groupby("vendor", observed=True)}
    drawn = _resampled_slopes(members, np.random.default_rng(seed), resamples)
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    slope = _slopes(_sums(models[["cost", "price"]].to_numpy()))
    return float(slope), float(low), float(high)


def _resampled_slopes(
    members: dict[Hashable, npt.NDArray[np.float64]], random: np.random.Generator, resamples: int
) -> npt.NDArray[np.float64]:
    """Slopes of so many draws of as many groups as there are."""
    sums = np.array([_sums(points) for points in members.values()])
    draws = random.integers(len(sums), size=(resamples, len(sums)))
    return _slopes(sums[draws].sum(axis=1))


def _sums(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What a slope needs of points: their number, and the sums of x, y, x² and xy."""
    x, y = points.T
    return np.array([len(points), x.sum(), y.sum(), (x * x).sum(), (x * y).sum()])


def _slopes(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Least-squares slopes of y on x, a row of ``_sums`` each; NaN where x does not vary."""
    number, x, y, xx, xy = sums.T
    spread = xx - x * x / number
    return (xy - x * y / number) / np.where(spread > 1e-12 * xx, spread, np.nan)


def _blend(rates: pd.DataFrame, prompt_share: float) -> pd.Series:
    if not 0 <= prompt_share <= 1:
        raise InputError(f"prompt_share is {prompt_share}: give the share of prompt tokens, between 0 and 1.")
    return prompt_share * rates["prompt"] + (1 - prompt_share) * rates["completion"]
