"""The auditor's pages in a real browser: from every figure to its package and the letter and back, from a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from orchestration.installation import Installation
from orchestration.reporting.answers import keep_trace, keep_where
from orchestration.reporting.render import number
from orchestration.settings import Settings
from orchestration.stages.tracing import trace_of, where_of
from tests.journey.conftest import Home, tiemchung
from tests.journey.test_pages import A_PHONE, CHROMIUM, WAIT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.xdist_group("journey")]


@pytest.fixture(scope="module")
def site(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "pages"
    done = tiemchung("report", "site", "--home", home.path, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def page(site: Path) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        faults: list[str] = []
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda asked: faults.append(asked.url) if not asked.url.startswith("file:") else None
        )
        yield page
        assert faults == []


def figures(site: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((site / "report.json").read_text("utf-8"))["figures"]
    return found


def test_every_figure_leads_to_its_package_and_the_letter_and_back(page: Page, site: Path) -> None:
    page.goto(f"file://{site}/index.html")
    for figure in figures(site):
        assert page.locator(f'[data-figure="{figure["id"]}"]').inner_text() == number(figure["subjects"])
        page.click(f'a[href="figure-{figure["id"]}.html"]')
        assert page.locator("#subjects").inner_text() == number(figure["subjects"])
        assert page.locator("#doses").inner_text() == number(figure["doses"])
        if figure["subjects"]:
            page.click("section:has(#rows) a")
        else:
            page.click('nav a[href="packages.html"]')
            page.click('#packages ~ div a[href^="package-"]')
        assert "BB-BG" in page.inner_text("section:has(#brought)")
        assert page.locator("section:has(#files) td.hex").first.inner_text()
        page.click('section a[href="letter.html"]')
        if figure["letter"]:
            page.click(f'#{figure["letter"]["key"]} a[href="figure-{figure["id"]}.html"]')
            assert page.locator("#subjects").inner_text() == number(figure["subjects"])
        page.click('nav a[href="index.html"]')


def test_the_search_finds_figures_without_diacritics(page: Page, site: Path) -> None:
    page.goto(f"file://{site}/index.html")
    page.fill("#search", "ngay sinh")
    shown = page.locator("#table tbody tr:visible")
    assert 0 < shown.count() < len(figures(site))
    assert all("ngày sinh" in text.lower() for text in shown.all_inner_texts())


def test_a_figures_page_tells_its_digest_parts_gates_and_rows(page: Page, site: Path) -> None:
    every = {figure["id"]: figure for figure in figures(site)}
    page.goto(f"file://{site}/figure-FIG-WITH-ID.html")
    assert page.inner_text("#digest") == every["FIG-WITH-ID"]["digest"]
    parts = [each for each in every.values() if each["part_of"] == "FIG-WITH-ID"]
    assert page.locator("section:has(#parts) tbody tr").count() == len(parts) + 1
    page.click("section:has(#gates) summary")
    gate = page.locator("section:has(#gates) tr", has_text="MART-KEY-01").locator("td.n").all_inner_texts()
    assert gate == [number(every["FIG-ON-SYSTEM"]["subjects"]), "0"]
    assert page.locator(".row").count() == 5
    assert page.locator("section:has(#breakdowns) table").count() >= 3


def test_every_kind_of_page_passes_axe(page: Page, site: Path, home: Home, tmp_path: Path) -> None:
    installation = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(home.path)}))
    names = ("index", "letter", "packages", "figure-FIG-WITH-ID", "report")
    paths = [site / f"{name}.html" for name in names]
    paths += [
        min(site.glob("package-*.html")),
        home.path / "handover" / "index.html",
        home.path / "data_docs" / "index.html",
        home.path / "data_docs" / "raw.doses.html",
        keep_trace(trace_of(installation, "FIG-SENT", 2), tmp_path),
        keep_where(where_of(installation, 5), tmp_path),
    ]
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<!doctype html><html lang="vi"><title>x</title><main><h1 style="color:#ccc">Text</h1></main>'
    )
    assert violations(page, bad) == ["color-contrast"]
    for path in paths:
        assert violations(page, path) == [], path.name


def violations(page: Page, path: Path) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its own good practice, all that folds unfolded."""
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return [each["id"] for each in Axe().run(page, options={"runOnly": RULES}).response["violations"]]


def test_a_keyboard_reaches_the_content_first_and_shows_where_it_is(page: Page, site: Path) -> None:
    page.goto(f"file://{site}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("ngay sinh")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("figure-")
    page.keyboard.press("Enter")
    page.wait_for_url("**/figure-*.html")


def test_print_leaves_out_what_paper_cannot_do_and_pages_are_small(page: Page, site: Path) -> None:
    page.goto(f"file://{site}/index.html")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#search").is_visible()
    assert page.locator("#table").is_visible()
    page.emulate_media(media="screen")
    assert max(path.stat().st_size for path in site.glob("*.html")) < 150_000


def test_no_page_is_wider_than_a_phone(page: Page, site: Path) -> None:
    page.set_viewport_size({"width": A_PHONE, "height": 800})
    for path in sorted(site.glob("*.html")):
        page.goto(f"file://{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= A_PHONE, path.name
    page.set_viewport_size({"width": 1200, "height": 800})


def test_every_link_leads_somewhere_and_nothing_personal_stands_anywhere(site: Path, home: Home) -> None:
    with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
        rows = connection.execute("select full_name, id_number, phone from raw.subjects").fetchall()
    # Without what is written where nothing is known: digests hold 000000000 by chance, sentences "không có".
    values = {value for row in rows for value in row if value and len(set(value)) > 3}
    secrets = {value for value in values if value != "không có"}
    for path in [*site.glob("*.html"), *(home.path / "pages").glob("*.html")]:
        text = path.read_text("utf-8")
        assert "://" not in text.replace("http-equiv", "")
        for part in text.split('href="')[1:]:
            target = part.split('"')[0].split("#")[0]
            assert not target or (site / target).is_file(), (path.name, target)
        assert not [secret for secret in secrets if secret in text], path.name


def test_the_same_report_gives_the_same_pages(site: Path, home: Home, tmp_path: Path) -> None:
    assert tiemchung("report", "site", "--home", home.path, "--out", tmp_path / "again").returncode == 0
    pages = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert pages == {path.name: path.read_bytes() for path in site.iterdir()}


def test_the_run_made_the_pages_of_its_report_and_says_where(home: Home) -> None:
    name = (home.path / "reports" / "latest").read_text().strip()
    first = home.path / "sites" / name / "index.html"
    assert first.is_file()
    assert str(first) in home.printed


def test_pages_of_rows_that_are_gone_are_refused(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "home"
    shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("inbox", "dagster", "lake"))
    with duckdb.connect(place / "published.duckdb") as connection:
        connection.execute("update marts.fct_subjects set is_sent = not is_sent where rowid < 3")
    done = tiemchung("report", "site", "--home", place)
    assert done.returncode == 2
    assert "are not those of the report" in done.stderr.replace("\n", " ")
