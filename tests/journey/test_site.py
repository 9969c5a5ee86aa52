"""The auditor's pages in a real browser: from every figure to its package and the letter and back, from a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Page, sync_playwright

from orchestration.reporting.render import number
from tests.journey.conftest import Home, tiemchung
from tests.journey.test_pages import A_PHONE, CHROMIUM

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
        page.click("section:has(#rows) a") if figure["subjects"] else page.click('nav a[href^="package-"]')
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


def test_no_page_is_wider_than_a_phone(page: Page, site: Path) -> None:
    page.set_viewport_size({"width": A_PHONE, "height": 800})
    for path in sorted(site.glob("*.html")):
        page.goto(f"file://{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= A_PHONE, path.name
    page.set_viewport_size({"width": 1200, "height": 800})


def test_every_link_leads_somewhere_and_nothing_personal_stands_anywhere(site: Path, home: Home) -> None:
    with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
        rows = connection.execute("select full_name, id_number, phone from raw.subjects").fetchall()
    # Without placeholders such as 000000000, which digests hold by chance.
    secrets = {value for row in rows for value in row if value and len(set(value)) > 3}
    for path in site.glob("*.html"):
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


def test_pages_of_rows_that_are_gone_are_refused(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "home"
    shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("inbox", "dagster", "lake"))
    with duckdb.connect(place / "warehouse.duckdb") as connection:
        connection.execute("update marts.fct_subjects set is_sent = not is_sent where rowid < 3")
    done = tiemchung("report", "site", "--home", place)
    assert done.returncode == 2
    assert "no longer holds the rows" in done.stderr.replace("\n", " ")
