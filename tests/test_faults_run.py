"""Faults of `run` and of the commands that print: what is refused, what it says, and that nothing has changed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import analysis.__main__
from analysis import ROOT, InputError, catalog, parameters
from analysis.report import articles
from analysis.run import engine, execute, folder, sweep
from analysis.run.execute import Run
from analysis.system import files, messages
from conftest import give_back_sigint, snapshot
from samples import GOOD, notebook

ESCAPE = "\x1b[2J"
EXAMPLE = ROOT / "tests" / "data" / "made_up_claims.toml"


def invoke(*arguments: object):
    return CliRunner().invoke(analysis.__main__.main, [str(argument) for argument in arguments])


# A folder that holds anything else is not ours to write


def test_a_folder_with_a_persons_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    result = invoke("run", "01_share_shift", "--out", tmp_path)
    assert result.exit_code == 2
    assert "holds index.html and is not marked as a report: choose a new folder" in " ".join(result.stderr.split())
    assert snapshot(tmp_path) == {"index.html": b"mine"}


@pytest.mark.parametrize(
    "place", [".", "data", "data/out", "data/.refresh", "notebooks", "analysis/x", "tests", ".git/x"]
)
def test_no_part_of_the_project_is_a_place_for_reports(place):
    with pytest.raises(InputError, match="is a part of the project: choose reports/ or a folder outside"):
        folder.check(ROOT / place)


def test_reports_and_what_git_ignores_are_places_for_reports():
    folder.check(ROOT / "reports" / "not yet there")
    folder.check(ROOT / ".pytest_cache" / "not yet there")


def test_a_link_that_leads_into_the_project_is_refused(tmp_path):
    (tmp_path / "out").symlink_to(ROOT / "data")
    with pytest.raises(InputError, match="is a part of the project"):
        folder.check(tmp_path / "out")


def test_a_report_with_a_link_in_it_is_refused(tmp_path):
    folder.mark(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    with pytest.raises(InputError, match="holds the link data, which leads elsewhere: remove it"):
        folder.check(tmp_path)


def test_an_empty_folder_a_marked_one_and_one_that_holds_reports_are_taken(tmp_path):
    folder.check(tmp_path)
    folder.mark(tmp_path / "september")
    (tmp_path / "activity.csv").write_text("date")
    folder.check(tmp_path)
    (tmp_path / "september" / "index.html").write_text("old")
    folder.check(tmp_path / "september")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a" * 300, "circle", "file/below"])
def test_an_out_that_no_system_can_make_gets_a_sentence(tmp_path, name):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "file").write_text("")
    result = invoke("run", "01_share_shift", "--out", tmp_path / name)
    assert result.exit_code == 2
    assert result.stderr.count("Error: ") == 1
    assert "choose another" in " ".join(result.stderr.split())


# Text is text


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "|cmd"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_inert(text):
    assert messages.inert(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["a=1", "-1.5", "-1e-7", "2026-05-25", "", -1.5, None, True])
def test_other_cells_stay_as_they_are(cell):
    assert messages.inert(cell) == cell


def test_a_long_message_keeps_its_beginning_and_its_remedy():
    cut = messages.message(f"wrong: {'a' * 100_000}{ESCAPE}: choose another.")
    assert len(cut) == messages.MOST_CHARACTERS
    assert cut.startswith("wrong: a")
    assert cut.endswith("a\N{REPLACEMENT CHARACTER}[2J: choose another.")


def test_a_value_of_100000_characters_is_refused_in_300():
    result = invoke("run", "01_share_shift", "-p", f"anonymous={'x' * 100_000}{ESCAPE}")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()[-1]) <= len("Error: ") + 300
    assert ESCAPE not in result.stderr


# A claims file is someone else's text


@pytest.fixture
def claims_file(tmp_path: Path) -> Path:
    for path in (EXAMPLE, EXAMPLE.with_name("made_up_article.txt")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / EXAMPLE.name


@pytest.mark.parametrize("name", ["/proc/self/environ", "../../../../etc/passwd", "link"])
def test_an_article_lies_beside_or_below_its_claims_file(claims_file, name):
    claims_file.with_name("link").symlink_to("/etc/passwd")
    text = claims_file.read_text(encoding="utf-8").replace("made_up_article.txt", name)
    claims_file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"does not lie beside or below .*: move it there"):
        articles.read(claims_file)


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def two_megabytes(path: Path) -> Path:
    path.write_bytes(b"#" * (files.MOST_BYTES + 1))
    return path


def circle(path: Path) -> Path:
    path.symlink_to(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (pipe, "is not a regular file"),
        (two_megabytes, "has more than 2,000,000 bytes"),
        (circle, "cannot be read (Too many levels of symbolic links)"),
        (lambda _: Path("/dev/zero"), "/dev/zero is not a regular file"),
        (lambda _: Path("/proc/self/environ"), "/proc/self/environ is not a regular file"),
        (lambda path: path.with_name("a" * 300), "cannot be read (File name too long)"),
    ],
)
@pytest.mark.parametrize("option", ["--claims", "--sweep", "usage"])
def test_a_file_that_is_none_is_refused_at_once(tmp_path, make, sentence, option):
    path, start = make(tmp_path / "file.toml"), time.monotonic()
    with pytest.raises(InputError) as caught:
        if option == "--claims":
            articles.read(path)
        elif option == "--sweep":
            sweep.plan(path, tmp_path / "out")
        else:
            files.read_bytes(path, "an activity export")
    assert sentence in str(caught.value)
    assert time.monotonic() - start < 2


def test_a_usage_file_that_is_a_pipe_does_not_wait(tmp_path):
    with pytest.raises(InputError, match="is not a regular file: give the path of an activity export"):
        catalog.read_activity(pipe(tmp_path / "usage.csv"))


def test_a_claimed_number_of_400_digits_gets_a_sentence(claims_file):
    text = claims_file.read_text(encoding="utf-8").replace("target = 0.4", f"target = 1{'0' * 400}")
    claims_file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"A1\.assertions\.share\.target has more than 30 digits"):
        articles.read(claims_file)


def test_a_control_character_of_a_claims_file_never_reaches_the_terminal(claims_file):
    text = claims_file.read_text(encoding="utf-8")
    claims_file.write_text(text + '\n["\\u001b[2J"]\nquote = "x"\n', encoding="utf-8")
    result = invoke("explain", "A1", "--claims", claims_file)
    assert result.exit_code == 2
    assert "holds a control character: leave it out." in " ".join(result.stderr.split())
    assert ESCAPE not in result.output


# Plans that cannot be


@pytest.mark.slow
@pytest.mark.parametrize(("axes", "number"), [(2, "78,400"), (5, "more than 10^15")])
def test_a_plan_of_too_many_runs_is_refused_within_a_second(tmp_path, axes, number):
    names = ["moves", "weeks", "top_n", "as_of", "anonymous"][:axes]
    values = list(range(280)) if axes == 2 else list(range(2000))
    text = "\n".join(["[[sweep]]", 'notebook = "01_share_shift"', *(f"{name} = {values}" for name in names)])
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    execute.check_inputs()  # libraries and tables are read before the clock starts
    start = time.process_time()  # what else the machine does is not counted
    with pytest.raises(InputError) as caught:
        sweep.plan(tmp_path / "plan.toml", tmp_path / "out")
    assert f"asks for {number} runs, and a sweep may have 5,000: give fewer values." in str(caught.value)
    assert time.process_time() - start < 1


@pytest.mark.slow
def test_the_largest_plan_is_made_and_keyed_within_two_seconds(tmp_path):
    lines = ['as_of = {from = "2025-03-03", to = "2026-09-28", every = "week"}', f"top_n = {list(range(2, 32))}"]
    text = "\n".join(["[[sweep]]", 'notebook = "01_share_shift"', *lines, "weeks = [4, 8]"])
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    execute.check_inputs()
    start = time.process_time()
    runs = sweep.plan(tmp_path / "plan.toml", tmp_path / "out")
    keys = {execute.fingerprint(run) for run in runs}
    assert time.process_time() - start < 2
    assert len(keys) == len(runs) == 83 * 30 * 2


# One broken file costs only itself


@pytest.fixture
def broken(tmp_path, monkeypatch) -> Path:
    """Folder of a good and a broken notebook in the place of the project's own."""
    made = tmp_path / "notebooks"
    made.mkdir()
    notebook(made, "01_share_shift", GOOD)
    path = made / "02_price_gap.ipynb"
    path.write_text('{"cells": [{"cell_type": "code"}]}')
    for module in (parameters, execute):
        monkeypatch.setattr(module, "NOTEBOOKS", made)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"cells": [1]}', b"[" * 100_000, b'{"cells": []}']
)
def test_a_corrupt_notebook_costs_only_itself(broken, content):
    broken.write_bytes(content)
    done = invoke("run", "--help")
    assert done.exit_code == 0
    assert "02_price_gap.ipynb" in done.output
    assert "as_of=x" in done.output
    with pytest.raises(InputError, match=r"02_price_gap\.ipynb"):
        execute.plan(["02_price_gap"], {}, broken.parent.parent / "out")
    runs = execute.plan([], {}, broken.parent.parent / "out")
    records = [execute.execute_one(run) for run in runs if run.notebook == broken]
    assert [run.notebook.stem for run in runs] == ["01_share_shift", "02_price_gap"]
    assert records[0].status == "failed"
    assert "02_price_gap.ipynb" in records[0].error


