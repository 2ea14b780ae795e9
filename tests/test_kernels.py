import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path

import nbformat
import psutil
import pytest

from analysis import NOTEBOOKS, parameters
from analysis.run import cache, engine, execute, forkserver, imports, kernel_pool
from analysis.run.execute import Run
from conftest import give_back_sigint
from samples import GOOD, NEWEST, notebook

pytestmark = pytest.mark.slow

LEAK = """
import builtins, os, random, sys, warnings
import matplotlib as mpl, numpy as np, pandas as pd
from matplotlib import pyplot as plt
from analysis import figures
from analysis.measures import lag, paired, serving  # what they import may add filters of warnings
builtins.leaked, pd.leaked, figures.COLOURS["CN"] = 1, 1, "black"
mpl.rcParams["figure.dpi"] = 31
pd.set_option("display.max_columns", 3)
os.chdir("/")
os.environ["LEAKED"] = "1"
sys.path.insert(0, "/leaked")
warnings.simplefilter("error")
np.random.seed(1); random.seed(1)
plt.switch_backend("svg")
plt.figure()
"""

PROBE = """
import builtins, os, sys, warnings
import matplotlib as mpl, numpy as np, pandas as pd
from matplotlib import pyplot as plt
from analysis import figures
from analysis.measures import lag, paired, serving  # what they import may add filters of warnings

print(hasattr(builtins, "leaked"), hasattr(pd, "leaked"), figures.COLOURS["CN"], "LEAKED" in os.environ)
print({key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"})
print(plt.get_fignums(), mpl.get_backend(), os.getcwd(), sys.path, mpl.is_interactive())
print(sorted((entry[0], entry[2].__name__) for entry in warnings.filters))
print({key: pd.get_option(key) for key in ("display.max_columns", "display.max_rows", "display.width")})
"""

SHOW = """
print("err", file=sys.stderr)
plt.plot([1, 3, 2]); plt.title("inline")
plt.show()
pd.DataFrame(np.arange(2500).reshape(50, 50))
"""

ODD = [
    "print('a', end=''); print('b', file=__import__('sys').stderr); 1",
    "shown = display('first', display_id=True)",
    "shown.update('second')",
    "from IPython.display import clear_output\nprint('gone'); clear_output(wait=True); print('stays')",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "import os, subprocess, time\nsubprocess.run(['echo', 'of a process'])\ntime.sleep(0.5)",
    "os.write(1, b'of C')\ntime.sleep(0.5)",
    "import threading\nlate = threading.Timer(1, print, ['late'])\nlate.start()",
    "print('early'); late.join(); print('after')",
    "%%capture captured\nprint('kept')",
    "captured.stdout",
    "def deep(n):\n    return 1 / n if n < 1 else deep(n - 1)\ndeep(3)",
    "input('asked')",
    "import warnings\nwarnings.warn('a warning')\n__name__, __import__('__main__').shown is shown, In[2][:5], Out[2]",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('t')",
    "import multiprocessing, sys\ndef told(n):\n    sys.stdout.write(f'fork {n}\\n')\n    return n",
    "with multiprocessing.get_context('fork').Pool(1) as pool:\n    shown = pool.map(told, [1])\ntime.sleep(0.5)",
    "import io, sys\nold, sys.stdout = sys.stdout, io.StringIO()",
    "print('hidden')",
    "kept, sys.stdout = sys.stdout, old\nkept.getvalue()",
    "for i in range(5):\n    clear_output()\n    display(i)",
    "exec('x = 1 +')",
    "1 +",
    "raise SystemExit('left')",
    "float('nan'), '\\ud800'",
    "display({'text/plain': 'x', 'application/json': {'a': float('nan')}}, raw=True)",
    "class A(str):\n    def _repr_html_(self): return '<b>A</b>'\nA()",
    "get_ipython().kernel.implementation, os.environ['MPLBACKEND']",
    "print('a byte that is no text: \\udc80')\ndisplay({'text/plain': '\\udc80'}, raw=True)",
    "k = get_ipython().kernel; _ = k.send_response(k.iopub_socket, 'stream', {'name': 'stdout', 'text': 'sent'})",
]
"""What a cell may do: print in every way, show, clear, wait, ask, fail."""

