"""One defect planted in an imported database: it is found, and nothing else critical or major is."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import duckdb
import psycopg
import pytest

from handover.declaration import DeclaredTable
from handover.delivered_dumps import delivered_dump
from handover.dump.errors import DumpError, Place
from handover.dump.importer import import_dump
from handover.dump.manifest import MANIFEST
from handover.findings import catalogue
from handover.inventory.database import Database, cross_reference, inventory_databases, unreadable
from handover.inventory.source import inventory_source
from handover.parts import Component
from handover.sealed import SealedDelivery, SealedFile
from handover.synthetic.country import make_country
from handover.synthetic.vendor_database import vendor_server
from handover.vault import Vault

SUBJECTS, DOSES, LOG = "tiemchung.doi_tuong", "tiemchung.mui_tiem", "tiemchung.nhat_ky_dong_bo"
ORDINARY = {"HND-DB-10"}
"""What a country has without a defect of the handover: doses whose subject nobody finds."""


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> SealedDelivery:
    folder = tmp_path_factory.mktemp("country")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        country = make_country(folder / "made", scale=0.0001, seed=3)
    return Vault(folder / "vault").receive(country.delivery, received_at=datetime(2022, 4, 6, tzinfo=UTC))


@pytest.fixture(scope="module")
def imported(delivery: SealedDelivery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    for component, part in delivery.declaration.components.items():
        assert part.database is not None
        dump = next(each for each in delivery.files if each.path == part.database.path)
        import_dump(dump.location, lake / component)
    return lake


@pytest.fixture
def lake(imported: Path, tmp_path: Path) -> Path:
    shutil.copytree(imported, tmp_path / "lake")
    return tmp_path / "lake"


def support(delivery: SealedDelivery, lake: Path) -> Database:
    return next(each for each in inventory_databases(delivery, lake) if each.component is Component.SUPPORT)


def declaring(
    delivery: SealedDelivery, change: Callable[[list[DeclaredTable]], list[DeclaredTable]]
) -> SealedDelivery:
    part = delivery.declaration.components[Component.SUPPORT]
    assert part.database is not None
    tables = tuple(change(list(part.database.tables)))
    changed = replace(part, database=replace(part.database, tables=tables))
    components = {**delivery.declaration.components, Component.SUPPORT: changed}
    return replace(delivery, declaration=replace(delivery.declaration, components=components))


def rewrite(lake: Path, table: str, query: str) -> None:
    """Give a table other rows; ``rows`` in the query are those it has."""
    folder = lake / "support" / table
    parts = sorted(str(each) for each in folder.glob("*.parquet"))
    with duckdb.connect() as connection:
        connection.execute("create table rows as from read_parquet(?)", [parts])
        for part in parts:
            Path(part).unlink()
        connection.execute(f"copy ({query}) to '{parts[0]}' (format parquet)")
        rows = connection.execute("select count(*) from read_parquet(?)", [parts[0]]).fetchone()
    assert rows is not None
    file = {"name": Path(parts[0]).name, "rows": rows[0], "size": Path(parts[0]).stat().st_size}
    edit(lake, lambda told: told | {"rows": rows[0], "files": [file]}, table)


def edit(lake: Path, change: Callable[[dict[str, object]], dict[str, object] | None], table: str) -> None:
    manifest = lake / "support" / MANIFEST
    told = json.loads(manifest.read_text("utf-8"))
    tables = []
    for each in told["tables"]:
        changed = change(each) if f"{each['schema']}.{each['name']}" == table else each
        tables += [changed] if changed else []
    manifest.write_text(json.dumps(told | {"tables": tables}), "utf-8")


def spoiling(found: Database) -> set[str]:
    return {each.id for each in found.findings if each.severity.spoils}


def test_a_clean_package_has_nothing_critical_or_major(delivery: SealedDelivery, lake: Path) -> None:
    found = inventory_databases(delivery, lake)
    assert len(found) == 4
    assert {each.id for one in found for each in one.findings} <= ORDINARY


def without_column(name: str) -> Callable[[dict[str, object]], dict[str, object]]:
    def change(told: dict[str, object]) -> dict[str, object]:
        columns = told["columns"]
        assert isinstance(columns, list)
        return told | {"columns": [each for each in columns if each["name"] != name]}

    return change


def with_type(name: str, type_: str) -> Callable[[dict[str, object]], dict[str, object]]:
    def change(told: dict[str, object]) -> dict[str, object]:
        columns = told["columns"]
        assert isinstance(columns, list)
        return told | {
            "columns": [each | ({"type": type_} if each["name"] == name else {}) for each in columns]
        }

    return change


Plant = Callable[[Path], None]
IN_THE_LAKE: dict[str, Plant] = {
    "HND-DB-05": lambda lake: edit(lake, without_column("ho_ten"), SUBJECTS),
    "HND-DB-06": lambda lake: edit(lake, with_type("ngay_tiem", "json"), DOSES),
    "HND-DB-07": lambda lake: edit(lake, without_column("dia_chi"), SUBJECTS),
    "HND-DB-08": lambda lake: edit(lake, lambda told: told | {"name": "nhat_ky_moi"}, LOG),
    "HND-DB-09": lambda lake: rewrite(
        lake, SUBJECTS, "select * replace (if(_row = 7, 8, id) as id) from rows"
    ),
    "HND-DB-10": lambda lake: rewrite(lake, DOSES, "select * replace (-1 as doi_tuong_id) from rows"),
    "HND-DB-11": lambda lake: rewrite(
        lake,
        DOSES,
        "select * replace (ngay_tao - interval 40 day as ngay_tao, ngay_cap_nhat - interval 40 day as ngay_cap_nhat)"
        " from rows",
    ),
    "HND-DB-12": lambda lake: rewrite(
        lake,
        DOSES,
        "select * replace (if(_row = 1, '2022-05-01 00:00:00+07', ngay_tao) as ngay_tao) from rows",
    ),
    "HND-DB-14": lambda lake: rewrite(
        lake, SUBJECTS, "select * replace (if(_row = 1, 'Test 1', ho_ten) as ho_ten) from rows"
    ),
}
"""Finding, and what brings it about; what was declared then follows what is there, so that only the defect remains."""


@pytest.mark.parametrize("id_", IN_THE_LAKE)
def test_a_planted_defect_is_found_and_nothing_else_is_bad(
    id_: str, delivery: SealedDelivery, lake: Path
) -> None:
    IN_THE_LAKE[id_](lake)
    rows = support(delivery, lake).tables
    found = support(declaring(delivery, lambda _: [DeclaredTable(*each) for each in rows.items()]), lake)
    assert id_ in {each.id for each in found.findings}
    assert spoiling(found) == ({id_} if catalogue()[id_].severity.spoils else set())


IN_THE_DECLARATION: dict[str, Callable[[list[DeclaredTable]], list[DeclaredTable]]] = {
    "HND-DB-02": lambda tables: [*tables, DeclaredTable("tiemchung.khac", 5)],
    "HND-DB-03": lambda tables: [replace(tables[0], rows=tables[0].rows + 1), *tables[1:]],
    "HND-DB-04": lambda tables: tables[:-1],
}


@pytest.mark.parametrize("id_", IN_THE_DECLARATION)
def test_a_declaration_that_differs_is_found(id_: str, delivery: SealedDelivery, lake: Path) -> None:
    found = support(declaring(delivery, IN_THE_DECLARATION[id_]), lake)
    assert spoiling(found) == {id_}


def test_empty_and_temporary_tables_are_found(delivery: SealedDelivery, lake: Path) -> None:
    rewrite(lake, LOG, "from rows limit 0")
    edit(lake, lambda told: told | {"name": "doi_tuong_bak"}, LOG)
    rows = support(delivery, lake).tables
    found = support(declaring(delivery, lambda _: [DeclaredTable(*each) for each in rows.items()]), lake)
    assert {"HND-DB-13", "HND-DB-14"} <= {each.id for each in found.findings}
    assert spoiling(found) == set()


def test_an_unreadable_dump_is_critical_and_quotes_no_row(delivery: SealedDelivery) -> None:
    declared = delivery.declaration.components[Component.SUPPORT].database
    assert declared is not None
    found = unreadable(
        Component.SUPPORT, declared, DumpError(Place(Path("x.dump")), "a block", "the file's end")
    )
    assert spoiling(found) == {"HND-DB-01"}


def test_source_and_dump_are_set_side_by_side(delivery: SealedDelivery, lake: Path) -> None:
    source = next(each for each in inventory_source(delivery) if each.component is Component.SUPPORT)
    database = support(delivery, lake)
    assert cross_reference(database, source) == ()
    more = replace(source, tables=source.tables | {"tiemchung.moi", "pg_catalog.pg_class"})
    assert [each.id for each in cross_reference(database, more)] == ["HND-DB-16"]
    fewer = replace(source, tables=source.tables - {LOG})
    assert [each.id for each in cross_reference(database, fewer)] == ["HND-DB-17"]


def test_staleness_begins_after_three_days(delivery: SealedDelivery, lake: Path) -> None:
    for days, is_stale in ((2, False), (4, True)):
        found = support(replace(delivery, snapshot_at=delivery.snapshot_at + timedelta(days=days)), lake)
        assert ("HND-DB-11" in spoiling(found)) is is_stale


@pytest.fixture(scope="module")
def rewritten(delivery: SealedDelivery, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The support system's dump in another form, made by PostgreSQL's own programs."""
    folder = tmp_path_factory.mktemp("rewritten")
    dump = next(each for each in delivery.files if str(each.path) == "database/support.dump")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        with vendor_server() as server:
            with psycopg.connect(server.uri, autocommit=True) as admin:
                admin.execute("create database again")
            subprocess.run(
                [server.programs / "pg_restore", "-d", server.database("again"), dump.location], check=True
            )
            for form in ("p", "d"):
                command = [server.programs / "pg_dump", f"-F{form}", "-f", folder / form]
                subprocess.run([*command, server.database("again")], check=True)
    return lambda form: folder / form


