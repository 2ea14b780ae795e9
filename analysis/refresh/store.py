"""Replace files of the data package in one step, and hold it meanwhile.

The new files are first written to a folder beside the tables. That folder is then renamed, which is the one moment at
which the refresh counts; ``package`` reads what it holds before what it replaces, and this or the next refresh moves
the files into place. A refresh that is stopped before has changed no table, one that is stopped after is complete.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from analysis import SourceError, package

_STAGED = ".refresh-staged"


def write(files: Mapping[str, bytes], root: Path) -> None:
    """Replace files of the data package, all or none.

    Parameters
    ----------
    files : dict
        Name to content; the descriptor is among them.
    root : Path
        Folder of the data package.

    Raises
    ------
    OSError
        They cannot be written; nothing has changed.
    """
    staged = root / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    try:
        for name, content in files.items():
            write_file(staged / name, content, root / name)
        _sync(staged)
        staged.rename(root / package.COMMITTED)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    finish(root)


def write_file(path: Path, content: bytes, stands_for: Path) -> None:
    """Write a file, and have it on the disk before going on; a fault of the disk names what it stands for."""
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(stands_for)) from None


def finish(root: Path) -> None:
    """Move what a complete refresh holds into place, and drop what an incomplete one left.

    Parameters
    ----------
    root : Path
        Folder of the data package.

    Raises
    ------
    SourceError
        A file cannot be moved. The refresh counts all the same.
    """
    shutil.rmtree(root / _STAGED, ignore_errors=True)
    committed = root / package.COMMITTED
    try:
        if committed.is_dir():
            _sync(root)
            for path in sorted(committed.iterdir()):
                _move(path, root / path.name)
            _sync(root)
            committed.rmdir()
    except OSError as error:
        raise SourceError(
            f"{root} is refreshed, but its files could not be moved into place ({error.strerror}): run refresh again."
        ) from None


def _move(path: Path, place: Path) -> None:
    """Put a file in the place of another; a place that is a symbolic link stays one, and what it names is replaced."""
    if not place.is_symlink():
        path.replace(place)
        return
    named = Path(os.path.realpath(place))
    # the file it names may be on another disk, where nothing can be moved to in one step
    beside = named.with_name(f".{named.name}.refresh")
    write_file(beside, path.read_bytes(), named)
    beside.replace(named)
    path.unlink()


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the data package for one refresh; the lock ends with the process, however that ends."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceError(f"Another refresh is at work in {root}: wait until it has ended.") from None
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk before going on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
