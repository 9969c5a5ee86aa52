"""Whatever is done to an installer, reading it ends soon, in little memory, and in nothing but its own error."""

from __future__ import annotations

import contextlib
import plistlib
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.inventory.archives import ArchiveUnreadableError
from handover.inventory.packaging.android import manifest_attributes
from handover.inventory.packaging.apple import property_list
from handover.inventory.packaging.identification import identify
from handover.inventory.packaging.insides import INSTALLABLE
from tests.unit.handover.inventory.packaging import made

PLIST = {"CFBundleShortVersionString": "3.2.1", "CFBundleVersion": "7"}
FILES = {
    "rpm": made.rpm(),
    "exe": made.program(),
    "msi": made.ole(),
    "apk": made.with_signing_block(made.apk()),
    "ipa": made.ipa(PLIST, is_binary=True),
    "image": made.image(mode="w:gz"),
    "chart": made.chart("apiVersion: v2\nname: app\nversion: 1.4.0\n"),
}
MANIFESTS = {
    "utf-8": made.axml(is_debuggable=True, encoding="utf-8"),
    "utf-16": made.axml(is_debuggable=True, has_map=False),
}


def changed(data: st.DataObject, content: bytes) -> bytes:
    whole = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    return bytes(whole)


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_truncated_file_counts_as_an_installer(tmp_path: Path, name: str) -> None:
    file = tmp_path / "x"
    for length in range(len(FILES[name])):
        file.write_bytes(FILES[name][:length])
        try:
            found = identify(file).type
        except ArchiveUnreadableError:
            continue
        assert found not in INSTALLABLE, length


@pytest.mark.parametrize("name", sorted(FILES))
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_changed_file_ends_in_another_error(tmp_path: Path, name: str, data: st.DataObject) -> None:
    file = tmp_path / "x"
    file.write_bytes(changed(data, FILES[name]))
    with contextlib.suppress(ArchiveUnreadableError):
        identify(file)


@pytest.mark.parametrize("name", sorted(MANIFESTS))
def test_no_truncated_manifest_is_read(name: str) -> None:
    for length in range(len(MANIFESTS[name])):
        with pytest.raises(ArchiveUnreadableError):
            manifest_attributes(MANIFESTS[name][:length])


@pytest.mark.parametrize("name", sorted(MANIFESTS))
@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_no_changed_manifest_ends_in_another_error(name: str, data: st.DataObject) -> None:
    with contextlib.suppress(ArchiveUnreadableError):
        manifest_attributes(changed(data, MANIFESTS[name]))


@pytest.mark.parametrize("is_binary", [True, False])
@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_no_changed_property_list_ends_in_another_error(is_binary: bool, data: st.DataObject) -> None:
    kind = plistlib.FMT_BINARY if is_binary else plistlib.FMT_XML
    whole = plistlib.dumps(PLIST | {"a": [1, 2.5, b"x", True]}, fmt=kind)
    with contextlib.suppress(ArchiveUnreadableError):
        property_list(changed(data, whole))


def rpm_that_claims(count: int, size: int) -> bytes:
    return (
        b"\xed\xab\xee\xdb".ljust(96, b"\0")
        + b"\x8e\xad\xe8\x01"
        + bytes(4)
        + struct.pack(">II", count, size)
    )


def patched(content: bytes, at: int, value: bytes) -> bytes:
    return content[:at] + value + content[at + len(value) :]


