"""Bodies as bytes: inflating what arrived within bounds, and deflating what is answered. Knows nothing of rows."""

from __future__ import annotations

import hashlib
from pathlib import Path

from isal import isal_zlib

from orchestration.simulator.errors import Refusal, Refused

_GZIP = 31
"""zlib's window bits for exactly one gzip member with header and checksum; isal is zlib several times as fast."""
_CHUNK = 1 << 20


def inflate(body: bytes, target: Path, byte_limit: int) -> str:
    """Write the uncompressed body to ``target``; returns its SHA-256 as hex.

    Never writes more than ``byte_limit`` bytes. Raises :class:`Refused` for what is not one complete gzip
    member, and for what is larger than the limit.
    """
    digest, inflator, size = hashlib.sha256(), isal_zlib.decompressobj(_GZIP), 0
    with target.open("wb") as stream:
        pending = body
        while not inflator.eof:
            try:
                part = inflator.decompress(pending, _CHUNK)
            except isal_zlib.error:  # type: ignore[misc]  # its stub takes the class for one of its errors
                raise Refused(Refusal.BODY_NOT_GZIP) from None
            pending = inflator.unconsumed_tail
            if not part and not pending and not inflator.eof:
                raise Refused(Refusal.BODY_NOT_GZIP)
            size += len(part)
            if size > byte_limit:
                raise Refused(Refusal.TOO_LARGE)
            digest.update(part)
            stream.write(part)
    if inflator.unused_data:
        raise Refused(Refusal.BODY_NOT_GZIP)
    return digest.hexdigest()


def deflate(source: Path) -> bytes:
    """The file's content as one gzip member, at the fastest level; the same content gives the same bytes."""
    deflator = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
    parts = []
    with source.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            parts.append(deflator.compress(chunk))
    parts.append(deflator.flush())
    return b"".join(parts)
