"""The encodings PostgreSQL may write a dump in, and the Python codecs that read them; nothing else.

Only encodings whose every byte below 0x80 is ASCII are here, so that tab, line end and backslash can be looked
for in the undecoded bytes. Source: PostgreSQL's table of supported character sets (server encodings).
"""

from __future__ import annotations

_CODECS = {
    "UTF8": "utf-8",
    "SQL_ASCII": "utf-8",  # PostgreSQL checks nothing there: what isn't UTF-8 is refused when it is read
    "EUC_JP": "euc_jp",
    "EUC_CN": "gb2312",
    "EUC_KR": "euc_kr",
    "KOI8R": "koi8_r",
    "KOI8U": "koi8_u",
    **{f"LATIN{n}": f"iso8859_{part}" for n, part in enumerate((1, 2, 3, 4, 9, 10, 13, 14, 15, 16), start=1)},
    **{f"ISO_8859_{part}": f"iso8859_{part}" for part in (5, 6, 7, 8)},
    **{
        f"WIN{page}": f"cp{page}" for page in (866, 874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)
    },
}


def codec_of(encoding: str) -> str | None:
    """Return Python's codec for PostgreSQL's name of an encoding, or None where there is none that is safe."""
    return _CODECS.get(encoding.upper())
