"""Capability: published scores and their intervals, boards, the capability index, and frontiers."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import special

from analysis import InputError
from analysis.measures.origins import SIDES, origin_of, with_country_origin
from analysis.measures.statistics import Gap, newcombe, wilson

INDEX = "Epoch Capabilities Index"
"""Name of the board that ``index_board`` makes."""


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
    half = special.ndtri((1 + confidence) / 2) * scores["stderr"].astype(float)
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
    half = float(special.ndtri((1 + confidence) / 2) * error)
    return Gap(gap, gap - half, gap + half, float(2 * special.ndtr(-abs(gap) / error)))


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
    'Claude Code, mean of 4 runs'
    """
    rows = scores
    for column, value in where.items():
        rows = rows[rows[column].eq(value)]
    # A claim that has no published score goes on with missing values; only the metric is asked for text.
    nothing = pd.Series(np.nan, index=scores.columns, dtype=object)
    return rows.iloc[0] if len(rows) else nothing.fillna({"metric": ""})


def capability_fit(
    capability: pd.DataFrame, day: str | pd.Timestamp, by: str = "model"
) -> tuple[pd.Timestamp, pd.Series]:
    """Capability of models by the newest fit before a day that has the model.

    Where there is no fit before the day, the first one is taken. A later fit may hold fewer models than an earlier one:
    a model that it leaves out keeps its earlier score.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``, as of the day: columns fit, model (empty: no price known), score.
    day : str or Timestamp
        The day.
    by : str
        ``model`` for those that have a price, by slug; ``name`` for all, by the index's own name.

    Returns
    -------
    Timestamp, Series
        Date of the newest fit taken; score by model.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> fit, scores = capability_fit(load("capability", "2026-05-25"), "2026-05-25")
    >>> fit, scores["z-ai/glm-5.1"]
    (Timestamp('2026-07-01 00:00:00'), np.float64(150.67))
    """
    fits = capability["fit"].drop_duplicates().sort_values()
    newest = max(fits[fits <= pd.Timestamp(day)], default=fits.min())
    rows = capability[capability["fit"].le(newest) & capability[by].ne("")]
    return newest, rows.sort_values("fit", kind="stable").groupby(by)["score"].last()


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
    origin = rows["country"].map(origin_of)
    columns = {"open_weights": rows["open_weights"], "score": scores, "stderr": noise, "date": rows["release_date"]}
    frame = pd.DataFrame({"board": INDEX, "origin": origin, **columns, "measured": fit, "dated": True})
    return frame.rename_axis("model").reset_index()


def index_fits(capability: pd.DataFrame, day: str | pd.Timestamp, noise: float) -> list[pd.DataFrame]:
    """The index as each of its fits has it: what one result owes to the choice of the fit, another shows.

    All hold the same models: a model that a fit leaves out has its score of another one, so that two boards differ by
    nothing but the scores that were fitted anew. All are told of until the same day, that of ``index_board``.

    Parameters
    ----------
    capability, day, noise
        As for ``index_board``.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> fits = index_fits(load("capability", "2026-05-25"), "2026-05-25", 0.5)
    >>> [board.set_index("model").loc["GPT-5.4", "score"] for board in fits]
    [np.float64(156.22), np.float64(156.69)]
    """
    until = capability_fit(capability, day, by="name")[0]
    made = []
    for fit in capability["fit"].drop_duplicates().sort_values():
        rows = _own_rows_last(capability, fit).drop_duplicates("name", keep="last")
        board = index_board(rows.assign(fit=fit), fit, noise)
        made.append(board.assign(measured=until))
    return made


