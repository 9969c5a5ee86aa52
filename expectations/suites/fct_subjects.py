"""The mart of subjects: complete, countable, traceable, and without personal data."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled, none_breaks, unique_number

RELATION = "marts.fct_subjects"

RULES = (
    counts_zero(
        "MART-COUNT-01",
        same_rows("cleansing.int_subjects", RELATION),
        Claim(
            en="The mart has every cleansed subject and no other.",
            vi="Bảng tổng hợp có đúng các đối tượng đã làm sạch, không thêm, không bớt.",
            origin="A subject is a record of the platform; all of them are on the system.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "MART-KEY-01",
        "subject_id",
        Claim(
            en="Every counted subject has its number.",
            vi="Mọi đối tượng được tính đều có mã.",
            origin="A figure's rows are named by it.",
        ),
    ),
    unique_number(
        "MART-KEY-02",
        RELATION,
        "subject_id",
        Claim(
            en="No subject is counted twice.",
            vi="Không đối tượng nào được tính hai lần.",
            origin="A figure is a number of subjects.",
        ),
    ),
    counts_zero(
        "MART-CLASS-01",
        "select coalesce(sum(absent), 0) as breaches from (unpivot"
        " (select count(*) - count(columns('^is_')) from marts.fct_subjects)"
        " on columns(*) into name flag value absent)",
        Claim(
            en="Every subject is either in a figure or not; nothing is left open.",
            vi="Mỗi đối tượng hoặc thuộc, hoặc không thuộc một số liệu; không bỏ ngỏ.",
            origin="A subject neither in nor out would be missing from every sum.",
        ),
    ),
    none_breaks(
        "MART-DOSES-01",
        "select 1 from marts.fct_subjects where dose_count is null or dose_count < 0",
        Claim(
            en="Every subject has a number of doses, none or more.",
            vi="Mỗi đối tượng đều có số mũi tiêm, từ không trở lên.",
            origin="The letter states each figure in subjects and in doses.",
        ),
    ),
    none_breaks(
        "MART-DIGEST-01",
        "select 1 from marts.fct_subjects where row_hash_high is null or row_hash_low is null",
        Claim(
            en="Every subject enters the digest of its figures.",
            vi="Mọi đối tượng đều có mã băm để niêm phong tập dòng của số liệu.",
            origin="The digest proves that a figure was made of exactly these rows.",
        ),
    ),
    none_breaks(
        "MART-ADDRESS-01",
        "select 1 from marts.fct_subjects"
        " where _delivery is null or _table is null or _row is null or _row < 1",
        Claim(
            en="Every counted subject says from which package, table and row it came.",
            vi="Mọi đối tượng được tính đều ghi rõ gói, bảng và số thứ tự dòng gốc.",
            origin="The address is the last step of every trace.",
        ),
    ),
    none_breaks(
        "MART-PRIVACY-01",
        "select 1 from duckdb_columns() where schema_name = 'marts'"
        " and (regexp_matches(column_name, '(^|_)(full_name|name_key|birth|id_number|phone|address)(_|$)')"
        " or column_name in ('ho_va_ten', 'so_dinh_danh', 'so_cmnd', 'ngay_thang_nam_sinh'))"
        " and not regexp_matches(column_name, '_(comparison|precision)$')",
        Claim(
            en="No mart has a column for name, identity number, date of birth, telephone or address.",
            vi="Không bảng tổng hợp nào có cột họ tên, số giấy tờ, ngày sinh, điện thoại hay địa chỉ.",
            origin="Law 91/2025/QH15: personal data only where the purpose needs it; counting needs none.",
        ),
    ),
)
