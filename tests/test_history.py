"""Verdicts over time: what publish makes of runs, what it does not make again, and what it refuses to change."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import NOTEBOOKS, InputError, catalog, parameters, provenance
from analysis.register import read_register
from analysis.run import changelog, depends, history, made_tables, specifications
from analysis.run.records import OK, committed
from conftest import rewrite, snapshot

FIRST, MONTHLY = "01_share_shift", "02_price_gap"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each notebook rests on: as the committed table says, until a test changes it."""
    known = {name: f"sha256:{name}" for name in parameters.names()}
    monkeypatch.setattr(depends, "key", known.__getitem__)
    return known


@pytest.fixture
def package(data_copy: Path, keys: dict[str, str]) -> Path:
    """Copy of the data package whose table of verdicts was made from what the notebooks rest on."""
    table = made_tables.Table(history.TABLE, history.read(data_copy), dict(keys), [])
    for name, content in made_tables.new_files([table], data_copy).items():
        (data_copy / name).write_bytes(content)
    return data_copy


def answer(runs, fail=()):
    """Records of a plan, as if every run had come to the verdicts of the committed notebook."""
    found = {name: committed(name) for name in {run.notebook.stem for run in runs}}
    return [
        replace(
            found[run.notebook.stem], as_of=run.given["as_of"], status="failed" if run.given["as_of"] in fail else OK
        )
        for run in runs
    ]


def test_nothing_is_executed_where_cells_code_claims_and_data_are_as_before(package: Path, tmp_path: Path):
    table = history.extend(lambda runs: pytest.fail("executed"), tmp_path, package)
    pd.testing.assert_frame_equal(table.frame, history.read(package))
    assert made_tables.new_files([table], package) == {}


@pytest.mark.slow
def test_only_a_notebook_that_has_changed_is_executed_at_all_of_its_days(package: Path, keys, tmp_path: Path):
    before, keys[MONTHLY] = history.read(package), "sha256:changed"
    seen = []
    table = history.extend(lambda runs: seen.extend(runs) or answer(runs), tmp_path, package)
    assert {run.notebook.stem for run in seen} == {MONTHLY}
    assert [run.given["as_of"] for run in seen] == history.days(MONTHLY)
    is_mine = table.frame["claim"].map(lambda name: read_register()[name].notebook).eq(MONTHLY)
    others = before[before["claim"].str.startswith("S")].reset_index(drop=True)
    kept = table.frame[table.frame["claim"].str.startswith("S")].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.astype(others.dtypes), others)
    stored = {verdict.id: verdict.verdict for verdict in committed(MONTHLY).claims}
    assert table.frame[is_mine].groupby("claim")["verdict"].unique().map(list).to_dict() == {
        name: [verdict] for name, verdict in stored.items()
    }
    assert table.keys[MONTHLY] == "sha256:changed"


def test_a_run_that_fails_keeps_the_rows_of_its_notebook_and_asks_for_another_try(package: Path, keys, tmp_path: Path):
    before, keys[MONTHLY] = history.read(package), "sha256:changed"
    table = history.extend(lambda runs: answer(runs, fail=["2026-03-25"]), tmp_path, package)
    assert [record.as_of for record in table.failed] == ["2026-03-25"]
    assert MONTHLY not in table.keys
    pd.testing.assert_frame_equal(table.frame, before)


def test_the_new_table_and_its_descriptor_fit_each_other(package: Path, keys, tmp_path: Path):
    keys[MONTHLY] = "sha256:changed"
    files = made_tables.new_files([history.extend(answer, tmp_path, package)], package)
    assert set(files) == {"verdict_history.csv", "datapackage.json"}
    for name, content in files.items():
        (package / name).write_bytes(content)
    catalog.check(package)
    assert catalog.resource(history.TABLE, package)[provenance.MADE_FROM][MONTHLY] == "sha256:changed"


def test_weekly_data_are_judged_weekly_and_others_monthly_with_the_days_of_the_article_and_of_the_newest_data():
    weekly, monthly = history.days(FIRST), history.days(MONTHLY)
    assert weekly[:3] == ["2025-01-06", "2025-01-13", "2025-01-20"]
    assert monthly[:3] == ["2025-01-25", "2025-02-25", "2025-03-25"]
    for days in (weekly, monthly):
        assert days[-1] == f"{depends.newest_day():%Y-%m-%d}"
        assert "2026-05-25" in days
        assert len(set(days)) == len(days)


def test_the_committed_table_says_of_the_articles_day_what_the_committed_notebooks_say():
    records = [committed(name) for name in parameters.names()]
    assert history.verdicts_on("2026-05-25") == history.verdicts(records)


def test_the_committed_table_shows_the_share_that_the_snapshot_gives_week_by_week():
    rows = history.read().set_index("claim").loc["S1"].set_index("as_of")["value"]
    assert rows["2026-05-25"] == pytest.approx(0.454, abs=0.0005)
    assert rows["2026-08-10":"2026-08-24"].gt(0.6).any()
    assert rows["2026-09-28"] == pytest.approx(0.598, abs=0.0005)


@pytest.mark.slow
def test_no_run_rests_on_what_runs_make(project_copy: Path):
    def environment() -> str:
        ask = [sys.executable, "-c", "from analysis.run import cache; print(cache.environment())"]
        return subprocess.run(ask, cwd=project_copy, capture_output=True, text=True, check=True).stdout

    before = environment()
    rewrite(project_copy / "data", history.TABLE, lambda text: text.replace("not supported", "supported", 1))
    (project_copy / "data" / "CHANGELOG.md").write_text("nothing")
    assert environment() == before
    rewrite(project_copy / "data", "authors", lambda text: text.replace("low", "high", 1))
    assert environment() != before


