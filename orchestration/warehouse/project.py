"""The dbt project as files: where it lies, its manifest, the SQL that was compiled of it. Needs no dbt to be read."""

from __future__ import annotations

import csv
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration.warehouse.errors import WarehouseError

PROJECT = Path(__file__).parents[2] / "dbt_project"
MANIFEST = PROJECT / "target" / "manifest.json"
PARSED = MANIFEST.with_name("parsed.sha256")
"""Digest of the files that the manifest was parsed from."""
_INPUTS = ("*.sql", "*.yml", "*.csv")


def is_manifest_current() -> bool:
    """Whether the manifest is there and was parsed from the files as they are."""
    try:
        return MANIFEST.exists() and PARSED.read_text(encoding="ascii") == inputs_digest()
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def inputs() -> list[Path]:
    """Every file that the project is made of; nothing that dbt derives."""
    folders = [path for path in PROJECT.iterdir() if path.is_dir() and path.name not in {"target", "logs"}]
    files = [path for folder in folders for pattern in _INPUTS for path in folder.rglob(pattern)]
    return [*files, PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]


def inputs_digest() -> str:
    """SHA-256 over names and bytes of these files (64 hex)."""
    digest = hashlib.sha256()
    for path in sorted(inputs()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PROJECT)}|{content}|".encode())
    return digest.hexdigest()


def read_manifest() -> dict[str, Any]:
    """The project's manifest as it was last parsed, not to be changed; :class:`WarehouseError` when it never was."""
    if not MANIFEST.exists():
        raise WarehouseError("The dbt project was not parsed yet; run `make setup` first.")
    return _manifest(MANIFEST, MANIFEST.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _manifest(path: Path, _made_at: int) -> dict[str, Any]:
    """Read once for as long as it is the same file: every gate asks for it."""
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def has_compiled(target: Path) -> bool:
    """Whether anything was built in ``target`` yet."""
    return (target / "manifest.json").exists()


def compiled_manifest(target: Path) -> dict[str, Any]:
    """The manifest of the latest builds in ``target``, each model with the SQL that was last compiled for it.

    dbt writes compiled code only for the nodes of one invocation into the manifest, and for all of them into files.
    """
    path = target / "manifest.json"
    if not has_compiled(target):
        raise WarehouseError(f"There is no dbt manifest in {target}; run `tiemchung run` first.")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for node in manifest["nodes"].values():
        compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
        if node["resource_type"] == "model" and compiled.exists():
            node["compiled_code"] = compiled.read_text(encoding="utf-8")
    return manifest


def province_names() -> dict[str, str]:
    """The provinces' names by code, from the seed."""
    with (PROJECT / "seeds" / "provinces.csv").open(encoding="utf-8", newline="") as seed:
        return {row["province_code"]: row["province_name"] for row in csv.DictReader(seed)}
