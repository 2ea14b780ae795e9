"""The same work done in several ways, in one go: how long each takes, beside the time that its cells need."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import papermill
import psutil

from analysis import NOTEBOOKS, InputError, parameters
from analysis.run import cache, imports, kernel_pool

LOOP, POOL, RUN, FLOOR = "loop of `papermill` commands", "`papermill` API in a process pool", "`run`", "cells alone"

_MIB = 2**20
_PACKAGES = ("papermill", "nbclient", "jupyter_client", "ipykernel", "pandas", "matplotlib")

Work = list[tuple[str, str]]
"""Notebook and ``as_of`` of each run."""


def work(runs: int) -> Work:
    """Runs of all notebooks, a week apart, back from the date of the committed ones; a whole number of each notebook.

    Examples
    --------
    >>> work(1)[0]
    ('01_share_shift', '2026-05-25')
    """
    names = parameters.names()
    last = {name: date.fromisoformat(parameters.read(name)["as_of"].default) for name in names}
    weeks = -(-runs // len(names))
    return [(name, (last[name] - timedelta(weeks=week)).isoformat()) for week in range(weeks) for name in names]


def sizes(texts: tuple[str, ...]) -> dict[int, int]:
    """Numbers of runs, and how often each is repeated.

    Raises
    ------
    InputError
        A text is not written as two whole numbers such as ``40x3``.

    Examples
    --------
    >>> sizes(("4x5", "40x3"))
    {4: 5, 40: 3}
    """
    for text in texts:
        if not re.fullmatch(r"[1-9]\d{0,3}x[1-9]\d{0,2}", text):
            raise InputError(f"--runs takes RUNSxROUNDS such as 40x3; not {text!r}.")
    return {int(runs): int(rounds) for runs, rounds in (text.split("x") for text in texts)}


def measure(
    plan: dict[int, int], workers: int, tell: Callable[[str], None]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Do the work in each way, one after the other, round after round.

    Parameters
    ----------
    plan : dict
        Number of runs to number of rounds.
    workers : int
        Runs at once, but for the loop, which does one at a time.
    tell : callable
        Gets a line after each measurement.

    Returns
    -------
    dict
        Number of runs to way to a measurement a round: ``seconds``; ``cells``, those that papermill timed in the cells
        of these runs, shared by the workers, and 0 where it timed none; ``peak``, in bytes, of all processes together;
        ``growth``, the median memory of the last quarter of the time over that of the second.
    """
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for runs, rounds in plan.items():
        todo = work(runs)
        ways = found.setdefault(len(todo), {way: [] for way in _WAYS})
        for turn in range(rounds):
            for way, do in _WAYS.items():
                ways[way].append(_measured(do, todo, workers))
                tell(f"{len(todo)} runs, round {turn + 1}, {way}: {ways[way][-1]['seconds']:.1f} s")
    return found


