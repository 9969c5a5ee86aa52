"""The dump that a delivery declares for a component: one file of the vault, or the files of a directory dump."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from handover.dump.contents import DumpContents
from handover.dump.importer import import_dump, inspect_dump
from handover.dump.manifest import DumpManifest
from handover.parts import Component
from handover.sealed import SealedDelivery


@dataclass(frozen=True)
class DeliveredDump:
    """A declared dump that came: its path as declared, and where it lies. ``files`` are a directory dump's by name."""

    path: PurePosixPath
    location: Path
    files: Mapping[str, Path] | None
    content_id: str

    def inspect(self) -> DumpContents:
        """Tell what it contains; raises :class:`handover.dump.errors.DumpError`."""
        return inspect_dump(self.location, files=self.files, label=str(self.path))

    def import_to(self, out: Path, on_progress: Callable[[int, int], None] | None = None) -> DumpManifest:
        """Read it to its end, to Parquet; raises :class:`handover.dump.errors.DumpError`."""
        return import_dump(
            self.location,
            out,
            files=self.files,
            content_id=self.content_id,
            label=str(self.path),
            on_progress=on_progress,
        )


def delivered_dump(delivery: SealedDelivery, component: Component) -> DeliveredDump | None:
    """The dump of a component; None where none is declared or nothing came under its path."""
    declared = delivery.declaration.components.get(component)
    if declared is None or declared.database is None:
        return None
    path = declared.database.path
    whole = next((each for each in delivery.files if each.path == path), None)
    if whole is not None:
        return DeliveredDump(path, whole.location, None, whole.sha256)
    inside = [each for each in delivery.files if each.path.parent == path]
    if not inside:
        return None
    lines = "".join(f"{each.sha256}  {each.path.name}\n" for each in inside)
    identity = hashlib.sha256(lines.encode()).hexdigest()
    return DeliveredDump(path, Path(path), {each.path.name: each.location for each in inside}, identity)
