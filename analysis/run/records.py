"""Records of runs, and ``results.json``: typed within the package, JSON at its door."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import nbformat

from analysis import NOTEBOOKS, InputError, findings, parameters, register
from analysis.findings import Finding, Ruling, Verdict
from analysis.system import files
from analysis.system.messages import message

SCHEMA = Path(__file__).with_name("results.schema.json")
"""Form of ``results.json``, as JSON Schema."""

VERSION = 2

MOST_BYTES = 500_000_000
"""Largest ``results.json``: a run takes about 30,000 bytes there."""

OK = "ok"
FAILED = "failed"

OLD_DAYS = 31
"""Where the data end so many days before the one that a run judges by, its values are carried forward."""

ParameterValue = str | int | float | list[str] | list[int]


@dataclass(frozen=True)
class Record:
    """What one run came to; its fields are those of a run in ``results.json``.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    status : str
        ``ok`` or ``failed``.
    parameters : dict
        Value of every parameter.
    as_of : str or None
        The day that it judges by.
    seconds : float
        How long it took.
    notebook_path : str
        The executed notebook, from the folder of ``results.json``.
    data : dict
        Table to SHA-256.
    claims : tuple of Verdict
        Its verdicts.
    error : str or None
        Why it failed, in a sentence.
    """

    notebook: str
    status: str
    parameters: Mapping[str, ParameterValue]
    as_of: str | None
    seconds: float
    notebook_path: str
    data: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Verdict, ...] = ()
    error: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the notebook finished; with verdicts, where claims name it."""
        return self.status == OK

    @property
    def folder(self) -> str:
        """Name of the folder of the run."""
        return self.notebook_path.split("/")[0]

    @property
    def data_to(self) -> str:
        """Last day of the data that its claims are judged by, ISO date; empty where none is known."""
        return max((verdict.data_to for verdict in self.claims), default="")

    @property
    def is_carried_forward(self) -> bool:
        """Whether the data end long before the day that it judges by."""
        try:
            return (date.fromisoformat(self.as_of or "") - date.fromisoformat(self.data_to)).days > OLD_DAYS
        except ValueError:  # one of the two is no day
            return False

    def verdict(self, claim: str) -> Verdict | None:
        """Verdict on a claim, where the run has one."""
        return next((verdict for verdict in self.claims if verdict.id == claim), None)


def why(error: BaseException) -> str:
    r"""Name of an exception and the last line of what it says.

    Examples
    --------
    >>> why(ValueError("no tokens\nin May\n"))
    'ValueError: in May'
    """
    return message(f"{type(error).__name__}: {last_line(str(error))}")


def last_line(text: str) -> str:
    r"""Last line in which something stands.

    Examples
    --------
    >>> last_line("no tokens\nin May\n\n"), last_line("")
    ('in May', 'no message')
    """
    return ([line for line in text.splitlines() if line.strip()] or ["no message"])[-1]


def to_json(record: Record) -> dict[str, Any]:
    """Record as ``results.json`` holds it."""
    content = asdict(record)
    if record.error is None:
        del content["error"]
    return content


def from_json(content: Mapping[str, Any]) -> Record:
    """Record from what ``to_json`` made of it.

    Raises
    ------
    KeyError, TypeError
        It is something else.
    """
    return Record(**{**content, "claims": tuple(verdict_from_json(claim) for claim in content["claims"])})


def verdict_from_json(content: Mapping[str, Any]) -> Verdict:
    """Verdict from a claim of ``results.json``, or from the output of a notebook's cell.

    Raises
    ------
    KeyError, TypeError
        It is something else.
    """
    rulings = tuple(
        Ruling(
            **{
                **ruling,
                "conditions": tuple(ruling["conditions"]),
                "findings": tuple(Finding(**finding) for finding in ruling["findings"]),
            }
        )
        for ruling in content["assertions"]
    )
    context = tuple(Finding(**finding) for finding in content["context"])
    conditions = tuple(content["conditions"])
    return Verdict(**{**content, "conditions": conditions, "assertions": rulings, "context": context})


def write_lines(records: Iterable[Record]) -> Iterator[str]:
    """Text of ``results.json``, a run at a time."""
    yield f'{{"schema": {VERSION}, "runs": ['
    before = "\n"
    for record in records:
        yield before + json.dumps(to_json(record), indent=1, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def read_results(path: Path) -> list[Record]:
    """Records of a ``results.json``.

    Raises
    ------
    InputError
        It is no such file, or one of another version.
    """
    try:
        content = json.loads(files.read_text(path, "the results", MOST_BYTES))
        version = content.get("schema", 1)
        if version == VERSION:
            return [from_json(run) for run in content["runs"]]
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no results.json ({error!r}): delete it, or execute the notebooks again.") from None
    raise InputError(f"{path} has schema {version}, not {VERSION}: delete it, or execute the notebooks again.")


def verdict_cells(executed: nbformat.NotebookNode) -> dict[str, tuple[str, Verdict]]:
    """Claims that an executed notebook shows a verdict on: the id of the cell, and the verdict.

    Examples
    --------
    >>> verdict_cells(nbformat.v4.new_notebook())
    {}
    """
    found = {}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if findings.MIME in output.get("data", {}):
                verdict = verdict_from_json(output["data"][findings.MIME])
                found[verdict.id] = (cell.get("id", ""), verdict)
    return found


def read_out(executed: nbformat.NotebookNode) -> tuple[tuple[Verdict, ...], dict[str, str]]:
    """Verdicts of an executed notebook, and the table hashes that its summary gives."""
    verdicts = tuple(verdict for _, verdict in verdict_cells(executed).values())
    shown = (output.get("data", {}) for cell in executed.cells for output in cell.get("outputs", []))
    data: dict[str, str] = next(
        (content[findings.RUN_MIME]["data"] for content in shown if findings.RUN_MIME in content), {}
    )
    return verdicts, data


def committed(name: str) -> Record:
    """Record of a notebook of the collection as it is stored, without executing it.

    Examples
    --------
    >>> committed("01_share_shift").claims[0].id
    'S1'
    """
    path = NOTEBOOKS / f"{name}.ipynb"
    place = f"notebooks/{path.name}"
    try:
        values = {key: parameter.default for key, parameter in parameters.read(name).items()}
        verdicts, data = read_out(nbformat.read(path, as_version=4))
    except InputError as error:
        return Record(name, FAILED, {}, None, 0.0, place, error=message(str(error)))
    except Exception as error:  # nbformat has many ways to say that a notebook is none
        broken = message(f"{path.name} is not a notebook ({error}): restore it from git.")
        return Record(name, FAILED, {}, None, 0.0, place, error=broken)
    none = "it displays no verdicts" if not verdicts and claims_of(name) else None
    status = FAILED if none else OK
    return Record(name, status, values, values.get("as_of"), 0.0, place, data, verdicts, none)


def claims_of(name: str) -> list[str]:
    """Ids of the claims of the register that name a notebook; a new one has none yet.

    Examples
    --------
    >>> claims_of("01_share_shift")[0], claims_of("05_context_windows")
    ('S1', [])
    """
    return [claim.id for claim in register.read_register().values() if claim.notebook == name]
