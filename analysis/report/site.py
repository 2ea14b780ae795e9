"""Executed notebooks and their verdicts as a static site, and the verdict table of the README."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from analysis import DATA, InputError, catalog, package, provenance
from analysis.criteria import Claim
from analysis.findings import (
    HOLDS_ONLY_IF,
    NOT_CHECKABLE,
    NOT_SUPPORTED,
    OPEN,
    PARTLY_SUPPORTED,
    SUPPORTED,
    TOO_CLOSE,
)
from analysis.register import read_register
from analysis.report import claim_card, claim_pages, index, movable, over_time, sharing, strips, sweeps
from analysis.report.claim_card import Card, Picture
from analysis.report.claim_pages import Around
from analysis.report.index import Section
from analysis.report.rendering import render
from analysis.run import records as records_of
from analysis.run.execute import Run
from analysis.run.records import Record
from analysis.system import process
from analysis.system.files import write_text
from analysis.system.messages import inert

KEY_FIGURE = "key-figure"
"""Tag of the cell whose figure stands for the notebook."""

PICTURE = ".github/result.png"
"""The README's picture, from its root."""

MEANINGS = {
    SUPPORTED: "All that the sentence states holds as it is written.",
    PARTLY_SUPPORTED: "Some of its statements hold and others do not; the page says which.",
    HOLDS_ONLY_IF: "It does not hold as written; it holds under another reading, which is named.",
    OPEN: "A forecast whose day has not come.",
    TOO_CLOSE: "The data allow both that it holds and that it does not.",
    NOT_CHECKABLE: "No public data decide it; the page says what it would take.",
    NOT_SUPPORTED: "It holds under no reading that was tried. One under which the data allow both is named.",
}
"""What the verdicts mean, for the page on method."""


_Pair = tuple[Record, Run]


def write_site(
    records: list[Record],
    runs: list[Run],
    out: Path,
    *,
    register: Mapping[str, Claim] | None = None,
    article: str | None = None,
    rules: str | None = None,
    address: str = "",
    newest: int = 0,
    workers: int = 1,
) -> Path:
    """Write ``results.json``, ``results.csv``, ``index.html``, and a copy of the data they rest on.

    A notebook that ran once gets a page of its own and one a claim; of runs that differ in a parameter, every finding
    is drawn over it.

    Parameters
    ----------
    records, runs : list of Record, list of Run
        As ``execute.execute_all`` gives and takes them, in the same order.
    out : Path
        Folder of the site.
    register, article, rules : dict, str, str, optional
        Claims, the text that they are quoted from, and the register as it is written; else those of the collection.
    address : str
        Address at which it will be published; link previews need it.
    newest, workers : int
        So many of the last runs are those of the others again, at the newest day; so many processes draw a sweep.

    Returns
    -------
    Path
        The index page.
    """
    claims = read_register() if register is None else register
    around = _around(claims, article, rules, address)
    _write_data(out, records)  # first: whatever a page may meet, the results are there
    _write_pages(list(zip(records, runs, strict=True)), newest, out, claims, around, workers)
    return out / "index.html"


def _around(claims: Mapping[str, Claim], article: str | None, rules: str | None, address: str) -> Around:
    """What the pages have in common, but for the drawings."""
    text = catalog.read_bytes("article").decode() if article is None else article
    written = (DATA / "claims.toml").read_text(encoding="utf-8") if rules is None else rules
    return Around(text, written, address, sharing.commit(), over_time.read(claims))


def _write_pages(
    pairs: list[_Pair], newest: int, out: Path, claims: Mapping[str, Claim], around: Around, workers: int
) -> None:
    """Write all pages, with drawings of the claims that have one; the last runs are others again, at the newest day."""
    once, swept = _by_sweep(pairs[: len(pairs) - newest])
    judged = {verdict.id for record, _ in once for verdict in record.claims}
    drawings = strips.write(out, {name: claim for name, claim in claims.items() if name in judged})
    around = replace(around, drawings=drawings)
    sections = [_section(record, run, claims, out.absolute()) for record, run in once]
    since = [_section(record, run, claims, out.absolute()) for record, run in pairs[len(pairs) - newest :]]
    drawn = {verdict.id for group in swept for record, _ in group for verdict in record.claims}
    with process.map_by(min(workers, len(drawn))) as each:
        curves = _sweeps(swept, claims, each)
    for group in (sections, since):
        _write_sections(group, around)
    _write_pictures(curves, out / "curves")
    now = {card.verdict.id: card for section in since for card in section.cards}
    _write_index(out, index.shown(sections, curves, claims, around.article, around.history) | {"now": now}, around)


def _write_sections(sections: list[Section], around: Around) -> None:
    """Write the pages of the claims of each run, and the picture that stands for it."""
    cards = [card for section in sections for card in section.cards]
    for section in sections:
        claim_pages.write(section, cards, around)
        if section.figure:
            sharing.picture(section.folder / "key.png", section.figure.data)


