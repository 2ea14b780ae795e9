"""Bring tables to today: fetch, see whether it is plausible, compare with what is there, replace in one step."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from analysis import DATA, InputError, SourceError, catalog
from analysis.measures import prices
from analysis.refresh import gateway, huggingface, intervals, plausible, sources, store, text, transport, weeks
from analysis.refresh.compare import Made, Update, describe, new_files, update
from analysis.refresh.transport import Fetched, Limits
from analysis.refresh.weeks import TOKENS

TABLES = [*TOKENS, "prices", "capability", "gateway_share"]
"""Tables that have a live source."""

ACTIVITY = Path("reports", "activity.csv")
"""Where a person's own usage goes: beside data/ and not in it, since it is private."""

_NAMED = 10

Tell = Callable[[str], None]
"""Gets each line of progress and of the comparison."""


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
        First day of tokens and of shares to ask for.
    dry_run : bool
        Write nothing.
    allow_loss : bool
        Go on where days are missing or rows would be gone.
    allow_odd : bool
        Go on where what a source gives is not plausible beside its own past.
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
    allow_odd: bool = False
    root: Path = DATA
    limits: Limits = transport.LIMITS


def run(request: Request, tell: Tell) -> None:
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
    key = transport.read_key(request.environ)

    def say(line: str) -> None:
        tell(text.clean(line, key))

    def told(message: str) -> str:
        return text.cut(text.clean(message, key))

    try:
        _check(request)
        with store.locked(request.root):
            _refresh(replace(request, limits=request.limits.started()), say)
    except OSError as error:
        reason, place = error.strerror or type(error).__name__, error.filename or request.root
        message = f"{place} cannot be read or written ({reason}): make room there, or see to its rights."
        raise SourceError(told(message)) from None
    except InputError as error:
        raise InputError(told(str(error))) from None
    except SourceError as error:
        raise SourceError(told(str(error))) from None


def _refresh(request: Request, tell: Tell) -> None:
    """Refresh tables of a data package that is held for it; what is fetched is complete before anything is written."""
    if not request.dry_run:
        store.finish(request.root)
    catalog.check(request.root)
    usage = _activity(request, tell) if "activity" in request.names else None
    for name in sorted(name for name in request.names if "/" in name):
        _configuration(name, request, tell)
    updates = [update for update in _updates(request, tell) if update.changed]
    gone = sum(len(update.gone) for update in updates)
    if gone and not request.allow_loss:
        raise SourceError(
            f"The sources lack {gone:,} rows that are there (see above): accept the loss with --allow-loss."
        )
    if request.dry_run:
        tell("Nothing is written: --dry-run." if updates else "No table has changed; none is written.")
        return
    if usage is not None:
        _write_activity(usage, request.root.parent / ACTIVITY)
    if not updates:
        tell("No table has changed; none is written.")
        return
    store.write(new_files(updates, request.root, request.today), request.root)
    tell(f"Written: {', '.join(update.entry['path'] for update in updates)}, datapackage.json")


def _check(request: Request) -> None:
    unknown = [name for name in request.names if name not in (*TABLES, "activity") and "/" not in name]
    if unknown:
        raise InputError(f"No source refreshes {unknown[0]!r}; there are sources of {', '.join(TABLES)} and activity.")
    if not sources.FIRST_DAY <= request.since < request.today:
        raise InputError(
            f"--since takes a day from {sources.FIRST_DAY:%Y-%m-%d}, the first of the source, to yesterday."
        )


def _updates(request: Request, tell: Tell) -> Iterator[Update]:
    """Fetch what is asked for, all of it, and then compare."""
    wanted = set(request.names or TABLES)
    made: dict[str, Made] = {}
    if wanted & set(TOKENS):
        made |= {name: table for name, table in _tokens(request, tell).items() if name in wanted}
    if "prices" in wanted:
        made["prices"] = _prices(request, tell)
    if "capability" in wanted:
        made["capability"] = _capability(request, tell)
    if "gateway_share" in wanted:
        made["gateway_share"] = _gateway(request, tell)
    for name, table in made.items():
        changes = update(name, table, request.root, request.today)
        describe(changes, tell)
        yield changes


