"""The id of a tree is the one that git gives it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.inventory.source import inventory_source
from handover.inventory.trees.swhid import Mode, tree_swhid
from handover.sealed import SealedDelivery
from tests.unit.handover.inventory.trees.planting import Deliver

ROOT = PurePosixPath("source/support")

NAMES = st.sampled_from(["a", "a.b", "a-b", "ab", "a0", "B", "z.txt", "tệp", "con trỏ"])
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: PurePosixPath(*parts)),
    st.binary(max_size=30),
    min_size=1,
    max_size=12,
).filter(lambda tree: not any(set(path.parents) & tree.keys() for path in tree))


def git_tree(folder: Path) -> str:
    """What git itself says; `folder` gets a repository."""
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    said = ""
    for command in (["init", "-q"], ["add", "--all", "--force"], ["write-tree"]):
        done = subprocess.run(
            ["git", "-c", "core.autocrlf=false", *command],
            cwd=folder,
            env=os.environ | quiet,
            check=True,
            capture_output=True,
            text=True,
        )
        said = done.stdout.strip()
    return said


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def planted(folder: Path, tree: dict[PurePosixPath, bytes]) -> Path:
    for path, content in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@given(tree=TREES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_tree_has_the_id_that_git_gives_it(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[PurePosixPath, bytes]
) -> None:
    folder = planted(tmp_path_factory.mktemp("tree"), tree)

    ours = tree_swhid({ROOT / path: blob(content) for path, content in tree.items()}, ROOT)

    assert ours == f"swh:1:dir:{git_tree(folder)}"


def test_executable_files_and_links_have_git_s_modes(tmp_path: Path) -> None:
    planted(tmp_path, {PurePosixPath("bin/run"): b"#!/bin/sh\n", PurePosixPath("a/b/c.txt"): b"c"})
    (tmp_path / "bin/run").chmod(0o755)
    (tmp_path / "link").symlink_to("a/b/c.txt")
    (tmp_path / "empty").mkdir()
    blobs = {
        ROOT / "bin/run": blob(b"#!/bin/sh\n"),
        ROOT / "a/b/c.txt": blob(b"c"),
        ROOT / "link": blob(b"a/b/c.txt"),
    }
    modes = {ROOT / "bin/run": Mode.EXECUTABLE, ROOT / "link": Mode.LINK}

    assert tree_swhid(blobs, ROOT, modes) == f"swh:1:dir:{git_tree(tmp_path)}"
    assert tree_swhid(blobs, ROOT) != tree_swhid(blobs, ROOT, modes)


def test_a_delivered_tree_has_git_s_id_whatever_lies_in_its_git_folder(
    deliver: Deliver, tmp_path: Path
) -> None:
    tree = {"pom.xml": b"<project/>\n", "src/A.java": b"class A {}\n", "big.sql": b"select 1;\n" * 300_000}
    folder = planted(tmp_path / "work", {PurePosixPath(path): content for path, content in tree.items()})
    delivery: SealedDelivery = deliver(
        {f"{ROOT}/{path}": content for path, content in tree.items()}
        | {f"{ROOT}/.git/HEAD": b"ref: refs/heads/main\n"}
    )

    (found,) = inventory_source(delivery)

    assert found.swhid == f"swh:1:dir:{git_tree(folder)}"


def test_a_tree_that_can_not_be_read_has_no_id(deliver: Deliver) -> None:
    delivery = deliver({f"{ROOT}/pom.xml": b"<project/>\n"})
    delivery.files[-1].location.unlink()

    (found,) = inventory_source(delivery)

    assert found.swhid is None
