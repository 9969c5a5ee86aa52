"""Raw subjects: did every row of the vendor's dump arrive, once, with its address? Judges arrival, not content."""

from expectations.forms import Claim, as_declared, filled, none_breaks, unique_number
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "raw.subjects"

RULES = (
    Rule(
        id="RAW-COUNT-01",
        severity=Severity.CRITICAL,
        claim_en="There are as many subject rows as the vendor declared.",
        claim_vi="Số dòng đối tượng bằng đúng số bên bàn giao đã kê khai.",
        origin="Declaration of each package; a dump cut short must not become a smaller country.",
        expectation="ExpectTableRowCountToEqual",
        facts={"value": Fact.DECLARED_ROWS},
    ),
    as_declared(
        "RAW-PACKAGE-01",
        RELATION,
        Claim(
            en="Each package brought exactly the subject rows that it declared.",
            vi="Mỗi gói có đúng số dòng đối tượng mà gói đó đã kê khai.",
            origin="A row too few in one package and one too many in another make the same sum.",
        ),
    ),
    none_breaks(
        "RAW-COUNT-05",
        "select 1 where not exists (select 1 from raw.subjects)",
        Claim(
            en="There is at least one subject.",
            vi="Có ít nhất một đối tượng.",
            origin="A package declared empty and delivered empty agrees with itself, and is still no country.",
        ),
    ),
    filled(
        "RAW-KEY-01",
        "subject_id",
        Claim(
            en="Every subject row has its number.",
            vi="Mọi dòng đối tượng đều có mã đối tượng.",
            origin="Handover contract: subject_id is the table's primary key.",
        ),
    ),
    unique_number(
        "RAW-KEY-02",
        RELATION,
        "subject_id",
        Claim(
            en="No subject occurs twice in one package.",
            vi="Không đối tượng nào xuất hiện hai lần trong cùng một gói bàn giao.",
            origin="Handover contract: subject_id is the table's primary key; only a later package may replace a row.",
        ),
        within="_delivery",
    ),
    none_breaks(
        "RAW-ADDRESS-01",
        "select 1 from raw.subjects where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every subject row says from which package, table and row it came.",
            vi="Mọi dòng đối tượng đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A figure can be traced only as far as its rows keep their address.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-02",
        "select 1 from raw.subjects group by _delivery, _table"
        " having count(*) <> max(_row) or min(_row) <> 1",
        Claim(
            en="In each package the subject rows are numbered from 1 to their count.",
            vi="Trong mỗi gói, các dòng đối tượng được đánh số liên tục từ 1 đến hết.",
            origin="A number left out would be a row lost while reading the dump.",
        ),
    ),
)
