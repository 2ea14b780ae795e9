"""The files of the data package, as one state of it, whatever a refresh writes meanwhile."""

import hashlib
import json
import shutil
from pathlib import Path

from analysis import DATA, InputError

COMMITTED = ".refresh"
"""Folder below the tables with a refresh that is complete but not yet moved into place; see ``refresh.store``."""

DESCRIPTOR = "datapackage.json"

READS = 10
"""A reader that a refresh comes between tries this often; a refresh takes seconds, a try milliseconds."""

_held: dict[Path, dict[str, bytes]] = {}
"""By folder, the files of the state that this process reads; see ``hold``."""


def hold(root: Path = DATA) -> None:
    """Read the whole package, and let this process see that state of it until it holds another.

    What a command prints, and what a notebook says, is then of one package: the old or the new. It is two megabytes.
    A file that cannot be read is left out: who asks for it is told.

    Parameters
    ----------
    root : Path
        Folder of the data package.

    Raises
    ------
    InputError
        There is no descriptor, or the package changes all the time.
    """
    _held.pop(root, None)
    _held[root] = _one_state(root)


def _one_state(root: Path) -> dict[str, bytes]:
    """Content of the descriptor and of the files that it lists, where no refresh came between two of them."""
    for _ in range(READS):
        before = read_descriptor(root)
        found = {name: read(root, name) for name in _names(before) if _place(root, name).is_file()}
        # every refresh replaces the descriptor: where it is the same after as before, none came between
        if read_descriptor(root) == before:
            return {DESCRIPTOR: before} | {name: content for name, content in found.items() if content is not None}
    raise InputError(f"{root} is being refreshed again and again: wait until that has ended.")


def _names(descriptor: bytes) -> list[str]:
    """Files that a descriptor lists; none of one that is broken, which ``catalog`` says in its own words."""
    try:
        paths = [entry["path"] for entry in json.loads(descriptor)["resources"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return [path for path in paths if isinstance(path, str) and Path(path).name == path]


def read_descriptor(root: Path = DATA) -> bytes:
    """Bytes of ``datapackage.json``.

    Raises
    ------
    InputError
        It is missing.

    Examples
    --------
    >>> b"author_week" in read_descriptor()
    True
    """
    content = read(root, DESCRIPTOR)
    if content is None:
        path = root / DESCRIPTOR
        raise InputError(f"{path} is missing: run from a clone of the repository, installed with --editable.")
    return content


def read(root: Path, name: str) -> bytes | None:
    """Bytes of a file of the package; None if there is none.

    Raises
    ------
    InputError
        It cannot be read.
    """
    held = _held.get(root, {})
    return held[name] if name in held else read_now(root, name)


def read_now(root: Path, name: str) -> bytes | None:
    """Bytes of a file as it is on the disk now; as ``read``."""
    for _ in range(READS):
        path = _place(root, name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            if path.parent == root:
                return None
            # a refresh has just moved it into place: it is there now
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): see to its rights.") from None
    return None


def _place(root: Path, name: str) -> Path:
    """Path of a file of the package: what a complete refresh holds counts before what it replaces."""
    committed = root / COMMITTED / name
    return committed if committed.is_file() else root / name


def digest(content: bytes) -> str:
    """Hash of a file as the descriptor writes it.

    Examples
    --------
    >>> digest(b"")[:15]
    'sha256:e3b0c442'
    """
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def copy_files(target: Path, root: Path = DATA) -> None:
    """Copy the package, in the state that this process reads, into a folder.

    Parameters
    ----------
    target : Path
        The folder; what is there is replaced.
    root : Path
        Folder of the data package.
    """
    shutil.copytree(root, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    for name, content in (_held.get(root) or _one_state(root)).items():
        (target / name).write_bytes(content)
