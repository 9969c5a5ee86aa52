"""Whatever form a package has, it is opened as a bag; whatever is hostile is refused and leaves nothing behind."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pyarrow
import pytest

from handover.bag import verify_bag
from handover.errors import BagRefused, DeclarationRefused, HandoverError, PackageRefused
from handover.packages import LOCKED_MEMBERS, opened_package
from handover.unpacking import Limits

MakeBag = Callable[..., Path]
SMALL = Limits(members=50, unpacked_bytes=64 << 20, ratio=100, judged_from=1 << 20)
BOMB = 32 << 20


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "home" / "scratch"


def refusal_of(package: Path, scratch: Path) -> str:
    """The one sentence of a refusal, having made sure that nothing is left of it."""
    beside = snapshot(package.parent)
    with pytest.raises(PackageRefused) as refusal, opened_package(package, scratch, limits=SMALL):
        pytest.fail("it was opened")
    assert not list(scratch.iterdir())
    assert snapshot(package.parent) == beside
    said = str(refusal.value)
    assert "Nothing of it was kept" in said
    assert "try again" in said
    return said


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if "home" not in path.relative_to(folder).parts
    }


def packed(bag: Path, package: Path, *, top: str = "bag/") -> Path:
    """The bag as a zip or tar, as the package's name says; tars are compressed by hand, so all kinds can be."""
    files = sorted(path for path in bag.rglob("*") if path.is_file())
    if package.suffix == ".zip":
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, top + str(file.relative_to(bag)))
        return package
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            tar.add(file, top + str(file.relative_to(bag)))
    package.write_bytes(compressed(buffer.getvalue(), package.suffix))
    return package


def compressed(content: bytes, suffix: str) -> bytes:
    zstd: Callable[[bytes], bytes] = lambda data: pyarrow.compress(data, codec="zstd", asbytes=True)  # noqa: E731
    compress = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}
    return compress.get(suffix, bytes)(content)


def a_tar(package: Path, *members: tuple[tarfile.TarInfo | str, bytes], suffix: str = "") -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for given, content in members:
            member = tarfile.TarInfo(given) if isinstance(given, str) else given
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    package.write_bytes(compressed(buffer.getvalue(), suffix))
    return package


