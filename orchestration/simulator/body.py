"""Bodies as bytes: unpacking what arrived within bounds, and packing what is answered. Knows nothing of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
from isal import isal_zlib

from orchestration.simulator.errors import Refusal, Refused

_GZIP = 31
"""zlib's window bits for exactly one gzip member with header and checksum; isal is zlib several times as fast."""
_CHUNK = 1 << 20
_PACKED_CHUNK = 1 << 18


class Packing(StrEnum):
    """How a body is packed, by the name of its content coding."""

    GZIP = "gzip"
    ZSTD = "zstd"


def unpack(body: bytes, packing: Packing, target: Path, byte_limit: int) -> str:
    """Write the unpacked body to ``target``; returns its SHA-256 as hex.

    Never writes more than ``byte_limit`` bytes. Raises :class:`Refused` for what is not one complete gzip
    member or zstd frame, and for what is larger than the limit.
    """
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as stream:
        for part in _inflated(body) if packing is Packing.GZIP else _decoded(body):
            size += len(part)
            if size > byte_limit:
                raise Refused(Refusal.TOO_LARGE)
            digest.update(part)
            stream.write(part)
    return digest.hexdigest()


def _inflated(body: bytes) -> Iterator[bytes]:
    """Taken in small pieces, because what is left of a piece is copied for every part that comes out."""
    inflator, pieces = isal_zlib.decompressobj(_GZIP), _pieces(body)
    for piece in pieces:
        pending, is_full = piece, True
        while (pending or is_full) and not inflator.eof:
            try:
                part = inflator.decompress(pending, _CHUNK)
            except isal_zlib.error:  # type: ignore[misc]  # its stub takes the class for one of its errors
                raise Refused(Refusal.BODY_NOT_GZIP) from None
            pending, is_full = inflator.unconsumed_tail, len(part) == _CHUNK
            yield part
        if inflator.eof:
            break
    if not inflator.eof or inflator.unused_data or next(pieces, None) is not None:
        raise Refused(Refusal.BODY_NOT_GZIP)


def _pieces(body: bytes) -> Iterator[bytes]:
    for first in range(0, len(body), _PACKED_CHUNK):
        yield body[first : first + _PACKED_CHUNK]


def _decoded(body: bytes) -> Iterator[bytes]:
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
            while part := stream.read(_CHUNK):
                yield part
    except (OSError, pa.ArrowException):
        raise Refused(Refusal.BODY_NOT_GZIP) from None


def pack(pieces: Iterable[memoryview], packing: Packing) -> bytes:
    """The content as one gzip member or zstd frame, at the fastest level; the same content, the same bytes."""
    if packing is Packing.ZSTD:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as encoder:
            for piece in pieces:
                encoder.write(piece)
        return bytes(sink.getvalue())
    deflator = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
    return b"".join([*map(deflator.compress, pieces), deflator.flush()])
