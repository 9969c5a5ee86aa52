"""The vendor's staged log of transfers: nothing lost by renaming, and numbers that can be set beside the ledger."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, none_breaks
from expectations.verdict import Severity

RELATION = "staging.stg_vendor__sync_log"

RULES = (
    counts_zero(
        "STG-COUNT-05",
        same_rows("raw.sync_log", RELATION),
        Claim(
            en="Staging has the log rows of raw, each once.",
            vi="Lớp chuẩn bị có đúng các dòng nhật ký đồng bộ của lớp thô, mỗi dòng một lần.",
            origin="Staging renames and casts; it neither drops nor doubles a row.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    none_breaks(
        "STG-SYNC-01",
        "select 1 from staging.stg_vendor__sync_log where subject_count is null or subject_count < 0"
        " or dose_count is null or dose_count < 0",
        Claim(
            en="Every day of the log says how many subjects and doses were sent, none or more.",
            vi="Mỗi ngày trong nhật ký đều ghi số đối tượng và số mũi tiêm đã gửi, từ không trở lên.",
            origin="A day without numbers can't be set beside the ledger. The log is evidence only: a warning.",
            severity=Severity.WARNING,
        ),
    ),
)
