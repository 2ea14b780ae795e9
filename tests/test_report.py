import re
import shutil
from pathlib import Path

import nbformat
import pytest

from analysis import NOTEBOOKS, ROOT, InputError, batch, claims, parameters, report
from analysis.batch import Run

REMOTE = re.compile(
    r"""(?:src|srcset)\s*=\s*["']?\s*(?:https?:)?//|<link[^>]+href\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|import\(\s*["']https?:|@import"""
)


def record_of(run: Run) -> dict:
    """Record of a run whose output is there."""
    found = batch.results(nbformat.read(run.output, as_version=4))
    known = {name: parameter.default for name, parameter in parameters.read(run.notebook).items()}
    path = f"{run.folder.name}/{run.notebook.name}"
    return {"notebook": run.notebook.stem, "status": "ok", "parameters": known, "notebook_path": path, **found}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Site made of the committed notebooks, without executing them again."""
    out = tmp_path_factory.mktemp("site")
    runs = [Run(NOTEBOOKS / f"{name}.ipynb", out / name) for name in parameters.names()]
    for run in runs:
        run.folder.mkdir()
        shutil.copy(run.notebook, run.output)
    report.write_site([record_of(run) for run in runs], runs, out)
    return out


@pytest.fixture(scope="module")
def index(site: Path) -> str:
    return (site / "index.html").read_text(encoding="utf-8")


def test_there_is_a_card_for_every_claim_with_quote_verdict_and_numbers(index):
    for name, claim in claims.read_register().items():
        card = re.search(rf'<article id="\d+-{name}".*?</article>', index, re.DOTALL)
        assert card, name
        text = card[0].replace("&#39;", "'").replace("&#34;", '"')
        assert claim.quote in text
        assert 'class="badge"' in text
        assert claim.measure in text
        assert (
            claims.describe_claimed(claim).split(" ± ")[0] in text or not claim.relation
        )  # the width may be a parameter


def test_no_page_asks_another_host_for_anything(site: Path):
    pages = list(site.rglob("*.html"))
    assert len(pages) == 1 + len(parameters.names())
    assert {page.name: REMOTE.findall(page.read_text(encoding="utf-8")) for page in pages} == {
        p.name: [] for p in pages
    }


def test_every_link_within_the_site_leads_somewhere(site: Path, index: str):
    links = [link for link in re.findall(r'href="([^"]+)"', index) if not link.startswith("https:")]
    assert len(links) >= 9
    for link in links:
        path, _, anchor = link.partition("#")
        path = path or "index.html"
        assert (site / path).is_file(), link
        assert not anchor or f'id="{anchor}"' in (site / path).read_text(encoding="utf-8"), link


def test_the_sources_of_every_table_stand_on_the_page(index):
    assert "Source: OpenRouter (openrouter.ai/rankings), as of 2026-05-25. Licensed under CC BY 4.0." in index
    assert "github.com/JamieCladeHo/myClaude-backup" in index


def test_text_from_outside_is_inert(site: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", site / "01_share_shift")
    record = record_of(run)
    record["parameters"]["anonymous"] = "<script>alert(1)</script>"
    record["verdicts"][0]["conditions"] = ["<img src=x onerror=alert(1)>"]
    page = report.write_site([record], [run], site).read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_readme_is_up_to_date_with_the_committed_notebooks(tmp_path: Path):
    copy = tmp_path / "README.md"
    shutil.copy(ROOT / "README.md", copy)
    (tmp_path / report.PICTURE).parent.mkdir()
    report.update_readme(copy, [NOTEBOOKS / f"{name}.ipynb" for name in parameters.names()])
    assert copy.read_text(encoding="utf-8") == (ROOT / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / report.PICTURE).read_bytes() == (ROOT / report.PICTURE).read_bytes()


def test_a_readme_without_the_comment_lines_is_refused(tmp_path: Path):
    path = tmp_path / "README.md"
    path.write_text("<!-- result: begin -->\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"README\.md needs the lines <!-- result: begin -->"):
        report.update_readme(path, [NOTEBOOKS / "01_share_shift.ipynb"])
    assert path.read_text(encoding="utf-8") == "<!-- result: begin -->\n"


def test_a_notebook_without_a_key_figure_has_a_section_without_one(site: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", site / "plain")
    run.folder.mkdir()
    stripped = nbformat.read(run.notebook, as_version=4)
    for cell in stripped.cells:
        cell.metadata.pop("tags", None)
    nbformat.write(stripped, run.output)
    page = report.write_site([record_of(run)], [run], site).read_text(encoding="utf-8")
    assert "<figure>" not in page
    assert 'id="1-S9"' in page


def test_readings_name_the_parameter(index):
    assert "{top_n}" not in index
    assert "nothing but the 9 largest models of each week is counted" in index


def test_from_a_verdict_the_rule_and_the_data_are_one_click_away(site: Path, index: str):
    card = re.search(r'<article id="1-S1".*?</article>', index, re.DOTALL)[0]
    assert 'href="data/claims.toml"' in card
    assert 'href="#1-data-author_week"' in card
    assert 'href="data/author_week.csv"' in index
    assert (site / "data" / "author_week.csv").read_bytes() == (ROOT / "data" / "author_week.csv").read_bytes()


def test_two_runs_of_one_notebook_have_cards_of_their_own(site: Path):
    run = Run(NOTEBOOKS / "01_share_shift.ipynb", site / "01_share_shift")
    page = report.write_site([record_of(run)] * 2, [run] * 2, site).read_text(encoding="utf-8")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
