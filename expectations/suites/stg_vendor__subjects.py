"""Staged subjects: nothing lost by renaming, and what every later step relies on is there. No cleansing rules."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "staging.stg_vendor__subjects"

RULES = (
    counts_zero(
        "STG-COUNT-01",
        same_rows("raw.subjects", RELATION),
        Claim(
            en="Staging has the subject rows of raw, each once.",
            vi="Lớp chuẩn bị có đúng các dòng đối tượng của lớp thô, mỗi dòng một lần.",
            origin="Staging renames and casts; it neither drops nor doubles a row.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "STG-KEY-01",
        "subject_id",
        Claim(
            en="Every subject has its number.",
            vi="Mọi đối tượng đều có mã.",
            origin="Findings, requests and answers are joined by it.",
        ),
    ),
    filled(
        "STG-TIME-01",
        "recorded_at",
        Claim(
            en="Every subject has the time at which it was recorded.",
            vi="Mọi đối tượng đều có thời điểm ghi nhận.",
            origin="It decides with which night's transfer a subject is sent to the register.",
        ),
    ),
    Rule(
        id="STG-TIME-02",
        severity=Severity.CRITICAL,
        claim_en="No subject was recorded after the day the data stands at.",
        claim_vi="Không đối tượng nào được ghi nhận sau ngày chốt dữ liệu.",
        origin="A snapshot cannot hold the future; days are those of Viet Nam.",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "recorded_at", "strict_max": True},
        facts={"max_value": Fact.AS_OF},
    ),
    Claim(
        en="Subjects were recorded since the campaign began; at most 1 in 100 before it.",
        vi="Đối tượng được ghi nhận từ khi chiến dịch bắt đầu; trước đó không quá 1 phần trăm.",
        origin="First doses on 8 March 2021. People could be entered beforehand: the share of 1 % is our own choice.",
        severity=Severity.WARNING,
    ).rule(
        "STG-TIME-03",
        "ExpectColumnValuesToBeBetween",
        column="recorded_at",
        min_value="2021-03-08T00:00:00+07:00",
        mostly=0.99,
    ),
)
