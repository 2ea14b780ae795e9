"""Executed notebooks and their verdicts as a static site, and the verdict table of the README."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import nbconvert
import nbformat

from analysis import InputError, catalog, claims, curves
from analysis.batch import Run, results, write_text

KEY_FIGURE = "key-figure"
"""Tag of the cell whose figure stands for the notebook."""

PICTURE = ".github/result.png"
"""The README's picture, from its root."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("analysis", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def write_site(
    records: list[dict[str, Any]],
    runs: list[Run],
    out: Path,
    *,
    register: Mapping[str, claims.Claim] | None = None,
    article: str | None = None,
) -> Path:
    """Write ``results.json``, ``results.csv``, ``index.html``, and a copy of the data they rest on.

    A notebook that ran once gets cards, and a page of its own; of runs that differ in a parameter, every finding is
    drawn over that parameter, and the executed notebooks are linked as they are. The pages load nothing from anywhere
    else.

    Parameters
    ----------
    records : list of dict
        Records of the runs, as ``batch.execute_all`` gives them.
    runs : list of Run
        The runs, in the same order.
    out : Path
        Folder of the site.
    register : dict, optional
        The claims; those of the collection, where none are given.
    article : str, optional
        The text that they are quoted from, likewise.

    Returns
    -------
    Path
        The index page.
    """
    register = claims.read_register() if register is None else register
    article = catalog.read_bytes("article").decode() if article is None else article
    pairs = list(zip(records, runs, strict=True))
    groups = [[p for p in pairs if p[0]["notebook"] == name] for name in dict.fromkeys(r["notebook"] for r in records)]
    swept = [group for group in groups if curves.swept([record for record, _ in group])]
    single = [pair for group in groups if group not in swept for pair in group]
    for _, run in single:
        if run.output.is_file():
            write_text(run.page, notebook_page(nbformat.read(run.output, as_version=4), run.notebook.stem))
    catalog.copy_files(out / "data")
    shown = {
        "sections": [_section(record, run, register, out.absolute()) for record, run in single],
        "sweeps": [_sweep(group, register) for group in swept],
    }
    write_text(out / "results.json", json.dumps({"runs": records}, indent=1, ensure_ascii=False) + "\n")
    write_text(out / "results.csv", curves.table(records).to_csv(index=False, lineterminator="\n"))
    index = out / "index.html"
    write_text(index, _TEMPLATES.get_template("index.html.j2").render(shown))
    return index


def notebook_page(notebook: nbformat.NotebookNode, title: str) -> str:
    """Executed notebook as one HTML page that makes no request to another host, with a link back to the index.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook.
    title : str
        Title of the page.
    """
    exporter = nbconvert.HTMLExporter(
        mathjax_url="",
        require_js_url="",
        jquery_url="",
        mermaid_js_url="",
        mermaid_layout_elk_js_url="",
        widget_renderer_url="",
    )
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return page.replace("<main>", '<p style="margin: 1em 4em"><a href="../index.html">All verdicts</a></p>\n<main>', 1)


def key_figure(notebook: nbformat.NotebookNode) -> tuple[bytes, str] | None:
    """PNG of the figure that stands for a notebook, and its text for screen readers; None where no cell is tagged.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook; the cell is tagged ``key-figure``.
    """
    for cell in notebook.cells:
        if KEY_FIGURE in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output["data"]["image/png"]), output["metadata"]["image/png"]["alt"]
    return None


