"""What a cell leaves behind: papermill's client, on a kernel of ours, with a limit on the output of a cell."""

from contextlib import suppress
from typing import Any

from nbclient.client import CellExecutionComplete
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.log import logger

from analysis.run.kernels import Kernel

CELL_BYTES = 10_000_000
"""Most output of a cell; the largest picture of the project's notebooks has a hundredth of it."""

ERROR_CHARACTERS = 20_000
"""Longest part of an error that a notebook keeps."""

_MESSAGE_BYTES = 1_000
"""What a message takes in memory beside its text."""

_LEFT_OUT = f"\n(What this cell printed beyond {CELL_BYTES:,} bytes is left out.)\n"


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
                cell.source, self._seconds, lambda message: self._take(message, cell, cell_index)
            )
        except TimeoutError:
            reason = "Cell execution timed out"
            raise CellTimeoutError.error_from_timeout_and_cell(reason, self._seconds, cell) from None
        if reply["status"] == "error" and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, reply)

    def _take(self, message: dict[str, Any], cell: NotebookNode, cell_index: int) -> None:
        with suppress(CellExecutionComplete):  # the reply comes after it
            self.process_message(message, cell, cell_index)

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
