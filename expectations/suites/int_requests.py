"""Requests to the register: only who may be asked, each once, every field in the form the register takes."""

from expectations.conservation import ARRIVED
from expectations.forms import Claim, counts_zero, filled, known_number, none_breaks, one_of, unique_number

RELATION = "verification.int_requests"

RULES = (
    counts_zero(
        "REQ-COUNT-01",
        "select abs(arrived - asked - held - waiting) as breaches, arrived, asked, held, waiting from"
        " (select count(*) as arrived, count(*) filter (where is_held) as held,"
        " count(*) filter (where not is_held and recorded_at >= day_began_at) as waiting"
        " from cleansing.int_subjects cross join (select"
        " cast(max(as_of) as timestamp) at time zone 'Asia/Ho_Chi_Minh' as day_began_at from raw.scope)),"
        " (select count(*) as asked from verification.int_requests)",
        Claim(
            en="Every subject is asked for, held back, or recorded on the last day and so waiting for the next night.",
            vi="Mọi đối tượng đều được hỏi, đang bị giữ lại, hoặc ghi nhận trong ngày chốt nên chờ đêm sau.",
            origin="A subject that is neither asked for nor on a worklist would be forgotten.",
        ),
        measures=(ARRIVED, "asked", "held", "waiting"),
    ),
    filled(
        "REQ-KEY-01",
        "subject_id",
        Claim(
            en="Every request is for a subject.",
            vi="Mọi yêu cầu xác minh đều gắn với một đối tượng.",
            origin="An answer that belongs to nobody cannot be counted.",
        ),
    ),
    unique_number(
        "REQ-KEY-02",
        RELATION,
        "subject_id",
        Claim(
            en="No subject is asked for twice at once.",
            vi="Không đối tượng nào bị hỏi hai lần cùng lúc.",
            origin="The register is asked once about an unchanged row.",
        ),
    ),
    known_number(
        "REQ-HELD-01",
        RELATION,
        "subject_id",
        "select subject_id as number from cleansing.int_subjects where is_held = false",
        Claim(
            en="Nobody held back is sent.",
            vi="Không gửi đối tượng đang bị giữ lại.",
            origin="A subject with a critical finding goes to its facility first.",
        ),
    ),
    filled(
        "REQ-KIND-01",
        "request_kind",
        Claim(
            en="Every request says whether it asks by number.",
            vi="Mọi yêu cầu đều ghi rõ có hay không có số giấy tờ.",
            origin="The letter's two groups are asked and judged differently.",
        ),
    ),
    one_of(
        "REQ-KIND-02",
        "request_kind",
        ("with_id", "without_id"),
        Claim(
            en="A request asks with a number or without.",
            vi="Yêu cầu chỉ thuộc một trong hai loại: có số, không có số.",
            origin="The letter's two groups; there is no third.",
        ),
    ),
    none_breaks(
        "REQ-ID-01",
        "select 1 from verification.int_requests where"
        " (so_dinh_danh is not null and not regexp_full_match(so_dinh_danh, '[0-9]{12}'))"
        " or (so_cmnd is not null and not regexp_full_match(so_cmnd, '[0-9]{9}'))",
        Claim(
            en="A number sent has exactly 12 or exactly 9 digits.",
            vi="Số gửi đi có đúng 12 hoặc đúng 9 chữ số.",
            origin="The register's fields SoDinhDanh and SoCMND.",
        ),
    ),
    none_breaks(
        "REQ-ID-02",
        "select 1 from verification.int_requests"
        " where (cast(so_dinh_danh is not null as integer) + cast(so_cmnd is not null as integer))"
        " is distinct from (case request_kind when 'with_id' then 1 when 'without_id' then 0 end)",
        Claim(
            en="A request with number carries one number, a request without carries none.",
            vi="Yêu cầu có số mang đúng một số; yêu cầu không có số không mang số nào.",
            origin="One person may rightly have an old and a new number; asked is the one on record.",
        ),
    ),
    none_breaks(
        "REQ-NAME-01",
        "select 1 from verification.int_requests where ho_va_ten is null"
        " or (trim(left(ho_va_ten, 1)) = '' and trim(ho_va_ten) = '')",
        Claim(
            en="Every request carries a name.",
            vi="Mọi yêu cầu đều có họ tên.",
            origin="9438/BYT-CNTT of 2021: the register compares the full name.",
        ),
    ),
    none_breaks(
        "REQ-DOB-01",
        "select 1 from verification.int_requests where ngay_thang_nam_sinh is null"
        " or not regexp_full_match(ngay_thang_nam_sinh, '[0-9]{4}(-[0-9]{2}-[0-9]{2})?')",
        Claim(
            en="Every request carries a date of birth, as yyyy-mm-dd or yyyy.",
            vi="Mọi yêu cầu đều có ngày sinh, dạng yyyy-mm-dd hoặc yyyy.",
            origin="9438/BYT-CNTT of 2021 and the register's field NgayThangNamSinh.",
        ),
    ),
    one_of(
        "REQ-SEX-01",
        "gioi_tinh",
        ("0", "1"),
        Claim(
            en="A sex that is sent is 1 (male) or 0 (female).",
            vi="Giới tính gửi đi chỉ là 1 (nam) hoặc 0 (nữ).",
            origin="The register's field GioiTinh; unknown is left out, never guessed.",
        ),
    ),
    none_breaks(
        "REQ-PROVINCE-01",
        "select 1 from verification.int_requests where request_kind = 'with_id' and ma_tinh is not null",
        Claim(
            en="Who is asked about by number is asked about without a province.",
            vi="Yêu cầu có số không kèm tỉnh nơi ở.",
            origin="9438/BYT-CNTT of 2021 compares name, sex, date of birth and number; no more is told.",
        ),
    ),
    filled(
        "REQ-DIGEST-01",
        "content_digest",
        Claim(
            en="Every request has the digest of what it asks.",
            vi="Mọi yêu cầu đều có mã băm nội dung hỏi.",
            origin="By it the ledger knows that a row is unchanged and need not be asked again.",
        ),
    ),
)
