"""The lock is complete, bounded by pyproject, and names no host."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^ ;\\]+)", LOCK, re.MULTILINE)
DECLARED = [
    *PROJECT["dependencies"],
    *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
]


def test_lock_names_no_host() -> None:
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", LOCK)


def test_every_pin_has_a_hash() -> None:
    for block in re.split(r"\n(?=[a-z0-9])", LOCK.split("\n", 2)[2]):
        if "==" in block.splitlines()[0]:
            assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("line", DECLARED)
def test_lock_satisfies(line: str) -> None:
    requirement = Requirement(line)
    pinned = [v for name, v in PINS if canonicalize_name(name) == canonicalize_name(requirement.name)]
    assert pinned, f"{requirement.name} is not in requirements.lock; run `uv pip compile` as its head says"
    assert all(requirement.specifier.contains(Version(v), prereleases=True) for v in pinned), (line, pinned)


@pytest.mark.parametrize("line", DECLARED)
def test_every_dependency_is_bounded(line: str) -> None:
    assert Requirement(line).specifier, f"{line} has no bound"
