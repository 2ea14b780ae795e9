"""Bring tables to today: fetch, compare with what is there, replace tables and descriptor in one step.

The new files are first written to a folder beside the tables. That folder is then renamed, which is the one moment at
which the refresh counts; ``catalog`` reads what it holds before what it replaces, and this or the next refresh moves
the files into place. A refresh that is stopped before has changed no table, one that is stopped after is complete.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import DATA, InputError, SourceError, catalog
from analysis.measures import calendar, prices
from analysis.refresh import huggingface, sources
from analysis.refresh.sources import PRICES, Fetched, Limits

TOKENS = {"model_day": ("date", 1), "author_week": ("week_start", 7), "model_week": ("week_start", 7)}
"""Tables of tokens, rebuilt from the daily rankings: the column of the period, and its days."""

TABLES = [*TOKENS, "prices", "capability"]
"""Tables that have a live source."""

RANKED = 30
"""Models that ``model_week`` names in a week; the rest is summed by author."""

ACTIVITY = Path("reports", "activity.csv")
"""Where a person's own usage goes: beside data/ and not in it, since it is private."""

_STAGED = ".refresh-staged"
_SHOWN = 10


@dataclass(frozen=True)
class Request:
    """What a refresh is asked for.

    Parameters
    ----------
    names : tuple of str
        Tables, ``activity``, or ids of models on Hugging Face (owner/name); all tables if it is empty.
    environ : dict
        Environment: key and addresses.
    today : Timestamp
        Day of the refresh, UTC; the last day asked for is the one before.
    since : Timestamp
        First day of tokens to ask for.
    dry_run : bool
        Write nothing.
    allow_loss : bool
        Go on where days are missing or rows would be gone.
    root : Path
        Folder of the data package.
    limits : Limits
        Limits of each request.
    """

    names: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)
    today: pd.Timestamp
    since: pd.Timestamp = sources.FIRST_DAY
    dry_run: bool = False
    allow_loss: bool = False
    root: Path = DATA
    limits: Limits = sources.LIMITS


@dataclass(frozen=True)
class Update:
    """A table as it would become.

    Parameters
    ----------
    entry : dict
        Its descriptor.
    content : bytes
        Its file.
    added, restated, gone : DataFrame
        As ``compare`` gives them.
    changed : bool
        Whether file or descriptor differ from what is there.
    """

    entry: dict[str, Any]
    content: bytes
    added: pd.DataFrame
    restated: pd.DataFrame
    gone: pd.DataFrame
    changed: bool


def run(request: Request, tell: Callable[[str], None]) -> None:
    """Refresh tables.

    Parameters
    ----------
    request : Request
        What to do.
    tell : callable
        Gets each line of progress and of the comparison.

    Raises
    ------
    InputError
        The request cannot be carried out as it is put; nothing has been fetched or written.
    SourceError
        A source cannot be used, rows would be lost, another refresh is at work, or the disk is full; no table has
        changed.
    """
    _check(request)
    try:
        with _locked(request.root):
            _refresh(request, tell)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SourceError(
            f"{request.root} cannot be written ({reason}): make room there, or see to its rights."
        ) from None


def _refresh(request: Request, tell: Callable[[str], None]) -> None:
    """Refresh tables of a data package that is held for it."""
    if not request.dry_run:
        finish(request.root)
    catalog.check(request.root)
    updates = [update for update in _updates(request, tell) if update.changed]
    gone = sum(len(update.gone) for update in updates)
    if gone and not request.allow_loss:
        raise SourceError(
            f"The sources lack {gone:,} rows that are there (see above): accept the loss with --allow-loss."
        )
    if request.dry_run or not updates:
        tell("Nothing is written: --dry-run." if updates else "No table has changed; none is written.")
        return
    write(_files(updates, request.root), request.root)
    tell(f"Written: {', '.join(update.entry['path'] for update in updates)}, datapackage.json")


