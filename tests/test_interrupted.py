"""Commands that are stopped at any moment, and commands that a refresh comes into."""

import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from analysis import package
from analysis.claims import Case
from analysis.criteria import Claim, Criterion
from analysis.notebook import Summary
from analysis.refresh import store
from conftest import give_back_sigint, snapshot
from samples import notebook

pytestmark = pytest.mark.slow

DAYS = [f"2026-05-{day:02}" for day in range(4, 8)]
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}


def small(project: Path, *names: str, first: str = "") -> None:
    """Notebooks, in the place of the project's own, that import nothing and show one verdict."""
    for path in (project / "notebooks").glob("*.ipynb"):
        path.unlink()
    nobody_knows = Criterion("whole", "stated", "It is so", would_need="a survey")
    case = Case(Claim("S9", "n", "quote", (nobody_knows,)), DAYS[0])
    case.verdict("Nobody knows.")
    shown = [case.result._repr_mimebundle_(), Summary({"S9": case}, DAYS[0], {})._repr_mimebundle_()]
    cells = [f"import json\ndisplay(json.loads({json.dumps(bundle)!r}), raw=True)" for bundle in shown]
    for name in names:
        path = notebook(project / "notebooks", name, *([first] if first else []), *cells)
        text = path.read_text(encoding="utf-8").replace(
            '\\"x\\"  # one of x, y', f'\\"{DAYS[0]}\\"  # one of {", ".join(DAYS)}'
        )
        path.write_text(text, encoding="utf-8")


def bytes_of(out: Path) -> dict[str, bytes]:
    """Files of a report but for how long a run took, and for what has no name of its own yet."""
    files = {name: content for name, content in snapshot(out).items() if not Path(name).name.startswith(".")}
    timed = {name: re.sub(rb'"seconds": [0-9.]+', b"", content) for name, content in files.items()}
    return {name: re.sub(rb'"cells": {[^}]*}', b"", content) for name, content in timed.items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", [0, 0.05, 0.3])
def test_a_command_that_is_stopped_as_it_begins_leaves_no_process_and_says_so_once(tmp_path, number, moment):
    command = [sys.executable, "-m", "analysis", "run", "--out", str(tmp_path / "out")]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=give_back_sigint
    )
    while not (started := psutil.Process(running.pid).children()):
        time.sleep(0.005)
    time.sleep(moment)
    os.killpg(running.pid, number)
    assert running.wait(timeout=30) == STATUS[number]
    _, alive = psutil.wait_procs(started, timeout=10)  # one that is just being started ends by itself, a moment later
    assert alive == []
    assert running.stderr.read() == b"Stopped.\n"
    assert not (tmp_path / "out").exists()


