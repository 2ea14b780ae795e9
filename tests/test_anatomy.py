from pathlib import Path

import nbformat
import pytest

from analysis import InputError, parameters
from analysis.criteria import Claim, Criterion, Reading
from analysis.extend.anatomy import new, skeleton
from analysis.report import site
from conftest import snapshot

READINGS = (Reading("literal", "share", "share", "share"), Reading("top", "share_top", "", "", "only 9 count"))
CLAIM = Claim(
    "X1", "05_new", "over “60 %”", (Criterion("a", "stated", "Over.", readings=READINGS, relation=">", target=0.6),)
)


def test_a_new_notebook_is_valid_and_its_parameters_can_be_read(tmp_path: Path):
    path = new("05_context_windows", tmp_path)
    nbformat.validate(nbformat.read(path, as_version=4))
    assert parameters.read(path)["as_of"].is_day
    parameters.check(path, as_of="2026-05-25")


def test_a_claim_of_the_register_gets_a_section_with_every_finding_that_it_waits_for():
    cells = {cell.id: cell.source for cell in skeleton("05_new", [CLAIM]).cells}
    assert "> “over “60 %””" in cells["x1"]
    *found, verdict = cells["x1-verdict"].splitlines()[1:]
    assert found == ['x1.find("share", None)', 'x1.find("share_top", None, reading="top")']
    assert verdict.startswith("x1.verdict(")
    assert "claims" not in cells


def test_the_parts_stand_in_the_order_of_the_design():
    cells = skeleton("05_new", [CLAIM]).cells
    order = [cell.id for cell in cells]
    assert order[:7] == ["title", "parameters", "setup", "answer", "key-figure", "key-table", "x1"]
    folded = [cell.id for cell in cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert folded == ["parameters", "setup", "answer"]
    assert [cell.id for cell in cells if site.KEY_FIGURE in cell.metadata["tags"]] == ["key-figure"]
    assert order[-6:] == ["conditions", "verdicts-md", "verdicts", "limits", "sources-md", "sources"]


@pytest.mark.parametrize("claims", [[], [CLAIM]])
def test_every_code_cell_is_python(claims):
    for cell in skeleton("05_new", claims).cells:
        if cell.cell_type == "code":
            compile(cell.source, cell.id, "exec")


@pytest.mark.parametrize("name", ["windows", "5_windows", "05_Windows", "05_windows.ipynb", "../05_windows", "05_"])
def test_a_name_that_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="A notebook is called two digits, _ and words, such as 05_context_windows"):
        new(name, tmp_path)
    assert snapshot(tmp_path) == {}


@pytest.mark.slow
def test_a_notebook_that_is_there_is_not_replaced(project_copy, command):
    before = snapshot(project_copy)
    for name in ("01_share_shift", "01_other"):
        done = command(project_copy, "new", name)
        assert done.returncode == 2
        assert "Error: The number 01 is that of 01_share_shift, which stays as it is" in done.stderr
    assert snapshot(project_copy) == before


@pytest.mark.slow
def test_a_new_notebook_runs_and_the_command_says_that_no_claim_names_it_yet(project_copy, command):
    assert command(project_copy, "new", "99_context_windows").returncode == 0
    done = command(project_copy, "run", "99_context_windows")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "No claim in data/claims.toml names 99_context_windows yet: CONTRIBUTING.md says" in done.stdout
    page = (project_copy / "reports" / "index.html").read_text(encoding="utf-8")
    assert "The finding that stands for the notebook, as a sentence" in page
