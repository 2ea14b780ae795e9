"""What nbval does not see: stored outputs, order, prose without typed numbers, size."""

import ast
import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from analysis import NOTEBOOKS, ROOT, catalog, findings, parameters, prose
from analysis.register import read_register
from analysis.run import records

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def without_output(notebook):
    """Cells that end in an expression, and so show something, and have nothing stored."""
    return [
        c.id
        for c in code(notebook)
        if isinstance(parameters.parse_source(c.source).body[-1], ast.Expr) and not c.outputs
    ]


def test_every_cell_that_should_have_an_output_has_one_stored(notebook):
    assert without_output(notebook) == []


def test_a_stripped_notebook_is_noticed(notebook):
    stripped = copy.deepcopy(notebook)
    for cell in code(stripped):
        cell.outputs = []
    assert {"answer", "key-figure"} <= set(without_output(stripped))


def test_cells_were_executed_once_and_in_order(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))


def test_no_cell_shows_an_error_a_warning_or_an_address(notebook):
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"display_data", "execute_result"}
    assert not re.search(r" at 0x[0-9a-f]{6,}", json.dumps(outputs))


def test_cells_are_short_and_define_nothing(notebook):
    assert [cell.id for cell in code(notebook) if len(cell.source.splitlines()) > 15] == []
    nodes = [node for cell in code(notebook) for node in ast.walk(parameters.parse_source(cell.source))]
    assert not [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]


def test_a_figure_is_followed_by_its_table_and_says_what_it_shows(notebook):
    cells = code(notebook)
    pictures = [i for i, cell in enumerate(cells) if any("image/png" in o.get("data", {}) for o in cell.outputs)]
    assert pictures
    for i in pictures:
        picture = cells[i].outputs[0]
        assert picture.metadata["image/png"]["alt"] == picture.data["text/plain"]
        assert "<table" in cells[i + 1].outputs[0].data["text/html"]


