"""What happened to a subject's row: what the rules found and changed, what the register answered, where it came from.

Belongs here: facts about single rows of the warehouse. A changed field is named with the rules that changed it, never
with its values; what the row holds in clear is read by :func:`clear_values` alone, for those who may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from handover.contract.mapping import Mapping as Contract
from handover.delivered_dumps import delivered_dump
from handover.vault import SealedDelivery
from orchestration.lineage.rows import Address

_FINDINGS = """
select f.rule_id, r.rule_version, f.field, f.severity, f.other_delivery, f.other_table, f.other_row
from cleansing.int_subject_findings f left join seeds.cleansing_rules r using (rule_id)
where f._delivery = $delivery and f._table = $table and f._row = $row
order by all
"""
_CHANGED = """
select
    full_name is distinct from full_name_std as full_name,
    cast(date_of_birth as varchar) is distinct from cast(date_of_birth_std as varchar) as date_of_birth,
    sex is distinct from sex_std as sex,
    id_number is distinct from id_number_std as id_number,
    province_code is distinct from province_code_std as province_code,
    is_held
from cleansing.int_subjects__typed where _delivery = $delivery and _table = $table and _row = $row
"""
_ANSWERS = """
select
    a.asking, a.batch_id, a.answered_at, a.is_acknowledged, a.fitting_count, a.name_comparison,
    a.date_of_birth_comparison, a.sex_comparison, a.superseding_token is not null as is_superseded, a.error_code,
    a.content_digest = r.content_digest as is_of_present_content, b.officer, b.sent_at
from cleansing.int_subjects s
join verification.answers a using (subject_id)
left join verification.int_requests r using (subject_id)
left join verification.batches b using (batch_id)
where s._delivery = $delivery and s._table = $table and s._row = $row
order by a.answered_at, a.asking
"""
_OUTCOME = """
select o.outcome, o.rule_id, o.rule_version, o.batch_id
from cleansing.int_subjects s join verification.int_outcomes o using (subject_id)
where s._delivery = $delivery and s._table = $table and s._row = $row
"""


@dataclass(frozen=True)
class History:
    """One row's story, as plain values; see :func:`history_of` for what each part holds."""

    address: Address
    source: Mapping[str, Any] | None
    findings: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    is_held: bool | None
    answers: tuple[Mapping[str, Any], ...]
    outcome: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """For machines; the address's parts beside the rest."""
        return {
            **self.address.as_json(),
            "source": self.source,
            "findings": list(self.findings),
            "changed": list(self.changed),
            "is_held": self.is_held,
            "answers": list(self.answers),
            "outcome": self.outcome,
        }


def history_of(
    connection: duckdb.DuckDBPyConnection,
    address: Address,
    packages: Mapping[str, SealedDelivery],
    contracts: Sequence[Contract],
    requests: Mapping[str, Sequence[str]],
) -> History:
    """Tell a subject's row: its dump (path, line of the bag's manifest), findings, changed fields, answers, outcome.

    ``requests`` holds, by batch, the ids under which it was sent. A row that is not the subject's newest has no
    changes and answers of its own.
    """
    findings = _rows(connection, _FINDINGS, address)
    changes = _rows(connection, _CHANGED, address)
    changed = changes[0] if changes else {}
    answers = [
        {**_plain(answer), "request_ids": list(requests.get(answer["batch_id"], ()))}
        for answer in _rows(connection, _ANSWERS, address)
    ]
    outcomes = _rows(connection, _OUTCOME, address)
    return History(
        address=address,
        source=_source(packages.get(address.delivery), address, contracts),
        findings=tuple(findings),
        changed=tuple(
            {"field": field, "rules": sorted({f["rule_id"] for f in findings if f["field"] == field})}
            for field, is_changed in changed.items()
            if is_changed and field != "is_held"
        ),
        is_held=changed.get("is_held"),
        answers=tuple(answers),
        outcome=outcomes[0] if outcomes else None,
    )


def clear_values(
    connection: duckdb.DuckDBPyConnection, address: Address, contracts: Sequence[Contract]
) -> dict[str, Any]:
    """The raw row in clear, by our names of its columns: personal data."""
    table = next(
        (t.name for contract in contracts for t in contract.tables if t.vendor_table == address.table), None
    )
    if table is None:
        return {}
    query = f"select * from raw.{table} where _delivery = $delivery and _table = $table and _row = $row"  # noqa: S608
    rows = _rows(connection, query, address)
    return _plain({k: v for k, v in rows[0].items() if not k.startswith("_")}) if rows else {}


def _source(
    package: SealedDelivery | None, address: Address, contracts: Sequence[Contract]
) -> dict[str, Any] | None:
    """The dump the row was read from, as a line of the bag's manifest."""
    if package is None:
        return None
    for contract in contracts:
        if any(table.vendor_table == address.table for table in contract.tables):
            dump = delivered_dump(package, contract.component)
            path = str(dump.path) if dump else None
            line = next((f.sha256 for f in package.files if str(f.path) == path), None)
            return {
                "bag_sha256": package.bag_sha256,
                "component": str(contract.component),
                "path": f"data/{path}" if path else None,
                "sha256": line or (dump.content_id if dump else None),
                "manifest_line": f"{line}  data/{path}" if line else None,
                "received_at": package.received_at.isoformat(),
            }
    return None


def _rows(connection: duckdb.DuckDBPyConnection, query: str, address: Address) -> list[dict[str, Any]]:
    found = connection.execute(
        query, {"delivery": address.delivery, "table": address.table, "row": address.row}
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Times and dates as ISO text."""
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
