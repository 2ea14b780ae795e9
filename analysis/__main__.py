"""The command line: ``python -m analysis``."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

import click

from analysis import ROOT, InputError, parameters


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Turn bad input into click's own refusal: one sentence and exit status 2."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.UsageError(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Check an article's claims about models on OpenRouter.

    Exit status: 0 if all went well, 1 if a notebook failed, 2 for bad input (nothing is started or written then).
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
