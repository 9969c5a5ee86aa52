"""Which of the register's batches each relation of outcomes stands on, and which came to something since.

A batch that was answered again (its ledger was put back, say) has another moment of answer, so it is seen as news.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

NEWS = "following.news"
"""What :func:`tell_news` leaves for the models: one column, ``batch_id``."""
_COLUMNS = "batch_id, batch_state, answered_at"
_NOW = (
    "select batch_id, state as batch_state, coalesce(answered_at, timestamptz 'epoch') as answered_at"
    " from verification.batches"
)
SCHEMA = f"""
create table if not exists following.batches (
    relation varchar, batch_id varchar, batch_state varchar, answered_at timestamptz
);
create table if not exists {NEWS} (batch_id varchar);
"""


def is_batch_lost(connection: duckdb.DuckDBPyConnection, outcomes: Iterable[str]) -> bool:
    """Whether one of these relations stands on a batch that the ledger does not have.

    What a relation of an earlier version stood on is nobody's any more.
    """
    lost = (
        "select count(*) from following.batches anti join verification.batches using (batch_id)"
        " where list_contains($outcomes::varchar[], relation)"
    )
    return connection.execute(lost, {"outcomes": list(outcomes)}).fetchone() != (0,)


def is_news_missed(connection: duckdb.DuckDBPyConnection, name: str, outcomes: Sequence[str]) -> bool:
    """Whether a relation would stand on batches that the relation of changes, built before, did not know."""
    missed = (
        f"select count(*) from ({_batches_for(name, outcomes)}) as now"  # noqa: S608 - statements of this module
        f" anti join (from following.batches where relation = $name) as seen using ({_COLUMNS})"
        " anti join following.news using (batch_id)"
    )
    return connection.execute(missed, _values(name, outcomes)).fetchone() != (0,)


def tell_news(connection: duckdb.DuckDBPyConnection, seen_by: Iterable[str]) -> None:
    """Keep for the models which batches came to something that not all of these relations have seen."""
    connection.execute(
        f"create or replace table following.news as select batch_id from ({_NOW}) as now"  # noqa: S608
        " where (select count(*) from following.batches as seen where seen.batch_id = now.batch_id"
        " and seen.batch_state = now.batch_state and seen.answered_at = now.answered_at"
        " and list_contains($seen_by::varchar[], relation)) < len($seen_by)",
        {"seen_by": sorted(seen_by)},
    )


def have_seen(connection: duckdb.DuckDBPyConnection, name: str, outcomes: Sequence[str]) -> None:
    """Note what a relation stands on: the ledger's batches, or for all behind the first, those that it stands on."""
    connection.execute("delete from following.batches where relation = ?", [name])
    given = _batches_for(name, outcomes)
    connection.execute(
        f"insert into following.batches select $name, {_COLUMNS} from ({given})",  # noqa: S608
        _values(name, outcomes),
    )


def _batches_for(name: str, outcomes: Sequence[str]) -> str:
    is_first = name == outcomes[0]
    earlier = f"select {_COLUMNS} from following.batches where relation = $first"  # noqa: S608
    return _NOW if is_first else earlier


def _values(name: str, outcomes: Sequence[str]) -> dict[str, str]:
    return {"name": name} if name == outcomes[0] else {"name": name, "first": outcomes[0]}
