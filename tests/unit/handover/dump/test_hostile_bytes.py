"""Whatever bytes a file holds, the answer is a table of contents, rows, or DumpError; never another exception."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handover.dump.errors import DumpError
from handover.dump.importer import import_dump, inspect_dump

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "found an empty file"),
        (b"PGD", "found the file's end"),
        (b"\x1f\x8b\x08\x00", "found the data's end before it"),
        (b"\x00\x01\x02", "found something else"),
        (b"  \n", "found something else"),
        (b"a text of no SQL;", "found something else"),
        (b"--\n-- PostgreSQL database dump\n--\n", "found the file's end before it"),
        (b"COPY a (b) FROM stdin;\n1\n", "found the file's end before it"),
        (b"PGDMP\x01\x11\x00\x04\x08\x01", "found 1.17"),
        (b"PGDMP\x01\x0b\x00\x04\x08\x01", "found 1.11"),
        (b"PGDMP\x01\x10\x00\x04\x08\x07\x01", "found format 7"),
        (b"PGDMP\x01\x10\x00\x09\x08\x01\x01", "found 9 and 8"),
        (b"PGDMP\x01\x10\x00\x04\x08\x01\x09", "found 9"),
    ],
)
def test_what_is_no_readable_dump_is_refused_with_what_was_found(write_dump: Write, content, found):
    with pytest.raises(DumpError) as refused:
        inspect_dump(write_dump(content))
    assert found in str(refused.value)


def test_a_dump_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DumpError, match="No such file"):
        inspect_dump(tmp_path / "none.dump")


@pytest.mark.parametrize("is_compressed", [True, False])
@pytest.mark.parametrize("has_offsets", [True, False])
def test_a_dump_cut_off_anywhere_is_refused_and_leaves_nothing_partial(
    people, write_dump: Write, tmp_path, is_compressed, has_offsets
):
    people.is_compressed, people.has_offsets = is_compressed, has_offsets
    people.tables.reverse()  # so that what is cut first is a table with rows
    whole = people.bytes()
    for length in range(0, len(whole), 5):
        with pytest.raises(DumpError):
            import_dump(write_dump(whole[:length]), tmp_path / "out")
        left = {path.name for path in (tmp_path / "out").iterdir()} if (tmp_path / "out").exists() else set()
        assert left <= {"tc.trong"}


def test_a_bomb_is_read_in_flat_memory_and_refused(people, write_dump: Write, tmp_path):
    people.table("tc", "bom", "n integer", "(n)", b"0" * (64 << 20))
    with pytest.raises(DumpError, match=r"tc\.bom"):
        import_dump(write_dump(people), tmp_path / "out", tables=["tc.bom"])


@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_wrong_statement_of_the_compression_is_refused(people, write_dump: Write, tmp_path, is_compressed):
    people.is_compressed = is_compressed
    content = bytearray(people.bytes())
    content[11] = 1 - content[11]
    with pytest.raises(DumpError):
        import_dump(write_dump(bytes(content)), tmp_path / "out")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_changed_bytes_never_raise_anything_but_dump_error(new_archive, data):
    maker = new_archive(is_compressed=data.draw(st.booleans()), has_offsets=data.draw(st.booleans()))
    maker.table(
        "tc", "t", "id bigint, ten text, ngay date", "(id, ten, ngay)", b"1\ta\\\\b\\n\t2022-01-01\n" * 3
    )
    content = bytearray(maker.bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "x.dump").write_bytes(content)
        with suppress(DumpError):
            inspect_dump(folder / "x.dump")
        with suppress(DumpError):
            import_dump(folder / "x.dump", folder / "out")
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("limit", "most", "found"),
    [
        ("toc.LARGEST_TOC", 300, "a table of contents of at most 300 bytes"),
        ("toc.MOST_ENTRIES", 4, "at most 4 entries"),
        ("archive.LONGEST_STRING", 20, "of at most 20 bytes"),
    ],
)
def test_a_table_of_contents_that_takes_too_much_memory_is_refused(
    people, write_dump: Write, monkeypatch, limit, most, found
):
    monkeypatch.setattr(f"handover.dump.{limit}", most)
    with pytest.raises(DumpError, match=found):
        inspect_dump(write_dump(people))
