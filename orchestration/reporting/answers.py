"""A single answer as a page that works from a file: the trace of a figure, or where a row is.

Belongs here: their pages alone; the auditor's pages of a whole report are :mod:`orchestration.reporting.site`, of
which they have the looks. Everything on them is the answer's JSON, which holds nothing personal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.reporting.files import replace_file
from orchestration.reporting.site import picture, rendered

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def keep_trace(trace: Mapping[str, Any], folder: Path) -> Path:
    """Write a trace's page; the one of another trace of the same figure goes."""
    values = {"trace": trace, "picture": picture(trace["lineage"]["relations"])}
    return _kept(folder, f"trace-{trace['figure']}", rendered("trace", values))


def keep_where(found: Mapping[str, Any], folder: Path) -> Path:
    """Write the page of a row."""
    name = "-".join(str(part) for part in found["address"].values())
    return _kept(folder, f"where-{name}", rendered("where", {"found": found}))


def _kept(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{_UNSAFE.sub('_', name)}.html"
    replace_file(page, content)
    return page
