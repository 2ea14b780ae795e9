import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import jsonschema
import nbformat
import pytest
from papermill.execute import ERROR_MARKER_TAG

from analysis import NOTEBOOKS, InputError, claims
from analysis.criteria import settled
from analysis.register import read_register
from analysis.run import cache, execute, made_tables, records
from analysis.run.execute import Run
from analysis.system import files
from conftest import SAID, rewrite, snapshot
from samples import GOOD, NEWEST, notebook

pytestmark = pytest.mark.slow

WITH_DATA = GOOD.replace("as_of, {}", 'as_of, {"authors": "0" * 64}')


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Records, runs and progress of three runs: one that works, one that fails, one whose kernel dies."""
    folder = tmp_path_factory.mktemp("mixed")
    runs = [
        Run(notebook(folder, "good", WITH_DATA), folder / "out" / "good", {"as_of": "y"}),
        Run(notebook(folder, "bad", "1 + 1", "raise ValueError('no tokens')", "2"), folder / "out" / "bad"),
        Run(notebook(folder, "dead", "1 + 1", "import os; os._exit(1)"), folder / "out" / "dead"),
    ]
    lines: list[str] = []
    with ThreadPoolExecutor(3) as executor:
        records = execute.execute_all(runs, executor, lines.append)
    return records, runs, lines


def test_a_failure_lets_the_other_runs_finish(mixed):
    assert [record.status for record in mixed[0]] == ["ok", "failed", "failed"]


def test_a_run_that_works_has_its_verdicts_parameters_and_data(mixed):
    record = mixed[0][0]
    assert record.parameters == {"as_of": "y"}
    assert record.as_of == "y"
    assert record.data == {"authors": "0" * 64}
    assert record.notebook_path == "good/good.ipynb"
    assert [(verdict.id, verdict.verdict, verdict.answer) for verdict in record.claims] == [
        ("S9", "not checkable", "Nobody knows.")
    ]


def test_a_failed_run_names_its_cell_and_the_last_line_of_the_error(mixed):
    records, _, lines = mixed
    assert records[1].error == "cell 3: ValueError: no tokens"
    assert any("no tokens" in line for line in lines)
    assert sum("failed" in line for line in lines) == 2


def test_a_failed_run_keeps_its_partial_notebook(mixed):
    partial = nbformat.read(mixed[1][1].output, as_version=4)
    outputs = [cell.get("outputs") for cell in partial.cells if cell.cell_type == "code" and cell.source == "1 + 1"]
    assert outputs[0][0]["data"]["text/plain"] == "2"
    marked = [cell.id for cell in partial.cells if ERROR_MARKER_TAG in cell.metadata.tags]
    assert marked == ["papermill-0", "papermill-3"]  # at the beginning, and before the cell
    assert nbformat.read(mixed[1][2].output, as_version=4).cells


def test_a_run_that_does_not_begin_leaves_what_was_executed_before(tmp_path, monkeypatch):
    run = Run(notebook(tmp_path, "good", GOOD), tmp_path / "out")
    assert execute.execute_one(run).status == "ok"
    before = snapshot(run.folder)
    monkeypatch.setattr(cache, "has_changed", lambda: True)
    assert execute.execute_one(run).error == "data/ has changed since the command began: repeat it"
    assert snapshot(run.folder) == before


def test_a_run_whose_kernel_does_not_start_leaves_no_notebook(tmp_path):
    run = Run(notebook(tmp_path, "good", GOOD), tmp_path / "out", cwd=tmp_path / "none")
    assert execute.execute_one(run).error.startswith("NotADirectoryError: ")
    assert not run.output.exists()


def test_a_notebook_that_cannot_be_written_is_a_failed_run(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(execute, "write_text", fail)
    run = Run(notebook(tmp_path, "good", GOOD), tmp_path / "out")
    assert execute.execute_one(run).error == "OSError: disk full"
    assert list(run.folder.iterdir()) == []


def test_before_much_is_known_a_verdict_is_that_nothing_supports_or_decides_it(tmp_path):
    path = made_tables.without_pictures(NOTEBOOKS / "01_share_shift.ipynb", tmp_path)
    record = execute.execute_one(Run(path, tmp_path / "out", {"as_of": "2025-03-03"}))
    found = {verdict.id: verdict.verdict for verdict in record.claims}
    assert (found["S1"], found["S5"]) == ("not supported", "not checkable")


def test_a_second_failing_run_leaves_no_page_of_the_first(tmp_path):
    run = Run(notebook(tmp_path, "bad", "raise ValueError"), tmp_path / "out")
    run.folder.mkdir()
    run.page.write_text("old")
    assert execute.execute_one(run).status == "failed"
    assert not run.page.exists()


def test_a_notebook_that_displays_no_verdicts_has_failed_where_a_claim_names_it(tmp_path):
    record = execute.execute_one(Run(notebook(tmp_path, "01_share_shift", "1 + 1"), tmp_path / "out"))
    assert (record.status, record.error) == ("failed", "it displays no verdicts")
    record = execute.execute_one(Run(notebook(tmp_path, "05_new", "1 + 1"), tmp_path / "out"))
    assert (record.status, record.claims) == ("ok", ())


def test_a_run_whose_folder_cannot_be_made_fails_alone(tmp_path):
    (tmp_path / "out").write_text("a file")
    record = execute.execute_one(Run(notebook(tmp_path, "good", GOOD), tmp_path / "out" / "good"))
    assert record.status == "failed"
    assert record.error.startswith("NotADirectoryError")


def test_the_error_of_a_run_is_its_last_line(tmp_path):
    run = Run(notebook(tmp_path, "bad", "raise ValueError('first line\\nlast line\\n')"), tmp_path / "out")
    assert execute.execute_one(run).error == "cell 2: ValueError: last line"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, "new")
    assert snapshot(tmp_path) == {"results.json": b"old"}


# The command line


@pytest.fixture(scope="module")
def later(tmp_path_factory, collection):
    """``run 01_share_shift`` at the newest day from another directory, where it is finished: result and folder."""
    folder = tmp_path_factory.mktemp("later")
    shutil.copytree(collection, folder / "made here")
    given = ["run", "01_share_shift", "-p", f"as_of={NEWEST}", "--out", "made here"]
    command = [sys.executable, "-m", "analysis", *given]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False), folder / "made here"


def test_run_prints_a_line_a_notebook_and_succeeds(collection):
    first, *lines = (collection / SAID).read_text(encoding="utf-8").splitlines()
    folders = {path.parent.name for path in collection.glob("*/run.json")}
    assert re.fullmatch(rf"Executing {len(folders)} notebooks into \S+, on kernels forked .*", first)
    assert {line.split(", ")[0] for line in lines[:-1]} == {f"{name}: ok" for name in folders}
    assert re.fullmatch(r"Verdicts: \S+index\.html", lines[-1])


def test_a_run_long_after_its_data_end_says_on_which_day_they_do(tmp_path, monkeypatch):
    run, lines = Run(NOTEBOOKS / "01_share_shift.ipynb", tmp_path / "run"), list[str]()
    committed = records.committed("01_share_shift")
    monkeypatch.setattr(execute, "execute_one", lambda run, key: replace(committed, as_of="2026-09-28"))
    with ThreadPoolExecutor(1) as executor:
        execute.execute_all([run], executor, lines.append)
    assert lines[1:] == ["  Its data end on 2026-05-24: what it says of 2026-09-28 is carried forward from there."]


def test_a_finished_run_is_found_from_another_directory(later):
    done, _ = later
    assert (done.returncode, done.stderr) == (0, "")
    assert "Finished before, with the same data and code: 1 of 1" in done.stdout


@pytest.fixture(scope="module")
def written(later) -> records.Record:
    """The one record of the results that were written."""
    return records.read_results(later[1] / "results.json")[0]


def test_results_have_the_promised_shape(later, written):
    content = json.loads((later[1] / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads(records.SCHEMA.read_text(encoding="utf-8")))
    assert (written.notebook, written.status, written.as_of) == ("01_share_shift", "ok", NEWEST)
    assert (written.parameters["as_of"], written.parameters["top_n"]) == (NEWEST, 9)
    assert (later[1] / written.notebook_path).is_file()
    assert set(written.data) >= {"author_week", "model_week", "authors"}
    mine = [name for name, claim in read_register().items() if claim.notebook == "01_share_shift"]
    assert [verdict.id for verdict in written.claims] == mine


def test_results_of_another_shape_are_noticed(later):
    content = json.loads((later[1] / "results.json").read_text(encoding="utf-8"))
    content["runs"][0]["claims"][0]["assertions"][0]["findings"][0]["value"] = [1]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, json.loads(records.SCHEMA.read_text(encoding="utf-8")))


def test_what_is_read_back_is_what_was_written(later, written):
    assert "".join(records.write_lines([written])) == (later[1] / "results.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["[]", "{", '{"runs": []}', '{"schema": 2, "runs": [{}]}'])
def test_results_that_are_none_are_refused(tmp_path, content):
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(InputError, match=r"results\.json (is no results\.json|has schema 1, not 2)"):
        records.read_results(tmp_path / "results.json")


def test_the_record_of_the_notebook_is_what_the_rule_says_of_its_findings(written):
    for verdict in written.claims:
        claim = settled(read_register()[verdict.id], written.parameters)
        assert claims.judge(claim, verdict.findings, verdict.answer) == verdict


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("anonymous", "JP", "anonymous takes one of separate, CN, US, revealed; not 'JP'."),
        ("asof", "2026-09-28", "01_share_shift has no parameter 'asof'; it has as_of, "),
    ],
)
def test_papermill_alone_stops_at_what_is_not_allowed_with_the_sentence(tmp_path, name, value, sentence):
    papermill = Path(sys.executable).with_name("papermill")
    command = [papermill, NOTEBOOKS / "01_share_shift.ipynb", "out.ipynb", "-p", name, value]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"InputError: {sentence}" in done.stderr


def change_a_byte(project: Path) -> None:
    path = project / "data" / "model_week.csv"
    path.write_bytes(path.read_bytes().replace(b"359562034572", b"359562034573"))


def make_a_count_negative(project: Path) -> None:
    rewrite(project / "data", "author_week", lambda text: text.replace("134592543982", "-134592543982"))


def make_a_relation_unknown(project: Path) -> None:
    path = project / "data" / "claims.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('relation = ">"', 'relation = "beats"', 1), encoding="utf-8"
    )


def misquote(project: Path) -> None:
    path = project / "data" / "claims.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("over 60% of all", "over 61% of all"), encoding="utf-8")


def empty_a_table(project: Path) -> None:
    rewrite(project / "data", "open_weights", lambda text: text.splitlines()[0] + "\n")


@pytest.mark.parametrize(
    ("damage", "arguments", "sentence"),
    [
        (None, ["-p", "as_of=2024-12-31"], "as_of 2024-12-31 lies before the table author_week"),
        (None, ["-p", "asof=2026-05-25"], "01_share_shift has no parameter 'asof'"),
        (None, ["-p", "top_n=many"], "top_n takes a whole number, 2 to 50; not 'many'"),
        (None, ["-p", "top_n"], "-p takes KEY=VALUE; not 'top_n'"),
        (None, ["-p", "weeks=4", "-p", "weeks=5"], "-p gives 'weeks' more than once"),
        (
            None,
            ["--out", "data/authors.csv/below"],
            "--out data/authors.csv/below is a part of the project: choose reports/",
        ),
        (None, ["02_no_such"], "There is no notebook '02_no_such'; there are 01_share_shift"),
        (change_a_byte, [], "model_week.csv is not the file that datapackage.json describes"),
        (make_a_count_negative, [], "author_week.csv line 2, column total_tokens: the least allowed is 0"),
        (make_a_relation_unknown, [], "Claim S1 in the register: Assertion chinese: unknown relation 'beats'"),
        (misquote, [], "Claim S1: the article does not say"),
        (empty_a_table, [], "open_weights.csv has a header and no rows"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_2_and_changes_nothing(project_copy, command, damage, arguments, sentence):
    if damage:
        damage(project_copy)
    before = snapshot(project_copy)
    done = command(project_copy, "run", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert snapshot(project_copy) == before


def test_a_failing_notebook_makes_the_exit_status_1(project_copy, command):
    for other in (project_copy / "notebooks").glob("*.ipynb"):
        other.unlink()
    path = notebook(project_copy / "notebooks", "00_broken", "1 / 0")
    notebook(project_copy / "notebooks", "01_good", GOOD)
    done = command(project_copy, "run")
    assert done.returncode == 1
    assert "cell 2: ZeroDivisionError: division by zero" in done.stdout
    page = (project_copy / "reports" / "index.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError: division by zero" in page
    assert (project_copy / "reports" / path.stem / path.name).is_file()
