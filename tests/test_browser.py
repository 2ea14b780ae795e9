"""The report in a real browser: headless Chromium, driven by Playwright."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlparse

import axe_playwright_python
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

from analysis import NOTEBOOKS, ROOT
from analysis.measures import calendar, prices, share
from analysis.register import read_register
from analysis.report import movable, site
from analysis.run.execute import Run
from analysis.run.records import committed
from samples import ARTICLE, REGISTER, record

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
RULES = {"runOnly": TAGS, "resultTypes": ["violations"]}  # else axe describes each element that is as it should be
OF_COLOUR = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Rules of these that look at colours: all that a dark page can break where the light one breaks none."""
ONE_OF_A_COLOUR = """() => {
  const seen = new Set();
  for (const piece of document.querySelectorAll(".highlight span")) {
    if (!piece.checkVisibility()) continue;
    const looks = piece.className + getComputedStyle(piece.closest("pre")).backgroundColor;
    if (seen.has(looks)) piece.replaceWith(...piece.childNodes); else seen.add(looks);
  }
}"""
"""Leave one visible piece of code of each class and background: axe takes most of its time for thousands alike."""
DESKTOP, TELEPHONE, NARROW = ({"width": width, "height": 900} for width in (1280, 390, 360))
KIND = {"index": 1_000_000, "claims": 400_000, "charts": 400_000, "notebook": 5_000_000}
SHARES = {"2026-01-05": None, "2026-02-02": 0.5, "2026-03-02": 0.65}
SCREENSHOT = ROOT / ".github" / "report.png"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def built(site_built_once) -> Path:
    return site_built_once


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Path:
    """Site of one notebook at three dates, by which the verdict on S1 turns twice."""
    folder = tmp_path_factory.mktemp("swept")
    records = [record(day, 9, share) for day, share in SHARES.items()]
    records = [
        replace(entry, claims=tuple(replace(known, answer=f"Found on {entry.as_of}.") for known in entry.claims))
        for entry in reversed(records)  # whichever is executed last, the last day is shown
    ]
    runs = [Run(NOTEBOOKS / "01_share_shift.ipynb", folder / day) for day in SHARES]
    return site.write_site(records, runs, folder, register=REGISTER, article=ARTICLE).parent


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser, path: Path, **settings: object):
    """A page, and what went wrong while it was opened."""
    context = browser.new_context(**settings)
    page, wrong = context.new_page(), []
    watch(page, wrong)
    page.goto(path.as_uri())
    return page, wrong


def watch(page, wrong: list[str]) -> None:
    """Note what goes wrong on a page from now on."""
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else wrong.append(f"foreign: {r.url}"))


@dataclass(frozen=True)
class Visit:
    """What one look at a page finds."""

    wrong: list[str]
    ids: set[str]
    links: list[str]
    violations: dict[str, list[str]]
    width: int
    cut_off: list[str]


@pytest.fixture(scope="module")
def visits(built, browser) -> dict[Path, Visit]:
    """Every page of the site, opened once each, in one window: to open it takes as long as to look at it."""
    context = browser.new_context(viewport=DESKTOP)
    context.add_init_script(path=AXE)
    page, wrong = context.new_page(), []
    watch(page, wrong)
    found = {}
    for path in sorted(built.rglob("*.html")):
        page.goto("about:blank")  # what goes wrong as a page is left is not blamed on the next one
        wrong.clear()
        page.goto(path.as_uri())
        found[path] = visit(page, path, wrong)
    context.close()
    return found


def visit(page, path: Path, wrong: list[str]) -> Visit:
    """Look at a page that is open; a notebook's page has one look, whatever the system asks for."""
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    links = page.evaluate("[...document.links].map(a => a.href)")
    page.evaluate(ONE_OF_A_COLOUR)
    schemes = ("light",) if is_notebook(path) else ("light", "dark")
    broken = violations(page, schemes)
    if path.stem in ("index", "S1", "B8"):
        page.set_viewport_size(TELEPHONE)
        broken |= {f"{rule}, telephone": nodes for rule, nodes in violations(page, schemes).items()}
    page.set_viewport_size(NARROW)
    width, cut_off = page.evaluate("document.documentElement.scrollWidth"), page.evaluate(CUT_OFF)
    page.set_viewport_size(DESKTOP)
    return Visit(list(wrong), set(ids), links, broken, width, cut_off)


def is_notebook(path: Path) -> bool:
    return path.name.startswith("0")


def violations(page, schemes: tuple[str, ...]) -> dict[str, list[str]]:
    """Rules that axe, which the page has loaded, finds broken, with the first elements that break them."""
    found = {}
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        rules = RULES if scheme == schemes[0] else OF_COLOUR
        for rule in page.evaluate("async rules => (await axe.run(document, rules)).violations", rules):
            found[f"{rule['id']}, {scheme}"] = [node["html"][:120] for node in rule["nodes"][:2]]
    page.emulate_media(color_scheme="light")
    return found


