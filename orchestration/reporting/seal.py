"""Sealing, keeping and reading back reports: ``<reports>/<as_of>/<seal[:12]>`` and the pointer ``latest``.

Belongs here: digests, files and their verification. What is stated is :mod:`orchestration.reporting.report`.
The seal is the SHA-256 of report.json (the statement as canonical JSON): ``sha256sum report.json`` shows it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.reporting.files import replace_file
from orchestration.reporting.render import render_page
from orchestration.reporting.report import SCHEMA, Report, ReportError, canonical

STATEMENT, PAGE, SEAL, LATEST = "report.json", "report.html", "seal.json", "latest"
SHORT = 12
"""Hex characters of the seal that name a report's folder."""

_POINTER = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})/([0-9a-f]{{{SHORT}}})\n")


class NoReport(ReportError):
    """Nothing was ever reported here."""


class SealBroken(ReportError):
    """What lies there is not what was sealed; ``differences`` names each file and what differs."""

    def __init__(self, folder: Path, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        super().__init__(
            f"The seal of the report {folder} is broken; do not use it, restore it or build it again:\n- "
            + "\n- ".join(self.differences)
        )


@dataclass(frozen=True)
class SealedReport:
    """A report whose files were verified against its seal. ``statement`` is report.json as plain values."""

    folder: Path
    seal: str
    statement: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        """The last day whose rows count."""
        return date.fromisoformat(self.statement["as_of"])

    @property
    def figures(self) -> tuple[Mapping[str, Any], ...]:
        """The stated figures in the registry's order."""
        return tuple(self.statement["figures"])

    @property
    def page(self) -> Path:
        """The page people read."""
        return self.folder / PAGE


def report_json(report: SealedReport) -> dict[str, Any]:
    """What ``tiemchung report --json`` prints: as_of, seal and the figures' numbers."""
    fields = ("id", "subjects", "doses", "part_of")
    return {
        "as_of": report.statement["as_of"],
        "seal": report.seal,
        "figures": [{name: figure[name] for name in fields} for figure in report.figures],
    }


def publish(reports: Path, report: Report) -> SealedReport:
    """Seal a report, keep it under ``reports`` at once or not at all, and make it the latest.

    The same report again gives the same bytes and changes nothing. Raises :class:`ReportError` where the
    report is not sound and :class:`SealBroken` where its folder already holds something else.
    """
    statement = report.statement()
    content = canonical(statement)
    seal = _sha256(content)
    page = render_page(statement, seal).encode("utf-8")
    folder = reports / statement["as_of"] / seal[:SHORT]
    if not folder.exists():
        _write_folder(folder, {STATEMENT: content, PAGE: page, SEAL: _seal_file(content, page)})
    sealed = read_report(folder)
    if sealed.page.read_bytes() != page:
        raise SealBroken(folder, [f"{PAGE} is not the page this version makes of the same statement"])
    replace_file(reports / LATEST, f"{statement['as_of']}/{seal[:SHORT]}\n".encode("ascii"))
    return sealed


def read_latest(reports: Path) -> SealedReport:
    """The report ``latest`` points to, verified; raises :class:`NoReport` or :class:`SealBroken`."""
    pointer = reports / LATEST
    if not pointer.exists():
        raise NoReport(f"There is no report in {reports} yet; run `tiemchung run` first.")
    found = _POINTER.fullmatch(pointer.read_bytes().decode("ascii", errors="replace"))
    if found is None:
        raise SealBroken(reports, [f"{LATEST} does not name a report's folder"])
    return read_report(reports / found[1] / found[2])


def read_report(folder: Path) -> SealedReport:
    """The report in ``folder``, verified byte by byte; raises :class:`SealBroken` naming what differs."""
    content, page, sealed = (_read(folder, name) for name in (STATEMENT, PAGE, SEAL))
    if differences := _differences(folder, content, page, sealed):
        raise SealBroken(folder, differences)
    statement = json.loads(content)
    if statement["schema"] != SCHEMA:
        raise ReportError(
            f"The report {folder} is of another form than {SCHEMA}; read it with its own version."
        )
    return SealedReport(folder, _sha256(content), statement)


def _differences(folder: Path, content: bytes, page: bytes, sealed: bytes) -> list[str]:
    """What keeps the three files from being one sealed report in its own folder."""
    if sealed == _seal_file(content, page) and folder.name == _sha256(content)[:SHORT]:
        is_at_home = folder.parent.name == json.loads(content)["as_of"]
        return [] if is_at_home else [f"the folder {folder.parent.name} is not the report's own date"]
    recorded = _recorded(sealed)
    differences = []
    if folder.name != _sha256(content)[:SHORT]:
        differences.append(f"{STATEMENT} does not have the digest its folder is named for")
    if recorded.get(PAGE) not in (None, _sha256(page)):
        differences.append(f"{PAGE} does not have the digest that {SEAL} records")
    if not recorded or recorded.get(STATEMENT) != _sha256(content) or not differences:
        differences.append(f"{SEAL} is not the seal of the {STATEMENT} and {PAGE} beside it")
    return differences


def _recorded(sealed: bytes) -> dict[str, str]:
    """The digests a seal file records; empty where it cannot be read."""
    try:
        files = json.loads(sealed)["files"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {name: str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}


def _seal_file(content: bytes, page: bytes) -> bytes:
    """The exact bytes of the seal of these two files."""
    files = {STATEMENT: _sha256(content), PAGE: _sha256(page)}
    value = {"algorithm": "sha256", "files": files, "seal": files[STATEMENT]}
    return (json.dumps(value, sort_keys=True, indent=1) + "\n").encode("ascii")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise SealBroken(folder, [f"{name} cannot be read ({error.strerror})"]) from error


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or none: beside the place first, then one rename."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, content in files.items():
        replace_file(partial / name, content)
    partial.rename(folder)
