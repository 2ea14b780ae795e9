"""Origins: what each is called, its colour, and which countries it is made of. Nothing else knows them.

Tables store a country (ISO 3166 alpha-2, empty for unknown); the origin is derived here. Another origin, such as
France, is one line in ``ORIGINS``.
"""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Origin:
    """Where a model comes from.

    Parameters
    ----------
    code : str
        What frames write.
    name, adjective : str
        What figures and sentences call it.
    colour : str
        From the palette of Okabe and Ito (2008), which the colour-blind can tell apart.
    countries : tuple of str
        Countries that it is made of, ISO 3166 alpha-2; empty for an origin that no country decides.
    """

    code: str
    name: str
    adjective: str
    colour: str
    countries: tuple[str, ...] = ()


ORIGINS = (
    Origin("CN", "China", "Chinese", "#D55E00", ("CN",)),
    Origin("US", "United States", "US", "#0072B2", ("US",)),
    # Known countries without a line above, and joint work of several, such as CN+HK.
    Origin("elsewhere", "elsewhere", "other", "#009E73"),
    # Models that were listed without an author.
    Origin("anonymous", "anonymous", "anonymous", "#CC79A7"),
    # An author whose country nothing says.
    Origin("unknown", "unknown", "unknown", "#7F7F7F"),
    # Sum of the models below the daily top 50, whose authors are not published.
    Origin("other", "below top 50", "unlisted", "#595959"),
)
"""All origins, in the order in which tables show them."""

SIDES = ("CN", "US")
"""The two origins that the article compares."""

UNATTRIBUTED = ("anonymous", "unknown", "other")
"""Origins that might be Chinese, US or any other: nothing public says."""

CODES = [origin.code for origin in ORIGINS]
"""Code of each origin, in order."""

COLOURS = {origin.code: origin.colour for origin in ORIGINS}
"""Colour by code."""

NAMES = {origin.code: origin.name for origin in ORIGINS}
"""Name by code."""

ADJECTIVES = {origin.code: origin.adjective for origin in ORIGINS}
"""Adjective by code."""

_OF_COUNTRY = {country: origin.code for origin in ORIGINS for country in origin.countries}


def origin_of(country: str) -> str:
    """Origin that a country belongs to.

    Parameters
    ----------
    country : str
        ISO 3166 alpha-2; several joined by +; empty for unknown.

    Examples
    --------
    >>> [origin_of(country) for country in ("CN", "NZ", "CN+HK", "")]
    ['CN', 'elsewhere', 'elsewhere', 'unknown']
    """
    if not country:
        return "unknown"
    return _OF_COUNTRY.get(country, "elsewhere")


def with_country_origin(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with the column origin, derived from its column country.

    Examples
    --------
    >>> with_country_origin(pd.DataFrame({"country": ["US", "AE"]}))["origin"].tolist()
    ['US', 'elsewhere']
    """
    return frame.assign(origin=frame["country"].map(origin_of).astype("str"))


def author_origin(authors: pd.DataFrame) -> pd.Series:
    """Origin of each author.

    Parameters
    ----------
    authors : DataFrame
        Columns author, kind (author, anonymous or aggregate) and country (ISO alpha-2, empty for unknown).

    Returns
    -------
    Series
        Origin (one of ``CODES``), indexed by author.

    Examples
    --------
    >>> author_origin(pd.DataFrame({"author": ["qwen", "stealth"], "kind": ["author", "anonymous"],
    ...                             "country": ["CN", ""]})).to_dict()
    {'qwen': 'CN', 'stealth': 'anonymous'}
    """
    origin = authors["country"].map(origin_of).astype("str")
    origin = origin.mask(authors["kind"].eq("anonymous"), "anonymous").mask(authors["kind"].eq("aggregate"), "other")
    return origin.set_axis(authors["author"])


def with_origin(
    tokens: pd.DataFrame, authors: pd.DataFrame, identities: pd.DataFrame, anonymous: str = "separate"
) -> pd.DataFrame:
    """Add the origin of each row's author; an author that ``authors`` does not list is ``unknown``.

    Parameters
    ----------
    tokens : DataFrame
        Columns week_start, author, total_tokens.
    authors : DataFrame
        As for ``author_origin``.
    identities : DataFrame
        Who anonymous models turned out to be: author, first_week, last_week, country.
    anonymous : {"separate", "CN", "US", "revealed"}
        What to do with models listed without an author: keep them apart, count them all as Chinese or as US, or
        count each by the country of its later identity, where one is known, in its main weeks.

    Returns
    -------
    DataFrame
        ``tokens`` with the columns origin, and named: False for models without an author and for ``other``.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-03-09"])
    >>> tokens = pd.DataFrame({"week_start": week, "author": ["stealth"], "total_tokens": [1]})
    >>> authors = pd.DataFrame({"author": ["stealth"], "kind": ["anonymous"], "country": [""]})
    >>> identities = pd.DataFrame({"author": ["stealth"], "first_week": week, "last_week": week, "country": ["CN"]})
    >>> [with_origin(tokens, authors, identities, how).origin[0] for how in ("separate", "US", "revealed")]
    ['anonymous', 'US', 'CN']
    """
    slug = tokens["author"].astype("str")
    origin = slug.map(author_origin(authors)).fillna("unknown")
    hidden = origin.eq("anonymous")
    named = ~origin.isin(["anonymous", "other"])
    if anonymous in SIDES:
        origin = origin.mask(hidden, anonymous)
    elif anonymous == "revealed":
        origin = origin.mask(hidden, _revealed_origin(tokens, identities))
    return tokens.assign(author=slug, origin=origin, named=named)


def _revealed_origin(tokens: pd.DataFrame, identities: pd.DataFrame) -> pd.Series:
    """Origin by the later identity, for rows of an author in its main weeks; anonymous elsewhere."""
    known = identities[identities["country"].ne("")]
    rows = tokens[["week_start", "author"]].astype({"author": "str"}).rename_axis("row").reset_index()
    hits = rows.merge(known, on="author")
    hits = hits[hits["week_start"].between(hits["first_week"], hits["last_week"])].drop_duplicates("row")
    return hits.set_index("row")["country"].map(origin_of).reindex(tokens.index, fill_value="anonymous")
