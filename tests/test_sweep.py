import re
from pathlib import Path

import pytest

from analysis import ROOT, InputError
from analysis.run import sweep
from conftest import snapshot


def plan(folder: Path, text: str) -> list:
    path = folder / "weeks.toml"
    path.write_text(text, encoding="utf-8")
    return sweep.plan(path, folder / "out")


def entry(*lines: str, notebook: str = "01_share_shift") -> str:
    return "\n".join(["[[sweep]]", f'notebook = "{notebook}"', *lines, ""])


def test_lists_are_axes_of_a_grid_and_names_say_what_a_run_is(tmp_path):
    runs = plan(tmp_path, entry('as_of = ["2026-05-25", "2026-09-28"]', "top_n = [9, 50]", "weeks = 8"))
    assert [run.folder.name for run in runs] == [
        "01_share_shift--as_of=2026-05-25--weeks=8--top_n=9",
        "01_share_shift--as_of=2026-05-25--weeks=8--top_n=50",
        "01_share_shift--as_of=2026-09-28--weeks=8--top_n=9",
        "01_share_shift--as_of=2026-09-28--weeks=8--top_n=50",
    ]
    assert runs[1].given == {"as_of": "2026-05-25", "weeks": 8, "top_n": 50}


def test_the_sweep_in_the_guide_is_one(tmp_path):
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = re.search(r"```toml\n(\[\[sweep.*?)```", guide, re.DOTALL)[1]
    assert len(plan(tmp_path, text)) == 83 * 2  # Mondays from 2025-03-03 to 2026-09-28, two chart sizes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("span", "days"),
    [
        ('from = "2025-03-03", to = "2025-03-17", every = "week"', ["2025-03-03", "2025-03-10", "2025-03-17"]),
        ('from = "2025-03-03", to = "2025-03-16", every = "week"', ["2025-03-03", "2025-03-10"]),
        ('from = "2026-02-27", to = "2026-03-01", every = "day"', ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ('from = "2026-01-31", to = "2026-03-31", every = "month"', ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ('from = 2026-01-05, to = 2026-01-05, every = "day"', ["2026-01-05"]),
    ],
)
def test_dates_are_spelt_out_with_both_ends(tmp_path, span, days):
    assert [run.given["as_of"] for run in plan(tmp_path, entry(f"as_of = {{{span}}}"))] == days


def test_a_parameter_that_is_a_list_takes_a_list_of_lists(tmp_path):
    runs = plan(tmp_path, entry('us_models = [["openai/gpt-5.5"], []]', notebook="02_price_gap"))
    assert [run.given["us_models"] for run in runs] == [["openai/gpt-5.5"], []]
    assert runs[1].folder.name == "02_price_gap--us_models=none"
    assert len({run.folder for run in runs}) == 2


def test_lists_that_look_alike_in_a_name_have_folders_of_their_own(tmp_path):
    lists = '[["openai/gpt-5.5", "openai/gpt-5.4"], ["openai/gpt-5.4", "openai/gpt-5.5"]]'
    names = [run.folder.name for run in plan(tmp_path, entry(f"cn_models = {lists}", notebook="02_price_gap"))]
    assert len(set(names)) == 2
    assert all(len(name) < 200 for name in names)


def test_the_order_of_keys_and_the_way_a_number_is_written_do_not_change_a_name(tmp_path):
    one = plan(tmp_path, entry("cache_hit_share = 1", 'as_of = "2026-05-25"', notebook="02_price_gap"))
    two = plan(tmp_path, entry("as_of = 2026-05-25", "cache_hit_share = 1.0", notebook="02_price_gap"))
    assert one[0].folder == two[0].folder
    assert one[0].given == two[0].given


def test_a_run_that_two_grids_share_is_there_once(tmp_path):
    assert len(plan(tmp_path, entry("top_n = [9, 50]") + entry("top_n = [50, 20]"))) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (entry("asof = 1"), "weeks.toml, sweep 1: 01_share_shift has no parameter 'asof'; it has as_of"),
        (entry() + entry("top_n = [9, 51]"), "sweep 2: top_n takes a whole number, 2 to 50; not 51"),
        (entry('top_n = "9"'), "sweep 1: top_n takes a whole number, 2 to 50; not '9'"),
        (entry("top_n = true"), "sweep 1: top_n takes a whole number, 2 to 50; not True"),
        (entry('as_of = ["2024-01-01"]'), "sweep 1: as_of 2024-01-01 lies before the table author_week"),
        (entry("as_of = []"), "sweep 1: as_of is an empty list, which makes no run"),
        (
            entry('as_of = {from = "2026-01-01"}'),
            'as_of takes {from = DAY, to = DAY, every = "day" or "week" or "month"}; there is no to.',
        ),
        (
            entry('as_of = {from = "2026-01-01", to = "2026-02-01", every = "year"}'),
            'every = "day" or "week" or "month"}; not every = \'year\'.',
        ),
        (
            entry('as_of = {from = "2026-02-01", to = "2026-01-01", every = "day"}'),
            "sweep 1: as_of: from 2026-02-01 lies after to 2026-01-01: swap them",
        ),
        (
            entry('as_of = {from = "1.2.2026", to = "2026-01-01", every = "day"}'),
            "sweep 1: as_of.from must be a date such as 2026-05-25, not '1.2.2026'",
        ),
        (
            entry('us_models = ["openai/gpt-5.5"]', notebook="02_price_gap"),
            'sweep 1: us_models is itself a list: give a list of lists, such as [["openai/gpt-5.5"]].',
        ),
        (entry(notebook="05_none"), "sweep 1: There is no notebook '05_none'; there are 01_share_shift"),
        (entry(notebook="notebooks/02_price_gap.ipynb"), ": did you mean 02_price_gap?"),
        ("[[sweep]]\ntop_n = 9", 'sweep 1: it takes the name of one notebook, such as notebook = "01_share_shift".'),
        ("[[sweep]]\nnotebook = [1]", 'such as notebook = "01_share_shift"; not [1].'),
        (entry("top_n = [true, 9]"), "sweep 1: top_n takes a whole number, 2 to 50; not True."),
        (entry("top_n = [[9, 50]]"), "sweep 1: top_n takes a whole number, 2 to 50; not [9, 50]."),
        (entry("top_n = {from = 2, to = 9, every = 1}"), "sweep 1: top_n takes a whole number, 2 to 50; not {'from'"),
        (entry("as_of = 2026-05-25T10:00:00"), "as_of must be a date such as 2026-05-25, not '2026-05-25T10:00:00'."),
        (entry("as_of = 2030-01-01"), "sweep 1: as_of 2030-01-01 lies after 20"),
        (
            entry('as_of = {from = 2026-01-05, to = 9999-12-31, every = "month"}'),
            "the day that the data were taken on: choose that day or an earlier one, or bring the tables to today",
        ),
        (entry('as_of = {from = 2026-01-05, to = 2026-02-05, every = ["week"]}'), "; not every = ['week']."),
        (entry('as_of = {from = 2026-01-05, to = 2026-02-05, every = "day", step = 2}'), "; not step."),
        (entry('as_of = {from = 0001-01-01, to = 2026-01-05, every = "day"}'), "0001-01-01 lies before the table"),
        (
            entry('us_models = [[["openai/gpt-5.5"]]]', notebook="02_price_gap"),
            "us_models takes a list of models of prices; not [['openai/gpt-5.5']].",
        ),
        (entry("us_models = []", notebook="02_price_gap"), "give a list of lists, such as [[]]."),
        (entry("us_models = {a = 2026-01-05}", notebook="02_price_gap"), 'such as [[{"a": "2026-01-05"}]].'),
        (entry(f'usage = "{"a" * 5000}"', notebook="02_price_gap"), "sweep 1: usage: no file at 'aaa"),
        (
            entry(f"cache_hit_share = 1{'0' * 400}", notebook="02_price_gap"),
            "sweep.cache_hit_share has more than 30 digits",
        ),
        ('[sweep]\nnotebook = "01_share_shift"', "weeks.toml has [sweep]: write it in two brackets, [[sweep]]."),
        ('notebook = "01_share_shift"', "below a line [[sweep]] each, and nothing else; not notebook."),
        ("[[sweep]]\nnotebook = ", "weeks.toml cannot be read as TOML: "),
        ("", "weeks.toml takes one or more entries below a line [[sweep]] each, and nothing else."),
        (entry() + "[sweeps]\na = 1", "below a line [[sweep]] each, and nothing else; not sweeps."),
        ("sweep = 3", "takes one or more entries below a line [[sweep]]"),
    ],
)
def test_a_sweep_that_does_not_fit_is_refused_with_its_file_and_entry(tmp_path, text, sentence):
    with pytest.raises(InputError) as caught:
        plan(tmp_path, text)
    assert sentence in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--sweep", "none.toml"], "none.toml cannot be read (No such file or directory): give the path of a sweep."),
        (["--sweep", "data"], "data cannot be read (Is a directory): give the path of a sweep."),
        (["--sweep", "latin.toml"], "latin.toml is not UTF-8 text (byte 3): save it as UTF-8."),
        (["--sweep", "bad.toml"], "bad.toml, sweep 1: 01_share_shift has no parameter 'asof'"),
        (["01_share_shift", "--sweep", "bad.toml"], "--sweep names the notebooks and their parameters"),
        (["-p", "top_n=9", "--sweep", "bad.toml"], "--sweep names the notebooks and their parameters"),
        (["--dask", "nowhere"], "--dask nowhere: no scheduler answers there"),
    ],
)
def test_a_bad_sweep_starts_nothing_and_changes_nothing(project_copy, command, arguments, sentence):
    (project_copy / "bad.toml").write_text(entry("asof = 1"), encoding="utf-8")
    (project_copy / "latin.toml").write_text("# é", encoding="latin-1")
    before = snapshot(project_copy)
    done = command(project_copy, "run", *arguments)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert snapshot(project_copy) == before
