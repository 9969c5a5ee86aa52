"""The mart of doses: every dose once, and the same number of doses by dose and by subject."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled, none_breaks, unique_number

RELATION = "marts.fct_doses"

RULES = (
    counts_zero(
        "MART-COUNT-02",
        same_rows("cleansing.int_doses", RELATION),
        Claim(
            en="The mart has every cleansed dose and no other.",
            vi="Bảng tổng hợp có đúng các mũi tiêm đã làm sạch, không thêm, không bớt.",
            origin="A dose is a record of the platform; an orphan is kept and marked, never dropped.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "MART-KEY-03",
        "dose_id",
        Claim(
            en="Every counted dose has its number.",
            vi="Mọi mũi tiêm được tính đều có mã.",
            origin="A figure's doses are named by it.",
        ),
    ),
    unique_number(
        "MART-KEY-04",
        RELATION,
        "dose_id",
        Claim(
            en="No dose is counted twice.",
            vi="Không mũi tiêm nào được tính hai lần.",
            origin="The letter states each figure in doses, too.",
        ),
    ),
    counts_zero(
        "MART-DOSES-02",
        "select abs(arrived - counted - orphans) as breaches, arrived, counted, orphans from"
        " (select count(*) as arrived, count(*) filter (where is_orphan) as orphans from marts.fct_doses),"
        " (select cast(coalesce(sum(dose_count), 0) as bigint) as counted from marts.fct_subjects)",
        Claim(
            en="Every dose is counted with its subject, or it is an orphan.",
            vi="Mọi mũi tiêm đều được tính cùng đối tượng của mình, hoặc là mũi tiêm mồ côi.",
            origin="A dose counts with its subject; an orphan dose counts in no figure.",
        ),
        measures=(ARRIVED, "counted", "orphans"),
    ),
    none_breaks(
        "MART-ADDRESS-02",
        "select 1 from marts.fct_doses where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every counted dose says from which package, table and row it came.",
            vi="Mọi mũi tiêm được tính đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="The address is the last step of every trace.",
        ),
    ),
)
