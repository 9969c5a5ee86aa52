"""The vendor's raw log of transfers: did every row of the dump arrive, once, with its address?"""

from expectations.forms import Claim, as_declared, filled, none_breaks
from expectations.rule import Fact
from expectations.verdict import Severity

RELATION = "raw.sync_log"

RULES = (
    Claim(
        en="There are as many log rows as the vendor declared.",
        vi="Số dòng nhật ký đồng bộ bằng đúng số bên bàn giao đã kê khai.",
        origin="Declaration of each package. The log is evidence to reconcile with, no source of figures: a warning.",
        severity=Severity.WARNING,
    ).rule("RAW-COUNT-07", "ExpectTableRowCountToEqual", facts={"value": Fact.DECLARED_ROWS}),
    as_declared(
        "RAW-PACKAGE-05",
        RELATION,
        Claim(
            en="Each package brought exactly the log rows that it declared.",
            vi="Mỗi gói có đúng số dòng nhật ký đồng bộ mà gói đó đã kê khai.",
            origin="A row too few in one package and one too many in another make the same sum.",
            severity=Severity.WARNING,
        ),
    ),
    filled(
        "RAW-KEY-09",
        "synced_on",
        Claim(
            en="Every log row has its day.",
            vi="Mọi dòng nhật ký đồng bộ đều có ngày.",
            origin="Handover contract: synced_on is the table's key.",
            severity=Severity.WARNING,
        ),
    ),
    none_breaks(
        "RAW-KEY-10",
        "select 1 from raw.sync_log group by _delivery, synced_on having count(*) > 1",
        Claim(
            en="No day of the log occurs twice in one package.",
            vi="Không ngày đồng bộ nào xuất hiện hai lần trong cùng một gói bàn giao.",
            origin="Handover contract: synced_on is the table's key; only a later package may replace a row.",
            severity=Severity.WARNING,
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-09",
        "select 1 from raw.sync_log where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every log row says from which package, table and row it came.",
            vi="Mọi dòng nhật ký đồng bộ đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="A finding can be traced only as far as its rows keep their address.",
        ),
    ),
    none_breaks(
        "RAW-ADDRESS-10",
        "select 1 from raw.sync_log group by _delivery, _table having count(*) <> max(_row) or min(_row) <> 1",
        Claim(
            en="In each package the log rows are numbered from 1 to their count.",
            vi="Trong mỗi gói, các dòng nhật ký đồng bộ được đánh số liên tục từ 1 đến hết.",
            origin="A number left out would be a row lost while reading the dump.",
        ),
    ),
)
