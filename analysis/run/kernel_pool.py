"""Kernels for papermill: forked from a warm process where the system can fork, started cold where it cannot."""

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from analysis.system.process import CAN_FORK

_START_SECONDS = 60
"""A kernel that takes longer to start or to end is given up."""

_FOR_KERNELS = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""Figures are shown in the notebook, and the debugger that ipykernel imports does not warn of itself."""

_BY_ALL = ("analysis.notebook", "analysis.figures")
"""What every notebook of the collection imports; nearly all else comes with it."""

_log = logging.getLogger(__name__)


def kind() -> str:
    """How kernels start on this machine, in words."""
    return "forked from a warm process" if CAN_FORK else "started cold, because this system does not fork"


def environment() -> dict[str, str]:
    """Environment of a process in which cells are executed; where a variable is set, it stays so."""
    return _FOR_KERNELS | os.environ


class DeadKernelError(RuntimeError):
    """A kernel has ended before its notebook has."""


class Kernel:
    """A kernel that has been started: a process of ``kernel_process.serve``.

    Parameters
    ----------
    line : Connection
        Our end of its line.
    process : Popen, optional
        The process, where it is a child of this one.

    Raises
    ------
    OSError
        It does not answer.
    """

    def __init__(self, line: Connection, process: subprocess.Popen[bytes] | None = None) -> None:
        self._line, self._process = line, process
        self.pid: int | None = None
        try:
            if process:
                self._belong_to(process.pid)
            self._belong_to(self._answer())
            self.language_info: dict[str, Any] = self._answer()
        except BaseException:
            self.close()
            raise

    def execute(self, source: str, seconds: float, take: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Execute a cell; content of the reply.

        Parameters
        ----------
        source : str
            Source of the cell.
        seconds : float
            How long it may take.
        take : callable
            Gets each message that the cell publishes, as it comes.

        Raises
        ------
        TimeoutError
            It takes longer.
        DeadKernelError
            The kernel has ended.
        """
        end = time.monotonic() + seconds
        request, reply = None, None
        self._say(source)
        while message := self._hear(end):
            about = message["parent_header"].get("msg_id")
            request = request or (about if _is(message, "busy") else None)
            if request is None or about != request:  # what a thread of an earlier cell says late
                continue
            if reply and _is(message, "idle"):
                return reply
            if message["msg_type"] == "execute_reply":
                reply = message["content"]
            else:
                take(message)
        raise TimeoutError

    def kill(self) -> None:
        """Kill the kernel and what its cells have started, also where the kernel itself has ended."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter of processes that have ended
                os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill the kernel, and wait until it has ended: its line closes then."""
        self.kill()
        with contextlib.suppress(EOFError, OSError):
            while self.pid and self._line.poll(_START_SECONDS):
                self._line.recv_bytes()  # what nobody has asked for
        self._line.close()
        if self._process:
            self._process.wait()
        _POOL.leave(self)

    def _belong_to(self, pid: int) -> None:
        """Take a process, which ends with all others when ``stop`` is called."""
        self.pid = pid
        _POOL.join(self)

    def _say(self, said: str) -> None:
        """Say something to the kernel."""
        try:
            self._line.send_bytes(json.dumps(said).encode())
        except OSError:
            raise DeadKernelError("Kernel died") from None

    def _hear(self, end: float) -> Any:
        """What the kernel says next; None where it does not come in time."""
        try:
            left = end - time.monotonic()
            if left > 0 and self._line.poll(left):  # after the end, not even what has come
                return json.loads(self._line.recv_bytes().decode("utf8", "replace"))
        except (EOFError, OSError):  # the latter also in the middle of a message
            raise DeadKernelError("Kernel died") from None
        return None

    def _answer(self) -> Any:
        """What the kernel says of itself as it starts."""
        try:
            if answer := self._hear(time.monotonic() + _START_SECONDS):
                return answer
        except DeadKernelError:
            pass
        raise OSError("the kernel does not answer")


