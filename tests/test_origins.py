"""Origins: derived from countries alone, and another one is one line."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import DATA, catalog
from analysis.measures import capability, origins, paired, saving

# Planted


@pytest.mark.parametrize(
    ("country", "origin"),
    [("CN", "CN"), ("US", "US"), ("NZ", "elsewhere"), ("US+CN", "elsewhere"), ("CN+HK", "elsewhere"), ("", "unknown")],
)
def test_a_country_has_one_origin(country, origin):
    assert origins.origin_of(country) == origin


def test_every_origin_has_a_name_and_a_colour_of_its_own():
    assert len(set(origins.COLOURS.values())) == len(set(origins.NAMES.values())) == len(origins.CODES)


@pytest.mark.slow
def test_another_origin_is_one_line(project_copy: Path):
    path = project_copy / "analysis" / "measures" / "origins.py"
    text = path.read_text(encoding="utf-8")
    line = '    Origin("planted", "France", "French", "#F0E442", ("FR",)),'
    end = '\n)\n"""All origins'  # after a line for France that may be there by then
    assert text.count(end) == 1
    path.write_text(text.replace(end, f"\n{line}{end}"), encoding="utf-8")
    script = """
from analysis import catalog, figures
from analysis.measures import origins, saving, share
people = catalog.load("authors"), catalog.load("anonymous_models")
tokens = origins.with_origin(catalog.load("author_week"), *people)
paid = saving.realised_by_origin(catalog.load("realised_usage"))
name = "planted"
print(share.origin_tokens(tokens)[name].sum() > 0, paid["usd"][name] > 0, figures.NAMES[name], figures.COLOURS[name])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=project_copy, capture_output=True, text=True, check=False)
    assert done.stdout == "True True France #F0E442\n", done.stderr


# Real


def test_no_table_stores_an_origin():
    for entry in catalog.descriptor(DATA)["resources"]:
        fields = [field["name"] for field in entry.get("schema", {}).get("fields", [])]
        assert "origin" not in fields, entry["name"]


def test_joint_work_of_china_and_another_country_is_not_counted_as_chinese():
    scores = origins.with_country_origin(catalog.load("scores"))
    joint = scores[scores["country"].str.contains("+", regex=False)].set_index("model")
    assert joint["country"].to_dict() == {"InternVL2.5": "CN+HK", "NVILA": "US+CN"}
    assert joint["origin"].unique().tolist() == ["elsewhere"]


def test_measures_derive_the_origin_from_the_country():
    board = capability.boards(catalog.load("scores"))
    assert set(board["origin"]) >= {"CN", "US", "elsewhere", "unknown"}  # and what a line of ORIGINS adds
    usage = pd.DataFrame({"country": ["NZ"], "prompt_tokens": [1], "completion_tokens": [1], "usage_usd": [1.0]})
    assert saving.realised_by_origin(usage).index.tolist() == ["elsewhere"]
    marks = pd.DataFrame({"a": [1.0], "b": [0.0]})
    runs = pd.DataFrame({"first": ["a"], "second": ["b"]}, index=["B1"])
    assert paired.run_scores({"x": marks}, runs)["origin"].tolist() == list(origins.SIDES)