def with_open_weights(frame: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Boards on which an origin has no models but those whose weights are known to be open.

    Examples
    --------
    >>> rows = {"model": list("abc"), "origin": ["CN", "CN", "US"], "open_weights": [True, None, False]}
    >>> with_open_weights(pd.DataFrame(rows), "CN")["model"].tolist()
    ['a', 'c']
    """
    return frame[frame["origin"].ne(origin) | frame["open_weights"].eq(True)]


def best_with_images(board: pd.DataFrame, capability: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """The ten best models of each side, and whether each takes images.

    Parameters
    ----------
    board : DataFrame
        As ``index_board`` gives it.
    capability : DataFrame
        The table ``capability``: columns name and model, the slug by which features are known.
    features : DataFrame
        The table ``model_features``: columns model and image_input.

    Returns
    -------
    DataFrame
        Indexed by model, the best first: origin, score, image (missing where it is not known).

    Examples
    --------
    >>> board = pd.DataFrame({"model": ["A", "B"], "origin": ["CN", "US"], "score": [1.0, 2.0]})
    >>> names = pd.DataFrame({"name": ["A", "B"], "model": ["x/a", "x/b"]})
    >>> best_with_images(board, names, pd.DataFrame({"model": ["x/a"], "image_input": [True]}))["image"].to_dict()
    {'B': nan, 'A': True}
    """
    slug = capability.drop_duplicates("name").set_index("name")["model"]
    images = features.set_index("model")["image_input"]
    sides = board[board["origin"].isin(SIDES)].sort_values("score", ascending=False)
    ten = sides.groupby("origin").head(10)
    return ten.assign(image=ten["model"].map(slug).map(images)).set_index("model")[["origin", "score", "image"]]


def gap_over_fits(fits: Iterable[pd.DataFrame], first: str, second: str, confidence: float) -> Gap:
    """Difference of two models on a board of several fits, with an interval that spans those of all of them.

    Parameters
    ----------
    fits : iterable of DataFrame
        The same board as each fit has it, the one that gives the value first.
    first, second : str
        The two models, written as sources write them.
    confidence : float
        Such as 0.95.

    Returns
    -------
    Gap
        In the unit of the scores; missing where a model has no score.

    Examples
    --------
    >>> early = pd.DataFrame({"model": ["a", "b"], "score": [150.0, 152.0], "stderr": 0.1})
    >>> gap = gap_over_fits([early, early.assign(score=[150.0, 153.0])], "A", "B", confidence=0.95)
    >>> round(gap.value, 1), round(gap.low, 1), round(gap.high, 1)
    (-2.0, -3.3, -1.7)
    """
    gaps = []
    for board in fits:
        keyed = board.assign(metric="index", n_items=None).set_index(board["model"].map(model_key))
        rows = keyed.reindex([model_key(first), model_key(second)]).fillna({"metric": "index"})
        gaps.append(score_gap(rows.iloc[0], rows.iloc[1], confidence))
    low, high = (pd.Series([getattr(gap, end) for gap in gaps], dtype=float) for end in ("low", "high"))
    p_values = pd.Series([gap.p_different for gap in gaps], dtype=float)
    # The weaker of the tests: what one fit leaves open is open.
    return Gap(gaps[0].value, float(low.min()), float(high.max()), float(p_values.max()))


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
    rows = with_country_origin(scores[scores["board"].ne("")])
    n = rows["n_items"].astype(float).where(rows["metric"].str.contains("%"))
    low, high = wilson((rows["score"] / 100).where(n.notna()), n, 0.95)
    stderr = rows["stderr"].fillna(pd.Series(100 * (high - low) / 2 / special.ndtri(0.975), index=rows.index))
    date, dated = rows["release_date"].fillna(rows["date"]), rows["release_date"].notna()
    rows = rows.assign(stderr=stderr, date=date, measured=rows["date"], dated=dated)
    columns = ["board", "model", "origin", "open_weights", "score", "stderr", "date", "measured", "dated"]
    rows = rows.sort_values("score", kind="stable")
    return rows.drop_duplicates(["board", "model"], keep="last")[columns].reset_index(drop=True)


def fit_noise(capability: pd.DataFrame, near: float | None = None, models: int = 25) -> float:
    """Noise of an index score, estimated where it is used: the spread of the differences of two fits over root two.

    The fits share most of their data, so that this is a lower bound of the error of a score. It is larger at the
    frontier, where few boards still tell models apart, than over all models.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``, with both fits.
    near : float, optional
        The score at which it is used; over all models, where none is given.
    models : int
        How many of the models that both fits score are taken, the nearest to that score.

    Examples
    --------
    >>> rows = [("2026-07-01", "a", 100.0), ("2026-07-01", "b", 110.0), ("2026-09-30", "a", 101.0)]
    >>> fits = pd.DataFrame([*rows, ("2026-09-30", "b", 109.0)], columns=["fit", "name", "score"])
    >>> round(fit_noise(fits, near=105), 3)
    1.0
    """
    by_fit = capability.pivot(index="name", columns="fit", values="score").iloc[:, -2:].dropna()
    if near is not None:
        distance = (by_fit.mean(axis=1) - near).abs().sort_values(kind="stable")
        by_fit = by_fit.loc[distance.index[:models]]
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
    rows = board[board["origin"].eq(origin)]
    scores = rows["score"].to_numpy(dtype=float)
    order = np.lexsort((-scores, rows["date"].to_numpy()))
    # fmax: a score that is not known is no best one, and hides none
    best_before = np.fmax.accumulate(np.concatenate([[-np.inf], scores[order]]))[:-1]
    return rows.iloc[order[scores[order] > best_before]].reset_index(drop=True)


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


def scores_by_fit(capability: pd.DataFrame) -> list[pd.Series]:
    """Capability of models by slug as each fit has it, the newest first; what a fit leaves out has another's score.

    Parameters
    ----------
    capability : DataFrame
        The table ``capability``: columns fit, model (empty: no price known), score.

    Examples
    --------
    >>> rows = pd.DataFrame({"fit": ["2026-07-01", "2026-07-01", "2026-09-30"], "model": ["a", "b", "a"]})
    >>> [series.to_dict() for series in scores_by_fit(rows.assign(score=[1.0, 2.0, 3.0]))]
    [{'a': 3.0, 'b': 2.0}, {'a': 1.0, 'b': 2.0}]
    """
    priced = capability[capability["model"].ne("")]
    made = []
    for fit in sorted(priced["fit"].unique(), reverse=True):
        made.append(_own_rows_last(priced, fit).groupby("model")["score"].last())
    return made


def _own_rows_last(capability: pd.DataFrame, fit: object) -> pd.DataFrame:
    """Scores of all fits; a fit's own come last, and so win over those that only fill its gaps."""
    return capability.assign(own=capability["fit"].eq(fit)).sort_values(["own", "fit"], kind="stable")
