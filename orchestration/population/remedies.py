"""What each error code of the register's contract asks of us, in Vietnamese and English. Data; who shows it, decides.

The codes are those of ``contract/openapi.yaml`` and the two that the ledger gives itself; a test holds them to it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """One sentence in each language."""

    vi: str
    en: str


ROW_REMEDIES = {
    "INVALID_NUMBER": Remedy(
        "Sửa số định danh hoặc số CMND ở nguồn; hồ sơ được hỏi lại khi dữ liệu thay đổi.",
        "Correct the number at its source; the subject is asked again once it has changed.",
    ),
    "INVALID_NAME": Remedy(
        "Sửa họ tên ở nguồn; hồ sơ được hỏi lại khi dữ liệu thay đổi.",
        "Correct the name at its source; the subject is asked again once it has changed.",
    ),
    "INVALID_DATE_OF_BIRTH": Remedy(
        "Sửa ngày sinh ở nguồn; hồ sơ được hỏi lại khi dữ liệu thay đổi.",
        "Correct the date of birth at its source; the subject is asked again once it has changed.",
    ),
    "INVALID_SEX": Remedy(
        "Sửa giới tính ở nguồn; hồ sơ được hỏi lại khi dữ liệu thay đổi.",
        "Correct the sex at its source; the subject is asked again once it has changed.",
    ),
}
"""For rows that were answered with a code instead of a verdict."""

_WRITE_ANEW = Remedy(
    "Tệp của lô bị hỏng; lần chạy sau ghi lại và gửi lại.",
    "The batch's file was damaged; the next run writes it anew.",
)
_SMALLER = Remedy(
    "Lô lớn hơn giới hạn của CSDLQGDC; lần chạy sau cắt lô nhỏ hơn.",
    "The batch is above the register's limits; the next run cuts smaller ones.",
)
_MEND_CALLER = Remedy(
    "Phần mềm gọi sai giao thức; kiểm tra cấu hình và phiên bản, gửi lại như cũ không có tác dụng.",
    "The caller does not speak the contract; check settings and version, sending again as it is will not help.",
)
_RENEW = Remedy(
    "Chứng thư hết hạn hoặc sai; gia hạn TIEMCHUNG_REGISTER_TOKEN rồi chạy lại.",
    "The credential is wrong or has expired; renew TIEMCHUNG_REGISTER_TOKEN, then run again.",
)
BATCH_REMEDIES = {
    "ANSWER_FAULTY": Remedy(
        "Câu trả lời sai giao thức đã được giữ làm bằng chứng; lô sẽ được gửi lại với cùng khóa.",
        "The answer broke the contract and is kept as evidence; the batch goes out again with its key.",
    ),
    "ANSWER_LOST": Remedy(
        "Tệp trả lời đã mất; lô sẽ được gửi lại với cùng khóa.",
        "The answer's file was lost; the batch goes out again with its key.",
    ),
    "BATCH_UNKNOWN": Remedy(
        "CSDLQGDC không còn giữ lô này; lô sẽ được gửi lại với cùng khóa.",
        "The register does not hold this batch any longer; it goes out again with its key.",
    ),
    "BEYOND_LIMITS": _SMALLER,
    "BODY_NOT_GZIP": _WRITE_ANEW,
    "BODY_NOT_NDJSON": _WRITE_ANEW,
    "CREDENTIAL_EXPIRED": _RENEW,
    "HEADER_INVALID": _MEND_CALLER,
    "INTERNAL": Remedy(
        "CSDLQGDC gặp lỗi; chạy lại sau, cùng khóa nên không hỏi hai lần.",
        "The register failed; run again later, with the same key nothing is asked twice.",
    ),
    "KEY_MISMATCH": _WRITE_ANEW,
    "MEDIA_TYPE": _MEND_CALLER,
    "METHOD_NOT_ALLOWED": _MEND_CALLER,
    "NOT_FOUND": Remedy(
        "Địa chỉ CSDLQGDC không đúng; xem TIEMCHUNG_REGISTER_URL.",
        "The register's address is wrong; see TIEMCHUNG_REGISTER_URL.",
    ),
    "PARAMETER_INVALID": _MEND_CALLER,
    "ROW_REF_INVALID": Remedy(
        "Một đối tượng xuất hiện hai lần trong lô; kiểm tra int_requests mỗi đối tượng một dòng.",
        "A subject stands twice in the batch; see that int_requests has one row a subject.",
    ),
    "TOO_LARGE": _SMALLER,
    "TOO_MANY_REQUESTS": Remedy(
        "Hỏi quá nhanh; đợi theo Retry-After rồi chạy lại.",
        "Asked too fast; wait as Retry-After says, then run again.",
    ),
    "TOO_MANY_ROWS": _SMALLER,
    "UNAUTHENTICATED": _RENEW,
    "UNAVAILABLE": Remedy(
        "CSDLQGDC tạm ngừng phục vụ; chạy lại sau, cùng khóa nên không hỏi hai lần.",
        "The register is down for a time; run again later, with the same key nothing is asked twice.",
    ),
}
"""For batches refused as a whole."""

UNKNOWN = Remedy(
    "Mã không có trong giao thức; hỏi đơn vị vận hành CSDLQGDC.",
    "The contract does not know this code; ask the register's operator.",
)
