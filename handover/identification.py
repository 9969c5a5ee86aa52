"""Which delivery does a package say it is? Found out without unpacking it, for whoever watches an inbox.

Nothing is verified here: a package that lies about its name is refused when it is received.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from handover.bag import MAX_INFO_BYTES, NO_IDENTIFIER, identifier_in, identify_bag
from handover.bounded_streams import ArchiveFault
from handover.declaration import DECLARATION_PATH, parse_declaration
from handover.errors import PackageRefused
from handover.members import read_members
from handover.unpacking import Limits, refusal

SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
"""How the names of archives end that lie in an inbox; anything else there isn't looked at."""

_INFO = "bag-info.txt"


def looks_like_archive(path: Path) -> bool:
    """Whether a file's name says that it is a package."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file() and not path.is_symlink()


def identify_package(path: Path, limits: Limits) -> str:
    """The delivery id that a bag's folder or an archive gives itself.

    Raises :class:`BagRefused`, :class:`PackageRefused` or :class:`DeclarationRefused` where there is none.
    """
    if path.is_dir():
        return identify_bag(path)
    try:
        for name, content in _at_the_top(path, limits):
            if name == DECLARATION_PATH.name:
                return parse_declaration(content).delivery
            if found := identifier_in(content):
                return found
    except ArchiveFault as fault:
        raise refusal(path, str(fault)) from fault
    except OSError as error:
        raise PackageRefused(f"The package {path.name!r} can't be read ({error.strerror}).") from error
    raise refusal(path, f"doesn't say which delivery it is: {NO_IDENTIFIER}")


def _at_the_top(path: Path, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files that may name the delivery, at most one folder deep.

    What lies before them in a tar is read and dropped, within the limits that hold for unpacking.
    """
    size, read = path.stat().st_size, 0
    for count, member in enumerate(read_members(path, limits.members)):
        name = PurePosixPath(member.name)
        is_wanted = name.name in (_INFO, DECLARATION_PATH.name) and len(name.parts) <= 2
        content = b""
        for chunk in member.content or ():
            read += len(chunk)
            if read > max(limits.judged_from, limits.ratio * size) or count > limits.members:
                raise ArchiveFault("unpacks to more than any honest package")
            if is_wanted:
                content += chunk
                is_wanted = len(content) <= MAX_INFO_BYTES
        if is_wanted and not member.is_folder:
            yield name.name, content
