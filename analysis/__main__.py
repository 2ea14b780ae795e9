"""The command line: ``python -m analysis``.

What takes long to import is imported by the command that needs it: ``--help`` then comes at once.
"""

from analysis.system import process

if __name__ == "__main__":
    process.stop_at_once()  # before the imports: a signal meanwhile gets its status, too

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from analysis import DATA, ROOT, InputError, SourceError
from analysis.system.messages import message, printable

if TYPE_CHECKING:
    from analysis.report.articles import Article
    from analysis.run.execute import Run
    from analysis.run.records import Record


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turn what went wrong into one sentence and its exit status; the help text says which."""
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        interrupted = 130 if isinstance(error, KeyboardInterrupt) else None
        if stopped := process.stopped_by() or interrupted:  # a library may have made another exception of it
            click.echo("Stopped.", err=True)
            sys.exit(stopped)
        if isinstance(error, (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError, SystemExit)):
            raise  # click knows what to do
        raise _told(error) from None


def _told(error: BaseException) -> BaseException:
    """What to raise so that the command ends with one sentence; the unforeseen is kept for a report."""
    if isinstance(error, InputError):
        return click.UsageError(message(str(error)))
    if isinstance(error, SourceError):
        return click.ClickException(message(str(error)))
    if isinstance(error, OSError):
        return click.ClickException(_of_the_disk(error))
    what, kept = message(process.without_key(f"{type(error).__name__}: {error}")), process.keep_traceback(error)
    click.echo(f"Error: this was not foreseen ({what}): report it with its traceback, {kept}.", err=True)
    return SystemExit(process.UNFORESEEN)


class _Commands(click.Group):
    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the command line; to print the help may fail."""
        with _one_sentence():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        with _one_sentence():
            return super().invoke(ctx)


def _of_the_disk(error: OSError) -> str:
    """What the system refused, and of which file; what is printed has none."""
    place = error.filename if error.filename2 is None else error.filename2
    where = "The output cannot be written" if place is None else f"{place} cannot be read or written"
    return message(f"{where} ({error.strerror or error}): mend that, and repeat the command.")


def _tell(text: str) -> None:
    """Print what a terminal can show; a reader that has gone (``| head -1``) does not stop the command."""
    try:
        click.echo(printable(text))
    except BrokenPipeError:
        process.drop_output()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Check an article's claims about models on OpenRouter.

    Exit status: 0 if all went well; 1 if a notebook failed, or a refresh could not be done (no table has changed then);
    2 for bad input (nothing is executed or written then); 70 for what nobody foresaw (the traceback is kept in a file);
    130 after Ctrl-C and 143 after SIGTERM (what was finished is kept, and the same command goes on from there).

    Example: python -m analysis explain S1
    """


_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Folder of what is executed.",
)


_CLAIMS = click.option(
    "--claims", "other", type=click.Path(path_type=Path), help="TOML file of claims on another article."
)


class _Run(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add every notebook's parameters to the help; of one that cannot be read, why."""
        from analysis import parameters

        for name in parameters.names():
            with formatter.section(f"Parameters of {printable(name)}"):
                try:
                    known = parameters.read(name).values()
                except InputError as error:
                    formatter.write_text(printable(str(error)))
                    continue
                formatter.write_dl(
                    [(f"{p.name}={parameters.written(p.default)}", f"{p.allowed}: {p.help}") for p in known]
                )


