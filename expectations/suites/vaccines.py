"""Raw vaccines: did every row of the vendor's dump arrive, once, with its address? Judges arrival, not content."""

from expectations.forms import Claim, as_declared, filled, none_breaks
from expectations.rule import Fact

RELATION = "raw.vaccines"

RULES = (
    Claim(
        en="There are as many vaccine rows as the vendor declared.",
        vi="Số dòng vắc xin bằng đúng số bên bàn giao đã kê khai.",
        origin="Declaration of each package; a dose's vaccine is found in this list.",
    ).rule("RAW-COUNT-06", "ExpectTableRowCountToEqual", facts={"value": Fact.DECLARED_ROWS}),
    as_declared(
        "RAW-PACKAGE-04",
        RELATION,
        Claim(
            en="Each package brought exactly the vaccine rows that it declared.",
            vi="Mỗi gói có đúng số dòng vắc xin mà gói đó đã kê khai.",
            origin="A row too few in one package and one too many in another make the same sum.",
        ),
    ),
    filled(
        "RAW-KEY-07",
        "vaccine_code",
        Claim(
            en="Every vaccine row has its code.",
            vi="Mọi dòng vắc xin đều có mã.",
            origin="Handover contract: vaccine_code is the table's key.",
        ),
    ),
    none_breaks(
        "RAW-KEY-08",
        "select 1 from raw.vaccines group by _delivery, vaccine_code having count(*) > 1",
        Claim(
            en="No vaccine occurs twice in one package.",
            vi="Không vắc xin nào xuất hiện hai lần trong cùng một gói bàn giao.",
            origin="Handover contract: vaccine_code is the table's key; only a later package may replace a row.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-07",
        "select 1 from raw.vaccines where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every vaccine row says from which package, table and row it came.",
            vi="Mọi dòng vắc xin đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A finding can be traced only as far as its rows keep their address.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-08",
        "select 1 from raw.vaccines group by _delivery, _table having count(*) <> max(_row) or min(_row) <> 1",
        Claim(
            en="In each package the vaccine rows are numbered from 1 to their count.",
            vi="Trong mỗi gói, các dòng vắc xin được đánh số liên tục từ 1 đến hết.",
            origin="A number left out would be a row lost while reading the dump.",
        ),
    ),
)
