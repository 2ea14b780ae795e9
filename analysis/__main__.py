"""The command line: ``python -m analysis``."""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path

import click

from analysis import DATA, ROOT, InputError, SourceError, catalog, parameters


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Turn bad input into click's own refusal, with exit status 2; a source that fails, into one with status 1."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.UsageError(str(error)) from None
        except SourceError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Check an article's claims about models on OpenRouter.

    Exit status: 0 if all went well, 1 if a notebook failed or a refresh could not be done (no table has changed then),
    2 for bad input (nothing is started or written then).
    """


class _Run(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add every notebook's parameters to the help."""
        for name in parameters.names():
            with formatter.section(f"Parameters of {name}"):
                known = parameters.read(name).values()
                formatter.write_dl([(f"{p.name}={p.written()}", f"{p.allowed}: {p.help}") for p in known])


@main.command(cls=_Run)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-p", "settings", multiple=True, metavar="KEY=VALUE", help="Set a parameter of every named notebook.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("reports"), show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=cpu_count() or 1, help="Runs at once.  [default: cores]")
def run(names: tuple[str, ...], settings: tuple[str, ...], out: Path, workers: int) -> None:
    """Execute notebooks (all, if none is named) and write results.json and index.html.

    What an earlier run wrote to index.html and results.json there is replaced.

    Example: python -m analysis run 01_share_shift -p as_of=2026-09-28 --out reports/september
    """
    from analysis import batch  # papermill takes half a second to import, and --help does not need it

    runs = batch.plan(names, _split(settings), out)
    click.echo(f"Executing {len(runs)} notebook{'s' if len(runs) > 1 else ''} into {out}")
    with ThreadPoolExecutor(workers) as executor:
        records = batch.execute_all(runs, executor, click.echo)
    from analysis import report  # so does nbconvert, and executing does not need that

    click.echo(f"Verdicts: {report.write_site(records, runs, out)}")
    sys.exit(any(record["status"] != "ok" for record in records))


@main.command()
def publish() -> None:
    """Execute the committed notebooks in place, and bring the README's table and picture up to date."""
    from analysis import batch, report

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as executor:
        runs = batch.plan((), {}, Path(folder))
        records = batch.execute_all(runs, executor, click.echo)
        if any(record["status"] != "ok" for record in records):
            sys.exit(1)
        for done in runs:
            batch.publish(done)
    report.update_readme(ROOT / "README.md", [done.notebook for done in runs])


class _Refresh(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add the environment variables to the help."""
        from analysis.sources import KEY, SOURCES

        with formatter.section("Environment"):
            key = (KEY, "An OpenRouter key, for the tables of tokens (any key) and for activity (a management key).")
            formatter.write_dl(
                [key, *((s.variable, f"Address of a source.  [default: {s.address}]") for s in SOURCES.values())]
            )


@main.command(cls=_Refresh)
@click.argument("names", nargs=-1, metavar="[TABLE]...")
@click.option("--since", metavar="DATE", help="First day of tokens to fetch.  [default: the first there is]")
@click.option("--dry-run", is_flag=True, help="Fetch and compare, and write nothing.")
@click.option("--allow-loss", is_flag=True, help="Go on where days are missing, or rows would be gone.")
def refresh(names: tuple[str, ...], since: str | None, dry_run: bool, allow_loss: bool) -> None:
    """Bring tables of data/ to today (all that have a live source, if none is named), and say what changed.

    Tables are model_day, author_week, model_week, prices and capability. The name activity fetches your own usage into
    reports/activity.csv, for -p usage= of 02_price_gap. The id of a model on Hugging Face, OWNER/NAME, shows its
    configuration in the project's form of architectures.

    Example: python -m analysis refresh author_week model_week model_day --since 2026-09-28 --dry-run
    """
    import pandas as pd

    from analysis import sources
    from analysis.refresh import Request, run

    today = pd.Timestamp(datetime.now(UTC).date())
    first = catalog.parse_day(since, "--since") if since else sources.FIRST_DAY
    run(Request(names, os.environ, today, first, dry_run, allow_loss, DATA, sources.LIMITS), click.echo)


def _split(settings: tuple[str, ...]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for (key, equals, _), setting in zip(pairs, settings, strict=True):
        if not equals:
            raise InputError(f"-p takes KEY=VALUE; not {setting!r}.")
        if sum(key == other for other, _, _ in pairs) > 1:
            raise InputError(f"-p gives {key!r} more than once: give one value.")
    return {key: value for key, _, value in pairs}


if __name__ == "__main__":
    main(prog_name="python -m analysis")
