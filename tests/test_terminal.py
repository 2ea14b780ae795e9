import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import ROOT, parameters
from analysis.register import read_register
from analysis.report import articles, terminal
from analysis.run.records import Record, committed, write_lines
from samples import NEWEST

OTHER = ROOT / "tests" / "data" / "made_up_claims.toml"


@pytest.mark.slow
@pytest.mark.parametrize("name", read_register())
def test_every_claim_is_explained_with_its_quote_its_findings_and_its_cell(name, tmp_path):
    claim = read_register()[name]
    text = " ".join(terminal.explain(name, tmp_path, 100).split())
    verdict = committed(claim.notebook).verdict(name)
    assert text.startswith(f"{name} · {verdict.verdict}")
    assert claim.quote in text
    assert " ".join(verdict.answer.split()) in text
    assert [f for f in verdict.findings if f"{f.key}@{f.reading}: {f}" not in text] == []
    assert re.search(rf"notebooks/{claim.notebook}\.ipynb, cell \[\d+\] \(id [\w-]+\)", text)
    assert "the committed notebook, with as_of=2026-05-25" in text


def test_every_table_of_a_claim_is_cited_with_its_vintage(tmp_path):
    text = " ".join(terminal.explain("S1", tmp_path, 100).split())
    assert "data/author_week.csv, obtained late September 2026: Source: OpenRouter (openrouter.ai/rankings)" in text


def test_no_line_is_wider_than_the_terminal(tmp_path):
    table = terminal.verdict_table([committed("04_moe_efficiency")], 80)
    assert max(map(len, [*table.splitlines(), *terminal.explain("M1", tmp_path, 80).splitlines()])) <= 80


def write_results(folder: Path, **changes: object) -> Record:
    record = replace(committed("01_share_shift"), **{"as_of": "2026-09-28", **changes})
    (folder / "results.json").write_text("".join(write_lines([record])), encoding="utf-8")
    return record


def test_the_report_is_preferred_and_named(tmp_path):
    write_results(tmp_path)
    text = terminal.explain("S1", tmp_path, 1000)
    assert f"From      {tmp_path / 'results.json'}, run 1 of 1, with " in text
    assert "changed since" not in text


def test_of_several_runs_the_one_with_the_parameters_of_the_notebook_is_explained_and_its_day_said_first(tmp_path):
    record = committed("01_share_shift")
    other = replace(record, parameters=record.parameters | {"as_of": NEWEST}, as_of=NEWEST)
    (tmp_path / "results.json").write_text("".join(write_lines([other, record, other])), encoding="utf-8")
    text = terminal.explain("S1", tmp_path, 1000)
    assert text.splitlines()[0] == f"S1 · {record.verdict('S1').words} · as of 2026-05-25"
    assert "run 2 of 3" in text
    (tmp_path / "results.json").write_text("".join(write_lines([other, other])), encoding="utf-8")
    assert "run 2 of 2" in terminal.explain("S1", tmp_path, 1000)


def test_data_that_changed_since_the_report_are_mentioned(tmp_path):
    write_results(tmp_path, data={"author_week": "0" * 64})
    assert "The tables have changed since: execute the notebook again." in terminal.explain("S1", tmp_path, 1000)


@pytest.mark.parametrize("change", [{"quote": "another sentence"}, {"assertions": ()}])
def test_a_verdict_on_another_sentence_or_by_another_rule_is_not_taken_for_this_one(tmp_path, change):
    first, *others = committed("01_share_shift").claims
    write_results(tmp_path, claims=(replace(first, **change), *others))
    assert "From      the committed notebook" in terminal.explain("S1", tmp_path, 1000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["explain", "S99"], "There is no claim 'S99'; there are S1, S2"),
        (["explain", "s1"], "There is no claim 's1': did you mean S1?"),
        (["explain", "S1"], "results.json is no results.json"),
        (["explain", "S1", "--out", "elsewhere"], "elsewhere holds no results.json"),
        (["explain", "S1", "--claims", str(OTHER)], "There is no claim 'S1'; there are A1, A2, A3."),
        (["verdicts", "--claims", "none.toml"], "none.toml cannot be read (No such file or directory)"),
        (["verdicts", "--out", "reports"], "--out says where notebooks are executed: give it with --as-of"),
        (["verdicts", "--as-of", "May"], "as_of must be a date such as 2026-05-25, not 'May'"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_2(tmp_path, command, arguments, sentence):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "results.json").write_text("[]", encoding="utf-8")
    done = command(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_table_of_the_committed_notebooks_has_a_row_a_claim(tmp_path, command):
    done = command(tmp_path, "verdicts")
    assert done.returncode == 0
    assert re.findall(r"^([A-Z]\d+) ", done.stdout, flags=re.MULTILINE) == list(read_register())
    assert "As stored in the committed notebooks, as of 2026-05-25" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_claim_on_another_text_is_explained_by_the_cell_that_computed_its_findings(tmp_path, command):
    done = command(tmp_path, "explain", "A2", "--claims", str(OTHER))
    text = " ".join(done.stdout.split())
    assert text.startswith("A2 · holds only if you count all tokens, and not those of the 9 largest models")
    assert "cn_share_all@literal@all_tokens: 45.4%; holds: yes" in text
    cell = re.search(r"cell \[\d+\] \(id [\w-]+\)", terminal.explain("S1", tmp_path, 1000))[0]
    assert f"Cell notebooks/01_share_shift.ipynb, {cell} From the committed notebook" in text
    assert "no cell computes it" in command(tmp_path, "explain", "A3", "--claims", str(OTHER)).stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_table_of_another_text_has_its_claims(tmp_path, command):
    done = command(tmp_path, "verdicts", "--claims", str(OTHER))
    assert re.findall(r"^(\w+\d+) +(supported|holds only if|not checkable)", done.stdout, flags=re.MULTILINE) == [
        ("A1", "supported"),
        ("A2", "holds only if"),
        ("A3", "not checkable"),
    ]


def test_a_report_on_another_text_is_preferred_unless_its_findings_are_others(tmp_path):
    article = articles.read(OTHER)
    judged = articles.judge(article, [committed("01_share_shift")])[0]
    write_results(tmp_path, claims=judged.claims)
    assert "results.json, run 1 of 1" in terminal.explain("A1", tmp_path, 1000, article)
    write_results(tmp_path, claims=(replace(judged.claims[0], assertions=judged.claims[1].assertions),))
    assert "From      the committed notebook" in terminal.explain("A1", tmp_path, 1000, article)


@pytest.mark.slow
def test_a_date_executes_the_notebooks_that_are_not_finished_at_it_once(tmp_path, command, collection):
    shutil.copytree(collection, tmp_path / "reports")
    shutil.rmtree(tmp_path / "reports" / f"03_benchmark_parity--as_of={NEWEST}")
    first, second = (command(tmp_path, "verdicts", "--as-of", NEWEST) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    count = len(parameters.names())
    assert f"Finished before, with the same data and code: {count - 1} of {count}" in first.stdout
    assert f"Finished before, with the same data and code: {count} of {count}" in second.stdout
    table = first.stdout.index(f"From the executed notebooks in reports, as of {NEWEST}")
    assert first.stdout[table:] in second.stdout
