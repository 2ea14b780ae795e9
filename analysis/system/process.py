"""The command as a process: what signals, a closed pipe and the unforeseen make of it. It imports next to nothing.

``__main__`` calls ``stop_at_once`` before it imports anything that takes time, and ``leave`` at the end.
"""

import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NoReturn

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}
UNFORESEEN = 70
"""Exit status of an exception that nobody foresaw, as sysexits.h has it for a fault of the software."""

CAN_FORK = sys.platform == "linux"
"""macOS does not fork a process safely once its libraries are loaded."""

_PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: the signal that a process gets when its parent ends."""

_KEY = "OPENROUTER_API_KEY"

_received: list[int] = []
"""Signals that came while something ran that has to be cleaned up."""


def stop_at_once() -> None:
    """Let SIGINT and SIGTERM end the process with one line: for as long as there is nothing to clean up."""
    _handle(_leave_at_once)


@contextlib.contextmanager
def stopping_in_order() -> Iterator[None]:
    """Let them raise KeyboardInterrupt and SystemExit(143), so that what has been started is cleaned up."""
    _received.clear()
    before = {number: signal.getsignal(number) for number in STATUS}
    _handle(_raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopped_by() -> int | None:
    """Status of the first signal that came, whatever exception a library has made of it; then it is forgotten."""
    status = STATUS[signal.Signals(_received[0])] if _received else None
    _received.clear()
    return status


@contextlib.contextmanager
def map_by(workers: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """``map``, by so many processes at once where the system can fork; they end with this one.

    No other thread may run meanwhile: what it holds would stay locked in a fork.
    """
    if workers < 2 or not CAN_FORK:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, get_context("fork"), _work_for, (os.getpid(),)) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def end_with(parent: int) -> None:
    """Have Linux, and no other system, kill this process when its parent ends, which it may have done already."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def leave(status: int) -> NoReturn:
    """End the process without taking the interpreter apart: meanwhile a signal would find no handler."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    atexit._run_exitfuncs()
    os._exit(status)


def drop_output() -> None:
    """Send what is still printed nowhere: whoever read it has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def keep_traceback(error: BaseException) -> str:
    """Write the traceback of an exception into a file of its own; where it is, in words."""
    import tempfile
    import traceback

    text = without_key("".join(traceback.format_exception(error)))
    try:
        handle, path = tempfile.mkstemp(prefix="openrouter-claims-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as refused:
        return f"which could not be kept ({refused.strerror})"
    return f"in {path}"


def without_key(text: str) -> str:
    """Text without the key, which an exception may quote."""
    key = os.environ.get(_KEY)
    return text.replace(key, "(key)") if key else text


def _work_for(parent: int) -> None:
    """Leave a terminal's Ctrl-C to the parent; SIGTERM ends this process, or its executor could not be rid of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent)


def _handle(handler: object) -> None:
    """Set a handler; a signal that is ignored, as SIGINT is under nohup and in a background job, stays so."""
    for number in STATUS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)  # type: ignore[arg-type]


def _leave_at_once(number: int, _: FrameType | None) -> NoReturn:
    with contextlib.suppress(OSError):
        os.write(2, b"Stopped.\n")
    os._exit(STATUS[signal.Signals(number)])


def _raise(number: int, _: FrameType | None) -> NoReturn:
    _received.append(number)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(STATUS[signal.Signals(number)])
