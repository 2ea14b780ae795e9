"""How well the calculation agrees with what is published and measured, in sentences."""

import numpy as np
import pandas as pd

from analysis.prose import known, money, number_word, percent, sentences

RUNS = {
    "runs": "runs",
    "beaten": "faster than the least time",
    "least": "measured ÷ least, smallest",
    "median": "measured ÷ least, median",
    "rank": "rank correlation",
    "median_factor": "estimate misses by, times",
    "within_2": "estimate within twice, share",
    "rank of the estimate": "rank correlation of the estimate",
}
"""What the table of measured runs calls its columns."""


def memory_title(memory: pd.DataFrame) -> str:
    """Title of the figure of caches.

    Examples
    --------
    >>> memory_title(pd.DataFrame({"kb": [516.0, 8.0]}, index=["Llama-3.1-405B", "DeepSeek-V4-Flash"]))
    'A token of context takes 516 kB in Llama-3.1-405B and 8 kB in DeepSeek-V4-Flash'
    """
    kb = memory["kb"]
    return f"A token of context takes {kb.max():,.0f} kB in {kb.idxmax()} and {kb.min():,.0f} kB in {kb.idxmin()}"


def reports(errors: pd.DataFrame, relative: pd.DataFrame, base: str) -> str:
    """How well the formulas give what two reports publish.

    Parameters
    ----------
    errors : DataFrame
        Deviation in per cent from each term of the Step-3 report.
    relative : DataFrame
        By model and quantity: published and computed share of what an earlier model takes.
    base : str
        The earlier model.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("V4", "cache")], names=["model", "quantity"])
    >>> relative = pd.DataFrame({"published": [0.1], "computed": [0.115]}, index=index)
    >>> print(reports(pd.DataFrame({"kv": [0.35]}), relative, "V3.2"))
    Every term of the Step-3 report agrees within 0.35%, counted as the report counts. \
Against the report on DeepSeek V4, which compares with V3.2, the largest difference is 1.5 points: \
the cache of V4 comes out at 11.5% and is published as 10%.
    """
    apart = (relative["computed"] - relative["published"]).abs()
    worst = apart.idxmax() if len(apart) else ("", "")
    row = relative.loc[worst] if len(apart) else pd.Series({"computed": np.nan, "published": np.nan})
    verb = "come out at" if worst[1] == "operations" else "comes out at"
    are = "are" if worst[1] == "operations" else "is"
    return sentences(
        known(
            f"Every term of the Step-3 report agrees within {errors.abs().max(axis=None):.2f}%, "
            "counted as the report counts.",
            errors.abs().max(axis=None),
        ),
        known(
            f"Against the report on DeepSeek V4, which compares with {base}, the largest difference is "
            f"{100 * apart.max():.1f} points: the {worst[1]} of {worst[0]} {verb} {percent(row['computed'], 1)} "
            f"and {are} published as {percent(row['published'])}.",
            row["computed"],
        ),
        otherwise="No report had published such figures by then.",
    )


def training(runs: pd.DataFrame) -> str:
    """What training on a token takes, and how well the hardware was used.

    Parameters
    ----------
    runs : DataFrame
        As ``reports.training_runs`` gives them.

    Examples
    --------
    >>> print(training(pd.DataFrame({"gflop": [100.0, 2400.0], "utilisation": [0.23, 0.39]}, index=["A", "B"])))
    Training on one token takes 100 billion operations for A. For B it takes 24 times as many. \
The runs used 23% to 39% of the sixteen-bit peak of their hours. \
A run that computes in narrower formats has a higher peak.
    >>> training(pd.DataFrame({"gflop": [], "utilisation": []}))
    'No training run had published both its hours and its tokens by then.'
    """
    if runs.empty:
        return "No training run had published both its hours and its tokens by then."
    by_token, used = runs["gflop"], runs["utilisation"]
    return sentences(
        f"Training on one token takes {by_token.min():,.0f} billion operations for {by_token.idxmin()}.",
        f"For {by_token.idxmax()} it takes {by_token.max() / by_token.min():.0f} times as many."
        if len(runs) > 1
        else "",
        f"The runs used {percent(used.min())} to {percent(used.max())} of the sixteen-bit peak of their hours.",
        "A run that computes in narrower formats has a higher peak.",
        otherwise="",
    )


