"""Cleansed subjects: one row each, none lost, classes closed, and who is held back is held for a reason."""

from expectations.conservation import ARRIVED, KEPT, SUPERSEDED, same_or_superseded
from expectations.forms import Claim, counts_zero, filled, none_breaks, one_of, unique_number
from expectations.verdict import Severity

RELATION = "cleansing.int_subjects"

RULES = (
    counts_zero(
        "CLN-COUNT-01",
        same_or_superseded("staging.stg_vendor__subjects", RELATION, key="subject_id"),
        Claim(
            en="Every staged subject row was kept or replaced by a later package's row; none was made.",
            vi="Mọi dòng đối tượng đều được giữ, hoặc đã được dòng của gói sau thay thế; không thêm dòng nào.",
            origin="Nothing is dropped by cleansing: faults become findings, and only"
            " a later package may replace a row.",
        ),
        measures=(ARRIVED, KEPT, SUPERSEDED),
    ),
    filled(
        "CLN-KEY-01",
        "subject_id",
        Claim(
            en="Every cleansed subject has its number.",
            vi="Mọi đối tượng đã làm sạch đều có mã.",
            origin="Requests and answers are joined by it.",
        ),
    ),
    unique_number(
        "CLN-KEY-02",
        RELATION,
        "subject_id",
        Claim(
            en="There is one row per subject.",
            vi="Mỗi đối tượng có đúng một dòng.",
            origin="A later increment replaces a subject's row; two rows would be asked and counted twice.",
        ),
    ),
    none_breaks(
        "CLN-ADDRESS-01",
        "select 1 from cleansing.int_subjects"
        " where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every cleansed subject says from which package, table and row it came.",
            vi="Mọi đối tượng đã làm sạch đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A figure can be traced only as far as its rows keep their address.",
        ),
    ),
    filled(
        "CLN-ID-01",
        "id_class",
        Claim(
            en="Every subject's identity number has a class.",
            vi="Số giấy tờ của mọi đối tượng đều được phân loại.",
            origin="The letter divides all that was sent into with and without identity number.",
        ),
    ),
    one_of(
        "CLN-ID-02",
        "id_class",
        ("cccd12", "cmnd9", "malformed", "missing"),
        Claim(
            en="The class is one of cccd12, cmnd9, malformed, missing.",
            vi="Loại số giấy tờ chỉ là một trong bốn: cccd12, cmnd9, sai định dạng, thiếu.",
            origin="The letter's groups: with number = cccd12 + cmnd9, without = malformed + missing.",
        ),
    ),
    filled(
        "CLN-HELD-01",
        "is_held",
        Claim(
            en="For every subject it is decided whether it is held back.",
            vi="Mọi đối tượng đều đã được quyết định giữ lại hay gửi đi.",
            origin="An undecided subject would be neither sent nor on a worklist.",
        ),
    ),
    none_breaks(
        "CLN-HELD-02",
        "select 1 from cleansing.int_subjects where is_held and subject_id not in"
        " (select subject_id from cleansing.int_subject_findings"
        " where severity = 'critical' and subject_id is not null)",
        Claim(
            en="Every subject held back has a critical finding.",
            vi="Mọi đối tượng bị giữ lại đều có ít nhất một lỗi nghiêm trọng được nêu.",
            origin="A facility can correct only what it is told.",
        ),
    ),
    none_breaks(
        "CLN-HELD-03",
        "select 1 from cleansing.int_subjects where is_held is not true and subject_id in"
        " (select subject_id from cleansing.int_subject_findings where severity = 'critical')",
        Claim(
            en="Every subject with a critical finding is held back.",
            vi="Mọi đối tượng có lỗi nghiêm trọng đều bị giữ lại.",
            origin="The register compares name and date of birth: without them a request says nothing.",
        ),
    ),
    one_of(
        "CLN-HELD-04",
        "is_held",
        (False,),
        Claim(
            en="At most 5 in 100 subjects are held back.",
            vi="Không quá 5 phần trăm đối tượng bị giữ lại.",
            origin="Letter of 8 April 2022: 658,955 of 82,957,967 (0.8 %) not sent. Six times that points to a fault"
            " of the delivery or of our rules, not of the people's records.",
        ),
        mostly=0.95,
    ),
    one_of(
        "CLN-HELD-05",
        "is_held",
        (False,),
        Claim(
            en="At most 2 in 100 subjects are held back.",
            vi="Không quá 2 phần trăm đối tượng bị giữ lại.",
            origin="Letter of 8 April 2022: 0.8 % not sent, for whatever reason; well above it somebody should look.",
            severity=Severity.WARNING,
        ),
        mostly=0.98,
    ),
)
