"""Tables that source names."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from handover.inventory.trees.reading import Reading
from handover.inventory.trees.tables import tables_named
from tests.unit.handover.inventory.trees.planting import Deliver, tree_with


def named(name: str, content: str) -> set[str]:
    data = content.encode()
    return set(tables_named(Reading(PurePosixPath(name), len(data), "", 1, data)))


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('CREATE TABLE IF NOT EXISTS "TC"."Mui" (id int);', {"tc.mui"}),
        (
            "select a from tc.a x, tc.b as y join c on true left join only d on true",
            {"tc.a", "tc.b", "c", "d"},
        ),
        ("insert into a (x) select x from b on conflict (x) do update set x = 1", {"a", "b"}),
        ("update a set x = 1; delete from tc.b; truncate table c;", {"a", "tc.b", "c"}),
        ("update tc.a as t set x = 1 where exists (select from b)", {"tc.a", "b"}),
        ("with x as (select 1 from a), y (k) as (select k from x) select * from y", {"a"}),
        ("select extract(year from ngay), trim(both from ten) from a", {"a"}),
        ("select * from generate_series(1, 2) g, b", set()),
        ("select 'x from y' -- from z\n/* join k */ from a", {"a"}),
        ("select 1 where a is distinct from b; select 1 from a for update of a", {"a"}),
        ("create trigger t after update on a; comment on table a is 'from b'", set()),
        ("select nextval('x') from pg_catalog.pg_class", set()),
        ("/* never closed from a", set()),
    ],
)
def test_tables_in_sql(sql: str, tables: set[str]) -> None:
    assert named("a.sql", sql) == tables


@pytest.mark.parametrize(
    ("name", "code", "tables"),
    [
        ("A.java", '@Entity @Table(name = "MUI", schema = "tc")\nclass A {}', {"tc.mui"}),
        ("A.java", 'query("select a " + "from tc.a where x = ?")', {"tc.a"}),
        (
            "A.java",
            '// insert the row from table x\nString q = """\n  update tc.a\n  set x = 1""";',
            {"tc.a"},
        ),
        ("a.py", 'from os import path\n__tablename__ = "mui"\n', {"mui"}),
        ("a.py", "GHI = '''\ninsert into a values (1)'''\nupdate = 'from here'", {"a"}),
        ("a.php", "protected $table = 'mui'; Schema::create('tinh', f);", {"mui", "tinh"}),
        ("a.ts", "const q = `select x\n  from tc.a`; // don't select from b", {"tc.a"}),
        ("a.go", 'rows := db.Query("select 1 from tc.a")', {"tc.a"}),
        ("m.xml", "<mapper><select id='x'><![CDATA[select * from tc.a]]></select></mapper>", {"tc.a"}),
        ("m.xml", "<page>select from the list</page>", set()),
        ("a.md", "select x from y", set()),
        ("a.java", '"' + '\\"' * 200_000, set()),
    ],
)
def test_tables_in_code(name: str, code: str, tables: set[str]) -> None:
    assert named(name, code) == tables


def test_a_tree_knows_the_tables_of_all_its_files(deliver: Deliver) -> None:
    planted = {"b.py": b"Q = 'select 1 from tc.c'\n\xff", "b.bin.sql": b"\0select 1 from d"}

    assert tree_with(deliver, planted).tables == {"tc.a", "tc.b", "tc.c"}