def bound_title(ratio: float, miss: float) -> str:
    """Title of the figure of measured runs.

    Examples
    --------
    >>> bound_title(3.7, 1.28)
    'Half of the measured runs take more than 3.7 times the least time; half of the estimates miss by less than 28%'
    """
    return (
        f"Half of the measured runs take more than {ratio:.1f} times the least time; "
        f"half of the estimates miss by less than {percent(miss - 1)}"
    )


def bound(checked: pd.DataFrame, missed: pd.DataFrame, unfit: int, waiting: pd.Series) -> str:
    """How the least time and the estimate compare with what was measured.

    Parameters
    ----------
    checked, missed : DataFrame
        By model and for "all", as ``bound.bound_check`` and ``bound.left_out_error`` give them.
    unfit : int
        Runs that beat the bound and contradict themselves.
    waiting : Series
        Of the other runs that beat it, waiting for the first token over decoding.

    Examples
    --------
    >>> checked = pd.DataFrame({"runs": [100, 100], "median": 3.7, "rank": 0.83}, index=["all", "M"])
    >>> missed = pd.DataFrame({"median_factor": [1.3, 1.7], "within_2": 0.92}, index=["all", "M"])
    >>> print(bound(checked, missed, 5, pd.Series([4.1])))
    Of 100 measured runs, six beat the least time. \
Five of them name devices whose memory cannot hold the model, so that the rows contradict themselves. \
In the other one, a request waited 4.1 times as long for its first token as it was decoded, so that its batch is \
hardly known. Half of all runs took more than 3.7 times the least time. \
Runs that should be slower mostly are: the rank correlation of the two is 0.83. \
The estimate misses by a factor of 1.3 in the median, and by 1.7 for the worst model. \
It lies within twice or half the measured time for 92% of the runs.
    """
    every, errors = checked.loc["all"], missed.loc["all"]
    return sentences(
        f"Of {every['runs']:,.0f} measured runs, {number_word(unfit + len(waiting))} beat the least time.",
        _contradict(unfit) if unfit else "",
        _waited(waiting) if len(waiting) else "",
        f"Half of all runs took more than {every['median']:.1f} times the least time.",
        f"Runs that should be slower mostly are: the rank correlation of the two is {every['rank']:.2f}.",
        f"The estimate misses by a factor of {errors['median_factor']:.1f} in the median, "
        f"and by {missed['median_factor'].max():.1f} for the worst model.",
        f"It lies within twice or half the measured time for {percent(errors['within_2'])} of the runs.",
        otherwise="",
    )


def _contradict(unfit: int) -> str:
    """Runs that name too little memory for what they ran."""
    if unfit == 1:
        return "One of them names devices whose memory cannot hold the model, so that the row contradicts itself."
    names = f"{number_word(unfit).capitalize()} of them name devices"
    return f"{names} whose memory cannot hold the model, so that the rows contradict themselves."


def _waited(waiting: pd.Series) -> str:
    """Runs that had hardly begun to decode together."""
    others = "the other one" if len(waiting) == 1 else "the others"
    times = f"{waiting.min():.1f} times as long for its first token as it was decoded"
    return f"In {others}, a request waited {times}, so that its batch is hardly known."


def day_of_serving(computed: pd.Series, reported: float, most: float, node: str) -> str:
    """What follows from DeepSeek's account of one day.

    Parameters
    ----------
    computed : Series
        cost (US dollars) and margin (a share of it), from its own nodes, tokens and prices.
    reported, most : float
        Decoded tokens a second of a node, as it reports them and at most by the bound.
    node : str
        The node in words.

    Examples
    --------
    >>> print(day_of_serving(pd.Series({"cost": 87072.0, "margin": 5.456}), 14800, 72230, "8 H800"))
    The day cost $87,072 by DeepSeek's own number of nodes and price of an hour. \
Billed at the list price of its reasoning model, every token would have brought in 6.5 times as much: \
a profit of 546% of the cost. \
A node of 8 H800 decoded 14,800 tokens a second; the least time would allow 72,230 at the best batch.
    """
    cost, margin = computed["cost"], computed["margin"]
    return sentences(
        f"The day cost {money(cost)} by DeepSeek's own number of nodes and price of an hour.",
        f"Billed at the list price of its reasoning model, every token would have brought in {1 + margin:.1f} times as "
        f"much: a profit of {percent(margin)} of the cost.",
        f"A node of {node} decoded {reported:,.0f} tokens a second; "
        f"the least time would allow {most:,.0f} at the best batch.",
        otherwise="",
    )
