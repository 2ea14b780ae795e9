import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import DATA, ROOT, InputError, catalog, claims, parameters
from analysis.criteria import settled
from analysis.findings import Verdict
from analysis.register import read_register
from analysis.report import articles
from analysis.run.records import Record, committed, read_results
from conftest import snapshot

EXAMPLE = ROOT / "tests" / "data" / "made_up_claims.toml"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Copy of the example and its text, alone in a folder."""
    for path in (EXAMPLE, EXAMPLE.with_name("made_up_article.txt")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / EXAMPLE.name


def by_id(records: list[Record]) -> dict[str, Verdict]:
    return {verdict.id: verdict for record in records for verdict in record.claims}


def test_another_article_is_judged_from_what_the_notebook_found():
    record = committed("01_share_shift")
    own = {(f.key, f.reading): f.value for verdict in record.claims for f in verdict.findings}
    found = by_id(articles.judge(articles.read(EXAMPLE), [record]))
    assert {name: verdict.verdict for name, verdict in found.items()} == {
        "A1": "supported",
        "A2": "holds only if",
        "A3": "not checkable",
    }
    assert found["A2"].conditions == ("you count all tokens, and not those of the 9 largest models",)
    assert [(f.reading, f.value) for f in found["A2"].findings] == [
        ("literal", own["cn_share_top_n", "top_n"]),
        ("all_tokens", own["cn_share_all", "literal"]),
    ]


def test_label_unit_tables_and_notebook_follow_from_the_findings():
    claim, own = articles.read(EXAMPLE).register["A1"], read_register()["S1"]
    mine, theirs = claim.assertions[0].readings[0], own.assertions[0].readings[0]
    assert (mine.label, mine.unit, claim.notebook) == (theirs.label, "share", "01_share_shift")
    assert claim.tables == own.tables


def test_a_run_that_failed_keeps_its_place_and_has_no_verdict():
    failed = replace(committed("01_share_shift"), status="failed", claims=(), error="x")
    assert articles.judge(articles.read(EXAMPLE), [failed]) == [failed]


def test_a_finding_that_a_run_does_not_have_is_missing_and_not_made_up():
    empty = replace(committed("01_share_shift"), claims=())
    assert by_id(articles.judge(articles.read(EXAMPLE), [empty]))["A1"].verdict == "not checkable"


@pytest.mark.parametrize("name", parameters.names())
def test_the_projects_own_claims_come_out_the_same_from_the_recorded_findings(name):
    record = committed(name)
    for verdict in record.claims:
        claim = settled(read_register()[verdict.id], record.parameters)
        assert claims.judge(claim, verdict.findings, verdict.answer) == verdict


BROKEN = [
    ('"cn_share_top_n@top_n"', '"cn_share_top_n@top"', "Claim A2: no notebook has the finding 'cn_share_top_n@top'"),
    ("two fifths of all tokens went to models", "three", "Claim A1: the article does not say 'more than three by"),
    ('relation = ">"', 'relation = "beats"', "Claim A1 in the register: Assertion share: unknown relation 'beats'"),
    ("target = 0.4", 'target = "2026-01-01"', "cannot be compared with '2026-01-01'"),
    ("target = 0.4", "target = nan", "'>' takes as target a number or an ISO date"),
    ("{top_n}", "{top_n.__class__}", "{top_n.__class__} is no parameter; write braces twice"),
    ("{top_n}", "{", "Claim A2 in the register: if, 'you count all tokens"),
    ("[A1]", '["../A1"]', "Claim '../A1': an id is a letter"),
    ("target = 0.4", "targt = 0.4", "Claim A1 in the register: there is no field 'targt'; the fields are because"),
    ("would_need =", "wanted =", "Claim A3 in the register: there is no field 'wanted'"),
    ('kind = "stated"', 'kind = "meant"', "kind is stated or conveyed; not 'meant'"),
    ('@literal"\nif', '@literal"\nlabel = 7\nif', "label takes text; not 7"),
    ('[A2.assertions.chart.readings.all_tokens]\nfinding = "cn_share_all@literal"', "", "there is no field 'if'"),
    ('"cn_share_all@literal"\nif', '"median_ratio@literal"\nif', "make a claim of each"),
    ('quote = "A model of each side costs the same."', "quote = 7", "Claim A3 in the register: quote takes text"),
    ('article = "made_up_article.txt"', "", 'its first line must name the text: article = "text.txt"'),
    (
        "made_up_article.txt",
        "nowhere.txt",
        "nowhere.txt cannot be read (No such file or directory): give the path of the article.",
    ),
    ("[A1]", "[A1", "cannot be read as TOML"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), BROKEN)
def test_a_broken_claims_file_is_refused_with_its_place(example, old, new, sentence):
    text = example.read_text(encoding="utf-8")
    assert old in text
    example.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        articles.read(example)
    assert sentence in str(caught.value)
    assert example.name in str(caught.value)


@pytest.mark.slow
def test_the_command_stops_at_a_broken_file_and_writes_nothing(example, command):
    example.write_text(example.read_text(encoding="utf-8").replace("two fifths", "some"), encoding="utf-8")
    before = snapshot(example.parent)
    done = command(example.parent, "run", "--claims", example.name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not say" in done.stderr
    assert done.stderr.count("Error: ") == 1
    assert snapshot(example.parent) == before


@pytest.mark.slow
def test_a_plan_without_the_notebook_is_refused(example, command):
    done = command(example.parent, "run", "02_price_gap", "--claims", example.name)
    assert done.returncode == 2
    assert "Claim A1 rests on 01_share_shift" in done.stderr
    assert not (example.parent / "reports").exists()


@pytest.mark.slow
def test_a_report_on_another_text_shows_its_claims_and_no_other(example, command, collection):
    shutil.copytree(collection, example.parent / "reports")
    done = command(example.parent, "run", "--claims", example.name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Finished before, with the same data and code: 1 of 1" in done.stdout
    assert list(by_id(read_results(example.parent / "reports" / "results.json"))) == ["A1", "A2", "A3"]
    page = (example.parent / "reports" / "index.html").read_text(encoding="utf-8")
    assert "more than two fifths of all tokens went to models by Chinese authors" in page
    assert read_register()["S1"].quote not in page
    data = example.parent / "reports" / "data"
    assert (data / "claims.toml").read_bytes() == example.read_bytes()
    assert catalog.read_bytes("article", data) == example.with_name("made_up_article.txt").read_bytes()
    catalog.check(data)


def test_the_example_in_the_documentation_runs(tmp_path):
    text = re.search(r"```toml\n(.*?)```", (DATA / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    quotes = [claim["quote"] for claim in tomllib.loads(text).values() if isinstance(claim, dict)]
    (tmp_path / "text.txt").write_text(". ".join(quotes), encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    found = by_id(articles.judge(articles.read(tmp_path / "mine.toml"), [committed("01_share_shift")]))
    assert {name: verdict.verdict for name, verdict in found.items()} == {"A1": "supported", "A2": "not checkable"}