@dataclass
class Lane:
    """A report of its own that is stopped and resumed, again and again; what a whole one takes, and what it holds."""

    project: Path
    out: Path
    seconds: float
    expected: dict[str, bytes]
    statuses: list[int] = field(default_factory=list)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "analysis", "run", "--sweep", "plan.toml", "--out", str(self.out)]

    def stop(self, number: signal.Signals, share: float) -> None:
        """Stop the command after a share of the time that it takes; one that is done is looked at, and done anew."""
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(self.command, cwd=self.project, preexec_fn=give_back_sigint, **streams)
        time.sleep(share * self.seconds)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
        self.statuses.append(process.returncode)
        assert self.statuses[-1] in (STATUS[number], 0), said
        if self.statuses[-1] == 0:
            assert bytes_of(self.out) == self.expected
            shutil.rmtree(self.out)

    def resume(self) -> None:
        """Let it end."""
        done = subprocess.run(self.command, cwd=self.project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_sweep_stopped_at_20_random_moments_and_resumed_gives_the_bytes_of_a_whole_one(project_copy):
    small(project_copy, "00_small", first="import time\ntime.sleep(0.2)")
    (project_copy / "plan.toml").write_text(f'[[sweep]]\nnotebook = "00_small"\nas_of = {DAYS}\n', encoding="utf-8")
    whole, start = Lane(project_copy, project_copy / "reports" / "whole", 0, {}), time.monotonic()
    whole.resume()
    seconds, expected = time.monotonic() - start, bytes_of(whole.out)
    assert len([name for name in expected if name.endswith(".ipynb")]) == len(DAYS)
    lanes = [Lane(project_copy, project_copy / "reports" / f"cut{place}", seconds, expected) for place in range(2)]
    chance = random.Random(20)
    moments = [(chance.choice(list(STATUS)), chance.uniform(0.1, 1)) for _ in range(20)]
    with ThreadPoolExecutor(len(lanes)) as executor:
        for place in range(0, len(moments), len(lanes)):
            now = zip(lanes, moments[place : place + len(lanes)], strict=True)
            for stopped in [executor.submit(lane.stop, *moment) for lane, moment in now]:
                stopped.result()
        list(executor.map(Lane.resume, lanes))
    assert [bytes_of(lane.out) == expected for lane in lanes] == [True, True]
    assert len([status for lane in lanes for status in lane.statuses if status]) >= 10


def test_a_background_job_of_a_shell_ignores_sigint_and_ends_with_143_on_sigterm(project_copy):
    small(project_copy, "00_small", first="import time\nopen('begun', 'w').close()\ntime.sleep(60)")
    # without job control a shell starts what stands before & with SIGINT ignored
    shell = f"{sys.executable} -m analysis run > out 2> err & echo $! > pid; wait $!; echo $? > status"
    job = subprocess.Popen(["sh", "-c", shell], cwd=project_copy, preexec_fn=give_back_sigint)
    end = time.monotonic() + 60
    while not (project_copy / "begun").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    pid = int((project_copy / "pid").read_text())
    os.kill(pid, signal.SIGINT)
    time.sleep(0.5)
    assert job.poll() is None
    os.kill(pid, signal.SIGTERM)
    job.wait(10)
    assert (project_copy / "status").read_text() == "143\n"
    assert (project_copy / "err").read_text().startswith("Stopped. What was finished is kept")


SLEEPERS = """
import time
from analysis.system import process
with process.map_by(2) as each:
    list(each(time.sleep, [60, 60]))
"""


def test_no_process_that_draws_outlives_a_command_that_is_killed():
    command = subprocess.Popen([sys.executable, "-c", SLEEPERS])
    end = time.monotonic() + 20
    while len(children := psutil.Process(command.pid).children()) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    command.kill()
    command.wait()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert (len(gone), alive) == (2, [])


LOST = """
import os
from analysis.system import process
with process.map_by(2) as each:
    list(each(os._exit, [1, 1, 1]))
"""


def test_a_process_that_draws_and_is_lost_is_an_error_and_no_wait_for_ever():
    command = [sys.executable, "-c", LOST]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    assert "BrokenProcessPool" in done.stderr


def test_a_report_with_nothing_to_do_says_so_and_is_left_alone(project_copy, command):
    small(project_copy, "00_small")
    first = command(project_copy, "run")
    written = {path: path.stat().st_mtime_ns for path in (project_copy / "reports").rglob("*.html")}
    again = command(project_copy, "run")
    assert [done.returncode for done in (first, again)] == [0, 0], first.stderr + again.stderr
    assert "Nothing has changed since the report was written" not in first.stdout
    assert again.stdout.count("Nothing has changed since the report was written") == 1
    assert written
    assert {path: path.stat().st_mtime_ns for path in written} == written
    other = command(project_copy, "run", "--address", "https://example.org/report/")
    assert "Nothing has changed" not in other.stdout
    assert (project_copy / "reports" / "index.html").stat().st_mtime_ns > written[
        project_copy / "reports" / "index.html"
    ]


# One data package, whatever a refresh does meanwhile


REFRESH = """
import json
from analysis import DATA, package
from analysis.refresh import store
content = json.loads(package.read_descriptor())
entry = next(entry for entry in content["resources"] if entry["name"] == "{name}")
shorter = b"".join((DATA / entry["path"]).read_bytes().splitlines(keepends=True)[:-1])
entry["hash"] = package.digest(shorter)
store.write({{entry["path"]: shorter, "datapackage.json": json.dumps(content).encode()}}, DATA)
"""
"""Puts a table with a row less in the place of one, as a refresh does."""

BOOK = """
from analysis import notebook, parameters
values = {name: parameter.default for name, parameter in parameters.read("01_share_shift").items()}
book = notebook.open("01_share_shift", values)
book.load("author_week")
"""

SECOND = """
book.load("model_week")
shown = book.sources().data
disk = package.read_now(DATA, "model_week.csv")
entry = next(entry for entry in json.loads(package.read_now(DATA, "datapackage.json"))["resources"]
             if entry["name"] == "model_week")
print(entry["hash"] == package.digest(disk), entry["hash"][7:19] in shown)
book = notebook.open("01_share_shift", values)
book.load("model_week")
print(entry["hash"][7:19] in book.sources().data)
"""


def test_a_notebook_sees_one_package_until_it_is_begun_again(project_copy):
    command = [sys.executable, "-c", BOOK + REFRESH.format(name="model_week") + SECOND]
    done = subprocess.run(command, cwd=project_copy, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == (["True", "False", "True"], 0), done.stderr


def test_a_run_that_a_refresh_came_into_is_not_kept_as_finished(project_copy, command):
    small(project_copy, "00_first", "01_second", first=REFRESH.format(name="authors"))
    cut = command(project_copy, "run", "--workers", "1")
    assert cut.returncode == 1
    assert cut.stdout.count("data/ has changed since the command began: repeat it") == 2
    assert list(project_copy.glob("reports/*/run.json")) == []
    small(project_copy, "00_first", "01_second")
    assert command(project_copy, "run").returncode == 0


OBTAINED = ("2031-01-01", "2032-01-01")


def packages(data: Path) -> list[dict[str, bytes]]:
    """Two packages in turn, each with its own day of obtainment in every entry and its own last row of a table."""
    content = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    rows = (data / "authors.csv").read_bytes()
    made = []
    for day, table in zip(OBTAINED, (rows, b"".join(rows.splitlines(keepends=True)[:-1])), strict=True):
        for entry in content["resources"]:
            entry["vintage"] = day
            if entry["name"] == "authors":
                entry["hash"] = package.digest(table)
        made.append({"authors.csv": table, "datapackage.json": json.dumps(content).encode()})
    return made


def test_what_explain_cites_is_of_one_package_while_a_refresh_writes(project_copy, command):
    """A thread puts one package in the place of the other as fast as it can, all the time that explain reads."""
    data, done = project_copy / "data", threading.Event()
    both = packages(data)
    store.write(both[0], data)

    def write() -> None:
        for made in itertools.cycle(both):
            if done.is_set():
                return
            store.write(made, data)
            time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        told = [command(project_copy, "explain", name) for name in ("S1", "S4", "P5", "M7", "B5", "S2")]
    finally:
        done.set()
        writer.join()
    assert [(one.returncode, one.stderr) for one in told] == [(0, "")] * len(told)
    for one in told:
        assert len({day for day in OBTAINED if day in one.stdout}) == 1, one.stdout
