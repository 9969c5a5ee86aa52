"""The manifest of an imported dump: tables, columns with their types, rows, digests and files, as JSON.

What was imported is told here and read back; importing, and judging counts against a declaration, are not here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from handover.dump.errors import Place, refuse

MANIFEST = "manifest.json"
RECORD = "table.json"
ROW_COLUMN = "_row"
_LONGEST_NAME = 100  # of an encoded identifier; two of them and a dot fit into any file system's 255


@dataclass(frozen=True)
class ImportedColumn:
    """A column: ``name`` as in the dump, ``field`` in Parquet (differs only where names would collide), PostgreSQL
    ``type``, Arrow type ``stored_as``, and why it is text although its type isn't (or None).
    """

    name: str
    field: str
    type: str
    stored_as: str
    text_because: str | None


@dataclass(frozen=True)
class ImportedFile:
    """One Parquet file of a table: its name in the folder, rows, size in bytes."""

    name: str
    rows: int
    size: int


@dataclass(frozen=True)
class ImportedTable:
    """One table, complete in ``folder``: ``digest`` is order-free over its rows, ``bytes`` counts its COPY text."""

    schema: str
    name: str
    rows: int
    columns: tuple[ImportedColumn, ...]
    digest: str
    bytes: int
    seconds: float
    folder: Path
    files: tuple[ImportedFile, ...]
    content_id: str

    def as_json(self) -> dict[str, Any]:
        """Return the table as JSON data; the folder by its name alone."""
        return asdict(self) | {"folder": self.folder.name}

    @property
    def is_on_disk(self) -> bool:
        """Whether every file is there with its size."""
        paths = [(self.folder / file.name, file.size) for file in self.files]
        return all(path.is_file() and path.stat().st_size == size for path, size in paths)


@dataclass(frozen=True)
class DumpManifest:
    """What was imported from one dump; ``content_id`` is its sha256 unless the caller gave another name for it.

    ``tables`` are those complete in the folder; ``tables_without_data`` are defined in the dump and hold no data;
    ``meta_commands`` counts psql's commands in a plain dump, none of which was obeyed.
    """

    content_id: str
    format: str
    archive_version: str
    server_version: str
    encoding: str
    compression: str
    digest_method: str
    tables: tuple[ImportedTable, ...]
    tables_without_data: tuple[str, ...]
    meta_commands: int

    def as_json(self) -> dict[str, Any]:
        """Return the manifest as JSON data."""
        return asdict(self) | {"tables": [table.as_json() for table in self.tables]}


def read_manifest(folder: Path) -> DumpManifest:
    """Read the manifest of an import; raises :class:`DumpError` when there is none or it can't be read."""
    told = _load(folder / MANIFEST)
    try:
        tables = tuple(_table(table, folder) for table in told["tables"])
        lists = {"tables": tables, "tables_without_data": tuple(told["tables_without_data"])}
        return DumpManifest(**(told | lists))
    except (KeyError, TypeError):
        refuse(
            Place(folder / MANIFEST), "the manifest of an import", "other content", "import the dump again"
        )


def read_record(folder: Path) -> ImportedTable | None:
    """Read the record inside one table's folder; None when there is none or it can't be used."""
    try:
        return _table(json.loads((folder / RECORD).read_text(encoding="utf-8")), folder.parent)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write JSON so that the file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.partial")
    temporary.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def folder_name(schema: str, name: str) -> str:
    """Return ``schema.name`` as a folder's name: lower-case ASCII letters, digits, ``_`` and ``-`` stay, the rest
    is percent-encoded (capitals too, for file systems that ignore case); what is too long ends in a hash.
    """
    return f"{_encoded(schema)}.{_encoded(name)}"


def _encoded(identifier: str) -> str:
    plain = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")
    raw = identifier.encode()
    text = "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in raw)
    if len(text) <= _LONGEST_NAME:
        return text
    return f"{text[: _LONGEST_NAME - 17]}~{sha256(raw).hexdigest()[:16]}"


def _load(path: Path) -> dict[str, Any]:
    remedy = "import the dump first"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(Place(path), "the manifest of an import", error.strerror or "none", remedy)
    except ValueError:
        refuse(Place(path), "the manifest of an import as JSON", "something else", remedy)
    return told if isinstance(told, dict) else {}


def _table(told: dict[str, Any], parent: Path) -> ImportedTable:
    return ImportedTable(
        **(
            told
            | {
                "columns": tuple(ImportedColumn(**column) for column in told["columns"]),
                "files": tuple(ImportedFile(**file) for file in told["files"]),
                "folder": parent / told["folder"],
            }
        )
    )