@main.command(cls=_Run)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-p", "settings", multiple=True, metavar="KEY=VALUE", help="Set a parameter of every named notebook; repeatable."
)
@click.option("--sweep", type=click.Path(path_type=Path), help="TOML file of grids over parameters, instead of NAME.")
@_CLAIMS
@_OUT
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=cpu_count() or 1,
    help="Runs, and drawings of a sweep, at once.  [default: cores]",
)
@click.option("--dask", metavar="ADDRESS", help="Execute on the Dask cluster there; it needs to see the same folders.")
@click.option("--force", is_flag=True, help="Execute finished runs again.")
@click.option(
    "--address", default="", metavar="URL", help="Where the report will be published: link previews and quotes name it."
)
def run(
    names: tuple[str, ...],
    settings: tuple[str, ...],
    sweep: Path | None,
    other: Path | None,
    out: Path,
    workers: int,
    **how: Any,
) -> None:
    """Execute notebooks and report on them.

    If none is named, all are, at the article's date and at the newest day of the data.

    The folder that --out names gets index.html, results.json and results.csv, in the place of those of an earlier
    command, and a folder a run with the executed notebook. A run whose notebook, parameters, data and code are
    those of a finished one is not executed again, and so an interrupted command goes on where it stopped.

    With --claims, the notebooks that the claims in that file rest on are executed, and these claims are judged in the
    place of the project's own; data/README.md shows how to write such a file.

    Example: python -m analysis run 01_share_shift -p as_of=2026-09-28 --out reports/september
    """
    from analysis.run import kernel_pool

    with process.stopping_in_order():
        if not os.path.exists(out) and not how["dask"]:  # noqa: PTH110  Path.exists fails on a name that is too long
            kernel_pool.warm_up()  # nothing is finished there: it will be needed, and takes longest to start
        from analysis import package
        from analysis.report import articles
        from analysis.run import history

        package.hold()
        article = articles.read(other) if other else None
        named = names or (article.notebooks if article and not sweep else ())
        runs = _plan(named, settings, sweep, out)
        now = [] if article or named or settings or sweep else history.newest_runs(out)
        if article:
            articles.check_notebooks(article, [run.notebook.stem for run in runs])
        planned, dask = [*runs, *now], how["dask"]
        records = _carry_out(planned, out, dask, workers, how["force"])
        drawing = 1 if dask else workers  # a fork beside threads could lock up, and a client of Dask may leave some
        _write(article, records, planned, out, newest=len(now), address=how["address"], workers=drawing)
    sys.exit(not all(record.is_ok for record in records))


@main.command()
@click.option("--as-of", metavar="DATE", help="Judge by this day, YYYY-MM-DD.  [default: print what is stored]")
@_CLAIMS
@_OUT
def verdicts(as_of: str | None, other: Path | None, out: Path) -> None:
    """Print a table of all verdicts.

    Without a date they are those in the committed notebooks. With one, the notebooks are executed at that date, into
    the folder that --out names; one that is finished there is not executed again.

    Example: python -m analysis verdicts --as-of 2026-09-28
    """
    from analysis import catalog, package, parameters, prose
    from analysis.report import articles, terminal
    from analysis.run import execute, folder
    from analysis.run.records import committed

    package.hold()
    catalog.check()
    if as_of is None and click.get_current_context().get_parameter_source("out") is ParameterSource.COMMANDLINE:
        raise InputError("--out says where notebooks are executed: give it with --as-of, or leave it away.")
    article = articles.read(other) if other else None
    named = article.notebooks if article else parameters.names()
    if as_of is None:
        records = [committed(name) for name in named]
    else:
        runs = execute.plan(named, {"as_of": as_of}, out)
        with process.stopping_in_order(), ThreadPoolExecutor(cpu_count()) as executor:
            folder.mark(out)
            records = _execute(runs, executor)
    records = articles.judge(article, records) if article else records
    done = [record for record in records if record.is_ok]
    for record in records if as_of is None else []:
        if not record.is_ok:
            click.echo(printable(f"{record.notebook}: {record.error}"), err=True)
    place = "As stored in the committed notebooks" if as_of is None else f"From the executed notebooks in {out}"
    _tell(f"{place}, as of {prose.names(dict.fromkeys(record.as_of or '' for record in done))}")
    _tell(terminal.verdict_table(done, _width()))
    sys.exit(len(done) < len(records))


@main.command()
@click.argument("claim")
@_CLAIMS
@_OUT
def explain(claim: str, other: Path | None, out: Path) -> None:
    """Print a claim, its rule, its findings, and where they come from.

    CLAIM is its id, as the command verdicts prints it. It is taken from results.json in the folder that --out
    names, where there is one with this claim; else from the committed notebook. Of several runs that judge it,
    the one with the notebook's own parameters is taken, else the last. The last lines say which.

    Example: python -m analysis explain S1
    """
    from analysis import package
    from analysis.report import articles, terminal

    package.hold()
    is_given = click.get_current_context().get_parameter_source("out") is ParameterSource.COMMANDLINE
    if is_given and not (out / "results.json").is_file():
        raise InputError(f"{out} holds no results.json: name the folder of a report, or leave --out away.")
    _tell(terminal.explain(claim, out, _width(), articles.read(other) if other else None))


