"""How the verdicts on the project's own claims moved: read from the table ``verdict_history``."""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from analysis.criteria import Claim
from analysis.prose import format_value
from analysis.register import read_register
from analysis.run import history


class Day(NamedTuple):
    """A verdict on a day, and the figure as written."""

    day: str
    verdict: str
    value: str


class Change(NamedTuple):
    """A verdict that turned between two days."""

    claim: str
    day: str
    before: str
    after: str
    value: str


def read(register: Mapping[str, Claim]) -> dict[str, list[Day]]:
    """Verdicts by claim, oldest first; none of a claim that is not the project's own.

    Parameters
    ----------
    register : dict
        The claims of the site.

    Examples
    --------
    >>> read({"A1": Claim("A1", "01_share_shift", "of another text", ())})
    {}
    """
    own = read_register()
    mine = [name for name, claim in register.items() if name in own and own[name].quote == claim.quote]
    table = history.read().sort_values("as_of", kind="stable")
    rows = table[table["claim"].isin(mine)].astype(object)
    return {str(name): [_day(row) for row in group.to_dict("records")] for name, group in rows.groupby("claim")}


def changes(verdicts: Mapping[str, list[Day]]) -> list[Change]:
    """Verdicts that turned, the newest first.

    Examples
    --------
    >>> changes({"S1": [Day("2026-01-05", "open", ""), Day("2026-01-12", "supported", "61.0%")]})
    [Change(claim='S1', day='2026-01-12', before='open', after='supported', value='61.0%')]
    """
    found = []
    for name, days in verdicts.items():
        for before, after in itertools.pairwise(days):
            if before.verdict != after.verdict:
                found.append(Change(name, after.day, before.verdict, after.verdict, after.value))
    return sorted(found, key=lambda change: change.day, reverse=True)


def on(days: list[Day], day: str) -> Day | None:
    """The last verdict up to a day.

    Examples
    --------
    >>> on([Day("2026-01-05", "open", ""), Day("2026-01-12", "supported", "")], "2026-01-08").verdict
    'open'
    """
    return next((known for known in reversed(days) if known.day <= day), None)


def _day(row: Mapping[str, object]) -> Day:
    value, unit = row.get("value"), row.get("unit")
    words = format_value(float(value), str(unit)) if isinstance(value, (int, float)) and pd.notna(value) else ""
    return Day(str(row["as_of"])[:10], str(row["verdict"]), words)
