"""Whatever is compressed comes out as it went in, however it is cut; whatever is broken is refused."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import NoReturn

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump import compression
from handover.dump.compression import Compression, compression_of, decompressed

PACK: dict[str, tuple[Compression, Callable[[bytes], bytes]]] = {
    "none": (Compression.NONE, lambda content: content),
    "gzip": (Compression.GZIP, gzip.compress),
    "zlib": (Compression.GZIP, zlib.compress),
    "xz": (Compression.XZ, lzma.compress),
    "zstd": (Compression.ZSTD, lambda content: pa.compress(content, codec="zstd", asbytes=True)),
    "lz4": (Compression.LZ4, lambda content: pa.compress(content, codec="lz4", asbytes=True)),
}
TEXT = b"".join(b"%d\tNguy\xe1\xbb\x85n\n" % n for n in range(3000))


class Refused(Exception):
    pass


def refuse(expected: str, found: str) -> NoReturn:
    raise Refused(f"{expected}: {found}")


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def unpacked(content: bytes, how: Compression, size: int = 1000) -> bytes:
    return b"".join(decompressed(cut(content, size), how, refuse))


@pytest.mark.parametrize("form", PACK)
@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
@pytest.mark.parametrize("piece", [16, 4 << 20])
def test_what_was_packed_comes_out_however_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, form: str, size: int, piece: int
) -> None:
    monkeypatch.setattr(compression, "PIECE", piece)
    how, pack = PACK[form]
    assert unpacked(pack(TEXT), how, size) == TEXT


@pytest.mark.parametrize("form", ["gzip", "xz", "zstd", "lz4"])
def test_streams_may_follow_one_another(form: str) -> None:
    how, pack = PACK[form]
    assert unpacked(pack(TEXT) + pack(b"more"), how) == TEXT + b"more"


@pytest.mark.parametrize("form", ["gzip", "zlib", "xz"])
def test_what_is_cut_off_anywhere_is_refused(form: str) -> None:
    how, pack = PACK[form]
    packed = pack(TEXT[:500])
    for length in range(1, len(packed)):
        with pytest.raises(Refused):
            unpacked(packed[:length], how)


@pytest.mark.parametrize("form", ["gzip", "zlib", "xz", "zstd", "lz4"])
@given(data=st.data())
def test_changed_bytes_are_refused_or_change_the_text_but_raise_nothing_else(
    form: str, data: st.DataObject
) -> None:
    how, pack = PACK[form]
    packed = bytearray(pack(TEXT[:500]))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        unpacked(bytes(packed), how)
    except Refused:
        return


@pytest.mark.parametrize("form", ["gzip", "xz", "zstd", "lz4"])
def test_a_bomb_comes_in_small_pieces(form: str) -> None:
    how, pack = PACK[form]
    sizes = [len(each) for each in decompressed(iter([pack(bytes(64 << 20))]), how, refuse)]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= compression.PIECE


@pytest.mark.parametrize("form", ["gzip", "xz", "zstd", "lz4"])
def test_a_compressed_file_is_known_by_how_it_begins(form: str) -> None:
    how, pack = PACK[form]
    assert compression_of(pack(b"x")) is how
    assert compression_of(b"--\n") is Compression.NONE


@pytest.mark.parametrize("how", [Compression.ZSTD, Compression.LZ4])
def test_an_error_of_the_source_passes_through(how: Compression) -> None:
    def broken() -> Iterator[bytes]:
        yield b"\x28\xb5\x2f\xfd"
        raise OSError("the disk")

    with pytest.raises(OSError, match="the disk"):
        list(decompressed(broken(), how, refuse))