@pytest.mark.slow
def test_verdicts_shows_the_others_names_the_broken_one_and_fails(project_copy, command):
    (project_copy / "notebooks" / "02_price_gap.ipynb").write_text("{")
    done = command(project_copy, "verdicts")
    assert done.returncode == 1
    assert "02_price_gap: 02_price_gap.ipynb is not a notebook: restore it from git." in done.stderr
    assert "S1 " in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda package: package["resources"].append(7),
        lambda package: package["resources"][0].pop("vintage"),
        lambda package: package["resources"][0].update(path="../../etc/passwd"),
        lambda package: package["resources"][0].update(hash=None),
        lambda package: package["resources"][0].update(schema=[]),
        lambda package: package["resources"][0]["schema"].update(fields=[{"name": 1}]),
        lambda package: package.update(resources={}),
    ],
)
def test_a_broken_descriptor_gets_a_sentence(data_copy, change):
    path = data_copy / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    change(package)
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(InputError, match=r"datapackage\.json.*restore it from git"):
        catalog.check(data_copy)


@pytest.mark.slow
def test_what_a_cell_prints_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CELL_BYTES", 50_000)
    source = "for _ in range(100):\n    print('x' * 10_000, flush=True)"
    run = Run(notebook(tmp_path, "loud", source, GOOD), tmp_path / "out")
    assert execute.execute_one(run).status == "ok"
    assert run.output.stat().st_size < 120_000
    assert "What this cell printed beyond" in run.output.read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_error_of_five_million_characters_is_cut(tmp_path):
    run = Run(notebook(tmp_path, "loud", "raise ValueError('x' * 5_000_000 + chr(27))"), tmp_path / "out")
    record = execute.execute_one(run)
    assert record.error.startswith("cell 2: ValueError: ")
    assert len(record.error) <= 300
    assert "\x1b" not in record.error
    assert run.output.stat().st_size < 300_000


