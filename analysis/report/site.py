"""Executed notebooks and their verdicts as a static site, and the verdict table of the README."""

import base64
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jinja2
import nbformat

from analysis import InputError, catalog, package, provenance, vintages
from analysis.criteria import Claim, required, settled
from analysis.figures import VERDICT_COLOURS
from analysis.findings import describe_holds
from analysis.register import read_register
from analysis.report import pages, strips, sweeps
from analysis.report.pages import Card, Picture
from analysis.run import records as records_of
from analysis.run.execute import Run
from analysis.run.records import Record
from analysis.system.files import write_text
from analysis.system.messages import inert

KEY_FIGURE = "key-figure"
"""Tag of the cell whose figure stands for the notebook."""

PICTURE = ".github/result.png"
"""The README's picture, from its root."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("analysis.report", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.globals.update(
    verdict_colours=VERDICT_COLOURS,
    required=required,
    describe_holds=describe_holds,
    conditions_of=pages.conditions_of,
    vintage_sentence=vintages.SENTENCE,
)


def write_site(
    records: list[Record],
    runs: list[Run],
    out: Path,
    *,
    register: Mapping[str, Claim] | None = None,
    article: str | None = None,
    newest: int = 0,
) -> Path:
    """Write ``results.json``, ``results.csv``, ``index.html``, and a copy of the data they rest on.

    A notebook that ran once gets a page of its own and one a claim; of runs that differ in a parameter, every finding
    is drawn over it. The pages load nothing from anywhere else.

    Parameters
    ----------
    records, runs : list of Record, list of Run
        As ``execute.execute_all`` gives and takes them, in the same order.
    out : Path
        Folder of the site.
    register, article : dict, str, optional
        The claims and the text that they are quoted from; those of the collection, where none are given.
    newest : int
        So many of the last runs are those of the others again, at the newest day: the index says beside each verdict
        what it is then.

    Returns
    -------
    Path
        The index page.
    """
    register = read_register() if register is None else register
    article = catalog.read_bytes("article").decode() if article is None else article
    pairs = list(zip(records, runs, strict=True))
    once, swept = _by_sweep(pairs[: len(pairs) - newest])
    sections = [_section(record, run, register, out.absolute()) for record, run in once]
    since = [_section(record, run, register, out.absolute()) for record, run in pairs[len(pairs) - newest :]]
    drawings = strips.write(out, register)
    for section in [*sections, *since]:
        _write_claims(section, article, drawings)
    curves = [_sweep(group, register) for group in swept]
    _write_pictures(curves, out / "curves")
    package.copy_files(out / "data")
    write_text(out / "results.json", "".join(records_of.write_lines(records)))
    write_text(out / "results.csv", sweeps.table(records).map(inert).to_csv(index=False, lineterminator="\n"))
    now = {card.verdict.id: card for section in since for card in section.cards}
    page = _render("index.html.j2", **_index(sections, curves, register, article), now=now)
    write_text(out / "index.html", page)
    return out / "index.html"


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
    resources = {"metadata": {"name": title}, "headings": pages.headings(notebook)}
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page


def key_figure(notebook: nbformat.NotebookNode) -> Picture | None:
    """Figure that stands for a notebook, as ``pages.pictures`` gives it; None where no cell is tagged.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook; the cell is tagged ``key-figure``.
    """
    tagged = (cell for cell in notebook.cells if KEY_FIGURE in cell.metadata.get("tags", []))
    return next((figure for cell in tagged for figure in pages.pictures(cell)), None)


def verdict_table(notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    """Verdicts of executed notebooks as a Markdown table.

    Parameters
    ----------
    notebooks : dict
        Name of the notebook to the executed notebook.
    """
    lines = [
        "| claim | the article says | what was measured | what is true instead | verdict |",
        "|---|---|---|---|---|",
    ]
    for name, notebook in notebooks.items():
        for verdict in records_of.read_out(notebook)[0]:
            words = verdict.in_short.replace(verdict.verdict, f"**{verdict.verdict}**", 1)
            place = f"[{verdict.id}](notebooks/{name}.ipynb)"
            cells = [place, f"“{verdict.quote}”", verdict.measured, verdict.answer, words]
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


def _render(template: str, **shown: Any) -> str:
    return _TEMPLATES.get_template(template).render(shown)


_Pair = tuple[Record, Run]


def _by_sweep(pairs: list[_Pair]) -> tuple[list[_Pair], list[list[_Pair]]]:
    """Runs of notebooks that ran in one way, and by notebook those that differ in a parameter."""
    names = dict.fromkeys(record.notebook for record, _ in pairs)
    groups = [[pair for pair in pairs if pair[0].notebook == name] for name in names]
    swept = [group for group in groups if sweeps.swept([record for record, _ in group])]
    return [pair for group in groups if group not in swept for pair in group], swept


@dataclass(frozen=True)
class Section:
    """What the pages show of one run.

    Parameters
    ----------
    record : Record
        The run.
    folder : Path
        Its folder.
    page : str or None
        Page of its notebook, from the index; None where there is no notebook.
    title : str
        Title of the notebook.
    cards : list of Card
        Its verdicts.
    sources : list of dict
        Descriptors of its tables, each with its citation as ``cite``.
    figure : Picture or None
        The figure that stands for it.
    """

    record: Record
    folder: Path
    page: str | None
    title: str
    cards: list[Card]
    sources: list[dict[str, Any]]
    figure: Picture | None


def _section(record: Record, run: Run, register: Mapping[str, Claim], out: Path) -> Section:
    """What the pages show of one run; writes the page of its notebook."""
    notebook = nbformat.read(run.output, as_version=4) if run.output.is_file() else None
    if notebook and not _is_rendered(run):
        write_text(run.page, notebook_page(notebook, run.notebook.stem))
    folder = run.folder.relative_to(out).as_posix()
    shown = notebook if record.is_ok else None
    return Section(
        record=record,
        folder=run.folder,
        page=f"{folder}/{run.page.name}" if notebook else None,
        title=next((h.text for h in pages.headings(notebook) if h.level == 1), "") if notebook else "",
        cards=_cards(record, shown, register, folder) if shown else [],
        sources=[_cited(name, record) for name in record.data],
        figure=key_figure(shown) if shown else None,
    )


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
            shown = pages.card(verdict, register, record)
            page, evidence = f"{folder}/claims/{verdict.id}.html", pages.evidence(notebook, verdict.id)
            cards.append(replace(shown, page=page, evidence=evidence))
    return cards


def _cited(name: str, record: Record) -> dict[str, Any]:
    """Descriptor of a table, with its citation."""
    return catalog.resource(name) | {"cite": provenance.citation(name, record.as_of or "")}


def _write_claims(section: Section, article: str, drawings: Mapping[str, list[strips.Drawing]]) -> None:
    """Write a page a claim of one run, in the place of those that were there."""
    folder = section.folder / "claims"
    for stale in folder.glob("*.html"):
        stale.unlink()
    for card in section.cards:
        review = pages.claim_review(card, article)
        shown = {"review": review, "drawings": drawings.get(card.verdict.id, [])}
        page = _render("claim.html.j2", card=card, notebook=Path(section.page or "").name, **shown)
        write_text(folder / f"{card.verdict.id}.html", page)


def _index(
    sections: list[Section], drawn: list[dict[str, Any]], register: Mapping[str, Claim], article: str
) -> dict[str, Any]:
    """What the index shows: the article with a mark at each claim that was judged, and the verdicts by notebook."""
    days = _days([sweep for sweep in drawn if sweep["parameters"] == ["as_of"]])
    last = days[-1]["verdict"] if days else {}
    marks: dict[str, list[dict[str, str]]] = {}
    for section in sections:
        for card in section.cards:
            mark = {"verdict": card.verdict.verdict, "page": card.page, "sweep": ""}
            marks.setdefault(card.verdict.id, []).append(mark)
    for sweep in drawn:
        for curve in sweep["curves"]:
            name = curve["claim"].id
            verdict = last.get(name) or sweep["runs"][-1]["verdict"].get(name) or list(curve["counts"])[-1]
            place = {"verdict": verdict, "page": f"#sweep-{name}", "sweep": sweep["notebook"]}
            marks.setdefault(name, []).append(place)
    return {
        "name": pages.name_of(article),
        "paragraphs": pages.marked(article, {name: register[name].quote for name in marks}),
        "marks": marks,
        "tally": pages.tally(places[0]["verdict"] for places in marks.values()),
        "sections": sections,
        "sweeps": drawn,
        "days": days,
    }


def _days(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Verdicts of all sweeps together on each day for which every one of them has a run that finished."""
    found = [{run["record"].as_of: run["verdict"] for run in sweep["runs"] if run["record"].is_ok} for sweep in drawn]
    shared = sorted(set.intersection(*map(set, found))) if found else []
    return [{"day": day, "verdict": dict(ChainMap(*(verdicts[day] for verdicts in found)))} for day in shared]