def _tokens(request: Request, tell: Tell) -> dict[str, Made]:
    """The three tables of tokens, spliced from the daily rankings and what is there."""
    tell("Daily rankings of OpenRouter")
    with transport.connect("openrouter", request.environ, request.limits) as client:
        fetched = sources.rankings_daily(client, request.since, request.today - pd.Timedelta(days=1), tell)
    tell(f"  {fetched.citation}")
    days = fetched.frame.astype({"model_permaslug": "str"})
    entry = catalog.resource("model_day", request.root)
    _refuse_gaps(weeks.missing_days(days["date"], request.since, entry["live"]["holes"]), fetched.url, request)
    _judge(plausible.odd_time(fetched.as_of, days["date"].max(), request.today, fetched.url), request, tell)
    held = catalog.load("model_day", root=request.root)
    _judge(plausible.odd_days(days, held, fetched.url), request, tell)
    merges = weeks.read_merges(catalog.resource("author_week", request.root))
    new = {
        "model_day": days,
        "author_week": weeks.author_weeks(days, merges),
        "model_week": weeks.model_weeks(days, merges),
    }
    _report_unknown(weeks.author_of(days["model_permaslug"], merges), request.root, tell)
    return {name: _splice(name, frame, fetched, request) for name, frame in new.items()}


def _refuse_gaps(missing: pd.DatetimeIndex, url: str, request: Request) -> None:
    """Refuse days without rows, unless that is accepted."""
    if len(missing) and not request.allow_loss:
        raise SourceError(
            f"{url} has no rows for {weeks.spans_in_words(missing, 1)}: run refresh again later, or accept the "
            "gap with --allow-loss."
        )


def _judge(odd: str, request: Request, tell: Tell) -> None:
    """Refuse what is odd, or where that is accepted say it."""
    if not request.allow_odd:
        plausible.refuse(odd)
    if odd:
        tell(f"  accepted: {odd}")


def _splice(name: str, new: pd.DataFrame, fetched: Fetched, request: Request) -> Made:
    """A table of tokens with the fetched periods in it, and the spans of all that were ever fetched.

    What was fetched before and is not given any more goes; what was transcribed stays where the source does not reach.
    """
    column, step = TOKENS[name]
    old = catalog.load(name, root=request.root)
    before = weeks.periods(catalog.resource(name, request.root).get("fetched", []), step)
    again = old[column].ge(request.since) & old[column].isin(before)
    kept = old[~again & ~old[column].isin(new[column])]
    table = pd.concat([kept.astype(new.dtypes.to_dict()), new], ignore_index=True)
    now = before[before < request.since].union(pd.DatetimeIndex(new[column].unique()))
    return Made(weeks.in_order(table, old, [column, str(new.columns[1])]), [fetched], weeks.runs(now, step))


def _prices(request: Request, tell: Tell) -> Made:
    """Price intervals after what OpenRouter and the vendors list today."""
    tell("Prices listed by OpenRouter, and list prices from models.dev")
    with transport.connect("openrouter", request.environ, request.limits) as client:
        listed = sources.listings(client)
    with transport.connect("models_dev", request.environ, request.limits) as client:
        offers = sources.vendor_prices(client)
    book, day = catalog.load("prices", root=request.root), request.today
    last = _last_prices(book, "openrouter")
    there = last["model"].isin(listed.frame["model"])
    if plausible.many_gone((~there).sum(), len(there)) and not request.allow_loss:
        raise SourceError(
            f"{listed.url} lists {there.sum():,} of the {len(there):,} models that had a price: run refresh again "
            "later, or accept that with --allow-loss."
        )
    priced = listed.frame.dropna(subset=sources.PRICES[:2])
    own = intervals.vendor_slugs(offers.frame, book)
    _judge(plausible.odd_time(listed.as_of, pd.Timestamp.min, day, listed.url), request, tell)
    _judge(plausible.odd_prices(priced, last, listed.url), request, tell)
    _judge(plausible.odd_prices(own, _last_prices(book, "first_party"), offers.url), request, tell)
    tell(f"  {offers.citation}")
    tell(f"  {len(listed.frame):,} models listed; {len(own):,} models with a vendor's own price that has a slug here")
    book = intervals.next_intervals(book, priced, "openrouter", day, listed.url, close=True)
    book = intervals.next_intervals(book, own, "first_party", day, offers.url, close=False)
    try:
        prices.check_intervals(book)
    except InputError as error:
        raise SourceError(f"The prices fetched do not fit those of data/: {error}") from None
    return Made(book, [listed, offers])


