"""What it costs to run a benchmark: the runs that an article means, their rivals, and the cost of a solved task."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.measures.origins import SIDES

SUITE, AGENT = "Artificial Analysis", "SWE-bench"
"""What the names of the two benchmarks begin with."""


def per_solved_task(runs: pd.DataFrame) -> pd.Series:
    """Cost of a benchmark run for each task that it solved, in US dollars.

    Parameters
    ----------
    runs : DataFrame
        The table ``task_cost``: score (per cent solved), cost_usd, n_tasks; NaN where the number is not said.

    Examples
    --------
    >>> per_solved_task(pd.DataFrame({"score": [50.0], "cost_usd": [25.0], "n_tasks": [100]})).tolist()
    [0.5]
    """
    return runs["cost_usd"] / (runs["n_tasks"].astype("float64") * runs["score"] / 100)


def solved_task_ratio(runs: pd.DataFrame, score: float) -> float:
    """Cost of a solved task, cheapest US over cheapest Chinese run, among runs with at least a score.

    Parameters
    ----------
    runs : DataFrame
        Columns origin, score, cost_usd, per_task.
    score : float
        Score to reach.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": ["US", "CN"], "score": 50.0, "cost_usd": [4.0, 1.0], "per_task": [0.4, 0.1]})
    >>> solved_task_ratio(runs, 45), solved_task_ratio(runs, 55)
    (4.0, nan)
    """
    good = runs[runs["score"].ge(score)]
    cheapest = good.groupby("origin")["per_task"].min().reindex(list(SIDES))
    return float(cheapest["US"] / cheapest["CN"])


def cheapest_run(runs: pd.DataFrame, origin: str, score: float) -> pd.Series:
    """The cheapest run of an origin that scored at least so much; all missing where there is none.

    Examples
    --------
    >>> runs = pd.DataFrame({"origin": "US", "score": [50.0, 60.0], "cost_usd": [2.0, 3.0], "model": ["a", "b"]})
    >>> cheapest_run(runs, "US", 55)["model"]
    'b'
    """
    rows = runs[runs["origin"].eq(origin) & runs["score"].ge(score)].sort_values("cost_usd")
    return rows.iloc[0] if len(rows) else pd.Series(np.nan, index=runs.columns)


def nearest_run(runs: pd.DataFrame, family: str, usd: float) -> pd.Series:
    """The run of a family of models whose cost is nearest to an amount; all missing where the family has none.

    The amount may be wrong: the run is chosen by its models, and the amount only says which of theirs is meant.

    Parameters
    ----------
    runs : DataFrame
        Columns model and cost_usd.
    family : str
        What the model's name begins with.
    usd : float
        US dollars.

    Examples
    --------
    >>> runs = pd.DataFrame({"model": ["Claude A", "Claude B", "GLM"], "cost_usd": [100.0, 480.0, 500.0]})
    >>> nearest_run(runs, "Claude", 500)["cost_usd"]
    np.float64(480.0)
    """
    rows = runs[runs["model"].str.startswith(family)].dropna(subset=["cost_usd"])
    nearest = rows.iloc[(rows["cost_usd"] - usd).abs().argsort(kind="stable")]
    return nearest.iloc[0] if len(nearest) else pd.Series(np.nan, index=runs.columns)


def claimed_runs(runs: pd.DataFrame, told: Mapping[str, float]) -> pd.DataFrame:
    """The two runs of an evaluation suite that an article means, a US rival, and the first one priced anew.

    Each run is chosen by its model; whether it cost what is said is then a question that can be lost.

    Parameters
    ----------
    runs : DataFrame
        The table ``task_cost`` with origin.
    told : dict
        US dollars that are said of claude and of glm.

    Returns
    -------
    DataFrame
        Rows claude, glm, rival (the cheapest US run of that day and suite that scored as high as GLM) and newest (the
        last later price of Claude's run); columns of ``runs``, missing where there is none.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> from analysis.measures.origins import with_country_origin
    >>> runs = with_country_origin(load("task_cost", "2026-05-25"))
    >>> claimed_runs(runs, {"claude": 4811, "glm": 544})["cost_usd"].astype(float).tolist()
    [4811.04, 543.95, 395.17, 5117.14]
    """
    suite = runs[runs["benchmark"].str.startswith(SUITE)]
    claude = nearest_run(suite, "Claude", told["claude"])
    glm = nearest_run(suite, "GLM", told["glm"])
    beside_glm = suite[suite["date"].eq(glm["date"]) & suite["benchmark"].eq(glm["benchmark"])]
    again = suite[suite["model"].eq(claude["model"]) & suite["benchmark"].eq(claude["benchmark"])]
    later = again[again["date"].gt(pd.to_datetime(claude["date"]))].sort_values("date")
    newest = later.iloc[-1] if len(later) else pd.Series(np.nan, index=suite.columns)
    rival = cheapest_run(beside_glm, "US", glm["score"])
    return pd.DataFrame({"claude": claude, "glm": glm, "rival": rival, "newest": newest}).T


def agent_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of SWE-bench Verified by one simple agent whose number of tasks is said, with per_task.

    Examples
    --------
    >>> rows = {"benchmark": ["SWE-bench Verified", "Aider"], "score": 50.0, "cost_usd": 25.0, "n_tasks": 100}
    >>> agent_runs(pd.DataFrame(rows))["per_task"].tolist()
    [0.5]
    """
    agent = runs[runs["benchmark"].str.startswith(AGENT)]
    return agent.assign(per_task=per_solved_task(agent)).dropna(subset=["per_task"])


def ratio_near_best(agent: pd.DataFrame) -> tuple[float, float, float]:
    """Cost of a solved task, US over Chinese, among runs as good as the best Chinese one; with its interval.

    The interval spans the ratio at every score within one standard error of the best Chinese score.

    Parameters
    ----------
    agent : DataFrame
        As ``agent_runs`` gives it.

    Returns
    -------
    tuple of float
        The ratio, its least and its most.

    Examples
    --------
    >>> rows = {"origin": ["US", "CN", "US"], "score": [50.0, 50.0, 49.0], "n_tasks": 100, "per_task": [4.0, 1.0, 2.0]}
    >>> ratio_near_best(pd.DataFrame(rows))
    (4.0, 2.0, 4.0)
    """
    best = agent.loc[agent["origin"].eq("CN"), "score"].max()
    solved = best / 100
    error = 100 * (solved * (1 - solved) / agent["n_tasks"].max()) ** 0.5
    nearby = agent.loc[agent["score"].between(best - error, best + error), "score"]
    ratios = nearby.map(lambda score: solved_task_ratio(agent, score)).astype(float)
    return solved_task_ratio(agent, best), float(ratios.min()), float(ratios.max())