HUGE = b"\xff\xff\xff\xff"
CLAIMS = {
    "rpm, entries": rpm_that_claims(0xFFFFFFFF, 16),
    "rpm, store": rpm_that_claims(1, 0xFFFFFFFF),
    "rpm, store below the limit": rpm_that_claims(1, 32 << 20),
    "exe, place of its head": patched(made.program(), 0x3C, HUGE),
    "exe, sections": patched(made.program(), 64 + 6, b"\xff\xff"),
    "exe, resources": patched(made.program(), made.program().index(b".rsrc") + 8, HUGE * 3),
    "exe, certificate": patched(made.program(), 64 + 24 + 112 + 36, HUGE),
    "msi, sector size": patched(made.ole(), 30, b"\x1f\0"),
    "msi, place of its directory": patched(made.ole(), 48, b"\xf0\xff\xff\xff"),
    "msi, directory without end": patched(made.ole(), 512 + 4, struct.pack("<I", 1)),
    "msi, allocation table without end": patched(
        patched(made.ole(), 68, struct.pack("<I", 1)), 512 * 3 - 4, struct.pack("<I", 1)
    ),
    "apk, texts": made.apk(patched(made.axml(), 16, b"\xff\xff\xff\x0f")),
    "apk, part": made.apk(patched(made.axml(), 12, HUGE)),
    "apk, manifest": made.apk(patched(made.axml(), 4, HUGE)),
    "apk, part of no size": made.apk(patched(made.axml(), 12, bytes(4))),
}


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_what_claims_to_be_huge_is_left_in_little_memory(tmp_path: Path, claim: str) -> None:
    file = tmp_path / "x"
    file.write_bytes(CLAIMS[claim])
    tracemalloc.start()
    with pytest.raises(ArchiveUnreadableError):
        identify(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 48 << 20


def test_a_signing_block_that_claims_to_be_huge_is_read_no_further_than_the_file(tmp_path: Path) -> None:
    package = made.with_signing_block(made.apk())
    file = tmp_path / "x"
    file.write_bytes(patched(package, package.index(b"APK Sig Block 42") - 8, HUGE * 2))

    assert identify(file).is_signed


@pytest.mark.timeout(20)
def test_a_manifest_of_many_elements_with_one_long_text_is_read_soon() -> None:
    strings = made.pool(["a" * 30_000])
    element = made.chunk(0x0102, bytes(8), struct.pack("<IIHHHHHH", made.NOTHING, 0, 20, 0, 0, 0, 0, 0))
    with pytest.raises(ArchiveUnreadableError):
        manifest_attributes(made.chunk(3, b"", strings + element * 100_000))


@pytest.mark.timeout(20)
def test_a_manifest_of_many_pools_of_texts_is_read_soon() -> None:
    with pytest.raises(ArchiveUnreadableError):
        manifest_attributes(made.chunk(3, b"", made.pool([]) * 150_000))


@pytest.mark.timeout(20)
def test_resources_that_many_sections_claim_are_read_once(tmp_path: Path) -> None:
    section = struct.pack("<8sIIII16x", b".rsrc", 8 << 20, 0x1000, 8 << 20, 64)
    head = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 60_000, 0, 0, 0, 0, 0x22)
    file = tmp_path / "x"
    file.write_bytes(
        b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 64) + head + section * 60_000 + bytes(8 << 20)
    )

    with pytest.raises(ArchiveUnreadableError):
        identify(file)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["a: " + "[" * 60_000, "a:\n" + "- b\n" * 16_000, "- " * 30_000, "version: 0x" + "f" * 60_000]
)
def test_a_chart_made_to_be_slow_is_read_soon(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x"
    file.write_bytes(made.chart(text))
    with pytest.raises(ArchiveUnreadableError):
        identify(file)


def test_numbers_that_no_text_holds_are_no_version(tmp_path: Path) -> None:
    file = tmp_path / "x"
    huge = "0x" + "f" * 20_000
    file.write_bytes(
        made.chart(f"apiVersion: v2\nname: a\nversion: {huge}\nannotations:\n  ? {huge}\n  : a\n")
    )

    assert identify(file).versions == ()


def test_attributes_that_lie_upon_each_other_are_refused() -> None:
    whole = made.axml()
    at = whole.index(struct.pack("<HHH", 20, 20, 2))
    for stride, count in ((0, 0xFFFF), (1, 0xFFFF), (20, 0xFFFF)):
        with pytest.raises(ArchiveUnreadableError, match="more attributes"):
            manifest_attributes(patched(whole, at, struct.pack("<HHH", 20, stride, count)))
