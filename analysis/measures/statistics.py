"""Intervals and tests that know nothing of models: shares, pairs, equivalence, families of tests."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special


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
    z2 = special.ndtri((1 + confidence) / 2) ** 2
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
    low_1, high_1 = wilson(first, n_first, confidence)
    low_2, high_2 = wilson(second, n_second, confidence)
    gap = first - second
    below, above = np.hypot(first - low_1, high_2 - second), np.hypot(high_1 - first, second - low_2)
    pooled = (first * n_first + second * n_second) / (n_first + n_second)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_first + 1 / n_second))
    p_value = 2 * special.ndtr(-abs(gap) / error) if error > 0 else 1.0
    return Gap(gap, float(gap - below), float(gap + above), float(p_value))


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
    from scipy import stats  # takes as long as all else that a notebook imports, and nothing else here needs it

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
    return np.minimum(1.0, 2 * special.bdtr(fewer, both, 0.5))


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
        above, below = np.add(difference, margin) / error, np.subtract(difference, margin) / error
    return np.maximum(special.ndtr(-above), special.ndtr(below))


def questions_for_equivalence(discordant: float, margin: float, confidence: float, power: float = 0.8) -> float:
    """Questions on which two equally good models would be shown to be the same within a margin.

    Parameters
    ----------
    discordant : float
        Share of questions that one of the two alone solves, 0 to 1.
    margin : float
        In parts of one.
    confidence : float
        Of the two-sided interval that has to lie within the margin, such as 0.95.
    power : float
        Probability that it does.

    Examples
    --------
    >>> round(questions_for_equivalence(0.134, 0.03, 0.95))
    1564
    """
    # The error of a paired difference is the root of discordant / n where the two are equally good. The interval takes
    # the first quantile of it from the margin, on either side, and chance may move the difference by the second.
    quantiles = special.ndtri((1 + confidence) / 2) + special.ndtri((1 + power) / 2)
    return float(quantiles**2 * discordant / margin**2)


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
    effect = (special.ndtri((1 + confidence) / 2) + special.ndtri(power)) * np.sqrt(2 / n)
    angle = np.arcsin(np.sqrt(share)) + effect / 2
    return float(np.sin(angle) ** 2 - share) if angle <= np.pi / 2 else float("nan")