def a_zip(package: Path, *members: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # the library warns of a name given twice
        for given, content in members:
            archive.writestr(given, content, compress_type=zipfile.ZIP_DEFLATED)
    return package


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def of_mode(name: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, mode << 16
    return member


# What is taken


@pytest.mark.parametrize("top", ["vn-test/", "./vn-test/", ""])
@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
def test_a_bag_is_the_same_in_any_archive(
    make_bag: MakeBag, tmp_path: Path, scratch: Path, form: str, top: str
) -> None:
    bag = make_bag({"source/support/Thiết kế.md": b"x" * 3_000_000, "empty": b""})
    expected = verify_bag(bag)
    package = packed(bag, tmp_path / f"package.{form}", top=top)

    with opened_package(package, scratch) as folder:
        assert folder.is_relative_to(scratch)
        assert verify_bag(folder).bag_sha256 == expected.bag_sha256

    assert not list(scratch.iterdir())


def test_the_kind_is_told_by_the_content_and_not_by_the_name(
    make_bag: MakeBag, tmp_path: Path, scratch: Path
) -> None:
    package = packed(make_bag(), tmp_path / "package.zip").rename(tmp_path / "package.tar.gz")

    with opened_package(package, scratch) as folder:
        assert verify_bag(folder).id == "vn-test"


def test_a_bag_is_opened_where_it_lies(make_bag: MakeBag, scratch: Path) -> None:
    bag = make_bag()

    with opened_package(bag, scratch) as folder:
        assert folder == bag
    assert not scratch.exists()


def test_a_plain_folder_is_bagged_and_not_touched(tmp_path: Path, scratch: Path, declaration: str) -> None:
    plain = tmp_path / "plain"
    (plain / "source").mkdir(parents=True)
    (plain / "declaration.yml").write_text(declaration)
    (plain / "source/50% line\nbreak.py").write_bytes(b"pass\n")
    before = snapshot(plain)

    with opened_package(plain, scratch) as folder:
        first = verify_bag(folder)
    with opened_package(plain, scratch) as folder:
        assert verify_bag(folder).bag_sha256 == first.bag_sha256

    assert first.id == "vn-test"
    assert [str(each.path) for each in first.payload] == [
        "data/declaration.yml",
        "data/source/50% line\nbreak.py",
    ]
    assert snapshot(plain) == before
    assert not list(scratch.iterdir())


def test_a_folder_on_another_disk_is_copied(
    tmp_path: Path, scratch: Path, declaration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "declaration.yml").write_text(declaration)

    def elsewhere(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)

    with opened_package(plain, scratch) as folder:
        assert verify_bag(folder).id == "vn-test"


def test_a_zipped_plain_folder_is_bagged(tmp_path: Path, scratch: Path, declaration: str) -> None:
    package = a_zip(tmp_path / "p.zip", ("top/declaration.yml", declaration.encode()), ("top/a", b"1"))

    with opened_package(package, scratch) as folder:
        assert verify_bag(folder).id == "vn-test"


def test_scratch_is_gone_after_a_failure_of_the_caller(
    make_bag: MakeBag, tmp_path: Path, scratch: Path
) -> None:
    package = packed(make_bag(), tmp_path / "package.zip")

    with pytest.raises(KeyboardInterrupt), opened_package(package, scratch):
        raise KeyboardInterrupt

    assert not list(scratch.iterdir())


def test_what_a_killed_process_left_is_removed_and_what_another_holds_is_not(
    make_bag: MakeBag, tmp_path: Path, scratch: Path
) -> None:
    package = packed(make_bag(), tmp_path / "package.zip")
    (scratch / "package-left").mkdir(parents=True)
    (scratch / "another's").mkdir()

    with opened_package(package, scratch) as first, opened_package(package, scratch) as second:
        assert first != second
        assert verify_bag(first).bag_sha256 == verify_bag(second).bag_sha256
        assert not (scratch / "package-left").exists()
        assert (scratch / "another's").exists()


def test_progress_is_told(make_bag: MakeBag, tmp_path: Path, scratch: Path) -> None:
    seen: list[tuple[int, int]] = []
    package = packed(make_bag(), tmp_path / "package.tar.gz")

    with opened_package(package, scratch, lambda done, total: seen.append((done, total))):
        assert seen == sorted(seen)
        assert seen[-1][0] > 0


# What is refused


NAMES = {
    "../escaped": "leads out of the package",
    "a/../../escaped": "leads out of the package",
    "/etc/escaped": "an absolute path",
    "C:/escaped": "an absolute path",
    "c:escaped": "an absolute path",
    "..\\escaped": "a backslash",
    "\\\\host\\escaped": "a backslash",
    "a//b": "isn't plain",
    "a/./b": "isn't plain",
    "a\nb": "isn't plain UTF-8",
    "a\x1b[2Jb": "isn't plain UTF-8",
    "x" * 300: "too long",
    "y/" * 600 + "z": "too long",
}


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(("name", "said"), NAMES.items())
def test_a_member_with_a_path_that_is_not_plain_is_refused(
    tmp_path: Path, scratch: Path, kind: str, name: str, said: str
) -> None:
    make = a_zip if kind == "zip" else a_tar
    package = make(tmp_path / "p", ("declaration.yml", b"x"), (name, b"evil"))

    refused = refusal_of(package, scratch)

    assert said in refused
    assert repr(name)[1:20] in refused
    assert not list(tmp_path.rglob("*escaped*"))


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path, scratch: Path) -> None:
    member = tarfile.TarInfo("bad\udcff")
    with tarfile.open(tmp_path / "p", "w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(member)

    assert "isn't plain UTF-8" in refusal_of(tmp_path / "p", scratch)


def test_a_name_in_utf8_that_the_packer_did_not_mark_is_read(
    tmp_path: Path, scratch: Path, declaration: str
) -> None:
    package = a_zip(tmp_path / "p", ("declaration.yml", declaration.encode()), ("kế.md", b"1"))
    content = bytearray(package.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        where = content.rfind(magic) + at
        content[where : where + 2] = struct.pack("<H", 0)
    package.write_bytes(content)

    with opened_package(package, scratch) as folder:
        assert (folder / "data/kế.md").is_file()


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "is a link"),
        (tarfile.SYMTYPE, "../../outside", "is a link"),
        (tarfile.SYMTYPE, "declaration.yml", "is a link"),
        (tarfile.LNKTYPE, "declaration.yml", "is a link"),
        (tarfile.CHRTYPE, "", "neither a plain file nor a folder"),
        (tarfile.BLKTYPE, "", "neither a plain file nor a folder"),
        (tarfile.FIFOTYPE, "", "neither a plain file nor a folder"),
        (tarfile.GNUTYPE_SPARSE, "", "neither a plain file nor a folder"),
        (b"V", "", "neither a plain file nor a folder"),
    ],
)
def test_a_tar_member_that_is_no_file_is_refused(
    tmp_path: Path, scratch: Path, kind: bytes, target: str, said: str
) -> None:
    package = a_tar(tmp_path / "p.tar", ("declaration.yml", b"x"), (special("odd", kind, target), b""))

    refused = refusal_of(package, scratch)

    assert "'odd'" in refused
    assert said in refused


