"""Cleansed doses: one row each, none lost, and nearly all belong to a known subject."""

from expectations.conservation import ARRIVED, KEPT, SUPERSEDED, same_or_superseded
from expectations.forms import Claim, counts_zero, filled, none_breaks, unique_number
from expectations.verdict import Severity

RELATION = "cleansing.int_doses"

RULES = (
    counts_zero(
        "CLN-COUNT-02",
        same_or_superseded("staging.stg_vendor__doses", RELATION, key="dose_id"),
        Claim(
            en="Every staged dose row was kept or replaced by a later package's row; none was made.",
            vi="Mọi dòng mũi tiêm đều được giữ, hoặc đã được dòng của gói sau thay thế; không thêm dòng nào.",
            origin="Nothing is dropped by cleansing: faults become findings, and only"
            " a later package may replace a row.",
        ),
        measures=(ARRIVED, KEPT, SUPERSEDED),
    ),
    filled(
        "CLN-KEY-03",
        "dose_id",
        Claim(
            en="Every cleansed dose has its number.",
            vi="Mọi mũi tiêm đã làm sạch đều có mã.",
            origin="Findings against doses are joined by it.",
        ),
    ),
    unique_number(
        "CLN-KEY-04",
        RELATION,
        "dose_id",
        Claim(
            en="There is one row per dose.",
            vi="Mỗi mũi tiêm có đúng một dòng.",
            origin="A later increment replaces a dose's row; two rows would be counted twice.",
        ),
    ),
    none_breaks(
        "CLN-ADDRESS-02",
        "select 1 from cleansing.int_doses"
        " where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every cleansed dose says from which package, table and row it came.",
            vi="Mọi mũi tiêm đã làm sạch đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A figure can be traced only as far as its rows keep their address.",
        ),
    ),
    Claim(
        en="Doses belong to a subject of the delivery; at most 1 in 100 does not.",
        vi="Mũi tiêm thuộc về một đối tượng có trong dữ liệu; không quá 1 phần trăm là mồ côi.",
        origin="An orphan dose counts in no figure, so many of them make every figure too small. The letter knows none;"
        " the share of 1 % is our own choice.",
        severity=Severity.WARNING,
    ).rule(
        "CLN-ORPHAN-01",
        "ExpectColumnValuesToBeInSet",
        column="is_orphan",
        value_set=[False],
        mostly=0.99,
    ),
    none_breaks(
        "CLN-ORPHAN-02",
        "select 1 from cleansing.int_doses as d anti join cleansing.int_subjects as s using (subject_id)"
        " where d.is_orphan is not true",
        Claim(
            en="Every dose without a subject was found to be one.",
            vi="Mọi mũi tiêm không thuộc đối tượng nào đều đã được nhận ra.",
            origin="Findings of doses stand in a table of their own: where it was not made, no dose would seem faulty.",
        ),
    ),
)
