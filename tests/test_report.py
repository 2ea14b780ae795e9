import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis import NOTEBOOKS, ROOT, InputError, catalog, figures, parameters
from analysis.criteria import Objection, required, settled
from analysis.register import read_register
from analysis.report import site
from analysis.run import records
from analysis.run.execute import Run
from samples import REMOTE, record_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(site_built_once, tmp_path_factory) -> Path:
    """Site that a test may write to."""
    return Path(shutil.copytree(site_built_once, tmp_path_factory.mktemp("site"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def index(built: Path) -> str:
    return (built / "index.html").read_text(encoding="utf-8")


def test_there_is_a_page_for_every_claim_with_quote_answer_rules_and_numbers(built):
    for record in records.read_results(built / "results.json"):
        for verdict in record.claims:
            claim = settled(read_register()[verdict.id], record.parameters)
            page = built / claim.notebook / "claims" / f"{verdict.id}.html"
            text = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").text
            assert claim.quote in text
            assert verdict.answer in text
            assert [rule.measure for rule in claim.assertions if rule.relation and rule.measure not in text] == []
            assert [rule.name for rule in claim.assertions if rule.relation and required(rule) not in text] == []
            assert [str(finding) for finding in verdict.findings if str(finding) not in text] == []


def test_every_finding_on_a_claim_page_says_whether_it_holds_or_why_that_is_not_known(built):
    said = set()
    for path in built.rglob("claims/*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for row in page.select("table.stack tbody tr"):
            assert all(cell.text.strip() for cell in row.find_all("td")), (path, row)
            said |= {cell.text for cell in row.find_all("td", {"data-label": "holds"})}
    both = "cannot be told: the interval has values on both sides"
    assert {"yes", "no", both} <= said <= {"yes", "no", "no data", "cannot be told: not yet settled", both}


def test_the_index_says_what_it_compares_then_and_now(index):
    verdict = records.committed("01_share_shift").verdict("S1")
    figure = verdict.assertions[0].findings[0]
    said = BeautifulSoup(index, "html.parser").select_one("p.since").text
    assert said.startswith(f"{figure.label}: on 25 May 2026 {figure}; on ")
    assert f". The verdict on the whole sentence: {verdict.verdict} then, " in said  # it may turn on another figure


REVIEW = {
    "type": "object",
    "required": ["@context", "@type", "claimReviewed", "itemReviewed", "author", "reviewRating"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "ClaimReview"},
        "claimReviewed": {"type": "string", "minLength": 1},
        "itemReviewed": {
            "type": "object",
            "required": ["@type", "appearance"],
            "properties": {"@type": {"const": "Claim"}, "appearance": {"required": ["@type", "name"]}},
        },
        "author": {"type": "object", "required": ["@type", "name"]},
        "reviewRating": {
            "type": "object",
            "required": ["@type", "alternateName"],
            "properties": {
                "@type": {"const": "Rating"},
                "alternateName": {"enum": list(figures.VERDICT_COLOURS)},
                "ratingValue": {"type": "integer", "minimum": 1, "maximum": 4},
            },
            "dependentRequired": {"ratingValue": ["worstRating", "bestRating"]},
        },
    },
}
"""Fields that schema.org and the documentation of fact checks for search engines name for a ClaimReview."""


def test_every_claim_page_carries_a_valid_claim_review(built):
    for name, claim in read_register().items():
        text = (built / claim.notebook / "claims" / f"{name}.html").read_text(encoding="utf-8")
        review = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])
        jsonschema.validate(review, REVIEW)
        assert review["claimReviewed"] == claim.quote
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(review | {"reviewRating": {"@type": "Rating"}}, REVIEW)


def test_the_article_is_there_whole_with_each_checked_sentence_marked(built, index):
    page = BeautifulSoup(index, "html.parser")
    found = records.read_results(built / "results.json")
    verdicts = {verdict.id: verdict.verdict for record in found for verdict in record.claims}
    badges = {badge["data-badge"]: badge.extract().text for badge in page.select("mark a.badge")}
    assert badges == {name: f"{name} {verdicts[name]}" for name in read_register()}
    # quotes may overlap, and then a quote stands in several marks that follow each other
    marked = "".join("".join(mark.text for mark in page.find_all("mark")).split())
    assert [name for name, claim in read_register().items() if "".join(claim.quote.split()) not in marked] == []
    lines = catalog.read_bytes("article").decode().replace("•", "").split("\n", 1)[1]
    shown = [part.text for part in page.find(class_="text").select("h4, p:not(.note), li, th, td")]
    assert "".join("".join(shown).split()) == "".join(lines.split())


def test_the_article_has_a_title_headings_a_table_and_a_date(index):
    text = BeautifulSoup(index, "html.parser").find(class_="text")
    assert text.h3.text == "Chinese open models dominate OpenRouter"
    assert "Written on 25 May 2026 or later" in text.find(class_="note").text
    assert [head.text.strip() for head in text.find_all("h4")][:2] == [
        "How 60% Happened",
        "The Price Gap Nobody Can Ignore",
    ]
    rows = [[cell.text.strip() for cell in row.find_all(["th", "td"])] for row in text.table.find_all("tr")]
    assert rows[0] == ["Provider", "Flagship Model", "Weekly Tokens", "Share"]
    assert rows[2] == ["Alibaba", "Qwen 3.6 Plus", "2.77T", "13.9%"]


def test_every_number_that_a_page_draws_or_lists_is_in_the_results(built, index):
    """Walks all pages: values in the drawings, in the tables of findings and in the downloads, against results.json."""
    checked = 0
    for record in records.read_results(built / "results.json"):
        for verdict in record.claims:
            known = {str(finding) for finding in verdict.findings}
            for folder in ("claims", "charts"):
                path = built / record.folder / folder / f"{verdict.id}.html"
                if not path.is_file():
                    continue
                page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
                drawn = [value.text.rsplit(": ", 1)[0] for value in page.select("svg.readings text.value")]
                drawn = [re.sub(": cannot be told$", "", value) for value in drawn]
                listed = [cell.text for cell in page.find_all("td", {"data-label": "value"})]
                assert {*drawn, *listed} <= known, path
                checked += len(drawn) + len(listed)
            data = pd.read_csv(built / record.folder / "claims" / f"{verdict.id}.csv", dtype=str, keep_default_na=False)
            written = ["" if finding.value is None else finding.value for finding in verdict.findings]
            read = zip(data["value"], written, strict=True)
            assert all(text == value or float(text) == value for text, value in read), verdict.id
            row = BeautifulSoup(index, "html.parser").find("tr", {"data-claim": verdict.id})
            assert verdict.answer in row.text
    assert checked > 400


def test_what_the_first_screen_answers_stands_in_the_results(built, index):
    found = {v.id: v for record in records.read_results(built / "results.json") for v in record.claims}
    page = BeautifulSoup(index, "html.parser")
    assert page.h1.text == "Did Chinese open-weight models take over OpenRouter?"
    assert page.find(class_="lead").text in found["S1"].answer
    shown = ("S1", "P1", "B5", "M6")
    cards = page.select(".cards > li")[: len(shown)]  # a notebook more has a card more
    assert [Path(card.h2.a["href"]).stem for card in cards] == list(shown)
    assert [card.find(class_="badge").text for card in cards] == [found[name].verdict for name in shown]
    assert [card.h2.text for card in cards] == [f"“{read_register()[name].title}”" for name in shown]
    assert all(len(read_register()[name].title.split()) <= 6 for name in shown)
    for name, card in zip(shown, cards, strict=True):
        values = {str(finding) for finding in found[name].findings}
        assert {text.text for text in card.select("svg.small text.value")} <= values
        assert card.select("svg.small text.value")
    assert "01_share_shift" not in page.find(class_="first").text + page.header.text


def test_the_movable_charts_begin_where_the_verdicts_stand(built):
    pages = {"S1": built / "01_share_shift/claims/S1.html", "P1": built / "02_price_gap/claims/P1.html"}
    found = {v.id: v for record in records.read_results(built / "results.json") for v in record.claims}
    data = {}
    for name, path in pages.items():
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        data[name] = json.loads(page.find("script", id=f"chart-{name}").string)
    values = {f.reading: f.value for f in found["S1"].findings if f.key in ("cn_share_all", "cn_share_top_n")}
    assert data["S1"]["pooled_all"] == pytest.approx(values["literal"], abs=5e-5)
    assert data["S1"]["pooled"]["9"] == pytest.approx(values["top_n"], abs=5e-5)
    assert data["P1"]["median"] == pytest.approx(found["P1"].findings[0].value, rel=1e-3)


def test_the_dots_of_the_prices_are_there_before_any_script(built):
    page = BeautifulSoup((built / "02_price_gap/claims/P1.html").read_text(encoding="utf-8"), "html.parser")
    data = json.loads(page.find("script", id="chart-P1").string)
    places = sorted(float(dot["cx"]) for dot in page.select("figure[data-prices] .dots circle"))
    assert len(places) == len(data["us"]) * len(data["cn"])
    below = sum(place < data["at"] for place in places)
    assert below == sum(place > data["at"] for place in places) or data["at"] in places


def test_a_page_can_be_quoted_cited_embedded_and_downloaded(built):
    page = BeautifulSoup((built / "01_share_shift/claims/S1.html").read_text(encoding="utf-8"), "html.parser")
    quote = page.find(id="quote").text
    assert "45.4% of all tokens" in quote
    assert "As of 2026-05-25; data of" in quote
    assert "<iframe src=" in page.find(id="embed").text
    assert page.find("meta", property="og:title")["content"].startswith("“Chinese open-weight models")
    for link in page.select("a[download]"):
        assert (built / "01_share_shift/claims" / link["href"]).stat().st_size > 100


def test_a_finding_that_holds_lies_in_the_shaded_part_and_one_that_does_not_outside(built):
    """A figure stated to a place is met by all that round to it: the shaded part ends there, and not at the figure."""
    checked = 0
    for path in built.glob("*/claims/*.html"):
        for drawing in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("svg.readings"):
            for group in drawing.select("g.good, g.bad"):
                shaded, dot = group.select_one("rect.claimed"), group.find("circle")
                if not dot or group.select_one("path.interval"):
                    continue
                left, right = float(shaded["x"]), float(shaded["x"]) + float(shaded["width"])
                x, good = float(dot["cx"]), "good" in group["class"]
                # to a pixel and a half, since what is drawn is rounded
                assert left - 1.5 <= x <= right + 1.5 if good else not left + 1.5 < x < right - 1.5, path.name
                checked += 1
    assert checked > 60


def test_a_notebook_without_a_titled_claim_shows_its_first_one_in_full(tmp_path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", tmp_path / "one")
    run.folder.mkdir()
    shutil.copy(run.notebook, run.output)
    mine = {name: replace(read_register()[name], title="") for name in ("S1", "S2")}
    place = site.write_site([record_of(run)], [run], tmp_path, register=mine)
    head = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser").select_one(".cards h2")
    assert head.text == f"“{mine['S1'].quote}”"
    mine["S2"] = replace(mine["S2"], title="for the first time")
    place = site.write_site([record_of(run)], [run], tmp_path, register=mine)
    head = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser").select_one(".cards h2")
    assert (head.text, head.a["href"]) == ("“for the first time”", "one/claims/S2.html")


def test_an_address_makes_links_that_hold_elsewhere(tmp_path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", tmp_path / "one")
    run.folder.mkdir()
    shutil.copy(run.notebook, run.output)
    site.write_site([record_of(run)], [run], tmp_path, address="https://example.org/report/")
    page = BeautifulSoup((tmp_path / "one/claims/S1.html").read_text(encoding="utf-8"), "html.parser")
    assert page.find("meta", property="og:url")["content"] == "https://example.org/report/one/claims/S1.html"
    assert page.find("meta", property="og:image")["content"].startswith("https://example.org/report/one/")
    assert "https://example.org/report/one/charts/S1.html" in page.find(id="embed").text


def test_the_feed_tells_every_verdict_that_changed(built):
    atom = "{http://www.w3.org/2005/Atom}"
    entries = ElementTree.parse(built / "feed.xml").getroot().findall(f"{atom}entry")
    titles = [entry.findtext(f"{atom}title") for entry in entries]
    assert len(titles) > 20
    assert any(title.startswith("S1: ") and "(was: " in title for title in titles)
    days = [entry.findtext(f"{atom}updated") for entry in entries]
    assert days == sorted(days, reverse=True)


def test_the_metadata_of_the_site_names_what_is_there(built):
    crate = json.loads((built / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    root = next(entity for entity in crate["@graph"] if entity["@id"] == "./")
    parts = [part["@id"] for part in root["hasPart"]]
    assert {"index.html", "results.json", "data/author_week.csv"} <= set(parts)
    assert [part for part in parts if not (built / part).is_file()] == []


def test_another_text_and_register_are_shown_instead(tmp_path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", tmp_path / "other")
    run.folder.mkdir()
    shutil.copy(run.notebook, run.output)
    mine = {"S1": replace(read_register()["S1"], quote="half & half")}
    place = site.write_site([record_of(run)], [run], tmp_path, register=mine, article="Title\n\nIt is half & half.")
    page = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser")
    assert [mark["data-claim"] for mark in page.find_all("mark")] == ["S1"]
    assert "half & half S1" in page.find("mark").text


def test_an_objection_stands_on_the_page_as_plain_text_and_none_where_the_register_has_none(tmp_path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", tmp_path / "one")
    run.folder.mkdir()
    shutil.copy(run.notebook, run.output)
    mine = {name: read_register()[name] for name in ("S1", "S2")}
    mine["S1"] = replace(mine["S1"], objection=Objection("<b>No</b> & never.", "<script>alert(1)</script> It is."))
    mine["S2"] = replace(mine["S2"], objection=None)
    site.write_site([record_of(run)], [run], tmp_path, register=mine)
    pages = {name: (tmp_path / f"one/claims/{name}.html").read_text(encoding="utf-8") for name in mine}
    page = BeautifulSoup(pages["S1"], "html.parser")
    heads = [head.text for head in page.find_all("h2")]
    assert page.find("blockquote", class_="objection").text == "<b>No</b> & never."
    assert "<script>alert(1)</script> It is." in page.text
    assert "<script>alert(1)" not in pages["S1"]
    place = heads.index("The strongest objection, and its answer")
    assert (heads[place - 1], heads[place + 1]) == ("Who said it first", "Method and rule")
    assert "objection" not in BeautifulSoup(pages["S2"], "html.parser").find("main").text


def test_no_page_asks_another_host_for_anything(built: Path):
    pages = list(built.rglob("*.html"))
    charts = len(list(built.glob("*/charts/*.html")))
    assert charts > 20
    assert len(pages) == 2 + len(parameters.names()) + len(read_register()) + charts
    assert [page for page in pages if REMOTE.search(page.read_text(encoding="utf-8"))] == []


def test_every_link_within_the_site_leads_somewhere(built: Path, index: str):
    links = [link for link in re.findall(r'href="([^"]+)"', index) if not link.startswith(("https:", "data:"))]
    assert len(links) >= 9
    for link in links:
        path, _, anchor = link.partition("#")
        path = path or "index.html"
        assert (built / path).is_file(), link
        assert not anchor or f'id="{anchor}"' in (built / path).read_text(encoding="utf-8"), link


def test_the_sources_of_every_table_stand_on_the_page(index):
    assert "Source: OpenRouter (openrouter.ai/rankings), as of 2026-05-25. Licensed under CC BY 4.0." in index
    assert "github.com/JamieCladeHo/myClaude-backup" in index


def test_text_from_outside_is_inert(built: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", built / "01_share_shift")
    record = record_of(run)
    hostile = replace(record.claims[0], conditions=("<img src=x onerror=alert(1)>",))
    values = {**record.parameters, "anonymous": "<script>alert(1)</script>"}
    record = replace(record, parameters=values, claims=(hostile, *record.claims[1:]))
    page = site.write_site([record], [run], built).read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_readme_is_up_to_date_with_the_committed_notebooks(tmp_path: Path):
    copy = tmp_path / "README.md"
    shutil.copy(ROOT / "README.md", copy)
    (tmp_path / site.PICTURE).parent.mkdir()
    site.update_readme(copy, [NOTEBOOKS / f"{name}.ipynb" for name in parameters.names()])
    assert copy.read_text(encoding="utf-8") == (ROOT / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / site.PICTURE).read_bytes() == (ROOT / site.PICTURE).read_bytes()


def test_a_readme_without_the_comment_lines_is_refused(tmp_path: Path):
    path = tmp_path / "README.md"
    path.write_text("<!-- result: begin -->\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"README\.md needs the lines <!-- result: begin -->"):
        site.update_readme(path, [NOTEBOOKS / "01_share_shift.ipynb"])
    assert path.read_text(encoding="utf-8") == "<!-- result: begin -->\n"


def test_a_notebook_without_a_key_figure_has_a_section_without_one(built: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", built / "plain")
    run.folder.mkdir()
    stripped = nbformat.read(run.notebook, as_version=4)
    for cell in stripped.cells:
        cell.metadata.pop("tags", None)
    nbformat.write(stripped, run.output)
    page = site.write_site([record_of(run)], [run], built).read_text(encoding="utf-8")
    assert "<figure>" not in page
    assert 'id="1-S9"' in page


def test_no_page_shows_the_place_of_a_parameter(built):
    """But for the rule, which is shown as it stands in the register."""
    pages = [BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in built.rglob("claims/*.html")]
    for page in pages:
        for written in page.select("details pre"):
            written.decompose()
    assert [page.title for page in pages if "{top_n}" in page.text] == []


def test_on_the_page_of_a_claim_stand_the_rule_the_data_and_the_cell(built: Path):
    page = (built / "01_share_shift" / "claims" / "S1.html").read_text(encoding="utf-8")
    assert 'href="../../data/claims.toml"' in page
    assert 'href="../../data/author_week.csv"' in page
    assert re.search(r'href="\.\./01_share_shift\.html#cell-id=[^"]+">The cell', page)
    assert (built / "data" / "author_week.csv").read_bytes() == (ROOT / "data" / "author_week.csv").read_bytes()


def test_a_notebook_page_has_contents_folded_set_up_and_figures_that_say_what_they_show(built: Path):
    for name in parameters.names():
        page = (built / name / f"{name}.html").read_text(encoding="utf-8")
        assert page.count('<details class="folded">') >= 1
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        headings = re.findall(r"^## ", "\n".join(texts), flags=re.MULTILINE)
        assert page.count('<li class="level-2">') == len(headings) > 3
        assert "No description has been provided" not in page
        assert 'alt=""' not in page


def test_two_runs_of_one_notebook_have_cards_of_their_own(built: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", built / "01_share_shift")
    page = site.write_site([record_of(run)] * 2, [run] * 2, built).read_text(encoding="utf-8")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