def _write_index(out: Path, shown: dict[str, Any], around: Around) -> None:
    """Write the index, the page on method, the feed, and the metadata of the site."""
    days = [section.record.as_of or "" for section in shown["sections"]]
    first, url = shown["first"], sharing.address(around.address, "index.html")
    picture = next((section.picture for section in shown["sections"] if section.figure), "")
    more = {"url": url if around.address else "", "cited": sharing.citation(first, around.commit, url) if first else ""}
    more |= {"image": sharing.address(around.address, picture) if picture else ""}
    write_text(out / "index.html", render("index.html.j2", **shown, **more))
    write_text(out / "methods.html", render("methods.html.j2", meanings=MEANINGS))
    changes = over_time.changes(around.history)
    cards = {card.verdict.id: card for section in shown["sections"] for card in section.cards}
    entries = sharing.feed_entries(changes, cards, around.address)
    updated = entries[0]["day"] if entries else max(days, default="") or "2026-01-01"
    feed = {"question": shown["question"], "entries": entries, "updated": updated}
    address = sharing.address(around.address, "feed.xml") if around.address else ""
    write_text(out / "feed.xml", render("feed.xml.j2", **feed, url=address))
    tables = dict.fromkeys(source["name"] for section in shown["sections"] for source in section.sources)
    pages_of = {"index.html": shown["question"], "results.json": "All verdicts and findings", "results.csv": "The same"}
    pages_of |= {s.record.notebook_path: s.name for s in shown["sections"]}
    write_text(out / "ro-crate-metadata.json", sharing.crate(pages_of, tables, max(days, default="")))


def _write_data(out: Path, records: list[Record]) -> None:
    """Write the results, and a copy of the data package."""
    package.copy_files(out / "data")
    write_text(out / "results.json", "".join(records_of.write_lines(records)))
    write_text(out / "results.csv", sweeps.table(records).map(inert).to_csv(index=False, lineterminator="\n"))


def notebook_page(notebook: nbformat.NotebookNode, title: str) -> str:
    """Executed notebook as one HTML page that makes no request to another host, with a link back to the index.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook.
    title : str
        Title of the page.
    """
    import nbconvert  # takes a second, and a report that has its pages does not need it

    exporter = nbconvert.HTMLExporter(
        extra_template_basedirs=[str(Path(__file__).parent / "templates")], template_name="notebook"
    )
    resources = {"metadata": {"name": title}, "headings": claim_card.headings(notebook)}
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return sharing.guarded(page, styles="'unsafe-inline'")


def key_figure(notebook: nbformat.NotebookNode) -> Picture | None:
    """Figure that stands for a notebook, as ``claim_card.pictures`` gives it; None where no cell is tagged.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook; the cell is tagged ``key-figure``.
    """
    tagged = (cell for cell in notebook.cells if KEY_FIGURE in cell.metadata.get("tags", []))
    return next((figure for cell in tagged for figure in claim_card.pictures(cell)), None)


