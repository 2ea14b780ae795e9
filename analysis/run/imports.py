"""What notebooks import, and the modules of this package behind them, read from their source."""

import ast
import functools
from pathlib import Path

import analysis
from analysis import parameters


def named_in(notebook: Path) -> list[str]:
    """Modules that the cells of a notebook may import.

    Names that are imported from a module are among them, since they may be modules as well.

    Parameters
    ----------
    notebook : Path
        A notebook file; cells that are not plain Python are left out.
    """
    cells = [cell for cell in parameters.read_cells(notebook) if cell["cell_type"] == "code"]
    return list(dict.fromkeys(module for cell in cells for module in _imported("".join(cell["source"]))))


def reached_from(notebook: Path) -> list[str]:
    """Modules that a notebook may import, and those that the modules of this package behind it may import.

    Parameters
    ----------
    notebook : Path
        A notebook file.
    """
    found: dict[str, None] = {}
    queue = [named_in(notebook)]
    while queue:
        for name in queue.pop():
            if name not in found:
                queue.append(_imported_by(name))
            found[name] = None
    return list(found)


def source_of(name: str) -> Path | None:
    """File of a module of this package; None where it is no module of it.

    Examples
    --------
    >>> source_of("analysis.prose").name, source_of("json")
    ('prose.py', None)
    """
    path = Path(analysis.__file__).parents[1].joinpath(*name.split(".")).with_suffix(".py")
    return path if name.startswith(f"{analysis.__name__}.") and path.is_file() else None


@functools.cache
def _imported_by(name: str) -> list[str]:
    """Modules that a module of this package may import; none where it is no module of it."""
    path = source_of(name)
    return _imported(path.read_text(encoding="utf-8")) if path else []


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
