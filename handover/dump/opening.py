"""Open whatever holds a dump: told by content, not by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from handover.dump.archive import MAGIC, ArchiveReader, opened, read_header
from handover.dump.custom import CustomArchive
from handover.dump.errors import Place, refuse
from handover.dump.files import TOC, FileArchive, files_of_folder, files_of_tar
from handover.dump.script_source import ScriptSource
from handover.dump.source import DumpSource


@contextmanager
def open_dump(place: Place, files: Mapping[str, Path] | None = None) -> Iterator[DumpSource]:
    """Open a dump: a custom or tar archive, a directory, or plain SQL (also as gz, lz4, zst or xz).

    ``files`` are those of a directory dump by their names, where they don't lie together in ``place``. Raises
    :class:`DumpError` for what is no dump, or is hostile or broken.
    """
    with _source(place, files) as source:
        yield source


def _source(place: Place, files: Mapping[str, Path] | None) -> DumpSource:
    if files is not None or place.file.is_dir():
        return FileArchive(place, "directory", files_of_folder(place, files or place.file))
    file, size = opened(place)
    with file:
        head = file.read(512)
        if not head:
            refuse(place, "a dump", "an empty file")
        if head[257:262] == b"ustar":
            return FileArchive(place, "tar", files_of_tar(place, file, size))
    if not head.startswith(MAGIC[:1]) or not MAGIC.startswith(head[: len(MAGIC)]):
        return ScriptSource(place)
    return _custom(place)


def _custom(place: Place) -> DumpSource:
    reader = ArchiveReader(place)
    try:
        header = read_header(reader)
        if not header.has_blocks:
            remedy = "name the whole folder of the dump, not one file of it"
            refuse(place, "a whole dump", f"a {TOC} without its files", remedy)
        return CustomArchive(reader, header)
    except BaseException:
        reader.close()
        raise
