"""Score gaps with their intervals, paired tests, equivalence, and how many months one frontier is behind another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import InputError
from analysis.measures.prices import capability_fit

FAMILIES = ("SWE-bench Verified", "SWE-bench Pro")
"""Benchmarks that vendors and others have both measured."""

MONTH = pd.Timedelta(days=365.25 / 12)
"""Length of a month in a lag."""

INDEX = "Epoch Capabilities Index"
"""Name of the board that ``index_board`` makes."""

_COLUMNS = [
    "months",
    "low",
    "high",
    "censored",
    "model",
    "score",
    "reached_by",
    "reached",
    "day",
    "models",
    "undated",
]


@dataclass(frozen=True)
class Gap:
    """Difference of two scores, first minus second, with its interval and the p-value of no difference.

    Parameters
    ----------
    value, low, high : float
        The difference and the ends of its interval, in the unit of the scores.
    p_different : float
        Two-sided p-value of the hypothesis that there is no difference.
    """

    value: float
    low: float
    high: float
    p_different: float


@dataclass(frozen=True)
class Lag:
    """How far the best model of one origin is behind the frontier of another on a day.

    Parameters
    ----------
    months : float
        Time since the other frontier first reached the score; 0 where it has not.
    model, score : str, float
        The best model of the origin, and its score.
    reached_by, reached : str, Timestamp
        The other origin's model that reached that score first, and its release; "" and NaT where none has.
    censored : bool
        Whether it was the first that the board has of that origin, so that ``months`` is a lower bound.
    """

    months: float
    model: str
    score: float
    reached_by: str
    reached: pd.Timestamp
    censored: bool


def wilson(share: np.ndarray | float, n: np.ndarray | float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a share of n independent questions.

    Written out because scipy's takes whole numbers of successes, and a published score may be a mean over runs.

    Parameters
    ----------
    share : array or float
        Share of questions solved, 0 to 1.
    n : array or float
        Number of questions.
    confidence : float
        Such as 0.95.

    Returns
    -------
    tuple of array
        Lower and upper end.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(0.802, 500, 0.95)
    >>> f"{low:.3f} to {high:.3f}"
    '0.765 to 0.835'
    """
    share, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z2 = stats.norm.ppf((1 + confidence) / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.where(share == 0, 0.0, centre - half), np.where(share == 1, 1.0, centre + half)


def newcombe(first: float, n_first: float, second: float, n_second: float, confidence: float) -> Gap:
    """Difference of two independent shares: Newcombe's interval from Wilson's, and the pooled score test.

    Parameters
    ----------
    first, second : float
        Shares of questions solved, 0 to 1.
    n_first, n_second : float
        Numbers of questions.
    confidence : float
        Such as 0.95.

    References
    ----------
    Newcombe (1998), Stat. Med. 17, 873-890, method 10.

    Examples
    --------
    >>> gap = newcombe(0.802, 500, 0.808, 500, 0.95)
    >>> f"{gap.value:.3f} ({gap.low:.3f} to {gap.high:.3f}), p = {gap.p_different:.2f}"
    '-0.006 (-0.055 to 0.043), p = 0.81'
    """
    (low_1, high_1), (low_2, high_2) = (wilson(p, n, confidence) for p, n in [(first, n_first), (second, n_second)])
    gap = first - second
    below, above = np.hypot(first - low_1, high_2 - second), np.hypot(high_1 - first, second - low_2)
    pooled = (first * n_first + second * n_second) / (n_first + n_second)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_first + 1 / n_second))
    p_value = 2 * stats.norm.sf(abs(gap) / error) if error > 0 else 1.0
    return Gap(gap, float(gap - below), float(gap + above), float(p_value))