def test_the_key_follows_cells_and_data_and_not_what_is_said_about_a_claim(monkeypatch: pytest.MonkeyPatch):
    before = depends.key(FIRST)
    known = read_register()
    other = known | {"S1": replace(known["S1"], origin=None, specifications=())}
    monkeypatch.setattr("analysis.register.read_register", lambda: other)
    assert depends.key(FIRST) == before
    monkeypatch.setattr("analysis.register.read_register", lambda: known | {"S1": replace(known["S1"], quote="other")})
    assert depends.key(FIRST) != before
    assert depends.key(MONTHLY) != before


def row(**changed: str) -> str:
    cells = {
        "day": "2026-11-24",
        "claim": "S1",
        "from": "holds only if",
        "to": "supported",
        "cause": "data",
        "why": "x.",
    }
    return f"| {' | '.join((cells | changed).values())} |"


def entries(tmp_path: Path, *rows: str) -> list[changelog.Change]:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("\n".join(["# Verdicts", "| day | claim |", "|---|---|", *rows, ""]))
    return changelog.read(path)


def test_a_verdict_may_change_where_the_last_entry_on_it_says_so(tmp_path: Path):
    change = ({"S1": "holds only if", "S2": "open"}, {"S1": "supported", "S2": "open", "S99": "supported"})
    changelog.check(*change, entries(tmp_path, row()))
    for rows in ([], [row(claim="S2")], [row(), row(**{"from": "supported", "to": "not supported"})]):
        with pytest.raises(InputError) as refused:
            changelog.check(*change, entries(tmp_path, *rows))
        assert str(refused.value) == (
            "S1 changes from holds only if to supported: say in data/CHANGELOG.md, in a row at its end, what did."
        )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (row(cause="luck"), "line 4: cause is one of data, restatement, rule; not 'luck'."),
        (row(to="true"), "line 4: 'true' is no verdict; there are supported,"),
        (row(why=""), "line 4 has 6 cells; an entry has 6: day, claim, from, to, cause, what changed."),
        ("| 2026-11-24 | S1 |", "line 4 has 2 cells; an entry has 6"),
    ],
)
def test_an_entry_that_is_not_written_as_it_should_be_is_refused_with_its_line(
    tmp_path: Path, line: str, sentence: str
):
    with pytest.raises(InputError) as refused:
        entries(tmp_path, line)
    assert sentence in str(refused.value)


def test_the_entries_on_a_claim_lead_from_one_to_the_next_and_end_at_its_verdict():
    now = history.verdicts_on("2026-05-25")
    last: dict[str, str] = {}
    for change in changelog.read():
        assert last.get(change.claim, change.before) == change.before
        last[change.claim] = change.after
    assert {claim: now[claim] for claim in last} == last


@pytest.mark.slow
def test_publish_refuses_a_changed_verdict_without_an_entry_and_changes_nothing(project_copy: Path, command):
    for name in parameters.names()[1:]:
        (project_copy / "notebooks" / f"{name}.ipynb").unlink()
    was = "S1,2026-05-25,holds only if,"
    rewrite(project_copy / "data", history.TABLE, lambda text: text.replace(was, "S1,2026-05-25,open,"))
    before = snapshot(project_copy)
    done = command(project_copy, "publish")
    assert done.returncode == 2
    assert "S1 changes from open to holds only if: say in data/CHANGELOG.md" in done.stderr
    assert snapshot(project_copy) == before


def test_a_notebook_without_pictures_is_the_same_but_for_one_cell(tmp_path: Path):
    copy = made_tables.without_pictures(NOTEBOOKS / f"{FIRST}.ipynb", tmp_path)
    cells, own = parameters.read_cells(copy), parameters.read_cells(NOTEBOOKS / f"{FIRST}.ipynb")
    assert len(cells) == len(own) + 1
    assert parameters.read(copy) == parameters.read(FIRST)


def test_a_setting_that_the_notebook_does_not_take_is_refused_with_its_claim(tmp_path: Path):
    claim = read_register()["S1"]
    grid = replace(claim.specifications[0], settings={"weeks": (1, 99)})
    with pytest.raises(InputError, match=r"^Claim S1 in the register, specifications: weeks takes a whole number"):
        specifications.plan(replace(claim, specifications=(grid,)), tmp_path)


def test_settings_that_come_to_the_same_share_a_run(tmp_path: Path):
    claim = read_register()["S1"]
    found = specifications.plan(claim, tmp_path)
    assert len(found) > len({item.run.folder for item in found})
    default = [item for item in found if not item.run.given]
    assert default and all(item.settings["weeks"] == 4 for item in default)


def test_the_committed_settings_are_those_of_the_register_and_hold_the_committed_values(tmp_path: Path):
    table = specifications.read()
    for claim in read_register().values():
        if claim.specifications:
            rows = table[table["claim"].eq(claim.id)]
            assert len(rows) == len(specifications.plan(claim, tmp_path))
            assert rows["verdict"].isin([specifications.HOLDS, specifications.FAILS, specifications.UNTOLD]).all()
    usual = table[table["claim"].eq("S1") & table["settings"].eq("weeks=4; anonymous=separate")]
    found = {f.reading: f.value for f in committed(FIRST).claims[0].assertions[0].findings}
    for reading in ("literal", "named"):
        mine = usual[usual["assertion"].eq("chinese") & usual["reading"].eq(reading)]
        assert mine["value"].item() == pytest.approx(found[reading])
