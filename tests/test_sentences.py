"""What the notebooks say at any date: no gap in a sentence, no word twice, no empty list."""

import re
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pandas as pd
import pytest

from analysis import NOTEBOOKS, catalog, findings, parameters
from analysis.run import execute, made_tables
from analysis.run.execute import Run

pytestmark = pytest.mark.slow

TABLE = re.compile(r"a day covered by (\w+)")
WRONG = {
    "a value that is missing": re.compile(r"\b(no data|nan|NaN|NaT|None|none)\b(?! of| is known)"),
    "a word twice": re.compile(r"\b(\w+) \1\b", re.IGNORECASE),
    "empty brackets": re.compile(r"\(\s*\)|\[\s*\]"),
    "a list that ends in nothing": re.compile(r",? (and|or) ?[.;,]|: ?[.;]|, \."),
    "an unfilled place": re.compile(r"\{\w+\}"),
}


def days(name: str) -> list[str]:
    """Twelve days from the first that a notebook accepts to the last."""
    table = TABLE.search(parameters.read(name)["as_of"].allowed)[1]
    first, last = catalog.covered_days(table)[0], pd.Timestamp(catalog.taken_on())
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first.ceil("D"), last, periods=12).floor("D")]


def sentences(run: Run) -> list[str]:
    """Every sentence that an executed notebook says: in texts, titles of figures, and answers."""
    said = []
    for cell in nbformat.read(run.output, as_version=4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            said += [data["text/markdown"]] if "text/markdown" in data else []
            is_title = set(data) in ({"text/plain"}, {"text/plain", "image/png"})
            said += [data["text/plain"]] if is_title else []
            if findings.MIME in data:
                said += [data[findings.MIME]["answer"], *data[findings.MIME]["conditions"]]
    return said


@pytest.mark.parametrize("name", parameters.names())
def test_no_sentence_has_a_gap_at_any_of_twelve_dates(name, tmp_path):
    """With pictures on the first day, on which there is least to draw; titles are said without them, too."""
    first, *others = days(name)
    path = NOTEBOOKS / f"{name}.ipynb"
    copy = made_tables.without_pictures(path, tmp_path)
    runs = [Run(path, tmp_path / first, {"as_of": first})]
    runs += [Run(copy, tmp_path / day, {"as_of": day}) for day in others]
    with ThreadPoolExecutor(2) as executor:
        records = execute.execute_all(runs, executor, lambda _: None)
    assert [record.error for record in records if record.error] == []
    wrong = [
        (run.given["as_of"], problem, text)
        for run in runs
        for text in sentences(run)
        if not text.startswith("- **")  # the list of sources
        for problem, pattern in WRONG.items()
        if pattern.search(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("The share is no data.", "a value that is missing"),
        ("Each week's the the models.", "a word twice"),
        ("Models () count.", "empty brackets"),
        ("They are a, b and .", "a list that ends in nothing"),
        ("Only {top_n} count.", "an unfilled place"),
    ],
)
def test_a_bad_sentence_is_noticed(text, problem):
    assert WRONG[problem].search(text)