# No traceback


def test_what_nobody_foresaw_is_one_sentence_a_file_and_status_70(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise KeyError("secret-key-of-mine")

    monkeypatch.setattr(catalog, "check", fail)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("OPENROUTER_API_KEY", "secret-key-of-mine")
    result = invoke("verdicts")
    kept = list(tmp_path.glob("openrouter-claims-*.txt"))
    assert result.exit_code == 70
    assert len(result.stderr.splitlines()) == 1
    assert str(kept[0]) in result.stderr
    assert "secret-key-of-mine" not in result.stderr + kept[0].read_text()
    assert "Traceback" in kept[0].read_text()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("made", [RuntimeError, ImportError, OSError, InputError, BrokenPipeError])
def test_a_signal_that_a_library_makes_another_exception_of_is_still_a_signal(
    tmp_path, monkeypatch, number, status, made
):
    def mark(_: Path) -> None:
        try:
            os.kill(os.getpid(), number)
        except BaseException as stopped:
            raise made("a module was not imported") from stopped

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(folder, "mark", mark)
    try:
        result = invoke("run", "01_share_shift", "--out", tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (result.exit_code, result.stderr) == (status, "Stopped.\n")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["verdicts"], ["explain", "S1"]])
def test_a_full_place_for_output_gets_a_sentence(arguments):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "analysis", *arguments]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "The output cannot be written (No space left on device)" in done.stderr


@pytest.mark.slow
def test_a_reader_that_leaves_stops_nothing():
    shell = f"{sys.executable} -m analysis verdicts | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_an_error_of_the_disk_names_the_file(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match=r"results\.json"):
        files.write_text(tmp_path / "results.json", "x")
    assert list(tmp_path.iterdir()) == []


# Signals


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.15, 0.4, 0.9])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_the_imports_gives_its_status_and_one_line(number, status, delay):
    code = (
        "import runpy, sys\n"
        "sys.argv = ['analysis', 'explain', 'S1']\n"
        "print('ready', flush=True)\n"
        "runpy.run_module('analysis', run_name='__main__', alter_sys=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=give_back_sigint,
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    if process.returncode == 0:
        pytest.skip("the machine was faster")
    assert (process.returncode, errors) == (status, "Stopped.\n")


def test_a_sigint_that_is_ignored_stays_ignored():
    code = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from analysis.system import process\n"
        "process.stop_at_once()\n"
        "with process.stopping_in_order():\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