@pytest.mark.parametrize(
    ("mode", "said"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "neither a plain"), (stat.S_IFCHR, "neither a plain")],
)
def test_a_zip_member_that_is_no_file_is_refused(tmp_path: Path, scratch: Path, mode: int, said: str) -> None:
    package = a_zip(tmp_path / "p.zip", ("a", b"x"), (of_mode("odd", mode | 0o644), b"/etc/passwd"))

    refused = refusal_of(package, scratch)

    assert "'odd'" in refused
    assert said in refused


def test_a_file_written_through_a_link_is_never_reached(tmp_path: Path, scratch: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    package = a_tar(
        tmp_path / "p.tar", (special("d", tarfile.SYMTYPE, str(outside)), b""), ("d/planted", b"x")
    )

    assert "'d' that is a link" in refusal_of(package, scratch)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("make", [a_zip, a_tar])
@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("a", "a", "twice"),
        ("a", "./a", "twice"),
        ("README", "readme", "differ only in case or Unicode form"),
        ("Data/a", "data/b", "differ only in case or Unicode form"),
        ("e\u0301", "\u00e9", "differ only in case or Unicode form"),
        ("E\u0301", "\u00e9", "differ only in case or Unicode form"),
        ("stra\u00dfe", "STRASSE", "differ only in case or Unicode form"),
        ("a", "a/b", "a file and also a folder"),
        ("a/b", "a", "'a' twice"),
    ],
)
def test_two_members_that_would_be_one_file_are_refused(
    tmp_path: Path, scratch: Path, make: Callable[..., Path], first: str, second: str, said: str
) -> None:
    refused = refusal_of(make(tmp_path / "p", (first, b"1"), (second, b"2")), scratch)

    assert said in refused
    assert repr(first.partition("/")[0]) in refused


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
def test_a_bomb_is_refused_by_its_ratio_while_unpacking(tmp_path: Path, scratch: Path, form: str) -> None:
    package = tmp_path / f"p.{form}"
    if form == "zip":
        a_zip(package, ("zeros", b"\0" * BOMB))
    else:
        a_tar(package, ("zeros", b"\0" * BOMB), suffix=package.suffix)

    refused = refusal_of(package, scratch)

    assert "more than 100 times its size" in refused
    assert "'zeros'" in refused


def test_a_package_larger_than_allowed_is_refused(tmp_path: Path, scratch: Path) -> None:
    package = a_tar(tmp_path / "p.tar", ("a", os.urandom(1 << 20) * 65))

    assert f"more than {64 << 20} bytes (at member 'a')" in refusal_of(package, scratch)


@pytest.mark.parametrize("make", [a_zip, a_tar])
def test_too_many_members_are_refused(tmp_path: Path, scratch: Path, make: Callable[..., Path]) -> None:
    package = make(tmp_path / "p", *((f"f{n}", b"") for n in range(51)))

    assert "more than 50 members" in refusal_of(package, scratch)