def verdict_table(notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    """Verdicts of executed notebooks as a Markdown table.

    Parameters
    ----------
    notebooks : dict
        Name of the notebook to the executed notebook.
    """
    lines = [
        "| claim | the article says | what is true instead | verdict |",
        "|---|---|---|---|",
    ]
    for name, notebook in notebooks.items():
        for verdict in records_of.read_out(notebook)[0]:
            words = verdict.in_short.replace(verdict.verdict, f"**{verdict.verdict}**", 1)
            place = f"[{verdict.id}](notebooks/{name}.ipynb)"
            cells = [place, f"“{verdict.quote}”", verdict.answer, words]
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", "&#124;").replace("$", "&#36;").replace("\n", " ")


def update_readme(readme: Path, notebooks: list[Path]) -> None:
    """Bring the README's generated parts, and its picture, up to date with the executed notebooks.

    Parameters
    ----------
    readme : Path
        The README. What is generated stands between comment lines: the first notebook's figure, and all verdicts.
    notebooks : list of Path
        Executed notebooks, in order.

    Raises
    ------
    InputError
        The comment lines are not there.
    """
    executed = {path.stem: nbformat.read(path, as_version=4) for path in notebooks}
    figure = key_figure(next(iter(executed.values()))) or Picture("", "")
    finding = figure.alt
    text = _replace(readme.read_text(encoding="utf-8"), "result", f"**{finding}.**\n\n![{finding}]({PICTURE})")
    write_text(readme, _replace(text, "verdicts", verdict_table(executed)))
    (readme.parent / PICTURE).write_bytes(base64.b64decode(figure.data))


def _replace(text: str, part: str, content: str) -> str:
    """Text with the content between the two comment lines of a part replaced."""
    begin, end = f"<!-- {part}: begin -->\n", f"\n<!-- {part}: end -->"
    before, opened, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise InputError(f"README.md needs the lines {begin.strip()} and {end.strip()} around what is generated.")
    return f"{before}{begin}{content}{end}{after}"


def _by_sweep(pairs: list[_Pair]) -> tuple[list[_Pair], list[list[_Pair]]]:
    """Runs of notebooks that ran in one way, and by notebook those that differ in a parameter."""
    names = dict.fromkeys(record.notebook for record, _ in pairs)
    groups = [[pair for pair in pairs if pair[0].notebook == name] for name in names]
    swept = [group for group in groups if sweeps.swept([record for record, _ in group])]
    return [pair for group in groups if group not in swept for pair in group], swept


def _section(record: Record, run: Run, register: Mapping[str, Claim], out: Path) -> Section:
    """What the pages show of one run; writes the page of its notebook."""
    notebook = _read(run)
    if notebook and not _is_rendered(run):
        write_text(run.page, notebook_page(notebook, run.notebook.stem))
    folder = run.folder.relative_to(out).as_posix()
    shown = notebook if record.is_ok else None
    return Section(
        record=record,
        folder=run.folder,
        page=f"{folder}/{run.page.name}" if notebook else None,
        title=_title(notebook),
        cards=_cards(record, shown, register, folder) if shown else [],
        sources=[_cited(name, record) for name in record.data],
        figure=key_figure(shown) if shown else None,
        charts=movable.charts(record, register) if shown else {},
    )


def _read(run: Run) -> nbformat.NotebookNode | None:
    """The executed notebook of a run; None where there is none."""
    return nbformat.read(run.output, as_version=4) if run.output.is_file() else None


def _title(notebook: nbformat.NotebookNode | None) -> str:
    """First heading of a notebook; nothing where there is none."""
    headings = claim_card.headings(notebook) if notebook else []
    return next((heading.text for heading in headings if heading.level == 1), "")


def _is_rendered(run: Run) -> bool:
    """Whether the page of a notebook is there and newer than the notebook and than what renders it."""
    if not run.page.is_file():
        return False
    package = Path(__file__).parent
    renders = [*package.glob("*.py"), *(path for path in package.joinpath("templates").rglob("*") if path.is_file())]
    made = run.page.stat().st_mtime_ns
    return all(path.stat().st_mtime_ns < made for path in (run.output, *renders))


def _cards(record: Record, notebook: nbformat.NotebookNode, register: Mapping[str, Claim], folder: str) -> list[Card]:
    cards = []
    for verdict in record.claims:
        if verdict.id in register:
            shown = claim_card.card(verdict, register, record)
            page, evidence = f"{folder}/claims/{verdict.id}.html", claim_card.evidence(notebook, verdict.id)
            cards.append(replace(shown, page=page, evidence=evidence))
    return cards


def _cited(name: str, record: Record) -> dict[str, Any]:
    """Descriptor of a table, with its citation."""
    return catalog.resource(name) | {"cite": provenance.citation(name, record.as_of or "")}


def _sweeps(groups: list[list[_Pair]], register: Mapping[str, Claim], each: Callable[..., Any]) -> list[dict[str, Any]]:
    """What the index shows of runs that differ in a parameter, by notebook; ``each`` draws as ``map`` would."""
    finished = [[record for record, _ in group if record.is_ok] for group in groups]
    drawn = sweeps.curves(finished, register, each)
    return [_sweep(group, curves, register) for group, curves in zip(groups, drawn, strict=True)]


def _sweep(pairs: list[_Pair], drawn: list[sweeps.Curve], register: Mapping[str, Claim]) -> dict[str, Any]:
    """What the index shows of runs of one notebook that differ in a parameter, with their curves."""
    records = [record for record, _ in pairs]
    finished = [run for record, run in pairs if record.is_ok]
    return {
        "notebook": records[0].notebook,
        "title": _title(_read(finished[-1])) if finished else "",
        "parameters": sweeps.swept(records),
        "finished": len(finished),
        "curves": [_curve(curve, register) for curve in drawn],
        "runs": [{"record": record, "verdict": {v.id: v.verdict for v in record.claims}} for record in records],
    }


def _write_pictures(sweeps: list[dict[str, Any]], folder: Path) -> None:
    """Write a picture a claim, in the place of those that were there: many in one page would make it slow to open."""
    for stale in folder.glob("*.svg"):
        stale.unlink()
    for curve in (curve for sweep in sweeps for curve in sweep["curves"] if curve["picture"]):
        write_text(folder / f"{curve['claim'].id}.svg", curve["picture"])


def _curve(curve: sweeps.Curve, register: Mapping[str, Claim]) -> dict[str, Any]:
    """What the index shows of one claim over what was swept: beside the rest, the last run's card."""
    verdict = curve.record.verdict(curve.claim.id)
    assert verdict is not None  # the curve is of claims that the last run judges
    card = claim_card.card(verdict, register, curve.record)
    return vars(curve) | {"card": card, "readings": sweeps.conditions(curve.claim)}
