"""Paired results: two models on the same questions, run by one party."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import special

from analysis import InputError
from analysis.measures.capability import model_key
from analysis.measures.origins import SIDES
from analysis.measures.statistics import equivalence, holm, mcnemar, questions_for_equivalence, wilson


def outcomes(runs: pd.DataFrame, tasks: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """Results of runs question by question.

    Parameters
    ----------
    runs : DataFrame
        The table ``openhands_runs``: columns benchmark, model and resolved, a character a question.
    tasks : DataFrame
        The table ``openhands_tasks``: columns benchmark, position and instance_id.
    benchmark : str
        Which benchmark.

    Returns
    -------
    DataFrame
        A row a question, a column a model: 1 resolved, 0 not, NaN without a result.

    Raises
    ------
    InputError
        A question or a model is there twice, or a run has not as many characters as there are questions.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> outcomes(load("openhands_runs"), load("openhands_tasks"), "SWE-bench Verified").shape
    (500, 34)
    """
    questions = tasks[tasks["benchmark"].eq(benchmark)].sort_values("position")["instance_id"]
    rows = runs[runs["benchmark"].eq(benchmark)].set_index("model")["resolved"]
    for name, index in [("question", pd.Index(questions)), ("run", rows.index)]:
        if index.has_duplicates:
            raise InputError(f"{benchmark} has the {name} {index[index.duplicated()][0]} twice: leave one.")
    if len(wrong := rows.index[rows.str.len().ne(len(questions))]):
        raise InputError(f"The run of {wrong[0]} on {benchmark} has not {len(questions)} results: correct the table.")
    # A character a question: 1 and 0 are results, anything else is none.
    marks = np.array(rows.map(list).tolist()).reshape(len(rows), len(questions))
    results = np.select([marks == "1", marks == "0"], [1.0, 0.0], np.nan)
    return pd.DataFrame(results.T, index=questions, columns=rows.index)


def runs_of_pairs(models: Iterable[str], pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of which both models were run, by the names that the runs have.

    Parameters
    ----------
    models : iterable of str
        Models with a run, as the source writes them.
    pairs : DataFrame
        Indexed by claim: first and second, as another source writes them.

    Examples
    --------
    >>> pairs = pd.DataFrame({"first": ["GLM-5.1", "R9"], "second": ["GPT-5.4", "GPT-5.4"]}, index=["B4", "B0"])
    >>> runs_of_pairs(["glm-5.1", "gpt-5-4"], pairs).to_dict("index")
    {'B4': {'first': 'glm-5.1', 'second': 'gpt-5-4'}}
    """
    run_of = {model_key(name): name for name in models}
    return pairs[["first", "second"]].map(lambda name: run_of.get(model_key(name))).dropna()


