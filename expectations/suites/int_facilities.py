"""Cleansed facilities: every row of every package, none lost, each judged."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled, none_breaks

RELATION = "cleansing.int_facilities"

RULES = (
    counts_zero(
        "CLN-COUNT-03",
        same_rows("staging.stg_vendor__facilities", RELATION),
        Claim(
            en="Cleansing keeps every staged facility row and makes none.",
            vi="Bước làm sạch giữ nguyên mọi dòng cơ sở tiêm chủng, không thêm, không bớt.",
            origin="Nothing is dropped by cleansing: faults become findings. A facility's rows of all packages stay.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    none_breaks(
        "CLN-ADDRESS-03",
        "select 1 from cleansing.int_facilities"
        " where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every cleansed facility says from which package, table and row it came.",
            vi="Mọi cơ sở tiêm chủng đã làm sạch đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A finding can be traced only as far as its rows keep their address.",
        ),
    ),
    filled(
        "CLN-FAC-01",
        "rule_ids",
        Claim(
            en="Every facility was judged by the cleansing rules.",
            vi="Mọi cơ sở tiêm chủng đều đã được xét theo các quy tắc làm sạch.",
            origin="A facility that no rule looked at would seem faultless.",
        ),
    ),
)