def _last_prices(book: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Model and prices of the intervals of a basis that have no end."""
    is_open = book["price_basis"].eq(basis) & book["effective_to"].isna()
    return book.loc[is_open, ["model", *sources.PRICES]]


def _capability(request: Request, tell: Tell) -> Made:
    """Capability with the fit of today."""
    tell("Epoch Capabilities Index")
    with transport.connect("epoch", request.environ, request.limits) as client:
        fetched = sources.capability(client)
    table = catalog.load("capability", root=request.root)
    newest = table[table["fit"].eq(table["fit"].max())]
    _judge(plausible.odd_fit(fetched.frame, newest, request.today, fetched.url), request, tell)
    tell(f"  {len(fetched.frame):,} models scored. {fetched.citation}")
    return Made(intervals.next_fit(table, fetched.frame, request.today), [fetched])


def _gateway(request: Request, tell: Tell) -> Made:
    """Shares on Vercel's AI Gateway, its complete days by lab in place of those that a copy kept in part."""
    tell("Shares of labs on Vercel's AI Gateway")
    since, until = max(request.since, gateway.FIRST_DAY), request.today - pd.Timedelta(days=1)
    held = catalog.load("gateway_share", root=request.root)
    merges = weeks.read_merges(catalog.resource("gateway_share", request.root))
    with transport.connect("vercel", request.environ, request.limits) as client:
        fetched = gateway.lab_shares(client, since, until, merges)
    new, url = fetched.frame, fetched.url
    _refuse_gaps(weeks.missing_days(new["date"], since, ()), url, request)
    _judge(plausible.odd_time(fetched.as_of, new["date"].max(), request.today, url), request, tell)
    _judge(plausible.odd_shares(new, held, gateway.METRICS, url), request, tell)
    tell(f"  {fetched.citation}")
    _report_unknown(new["author"], request.root, tell)
    table, partial = gateway.spliced(held, new)
    if len(partial):
        lists = ", ".join(sorted(partial["listed"].unique()))
        tell(f"  {partial['date'].nunique():,} days that listed {lists} are replaced by complete ones")
    return Made(table, [fetched])


def _activity(request: Request, tell: Tell) -> bytes:
    """A person's own usage, as the price notebook can be pointed at it."""
    with transport.connect("openrouter", request.environ, request.limits) as client:
        fetched = sources.activity(client)
    tell(f"Own usage: {len(fetched.frame):,} rows, for -p usage={ACTIVITY.as_posix()}")
    return catalog.to_csv(fetched.frame, catalog.activity_schema())


def _write_activity(content: bytes, path: Path) -> None:
    temporary = path.with_name(f".{path.name}")
    store.write_file(temporary, content, path)
    temporary.replace(path)


def _configuration(name: str, request: Request, tell: Tell) -> None:
    """Say how a model's architecture is written in the project's form, for a person to look at and to add."""
    with transport.connect("hugging_face", request.environ, request.limits) as client:
        config, url = sources.configuration(client, name)
    entry = huggingface.to_toml(name.split("/")[1], huggingface.architecture(config))
    tell(f"# From {url}\n{entry}")


def _report_unknown(authors: pd.Series, root: Path, tell: Tell) -> None:
    known = {*catalog.load("authors", root=root)["author"]}
    new = sorted(set(authors) - known)
    if new:
        more = f" and {len(new) - _NAMED:,} more" if len(new) > _NAMED else ""
        tell(f"  not in authors.csv, kept with the origin unknown: {', '.join(new[:_NAMED])}" + more)