def test_a_zip_whose_directory_is_too_large_is_not_even_read(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_zip(tmp_path / "p", *((f"f{n}", b"") for n in range(51)))
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))

    assert "more than 50 members" in refusal_of(package, scratch)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, scratch: Path) -> None:
    package = a_zip(tmp_path / "p", ("a", b"0123456789" * 1000))
    content = bytearray(package.read_bytes())
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    package.write_bytes(content)

    assert "cut off or damaged" in refusal_of(package, scratch)


def test_a_tar_header_that_claims_a_giant_name_is_refused(tmp_path: Path, scratch: Path) -> None:
    member = special("x", tarfile.XHDTYPE)
    member.size = 8 << 30
    (tmp_path / "p").write_bytes(member.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10240)

    assert "larger than any name needs" in refusal_of(tmp_path / "p", scratch)


def test_a_tar_whose_headers_never_end_is_refused(tmp_path: Path, scratch: Path) -> None:
    header = special("g", tarfile.XGLTYPE)
    header.size = 9
    block = header.tobuf(tarfile.USTAR_FORMAT) + b"9 a=bcde\n".ljust(512, b"\0")
    (tmp_path / "p").write_bytes(block * 3000 + b"\0" * 10240)

    assert "cut off or damaged" in refusal_of(tmp_path / "p", scratch)


def test_a_tar_member_of_negative_size_is_refused(tmp_path: Path, scratch: Path) -> None:
    header = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "p").write_bytes(bytes(header) * 2 + b"\0" * 10240)

    assert "was refused" in refusal_of(tmp_path / "p", scratch)


@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.97])
def test_an_archive_that_is_cut_off_is_refused(
    make_bag: MakeBag, tmp_path: Path, scratch: Path, form: str, kept: float
) -> None:
    whole = packed(make_bag({"a": os.urandom(100_000)}), tmp_path / f"p.{form}")
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * kept) if form != "tar" else int(110_000 * kept)])

    assert "cut off or damaged" in refusal_of(whole, scratch)


def test_a_tar_cut_off_between_two_members_is_refused(tmp_path: Path, scratch: Path) -> None:
    package = a_tar(tmp_path / "p", ("a", b"1"), ("b", b"2"))
    package.write_bytes(package.read_bytes()[:1024])

    assert "cut off or damaged" in refusal_of(package, scratch)


def test_members_behind_the_end_of_a_tar_are_refused(tmp_path: Path, scratch: Path) -> None:
    package = a_tar(tmp_path / "p", ("a", b"1"))
    package.write_bytes(package.read_bytes() * 2)

    assert "behind its end" in refusal_of(package, scratch)


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
def test_a_flipped_byte_is_found(make_bag: MakeBag, tmp_path: Path, scratch: Path, form: str) -> None:
    package = packed(make_bag({"a": os.urandom(100_000)}), tmp_path / f"p.{form}")
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    package.write_bytes(content)

    with pytest.raises((PackageRefused, BagRefused)), opened_package(package, scratch) as folder:
        verify_bag(folder)

    assert not list(scratch.iterdir())


def lock_the_last(package: Path) -> Path:
    """Mark the last member of a zip as encrypted."""
    content = bytearray(package.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rfind(magic) + at] |= 1
    package.write_bytes(content)
    return package


@pytest.mark.parametrize("top", ["", "top/"])
def test_a_locked_member_of_a_folder_is_noted_and_the_rest_is_taken(
    tmp_path: Path, scratch: Path, declaration: str, top: str
) -> None:
    members = (
        (f"{top}declaration.yml", declaration.encode()),
        (f"{top}source/a", b"1"),
        (f"{top}source/b", b"2"),
    )
    package = lock_the_last(a_zip(tmp_path / "p", *members))

    with opened_package(package, scratch) as folder:
        verify_bag(folder)
        assert (folder / "data/source/a").is_file()
        assert not (folder / "data/source/b").exists()
        assert json.loads((folder / LOCKED_MEMBERS).read_bytes()) == ["source/b"]


def test_a_bag_with_a_locked_member_is_refused(make_bag: MakeBag, tmp_path: Path, scratch: Path) -> None:
    package = lock_the_last(packed(make_bag({"a": b"1"}), tmp_path / "p.zip"))

    assert "that is locked by a password" in refusal_of(package, scratch)


