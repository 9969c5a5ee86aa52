"""A commit is looked up among the objects of the history that came, and judged only where all of it came."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.inventory.archives import ArchiveUnreadableError
from handover.inventory.packaging import provenance
from handover.inventory.packaging.provenance import Standing, standing
from handover.sealed import SealedFile

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git makes the histories")
ELSEWHERE = "ab" * 20
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.invalid", *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet", ".")
    for each in range(20):
        (tmp_path / "a").write_text(str(each))
        git("add", "a")
        git("commit", "--quiet", "--no-gpg-sign", "-m", str(each))
    return git


def sealed(folder: Path) -> list[SealedFile]:
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    return [
        SealedFile(PurePosixPath("source/support") / each.relative_to(folder), "", each.stat().st_size, each)
        for each in files
    ]


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("digits", [40, 12, 7])
def test_every_commit_of_a_whole_history_is_there(
    git: Git, tmp_path: Path, is_packed: bool, digits: int
) -> None:
    if is_packed:
        git("gc", "--quiet")
        assert list(tmp_path.glob(".git/objects/pack/*.idx"))
    commits = git("rev-list", "HEAD").split()

    assert len(commits) == 20
    assert {standing(each[:digits], sealed(tmp_path)) for each in commits} == {Standing.THERE}


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_commit_from_elsewhere_is_not_there(git: Git, tmp_path: Path, is_packed: bool) -> None:
    if is_packed:
        git("gc", "--quiet")
    for first in range(256):
        assert standing(f"{first:02x}" + ELSEWHERE[2:], sealed(tmp_path)) is Standing.NOT_THERE


def test_without_a_history_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert standing(ELSEWHERE, sealed(tmp_path)) is Standing.UNTOLD


@pytest.mark.parametrize("name", ["shallow", "objects/info/alternates"])
def test_a_history_that_is_not_whole_tells_only_what_is_there(git: Git, tmp_path: Path, name: str) -> None:
    (tmp_path / ".git" / name).write_text("x\n")

    assert standing(ELSEWHERE, sealed(tmp_path)) is Standing.UNTOLD
    assert standing(git("rev-parse", "HEAD"), sealed(tmp_path)) is Standing.THERE


def test_a_pack_without_its_index_tells_nothing(git: Git, tmp_path: Path) -> None:
    git("gc", "--quiet")
    for each in tmp_path.glob(".git/objects/pack/*.idx"):
        each.unlink()

    assert standing(ELSEWHERE, sealed(tmp_path)) is Standing.UNTOLD


def test_an_empty_history_tells_nothing(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    assert standing(ELSEWHERE, sealed(tmp_path)) is Standing.UNTOLD


def test_an_id_of_another_length_can_not_be_looked_up(git: Git, tmp_path: Path) -> None:
    git("gc", "--quiet")
    assert standing(ELSEWHERE + "00", sealed(tmp_path)) is Standing.UNTOLD


def test_every_truncated_index_tells_or_tells_not(git: Git, tmp_path: Path) -> None:
    git("gc", "--quiet")
    (index,) = tmp_path.glob(".git/objects/pack/*.idx")
    whole, files = index.read_bytes(), sealed(tmp_path)
    index.chmod(0o644)
    for length in range(1100):
        index.write_bytes(whole[:length])
        assert standing("ff" * 20, files) is Standing.UNTOLD


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_changed_index_ends_in_another_error(tmp_path: Path, data: st.DataObject) -> None:
    names = sorted(hashlib.sha1(b"%d" % each, usedforsecurity=False).digest() for each in range(20))
    fanout = [sum(name[0] <= first for name in names) for first in range(256)]
    whole = bytearray(b"\xfftOc\0\0\0\x02" + b"".join(each.to_bytes(4, "big") for each in fanout))
    whole += b"".join(names)
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    index = tmp_path / "x"
    index.write_bytes(whole)
    with contextlib.suppress(ArchiveUnreadableError):
        provenance._is_indexed(index, data.draw(st.sampled_from(names)).hex())
