"""A warehouse of a few hand-written rows, built by the project's own dbt models.

Belongs here: making the raw and the verification relations and running dbt on them. What the models should make of the
rows does not: that is said in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.warehouse import transformation

EVERYTHING = ("fqn:*",)
AS_OF = "2022-04-05"
DELIVERY = "vn-test"

_ADDRESS = "_delivery varchar, _table varchar, _row bigint, _increment_on date"
RELATIONS = {
    "raw.subjects": "subject_id bigint, full_name varchar, date_of_birth varchar, sex varchar, id_number varchar, "
    "id_type varchar, province_code varchar, province_name varchar, district_code varchar, phone varchar, "
    "address varchar, facility_code varchar, recorded_at timestamptz, updated_at timestamptz, " + _ADDRESS,
    "raw.doses": "dose_id bigint, subject_id bigint, dose_number integer, vaccine_code varchar, lot_number varchar, "
    "injected_on date, facility_code varchar, recorded_at timestamptz, updated_at timestamptz, " + _ADDRESS,
    "raw.facilities": "facility_code varchar, facility_name varchar, province_code varchar, district_code varchar, "
    "is_active boolean, " + _ADDRESS,
    "raw.vaccines": "vaccine_code varchar, vaccine_name varchar, licensed_on date, " + _ADDRESS,
    "raw.sync_log": "synced_on date, subject_count bigint, dose_count bigint, status varchar, " + _ADDRESS,
    "verification.int_requests": "subject_id bigint, content_digest uuid",
    "ledger.transfers": "subject_id bigint, batch_id varchar, content_digest uuid, asking integer, "
    "batch_state varchar",
    "ledger.answers": "subject_id bigint, batch_id varchar, content_digest uuid, asking integer, "
    "is_acknowledged boolean, "
    "fitting_count integer, name_comparison varchar, date_of_birth_comparison varchar, sex_comparison varchar, "
    "superseding_token varchar, error_code varchar, answered_at timestamptz",
}

EXCHANGED = (
    "create view verification.{table} as select given.* replace"
    " (coalesce(given.content_digest, requests.content_digest) as content_digest)"
    " from ledger.{table} as given left join verification.int_requests as requests using (subject_id)"
)
"""What the ledger publishes; a row that states no content is about what the models ask (they ask before they read)."""

FAULTLESS = {
    "full_name": "Nguyễn Văn An",
    "date_of_birth": "02/03/1980",
    "sex": "Nam",
    "id_number": "001080123456",
    "province_code": "001",
    "province_name": "Hà Nội",
    "facility_code": "F1",
    "recorded_at": "2021-08-01T08:00:00+07:00",
}
"""A subject without a fault; tests say only what differs from it."""


LISTS: dict[str, list[dict[str, object]]] = {
    "facilities": [{"facility_code": "F1", "facility_name": "Trạm y tế", "province_code": "001"}],
    "vaccines": [
        {"vaccine_code": "AZ", "vaccine_name": "AstraZeneca"},
        {"vaccine_code": "ABDALA", "vaccine_name": "Abdala"},
        {"vaccine_code": "PFIZER", "vaccine_name": "Comirnaty"},
    ],
}
"""The vendor's lists, by table, where a test gives no others."""


def subject(subject_id: int, **differences: object) -> dict[str, object]:
    """A raw subject: the faultless one with differences. Its identity number ends in its id, so that none is shared."""
    number = f"001080{subject_id:06d}"
    return {**FAULTLESS, "subject_id": subject_id, "id_number": number, **differences}


def dose(dose_id: int, subject_id: int, **differences: object) -> dict[str, object]:
    """A raw dose of AstraZeneca on 1 September 2021, recorded that day, with differences."""
    faultless = {
        "dose_number": 1,
        "vaccine_code": "AZ",
        "injected_on": "2021-09-01",
        "facility_code": "F1",
        "recorded_at": "2021-09-01T18:00:00+07:00",
    }
    return {**faultless, "dose_id": dose_id, "subject_id": subject_id, **differences}


def make(path: Path, tables: Mapping[str, Iterable[Mapping[str, object]]]) -> None:
    """Create every relation the models read, with the rows given.

    Three vaccines and a facility stand for the vendor's lists unless others are given.
    """
    given: dict[str, Iterable[Mapping[str, object]]] = {
        **{f"raw.{table}": rows for table, rows in LISTS.items()},
        **tables,
    }
    with closing(duckdb.connect(path)) as connection:
        for schema in ("raw", "ledger", "verification"):
            connection.execute(f"create schema {schema}")
        for relation, columns in RELATIONS.items():
            connection.execute(f"create table {relation} ({columns})")
            _fill(connection, relation, given.get(relation, ()))
        for table in ("transfers", "answers"):
            connection.execute(EXCHANGED.format(table=table))


def _fill(connection: duckdb.DuckDBPyConnection, relation: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows; a raw row without an address gets this delivery's and its place in the list."""
    schema, table = relation.split(".")
    for number, row in enumerate(rows, start=1):
        address = (
            {"_delivery": DELIVERY, "_table": f"vendor.{table}", "_row": number} if schema == "raw" else {}
        )
        full = {**address, **row}
        marks = ", ".join("?" for _ in full)
        statement = f"insert into {relation} ({', '.join(full)}) values ({marks})"
        connection.execute(statement, list(full.values()))


def build(path: Path, *select: str, as_of: str = AS_OF) -> None:
    """Build the warehouse and test it, as a run does; fails with dbt's words when a model or a test of it fails."""
    environ = {
        "TIEMCHUNG_HOME": str(path.parent),
        "TIEMCHUNG_WAREHOUSE": str(path),
        "TIEMCHUNG_MEMORY_LIMIT": "2GB",
        "DO_NOT_TRACK": "1",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environ.items():
            patched.setenv(name, value)
        built = transformation.build(select or EVERYTHING, date.fromisoformat(as_of), path.parent / "target")
    assert built.failure is None, built.failure


def query(path: Path, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query on the warehouse."""
    with closing(duckdb.connect(path, read_only=True)) as connection:
        return connection.execute(sql, list(parameters)).fetchall()
