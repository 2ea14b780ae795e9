"""Executed notebooks and their verdicts as a static site, and the verdict table of the README."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import nbconvert
import nbformat

from analysis import InputError, catalog, claims
from analysis.batch import Run, results, write_text

KEY_FIGURE = "key-figure"
"""Tag of the cell whose figure stands for the notebook."""

PICTURE = ".github/result.png"
"""The README's picture, from its root."""

_BEGIN, _END = "<!-- verdicts: begin -->", "<!-- verdicts: end -->"

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("analysis", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def write_site(records: list[dict[str, Any]], runs: list[Run], out: Path) -> Path:
    """Write ``index.html`` and a page for each executed notebook; they load nothing from anywhere else.

    Parameters
    ----------
    records : list of dict
        Records of the runs, as in ``results.json``.
    runs : list of Run
        The runs, in the same order.
    out : Path
        Folder of the site.

    Returns
    -------
    Path
        The index page.
    """
    for run in runs:
        if run.output.is_file():
            write_text(run.page, notebook_page(nbformat.read(run.output, as_version=4), run.notebook.stem))
    register = claims.read_register()
    sections = [_section(record, run, register, out) for record, run in zip(records, runs, strict=True)]
    index = out / "index.html"
    write_text(index, _TEMPLATES.get_template("index.html.j2").render(sections=sections))
    return index


def notebook_page(notebook: nbformat.NotebookNode, title: str) -> str:
    """Executed notebook as one HTML page that makes no request to another host."""
    exporter = nbconvert.HTMLExporter(
        mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="", widget_renderer_url="", theme="light"
    )
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return page


def key_figure(notebook: nbformat.NotebookNode) -> tuple[bytes, str]:
    """PNG of the figure that stands for a notebook, and its text for screen readers.

    Raises
    ------
    InputError
        No cell with the tag has a picture.
    """
    for cell in notebook.cells:
        if KEY_FIGURE in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output["data"]["image/png"]), output["metadata"]["image/png"]["alt"]
    raise InputError(f"The notebook has no cell with a picture that is tagged {KEY_FIGURE}.")


def verdict_table(notebooks: Mapping[str, nbformat.NotebookNode]) -> str:
    """Verdicts of executed notebooks as a Markdown table.

    Parameters
    ----------
    notebooks : dict
        Name of the notebook to the executed notebook.
    """
    register = claims.read_register()
    lines = ["| claim | the article says | claimed | found | verdict |", "|---|---|---|---|---|"]
    for name, notebook in notebooks.items():
        for record in results(notebook)["verdicts"]:
            card = _card(record, register)
            cells = [
                f"[{card['id']}](notebooks/{name}.ipynb)",
                f"“{card['quote']}”",
                card["claimed"],
                card["found"],
                f"**{record['verdict']}**{' ' if card['conditions'] else ''}{'; or '.join(card['conditions'])}",
            ]
            lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines)


def update_readme(readme: Path, notebooks: list[Path]) -> None:
    """Bring the README's table of verdicts, and its picture, up to date with the executed notebooks.

    Parameters
    ----------
    readme : Path
        The README; its table stands between two comment lines.
    notebooks : list of Path
        Executed notebooks; the figure of the first is the picture.

    Raises
    ------
    InputError
        The two comment lines are not there.
    """
    executed = {path.stem: nbformat.read(path, as_version=4) for path in notebooks}
    text = readme.read_text(encoding="utf-8")
    if _BEGIN not in text or _END not in text:
        raise InputError(f"{readme.name} needs the lines {_BEGIN} and {_END} around its table of verdicts.")
    before, rest = text.split(_BEGIN, 1)
    write_text(readme, f"{before}{_BEGIN}\n{verdict_table(executed)}\n{_END}{rest.split(_END, 1)[1]}")
    picture, _ = key_figure(next(iter(executed.values())))
    (readme.parent / PICTURE).write_bytes(picture)


def _section(record: dict[str, Any], run: Run, register: dict[str, claims.Claim], out: Path) -> dict[str, Any]:
    """What the template shows of one run."""
    section = {
        "record": record,
        "page": run.page.relative_to(out).as_posix() if run.page.is_file() else None,
        "cards": [_card(verdict, register) for verdict in record["verdicts"]],
        "sources": [catalog.resource(name) for name in record["data"]],
        "figure": None,
    }
    if record["status"] == "ok":
        picture, alt = key_figure(nbformat.read(run.output, as_version=4))
        section["figure"] = {"data": base64.b64encode(picture).decode(), "alt": alt}
    return section


def _card(record: dict[str, Any], register: dict[str, claims.Claim]) -> dict[str, Any]:
    """What the template shows of one verdict: the record, and what the register says of the claim."""
    claim = register[record["id"]]
    fields = ("key", "scope", "value", "low", "high", "unit", "as_of")
    findings = [claims.Finding(**{name: finding[name] for name in fields}) for finding in record["findings"]]
    return {
        "id": claim.id,
        "quote": claim.quote,
        "measure": claim.measure,
        "claimed": claims.describe_claimed(claim),
        "found": claims.describe_findings(findings),
        "verdict": record["verdict"],
        "conditions": record["conditions"],
        "findings": [
            {
                "key": finding.key,
                "reading": claim.alternatives.get(finding.scope, finding.scope),
                "text": claims.describe_finding(finding),
                "as_of": finding.as_of,
                "holds": claims.holds(claim, finding),
            }
            for finding in findings
        ],
    }
