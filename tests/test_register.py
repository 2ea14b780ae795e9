"""The register: every claim of the article, and what is refused in a broken one."""

import re
from pathlib import Path

import pytest

from analysis import DATA, InputError, catalog, parameters
from analysis.criteria import settled
from analysis.register import read_register

REGISTER = read_register()


def test_every_quote_is_verbatim_from_the_article():
    article = catalog.read_bytes("article").decode()
    assert [name for name, claim in REGISTER.items() if claim.quote not in article] == []


def test_every_claim_belongs_to_a_notebook_and_ids_follow_each_other():
    ids: dict[str, list[str]] = {}
    for name, claim in REGISTER.items():
        ids.setdefault(claim.notebook, []).append(name)
    assert set(ids) <= set(parameters.names())
    letters = [mine[0][0] for mine in ids.values()]
    assert len(set(letters)) == len(letters), "each notebook has a letter of its own"
    for letter, mine in zip(letters, ids.values(), strict=True):
        assert mine == [f"{letter}{number}" for number in range(1, len(mine) + 1)]


def test_every_table_that_a_claim_names_is_in_the_data_package():
    assert {name for claim in REGISTER.values() for name in claim.tables if not catalog.resource(name)} == set()


def test_a_finding_has_one_name_one_unit_and_one_label_throughout():
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for claim in REGISTER.values():
        for reading in claim.expected:
            said = known.setdefault((reading.key, reading.name), (claim.id, reading.unit))
            assert said[0] == claim.id, f"{reading.key}@{reading.name} is asked for by {said[0]} and {claim.id}"


def test_every_text_takes_the_parameters_of_its_notebook():
    for claim in REGISTER.values():
        values = {name: parameter.default for name, parameter in parameters.read(claim.notebook).items()}
        settled(claim, values)


def test_every_claim_has_an_objection_and_an_answer_in_which_no_figure_stands_that_a_run_could_change():
    """A figure is a number that is no part of a name, such as V4, B1 or Apache 2.0."""
    for claim in REGISTER.values():
        assert claim.objection, claim.id
        for text in (claim.objection.says, claim.objection.answer):
            assert not re.search(r"(?<!Apache )(?<![\w.-])[$€]?\d", text), (claim.id, text)


GOOD = """
[S1]
notebook = "01_share_shift"
quote = "a quote"
tables = ["author_week"]
[S1.assertions.share]
kind = "stated"
says = "It is so"
measure = "A share."
finding = "cn_share"
label = "the share"
unit = "share"
relation = ">"
target = 0.60
[S1.assertions.share.readings.top]
finding = "cn_share_top"
label = "another share"
if = "you count the largest"
"""


@pytest.fixture
def register(tmp_path: Path):
    """Read a register of one claim, with a text in it replaced."""

    def read(old: str = "", new: str = ""):
        assert old in GOOD
        path = tmp_path / "claims.toml"
        path.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
        return read_register(path)

    return read


def test_a_reading_has_the_unit_of_its_assertion(register):
    criterion = register()["S1"]["share"]
    assert [(r.name, r.key, r.unit, r.condition) for r in criterion.readings] == [
        ("literal", "cn_share", "share", ""),
        ("top", "cn_share_top", "share", "you count the largest"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'relation = ">"',
            'relation = "?"',
            r"Claim S1 in the register: Assertion share: unknown relation '\?'; use >",
        ),
        ("measure =", "mesure =", "Claim S1 in the register: there is no field 'mesure'; the fields are because"),
        ('relation = ">"\ntarget = 0.60\n', "", "give a relation, or what it would need, or what it is open for"),
        ("target = 0.60", "target = nan", "'>' takes as target a number or an ISO date; not nan"),
        ("target = 0.60\n", "", "'>' takes as target a number or an ISO date; not None"),
        ('kind = "stated"\n', "", "Claim S1 in the register has no field 'kind'"),
        ('unit = "share"', "unit = []", r"Claim S1 in the register: unit takes text; not \[\]"),
        ('says = "It is so"', 'says = "It is {0}"', r"\{0\} is no parameter; write braces twice"),
        ("target = 0.60", 'target = 0.60\nprecision = "small"', "a number is needed where 'small' stands"),
        ("target = 0.60", "target = [1, 2]", r"'>' takes as target a number or an ISO date; not \(1, 2\)"),
        ('">"\ntarget = 0.60', '"between"\ntarget = ["2026-02-28", "2026-02-01"]', "takes as target two ends in order"),
        ("target = 0.60", 'target = "soon"', "takes as target a number or an ISO date; not 'soon'"),
        ("target = 0.60", 'target = 0.60\ntolerance = -1\nbecause = "x"', "tolerance must be a number of at least 0"),
        ('kind = "stated"', 'kind = "meant"', "kind is stated or conveyed; not 'meant'"),
        ("readings.top", "readings.literal", "a test has one literal finding, and each other reading one"),
        ('if = "you count the largest"\n', "", "Claim S1 in the register has no field 'if'"),
        ('quote = "a quote"', "quote = 7", "Claim S1 in the register: quote takes text; not 7"),
        ('["author_week"]', '"author_week"', "tables takes a list of names; not 'author_week'"),
        (
            "target = 0.60",
            'target_finding = "x"',
            "target_finding takes a key of the context; not 'x'",
        ),
        (
            "[S1.assertions.share]",
            '[S1.objection]\nsays = "No."\n[S1.assertions.share]',
            "Claim S1 in the register: objection: answer is missing; give both says and answer, or neither",
        ),
        (
            "[S1.assertions.share]",
            '[S1.objection]\nsays = " "\nanswer = "Yes."\n[S1.assertions.share]',
            "Claim S1 in the register: objection: says is missing; give both says and answer, or neither",
        ),
        (
            "[S1.assertions.share]",
            '[S1.objection]\nwhy = "No."\n[S1.assertions.share]',
            "there is no field 'why'; the fields are answer, says",
        ),
        (
            "tables =",
            'title = "another quote"\ntables =',
            "title: the quote does not say 'another quote'; take a few of its words, or leave title out",
        ),
        ("[S1]", "[S1", r"claims\.toml cannot be read as TOML"),
    ],
)
def test_a_malformed_register_is_refused_by_claim_and_field(register, old, new, message):
    with pytest.raises(InputError, match=message):
        register(old, new)


def test_of_two_claims_of_a_notebook_one_may_have_a_title(tmp_path):
    text = (DATA / "claims.toml").read_text(encoding="utf-8")
    path = tmp_path / "claims.toml"
    path.write_text(text.replace("[S2]\n", '[S2]\ntitle = "February"\n', 1), encoding="utf-8")
    with pytest.raises(InputError, match="Claims S1 and S2 both have a title: leave out one of them"):
        read_register(path)


def test_the_register_that_is_shipped_is_the_one_that_is_read():
    assert read_register(DATA / "claims.toml") == REGISTER
