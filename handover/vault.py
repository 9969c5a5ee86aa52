"""The vault: sealed deliveries, content-addressed, read-only, never changed once accepted.

    objects/ab/abcd…            each file once, named by its sha256
    deliveries/<id>/seal.json   what was received under that id; beside it ``accepted`` once it was imported
    deliveries/<id>.withdrawn-<bag digest>/   an earlier, never accepted bag of the same id
    attestations/<id>/…         statements of people about a delivery; their evidence lies among the objects

A kill at any moment leaves the old state or the new: objects appear first, then the seal does, each by one
rename. Whether a bag is whole is the bag's business; nothing here looks into a file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from handover.bag import BagContents, BagFile, Progress, canonical_digest, refuse
from handover.declaration import DECLARATION_PATH, DELIVERY_ID, parse_declaration
from handover.errors import DeclarationRefused, DeliveryConflict, DeliveryUnknown, HandoverError, VaultDamaged
from handover.intake import WITHDRAWN, checked_bag
from handover.objects import ObjectStore
from handover.sealed import SealedDelivery, SealedFile
from handover.seals import read_seal, write_seal

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Damage:
    """One thing in the vault that isn't what was sealed: the folder, the file's path, what is wrong."""

    delivery: str
    path: PurePosixPath
    problem: str


class Vault:
    """All sealed deliveries below one folder; one receipt at a time (others wait)."""

    def __init__(self, root: Path) -> None:
        self._store = ObjectStore(root)
        self._deliveries = root / "deliveries"
        self._attestations = root / "attestations"

    def receive(
        self, bag: Path, *, received_at: datetime, on_progress: Progress | None = None
    ) -> SealedDelivery:
        """Verify, copy and seal a bag, reading it once.

        The same bag again changes nothing and keeps the first ``received_at``. Raises :class:`BagRefused` or
        :class:`DeclarationRefused` with every fault, :class:`DeliveryConflict` when another bag was accepted
        under its id, :class:`HandoverError` when the vault's disk fails or is full.
        """
        if received_at.tzinfo is None:
            raise ValueError("received_at should carry its time zone")
        contents = checked_bag(bag, on_progress)
        folder = self._deliveries / contents.id
        with self._store.change():
            self._refuse_conflict(folder, contents)
            self._store.refuse_if_full(sum(each.size for each in contents.payload))
            refuse(bag, self._store.keep_all((*contents.tag_files, *contents.payload), on_progress))
            self._store.settle()
            self._publish(folder, contents, received_at)
        return self.delivery(contents.id)

    def delivery(self, delivery_id: str) -> SealedDelivery:
        """A sealed delivery; raises :class:`DeliveryUnknown`, or :class:`VaultDamaged` for a broken seal."""
        folder = self._deliveries / delivery_id
        is_id = DELIVERY_ID.fullmatch(delivery_id) and WITHDRAWN not in delivery_id
        if not is_id or not (folder / "seal.json").is_file():
            raise DeliveryUnknown(
                f"The vault holds no delivery {delivery_id!r}. Receive its bag first, or list what is there."
            )
        return self._opened(folder)

    def deliveries(self) -> tuple[SealedDelivery, ...]:
        """All current deliveries and increments, by id; withdrawn ones aren't among them."""
        return tuple(self._opened(each) for each in self._folders() if WITHDRAWN not in each.name)

    def accept(self, delivery_id: str) -> SealedDelivery:
        """Note that the delivery was imported: from now on nothing else can be received under its id."""
        with self._store.change():
            sealed = self.delivery(delivery_id)
            if not sealed.is_accepted:
                self._store.place(sealed.bag_sha256.encode(), self._deliveries / delivery_id / "accepted")
        return self.delivery(delivery_id)

    def keep_evidence(self, file: Path) -> str:
        """Make a file an object; its sha256. Raises :class:`HandoverError` when it or the disk fails."""
        try:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            size = file.stat().st_size
        except OSError as error:
            raise HandoverError(f"{file} can't be read ({error.strerror}).") from error
        with self._store.change():
            self._store.refuse_if_full(size)
            fault = self._store.keep(BagFile(PurePosixPath(file.name), file, size, {"sha256": digest}))
            self._store.settle()
        if fault:
            raise HandoverError(f"The file changed while it was kept: {fault}. Try again.")
        return digest

    def keep_statement(self, delivery_id: str, name: str, content: bytes) -> None:
        """Keep a statement about a delivery; one of the same name takes an earlier one's place."""
        with self._store.change():
            self._store.place(content, self._attestations / self.delivery(delivery_id).id / name)

    def statements(self, delivery_id: str) -> tuple[bytes, ...]:
        """All statements about a delivery, by name."""
        folder = self._attestations / delivery_id
        return tuple(each.read_bytes() for each in sorted(folder.glob("*.json")))

    def holds(self, sha256: str) -> bool:
        """Whether the object is there and unharmed; reads it to its end."""
        return bool(_SHA256.fullmatch(sha256)) and self._store.problem(sha256) is None

    def verify(self, on_progress: Progress | None = None) -> tuple[Damage, ...]:
        """Read every object of every seal, the withdrawn ones too; all that isn't what was sealed."""
        damage, sealed = [], []
        for folder in self._folders():
            try:
                sealed.append((folder.name, self._opened(folder)))
            except VaultDamaged:
                damage += self._broken_parts(folder)
            else:
                damage += _accepted_damage(folder, sealed[-1][1])
        files = [(name, each) for name, one in sealed for each in (*one.tag_files, *one.files)]
        problems: dict[str, str | None] = {}
        for done, (name, file) in enumerate(files, start=1):
            if file.sha256 not in problems:
                problems[file.sha256] = self._store.problem(file.sha256)
            problem = problems[file.sha256]
            if problem:
                damage.append(Damage(name, file.path, problem))
            if on_progress:
                on_progress(done, len(files))
        return tuple(damage)

    def _broken_parts(self, folder: Path) -> list[Damage]:
        """What is wrong below a seal that can't be opened: its files where it still names them, or itself."""
        seal = PurePosixPath("seal.json")
        if not (folder / seal).is_file():
            return [Damage(folder.name, seal, "missing")]
        try:
            facts = read_seal((folder / seal).read_bytes())
            files = [each for name in ("tag_files", "files") for each in self._files(facts[name])]
        except (OSError, ValueError, LookupError, TypeError):
            return [Damage(folder.name, seal, "changed")]
        problems = [(each.path, self._store.problem(each.sha256)) for each in files]
        return [Damage(folder.name, path, problem) for path, problem in problems if problem] or [
            Damage(folder.name, seal, "changed")
        ]

    def _folders(self) -> list[Path]:
        return sorted(self._deliveries.iterdir()) if self._deliveries.is_dir() else []

    def _refuse_conflict(self, folder: Path, contents: BagContents) -> None:
        accepted = _accepted_digest(folder)
        if accepted and accepted != contents.bag_sha256:
            raise DeliveryConflict(
                f"A delivery {contents.id!r} with other content was already accepted (bag {accepted[:12]}…,"
                f" this one is {contents.bag_sha256[:12]}…). What was accepted never changes: ask the"
                " sender for a new delivery id."
            )

    def _publish(self, folder: Path, contents: BagContents, received_at: datetime) -> None:
        """Let the seal appear under its id; an earlier, never accepted one is kept aside."""
        seal = write_seal(contents, received_at)
        if not folder.exists():
            self._store.place_folder({"seal.json": seal}, folder)
            return
        earlier = (folder / "seal.json").read_bytes()
        earlier_digest = self._opened(folder).bag_sha256
        if earlier_digest == contents.bag_sha256:
            return
        kept, returning = _aside(folder, earlier_digest), _aside(folder, contents.bag_sha256)
        if not kept.exists():
            self._store.place_folder({"seal.json": earlier}, kept)
        again = (returning / "seal.json").read_bytes() if returning.exists() else seal
        self._store.place(again, folder / "seal.json")
        if returning.exists():
            self._store.remove_folder(returning)

    def _opened(self, folder: Path) -> SealedDelivery:
        try:
            seal = read_seal((folder / "seal.json").read_bytes())
            files, tag_files = (self._files(seal[name]) for name in ("files", "tag_files"))
            declared = next(each for each in files if each.path == DECLARATION_PATH)
            declaration = parse_declaration(declared.location.read_bytes())
            received_at = datetime.fromisoformat(seal["received_at"])
            sealed = (seal["delivery"], seal["bag_sha256"], folder.name.partition(WITHDRAWN)[0])
        except (OSError, ValueError, LookupError, TypeError, StopIteration, DeclarationRefused) as error:
            raise _broken(folder) from error
        digest = canonical_digest((str(each.path), each.sha256) for each in files)
        is_whole = sealed == (declaration.delivery, digest, declaration.delivery)
        if not is_whole or self._store.problem(declared.sha256):
            raise _broken(folder)
        return SealedDelivery(
            id=declaration.delivery,
            kind=declaration.kind,
            bag_sha256=digest,
            received_at=received_at,
            snapshot_at=declaration.snapshot_at,
            files=files,
            tag_files=tag_files,
            declaration=declaration,
            is_accepted=_accepted_digest(folder) == digest,
        )

    def _files(self, sealed: list[dict[str, str]]) -> tuple[SealedFile, ...]:
        return tuple(
            SealedFile(
                PurePosixPath(each["path"]),
                each["sha256"],
                int(each["size"]),
                self._store.path(each["sha256"]),
            )
            for each in sealed
        )


def _broken(folder: Path) -> VaultDamaged:
    return VaultDamaged(
        f"The seal of {folder.name} or its declaration isn't what was sealed. Restore {folder} and its"
        " objects from a backup, or remove the folder and receive the bag again."
    )


def _accepted_damage(folder: Path, sealed: SealedDelivery) -> list[Damage]:
    is_whole = _accepted_digest(folder) in (None, sealed.bag_sha256)
    return [] if is_whole else [Damage(folder.name, PurePosixPath("accepted"), "changed")]


def _aside(folder: Path, bag_sha256: str) -> Path:
    return folder.with_name(f"{folder.name}{WITHDRAWN}{bag_sha256[:12]}")


def _accepted_digest(folder: Path) -> str | None:
    marker = folder / "accepted"
    return marker.read_text("ascii", errors="replace") if marker.is_file() else None
