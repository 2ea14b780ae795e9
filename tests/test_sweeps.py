import csv
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import DATA, parameters
from analysis.findings import Verdict
from analysis.report import index, site, sweeps
from analysis.run.execute import Run
from analysis.run.records import Record
from samples import ARTICLE, KEYS, REGISTER, REMOTE, record


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Three days and two chart sizes; China passes 60 % on the last day, and the first has no data."""
    shares = {"2026-01-05": None, "2026-02-02": 0.5, "2026-03-02": 0.65}
    return [record(day, top_n, share) for day, share in shares.items() for top_n in (9, 50)]


def curves(records: list[Record]) -> list[sweeps.Curve]:
    """Curves of the runs of one notebook."""
    [mine] = sweeps.curves([records], REGISTER)
    return mine


@pytest.fixture(scope="module")
def drawn(records) -> dict[str, sweeps.Curve]:
    return {curve.claim.id: curve for curve in curves(records)}


def test_the_table_has_a_row_a_finding_a_run(records):
    table = sweeps.table(records)
    assert len(table) == 6 * 3
    assert not table.duplicated(["run", "claim", "assertion", "finding", "reading"]).any()
    row = table.query("run == '01--2026-02-02--50' and finding == 'cn_share_all'").iloc[0]
    assert (row["top_n"], row["verdict"], row["value"], row["holds"]) == ("50", "holds only if", 0.5, False)


def test_a_failed_run_is_in_the_results_and_has_no_row(records):
    assert len(sweeps.table([record("2026-01-05", 9, 0.5, claims=(), status="failed")])) == 0
    assert list(sweeps.table([]).columns) == ["run", "notebook", *sweeps.COLUMNS]


def test_a_run_beyond_its_data_is_known_by_the_day_on_which_they_end():
    told = record("2026-05-25", 9, 0.5)
    days = ("2026-05-25", "2026-06-25", "2026-06-26", "no day")
    assert told.data_to == "2026-05-25"
    assert [replace(told, as_of=day).is_carried_forward for day in days] == [False, False, True, False]


def test_no_parameter_has_the_name_of_a_column():
    taken = {"run", "notebook", *sweeps.COLUMNS}
    assert [p for name in parameters.names() for p in parameters.read(name) if p in taken] == []


def test_the_words_under_a_picture_say_where_the_verdict_turns(drawn):
    assert drawn["S1"].text == (
        "Verdict on S1 over as_of: with top_n = 9, not checkable at 2026-01-05; holds only if at 2026-02-02; supported "
        "at 2026-03-02. with top_n = 50, not checkable at 2026-01-05; holds only if at 2026-02-02; supported at "
        "2026-03-02."
    )
    assert drawn["S1"].counts == {"supported": 2, "holds only if": 2, "not checkable": 2}


def labels(picture: str) -> list[str]:
    """Texts of a drawing, as matplotlib notes them beside the outlines of their letters."""
    return [text.replace("\u00a0", " ") for text in re.findall(r"<!-- (.*?) -->", picture, re.DOTALL)]


def test_every_claim_is_there_in_order_and_drawn_where_runs_differ(drawn):
    assert list(drawn) == list(REGISTER)
    for name in ("S1", "S2"):
        assert ET.fromstring(drawn[name].picture).tag == "{http://www.w3.org/2000/svg}svg"
    assert (drawn["S9"].picture, drawn["S9"].is_same, drawn["S9"].turns) == ("", True, False)


def test_a_finding_that_is_the_same_in_every_run_is_listed_and_not_drawn():
    mine = [record(day, 9, share) for day, share in (("2026-02-02", 0.5), ("2026-03-02", 0.55))]
    first, second = (curve for curve in curves(mine) if curve.claim.id != "S9")
    assert [finding.key for finding in first.same] == ["cn_share_top_n"]
    assert first.moved == ("share of all tokens: first 50.0%, last 55.0%",)
    assert "share of all tokens (as written)" in labels(first.picture)
    assert "holds only if" not in labels(first.picture)  # the verdict does not turn
    assert (first.is_same, second.is_same) == (False, True)
    assert (second.picture, [finding.key for finding in second.same]) == ("", ["first_cn_lead_week"])


def changed(entry: Record, **finding: object) -> Record:
    """Record whose first finding on S1 is another one."""
    verdict = entry.claims[0]
    first, *others = verdict.assertions[0].findings
    ruling = replace(verdict.assertions[0], findings=(replace(first, **finding), *others))
    return replace(entry, claims=(replace(verdict, assertions=(ruling,)), *entry.claims[1:]))


def test_an_interval_without_a_value_that_moves_is_drawn_at_its_end():
    ends = {"2026-02-02": 0.1, "2026-03-02": 0.2}
    mine = [changed(record(day, 9, 0.5), value=None, low=low) for day, low in ends.items()]
    curve = curves(mine)[0]
    assert curve.moved == ("share of all tokens: first 10.0% or more, last 20.0% or more",)
    assert "share of all tokens (as written)" in labels(curve.picture)


def test_a_claim_whose_answer_alone_differs_is_not_among_those_that_are_the_same():
    first, second = (record(day, 9, 0.5) for day in ("2026-02-02", "2026-03-02"))
    other = tuple(replace(verdict, answer="Another.") for verdict in second.claims)
    curve = curves([first, replace(second, claims=other)])[2]
    assert (curve.picture, curve.is_same, curve.turns) == ("", False, False)


def test_a_part_of_a_sentence_on_which_the_verdict_turns_is_told():
    def of_two(entry: Record, verdict: str) -> Record:
        whole = entry.claims[0].assertions[0]
        part = replace(whole, name="part", says="It lasts", verdict=verdict, findings=())
        return replace(entry, claims=(replace(entry.claims[0], assertions=(whole, part)),))

    mine = [of_two(record("2026-02-02", 9, 0.5), "supported"), of_two(record("2026-03-02", 9, 0.5), "not supported")]
    curve = curves(mine)[0]
    assert (curve.turns, curve.is_same, curve.picture) == (True, False, "")
    assert curve.text.endswith(
        "Verdict on “It lasts” over as_of: supported at 2026-02-02; not supported at 2026-03-02."
    )


def test_an_assertion_that_the_register_has_no_more_is_drawn_under_its_name():
    older = {"S1": replace(REGISTER["S1"], assertions=(replace(REGISTER["S1"].assertions[0], name="new"),))}
    mine = [record(day, 9, share) for day, share in (("2026-02-02", 0.5), ("2026-03-02", 0.65))]
    assert "whole" in labels(sweeps.curves([mine], older)[0][0].picture)


def of_the_chart(verdict: Verdict) -> Verdict:
    """A verdict whose finding on the chart differs with its length."""
    value = {"share of the 9 largest": 0.7, "share of the 50 largest": 0.6}
    ruling = verdict.assertions[0]
    found = [replace(f, value=value[f.label]) if f.label in value else f for f in ruling.findings]
    return replace(verdict, assertions=(replace(ruling, findings=tuple(found)),))


def test_a_line_is_named_without_the_words_that_name_what_was_swept():
    mine = [record("2026-03-02", n, 0.5 + n / 1000) for n in (9, 50)]
    mine = [replace(entry, claims=tuple(map(of_the_chart, entry.claims))) for entry in mine]
    assert "share of the … largest" in labels(curves(mine)[0].picture)


def test_runs_that_judge_no_claim_have_no_curve():
    assert curves([record(day, 9, 0.5, claims=()) for day in ("2026-02-02", "2026-03-02")]) == []


def test_groups_that_share_no_place_are_not_joined_to_one_line():
    mine = [record(f"2026-0{month}-02", n, 0.1 * month) for month, n in ((1, 9), (2, 50), (3, 9))]
    found = [text for text in labels(curves(mine)[0].picture) if text.startswith("share of all")]
    assert len(found) == 2


def test_lists_that_begin_alike_are_told_apart_on_the_axis():
    values = [["openai/gpt-5.5", other] for other in ("anthropic/claude-opus-4.6", "google/gemini-3.1-pro")]
    mine = [
        record("2026-01-05", 9, share, parameters=KEYS | {"x": value}, notebook_path=f"{share}/n.ipynb")
        for value, share in zip(values, (0.5, 0.65), strict=True)
    ]
    found = [text for text in labels(curves(mine)[0].picture) if "openai" in text]
    assert [text[:9] for text in found] == ["1: openai", "2: openai"]


def test_a_finding_that_a_run_lacks_is_drawn(drawn):
    assert "first week (as written)" in labels(drawn["S2"].picture)
    assert drawn["S2"].same == () and drawn["S2"].moved == ("first week: first no data, last 2026-02-09",)


def test_groups_with_the_same_values_share_a_line_and_others_are_told_apart(drawn):
    assert "share of all tokens (as written)" in labels(drawn["S1"].picture)
    mine = [record(day, n, n / 100) for day in ("2026-02-02", "2026-03-02") for n in (9, 50)]
    found = " ".join(labels(curves(mine)[0].picture))
    assert "share of all tokens (as written), top_n = 9" in found
    assert "share of all tokens (as written), top_n = 50" in found


def test_what_is_said_of_a_claim_is_that_of_the_last_value_in_whichever_order_the_runs_stand():
    mine = [record(day, 9, share) for day, share in (("2026-03-02", 0.65), ("2026-02-02", 0.5))]
    curve = curves(mine)[0]
    assert (curve.settings, curve.record.verdict("S1").verdict) == ("as_of = 2026-03-02", "supported")


def test_the_same_records_give_the_same_picture(records, drawn):
    again = {curve.claim.id: curve.picture for curve in curves(records)}
    assert again == {name: curve.picture for name, curve in drawn.items()}


def test_notebooks_that_are_drawn_in_one_pass_get_their_own_pictures(records):
    others = [record(day, 9, share) for day, share in (("2026-02-02", 0.3), ("2026-03-02", 0.9))]
    same = [record("2026-02-02", 9, 0.5)] * 2
    together = sweeps.curves([records, same, others], REGISTER)
    assert together == [curves(records), [], curves(others)]
    assert together[0][0].picture != together[2][0].picture


DRAWN = """
from analysis.report import sweeps
from analysis.system import process
from samples import REGISTER, record
records = [record(f"2026-0{month}-05", 9, 0.2 * month) for month in (1, 2, 3)]
with process.map_by(2) as each:
    print(sweeps.curves([records], REGISTER, each) == sweeps.curves([records], REGISTER))
