"""A plan on a Dask cluster: every run once, also where a worker dies."""

import os
import subprocess
import sys
import time

import dask
import nbformat
import pytest
from distributed import Client, LocalCluster

from analysis.findings import RUN_MIME
from analysis.run import execute
from analysis.run.execute import Run
from analysis.run.records import read_results
from samples import GOOD, notebook

pytestmark = pytest.mark.slow


def summary_of(run: Run) -> dict:
    """What the last cell of an executed notebook carries for machines."""
    return nbformat.read(run.output, 4).cells[-1].outputs[-1].data[RUN_MIME]


NOTE = "import os, time\nopen(f'log-{as_of}-{os.getpid()}', 'w').close()\ntime.sleep(0.4)"


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        yield cluster


def test_a_killed_worker_loses_no_run_and_doubles_none(cluster, tmp_path):
    path = notebook(tmp_path, "note", NOTE, GOOD)
    runs = [Run(path, tmp_path / day, {"as_of": day}, tmp_path) for day in "abcdefgh"]
    with Client(cluster) as client:
        pids = client.run(os.getpid)
        killed: list[int] = []

        def kill_once(line: str) -> None:
            if not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], 9)

        records = execute.execute_all(runs, client.get_executor(pure=False), kill_once)
    assert killed
    assert [(record.status, record.parameters["as_of"]) for record in records] == [("ok", day) for day in "abcdefgh"]
    assert [summary_of(run)["as_of"] for run in runs] == list("abcdefgh")
    logs = sorted(path.name.split("-")[1] for path in tmp_path.glob("log-*"))
    assert set(logs) == set("abcdefgh")
    assert len(logs) <= 9  # the run that the worker died in has started twice


def test_runs_that_kill_every_worker_are_reported_and_the_others_are_done(tmp_path):
    deadly = notebook(tmp_path, "deadly", "import os, psutil\npsutil.Process(os.getppid()).parent().kill()", GOOD)
    good = notebook(tmp_path, "good", GOOD)
    # that the second worker dies is enough: else two more have to start, and to die
    once = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    local = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
    with once, local as cluster, Client(cluster) as client:
        runs = [Run(deadly, tmp_path / "deadly"), Run(good, tmp_path / "good")]
        records = execute.execute_all(runs, client.get_executor(pure=False), lambda _: None)
    assert [record.status for record in records] == ["failed", "ok"]
    assert records[0].error.startswith("KilledWorker")


def test_the_command_executes_on_a_cluster(cluster, project_copy, command):
    for path in (project_copy / "notebooks").glob("*.ipynb"):
        path.unlink()
    notebook(project_copy / "notebooks", "00_good", GOOD)
    done = command(project_copy, "run", "--dask", cluster.scheduler_address)
    assert done.returncode == 0, done.stderr
    assert f"on Dask at {cluster.scheduler_address}" in done.stdout
    record = read_results(project_copy / "reports" / "results.json")[0]
    assert record.status == "ok"
    assert (project_copy / "reports" / record.notebook_path).is_file()


def test_a_signal_stops_the_command_and_cancels_what_waits_on_the_cluster(cluster, project_copy):
    for path in (project_copy / "notebooks").glob("*.ipynb"):
        path.unlink()
    for name in ("00_a", "01_b", "02_c", "03_d"):
        notebook(project_copy / "notebooks", name, f"import time\nopen('log-{name}', 'w').close()\ntime.sleep(2)", GOOD)
    command = [sys.executable, "-m", "analysis", "run", "--dask", cluster.scheduler_address]
    process = subprocess.Popen(command, cwd=project_copy, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(project_copy.glob("log-*")):
        assert time.monotonic() < end
        time.sleep(0.05)
    process.terminate()
    assert "Stopped. What was finished is kept" in process.communicate(timeout=10)[1]
    assert process.returncode == 143
    time.sleep(5)
    assert len(list(project_copy.glob("log-*"))) <= 2  # those that had started


def test_a_worker_that_is_asked_again_for_a_finished_run_does_not_execute_it_twice(tmp_path):
    run = Run(notebook(tmp_path, "note", NOTE, GOOD), tmp_path / "a", {"as_of": "a"}, tmp_path)
    first, written = execute.execute_one(run, execute.fingerprint(run)), run.output.stat().st_mtime_ns
    assert execute.execute_one(run, execute.fingerprint(run)) == first
    assert run.output.stat().st_mtime_ns == written