ASK = "__import__('numpy').random.rand(), __import__('random').random(), os.getpgid(0) == os.getpid()"


def outputs(path: Path) -> list[tuple]:
    """What papermill and the reader see of each cell."""
    cells = nbformat.read(path, as_version=4).cells
    return [(c.cell_type, c.source, c.get("execution_count"), c.get("outputs")) for c in cells]


def plain(path: Path, output: Path, *given: str, succeeds: bool = True) -> list[tuple]:
    """Outputs of a plain call of papermill."""
    command = [Path(sys.executable).with_name("papermill"), path, output, *given]
    subprocess.run(command, check=succeeds, capture_output=True)
    return outputs(output)


@pytest.fixture(scope="module")
def probed(tmp_path_factory):
    """Outputs of a probe by plain papermill, and by a run that follows one which leaks and one which crashes."""
    folder = tmp_path_factory.mktemp("probe")
    probe = notebook(folder, "probe", PROBE, SHOW, GOOD)
    leak = Run(notebook(folder, "leak", LEAK, GOOD), folder / "leak")
    crash = Run(notebook(folder, "crash", LEAK, "os.kill(os.getpid(), 9)"), folder / "crash")
    statuses = [execute.execute_one(run).status for run in (leak, crash, Run(probe, folder / "out"))]
    assert statuses == ["ok", "failed", "ok"]
    return plain(probe, folder / "plain.ipynb"), outputs(folder / "out" / "probe.ipynb")


def test_a_run_meets_what_plain_papermill_would_whatever_ran_before_it(probed):
    expected, found = probed
    assert found[1] == expected[1]


def test_streams_pictures_and_tables_are_cut_as_by_plain_papermill(probed):
    expected, found = probed
    assert found == expected
    kinds = [set(output.get("data", {})) for output in found[2][3]]
    assert {"image/png", "text/plain"} in kinds
    assert {"text/html", "text/plain"} in kinds


