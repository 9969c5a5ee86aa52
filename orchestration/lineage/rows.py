"""The rows a figure counts, as they stand in the warehouse now: counts, digest, addresses, and the SQL for them.

Belongs here: statements about the fact table. Nothing here reads or gives a person's data: a row is known by its
address (delivery, table, ordinal) alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from orchestration.lineage.column_lineage import DIALECT, Columns
from orchestration.lineage.project import Name

FACT_TABLE = Name("marts", "fct_subjects")
ADDRESS = ("_delivery", "_table", "_row")
_HALF = 2**64
_COLUMNS = (
    "select schema_name, table_name, column_name from duckdb_columns() order by table_oid, column_index"
)


@dataclass(frozen=True)
class Address:
    """Where a raw row stands: delivery id, the vendor's table, and its ordinal in the table's data (from 1)."""

    delivery: str
    table: str
    row: int

    def as_json(self) -> dict[str, str | int]:
        """The address as plain values."""
        return {"delivery": self.delivery, "table": self.table, "row": self.row}


@dataclass(frozen=True)
class RowSet:
    """What a figure's rows make: counts, the order-free digest (32 hex) and how many came from each delivery."""

    subjects: int
    doses: int
    digest: str
    by_delivery: Mapping[str, int]
    sample: tuple[Address, ...]


def known_columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    """The columns of every relation of the warehouse, in their order."""
    found: dict[Name, list[str]] = {}
    for schema, relation, column in connection.execute(_COLUMNS).fetchall():
        found.setdefault(Name(schema.lower(), relation.lower()), []).append(column.lower())
    return {name: tuple(columns) for name, columns in found.items()}


def count_statement(fact: Name, column: str) -> exp.Select:
    """The select that counts the figure of this column."""
    where = f"filter (where {_quoted(column)})"
    return exp.select(
        f"count(*) {where} as subjects", f"coalesce(sum(dose_count) {where}, 0) as doses", dialect=DIALECT
    ).from_(_table(fact))


def rows_statement(fact: Name, column: str) -> exp.Select:
    """The select that gives the addresses of the figure's rows."""
    return (
        exp.select(*ADDRESS).from_(_table(fact)).where(exp.column(column)).order_by(*ADDRESS, dialect=DIALECT)
    )


BREAKDOWNS = (
    "province_code",
    "district_code",
    "facility_code",
    "id_class",
    "outcome",
    "_delivery",
    "_increment_on",
)
"""Columns of the fact table by which a figure's rows can be narrowed; an empty value asks for rows without one."""


_HASH = "md5_number(getvariable('digest_key') || '|' || _delivery || '|' || _table || '|' || _row || '|' || subject_id)"
_HIGH = f"cast({_HASH} >> 64 as ubigint)"
_LOW = f"cast({_HASH} & 18446744073709551615::uhugeint as ubigint)"
"""The two halves of a row's hash, as the macro ``keyed_hash`` of the marts makes them."""


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    fact: Name,
    column: str,
    sample: int,
    where: Mapping[str, str] | None = None,
) -> RowSet:
    """Count and digest the figure's rows now, in one scan; ``sample`` addresses in the order of the rows' hashes.

    Hashes are made anew from address and subject under the connection's digest key, so that a row that was given
    another's place is seen; without the key the digest is none of any rows. The order of keyed hashes is
    the same every time and spread over all rows. ``where`` narrows them to values of columns among :data:`BREAKDOWNS`.
    """
    sums = ["count(*)", "sum(dose_count)", f"sum({_HIGH})", f"sum({_LOW})"]
    counted = exp.and_(exp.column(column), *(_narrowed(name, value) for name, value in (where or {}).items()))
    grouped = exp.select("_delivery", *sums).from_(_table(fact)).where(counted).group_by("_delivery")
    groups = connection.execute(grouped.order_by("_delivery", dialect=DIALECT).sql(DIALECT)).fetchall()
    sampled = exp.select(*ADDRESS).from_(_table(fact)).where(counted)
    sampled = sampled.order_by("row_hash_high", "row_hash_low", *ADDRESS, dialect=DIALECT).limit(sample)
    high, low = (sum(group[n] or 0 for group in groups) % _HALF for n in (3, 4))
    return RowSet(
        subjects=sum(group[1] for group in groups),
        doses=sum(int(group[2] or 0) for group in groups),
        digest=f"{high:016x}{low:016x}",
        by_delivery={group[0]: group[1] for group in groups},
        sample=tuple(Address(*row) for row in connection.execute(sampled.sql(DIALECT)).fetchall()),
    )


def _narrowed(column: str, value: str) -> exp.Expression:
    """The column's text is the value; sqlglot quotes it."""
    if column not in BREAKDOWNS:
        raise KeyError(column)
    if not value:
        return exp.column(column).is_(exp.null())
    return exp.cast(exp.column(column), "varchar").eq(exp.Literal.string(value))


def _table(name: Name) -> exp.Table:
    return exp.table_(name.relation, db=name.schema)


def _quoted(column: str) -> str:
    return str(exp.to_identifier(column).sql(DIALECT))
