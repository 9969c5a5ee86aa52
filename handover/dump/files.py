"""Dumps whose data lies in files of their own: PostgreSQL's directory format, and its tar format.

Names come from the dump and are never followed out of it: only plain names of regular files are opened.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from handover.dump.archive import ArchiveHeader, ArchiveReader, opened, read_header
from handover.dump.compression import Compression, decompressed
from handover.dump.custom import archive_facts, with_statements
from handover.dump.errors import Place, refuse
from handover.dump.source import DumpSource
from handover.dump.toc import LARGEST_TOC, TableOfContents, TocEntry, read_toc

TOC = "toc.dat"
WINDOW = 1 << 20
MOST_FILES = 1_000_000

_BLOCK = tarfile.BLOCKSIZE
_PLAIN_NAME = re.compile(r"[\w][\w.-]{0,200}")
_SUFFIXES = {"": Compression.NONE, ".gz": Compression.GZIP, ".lz4": Compression.LZ4, ".zst": Compression.ZSTD}


@dataclass(frozen=True)
class _File:
    """A file of the dump: ``place`` of the file that holds it, where in that it begins, and its bytes."""

    place: Place
    start: int
    size: int


class FileArchive(DumpSource):
    """A dump of several files, by their names (``toc.dat``, ``3012.dat.gz``); ``form`` is directory or tar."""

    def __init__(self, place: Place, form: str, files: Mapping[str, _File]) -> None:
        self.place = place
        self._files = files
        self._read = 0
        self.size = sum(file.size for file in files.values())
        header, toc = self._contents()
        self.facts = archive_facts(form, header, toc)
        self.entries = toc.entries
        self.entries = with_statements(self)
        self._read = 0

    @property
    def position(self) -> int:
        """Bytes read of all files together."""
        return self._read

    def in_order(self, entries: tuple[TocEntry, ...]) -> tuple[TocEntry, ...]:
        """Return the entries as they lie in a tar; in a directory any order is as good."""
        return tuple(sorted(entries, key=lambda entry: self._file_of(entry)[0].start))

    def pieces(self, entry: TocEntry) -> Iterator[bytes]:
        """Yield the entry's data, decompressed."""
        place = self.place_of(entry)
        file, compression = self._file_of(entry)
        at = [file.start]

        def refuse_here(expected: str, found: str) -> NoReturn:
            refuse(place.at(at[0]), expected, found)

        return decompressed(self._windows(file, place, at), compression, refuse_here)

    def close(self) -> None:
        """Nothing is left open."""

    def size_of_large_object(self, oid: int) -> int | None:
        """Return the bytes of a large object's file, if it isn't compressed."""
        file = self._files.get(f"blob_{oid}.dat")
        return file.size if file else None

    def _windows(self, file: _File, place: Place, at: list[int]) -> Iterator[bytes]:
        content, _ = opened(file.place)
        with content:
            content.seek(file.start)
            end = file.start + file.size
            while at[0] < end:
                window = content.read(min(WINDOW, end - at[0]))
                if not window:
                    refuse(place.at(at[0]), f"{end - at[0]} more bytes", "the file's end")
                at[0] += len(window)
                self._read += len(window)
                yield window

    def _contents(self) -> tuple[ArchiveHeader, TableOfContents]:
        file = self._files.get(TOC)
        if file is None:
            refuse(self.place, f"a dump with a {TOC}", "none")
        if file.size > LARGEST_TOC:
            refuse(self.place, f"a {TOC} of at most {LARGEST_TOC} bytes", f"{file.size}")
        place = Place(file.place.file, label=f"{self.place.label or self.place.file.name}/{TOC}")
        with ArchiveReader(place, b"".join(self._windows(file, place, [file.start]))) as reader:
            header = read_header(reader)
            if header.has_blocks:
                refuse(place, "a table of contents of the tar or directory format", "the custom format")
            return header, read_toc(reader, header)

    def _file_of(self, entry: TocEntry) -> tuple[_File, Compression]:
        place = self.place_of(entry)
        if not _PLAIN_NAME.fullmatch(entry.file):
            refuse(place, "a plain name of its file of data", "another")
        found = next((suffix for suffix in _SUFFIXES if entry.file + suffix in self._files), None)
        if found is None:
            refuse(place, f"its data in {entry.file}", "no such file")
        return self._files[entry.file + found], _SUFFIXES[found]


def files_of_folder(place: Place, folder: Mapping[str, Path] | Path) -> dict[str, _File]:
    """Return the regular files of a dump's folder (links aren't followed), or those given by name."""
    found: dict[str, _File] = {}
    try:
        named = folder if isinstance(folder, Mapping) else {each.name: each for each in folder.iterdir()}
        for name, path in named.items():
            if path.is_file() and not path.is_symlink():
                label = f"{place.label or place.file.name}/{name}"
                found[name] = _File(Place(path, label=label), 0, path.stat().st_size)
    except OSError as error:
        refuse(place, "a readable folder", error.strerror or "none", "check the path and its permissions")
    return found


def files_of_tar(place: Place, archive: BinaryIO, size: int) -> dict[str, _File]:
    """Return the members of a dump's tar: plain files under plain names, each once."""
    found: dict[str, _File] = {}
    at = 0
    while at < size:
        archive.seek(at)
        head = archive.read(_BLOCK)
        if head == bytes(_BLOCK):
            break
        member = None
        with suppress(tarfile.HeaderError, ValueError):
            member = tarfile.TarInfo.frombuf(head, "utf-8", "replace")
        if member is None:
            refuse(place.at(at), "a member's head", "something else")
        start = at + _BLOCK
        if not member.isreg() or member.size < 0 or member.name in found or len(found) >= MOST_FILES:
            refuse(place.at(at), "plain files, each once, as pg_dump -Ft writes them", "another member")
        if start + member.size > size:
            refuse(
                place.at(start), f"a member of {member.size} bytes", f"the file's end after {size - start}"
            )
        found[member.name] = _File(place, start, member.size)
        at = start + -(-member.size // _BLOCK) * _BLOCK
    return found
