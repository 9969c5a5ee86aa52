"""What an asset that is a relation says of itself in Dagster: rows, a preview, columns, and where they come from."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration.lineage.relation import RelationLineage
from orchestration.run_log import COLUMN_SCHEMA, ROW_COUNT
from orchestration.warehouse.relations import column_types, preview, row_count


def relation_facts(
    connection: duckdb.DuckDBPyConnection,
    stage: str,
    name: str,
    told: Mapping[str, str] | None = None,
    *,
    is_read: bool = True,
) -> dict[str, Any]:
    """The columns with types and what is ``told`` of them; where it ``is_read``, row count and a preview."""
    columns = column_schema(connection, stage, name, told)
    if not is_read:
        return columns
    seen = {"preview": dg.MetadataValue.md(preview(connection, stage, name))}
    return {ROW_COUNT: row_count(connection, stage, name), **seen, **columns}


def column_schema(
    connection: duckdb.DuckDBPyConnection, stage: str, name: str, told: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The columns with DuckDB's types and what is ``told`` of them."""
    columns = [
        dg.TableColumn(column, type_, description=(told or {}).get(column))
        for column, type_ in column_types(connection, stage, name).items()
    ]
    return {COLUMN_SCHEMA: dg.MetadataValue.table_schema(dg.TableSchema(columns))}


def lineage_facts(lineage: RelationLineage | None) -> dict[str, Any]:
    """Where each column comes from, as Dagster keeps it.

    Its model has no word for a column that only decides which rows there are: such columns (filters, joins, groups)
    are named beside it, once for the whole relation.
    """
    if lineage is None:
        return {}
    deps = {
        column: [dg.TableColumnDep(dg.AssetKey(str(ref.name).split(".")), ref.column) for ref in refs]
        for column, refs in lineage.refs().items()
    }
    facts: dict[str, Any] = {
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps))
    }
    if deciding := sorted({str(each.ref) for each in lineage.rows}):
        facts["rows_decided_by"] = dg.MetadataValue.text(", ".join(deciding))
    if lineage.reason:
        facts["lineage_not_evaluated"] = dg.MetadataValue.text(lineage.reason)
    return facts


def column_words(documented: Mapping[str, Any], lineage: RelationLineage | None) -> dict[str, str]:
    """What is documented of each column and, after an arrow, where it comes from.

    Dagster's open-source UI keeps column lineage and does not show it; it shows descriptions.
    """
    refs = lineage.refs() if lineage else {}
    words = {column: [str(entry.get("description") or "")] for column, entry in documented.items()}
    for column, inputs in refs.items():
        words.setdefault(column, []).append("← " + ", ".join(map(str, inputs)) if inputs else "")
    return {column: " ".join(filter(None, told)) for column, told in words.items()}
