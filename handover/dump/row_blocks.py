"""Uncompressed data blocks of one row each, as pg_dump -Z0 writes them, joined many at a time.

Walking millions of blocks one by one takes longer than parsing their rows; but a block's head mostly follows a
line end, so all heads of a window are guessed at once and then followed. Only exactness of the guess is judged
here: blocks that don't follow it are left to ``blocks``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LINE_END = 10
_Places = npt.NDArray[np.int64]


def join_row_blocks(window: bytes, int_size: int) -> tuple[bytes, int]:
    """Return the contents of whole blocks as far as they follow line ends, and where they end."""
    head = 1 + int_size
    data = np.frombuffer(window, np.uint8)
    heads = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(data == _LINE_END) + 1))
    heads = heads[heads + head <= len(data)]
    ends = heads + head
    is_whole = data[heads] == 0
    for place in range(int_size):
        digit = data[heads + 1 + place].astype(np.int64)
        is_whole &= (digit == 0) | (place < 4)  # so long a block is left to the careful way
        ends += digit << (8 * min(place, 4))
    is_whole &= (ends > heads + head) & (ends <= len(data))
    chosen = _follow(heads, ends, is_whole)
    if not len(chosen):
        return b"", 0
    end = int(ends[chosen[-1]])
    is_content = np.ones(end, np.bool_)
    for place in range(head):
        is_content[heads[chosen] + place] = False
    return data[:end][is_content].tobytes(), end


def _follow(heads: _Places, ends: _Places, is_whole: npt.NDArray[np.bool_]) -> _Places:
    """Return which guesses are heads: the first one, and each that begins where the one before it ends."""
    is_last = np.ones(len(heads), np.bool_)
    is_last[:-1] = ends[:-1] != heads[1:]
    stops = np.flatnonzero(is_last | ~is_whole)
    runs: list[_Places] = []
    first = 0
    while first < len(heads):
        stop = int(stops[np.searchsorted(stops, first)])
        if not is_whole[stop]:
            runs.append(np.arange(first, stop))
            break
        runs.append(np.arange(first, stop + 1))
        following = int(np.searchsorted(heads, ends[stop]))
        if following == len(heads) or heads[following] != ends[stop]:
            break
        first = following
    return np.concatenate(runs) if runs else np.zeros(0, np.int64)
