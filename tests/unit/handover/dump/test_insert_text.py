from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump import insert_text, insert_values, rows
from handover.dump.errors import DumpError, Place
from handover.dump.insert_text import insert_rows

PLACE = Place(Path("x.sql"), "tc.t")
HEADER = b"INSERT INTO tc.t VALUES"
OVERRIDING = b"INSERT INTO t (i) OVERRIDING SYSTEM VALUE VALUES"
LETTERS = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
WORDS = {"NULL": "\\N", "DEFAULT": "\\N", "true": "t", "false": "f"}
CONTROLS = bytes(range(1, 32)).translate(None, b"\b\t\n\v\f\r")
SIZES = [1, 2, 3, 7, 1 << 30]


def cut(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


def converted(text: bytes, header: bytes = HEADER, size: int = 1 << 30, **options: bool) -> bytes:
    return b"".join(insert_rows(cut(text, size), header, PLACE, lambda: 7, **options))


def in_row(value: bytes) -> bytes:
    return b"INSERT INTO tc.t VALUES (1, " + value + b", 'x');\n"


@pytest.fixture(params=["at once", "value by value"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways have to read what is usual alike; the rare forms know one way only."""
    if request.param == "value by value":
        monkeypatch.setattr(insert_text, "rows_at_once", unusual)
    return request.param


def unusual(*_: object) -> None:
    raise insert_text.Unusual


VALUES = [
    (b"NULL", rb"\N"),
    (b"DEFAULT", rb"\N"),
    (b"true", b"t"),
    (b"false", b"f"),
    (b"0", b"0"),
    (b"-1", b"-1"),
    (b"1e-30", b"1e-30"),
    (b"1.5E+10", b"1.5E+10"),
    (b"9" * 1000, b"9" * 1000),
    (b"'NaN'", b"NaN"),
    (b"''", b""),
    (b"''''", b"'"),
    (b"''''''", b"''"),
    (b"'a''b'", b"a'b"),
    (b"'''a'''", b"'a'"),
    (b"'NULL'", b"NULL"),
    (b"'\\N'", rb"\\N"),
    (b"'\\.'", rb"\\."),
    (b"'a\\nb'", rb"a\\nb"),
    (b"'a\nb\r\n\tc'", rb"a\nb\r\n\tc"),
    (b"'\b\f\v'", rb"\b\f\v"),
    (b"'\x01\x02\x7f'", b"\x01\x02\x7f"),
    (b"'1, (2), 3;'", b"1, (2), 3;"),
    (
        b"'x'');\nINSERT INTO tc.t VALUES (2, ''y'', ''z'');\n'",
        rb"x');\nINSERT INTO tc.t VALUES (2, 'y', 'z');\n",
    ),
    (b"'-- no comment'", b"-- no comment"),
    ("'Nguyễn Thị Huyền 𠀀'".encode(), "Nguyễn Thị Huyền 𠀀".encode()),
    (b"'\xff\xfe\xe1\xba'", b"\xff\xfe\xe1\xba"),
    (b"'" + CONTROLS + b"'", CONTROLS),
    (b"'" + CONTROLS + bytes(range(127, 256)) + b"'", CONTROLS + bytes(range(127, 256))),
    (b"'" + bytes(range(128, 256)) + b"'", bytes(range(128, 256))),
    (b"B'0101'", b"0101"),
    (b"B''", b""),
    (b"X'1fA'", b"000111111010"),
    (b"E'a\\\\b\\'c''d\\n\\t\\x41\\101\\q'", rb"a\\b'c'd\n\tAAq"),
    (b"E'\\\\'", rb"\\"),
    (b"E'it\\'s\\', 2);\n--'", b"it's', 2);\\n--"),
]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("written", "meant"), VALUES)
def test_a_value_becomes_what_copy_writes_for_it(written: bytes, meant: bytes, size: int):
    rows = b"1\t" + meant + b"\tx\n"
    assert (
        converted(in_row(written) + in_row(b"'y'") + in_row(written), size=size) == rows + b"1\ty\tx\n" + rows
    )


STATEMENTS = [
    (HEADER, b"", b""),
    (HEADER, b"\n\n\n", b""),
    (HEADER, b"INSERT INTO tc.t VALUES (1);\n\n\n", b"1\n"),
    (HEADER, b"\nINSERT INTO tc.t VALUES (1);\n\n-- it's ( a comment;\n--\nINSERT INTO tc.t VALUES (2);", b"1\n2\n"),
    (HEADER, b"INSERT INTO tc.t VALUES\n\t(1, 'a'),\n\t(2, '');\n" * 2, b"1\ta\n2\t\n" * 2),
    (HEADER, b"INSERT INTO tc.t VALUES (1) ON CONFLICT DO NOTHING;\n" * 3, b"1\n" * 3),
    (HEADER, b"INSERT INTO tc.t VALUES\n\t(1),\n\t(2) ON CONFLICT DO NOTHING;\n" * 2, b"1\n2\n" * 2),
    (b'INSERT INTO tc.t (a, "b c") VALUES', b'INSERT INTO tc.t (a, "b c") VALUES (1, NULL);\n' * 2, b"1\t\\N\n" * 2),
    (b'INSERT INTO "a);b" VALUES', b'INSERT INTO "a);b" VALUES (1);\n' * 2, b"1\n" * 2),
    (b'INSERT INTO "a)(,b" VALUES', b'INSERT INTO "a)(,b" VALUES (1);\n' * 2, b"1\n" * 2),
    (b"INSERT INTO \"it's\" VALUES", b"INSERT INTO \"it's\" VALUES ('(');\n" * 2, b"(\n" * 2),
    (b'INSERT INTO "--" VALUES', b'INSERT INTO "--" VALUES (1);\n' * 2, b"1\n" * 2),
    (OVERRIDING, OVERRIDING + b" (1);\n" + OVERRIDING + b" (2);\n", b"1\n2\n"),
    (b"INSERT INTO t DEFAULT VALUES", b"INSERT INTO t DEFAULT VALUES;\n" * 3, b"\n" * 3),
]  # fmt: skip


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("header", "text", "rows"), STATEMENTS)
def test_statements_of_every_form_become_rows(header: bytes, text: bytes, rows: bytes, size: int):
    assert converted(text, header, size) == rows


REFUSED = [
    b"INSERT INTO tc.t VALUES (now());\n",
    b"INSERT INTO tc.t VALUES (a);\n",
    b"INSERT INTO tc.t VALUES (NULLS);\n",
    b"INSERT INTO tc.t VALUES (nULL);\n",
    b"INSERT INTO tc.t VALUES (1a);\n",
    b"INSERT INTO tc.t VALUES (1 2);\n",
    b"INSERT INTO tc.t VALUES (1)(2);\n",
    b"INSERT INTO tc.t VALUES ();\n",
    b"INSERT INTO tc.t VALUES (,);\n",
    b"INSERT INTO tc.t VALUES (1,);\n",
    b"INSERT INTO tc.t VALUES ((1));\n",
    b"INSERT INTO tc.t VALUES ('a'::text);\n",
    b"INSERT INTO tc.t VALUES ('a' 'b');\n",
    b"INSERT INTO tc.t VALUES ('a'x);\n",
    b"INSERT INTO tc.t VALUES (U&'a');\n",
    b"INSERT INTO tc.t VALUES (E'\\u0041');\n",
    b"INSERT INTO tc.t VALUES (B'2');\n",
    b"INSERT INTO tc.t VALUES (X'g');\n",
    b"INSERT INTO tc.t VALUES ($$a$$);\n",
    b"INSERT INTO tc.t VALUES (1) RETURNING a;\n",
    b"INSERT INTO tc.t VALUES (1)",
    b"INSERT INTO tc.t VALUES (1",
    b"INSERT INTO tc.t VALUES (1),",
    b"INSERT INTO tc.t VALUES ('a);\n",
    b"INSERT INTO tc.t VALUES (1), INSERT INTO tc.t VALUES (1);\n",
    b"INSERT INTO tc.t VALUES (1);;\n",
    b"INSERT INTO tc.t VALUES (1);\nINSERT INTO tc.t VALUES (1, 2);\n",
    b"INSERT INTO tc.t VALUES (1);\nINSERT INTO tc.u VALUES (1);\n",
    b"INSERT INTO tc.t VALUES (1);\nDROP TABLE tc.t;\n",
    b"INSERT INTO tc.t VALUES (1);\n-- no end",
    b"INSERT INTO tc.t DEFAULT VALUES;\n",
]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("before", [b"", b"INSERT INTO tc.t VALUES (1);\n" * 3])
@pytest.mark.parametrize("text", REFUSED)
def test_what_pg_dump_never_writes_is_refused(text: bytes, before: bytes):
    for size in (1, 1 << 30):
        with pytest.raises(DumpError, match=r"x\.sql, table tc\.t, byte 7") as refused:
            converted(before + text, size=size)
        assert "now" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [b"garbage ", b"INSERT INTO tc.t VALUES (now());\n", b"'", b"INSERT INTO tc.t VALUES ('a'::text);\n"],
)
def test_a_refusal_does_not_wait_for_the_datas_end(text: bytes):
    left = iter([in_row(b"1") * 3 + text, *[b" " * 100_000] * 50])
    with pytest.raises(DumpError):
        list(insert_rows(left, HEADER, PLACE, lambda: 7))
    assert len(list(left)) > 25


@pytest.mark.parametrize("value", [b"'aaaaaaaaa'", b"111111111", b"'" + b"a" * 100_000])
def test_a_row_without_an_end_is_refused_before_it_fills_the_memory(
    value: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(insert_text, "WINDOW", 1000)
    monkeypatch.setattr(insert_values, "LONG", 2000)
    monkeypatch.setattr(rows, "LONGEST_ROW", 50_000)
    left = iter([HEADER + b" (" + value, *[b", " + value] * 200_000])
    with pytest.raises(DumpError, match="rows of at most 50000 bytes"):
        list(rows.row_chunks(insert_rows(left, HEADER, PLACE, lambda: 7), PLACE, lambda: 7, 1000))
    assert len(list(left)) > 150_000


def test_backslashes_escape_in_all_strings_where_strings_are_not_standard():
    text = in_row(b"'a\\\\b\\nc'") + in_row(b"E'\\''") + in_row(b"'no'") + in_row(b"B'01'")
    rows = b"1\ta\\\\b\\nc\tx\n1\t'\tx\n1\tno\tx\n1\t01\tx\n"
    assert converted(text, has_standard_strings=False) == rows


@pytest.mark.parametrize(
    "value", [b"'" + b"a,''(\n" * 3_000_000 + b"'", b"E'" + b"a\\'\\\\" * 2_000_000 + b"'"]
)
def test_a_row_longer_than_many_windows_is_read(value: bytes):
    meant = (
        value[1:-1].replace(b"''", b"'").replace(b"\n", b"\\n")
        if value[:1] == b"'"
        else b"a'\\\\" * 2_000_000
    )
    text = in_row(b"2") + in_row(value) + in_row(b"3")
    assert converted(text, size=1 << 16) == b"1\t2\tx\n1\t" + meant + b"\tx\n1\t3\tx\n"


def test_windows_of_many_rows_are_read_at_once(monkeypatch: pytest.MonkeyPatch):
    """The other way is ten times slower: what is usual must not fall into it, but at the data's end."""
    read: list[int] = []
    carefully = insert_text._carefully
    monkeypatch.setattr(
        insert_text, "_carefully", lambda text, known: (read.append(len(text)), carefully(text, known))[1]
    )
    text = b"".join(in_row(b"'it''s \\ %d'" % number) for number in range(100_000))
    rows = b"".join(b"1\tit's \\\\ %d\tx\n" % number for number in range(100_000))
    assert converted(text, size=50_000) == rows
    assert sum(read) < 1000
    parts = [b"(1, 'a%d', DEFAULT, -1.5)" % number for number in range(100_000)]
    many = b"".join(
        b"INSERT INTO tc.t VALUES\n\t" + b",\n\t".join(parts[at : at + 7]) + b";\n"
        for at in range(0, 100_000, 7)
    )
    assert converted(many, size=50_000).count(b"\n") == 100_000
    assert sum(read) < 2000


@dataclass(frozen=True)
class Written:
    """Rows, as INSERT statements and as COPY text."""

    header: bytes
    statements: bytes
    rows: bytes


def literal(value: str, kind: int) -> tuple[str, str]:
    """Write a value as INSERT has it and as COPY has it."""
    copied = "".join(LETTERS.get(character, character) for character in value)
    if kind == 0:
        return "E'" + "".join({"'": "\\'", "\\": "\\\\", "\n": "\\n"}.get(c, c) for c in value) + "'", copied
    return "'" + value.replace("'", "''") + "'", copied


texts = st.one_of(
    st.text(st.sampled_from("',();\\\n\tabN- E"), max_size=8),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20),
    st.just("x');\nINSERT INTO tc.t VALUES ('"),
)
values = st.one_of(
    st.sampled_from(list(WORDS.items())),
    st.integers().map(lambda number: (str(number), str(number))),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: (str(number), str(number))),
    st.builds(literal, texts, st.integers(min_value=1, max_value=9)),
)
rare_values = st.one_of(values, st.builds(literal, texts, st.just(0)), st.just(("B'01'", "01")))


@st.composite
def written(draw: st.DrawFn) -> Written:
    columns = draw(st.integers(min_value=1, max_value=5))
    kinds = draw(st.sampled_from([values, values, rare_values]))
    rows = draw(st.lists(st.lists(kinds, min_size=columns, max_size=columns), max_size=8))
    together = draw(st.sampled_from([1, 1, 3]))
    header = draw(
        st.sampled_from(
            ["INSERT INTO tc.t VALUES", 'INSERT INTO t (a, "b;c") VALUES', 'INSERT INTO "\'" VALUES']
        )
    )
    tail = draw(st.sampled_from([";\n", " ON CONFLICT DO NOTHING;\n", ";\n\n-- it's\n"]))
    statements = ""
    for at in range(0, len(rows), together):
        lines = ["(" + ", ".join(value for value, _ in row) + ")" for row in rows[at : at + together]]
        statements += header + (" " if together == 1 else "\n\t") + ",\n\t".join(lines) + tail
    copied = "".join("\t".join(value for _, value in row) + "\n" for row in rows)
    return Written(
        header.encode(), (statements + draw(st.sampled_from(["", "\n\n"]))).encode(), copied.encode()
    )


@given(written())
def test_any_rows_equal_what_copy_writes_however_their_bytes_are_cut(example: Written):
    for size in SIZES:
        assert converted(example.statements, example.header, size) == example.rows


@given(written(), st.sampled_from([1, 16, 64, 500]))
def test_small_windows_give_the_same_rows(example: Written, window: int):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(insert_text, "WINDOW", window)
        assert converted(example.statements, example.header, 3) == example.rows


@given(written())
def test_statements_cut_off_anywhere_give_whole_rows_and_a_refusal(example: Written):
    whole = example.statements.rstrip()
    for length in range(len(whole)):
        given_rows: list[bytes] = []
        is_refused = False
        try:
            for part in insert_rows(iter([whole[:length]]), example.header, PLACE, lambda: 7):
                given_rows.append(part)
        except DumpError:
            is_refused = True
        assert example.rows.startswith(b"".join(given_rows))
        is_between = whole[:length].rstrip().endswith((b";", b"-- it's")) or not length
        assert is_refused or is_between


@given(written(), st.randoms(use_true_random=False))
def test_flipped_bytes_give_rows_or_a_refusal_and_the_same_both_ways(example: Written, chance: random.Random):
    broken = bytearray(example.statements)
    for _ in range(3):
        if broken:
            broken[chance.randrange(len(broken))] = chance.choice(b"'(),;\\ \n-N1E\x00\xff")
    assert outcome(bytes(broken), example.header, at_once=True) == outcome(
        bytes(broken), example.header, at_once=False
    )


def outcome(text: bytes, header: bytes, *, at_once: bool) -> bytes | None:
    with pytest.MonkeyPatch.context() as patched:
        if not at_once:
            patched.setattr(insert_text, "rows_at_once", unusual)
        try:
            return converted(text, header)
        except DumpError:
            return None


@given(
    values=st.lists(
        st.tuples(
            st.sampled_from([b"'", b"E'", b"B'"]),
            st.lists(
                st.sampled_from([b"a", b"''", b"\\\\", b"\\x41", b"\\101", b"\\'", b"\n", "ễ".encode()])
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    sizes=st.tuples(st.integers(1, 30), st.integers(0, 40)),
)
def test_a_long_row_is_the_same_row_wherever_it_is_cut(
    values: list[tuple[bytes, list[bytes]]], sizes: tuple[int, int]
):
    texts = []
    for opening, parts in values:
        allowed = [p for p in parts if opening == b"E'" or (p not in {b"\\'"} and opening != b"B'")]
        texts.append(opening + (b"".join(allowed) if opening != b"B'" else b"01" * len(parts)) + b"'")
    text = (HEADER + b" (" + b", ".join(texts) + b", NULL);\n") * 3
    whole = converted(text, size=1 << 16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insert_text, "WINDOW", sizes[0])
        patch.setattr(insert_values, "LONG", sizes[1])
        assert converted(text, size=sizes[0]) == whole