def _is(message: dict[str, Any], state: str) -> bool:
    """Whether a message says that the kernel is ``busy`` with a request now, or ``idle`` again."""
    return message["msg_type"] == "status" and message["content"]["execution_state"] == state


class _Pool:
    """What this process has started: the warm process and the kernels; there is one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stopped = False
        self.warm: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self.kernels: set[Kernel] = set()
        atexit.register(self.stop)

    def control(self) -> socket.socket:
        """Where the warm process takes requests; it is started at the first call."""
        with self.lock:
            self.check()
            if self.warm is None:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with theirs:
                    command = [sys.executable, "-m", "analysis.run.forkserver", str(theirs.fileno())]
                    # a terminal's Ctrl-C is the command's: it ends the warm process
                    self.warm = _popen(command, theirs.fileno(), start_new_session=True), ours
            return self.warm[1]

    def check(self) -> None:
        """Refuse to start anything once all has been stopped."""
        if self.stopped:
            raise RuntimeError("kernels have been stopped")

    def join(self, kernel: Kernel) -> None:
        """Have a kernel stopped with all others."""
        with self.lock:
            self.check()
            self.kernels.add(kernel)

    def leave(self, kernel: Kernel) -> None:
        """Forget a kernel that has ended."""
        with self.lock:
            self.kernels.discard(kernel)

    def stop(self) -> None:
        """Kill every process."""
        with self.lock:
            self.stopped = True
            for kernel in self.kernels:
                kernel.kill()
            if self.warm is not None:
                self.warm[1].close()
                self.warm[0].kill()
                self.warm[0].wait()


_POOL = _Pool()


def stop() -> None:
    """Kill all kernels that this process has started; later ones are refused."""
    _POOL.stop()


def warm_up(modules: Sequence[str] = _BY_ALL) -> None:
    """Have the warm process import modules, without waiting for it; where it cannot, ``start`` says so."""
    if CAN_FORK:
        with contextlib.suppress(OSError):
            _POOL.control().send(json.dumps({"modules": list(modules)}).encode())


def start(modules: list[str], cwd: Path) -> Kernel:
    """Start a kernel: forked, or cold where the system, or the warm process, does not fork.

    Parameters
    ----------
    modules : list of str
        What the warm process imports before it forks, where it has not yet.
    cwd : Path
        Working directory of the kernel.

    Raises
    ------
    RuntimeError
        Kernels have been stopped.
    OSError
        The kernel does not answer, or ``cwd`` is no folder here.
    """
    if not cwd.is_dir():
        raise NotADirectoryError(f"{cwd} is no folder on this machine")
    if CAN_FORK:
        try:
            return _fork(_POOL.control(), modules, cwd)
        except OSError as error:
            _POOL.check()
            _log.warning("Kernels start cold: %s.", error)
    _POOL.check()
    return _start_cold(cwd)


def _fork(control: socket.socket, modules: list[str], cwd: Path) -> Kernel:
    request = json.dumps({"modules": modules, "cwd": str(cwd)}).encode()
    ours, theirs = Pipe()
    with theirs:
        socket.send_fds(control, [request], [theirs.fileno()])
    return Kernel(ours)


def _start_cold(cwd: Path) -> Kernel:
    ours, theirs = Pipe()
    with theirs:
        command = [sys.executable, "-m", "analysis.run.kernel_process", str(theirs.fileno()), str(cwd)]
        process = _popen(command, theirs.fileno(), start_new_session=True)
    return Kernel(ours, process)


def _popen(command: list[str], descriptor: int, start_new_session: bool = False) -> subprocess.Popen[bytes]:
    """Start a process that takes over one descriptor, and nothing from the terminal."""
    return subprocess.Popen(
        command,
        pass_fds=[descriptor],
        stdin=subprocess.DEVNULL,
        env=environment(),
        start_new_session=start_new_session,
    )
