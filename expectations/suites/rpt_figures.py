"""The figures as they leave the warehouse: every registered one, once, as a count with its digest."""

from expectations.forms import Claim, counts_zero, none_breaks, unique
from expectations.rule import Fact, Rule
from expectations.verdict import Severity

RELATION = "report.rpt_figures"

RULES = (
    Rule(
        id="RPT-FIGURE-01",
        severity=Severity.CRITICAL,
        claim_en="Exactly the registered figures are there.",
        claim_vi="Có đủ và chỉ có các số liệu đã đăng ký.",
        origin="A figure is defined once, beside its column; a report states all of them or none.",
        expectation="ExpectColumnDistinctValuesToEqualSet",
        arguments={"column": "figure_id"},
        facts={"value_set": Fact.FIGURE_IDS},
    ),
    unique(
        "RPT-FIGURE-02",
        RELATION,
        "figure_id",
        Claim(
            en="No figure is stated twice.",
            vi="Không số liệu nào được nêu hai lần.",
            origin="A number is computed in one place.",
        ),
    ),
    none_breaks(
        "RPT-COUNT-01",
        "select 1 from report.rpt_figures where figure_id is null"
        " or subjects is null or subjects < 0 or doses is null or doses < 0",
        Claim(
            en="Every figure counts subjects and doses, none or more.",
            vi="Mọi số liệu đều có số đối tượng và số mũi tiêm, từ không trở lên.",
            origin="The letter states each figure in both.",
        ),
    ),
    counts_zero(
        "RPT-COUNT-02",
        "select abs((select coalesce(max(subjects), 0) from report.rpt_figures where figure_id = 'FIG-ON-SYSTEM')"
        " - (select count(*) from cleansing.int_subjects)) as breaches",
        Claim(
            en="As many subjects are reported on the system as were cleansed.",
            vi="Số đối tượng trên hệ thống trong báo cáo bằng số đối tượng đã làm sạch.",
            origin="Every record of the platform counts; a duplicate counts, with a finding.",
        ),
    ),
    none_breaks(
        "RPT-DIGEST-01",
        "select 1 from report.rpt_figures"
        " where row_digest is null or not regexp_full_match(row_digest, '[0-9a-f]{32}')",
        Claim(
            en="Every figure carries the digest of its rows.",
            vi="Mọi số liệu đều kèm mã băm của tập dòng tạo nên nó.",
            origin="Without it nobody can show later that a figure was made of exactly these rows.",
        ),
    ),
)
