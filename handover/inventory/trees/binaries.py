"""Compiled programs among the source, known by their first bytes; wrappers that builds start from are left out.

Pictures, fonts and other data are no programs. Whether an installer is sound is the business of ``installers``.
"""

from __future__ import annotations

from collections.abc import Iterator

from handover.findings import Finding, finding
from handover.inventory.trees.reading import Reading

WRAPPERS = {"gradle-wrapper.jar", "maven-wrapper.jar"}
"""Archives that a build tool's own wrapper puts into a source tree."""

_JAVA_OLDEST = 45
_MAGIC = {
    b"\x7fELF": "ELF program or library",
    b"MZ": "Windows program or library",
    b"\xcf\xfa\xed\xfe": "macOS program or library",
    b"\xce\xfa\xed\xfe": "macOS program or library",
    b"\0asm": "WebAssembly module",
    b"dex\n": "Android classes",
}


def compiled(reading: Reading) -> Iterator[Finding]:
    """The file as a finding, when it is a compiled program."""
    if reading.path.name in WRAPPERS or reading.line_count is not None:
        return
    if kind := _kind(reading.head):
        yield finding("HND-SRC-15", reading.path, "is a compiled program, not source", kind)


def _kind(head: bytes) -> str | None:
    if head[:4] == b"\xca\xfe\xba\xbe":
        is_java = int.from_bytes(head[6:8], "big") >= _JAVA_OLDEST
        return "Java class" if is_java else "macOS program or library"
    if head[:4] == b"PK\x03\x04":
        return "Java archive" if b"META-INF/MANIFEST.MF" in head else None
    if head[2:4] == b"\r\n" and len(head) >= 16 and head[1] in (0x0C, 0x0D, 0x0E):
        return "Python bytecode"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
