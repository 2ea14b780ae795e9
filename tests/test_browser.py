"""The report in a real browser: headless Chromium, driven by Playwright."""

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright
from test_report import committed_site

from analysis import claims

CHROMIUM = shutil.which("chromium")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
KIND = {"index": 2_000_000, "notebook": 5_000_000}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return committed_site(tmp_path_factory.mktemp("site"))


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


def test_every_page_opens_without_an_error_and_every_link_leads_somewhere(site, browser):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == 1 + 4 + len(claims.read_register())
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_violates_wcag_2_1_aa(site, browser, scheme, width):
    found = {}
    for path in sorted(site.rglob("*.html")):
        heavy = path.name != "index.html" and path.parent.name != "claims"
        if (heavy and (scheme, width) != ("light", 1280)) or (
            path.parent.name == "claims" and path.stem not in ("S1", "M9")
        ):
            continue
        page, _ = opened(browser, path, color_scheme=scheme, viewport={"width": width, "height": 900})
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
        found |= {(path.name, v["id"]): [n["html"][:120] for n in v["nodes"][:2]] for v in violations}
        page.context.close()
    assert found == {}


def test_the_article_shows_every_claim_marked_also_without_javascript(site, browser):
    for script in (True, False):
        page, _ = opened(browser, site / "index.html", java_script_enabled=script)
        shown = page.locator("mark a.badge")
        assert shown.count() == len(claims.read_register())
        assert page.locator(".controls").first.is_visible() == script
        page.context.close()


def test_a_filter_leaves_the_rows_of_its_verdict(site, browser):
    page, _ = opened(browser, site / "index.html")
    page.get_by_role("button", name="not checkable").click()
    rows = page.locator("tr[data-verdict]:visible")
    assert {row.get_attribute("data-verdict") for row in rows.all()} == {"not checkable"}
    page.get_by_role("button", name="not checkable").click()
    assert page.locator("tr[data-verdict]:visible").count() == len(claims.read_register())
    page.context.close()


def test_from_a_marked_sentence_the_computing_cell_is_two_clicks_away(site, browser):
    page, _ = opened(browser, site / "index.html")
    page.locator("mark a.badge", has_text="S1").click()
    assert json.loads(page.locator("script[type='application/ld+json']").text_content())["@type"] == "ClaimReview"
    page.get_by_role("link", name="The cell that computed it").click()
    assert 'findings["S1"]' in page.locator(":target").inner_text()
    page.context.close()


def test_no_page_is_wider_than_a_telephone(site, browser):
    for path in [site / "index.html", *site.glob("01*/claims/S1.html")]:
        page, _ = opened(browser, path, viewport={"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        page.context.close()


def test_pages_are_small_enough(site):
    assert (site / "index.html").stat().st_size < KIND["index"]
    assert [path for path in site.rglob("*.html") if path.stat().st_size >= KIND["notebook"]] == []
