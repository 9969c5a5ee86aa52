"""Dumps of several files: hostile tars and folders are refused, and nothing outside the dump is opened."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handover.dump.errors import DumpError
from handover.dump.importer import import_dump, inspect_dump
from tests.unit.handover.dump.conftest import ArchiveMaker, integer, string

ROWS = b"1\ta\n2\t\\N\n"


def table_of_contents(file: str = "7.dat", name: str = "ban") -> bytes:
    """A toc.dat of one table whose data lies in ``file``."""
    head = b"PGDMP\x01\x10\x00\x04\x08\x03\x00" + b"".join(integer(n) for n in (0, 0, 12, 5, 3, 122, 0))
    head += string("vendor") + string("18.4") + string("18.4") + integer(2)

    def entry(number: int, kind: str, definition: str, copy: str, data: str) -> bytes:
        texts = [string(t) for t in (definition, "", copy, "tc", "", "")]
        told = (
            integer(number)
            + integer(int(bool(data)))
            + string("0")
            + string("0")
            + string(name)
            + string(kind)
        )
        told += integer(2) + b"".join(texts) + integer(ord("r")) + string("postgres") + string("false")
        return told + integer(-1) + string(data)

    create = f"CREATE TABLE tc.{name} (id integer, t text);"
    copy = f"COPY tc.{name} (id, t) FROM stdin;"
    return head + entry(1, "TABLE", create, "", "") + entry(7, "TABLE DATA", "", copy, file)


def a_tar(
    *members: tuple[str, bytes], change: Callable[[tarfile.TarInfo], None] = lambda member: None
) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            change(member)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


WHOLE = (("toc.dat", table_of_contents()), ("7.dat", ROWS + b"\\.\n\n\n"), ("restore.sql", b"\\! rm"))


def a_folder(folder: Path, *members: tuple[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in members:
        (folder / name).write_bytes(data)
    return folder


def test_a_tar_and_a_folder_give_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(a_tar(*WHOLE))
    first = import_dump(tmp_path / "a.tar", tmp_path / "one")
    second = import_dump(a_folder(tmp_path / "b", *WHOLE), tmp_path / "two")
    assert (first.format, second.format) == ("tar", "directory")
    assert [(t.rows, t.digest) for t in first.tables] == [(t.rows, t.digest) for t in second.tables]
    assert first.tables[0].rows == 2


def as_link(member: tarfile.TarInfo) -> None:
    if member.name == "7.dat":
        member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_tar(*WHOLE[1:]), "a dump with a toc.dat"),
        (a_tar(*WHOLE, WHOLE[1]), "plain files, each once"),
        (a_tar(*WHOLE, change=as_link), "plain files, each once"),
        (a_tar(WHOLE[0]), "no such file"),
        (a_tar(*WHOLE)[: a_tar(*WHOLE).index(ROWS) + 3], "the file's end"),
        (a_tar(("toc.dat", table_of_contents("../7.dat")), WHOLE[1]), "a plain name of its file"),
        (a_tar(("toc.dat", table_of_contents("/etc/passwd")), WHOLE[1]), "a plain name of its file"),
        (a_tar(("toc.dat", ArchiveMaker().bytes())), "found the custom format"),
        (a_tar(("toc.dat", b"")), "the archive's magic bytes"),
    ],
    ids=range(9),
)
def test_a_hostile_tar_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(DumpError, match=said):
        import_dump(tmp_path / "a.tar", tmp_path / "out")


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", WHOLE[0])
    (tmp_path / "secret").write_bytes(WHOLE[1][1])
    (folder / "7.dat").symlink_to(tmp_path / "secret")
    with pytest.raises(DumpError, match="no such file"):
        import_dump(folder, tmp_path / "out")


def test_a_pipe_in_a_folder_is_not_opened(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", WHOLE[0])
    os.mkfifo(folder / "7.dat")
    with pytest.raises(DumpError, match="no such file"):
        import_dump(folder, tmp_path / "out")


def test_one_file_of_a_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", *WHOLE)
    with pytest.raises(DumpError, match="name the whole folder of the dump"):
        inspect_dump(folder / "toc.dat")


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_changed_bytes_of_a_tar_raise_nothing_but_dump_error(data: st.DataObject) -> None:
    content = bytearray(a_tar(*WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "x.tar").write_bytes(content)
        with suppress(DumpError):
            import_dump(folder / "x.tar", folder / "out")
    finally:
        shutil.rmtree(folder)
