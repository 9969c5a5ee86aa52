"""The latest verdict of every gate rule, kept in the warehouse (``quality.verdicts``) for report and auditor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from expectations.verdict import Verdict

_TABLE = """
create table if not exists quality.verdicts (
    relation varchar, rule_id varchar, severity varchar, is_evaluated boolean, is_passed boolean, run_id varchar
)
"""


def record_verdicts(connection: duckdb.DuckDBPyConnection, run_id: str, verdicts: Iterable[Verdict]) -> None:
    """Replace what is known of the judged relations by these verdicts, in one transaction."""
    rows = [[v.relation, v.rule_id, v.severity.value, v.is_evaluated, v.is_passed, run_id] for v in verdicts]
    connection.execute("create schema if not exists quality")
    connection.execute(_TABLE)
    connection.begin()
    connection.executemany(
        "delete from quality.verdicts where relation = ?",
        [[relation] for relation in {row[0] for row in rows}],
    )
    connection.executemany("insert into quality.verdicts values (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()


def read_verdicts(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All kept verdicts in a stable order; a rule that was not evaluated has not passed."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'quality' and table_name = 'verdicts'"
    ).fetchone()
    if not known or not known[0]:
        return []
    rows = connection.execute(
        "select relation, rule_id, severity, is_evaluated and is_passed from quality.verdicts order by all"
    ).fetchall()
    return [dict(zip(("relation", "rule_id", "severity", "is_passed"), row, strict=True)) for row in rows]
