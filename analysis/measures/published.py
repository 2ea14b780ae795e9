"""Published scores: what vendors and others reported of the same models, and how far the reports lie apart."""

from collections.abc import Mapping

import pandas as pd

from analysis.measures.capability import model_key, reported, score_gap, score_intervals
from analysis.measures.origins import with_country_origin
from analysis.measures.paired import run_scores
from analysis.measures.statistics import detectable_gap

FAMILIES = ("SWE-bench Verified", "SWE-bench Pro")
"""Benchmarks that vendors and others have both measured."""


def published_pairs(scores: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The two scores of each pair, as they were first published.

    A vendor's first score in the table is the one that it puts first.

    Parameters
    ----------
    scores : DataFrame
        The table ``scores``.
    pairs : DataFrame
        Indexed by claim: first, second (models), benchmark, and cited_in: the harness by which the table knows who
        cites the second score; empty where its own vendor published it.

    Returns
    -------
    DataFrame
        Rows of ``scores`` by claim and side (first, second), with their origin; missing values where there is none.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> pair = {"first": "MiniMax M2.5", "second": "Claude Opus 4.6", "benchmark": "SWE-bench Verified", "cited_in": ""}
    >>> both = published_pairs(load("scores"), pd.DataFrame([pair], index=["B1"]))
    >>> both["score"].astype(float).tolist()
    [80.2, 80.8]
    """
    known = with_country_origin(scores)
    own = known[known["reported_by"].eq("own vendor")]
    rows = {}
    for claim, pair in pairs.iterrows():
        rivals = known[known["harness"].eq(pair["cited_in"])] if pair["cited_in"] else own
        rows[claim, "first"] = reported(own, benchmark=pair["benchmark"], model=pair["first"])
        rows[claim, "second"] = reported(rivals, benchmark=pair["benchmark"], model=pair["second"])
    return pd.DataFrame(rows).T.rename_axis(["claim", "side"])


def reported_each(scores: pd.DataFrame, harnesses: Mapping[str, str], model: str) -> pd.DataFrame:
    """A model's score on each of several harnesses, a row for each name given to one.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> rows = reported_each(load("scores"), {"droid": "Droid (run by MiniMax)"}, "MiniMax M2.5")
    >>> float(rows["score"].item())
    79.7
    """
    rows = {name: reported(scores, harness=harness, model=model) for name, harness in harnesses.items()}
    return pd.DataFrame(rows).T


def score_gaps(firsts: pd.DataFrame, seconds: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Differences of published scores, row by row, as ``score_gap`` takes them.

    Parameters
    ----------
    firsts, seconds : DataFrame
        Rows of the table ``scores`` under the same index.
    confidence : float
        Such as 0.95.

    Returns
    -------
    DataFrame
        Same index: difference, low, high (parts of one), p_different.

    Examples
    --------
    >>> row = {"metric": "% resolved", "score": 80.2, "n_items": 500, "stderr": None}
    >>> first, second = (pd.DataFrame([row | {"score": score}], index=["B1"]) for score in (80.2, 80.8))
    >>> score_gaps(first, second, 0.95).round(3).to_dict("records")
    [{'difference': -0.006, 'low': -0.055, 'high': 0.043, 'p_different': 0.811}]
    """
    gaps = {name: vars(score_gap(firsts.loc[name], seconds.loc[name], confidence)) for name in firsts.index}
    frame = pd.DataFrame.from_dict(gaps, orient="index", columns=["value", "low", "high", "p_different"])
    return frame.rename(columns={"value": "difference"})


def both_ways(
    published: pd.DataFrame, results: Mapping[str, pd.DataFrame], runs: pd.DataFrame, confidence: float
) -> pd.DataFrame:
    """Scores of pairs as published and as one party measured them, with their intervals.

    Parameters
    ----------
    published : DataFrame
        As ``published_pairs`` gives them; a score without a number of questions is left out.
    results, runs
        As for ``paired.run_scores``.
    confidence : float
        Such as 0.95.

    Returns
    -------
    DataFrame
        A row a score: claim, how (as published, one agent), the columns of both, low, high and value, in per cent.

    Examples
    --------
    >>> row = {"metric": "%", "model": "m", "origin": "CN", "benchmark": "x", "score": 80.2, "n_items": 500}
    >>> index = pd.MultiIndex.from_tuples([("B1", "first")], names=["claim", "side"])
    >>> none = pd.DataFrame({"first": [], "second": []})
    >>> shown = both_ways(pd.DataFrame([row | {"stderr": None}], index=index), {"x": pd.DataFrame()}, none, 0.95)
    >>> shown[["claim", "how", "value", "low", "high"]].round(1).to_dict("records")
    [{'claim': 'B1', 'how': 'as published', 'value': 80.2, 'low': 76.5, 'high': 83.5}]
    """
    told = published.reset_index("claim").dropna(subset=["n_items"]).assign(how="as published")
    one_party = run_scores(results, runs).assign(how="one agent")
    shown = pd.concat([told, one_party], ignore_index=True)
    shown = shown.astype({"score": float, "n_items": float, "stderr": float})
    return shown.join(score_intervals(shown, confidence)).assign(value=shown["score"])


def least_lead(score: pd.Series, confidence: float) -> float:
    """Smallest lead over a published score that two runs of its number of questions show, four times in five.

    Parameters
    ----------
    score : Series
        A row of the table ``scores``.
    confidence : float
        Such as 0.95.

    Examples
    --------
    >>> round(least_lead(pd.Series({"score": 57.7, "n_items": 731}), 0.95), 3)
    0.071
    """
    return detectable_gap(score["score"] / 100, score["n_items"], confidence)


def open_above(scores: pd.DataFrame, benchmark: str, bar: float) -> pd.DataFrame:
    """Published scores of open-weight models above a bar on a benchmark, the earliest first.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> open_above(load("scores"), "SWE-bench Pro (public)", 57.7)["model"].iloc[0]
    'GLM-5.1'
    """
    rows = scores[scores["benchmark"].eq(benchmark) & scores["open_weights"].eq(True)]
    return rows[rows["score"].gt(bar)].sort_values("date")


def first_day(days: pd.Series, has_bar: bool, as_of: str) -> tuple[pd.Timestamp, str | None]:
    """The first of several days, and a day before which it has not been, as a finding takes them.

    Parameters
    ----------
    days : Series
        The days on which something was so.
    has_bar : bool
        Whether it was known what to compare with; only then does it tell anything that there is no such day.
    as_of : str
        The day of the run, ISO.

    Examples
    --------
    >>> first_day(pd.Series(pd.to_datetime(["2026-04-20", "2026-04-07"])), True, "2026-05-25")
    (Timestamp('2026-04-07 00:00:00'), None)
    >>> first_day(pd.Series(dtype="datetime64[us]"), True, "2026-05-25")
    (NaT, '2026-05-25')
    """
    first = days.min() if len(days) else pd.NaT
    return first, as_of if pd.isna(first) and has_bar else None


def measured_elsewhere(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores that vendors reported of their own models, beside those that others measured on the same questions.

    Parameters
    ----------
    scores : DataFrame
        The table ``scores``.

    Returns
    -------
    DataFrame
        A row a pair of scores: benchmark, model, origin, reported, harness, measured, board and gap (reported minus
        measured), in per cent.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> rows = measured_elsewhere(load("scores"))
    >>> rows[rows["model"].eq("GPT-5.4")][["reported", "measured"]].to_numpy().tolist()
    [[57.7, 59.1]]
    """
    family = scores["benchmark"].where(scores["board"].eq(""), scores["board"]).str.extract(f"({'|'.join(FAMILIES)})")
    rows = with_country_origin(scores).assign(family=family[0], key=scores["model"].map(model_key))
    rows = rows.dropna(subset=["family"])
    theirs, own = rows[rows["board"].ne("")], rows[rows["reported_by"].eq("own vendor")]
    both = own.merge(theirs[["family", "key", "score", "board"]], on=["family", "key"], suffixes=("", "_elsewhere"))
    both = both.assign(
        benchmark=both["family"],
        reported=both["score"],
        harness=both["harness"],
        measured=both["score_elsewhere"],
        board=both["board_elsewhere"],
        gap=both["score"] - both["score_elsewhere"],
    )
    columns = ["benchmark", "model", "origin", "reported", "harness", "measured", "board", "gap"]
    return both.sort_values(["benchmark", "model", "reported"], ascending=[True, True, False])[columns]


def vendors_surplus(twice: pd.DataFrame) -> pd.DataFrame:
    """By how much vendors report more than others measure: the median over a model's pairs, then over models.

    Parameters
    ----------
    twice : DataFrame
        As ``measured_elsewhere`` gives it.

    Returns
    -------
    DataFrame
        Indexed by origin, and ``all``: median (parts of one) and size (models); empty where there is no pair.

    Examples
    --------
    >>> rows = {"origin": ["CN", "CN", "US"], "model": ["a", "b", "c"], "gap": [4.0, 6.0, 1.0]}
    >>> vendors_surplus(pd.DataFrame(rows))["median"].to_dict()
    {'CN': 0.05, 'US': 0.01, 'all': 0.04}
    """
    by_model = twice.groupby(["origin", "model"])["gap"].median().div(100)
    sides = by_model.groupby("origin").agg(["median", "size"])
    if len(by_model):
        sides.loc["all"] = [by_model.median(), len(by_model)]
    return sides
