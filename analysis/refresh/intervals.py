"""The tables of prices and of capability after what their sources list today."""

import numpy as np
import pandas as pd

from analysis.refresh.sources import PRICES


def next_intervals(
    book: pd.DataFrame, listed: pd.DataFrame, basis: str, day: pd.Timestamp, source: str, close: bool
) -> pd.DataFrame:
    """The table ``prices`` after the prices listed on a day; rows of another basis stay as they are.

    Parameters
    ----------
    book, listed : DataFrame
        The table ``prices``; model and the four price columns of what is listed on the day.
    basis, source : str
        Whose prices (first_party or openrouter), and where the new rows are from.
    day : Timestamp
        A price that differs ends on this day, and the new one starts; a row that started on it is replaced.
    close : bool
        Whether a model that is no longer listed has no price any more.

    Examples
    --------
    >>> from analysis.catalog import load
    >>> listed = pd.DataFrame([["openai/gpt-5.5", 9.0, 30.0, 0.5, None]], columns=["model", *PRICES])
    >>> after = next_intervals(load("prices"), listed, "openrouter", pd.Timestamp("2026-12-01"), "a test", False)
    >>> rows = after[after.model.eq("openai/gpt-5.5") & after.price_basis.eq("openrouter")]
    >>> rows[["effective_to", "input_usd_per_mtok"]].iloc[-2:].astype("str").values.tolist()
    [['2026-12-01', '5.0'], [nan, '9.0']]
    """
    now = listed.set_index("model")[PRICES].astype("float64")
    held = book[PRICES].astype("float64")
    is_open = book["price_basis"].eq(basis) & book["effective_to"].isna()
    is_listed = book["model"].isin(now.index)
    # for each row of the book what its model costs now, row by row as in the book; NaN where it is not listed
    quoted = now.reindex(book["model"]).set_index(book.index)
    is_same = _equal(held, quoted)
    # a row that began on this day has no day on which it held: it takes the new price and does not end
    began_today = book["effective_from"].ge(day)
    ends = is_open & ~began_today & np.where(is_listed, ~is_same, close)
    after = book.assign(effective_to=book["effective_to"].mask(ends, day))
    after[PRICES] = held.mask(is_open & began_today & is_listed, quoted)
    goes_on = book["model"][is_open & (is_same | began_today)]
    begins = listed["model"][~listed["model"].isin(goes_on)]
    return pd.concat([after, _new_prices(begins, now, book, basis, day, source)], ignore_index=True)


def _equal(left: pd.DataFrame, right: pd.DataFrame) -> pd.Series:
    """For each row, whether all prices are the same: both unknown, or equal but for the noise of binary fractions."""
    close = np.isclose(left, right, rtol=1e-9, atol=0, equal_nan=True)
    return pd.Series(close.all(axis=1), index=left.index)


def vendor_slugs(offers: pd.DataFrame, book: pd.DataFrame) -> pd.DataFrame:
    """Vendors' own list prices by the slugs of the table ``prices``.

    Which provider of models.dev is which vendor is read off the sources of the table's rows. A name is matched with a
    slug of that vendor by its letters and digits. A name without a digit is left out: vendors point it to other models.

    Parameters
    ----------
    offers : DataFrame
        As ``sources.vendor_prices`` gives it.
    book : DataFrame
        The table ``prices``.

    Returns
    -------
    DataFrame
        Column model and the four price columns; what matches no slug is not there.
    """
    own = book[book["price_basis"].eq("first_party")]
    provider = own["source"].str.extract(r"providers/([^/ ]+)/models/")[0]
    vendor = pd.Series(own["vendor"].to_numpy(), index=provider).groupby(level=0).first()
    slugs = book["model"].drop_duplicates()
    slugs = slugs[~slugs.str.contains(":")]
    by_name = pd.Series(slugs.to_numpy(), index=_letters(slugs)).groupby(level=0).first()
    known = offers.assign(vendor=offers["provider"].map(vendor)).dropna(subset=["vendor"])
    known = known[known["id"].str.contains(r"[0-9]")]
    known = known.assign(model=_letters(known["vendor"] + "/" + known["id"]).map(by_name)).dropna(subset=["model"])
    return known.dropna(subset=PRICES[:2]).drop_duplicates("model")[["model", *PRICES]]


def next_fit(capability: pd.DataFrame, scores: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The table ``capability`` with a fit added, unless it says what the newest one there says.

    Parameters
    ----------
    capability : DataFrame
        The table.
    scores : DataFrame
        Columns name, vendor, country, score, release_date.
    day : Timestamp
        Date of the fit.

    Returns
    -------
    DataFrame
        The table; the model of the table of prices, and whether weights are open, are taken from earlier fits by name.
    """
    columns = ["name", "score", "release_date"]
    newest = capability[capability["fit"].eq(capability["fit"].max())][columns]
    if newest.sort_values("name").to_numpy().tolist() == scores[columns].sort_values("name").to_numpy().tolist():
        return capability
    known = capability.drop_duplicates("name", keep="last").set_index("name")
    model = capability[capability["model"].ne("")].drop_duplicates("name", keep="last").set_index("name")["model"]
    weights = scores["name"].map(known["open_weights"].astype("boolean")).astype("boolean")
    fit = scores.assign(fit=day, model=scores["name"].map(model).fillna(""), open_weights=weights)
    return pd.concat([capability[capability["fit"].ne(day)], fit[capability.columns]], ignore_index=True)


def _new_prices(
    models: pd.Series, now: pd.DataFrame, book: pd.DataFrame, basis: str, day: pd.Timestamp, source: str
) -> pd.DataFrame:
    """Intervals that start on a day."""
    country = book.drop_duplicates("vendor").set_index("vendor")["country"]
    vendor = models.str.split("/").str[0]
    rows = {
        "model": models,
        "vendor": vendor,
        "country": vendor.map(country).fillna(""),
        "price_basis": basis,
        "effective_from": day,
        "effective_to": pd.NaT,
        "source": source,
        "note": "from=first seen by refresh (the source may lag the vendor)",
    }
    return pd.DataFrame(rows).join(now, on="model")[book.columns].astype(book.dtypes.to_dict())


def _letters(names: pd.Series) -> pd.Series:
    return names.str.lower().str.replace(r"[^a-z0-9]", "", regex=True)