def author_weeks(days: pd.DataFrame, merges: Mapping[str, str]) -> pd.DataFrame:
    """Rows of the table ``author_week`` for the whole weeks of some days.

    Parameters
    ----------
    days : DataFrame
        Columns date, model_permaslug, total_tokens.
    merges : dict
        Older author slug to the one that it is merged into.

    Returns
    -------
    DataFrame
        Columns week_start, author, total_tokens, days_observed; largest first, ``other`` last.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.date_range("2026-03-23", periods=7), "model_permaslug": "thudm/x",
    ...                      "total_tokens": 2})
    >>> author_weeks(days, {"thudm": "z-ai"})[["author", "total_tokens", "days_observed"]].values.tolist()
    [['z-ai', 14, 7]]
    """
    whole = calendar.whole_weeks(days)
    weeks = whole.assign(author=_author(whole["model_permaslug"], merges)).groupby(["week_start", "author"])
    return _largest_first(weeks["total_tokens"].sum().reset_index().assign(days_observed=7), "author")


def model_weeks(days: pd.DataFrame, merges: Mapping[str, str], ranked: int = RANKED) -> pd.DataFrame:
    """Rows of the table ``model_week`` for the whole weeks of some days.

    Parameters
    ----------
    days : DataFrame
        Columns date, model_permaslug, total_tokens.
    merges : dict
        Older author slug to the one that it is merged into, for the rows that are sums.
    ranked : int
        Models to name in each week.

    Returns
    -------
    DataFrame
        Columns week_start, model_permaslug, total_tokens: the largest models, ``author/~below-top-30`` for the others
        of each author, and ``other``.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.date_range("2026-03-23", periods=7).repeat(3), "total_tokens": [3, 2, 1] * 7,
    ...                      "model_permaslug": ["a/x", "a/y", "other"] * 7})
    >>> model_weeks(days, {}, ranked=1)["model_permaslug"].tolist()
    ['a/x', 'a/~below-top-30', 'other']
    """
    sums = calendar.whole_weeks(days).groupby(["week_start", "model_permaslug"])["total_tokens"].sum().reset_index()
    weeks = _largest_first(sums, "model_permaslug")
    slug = weeks["model_permaslug"]
    below = weeks.groupby("week_start").cumcount().ge(ranked) & slug.ne("other")
    summed = weeks.assign(model_permaslug=slug.mask(below, _author(slug, merges) + "/~below-top-30"))
    named = summed.assign(below=below).groupby(["week_start", "below", "model_permaslug"])["total_tokens"].sum()
    ordered = _largest_first(named.reset_index(), "model_permaslug", ["week_start", "below"])
    return ordered.drop(columns="below")


def missing_days(days: pd.Series, since: pd.Timestamp, holes: Iterable[str]) -> pd.DatetimeIndex:
    """Days from the first to the last one there is, without rows and not known to be missing at the source.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2026-03-23", "2026-03-26"]))
    >>> missing_days(days, pd.Timestamp("2026-03-23"), ["2026-03-24"]).strftime("%F").tolist()
    ['2026-03-25']
    """
    expected = pd.date_range(since, days.max())
    return expected.difference(pd.DatetimeIndex(days.unique())).difference(pd.DatetimeIndex(holes))


