"""Identities: parts of a figure are disjoint, cover it and add up, row by row, in subjects and in doses."""

from expectations.forms import Claim, counts_zero, filled, none_breaks, one_of

RELATION = "marts.fct_identity_breaks"

RULES = (
    counts_zero(
        "MART-IDENTITY-01",
        "select coalesce(sum(breaking_count), 0) as breaches from marts.fct_identity_breaks",
        Claim(
            en="Every figure's parts add up to it, in subjects and in doses.",
            vi="Các phần của mỗi số liệu cộng lại đúng bằng số liệu đó, cả đối tượng lẫn mũi tiêm.",
            origin="The letter breaks one identity by 270,000 subjects; a computed report may break none.",
        ),
    ),
    filled(
        "MART-IDENTITY-02",
        "breaking_count",
        Claim(
            en="Every identity was counted.",
            vi="Mọi đẳng thức đều đã được kiểm đếm.",
            origin="An identity that was not counted is not an identity that holds.",
        ),
    ),
    none_breaks(
        "MART-IDENTITY-03",
        "select 1 from (values ('FIG-ON-SYSTEM'), ('FIG-SENT'), ('FIG-WITH-ID'),"
        " ('FIG-WITHOUT-ID')) as stated(figure_id), (values ('subjects'), ('doses')) as counted(measure)"
        " where (figure_id, measure) not in"
        " (select (parent_figure_id, measure) from marts.fct_identity_breaks"
        " where parent_figure_id is not null and measure is not null)",
        Claim(
            en="The letter's four divisions are checked, each in subjects and in doses.",
            vi="Cả bốn phép chia trong công văn đều được kiểm, theo đối tượng và theo mũi tiêm.",
            origin="Letter of 8 April 2022, paragraph 1: on the system, sent, with and without identity number.",
        ),
    ),
    one_of(
        "MART-IDENTITY-04",
        "measure",
        ("subjects", "doses"),
        Claim(
            en="An identity is one of subjects or of doses.",
            vi="Đẳng thức chỉ tính theo đối tượng hoặc theo mũi tiêm.",
            origin="The letter's two measures.",
        ),
    ),
)