def score_intervals(scores: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Interval of each score: Wilson's where it is a share of n questions, else from its standard error.

    Parameters
    ----------
    scores : DataFrame
        Columns metric, score, n_items and stderr, as in the table ``scores``. A score is a share of questions where
        its metric is written in per cent.
    confidence : float
        Such as 0.95.

    Returns
    -------
    DataFrame
        Same index; columns low and high in the unit of the scores, missing where neither n nor an error is known.

    Raises
    ------
    InputError
        A score in per cent lies outside 0 to 100.

    Examples
    --------
    >>> row = {"metric": "% resolved", "model": "m", "score": 80.2, "n_items": 500, "stderr": None}
    >>> score_intervals(pd.DataFrame([row]), 0.95).round(1).to_dict("records")
    [{'low': 76.5, 'high': 83.5}]
    """
    in_per_cent = scores["metric"].str.contains("%")
    outside = scores[in_per_cent & ~scores["score"].between(0, 100)]
    if len(outside):
        model, score = outside.iloc[0][["model", "score"]]
        raise InputError(f"The score of {model}, {score:g}, is not from 0 to 100 per cent: correct it in the table.")
    n = scores["n_items"].astype(float).where(in_per_cent)
    low, high = wilson(scores["score"] / 100, n, confidence)
    half = stats.norm.ppf((1 + confidence) / 2) * scores["stderr"].astype(float)
    ends = pd.DataFrame({"low": 100 * low, "high": 100 * high}, index=scores.index)
    return ends.fillna({"low": scores["score"] - half, "high": scores["score"] + half})


def score_gap(first: pd.Series, second: pd.Series, confidence: float) -> Gap:
    """Difference of two published scores, taken as independent.

    Newcombe's interval where both are shares of n questions, else a normal interval from the standard errors.

    Parameters
    ----------
    first, second : Series
        Rows of the table ``scores``: metric, model, score, n_items and stderr.
    confidence : float
        Such as 0.95.

    Returns
    -------
    Gap
        In parts of one for shares, else in the unit of the scores. Its interval is missing where an error is.

    Examples
    --------
    >>> elo = [pd.Series({"metric": "Elo", "score": s, "n_items": 900, "stderr": 3.0}) for s in (1500.0, 1490.0)]
    >>> gap = score_gap(*elo, confidence=0.95)
    >>> round(gap.low, 1), round(gap.high, 1)
    (1.7, 18.3)
    """
    if all("%" in row["metric"] and pd.notna(row["n_items"]) for row in (first, second)):
        return newcombe(first["score"] / 100, first["n_items"], second["score"] / 100, second["n_items"], confidence)
    error = np.hypot(float(first["stderr"]), float(second["stderr"]))
    gap = float(first["score"] - second["score"])
    half = float(stats.norm.ppf((1 + confidence) / 2) * error)
    return Gap(gap, gap - half, gap + half, float(2 * stats.norm.sf(abs(gap) / error)))


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
    cells = [[{"1": 1.0, "0": 0.0}.get(mark, np.nan) for mark in marks] for marks in rows]
    return pd.DataFrame(cells, index=rows.index, columns=questions, dtype=float).T


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
        for side, origin in (("first", "CN"), ("second", "US")):
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
    half = stats.norm.ppf((1 + confidence) / 2) * error
    frame["difference"] = (frame["first_only"] - frame["second_only"]) / frame["n"]
    frame["low"], frame["high"] = centre - half, centre + half
    frame["p_different"] = mcnemar(frame["first_only"], frame["second_only"])
    return frame.assign(p_equivalent=equivalence(centre, error, margin))


def _bonett_price(counts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Adjusted difference of paired shares and its standard error: one question more is given to each side."""
    first, second = ((counts[side] + 1) / (counts["n"] + 2) for side in ("first_only", "second_only"))
    return first - second, np.sqrt((first + second - (first - second) ** 2) / (counts["n"] + 2))


def _discordant(results: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    """Questions in common, and those that one of a pair alone resolved."""
    for model in [*pairs.get_level_values(0), *pairs.get_level_values(1)]:
        if model not in results:
            raise InputError(f"{model} has no run here: a paired test needs the runs of both models.")
    one, two = (results[pairs.get_level_values(side)].to_numpy() for side in (0, 1))
    n = (~np.isnan(one + two)).sum(axis=0)
    if not n.all():
        raise InputError(f"{' and '.join(pairs[int(n.argmin())])} have no question in common.")
    counts = {"n": n, "first_only": (one > two).sum(axis=0), "second_only": (two > one).sum(axis=0)}
    return pd.DataFrame(counts, index=pairs)


def model_key(name: str) -> str:
    """Name of a model without what sources write differently.

    Examples
    --------
    >>> model_key("Claude Opus 4.6"), model_key("claude-opus-4-6")
    ('claudeopus46', 'claudeopus46')
    """
    return "".join(filter(str.isalnum, name.lower()))


def reported(scores: pd.DataFrame, **where: object) -> pd.Series:
    """The first published score that has the given values in its columns.

    Parameters
    ----------
    scores : DataFrame
        The table ``scores``.
    **where
        Column to value.

    Returns
    -------
    Series
        The row; missing values where there is none.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> reported(load("scores"), benchmark="SWE-bench Verified", model="MiniMax M2.5", score=80.2)["harness"]
    'vendor internal (headline)'
    """
    rows = scores[np.logical_and.reduce([scores[column].eq(value) for column, value in where.items()])]
    nothing = pd.Series(np.nan, index=scores.columns, dtype=object)
    return rows.iloc[0] if len(rows) else nothing.fillna({"metric": ""})


def on_boards(scores: pd.DataFrame, models: Iterable[str], names: Iterable[str]) -> pd.DataFrame:
    """Scores of models on boards, whatever way each board writes their names.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> on_boards(load("scores"), ["Claude Opus 4.6"], ["SWE-bench Verified (OpenHands)"])["score"].tolist()
    [76.8]
    """
    keys = {model_key(model) for model in models}
    return scores[scores["board"].isin(list(names)) & scores["model"].map(model_key).isin(keys)]


def vendor_pairs(scores: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Scores of two models that one vendor reported for one harness.

    Returns
    -------
    DataFrame
        Columns benchmark, harness, first, second.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> vendor_pairs(load("scores"), "MiniMax M2.5", "Claude Opus 4.6")["first"].tolist()
    [79.7, 76.1]
    """
    own = scores[scores["self_reported"]].set_index(["benchmark", "harness"])
    sides = {side: own.loc[own["model"].eq(name), "score"] for side, name in [("first", first), ("second", second)]}
    return pd.concat(sides, axis=1, join="inner").reset_index()


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
    rows = scores.assign(family=family[0], key=scores["model"].map(model_key))
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


def paired_error(counts: pd.DataFrame) -> pd.Series:
    """Standard error that a paired difference has, by the adjustment of ``paired_differences``.

    Examples
    --------
    >>> paired_error(pd.DataFrame({"n": [498], "first_only": [24], "second_only": [24]})).round(3).tolist()
    [0.014]
    """
    return _bonett_price(counts)[1]


def bootstrap_mean(values: pd.Series, seed: int, confidence: float) -> tuple[float, float]:
    """Interval of a mean over units that were not drawn alike, such as providers: percentile bootstrap over them.

    Examples
    --------
    >>> low, high = bootstrap_mean(pd.Series([0.8, 0.9, 1.0, 0.9]), seed=1, confidence=0.95)
    >>> 0.8 < low < 0.9 < high < 1.0
    True
    """
    if len(values) < 2:
        return float("nan"), float("nan")
    options = {"method": "percentile", "confidence_level": confidence, "rng": seed}
    interval = stats.bootstrap((values.to_numpy(),), np.mean, **options).confidence_interval
    return float(interval.low), float(interval.high)


def mcnemar(first_only: np.ndarray | int, second_only: np.ndarray | int) -> np.ndarray:
    """Exact two-sided p-value of no difference between paired results, from the questions that one alone solved.

    Examples
    --------
    >>> round(float(mcnemar(23, 44)), 4)
    0.0139
    >>> float(mcnemar(0, 0))
    1.0
    """
    fewer, both = np.minimum(first_only, second_only), np.add(first_only, second_only)
    return np.minimum(1.0, 2 * stats.binom.cdf(fewer, both, 0.5))


def equivalence(difference: np.ndarray | float, error: np.ndarray | float, margin: float) -> np.ndarray:
    """P-value of two one-sided tests that a difference lies outside plus or minus a margin.

    Parameters
    ----------
    difference, error : array or float
        Difference and its standard error.
    margin : float
        In the unit of the difference.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680.

    Examples
    --------
    >>> equivalence(np.array([0.0, 0.03]), 0.01, 0.03).round(4)
    array([0.0013, 0.5   ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = (np.add(difference, sign * margin) / error for sign in (1, -1))
    return np.maximum(stats.norm.sf(above), stats.norm.cdf(below))


def holm(p_values: pd.Series) -> pd.Series:
    """P-values adjusted for a family of tests.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6, 65-70.

    Examples
    --------
    >>> holm(pd.Series([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    ordered = p_values.sort_values()
    adjusted = (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1)
    return adjusted.reindex(p_values.index)


def detectable_gap(share: float, n: float, confidence: float, power: float = 0.8) -> float:
    """Smallest difference from a share that two runs of n independent questions each would have shown.

    Parameters
    ----------
    share : float
        Share that the lower of two models solves, 0 to 1.
    n : float
        Questions for each model.
    confidence : float
        Of the two-sided test, such as 0.95.
    power : float
        Probability that a difference of that size is found.

    Returns
    -------
    float
        In parts of one; NaN where no share up to one is far enough.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 6: arcsine transformation.

    Examples
    --------
    >>> round(detectable_gap(0.802, 500, 0.95), 3)
    0.066
    """
    effect = (stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(power)) * np.sqrt(2 / n)
    angle = np.arcsin(np.sqrt(share)) + effect / 2
    return float(np.sin(angle) ** 2 - share) if angle <= np.pi / 2 else float("nan")


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
    shown = {name: holm(pairs[f"p_{name}"]) < 1 - confidence for name in ("equivalent", "different")}
    words = np.select([shown["equivalent"], shown["different"]], ["equivalent", "different"], "undecided")
    return pd.Series(words, index=pairs.index)


def index_board(capability: pd.DataFrame, day: str | pd.Timestamp, noise: float) -> pd.DataFrame:
    """Epoch Capabilities Index as a board, by the newest fit before a day that has the model.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``, as of the day.
    day : str or Timestamp
        The day.
    noise : float
        Standard error assumed for each score, in index points; the index publishes none.

    Returns
    -------
    DataFrame
        Columns board, model, origin, open_weights, score, stderr, date (the model's release), measured (the day through
        which the source knows models: here the day of the newest fit) and dated (whether the release is known).

    Examples
    --------
    >>> from analysis.catalog import load
    >>> rows = index_board(load("capability", "2026-05-25"), "2026-05-25", 0.4)
    >>> rows.sort_values("score").groupby("origin")["model"].last()["CN"]
    'Qwen3.7-Max'
    """
    fit, scores = capability_fit(capability, day, by="name")
    rows = capability.drop_duplicates("name").set_index("name").loc[scores.index]
    origin = rows["country"].where(rows["country"].isin(["CN", "US"]), "elsewhere")
    columns = {"open_weights": rows["open_weights"], "score": scores, "stderr": noise, "date": rows["release_date"]}
    frame = pd.DataFrame({"board": INDEX, "origin": origin, **columns, "measured": fit, "dated": True})
    return frame.rename_axis("model").reset_index()


def boards(scores: pd.DataFrame) -> pd.DataFrame:
    """Boards of the table ``scores``, each model at its best, by release.

    Parameters
    ----------
    scores : DataFrame
        The table ``scores``; rows without a board are left out.

    Returns
    -------
    DataFrame
        Columns as ``index_board`` gives them. Where the source gives no standard error, it is that of a share of n
        questions, from Wilson's interval; measured is the date of the score. A model of unknown release has that date.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> frame = boards(load("scores", "2026-05-25"))
    >>> frame.groupby("board").size()["FrontierMath (Epoch)"]
    np.int64(83)
    """
    rows = scores[scores["board"].ne("")]
    n = rows["n_items"].astype(float).where(rows["metric"].str.contains("%"))
    low, high = wilson((rows["score"] / 100).where(n.notna()), n, 0.95)
    stderr = rows["stderr"].fillna(pd.Series(100 * (high - low) / 2 / stats.norm.ppf(0.975), index=rows.index))
    date, dated = rows["release_date"].fillna(rows["date"]), rows["release_date"].notna()
    rows = rows.assign(stderr=stderr, date=date, measured=rows["date"], dated=dated)
    columns = ["board", "model", "origin", "open_weights", "score", "stderr", "date", "measured", "dated"]
    rows = rows.sort_values("score", kind="stable")
    return rows.drop_duplicates(["board", "model"], keep="last")[columns].reset_index(drop=True)


def fit_noise(capability: pd.DataFrame) -> float:
    """Noise of an index score, estimated from models that two fits score: the spread of differences over root two.

    The fits share most of their data, so that this is a lower bound of the error of a score.

    Examples
    --------
    >>> rows = [("2026-07-01", "a", 100.0), ("2026-07-01", "b", 110.0), ("2026-09-30", "a", 101.0)]
    >>> fits = pd.DataFrame([*rows, ("2026-09-30", "b", 109.0)], columns=["fit", "name", "score"])
    >>> round(fit_noise(fits), 3)
    1.0
    """
    by_fit = capability.pivot(index="name", columns="fit", values="score").iloc[:, -2:].dropna()
    return float((by_fit.iloc[:, 1] - by_fit.iloc[:, 0]).std() / np.sqrt(2))


def frontier(board: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Models of an origin that were its best when they came out, by release.

    Parameters
    ----------
    board : DataFrame
        Columns model, origin, score and date.
    origin : str
        Whose frontier.

    Examples
    --------
    >>> rows = {"model": list("abc"), "origin": "CN", "score": [1.0, 3.0, 2.0], "date": pd.to_datetime(["2025"] * 3)}
    >>> frontier(pd.DataFrame(rows), "CN")["model"].tolist()
    ['b']
    """
    rows = board[board["origin"].eq(origin)].sort_values(["date", "score"], ascending=[True, False], kind="stable")
    return rows[rows["score"] > rows["score"].cummax().shift(fill_value=-np.inf)].reset_index(drop=True)


def best_so_far(board: pd.DataFrame, origins: Iterable[str]) -> pd.DataFrame:
    """Best score of each origin up to each release.

    Examples
    --------
    >>> rows = {"origin": ["CN", "US", "CN"], "score": [1.0, 3.0, 0.5], "date": pd.date_range("2025-01-01", periods=3)}
    >>> best_so_far(pd.DataFrame(rows), ["CN", "US"]).iloc[-1].to_dict()
    {'CN': 1.0, 'US': 3.0}
    """
    by_day = board.pivot_table(index="date", columns="origin", values="score", aggfunc="max")
    return by_day.reindex(columns=list(origins)).cummax().ffill()


def frontier_lag(board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp) -> Lag:
    """How far the best model of an origin is behind the frontier of another on a day.

    Parameters
    ----------
    board : DataFrame
        Columns model, origin, score and date (the model's release), of one board.
    origin, reference : str
        Whose lag, and behind whose frontier.
    day : str or Timestamp
        Models released later are left out.

    Raises
    ------
    InputError
        The board has no model of one of the two by that day.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "US", 155.0, "2025-06-01"), ("c", "CN", 151.0, "2025-12-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lag = frontier_lag(board, "CN", "US", "2025-12-01")
    >>> lag.reached_by, round(lag.months, 1), lag.censored
    ('b', 6.0, False)
    """
    day = pd.Timestamp(day)
    known = board[board["date"].le(day)]
    ours, theirs = (frontier(known, name) for name in (origin, reference))
    for name, rows in [(origin, ours), (reference, theirs)]:
        if rows.empty:
            raise InputError(f"The board has no model of origin {name} by {day:%Y-%m-%d}: choose another board or day.")
    best = ours.iloc[-1]
    above = theirs[theirs["score"].ge(best["score"])]
    if above.empty:
        return Lag(0.0, best["model"], best["score"], "", pd.NaT, False)
    first = above.iloc[0]
    months = (day - first["date"]) / MONTH
    return Lag(months, best["model"], best["score"], first["model"], first["date"], first["date"] == theirs["date"][0])


def lags_at_release(board: pd.DataFrame, origin: str, reference: str) -> pd.DataFrame:
    """Lag of each new best of an origin on the day of its release, where that is known.

    Parameters
    ----------
    board, origin, reference
        As for ``frontier_lag``.

    Returns
    -------
    DataFrame
        By release: model, score, date, months (0 where the other frontier was not there yet), reached_by, censored.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01"), ("c", "CN", 151.0, "2025-12-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lags_at_release(board, "CN", "US")[["model", "months", "censored"]].round(1).to_dict("records")
    [{'model': 'b', 'months': 5.9, 'censored': True}, {'model': 'c', 'months': 0.0, 'censored': False}]
    """
    start = board.loc[board["origin"].eq(reference), "date"].min()
    board = board[board.get("dated", pd.Series(True, index=board.index))]
    ours = frontier(board, origin)
    lags = [frontier_lag(board, origin, reference, day) for day in ours["date"] if day >= start]
    columns = ["model", "score", "months", "reached_by", "censored"]
    frame = pd.DataFrame([{name: getattr(lag, name) for name in columns} for lag in lags], columns=columns)
    return frame.assign(date=ours.loc[ours["date"].ge(start), "date"].to_numpy())


def lag_through_time(board: pd.DataFrame, origin: str, reference: str, days: Iterable[pd.Timestamp]) -> pd.DataFrame:
    """Lag on each of several days, from the first on which the board has both origins.

    Returns
    -------
    DataFrame
        Indexed by day: months and censored.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, "2025-01-01"), ("b", "CN", 149.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "date"]).astype({"date": "datetime64[us]"})
    >>> lag_through_time(board, "CN", "US", pd.to_datetime(["2025-06-01", "2025-08-01"])).round(1).to_dict("records")
    [{'months': 7.0, 'censored': True}]
    """
    ours, theirs = (frontier(board, name) for name in (origin, reference))
    if ours.empty or theirs.empty:
        return pd.DataFrame({"months": [], "censored": []}, index=pd.DatetimeIndex([]))
    covered = pd.DatetimeIndex([day for day in days if day >= max(ours["date"].min(), theirs["date"].min())])
    best = ours["score"].to_numpy()[ours["date"].searchsorted(covered, side="right") - 1]
    first = theirs["score"].searchsorted(best)
    reached = first < theirs["date"].searchsorted(covered, side="right")
    months = (covered - theirs["date"].to_numpy()[np.where(reached, first, 0)]) / MONTH
    return pd.DataFrame({"months": np.where(reached, months, 0.0), "censored": reached & (first == 0)}, index=covered)


def simulated_lags(
    board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, draws: int = 2000
) -> np.ndarray:
    """Lags in months when every score moves by its standard error: a parametric bootstrap.

    Parameters
    ----------
    board : DataFrame
        As for ``frontier_lag``, with stderr; a score without one stays.
    origin, reference : str
        Whose lag, and behind whose frontier.
    day : str or Timestamp
        The day.
    seed : int
        Of the generator.
    draws : int
        How many.

    Returns
    -------
    array
        One lag a draw.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, 0.0, "2025-01-01"), ("b", "CN", 149.0, 0.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "stderr", "date"])
    >>> board = board.astype({"date": "datetime64[us]"})
    >>> simulated_lags(board, "CN", "US", "2025-07-01", seed=1, draws=2).round(1)
    array([5.9, 5.9])
    """
    day = pd.Timestamp(day)
    known = board[board["date"].le(day)].sort_values("date", kind="stable")
    noise = np.random.default_rng(seed).normal(size=(draws, len(known))) * known["stderr"].fillna(0).to_numpy()
    moved = known["score"].to_numpy() + noise
    is_ours, is_theirs = (known["origin"].eq(name).to_numpy() for name in (origin, reference))
    reached = moved[:, is_theirs] >= moved[:, is_ours].max(axis=1, keepdims=True)
    months = ((day - known.loc[is_theirs, "date"]) / MONTH).to_numpy()
    return np.where(reached.any(axis=1), months[reached.argmax(axis=1)], 0.0)


def last_day(board: pd.DataFrame, day: str | pd.Timestamp) -> pd.Timestamp:
    """Day up to which a board tells: its last score, or an earlier day of the run.

    A lag grows with every day on which a board is not brought up to date; it is taken on this one.

    Examples
    --------
    >>> last_day(pd.DataFrame({"measured": pd.to_datetime(["2026-04-19"])}), "2026-05-25")
    Timestamp('2026-04-19 00:00:00')
    """
    return min(pd.Timestamp(day), board["measured"].max())


def lag_table(
    frame: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, confidence: float
) -> pd.DataFrame:
    """Lag on every board that has models of both origins, on the last day that it tells of.

    Parameters
    ----------
    frame : DataFrame
        Boards, as ``boards`` and ``index_board`` give them.
    origin, reference : str
        Whose lag, and behind whose frontier.
    day : str or Timestamp
        The day of the run.
    seed, confidence : int, float
        Of the simulated interval.

    Returns
    -------
    DataFrame
        Indexed by board: months, low, high (high is missing where the lag is censored), censored, model, score,
        reached_by, reached, day, models (of ``origin``) and undated (models of both whose release is unknown).

    Examples
    --------
    >>> from analysis.catalog import load
    >>> lag_table(boards(load("scores", "2026-05-25")), "CN", "US", "2026-05-25", 1, 0.95).loc["LMArena text", "model"]
    'glm-5.1'
    """
    both = {name: board for name, board in frame.groupby("board") if {origin, reference} <= set(board["origin"])}
    rows = {name: _lag_row(board, origin, reference, day, seed, confidence) for name, board in both.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)


def _lag_row(
    board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, confidence: float
) -> dict[str, Any]:
    until = last_day(board, day)
    lag = frontier_lag(board, origin, reference, until)
    low, high = lag_interval(board, origin, reference, until, seed, confidence)
    undated = ~board["dated"] & board["origin"].isin([origin, reference])
    counts = {"models": board["origin"].eq(origin).sum(), "undated": undated.sum()}
    return vars(lag) | {"low": low, "high": high, "day": until} | counts


def lag_interval(
    board: pd.DataFrame, origin: str, reference: str, day: str | pd.Timestamp, seed: int, confidence: float
) -> tuple[float, float]:
    """Interval of a lag from ``simulated_lags``; its upper end is missing where the lag itself is a lower bound.

    Both are missing where a score of the two origins has no standard error. Noise can
    let an earlier model of nearly that score reach it first, so that nearly all draws exceed the lag that was observed;
    the interval is widened to hold it, and covers more than it says.

    Examples
    --------
    >>> rows = [("a", "US", 150.0, 0.0, "2025-01-01"), ("b", "CN", 149.0, 0.0, "2025-07-01")]
    >>> board = pd.DataFrame(rows, columns=["model", "origin", "score", "stderr", "date"])
    >>> lag_interval(board.astype({"date": "datetime64[us]"}), "CN", "US", "2025-07-01", 1, 0.95)
    (5.946611909650924, nan)
    """
    if board.loc[board["origin"].isin([origin, reference]), "stderr"].isna().any():
        return float("nan"), float("nan")
    draws = simulated_lags(board, origin, reference, day, seed)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    lag = frontier_lag(board, origin, reference, day)
    return min(float(low), lag.months), float("nan") if lag.censored else max(float(high), lag.months)
