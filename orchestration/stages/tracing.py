"""Traces: a figure walked back to the vendor's columns, the bags and the letter; a row walked to the figures it is in.

What shows personal data is written to the access log first; nothing else here does.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from handover.contract.mapping import load_mappings
from handover.vault import SealedDelivery
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.lineage.history import clear_values, history_of
from orchestration.lineage.membership import whereabouts
from orchestration.lineage.rows import Address
from orchestration.lineage.trace import trace_figure
from orchestration.population.reading import read_ledger
from orchestration.reporting.chain import links
from orchestration.reporting.seal import read_report
from orchestration.stages.publication import letter_beside
from orchestration.warehouse.project import compiled_manifest
from orchestration.warehouse.scope import recorded_packages
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
) -> dict[str, Any]:
    """Trace one figure; the story of ``sample`` rows at most, in clear only under a ``disclosure`` made at ``at``.

    Raises :class:`orchestration.lineage.trace.TraceError` for an unknown figure or column and
    :class:`orchestration.warehouse.errors.WarehouseError` when nothing was run here yet.
    """
    with _opened(installation) as (connection, packages):
        traced = trace_figure(
            figure,
            manifest=compiled_manifest(installation.dbt_target),
            connection=connection,
            contracts=load_mappings(),
            deliveries={id_: package.bag_sha256 for id_, package in packages.items()},
            letter=letter_beside(installation),
            sample=sample,
            where=where,
            gates=read_verdicts(connection),
        )
        rows = list(_stories(installation, connection, packages, traced.rows.sample))
        if disclosure is not None:
            _log(installation, disclosure, figure, traced.rows.sample, at)
            for row, address in zip(rows, traced.rows.sample, strict=True):
                row["clear"] = clear_values(connection, address, load_mappings())
    return traced.as_json() | {"sample": rows}


def where_of(installation: Installation, wanted: int | Address) -> dict[str, Any]:
    """Every figure's word on a subject or a row, and what the sealed reports can say of it.

    A sealed report whose figure has the digest of today's rows holds the same rows; of others nothing can be told.
    Raises :class:`orchestration.lineage.membership.RowUnknown`.
    """
    with _opened(installation) as (connection, packages):
        found = whereabouts(connection, compiled_manifest(installation.dbt_target), wanted)
        spoken_for = [found.counted_by] if found.counted_by else []
        story = list(_stories(installation, connection, packages, spoken_for))
        digests = dict(connection.execute("select figure_id, row_digest from report.rpt_figures").fetchall())
    holds = {each.figure.id: each.holds for each in found.figures}
    return {
        **found.as_json(),
        "history": story[0] if story else None,
        "reports": list(_reports(installation, digests, holds)),
    }


def _reports(
    installation: Installation, digests: Mapping[str, str], holds: Mapping[str, bool]
) -> Iterator[dict[str, Any]]:
    reports = installation.settings.reports
    for link in links(reports):
        sealed = read_report(reports / link.name)
        figures = {
            figure["id"]: holds.get(figure["id"]) if digests.get(figure["id"]) == figure["digest"] else None
            for figure in sealed.figures
        }
        yield {"name": link.name, "as_of": str(sealed.as_of), "seal": sealed.seal, "figures": figures}


def _stories(
    installation: Installation,
    connection: duckdb.DuckDBPyConnection,
    packages: Mapping[str, SealedDelivery],
    addresses: Iterable[Address],
) -> Iterator[dict[str, Any]]:
    requests: dict[str, list[str]] = defaultdict(list)
    with read_ledger(installation.settings.ledger_url) as reading:
        for attempt in reading.attempts:
            requests[attempt.batch_id].append(attempt.request_id)
    for address in addresses:
        yield history_of(connection, address, packages, load_mappings(), requests).as_json()


@contextmanager
def _opened(
    installation: Installation,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Mapping[str, SealedDelivery]]]:
    installation.warehouse.require()
    with installation.warehouse.connect() as connection:
        names = recorded_packages(connection)
        yield connection, {name: installation.vault.delivery(name) for name in names}


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
