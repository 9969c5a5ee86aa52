"""The breakdowns as they leave the warehouse: each adds up to its figure, and parts to their whole in every value."""

from expectations.forms import Claim, counts_zero, none_breaks

RELATION = "report.rpt_breakdowns"

RULES = (
    counts_zero(
        "RPT-BREAKDOWN-01",
        "select count(*) as breaches from ("
        " select distinct breakdown, breakdown in ('vaccine', 'dose_number', 'injected_on') as is_of_doses"
        " from report.rpt_breakdowns"
        ") as kinds cross join report.rpt_figures as figures left join ("
        " select figure_id, breakdown, sum(subjects) as subjects, sum(doses) as doses"
        " from report.rpt_breakdowns group by figure_id, breakdown"
        ") as broken on broken.figure_id = figures.figure_id and broken.breakdown = kinds.breakdown"
        " where coalesce(broken.doses, 0) <> figures.doses"
        " or (not is_of_doses and coalesce(broken.subjects, 0) <> figures.subjects)",
        Claim(
            en="Every breakdown of a figure adds up to it, in subjects and in doses.",
            vi="Mọi phân tổ của một số liệu cộng lại đúng bằng số liệu đó, cả đối tượng lẫn mũi tiêm.",
            origin="A province's number and the country's are one count.",
        ),
    ),
    counts_zero(
        "RPT-BREAKDOWN-02",
        "select count(*) as breaches from ("
        " select coalesce(whole.doses, 0) - sum(part.doses) as doses,"
        " coalesce(whole.subjects, 0) - coalesce(sum(part.subjects), 0) as subjects"
        " from report.rpt_breakdowns as part left join report.rpt_breakdowns as whole"
        " on part.part_of = whole.figure_id and part.breakdown = whole.breakdown and part.value = whole.value"
        " where part.part_of is not null"
        " group by part.part_of, part.breakdown, part.value, whole.doses, whole.subjects"
        ") as identities where doses <> 0 or subjects <> 0",
        Claim(
            en="In every value of every breakdown the parts of a figure add up to it.",
            vi="Trong mọi giá trị của mọi phân tổ, các phần của số liệu cộng lại đúng bằng số liệu đó.",
            origin="The identities of the letter hold in every province, or they hold nowhere.",
        ),
    ),
    none_breaks(
        "RPT-BREAKDOWN-03",
        "select 1 from report.rpt_breakdowns where value is null or doses is null or doses < 0 or subjects < 0"
        " or (subjects is null) <> (breakdown in ('vaccine', 'dose_number', 'injected_on'))",
        Claim(
            en="Every cell counts doses, and subjects where a subject has one value only.",
            vi="Mỗi ô đều có số mũi tiêm, và số đối tượng khi mỗi đối tượng chỉ có một giá trị.",
            origin="A subject with doses of two vaccines stands once among subjects, twice among doses.",
        ),
    ),
    counts_zero(
        "RPT-BREAKDOWN-04",
        "select case when coalesce(max(figures.doses), 0) = 0 then 0"
        " else 8 - (select count(distinct breakdown) from report.rpt_breakdowns) end as breaches"
        " from report.rpt_figures as figures where figure_id = 'FIG-ON-SYSTEM'",
        Claim(
            en="Every breakdown is there: province, district, facility, class, arrival, vaccine, dose, injection.",
            vi="Có đủ các phân tổ: tỉnh, huyện, cơ sở, loại giấy tờ, ngày đến, vắc xin, mũi, ngày tiêm.",
            origin="A breakdown that is missing adds up to nothing, and nobody would see it.",
        ),
    ),
)
