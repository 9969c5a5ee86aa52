"""Proving a sealed report against everything it stands on: vault, ledger, definitions, warehouse, and all anew.

Belongs here: which checks are made, and in which order. What the files alone can tell is
:mod:`orchestration.reporting.verification`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from handover.errors import HandoverError
from handover.soundness import examine
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.lineage.rows import FACT_TABLE, read_rows
from orchestration.population.errors import RegisterError
from orchestration.population.files import Rooms, sha256
from orchestration.population.reading import read_ledger
from orchestration.reporting.chain import HEAD
from orchestration.reporting.code import code_commit, tree_digest
from orchestration.reporting.envelope import key_id, signing_key, trusted_keys
from orchestration.reporting.figures import FigureError, read_figures
from orchestration.reporting.seal import LATEST, SealedReport, pointed_to
from orchestration.reporting.verification import (
    Check,
    Result,
    check,
    checked_chain,
    checked_page,
    checked_seal,
    checked_signature,
    not_evaluated,
)
from orchestration.stages.publication import batches_of
from orchestration.stages.rebuild import NOT_REBUILT, Values, rebuild
from orchestration.warehouse import project
from orchestration.warehouse.errors import WarehouseBusy, WarehouseError
from orchestration.warehouse.scope import recorded_as_of, recorded_packages
from orchestration.warehouse.snapshot import opened_snapshot


@dataclass(frozen=True)
class Proof:
    """All checks of one report."""

    folder: Path
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Nothing failed; what was not evaluated is told and proves nothing."""
        return all(each.result is not Result.FAILED for each in self.checks)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "report": str(self.folder),
            "holds": self.holds,
            "checks": [each.as_json() for each in self.checks],
        }


def prove(installation: Installation, place: Path | None, key: Path | None, is_rebuilt: bool) -> Proof:
    """Judge the report at ``place`` (a folder, or a file in it; None: the latest of the home).

    ``key`` names public keys to trust beside those of the settings. Raises :class:`UsageError` for a place where no
    report can lie, :class:`orchestration.reporting.seal.NoReport` where the home has none.
    """
    folder = _folder(installation, place)
    seal, report = checked_seal(folder)
    checks = [seal]
    if report is not None:
        checks.append(checked_signature(report, _trusted(installation, key)))
    reports = folder.parent.parent
    if (reports / HEAD).exists():
        checks.extend(checked_chain(reports))
    else:
        checks.append(not_evaluated("CHAIN", f"no {HEAD} lies beside the report"))
    if report is not None:
        checks.append(checked_page(report, project.PROJECT))
        checks.extend(_of_home(installation, report))
        checks.extend(_anew(installation, report) if is_rebuilt else [])
    return Proof(folder, tuple(checks))


def _folder(installation: Installation, place: Path | None) -> Path:
    if place is None:
        return pointed_to(installation.settings.reports, LATEST)
    if not place.exists():
        raise UsageError(f"{place} does not exist; name a report's folder, or a file in it.")
    return (place if place.is_dir() else place.parent).resolve()


def _trusted(installation: Installation, key: Path | None) -> dict[str, Ed25519PublicKey]:
    settings = installation.settings
    trusted = trusted_keys(settings.trusted_keys) | trusted_keys(key)
    if not trusted and (own := signing_key(settings.signing_key)) is not None:
        trusted = {key_id(own.public_key()): own.public_key()}
    return trusted


def _of_home(installation: Installation, report: SealedReport) -> Iterator[Check]:
    settings = installation.settings
    if settings.vault.exists() or report.folder.is_relative_to(settings.reports):
        yield check("VAULT", _vault_faults(installation, report))
        yield _objects(installation)
        yield _ledger(installation, report)
    else:  # a report that was sent to somebody
        for id_ in ("VAULT", "OBJECTS", "LEDGER"):
            yield not_evaluated(id_, f"no vault lies in {settings.home}")
    yield _definitions(report)
    yield _warehouse(installation, report)
    yield _snapshot(installation, report)


def _vault_faults(installation: Installation, report: SealedReport) -> Iterator[str]:
    for named in report.statement["deliveries"]:
        try:
            sealed = installation.vault.delivery(named["id"])
        except HandoverError as error:
            yield str(error)
            continue
        if sealed.bag_sha256 != named["bag_sha256"]:
            yield f"{named['id']} is another bag than the one reported on"


def _objects(installation: Installation) -> Check:
    try:
        found = examine(installation.settings.vault)
    except HandoverError as error:
        return check("OBJECTS", [str(error)])
    faults = [f"{each.delivery}/{each.path}: {each.problem}" for each in found.damage]
    return check("OBJECTS", faults, f"{found.objects}")


