"""Compressed bytes to plain ones, piece by piece: gzip and zlib, lz4, zstd, xz, or none at all.

Memory stays flat whatever a file claims: input comes in pieces, output is capped per step. What the bytes mean
doesn't belong here.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NoReturn

import pyarrow as pa
from isal import isal_zlib

from handover.errors import HandoverError

PIECE = 4 << 20
"""Most bytes that one step of decompression yields."""

MAX_DICTIONARY_BYTES = 256 << 20
"""Memory that an xz may ask for; ``xz -9`` asks for 65 MiB."""

_ZLIB_OR_GZIP = 15 + 32
Refuse = Callable[[str, str], NoReturn]
"""Raises at the present place: what was expected, what was found."""


class Compression(Enum):
    """How data is compressed."""

    NONE = "none"
    GZIP = "gzip"
    LZ4 = "lz4"
    ZSTD = "zstd"
    XZ = "xz"


MAGIC = {
    b"\x1f\x8b": Compression.GZIP,
    b"\x28\xb5\x2f\xfd": Compression.ZSTD,
    b"\x04\x22\x4d\x18": Compression.LZ4,
    b"\xfd7zXZ\0": Compression.XZ,
}
"""How compressed files begin."""


def compression_of(head: bytes) -> Compression:
    """Return the compression of a file that begins with these bytes."""
    return next((found for magic, found in MAGIC.items() if head.startswith(magic)), Compression.NONE)


def decompressed(pieces: Iterator[bytes], compression: Compression, refuse: Refuse) -> Iterator[bytes]:
    """Yield the plain bytes in pieces of at most about ``PIECE``, none of them empty.

    ``refuse`` is called where they can't be had. Gzip, lz4, zstd and xz streams may follow one another in one file,
    as their own tools allow.
    """
    match compression:
        case Compression.NONE:
            return pieces
        case Compression.GZIP:
            return filter(None, _inflated(pieces, refuse))
        case Compression.XZ:
            return filter(None, _unpacked_xz(pieces, refuse))
        case Compression.LZ4 | Compression.ZSTD:
            return _unpacked_by_arrow(pieces, compression, refuse)


def _inflated(pieces: Iterator[bytes], refuse: Refuse) -> Iterator[bytes]:
    stream = isal_zlib.decompressobj(_ZLIB_OR_GZIP)
    is_begun = False
    try:
        for piece in pieces:
            left = piece
            while left:
                if stream.eof:
                    stream, is_begun = isal_zlib.decompressobj(_ZLIB_OR_GZIP), False
                is_begun = True
                yield stream.decompress(left, PIECE)
                left = stream.unused_data if stream.eof else stream.unconsumed_tail
        while is_begun and not stream.eof and (rest := stream.decompress(b"", PIECE)):
            yield rest
    except isal_zlib.error:  # type: ignore[misc]  # its stub takes the class for one of its errors
        refuse("gzip (zlib) data", "bytes that can't be decompressed")
    if is_begun and not stream.eof:
        refuse("the end of the gzip (zlib) data", "the data's end before it")


def _unpacked_xz(pieces: Iterator[bytes], refuse: Refuse) -> Iterator[bytes]:
    stream = _xz()
    try:
        for piece in pieces:
            left = piece
            while left or not (stream.needs_input or stream.eof):
                if stream.eof:
                    left = left.lstrip(b"\0")  # padding between streams
                    if not left:
                        break
                    stream = _xz()
                yield stream.decompress(left, PIECE)
                left = stream.unused_data if stream.eof else b""
    except (lzma.LZMAError, MemoryError):
        refuse("xz data", "bytes that can't be decompressed")
    if not stream.eof:
        refuse("the end of the xz data", "the data's end before it")


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY_BYTES)


class _Pieces:
    """Pieces as a file that Arrow reads."""

    closed = False

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""
        self.error: HandoverError | OSError | None = None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return b""
            except (HandoverError, OSError) as error:  # Arrow would make another kind of it
                self.error = error
                return b""
        found, self._left = self._left[:size], self._left[size:]
        return found

    def close(self) -> None:
        """Nothing is left open."""


def _unpacked_by_arrow(pieces: Iterator[bytes], compression: Compression, refuse: Refuse) -> Iterator[bytes]:
    source = _Pieces(pieces)
    try:
        with pa.CompressedInputStream(pa.PythonFile(source, "r"), compression.value) as stream:
            while found := stream.read(PIECE):
                yield found
    except (pa.ArrowException, OSError):
        if source.error is None:
            refuse(
                f"{compression.value} data",
                "bytes that can't be decompressed or the data's end before theirs",
            )
    if source.error is not None:
        raise source.error
