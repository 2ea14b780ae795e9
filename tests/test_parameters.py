from pathlib import Path

import nbformat
import papermill
import pytest

from analysis import NOTEBOOKS, InputError, catalog, parameters
from analysis.parameters import Parameter


def notebook(path: Path, source: str, tag: str = "parameters") -> Path:
    """Write a notebook with one cell of parameters."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [tag]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.mark.parametrize("name", parameters.names())
def test_papermill_sees_the_same_parameters(name: str):
    seen = papermill.inspect_notebook(str(NOTEBOOKS / f"{name}.ipynb"))
    ours = parameters.read(name)
    assert {key: (entry["inferred_type_name"], entry["help"]) for key, entry in seen.items()} == {
        key: (parameter.type, f"{parameter.allowed}: {parameter.help}") for key, parameter in ours.items()
    }


@pytest.mark.parametrize("name", parameters.names())
def test_the_defaults_are_allowed(name: str):
    parameters.check(name, **{key: parameter.default for key, parameter in parameters.read(name).items()})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"asof": "2026-05-25"}, "01_share_shift has no parameter 'asof'; it has as_of, weeks, top_n, anonymous, "),
        ({"weeks": "four"}, "weeks takes a whole number, 1 to 26; not 'four'"),
        ({"weeks": 0}, "weeks takes a whole number, 1 to 26; not 0"),
        ({"weeks": 4.5}, "weeks takes a whole number, 1 to 26; not 4.5"),
        ({"weeks": True}, "weeks takes a whole number, 1 to 26; not True"),
        ({"weeks": None}, "weeks takes a whole number, 1 to 26; not None"),
        ({"top_n": 51}, "top_n takes a whole number, 2 to 50; not 51"),
        ({"anonymous": "cn"}, "anonymous takes one of separate, CN, US, revealed; not 'cn'"),
        ({"as_of": "25.5.2026"}, "as_of must be a date such as 2026-05-25, not '25.5.2026'"),
        ({"as_of": "2024-06-01"}, "as_of 2024-06-01 lies before the table author_week"),
        ({"as_of": "2030-01-01"}, "as_of 2030-01-01 lies after 20"),
        ({"as_of": 20260525}, "as_of takes a day covered by author_week; not 20260525"),
        (
            {"reference_week": "2026-04-28"},
            "reference_week takes a Monday from 2024-12-30 to 2026-09-21; not '2026-04-28'",
        ),
        (
            {"reference_week": "2027-01-04"},
            "reference_week takes a Monday from 2024-12-30 to 2026-09-21; not '2027-01-04'",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(values, message):
    with pytest.raises(InputError) as caught:
        parameters.check("01_share_shift", **values)
    assert message in str(caught.value)


def test_a_value_or_one_of_a_column_is_taken_and_no_other():
    boards = catalog.load("scores")["board"]
    for board in ["Epoch Capabilities Index", *boards[boards.ne("")].unique()]:
        parameters.check("03_benchmark_parity", board=board)
    for wrong in ("", "LMArena", "board"):
        with pytest.raises(InputError, match=r"board takes one of Epoch Capabilities Index, .*LMArena text") as caught:
            parameters.check("03_benchmark_parity", board=wrong)
        assert str(caught.value).endswith(f"; not {wrong!r}.")


def test_texts_of_the_command_line_become_typed_values():
    given = {"as_of": "2026-09-28", "weeks": "8", "anonymous": "revealed"}
    assert parameters.parse("01_share_shift", given) == {"as_of": "2026-09-28", "weeks": 8, "anonymous": "revealed"}
    for text in ("x", "1_0", " 4", "4.0", ""):
        with pytest.raises(InputError, match=f"weeks takes a whole number, 1 to 26; not '{text}'"):
            parameters.parse("01_share_shift", {"weeks": text})


@pytest.mark.parametrize(
    ("value", "allowed"), [(0.5, True), (1, True), (1.5, False), ("1", False), (float("nan"), False)]
)
def test_a_number_may_be_whole_and_must_lie_in_its_range(value, allowed):
    parameter = Parameter("share", "float", 0.0, "0 to 1", "")
    if allowed:
        parameter.check(value)
    else:
        with pytest.raises(InputError, match="share takes a number, 0 to 1"):
            parameter.check(value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("n = 4  # 1 to 5: number", "as name: type = default  # allowed: meaning"),
        ("n: int = 4", "as name: type = default  # allowed: meaning"),
        ("n: list = 4  # 1 to 5: number", "must be one of str, int, float"),
    ],
)
def test_a_cell_of_parameters_that_does_not_say_what_is_allowed_is_refused(tmp_path, source, message):
    with pytest.raises(InputError, match=message):
        parameters.read(notebook(tmp_path / "n.ipynb", source))


def test_a_rule_that_is_none_is_refused(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "n: int = 4  # whatever: number")
    with pytest.raises(InputError, match="'whatever' is no rule"):
        parameters.check(path, n=4)


def test_a_notebook_without_parameters_or_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"n\.ipynb has no cell tagged parameters"):
        parameters.read(notebook(tmp_path / "n.ipynb", "n: int = 4", tag="other"))
    for name in ("01_share", "../notebooks/01_share_shift"):
        with pytest.raises(InputError, match=f"There is no notebook '{name}'; there are 01_share_shift"):
            parameters.read(name)


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    for text in ("{", "[]", "{}"):
        path = tmp_path / "n.ipynb"
        path.write_text(text)
        with pytest.raises(InputError, match=r"n\.ipynb is not a notebook"):
            parameters.read(path)


def test_within_a_notebook_a_name_that_was_injected_by_mistake_is_refused():
    values = {name: parameter.default for name, parameter in parameters.read("01_share_shift").items()}
    parameters.check_notebook("01_share_shift", values | {"In": ["", "asof = 1"], "asof": 1})
    with pytest.raises(InputError, match="01_share_shift has no parameter 'asof'"):
        parameters.check_notebook("01_share_shift", values | {"In": ["# Parameters\nasof = 1\n"], "asof": 1})


def test_a_usage_file_that_is_no_export_is_refused_before_a_run_with_its_remedy(tmp_path):
    path = tmp_path / "mine.csv"
    with pytest.raises(InputError, match=r"usage: no file at '.*mine.csv'; give the path of an activity export, or"):
        parameters.check("02_price_gap", usage=str(path))
    path.write_text("date,tokens\n2026-01-01,3\n")
    with pytest.raises(InputError, match=r"mine.csv has no column model, model_permaslug, usage, .*: export it again"):
        parameters.check("02_price_gap", usage=str(path))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"mine.csv is not a CSV table .*: export it again"):
        parameters.check("02_price_gap", usage=str(path))