def run_scores(results: Mapping[str, pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    """Scores of paired runs, from their results question by question.

    Parameters
    ----------
    results : dict
        Benchmark to results, as ``outcomes`` gives them.
    runs : DataFrame
        Indexed by claim: first (a Chinese model) and second (a US one).

    Returns
    -------
    DataFrame
        A row a run: claim, model, origin, benchmark, metric, n_items, score (per cent).

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 0.0], "b": [1.0, None]})
    >>> run_scores({"x": marks}, pd.DataFrame({"first": ["a"], "second": ["b"]}, index=["B1"]))["score"].tolist()
    [50.0, 100.0]
    """
    frames = []
    for name, marks in results.items():
        for side, origin in zip(("first", "second"), SIDES, strict=True):
            own = marks[runs[side].tolist()]
            columns = {"model": runs[side], "n_items": own.count().to_numpy(), "score": 100 * own.mean().to_numpy()}
            frames.append(pd.DataFrame(columns, index=runs.index).assign(origin=origin, benchmark=name, metric="%"))
    return pd.concat(frames).reset_index(names="claim")


def paired_differences(
    results: pd.DataFrame, pairs: Iterable[tuple[str, str]], confidence: float, margin: float
) -> pd.DataFrame:
    """Differences of pairs of models on the questions that both have a result for.

    Interval: Bonett and Price (2012), J. Educ. Behav. Stat. 37, 479-488. Tests: ``mcnemar`` and ``equivalence``.

    Parameters
    ----------
    results : DataFrame
        As ``outcomes`` gives them.
    pairs : iterable of tuple
        First and second model of each pair.
    confidence, margin : float
        Such as 0.95; and the margin of equivalence, in parts of one.

    Returns
    -------
    DataFrame
        By first and second: n, first_only, second_only (questions that one alone resolved), difference, low, high
        (parts of one), p_different, p_equivalent.

    Raises
    ------
    InputError
        A model has no run, or a pair has no question in common.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0, 0.0, 0.0], "b": [0.0, 1.0, 1.0, 0.0]})
    >>> paired_differences(marks, [("a", "b")], 0.95, 0.03)["difference"].tolist()
    [0.0]
    """
    frame = _discordant(results, pd.MultiIndex.from_tuples(list(pairs), names=["first", "second"]))
    centre, error = _bonett_price(frame)
    half = special.ndtri((1 + confidence) / 2) * error
    frame["difference"] = (frame["first_only"] - frame["second_only"]) / frame["n"]
    frame["low"], frame["high"] = centre - half, centre + half
    frame["p_different"] = mcnemar(frame["first_only"], frame["second_only"])
    return frame.assign(p_equivalent=equivalence(centre, error, margin))


def _bonett_price(counts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Adjusted difference of paired shares and its standard error: one question more is given to each side."""
    n = counts["n"] + 2
    first, second = (counts["first_only"] + 1) / n, (counts["second_only"] + 1) / n
    return first - second, np.sqrt((first + second - (first - second) ** 2) / n)


def _discordant(results: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    """Questions in common, and those that one of a pair alone resolved."""
    for model in [*pairs.get_level_values(0), *pairs.get_level_values(1)]:
        if model not in results:
            raise InputError(f"{model} has no run here: a paired test needs the runs of both models.")
    # A column a pair: the marks of its first model, and of its second.
    one, two = results[pairs.get_level_values(0)].to_numpy(), results[pairs.get_level_values(1)].to_numpy()
    n = (~np.isnan(one + two)).sum(axis=0)
    if not n.all():
        raise InputError(f"{' and '.join(pairs[int(n.argmin())])} have no question in common.")
    counts = {"n": n, "first_only": (one > two).sum(axis=0), "second_only": (two > one).sum(axis=0)}
    return pd.DataFrame(counts, index=pairs)


def paired_gap(results: pd.DataFrame, first: str, second: str, confidence: float, margin: float) -> pd.Series:
    """Difference of two models, as ``paired_differences`` gives it; missing values where one of them has no run.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0, 0.0, 0.0], "b": [1.0, 0.0, 0.0, 0.0]})
    >>> paired_gap(marks, "a", "b", 0.95, 0.03)["difference"].item()
    0.25
    >>> paired_gap(marks, "a", "c", 0.95, 0.03).isna().all()
    np.True_
    """
    columns = ["n", "first_only", "second_only", "difference", "low", "high", "p_different", "p_equivalent"]
    if not {first, second} <= set(results):
        return pd.Series(float("nan"), index=columns)
    return paired_differences(results, [(first, second)], confidence, margin).iloc[0]


def pair_tests(
    results: Mapping[str, pd.DataFrame], pairs: pd.DataFrame, runs: pd.DataFrame, confidence: float, margin: float
) -> pd.DataFrame:
    """Paired differences of several pairs on several benchmarks.

    Parameters
    ----------
    results : dict
        Benchmark to results, as ``outcomes`` gives them.
    pairs, runs : DataFrame
        All pairs by claim, and those of which both models were run, as ``runs_of_pairs`` gives them.
    confidence, margin : float
        As for ``paired_differences``.

    Returns
    -------
    DataFrame
        By benchmark and claim: the columns of ``paired_gap``, missing where a pair was not run, and p_holm, which
        corrects p_different for the number of tests in the frame.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0, 0.0, 0.0], "b": [1.0, 0.0, 0.0, 0.0]})
    >>> pairs = pd.DataFrame({"first": ["a", "a"], "second": ["b", "c"]}, index=["B1", "B2"])
    >>> pair_tests({"x": marks}, pairs, pairs.head(1), 0.95, 0.03)["difference"].tolist()
    [0.25, nan]
    """
    rows = {}
    for benchmark, marks in results.items():
        for claim in pairs.index:
            first, second = runs.reindex([claim]).iloc[0]
            rows[benchmark, claim] = paired_gap(marks, first, second, confidence, margin)
    frame = pd.DataFrame(rows).T.rename_axis(["benchmark", "claim"])
    return frame.assign(p_holm=holm(frame["p_different"]))


def every_pair(results: pd.DataFrame, models: pd.DataFrame, confidence: float, margin: float) -> pd.DataFrame:
    """Every Chinese model against every US model, and what each pair is shown to be.

    Parameters
    ----------
    results : DataFrame
        As ``outcomes`` gives them.
    models : DataFrame
        Columns model and origin.
    confidence, margin : float
        As for ``paired_differences``.

    Returns
    -------
    DataFrame
        As ``paired_differences`` gives it, with shown, see ``classify``.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0] * 40, "b": [0.0] * 40})
    >>> sides = pd.DataFrame({"model": ["a", "b"], "origin": ["CN", "US"]})
    >>> every_pair(marks, sides, 0.95, 0.03)["shown"].tolist()
    ['different']
    """
    sides = [models.loc[models["origin"].eq(side), "model"] for side in SIDES]
    tests = paired_differences(results, pd.MultiIndex.from_product(sides), confidence, margin)
    return tests.assign(shown=classify(tests, confidence))


def count_kinds(pairs: pd.DataFrame) -> pd.Series:
    """How many pairs are shown to be equivalent and different, and how many are undecided.

    Examples
    --------
    >>> count_kinds(pd.DataFrame({"shown": ["different", "undecided", "different"]})).to_dict()
    {'equivalent': 0, 'undecided': 1, 'different': 2}
    """
    return pairs["shown"].value_counts().reindex(["equivalent", "undecided", "different"], fill_value=0)


def best_of_sides(results: pd.DataFrame, models: pd.DataFrame) -> list[str]:
    """The Chinese and the US model that solved most; a side without a run stands for itself, and has no results.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 0.0]})
    >>> best_of_sides(marks, pd.DataFrame({"model": ["a", "b"], "origin": ["CN", "CN"]}))
    ['a', 'US']
    """
    level = results.mean()
    best = []
    for side in SIDES:
        own = level[models.loc[models["origin"].eq(side), "model"]]
        best.append(own.idxmax() if len(own) else side)
    return best


def days_above(results: pd.DataFrame, models: pd.DataFrame, rival: str | None) -> pd.Series:
    """Release days of the open-weight models that solved more than a rival.

    Parameters
    ----------
    results : DataFrame
        As ``outcomes`` gives them.
    models : DataFrame
        Columns model, open_weights and release_date.
    rival : str or None
        The model to be above; None where it has no run, and nothing can be above it.

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 0.0]})
    >>> models = pd.DataFrame({"model": ["a", "b"], "open_weights": True, "release_date": ["2026-01-01", "2026-02-01"]})
    >>> days_above(marks, models, "b").tolist(), days_above(marks, models, None).tolist()
    (['2026-01-01'], [])
    """
    share = models["model"].map(results.mean())
    bar = share[models["model"].eq(rival)].max()
    return models.loc[models["open_weights"] & share.gt(bar), "release_date"]


def questions_needed(test: pd.Series, margin: float, confidence: float) -> float:
    """Questions on which two equally good models that disagree as often as these would be shown to be so.

    Parameters
    ----------
    test : Series
        n, first_only and second_only, as ``paired_gap`` gives them.
    margin, confidence : float
        As for ``questions_for_equivalence``.

    Examples
    --------
    >>> round(questions_needed(pd.Series({"n": 500, "first_only": 23, "second_only": 44}), 0.03, 0.95))
    1564
    """
    apart = (test["first_only"] + test["second_only"]) / test["n"]
    return questions_for_equivalence(apart, margin, confidence)


def same_outcome(results: pd.DataFrame, first: str, second: str) -> pd.Series:
    """On how many questions two models had the same outcome, and how many that would be if they had no more in common.

    Parameters
    ----------
    results : DataFrame
        As ``outcomes`` gives them.
    first, second : str
        The two models; one without a run has missing results.

    Returns
    -------
    Series
        n (questions in common), same (how many both resolved or both did not), share (same of n, 0 to 1) and chance
        (the share that two models would have that solve as many and succeed independently of each other).

    Examples
    --------
    >>> marks = pd.DataFrame({"a": [1.0, 1.0, 0.0, 0.0], "b": [1.0, 1.0, 1.0, 0.0]})
    >>> same_outcome(marks, "a", "b").to_dict()
    {'n': 4.0, 'same': 3.0, 'share': 0.75, 'chance': 0.5}
    """
    both = results.reindex(columns=[first, second]).dropna()
    same = both[first].eq(both[second])
    solved = both.mean()
    chance = solved.prod() + (1 - solved).prod() if len(both) else float("nan")
    return pd.Series({"n": len(both), "same": same.sum(), "share": same.mean(), "chance": chance})


def margin_needed(gaps: pd.DataFrame) -> pd.Series:
    """Least margin within which the whole interval of each difference lies.

    Parameters
    ----------
    gaps : DataFrame
        Columns low and high.

    Examples
    --------
    >>> margin_needed(pd.DataFrame({"low": [-0.07, -0.01], "high": [-0.01, 0.04]})).tolist()
    [0.07, 0.04]
    """
    return gaps[["low", "high"]].astype(float).abs().max(axis=1)


def outcome_share(alike: pd.Series, confidence: float) -> tuple[float, float, float]:
    """Share of questions with the same outcome, and its interval.

    Parameters
    ----------
    alike : Series
        As ``same_outcome`` gives it.
    confidence : float
        Such as 0.95.

    Examples
    --------
    >>> value, low, high = outcome_share(pd.Series({"share": 0.866, "n": 500.0}), 0.95)
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.866, 0.833, 0.893)
    """
    low, high = wilson(alike["share"], alike["n"] or float("nan"), confidence)
    return float(alike["share"]), float(low), float(high)


def classify(pairs: pd.DataFrame, confidence: float) -> pd.Series:
    """What each pair of a family is shown to be: ``equivalent``, ``different`` or ``undecided``.

    Both tests are corrected by Holm's method over the family. A difference that is shown and lies within the margin
    counts as equivalent.

    Parameters
    ----------
    pairs : DataFrame
        As ``paired_differences`` gives them.
    confidence : float
        Such as 0.95.

    Examples
    --------
    >>> tests = pd.DataFrame({"p_different": [0.001, 0.5, 0.5], "p_equivalent": [0.9, 0.001, 0.2]})
    >>> classify(tests, 0.95).tolist()
    ['different', 'equivalent', 'undecided']
    """
    equivalent, different = (holm(pairs[name]) < 1 - confidence for name in ("p_equivalent", "p_different"))
    words = np.select([equivalent, different], ["equivalent", "different"], "undecided")
    return pd.Series(words, index=pairs.index)
