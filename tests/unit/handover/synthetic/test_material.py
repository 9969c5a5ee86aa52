"""Source, installers and documents of a synthetic delivery: complete, readable, and the same every time."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import docx
import pypdf
import pytest
import python_calamine
import sqlglot
from sqlglot import exp

from handover.contract.mapping import load_mapping
from handover.declaration import Declaration, DeclaredComponent
from handover.inventory.database import Database
from handover.inventory.dictionaries import against_dump
from handover.inventory.documents import inventory_documents
from handover.inventory.formats import read_document
from handover.inventory.gaps import gaps
from handover.inventory.installers import inventory_installers
from handover.inventory.packaging.insides import InstallerType
from handover.inventory.prose import Language
from handover.parts import Component, Deliverable, DeliveryKind, DocumentKind
from handover.sealed import SealedDelivery, SealedFile
from handover.synthetic.material.delivered import MaterialOfComponent, write_material
from handover.synthetic.material.schema import create_statements, vendor_schema

Written = tuple[Path, Mapping[Component, MaterialOfComponent]]
Tables = dict[str, tuple[list[tuple[str, str]], list[str]]]

MADE_FOR = {
    Component.PORTAL: (InstallerType.CONTAINER_IMAGE, {"PHP", "TSX", "TypeScript"}),
    Component.SUPPORT: (InstallerType.WAR, {"Java"}),
    Component.COMMAND: (InstallerType.DEB, {"Python", "Go"}),
    Component.HEALTH_BOOK: (InstallerType.APK, {"Kotlin"}),
}
SUFFIXES = {
    "PHP": ".php",
    "TSX": ".tsx",
    "TypeScript": ".ts",
    "Java": ".java",
    "Python": ".py",
    "Go": ".go",
    "Kotlin": ".kt",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    data = tmp_path_factory.mktemp("data")
    return data, write_material(data)


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def digests(data: Path) -> dict[str, str]:
    files = (each for each in data.rglob("*") if each.is_file())
    return {str(each.relative_to(data)): sha256_of(each) for each in files}


def documents(written: Written, suffix: str) -> list[tuple[Path, str]]:
    data, material = written
    return [
        (data / each.path, each.title)
        for component in material.values()
        for each in component.documents
        if each.path.suffix == suffix
    ]


def tables_of(statements: str) -> Tables:
    """Qualified table name -> (columns with types, key columns), as another parser reads the SQL."""
    found: Tables = {}
    for statement in sqlglot.parse(statements, read="postgres"):
        if isinstance(statement, exp.Create) and statement.kind == "TABLE":
            columns = [
                (each.name, each.kind.sql("postgres").lower()) for each in statement.find_all(exp.ColumnDef)
            ]
            key = statement.find(exp.PrimaryKey)
            found[statement.this.this.sql()] = (
                columns,
                [each.name for each in key.expressions] if key else [],
            )
    return found


def test_the_same_bytes_are_written_every_time(written: Written, tmp_path: Path) -> None:
    data, material = written
    assert write_material(tmp_path) == material
    assert digests(tmp_path) == digests(data)


def test_material_is_small(written: Written) -> None:
    files = [each for each in written[0].rglob("*") if each.is_file()]
    assert sum(each.stat().st_size for each in files) < 2 << 20


def test_everything_declared_is_there_and_nothing_is_empty(written: Written) -> None:
    data, material = written
    assert list(material) == list(Component)
    for each in material.values():
        assert (data / each.source.path).is_dir()
        assert all((data / item.path).is_file() for item in (*each.installers, *each.documents))
    assert all(each.stat().st_size > 0 for each in data.rglob("*") if each.is_file())


def test_every_file_outside_source_is_declared(written: Written) -> None:
    data, material = written
    declared = {str(item.path) for each in material.values() for item in (*each.installers, *each.documents)}
    assert {path for path in digests(data) if not path.startswith("source/")} == declared


def delivered(data: Path, material: Mapping[Component, MaterialOfComponent]) -> SealedDelivery:
    """The material as a delivery without databases."""
    at = datetime(2022, 4, 5, tzinfo=UTC)
    files = sorted(each for each in data.rglob("*") if each.is_file())
    sealed = tuple(
        SealedFile(PurePosixPath(each.relative_to(data)), sha256_of(each), each.stat().st_size, each)
        for each in files
    )
    components = {
        component: DeclaredComponent(each.source, each.installers, None, each.documents)
        for component, each in material.items()
    }
    declaration = Declaration("d", DeliveryKind.DELIVERY, "VIETTEL", at, None, None, None, None, components)
    return SealedDelivery("d", DeliveryKind.DELIVERY, "", at, at, sealed, (), declaration, is_accepted=True)


@pytest.mark.parametrize("component", Component)
def test_every_component_has_all_kinds_of_documents(written: Written, component: Component) -> None:
    assert [each.kind for each in written[1][component].documents] == list(DocumentKind)


@pytest.mark.parametrize("component", Component)
def test_source_has_its_languages_and_says_how_it_is_built(written: Written, component: Component) -> None:
    data, material = written
    root = data / material[component].source.path
    names = {each.name for each in root.rglob("*")}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "Dockerfile"} <= names
    assert {SUFFIXES[each] for each in MADE_FOR[component][1]} <= {each.suffix for each in root.rglob("*")}
    assert material[component].source.version in (root / "CHANGELOG.md").read_text()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")
@pytest.mark.parametrize("component", Component)
def test_commit_is_the_tree_id_that_git_gives(written: Written, component: Component, tmp_path: Path) -> None:
    data, material = written
    shutil.copytree(data / material[component].source.path, tmp_path / "tree")

    def git(*arguments: str) -> str:
        command = ["git", "-c", "core.autocrlf=false", *arguments]
        done = subprocess.run(command, cwd=tmp_path / "tree", check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", "--all", "--force")
    assert git("write-tree") == material[component].source.commit


@pytest.mark.parametrize("component", Component)
def test_installer_is_of_its_make_and_of_the_sources_version(written: Written, component: Component) -> None:
    data, material = written
    (installer,) = material[component].installers
    (found,) = (
        each for each in inventory_installers(delivered(data, material)) if each.component is component
    )
    assert found.type is MADE_FOR[component][0]
    assert found.version == installer.version == material[component].source.version
    made_of = None if found.type is InstallerType.DEB else material[component].source.commit
    assert found.commit == made_of  # a Debian package has no place for it
    assert {each.id for each in found.findings} <= {"HND-INS-09"}


def test_android_package_is_whole(written: Written) -> None:
    data, material = written
    with zipfile.ZipFile(data / material[Component.HEALTH_BOOK].installers[0].path) as archive:
        assert archive.testzip() is None
        assert archive.read("classes.dex").startswith(b"dex\n035\0")
        assert archive.read("AndroidManifest.xml").startswith(b"\x03\x00\x08\x00")


@pytest.mark.parametrize("component", Component)
def test_migrations_have_no_holes_and_make_the_schemas_tables(written: Written, component: Component) -> None:
    data, material = written
    files = sorted((data / material[component].source.path).rglob("V*__*.sql"))
    assert [int(each.name[1:4]) for each in files] == list(range(1, len(files) + 1))
    schema = vendor_schema()[component]
    expected = {
        f"{schema.name}.{table.name}": ([(each.name, each.type) for each in table.columns], list(table.key))
        for table in schema.tables
    }
    made = "\n".join(each.read_text() for each in files)
    assert tables_of(made) == expected == tables_of(create_statements(component))
    assert all(key for _, key in expected.values())


@pytest.mark.parametrize("component", Component)
def test_schema_has_exactly_the_columns_of_the_contract(component: Component) -> None:
    schema = vendor_schema()[component]
    there = {f"{schema.name}.{each.name}": {column.name for column in each.columns} for each in schema.tables}
    expected = {
        each.vendor_table: {column.vendor_column for column in each.columns}
        for each in load_mapping(component).tables
    }
    assert there == expected


@pytest.mark.parametrize("component", Component)
def test_source_speaks_of_every_table_and_of_no_other(written: Written, component: Component) -> None:
    data, material = written
    schema = vendor_schema()[component]
    root = data / material[component].source.path
    code = "\n".join(
        each.read_text()
        for each in root.rglob("*")
        if each.suffix in set(SUFFIXES.values()) - {".tsx", ".ts"}
    )
    spoken = set(re.findall(rf"(?:from|into|update)\s+{schema.name}\.(\w+)", code))
    assert spoken == {each.name for each in schema.tables}


def test_nothing_names_a_real_host(written: Written) -> None:
    source = written[0] / "source"
    text = "\n".join(each.read_text() for each in source.rglob("*") if each.is_file())
    hosts = {PurePosixPath(each).name for each in re.findall(r"https?://([\w.-]+)", text)}
    namespaces = {"maven.apache.org", "schemas.android.com"}
    assert all(each.endswith(".invalid") for each in hosts - namespaces)


def test_pdf_documents_hold_their_title_and_readable_vietnamese(written: Written) -> None:
    found = documents(written, ".pdf")
    assert len(found) == 6
    for location, title in found:
        reader = pypdf.PdfReader(location)
        assert reader.metadata
        assert reader.metadata.title == title
        assert title in " ".join(reader.pages[0].extract_text().split())


def test_word_documents_hold_their_title(written: Written) -> None:
    found = documents(written, ".docx")
    assert len(found) == 6
    for location, title in found:
        document = docx.Document(str(location))
        assert document.core_properties.title == title
        assert document.paragraphs[0].text == title


def test_database_dictionaries_list_every_column(written: Written) -> None:
    data, material = written
    for component, schema in vendor_schema().items():
        (path,) = (each.path for each in material[component].documents if each.path.suffix == ".xlsx")
        workbook = python_calamine.CalamineWorkbook.from_path(data / path)
        assert workbook.sheet_names[1:] == [each.name for each in schema.tables]
        for table in schema.tables:
            rows = workbook.get_sheet_by_name(table.name).to_python()
            listed = [(str(row[0]), str(row[1])) for row in rows[-len(table.columns) :]]
            assert listed == [(each.name, each.type) for each in table.columns]


def test_inventory_reads_every_document(written: Written) -> None:
    data, material = written
    for component in material.values():
        for each in component.documents:
            facts = read_document(data / each.path, each.path.suffix)
            assert facts.has_text
            assert facts.format == {".md": "markdown"}.get(each.path.suffix, each.path.suffix[1:])
            assert facts.title in (each.title, None)  # the inventory reads no title of a workbook


def test_documents_agree_with_tables_and_source(written: Written) -> None:
    delivery = delivered(*written)
    inventoried = inventory_documents(delivery)
    for component, schema in vendor_schema().items():
        own = [each for each in inventoried if each.component is component]
        tables = {f"{schema.name}.{each.name}": 1 for each in schema.tables}
        dump = Database(component, PurePosixPath("d.dump"), None, tables, {}, {}, ())

        assert {each.language for each in own} == {Language.VIETNAMESE}
        assert [each.is_traced for each in own if each.kind is DocumentKind.API] == [True]
        assert against_dump(own, dump) == ()
        assert gaps(delivery, component, Deliverable.DOCUMENTS, inventoried) == ()
    assert [found for each in inventoried for found in each.findings] == []
