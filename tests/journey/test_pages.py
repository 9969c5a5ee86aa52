"""What people open: the sealed report from its file, and Dagster's pages on a home, in a real browser."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from orchestration.installation import Installation
from orchestration.population.month import ZONE, Month
from orchestration.population.reading import read_ledger
from orchestration.settings import Settings
from orchestration.stages.register_months import keep_month, report_month
from tests.journey.conftest import TIEMCHUNG, Home, build_from

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.xdist_group("journey")]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IMAGES = os.environ.get("TIEMCHUNG_IMAGES")
"""Where the documentation's pictures go, if they are to be taken anew."""
A_PHONE = 390
WAIT = 60_000
STARTS_WITHIN_SECONDS = 120


@pytest.fixture(scope="module")
def dagster(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Dagster's pages on a copy of the finished home, in which a gate has failed since."""
    with home.copied(tmp_path_factory.mktemp("pages") / "home") as copy:
        with duckdb.connect(copy / "warehouse.duckdb") as connection:
            connection.execute("update cleansing.int_subjects set dose_count = -1")
        assert not build_from("marts").success
        yield from _served(copy)


@pytest.fixture(scope="module")
def browser(dagster: str) -> Iterator[Browser]:
    """Chromium; started after Dagster's run in this process, which minds the event loop that playwright keeps."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when its console tells of an error."""
    faults: list[str] = []
    page = browser.new_page(viewport={"width": 1440, "height": 640})
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    page.close()
    assert faults == []


def _served(home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (home / "dev.log").open("wb") as log:
        server = subprocess.Popen(
            [TIEMCHUNG, "dev", "--home", home, "--port", str(port)], stdout=log, stderr=log, process_group=0
        )
        try:
            yield _once_answering(f"http://127.0.0.1:{port}", server)
        finally:
            os.killpg(server.pid, signal.SIGINT)
            assert server.wait(60) == 0


def _once_answering(address: str, server: subprocess.Popen[bytes]) -> str:
    last = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            requests.get(f"{address}/server_info", timeout=5).raise_for_status()
        except requests.RequestException:
            assert server.poll() is None, "It ended before it answered."
            assert time.monotonic() < last, "It did not answer in time."
            time.sleep(0.3)
        else:
            return address


def _take(page: Page, name: str) -> None:
    if IMAGES:
        page.wait_for_timeout(2_000)
        page.screenshot(path=Path(IMAGES) / name)


def test_report_shows_every_figure_on_a_phone_too(home: Home, page: Page) -> None:
    (file,) = home.path.glob("reports/*/*/report.html")
    page.goto(file.as_uri())
    shown = page.inner_text("body")
    for figure in home.ask("report")["figures"]:
        assert figure["id"] in shown
    page.set_viewport_size({"width": A_PHONE, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= A_PHONE


def test_month_with_the_register_fits_a_phone_and_tells_every_answer_of_the_home(
    home: Home, page: Page, tmp_path: Path
) -> None:
    installation = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(home.path)}))
    with read_ledger(installation.settings.ledger_url) as reading:
        last = max(attempt.started_at for attempt in reading.attempts)
    with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
        (answers,) = connection.execute("select count(*) from verification.answers").fetchall()[0]
    month = Month.parsed(f"{last.astimezone(ZONE):%Y-%m}")
    made = report_month(installation, month, month.ends_at)
    assert made.statement["tables"]["totals"][0]["rows_answered"] == answers > 0
    page.goto(keep_month(made, tmp_path).as_uri())
    assert page.locator("svg.chart rect").count() == len(made.statement["tables"]["days"])
    page.set_viewport_size({"width": A_PHONE, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= A_PHONE


def test_handover_page_shows_matrix_findings_and_obligations_on_a_phone_too(home: Home, page: Page) -> None:
    page.goto((home.path / "handover" / "index.html").as_uri())
    assert page.locator("#matrix td").count() == 16
    assert "HND-DB-10" in page.inner_text("#findings")
    assert "141/CNTT-DLYT" in page.inner_text("#obligations")
    page.set_viewport_size({"width": A_PHONE, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= A_PHONE


def test_asset_graph_shows_the_way_of_the_data(dagster: str, page: Page) -> None:
    page.goto(f"{dagster}/asset-groups")
    for stage in ("handover", "raw", "seeds", "staging", "cleansing", "verification", "marts", "report"):
        page.get_by_text(stage, exact=True).last.wait_for()
    _take(page, "asset-graph.png")


def test_run_of_the_command_line_is_shown_with_its_steps(dagster: str, page: Page) -> None:
    page.goto(f"{dagster}/runs")
    page.get_by_text("Success", exact=True).first.wait_for()
    page.locator("a[href*='/runs/']", has_text="").first.wait_for()
    page.get_by_text("import_delivery").first.wait_for()
    links = page.locator("a[href^='/runs/']").evaluate_all(
        "all => all.map(link => link.getAttribute('href'))"
    )
    page.goto(dagster + [link for link in links if len(link) > len("/runs/") + 30][-1])
    page.get_by_text(re.compile(r"^\d{3} checks$")).wait_for()
    page.get_by_text("report__sealed_report").first.wait_for()


def test_failed_gate_names_its_rule(dagster: str, page: Page) -> None:
    page.goto(f"{dagster}/assets/marts/fct_subjects?view=checks&checkDetail=MART_DOSES_01")
    page.get_by_text("This is a blocking asset check").wait_for()
    page.get_by_text("MART-DOSES-01").first.wait_for()
    page.get_by_text("Failed", exact=True).first.wait_for()
    _take(page, "failed-gate.png")
