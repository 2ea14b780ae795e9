"""Tool calls: the share whose JSON fits the schema, by who served the model."""

import pandas as pd

from analysis.measures.statistics import bootstrap_mean, wilson

VENDOR, OTHERS = "vendor", "third party"
"""Who served a model, as the table ``tool_calls`` says it."""


def by_provider(calls: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Share of valid calls of each provider, the best first.

    Parameters
    ----------
    calls : DataFrame
        The table ``tool_calls``.
    confidence : float
        Such as 0.95.

    Returns
    -------
    DataFrame
        The table with value, low and high, 0 to 1.

    Examples
    --------
    >>> row = {"provider": "a", "served_by": "vendor", "tool_calls": 100, "schema_valid": 98}
    >>> by_provider(pd.DataFrame([row]), 0.95)[["value", "low", "high"]].round(3).to_numpy().tolist()
    [[0.98, 0.93, 0.994]]
    """
    shares = calls.assign(value=calls["schema_valid"] / calls["tool_calls"])
    shares["low"], shares["high"] = wilson(shares["value"], calls["tool_calls"], confidence)
    return shares.sort_values("value", ascending=False)


def of_vendor(calls: pd.DataFrame, confidence: float) -> tuple[float, float, float]:
    """Share of valid calls where the vendor served the model, with its interval; missing where there is none.

    Examples
    --------
    >>> row = {"served_by": "vendor", "tool_calls": 100, "schema_valid": 98}
    >>> value, low, high = of_vendor(pd.DataFrame([row]), 0.95)
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.98, 0.93, 0.994)
    """
    own = calls[calls["served_by"].eq(VENDOR)]
    made = own["tool_calls"].sum() or float("nan")
    valid = own["schema_valid"].sum() / made
    low, high = wilson(valid, made, confidence)
    return float(valid), float(low), float(high)


def of_others(calls: pd.DataFrame, seed: int, confidence: float) -> tuple[float, float, float]:
    """Mean share of valid calls over third parties, with the interval of that mean; missing where there is none.

    Examples
    --------
    >>> rows = {"served_by": "third party", "tool_calls": 100, "schema_valid": [98, 90, 95]}
    >>> round(of_others(pd.DataFrame(rows), seed=1, confidence=0.95)[0], 3)
    0.943
    """
    third = calls[calls["served_by"].eq(OTHERS)]
    shares = third["schema_valid"] / third["tool_calls"]
    return float(shares.mean()), *bootstrap_mean(shares, seed, confidence)