def test_every_page_opens_without_an_error_and_every_link_leads_somewhere(built, visits):
    assert len(visits) == 2 + 4 + len(read_register()) + len(list(built.glob("*/charts/*.html")))
    assert {path: visit.wrong for path, visit in visits.items() if visit.wrong} == {}
    ids = {path.as_uri(): visit.ids for path, visit in visits.items()}
    links = [(path, link) for path, visit in visits.items() for link in visit.links]
    inside = [(path, *link.partition("#")[::2]) for path, link in links if link.startswith("file:")]
    assert len(inside) > 300
    for path, address, anchor in inside:
        assert Path(unquote(urlparse(address).path)).is_file(), (path, address)
        if anchor:
            assert {anchor, unquote(anchor)} & ids[address], (path, anchor)


@pytest.mark.parametrize("kind", ["index.html", "methods.html", "*/claims/*.html", "*/charts/*.html", "*/0*.html"])
def test_no_page_violates_wcag_2_1_aa(built, visits, kind):
    pages = list(built.glob(kind))
    assert pages
    assert {path: visits[path].violations for path in pages if visits[path].violations} == {}


def test_the_page_of_a_sweep_violates_nothing_and_shows_its_pictures(swept, browser):
    page, wrong = opened(browser, swept / "index.html", viewport=DESKTOP)
    assert page.locator("figure img").count() == len(list((swept / "curves").iterdir())) > 0
    assert page.evaluate("[...document.images].every(picture => picture.naturalWidth > 0)")
    assert wrong == []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert violations(page, ("light", "dark")) == {}
    page.context.close()


def test_a_mark_of_a_sweep_says_what_is_true_in_the_last_run(swept, browser):
    page, _ = opened(browser, swept / "index.html")
    mark, tip = page.locator("mark[data-claim=S1]"), page.locator("#tip")
    mark.hover()
    assert tip.locator(".badge").inner_text() == "supported"
    assert tip.locator("p").inner_text() == "as_of = 2026-03-02: Found on 2026-03-02."
    page.mouse.move(0, 0)
    page.get_by_role("slider").fill("0")
    mark.hover()
    assert (tip.locator(".badge").inner_text(), tip.locator("p").inner_text()) == ("not checkable", "")
    page.context.close()


def test_the_slider_moves_the_verdicts_in_the_text_by_the_keyboard(swept, browser):
    page, _ = opened(browser, swept / "index.html")
    badge, slider = page.locator("a[data-badge=S1]"), page.get_by_role("slider")
    seen = [badge.inner_text()]
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
        seen.append(badge.inner_text())
    assert seen == ["S1 supported", "S1 holds only if", "S1 not checkable"]
    assert slider.get_attribute("aria-valuetext") == "2026-01-05" == page.locator("#day-shown").inner_text()
    page.context.close()


def test_the_article_shows_every_claim_marked_also_without_javascript(built, browser):
    for script in (True, False):
        page, _ = opened(browser, built / "index.html", java_script_enabled=script)
        shown = page.locator("mark a.badge")
        assert shown.count() == len(read_register())
        assert page.locator(".controls").first.is_visible() == script
        page.context.close()


def test_a_filter_leaves_the_rows_of_its_verdict(built, browser):
    page, _ = opened(browser, built / "index.html")
    page.get_by_role("button", name="not checkable").click()
    rows = page.locator("tr[data-verdict]:visible")
    assert {row.get_attribute("data-verdict") for row in rows.all()} == {"not checkable"}
    page.get_by_role("button", name="not checkable").click()
    assert page.locator("tr[data-verdict]:visible").count() == len(read_register())
    page.context.close()


def test_from_a_marked_sentence_the_computing_cell_is_two_clicks_away(built, browser):
    page, _ = opened(browser, built / "index.html")
    page.locator("a[data-badge='S1']").click()
    assert json.loads(page.locator("script[type='application/ld+json']").text_content())["@type"] == "ClaimReview"
    page.get_by_role("link", name="The cell that computed it").click()
    assert "s1.verdict(" in page.locator(":target").inner_text()
    page.context.close()


CUT_OFF = """[...document.querySelectorAll("svg text")].filter((text) => {
  const [box, right] = [text.getBoundingClientRect(), document.documentElement.clientWidth];
  return box.left < 0 || box.right > right || box.right > text.ownerSVGElement.getBoundingClientRect().right + 12;
}).map((text) => text.textContent)"""
"""Texts of drawings that reach out of the drawing by more than the margin of the page, or out of the page."""