def test_odd_cells_have_the_outputs_of_plain_papermill(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # where it is set, ipykernel leaves alone what processes print
    pool = kernel_pool._Pool()
    monkeypatch.setattr(kernel_pool, "_POOL", pool)
    path = notebook(tmp_path, "odd", *ODD)
    source = nbformat.read(path, as_version=4)
    for cell in source.cells[1:]:
        cell.metadata["tags"] = ["raises-exception"]
    nbformat.write(source, path)
    expected = plain(path, tmp_path / "plain.ipynb", succeeds=False)
    record = execute.execute_one(Run(path, tmp_path / "out"))
    pool.stop()
    assert record.error == "cell 25: SystemExit: left"
    found = outputs(tmp_path / "out" / "odd.ipynb")
    for mine, theirs in zip(found, expected, strict=True):
        assert re.sub(r"ipykernel_\d+", "", repr(mine)) == re.sub(r"ipykernel_\d+", "", repr(theirs))


def test_a_cell_that_is_to_be_skipped_is_skipped(tmp_path):
    path = notebook(tmp_path, "skip", "1", GOOD)
    source = nbformat.read(path, as_version=4)
    source.cells[1].metadata["tags"] = ["skip-execution"]
    nbformat.write(source, path)
    assert execute.execute_one(Run(path, tmp_path / "out")).status == "ok"
    assert outputs(tmp_path / "out" / "skip.ipynb")[1][2:] == (None, [])


def test_a_cell_that_shows_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CELL_SECONDS", 1)
    record = execute.execute_one(Run(notebook(tmp_path, "endless", "while True: display(1)"), tmp_path / "out"))
    assert record.error.startswith("CellTimeoutError")


def test_what_threads_of_a_cell_show_at_once_comes_whole(tmp_path):
    shows = "[display({'text/plain': str(n) * 50_000}, raw=True) for n in range(10)]"
    threads = f"from threading import Thread\nthreads = [Thread(target=lambda: {shows}) for _ in range(4)]"
    start = "for thread in threads: thread.start()\n" + shows + "\nfor thread in threads: thread.join()"
    execute.execute_one(Run(notebook(tmp_path, "threads", threads, start), tmp_path / "out"))
    shown = outputs(tmp_path / "out" / "threads.ipynb")[-1][-1]
    assert sorted(output["data"]["text/plain"] for output in shown) == sorted(5 * [str(n) * 50_000 for n in range(10)])


def test_the_time_of_a_cell_ends_also_where_more_has_come_than_is_taken():
    line, kernels_end = Pipe()
    busy = {"msg_type": "status", "parent_header": {"msg_id": "1"}, "content": {"execution_state": "busy"}}
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process, kernels_end:
        for said in (process.pid, {"name": "python"}, *[busy] * 100):
            kernels_end.send_bytes(json.dumps(said).encode())
        kernel = kernel_pool.Kernel(line, process)
        taken = []
        with pytest.raises(TimeoutError):
            kernel.execute("1", 0.2, lambda message: (taken.append(message), time.sleep(0.02)))
        kernels_end.close()  # as the system does where a kernel ends
        kernel.close()
    assert 0 < len(taken) < 100


def test_what_is_said_between_the_reply_and_the_end_belongs_to_the_cell():
    line, kernels_end = Pipe()
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    said = {"parent_header": {"msg_id": "1"}}
    states = [said | {"msg_type": "status", "content": {"execution_state": state}} for state in ("busy", "idle")]
    late, reply = said | {"msg_type": "stream"}, said | {"msg_type": "execute_reply", "content": {"status": "ok"}}
    for message in (process.pid, {"name": "python"}, states[0], reply, late, states[1]):
        kernels_end.send_bytes(json.dumps(message).encode())
    kernel, taken = kernel_pool.Kernel(line, process), []
    assert kernel.execute("1", 60, taken.append) == {"status": "ok"}
    assert [message["msg_type"] for message in taken] == ["status", "stream"]
    kernels_end.close()
    kernel.close()


def test_a_stream_that_is_flushed_as_something_is_written_to_it_publishes_that_at_the_next_flush(tmp_path):
    cell = """import sys
from ipykernel.iostream import OutStream
write = OutStream.write
OutStream.write = lambda self, text: (self.flush(), write(self, text))[1]
print("written", end=""); sys.stdout.flush()
display({"text/plain": "shown"}, raw=True)"""
    execute.execute_one(Run(notebook(tmp_path, "flushed", cell), tmp_path / "out"))
    texts = [o.get("text") or o["data"]["text/plain"] for o in outputs(tmp_path / "out" / "flushed.ipynb")[-1][-1]]
    assert texts == ["written", "shown"]


def test_what_a_cell_started_ends_with_a_kernel_that_ends_by_itself(tmp_path):
    note = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(started.pid))"
    source = f"import os, subprocess\nstarted = subprocess.Popen(['sleep', '60'])\n{note}\nos._exit(1)"
    record = execute.execute_one(Run(notebook(tmp_path, "gone", source), tmp_path / "out"))
    assert record.error == "DeadKernelError: Kernel died"
    state = Path(f"/proc/{int((tmp_path / 'pid').read_text())}/stat")
    end = time.monotonic() + 5
    while state.exists() and state.read_text().split()[2] != "Z":
        assert time.monotonic() < end


