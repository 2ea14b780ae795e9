"""Execute notebooks with papermill: a plan of runs, on any ``concurrent.futures.Executor``."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import writes_json

from analysis import NOTEBOOKS, InputError, catalog, parameters, register
from analysis.findings import Verdict
from analysis.run import cache, folder, records
from analysis.run.records import FAILED, OK, ParameterValue, Record
from analysis.system.files import write_text
from analysis.system.messages import message

_LONGEST_LABEL = 120

_CHANGED = "data/ has changed since the command began: repeat it"


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
    cwd : Path
        Working directory of its kernel.
    """

    notebook: Path
    folder: Path
    given: Mapping[str, ParameterValue] = field(default_factory=dict)
    cwd: Path = field(default_factory=Path.cwd)

    @property
    def output(self) -> Path:
        """Path of the executed notebook."""
        return self.folder / self.notebook.name

    @property
    def page(self) -> Path:
        """Path of the same as a web page."""
        return self.output.with_suffix(".html")

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter of the notebook."""
        known = parameters.read(self.notebook)
        return {name: parameter.default for name, parameter in known.items()} | dict(self.given)


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
        ``out`` that is not ours to write. Nothing has been written or started then.

    Examples
    --------
    >>> [run.folder.name for run in plan(["01_share_shift"], {"as_of": "2026-09-28"}, Path("reports"))]
    ['01_share_shift--as_of=2026-09-28']
    """
    check_inputs()
    named = list(dict.fromkeys(names))
    given = {name: parameters.parse(name, texts) for name in named or parameters.names() if named or _is_read(name)}
    folder.check(out)
    broken = [name for name in ([] if named else parameters.names()) if name not in given]
    if broken and not given:
        parameters.read(broken[0])  # says why
    # one that nobody has named costs only itself: its run fails, with the sentence
    runs = [new_run(name, values, out) for name, values in given.items()]
    return runs + [Run(NOTEBOOKS / f"{name}.ipynb", out.absolute() / name) for name in broken]


def _is_read(name: str) -> bool:
    """Whether the parameters of a notebook can be read."""
    try:
        parameters.read(name)
    except InputError:
        return False
    return True


def check_inputs() -> None:
    """Refuse data or a register that do not fit.

    Raises
    ------
    InputError
        One sentence: what and where.
    """
    catalog.check()
    register.check_quotes(register.read_register(), catalog.read_bytes("article").decode())


def new_run(name: str, given: Mapping[str, Any], out: Path) -> Run:
    """Run of a notebook of the collection, in a folder named after its parameters.

    Where the name of the folder cannot hold the values as they are, the first digits of their hash end it.

    Examples
    --------
    >>> new_run("01_share_shift", {"top_n": 50, "as_of": "2026-09-28"}, Path("reports")).folder.name
    '01_share_shift--as_of=2026-09-28--top_n=50'
    >>> new_run("02_price_gap", {"us_models": ["openai/gpt-5.5"]}, Path("reports")).folder.name
    '02_price_gap--us_models=openai_gpt-5.5--830cfe74'
    """
    given = {key: given[key] for key in parameters.read(name) if key in given}
    written = {key: parameters.written(value) or "none" for key, value in given.items()}
    label = "--".join([name, *(f"{key}={text}" for key, text in written.items())])
    readable = re.sub(r"[^\w.=-]+", "_", label)[:_LONGEST_LABEL]
    if readable != label:
        readable += f"--{cache.sha256(json.dumps(given).encode())[:8]}"
    return Run(NOTEBOOKS / f"{name}.ipynb", out.absolute() / readable, given)


def execute_all(
    runs: list[Run],
    executor: Executor,
    tell: Callable[[str], None],
    force: bool = False,
    prepare: Callable[[], object] | None = None,
) -> list[Record]:
    """Execute a plan; a failure leaves the other runs alone.

    Parameters
    ----------
    runs : list of Run
        As ``plan`` gives it.
    executor : Executor
        Where to execute: threads, processes or a cluster.
    tell : callable
        Gets a line of progress as each run ends.
    force : bool
        Execute finished runs again.
    prepare : callable, optional
        What to do before the first run begins, where any is to be executed.

    Returns
    -------
    list of Record
        In the order of the plan.
    """
    keys = {run.folder: _key(run) for run in runs}
    ended = _finished_before(runs, keys, force)
    if done := len(ended):
        tell(f"Finished before, with the same data and code: {done} of {len(runs)}")
    waiting = [run for run in runs if run.folder not in ended]
    if waiting and prepare:
        prepare()
    futures = {executor.submit(execute_one, run, keys[run.folder]): run for run in waiting}
    for future in as_completed(futures):
        run = futures[future]
        ended[run.folder] = _outcome(run, future)
        _tell_of(run, ended[run.folder], f"{len(ended)} of {len(runs)}", tell)
    return [ended[run.folder] for run in runs]


