"""A census of source trees, by name and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.findings import Severity
from handover.inventory.languages import language_of, text_lines
from handover.inventory.source import BuildFile, Language, inventory_source
from handover.inventory.trees.migrations import migrations_in_order
from handover.parts import Component
from handover.sealed import SealedDelivery

Deliver = Callable[[Mapping[str, bytes]], SealedDelivery]

TREE = {
    "source/support/pom.xml": b"<project/>\n",
    "source/support/LICENSE": b"ours\n",
    "source/support/README.md": b"mvn package\n",
    "source/support/.git/HEAD": b"ref: refs/heads/main\n",
    "source/support/src/A.java": b"class A {\n}\n",
    "source/support/src/B.java": b"class B {}",
    "source/support/db/migration/V10__late.sql": b"select 1;\n",
    "source/support/db/migration/V9__early.sql": b"select 1;\n",
    "source/support/py/__init__.py": b"",
    "source/support/logo.png": b"\x89PNG\0\0",
}


def test_a_tree_is_counted_by_language(deliver: Deliver) -> None:
    (tree,) = inventory_source(deliver(TREE))

    assert tree.component is Component.SUPPORT
    assert (tree.file_count, tree.byte_count) == (10, sum(map(len, TREE.values())))
    assert Language("Java", 2, 3) in tree.languages
    assert Language("SQL", 2, 2) in tree.languages
    assert tree.build_files == (BuildFile(PurePosixPath("source/support/pom.xml"), "Maven"),)
    assert tree.licence_files == (PurePosixPath("source/support/LICENSE"),)
    assert [each.name for each in tree.migrations] == ["V9__early.sql", "V10__late.sql"]
    assert tree.empty_files == (PurePosixPath("source/support/py/__init__.py"),)
    assert tree.findings == ()


def test_a_delivery_without_source_has_no_tree(deliver: Deliver) -> None:
    assert inventory_source(deliver({})) == ()


@pytest.mark.parametrize(
    ("left_out", "added", "finding", "severity"),
    [
        ("pom.xml", {}, "HND-SRC-04", Severity.MAJOR),
        ("LICENSE", {}, "HND-SRC-05", Severity.MINOR),
        ("nothing", {"source/support/src/C.java": b""}, "HND-SRC-02", Severity.MINOR),
    ],
)
def test_what_a_tree_lacks_is_found(
    deliver: Deliver, left_out: str, added: Mapping[str, bytes], finding: str, severity: Severity
) -> None:
    files = {path: content for path, content in TREE.items() if not path.endswith(left_out)} | dict(added)

    (tree,) = inventory_source(deliver(files))

    assert [(each.id, each.severity) for each in tree.findings] == [(finding, severity)]


def test_a_tree_of_binaries_alone_is_no_source(deliver: Deliver) -> None:
    (tree,) = inventory_source(deliver({"source/portal/app.bin": b"\0\1"}))

    assert {each.id for each in tree.findings} == {
        f"HND-SRC-{number}" for number in ("03", "04", "05", "13", "16")
    }


def test_a_file_that_the_vault_lost_is_a_finding(deliver: Deliver) -> None:
    delivery = deliver(TREE)
    next(each for each in delivery.files if each.path.name == "A.java").location.unlink()

    (tree,) = inventory_source(delivery)

    (found,) = tree.findings
    assert (found.id, found.severity, found.path.name) == ("HND-SRC-01", Severity.CRITICAL, "A.java")


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "Python"),
        ("Dockerfile", "Docker"),
        ("Makefile", "Makefile"),
        ("go.mod", "Go module"),
        ("db/x.sql", "SQL"),
        ("app.component.ts", "TypeScript"),
        ("build.gradle.kts", "Kotlin"),
        ("photo.xyz", None),
        ("README", None),
    ],
)
def test_the_language_follows_from_the_name(path: str, language: str | None) -> None:
    assert language_of(PurePosixPath(path)) == language


@given(
    lines=st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b and b"\0" not in b), max_size=30)
)
def test_lines_are_counted_with_or_without_a_last_end(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "lines.txt"
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    assert text_lines(file) == len(lines)
    file.write_bytes(b"\n".join(lines))
    assert text_lines(file) == len(lines) - (1 if lines and not lines[-1] else 0)


@given(st.permutations(["V1__a.sql", "V1_1__b.sql", "V2__c.sql", "V10__d.sql", "V2021.03.08__e.sql"]))
def test_migrations_run_in_the_order_of_their_numbers(names: list[str]) -> None:
    ordered = migrations_in_order(PurePosixPath("db", name) for name in names)

    assert [each.name[1:].split("__")[0] for each in ordered] == ["1", "1_1", "2", "10", "2021.03.08"]


def test_a_numbered_file_elsewhere_is_no_migration() -> None:
    paths = [PurePosixPath("docs/0001_notes.xml"), PurePosixPath("app/migrations/0001_initial.py")]

    assert migrations_in_order(paths) == (paths[1],)
