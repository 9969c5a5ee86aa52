from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from handover.dump.errors import DumpError
from handover.dump.importer import import_dump, inspect_dump
from handover.dump.manifest import DumpManifest, folder_name, read_manifest

Write = Callable[..., Path]
ROWS = [
    {"id": 1, "ten": "Nguyễn Văn A", "ngay": date(1990, 2, 3), "_row": 1},
    {"id": 2, "ten": "", "ngay": None, "_row": 2},
    {"id": 3, "ten": None, "ngay": date(2001, 12, 31), "_row": 3},
]


def rows_of(manifest: DumpManifest, name: str) -> list[dict[str, object]]:
    table = next(t for t in manifest.tables if t.name == name)
    return [r for f in table.files for r in pq.read_table(table.folder / f.name).to_pylist()]


@pytest.mark.parametrize("version", [(1, 12), (1, 13), (1, 14), (1, 15), (1, 16)])
@pytest.mark.parametrize("is_compressed", [True, False])
@pytest.mark.parametrize("has_offsets", [True, False])
def test_every_archive_version_compression_and_kind_of_offset_gives_the_same_rows(
    people, write_dump: Write, tmp_path, version, is_compressed, has_offsets
):
    people.version, people.is_compressed, people.has_offsets = version, is_compressed, has_offsets
    manifest = import_dump(write_dump(people), tmp_path / "out")
    assert rows_of(manifest, "doi_tuong") == ROWS
    assert rows_of(manifest, "trong") == []
    assert [(t.schema, t.name, t.rows) for t in manifest.tables] == [
        ("tc", "doi_tuong", 3),
        ("tc", "trong", 0),
    ]


@pytest.mark.parametrize("block", [0, 1, 2, 3, 7, 100, 1 << 20])
@pytest.mark.parametrize("is_compressed", [True, False])
def test_the_size_of_blocks_changes_nothing(people, write_dump: Write, tmp_path, block, is_compressed):
    people.block, people.is_compressed = block, is_compressed
    assert rows_of(import_dump(write_dump(people), tmp_path / "out"), "doi_tuong") == ROWS


def test_inspection_tells_tables_and_columns_and_counts_the_rest(people, write_dump: Write):
    told = inspect_dump(write_dump(people)).as_json()
    assert told["tables"][0] == {
        "schema": "tc",
        "name": "doi_tuong",
        "kind": "table",
        "columns": [
            {"name": "id", "type": "bigint", "nullable": False},
            {"name": "ten", "type": "text", "nullable": True},
            {"name": "ngay", "type": "date", "nullable": True},
        ],
        "has_data": True,
    }
    assert (told["format"], told["archive_version"], told["compression"]) == ("custom", "1.16", "gzip")
    assert (told["server_version"], told["encoding"], told["other"]) == ("18.4", "UTF8", {"encoding": 1})


def test_the_manifest_is_read_back_as_it_was_returned(people, write_dump: Write, tmp_path):
    manifest = import_dump(write_dump(people), tmp_path / "out")
    assert read_manifest(tmp_path / "out") == manifest
    assert manifest.tables[0].columns[0].stored_as == "int64"
    assert len(manifest.content_id) == 64


def test_a_second_import_keeps_complete_tables_and_makes_damaged_ones_anew(
    people, write_dump: Write, tmp_path
):
    path, out = write_dump(people), tmp_path / "out"
    first = import_dump(path, out)
    kept, damaged = (t.folder / t.files[0].name for t in first.tables)
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    damaged.write_bytes(b"")
    second = import_dump(path, out)
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before
    assert [t.digest for t in second.tables] == [t.digest for t in first.tables]
    assert rows_of(second, "trong") == []


