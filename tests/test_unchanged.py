"""A report that is as it was written is left alone; whatever else has changed is written anew."""

import shutil
from dataclasses import replace

import pytest

import analysis
from analysis import DATA, ROOT
from analysis.report import unchanged
from analysis.run import cache
from conftest import snapshot
from samples import record


@pytest.fixture
def report(tmp_path):
    """A folder with two pages and a notebook, noted as the report of a key."""
    (tmp_path / "claims").mkdir()
    for name in ("index.html", "claims/S1.html", "one.ipynb"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    unchanged.note(tmp_path, "key")
    return tmp_path


def test_a_report_as_it_was_written_is_known_by_its_key(report):
    before = snapshot(report)
    assert unchanged.is_written(report, "key")
    assert not unchanged.is_written(report, "another")
    assert not unchanged.is_written(report / "claims", "key")
    assert snapshot(report) == before


def test_another_report_below_it_is_not_a_part_of_it(report):
    (report / "september").mkdir()
    (report / "september" / "index.html").write_text("another")
    unchanged.note(report / "september", "another")
    assert unchanged.is_written(report, "key")


@pytest.mark.parametrize(
    "harm",
    [
        lambda out: (out / "index.html").write_text("changed"),
        lambda out: (out / "claims/S1.html").unlink(),
        lambda out: (out / "claims/S2.html").write_text("more"),
        lambda out: (out / unchanged.STATE).write_text("{"),
        lambda out: (out / unchanged.STATE).write_bytes(b"\xff"),
        lambda out: (out / unchanged.STATE).write_text('["key"]'),
    ],
)
def test_what_somebody_has_changed_is_seen(report, harm):
    harm(report)
    assert not unchanged.is_written(report, "key")


def test_the_key_is_of_results_and_of_what_the_command_says():
    one = record("2026-05-25", 9, 0.45)
    known = unchanged.key([one], 0, "")
    assert unchanged.key([one], 0, "") == known
    others = [([replace(one, seconds=2.0)], 0, ""), ([one, one], 0, ""), ([one], 1, ""), ([one], 0, "https://a.org")]
    assert len({known, *(unchanged.key(*other) for other in others)}) == 5


@pytest.mark.parametrize(
    "name", ["analysis/report/templates/index.html.j2", "analysis/__main__.py", "data/CHANGELOG.md"]
)
def test_the_key_is_of_templates_code_and_data(tmp_path, monkeypatch, name):
    for folder in ("analysis", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "environment", lambda: "the same")
    monkeypatch.setattr(analysis, "__file__", str(tmp_path / "analysis" / "__init__.py"))
    monkeypatch.setattr(unchanged, "DATA", tmp_path / DATA.name)
    known = unchanged.key([])
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert unchanged.key([]) != known