def _ledger(installation: Installation, report: SealedReport) -> Check:
    then: Mapping[str, Mapping[str, Any]] = report.evidence.get("ledger", {})
    rooms = Rooms(installation.settings.ledger_folder)
    try:
        with read_ledger(installation.settings.ledger_url) as reading:
            now = batches_of(reading)
    except RegisterError as error:
        return check("LEDGER", [str(error)])
    faults = [f"batch {batch_id[:12]} is gone" for batch_id in then if batch_id not in now]
    for batch_id, sealed in then.items():
        if sealed["state"] != "answered" or batch_id not in now:
            continue
        changed = sorted(name for name, value in sealed.items() if now[batch_id].get(name) != value)
        faults += [f"batch {batch_id[:12]}: {', '.join(changed)} changed"] if changed else []
        answer = rooms.answer(batch_id)
        if not answer.exists() or sha256(answer) != sealed["answer"]:
            faults.append(f"the answer to batch {batch_id[:12]} is not the one that was reported on")
    return check("LEDGER", faults, f"{len(then)}")


def _definitions(report: SealedReport) -> Check:
    code = report.statement["code"]
    if code["dbt_project"] == tree_digest(project.PROJECT):
        return check("DEFINITIONS", ())
    made_by = report.evidence.get("commit") or "unknown"
    here = code_commit(project.PROJECT) or "unknown"
    return check("DEFINITIONS", [f"made by version {code['version']} at commit {made_by}; here is {here}"])


def _warehouse(installation: Installation, report: SealedReport) -> Check:
    if not installation.settings.warehouse.exists():
        return not_evaluated("WAREHOUSE", "there is none")
    try:
        with installation.warehouse.reading() as connection:
            scope = [each["id"] for each in report.statement["deliveries"]]
            if recorded_as_of(connection) != report.as_of or recorded_packages(connection) != scope:
                return not_evaluated("WAREHOUSE", f"it stands at {recorded_as_of(connection)}")
            with read_ledger(installation.settings.ledger_url) as reading:
                if set(batches_of(reading)) != set(report.evidence["ledger"]):
                    return not_evaluated("WAREHOUSE", "more was asked of the register since")
            found = _counted(connection, project.compiled_manifest(installation.dbt_target))
    except WarehouseBusy:
        return not_evaluated("WAREHOUSE", "a run is writing it; verify again when it has ended")
    except (WarehouseError, RegisterError) as error:
        return check("WAREHOUSE", [str(error)])
    return check("WAREHOUSE", _different(report, found))


def _snapshot(installation: Installation, report: SealedReport) -> Check:
    """What traces read, where it is the snapshot of this report."""
    if not installation.warehouse.snapshot.exists():
        return not_evaluated("SNAPSHOT", "there is none")
    try:
        with opened_snapshot(installation.warehouse, installation.dbt_target) as snapshot:
            if snapshot.report != report.name:
                return not_evaluated("SNAPSHOT", f"it is that of {snapshot.report}")
            found = _counted(snapshot.connection, snapshot.manifest)
    except (WarehouseError, FigureError) as error:
        return check("SNAPSHOT", [str(error)])
    return check("SNAPSHOT", _different(report, found))


def _counted(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> Values:
    figures = read_figures(manifest)
    rows = read_rows(connection, FACT_TABLE, [each.column for each in figures], sample=0)
    return {
        each.id: (found.subjects, found.doses, found.digest)
        for each in figures
        for found in [rows[each.column]]
    }


def _anew(installation: Installation, report: SealedReport) -> Iterator[Check]:
    try:
        rebuilt = rebuild(installation, report)
    except (*NOT_REBUILT, RegisterError, WarehouseError) as error:
        yield check("REBUILD", [f"could not be derived: {error}"])
        return
    yield check("LAKE", rebuilt.lake_faults)
    yield check("REBUILD", _different(report, rebuilt.figures), f"{len(rebuilt.figures)}")


def _different(report: SealedReport, found: Values) -> Iterator[str]:
    """Each figure that is not what was sealed, with both values."""
    stated = {each["id"]: (each["subjects"], each["doses"], each["digest"]) for each in report.figures}
    for id_ in sorted({*stated, *found}):
        if id_ not in found or id_ not in stated:
            yield f"{id_} is {'not derived' if id_ in stated else 'not in the report'}"
        elif stated[id_] != found[id_]:
            numbers = "the same counts of other rows"
            if stated[id_][:2] != found[id_][:2]:
                numbers = f"sealed {stated[id_][0]}/{stated[id_][1]}, found {found[id_][0]}/{found[id_][1]}"
            yield f"{id_}: {numbers}"
