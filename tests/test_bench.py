import json

import pytest

from analysis import InputError
from analysis.run import bench
from samples import GOOD, notebook

pytestmark = pytest.mark.slow


def test_the_work_is_a_whole_number_of_every_notebook_a_week_apart():
    todo = bench.work(3)
    names = list(dict.fromkeys(name for name, _ in todo))
    assert len(todo) >= 3
    assert {sum(other == name for other, _ in todo) for name in names} == {len(todo) // len(names)}
    assert [day for name, day in bench.work(2 * len(names)) if name == names[0]] == ["2026-05-25", "2026-05-18"]


@pytest.mark.parametrize("text", ["40", "40x", "x3", "0x3", "40x0", "4.0x3", "-4x3"])
def test_sizes_that_are_not_two_numbers_are_refused(text):
    with pytest.raises(InputError, match="--runs takes RUNSxROUNDS such as 40x3; not "):
        bench.sizes((text,))


def test_ratios_are_taken_of_medians():
    seconds = {bench.LOOP: [90, 100, 500], bench.POOL: [50, 50, 50], bench.RUN: [20, 25, 30], bench.FLOOR: [20] * 3}
    beside = {"cells": 16, "peak": 300 * 2**20, "growth": 1.0}
    found = {way: [{"seconds": s} | beside for s in rounds] for way, rounds in seconds.items()}
    rows = bench.page({40: found}, 2).splitlines()
    assert "| 40 | `run` | 3 | 25.0 | 4.0 | +25 % | +56 % | 300 | 1.00 |" in rows
    assert "| 40 | loop of `papermill` commands | 3 | 100.0 | 1.0 | +400 % | +525 % | 300 | 1.00 |" in rows


def test_the_command_measures_every_way_and_writes_the_page(project_copy, command):
    for path in (project_copy / "notebooks").glob("*.ipynb"):
        path.unlink()
    path = notebook(project_copy / "notebooks", "00_good", GOOD)
    source = json.loads(path.read_text(encoding="utf-8"))
    source["cells"][0]["source"] = 'as_of: str = "2026-05-25"  # a day covered by author_week: the day'
    path.write_text(json.dumps(source), encoding="utf-8")
    done = command(project_copy, "bench", "--runs", "2x1", "--workers", "2")
    assert done.returncode == 0, done.stderr
    page = (project_copy / "reports" / "bench.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| 2 | ")]
    over_own_cells = {row[1]: row[6] for row in rows}
    assert over_own_cells.pop(bench.FLOOR) == ""
    assert len(over_own_cells) == 3
    assert all(float(over.removesuffix(" %")) > 0 for over in over_own_cells.values())
    assert "papermill 2." in page
