"""Flagships of both sides: their price ratios at several mixes, in a claimed range, and model by model."""

import pandas as pd

from analysis.measures.prices import AGENTIC, Mix, mix_table, price_ratios
from analysis.measures.saving import realised_mix

RATIOS = (0.33, 1, 3, 10, 40, 100)
"""Prompt tokens for each completion token, from a writer's to an agent's."""

CACHED = (0, 0.25, 0.5, 0.75, 0.9)
"""Shares of the prompt tokens that are read from a cache."""


def usual_mixes(mix: Mix, usage: pd.DataFrame) -> pd.DataFrame:
    """Mixes by which the claims on prices are judged, as ``prices.mix_table`` gives them.

    Parameters
    ----------
    mix : Mix
        The literal one.
    usage : DataFrame
        The table ``realised_usage``, from which the measured mix comes.

    Examples
    --------
    >>> usage = pd.DataFrame({"prompt_tokens": [6], "cached_tokens": [3], "completion_tokens": [2]})
    >>> usual_mixes(Mix.from_ratio(3), usage)["completion"].round(3).to_dict()
    {'literal': 0.25, 'input_only': 0.0, 'output_only': 1.0, 'agentic_mix': 0.024, 'measured_mix': 0.25}
    """
    mixes: dict[object, Mix] = {"literal": mix, "input_only": Mix(1, 0, 0), "output_only": Mix(0, 0, 1)}
    mixes["agentic_mix"] = AGENTIC
    if measured := realised_mix(usage):
        mixes["measured_mix"] = measured
    return mix_table(mixes)


def chosen(models: list[str], flagships: list[str]) -> list[str]:
    """Models of a parameter, each once; the flagships of the day where it is empty.

    Examples
    --------
    >>> chosen(["a", "b", "a"], ["c"]), chosen([], ["c"])
    (['a', 'b'], ['c'])
    """
    return list(dict.fromkeys(models)) or flagships


def share_in_range(ratios: pd.Series, low: float, high: float) -> float:
    """Part of the pairs whose ratio lies in a range, ends included; NaN without a pair.

    Examples
    --------
    >>> share_in_range(pd.Series([5.0, 10.0, 20.0, 40.0]), 10, 20)
    0.5
    """
    return float(ratios.between(low, high).mean()) if len(ratios) else float("nan")


def furthest_apart(pairs: pd.Series, middle: float) -> float:
    """Largest ratio of a pair; missing where too few pairs give a median.

    Examples
    --------
    >>> furthest_apart(pd.Series([5.0, 40.0]), 5.0), furthest_apart(pd.Series([5.0, 40.0]), float("nan"))
    (40.0, nan)
    """
    return float(pairs.max()) if pd.notna(middle) else float("nan")


def median_by_mix(book: pd.DataFrame, us: list[str], cn: list[str]) -> pd.DataFrame:
    """Median ratio over the pairs at many mixes.

    Parameters
    ----------
    book : DataFrame
        A price book.
    us, cn : list of str
        Models.

    Returns
    -------
    DataFrame
        A row for each of ``RATIOS``, a column for each of ``CACHED``.

    Examples
    --------
    >>> book = pd.DataFrame({"prompt": [4.0, 1.0], "cached": [4.0, 0.5], "completion": [4.0, 1.0]}, index=["u", "c"])
    >>> median_by_mix(book, ["u"], ["c"]).loc[3].round(2).tolist()
    [4.0, 4.41, 4.92, 5.57, 6.04]
    """
    places = pd.MultiIndex.from_product([RATIOS, CACHED], names=["prompt", "cached"])
    mixes = mix_table({place: Mix.from_ratio(*place) for place in places})
    return price_ratios(book, us, cn, mixes).median(axis=1).set_axis(places).unstack()


def by_model(ratios: pd.Series) -> pd.DataFrame:
    """Median over the pairs of each flagship, the smallest first.

    Parameters
    ----------
    ratios : Series
        Indexed by pair (US, China), as a row of ``prices.price_ratios``.

    Returns
    -------
    DataFrame
        Columns origin, model and median.

    Examples
    --------
    >>> pairs = pd.MultiIndex.from_product([["a", "b"], ["x"]], names=["US", "China"])
    >>> by_model(pd.Series([4.0, 1.0], pairs)).values.tolist()
    [['US', 'b', 1.0], ['CN', 'x', 2.5], ['US', 'a', 4.0]]
    """
    medians = {"US": ratios.groupby(level="US").median(), "CN": ratios.groupby(level="China").median()}
    rows = pd.concat(medians, names=["origin", "model"]).rename("median").reset_index()
    return rows.sort_values("median", kind="stable", ignore_index=True)
