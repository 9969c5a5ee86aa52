"""What can go wrong inside the stand-in register: refusals it answers with, and faults that keep it from starting.

Codes and statuses are those of the published contract; the wording is the stand-in's own.
"""

from __future__ import annotations

from enum import Enum


class SimulatorError(Exception):
    """The stand-in register cannot be started or used; the message says what to change."""


class Refusal(Enum):
    """Why a request is refused as a whole: HTTP status, and the sentence for the caller."""

    BODY_NOT_GZIP = (
        400,
        "The body is not one complete gzip member or zstd frame; compress the NDJSON text anew.",
    )
    BODY_NOT_NDJSON = (400, "The body is not NDJSON in UTF-8, one object of the row's form a line.")
    HEADER_INVALID = (400, "A header is missing or malformed; the contract lists their forms.")
    PARAMETER_INVALID = (400, "The contract knows no such parameter, or its form is another.")
    ROW_REF_INVALID = (400, "A row reference is missing, malformed or used twice; number the rows anew.")
    UNAUTHENTICATED = (401, "The bearer token is missing or not known here; ask for a valid credential.")
    CREDENTIAL_EXPIRED = (401, "The credential has expired; renew it.")
    BATCH_UNKNOWN = (404, "No answer is kept under this key; send the batch again with it.")
    NOT_FOUND = (404, "There is nothing at this path; the contract lists the paths.")
    METHOD_NOT_ALLOWED = (405, "This path does not take that method; the contract lists them.")
    TOO_LARGE = (413, "The body exceeds the announced limit of bytes; cut smaller batches.")
    TOO_MANY_ROWS = (413, "The body exceeds the announced limit of rows; cut smaller batches.")
    MEDIA_TYPE = (415, "Send Content-Type application/x-ndjson with Content-Encoding gzip or zstd.")
    KEY_MISMATCH = (422, "Idempotency-Key is not the SHA-256 of the uncompressed content; compute it anew.")
    TOO_MANY_REQUESTS = (429, "Too many requests at once; wait as long as Retry-After says.")
    INTERNAL = (500, "The register failed to process the request; send it again with the same key.")
    UNAVAILABLE = (503, "The register is down for a time; send it again with the same key.")

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence


class Refused(Exception):
    """Raised where a request is found wanting; becomes an error body of the contract.

    ``retry_after`` are the seconds the caller is asked to wait, where the refusal says so.
    """

    def __init__(self, refusal: Refusal, retry_after: int = 1) -> None:
        self.refusal, self.retry_after = refusal, retry_after
        super().__init__(refusal.sentence)