def next_intervals(
    book: pd.DataFrame, listed: pd.DataFrame, basis: str, day: pd.Timestamp, source: str, close: bool
) -> pd.DataFrame:
    """The table ``prices`` after the prices listed on a day; rows of another basis stay as they are.

    Parameters
    ----------
    book, listed : DataFrame
        The table ``prices``; model and the four price columns of what is listed on the day.
    basis : {"first_party", "openrouter"}
        Whose prices.
    day : Timestamp
        A price that differs ends on this day, and the new one starts; a row that started on it is replaced.
    source : str
        Where the new rows are from.
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
    is_open = book["price_basis"].eq(basis) & book["effective_to"].isna()
    now = listed.set_index("model")[PRICES].astype("float64")
    here = book["model"].isin(now.index)
    quoted = now.reindex(book["model"]).to_numpy()
    same = np.isclose(book[PRICES].to_numpy("float64"), quoted, rtol=1e-9, atol=0, equal_nan=True).all(axis=1)
    today = book["effective_from"].ge(day)
    ends = is_open & ~today & (here & ~same | ~here & close)
    begins = listed["model"][~listed["model"].isin(book["model"][is_open & (same | today)])]
    values = np.where((is_open & today & here).to_numpy()[:, None], quoted, book[PRICES].to_numpy("float64"))
    closed = book.assign(**dict(zip(PRICES, values.T, strict=True)))
    closed["effective_to"] = book["effective_to"].mask(ends, day)
    return pd.concat([closed, _new_prices(begins, now, book, basis, day, source)], ignore_index=True)


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


def compare(old: pd.DataFrame, new: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows added, values restated and rows gone between two states of a table.

    Parameters
    ----------
    old, new : DataFrame
        Cells as text.
    key : list of str
        Primary key.

    Returns
    -------
    added, restated, gone : DataFrame
        Rows of ``new``; columns key, column, old, new; rows of ``old``.

    Examples
    --------
    >>> old = pd.DataFrame({"day": ["1", "2"], "n": ["5", "6"]})
    >>> new = pd.DataFrame({"day": ["2", "3"], "n": ["7", "8"]})
    >>> [part.values.tolist() for part in compare(old, new, ["day"])]
    [[['3', '8']], [['2', 'n', '6', '7']], [['1', '5']]]
    """
    before, after = old.set_index(key), new.set_index(key)
    both = before.index.intersection(after.index, sort=False)
    was, now = (
        frame.loc[both].melt(var_name="column", value_name="old", ignore_index=False) for frame in (before, after)
    )
    restated = was.assign(new=now["old"])[was["old"].ne(now["old"])].reset_index()
    added, gone = after.loc[~after.index.isin(both)], before.loc[~before.index.isin(both)]
    return added.reset_index(), restated, gone.reset_index()


