"""What several test modules build from: made-up notebooks, records and claims, and a site."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from analysis import NOTEBOOKS, parameters
from analysis.claims import Case
from analysis.criteria import Claim, Criterion, Reading, settled
from analysis.report import site
from analysis.run import depends
from analysis.run.execute import Run
from analysis.run.records import Record, committed

NEWEST = f"{depends.newest_day():%Y-%m-%d}"
"""Newest day of the data."""

GOOD = """
from analysis import claims, criteria, notebook
asked = criteria.Criterion("whole", "stated", "It is so", would_need="a survey")
case = claims.Case(criteria.Claim("S9", "n", "quote", (asked,)), as_of)
display(case.verdict("Nobody knows."))
notebook.Summary({"S9": case}, as_of, {})
"""
"""A cell that shows a verdict and the summary of its notebook."""

REMOTE = re.compile(
    r"""(?:src|srcset)\s*=\s*["']?\s*(?:https?:)?//|<link[^>]+href\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|import\(\s*["']https?:|@import"""
)
"""What a page must not hold: a request to another host."""


def notebook(folder: Path, name: str, *sources: str) -> Path:
    """Write a notebook with a parameter and some cells."""
    first = nbformat.v4.new_code_cell('as_of: str = "x"  # one of x, y: date', metadata={"tags": ["parameters"]})
    cells = [first, *(nbformat.v4.new_code_cell(source) for source in sources)]
    path = folder / f"{name}.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


KEYS = {"weeks": 4, "top_n": 9, "anonymous": "separate", "reference_week": "2026-04-27"}


REGISTER = {
    "S1": Claim(
        "S1",
        "01_share_shift",
        "over 60% of all tokens",
        (
            Criterion(
                "whole",
                "stated",
                "Chinese models have over 60 %",
                "Share of all tokens.",
                (
                    Reading("literal", "cn_share_all", "share of all tokens", "share"),
                    Reading("top_n", "cn_share_top_n", "share of the {top_n} largest", "share", "you count {top_n}"),
                ),
                ">",
                0.6,
            ),
        ),
    ),
    "S2": Claim(
        "S2",
        "01_share_shift",
        "In February 2026",
        (
            Criterion(
                "whole",
                "stated",
                "It was in February",
                "First week.",
                (Reading("literal", "first_cn_lead_week", "first week", "week"),),
                "between",
                ("2026-02-01", "2026-02-28"),
            ),
        ),
    ),
    "S9": Claim("S9", "01_share_shift", "80% of companies", (Criterion("whole", "stated", "So", would_need="x"),)),
}
"""A made-up register: a claim with two readings, one on a date, and one that nothing decides."""


def record(day: str, top_n: int, share: float | None, **more: Any) -> Record:
    """Record of a made-up run: the Chinese share of all tokens is what the test says."""
    given = {"as_of": day, **KEYS, "top_n": top_n}
    found = [
        ("S1", "cn_share_all", "literal", share),
        ("S1", "cn_share_top_n", "top_n", 0.7 if share else None),
        ("S2", "first_cn_lead_week", "literal", "2026-02-09" if share else None),
    ]
    cases = {name: Case(settled(claim, given), day) for name, claim in REGISTER.items()}
    for name, key, reading, value in found:
        cases[name].find(key, value, reading=reading)
    verdicts = tuple(case.verdict("What is true instead.") for case in cases.values())
    path = f"01--{day}--{top_n}/01_share_shift.ipynb"
    made = Record("01_share_shift", "ok", given, day, 1.0, path, {}, verdicts)
    return replace(made, **more)


ARTICLE = "Title\n\nThey have over 60% of all tokens. In February 2026 they led. And 80% of companies."


def record_of(run: Run) -> Record:
    """Record of a committed notebook, as that of a run into a folder of its own."""
    return replace(committed(run.notebook.stem), notebook_path=f"{run.folder.name}/{run.notebook.name}")


def committed_site(out: Path) -> Path:
    """Site made of the committed notebooks, without executing them again."""
    runs = [Run(NOTEBOOKS / f"{name}.ipynb", out / name) for name in parameters.names()]
    for run in runs:
        run.folder.mkdir()
        shutil.copy(run.notebook, run.output)
    site.write_site([record_of(run) for run in runs], runs, out)
    return out
