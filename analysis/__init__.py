"""Loaders and calculations behind the notebooks that check claims about models on OpenRouter."""

import sys
from pathlib import Path

# With JupyterLab installed, jsonschema builds a grammar at import that nothing here uses: 2.5 s (python-jsonschema
# issue 1428). It takes the module's absence for an answer, which has to be there before the first import of nbformat.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"


class InputError(ValueError):
    """Bad input: one sentence that names the place and the remedy, for the person who can act."""


class SourceError(RuntimeError):
    """A refresh that could not be done: one sentence that names the place and the remedy; no table has changed."""