def _sweep(pairs: list[_Pair], register: Mapping[str, Claim]) -> dict[str, Any]:
    """What the index shows of runs of one notebook that differ in a parameter."""
    records = [record for record, _ in pairs]
    finished = [record for record in records if record.is_ok]
    drawn = sweeps.curves(finished, register) if sweeps.swept(finished) else []
    return {
        "notebook": records[0].notebook,
        "parameters": sweeps.swept(records),
        "curves": [_curve(curve, records[0]) for curve in drawn],
        "runs": [{"record": record, "verdict": {v.id: v.verdict for v in record.claims}} for record in records],
    }


def _write_pictures(sweeps: list[dict[str, Any]], folder: Path) -> None:
    """Write a picture a claim, in the place of those that were there: many in one page would make it slow to open."""
    for stale in folder.glob("*.svg"):
        stale.unlink()
    for curve in (curve for sweep in sweeps for curve in sweep["curves"]):
        write_text(folder / f"{curve['claim'].id}.svg", curve["picture"])


def _curve(curve: sweeps.Curve, record: Record) -> dict[str, Any]:
    """What the index shows of one claim over what was swept."""
    claim = settled(curve.claim, record.parameters)
    return {
        "claim": claim,
        "counts": curve.counts,
        "text": curve.text,
        "readings": sweeps.conditions(claim),
        "picture": curve.picture,
    }