def verdict_table(notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    """Verdicts of executed notebooks as a Markdown table.

    Parameters
    ----------
    notebooks : dict
        Name of the notebook to the executed notebook.
    """
    register = claims.read_register()
    lines = ["| claim | as of | the article says | holds if | found | verdict |", "|---|---|---|---|---|---|"]
    for name, notebook in notebooks.items():
        found = results(notebook)
        for record in found["verdicts"]:
            card = _card(record, register, {}, {})
            cells = [
                f"[{card['id']}](notebooks/{name}.ipynb)",
                found["as_of"],
                f"“{card['quote']}”",
                card["claimed"],
                card["found"],
                claims.describe_verdict(f"**{record['verdict']}**", record["conditions"]),
            ]
            lines.append(f"| {' | '.join(cell.replace('|', '&#124;').replace('$', '&#36;') for cell in cells)} |")
    return "\n".join(lines)


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
    picture, finding = key_figure(next(iter(executed.values()))) or (b"", "")
    text = _replace(readme.read_text(encoding="utf-8"), "result", f"**{finding}.**\n\n![{finding}]({PICTURE})")
    write_text(readme, _replace(text, "verdicts", verdict_table(executed)))
    (readme.parent / PICTURE).write_bytes(picture)


def _replace(text: str, part: str, content: str) -> str:
    """Text with the content between the two comment lines of a part replaced."""
    begin, end = f"<!-- {part}: begin -->\n", f"\n<!-- {part}: end -->"
    before, opened, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise InputError(f"README.md needs the lines {begin.strip()} and {end.strip()} around what is generated.")
    return f"{before}{begin}{content}{end}{after}"


def _section(record: dict[str, Any], run: Run, register: Mapping[str, claims.Claim], out: Path) -> dict[str, Any]:
    """What the template shows of one run."""
    figure = key_figure(nbformat.read(run.output, as_version=4)) if record["status"] == "ok" else None
    return {
        "record": record,
        "page": run.page.relative_to(out).as_posix() if run.page.is_file() else None,
        "cards": [_card(v, register, record["parameters"], record["data"]) for v in record["verdicts"]],
        "sources": [
            catalog.resource(name) | {"cite": catalog.citation(name, record["as_of"])} for name in record["data"]
        ],
        "figure": {"data": base64.b64encode(figure[0]).decode(), "alt": figure[1]} if figure else None,
    }


def _sweep(pairs: list[tuple[dict[str, Any], Run]], register: Mapping[str, claims.Claim]) -> dict[str, Any]:
    """What the template shows of runs of one notebook that differ in a parameter."""
    records = [record for record, _ in pairs]
    finished = [record for record in records if record["status"] == "ok"]
    drawn = curves.curves(finished, register) if curves.swept(finished) else []
    return {
        "notebook": records[0]["notebook"],
        "parameters": curves.swept(records),
        "curves": [
            {
                "claim": curve.claim,
                "claimed": claims.describe_claimed(curve.claim),
                "counts": curve.counts,
                "text": curve.text,
                "readings": {scope: _reading(curve.claim, scope, records[0]["parameters"]) for scope in curve.scopes},
                "picture": base64.b64encode(curve.picture.encode()).decode(),
            }
            for curve in drawn
        ],
        "runs": [record | {"verdict": {v["id"]: v["verdict"] for v in record["verdicts"]}} for record in records],
    }


def _card(
    record: dict[str, Any], register: Mapping[str, claims.Claim], parameters: Mapping[str, Any], data: Mapping[str, str]
) -> dict[str, Any]:
    """What the template shows of one verdict: the record, and what the register says of the claim."""
    claim = replace(register[record["id"]], tolerance=record["tolerance"])
    fields = ("key", "scope", "value", "low", "high", "unit", "as_of")
    findings = [claims.Finding(**{name: finding[name] for name in fields}) for finding in record["findings"]]
    return {
        "id": claim.id,
        "quote": claim.quote,
        "measure": claim.measure,
        "tables": [name for name in claim.tables if name in data],
        "claimed": claims.describe_claimed(claim),
        "found": claims.describe_findings(claim, findings),
        "verdict": record["verdict"],
        "conditions": record["conditions"],
        "findings": [
            {
                "key": finding.key,
                "reading": _reading(claim, finding.scope, parameters),
                "text": claims.describe_finding(finding),
                "as_of": finding.as_of,
                "holds": claims.holds(claim, finding),
            }
            for finding in findings
        ],
    }


def _reading(claim: claims.Claim, scope: str, parameters: Mapping[str, Any]) -> str:
    """Words for a scope; the README's table, which shows no readings, gives no parameters."""
    return claims.condition_text(claim, scope, parameters) if parameters and scope in claim.alternatives else scope
