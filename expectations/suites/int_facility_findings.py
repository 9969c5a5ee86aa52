"""Findings against facilities: each names a catalogued rule, a known severity and a facility that exists."""

from expectations.forms import Claim, filled, none_breaks, one_of

RELATION = "cleansing.int_facility_findings"

RULES = (
    filled(
        "CLN-FINDING-12",
        "rule_id",
        Claim(
            en="Every finding against a facility names its rule.",
            vi="Mọi phát hiện về cơ sở tiêm chủng đều nêu mã quy tắc.",
            origin="A finding without a rule cannot be quoted, explained or contested.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-13",
        "select 1 from cleansing.int_facility_findings where rule_id not in"
        " (select rule_id from seeds.cleansing_rules)",
        Claim(
            en="The rule of every finding against a facility stands in the catalogue of rules.",
            vi="Quy tắc của mọi phát hiện về cơ sở tiêm chủng đều có trong danh mục quy tắc.",
            origin="The catalogue is what facilities and auditors read.",
        ),
    ),
    filled(
        "CLN-FINDING-14",
        "severity",
        Claim(
            en="Every finding against a facility has a severity.",
            vi="Mọi phát hiện về cơ sở tiêm chủng đều có mức độ.",
            origin="Severity decides what happens next to the record.",
        ),
    ),
    one_of(
        "CLN-FINDING-15",
        "severity",
        ("critical", "warning", "info"),
        Claim(
            en="A finding against a facility is critical, a warning or for information.",
            vi="Mức độ của phát hiện về cơ sở tiêm chủng chỉ là nghiêm trọng, cảnh báo hoặc thông tin.",
            origin="A severity nobody knows would be acted upon by nobody.",
        ),
    ),
    none_breaks(
        "CLN-FINDING-16",
        "select 1 from cleansing.int_facility_findings"
        " anti join cleansing.int_facilities using (_delivery, _row)",
        Claim(
            en="Every finding concerns a facility that exists.",
            vi="Mọi phát hiện đều thuộc về một cơ sở tiêm chủng có thật trong dữ liệu.",
            origin="Worklists are made by joining findings to their rows.",
        ),
    ),
)