@pytest.mark.parametrize("name", parameters.names())
def test_every_notebook_has_the_outputs_of_plain_papermill_from_any_directory(name, collection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = NOTEBOOKS / f"{name}.ipynb"
    expected = plain(path, Path("out.ipynb"), "-p", "as_of", NEWEST)
    assert outputs(collection / f"{name}--as_of={NEWEST}" / path.name) == expected


def test_a_forked_and_a_cold_kernel_give_the_same_bytes(tmp_path, monkeypatch):
    path = notebook(tmp_path, "good", PROBE, SHOW, GOOD)
    runs = [Run(path, tmp_path / name, {"as_of": "y"}) for name in ("forked", "again", "cold")]
    for run in runs:
        monkeypatch.setattr(kernel_pool, "CAN_FORK", run.folder.name != "cold")
        assert execute.execute_one(run).status == "ok"
    forked, again, cold = (run.output.read_bytes() for run in runs)
    assert forked == again == cold


def test_where_the_system_does_not_fork_the_command_says_so(monkeypatch):
    assert kernel_pool.kind() == "forked from a warm process"
    monkeypatch.setattr(kernel_pool, "CAN_FORK", False)
    assert kernel_pool.kind() == "started cold, because this system does not fork"


def test_a_warm_process_that_is_gone_is_replaced_by_cold_kernels(tmp_path, monkeypatch, caplog):
    pool = kernel_pool._Pool()
    pool.control().shutdown(2)
    monkeypatch.setattr(kernel_pool, "_POOL", pool)
    assert execute.execute_one(Run(notebook(tmp_path, "good", GOOD), tmp_path / "out")).status == "ok"
    assert "Kernels start cold" in caplog.text
    pool.stop()


def test_unseeded_numbers_differ_between_runs(tmp_path):
    path = notebook(tmp_path, "ask", "import os", ASK, GOOD)
    for name in "ab":
        assert execute.execute_one(Run(path, tmp_path / name)).status == "ok"
    first, second = (outputs(tmp_path / name / "ask.ipynb")[2][3][0]["data"]["text/plain"] for name in "ab")
    assert first.endswith("True)")
    assert [x == y for x, y in zip(first.split(", "), second.split(", "), strict=True)] == [False, False, True]


def test_a_cell_that_takes_too_long_fails_its_run_and_what_it_started_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CELL_SECONDS", 1)
    note = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(started.pid))"
    source = f"import subprocess, time\nstarted = subprocess.Popen(['sleep', '60'])\n{note}"
    record = execute.execute_one(Run(notebook(tmp_path, "slow", source, "time.sleep(60)"), tmp_path / "out"))
    assert record.status == "failed"
    assert record.error == "CellTimeoutError: A cell timed out while it was being executed, after 1 seconds."
    pid = (tmp_path / "pid").read_text()
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_many_runs_leave_no_open_file_and_no_process(tmp_path):
    path = notebook(tmp_path, "good", GOOD)
    open_files = []
    with ThreadPoolExecutor(2) as executor:
        for batch_of_runs in ("abcd", "efghijkl"):
            runs = [Run(path, tmp_path / name) for name in batch_of_runs]
            records = execute.execute_all(runs, executor, lambda _: None)
            assert {record.status for record in records} == {"ok"}
            open_files.append(len(list(Path("/proc/self/fd").iterdir())))
    assert open_files[1] <= open_files[0]
    warm_process, _ = kernel_pool._POOL.warm
    _, alive = psutil.wait_procs(psutil.Process(warm_process.pid).children(), timeout=5)  # the system takes a moment
    assert alive == []


def test_the_warm_process_imports_ahead_and_forks_nothing_then(tmp_path):
    kernel_pool.warm_up(["colorsys"])
    warm_process, _ = kernel_pool._POOL.warm
    said: list[str] = []
    kernel = kernel_pool.start([], tmp_path)
    assert {child.pid for child in psutil.Process(warm_process.pid).children()} == {kernel.pid}
    kernel.execute("import sys; print('colorsys' in sys.modules)", 60, lambda m: said.append(m["content"].get("text")))
    kernel.close()
    assert "True\n" in said


