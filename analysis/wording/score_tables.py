"""Tables of scores and lags under the names that readers know."""

import pandas as pd

from analysis.measures.origins import ADJECTIVES
from analysis.wording.capability import POINTS

LABELS = {
    "how": "who measured",
    "model": "model",
    "first": "Chinese model",
    "second": "US model",
    "benchmark": "benchmark",
    "score": "score",
    "low": "low end",
    "high": "high end",
    "n": "questions",
    "n_items": "questions",
    "harness": "agent or source",
    "reported_by": "reported by",
    "date": "date",
    "note": "note",
    "first_only": "only the Chinese model solved",
    "second_only": "only the US model solved",
    "difference": "difference",
    "p_different": "p, no difference",
    "p_equivalent": "p, outside the margin",
    "p_holm": "p, no difference, corrected",
    "shown": "shown to be",
    "stderr": "standard error",
    "origin": "home",
    "reported": "reported, %",
    "measured": "measured, %",
    "board": "measured by",
    "gap": "difference, points",
    "months": "months behind",
    "censored": "at least",
    "reached_by": "US model that was there first",
    "reached": "since",
    "day": "on",
    "models": "Chinese models",
    "undated": "models without a release date",
    "image": "takes images",
    "served_by": "served by",
    "tool_calls": "tool calls",
    "schema_valid": "valid calls",
    "value": "valid, share",
    "same": "same outcome",
    "share": "share",
    "chance": "share by chance",
    "cited_in": "where the US score is from",
}
"""What tables call what frames have."""

APART = [LABELS["n"], LABELS["first_only"], LABELS["second_only"]]
"""Columns of a paired test that say on what a pair disagrees."""

_SCORES = ["how", "model", "benchmark", "score", "low", "high", "n_items", "harness", "reported_by", "date", "note"]


def labelled(frame: pd.DataFrame, digits: int = 1) -> pd.DataFrame:
    """A table under the names that readers know, with days in ISO.

    Examples
    --------
    >>> rows = {"origin": ["CN"], "n_items": [500], "date": pd.to_datetime(["2026-05-01"])}
    >>> labelled(pd.DataFrame(rows)).to_dict("records")
    [{'home': 'Chinese', 'questions': 500, 'date': '2026-05-01'}]
    """
    known = frame.infer_objects()
    days = known.select_dtypes("datetime")
    shown = known.assign(**days.apply(lambda column: column.dt.strftime("%Y-%m-%d"))).round(digits)
    if "origin" in shown:
        shown["origin"] = shown["origin"].map(ADJECTIVES)
    return shown.rename(columns=LABELS).rename_axis(index=LABELS)


def in_points(tests: pd.DataFrame) -> pd.DataFrame:
    """Paired tests for a table: differences in percentage points.

    Examples
    --------
    >>> test = {"difference": [-0.042], "low": [-0.074], "high": [-0.01], "n": [500]}
    >>> in_points(pd.DataFrame(test)).to_dict("records")
    [{'difference, points': -4.2, 'low end': -7.4, 'high end': -1.0, 'questions': 500}]
    """
    counts = [column for column in ("n", "first_only", "second_only") if column in tests]
    shown = tests.assign(**(100 * tests[POINTS].astype(float)).round(1)).astype(dict.fromkeys(counts, "Int64"))
    return labelled(shown, 4).rename(columns={"difference": "difference, points"})


def row_labels(shown: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    r"""Name of a comparison in two lines: the two models, and who ran them on what.

    Examples
    --------
    >>> rows = pd.DataFrame({"claim": ["B1"], "benchmark": ["SWT-bench"], "how": ["one agent"]})
    >>> row_labels(rows, pd.DataFrame({"first": ["M2.5"], "second": ["Opus"]}, index=["B1"]))[0]
    'M2.5 and Opus\nSWT-bench, one agent'
    """
    names = pairs["first"] + " and " + pairs["second"]
    return shown["claim"].map(names) + "\n" + shown["benchmark"].str.removesuffix(" (public)") + ", " + shown["how"]


def scores(both_ways: pd.DataFrame) -> pd.DataFrame:
    """Scores of pairs by claim, as ``published.both_ways`` gives them.

    Examples
    --------
    >>> row = dict.fromkeys(_SCORES, "") | {"claim": "B1", "score": 80.16, "n_items": 500.0}
    >>> scores(pd.DataFrame([row]))[["score", "questions"]].to_dict("index")
    {'B1': {'score': 80.2, 'questions': 500}}
    """
    return labelled(both_ways.astype({"n_items": int}).set_index("claim")[_SCORES])


def margins_met(margins: pd.Index, needed: pd.Series) -> pd.DataFrame:
    """Whether two models count as equally good, by the margin: yes or no.

    Examples
    --------
    >>> margins_met(pd.Index([1, 5]), pd.Series({"all tasks": 4.2}))["all tasks"].to_dict()
    {1: 'no', 5: 'yes'}
    """
    met = {name: margins >= needed[name] for name in needed.index}
    return pd.DataFrame(met, index=margins).replace({True: "yes", False: "no"})
