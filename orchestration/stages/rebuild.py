"""A sealed report's figures derived once more, from the vault and the ledger, in a home of its own.

Nobody is asked, and nothing of the installation's home changes but its scratch folder, which is emptied again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from handover.contract.mapping import load_mappings
from handover.errors import HandoverError
from orchestration.installation import Installation
from orchestration.population.ledger import Batch, BatchState
from orchestration.population.publish import publish
from orchestration.population.reading import read_ledger
from orchestration.reporting.seal import SealedReport
from orchestration.settings import Settings
from orchestration.warehouse.aside import build_aside, opened, scratch_home
from orchestration.warehouse.errors import cleaned
from orchestration.warehouse.raw import ImportedPackage, import_package, publish_views
from orchestration.warehouse.rules import newest_rule_set
from orchestration.warehouse.scope import Scope, record_scope

Values = Mapping[str, tuple[int, int, str]]
"""Subjects, doses and row digest by figure."""


@dataclass(frozen=True)
class Rebuilt:
    """The figures derived anew, and where the home's raw rows are not those of the packages."""

    figures: Values
    lake_faults: tuple[str, ...]


@dataclass(frozen=True)
class LedgerThen:
    """The ledger as a seal found it: the batches of then, in the state of then."""

    now: tuple[Batch, ...]
    then: Mapping[str, Mapping[str, Any]]

    def batches(self) -> tuple[Batch, ...]:
        """What is left of them; one that is gone is the ledger check's business."""
        states = {batch_id: BatchState(each["state"]) for batch_id, each in self.then.items()}
        return tuple(
            replace(batch, state=states[batch.batch_id]) for batch in self.now if batch.batch_id in states
        )


def rebuild(installation: Installation, report: SealedReport) -> Rebuilt:
    """Derive every figure anew in a scratch home.

    Raises :class:`HandoverError`, :class:`orchestration.warehouse.errors.WarehouseError` or
    :class:`orchestration.population.errors.LedgerError` where a part it needs is missing or broken.
    """
    with derived_anew(installation, report) as (aside, imported):
        faults = (fault for each in imported for fault in _lake_faults(each, installation.settings.lake))
        return Rebuilt(figures_of(aside.warehouse), tuple(faults))


@contextmanager
def derived_anew(
    installation: Installation, report: SealedReport
) -> Iterator[tuple[Settings, Sequence[ImportedPackage]]]:
    """A scratch home in which the report's warehouse stands again, and its packages; gone when the block ends."""
    settings = installation.settings
    packages = [installation.vault.delivery(each["id"]) for each in report.statement["deliveries"]]
    scope = Scope(report.as_of, packages[0], tuple(packages[1:]))
    with scratch_home(settings) as aside:
        aside.digest_key.parent.mkdir(parents=True)
        shutil.copyfile(settings.digest_key, aside.digest_key)
        imported = [import_package(package, aside.lake) for package in packages]
        with (
            Installation(aside).warehouse.connect() as connection,
            read_ledger(settings.ledger_url) as reading,
        ):
            publish_views(connection, scope, imported, load_mappings())
            record_scope(connection, scope)
            then = LedgerThen(reading.ledger.batches(), report.evidence["ledger"])
            publish(connection, then, settings.ledger_folder)
        build_aside(aside, ["rpt_figures"], report.as_of, newest_rule_set())
        yield aside, imported


def figures_of(warehouse: Path) -> Values:
    """The figures that a warehouse holds; raises :class:`orchestration.warehouse.errors.WarehouseError`."""
    with opened(warehouse) as connection:
        rows = connection.execute(
            "select figure_id, subjects, doses, row_digest from report.rpt_figures"
        ).fetchall()
    return {figure: (subjects, doses, digest) for figure, subjects, doses, digest in rows}


def _lake_faults(imported: ImportedPackage, lake: Path) -> list[str]:
    """Tables whose rows in the home's lake are not those read from the package now."""
    faults = []
    for component, manifest in imported.manifests.items():
        for table in manifest.tables:
            kept = lake / "raw" / imported.package.id / component / table.folder.name
            if kept.exists() and _content(kept) != _content(table.folder):
                faults.append(f"{imported.package.id}: {table.schema}.{table.name}")
    return faults


def _content(folder: Path) -> tuple[Any, ...] | str:
    """Rows and the order-free sum of their hashes; in words what keeps them from being read."""
    query = "select count(*), sum(hash(t)::hugeint) from read_parquet($files) as t"
    try:
        with duckdb.connect() as connection:
            return connection.execute(query, {"files": str(folder / "*.parquet")}).fetchall()[0]
    except duckdb.Error as error:
        return cleaned(error)


NOT_REBUILT = (HandoverError, OSError, KeyError, ValueError)
"""What can keep a report from being derived anew, beside the warehouse's and the ledger's own errors."""
