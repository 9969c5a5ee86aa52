"""The latest verdict of every gate rule, kept in the warehouse (``quality.verdicts``) for report and auditor."""

from __future__ import annotations

from collections.abc import Iterable

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
