"""One cell of the handover matrix: its status, its level, and the rules by which it gets them.

Pure judgement over facts that others gathered; which facts belong to which cell is decided in ``completeness``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from handover.declaration import DeclaredDatabase
from handover.findings import Finding
from handover.inventory.database import Database
from handover.letters import Label
from handover.obligations import Obligation, ObligationStatus


class Status(StrEnum):
    """How one cell stands. Only ``received`` is good."""

    RECEIVED = "received"
    PARTIAL = "partial"
    MISSING = "missing"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"
    NOT_ASSESSED = "not_assessed"


STATUS_LABELS: Mapping[Status, Label] = {
    Status.RECEIVED: Label("đã nhận", "received"),
    Status.PARTIAL: Label("nhận một phần", "partial"),
    Status.MISSING: Label("thiếu", "missing"),
    Status.REFUSED: Label("bị từ chối", "refused"),
    Status.UNANSWERED: Label("chưa phúc đáp", "unanswered"),
    Status.OVERDUE: Label("quá hạn", "overdue"),
    Status.NOT_ASSESSED: Label("chưa đánh giá", "not assessed"),
}
"""Each status for people."""

LEVEL_LABELS: tuple[Label, ...] = (
    Label("vận chuyển", "transport"),
    Label("kiểm kê", "inventory"),
    Label("đối chiếu chéo", "cross-reference"),
    Label("biên dịch được", "builds"),
    Label("bản dựng khớp bộ cài", "build equals the installer"),
    Label("chạy được", "runs"),
)
"""How deep a cell was checked, levels 0 to 5 (the handover's own scale)."""


@dataclass(frozen=True)
class Judgement:
    """Status, level and reason of a cell; ``days_overdue`` where it is overdue."""

    status: Status
    level: int
    note: Label
    days_overdue: int | None = None


def judge_outstanding(owed: Iterable[Obligation]) -> Judgement:
    """A cell of which nothing came, by the letters that ask for it (all asking for it, oldest first)."""
    asked = list(owed)
    late = [each for each in asked if each.status is ObligationStatus.OVERDUE]
    if late:
        worst = max(late, key=lambda each: each.days_overdue or 0)
        days = worst.days_overdue or 0
        note = Label(
            f"quá hạn {days} ngày theo văn bản {worst.letter}", f"{days} days overdue, letter {worst.letter}"
        )
        return Judgement(Status.OVERDUE, 0, note, days)
    if not asked:
        return Judgement(Status.MISSING, 0, Label("chưa có văn bản đề nghị", "nobody asked for it by letter"))
    last = asked[-1]
    if last.status is ObligationStatus.REFUSED:
        note = Label(f"bị từ chối tại {last.answered_by}", f"refused by {last.answered_by}")
        return Judgement(Status.REFUSED, 0, note)
    if last.status is ObligationStatus.UNANSWERED:
        note = Label(
            f"văn bản {last.letter} ngày {last.since:%d/%m/%Y} chưa được phúc đáp",
            f"letter {last.letter} of {last.since} wasn't answered",
        )
        return Judgement(Status.UNANSWERED, 0, note)
    note = Label(f"chưa bàn giao (văn bản {last.letter})", f"nothing handed over (letter {last.letter})")
    return Judgement(Status.MISSING, 0, note)


def judge_absent(owed: Iterable[Obligation]) -> Judgement:
    """A cell of which a delivery that came holds nothing; overdue and refused say more than missing."""
    outstanding = judge_outstanding(owed)
    if outstanding.status in (Status.OVERDUE, Status.REFUSED):
        return outstanding
    return Judgement(Status.MISSING, 0, Label("gói bàn giao không có", "the delivery holds none"))


def judge_inventory(
    present: set[PurePosixPath], inventoried: set[PurePosixPath], findings: Sequence[Finding]
) -> Judgement:
    """A cell of files: received at level 1 when all were inventoried and nothing critical or major was found."""
    if present - inventoried:
        return Judgement(Status.NOT_ASSESSED, 0, Label("chưa kiểm kê", "not inventoried"))
    if spoiling := [each for each in findings if each.severity.spoils]:
        return Judgement(Status.PARTIAL, 1, _spoilt(spoiling))
    note = Label(f"{len(present)} tệp đã kiểm kê", f"{len(present)} files inventoried")
    return Judgement(Status.RECEIVED, 1, note)


def judge_database(declared: DeclaredDatabase, database: Database | None) -> Judgement:
    """A database: received at level 1 when tables were declared, all were read, and nothing critical or major found."""
    if database is None:
        return Judgement(Status.NOT_ASSESSED, 0, Label("chưa nhập dữ liệu", "not imported yet"))
    if not declared.tables:
        note = Label("không khai báo bảng nào", "no table was declared")
        return Judgement(Status.PARTIAL, 1, note)
    if spoiling := [each for each in database.findings if each.severity.spoils]:
        return Judgement(Status.PARTIAL, 1, _spoilt(spoiling))
    count, rows = len(database.tables), sum(database.tables.values())
    note = Label(f"{count} bảng, {rows} dòng, khớp khai báo", f"{count} tables, {rows} rows, as declared")
    return Judgement(Status.RECEIVED, 1, note)


def _spoilt(spoiling: Sequence[Finding]) -> Label:
    ids = ", ".join(sorted({each.id for each in spoiling}))
    return Label(
        f"{len(spoiling)} phát hiện nghiêm trọng ({ids})",
        f"{len(spoiling)} critical or major findings ({ids})",
    )
