"""Settings of the specification curves as people say them."""

import re

from analysis import parameters
from analysis.criteria import LITERAL, Claim

_NUMBERS = {
    "weeks": "full weeks taken together: {:g}",
    "top_n": "biggest models counted: {:g}",
    "prompt_to_completion": "prompt tokens for each completion token: {:g}",
    "cache_hit_share": "share of the prompt read from a cache: {:.0%}",
    "confidence": "confidence of the intervals: {:.0%}",
    "context_tokens": "tokens of context: {:,.0f}",
    "interactivity": "tokens a second for each user: {:g}",
}
"""Parameter to how its value is said."""

_WORDS = {
    ("anonymous", "separate"): "models without a developer: counted apart",
    ("anonymous", "CN"): "models without a developer: all Chinese",
    ("anonymous", "revealed"): "models without a developer: as later revealed",
    ("basis", "first_party"): "prices: those of the vendors",
    ("basis", "openrouter"): "prices: those on OpenRouter",
}
"""Parameter and value to how that is said."""


def said(parameter: str, value: str) -> str:
    """A setting in words; what has none of its own is said as parameter and value.

    Examples
    --------
    >>> said("weeks", "4"), said("cache_hit_share", "0.9"), said("basis", "openrouter"), said("accelerator", "H100")
    ('full weeks taken together: 4', 'share of the prompt read from a cache: 90%', 'prices: those on OpenRouter', \
'accelerator: H100')
    """
    if parameter in _NUMBERS:
        return _NUMBERS[parameter].format(float(value))
    return _WORDS.get((parameter, value), f"{parameter.replace('_', ' ')}: {value}")


def reading(claim: Claim, assertion: str, name: str) -> str:
    """What a reading of an assertion takes, in words.

    Examples
    --------
    >>> from analysis.register import read_register
    >>> claim = read_register()["S1"]
    >>> reading(claim, "chinese", "literal"), reading(claim, "open_weights", "literal")
    ('as written', 'as written, open weights')
    >>> reading(claim, "chinese", "top_n")
    "count only each week's biggest models"
    """
    if name == LITERAL:
        first = next(test for test in claim.assertions if test.readings)
        return "as written" if assertion == first.name else f"as written, {assertion.replace('_', ' ')}"
    condition = next(one.condition for one in claim[assertion].readings if one.name == name)
    varied = {parameter for grid in claim.specifications for parameter in grid.settings}
    # a number that varies is a setting of its own here; another is the notebook's own
    text = re.sub(rf"\{{(?:{'|'.join(varied)})[^}}]*\}} ", "", condition) if varied else condition
    own = {name: parameter.default for name, parameter in parameters.read(claim.notebook).items()}
    return text.format(**own).removeprefix("you ")
