"""A register of any shape: either claims, or one sentence and status 2, never a traceback."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import analysis.__main__
from analysis import DATA, InputError, parameters, register
from analysis.criteria import required, settled
from analysis.system import files

SHIPPED = files.parse_toml(files.read_text(DATA / "claims.toml", "the register"), "claims.toml")
VALUES: dict[str, dict[str, Any]] = {
    name: {key: parameter.default for key, parameter in parameters.read(name).items()} for name in parameters.names()
}
ODD = st.sampled_from(
    [
        *("", "x", "{", "{0}", "{weeks.real}", "{no_such}", "{margin_points:g}", "x" * 300, "../x", "2026-02-30"),
        *("=", "between", "conveyed", "share", "months", "margin_points"),
        *(0, -1, 7, 10**29, 1.5, float("nan"), float("inf"), True, date(2026, 2, 1)),
        *([], [1], [2, 1], [["x"]], [{}], {}, {"x": 1}, {"x": {}}),
    ]
)


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, (date, float)):
        return str(value)
    return json.dumps(value)


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Path to every field of an entry."""
    parts = value.items() if isinstance(value, dict) else ()
    return [place for key, part in parts for place in [(*path, key), *places(part, (*path, key))]]


def spoilt(draw: st.DataObject, name: str) -> dict[str, Any]:
    """Entry of a claim with one to three of its fields gone, renamed, or of another shape."""
    entry = copy.deepcopy(SHIPPED[name])
    for _ in range(draw.draw(st.integers(1, 3))):
        *above, last = draw.draw(st.sampled_from(places(entry) or [("quote",)]))
        holder = entry
        for key in above:
            holder = holder[key]
        what = draw.draw(st.sampled_from(["odd", "odd", "gone", "renamed", "another's"]))
        if what in ("gone", "renamed"):
            value = holder.pop(last, None)
            if what == "renamed":
                holder[f"{last}_"] = value if value is not None else 1
        else:
            others = [SHIPPED[name].get("quote"), *SHIPPED[name]["assertions"].values()]
            holder[last] = copy.deepcopy(draw.draw(ODD if what == "odd" else st.sampled_from(others)))
    return entry


def is_sentence(text: str) -> bool:
    return text.endswith(".") and "Traceback" not in text and "object at 0x" not in text


@pytest.mark.slow
@settings(max_examples=1500, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_an_entry_of_any_shape_is_a_claim_or_one_sentence(draw):
    name = draw.draw(st.sampled_from([*SHIPPED]))
    entry = spoilt(draw, name)
    try:
        files.check_values({name: entry}, "claims.toml")
        claim = register.claim(name, entry)
        if claim.notebook in VALUES:
            for criterion in settled(claim, VALUES[claim.notebook]).assertions:
                required(criterion)
    except InputError as error:
        assert is_sentence(str(error)), str(error)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(draw=st.data())
def test_a_command_on_a_register_of_any_shape_ends_with_0_or_with_2_and_a_sentence(tmp_path, draw):
    name = draw.draw(st.sampled_from([*SHIPPED]))
    path = tmp_path / "claims.toml"
    text = "\n".join(f"{key} = {written(entry)}" for key, entry in (SHIPPED | {name: spoilt(draw, name)}).items())
    path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(register.read_register, "__defaults__", (path,))
        patched.chdir(tmp_path)  # no report lies there
        result = CliRunner().invoke(analysis.__main__.main, ["explain", name])
    assert result.exit_code in (0, 2), result.output
    if result.exit_code:
        assert result.stdout == ""
        assert result.stderr.count("Error: ") == 1
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff", "is not UTF-8 text"),
        (b"[" * 10_000, "cannot be read as TOML"),
        (b'S1 = "text"', "Claim S1 in the register: a table is needed where 'text' stands."),
        (b"[S1]\n[S1.assertions.a]\nkind = 'stated'", "has no field 'notebook'"),
        (b'[S1]\nquote = "\\u0007"', "S1.quote holds a control character"),
        (b"[S1]\nnotebook = '01'\nquote = 'a'\nassertions = {}", "it needs an assertion."),
    ],
)
def test_a_register_that_is_none_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str):
    path = tmp_path / "claims.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        register.read_register(path)
    assert sentence in str(caught.value)
    assert is_sentence(str(caught.value))


def test_the_entries_that_are_spoilt_are_those_of_the_register():
    assert [*SHIPPED] == [*register.read_register(DATA / "claims.toml")]
