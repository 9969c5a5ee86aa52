"""What happened to a subject's row: what the rules found and changed, what the register answered, where it came from.

Belongs here: facts about single rows of the warehouse. A changed field is named with the rules that changed it, never
with its values; what the row holds in clear is read by :func:`clear_values` alone, for those who may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from handover.contract.mapping import Mapping as Contract
from handover.delivered_dumps import delivered_dump
from handover.sealed import SealedDelivery
from orchestration.lineage.rows import Address

_WANTED = """
with wanted as (
    select unnest($deliveries) as _delivery, unnest($tables) as _table, unnest($rows) as _row
)
select _delivery, _table, _row, told.* exclude (_delivery, _table, _row)
from wanted join ($told) as told using (_delivery, _table, _row) order by all
"""
_FINDINGS = """
select f.rule_id, r.rule_version, f.field, f.severity, f.other_delivery, f.other_table, f.other_row,
    f._delivery, f._table, f._row
from cleansing.int_subject_findings f left join seeds.cleansing_rules r using (rule_id)
"""
_CHANGED = """
with typed as (select * from staging.stg_vendor__subjects where _row in (select _row from wanted))
select
    typed.full_name is distinct from s.full_name_std as full_name,
    cast(typed.date_of_birth as varchar) is distinct from cast(s.date_of_birth_std as varchar) as date_of_birth,
    typed.sex is distinct from s.sex_std as sex,
    typed.id_number is distinct from s.id_number_std as id_number,
    typed.province_code is distinct from s.province_code_std as province_code,
    s.is_held, _delivery, _table, _row
from cleansing.int_subjects s left join typed using (_delivery, _table, _row)
"""
# Of the view of what was typed beside what was made of it all rows would be made before these are found.
_ANSWERS = """
select
    a.answered_at, a.asking, a.batch_id, a.is_acknowledged, a.fitting_count, a.name_comparison,
    a.date_of_birth_comparison, a.sex_comparison, a.superseding_token is not null as is_superseded, a.error_code,
    a.content_digest = r.content_digest as is_of_present_content, b.officer, b.sent_at,
    s._delivery, s._table, s._row
from cleansing.int_subjects s
join verification.answers a using (subject_id)
left join verification.int_requests r using (subject_id)
left join verification.batches b using (batch_id)
"""
_OUTCOMES = """
select o.outcome, o.rule_id, o.rule_version, o.batch_id, s._delivery, s._table, s._row
from cleansing.int_subjects s join verification.int_outcomes o using (subject_id)
"""


@dataclass(frozen=True)
class History:
    """One row's story, as plain values; see :func:`histories_of` for what each part holds."""

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


def histories_of(
    connection: duckdb.DuckDBPyConnection,
    addresses: Sequence[Address],
    packages: Mapping[str, SealedDelivery],
    contracts: Sequence[Contract],
    requests: Mapping[str, Sequence[str]],
) -> Iterator[History]:
    """Tell subjects' rows: dump (path, line of the bag's manifest), findings, changed fields, answers, outcome.

    ``requests`` holds, by batch, the ids under which it was sent. A row that is not the subject's newest has no
    changes and answers of its own. All rows are looked up together, for each look reads a column of every subject.
    """
    if not addresses:
        return
    findings, changes, answers, outcomes = (
        _by_address(connection, query, addresses) for query in (_FINDINGS, _CHANGED, _ANSWERS, _OUTCOMES)
    )
    for address in addresses:
        found = tuple(findings.get(address, ()))
        changed = next(iter(changes.get(address, ())), {})
        yield History(
            address=address,
            source=_source(packages.get(address.delivery), address, contracts),
            findings=found,
            changed=tuple(
                {"field": field, "rules": sorted({f["rule_id"] for f in found if f["field"] == field})}
                for field, is_changed in changed.items()
                if is_changed and field != "is_held"
            ),
            is_held=changed.get("is_held"),
            answers=tuple(
                {**_plain(answer), "request_ids": list(requests.get(answer["batch_id"], ()))}
                for answer in answers.get(address, ())
            ),
            outcome=next(iter(outcomes.get(address, ())), None),
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
    found = connection.execute(
        f"select * from raw.{table} where _delivery = $delivery and _table = $table and _row = $row",  # noqa: S608
        {"delivery": address.delivery, "table": address.table, "row": address.row},
    )
    names = [column[0] for column in found.description]
    row = found.fetchone()
    values = dict(zip(names, row, strict=True)) if row else {}
    return _plain({name: value for name, value in values.items() if not name.startswith("_")})


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


def _by_address(
    connection: duckdb.DuckDBPyConnection, query: str, addresses: Sequence[Address]
) -> dict[Address, list[dict[str, Any]]]:
    """What a query tells of these rows, in a stable order."""
    found = connection.execute(
        _WANTED.replace("$told", query),
        {
            "deliveries": [address.delivery for address in addresses],
            "tables": [address.table for address in addresses],
            "rows": [address.row for address in addresses],
        },
    )
    names = [column[0] for column in found.description][3:]
    told: dict[Address, list[dict[str, Any]]] = defaultdict(list)
    for delivery, table, row, *values in found.fetchall():
        told[Address(delivery, table, row)].append(dict(zip(names, values, strict=True)))
    return told


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Times and dates as ISO text."""
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
