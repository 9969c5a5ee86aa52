from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump import copy_text
from handover.dump.column_types import column_type
from handover.dump.copy_text import Misfit, parse_rows
from handover.dump.errors import DumpError, Place
from handover.dump.rows import RowChunk, row_chunks

PLACE = Place(Path("x.dump"), "tc.t", 0)
LETTERS = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def parsed(text: bytes, *types: str) -> list[tuple[object, ...]]:
    chunk = RowChunk(text, text.count(b"\n"), 1, PLACE)
    table = parse_rows(chunk, [column_type(t) for t in types])
    return list(zip(*(table.column(i).to_pylist() for i in range(table.num_columns)), strict=True))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (rb"\\", "\\"),
        (rb"\b\f\n\r\t\v", "\b\f\n\r\t\v"),
        (rb"\\n", "\\n"),
        (rb"\\\n", "\\\n"),
        (rb"\\\\n", "\\\\n"),
        (rb"\\N", "\\N"),
        (rb"\\.", "\\."),
        (rb"\N", None),
        (rb"", ""),
        (rb"N", "N"),
        (rb"\101\60\7", "A0\x07"),
        (rb"\x41\x4a\xg", "AJxg"),
        (rb"\xc3\xa9", "é"),
        (rb"\q\'\"", "q'\""),
        (rb"a\Nb", "aNb"),
        (rb"\.x", ".x"),
        (b"\"quoted\", and 'so'", "\"quoted\", and 'so'"),
        ("Nguyễn \\\\ Ánh".encode(), "Nguyễn \\ Ánh"),
    ],
)
def test_copy_escapes_mean_what_postgresql_says(written, meant):
    assert parsed(b"plain\t1\n" + written + b"\t2\n\\N\t3\n", "text", "integer") == [
        ("plain", 1),
        (meant, 2),
        (None, 3),
    ]


@given(
    values=st.lists(
        st.lists(
            st.sampled_from([rb"\\", rb"\n", rb"\x4", rb"\x41", rb"\1", rb"\101", rb"\q", b"a", b"1"])
        ).map(b"".join),
        min_size=1,
    ),
    piece=st.integers(4, 12),
)
def test_a_long_value_is_the_same_wherever_it_is_cut(values, piece):
    text = b"".join(value + b"\n\\N\n" for value in values)
    whole = parsed(text, "text")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copy_text, "_LARGE", 0)
        patch.setattr(copy_text, "_PIECE", piece)
        assert parsed(text, "text") == whole


@given(
    st.lists(st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", codec="utf-8"))), min_size=1)
)
def test_any_text_written_as_copy_writes_it_is_read_back(values):
    def written(value: str | None) -> str:
        return "\\N" if value is None else "".join(LETTERS.get(c, c) for c in value)

    text = "".join(f"{written(value)}\t{i}\n" for i, value in enumerate(values)).encode()
    assert parsed(text, "text", "bigint") == [(value, i) for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("type_", "written", "meant"),
    [
        ("smallint", b"-32768", -32768),
        ("bigint", b"9223372036854775807", 9223372036854775807),
        ("boolean", b"t", True),
        ("boolean", b"f", False),
        ("numeric(10,2)", b"-12345678.90", Decimal("-12345678.90")),
        ("numeric(38,0)", b"9" * 38, Decimal("9" * 38)),
        ("numeric(39,0)", b"9" * 39, "9" * 39),
        ("numeric", b"1.50", "1.50"),
        ("numeric(5,-2)", b"100", "100"),
        ("double precision", b"-Infinity", float("-inf")),
        ("double precision", b"0.1", 0.1),
        ("character(4)", b"ab  ", "ab  "),
        ("uuid", b"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("bytea", rb"\\xdead", "\\xdead"),
        ("integer[]", b"{1,NULL}", "{1,NULL}"),
        ("unknown", b"x", "x"),
    ],
)
def test_values_keep_their_type_where_arrow_has_it_and_their_text_elsewhere(type_, written, meant):
    assert parsed(written + b"\t\n", type_, "text") == [(meant, "")]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        (b"2022-04-05 10:00:00+07", "2022-04-05T03:00:00+00:00"),
        (b"2022-04-05 10:00:00.123456+05:30", "2022-04-05T04:30:00.123456+00:00"),
        (b"2022-04-05 23:59:59.5-09:30", "2022-04-06T09:29:59.500000+00:00"),
        (b"0001-01-01 00:00:00+00", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_timestamp_with_an_offset_becomes_its_instant(written, utc):
    ((value,),) = parsed(written + b"\n", "timestamp with time zone")
    assert value.isoformat() == utc


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        ("timestamp with time zone", b"infinity"),
        ("timestamp with time zone", b"1900-01-01 00:00:00+07:06:30"),
        ("timestamp without time zone", b"0044-03-15 10:00:00 BC"),
        ("timestamp(3) without time zone", b"294276-12-31 23:59:59.999"),
        ("date", b"5874897-12-31"),
        ("numeric(10,2)", b"NaN"),
        ("numeric(10,2)", b"-Infinity"),
    ],
)
def test_a_value_outside_arrows_type_asks_for_text_and_is_kept_exactly(type_, written):
    with pytest.raises(Misfit) as misfit:
        parsed(b"1\t" + written + b"\n", "integer", type_)
    assert misfit.value.columns == {1}
    as_text = column_type(type_).as_text()
    table = parse_rows(RowChunk(written + b"\n", 1, 1, PLACE), [as_text])
    assert table.column(0).to_pylist() == [written.decode()]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (b"1\n", ("integer", "text")),
        (b"1\ta\tb\n", ("integer", "text")),
        (b"x\n", ("integer",)),
        (b"99999\n", ("smallint",)),
        (b"\n", ("integer",)),
        (b"true\n", ("boolean",)),
        (b"\xff\n", ("text",)),
        (b"a\rb\n", ("text",)),
        (b"a\0b\n", ("text",)),
        (b"\\000\n", ("text",)),
        (b"\\xff\n", ("text",)),
        (b"a\\\n", ("text",)),
    ],
)
def test_what_copy_never_writes_is_refused(text, types):
    with pytest.raises(DumpError):
        parsed(text, *types)


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_chunks_hold_whole_rows_and_count_on(size, piece):
    rows = [b"row %d\n" % i for i in range(200)]
    text = b"".join(rows) + b"\\.\n\n\n"
    pieces = (text[a : a + piece] for a in range(0, len(text), piece))
    chunks = list(row_chunks(pieces, PLACE, lambda: 7, size))
    assert b"".join(c.text for c in chunks) == b"".join(rows)
    assert [c.first_row for c in chunks] == [1 + sum(c.rows for c in chunks[:i]) for i in range(len(chunks))]
    assert all(c.rows == c.text.count(b"\n") > 0 and c.text.endswith(b"\n") for c in chunks)


@pytest.mark.parametrize("text", [b"", b"a\n", b"a\n\\.", b"a\\.\n", b"a\n\\.\nb", b"a"])
def test_rows_without_their_closing_line_are_refused(text):
    with pytest.raises(DumpError, match="the line that closes a table's rows"):
        list(row_chunks(iter([text]), PLACE, lambda: 0))
