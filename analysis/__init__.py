"""Loaders and calculations behind the notebooks that check claims about models on OpenRouter."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"


class InputError(ValueError):
    """Bad input: one sentence that names the place and the remedy, for the person who can act."""


class SourceError(RuntimeError):
    """A refresh that could not be done: one sentence that names the place and the remedy; no table has changed."""
