"""Which rows of a day's package were changed on another day, by the vendor's own record of the last change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
from sqlglot import exp

from handover.contract.mapping import Mapping
from handover.days import COUNTRY_TIME
from orchestration.warehouse.raw import ImportedPackage

_CHANGED_AT = "updated_at"
_TIME = exp.DataType.build("timestamptz", dialect="duckdb")


def rows_of_other_days(imported: ImportedPackage, mappings: Iterable[Mapping]) -> dict[str, dict[date, int]]:
    """Rows by vendor table and by the day of Viet Nam they were changed on; only days that aren't the one covered.

    Rows and tables that don't say when they were changed are not among them.
    """
    found = {}
    for mapping in mappings:
        for table in mapping.tables:
            column = next((c.vendor_column for c in table.columns if c.name == _CHANGED_AT), None)
            dumped = imported.table(mapping.component, table.vendor_table)
            field = {c.name: c.field for c in dumped.columns}.get(column or "") if dumped else None
            if dumped and field:
                days = _by_day(str(dumped.folder / "*.parquet"), field)
                found[table.vendor_table] = {
                    day: rows for day, rows in days if day != imported.package.declaration.covers_on
                }
    return {table: days for table, days in found.items() if days}


def _by_day(files: str, field: str) -> list[tuple[date, int]]:
    changed_at = exp.column(exp.to_identifier(field, quoted=True))
    query = (
        exp.select(exp.cast(exp.TryCast(this=changed_at, to=_TIME), "date").as_("day"), "count(*)")
        .from_(exp.func("read_parquet", exp.Literal.string(files), dialect="duckdb"))
        .where("day is not null")
        .group_by("day")
        .order_by("day")
    )
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = '{COUNTRY_TIME.key}'")
        return [(day, rows) for day, rows in connection.execute(query.sql("duckdb")).fetchall()]
