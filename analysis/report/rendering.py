"""Templates filled in: pages with a policy that their own scripts satisfy, and other files."""

from typing import Any

from analysis import vintages
from analysis.criteria import required
from analysis.figures import VERDICT_COLOURS
from analysis.findings import VERDICTS, describe_holds
from analysis.prose import date_words
from analysis.report import claim_card, drawings, movable, sharing


def render(template: str, **shown: Any) -> str:
    """A page or another file of the site.

    Parameters
    ----------
    template : str
        Its name.
    **shown
        What it shows.
    """
    globals_ = {
        "verdict_colours": VERDICT_COLOURS,
        "verdicts": VERDICTS,
        "required": required,
        "describe_holds": describe_holds,
        "conditions_of": claim_card.conditions_of,
        "vintage_sentence": vintages.SENTENCE,
        "date_words": _day_words,
        "place": movable.place,
        "ratio_step": movable.ratio_step,
    }
    filled = drawings.templates().get_template(template, globals=globals_).render(shown)
    return sharing.guarded(filled)


def _day_words(day: str) -> str:
    """A day as people write it; what is no date, as another's notebook may judge by, as it stands."""
    try:
        return date_words(day)
    except ValueError:
        return day
