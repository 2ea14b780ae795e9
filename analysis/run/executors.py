"""Where runs are executed."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from analysis import InputError
from analysis.run import kernel_pool


def described(dask: str | None, workers: int) -> str:
    """What executes, in words."""
    return f"Dask at {dask}" if dask else f"kernels {kernel_pool.kind()}, {workers} at once"


@contextmanager
def executor(dask: str | None, workers: int) -> Iterator[Executor]:
    """Threads here, each of which waits for a kernel at a time; or the executor of a Dask cluster.

    Parameters
    ----------
    dask : str or None
        Address of the cluster.
    workers : int
        Threads, where there is no cluster.

    Raises
    ------
    InputError
        No cluster answers, or the package that asks it is not installed.
    """
    if dask is None:
        with ThreadPoolExecutor(workers) as executor:
            yield executor
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise InputError("--dask needs the package distributed: install openrouter-claims[dask].") from None
    try:
        client = Client(dask, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(f"--dask {dask}: no scheduler answers there ({error}).") from None
    with client:
        yield client.get_executor(pure=False)