def delivering(delivery: SealedDelivery, dump: Path) -> SealedDelivery:
    """The delivery with this file, or this folder's files, in the place of the support system's dump."""
    path = PurePosixPath("database/support.dump")
    files = [dump] if dump.is_file() else list(dump.iterdir())
    placed = [
        SealedFile(
            path if dump.is_file() else path / each.name,
            hashlib.sha256(each.read_bytes()).hexdigest(),
            each.stat().st_size,
            each,
        )
        for each in files
    ]
    others = [each for each in delivery.files if each.path != path]
    return replace(delivery, files=tuple(sorted((*others, *placed), key=lambda each: each.path)))


@pytest.mark.parametrize("form", ["p", "d"])
def test_a_dump_in_another_form_is_as_good(
    delivery: SealedDelivery, lake: Path, rewritten: Callable[[str], Path], form: str
) -> None:
    changed = delivering(delivery, rewritten(form))
    dump = delivered_dump(changed, Component.SUPPORT)
    assert dump is not None
    dump.import_to(lake / "support")
    found = support(changed, lake)
    assert spoiling(found) == set()
    assert found.tables == support(delivery, lake).tables


def test_a_command_of_psql_in_a_script_is_critical(
    delivery: SealedDelivery, lake: Path, rewritten: Callable[[str], Path], tmp_path: Path
) -> None:
    script = tmp_path / "support.sql"
    text = rewritten("p").read_bytes()
    script.write_bytes(
        text.replace(b"\nCREATE TABLE", b"\n\\! touch " + bytes(tmp_path / "trap") + b"\nCREATE TABLE", 1)
    )
    changed = delivering(delivery, script)
    dump = delivered_dump(changed, Component.SUPPORT)
    assert dump is not None
    dump.import_to(lake / "support")
    assert spoiling(support(changed, lake)) == {"HND-DB-18"}
    assert not (tmp_path / "trap").exists()


def test_a_dump_without_constraints_is_found(
    delivery: SealedDelivery, lake: Path, rewritten: Callable[[str], Path], tmp_path: Path
) -> None:
    script = tmp_path / "support.sql"
    text = rewritten("p").read_text("utf-8")
    script.write_text(re.sub(r"ALTER TABLE ONLY \S+\s+ADD CONSTRAINT [^;]*;", "", text), "utf-8")
    changed = delivering(delivery, script)
    dump = delivered_dump(changed, Component.SUPPORT)
    assert dump is not None
    dump.import_to(lake / "support")
    found = support(changed, lake)
    assert "HND-DB-15" in {each.id for each in found.findings}
    assert spoiling(found) == set()
