"""The mart of doses: every dose once, and the same number of doses by dose and by subject."""

from expectations.forms import Claim, counts_zero, filled, none_breaks, unique

RELATION = "marts.fct_doses"

RULES = (
    filled(
        "MART-KEY-03",
        "dose_id",
        Claim(
            en="Every counted dose has its number.",
            vi="Mọi mũi tiêm được tính đều có mã.",
            origin="A figure's doses are named by it.",
        ),
    ),
    unique(
        "MART-KEY-04",
        "dose_id",
        Claim(
            en="No dose is counted twice.",
            vi="Không mũi tiêm nào được tính hai lần.",
            origin="The letter states each figure in doses, too.",
        ),
    ),
    counts_zero(
        "MART-DOSES-02",
        "select abs((select coalesce(sum(dose_count), 0) from marts.fct_subjects)"
        " - (select count(*) from marts.fct_doses where subject_id in"
        " (select subject_id from marts.fct_subjects where subject_id is not null))) as breaches",
        Claim(
            en="Counted by subject and counted by dose, there are as many doses.",
            vi="Tổng số mũi tiêm tính theo đối tượng và tính theo mũi tiêm bằng nhau.",
            origin="A dose counts with its subject; an orphan dose counts in no figure.",
        ),
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
