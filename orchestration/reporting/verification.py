"""Judging sealed reports by their files alone: seals, signatures, the chain, the page. Needs nothing but the folder.

Belongs here: what can be told without vault, ledger or warehouse, by anybody the folder was given to. Whatever needs
those is :mod:`orchestration.stages.proof`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from orchestration.reporting.chain import ChainBroken, links, strangers
from orchestration.reporting.code import code_state
from orchestration.reporting.envelope import Signed, signed_by
from orchestration.reporting.print_form import render_print
from orchestration.reporting.render import render_page
from orchestration.reporting.report import ReportError
from orchestration.reporting.seal import PAGE, PRINT, SPREADSHEET, SealBroken, SealedReport, read_report
from orchestration.reporting.spreadsheet import render_spreadsheet


class Result(StrEnum):
    """What a check came to. Only what passed, passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Check:
    """One check: its id, what was looked at, and why it did not pass."""

    id: str
    result: Result
    vi: str
    en: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """For machines."""
        return {name: str(value) for name, value in asdict(self).items()}


WORDS = {
    "SEAL": ("Tệp khớp niêm phong", "The files are those that were sealed"),
    "SIGNATURE": ("Chữ ký", "Signature"),
    "CHAIN": ("Chuỗi báo cáo liền mạch", "The chain of reports is unbroken"),
    "STRANGERS": ("Không có báo cáo ngoài chuỗi", "No report lies outside of the chain"),
    "PAGE": (
        "Trang HTML, XLSX, PDF đúng nội dung đã niêm phong",
        "The page, XLSX and PDF are made of what was sealed",
    ),
    "VAULT": ("Gói bàn giao còn nguyên trong kho", "The packages lie in the vault as they were"),
    "OBJECTS": ("Mọi tệp trong kho còn nguyên", "Every object of the vault is what was sealed"),
    "LEDGER": ("Sổ cái và câu trả lời còn nguyên", "The ledger and its answers are as they were"),
    "DEFINITIONS": ("Định nghĩa số liệu không đổi", "The definitions of the figures are the same"),
    "WAREHOUSE": ("Kho dữ liệu cho cùng số liệu", "The warehouse gives the same figures"),
    "SNAPSHOT": ("Bản sao để tra cứu cho cùng số liệu", "The copy that traces read gives the same figures"),
    "REBUILD": ("Tính lại từ đầu cho cùng số liệu", "Derived anew, the figures are the same"),
    "LAKE": ("Dữ liệu thô khớp gói bàn giao", "The raw rows are those of the packages"),
}


def check(id_: str, faults: Iterable[str], detail: str = "") -> Check:
    """A check that passed, or failed for the reasons named."""
    reasons = list(faults)
    vi, en = WORDS[id_]
    result = Result.FAILED if reasons else Result.PASSED
    return Check(id_, result, vi, en, "; ".join(reasons) or detail)


def not_evaluated(id_: str, why: str) -> Check:
    """A check that could not be made."""
    vi, en = WORDS[id_]
    return Check(id_, Result.NOT_EVALUATED, vi, en, why)


def checked_seal(folder: Path) -> tuple[Check, SealedReport | None]:
    """Whether a folder holds a sealed report whose files are all as they were; the report where it does."""
    try:
        sealed = read_report(folder)
    except SealBroken as error:
        return check("SEAL", error.differences), None
    return check("SEAL", (), sealed.seal), sealed


def checked_signature(sealed: SealedReport, trusted: Mapping[str, Ed25519PublicKey]) -> Check:
    """Whether one of the trusted keys signed; an unsigned report fails where keys to trust are given."""
    signed = signed_by(sealed.envelope, trusted)
    signers = ", ".join(sealed.envelope.signatures)
    if signed is Signed.VALID:
        return check("SIGNATURE", (), signers)
    if signed is Signed.INVALID:
        return check("SIGNATURE", [f"the signature of {signers} does not fit what is sealed"])
    if trusted:
        return check("SIGNATURE", [f"none of the keys to trust signed it ({signers or 'unsigned'})"])
    if signed is Signed.UNSIGNED:
        return not_evaluated("SIGNATURE", "unsigned · không ký")
    return not_evaluated("SIGNATURE", f"signed by {signers}; give the public key to trust")


def checked_chain(reports: Path) -> tuple[Check, ...]:
    """Whether the reports below a folder are one unbroken row, and nothing lies beside it."""
    try:
        chain = links(reports)
    except (ChainBroken, SealBroken) as error:
        return check("CHAIN", [str(error)]), not_evaluated("STRANGERS", "the chain is broken")
    beside = strangers(reports, chain)
    return check("CHAIN", (), f"{len(chain)}"), check("STRANGERS", beside)


def checked_page(sealed: SealedReport, dbt_project: Path) -> Check:
    """Whether the page is what the sealed statement makes; only where the page's code is the one that made it."""
    if sealed.statement["code"]["page"] != code_state(dbt_project).page:
        return not_evaluated("PAGE", "the page was made by another version of its code")
    try:
        pages = {
            PAGE: render_page(sealed.statement, sealed.seal).encode("utf-8"),
            SPREADSHEET: render_spreadsheet(sealed.statement, sealed.seal),
            PRINT: render_print(sealed.statement, sealed.seal),
        }
    except (ReportError, ValueError, KeyError, TypeError) as error:
        return check("PAGE", [f"no page can be made of the statement ({type(error).__name__})"])
    return check(
        "PAGE",
        (
            f"{name} says something else than the statement"
            for name, content in pages.items()
            if (sealed.folder / name).read_bytes() != content
        ),
    )
