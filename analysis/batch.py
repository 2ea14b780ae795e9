"""Execute notebooks with papermill: a plan of runs, on any ``concurrent.futures.Executor``."""

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# With JupyterLab installed, jsonschema builds a grammar at import that nothing here uses: 2.5 s (python-jsonschema
# issue 1428). It takes the module's absence for an answer.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from analysis import NOTEBOOKS, InputError, catalog, claims, parameters

CELL_SECONDS = 600
"""A cell that takes longer is stopped."""


@dataclass(frozen=True)
class Run:
    """One execution of a notebook.

    Parameters
    ----------
    notebook : Path
        The notebook to execute.
    folder : Path
        Where its output goes.
    given : dict
        Parameters that differ from the notebook's own.
    """

    notebook: Path
    folder: Path
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        """Path of the executed notebook."""
        return self.folder / self.notebook.name

    @property
    def page(self) -> Path:
        """Path of the same as a web page."""
        return self.output.with_suffix(".html")


def plan(names: Iterable[str], texts: Mapping[str, str], out: Path) -> list[Run]:
    """Runs of notebooks by name, their parameters checked; all notebooks if no name is given.

    Parameters
    ----------
    names : iterable of str
        Notebooks of the collection; each once.
    texts : dict
        Parameters as text, for every one of them.
    out : Path
        Folder that gets a folder a run.

    Raises
    ------
    InputError
        An unknown notebook or parameter, a value that is not allowed, data or a register that do not fit, or an
        ``out`` that cannot be a folder. Nothing has been written or started then.

    Examples
    --------
    >>> [run.folder.name for run in plan(["01_share_shift"], {"as_of": "2026-09-28"}, Path("reports"))]
    ['01_share_shift--as_of=2026-09-28']
    """
    catalog.check()
    claims.check_quotes(claims.read_register(), catalog.read_bytes("article").decode())
    if any(path.exists() and not path.is_dir() for path in (out, *out.parents)):
        raise InputError(f"--out {out} is no folder, or lies below something that is none: choose another.")
    runs = []
    for name in dict.fromkeys(names) or parameters.names():
        given = parameters.parse(name, texts)
        label = "--".join([name, *(f"{key}={texts[key] or 'none'}" for key in given)])
        runs.append(Run(NOTEBOOKS / f"{name}.ipynb", out / re.sub(r"[^\w.=-]+", "_", label), given))
    return runs


def execute_all(runs: list[Run], executor: Executor, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Execute a plan; a failure leaves the other runs alone.

    Parameters
    ----------
    runs : list of Run
        As ``plan`` gives it.
    executor : Executor
        Where to execute: threads, processes or a cluster.
    tell : callable
        Gets a line of progress as each run ends.

    Returns
    -------
    list of dict
        Records of ``results.json``, in the order of the plan.
    """
    futures = {executor.submit(execute, run): run for run in runs}
    for future in as_completed(futures):
        record = future.result()
        tell(f"{futures[future].folder.name}: {record['status']}, {record['seconds']} s")
        if record["status"] != "ok":
            tell(f"  {record['error']}")
    return [future.result() for future in futures]


def execute(run: Run) -> dict[str, Any]:
    """Execute one notebook.

    Parameters
    ----------
    run : Run
        What to execute, and where its output goes.

    Returns
    -------
    dict
        Its record in ``results.json``; status is ``failed``, with the failing cell and its error, where it did not
        finish or displays no verdicts.
    """
    known = {name: parameter.default for name, parameter in parameters.read(run.notebook).items()} | dict(run.given)
    start = time.monotonic()
    found: dict[str, Any] = {"data": {}, "verdicts": []}
    error = _papermill(run)
    if error is None:
        found = results(nbformat.read(run.output, as_version=4))
        error = None if found["verdicts"] else "it displays no verdicts"
    record = {
        "notebook": run.notebook.stem,
        "status": "failed" if error else "ok",
        "parameters": known,
        "as_of": known.get("as_of"),
        "seconds": round(time.monotonic() - start, 1),
        "notebook_path": f"{run.folder.name}/{run.notebook.name}",
        "data": found["data"],
        "verdicts": found["verdicts"],
    }
    return record | ({"error": error} if error else {})


def results(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Verdicts that an executed notebook carries.

    Returns
    -------
    dict
        ``as_of``, ``data`` (table to SHA-256) and ``verdicts`` (records); empty where it displays none.

    Examples
    --------
    >>> results(nbformat.v4.new_notebook())["verdicts"]
    []
    """
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            if claims.MIME in output.get("data", {}):
                return output["data"][claims.MIME]
    return {"as_of": None, "data": {}, "verdicts": []}


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def publish(run: Run) -> None:
    """Put an executed notebook in the place of its source, without what differs from run to run."""
    notebook = nbformat.read(run.output, as_version=4)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    write_text(run.notebook, nbformat.writes(notebook) + "\n")


def _papermill(run: Run) -> str | None:
    """Execute with papermill; the failing cell and the last line of its error, or None."""
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        for stale in (run.output, run.page):
            stale.unlink(missing_ok=True)
        papermill.execute_notebook(
            run.notebook,
            run.output,
            parameters=dict(run.given) or None,
            kernel_name="python3",
            progress_bar=False,
            execution_timeout=CELL_SECONDS,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # ipykernel warns of TCP, on loopback and signed
        )
    except PapermillExecutionError as error:
        return f"cell {error.exec_count}: {error.ename}: {_last_line(error.evalue)}"
    except Exception as error:  # a dead kernel or a full disk must not take the other runs with it
        return f"{type(error).__name__}: {_last_line(str(error))}"
    return None


def _last_line(text: str) -> str:
    return ([line for line in text.splitlines() if line.strip()] or ["no message"])[-1]
