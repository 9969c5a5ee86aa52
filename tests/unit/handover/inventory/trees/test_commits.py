"""A history of one commit is told from one of more, whether git keeps it loose or packed."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from handover.inventory.trees.commits import is_squashed
from handover.sealed import SealedFile


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def files_of(folder: Path) -> list[SealedFile]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [
        SealedFile(
            PurePosixPath("source/support") / path.relative_to(folder), "0" * 64, path.stat().st_size, path
        )
        for path in paths
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-b", "main", "tree")
    return tmp_path / "tree"


def commit(folder: Path, number: int) -> None:
    (folder / f"{number}.txt").write_text(str(number))
    git(folder, "add", ".")
    git(folder, "commit", "-m", f"change {number}")


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("commits", [1, 2, 30])
def test_one_commit_is_a_squashed_history_and_more_are_none(
    repository: Path, commits: int, is_packed: bool
) -> None:
    for number in range(commits):
        commit(repository, number)
    if is_packed:
        git(repository, "gc", "--aggressive", "--prune=now")
        assert not any((repository / ".git/objects").glob("[0-9a-f][0-9a-f]/*"))
    assert is_squashed(files_of(repository)) == (commits == 1)


def test_a_head_without_a_branch_is_followed(repository: Path) -> None:
    commit(repository, 1)
    git(repository, "checkout", "--detach")
    assert is_squashed(files_of(repository))


def test_no_history_is_not_squashed(tmp_path: Path) -> None:
    assert not is_squashed([])
    (tmp_path / "a.txt").write_text("a")
    assert not is_squashed(files_of(tmp_path))


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_of_git_say_nothing_and_raise_nothing(repository: Path, seed: int) -> None:
    commit(repository, 1)
    if seed % 2:
        git(repository, "gc", "--prune=now")
    chosen = random.Random(seed)  # noqa: S311
    for file in files_of(repository):
        if file.size and ".git" in file.path.parts:
            content = bytearray(file.location.read_bytes())
            content[chosen.randrange(len(content))] ^= chosen.randrange(1, 256)
            file.location.chmod(0o644)
            file.location.write_bytes(content[: chosen.randrange(len(content) + 1)] if seed % 3 else content)
    is_squashed(files_of(repository))