def test_a_package_of_locked_members_only_is_refused(tmp_path: Path, scratch: Path) -> None:
    package = lock_the_last(a_zip(tmp_path / "p", ("locked", b"2")))

    assert "locked by a password, as 'locked'" in refusal_of(package, scratch)


@pytest.mark.parametrize("make", [a_zip, a_tar])
def test_an_empty_archive_is_refused(tmp_path: Path, scratch: Path, make: Callable[..., Path]) -> None:
    assert "it is empty" in refusal_of(make(tmp_path / "p"), scratch)


def test_an_archive_of_folders_alone_is_refused(tmp_path: Path, scratch: Path) -> None:
    assert "it is empty" in refusal_of(a_tar(tmp_path / "p", (special("a", tarfile.DIRTYPE), b"")), scratch)


@pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", b"PGDMP", b"x" * 2000])
def test_what_is_no_archive_is_refused(tmp_path: Path, scratch: Path, content: bytes) -> None:
    (tmp_path / "p").write_bytes(content)

    assert "neither a folder nor a zip or tar archive" in refusal_of(tmp_path / "p", scratch)


def test_a_compressed_file_that_is_no_tar_is_refused(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "dump.sql.gz").write_bytes(gzip.compress(b"select 1;\n" * 1000))

    assert "cut off or damaged" in refusal_of(tmp_path / "dump.sql.gz", scratch)


def test_an_xz_that_asks_for_too_much_memory_is_refused(tmp_path: Path, scratch: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    packer = lzma.LZMACompressor(lzma.FORMAT_XZ, filters=filters)
    (tmp_path / "p").write_bytes(packer.compress(b"x") + packer.flush())

    assert "cut off or damaged" in refusal_of(tmp_path / "p", scratch)


def test_a_folder_that_declares_nothing_is_refused(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "plain").mkdir()

    assert "no declaration.yml" in refusal_of(tmp_path / "plain", scratch)


def test_a_plain_folder_with_a_link_is_refused(tmp_path: Path, scratch: Path, declaration: str) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "declaration.yml").write_text(declaration)
    (plain / "link").symlink_to("/etc/hostname")
    os.mkfifo(plain / "pipe")

    refused = refusal_of(plain, scratch)

    assert "link is a link" in refused
    assert "pipe is a device, pipe or socket" in refused


def test_a_plain_folder_with_a_bad_declaration_is_refused(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/declaration.yml").write_text("kind: gift")

    with (
        pytest.raises(DeclarationRefused, match="kind should be"),
        opened_package(tmp_path / "plain", scratch),
    ):
        pytest.fail("it was opened")
    assert not list(scratch.iterdir())


def test_what_is_not_there_is_said(tmp_path: Path, scratch: Path) -> None:
    with (
        pytest.raises(PackageRefused, match="There is no package"),
        opened_package(tmp_path / "nowhere", scratch),
    ):
        pytest.fail("it was opened")


# The disk


@pytest.mark.parametrize("free", [3, 2_000_000])
def test_an_archive_that_does_not_fit_is_refused_and_leaves_nothing(
    make_bag: MakeBag, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    package = packed(make_bag({"a": b"x" * 3_000_000}), tmp_path / "p.tar.gz")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))

    with pytest.raises(HandoverError, match="free some space"), opened_package(package, scratch):
        pytest.fail("it was opened")
    assert not list(scratch.iterdir())


def test_a_disk_that_fails_is_no_fault_of_the_package(
    make_bag: MakeBag, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = packed(make_bag(), tmp_path / "p.zip")
    opened = os.fdopen

    def failing(handle: int, mode: str, buffering: int = -1) -> IO[bytes]:
        if mode != "wb":
            return opened(handle, mode, buffering)
        os.close(handle)
        return Path("/dev/full").open("wb", buffering=0)

    monkeypatch.setattr(os, "fdopen", failing)

    with pytest.raises(HandoverError, match="No space left") as refusal, opened_package(package, scratch):
        pytest.fail("it was opened")
    assert not isinstance(refusal.value, PackageRefused)
    assert not list(scratch.iterdir())
