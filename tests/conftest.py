"""Fixtures: copies of the data package and of the whole project that a test may damage."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from analysis import DATA, ROOT

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that at the end no worker has one while the other has none."""
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.slow)
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Folder that all workers share: the first to ask makes what is in it, and nobody changes that."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each worker has a folder of its own in it
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            make(begun := Path(tempfile.mkdtemp(dir=shared)))
            begun.rename(folder)
    return folder


@pytest.fixture(scope="session")
def site_built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site of the committed notebooks."""
    from samples import committed_site  # takes two seconds, for which the process that only hands out tests would wait

    return made_once(tmp_path_factory, "committed site", committed_site)


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``python -m analysis run`` makes from another folder: all notebooks, also at the newest day of the data."""

    def run(folder: Path) -> None:
        command = [sys.executable, "-m", "analysis", "run", "--out", str(folder)]
        done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        (folder / SAID).write_text(done.stdout, encoding="utf-8")

    return made_once(tmp_path_factory, "collection", run)


SAID = "said.txt"
"""File in ``collection`` with what the command has printed."""

PUBLISH = """
import shutil, sys
from pathlib import Path
from analysis import __main__ as command
execute, collection = command._execute, Path(sys.argv.pop(1))
def finished(runs, executor):
    if stale := [run.folder.name for run in runs if not (collection / run.folder.name).is_dir()]:
        sys.exit(f"What data/ holds of runs is out of date, first {stale[0]}: make notebooks.")
    for run in runs:
        shutil.copytree(collection / run.folder.name, run.folder)
    return execute(runs, executor)
command._execute = finished
command.main(prog_name="python -m analysis")
"""
"""The command ``publish``, which finds that each notebook has been executed, as it was for ``collection``."""


@pytest.fixture
def publish(collection: Path) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Run ``python -m analysis publish`` in a folder, on what is already executed."""

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PUBLISH, str(collection), "publish"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """Copy of ``data/``."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


PACKAGE = Path(__file__).parent / "data" / "package"
"""The tables that have a live source, as they were in November 2026 and shorter: a refresh of data/ fails no test."""


@pytest.fixture
def live_copy(tmp_path: Path) -> Path:
    """Copy of the frozen tables that have a live source."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "data"))


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """Copy of the package, its data and its notebooks; ``python -m analysis`` in it uses that copy."""
    return copied_project(tmp_path)


def copied_project(to: Path) -> Path:
    """Copy the project with its bytecode, which holds for the copy: times are copied, too."""
    for folder in ("analysis", "data", "notebooks"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("*.pyc.*"))  # being written
    return to


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``python -m analysis`` in a folder."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "analysis", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def platform() -> pd.DataFrame:
    """A made-up platform of two weeks: China has 40 % and then 70 % of 100 and 200 tokens."""
    rows = [
        ("2026-01-05", "qwen", "CN", 30),
        ("2026-01-05", "deepseek", "CN", 10),
        ("2026-01-05", "openai", "US", 50),
        ("2026-01-05", "other", "other", 10),
        ("2026-01-12", "qwen", "CN", 70),
        ("2026-01-12", "deepseek", "CN", 70),
        ("2026-01-12", "openai", "US", 40),
        ("2026-01-12", "stealth", "anonymous", 20),
    ]
    frame = pd.DataFrame(rows, columns=["week_start", "author", "origin", "total_tokens"])
    named = ~frame["author"].isin(["other", "stealth"])
    return frame.assign(week_start=pd.to_datetime(frame["week_start"]), named=named)


def rewrite(data: Path, name: str, change: Callable[[str], str]) -> None:
    """Change the text of a table and record its new hash, as someone who edits the data would."""
    path = data / f"{name}.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    descriptor = data / "datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    entry = next(entry for entry in package["resources"] if entry["name"] == name)
    entry["hash"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    descriptor.write_text(json.dumps(package), encoding="utf-8")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Bytes of every file below a folder, but for bytecode."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def give_back_sigint() -> None:
    """Let a process that a test starts meet SIGINT as at a terminal: a background job of a shell ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
