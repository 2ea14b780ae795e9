"""A kernel: ipykernel in a process of its own, which executes the cells that come on a line and answers on it.

What it sends are Jupyter's messages, as JSON, one after the other. Between two processes that know each other nothing
else is needed: with ZeroMQ, its threads and its sockets a run took a quarter longer.
"""

import json
import os
import sys
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any

from ipykernel.inprocess.blocking import BlockingInProcessKernelClient
from ipykernel.inprocess.channels import InProcessChannel
from ipykernel.inprocess.ipkernel import InProcessKernel
from ipykernel.iostream import OutStream
from ipykernel.parentpoller import ParentPollerUnix
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.jsonutil import json_default
from traitlets import Instance, Type
from traitlets.config import Config


def serve(line: Connection, cwd: str) -> None:
    """Execute each cell that comes, until the line is closed or a cell asks to exit.

    Parameters
    ----------
    line : Connection
        First it gets the kernel's process id, then ``language_info``. Then it gives the source of a cell at a time, and
        gets what the cell publishes, with ``execute_reply`` at the end.
    cwd : str
        Working directory of the kernel.
    """
    _send(line, os.getpid())
    os.set_inheritable(line.fileno(), False)  # the line closes with this process,
    os.register_at_fork(after_in_child=line.close)  # whatever a cell has started
    os.chdir(cwd)
    del sys.path[0]  # the directory of the command; a kernel puts its own there
    kernel = _start()
    client = _Client(kernel=kernel, session=kernel.session, line=line)
    client.start_channels()
    _send(line, kernel.language_info)
    shell: Any = kernel.shell
    while not shell.exit_now:
        try:
            source = json.loads(line.recv_bytes())
        except (EOFError, OSError):
            return
        client.execute(source, allow_stdin=False)
        reply = client.get_shell_msg()
        # from the thread that publishes: after all else, and never at the same time
        kernel.iopub_thread.schedule(lambda reply=reply: _send_message(line, reply))


class _Kernel(InProcessKernel):
    """ipykernel's own, which asks a thread that only its other kernel has whether Ctrl-C ends an ``await``."""

    shell_channel_thread = SimpleNamespace(parent_thread=None)
    _supports_kernel_subshells = False


class _Publications(InProcessChannel):
    """Where the kernel publishes; its thread sends each message on."""

    def call_handlers(self, msg: dict[str, Any]) -> None:
        """Take one message."""
        _send_message(self.client.line, msg)


class _Client(BlockingInProcessKernelClient):
    iopub_channel_class = Type(_Publications)  # type: ignore[assignment]
    line = Instance(Connection)


def _start() -> InProcessKernel:
    """Start the kernel; what is printed, by whatever means, is published from now on."""
    kernel = _Kernel(config=Config(HistoryManager={"enabled": False}))
    for name in ("stdout", "stderr"):
        stream = OutStream(kernel.session, kernel.iopub_thread, name)
        setattr(kernel, name, stream)
        setattr(sys, name, stream)
    InteractiveShellApp().init_path()  # the working directory is a place for modules, as in every kernel
    return kernel


def _send_message(line: Connection, message: dict[str, Any]) -> None:
    """Send what papermill's client asks of a message; buffers, of widgets alone, are no JSON."""
    _send(line, {key: message[key] for key in ("msg_type", "header", "parent_header", "metadata", "content")})


def _send(line: Connection, content: Any) -> None:
    line.send_bytes(json.dumps(content, default=json_default).encode())


if __name__ == "__main__":  # started cold
    ParentPollerUnix(os.getppid()).start()
    serve(Connection(int(sys.argv[1])), sys.argv[2])
