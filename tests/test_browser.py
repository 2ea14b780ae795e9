"""The report in a real browser: headless Chromium, driven by Playwright."""

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

from analysis import NOTEBOOKS, ROOT
from analysis.register import read_register
from analysis.report import site
from analysis.run.execute import Run
from samples import ARTICLE, REGISTER, committed_site, record

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
RULES = {"runOnly": TAGS, "resultTypes": ["violations"]}  # else axe describes each element that is as it should be
KIND = {"index": 2_000_000, "notebook": 5_000_000}
SHARES = {"2026-01-05": None, "2026-02-02": 0.5, "2026-03-02": 0.65}
SCREENSHOT = ROOT / ".github" / "report.png"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return committed_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Path:
    """Site of one notebook at three dates, by which the verdict on S1 turns twice."""
    folder = tmp_path_factory.mktemp("swept")
    records = [record(day, 9, share) for day, share in SHARES.items()]
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
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else wrong.append(f"foreign: {r.url}"))
    page.goto(path.as_uri())
    return page, wrong


def test_every_page_opens_without_an_error_and_every_link_leads_somewhere(built, browser):
    pages = sorted(built.rglob("*.html"))
    assert len(pages) == 1 + 4 + len(read_register())
    ids, links = {}, []
    for path in pages:
        page, wrong = opened(browser, path)
        assert wrong == [], path
        ids[path.as_uri()] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        links += [(path, link) for link in page.evaluate("[...document.links].map(a => a.href)")]
        page.context.close()
    inside = [(path, *link.partition("#")[::2]) for path, link in links if link.startswith("file:")]
    assert len(inside) > 300
    for path, address, anchor in inside:
        assert Path(unquote(urlparse(address).path)).is_file(), (path, address)
        if anchor:
            assert {anchor, unquote(anchor)} & ids[address], (path, anchor)


def violations(browser, path: Path, width: int, schemes: tuple[str, ...]) -> dict[str, list[str]]:
    """Rules that axe finds broken, with the first elements that break them."""
    page, _ = opened(browser, path, viewport={"width": width, "height": 900})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for rule in page.evaluate("async rules => (await axe.run(document, rules)).violations", RULES):
            found[f"{path.name} {scheme} {width} {rule['id']}"] = [node["html"][:120] for node in rule["nodes"][:2]]
    page.context.close()
    return found


@pytest.mark.parametrize("kind", ["index.html", "*/claims/*.html", "*/0*.html"])
def test_no_page_violates_wcag_2_1_aa(built, browser, kind):
    """A notebook's page has one look, whatever the system asks for."""
    pages, found = sorted(built.glob(kind)), {}
    assert pages
    for path in pages:
        found |= violations(browser, path, 1280, ("light",) if kind == "*/0*.html" else ("light", "dark"))
        if path.stem in ("index", "S1", "B8"):
            found |= violations(browser, path, 390, ("light", "dark"))
    assert found == {}


def test_the_page_of_a_sweep_violates_nothing_and_shows_its_pictures(swept, browser):
    assert violations(browser, swept / "index.html", 1280, ("light", "dark")) == {}
    page, wrong = opened(browser, swept / "index.html")
    assert page.locator("figure img").count() == len(list((swept / "curves").iterdir())) > 0
    assert page.evaluate("[...document.images].every(picture => picture.naturalWidth > 0)")
    assert wrong == []
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


def test_no_page_is_wider_than_a_telephone(built, browser):
    for path in [built / "index.html", *built.glob("01*/claims/S1.html")]:
        page, _ = opened(browser, path, viewport={"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        page.context.close()


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
    assert [path for path in built.rglob("*.html") if path.stat().st_size >= KIND["notebook"]] == []