def test_no_page_is_wider_than_a_telephone(visits):
    looked = {path: visit for path, visit in visits.items() if not is_notebook(path)}
    assert {path: visit.width for path, visit in looked.items() if visit.width > NARROW["width"]} == {}
    assert {path: visit.cut_off for path, visit in looked.items() if visit.cut_off} == {}


def test_the_picture_in_the_readme_has_the_size_of_a_first_screen(built, browser, tmp_path):
    """Fonts differ by system, so that only the size is compared; remove the picture, and a run takes it anew."""
    page, _ = opened(browser, built / "index.html", color_scheme="light", viewport={"width": 1100, "height": 900})
    shot = SCREENSHOT if not SCREENSHOT.exists() else tmp_path / "report.png"
    page.screenshot(path=shot)
    page.context.close()
    size = slice(16, 24)  # width and height in a PNG's header
    assert shot.read_bytes()[size] == SCREENSHOT.read_bytes()[size]
    assert SCREENSHOT.stat().st_size < 400_000


def test_pages_are_small_enough(built):
    assert (built / "index.html").stat().st_size < KIND["index"]
    large = [
        path for path in built.rglob("*.html") if path.stat().st_size >= KIND.get(path.parent.name, KIND["notebook"])
    ]
    assert large == []


def test_a_mark_says_its_verdict_and_what_is_true_by_mouse_and_by_keyboard(built, browser):
    page, _ = opened(browser, built / "index.html")
    tip = page.locator("#tip")
    assert tip.is_hidden()
    page.locator("mark[data-claim=S7] a").first.hover()
    assert "11.7% of all tokens" in tip.inner_text()
    assert "not supported" in tip.inner_text()
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator("mark[data-claim=S1] a").first.focus()
    assert "45.4% of all tokens" in tip.inner_text()
    assert tip.get_by_role("link").get_attribute("href") == "01_share_shift/claims/S1.html"
    page.context.close()


def test_what_is_copied_from_a_page_without_a_published_address_has_the_one_it_is_opened_at(built, browser):
    page, _ = opened(browser, built / "01_share_shift" / "claims" / "S1.html")
    assert page.inner_text("#link") == page.url
    assert page.inner_text("#quote").endswith(f"{page.url})")
    embedded = re.search(r'src="file://([^"]+)"', page.text_content("#embed"))
    assert embedded and Path(unquote(embedded[1])).is_file()
    index, _ = opened(browser, built / "index.html")
    assert index.inner_text("#cite").endswith(index.url)


def test_a_tap_on_a_mark_shows_the_answer_and_stays_on_the_page(built, browser):
    page, _ = opened(browser, built / "index.html", has_touch=True, viewport={"width": 360, "height": 800})
    page.locator("mark[data-claim=S7] a").first.tap()
    assert "11.7% of all tokens" in page.locator("#tip").inner_text()
    assert page.url.endswith("index.html")
    page.context.close()


def test_claims_are_found_by_a_word_and_put_in_order(built, browser):
    page, _ = opened(browser, built / "index.html")
    rows = page.locator("tr[data-verdict]:visible")
    page.get_by_role("searchbox").fill("xiaomi token volume leader")
    assert [row.get_attribute("data-claim") for row in rows.all()] == ["S10"]
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="off by").click()
    page.get_by_role("button", name="off by").click()
    off = [float(row.get_attribute("data-off")) for row in rows.all()]
    assert off == sorted(off, reverse=True)
    page.get_by_role("button", name="verdict", exact=True).click()
    ranks = [int(row.get_attribute("data-rank")) for row in rows.all()]
    assert ranks == sorted(ranks)
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("verdict")
    page.context.close()


def moved(slider, value: int) -> None:
    slider.evaluate("(slide, to) => { slide.value = to; slide.dispatchEvent(new Event('input')); }", value)


def test_the_number_of_models_gives_the_shares_that_python_gives(built, browser):
    values = committed("01_share_shift").parameters
    _, models = movable.tokens_of(values)
    weeks = calendar.last_run(pd.DatetimeIndex(models["week_start"].unique()).sort_values(), values["weeks"])
    page, wrong = opened(browser, built / "01_share_shift/claims/S1.html")
    said = page.locator("figure[data-share] output.said")
    for n in [*range(2, 12), *range(12, 32, 2)]:
        moved(page.locator("figure[data-share] input"), n)
        expected = share.pooled_share(share.largest_models(models, n), weeks)["CN"]
        assert f"had {expected:.1%} of the tokens of each week's {n} biggest" in said.inner_text()
    assert wrong == []
    page.context.close()


