"""Streams that give little at once, whatever an archive of unknown origin claims or asks for.

Belongs here: bytes, forwards, in bounded memory. What is in an archive is read by ``members``.
"""

from __future__ import annotations

import lzma
import os
import tarfile
from typing import BinaryIO, Protocol

CHUNK = 1 << 20
"""Bytes of a member given at a time."""

MAX_HEADER_BYTES = 256 << 10
"""Largest block that a tar's header may ask for at once; a long name needs 4 KiB."""

MAX_PADDING_BYTES = 64 << 20
"""Zeros behind a tar's end; tar pads to 10 KiB, tapes to some MiB."""

MAX_DICTIONARY_BYTES = 256 << 20
"""Memory that an xz may ask for; ``xz -9`` asks for 65 MiB."""


class ArchiveFault(Exception):
    """Why an archive can't be taken: a clause that follows "the package", naming the member."""


class Stream(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """As many as are asked for at most; none at the end."""
        ...


class Forward:
    """A stream that only goes forwards and gives little at once, whatever a tar's header claims."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._at = 0
        self._last = b""

    def read(self, size: int = -1) -> bytes:
        """A header: exactly ``size`` bytes, fewer only at the end."""
        if not 0 <= size <= MAX_HEADER_BYTES:
            raise ArchiveFault("has a header that claims to be larger than any name needs")
        found = b""
        while len(found) < size and (more := self.content(size - len(found))):
            found += more
        self._last = found
        return found

    def content(self, size: int) -> bytes:
        """Up to ``size`` bytes of a member."""
        found = self._stream.read(size)
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go forwards to ``offset``, or to the end of what there is."""
        if whence != os.SEEK_SET or offset < self._at:
            raise EOFError
        while self._at < offset and self.content(min(offset - self._at, CHUNK)):
            pass
        return self._at

    def tell(self) -> int:
        """Bytes read."""
        return self._at

    def refuse_unfinished(self) -> None:
        """Read on to the end of the stream: a tar ends with zeros, and so every checksum was compared."""
        end = self._at + MAX_PADDING_BYTES
        if len(self._last) != tarfile.BLOCKSIZE or self._last.strip(b"\0"):
            raise EOFError
        while more := self.content(CHUNK):
            if more.strip(b"\0") or self._at > end:
                raise ArchiveFault("holds something behind its end")


class Xz:
    """The library's reader of xz, with a limit to the memory that a file may ask for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = self._next()

    def read(self, size: int) -> bytes:
        """Up to ``size`` unpacked bytes; empty at the end."""
        rest = b""
        while True:
            if self._unpacker.eof:
                rest = self._unpacker.unused_data.lstrip(b"\0") or self._file.read(CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._unpacker = self._next()
            elif self._unpacker.needs_input:
                rest = self._file.read(CHUNK)
                if not rest:
                    raise EOFError
            if found := self._unpacker.decompress(rest, size):
                return found
            rest = b""

    @staticmethod
    def _next() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY_BYTES)
