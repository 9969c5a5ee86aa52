"""The error tree of the exchange with the register. Sentences with a remedy; never a row's content."""

from __future__ import annotations

from collections.abc import Sequence


class RegisterError(Exception):
    """The exchange with the population register could not be done as asked."""


class CallerInvalid(RegisterError):
    """Who asks, or where the register is, is not stated in a form the contract takes."""


class RegisterUnavailable(RegisterError):
    """The register is down, busy or was cut off; what was not answered goes out again with the same key.

    ``code`` says how, for the ledger; ``retry_after`` are the seconds the register asks us to wait, if it does.
    """

    def __init__(self, message: str, code: str = "UNAVAILABLE", retry_after: float | None = None) -> None:
        self.code, self.retry_after = code, retry_after
        super().__init__(message)


class OutsideHours(RegisterError):
    """The register may not be asked at this time, or no more today; what is open waits."""


class RegisterRefused(RegisterError):
    """The register does not accept our requests as such (credential, headers, path); nothing more was sent."""

    def __init__(self, message: str, code: str = "REFUSED") -> None:
        self.code = code
        super().__init__(message)


TOO_BIG = frozenset({"BEYOND_LIMITS", "TOO_LARGE", "TOO_MANY_ROWS"})
"""Codes of batches that the register would take in smaller pieces."""


class BatchRefused(RegisterError):
    """The register refused one batch for what it holds; ``code`` is the contract's error code."""

    def __init__(self, batch_id: str, code: str, remedy: str) -> None:
        self.code = code
        super().__init__(f"The register refused batch {batch_id[:12]} ({code}): {remedy}")


class AnswerFaulty(RegisterError):
    """An answer breaks the contract; the batch stays open and the answer is kept aside as evidence."""

    code = "ANSWER_FAULTY"

    def __init__(self, batch_id: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            f"The register's answer to batch {batch_id[:12]} breaks the contract: {'; '.join(self.faults)}. "
            "The batch stays open; show the register the answer kept in answers/faulty, then run again."
        )


class ExchangeIncomplete(RegisterError):
    """Everything that could be exchanged was; these batches were refused or answered with faults."""

    def __init__(self, faults: Sequence[RegisterError], batches: int) -> None:
        self.faults = tuple(faults)
        lines = "\n- ".join(str(fault) for fault in self.faults)
        super().__init__(
            f"{len(self.faults)} of {batches} batches were not answered as they should:\n- {lines}"
        )

    @property
    def is_of_size(self) -> bool:
        """Whether all that is amiss are batches that are larger than the register takes."""
        return all(isinstance(fault, BatchRefused) and fault.code in TOO_BIG for fault in self.faults)


class LedgerError(RegisterError):
    """The ledger cannot be read or written, or does not agree with the files beside it."""


class LedgerConflict(LedgerError):
    """Somebody else moved a batch on meanwhile, or it would skip a state."""


class StatisticsInvalid(RegisterError):
    """What should be the register's statistics is not in the contract's form."""