def test_the_mix_gives_the_median_that_python_gives(built, browser):
    values = committed("02_price_gap").parameters
    page, wrong = opened(browser, built / "02_price_gap/claims/P1.html")
    figure = page.locator("figure[data-prices]")
    ratio, cached = figure.locator("input").all()
    for step in range(20):
        moved(ratio, 5 * step)
        moved(cached, (37 * step) % 96)
        shown = figure.locator("output.said").evaluate("output => ({...output.dataset})")
        expected = movable.median_ratio(values, float(shown["ratio"]), float(shown["cached"]))
        assert float(shown["median"]) == pytest.approx(expected, rel=1e-9)
        assert f"costs {expected:.1f} times" in figure.locator("output.said").inner_text()
    assert wrong == []
    page.context.close()


def pressed(page, name: str) -> None:
    """Press a button as one without a mouse does."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("path", ["index.html", "01_share_shift/claims/S1.html", "01_share_shift/charts/S1.html"])
def test_a_line_is_taken_out_and_put_back_by_the_keyboard(built, browser, path):
    page, wrong = opened(browser, built / path)
    lines = {"biggest models": page.locator("svg [data-of=top]"), "all models": page.locator("svg [data-of=all]")}
    for name, line in lines.items():
        button = page.get_by_role("button", name=name, exact=True)
        for shown in (False, True):
            pressed(page, name)
            assert (line.is_visible(), button.get_attribute("aria-pressed")) == (shown, str(shown).lower())
            assert all(other.is_visible() for other in lines.values() if other is not line)
    pressed(page, "all models")
    page.emulate_media(media="print")
    assert lines["all models"].is_visible()
    assert not page.locator(".legend").is_visible()
    assert wrong == []
    page.context.close()


def test_without_script_all_lines_and_dots_are_there_and_no_button_that_does_nothing(built, browser):
    for path in ("01_share_shift/claims/S1.html", "02_price_gap/claims/P1.html"):
        page, _ = opened(browser, built / path, java_script_enabled=False)
        assert page.locator("button:visible").count() == 0
        assert all(part.is_visible() for part in page.locator("svg.movable [data-of], svg.movable .dots").all())
        page.context.close()


def test_a_switched_state_violates_nothing(built, browser):
    page, _ = opened(browser, built / "02_price_gap/claims/P1.html")
    page.locator("button[data-flagship]").first.click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert violations(page, ("light", "dark")) == {}
    page.context.close()


def test_without_a_flagship_the_median_is_that_of_the_other_pairs(built, browser):
    values = committed("02_price_gap").parameters
    book, us, cn = movable.flagships(values)
    mix = prices.mix_table({"mix": prices.Mix.from_ratio(values["prompt_to_completion"], values["cache_hit_share"])})
    page, wrong = opened(browser, built / "02_price_gap/claims/P1.html")
    said = page.locator("figure[data-prices] output.said")
    buttons = page.locator("button[data-flagship]")
    assert buttons.count() == len(us) + len(cn)
    for place in range(buttons.count()):
        pressed(page, buttons.nth(place).inner_text())
        kept = [
            [model for at, model in enumerate(side, start) if at != place] for side, start in ((us, 0), (cn, len(us)))
        ]
        expected = prices.median_ratio(prices.price_ratios(book, *kept, mix), prices.LEAST_PAIRS)["mix"]
        assert float(said.evaluate("output => output.dataset.median")) == pytest.approx(expected, rel=1e-9)
        assert page.locator("figure[data-prices] .dots circle").count() == len(kept[0]) * len(kept[1])
        pressed(page, buttons.nth(place).inner_text())
    for place in range(len(us) - 2):
        pressed(page, buttons.nth(place).inner_text())
    taken_out = ", ".join(buttons.nth(place).inner_text() for place in range(len(us) - 2))
    assert said.inner_text() == f"Fewer than 12 pairs: too few for a median. Left out: {taken_out}."
    assert not page.locator("figure[data-prices] .middle").get_attribute("d")
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("path", ["index.html", "methods.html", "01_share_shift/claims/S1.html"])
def test_a_printed_page_has_a_light_ground_no_controls_and_nothing_cut_off(built, browser, path):
    page, _ = opened(browser, built / path, color_scheme="dark", viewport={"width": 680, "height": 960})
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.locator(":is(button, input, .button):visible:not(th button)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    wide = "[...document.querySelectorAll('table, pre, svg, img')].filter(e => e.getBoundingClientRect().right > 680)"
    assert page.evaluate(f"{wide}.length") == 0
    page.context.close()


def test_no_script_of_another_runs_under_the_policy(built, browser, tmp_path):
    page = (built / "index.html").read_text(encoding="utf-8")
    (tmp_path / "bad.html").write_text(page.replace("</main>", "<script>document.title = 'bad'</script></main>"))
    shown, wrong = opened(browser, tmp_path / "bad.html")
    assert shown.title() == "Did Chinese open-weight models take over OpenRouter?"
    assert any("Content Security Policy" in message for message in wrong)
    shown.context.close()
