"""Raw doses: did every row of the vendor's dump arrive, once, with its address? Judges arrival, not content."""

from expectations.forms import Claim, as_declared, filled, none_breaks, unique_number
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "raw.doses"

RULES = (
    Rule(
        id="RAW-COUNT-02",
        severity=Severity.CRITICAL,
        claim_en="There are as many dose rows as the vendor declared.",
        claim_vi="Số dòng mũi tiêm bằng đúng số bên bàn giao đã kê khai.",
        origin="Declaration of each package; a dump cut short must not become a smaller country.",
        expectation="ExpectTableRowCountToEqual",
        facts={"value": Fact.DECLARED_ROWS},
    ),
    as_declared(
        "RAW-PACKAGE-02",
        RELATION,
        Claim(
            en="Each package brought exactly the dose rows that it declared.",
            vi="Mỗi gói có đúng số dòng mũi tiêm mà gói đó đã kê khai.",
            origin="A row too few in one package and one too many in another make the same sum.",
        ),
    ),
    filled(
        "RAW-KEY-03",
        "dose_id",
        Claim(
            en="Every dose row has its number.",
            vi="Mọi dòng mũi tiêm đều có mã mũi tiêm.",
            origin="Handover contract: dose_id is the table's primary key.",
        ),
    ),
    unique_number(
        "RAW-KEY-04",
        RELATION,
        "dose_id",
        Claim(
            en="No dose occurs twice in one package.",
            vi="Không mũi tiêm nào xuất hiện hai lần trong cùng một gói bàn giao.",
            origin="Handover contract: dose_id is the table's primary key; only a later package may replace a row.",
        ),
        within="_delivery",
    ),
    none_breaks(
        "RAW-ADDRESS-03",
        "select 1 from raw.doses where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every dose row says from which package, table and row it came.",
            vi="Mọi dòng mũi tiêm đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A figure can be traced only as far as its rows keep their address.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-04",
        "select 1 from raw.doses group by _delivery, _table having count(*) <> max(_row) or min(_row) <> 1",
        Claim(
            en="In each package the dose rows are numbered from 1 to their count.",
            vi="Trong mỗi gói, các dòng mũi tiêm được đánh số liên tục từ 1 đến hết.",
            origin="A number left out would be a row lost while reading the dump.",
        ),
    ),
)
