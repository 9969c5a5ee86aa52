"""Facts about relations that may be shown to anybody: row counts, and previews without personal data."""

from __future__ import annotations

import duckdb
from sqlglot import exp

# The only columns a preview may show: codes, classes, counts and addresses of rows, never what a person said or is.
PUBLIC_COLUMNS = frozenset(
    {
        "_delivery", "_table", "_row", "_increment_on", "rule_id", "severity", "field", "id_class", "id_reason",
        "date_of_birth_precision", "outcome", "figure_id", "subjects", "doses", "row_digest", "dose_count",
        "province_code", "province_name", "vaccine_code", "vaccine_name", "dose_number", "licensed_on", "is_held",
        "request_kind", "batch_id", "state", "row_count", "batch_state", "name_comparison",
        "date_of_birth_comparison", "sex_comparison", "fitting_count", "parent_figure_id", "measure", "is_sent",
        "is_not_sent", "is_with_id", "is_without_id", "synced_on", "subject_count", "status",
    }
)  # fmt: skip
PREVIEW_ROWS = 5


def row_count(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    """Rows of a relation."""
    row = connection.execute(exp.select("count(*)").from_(_table(schema, name)).sql("duckdb")).fetchone()
    return int(row[0]) if row else 0


def column_types(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, str]:
    """The columns of a relation and DuckDB's types of them, in their order."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ?"
        " order by column_index",
        [schema, name],
    )
    return dict(rows.fetchall())


def preview(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    """The first rows of a relation as a Markdown table, public columns only; empty when it has none of them."""
    columns = [
        column
        for (column,) in connection.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
            [schema, name],
        ).fetchall()
        if column in PUBLIC_COLUMNS
    ]
    if not columns:
        return ""
    query = (
        exp.select(*(exp.column(c, quoted=True) for c in columns))
        .from_(_table(schema, name))
        .limit(PREVIEW_ROWS)
    )
    rows = connection.execute(query.sql("duckdb")).fetchall()
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _table(schema: str, name: str) -> exp.Table:
    return exp.table_(exp.to_identifier(name, quoted=True), db=exp.to_identifier(schema, quoted=True))


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|")
