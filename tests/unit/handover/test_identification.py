"""A package says which delivery it is without being unpacked, and hostile ones harm nobody who asks."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from handover.errors import BagRefused, PackageRefused
from handover.identification import identify_package, looks_like_archive
from handover.unpacking import Limits

MakeBag = Callable[..., Path]
LIMITS = Limits(members=50, unpacked_bytes=64 << 20, ratio=100, judged_from=1 << 20)


@pytest.mark.parametrize("form", ["zip", "tar", "gztar", "bztar", "xztar"])
@pytest.mark.parametrize("is_in_a_folder", [True, False])
@pytest.mark.parametrize("is_bag", [True, False])
def test_every_form_names_its_delivery(
    make_bag: MakeBag, tmp_path: Path, form: str, is_in_a_folder: bool, is_bag: bool
) -> None:
    bag = make_bag({"source/a": b"1"}, delivery="vn-other")
    root = bag if is_bag else bag / "data"
    base = root.name if is_in_a_folder else "."
    package = Path(
        shutil.make_archive(str(tmp_path / "p"), form, root.parent if is_in_a_folder else root, base)
    )

    assert looks_like_archive(package)
    assert identify_package(package, LIMITS) == "vn-other"


def test_a_folder_names_its_delivery(make_bag: MakeBag) -> None:
    assert identify_package(make_bag(), LIMITS) == "vn-test"


def test_a_package_without_a_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as package:
        package.writestr("a/b/c/bag-info.txt", "External-Identifier: vn-test\n")
    with pytest.raises(PackageRefused, match="which delivery"):
        identify_package(tmp_path / "p.zip", LIMITS)
    (tmp_path / "folder").mkdir()
    with pytest.raises(BagRefused):
        identify_package(tmp_path / "folder", LIMITS)


def test_a_bomb_before_the_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zeros").write_bytes(bytes(8 << 20))
    with tarfile.open(tmp_path / "p.tar.gz", "w:gz") as package:
        package.add(tmp_path / "zeros", "a")
    with pytest.raises(PackageRefused, match="more than any honest package"):
        identify_package(tmp_path / "p.tar.gz", LIMITS)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.zip").write_bytes(content)
    with pytest.raises(PackageRefused):
        identify_package(tmp_path / "p.zip", LIMITS)
