import json
from pathlib import Path

import pytest

from analysis import DATA, InputError, catalog, package
from analysis.extend.describe import GAP, describe, gaps
from conftest import snapshot

PLANTED = """day,model,tokens,usd,open,note
2026-05-01,qwen/a,12,0.5,true,
2026-05-01,qwen/b,7,2,false,free
2026-05-02,qwen/a,,1e-3,,
"""


def planted(root: Path, text: str = PLANTED, name: str = "planted.csv") -> Path:
    path = root / name
    path.write_text(text, encoding="utf-8")
    return path


def descriptor(root: Path) -> dict:
    return json.loads((root / "datapackage.json").read_text(encoding="utf-8"))


def fill_in(root: Path) -> None:
    """Put something into every gap, as a person would."""
    path = root / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{GAP}"', '"By hand."'), encoding="utf-8")


def test_a_new_table_gets_an_entry_with_which_it_loads(data_copy: Path):
    described = describe(planted(data_copy), data_copy)
    frame = catalog.load("planted", root=data_copy)
    fields = catalog.resource("planted", data_copy)["schema"]["fields"]
    types = {field["name"]: field["type"] for field in fields}
    text = {"model": "string", "note": "string"}
    assert types == text | {"day": "date", "tokens": "integer", "usd": "number", "open": "boolean"}
    assert [field["name"] for field in fields if "constraints" in field] == ["day", "model", "usd"]
    assert frame["tokens"].sum() == 19
    assert described.is_new
    assert str(described).startswith("planted: entry written.")


def test_the_key_is_the_fewest_columns_that_tell_rows_apart(data_copy: Path):
    describe(planted(data_copy), data_copy)
    assert catalog.resource("planted", data_copy)["schema"]["primaryKey"] == ["day", "model"]


def test_what_the_file_does_not_say_is_marked_and_named(data_copy: Path):
    described = describe(planted(data_copy, "model\nqwen/a\n"), data_copy)
    asked = ("title", "description", "sources", "licenses", "citation", "vintage")
    assert described.gaps == (*asked, "unit of model", "description of model")
    fill_in(data_copy)
    assert gaps(catalog.resource("planted", data_copy)) == []


def test_the_committed_descriptor_has_no_gap():
    assert [(entry["name"], gaps(entry)) for entry in descriptor(DATA)["resources"] if gaps(entry)] == []


def test_an_entry_that_is_there_gets_hash_bytes_and_new_columns_and_keeps_the_rest(data_copy: Path):
    describe(planted(data_copy), data_copy)
    fill_in(data_copy)
    before = catalog.resource("planted", data_copy)
    path = planted(data_copy, "day,rank,model,tokens,usd,open,note\n2026-05-01,1,qwen/a,12,0.5,true,\n")
    described = describe(path, data_copy)
    after = catalog.resource("planted", data_copy)
    added = after["schema"]["fields"].pop(1)
    assert (added["name"], added["type"], added["unit"]) == ("rank", "integer", GAP)
    assert after | {"hash": before["hash"], "bytes": before["bytes"]} == before
    assert after["bytes"] == path.stat().st_size
    assert str(described).startswith("planted: hash and bytes are those of the file; new columns: rank.")
    assert described.gaps == ("unit of rank", "description of rank")


@pytest.mark.parametrize("name", ["author_week.csv", "article.txt"])
def test_describing_a_file_that_has_not_changed_changes_no_byte(data_copy: Path, name: str):
    before = snapshot(data_copy)
    describe(data_copy / name, data_copy)
    assert snapshot(data_copy) == before


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("Planted.csv", PLANTED, r"Planted\.csv is no new table: name it in small letters, digits and _, and end"),
        ("planted.txt", PLANTED, r"planted\.txt is no new table"),
        ("planted.csv", "a,b\n", r"planted\.csv has no rows"),
        ("planted.csv", "", r"planted\.csv has no rows"),
        ("planted.csv", 'a\n"b', r"planted\.csv is not a CSV table \(unexpected end of data\)"),
        ("planted.csv", "a,A b\n1,2\n", r"planted\.csv has the column 'A b': write each name once"),
        ("planted.csv", "a,a\n1,2\n", r"planted\.csv has the column 'a': write each name once"),
        ("planted.csv", "a,b\n1,2\n3\n", r"planted\.csv row 2 has not as many cells as the header \(2\)"),
        ("planted.csv", "a,b\n1,2\n1,2\n", r"planted\.csv row 2 repeats an earlier one"),
        ("authors.csv", "author\nqwen\n", r"authors\.csv has no column 'name', which datapackage\.json describes"),
    ],
)
def test_a_file_that_cannot_be_described_is_refused_and_nothing_is_written(data_copy, name, text, message):
    path = planted(data_copy, text, name)
    before = snapshot(data_copy)
    with pytest.raises(InputError, match=message):
        describe(path, data_copy)
    assert snapshot(data_copy) == before


def test_rows_that_break_the_rules_of_their_entry_are_refused(data_copy: Path):
    path = data_copy / "author_week.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2024-12-30", "2024-12-31", 1), encoding="utf-8")
    before = snapshot(data_copy)
    with pytest.raises(InputError, match=r"author_week\.csv line 2, column week_start: the day of the week"):
        describe(path, data_copy)
    assert snapshot(data_copy) == before


@pytest.mark.parametrize(
    "rule", ["day", {"field": "released", "days": 0}, {"field": "model", "days": 0}, {"field": "day"}, {"days": "0"}]
)
def test_a_rule_on_when_rows_became_known_that_does_not_fit_is_refused(data_copy: Path, rule):
    path = planted(data_copy)
    describe(path, data_copy)
    package_file = data_copy / "datapackage.json"
    before = descriptor(data_copy)
    for given in (rule, {"field": "day", "days": 1}):
        before["resources"][-1]["asOf"] = given
        package_file.write_text(json.dumps(before), encoding="utf-8")
        if given is rule:
            with pytest.raises(InputError, match=r"planted\.csv: asOf is written .* a column of dates \(day\)"):
                describe(path, data_copy)
    describe(path, data_copy)
    assert len(catalog.load("planted", as_of="2026-05-02", root=data_copy)) == 2


def test_a_refresh_that_is_not_in_place_is_not_overwritten(data_copy: Path):
    (data_copy / package.COMMITTED).mkdir()
    with pytest.raises(InputError, match="holds a refresh that is not in place yet: run the command refresh first"):
        describe(data_copy / "authors.csv", data_copy)


@pytest.mark.slow
def test_the_command_says_what_is_missing_in_one_sentence_with_status_2(project_copy, command):
    before = snapshot(project_copy)
    for name, problem in (
        ("data/none.csv", "is missing"),
        ("notebooks/01_share_shift.ipynb", "is no file of the data"),
    ):
        done = command(project_copy, "describe", name)
        assert done.returncode == 2
        assert f"Error: {name} {problem}" in done.stderr
    assert snapshot(project_copy) == before


@pytest.mark.slow
def test_the_command_writes_the_entry(project_copy, command):
    planted(project_copy / "data")
    done = command(project_copy, "describe", "data/planted.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "planted: entry written."
    assert "unit of tokens" in done.stdout
    assert catalog.load("planted", root=project_copy / "data")["tokens"].sum() == 19
