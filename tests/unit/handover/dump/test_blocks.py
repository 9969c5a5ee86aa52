from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump import blocks
from handover.dump.archive import ArchiveReader
from handover.dump.blocks import contents
from handover.dump.errors import Place
from handover.dump.importer import inspect_dump
from handover.dump.row_blocks import join_row_blocks


def block(content: bytes) -> bytes:
    return b"\0" + len(content).to_bytes(4, "little") + content


ROWS = st.lists(
    st.one_of(st.integers(0, 40), st.sampled_from([9, 10, 11, 265, 266, 2569, 2570, 2825])), max_size=30
)


@given(ROWS, st.binary(max_size=8))
def test_blocks_of_one_row_are_joined_as_far_as_they_are_whole(lengths, rest):
    rows = [b"x" * length + b"\n" for length in lengths]
    whole = b"".join(map(block, rows))
    joined, end = join_row_blocks(whole + b"\0\0\0\0\0" + rest, 4)
    assert (joined, end) == (b"".join(rows), len(whole))


@given(st.lists(st.binary(max_size=20), max_size=20), st.binary(max_size=8))
def test_blocks_of_any_content_are_joined_from_the_first_on_without_a_gap(contents, rest):
    whole = [block(content) for content in contents]
    joined, end = join_row_blocks(b"".join(whole) + rest, 4)
    ends = [sum(map(len, whole[:n])) for n in range(len(whole) + 1)]
    if end <= ends[-1]:  # what follows may by chance look like further blocks
        assert end in ends
        assert joined == b"".join(contents[: ends.index(end)])


@pytest.mark.parametrize("window", [6, 7, 64, 1000])
@pytest.mark.parametrize("size", [0, 1, 5, 300])
def test_rows_come_whole_whatever_the_window_and_the_blocks_are(
    people, write_dump, monkeypatch, window, size
):
    rows = b"".join(b"%d\t%s\t\\N\n" % (i, b"y" * (i * 61 % 600)) for i in range(30))
    people.is_compressed, people.block = False, size
    people.table("tc", "x", "id integer, t text, d date", "(id, t, d)", rows)
    path = write_dump(people)
    monkeypatch.setattr(blocks, "WINDOW", window)
    assert table_text(path, 102) == rows + b"\\.\n\n\n"


def table_text(path: Path, number: int) -> bytes:
    from handover.dump.archive import read_header
    from handover.dump.toc import read_toc

    assert inspect_dump(path).compression == "none"
    with ArchiveReader(Place(path)) as reader:
        header = read_header(reader)
        toc = read_toc(reader, header)
        entry = next(e for e in toc.entries if e.dump_id == number)
        assert entry.offset is not None
        return b"".join(contents(reader, entry, entry.offset, Place(path), are_rows=True))
