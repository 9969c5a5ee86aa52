"""Sealing, keeping and reading back reports: ``<reports>/<as_of>/<seal[:12]>`` and the pointer ``latest``.

Belongs here: a report's files, the statement that binds them, reading them back. The envelope and its signature are
:mod:`orchestration.reporting.envelope`, the order of reports :mod:`orchestration.reporting.chain`. The seal is the
SHA-256 of report.json (what is stated, as canonical JSON): ``sha256sum report.json`` shows it.
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

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.reporting.envelope import (
    STATEMENT_TYPE,
    Envelope,
    EnvelopeBroken,
    opened_envelope,
    sealed_envelope,
)
from orchestration.reporting.files import replace_file
from orchestration.reporting.print_form import render_print
from orchestration.reporting.render import render_page
from orchestration.reporting.report import SCHEMA, Report, ReportError, canonical
from orchestration.reporting.spreadsheet import render_spreadsheet

STATEMENT, PAGE, SEAL, LATEST = "report.json", "report.html", "seal.json", "latest"
SPREADSHEET, PRINT = "report.xlsx", "report.pdf"
PREDICATE_TYPE = "urn:tiemchung:sealed-report:1"
SHORT = 12
"""Hex characters of the seal that name a report's folder."""
POINTER = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})/([0-9a-f]{{{SHORT}}})")


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
    envelope: Envelope

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

    @property
    def name(self) -> str:
        """What the report is called among the others: its day and the beginning of its seal."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def evidence(self) -> Mapping[str, Any]:
        """What the seal binds beside the files: the report before, the ledger's batches, package versions."""
        predicate: Mapping[str, Any] = self.envelope.statement["predicate"]
        return predicate


def report_json(report: SealedReport) -> dict[str, Any]:
    """What ``tiemchung report --json`` prints: as_of, seal and the figures' numbers."""
    fields = ("id", "subjects", "doses", "part_of")
    return {
        "as_of": report.statement["as_of"],
        "seal": report.seal,
        "figures": [{name: figure[name] for name in fields} for figure in report.figures],
    }


def files_of(report: Report) -> dict[str, bytes]:
    """A report's files by name, the statement first; raises :class:`ReportError` where it is not sound."""
    content = canonical(report.statement())
    statement, seal = json.loads(content), sha256(content)
    return {
        STATEMENT: content,
        PAGE: render_page(statement, seal).encode("utf-8"),
        SPREADSHEET: render_spreadsheet(statement, seal),
        PRINT: render_print(statement, seal),
    }


def keep(
    reports: Path, files: Mapping[str, bytes], evidence: Mapping[str, Any], key: Ed25519PrivateKey | None
) -> SealedReport:
    """Seal a report's files and keep them under ``reports`` at once or not at all.

    The same files again change nothing. Raises :class:`SealBroken` where their folder already holds something else.
    """
    seal = sha256(files[STATEMENT])
    folder = reports / json.loads(files[STATEMENT])["as_of"] / seal[:SHORT]
    if not folder.exists():
        statement = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": sha256(files[name])}} for name in sorted(files)],
            "predicateType": PREDICATE_TYPE,
            "predicate": dict(evidence),
        }
        _write_folder(folder, {**files, SEAL: sealed_envelope(statement, key)})
    sealed = read_report(folder)
    if changed := [name for name, content in files.items() if (folder / name).read_bytes() != content]:
        raise SealBroken(
            folder, [f"{name} is not what this version makes of the same data" for name in changed]
        )
    return sealed


def rows_stated(statement: Mapping[str, Any]) -> dict[str, Any]:
    """What tells whether a row is in a report: the digest of each figure's rows, and the packages they came from.

    It stands in the seal, too, so that many reports are looked through without reading them.
    """
    return {
        "figures": {each["id"]: each["digest"] for each in statement["figures"]},
        "deliveries": [each["id"] for each in statement["deliveries"]],
    }


def point_to(reports: Path, pointer: str, sealed: SealedReport) -> None:
    """Let a pointer name a report."""
    replace_file(reports / pointer, f"{sealed.name}\n".encode("ascii"))


def read_latest(reports: Path) -> SealedReport:
    """The report ``latest`` points to, verified; raises :class:`NoReport` or :class:`SealBroken`."""
    return read_report(pointed_to(reports, LATEST))


def pointed_to(reports: Path, pointer: str) -> Path:
    """The folder that a pointer names; raises :class:`NoReport` or :class:`SealBroken`."""
    if not (reports / pointer).exists():
        raise NoReport(f"There is no report in {reports} yet; run `tiemchung run` first.")
    text = (reports / pointer).read_bytes()[:100].decode("ascii", errors="replace")
    return named_folder(reports, text.removesuffix("\n"), pointer)


def named_folder(reports: Path, name: str, by: str = "the snapshot") -> Path:
    """The folder of a report's name; raises :class:`SealBroken` where ``by`` names none, or one that is gone."""
    found = POINTER.fullmatch(name)
    if found is None:
        raise SealBroken(reports, [f"{by} does not name a report's folder"])
    folder = reports / found[1] / found[2]
    if not folder.is_dir():
        raise SealBroken(reports, [f"{by} names a report that is not there"])
    return folder


def read_report(folder: Path) -> SealedReport:
    """The report in ``folder``, verified byte by byte; raises :class:`SealBroken` naming what differs."""
    content, sealed = _read(folder, STATEMENT), _read(folder, SEAL)
    try:
        envelope = opened_envelope(sealed)
    except EnvelopeBroken as error:
        raise SealBroken(folder, [f"{SEAL}: {error}"]) from None
    if differences := _differences(folder, content, envelope):
        raise SealBroken(folder, differences)
    statement = json.loads(content)
    bound = envelope.statement["predicate"]
    if "rows" in bound and bound["rows"] != rows_stated(statement):
        raise SealBroken(folder, [f"the rows that {SEAL} binds are not those of {STATEMENT}"])
    if statement["schema"] != SCHEMA:
        raise ReportError(
            f"The report {folder} is of another form than {SCHEMA}; read it with its own version."
        )
    return SealedReport(folder, sha256(content), statement, envelope)


def _differences(folder: Path, content: bytes, envelope: Envelope) -> list[str]:
    """What keeps the files from being one sealed report in its own folder."""
    if folder.name != sha256(content)[:SHORT]:
        return [f"{STATEMENT} does not have the digest its folder is named for"]
    stated = _subjects(envelope)
    if STATEMENT not in stated or envelope.statement.get("predicateType") != PREDICATE_TYPE:
        return [f"{SEAL} is not the seal of a report"]
    differences = [
        f"{name} does not have the digest that {SEAL} records"
        for name, digest in stated.items()
        if sha256(_read(folder, name)) != digest
    ]
    kept = {path.name for path in folder.iterdir()} - {SEAL}
    differences += [f"{name} is not among the files that {SEAL} binds" for name in sorted(kept - set(stated))]
    if not differences and folder.parent.name != json.loads(content)["as_of"]:
        differences.append(f"the folder {folder.parent.name} is not the report's own date")
    return differences


def _subjects(envelope: Envelope) -> dict[str, str]:
    """The digests an envelope's statement records for plain file names; empty where it is of another form."""
    try:
        found = {str(each["name"]): str(each["digest"]["sha256"]) for each in envelope.statement["subject"]}
        dict(envelope.statement["predicate"])
    except (KeyError, TypeError, ValueError):
        return {}
    return {} if any("/" in name or name in ("", ".", "..", SEAL) for name in found) else found


def sha256(content: bytes) -> str:
    """The digest in hex."""
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
