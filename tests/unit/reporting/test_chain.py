"""The row of reports: what was taken away, put in, altered, swapped or signed anew is found and named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.reporting.chain import ChainBroken, Link, head_of, links, publish, strangers
from orchestration.reporting.envelope import opened_envelope, sealed_envelope
from orchestration.reporting.report import Report
from orchestration.reporting.seal import SealedReport, files_of, keep, read_report, sha256
from orchestration.reporting.verification import Result, checked_chain, checked_signature

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


@pytest.fixture
def row(report: Report, tmp_path: Path) -> list[SealedReport]:
    """Three signed reports, the first first."""
    days = (date(2022, 4, day) for day in (6, 7, 8))
    return [publish(tmp_path, replace(report, as_of=day), {"ledger": {}}, KEY) for day in days]


def broken(reports: Path) -> str:
    with pytest.raises(ChainBroken) as error:
        links(reports)
    assert checked_chain(reports)[0].result is Result.FAILED
    return str(error.value)


def test_each_report_names_the_one_before_it(row: list[SealedReport], tmp_path: Path) -> None:
    assert [link.name for link in links(tmp_path)] == [each.name for each in reversed(row)]
    assert [check.result for check in checked_chain(tmp_path)] == [Result.PASSED] * 2


def test_the_same_report_again_is_no_new_link(
    row: list[SealedReport], report: Report, tmp_path: Path
) -> None:
    before = links(tmp_path)
    again = publish(tmp_path, replace(report, as_of=date(2022, 4, 7)), {"ledger": {}}, KEY)
    assert again == row[1]
    assert links(tmp_path) == before
    assert (tmp_path / "latest").read_text() == f"{row[1].name}\n"


def test_a_report_sealed_before_a_kill_becomes_a_link_by_the_next_run(report: Report, tmp_path: Path) -> None:
    sealed = publish(tmp_path / "a", report, {}, KEY)
    shutil.copytree(sealed.folder, tmp_path / "b" / sealed.name)
    assert head_of(tmp_path / "b") is None
    publish(tmp_path / "b", report, {}, KEY)
    assert [link.name for link in links(tmp_path / "b")] == [sealed.name]


def test_a_report_taken_away_is_named(row: list[SealedReport], tmp_path: Path) -> None:
    shutil.rmtree(row[1].folder)
    assert row[1].name in broken(tmp_path)


def test_a_report_put_in_is_named(row: list[SealedReport], report: Report, tmp_path: Path) -> None:
    put_in = publish(tmp_path / ".elsewhere", replace(report, as_of=date(2022, 4, 9)))
    shutil.copytree(put_in.folder, tmp_path / put_in.name)
    assert strangers(tmp_path, links(tmp_path)) == (put_in.name,)
    assert checked_chain(tmp_path)[1].result is Result.FAILED


def test_two_reports_that_changed_places_are_named(row: list[SealedReport], tmp_path: Path) -> None:
    spare = row[0].folder.rename(tmp_path / "spare")
    row[1].folder.rename(row[0].folder)
    spare.rename(row[1].folder)
    assert row[1].name in broken(tmp_path)


def test_a_changed_byte_of_any_seal_is_named(row: list[SealedReport], tmp_path: Path) -> None:
    for each in row:
        seal = each.folder / "seal.json"
        whole = seal.read_bytes()
        for position in range(0, len(whole), max(1, len(whole) // 20)):
            seal.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            assert each.name in broken(tmp_path)
        seal.write_bytes(whole)


def test_a_report_sealed_anew_with_another_key_is_found_twice(
    row: list[SealedReport], tmp_path: Path
) -> None:
    seal = row[1].folder / "seal.json"
    seal.write_bytes(sealed_envelope(opened_envelope(seal.read_bytes()).statement, OTHER))
    assert row[1].name in broken(tmp_path)
    key = {next(iter(row[0].envelope.signatures)): KEY.public_key()}
    assert checked_signature(row[1], key).result is Result.PASSED
    assert checked_signature(read_report(row[1].folder), key).result is Result.FAILED


def test_a_signature_taken_off_fails_where_keys_are_given(row: list[SealedReport]) -> None:
    seal = row[2].folder / "seal.json"
    seal.write_bytes(sealed_envelope(opened_envelope(seal.read_bytes()).statement, None))
    stripped = read_report(row[2].folder)
    key = {next(iter(row[0].envelope.signatures)): KEY.public_key()}
    assert checked_signature(stripped, key).result is Result.FAILED
    assert checked_signature(stripped, {}).result is Result.NOT_EVALUATED


def test_a_head_that_was_edited_is_found(row: list[SealedReport], tmp_path: Path) -> None:
    head = tmp_path / "head"
    for text in ("", "../../etc\n", f"{row[1].name} {'0' * 64}\n", f"{row[2].name}\n", "x" * 1000):
        head.write_text(text)
        broken(tmp_path)


def test_a_head_put_back_leaves_later_reports_outside_of_the_chain(
    row: list[SealedReport], tmp_path: Path
) -> None:
    earlier = links(tmp_path)[1]
    (tmp_path / "head").write_text(f"{earlier.name} {earlier.digest}\n")
    assert strangers(tmp_path, links(tmp_path)) == (row[2].name,)


def test_a_seal_that_names_itself_or_nonsense_as_the_one_before_is_refused(
    report: Report, tmp_path: Path
) -> None:
    for previous in (7, [], {"name": "x", "sha256": "y"}, {"name": "../..", "sha256": "0" * 64}):
        reports = tmp_path / str(abs(hash(str(previous))))
        sealed = keep(reports, _files(report), {"previous": previous}, None)
        digest = _digest(sealed)
        (reports / "head").write_text(f"{sealed.name} {digest}\n")
        broken(reports)


def test_a_new_report_does_not_follow_a_broken_row(
    row: list[SealedReport], report: Report, tmp_path: Path
) -> None:
    (tmp_path / "head").write_text("nothing")
    with pytest.raises(ChainBroken, match="restore it"):
        publish(tmp_path, replace(report, as_of=date(2022, 4, 9)))


def test_a_link_is_known_by_name_and_digest(row: list[SealedReport], tmp_path: Path) -> None:
    assert head_of(tmp_path) == Link(row[2].name, _digest(row[2]))


def _files(report: Report) -> dict[str, bytes]:
    return files_of(report)


def _digest(sealed: SealedReport) -> str:
    return sha256((sealed.folder / "seal.json").read_bytes())
