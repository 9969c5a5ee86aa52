"""Raw facilities: did every row of the vendor's dump arrive, once, with its address? Judges arrival, not content."""

from expectations.forms import Claim, as_declared, filled, none_breaks
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "raw.facilities"

RULES = (
    Rule(
        id="RAW-COUNT-03",
        severity=Severity.CRITICAL,
        claim_en="There are as many facility rows as the vendor declared.",
        claim_vi="Số dòng cơ sở tiêm chủng bằng đúng số bên bàn giao đã kê khai.",
        origin="Declaration of each package; a dump cut short must not become a smaller country.",
        expectation="ExpectTableRowCountToEqual",
        facts={"value": Fact.DECLARED_ROWS},
    ),
    as_declared(
        "RAW-PACKAGE-03",
        RELATION,
        Claim(
            en="Each package brought exactly the facility rows that it declared.",
            vi="Mỗi gói có đúng số dòng cơ sở tiêm chủng mà gói đó đã kê khai.",
            origin="A row too few in one package and one too many in another make the same sum.",
        ),
    ),
    filled(
        "RAW-KEY-05",
        "facility_code",
        Claim(
            en="Every facility row has its code.",
            vi="Mọi dòng cơ sở tiêm chủng đều có mã cơ sở.",
            origin="Handover contract: facility_code is the table's primary key.",
        ),
    ),
    none_breaks(
        "RAW-KEY-06",
        "select 1 from raw.facilities group by _delivery, facility_code having count(*) > 1",
        Claim(
            en="No facility occurs twice in one package.",
            vi="Không cơ sở nào xuất hiện hai lần trong cùng một gói bàn giao.",
            origin="Handover contract: facility_code is the table's key; only a later package may replace a row.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-05",
        "select 1 from raw.facilities where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every facility row says from which package, table and row it came.",
            vi="Mọi dòng cơ sở tiêm chủng đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A figure can be traced only as far as its rows keep their address.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-06",
        "select 1 from raw.facilities group by _delivery, _table"
        " having count(*) <> max(_row) or min(_row) <> 1",
        Claim(
            en="In each package the facility rows are numbered from 1 to their count.",
            vi="Trong mỗi gói, các dòng cơ sở tiêm chủng được đánh số liên tục từ 1 đến hết.",
            origin="A number left out would be a row lost while reading the dump.",
        ),
    ),
)
