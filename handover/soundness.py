"""Is everything in the vault what was put there, and nothing else?

Joins what the vault says of its seals with the evidence of attestations and with files that nobody put there.
Mends nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from handover.bag import Progress
from handover.errors import HandoverError
from handover.objects import ObjectStore
from handover.vault import Damage, Vault


@dataclass(frozen=True)
class Soundness:
    """What is wrong, and the whole objects that no seal needs (an interrupted or refused receipt leaves them)."""

    deliveries: int
    objects: int
    damage: tuple[Damage, ...]
    leftovers: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.damage

    def as_json(self) -> dict[str, Any]:
        """The answer for machines."""
        damage = [
            {"delivery": each.delivery, "path": str(each.path), "problem": each.problem}
            for each in self.damage
        ]
        return {
            "is_sound": self.is_sound,
            "deliveries": self.deliveries,
            "objects": self.objects,
            "damage": damage,
            "leftovers": list(self.leftovers),
        }


def examine(root: Path, on_progress: Progress | None = None) -> Soundness:
    """Read every file of the vault below ``root`` to its end.

    A file of a delivery is named by its path in the delivery, any other by its path in the vault; problems are
    ``changed``, ``missing``, ``unreadable`` and ``extra``. Raises :class:`HandoverError` where there is no vault.
    """
    if not (root / "objects").is_dir() and not (root / "deliveries").is_dir():
        raise HandoverError(f"There is no vault {root}. Name the home directory that has one.")
    store = ObjectStore(root)
    damage = list(Vault(root).verify(on_progress))
    evidence, expected = _evidence(root, store, damage)
    needed = _sealed_digests(root) | evidence
    expected |= {store.path(each) for each in needed} | {root / "lock"}
    expected |= {
        folder / name
        for folder in root.glob("deliveries/*")
        for name in ("seal.json", "accepted")
        if not folder.is_symlink()
    }
    leftovers = []
    for path in _entries(root):
        if path in expected:
            if path.is_symlink() or not path.is_file():
                damage.append(Damage("", PurePosixPath(path.relative_to(root)), "changed"))
        elif path == store.path(path.name) and not path.is_symlink() and store.problem(path.name) is None:
            leftovers.append(path.name)
        else:
            damage.append(Damage("", PurePosixPath(path.relative_to(root)), "extra"))
    return Soundness(sum(1 for _ in root.glob("deliveries/*")), len(needed), tuple(damage), tuple(leftovers))


def _entries(root: Path) -> list[Path]:
    """Everything in the vault that isn't a folder; what is on its way in doesn't count."""
    return [
        path
        for path in sorted(root.rglob("*"))
        if (path.is_symlink() or not path.is_dir()) and path.relative_to(root).parts[0] != "incoming"
    ]


def _sealed_digests(root: Path) -> set[str]:
    """The objects that seals name, as far as they can still be read."""
    digests: set[str] = set()
    for seal in root.glob("deliveries/*/seal.json"):
        try:
            facts = json.loads(seal.read_bytes())
            digests |= {str(each["sha256"]) for name in ("files", "tag_files") for each in facts[name]}
        except (OSError, ValueError, LookupError, TypeError):
            continue  # the vault has said so
    return digests


def _evidence(root: Path, store: ObjectStore, damage: list[Damage]) -> tuple[set[str], set[Path]]:
    """The objects that statements name, and the statements; what is wrong with either is added to ``damage``."""
    digests: set[str] = set()
    statements = set(root.glob("attestations/*/*.json"))
    for statement in sorted(statements):
        path = PurePosixPath(statement.relative_to(root))
        try:
            told = json.loads(statement.read_bytes())["predicate"]["configuration"]
            found = {str(each["digest"]["sha256"]) for each in told}
        except (OSError, ValueError, LookupError, TypeError):
            damage.append(Damage(statement.parent.name, path, "changed"))
            continue
        digests |= found
        damage += [
            Damage(statement.parent.name, path, f"evidence {problem}")
            for problem in map(store.problem, sorted(found))
            if problem
        ]
    return digests, statements
