"""What an asset that is a relation says of itself in Dagster: rows, a preview, columns, and where they come from."""

from typing import Any

import dagster as dg
import duckdb

from orchestration.lineage.relation import RelationLineage
from orchestration.warehouse.relations import column_types, preview, row_count


def relation_facts(connection: duckdb.DuckDBPyConnection, stage: str, name: str) -> dict[str, Any]:
    """Row count, a preview without personal data, and the columns with their types."""
    return {
        "dagster/row_count": row_count(connection, stage, name),
        "preview": dg.MetadataValue.md(preview(connection, stage, name)),
        **column_schema(connection, stage, name),
    }


def column_schema(connection: duckdb.DuckDBPyConnection, stage: str, name: str) -> dict[str, Any]:
    """The columns with DuckDB's types."""
    columns = [
        dg.TableColumn(column, type_) for column, type_ in column_types(connection, stage, name).items()
    ]
    return {"dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns))}


def lineage_facts(lineage: RelationLineage | None) -> dict[str, Any]:
    """Where each column comes from. Dagster's model has no word for a column that only decides which rows there are:

    such columns (filters, joins, groups) are named beside it, once for the whole relation.
    """
    if lineage is None:
        return {}
    deps = {
        column: [
            dg.TableColumnDep(dg.AssetKey([ref.name.schema, ref.name.relation]), ref.column)
            for ref in sorted({each.ref for each in inputs})
        ]
        for column, inputs in lineage.columns.items()
    }
    facts: dict[str, Any] = {
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps))
    }
    if deciding := sorted({str(each.ref) for each in lineage.rows}):
        facts["rows_decided_by"] = dg.MetadataValue.text(", ".join(deciding))
    if lineage.reason:
        facts["lineage_not_evaluated"] = dg.MetadataValue.text(lineage.reason)
    return facts
