"""Vaccines as doses are joined with them: one row per code, none lost, each known."""

from expectations.conservation import ARRIVED, KEPT, SUPERSEDED, same_or_repeated_keys
from expectations.forms import Claim, counts_zero, filled, unique
from expectations.verdict import Severity

RELATION = "cleansing.int_vaccines"

RULES = (
    counts_zero(
        "CLN-COUNT-04",
        same_or_repeated_keys("staging.stg_vendor__vaccines", RELATION, key="vaccine_code"),
        Claim(
            en="Every staged vaccine row was kept, or another row of that code stands in its place; none was made.",
            vi="Mọi dòng vắc xin đều được giữ, hoặc dòng khác cùng mã đã thay thế; không thêm dòng nào.",
            origin="A vaccine lost from the list would make all its doses doses of an unknown vaccine.",
        ),
        measures=(ARRIVED, KEPT, SUPERSEDED),
    ),
    unique(
        "CLN-KEY-05",
        RELATION,
        "vaccine_code",
        Claim(
            en="There is one row per vaccine code.",
            vi="Mỗi mã vắc xin có đúng một dòng.",
            origin="Doses are joined by it; two rows would make two doses of one.",
        ),
    ),
    filled(
        "CLN-VAC-01",
        "vaccine",
        Claim(
            en="Every vaccine on the vendor's list is one of the licensed ones.",
            vi="Mọi vắc xin trong danh mục của bên bàn giao đều là vắc xin được cấp phép.",
            origin="Eight vaccines were licensed by September 2021 (seed vaccines); a spelling"
            " may be missing from ours.",
            severity=Severity.WARNING,
        ),
    ),
)