def _tell_of(run: Run, record: Record, place: str, tell: Callable[[str], None]) -> None:
    """Tell that a run has ended, and what whoever waits for it should know."""
    tell(f"{run.folder.name}: {record.status}, {record.seconds} s ({place})")
    if remark := _remark(record):
        tell(f"  {remark}")


def _outcome(run: Run, future: "Future[Record]") -> Record:
    """Record of a run that has ended, also where its worker failed."""
    error = future.exception()
    return _failed(run, 0.0, records.why(error)) if error else future.result()


def _finished_before(runs: list[Run], keys: Mapping[Path, str], force: bool) -> dict[Path, Record]:
    """Records of the runs that are finished already, by folder; none where all are to be executed again."""
    for run in runs if force else []:
        (run.folder / cache.STATE).unlink(missing_ok=True)
    before = {run.folder: cache.read(run.output, keys[run.folder]) for run in runs}
    return {folder: record for folder, record in before.items() if record}


def _remark(record: Record) -> str:
    """What whoever waits for a run should know of it; nothing where all is as expected."""
    if record.error:
        return record.error
    if record.is_carried_forward:
        return f"Its data end on {record.data_to}: what it says of {record.as_of} is carried forward from there."
    if not record.claims:
        return f"No claim in data/claims.toml names {record.notebook} yet: CONTRIBUTING.md says how to enter one."
    return ""


def _key(run: Run) -> str:
    """Key of a run, or of none where its notebook cannot be read: ``execute_one`` says why then."""
    try:
        return fingerprint(run)
    except InputError:
        return "unreadable"


def fingerprint(run: Run) -> str:
    """Key that two runs share where their notebook, parameters, data, code and packages are the same."""
    return cache.fingerprint(run.notebook, run.parameters, run.cwd)


def execute_one(run: Run, expected: str | None = None) -> Record:
    """Execute one notebook.

    Parameters
    ----------
    run : Run
        What to execute, and where its output goes.
    expected : str, optional
        Key of the run where the plan was made: a worker that comes to another one does not execute it, and what a
        lost worker had finished is not executed twice.

    Returns
    -------
    Record
        Its status is ``failed``, with the failing cell and its error, where it did not finish or lacks its verdicts.
    """
    start = time.monotonic()
    try:
        key = fingerprint(run)
    except InputError as unread:
        return _failed(run, 0.0, message(str(unread)))
    if expected not in (None, key):
        return _failed(run, 0.0, "this worker has other code, data or packages than the command: restart it")
    if expected and (done := cache.read(run.output, key)):
        return done
    notebook, error = _executed(run)
    if notebook is None:
        return _failed(run, time.monotonic() - start, error or "it has not begun")
    try:
        cells, verdicts, data = _settle(run, notebook)
        if not verdicts and records.claims_of(run.notebook.stem):
            error = error or "it displays no verdicts"
    except Exception as broken:  # a full disk, or outputs that are no verdicts
        error = error or records.why(broken)
    if error:
        return _failed(run, time.monotonic() - start, error)
    seconds = round(time.monotonic() - start, 1)
    record = Record(**_place(run), status=OK, seconds=seconds, data=data, claims=verdicts)
    cache.write(run.output, key, cells, record)
    return record


def _settle(run: Run, notebook: nbformat.NotebookNode) -> tuple[dict[str, float], tuple[Verdict, ...], dict[str, str]]:
    """Write an executed notebook without what differs from run to run: seconds of its cells, its verdicts, its data."""
    cells = cache.settle(notebook)
    write_text(run.output, writes_json(notebook) + "\n")  # papermill has made it: to check it would take longer
    return cells, *records.read_out(notebook)


def _place(run: Run) -> dict[str, Any]:
    """Fields of a record that are known before the run."""
    try:
        values = run.parameters
    except InputError:  # its notebook is broken: the error says so
        values = dict(run.given)
    path = f"{run.folder.name}/{run.notebook.name}"
    return {"notebook": run.notebook.stem, "parameters": values, "as_of": values.get("as_of"), "notebook_path": path}


def _failed(run: Run, seconds: float, error: str) -> Record:
    return Record(**_place(run), status=FAILED, seconds=round(seconds, 1), error=error)


def publish(run: Run) -> None:
    """Put an executed notebook in the place of its source, with the metadata that all committed notebooks have."""
    notebook = nbformat.read(run.output, as_version=4)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    write_text(run.notebook, nbformat.writes(notebook) + "\n")


def _executed(run: Run) -> tuple[nbformat.NotebookNode | None, str | None]:
    """Execute on the data of the key: what ``engine.execute`` gives.

    A kernel reads the tables itself. Where they have been refreshed meanwhile, nothing is kept under that key.
    """
    from analysis.run import engine  # takes long, and what is finished does not need it

    if cache.has_changed():
        return None, _CHANGED
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        for stale in (run.folder / cache.STATE, run.output, run.page):
            stale.unlink(missing_ok=True)
    except OSError as error:
        return None, records.why(error)
    notebook, failure = engine.execute(run.notebook, run.cwd, run.given)
    return notebook, _CHANGED if cache.has_changed() else failure
