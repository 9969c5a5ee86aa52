from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump.definitions import Unreadable, copy_columns, table_definition, tokens

CREATE = """CREATE UNLOGGED TABLE tc."Bảng, (lạ)" (
    id bigint NOT NULL,
    "Họ ""và"" tên" character varying(20) COLLATE pg_catalog."C" DEFAULT 'a, b) NOT NULL'::character varying,
    at timestamp(3) with time zone DEFAULT now() NOT NULL,
    price numeric(10,2) DEFAULT (1 + 2),
    tags text[] DEFAULT ARRAY['x'::text, 'y'::text],
    mood public."Tâm trạng",
    span interval day to second(3),
    bits bit varying(5),
    "check" integer GENERATED ALWAYS AS ((id IS NOT NULL)::integer) STORED,
    note text DEFAULT E'it''s \\\\ \\' fine',
    body text DEFAULT $q$,)$q$,
    CONSTRAINT positive CHECK ((price > (0)::numeric)),
    PRIMARY KEY (id)
)
INHERITS (tc.parent, "Other");
"""


def test_columns_of_a_table_are_read_whatever_stands_between_them():
    definition = table_definition(CREATE)
    assert [(c.name, c.type, c.is_nullable) for c in definition.columns] == [
        ("id", "bigint", False),
        ('Họ "và" tên', "character varying(20)", True),
        ("at", "timestamp(3) with time zone", False),
        ("price", "numeric(10,2)", True),
        ("tags", "text[]", True),
        ("mood", 'public."Tâm trạng"', True),
        ("span", "interval day to second(3)", True),
        ("bits", "bit varying(5)", True),
        ("check", "integer", True),
        ("note", "text", True),
        ("body", "text", True),
    ]
    assert definition.parents == (("tc", "parent"), ("Other",))


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("COPY tc.t (id, ten) FROM stdin;\n", ("id", "ten")),
        ('COPY "T" ("Họ, tên", "a""b", "(") FROM stdin;', ("Họ, tên", 'a"b', "(")),
        ("COPY t  FROM stdin;", ()),
        ("COPY t (id) WITH OIDS FROM stdin;", ("oid", "id")),
        ("COPY t (id,) FROM stdin;", None),
        ("COPY t (id ten) FROM stdin;", None),
        ("COPY t (id) FROM PROGRAM 'rm';", None),
        ("INSERT INTO t VALUES (1);", None),
        ("", None),
    ],
)
def test_the_columns_of_a_copy_statement(statement, columns):
    assert copy_columns(statement) == columns


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE t OF s.kind;", "CREATE TABLE t (", "CREATE TABLE t (a", "", "VACUUM", "CREATE TABLE t ()"],
)
def test_what_names_no_columns_yields_none(statement):
    assert table_definition(statement).columns == ()


def test_a_partitioned_parent_is_told_apart():
    assert table_definition("CREATE TABLE t (\n a date\n)\nPARTITION BY RANGE (a);").is_partitioned


@pytest.mark.parametrize("text", ["'a", '"a', "$$a", "$tag$ a $other$", "E'a\\'"])
def test_a_quote_that_is_not_closed_is_no_definition(text):
    with pytest.raises(Unreadable):
        list(tokens(text))


@given(st.text(alphabet="abT \"'$(),;[]\\\n\tộ.=0", max_size=60))
def test_any_text_is_cut_into_tokens_that_cover_it_or_refused(text):
    try:
        found = list(tokens(text))
    except Unreadable:
        return
    assert "".join(token.text for token in found) == "".join(text[token.start : token.end] for token in found)
    assert [token.start for token in found] == sorted({token.start for token in found})
    table_definition(text)
    copy_columns(text)
