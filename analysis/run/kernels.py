"""Jupyter kernels for papermill: forked from a warm process where the system can fork, started cold where it cannot.

A kernel listens on sockets in a folder of its own, not on TCP ports, so that kernels of separate commands never meet.
"""

import ast
import asyncio
import atexit
import contextlib
import functools
import json
import logging
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import weakref
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Type, Unicode

import analysis
from analysis import parameters

CAN_FORK = sys.platform == "linux"
"""Windows cannot fork a process, and macOS not safely once its libraries are loaded."""

_LONGEST_PATH = 90
"""A Unix socket's path has at most 103 characters on any system, and jupyter_client appends to it."""

_first = threading.Lock()
"""Held to ask for the pool: two threads that ask at once would make two."""

_log = logging.getLogger(__name__)


def kind() -> str:
    """How kernels start on this machine, in words."""
    return "forked from a warm process" if CAN_FORK else "started cold, because this system does not fork"


def imports(notebook: Path) -> list[str]:
    """Modules that a notebook may import, and those that the modules of this package behind it may import.

    Names that are imported from a module are among them, since they may be modules as well.

    Parameters
    ----------
    notebook : Path
        A notebook file; cells that are not plain Python are left out.
    """
    cells = parameters.read_cells(notebook)
    found: dict[str, None] = {}
    queue = [_imported("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    while queue:
        for name in queue.pop():
            own = Path(analysis.__file__).parents[1].joinpath(*name.split(".")).with_suffix(".py")
            if name not in found and name.startswith(f"{analysis.__name__}.") and own.is_file():
                queue.append(_imported(own.read_text(encoding="utf-8")))
            found[name] = None
    return list(found)


@functools.cache
def _imported(source: str) -> list[str]:
    """Modules that a source may import; asked of the same few sources for each run of a sweep."""
    try:
        nodes = list(ast.walk(parameters.parse_source(source)))
    except SyntaxError:  # a magic
        return []
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return modules


class ForkedKernel:
    """A kernel forked from the warm process, with the part of ``subprocess.Popen`` that jupyter_client uses.

    Parameters
    ----------
    control : socket
        Where the warm process takes requests.
    modules : list of str
        What it imports before it forks, where it has not yet.
    arguments : list of str
        Arguments of the kernel.
    cwd : str
        Working directory of the kernel.

    Raises
    ------
    OSError
        The warm process does not answer.
    """

    stdin = stdout = stderr = None

    def __init__(self, control: socket.socket, modules: list[str], arguments: list[str], cwd: str) -> None:
        request = json.dumps({"modules": modules, "arguments": arguments, "cwd": cwd}).encode()
        self._line, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(control, [request], [theirs.fileno()])
        if not (pid := self._line.recv(32)):
            raise OSError("the warm process does not answer")
        self._line.setblocking(False)
        self.pid = int(pid)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while the kernel runs; how it ended is not known, so 1 afterwards."""
        if self.returncode is None:
            try:
                self._line.recv(1)
            except BlockingIOError:
                return None
            except OSError:  # another thread has seen the end before and closed the line
                pass
            self._line.close()
            self.returncode = 1
        return self.returncode

    def wait(self) -> int | None:
        """Status of a kernel that has ended; jupyter_client asks after ``poll`` has said so."""
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and to what its cells have started."""
        if self.poll() is None:
            os.killpg(self.pid, signum)


class _Pool:
    """What this process has started: the warm process, the kernels, and the folder of their sockets; there is one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stopped = False
        self.warm: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self.kernels: weakref.WeakSet[Any] = weakref.WeakSet()
        self.folder = Path(tempfile.mkdtemp(prefix="kernels-"))
        atexit.register(self.stop)

    def control(self) -> socket.socket:
        """Where the warm process takes requests; it is started at the first call."""
        with self.lock:
            if self.warm is None:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with theirs:
                    command = [sys.executable, "-m", "analysis.run.forkserver", str(theirs.fileno())]
                    self.warm = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL), ours
            return self.warm[1]

    def stop(self) -> None:
        """Kill every process and remove the folder."""
        with self.lock:
            self.stopped = True
            if self.warm is not None:
                self.warm[1].close()
                self.warm[0].kill()
                self.warm[0].wait()
        for kernel in list(self.kernels):
            with contextlib.suppress(OSError):
                if kernel.poll() is None:
                    os.killpg(kernel.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def _pool() -> _Pool:
    with _first:
        return _only_pool()


@functools.cache
def _only_pool() -> _Pool:
    return _Pool()


def stop() -> None:
    """Kill all kernels that this process has started; later ones are refused."""
    _pool().stop()


class Provisioner(LocalProvisioner):
    """Start a kernel: forked, or cold where the system, or the warm process, does not fork."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel and return how to reach it."""
        pool = _pool()
        if pool.stopped:
            raise RuntimeError("kernels have been stopped")
        if not (CAN_FORK and cmd[0] == sys.executable and "ipykernel_launcher" in cmd):
            return await self._cold(cmd, kwargs)
        try:
            arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
            modules = self.parent.modules if self.parent else []
            self.process: Any = ForkedKernel(pool.control(), modules, arguments, kwargs["cwd"])
        except OSError as error:
            if pool.stopped:
                raise RuntimeError("kernels have been stopped") from None
            _log.warning("Kernels start cold: %s.", error)
            return await self._cold(cmd, kwargs)
        pool.kernels.add(self.process)
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and look for its end more often than the caller does, every 0.1 s."""
        await super().kill(restart)
        for _ in range(100):
            if await self.poll() is not None:
                return
            await asyncio.sleep(0.005)

    async def _cold(self, cmd: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        info = await super().launch_kernel(cmd, **kwargs)
        _pool().kernels.add(self.process)
        return info


class Client(AsyncKernelClient):
    """Client that takes a kernel for ready at its answer; the parent class waits for 0.2 s of silence after that."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return once the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            The kernel has died, or does not answer in time.
        """
        end = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < end:
            request = self.kernel_info()
            with contextlib.suppress(queue.Empty):
                self._handle_kernel_info_reply(await self.get_shell_msg(timeout=1))
                while True:
                    message = await self.get_iopub_msg(timeout=0.2)
                    about = message["parent_header"].get("msg_id")
                    if about == request and message["content"].get("execution_state") == "idle":
                        return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class KernelManager(AsyncKernelManager):
    """Manager of one such kernel, for ``papermill.execute_notebook(kernel_manager_class=...)``."""

    client_factory = Type(Client)
    modules = List(Unicode(), help="What the kernel will import.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_id = uuid.uuid4().hex
        self.connection_file = str(_pool().folder / f"{self.kernel_id[:12]}.json")
        if hasattr(socket, "AF_UNIX") and sys.platform != "win32" and len(self.connection_file) < _LONGEST_PATH:
            self.transport = "ipc"
            self.ip = self.connection_file.removesuffix(".json")
        self.provisioner = Provisioner(parent=self, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec)