def test_a_notebook_reaches_what_its_cells_and_the_modules_behind_them_import(tmp_path):
    path = notebook(tmp_path, "n", "%matplotlib inline", "from analysis import figures\nimport colorsys")
    assert set(imports.named_in(path)) == {"analysis", "analysis.figures", "colorsys"}
    found = set(imports.reached_from(path))
    assert {"colorsys", "analysis.figures", "matplotlib.pyplot", "seaborn", "analysis.prose"} <= found
    assert "papermill" not in found


def test_the_warm_process_knows_all_libraries_that_are_imported_where_they_are_first_needed():
    reached = {
        name for notebook in parameters.names() for name in imports.reached_from(NOTEBOOKS / f"{notebook}.ipynb")
    }
    found = set()
    for name in sorted(reached):
        source = imports.source_of(name)
        lines = source.read_text(encoding="utf-8").splitlines() if source else []
        found |= {(name, line.split()[1]) for line in lines if re.match(r"    +(import|from) (?!analysis)\w+", line)}
    assert {(name, library.split(".")[0]) for name, library in forkserver._LATER.items()} == {
        (name, library) for name, library in found if library not in sys.stdlib_module_names
    }


# Finished runs


@pytest.fixture
def done(tmp_path):
    """A finished run, as ``execute_all`` knows it."""
    run = Run(notebook(tmp_path, "good", GOOD), tmp_path / "out", {"as_of": "y"})
    assert again(run) == 1
    return run


def again(run: Run, **how: bool) -> int:
    """Execute a plan of one run: how many are executed."""
    lines: list[str] = []
    with ThreadPoolExecutor(1) as executor:
        records = execute.execute_all([run], executor, lines.append, **how)
    assert records[0].status == "ok", records[0].error
    return sum(line.startswith(f"{run.folder.name}: ok") for line in lines)


def test_a_finished_run_is_not_executed_again_unless_forced(done):
    before = done.output.read_bytes()
    assert again(done) == 0
    assert again(done, force=True) == 1
    assert done.output.read_bytes() == before


def change_source(run: Run) -> Run:
    return Run(notebook(run.notebook.parent, "good", "1", GOOD), run.folder, run.given)


def change_output(run: Run) -> Run:
    run.output.write_text(run.output.read_text().replace("checkable", "confirmed"))
    return run


def lose_output(run: Run) -> Run:
    run.output.unlink()
    return run


def break_state(run: Run) -> Run:
    (run.folder / cache.STATE).write_text("{")
    return run


@pytest.mark.parametrize(
    "change", [change_source, change_output, lose_output, break_state, lambda run: Run(run.notebook, run.folder, {})]
)
def test_a_run_is_executed_again_where_anything_differs(done, change):
    assert again(change(done)) == 1


def test_a_run_is_executed_again_where_the_code_the_data_or_the_packages_differ(done, monkeypatch):
    monkeypatch.setattr(cache, "environment", lambda: "other")
    assert again(done) == 1


