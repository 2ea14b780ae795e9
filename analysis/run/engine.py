"""papermill, on kernels of ours: its engine, and its client with a limit on what a cell leaves behind.

It is imported where something is executed: papermill takes half as long to import as all else that a command needs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import papermill
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger

from analysis.run import imports, kernel_pool
from analysis.run.kernel_pool import Kernel
from analysis.run.records import last_line, why
from analysis.system.messages import message

CELL_SECONDS = 600
"""A cell that takes longer is stopped."""

CELL_BYTES = 10_000_000
"""Most output of a cell; the largest picture of the project's notebooks has a hundredth of it."""

ERROR_CHARACTERS = 20_000
"""Longest part of an error that a notebook keeps."""

_MESSAGE_BYTES = 1_000
"""What a message takes in memory beside its text."""

_LEFT_OUT = f"\n(What this cell printed beyond {CELL_BYTES:,} bytes is left out.)\n"


def execute(notebook: Path, cwd: Path, given: Mapping[str, Any]) -> tuple[NotebookNode | None, str | None]:
    """Execute a notebook with papermill, and write nothing.

    Parameters
    ----------
    notebook : Path
        The notebook.
    cwd : Path
        Working directory of its kernel.
    given : dict
        Parameters that differ from the notebook's own.

    Returns
    -------
    NotebookNode or None
        The notebook, executed up to where it failed; None where no kernel has started.
    str or None
        The failing cell and the last line of its error.
    """
    begun: list[NotebookNode] = []
    ours = {"engine_name": "analysis", "kernel_name": "python3", "progress_bar": False}
    try:
        papermill.execute_notebook(
            notebook, None, dict(given) or None, path=notebook, directory=cwd, begun=begun, **ours
        )
    except Exception as error:  # a dead kernel must not take the other runs with it
        return next(iter(begun), None), _told(error)
    return begun[0], None


def _told(error: Exception) -> str:
    if isinstance(error, CellTimeoutError):  # its last lines are those of the cell
        return message(f"CellTimeoutError: {str(error).splitlines()[0]}")
    if isinstance(error, PapermillExecutionError):
        return message(f"cell {error.exec_count}: {error.ename}: {last_line(error.evalue)}")
    return why(error)


class _Engine(Engine):
    """Engine of papermill on kernels of ours; what it executes is kept, also where the kernel dies."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any) -> None:
        """Execute the cells of the notebook, which is put into the list ``begun`` before."""
        kernel = kernel_pool.start(imports.named_in(kwargs["path"]), kwargs["directory"])
        try:
            kwargs["begun"].append(nb_man.nb)
            BoundedClient(nb_man, kernel, CELL_SECONDS).execute()
        finally:
            kernel.close()


papermill_engines.register("analysis", _Engine)


class BoundedClient(PapermillNotebookClient):
    """Client that drops what a cell prints beyond ``CELL_BYTES``, and says so in the notebook.

    A cell that prints without end would else fill the memory long before it is stopped.

    Parameters
    ----------
    nb_man : NotebookExecutionManager
        papermill's view of the notebook.
    kernel : Kernel
        What executes its cells.
    seconds : int
        How long a cell may take.
    """

    _size: int = 0

    def __init__(self, nb_man: NotebookExecutionManager, kernel: Kernel, seconds: int) -> None:
        super().__init__(nb_man, log=logger, record_timing=False)
        self._kernel, self._seconds = kernel, seconds

    def execute(self) -> NotebookNode:
        """Execute the cells, up to the first that fails."""
        self.reset_execution_trackers()
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = self._kernel.language_info
        self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> None:
        """Execute one cell, if it is code, and take over what it publishes.

        Raises
        ------
        CellExecutionError
            It fails.
        CellTimeoutError
            It takes too long.
        DeadKernelError
            It ends the kernel.
        """
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return
        self._size, cell.outputs = 0, []
        self.clear_before_next_output = False
        try:
            reply = self._kernel.execute(
                cell.source, self._seconds, lambda message: self.process_message(message, cell, cell_index)
            )
        except TimeoutError:
            reason = "Cell execution timed out"
            raise CellTimeoutError.error_from_timeout_and_cell(reason, self._seconds, cell) from None
        if reply["status"] == "error" and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, reply)

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take one message of the kernel."""
        if msg["msg_type"] == "error":
            msg = msg | {"content": _shortened(msg["content"])}
        elif msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            before = self._size
            self._size += _MESSAGE_BYTES + _length(msg["content"])
            if before > CELL_BYTES:
                return None
            if self._size > CELL_BYTES:
                text = {"name": "stderr", "text": _LEFT_OUT}
                msg = msg | {"msg_type": "stream", "header": msg["header"] | {"msg_type": "stream"}, "content": text}
        return super().process_message(msg, cell, cell_index)


def _length(content: Any) -> int:
    """Characters of all texts in a message."""
    if isinstance(content, str):
        return len(content)
    parts = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return sum(_length(part) for part in parts)


def _shortened(content: dict[str, Any]) -> dict[str, Any]:
    """An error with the beginning of its name, and the end of its message and of each line of its traceback."""
    lines = [str(line)[-ERROR_CHARACTERS:] for line in content["traceback"][-100:]]
    value, name = str(content["evalue"])[-ERROR_CHARACTERS:], str(content["ename"])[:ERROR_CHARACTERS]
    return content | {"ename": name, "evalue": value, "traceback": lines}