@main.command()
def publish() -> None:
    """Execute the committed notebooks in place.

    The README's table and picture are brought up to date, and so are the tables of data/ that are made of runs: the
    verdicts over time, and the claims under other settings. Of these, what rests on the same data, package and
    notebook as before is not executed again. The report is left alone.

    A verdict that changes needs an entry in data/CHANGELOG.md first; without one, nothing is changed.

    Example: python -m analysis publish
    """
    from analysis import package
    from analysis.refresh import store
    from analysis.report import site
    from analysis.run import changelog, execute, history, made_tables, specifications

    package.hold()
    with process.stopping_in_order(), tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(cpu_count()) as pool:
        runs = execute.plan((), {}, Path(place))
        records = _execute(runs, pool)
        if not all(record.is_ok for record in records):
            sys.exit(1)
        changelog.check(history.published(records), history.verdicts(records), changelog.read())
        apart = Path(place, "made")  # its notebooks draw no pictures, and must not take the place of those published
        apart.mkdir()
        tables = [table.extend(lambda plan: _execute(plan, pool), apart) for table in (history, specifications)]
        with store.locked(DATA):
            if files := made_tables.new_files(tables):
                store.write(files, DATA)
                package.hold()
        for done in runs:
            execute.publish(done)
    site.update_readme(ROOT / "README.md", [done.notebook for done in runs])
    sys.exit(any(table.failed for table in tables))


class _Refresh(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add the environment variables to the help."""
        from analysis.refresh.transport import KEY, SOURCES

        with formatter.section("Environment"):
            key = (KEY, "An OpenRouter key, for the tables of tokens (any key) and for activity (a management key).")
            formatter.write_dl(
                [key, *((s.variable, f"Address of a source.  [default: {s.address}]") for s in SOURCES.values())]
            )


@main.command(cls=_Refresh)
@click.argument("names", nargs=-1, metavar="[TABLE]...")
@click.option("--since", metavar="DATE", help="First day of tokens and shares to fetch.  [default: the first there is]")
@click.option("--dry-run", is_flag=True, help="Fetch and compare, and write nothing.")
@click.option("--allow-loss", is_flag=True, help="Go on where days are missing, or rows would be gone.")
@click.option(
    "--allow-odd", is_flag=True, help="Go on where a source differs more from its own past than is plausible."
)
def refresh(names: tuple[str, ...], since: str | None, dry_run: bool, allow_loss: bool, allow_odd: bool) -> None:
    """Bring tables of data/ to today, and say what changed.

    If none is named, all that have a live source are. Tables are model_day, author_week, model_week, prices,
    capability and gateway_share. The name activity fetches your own usage into reports/activity.csv, for -p usage= of
    02_price_gap. The id of a model on Hugging Face, OWNER/NAME, shows its configuration in the project's form of
    architectures.

    It ends in any case: a request may take 120 seconds, and all of them, pauses included, 900 seconds.

    Example: python -m analysis refresh author_week model_week model_day --since 2026-09-28 --dry-run
    """
    import pandas as pd

    from analysis import catalog
    from analysis.refresh import sources, transport
    from analysis.refresh.tables import Request, run

    today = pd.Timestamp(datetime.now(UTC).date())
    first = catalog.parse_day(since, "--since") if since else sources.FIRST_DAY
    request = Request(names, os.environ, today, first, dry_run, allow_loss, allow_odd, DATA, transport.LIMITS)
    with process.stopping_in_order():
        run(request, _tell)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def describe(file: Path) -> None:
    """Write what datapackage.json says of FILE.

    Of a table that it knows, hash, bytes and new columns are brought up to date, and the rest stays. For a new table in
    data/ an entry is written; what the file does not say of itself is marked there, for you to fill in.

    Example: python -m analysis describe data/author_week.csv
    """
    from analysis.extend.describe import describe as describe_file

    click.echo(describe_file(file))


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Make the notebook NAME, with all parts in place.

    It has a section for each claim in data/claims.toml that names it, with the findings that the claim waits for.

    Example: python -m analysis new 05_context_windows
    """
    from analysis.extend import anatomy

    click.echo(f"Notebook: {anatomy.new(name)}")


@main.command()
@click.option("--runs", multiple=True, default=("4x5", "40x3", "200x1"), show_default=True, metavar="RUNSxROUNDS")
@click.option("--workers", type=click.IntRange(min=1), default=cpu_count() or 1, help="Runs at once.  [default: cores]")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("reports/bench.md"), show_default=True
)
def bench(runs: tuple[str, ...], workers: int, out: Path) -> None:
    """Measure `run` against papermill's own ways.

    These are a loop of papermill commands and a pool of its API. The table goes into the file that --out names.
    With the sizes that are preset it takes more than an hour.

    Example: python -m analysis bench --runs 4x1
    """
    from analysis.run import bench as ways
    from analysis.run import execute

    with process.stopping_in_order():
        found = ways.measure(ways.sizes(runs), workers, _tell)
        execute.write_text(out, ways.page(found, workers))
    _tell(f"Table: {out}")