def test_stored_outputs_do_not_make_another_run(done):
    source = json.loads(done.notebook.read_text())
    source["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    done.notebook.write_text(json.dumps(source))
    assert again(done) == 0


def test_the_content_of_a_file_that_a_parameter_names_counts(tmp_path):
    path = notebook(tmp_path, "n")
    source = json.loads(path.read_text())
    source["cells"][0]["source"] = 'usage: str = ""  # a file or empty: an export'
    path.write_text(json.dumps(source))
    keys = []
    for text in ("1", "2"):
        (tmp_path / "export.csv").write_text(text)
        keys.append(execute.fingerprint(Run(path, tmp_path, {"usage": "export.csv"}, tmp_path)))
    assert keys[0] != keys[1]


def test_the_environment_is_another_when_data_or_code_change(project_copy):
    command = [sys.executable, "-c", "from analysis.run import cache; print(cache.environment())"]

    def ask() -> str:
        return subprocess.run(command, cwd=project_copy, capture_output=True, text=True, check=True).stdout

    first = ask()
    assert ask() == first
    for changed in ("data/claims.toml", "analysis/catalog.py", "analysis/measures/share.py"):
        path = project_copy / changed
        path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        second = ask()
        assert second != first
        first = second


def test_a_worker_with_other_code_does_not_execute(tmp_path):
    run = Run(notebook(tmp_path, "good", GOOD), tmp_path / "out")
    record = execute.execute_one(run, "key of the command")
    assert record.error == "this worker has other code, data or packages than the command: restart it"
    assert not run.folder.exists()


def test_an_executed_notebook_holds_no_time_and_no_path(done):
    text = done.output.read_text()
    assert str(done.folder.parent) not in text
    assert not [word for word in ("start_time", "duration", "iopub") if word in text]
    assert json.loads((done.folder / cache.STATE).read_text())["cells"].keys() >= {"papermill-1"}


# Ctrl-C

INTERRUPT = """
import os, sys, time
open(f"started-{os.getpid()}", "w").close()
if not os.path.exists("go"):
    time.sleep(120)
"""


def wait_for_kernels(folder: Path, number: int) -> None:
    """Wait until so many kernels are in the cell that takes long."""
    end = time.monotonic() + 60
    while len(list(folder.glob("started-*"))) < number:
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_within_two_seconds_leaves_nothing_and_the_next_call_goes_on(project_copy, number, status):
    (temporary := project_copy / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(temporary)}
    for path in (project_copy / "notebooks").glob("*.ipynb"):
        path.unlink()
    for name in ("00_first", "01_second", "02_third"):
        notebook(project_copy / "notebooks", name, *([INTERRUPT] if name != "00_first" else []), GOOD)
    command = [sys.executable, "-u", "-m", "analysis", "run", "--workers", "2"]
    process = subprocess.Popen(
        command,
        cwd=project_copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=give_back_sigint,  # a background job of a shell ignores it, and so would what it starts
    )
    assert "Executing 3 notebooks" in process.stdout.readline()
    assert process.stdout.readline().startswith("00_first: ok")
    wait_for_kernels(project_copy, 2)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) == 3  # the warm process and two kernels
    start = time.monotonic()
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)  # a terminal signals the whole group
    process.wait(10)
    assert process.returncode == status
    assert "the same command goes on from here" in process.stderr.read()
    while [child for child in children if child.is_running() and child.status() != "zombie"]:
        assert time.monotonic() - start < 2
        time.sleep(0.02)
    assert time.monotonic() - start < 2
    assert list(temporary.iterdir()) == []
    (project_copy / "go").touch()
    done = subprocess.run(command, cwd=project_copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(temporary.iterdir()) == []
    assert "Finished before, with the same data and code: 1 of 3" in done.stdout


def test_no_kernel_outlives_a_command_that_is_killed(project_copy):
    for path in (project_copy / "notebooks").glob("*.ipynb"):
        path.unlink()
    notebook(project_copy / "notebooks", "00_slow", INTERRUPT, GOOD)
    process = subprocess.Popen([sys.executable, "-m", "analysis", "run"], cwd=project_copy, stdout=subprocess.DEVNULL)
    wait_for_kernels(project_copy, 1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert (len(gone), alive) == (2, [])


def test_no_kernel_outlives_a_warm_process_that_ends_as_it_forks(tmp_path):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line, for_kernel = Pipe()
    request = {"modules": ["json"], "cwd": str(tmp_path)}
    with theirs, for_kernel:
        command = [sys.executable, "-m", "analysis.run.forkserver", str(theirs.fileno())]
        warm = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        socket.send_fds(ours, [json.dumps(request).encode()], [for_kernel.fileno()])
    ours.close()  # what a killed command does: the warm process forks, reads that nobody is there, and ends
    warm.wait(30)
    said = []
    with line, pytest.raises((EOFError, ConnectionError)):  # the line closes as the kernel ends
        while line.poll(10):
            said.append(line.recv_bytes())
        os.kill(int(said[0]), signal.SIGKILL)
