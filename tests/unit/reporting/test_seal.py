"""The same inputs give the same bytes; any changed byte of a kept report is found and its file named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.reporting.chain import publish
from orchestration.reporting.report import Report, ReportError, canonical
from orchestration.reporting.seal import (
    NoReport,
    SealBroken,
    SealedReport,
    read_latest,
    read_report,
    report_json,
)

FILES = ["report.html", "report.json", "report.pdf", "report.xlsx", "seal.json"]


def test_the_same_report_gives_the_same_bytes_wherever_it_is_kept(report: Report, tmp_path: Path) -> None:
    first, second = publish(tmp_path / "a", report), publish(tmp_path / "b", report)
    assert sorted(path.name for path in first.folder.iterdir()) == FILES
    for path in first.folder.iterdir():
        assert path.read_bytes() == (second.folder / path.name).read_bytes()
    assert publish(tmp_path / "a", report) == first


def test_the_seal_is_the_digest_of_the_canonical_statement(report: Report, tmp_path: Path) -> None:
    sealed = publish(tmp_path, report)
    content = (sealed.folder / "report.json").read_bytes()
    assert content == canonical(json.loads(content))
    assert sealed.seal == hashlib.sha256(content).hexdigest()
    assert sealed.folder == tmp_path / "2022-04-06" / sealed.seal[:12]
    assert (tmp_path / "latest").read_text() == f"2022-04-06/{sealed.seal[:12]}\n"


def test_another_number_is_another_seal(report: Report, tmp_path: Path) -> None:
    other = replace(report, ledger=replace(report.ledger, rows=1))
    assert publish(tmp_path, report).seal != publish(tmp_path, other).seal
    assert len(list((tmp_path / "2022-04-06").iterdir())) == 2


def test_read_latest_gives_back_what_was_published(report: Report, tmp_path: Path) -> None:
    publish(tmp_path, report)
    later = publish(tmp_path, replace(report, as_of=date(2022, 4, 7)))
    found = read_latest(tmp_path)
    assert found == later
    assert found.as_of == date(2022, 4, 7)


def test_the_json_for_machines_has_exactly_its_keys(report: Report, tmp_path: Path) -> None:
    sealed = publish(tmp_path, report)
    answer = report_json(sealed)
    assert (answer["as_of"], answer["seal"], len(answer["figures"])) == ("2022-04-06", sealed.seal, 8)
    sent = {"id": "FIG-SENT", "subjects": 82_299, "doses": 196_725, "part_of": "FIG-ON-SYSTEM"}
    assert answer["figures"][1] == sent


@pytest.fixture
def sealed(report: Report, tmp_path: Path) -> SealedReport:
    return publish(tmp_path, report)


@pytest.mark.parametrize("name", ["report.json", "report.html", "report.pdf", "report.xlsx"])
def test_one_changed_byte_anywhere_breaks_the_seal_and_names_the_file(
    sealed: SealedReport, name: str
) -> None:
    path = sealed.folder / name
    whole = path.read_bytes()
    for position in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(SealBroken, match=name):
            read_report(sealed.folder)
    path.write_bytes(whole)
    assert read_report(sealed.folder) == sealed


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_breaks_the_seal(sealed: SealedReport, name: str) -> None:
    (sealed.folder / name).unlink()
    with pytest.raises(SealBroken, match=f"{name} cannot be read"):
        read_report(sealed.folder)


def test_a_report_moved_to_another_day_or_seal_is_found(sealed: SealedReport, tmp_path: Path) -> None:
    moved = tmp_path / "2022-04-07" / sealed.folder.name
    moved.parent.mkdir()
    sealed.folder.rename(moved)
    with pytest.raises(SealBroken, match="not the report's own date"):
        read_report(moved)
    renamed = moved.rename(tmp_path / "2022-04-06" / ("0" * 12))
    with pytest.raises(SealBroken, match="digest its folder is named for"):
        read_report(renamed)


@pytest.mark.parametrize(
    "pointer", ["", "../../etc/passwd\n", "2022-04-06/0123456789ab", "2022-04-06/0123456789abc\n", "x" * 5000]
)
def test_a_pointer_that_is_not_one_breaks_the_seal(
    sealed: SealedReport, tmp_path: Path, pointer: str
) -> None:
    (tmp_path / "latest").write_text(pointer)
    with pytest.raises(SealBroken, match="latest"):
        read_latest(tmp_path)


def test_a_pointer_to_nothing_breaks_the_seal(sealed: SealedReport, tmp_path: Path) -> None:
    (tmp_path / "latest").write_text("2022-04-06/0123456789ab\n")
    with pytest.raises(SealBroken, match="latest names a report that is not there"):
        read_latest(tmp_path)


def test_a_file_that_was_not_sealed_is_told(sealed: SealedReport) -> None:
    (sealed.folder / "figures.csv").write_text("more")
    with pytest.raises(SealBroken, match=r"figures\.csv is not among the files"):
        read_report(sealed.folder)


def test_publishing_over_a_changed_report_refuses(
    sealed: SealedReport, report: Report, tmp_path: Path
) -> None:
    (sealed.folder / "report.html").write_text("<p>other</p>")
    with pytest.raises(SealBroken, match=r"report\.html"):
        publish(tmp_path, report)


def test_what_a_killed_run_left_behind_does_not_disturb(report: Report, tmp_path: Path) -> None:
    sealed = publish(tmp_path / "a", report)
    partial = tmp_path / "b" / "2022-04-06" / f".{sealed.folder.name}.partial"
    partial.mkdir(parents=True)
    (partial / "report.json").write_text("half")
    again = publish(tmp_path / "b", report)
    assert again.seal == sealed.seal
    assert sorted(path.name for path in partial.parent.iterdir()) == [sealed.folder.name]


def test_no_report_yet_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoReport, match="tiemchung run"):
        read_latest(tmp_path)


def test_figures_that_do_not_add_up_make_no_report(report: Report, tmp_path: Path) -> None:
    first, *others = report.figures
    broken = replace(report, figures=(replace(first, subjects=1), *others))
    with pytest.raises(ReportError, match="FIG-ON-SYSTEM: 1 subjects, but its parts make 82,958"):
        publish(tmp_path, broken)
    with pytest.raises(ReportError, match="at least one delivery"):
        publish(tmp_path, replace(report, deliveries=()))
    assert list(tmp_path.iterdir()) == []