def test_another_dump_replaces_what_the_first_left(people, write_dump: Write, tmp_path):
    import_dump(write_dump(people), tmp_path / "out")
    del people.tables[0]
    manifest = import_dump(write_dump(people), tmp_path / "out")
    assert [t.name for t in manifest.tables] == ["trong"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["manifest.json", "tc.trong"]


def test_only_the_tables_asked_for_are_imported_and_an_unknown_one_is_refused(
    people, write_dump: Write, tmp_path
):
    path = write_dump(people)
    assert [t.name for t in import_dump(path, tmp_path / "out", tables=["tc.trong"]).tables] == ["trong"]
    with pytest.raises(DumpError, match=r"expected data of tc\.khac, found none; inspect the dump"):
        import_dump(path, tmp_path / "out", tables=["tc.khac"])


def test_a_table_that_cannot_be_read_leaves_the_complete_ones_and_nothing_partial(
    people, write_dump: Write, tmp_path
):
    people.table("tc", "xau", "id integer", "(id)", b"1\n2\t3\n")
    with pytest.raises(
        DumpError, match=r"support\.dump, table tc\.xau, byte \d+: expected 2 rows"
    ) as refused:
        import_dump(write_dump(people), tmp_path / "out")
    assert "\t" not in str(refused.value)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["tc.doi_tuong", "tc.trong"]


@pytest.mark.parametrize("value", ["infinity", "-infinity", "0044-03-15 BC", "12022-01-01"])
def test_a_date_outside_arrows_range_makes_its_column_text_and_the_manifest_says_so(
    people, write_dump: Write, tmp_path, value
):
    people.table("tc", "ngay", "d date", "(d)", f"2022-04-05\n{value}\n\\N\n".encode())
    manifest = import_dump(write_dump(people), tmp_path / "out")
    assert [row["d"] for row in rows_of(manifest, "ngay")] == ["2022-04-05", value, None]
    column = manifest.tables[-1].columns[0]
    assert (column.type, column.stored_as) == ("date", "string")
    assert column.text_because is not None


def test_what_no_date_can_look_like_is_refused_without_being_quoted(people, write_dump: Write, tmp_path):
    people.table("tc", "ngay", "d date", "(d)", b"2022-04-05\nNguyen Van A\n")
    with pytest.raises(DumpError, match="expected date as PostgreSQL prints it") as refused:
        import_dump(write_dump(people), tmp_path / "out")
    assert "Nguyen" not in str(refused.value)


def test_a_number_column_that_holds_a_name_is_refused_without_quoting_it(people, write_dump: Write, tmp_path):
    people.table("tc", "so", "n integer", "(n)", b"5\nNguyen\n")
    with pytest.raises(DumpError, match="expected integer in column 1 of the 2 rows") as refused:
        import_dump(write_dump(people), tmp_path / "out")
    assert "Nguyen" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_rows_after_the_closing_line_are_refused(people, write_dump: Write, tmp_path):
    people.table("tc", "x", "t text", "(t)", b"a\n\\.\nb\n")
    with pytest.raises(DumpError, match="closing line after all rows"):
        import_dump(write_dump(people), tmp_path / "out")


def test_text_in_another_encoding_becomes_utf8(people, write_dump: Write, tmp_path):
    people.encoding = "LATIN1"
    people.tables.clear()
    people.table("tc", "x", "t text", "(t)", "café\n".encode("latin-1"))
    assert rows_of(import_dump(write_dump(people), tmp_path / "out"), "x") == [{"t": "café", "_row": 1}]


def test_a_table_without_columns_keeps_its_rows(people, write_dump: Write, tmp_path):
    people.table("tc", "khong_cot", "", "", b"\n\n\n")
    assert rows_of(import_dump(write_dump(people), tmp_path / "out"), "khong_cot") == [
        {"_row": 1},
        {"_row": 2},
        {"_row": 3},
    ]


def test_columns_whose_names_collide_get_fields_of_their_own(people, write_dump: Write, tmp_path):
    columns = '_row integer, "A" integer, a integer, "a.b" text'
    people.table("tc", "x", columns, '(_row, "A", a, "a.b")', b"1\t2\t3\tx\n")
    assert rows_of(import_dump(write_dump(people), tmp_path / "out"), "x") == [
        {"_row~2": 1, "A~2": 2, "a": 3, "a.b": "x", "_row": 1}
    ]


def test_progress_rises_to_the_whole_file(people, write_dump: Write, tmp_path):
    path = write_dump(people)
    calls: list[tuple[int, int]] = []
    import_dump(path, tmp_path / "out", on_progress=lambda done, total: calls.append((done, total)))
    size = path.stat().st_size
    assert calls[-1] == (size, size)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


@pytest.mark.parametrize(
    ("schema", "name", "folder"),
    [
        ("tiemchung", "doi_tuong", "tiemchung.doi_tuong"),
        ("..", "../../etc/passwd", "%2E%2E.%2E%2E%2F%2E%2E%2Fetc%2Fpasswd"),
        ("a.b", "c", "a%2Eb.c"),
        ("x", "Người", "x.%4Eg%C6%B0%E1%BB%9Di"),
        ("x", "*", "x.%2A"),
    ],
)
def test_a_folder_name_is_safe_whatever_the_table_is_called(schema, name, folder):
    assert folder_name(schema, name) == folder


def test_long_names_stay_within_a_file_system_and_distinct():
    names = [folder_name("ạ" * 60, "ạ" * 60 + last) for last in "ab"]
    assert names[0] != names[1]
    assert max(map(len, names)) < 230


def test_an_error_calls_the_file_by_the_name_people_know(write_dump: Write, tmp_path):
    with pytest.raises(DumpError, match=r"^database/support\.dump: expected a dump, found an empty file"):
        import_dump(write_dump(b""), tmp_path / "out", label="database/support.dump")


def test_a_content_id_that_is_given_is_believed_and_kept(people, write_dump: Write, tmp_path):
    assert import_dump(write_dump(people), tmp_path / "out", content_id="abc").content_id == "abc"


def test_a_target_that_cannot_be_written_is_told_with_a_remedy(people, write_dump: Write, tmp_path):
    (tmp_path / "out").write_text("a file, not a folder")
    with pytest.raises(DumpError, match="check free space and permissions"):
        import_dump(write_dump(people), tmp_path / "out")


def test_inherited_columns_keep_their_types(people, write_dump: Write, tmp_path):
    people.table("tc", "con", "tuoi smallint", "(id, ten, ngay, tuoi)", b"1\ta\t2001-01-01\t5\n")
    schema, name, create, *rest = people.tables.pop()
    people.tables.append((schema, name, create.replace(");", ")\nINHERITS (tc.doi_tuong);"), *rest))
    columns = import_dump(write_dump(people), tmp_path / "out").tables[-1].columns
    assert [column.stored_as for column in columns] == ["int64", "string", "date32[day]", "int16"]


def test_of_many_large_objects_all_are_counted_and_a_thousand_listed(write_dump):
    script = "".join(f"SELECT pg_catalog.lo_create('{oid}');\n" for oid in range(1, 1502))
    contents = inspect_dump(write_dump(b"CREATE TABLE a (b integer);\n" + script.encode()))
    assert ([each.oid for each in contents.large_objects[-2:]], contents.large_object_count) == (
        [999, 1000],
        1501,
    )
    assert contents.as_json()["large_objects"][0] == {"oid": 1, "size": None}


def test_columns_of_several_parents_come_in_the_order_written(write_dump: Write):
    script = (
        b"CREATE TABLE a (x text);\nCREATE TABLE z (y text, both text);\n"
        b"CREATE TABLE con (own text, both text)\nINHERITS (z, a);\nINSERT INTO con VALUES ('y', 'b', 'x', 'o');\n"
    )
    (con,) = (table for table in inspect_dump(write_dump(script)).tables if table.name == "con")
    assert [column.name for column in con.columns] == ["y", "both", "x", "own"]


def test_a_chain_of_parents_without_an_end_is_refused_and_a_circle_ends(write_dump: Write):
    circle = b"CREATE TABLE a (x text)\nINHERITS (b);\nCREATE TABLE b (y text)\nINHERITS (a);\n"
    assert [len(table.columns) for table in inspect_dump(write_dump(circle)).tables] == [2, 2]
    chain = [f"CREATE TABLE t{n} (c{n} text)\nINHERITS (t{n + 1});\n" for n in range(400)]
    with pytest.raises(DumpError, match="tables that inherit"):
        inspect_dump(write_dump("".join(chain).encode()))
