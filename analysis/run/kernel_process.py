"""A kernel: ipykernel in a process of its own, which executes the cells that come on a line and answers on it.

What it sends are Jupyter's messages, as JSON, one after the other: between two processes that know each other no port
and no socket with a name is needed.
"""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel.inprocess.ipkernel import InProcessKernel
from ipykernel.iostream import OutStream
from ipykernel.parentpoller import ParentPollerUnix
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.session import Session
from jupyter_core.utils import run_sync
from traitlets import Instance
from traitlets.config import Config

_MESSAGE = b'{"msg_type": "%b", "header": %b, "parent_header": %b, "metadata": %b, "content": %b, "buffers": []}'
"""What papermill's client asks of a message; buffers, of widgets alone, are no JSON."""

_ONE_AT_A_TIME = threading.Lock()
"""Held while a message is sent: a cell's threads display things, too. A signal handler would wait for itself."""


def serve(line: Connection, cwd: str) -> None:
    """Execute each cell that comes, until the line is closed or a cell asks to exit.

    Parameters
    ----------
    line : Connection
        First it gets the kernel's process id, then ``language_info``. Then it gives the source of a cell at a time, and
        gets what the cell publishes, ``execute_reply``, and at the end that the kernel is idle.
    cwd : str
        Working directory of the kernel.
    """
    os.set_inheritable(line.fileno(), False)  # the line closes with this process,
    os.register_at_fork(after_in_child=lambda: _leave(line))  # whatever a cell has started
    with suppress(EOFError, ConnectionError):  # nobody listens any more
        _send(line, json.dumps(os.getpid()).encode())
        os.chdir(cwd)
        sys.argv = [""]
        del sys.path[0]  # the directory of the command; a kernel puts its own there
        _execute(line, _start(line))


def _execute(line: Connection, kernel: "_Kernel") -> None:
    """Execute what comes."""
    session: Any = kernel.session
    shell: Any = kernel.shell
    dispatch = run_sync(kernel.dispatch_shell)
    _send(line, json.dumps(kernel.language_info).encode())
    while not shell.exit_now:
        request = session.msg("execute_request", {"code": json.loads(line.recv_bytes()), "allow_stdin": False})
        dispatch([zmq.Frame(part) for part in session.serialize(request)])


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


class _Session(Session):
    """Sends every message down the line at once, from whichever thread it comes."""

    line = Instance(Connection)

    def send(
        self,
        stream: object,
        msg_or_type: dict[str, Any] | str,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        ident: object = None,
        buffers: object = None,
        track: bool = False,
        header: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Send a message, or make it first of its type and parts."""
        message: dict[str, Any]
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        else:
            message = msg_or_type
        if not self.line.closed:  # it is in what a cell has forked
            _delimiter, _signature, *parts = self.serialize(message)
            _send(self.line, _MESSAGE % (message["msg_type"].encode(), *parts))
        return message


class _Stream(OutStream):
    """Wakes the thread that publishes only where there is something to publish: ipykernel flushes at each display."""

    _publishing = threading.Lock()

    def _flush(self) -> None:
        """Publish what was written, in the thread that publishes."""
        with self._publishing:
            super()._flush()

    def flush(self) -> None:
        """Have published what was written, before anything else is."""
        with self._publishing:  # what is on its way goes first
            is_empty = not self._buffers
        if not is_empty:
            super().flush()


def _start(line: Connection) -> _Kernel:
    """Start the kernel; what is printed, by whatever means, is published from now on.

    A person's own settings of IPython are left out, so that a run depends on nothing but the project.
    """
    session = _Session(line=line, key=b"")
    kernel = _Kernel.instance(session=session, config=Config(HistoryManager={"enabled": False}))
    for name in ("stdout", "stderr"):
        stream = _Stream(session, kernel.iopub_thread, name)
        setattr(kernel, name, stream)
        setattr(sys, name, stream)
    InteractiveShellApp().init_path()  # the working directory is a place for modules, as in every kernel
    return kernel


def _send(line: Connection, said: bytes) -> None:
    with _ONE_AT_A_TIME:
        line.send_bytes(said)


if __name__ == "__main__":  # started cold
    ParentPollerUnix(os.getppid()).start()
    serve(Connection(int(sys.argv[1])), sys.argv[2])
