"""A seal: what was received under an id, written so that no bit of it can change unseen.

One line of JSON per file, closed by the digest of all that stands before. Where seals lie, and whether the
objects that they name are whole, is the vault's business.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from handover.bag import BagContents, BagFile

OWN_DIGEST = "seal_sha256"
"""In a seal: the sha256 of all that it says besides."""


def write_seal(contents: BagContents, received_at: datetime) -> bytes:
    """The seal of a bag whose every file was kept."""
    facts = {
        "delivery": contents.id,
        "bag_sha256": contents.bag_sha256,
        "received_at": received_at.isoformat(),
        "files": [_file(each.path.relative_to("data"), each) for each in contents.payload],
        "tag_files": [_file(each.path, each) for each in contents.tag_files],
    }
    return _as_bytes(facts | {OWN_DIGEST: _digest(facts)})


def read_seal(seal: bytes) -> dict[str, Any]:
    """A seal's facts. Raises ValueError or LookupError when any bit of it isn't as it was written."""
    facts: dict[str, Any] = json.loads(seal)
    if _as_bytes(facts) != seal or facts.pop(OWN_DIGEST) != _digest(facts):
        raise ValueError("the seal isn't as it was written")
    return facts


def _file(path: PurePosixPath, file: BagFile) -> dict[str, Any]:
    return {"path": str(path), "sha256": file.digests["sha256"], "size": file.size}


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(_as_bytes(facts)).hexdigest()


def _as_bytes(facts: dict[str, Any]) -> bytes:
    """One spelling only. Without indentation the library's fast encoder writes it; the lines are ours."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True).replace('}, {"path"', '},\n{"path"').encode()
