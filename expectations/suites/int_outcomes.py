"""Outcomes: one per subject, of the closed list, by a known version of the rules."""

from expectations.forms import Claim, filled, known_number, one_of, unique_number
from expectations.verdict import Severity

RELATION = "verification.int_outcomes"
_OUTCOMES = (
    "matched",
    "matched_superseded",
    "no_personal_number",
    "dob_mismatch",
    "name_mismatch",
    "name_and_dob_mismatch",
    "other_mismatch",
    "ambiguous",
    "insufficient_data",
)
_OPEN = ("pending", "failed")

RULES = (
    filled(
        "OUT-KEY-01",
        "subject_id",
        Claim(
            en="Every outcome belongs to a subject.",
            vi="Mọi kết quả phân loại đều thuộc về một đối tượng.",
            origin="An outcome of nobody cannot be counted or traced.",
        ),
    ),
    unique_number(
        "OUT-KEY-02",
        RELATION,
        "subject_id",
        Claim(
            en="A subject has one outcome.",
            vi="Mỗi đối tượng chỉ có một kết quả phân loại.",
            origin="The letter's classes exclude each other.",
        ),
    ),
    known_number(
        "OUT-KEY-03",
        RELATION,
        "subject_id",
        "select subject_id as number from cleansing.int_subjects",
        Claim(
            en="Every outcome belongs to a subject of the delivery.",
            vi="Mọi kết quả phân loại đều thuộc về một đối tượng có trong dữ liệu.",
            origin="An answer for a stranger would mean that requests and answers were mixed up.",
        ),
    ),
    filled(
        "OUT-CLASS-01",
        "outcome",
        Claim(
            en="Every answer was given an outcome.",
            vi="Mọi kết quả trả về đều đã được phân loại.",
            origin="An answer without class would vanish between correct and wrong.",
        ),
    ),
    one_of(
        "OUT-CLASS-02",
        "outcome",
        _OUTCOMES + _OPEN,
        Claim(
            en="The outcome is one of the closed list.",
            vi="Kết quả chỉ là một trong danh sách đóng.",
            origin="Outcomes of the register's four-field comparison, 9438/BYT-CNTT of 2021.",
        ),
    ),
    one_of(
        "OUT-OPEN-01",
        "outcome",
        _OUTCOMES,
        Claim(
            en="At most 1 in 100 outcomes are still pending or failed.",
            vi="Không quá 1 phần trăm kết quả còn chờ hoặc lỗi.",
            origin="The letter counts no open answer. The share of 1 % is our own choice: above it, ask again first.",
            severity=Severity.WARNING,
        ),
        mostly=0.99,
    ),
    filled(
        "OUT-VERSION-01",
        "rule_version",
        Claim(
            en="Every outcome says which version of the rules judged it.",
            vi="Mọi kết quả đều ghi phiên bản quy tắc đã phân loại.",
            origin="A verdict on a person's record must be repeatable.",
        ),
    ),
)
