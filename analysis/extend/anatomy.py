"""A new notebook with the parts that every notebook has, and a section for each of its claims in the register."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis import NOTEBOOKS, InputError
from analysis.criteria import CONTEXT, LITERAL, Claim
from analysis.prose import escaped
from analysis.register import read_register
from analysis.system.files import write_text

TITLE = """# The question, as a reader would ask it?

> “The sentence of the article that asks for it.”

Why it could be so, and how this notebook finds out."""

PARAMETERS = """\
as_of: str = "2026-05-25"  # a day covered by author_week: judge by what was known on this day"""

SETUP = """from IPython.display import Markdown
from matplotlib import pyplot as plt

from analysis import figures, notebook, prose

book = notebook.open("{name}", globals())
table = book.load("author_week")
tokens = table["author_week"].groupby("week_start")["total_tokens"].sum() / 1e12"""

ANSWER = """\
Markdown(f"As of {prose.date_words(as_of)}: the answer in three to five sentences, each number from a result.")"""

KEY_FIGURE = """\
fig, ax = plt.subplots()
ax.plot(tokens.index, tokens)
ax.set_ylabel("trillion tokens a week")
figures.week_axis(ax)
figures.show(ax, "The finding that stands for the notebook, as a sentence", "OpenRouter rankings, CC BY 4.0", as_of)"""

KEY_TABLE = """\
figures.table(tokens.round(2).to_frame("trillion tokens"), "Tokens by week")"""

SECTION = """<a id="{id}"></a>
## {id} · The question in plain words?

> “{quote}”

Why it could be so, and what would show it."""

NO_CLAIM = """## The claims

No claim in `data/claims.toml` names this notebook yet. Each gets a section of its own, in the order of the article: the
question, one idea a cell, the findings, and the verdict as the section's last line."""

CONDITIONS = """## What would have to be true

The assumptions that turn a verdict."""

VERDICTS = """## Verdicts"""

LIMITS = """## Limits

- What the data cannot show."""

SOURCES = """## Sources"""


def new(name: str, folder: Path = NOTEBOOKS) -> Path:
    """Write a new notebook.

    Parameters
    ----------
    name : str
        Two digits that no notebook has yet, an underscore, and words: ``05_context_windows``.
    folder : Path
        Folder of the notebooks.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The name does not fit, or it or its number is taken; nothing is written.

    Examples
    --------
    >>> new("context")
    Traceback (most recent call last):
    analysis.InputError: A notebook is called two digits, _ and words, such as 05_context_windows; not 'context'.
    """
    if not re.fullmatch(r"[0-9]{2}(_[a-z0-9]+)+", name):
        raise InputError(f"A notebook is called two digits, _ and words, such as 05_context_windows; not {name!r}.")
    taken = [path.stem for path in sorted(folder.glob(f"{name[:2]}_*.ipynb"))]
    if taken:
        raise InputError(f"The number {name[:2]} is that of {taken[0]}, which stays as it is: choose a free number.")
    path = folder / f"{name}.ipynb"
    claims = [claim for claim in read_register().values() if claim.notebook == name]
    write_text(path, nbformat.writes(skeleton(name, claims)) + "\n")
    return path


def skeleton(name: str, claims: list[Claim]) -> NotebookNode:
    """Notebook with the anatomy in place.

    Parameters
    ----------
    name : str
        Its name.
    claims : list of Claim
        Claims of the register that name it.

    Examples
    --------
    >>> [cell.id for cell in skeleton("05_context_windows", []).cells][:5]
    ['title', 'parameters', 'setup', 'answer', 'key-figure']
    """
    cells = [
        _prose("title", TITLE),
        _code("parameters", PARAMETERS, tags=["parameters"], folded=True),
        _code("setup", SETUP.format(name=name), folded=True),
        _code("answer", ANSWER, folded=True),
        _code("key-figure", KEY_FIGURE, tags=["key-figure"]),
        _code("key-table", KEY_TABLE),
    ]
    for claim in claims:
        cells += _section(claim)
    if not claims:
        cells.append(_prose("claims", NO_CLAIM))
    cells += [
        _prose("conditions", CONDITIONS),
        _prose("verdicts-md", VERDICTS),
        _code("verdicts", "book.summary()"),
        _prose("limits", LIMITS),
        _prose("sources-md", SOURCES),
        _code("sources", "book.sources()"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _section(claim: Claim) -> list[NotebookNode]:
    """Cells of a claim: its question, its findings, which are not known yet, and the verdict."""
    case = claim.id.lower()
    lines = [f'{case} = book.case("{claim.id}")']
    for reading in claim.expected:
        named = "" if reading.name in (LITERAL, CONTEXT) else f', reading="{reading.name}"'
        lines.append(f'{case}.find("{reading.key}", None{named})')
    lines.append(f'{case}.verdict("What is true instead, in one or two plain sentences.")')
    return [
        _prose(case, SECTION.format(id=claim.id, quote=escaped(claim.quote))),
        _code(f"{case}-verdict", "\n".join(lines)),
    ]


def _prose(name: str, text: str) -> NotebookNode:
    return new_markdown_cell(text, id=name, metadata={"tags": []})


def _code(name: str, source: str, tags: list[str] | None = None, folded: bool = False) -> NotebookNode:
    hidden = {"jupyter": {"source_hidden": True}} if folded else {}
    return new_code_cell(source, id=name, metadata={"tags": tags or [], **hidden})
