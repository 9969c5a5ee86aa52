"""What a run prints and leaves: matrix, figures, letter audit, report, trace; and the same again when repeated."""

import json
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.definitions import defs
from orchestration.launch import QUIET
from tests.journey.conftest import SCALE, SEED, Home, tiemchung

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]


def test_run_prints_what_a_newcomer_needs(home: Home) -> None:
    for expected in (
        "FIG-WITH-ID-WRONG-NO-PERSON",
        "15.963.242",
        "15.693.242",
        "270.000",
        "report.html",
        "make dev",
    ):
        assert expected in home.printed
    assert home.printed.count("received") >= 16


def test_all_16_cells_are_received(home: Home) -> None:
    cells = home.ask("handover", "status")["cells"]
    assert len({(cell["component"], cell["deliverable"]) for cell in cells}) == 16
    assert {cell["status"] for cell in cells} == {"received"}


def test_before_any_delivery_all_16_cells_are_outstanding(tmp_path: pytest.TempPathFactory) -> None:
    done = tiemchung("handover", "status", "--home", str(tmp_path), "--json")
    status = json.loads(done.stdout)
    assert status["as_of"] == "2022-04-08"
    assert status["delivery"] is None
    assert len(status["cells"]) == 16
    assert not {cell["status"] for cell in status["cells"]} & {"received", "partial", "not_assessed"}


def test_trace_leads_to_rows_dump_bag_and_letter(home: Home) -> None:
    trace = home.ask("trace", "FIG-WITH-ID-WRONG-DOB")
    assert trace["rows"]["is_as_counted"]
    assert trace["lineage"]["is_complete"]
    ends = {(o["vendor"]["table"], o["vendor"]["column"]) for o in trace["lineage"]["origins"] if o["vendor"]}
    assert ("tiemchung.doi_tuong", "ngay_sinh") in ends
    assert {row["table"] for row in trace["sample"]} == {"tiemchung.doi_tuong"}
    seal = json.loads(
        (home.path / "vault" / "deliveries" / trace["deliveries"][0]["id"] / "seal.json").read_text()
    )
    assert trace["deliveries"][0]["bag_sha256"] == seal["bag_sha256"]


def test_letter_of_the_country_has_the_printed_error_of_the_real_one(home: Home) -> None:
    done = tiemchung("letter", "audit", home.country / "letter.yml", "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert [(f["suspect"], f["kind"]) for f in findings] == [("with_id_wrong", "transposed_digits")]
    figures = {figure["id"]: figure["subjects"] for figure in home.ask("report")["figures"]}
    assert findings[0]["suggested"] == figures["FIG-WITH-ID-WRONG"]


def test_a_second_run_asks_nothing_and_seals_the_same(home: Home) -> None:
    before = home.ask("report")
    book = sorted((home.path / "ledger").rglob("*"))
    done = tiemchung("run", "--home", home.path, "--scale", SCALE, "--seed", SEED)
    assert done.returncode == 0, done.stderr
    assert home.ask("report") == before
    assert sorted((home.path / "ledger").rglob("*")) == book


def test_one_changed_byte_of_the_report_breaks_its_seal(home: Home) -> None:
    report = home.path / "reports" / (home.path / "reports" / "latest").read_text().strip() / "report.json"
    content = report.read_bytes()
    report.chmod(0o644)
    report.write_bytes(content.replace(b'"as_of"', b'"as_oF"', 1))
    try:
        done = tiemchung("report", "--home", home.path)
        assert done.returncode == 1
        assert "seal" in done.stderr
    finally:
        report.write_bytes(content)


def test_vintages_of_march_raise_no_finding(tmp_path_factory: pytest.TempPathFactory) -> None:
    vintages = yaml.safe_load((ROOT / "handover/correspondence/vintages.yml").read_text(encoding="utf-8"))
    file = tmp_path_factory.mktemp("letters") / "march.yml"
    file.write_text(yaml.safe_dump(vintages[:1], allow_unicode=True), encoding="utf-8")
    assert tiemchung("letter", "audit", file).returncode == 0


def test_a_month_with_the_register_is_made_in_dagster(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with home.copied(tmp_path_factory.mktemp("month") / "home") as copy, dg.DagsterInstance.get() as instance:
        job = defs().resolve_job_def("report_month")
        assert job.execute_in_process(QUIET, instance, partition_key="2022-03-01").success
        made = instance.get_latest_materialization_event(dg.AssetKey(["report", "register_month"]))
        assert made is not None
        assert made.asset_materialization is not None
        assert made.asset_materialization.metadata["rows_asked"].value == 0
        pages = copy / "register_months" / "2022-03"
        assert {path.name for path in pages.iterdir()} == {"report.html", "report.xlsx", "report.json"}