def test_no_text_has_two_dollar_signs_that_would_set_a_formula(notebook):
    r"""JupyterLab takes the backslash from ``\$`` before it looks for formulas."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    shown = [output.get("data", {}).get("text/markdown", "") for cell in code(notebook) for output in cell.outputs]
    assert [text for text in [*texts, *shown] if text.count("$") > 1] == []


def test_every_quote_is_verbatim_from_the_article(notebook):
    article = catalog.read_bytes("article").decode()
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = text.replace(prose.escaped("$"), "$")
    quotes = re.findall(r"^> “(.+)”$", text, flags=re.MULTILINE)
    assert len(quotes) >= len(records.verdict_cells(notebook))
    assert [quote for quote in quotes if quote not in article] == []


NAMES_WITH_DIGITS = re.compile(
    r"GPT-5\.[45]|MiMo-V2|Opus 4\.6|[VK][2-4](\.\d)?\b|M2\.5|GLM-5\.1|Qwen 3\.6|R2\b|Apache 2\.0"
    r"|AIME 2025|top 50|52 weeks before|(April|summer|July and August) 2026"
    rf"|\b({'|'.join(read_register())})\b"
)
"""Names of models, claims and periods that have digits in them."""


def typed_numbers(said: ast.AST) -> list[str]:
    """Numbers in the fixed text of a sentence: what stands in braces, or is only compared with, is none."""
    if isinstance(said, (ast.FormattedValue, ast.Compare)):
        return []
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        return re.findall(r"\d+", NAMES_WITH_DIGITS.sub("", said.value))
    return [number for part in ast.iter_child_nodes(said) for number in typed_numbers(part)]


def test_sentences_and_titles_have_no_number_typed(notebook):
    for cell in code(notebook):
        for node in ast.walk(parameters.parse_source(cell.source)):
            said = getattr(node, "func", None)
            if getattr(said, "id", "") == "Markdown" or getattr(said, "attr", "") == "verdict":
                assert [number for part in node.args for number in typed_numbers(part)] == [], cell.id
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "title":
                assert typed_numbers(node.value) == [], cell.id


def test_a_number_typed_into_a_sentence_is_noticed():
    said = ast.parse("""s1.verdict(sentences(known(f"GPT-5.5 had {share:.1f}, not 60, of it.", share)))""")
    assert typed_numbers(said) == ["60"]


COMPARING = {"ge", "gt", "le", "lt", "eq", "ne", "between"}
"""Methods of a Series that compare."""


def compared_with(source: str) -> set[float]:
    """Numbers that code compares something with; those below ten that are whole count things, and are none."""
    sides: list[ast.expr] = []
    for node in ast.walk(parameters.parse_source(source)):
        if isinstance(node, ast.Compare):
            sides += [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in COMPARING:
            sides += node.args
    numbers = [side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, (int, float))]
    return {number for number in numbers if isinstance(number, float) or number >= 10}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_threshold_is_typed_in_a_notebook(path: Path):
    mine = [claim for claim in read_register().values() if claim.notebook == path.stem]
    targets = [criterion.target for claim in mine for criterion in claim.assertions]
    claimed = {end for target in targets for end in (target if isinstance(target, tuple) else (target,))}
    cells = code(nbformat.read(path, as_version=4))
    assert {
        cell.id: compared_with(cell.source) & claimed for cell in cells if compared_with(cell.source) & claimed
    } == {}


def test_a_typed_threshold_is_noticed_and_a_number_of_another_use_is_not():
    assert compared_with("shares.ge(0.6) & (ratio < 10) & (days < 7)") == {0.6, 10}
    assert compared_with("Mix.from_ratio(40, 0.9)") == set()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_stored_verdicts_are_those_of_the_committed_data_and_rules(path: Path):
    verdicts, data = records.read_out(nbformat.read(path, as_version=4))
    assert data == catalog.hashes(data)
    asked = [claim for claim in read_register().values() if claim.notebook == path.stem]
    assert [verdict.id for verdict in verdicts] == [claim.id for claim in asked]
    for verdict, claim in zip(verdicts, asked, strict=True):
        rules = [(rule.name, [(r.key, r.name) for r in rule.readings]) for rule in claim.assertions]
        assert [(r.name, [(f.key, f.reading) for f in r.findings]) for r in verdict.assertions] == rules


def test_every_verdict_says_what_is_true_instead(notebook):
    for verdict in records.read_out(notebook)[0]:
        assert len(verdict.answer) > 20 and verdict.answer.endswith("."), verdict.id


def test_a_verdict_is_shown_at_the_end_of_the_section_of_its_claim(notebook):
    section, shown = "", {}
    for cell in notebook.cells:
        if anchor := re.search(r'<a id="(\w+)"></a>', cell.source):
            section = anchor[1]
        for output in cell.get("outputs", []):
            if findings.MIME in output.get("data", {}):
                shown[output["data"][findings.MIME]["id"]] = section
    assert [claim for claim, place in shown.items() if claim != place] == []


def test_no_dollar_sign_starts_a_formula(notebook):
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    shown = [output.get("data", {}).get("text/markdown", "") for cell in code(notebook) for output in cell.outputs]
    assert [text for text in [*prose, *shown] if re.search(r"(?<!\\)\$", text)] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_smaller_than_one_and_a_half_megabytes(path: Path):
    assert path.stat().st_size < 1_500_000


SHOWN = {
    findings.MIME: ({"id": "S1", "verdict": "supported"}, {"id": "S1", "verdict": "x"}),
    "text/html": ("<td>45.4</td>", "<td>45.5</td>"),
    "text/markdown": ("**45.4 %**", "**45.5 %**"),
    "text/plain": ("title with 45.4 %", "title with 45.5 %"),
}
"""What a cell shows, and what else may be stored in its place."""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Whether nbval, as the project configures it, lets a cell pass: one a kind with what it shows, one with another.

    All in one notebook and one process, which takes longer to start than to compare.
    """
    folder, cells = tmp_path_factory.mktemp("nbval"), []
    for kind, (shown, _) in SHOWN.items():
        for stored in SHOWN[kind]:
            output = nbformat.v4.new_output("display_data", data={kind: stored})
            source = f"display({{{kind!r}: {shown!r}}}, raw=True)"
            cells.append(nbformat.v4.new_code_cell(source, outputs=[output], execution_count=len(cells) + 1))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "n.ipynb")
    given = ["-c", ROOT / "pyproject.toml", "-p", "no:cacheprovider", f"--junitxml={folder / 'found.xml'}"]
    command = [sys.executable, "-m", "pytest", *given, folder / "n.ipynb"]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    found = ElementTree.parse(folder / "found.xml").iter("testcase")
    return {case.attrib["name"]: case.find("failure") is None for case in found}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize("stored", [0, 1], ids=["same", "different"])
def test_nbval_compares_verdicts_tables_sentences_and_titles(compared, kind, stored):
    assert compared[f"Cell {2 * list(SHOWN).index(kind) + stored}"] == (stored == 0)
