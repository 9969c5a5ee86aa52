"""Two warehouses, relation by relation: have they the same rows?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb


def differences(one: Path, other: Path) -> list[str]:
    """Relations whose rows are not the same, with how many are in one only and in the other only."""
    found = []
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{one}' as warehouse (read_only)")
        # Views of the warehouse name it.
        relations = _relations(connection)
        connection.execute("create schema seen")
        for relation in relations:
            connection.execute(f'create table seen."{relation}" as from warehouse.{relation}')
        connection.execute(f"detach warehouse; attach '{other}' as warehouse (read_only)")
        assert _relations(connection) == relations
        for relation in relations:
            left, right = f'seen."{relation}"', f"warehouse.{relation}"
            (counts,) = connection.execute(
                f"select (select count(*) from (from {left} except all from {right})),"
                f" (select count(*) from (from {right} except all from {left}))"
            ).fetchall()
            if any(counts):
                found.append(f"{relation}: {counts[0]} only in the one, {counts[1]} only in the other")
    return found


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select schema_name || '.' || name from (select database_name, schema_name, table_name as name from"
        " duckdb_tables() union all select database_name, schema_name, view_name from duckdb_views())"
        " where database_name = 'warehouse' and schema_name in ('cleansing', 'verification', 'marts', 'report')"
        " and name not like 'int_changes%' order by all"
    ).fetchall()
    return [name for (name,) in rows]
