"""A kernel: ipykernel in a process of its own, which executes the cells that come on a line and answers on it.

What it sends are Jupyter's messages, as JSON, one after the other: between two processes that know each other no port
and no socket with a name is needed.
"""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    os.set_inheritable(line.fileno(), False)  # the line closes with this process,
    os.register_at_fork(after_in_child=lambda: _leave(line))  # whatever a cell has started
    with suppress(EOFError, ConnectionError):  # nobody listens any more
        _send(line, os.getpid())
        os.chdir(cwd)
        sys.argv = [""]
        del sys.path[0]  # the directory of the command; a kernel puts its own there
        _execute(line, _start())


def _execute(line: Connection, kernel: "_Kernel") -> None:
    """Execute what comes."""
    _send(line, kernel.language_info)
    client = _Client(kernel=kernel, session=kernel.session, line=line)
    client.start_channels()
    shell: Any = kernel.shell
    while not shell.exit_now:
        client.execute(json.loads(line.recv_bytes()), allow_stdin=False)
        reply = client.get_shell_msg()
        # from the thread that publishes: after all else, and never at the same time
        kernel.iopub_thread.schedule(lambda reply=reply: _send_message(line, reply))


def _leave(line: Connection) -> None:
    """In a process that a cell has forked: print to the descriptors, which the kernel watches."""
    line.close()
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)


class _Kernel(InProcessKernel):
    """ipykernel's own, in a process that it has for itself: prints go to it also between cells.

    At an ``await``, ipykernel 7 asks which thread is told of Ctrl-C. Here nobody sends one.
    """

    shell_channel_thread = SimpleNamespace(parent_thread=None)
    _supports_kernel_subshells = False

    @contextmanager
    def _redirected_io(self) -> Iterator[None]:
        yield


class _Publications(InProcessChannel):
    """Where the kernel publishes; its thread sends each message on."""

    def call_handlers(self, msg: dict[str, Any]) -> None:
        """Take one message."""
        _send_message(self.client.line, msg)


class _Client(BlockingInProcessKernelClient):
    iopub_channel_class = Type(_Publications)  # type: ignore[assignment]
    line = Instance(Connection)


def _start() -> _Kernel:
    """Start the kernel; what is printed, by whatever means, is published from now on.

    A person's own settings of IPython are left out, so that a run depends on nothing but the project.
    """
    kernel = _Kernel.instance(config=Config(HistoryManager={"enabled": False}))
    for name in ("stdout", "stderr"):
        stream = OutStream(kernel.session, kernel.iopub_thread, name)
        setattr(kernel, name, stream)
        setattr(sys, name, stream)
    InteractiveShellApp().init_path()  # the working directory is a place for modules, as in every kernel
    return kernel


def _send_message(line: Connection, message: dict[str, Any]) -> None:
    """Send what papermill's client asks of a message; buffers, of widgets alone, are no JSON."""
    known = {key: message[key] for key in ("msg_type", "header", "parent_header", "metadata", "content")}
    _send(line, known | {"buffers": []})


def _send(line: Connection, content: Any) -> None:
    line.send_bytes(json.dumps(content, default=json_default).encode())


if __name__ == "__main__":  # started cold
    ParentPollerUnix(os.getppid()).start()
    serve(Connection(int(sys.argv[1])), sys.argv[2])