def page(found: dict[int, dict[str, list[dict[str, Any]]]], workers: int) -> str:
    """Measurements as a Markdown page, with ratios to the loop and to the cells alone, machine and versions."""
    columns = ["runs", "way", "rounds", "median, s", "speed, loop = 1", "over cells alone", "over its own cells"]
    columns += ["peak memory, MiB", "memory growth"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for runs, ways in found.items():
        median = {way: statistics.median(m["seconds"] for m in rounds) for way, rounds in ways.items()}
        for way, rounds in ways.items():
            peak = max(m["peak"] for m in rounds) / _MIB
            growth = statistics.median(m["growth"] for m in rounds)
            timed = [m["seconds"] / m["cells"] for m in rounds if m["cells"]]
            over_own = _over(statistics.median(timed)) if timed else ""
            ratios = f"{median[LOOP] / median[way]:.1f} | {_over(median[way] / median[FLOOR])} | {over_own}"
            memory = " | " if way == FLOOR else f"{peak:.0f} | {growth:.2f}"
            lines.append(f"| {runs} | {way} | {len(rounds)} | {median[way]:.1f} | {ratios} | {memory} |")
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {psutil.virtual_memory().total / 2**30:.0f} GiB"
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"""# Time for many runs

Made by `python -m analysis bench`: the same runs in each way, one way after the other, round after round. The loop does
one run at a time, the others {workers}; `run` starts kernels {kernel_pool.kind()}, and its time includes the report.
*Cells alone* is the time of the cells in processes that have imported everything and read the data, without kernel or
file, shared by {workers}, and nothing else runs meanwhile. *Its own cells* is the time that papermill noted for the
cells of the same runs, while all else went on beside them, shared likewise. Memory is that of all processes, shared
pages counted once; growth is the last quarter of the time over the second.

{chr(10).join(lines)}

{platform.system()}, {machine}, Python {platform.python_version()}, {versions}.
"""


def _over(ratio: float) -> str:
    """By how much a ratio is over one.

    Examples
    --------
    >>> _over(1.25)
    '+25 %'
    """
    return f"{100 * (ratio - 1):+.0f} %"


def _measured(do: Callable[[Work, int, Path], float | None], todo: Work, workers: int) -> dict[str, Any]:
    """Seconds and memory of one way; a way may tell the seconds itself."""
    samples: list[int] = []
    done = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        watch = threading.Thread(target=_watch, args=(samples, done))
        watch.start()
        start = time.perf_counter()
        try:
            told = do(todo, workers, Path(folder))
            seconds = told or time.perf_counter() - start
        finally:
            done.set()
            watch.join()
        cells = _seconds_of_cells(Path(folder)) / (1 if do is _loop else workers)
    quarter = max(1, len(samples) // 4)
    growth = statistics.median(samples[-quarter:]) / statistics.median(samples[quarter : 2 * quarter] or samples)
    return {"seconds": seconds, "cells": cells, "peak": max(samples), "growth": growth}


def _seconds_of_cells(folder: Path) -> float:
    """Seconds of all cells of the runs in a folder, as papermill noted them; `run` keeps them beside the notebooks."""
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.ipynb")]
    timed = [cell["metadata"].get("papermill", {}) for notebook in notebooks for cell in notebook["cells"]]
    kept = [json.loads(path.read_text(encoding="utf-8"))["cells"] for path in folder.rglob(cache.STATE)]
    return sum(about.get("duration") or 0 for about in timed) + sum(sum(cells.values()) for cells in kept)


def _watch(samples: list[int], done: threading.Event) -> None:
    """Take the memory of all processes below this one, shared pages counted once, every second."""
    while not done.wait(1) or not samples:
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                memory = process.memory_full_info()
                total += getattr(memory, "pss", memory.uss)
            except psutil.Error:
                continue
        samples.append(total or 1)


def _loop(todo: Work, workers: int, folder: Path) -> None:
    command = Path(sys.executable).with_name("papermill")
    for name, day in todo:
        given = [str(NOTEBOOKS / f"{name}.ipynb"), str(folder / f"{name}-{day}.ipynb"), "-p", "as_of", day]
        subprocess.run([command, *given], check=True, capture_output=True, env=_environment())


def _pool(todo: Work, workers: int, folder: Path) -> None:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        list(executor.map(_api, todo, [folder] * len(todo)))


def _api(run: tuple[str, str], folder: Path) -> None:
    name, day = run
    path, output = (str(place / f"{name}.ipynb") for place in (NOTEBOOKS, folder / day))
    Path(output).parent.mkdir(exist_ok=True)
    quiet = ["--IPKernelApp.log_level=ERROR"]  # ipykernel warns of TCP
    papermill.execute_notebook(path, output, {"as_of": day}, progress_bar=False, extra_arguments=quiet)


def _run(todo: Work, workers: int, folder: Path) -> None:
    days = {name: [day for other, day in todo if other == name] for name, _ in todo}
    entries = [f'[[sweep]]\nnotebook = "{name}"\nas_of = {json.dumps(days[name])}\n' for name in days]
    (folder / "sweep.toml").write_text("\n".join(entries), encoding="utf-8")
    given = ["--sweep", str(folder / "sweep.toml"), "--out", str(folder / "out"), "--workers", str(workers)]
    command = [sys.executable, "-m", "analysis", "run", *given]
    subprocess.run(command, check=True, capture_output=True, env=_environment())


def _cells_alone(todo: Work, workers: int, folder: Path) -> float:
    """Seconds of all cells, shared by the workers; in a process of its own, which has no threads to lose in a fork."""
    command = [sys.executable, "-m", "analysis.run.bench", json.dumps(todo), str(workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment())
    return float(done.stdout.splitlines()[-1]) / workers


def _cell_seconds(run: tuple[str, str]) -> float:
    """Seconds that the cells of one run need, in a process that ends with it."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    name, day = run
    cells = parameters.read_cells(NOTEBOOKS / f"{name}.ipynb")
    shell, seconds = InteractiveShell.instance(), 0.0
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", []):
            source += f"\nas_of = {day!r}"
        start = time.perf_counter()
        with capture_output():
            shell.run_cell(source, store_history=False).raise_error()
        seconds += time.perf_counter() - start
    return seconds


def _environment() -> dict[str, str]:
    """Environment in which bytecode is kept: without it every import of the stack takes four times as long."""
    return {key: value for key, value in kernel_pool.environment().items() if key != "PYTHONDONTWRITEBYTECODE"}


_WAYS: dict[str, Callable[[Work, int, Path], float | None]] = {
    LOOP: _loop,
    POOL: _pool,
    RUN: _run,
    FLOOR: _cells_alone,
}

if __name__ == "__main__":
    from analysis.run import forkserver

    todo = [(name, day) for name, day in json.loads(sys.argv[1])]
    forkserver.preload([module for name, _ in todo for module in imports.named_in(NOTEBOOKS / f"{name}.ipynb")])
    with get_context("fork").Pool(int(sys.argv[2]), maxtasksperchild=1) as pool:
        print(sum(pool.map(_cell_seconds, todo, chunksize=1)))
