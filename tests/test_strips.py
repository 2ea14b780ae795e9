"""Drawings on the pages of claims: how a verdict moved, and a claim under other settings; and who said it first."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import InputError, catalog
from analysis.criteria import NO_ORIGIN
from analysis.findings import Finding
from analysis.register import claim, read_register
from analysis.report import claim_card, drawings, setting_words, sharing, strips, terminal
from analysis.run import history, specifications
from analysis.run.records import committed

ENTRY = {
    "notebook": "01_share_shift",
    "quote": "q",
    "assertions": {"a": {"kind": "stated", "says": "s", "would_need": "w"}},
}
ORIGIN = {"who": "An investor", "said": "called it likely", "source": "a magazine", "kind": "secondary"}


def settings(*values: float | None) -> pd.DataFrame:
    """Made-up rows of the table of settings: a week more for each value."""
    rows = [
        ("S1", "chinese", "literal", f"weeks={number}; anonymous=CN", value, None, None, "share", "holds")
        for number, value in enumerate(values, 1)
    ]
    columns = ["claim", "assertion", "reading", "settings", "value", "low", "high", "unit", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def labels(svg: str) -> list[str]:
    """Texts of a drawing, as matplotlib notes them beside the outlines of their letters."""
    return re.findall(r"<!-- (.*?) -->", svg)


def test_a_curve_names_every_setting_with_those_of_a_parameter_together():
    found = labels(strips.specification_curve(read_register()["S1"], settings(0.7, None, 0.5)))
    named = [text for text in found if ": " in text or "as written" in text]
    weeks = [f"full weeks taken together: {number}" for number in (1, 2, 3)]
    assert named == ["as written", *weeks, "models without a developer: all Chinese"]


def test_no_reading_is_said_with_an_unfilled_place():
    said = [
        setting_words.reading(known, rule.name, reading.name)
        for known in read_register().values()
        for rule in known.assertions
        for reading in rule.readings
    ]
    assert [text for text in said if "{" in text] == []
    assert "near means within 3 points" in " ".join(said)  # no setting varies it
    assert "count only each week's biggest models" in said  # one does


def test_the_sentence_counts_settings_without_a_value_as_not_told():
    rows = settings(0.7, None, 0.5).assign(verdict=["holds", "cannot be told", "fails"])
    assert specifications.sentence(rows) == "In 1 of 3 settings the claim stands; in 1 it cannot be told."


def test_drawings_are_made_once_and_those_of_an_earlier_state_go(tmp_path: Path):
    own = {name: read_register()[name] for name in ("S1", "S9")}
    first = strips.write(tmp_path, own)
    assert {name: [drawing.title for drawing in drawings] for name, drawings in first.items()} == {
        "S1": ["How the verdict moved", "Under other settings"],
        "S9": ["How the verdict moved"],
    }
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / strips.FOLDER).iterdir()}
    (tmp_path / strips.FOLDER / "S1-0.svg").write_text("old")
    assert strips.write(tmp_path, own) == first
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / strips.FOLDER).iterdir()} == times


def test_drawings_of_claims_that_a_later_report_leaves_out_stay_for_the_pages_that_show_them(tmp_path: Path):
    first, second = ({name: read_register()[name]} for name in ("S1", "P1"))
    kept = strips.write(tmp_path, first)["S1"] + strips.write(tmp_path, second)["P1"]
    assert [drawing.path for drawing in kept if not (tmp_path / drawing.path).is_file()] == []


def test_claims_on_another_article_get_no_drawing_of_this_one(tmp_path: Path):
    other = {"S1": replace(read_register()["S1"], quote="another sentence")}
    assert strips.write(tmp_path, other) == {}


def test_a_strip_tells_in_words_when_the_verdict_was_what(tmp_path: Path):
    text = strips.write(tmp_path, {"S1": read_register()["S1"]})["S1"][0].text
    spells = history.read().query("claim == 'S1'")
    assert text.startswith("Verdict on S1 over time: not checkable at 2025-01-06; not supported from 2025-01-13 to ")
    assert text.endswith(f"{spells['as_of'].max():%Y-%m-%d}.")


@pytest.mark.slow
def test_pages_show_drawings_origin_and_what_a_date_does(site_built_once: Path):
    page = next(site_built_once.rglob("claims/S1.html")).read_text(encoding="utf-8")
    for source in re.findall(r'<img src="../../(strips/[^"]+)"', page):
        assert (site_built_once / source).is_file()
    assert page.count('<img src="../../strips/') == 2
    assert "settings the claim stands" in page
    assert "has 60% of OpenRouter&#39;s token traffic in its title" in page
    assert "what a refresh has replaced since then is kept" in page


def test_the_origin_of_a_claim_is_told_with_its_source_and_marked_where_it_is_second_hand():
    known = claim("A1", ENTRY | {"origin": ORIGIN})
    assert known.came_from == "An investor called it likely (a magazine; known here second-hand)."
    assert claim("A1", ENTRY | {"origin": ORIGIN | {"kind": "primary"}}).came_from == (
        "An investor called it likely (a magazine)."
    )
    assert claim("A1", ENTRY).came_from == NO_ORIGIN


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"origin": ORIGIN | {"kind": "hearsay"}}, "origin: kind is primary or secondary; not 'hearsay'."),
        ({"origin": {"who": "x"}}, "has no field 'said'."),
        ({"origin": ORIGIN | {"when": "y"}}, "there is no field 'when'; the fields are kind, path, said, source, who."),
        ({"specifications": {"weeks": [1]}}, "specifications are written [[ID.specifications]], in two brackets;"),
        ({"specifications": [{"weeks": 1}]}, "specifications: weeks takes a list of values; not 1."),
        ({"specifications": [{"reading": "best"}]}, "there is no assertion 'a' with a reading 'best'."),
    ],
)
def test_a_malformed_origin_or_grid_is_refused_with_its_claim(entry, sentence):
    with pytest.raises(InputError) as refused:
        claim("A1", ENTRY | entry)
    assert str(refused.value).startswith("Claim A1 in the register")
    assert sentence in str(refused.value)


def test_a_claim_review_and_explain_name_the_origin():
    record = committed("01_share_shift")
    shown = claim_card.card(record.verdict("S9"), read_register(), record)
    item = sharing.claim_review(shown, catalog.read_bytes("article").decode())["itemReviewed"]
    assert item["author"]["name"] == "A partner of Andreessen Horowitz"
    assert item["firstAppearance"]["url"].startswith("https://www.implicator.ai/")
    unknown = claim_card.card(record.verdict("S3"), read_register(), record)
    assert "author" not in sharing.claim_review(unknown, "A title")["itemReviewed"]
    told = " ".join(terminal.explain("S9", Path("nowhere"), 80).split())
    assert "Origin A partner of Andreessen Horowitz told The Economist" in told
    assert NO_ORIGIN in " ".join(terminal.explain("S3", Path("nowhere"), 80).split())


def card(name: str) -> claim_card.Card:
    """Card of a claim as the committed notebooks judge it."""
    record = committed(read_register()[name].notebook)
    return claim_card.card(record.verdict(name), read_register(), record)


def test_a_mark_says_on_which_condition_a_sentence_holds_and_what_else_it_conveys():
    assert card("S1").mark_text.startswith("Only if you count only each week's 9 biggest models. Chinese models had")
    price = card("P5")
    assert price.verdict.verdict == "supported" and price.conveys_more
    assert price.mark_text.endswith("It conveys “And the models are as good”: not supported.")
    assert not card("M5").conveys_more and "It conveys" not in card("P7").mark_text
    assert "; or if " in card("S3").condition


def test_a_sentence_of_several_figures_is_as_far_off_as_the_worst_of_them():
    off, of_which = card("S12").off
    assert (off, of_which) == (pytest.approx(0.473 / (1.5 - 0.15) - 1, abs=0.001), "GPT-5.5's tokens in its best week")
    assert card("M3").off == (0.0, "")  # nothing is off
    assert card("S10").off[0] < 0  # its share: a place is not so many times another
    assert card("S5").off[0] < 0  # US tokens fell by less
    assert (card("B2").off, card("S9").off) == ((None, ""), (None, ""))  # what fails has no number, and none is no part


@pytest.mark.parametrize(("value", "part"), [(0.3, -0.5), (0.6, 0.0), (0.9, 0.5), (-0.3, None), (0.0, None)])
def test_how_far_off_a_figure_is_is_told_where_both_are_of_one_sign(value, part):
    region = (0.6, 0.6)
    assert claim_card._off(Finding("x", "literal", value), region) == (part if part is None else pytest.approx(part))
    assert claim_card._off(Finding("x", "literal", -value), (-0.6, -0.6)) == (
        part if part is None else pytest.approx(part)
    )


def test_a_table_that_is_shown_at_any_date_is_among_the_sources():
    assert [name for name in ("P1", "P8") if "realised_usage" not in {t["name"] for t in card(name).tables}] == []


def test_the_day_of_the_data_is_that_of_the_sentence_as_written_and_not_of_what_was_measured_later():
    assert card("P1").verdict.data_to <= "2026-05-25"


def test_a_near_miss_stands_nearer_to_what_is_claimed_than_a_far_one():
    def distance(share: float) -> float:
        ruling = card("S1").verdict.assertions[0]
        one = replace(ruling, findings=(replace(ruling.findings[0], value=share),))
        chart = drawings.chart(one, card("S1").claim[ruling.name])
        return chart.shaded[0][0] - chart.points[0].x

    assert 0 < distance(0.598) < distance(0.454) / 5
