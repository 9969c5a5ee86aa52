"""Findings against subjects: each names a catalogued rule, a known severity and a subject that exists."""

from expectations.forms import Claim, filled, known_number, none_breaks, one_of
from expectations.verdict import Severity

RELATION = "cleansing.int_subject_findings"

RULES = (
    filled(
        "CLN-FINDING-01",
        "rule_id",
        Claim(
            en="Every finding names its rule.",
            vi="Mọi phát hiện đều nêu mã quy tắc.",
            origin="A finding without a rule cannot be quoted, explained or contested.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-02",
        "select 1 from cleansing.int_subject_findings where rule_id not in"
        " (select rule_id from seeds.cleansing_rules)",
        Claim(
            en="Every finding's rule stands in the catalogue of rules.",
            vi="Quy tắc của mọi phát hiện đều có trong danh mục quy tắc.",
            origin="The catalogue is what facilities and auditors read.",
        ),
    ),
    filled(
        "CLN-FINDING-03",
        "severity",
        Claim(
            en="Every finding has a severity.",
            vi="Mọi phát hiện đều có mức độ.",
            origin="Severity decides whether a subject is held back.",
        ),
    ),
    one_of(
        "CLN-FINDING-04",
        "severity",
        ("critical", "warning", "info"),
        Claim(
            en="A finding is critical, a warning or for information.",
            vi="Mức độ chỉ là nghiêm trọng, cảnh báo hoặc thông tin.",
            origin="A severity nobody knows would hold nobody back.",
        ),
    ),
    known_number(
        "CLN-FINDING-05",
        RELATION,
        "subject_id",
        "select subject_id as number from cleansing.int_subjects",
        Claim(
            en="Every finding concerns a subject that exists.",
            vi="Mọi phát hiện đều thuộc về một đối tượng có thật trong dữ liệu.",
            origin="Worklists are made by joining findings to subjects.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-06",
        "select 1 from cleansing.int_subject_findings"
        " group by subject_id, rule_id, field having count(*) > 1",
        Claim(
            en="A rule finds a subject's field at fault once.",
            vi="Một quy tắc chỉ nêu một lần cho một trường của một đối tượng.",
            origin="Findings are counted per rule; a doubled one would be counted and corrected twice.",
            severity=Severity.WARNING,
        ),
    ),
)
