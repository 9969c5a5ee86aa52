"""Code that a program wrote from a description (a protocol, a grammar, a schema), and whether that description came.

Judged only where the code names what it was made from, or is of a kind that is always made from the same; all other
code that calls itself generated is left alone, as is what a packer of scripts squeezed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.trees.reading import Reading

HEAD = 3000
"""Characters of a file in which generators say so."""

_SAYS_SO = re.compile(
    r"code generated|do not (?:edit|modify)|@generated|generated (?:by|from)|auto-?generated|automatically generated",
    re.IGNORECASE,
)
_NAMES_IT = re.compile(
    r"\b(?:source|from)\b:?[ \t]+[\"'`]?"
    r"([\w./\\-]{1,200}\.(?:proto|thrift|fbs|avsc|avdl|xsd|wsdl|g4|jj))\b",
    re.IGNORECASE,
)
_PROTOBUF = re.compile(
    r".+(?:\.pb\.(?:go|cc|h|dart|swift)|_pb2(?:_grpc)?\.py|_pb\.(?:js|ts|rb)|\.pb\.gw\.go)"
)


@dataclass(frozen=True)
class GeneratedCode:
    """A file that says it is generated, and the description's file name or, for its kind, ending."""

    path: PurePosixPath
    made_from: str


def generated(reading: Reading) -> Iterator[GeneratedCode]:
    """The file, when it says that it is generated and from what."""
    if reading.line_count is None:
        return
    head = reading.text[:HEAD]
    if not _SAYS_SO.search(head):
        return
    if named := _NAMES_IT.search(head):
        yield GeneratedCode(reading.path, PurePosixPath(named[1].replace("\\", "/")).name)
    elif _PROTOBUF.fullmatch(reading.path.name):
        yield GeneratedCode(reading.path, ".proto")


def without_source(found: Iterable[GeneratedCode], paths: Iterable[PurePosixPath]) -> Iterator[Finding]:
    """Generated files whose description isn't in the tree."""
    there = {name for path in paths for name in (path.name, path.suffix)}
    for each in found:
        if each.made_from not in there:
            message = "is generated code; what it is made from isn't there"
            yield finding("HND-SRC-20", each.path, message, each.made_from)
