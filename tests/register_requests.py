"""Hand-written requests in the form of ``verification.int_requests``."""

from __future__ import annotations

_GIVEN = "subject_id, so_dinh_danh, so_cmnd, ho_va_ten, ngay_thang_nam_sinh, gioi_tinh, province_code, content_digest"


def requests_of(rows: str) -> str:
    """A query of requests, from one whose columns are the subject's; the province is asked only without a number."""
    return (
        "select * exclude (province_code, content_digest),"
        " if(so_dinh_danh is null and so_cmnd is null, province_code, null) as ma_tinh, province_code, content_digest"
        f" from ({rows}) r({_GIVEN})"
    )
