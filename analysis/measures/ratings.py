"""Capability of models as it was known on a day, with what is not known of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.measures.capability import capability_fit, fit_noise, scores_by_fit
from analysis.measures.ladders import most_capable, span

DRAWS = 40
"""Draws of the noise for each fit: more move the ends of the intervals by less than their last printed digit."""


@dataclass(frozen=True)
class Ratings:
    """Scores of the Epoch Capabilities Index in use, and those that might be in their place.

    Parameters
    ----------
    fit : Timestamp
        Date of the newest fit in use.
    scores : Series
        Score by model.
    fits : tuple of Series
        The scores in use, and those of each fit: an interval over all of them holds what the first give.
    noise : float
        Standard deviation of a score near the best Chinese model, index points.
    """

    fit: pd.Timestamp
    scores: pd.Series
    fits: tuple[pd.Series, ...]
    noise: float

    def estimate(self, measure: Callable[[pd.DataFrame], np.ndarray]) -> tuple[float, float, float]:
        """A measure by the scores in use, with its least and most over all fits and the noise, see ``ladders.span``.

        The measure takes scores, a row a model and a column a draw, and gives a number a draw.

        Examples
        --------
        >>> scores = pd.Series({"a": 3.0, "b": 1.0})
        >>> rated = Ratings(pd.Timestamp("2026-07-01"), scores, (scores, scores / 2), 0.0)
        >>> rated.estimate(lambda drawn: drawn.loc["a"] - drawn.loc["b"])
        (2.0, 1.0, 2.0)
        """
        in_use = pd.Series(measure(self.scores.to_frame())).iloc[0]
        return float(in_use), *span(measure, self.fits, self.noise, draws=DRAWS)


def known_on(day: str, capability: pd.DataFrame, every_fit: pd.DataFrame, book: pd.DataFrame) -> Ratings:
    """Ratings of the models on sale on a day.

    Parameters
    ----------
    day : str
        The day.
    capability : DataFrame
        The table ``capability``, as of the day.
    every_fit : DataFrame
        The same table with all fits, from which the noise is estimated.
    book : DataFrame
        A price book.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> from analysis.measures.prices import price_book
    >>> book = price_book(load("prices"), "2026-05-25")
    >>> known = known_on("2026-05-25", load("capability", "2026-05-25"), load("capability"), book)
    >>> known.fit, round(known.noise, 2), len(known.fits)
    (Timestamp('2026-07-01 00:00:00'), 0.47, 3)
    """
    fit, scores = capability_fit(capability, day)
    best_chinese = scores.reindex(most_capable(book, scores, "CN")).max()
    noise = fit_noise(every_fit, near=best_chinese)
    return Ratings(fit, scores, (scores, *scores_by_fit(capability)), noise)


def model_names(capability: pd.DataFrame, models: list[str]) -> pd.Series:
    """What the capability index calls models; a model that it does not know keeps its slug, without the vendor.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> model_names(load("capability"), ["openai/gpt-5.5", "made/up", "made/up"]).to_dict()
    {'openai/gpt-5.5': 'GPT-5.5', 'made/up': 'up'}
    """
    known = capability.sort_values("fit", kind="stable").groupby("model")["name"].last()
    slugs = pd.Series(models, index=models, dtype="str")
    slugs = slugs[~slugs.index.duplicated()]
    return slugs.map(known).fillna(slugs.str.split("/").str[-1])
