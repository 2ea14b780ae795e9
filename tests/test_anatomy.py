import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis import InputError, parameters
from analysis.criteria import Claim, Criterion, Reading
from analysis.extend.anatomy import new, skeleton
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
    order = [cell.id for cell in skeleton("05_new", [CLAIM]).cells]
    assert order[:5] == ["title", "parameters", "setup", "answer", "x1"]
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
def test_a_new_notebook_executes_from_the_first(project_copy, command):
    assert command(project_copy, "new", "05_context_windows").returncode == 0
    cells = nbformat.read(project_copy / "notebooks" / "05_context_windows.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    (project_copy / "cells.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "cells.py"], cwd=project_copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
