"""What is found about a tree as a whole: numbers, named parts, history, guides, manifests."""

from __future__ import annotations

import pytest

from handover.inventory.trees.history import History
from tests.unit.handover.inventory.trees.planting import Deliver, said, tree_with

SUBMODULES = b'[submodule "lib"]\n\tpath = lib/common\n\turl = ../common.git\n'
MIGRATIONS = "core/db/migration"


def sql(*names: str) -> dict[str, bytes]:
    return {f"{name}.sql": b"select 1;\n" for name in names}


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (sql(f"{MIGRATIONS}/V6__sixth", f"{MIGRATIONS}/V4__fourth"), ("HND-SRC-09", MIGRATIONS, "3, 5")),
        (sql("a/V10__x", "a/V20__y", "a/V40__z"), ("HND-SRC-09", "a", "30")),
        (
            sql(f"{MIGRATIONS}/V002__again"),
            ("HND-SRC-10", f"{MIGRATIONS}/V2__second.sql", "V002__again.sql"),
        ),
        ({".gitmodules": SUBMODULES}, ("HND-SRC-11", ".gitmodules", "lib/common")),
        (
            {"web/pom.xml": b"<project xmlns='x'><modules><module>../gone</module></modules></project>"},
            ("HND-SRC-12", "web/pom.xml", "../gone"),
        ),
        (
            {"settings.gradle.kts": b'// include(":old")\ninclude(":core", ":app:ui")\n'},
            ("HND-SRC-12", "settings.gradle.kts", "app/ui"),
        ),
        (
            {"settings.gradle": b"include 'x'\nproject(':x').projectDir = file('core')\ninclude 'y'\n"},
            ("HND-SRC-12", "settings.gradle", "y"),
        ),
        (
            {"package.json": b'{"workspaces": ["core", "packages/*", "!x"]}'},
            ("HND-SRC-12", "package.json", "packages/*"),
        ),
        ({"package.json": b'{"workspaces": {"packages": ["a"]}}'}, ("HND-SRC-12", "package.json", "a")),
        ({".git/shallow": b"0" * 40}, ("HND-SRC-14", "source/support", "")),
        ({"web/package.json": b'{"name": '}, ("HND-SRC-17", "web/package.json", "")),
        ({"web/pom.xml": b"<project>"}, ("HND-SRC-17", "web/pom.xml", "")),
        (
            {"web/pom.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>'},
            ("HND-SRC-17", "web/pom.xml", ""),
        ),
        ({"poetry.lock": b"a = "}, ("HND-SRC-17", "poetry.lock", "")),
        ({"pnpm-lock.yaml": b"a: [b"}, ("HND-SRC-17", "pnpm-lock.yaml", "")),
    ],
)
def test_one_defect_is_found_and_nothing_else(
    deliver: Deliver, planted: dict[str, bytes], expected: tuple[str, str, str]
) -> None:
    assert said(tree_with(deliver, planted)) == [expected]


@pytest.mark.parametrize(
    "planted",
    [
        sql("a/V20210101__x", "a/V20210301__y"),
        sql("a/V1_0__x", "a/V1_3__y"),
        sql("a/V2021.03.08__x", "a/V2021.05.01__y"),
        sql("db/migration/common/V1__a", "db/migration/common/V3__b", "db/migration/oracle/V2__c"),
        sql("a/V1__a", "a/U1__a", "migrations/0001_a.up", "migrations/0001_a.down"),
        {f"migrations/{name}.py": b"x = 1\n" for name in ("0001_a", "0002_b", "0002_c", "0003_merge")},
        {".gitmodules": SUBMODULES, "lib/common/A.java": b"class A {}\n"},
        {"package.json": b'{"workspaces": ["packages/*"]}', "packages/a/package.json": b"{}"},
        {"node_modules/a/package.json": b'{"workspaces": ["gone"]'},
        {"settings.gradle": b"/* include 'gone' */\ninclude \"$name\"\n"},
    ],
)
def test_what_only_looks_like_a_defect_is_left_alone(deliver: Deliver, planted: dict[str, bytes]) -> None:
    assert said(tree_with(deliver, planted)) == []


@pytest.mark.parametrize(
    ("planted", "history", "ids"),
    [
        ({".git/HEAD": b"ref: x\n"}, History.PRESENT, []),
        ({"history.bundle": b"# v2 git bundle\n\0"}, History.BUNDLE, []),
        ({"history.bundle": b"nothing"}, History.ABSENT, ["HND-SRC-13"]),
        ({".git/shallow": b"0"}, History.ABSENT, ["HND-SRC-13"]),
    ],
)
def test_the_history_that_came_is_known(
    deliver: Deliver, planted: dict[str, bytes], history: History, ids: list[str]
) -> None:
    tree = tree_with(deliver, planted, ".git/HEAD")

    assert tree.history is history
    assert [each.id for each in tree.findings] == ids


@pytest.mark.parametrize(
    ("planted", "ids"),
    [
        ({}, ["HND-SRC-16"]),
        ({"README.md": b"# A fine system\n"}, ["HND-SRC-16"]),
        ({"notes.md": b"mvn package\n"}, ["HND-SRC-16"]),
        ({"docs/HUONG-DAN-CAI-DAT.md": "Biên dịch bằng lệnh sau\n".encode()}, []),
        ({"BUILD.txt": b"Run make.\n"}, []),
    ],
)
def test_a_tree_says_how_it_is_built(deliver: Deliver, planted: dict[str, bytes], ids: list[str]) -> None:
    assert [each.id for each in tree_with(deliver, planted, "README.md").findings] == ids