def _plan(names: Iterable[str], settings: tuple[str, ...], sweep: Path | None, out: Path) -> "list[Run]":
    from analysis.run import execute
    from analysis.run import sweep as sweeps

    if sweep and (names or settings):
        raise InputError("--sweep names the notebooks and their parameters: leave out NAME and -p.")
    return sweeps.plan(sweep, out) if sweep else execute.plan(names, _split(settings), out)


def _write(
    article: "Article | None",
    records: "list[Record]",
    runs: "list[Run]",
    out: Path,
    *,
    newest: int,
    address: str,
    workers: int,
) -> None:
    """Write the site, on another article where one is given. The last runs may be those at the newest day."""
    from analysis.report import unchanged

    texts = (article.name, article.rules, article.text) if article else ()
    made_of = unchanged.key(records, newest, address, texts)
    if unchanged.is_written(out, made_of):
        _tell("Nothing has changed since the report was written")
    else:
        from analysis.report import articles, site  # takes a second

        judged = articles.judge(article, records) if article else records
        about: dict[str, Any] = {}
        if article:
            about = {"register": article.register, "article": article.text, "rules": article.rules}
        site.write_site(judged, runs, out, **about, address=address, newest=newest, workers=workers)
        if article:
            articles.copy_files(article, out / "data")
        unchanged.note(out, made_of)
    _tell(f"Verdicts: {out / 'index.html'}")


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _carry_out(runs: "list[Run]", out: Path, dask: str | None, workers: int, force: bool) -> "list[Record]":
    """Execute a plan into a folder; the threads that wait for it have ended then."""
    from analysis.run import executors, folder

    with executors.executor(dask, workers) as executor:
        folder.mark(out)
        many = "s" if len(runs) > 1 else ""
        _tell(f"Executing {len(runs)} notebook{many} into {out}, on {executors.described(dask, workers)}")
        return _execute(runs, executor, force, None if dask else _get_ready)


def _get_ready() -> None:
    """Import what executes and what reports, while the warm process imports what the notebooks do."""
    from analysis.run import kernel_pool

    kernel_pool.warm_up()
    import analysis.report.site
    import analysis.run.engine  # noqa: F401


def _execute(
    runs: "list[Run]", executor: Executor, force: bool = False, prepare: Callable[[], object] | None = None
) -> "list[Record]":
    """Execute a plan; on Ctrl-C or SIGTERM kill every kernel and leave at once, with status 130 or 143."""
    from analysis.run import execute, kernel_pool

    try:
        return execute.execute_all(runs, executor, _tell, force, prepare)
    except (KeyboardInterrupt, SystemExit) as stopped:
        try:
            # first, or a thread that is free starts the next run; Dask's executor cancels unless it is told to wait
            cancel = {"cancel_futures": True} if isinstance(executor, ThreadPoolExecutor) else {}
            executor.shutdown(wait=False, **cancel)
            kernel_pool.stop()
            click.echo("Stopped. What was finished is kept: the same command goes on from here.", err=True)
        finally:
            # threads that wait for their kernels would take another second to notice
            os._exit(130 if isinstance(stopped, KeyboardInterrupt) else 143)


def _split(settings: tuple[str, ...]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for (key, equals, _), setting in zip(pairs, settings, strict=True):
        if not equals:
            raise InputError(f"-p takes KEY=VALUE; not {setting!r}.")
        if sum(key == other for other, _, _ in pairs) > 1:
            raise InputError(f"-p gives {key!r} more than once: give one value.")
    return {key: value for key, _, value in pairs}


def _status() -> int:
    """Exit status of the command."""
    try:
        main(prog_name="python -m analysis")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except OSError:  # also the place for messages is full
        return 1
    return 0


if __name__ == "__main__":
    process.leave(_status())
