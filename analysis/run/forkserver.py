"""The warm process: it imports once what the notebooks import, and forks a kernel at each request.

``kernel_pool`` starts it and talks to it. A request is one message on a socket: JSON with the modules to import and the
kernel's working directory; with it comes the descriptor of a line of the kernel's own. One without a line asks for the
imports alone.
"""

import builtins
import functools
import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from io import BytesIO
from multiprocessing.connection import Connection
from types import SimpleNamespace

from analysis.system import process

_MESSAGE_BYTES = 65536
"""Longest request."""

_BY_EACH_KERNEL = (
    "analysis.run.kernel_process",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "ipykernel.debugger",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.html",
    "tornado.platform.asyncio",
)
"""What each kernel, or pandas as it shows a table, imports as it is needed."""


_LATER = {"analysis.figures": "seaborn", "analysis.measures.statistics": "scipy.stats"}
"""What modules of this package import within a function, where it is first needed."""


def serve(control: socket.socket) -> None:
    """Fork a kernel for each request until whoever sends them is gone; in a kernel, return when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # kernels that have ended leave no zombies
    tried: set[str] = set()
    while True:
        message, lines, *_ = socket.recv_fds(control, _MESSAGE_BYTES, 1)
        if not message:
            return
        request = json.loads(message)
        if missing := [name for name in request["modules"] if name not in tried]:
            preload(missing)
            tried.update(missing)
        if not lines:
            continue
        parent = os.getpid()
        if os.fork() == 0:
            process.end_with(parent)  # within a cell nothing else would tell it
            control.close()
            _become_kernel(lines[0], request["cwd"])
            return
        os.close(lines[0])


def preload(modules: list[str]) -> None:
    """Do once what each kernel would: import its modules, read and check the data, find the fonts.

    What fails is left to the run, which reports it in the cell that asks for it.

    pandas cuts tables differently where it is first imported outside a kernel: it meets here what it would meet there.
    """
    gc.disable()  # what is imported stays
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    for name in [*_BY_EACH_KERNEL, *modules]:
        _import(name)
    for name in [later for module, later in _LATER.items() if module in sys.modules]:
        _import(name)
    del builtins.get_ipython  # type: ignore[attr-defined]
    if "analysis.notebook" in sys.modules:
        _read_data()
    if "matplotlib.figure" in sys.modules:
        _draw()
    gc.freeze()  # a kernel's garbage collector leaves these objects alone, and their memory stays shared
    gc.enable()


def _import(name: str) -> None:
    with suppress(Exception):
        importlib.import_module(name)


@functools.cache
def _read_data() -> None:
    """Read and check the tables and the register; what does not fit is said by the cell that asks for it."""
    with suppress(Exception):
        sys.modules["analysis.catalog"].check()
        sys.modules["analysis.register"].read_register()


@functools.cache
def _draw() -> None:
    """Draw once, without pyplot: fonts are found and read, and no setting is touched."""
    figure = sys.modules["matplotlib.figure"].Figure(layout="constrained")
    axes = figure.add_subplot(title="title", xlabel="x")
    axes.plot([0, 1], [0, 1])
    axes.annotate("bold", (0, 0), weight="bold")
    figure.savefig(BytesIO(), format="png")


def _become_kernel(line: int, cwd: str) -> None:
    """Turn a fresh fork into what ``python -m analysis.run.kernel_process`` is."""
    os.setsid()  # a signal to the group reaches what a cell has started; a terminal's Ctrl-C does not reach it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else all forks would draw the same numbers
    importlib.import_module("analysis.run.kernel_process").serve(Connection(line), cwd)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
