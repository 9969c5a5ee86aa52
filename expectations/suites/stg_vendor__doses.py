"""Staged doses: nothing lost by renaming, and what every later step relies on is there. No cleansing rules."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "staging.stg_vendor__doses"

RULES = (
    counts_zero(
        "STG-COUNT-02",
        same_rows("raw.doses", RELATION),
        Claim(
            en="Staging has the dose rows of raw, each once.",
            vi="Lớp chuẩn bị có đúng các dòng mũi tiêm của lớp thô, mỗi dòng một lần.",
            origin="Staging renames and casts; it neither drops nor doubles a row.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "STG-KEY-02",
        "dose_id",
        Claim(
            en="Every dose has its number.",
            vi="Mọi mũi tiêm đều có mã.",
            origin="Findings against doses are joined by it.",
        ),
    ),
    Claim(
        en="Doses name their subject; at most 1 in 100 does not.",
        vi="Mũi tiêm ghi rõ đối tượng; không quá 1 phần trăm thiếu.",
        origin="A dose counts with its subject; one without counts nowhere. The share of 1 % is our own choice.",
        severity=Severity.WARNING,
    ).rule("STG-KEY-03", "ExpectColumnValuesToNotBeNull", column="subject_id", mostly=0.99),
    filled(
        "STG-TIME-04",
        "recorded_at",
        Claim(
            en="Every dose has the time at which it was recorded.",
            vi="Mọi mũi tiêm đều có thời điểm ghi nhận.",
            origin="It decides to which day's figures a dose belongs.",
        ),
    ),
    Rule(
        id="STG-TIME-05",
        severity=Severity.CRITICAL,
        claim_en="No dose was recorded after the day the data stands at.",
        claim_vi="Không mũi tiêm nào được ghi nhận sau ngày chốt dữ liệu.",
        origin="A snapshot cannot hold the future; days are those of Viet Nam.",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "recorded_at", "strict_max": True},
        facts={"max_value": Fact.AS_OF},
    ),
)
