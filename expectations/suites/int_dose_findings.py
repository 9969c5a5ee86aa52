"""Findings against doses: each names a catalogued rule, a known severity and a dose that exists."""

from expectations.forms import Claim, filled, none_breaks, one_of

RELATION = "cleansing.int_dose_findings"

RULES = (
    filled(
        "CLN-FINDING-07",
        "rule_id",
        Claim(
            en="Every finding against a dose names its rule.",
            vi="Mọi phát hiện về mũi tiêm đều nêu mã quy tắc.",
            origin="A finding without a rule cannot be quoted, explained or contested.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-08",
        "select 1 from cleansing.int_dose_findings where rule_id not in"
        " (select rule_id from seeds.cleansing_rules)",
        Claim(
            en="The rule of every finding against a dose stands in the catalogue of rules.",
            vi="Quy tắc của mọi phát hiện về mũi tiêm đều có trong danh mục quy tắc.",
            origin="The catalogue is what facilities and auditors read.",
        ),
    ),
    filled(
        "CLN-FINDING-09",
        "severity",
        Claim(
            en="Every finding against a dose has a severity.",
            vi="Mọi phát hiện về mũi tiêm đều có mức độ.",
            origin="Severity decides what happens next to the record.",
        ),
    ),
    one_of(
        "CLN-FINDING-10",
        "severity",
        ("critical", "warning", "info"),
        Claim(
            en="A finding against a dose is critical, a warning or for information.",
            vi="Mức độ của phát hiện về mũi tiêm chỉ là nghiêm trọng, cảnh báo hoặc thông tin.",
            origin="A severity nobody knows would be acted upon by nobody.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-11",
        "select 1 from cleansing.int_dose_findings where dose_id is null or dose_id not in (select dose_id"
        " from cleansing.int_doses where dose_id in (select dose_id from cleansing.int_dose_findings))",
        Claim(
            en="Every finding concerns a dose that exists.",
            vi="Mọi phát hiện đều thuộc về một mũi tiêm có thật trong dữ liệu.",
            origin="Worklists are made by joining findings to their rows.",
        ),
    ),
)
