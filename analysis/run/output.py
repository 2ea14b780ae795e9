"""What a cell may print: papermill's client, with a limit on the output that a cell leaves behind."""

from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.log import logger

CELL_BYTES = 10_000_000
"""Most output of a cell; the largest picture of the project's notebooks has a hundredth of it."""

ERROR_CHARACTERS = 20_000
"""Longest part of an error that a notebook keeps."""

OUTPUT_SECONDS = 60
"""What a cell printed may arrive later than its end; the four seconds of nbclient fail runs on a busy machine."""

_MESSAGE_BYTES = 1_000
"""What a message takes in memory beside its text."""

_LEFT_OUT = f"\n(What this cell printed beyond {CELL_BYTES:,} bytes is left out.)\n"


class BoundedClient(PapermillNotebookClient):
    """Client that drops what a cell prints beyond ``CELL_BYTES``, and says so in the notebook.

    A cell that prints without end would else fill the memory long before it is stopped.
    """

    _cell: int = -1
    _size: int = 0

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take one message of the kernel."""
        if cell_index != self._cell:
            self._cell, self._size = cell_index, 0
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


def execute(nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any) -> None:
    """Execute the cells of a notebook as papermill's own engine does, with a ``BoundedClient``."""
    known = {name: value for name, value in kwargs.items() if name not in ("input_path", "execution_timeout")}
    timeouts = {"timeout": kwargs["execution_timeout"], "startup_timeout": known.pop("start_timeout", 60)}
    timeouts["iopub_timeout"] = OUTPUT_SECONDS
    BoundedClient(nb_man, kernel_name=kernel_name, log=logger, **known, **timeouts).execute()


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