def write(files: Mapping[str, bytes], root: Path) -> None:
    """Replace files of the data package, all or none.

    Parameters
    ----------
    files : dict
        Name to content; the descriptor is among them.
    root : Path
        Folder of the data package.

    Raises
    ------
    OSError
        They cannot be written; nothing has changed.
    """
    staged = root / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    try:
        staged.mkdir()
        for name, content in files.items():
            with (staged / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _sync(staged)
        staged.rename(root / catalog.COMMITTED)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    finish(root)


def finish(root: Path) -> None:
    """Move what a complete refresh holds into place, and drop what an incomplete one left.

    Parameters
    ----------
    root : Path
        Folder of the data package.

    Raises
    ------
    SourceError
        A file cannot be moved. The refresh counts all the same.
    """
    shutil.rmtree(root / _STAGED, ignore_errors=True)
    committed = root / catalog.COMMITTED
    try:
        if committed.is_dir():
            _sync(root)
            for path in sorted(committed.iterdir()):
                path.replace(root / path.name)
            _sync(root)
            committed.rmdir()
    except OSError as error:
        raise SourceError(
            f"{root} is refreshed, but its files could not be moved into place ({error.strerror}): run refresh again."
        ) from None


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk before going on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the data package for one refresh; the lock ends with the process, however that ends."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(f"Another refresh is at work in {root}: wait until it has ended.") from None
        yield
    finally:
        os.close(handle)


def _check(request: Request) -> None:
    unknown = [name for name in request.names if name not in (*TABLES, "activity") and "/" not in name]
    if unknown:
        raise InputError(f"No source refreshes {unknown[0]!r}; there are sources of {', '.join(TABLES)} and activity.")
    if not sources.FIRST_DAY <= request.since < request.today:
        raise InputError(
            f"--since takes a day from {sources.FIRST_DAY:%Y-%m-%d}, the first of the source, to yesterday."
        )


def _updates(request: Request, tell: Callable[[str], None]) -> Iterator[Update]:
    """Fetch what is asked for, all of it, and then compare."""
    wanted = set(request.names or TABLES)
    made: dict[str, tuple[pd.DataFrame, list[Fetched], list[list[str]] | None]] = {}
    if wanted & set(TOKENS):
        made |= {name: found for name, found in _tokens(request, tell).items() if name in wanted}
    if "prices" in wanted:
        made["prices"] = (*_prices(request, tell), None)
    if "capability" in wanted:
        made["capability"] = (*_capability(request, tell), None)
    if "activity" in wanted:
        _activity(request, tell)
    for name in sorted(name for name in wanted if "/" in name):
        _configuration(name, request, tell)
    for name, (frame, fetched, spans) in made.items():
        update = _update(name, frame, fetched, spans, request)
        _describe(update, tell)
        yield update


def _tokens(request: Request, tell: Callable[[str], None]) -> dict[str, Any]:
    """The three tables of tokens, spliced from the daily rankings and what is there."""
    tell("Daily rankings of OpenRouter")
    with sources.connect("openrouter", request.environ, request.limits) as client:
        fetched = sources.rankings_daily(client, request.since, request.today - pd.Timedelta(days=1), tell)
    tell(f"  {fetched.citation}")
    days = fetched.frame.astype({"model_permaslug": "str"})
    entry = catalog.resource("model_day", request.root)
    missing = missing_days(days["date"], request.since, entry["live"]["holes"])
    if len(missing) and not request.allow_loss:
        raise SourceError(
            f"{fetched.url} has no rows for {_spans(missing, 1)}: run refresh again later, or accept the gap with "
            "--allow-loss."
        )
    merges = _merges(catalog.resource("author_week", request.root))
    new = {"model_day": days, "author_week": author_weeks(days, merges), "model_week": model_weeks(days, merges)}
    _report_unknown(_author(days["model_permaslug"], merges), request.root, tell)
    spliced = {name: _splice(name, frame, request) for name, frame in new.items()}
    return {name: (frame, [fetched], spans) for name, (frame, spans) in spliced.items()}


def _splice(name: str, new: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, list[list[str]]]:
    """A table of tokens with the fetched periods in it, and the spans of all that were ever fetched.

    What was fetched before and is not given any more goes; what was transcribed stays where the source does not reach.
    """
    column, step = TOKENS[name]
    old = catalog.load(name, root=request.root)
    before = _periods(catalog.resource(name, request.root).get("fetched", []), step)
    again = old[column].ge(request.since) & old[column].isin(before)
    kept = old[~again & ~old[column].isin(new[column])]
    table = pd.concat([kept.astype(new.dtypes.to_dict()), new], ignore_index=True)
    now = before[before < request.since].union(pd.DatetimeIndex(new[column].unique()))
    return _in_order(table, old, [column, str(new.columns[1])]), _runs(now, step)


def _in_order(table: pd.DataFrame, old: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows by period; within one, those that were there before keep their order."""
    place = pd.Series(range(len(old)), index=pd.MultiIndex.from_frame(old[key].astype({key[1]: "str"})))
    at = place.reindex(pd.MultiIndex.from_frame(table[key])).to_numpy()
    ordered = table.assign(at=at).sort_values([key[0], "at"], kind="stable", na_position="last")
    return ordered.drop(columns="at").reset_index(drop=True)


def _prices(request: Request, tell: Callable[[str], None]) -> tuple[pd.DataFrame, list[Fetched]]:
    """Price intervals after what OpenRouter and the vendors list today."""
    tell("Prices listed by OpenRouter, and list prices from models.dev")
    with sources.connect("openrouter", request.environ, request.limits) as client:
        listed = sources.listings(client)
    with sources.connect("models_dev", request.environ, request.limits) as client:
        offers = sources.vendor_prices(client)
    book, day = catalog.load("prices", root=request.root), request.today
    is_open = book["price_basis"].eq("openrouter") & book["effective_to"].isna()
    there = book["model"][is_open].isin(listed.frame["model"])
    if there.mean() < 0.5 and not request.allow_loss:
        raise SourceError(
            f"{listed.url} lists {there.sum():,} of the {len(there):,} models that had a price: run refresh again "
            "later, or accept that with --allow-loss."
        )
    book = next_intervals(book, listed.frame.dropna(subset=PRICES[:2]), "openrouter", day, listed.url, close=True)
    own = vendor_slugs(offers.frame, book)
    tell(f"  {offers.citation}")
    tell(f"  {len(listed.frame):,} models listed; {len(own):,} models with a vendor's own price that has a slug here")
    book = next_intervals(book, own, "first_party", day, offers.url, close=False)
    try:
        prices.check_intervals(book)
    except InputError as error:
        raise SourceError(f"The prices fetched do not fit those of data/: {error}") from None
    return book, [listed, offers]


def _capability(request: Request, tell: Callable[[str], None]) -> tuple[pd.DataFrame, list[Fetched]]:
    """Capability with the fit of today."""
    tell("Epoch Capabilities Index")
    with sources.connect("epoch", request.environ, request.limits) as client:
        fetched = sources.capability(client)
    table = next_fit(catalog.load("capability", root=request.root), fetched.frame, request.today)
    tell(f"  {len(fetched.frame):,} models scored. {fetched.citation}")
    return table, [fetched]


def _activity(request: Request, tell: Callable[[str], None]) -> None:
    """Write a person's own usage where the price notebook can be pointed at it."""
    with sources.connect("openrouter", request.environ, request.limits) as client:
        fetched = sources.activity(client)
    content, path = catalog.to_csv(fetched.frame, catalog.activity_schema()), request.root.parent / ACTIVITY
    tell(f"Own usage: {len(fetched.frame):,} rows, for -p usage={ACTIVITY.as_posix()}")
    if not request.dry_run:
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_name(f".{path.name}")
        temporary.write_bytes(content)
        temporary.replace(path)


def _configuration(name: str, request: Request, tell: Callable[[str], None]) -> None:
    """Say how a model's architecture is written in the project's form, for a person to look at and to add."""
    with sources.connect("hugging_face", request.environ, request.limits) as client:
        config, url = sources.configuration(client, name)
    entry = huggingface.to_toml(name.split("/")[1], huggingface.architecture(config))
    tell(f"# From {url}\n{entry}")


def _update(
    name: str, frame: pd.DataFrame, fetched: list[Fetched], spans: list[list[str]] | None, request: Request
) -> Update:
    """Compare a table with what is there, and describe it anew where it differs."""
    entry = catalog.resource(name, request.root)
    content, old = catalog.to_csv(frame, entry["schema"]), catalog.read_bytes(name, request.root)
    try:
        after = catalog.texts(content, entry)
    except InputError as error:
        raise SourceError(f"What was fetched does not fit the table {name}: {error}") from None
    parts = compare(catalog.texts(old, entry), after, entry["schema"]["primaryKey"])
    changed = content != old or spans != entry.get("fetched")
    if changed:
        described = _described(entry, frame, fetched, spans, request)
        entry = described | {"bytes": len(content), "hash": catalog.digest(content)}
    return Update(entry, content, *parts, changed=changed)


def _described(
    entry: dict[str, Any], frame: pd.DataFrame, fetched: list[Fetched], spans: list[list[str]] | None, request: Request
) -> dict[str, Any]:
    """Descriptor of a table that was refreshed: title, description, sources and vintage say what was fetched."""
    live, marks, held = entry["live"], {}, entry["sources"]
    if spans is not None:
        column, step = TOKENS[entry["name"]]
        there = _periods(spans, step)
        kept = pd.DatetimeIndex(frame[column].unique()).difference(there)
        marks = {"fetched": _spans(there, step), "transcribed": _spans(kept, step)}
        held = [source for source in held if len(kept) or "commit" not in source]
    asked = [found.url for found in fetched]
    held = [source for source in held if source.get("path") not in asked]
    new = [{"title": f"{live['source']}, fetched", "path": f.url, "date": _day(f, request)} for f in fetched]
    texts = {"title": live["title"], "description": live["description"].format(**marks)}
    described = entry | texts | {"sources": held + new, "vintage": _day(fetched[0], request)}
    return described | ({"fetched": spans} if spans is not None else {})


def _day(fetched: Fetched, request: Request) -> str:
    return fetched.as_of[:10] or f"{request.today:%Y-%m-%d}"


def _files(updates: list[Update], root: Path) -> dict[str, bytes]:
    """New files by name, the descriptor among them."""
    package = json.loads(catalog.read_descriptor(root))
    entries = {update.entry["name"]: update.entry for update in updates}
    package["resources"] = [entries.get(entry["name"], entry) for entry in package["resources"]]
    descriptor = json.dumps(package, indent=1, ensure_ascii=False) + "\n"
    return {u.entry["path"]: u.content for u in updates} | {"datapackage.json": descriptor.encode()}


def _describe(update: Update, tell: Callable[[str], None]) -> None:
    """Say what would change in a table; of long lists, the first lines."""
    counts = (
        f"{len(update.added):,} rows added, {len(update.restated):,} values restated, {len(update.gone):,} rows gone"
    )
    tell(f"{update.entry['name']}: {counts}")
    key = update.entry["schema"]["primaryKey"]
    for row in update.restated.head(_SHOWN).itertuples(index=False):
        tell(f"  restated {' '.join(row[: len(key)])} {row.column}: {row.old or 'empty'} -> {row.new or 'empty'}")
    for row in update.gone[key].head(_SHOWN).itertuples(index=False):
        tell(f"  gone {' '.join(row)}")
    for what, rows in (("restated", update.restated), ("gone", update.gone)):
        if len(rows) > _SHOWN:
            tell(f"  and {len(rows) - _SHOWN:,} more {what}")


def _report_unknown(authors: pd.Series, root: Path, tell: Callable[[str], None]) -> None:
    known = {*catalog.load("authors", root=root)["author"]}
    new = sorted(set(authors) - known)
    if new:
        tell(f"  not in authors.csv, kept with the origin unknown: {', '.join(new)}")


def _merges(entry: dict[str, Any]) -> dict[str, str]:
    """Older author slugs and what the table merges them into."""
    return next(field["merges"] for field in entry["schema"]["fields"] if field["name"] == "author")


def _author(slugs: pd.Series, merges: Mapping[str, str]) -> pd.Series:
    return slugs.str.split("/").str[0].replace(dict(merges))


def _largest_first(frame: pd.DataFrame, name: str, by: list[str] | None = None) -> pd.DataFrame:
    """Rows by week, and in a week by tokens; ``other`` is the last."""
    by = by or ["week_start"]
    keyed = frame.assign(last=frame[name].eq("other"), most=-frame["total_tokens"])
    ordered = keyed.sort_values([by[0], "last", *by[1:], "most", name])
    return ordered.drop(columns=["last", "most"]).reset_index(drop=True)


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


def _periods(spans: list[list[str]], step: int) -> pd.DatetimeIndex:
    """Days or weeks of spans that are given by their first and last one."""
    days = [day for first, last in spans for day in pd.date_range(first, last, freq=f"{step}D")]
    return pd.DatetimeIndex(days)


def _runs(periods: pd.DatetimeIndex, step: int) -> list[list[str]]:
    """Spans of days or weeks that follow each other, by their first and last one."""
    ordered = periods.sort_values().to_series()
    run = ordered.diff().ne(pd.Timedelta(days=step)).cumsum()
    return [[f"{days.iloc[0]:%Y-%m-%d}", f"{days.iloc[-1]:%Y-%m-%d}"] for _, days in ordered.groupby(run)]


def _spans(periods: pd.DatetimeIndex, step: int) -> str:
    """Days or weeks in words."""
    words = [first if first == last else f"{first} to {last}" for first, last in _runs(periods, step)]
    return ", ".join(words) or "none"
