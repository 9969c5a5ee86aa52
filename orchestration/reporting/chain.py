"""The order of reports: each seal names the seal before it, and ``head`` the last one with its digest.

Belongs here: linking a new report and walking the chain. A report taken away, put in, altered or swapped breaks it at
a place that is named; who can write all of it can only be found out by a signature, or by a seal noted elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.reporting.envelope import EnvelopeBroken, opened_envelope
from orchestration.reporting.files import replace_file
from orchestration.reporting.report import Report, ReportError
from orchestration.reporting.seal import (
    LATEST,
    POINTER,
    SEAL,
    STATEMENT,
    SealBroken,
    SealedReport,
    files_of,
    keep,
    point_to,
    read_report,
    rows_stated,
    sha256,
)

HEAD = "head"
_HEAD = re.compile(rf"({POINTER.pattern}) ([0-9a-f]{{64}})")


class ChainBroken(ReportError):
    """The reports kept here are not the unbroken row that was sealed; the message names the place."""


@dataclass(frozen=True)
class Link:
    """A place in the chain: the report's name (day and beginning of its seal) and the SHA-256 of its seal file."""

    name: str
    digest: str


def publish(
    reports: Path,
    report: Report,
    evidence: Mapping[str, Any] | None = None,
    key: Ed25519PrivateKey | None = None,
) -> SealedReport:
    """Seal a report as the next link, or find it sealed already; it becomes the latest.

    The same report again gives the same bytes and changes nothing. Raises :class:`ReportError` where the report is
    not sound, :class:`SealBroken` where its folder holds something else, :class:`ChainBroken` where the row is broken.
    """
    head = head_of(reports)
    previous = None if head is None else {"name": head.name, "sha256": head.digest}
    files = files_of(report)
    rows = rows_stated(json.loads(files[STATEMENT]))
    sealed = keep(reports, files, {**(evidence or {}), "rows": rows, "previous": previous}, key)
    if _previous(sealed.name, sealed.evidence) == head and (head is None or sealed.name != head.name):
        _move_head(reports, sealed)
    elif sealed.name not in {link.name for link in links(reports)}:
        raise ChainBroken(
            f"The report {sealed.name} lies there but is no link of the chain; see `report verify`."
        )
    point_to(reports, LATEST, sealed)
    return sealed


def head_of(reports: Path) -> Link | None:
    """The last link, None before the first; raises :class:`ChainBroken` where ``head`` names none."""
    if not (reports / HEAD).exists():
        return None
    text = (reports / HEAD).read_bytes()[:200].decode("ascii", errors="replace")
    found = _HEAD.fullmatch(text.removesuffix("\n"))
    if found is None:
        raise ChainBroken(f"{reports / HEAD} does not name the last report; restore it.")
    return Link(found[1], found[4])


def links(reports: Path) -> tuple[Link, ...]:
    """All links, the last first; raises :class:`ChainBroken` naming the first that doesn't hold."""
    return tuple(link for link, _ in walked(reports))


def walked(reports: Path) -> Iterator[tuple[Link, SealedReport]]:
    """Each link with its report, read and verified, the last first; raises as :func:`links` does."""
    for link, _ in seals(reports):
        try:
            yield link, read_report(reports / link.name)
        except SealBroken as error:
            raise ChainBroken(str(error)) from error


def seals(reports: Path) -> Iterator[tuple[Link, Mapping[str, Any]]]:
    """Each link with what its seal binds, the last first; the files that lie beside the seals are not read."""
    met: set[str] = set()
    link = head_of(reports)
    while link is not None:
        if link.name in met:
            raise ChainBroken(f"The report {link.name} stands in the chain twice.")
        met.add(link.name)
        bound = _bound_by(reports, link)
        yield link, bound
        link = _previous(link.name, bound)


def strangers(reports: Path, chain: tuple[Link, ...]) -> tuple[str, ...]:
    """Folders among the reports that are no link of the chain."""
    known = {link.name for link in chain}
    names = (f"{path.parent.name}/{path.name}" for path in sorted(reports.glob("*/*")) if path.is_dir())
    return tuple(name for name in names if name not in known and "/." not in f"/{name}")


def _bound_by(reports: Path, link: Link) -> Mapping[str, Any]:
    try:
        content = (reports / link.name / SEAL).read_bytes()
    except OSError:
        raise ChainBroken(f"The report {link.name} was taken away: the chain names it.") from None
    if sha256(content) != link.digest:
        raise ChainBroken(f"{SEAL} of {link.name} is not the one that the chain names.")
    try:
        bound: Mapping[str, Any] = dict(opened_envelope(content).statement["predicate"])
    except (EnvelopeBroken, KeyError, TypeError, ValueError) as error:
        raise ChainBroken(f"{SEAL} of {link.name} is not the seal of a report.") from error
    return bound


def _previous(name: str, bound: Mapping[str, Any]) -> Link | None:
    named = bound.get("previous")
    if named is None:
        return None
    try:
        found = Link(str(named["name"]), str(named["sha256"]))
    except (KeyError, TypeError):
        raise ChainBroken(f"The seal of {name} does not say which report came before it.") from None
    if not POINTER.fullmatch(found.name):
        raise ChainBroken(f"The seal of {name} names no report before it.")
    return found


def _move_head(reports: Path, sealed: SealedReport) -> None:
    digest = sha256((sealed.folder / SEAL).read_bytes())
    replace_file(reports / HEAD, f"{sealed.name} {digest}\n".encode("ascii"))
