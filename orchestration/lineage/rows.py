"""The rows a figure counts, as they stand in the warehouse now: counts, digest, addresses, and the SQL for them.

Belongs here: statements about the fact table. Nothing here reads or gives a person's data: a row is known by its
address (delivery, table, ordinal) alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    columns: Sequence[str],
    sample: int,
    where: Mapping[str, str] | None = None,
) -> dict[str, RowSet]:
    """Count and digest the rows of figures now, by their columns; ``sample`` addresses each in the order of hashes.

    One scan serves all figures: rows fall into as few classes as there are combinations of them. Hashes are made anew
    from address and subject under the connection's digest key, so that a row that was given another's place is seen;
    without the key the digest is none of any rows. The order of keyed hashes is the same every time and spread over
    all rows. ``where`` narrows them to values of columns among :data:`BREAKDOWNS`.
    """
    narrowed = [_narrowed(name, value) for name, value in (where or {}).items()]
    flags = [exp.func("coalesce", exp.column(column), exp.false()) for column in columns]
    sums = ["count(*)", "sum(dose_count)", f"sum({_HIGH})", f"sum({_LOW})"]
    query = exp.select("_delivery", *sums, *flags).from_(_table(fact)).group_by("_delivery", *flags)
    query = query.where(*narrowed) if narrowed else query
    classes = connection.execute(query.order_by("_delivery", dialect=DIALECT).sql(DIALECT)).fetchall()
    found = {}
    for place, column in enumerate(columns, start=1 + len(sums)):
        counted = [each for each in classes if each[place]]
        addresses = _sampled(connection, fact, [exp.column(column), *narrowed], sample) if sample else ()
        found[column] = _row_set(counted, addresses)
    return found


def _row_set(classes: Sequence[tuple[Any, ...]], sample: tuple[Address, ...]) -> RowSet:
    """The sum of classes: delivery, subjects, doses and both halves of the hashes' sum of each."""
    high, low = (sum(each[n] or 0 for each in classes) % _HALF for n in (3, 4))
    by_delivery: Counter[str] = Counter()
    for each in classes:
        by_delivery[each[0]] += each[1]
    return RowSet(
        subjects=sum(each[1] for each in classes),
        doses=sum(int(each[2] or 0) for each in classes),
        digest=f"{high:016x}{low:016x}",
        by_delivery=dict(by_delivery),
        sample=sample,
    )


def _sampled(
    connection: duckdb.DuckDBPyConnection, fact: Name, conditions: Sequence[exp.Expression], sample: int
) -> tuple[Address, ...]:
    query = exp.select(*ADDRESS).from_(_table(fact)).where(*conditions)
    query = query.order_by("row_hash_high", "row_hash_low", *ADDRESS, dialect=DIALECT).limit(sample)
    return tuple(Address(*row) for row in connection.execute(query.sql(DIALECT)).fetchall())


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
