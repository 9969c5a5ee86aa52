"""The errors of the handover: one small tree, so that a caller can refuse a delivery in one place.

Every error is a sentence with a remedy and carries its faults one by one; file names may appear in it, the
content of files and personal data never. No behaviour beyond that belongs here.
"""

from __future__ import annotations

from collections.abc import Iterable


class HandoverError(Exception):
    """Something the vendor gave, or the data that describes it, cannot be used as it is.

    ``faults`` holds every fault found, one sentence each, so that a delivery is refused once and not
    fault by fault; it is empty where the message says all there is to say.
    """

    def __init__(self, message: str, faults: Iterable[str] = ()) -> None:
        self.faults: tuple[str, ...] = tuple(faults)
        super().__init__("\n  - ".join((message, *self.faults)))


class PackageRefused(HandoverError):
    """What was sent is no package, or one that can't be opened without harm; nothing of it was kept."""


class BagRefused(HandoverError):
    """The folder isn't a complete, unchanged BagIt bag; nothing of it was kept."""


class DeclarationRefused(HandoverError):
    """The vendor's declaration can't be read, or doesn't say what it must say."""


class DeliveryConflict(HandoverError):
    """Another content was already accepted under the same delivery id."""


class DeliveryUnknown(HandoverError):
    """The vault holds no delivery of that id."""


class VaultDamaged(HandoverError):
    """What the vault holds isn't what was sealed."""


class MappingError(HandoverError):
    """A contract (the mapping from the vendor's tables to our names) is wrong; a fault of ours."""


class CorrespondenceError(HandoverError):
    """The letters and meetings, kept as data, can't be read; a fault of ours."""