"""


@pytest.mark.slow
def test_several_processes_draw_the_same_pictures():
    command = [sys.executable, "-c", DRAWN]  # this process has threads
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


def line_heights(picture: str, colour: str) -> list[float]:
    """Heights of the points of the first line in a colour."""
    paths = re.findall(r'<path d="([^"]+)"[^>]*style="fill: none; stroke: (#\w+); stroke-width: 2\.2', picture)
    path = next(path for path, found in paths if found.lower() == colour)
    return [float(y) for _, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", path)]


def test_a_finding_is_drawn_where_it_is_known_and_higher_where_it_is_more(drawn):
    second, third = line_heights(drawn["S1"].picture, "#0072b2")
    assert third < second  # SVG counts from the top


@pytest.mark.parametrize("values", [[["a", "b"], ["c"]], [0.5, 3.0], ["one", "two"]])
def test_what_is_swept_may_be_dates_numbers_words_or_lists(values):
    mine = [
        record("2026-01-05", 9, 0.5, parameters=KEYS | {"x": value}, notebook_path=f"{n}/n.ipynb")
        for n, value in enumerate(values)
    ]
    curve = curves(mine)[0]
    assert parameters.written(values[0]).split(".")[0] in curve.text


def test_drawing_leaves_the_settings_as_they_were(records):
    import matplotlib as mpl

    before = {name: mpl.rcParams[name] for name in mpl.rcParams}
    curves(records)
    assert {name: mpl.rcParams[name] for name in mpl.rcParams} == before


@pytest.fixture(scope="module")
def built(records, tmp_path_factory) -> Path:
    """Site of the made-up sweep with a failed run, whose error is hostile."""
    folder = tmp_path_factory.mktemp("built")
    failed = record("2026-04-06", 9, 0.5, claims=(), status="failed", error="<script>alert(1)</script>")
    runs = [Run(parameters.NOTEBOOKS / "01_share_shift.ipynb", folder / str(n)) for n in range(7)]
    (folder / "index.html").write_text("old")
    site.write_site([*records, failed], runs, folder, register=REGISTER, article=ARTICLE)
    return folder


def test_the_report_of_a_sweep_draws_what_differs_and_lists_every_claim_and_run(built: Path):
    page = (built / "index.html").read_text(encoding="utf-8")
    drawn = re.findall(r'<img src="(curves/S\d\.svg)" alt="Verdict on ', page)
    assert drawn == [path.relative_to(built).as_posix() for path in sorted(built.glob("curves/*"))]
    assert drawn == ["curves/S1.svg", "curves/S2.svg"]
    assert re.findall(r'<(?:article|tr) id="sweep-(S\d)"', page) == list(REGISTER)
    assert '<a href="#sweep-S1">S1</a>' in page  # its verdict turns
    assert page.count('<a href="01--') == 6
    assert "failed: &lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert REMOTE.findall(page) == []
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_results_are_there_for_machines_as_json_and_as_a_table(built: Path):
    rows = list(csv.DictReader(io.StringIO((built / "results.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 18
    chart = pd.DataFrame(rows).query("finding == 'cn_share_top_n' and value != ''")
    assert pd.to_numeric(chart["value"]).tolist() == [0.7] * 4


@pytest.mark.slow
def test_a_regenerated_collection_shows_no_difference(project_copy, publish):
    (project_copy / "README.md").write_bytes((DATA.parent / "README.md").read_bytes())
    (project_copy / ".github").mkdir()
    notebooks = sorted((project_copy / "notebooks").glob("*.ipynb"))
    before = [path.read_bytes() for path in notebooks]
    done = publish(project_copy)
    assert done.returncode == 0, done.stderr
    assert f"Finished before, with the same data and code: {len(notebooks)} of {len(notebooks)}" in done.stdout
    assert [path.read_bytes() for path in notebooks] == before


def test_a_day_of_the_slider_has_the_verdicts_of_every_notebook_swept(records):
    by_day = [entry for entry in records if entry.parameters["top_n"] == 9]
    other = [replace(entry, status="failed" if place == 2 else "ok") for place, entry in enumerate(by_day)]
    swept = [
        {"runs": [{"record": entry, "verdict": {v.id: v.verdict for v in entry.claims}} for entry in by_day]},
        {"runs": [{"record": entry, "verdict": {"X": "v"}} for entry in other]},
    ]
    days = index._days(swept)
    assert [(day["day"], day["verdict"]["S1"], day["verdict"]["X"]) for day in days] == [
        ("2026-01-05", "not checkable", "v"),
        ("2026-02-02", "holds only if", "v"),
    ]
    assert index._days([]) == []
