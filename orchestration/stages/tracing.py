"""Traces: a figure walked back to the vendor's columns, the bags and the letter; a row walked to the figures it is in.

They answer for the last sealed report, from the snapshot that was published with it, so that they hold up no run and
no run holds them up. What shows personal data is written to the access log first; nothing else here does.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from handover.contract.mapping import Mapping as Contract
from handover.contract.mapping import load_mappings
from handover.obligations import load_correspondence
from handover.sealed import SealedDelivery
from handover.transmittal import transmittal_of
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.lineage.history import clear_values, histories_of
from orchestration.lineage.membership import Whereabouts, whereabouts
from orchestration.lineage.rows import FACT_TABLE, Address, RowSet, read_rows
from orchestration.lineage.trace import Stated, trace_figure
from orchestration.population.reading import read_ledger
from orchestration.reporting.chain import seals
from orchestration.reporting.figures import read_figures
from orchestration.reporting.seal import (
    LATEST,
    SealedReport,
    named_folder,
    pointed_to,
    read_report,
    rows_stated,
)
from orchestration.stages.publication import letter_beside
from orchestration.warehouse.scope import recorded_packages
from orchestration.warehouse.snapshot import Snapshot, opened_snapshot
from orchestration.warehouse.verdicts import read_verdicts

ACCESS_LOG = "access.log.jsonl"


@dataclass(frozen=True)
class Disclosure:
    """Who wants to see personal data, and what for."""

    officer: str
    reason: str


def trace_of(
    installation: Installation,
    figure: str,
    sample: int,
    where: Mapping[str, str] | None = None,
    disclosure: Disclosure | None = None,
    at: datetime | None = None,
    *,
    is_live: bool = False,
) -> dict[str, Any]:
    """Trace one figure of the last sealed report, or of the warehouse as it stands now where ``is_live``.

    The story of ``sample`` rows at most, in clear only under a ``disclosure`` made at ``at``. Raises
    :class:`orchestration.lineage.trace.TraceError` for an unknown figure or column and
    :class:`orchestration.warehouse.errors.WarehouseError` when nothing was run here yet;
    :class:`UsageError` where ``where`` leaves so few subjects that breakdowns would not show them.
    """
    with _opened(installation, is_live) as opened:
        traced = opened.traced(figure, sample, where)
        if where and disclosure is None and 0 < traced["rows"]["count"] < installation.settings.small_cells:
            raise UsageError(
                f"Fewer than {installation.settings.small_cells} subjects are left, so few that they could be known;"
                " narrow less, or ask with --reveal, an officer and a reason."
            )
        if disclosure is not None:
            addresses = [Address(row["delivery"], row["table"], row["row"]) for row in traced["sample"]]
            _log(installation, disclosure, figure, addresses, at)
            for row, address in zip(traced["sample"], addresses, strict=True):
                row["clear"] = clear_values(opened.snapshot.connection, address, opened.contracts)
    return traced


def traces_of(installation: Installation, sample: int) -> dict[str, dict[str, Any]]:
    """The traces of every figure of the last sealed report, by id."""
    with _opened(installation, is_live=False) as opened:
        figures = read_figures(opened.snapshot.manifest)
        columns = [each.column for each in figures]
        rows = read_rows(opened.snapshot.connection, FACT_TABLE, columns, sample)
        opened.look_up(address for each in rows.values() for address in each.sample)
        return {each.id: opened.traced(each.id, sample, None, rows[each.column]) for each in figures}


def where_of(installation: Installation, wanted: int | Address, *, is_live: bool = False) -> dict[str, Any]:
    """Every figure's word on a row and on its subject, and what the sealed reports can say of the row.

    Raises :class:`orchestration.lineage.membership.RowUnknown`.
    """
    with _opened(installation, is_live) as opened:
        connection = opened.snapshot.connection
        found = whereabouts(connection, opened.snapshot.manifest, wanted)
        speaks = found.address if found.grain == "subject" else found.counted_by
        story = list(opened.stories([speaks] if speaks else []))
        digests = dict(connection.execute("select figure_id, row_digest from report.rpt_figures").fetchall())
    return {
        **found.as_json(),
        "history": story[0] if story else None,
        "reports": list(_reports(installation, digests, found)),
    }


@dataclass(frozen=True)
class _Opened:
    """A snapshot with what else a trace reads, each read once."""

    installation: Installation
    snapshot: Snapshot
    packages: Mapping[str, SealedDelivery]
    contracts: Sequence[Contract]
    _told: dict[Address, dict[str, Any]] = field(default_factory=dict)

    def traced(
        self, figure: str, sample: int, where: Mapping[str, str] | None, rows: RowSet | None = None
    ) -> dict[str, Any]:
        """The trace of one figure as plain values, the sampled rows with their stories."""
        trace = trace_figure(
            figure,
            manifest=self.snapshot.manifest,
            connection=self.snapshot.connection,
            contracts=self.contracts,
            deliveries={id_: package.bag_sha256 for id_, package in self.packages.items()},
            letter=letter_beside(self.installation),
            stated=self._stated.get(figure),
            sample=sample,
            where=where,
            gates=self._gates,
            rows=rows,
        )
        told = trace.as_json()
        return told | {
            "sample": list(self.stories(trace.rows.sample)),
            "deliveries": [each | {"letter": self._letters.get(each["id"])} for each in told["deliveries"]],
        }

    def look_up(self, addresses: Iterable[Address]) -> None:
        """Look up all these rows at once, those that were not yet."""
        unknown = tuple({address: None for address in addresses if address not in self._told})
        connection = self.snapshot.connection
        for told in histories_of(connection, unknown, self.packages, self.contracts, self._requests):
            self._told[told.address] = told.as_json()

    def stories(self, addresses: Iterable[Address]) -> Iterator[dict[str, Any]]:
        """What happened to each row; one that several figures count is looked up once."""
        wanted = tuple(addresses)
        self.look_up(wanted)
        for address in wanted:
            yield dict(self._told[address])

    @cached_property
    def _stated(self) -> Mapping[str, Stated]:
        """What the sealed report states, by figure; nothing where none was sealed."""
        report = self._report
        return {} if report is None else {each["id"]: Stated.of(report, each) for each in report.figures}

    @property
    def _report(self) -> SealedReport | None:
        reports = self.installation.settings.reports
        if self.snapshot.report is not None:
            return read_report(named_folder(reports, self.snapshot.report))
        return read_report(pointed_to(reports, LATEST)) if (reports / LATEST).exists() else None

    @cached_property
    def _letters(self) -> Mapping[str, Mapping[str, Any]]:
        """What brought each package and who asked for it, as plain values."""
        letters = load_correspondence()
        return {id_: transmittal_of(each, letters).as_json() for id_, each in self.packages.items()}

    @cached_property
    def _gates(self) -> Sequence[Mapping[str, Any]]:
        return read_verdicts(self.snapshot.connection)

    @cached_property
    def _requests(self) -> Mapping[str, Sequence[str]]:
        requests: dict[str, list[str]] = defaultdict(list)
        with read_ledger(self.installation.settings.ledger_url) as reading:
            for attempt in reading.attempts:
                requests[attempt.batch_id].append(attempt.request_id)
        return requests


@contextmanager
def _opened(installation: Installation, is_live: bool) -> Iterator[_Opened]:
    with opened_snapshot(installation.warehouse, installation.dbt_target, is_live=is_live) as snapshot:
        names = recorded_packages(snapshot.connection)
        packages = {name: installation.vault.delivery(name) for name in names}
        yield _Opened(installation, snapshot, packages, load_mappings())


def _reports(
    installation: Installation, digests: Mapping[str, str], found: Whereabouts
) -> Iterator[dict[str, Any]]:
    """What each sealed report says of the row, the newest first.

    A report made without the row's package does not hold it; one whose figure has the digest of the rows looked at
    holds the same rows; of others nothing can be told.
    """
    reports = installation.settings.reports
    holds = {each.figure.id: each.holds for each in found.figures}
    for link, bound in seals(reports):
        rows = bound.get("rows") or rows_stated(read_report(reports / link.name).statement)
        has_package = found.address.delivery in rows["deliveries"]
        figures = {
            id_: (holds.get(id_) if digests.get(id_) == digest else None) if has_package else False
            for id_, digest in rows["figures"].items()
        }
        yield {"name": link.name, "has_package": has_package, "figures": figures}


def _log(
    installation: Installation,
    disclosure: Disclosure,
    figure: str,
    addresses: Iterable[Address],
    at: datetime | None,
) -> None:
    """Append who saw which rows, durably, before anything is shown."""
    if at is None or not disclosure.officer.strip() or not disclosure.reason.strip():
        raise UsageError("Personal data is shown to a named officer for a stated reason only.")
    line = {
        "at": at.isoformat(),
        "officer": disclosure.officer,
        "reason": disclosure.reason,
        "figure": figure,
        "rows": [address.as_json() for address in addresses],
    }
    place = installation.settings.home / ACCESS_LOG
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            log.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            log.flush()
            os.fsync(log.fileno())
    except OSError as error:
        raise UsageError(
            f"The access log {place} can't be written ({error.strerror}), so nothing is shown."
        ) from None
