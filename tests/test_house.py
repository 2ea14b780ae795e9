"""The house: what each room may import, and that nothing goes in a circle."""

import ast
import functools
import gc
from pathlib import Path

import pytest

import analysis
from analysis import ROOT

PACKAGE = Path(analysis.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py")
BELOW = {
    "system": {"system"},
    "measures": {"measures"},
    "": {"system", "measures", ""},
    "charts": {"measures", "", "charts"},
    "wording": {"measures", "", "wording"},
    "extend": {"system", "", "extend"},
    "refresh": {"system", "measures", "", "refresh"},
    "run": {"system", "measures", "", "run"},
    "report": {"system", "measures", "", "run", "report"},
}
"""Room to the rooms that it may import from; the root is the empty name, and the command line above all."""

COMMAND_LINE = "analysis.__main__"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


NAMES = {name_of(path): path for path in MODULES}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if (PACKAGE / parts[1]).is_dir() else ""


@pytest.fixture(autouse=True, scope="module")
def _garbage_of_other_tests_is_gone():
    """Python 3.11 fails to parse where it collects what warns as it goes: that warning's lines are parsed, too."""
    gc.collect()


@functools.cache
def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports, also within functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & set(NAMES) - {name_of(path)}


@pytest.mark.parametrize("module", [name for name in NAMES if name != COMMAND_LINE])
def test_a_room_imports_only_what_stands_below_it(module: str):
    rooms = {room(name) for name in imported(NAMES[module])}
    assert rooms <= BELOW[room(module)]


def test_no_module_imports_itself_by_a_detour():
    graph = {name: imported(path) for name, path in NAMES.items()}
    while leaves := [name for name, uses in graph.items() if not uses & set(graph)]:
        for name in leaves:
            del graph[name]
    assert graph == {}


def test_every_room_says_what_it_is_in_its_first_line():
    for folder in (path for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()):
        first = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        assert first and first.splitlines()[0].endswith("."), folder.name
