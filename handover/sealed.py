"""A delivery as it was sealed: facts that every later step reads. How it came there is the business of ``vault``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from handover.declaration import Declaration
from handover.parts import DeliveryKind


@dataclass(frozen=True)
class SealedFile:
    """One file: path relative to the bag's ``data/`` (tag files: to the bag), sha256, bytes, its object."""

    path: PurePosixPath
    sha256: str
    size: int
    location: Path


@dataclass(frozen=True)
class SealedDelivery:
    """A received delivery or increment, as sealed. ``files`` is the payload, sorted by path."""

    id: str
    kind: DeliveryKind
    bag_sha256: str
    received_at: datetime
    snapshot_at: datetime
    files: tuple[SealedFile, ...]
    tag_files: tuple[SealedFile, ...]
    declaration: Declaration
    is_accepted: bool
