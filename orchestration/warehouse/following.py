"""Whether a day may be brought into the relations as they stand, and from which day on, or all is built anew.

A relation bears a mark once it was built: the state it holds (the definitions, the delivery, the days up to one) as one
link of a chain of digests. It may follow where its mark is a link on the way to the state wanted; in doubt it is built
anew, which is always right. How a model is brought to a day is told in ``dbt_project/macros/follows.sql``.

Marks are taken away before a build and set after it, so that what was interrupted is built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from orchestration.warehouse import batches_seen
from orchestration.warehouse.followers import CHANGES, OUTCOME_CHANGES, Models
from orchestration.warehouse.states import Chain, definitions

BUILD_TAG, ANEW = "tiemchung/build", "anew"
"""The tag of a run, and its value, that asks for everything to be built anew."""
_SCHEMA = f"""
create schema if not exists following;
create table if not exists following.marks (relation varchar, link varchar, since varchar);
{batches_seen.SCHEMA}
"""
_LAST_CHANGES = (
    "select max(first_on) from (select case when count(*) = count(_increment_on) then min(_increment_on) end"
    " as first_on from raw.facilities group by facility_code)",
    "select max(_increment_on) from (select _increment_on, struct_pack(name := vaccine_name) as now, lag(now)"
    " over (partition by vaccine_code order by _increment_on nulls first, _row) as before from raw.vaccines)"
    " where now is distinct from before",
)
"""The last day on which what every subject and dose is looked up in became another: which facilities are known, and the
names of vaccines. Vendors send whole lists again, which changes nothing."""
_UNTOLD = 0.05
"""Of subjects that don't say when they were recorded each day decides anew. From this share of them on (our own choice:
a day is about a hundredth) bringing it in is not worth while."""


@dataclass(frozen=True)
class _Mark:
    """The state a relation holds, and the one it followed from; None where it was built anew."""

    link: str
    since: str | None


@dataclass(frozen=True)
class Build:
    """One build of some models in one warehouse: from :meth:`begin` to :meth:`end`."""

    connection: duckdb.DuckDBPyConnection
    chain: Chain
    models: Models
    names: frozenset[str]

    def begin(self, *, is_anew: bool = False) -> date | None:
        """The last day that the relations to be built hold already; None where they are built anew.

        Their marks are gone after it. ``is_anew`` asks for the latter, whatever there is.
        """
        self.connection.execute(_SCHEMA)
        place = None if is_anew else self._since()
        self.connection.begin()
        if OUTCOME_CHANGES in self.names:
            batches_seen.tell_news(self.connection, set(self.models.outcomes) & set(self._marks))
        self._forget()
        self.connection.commit()
        return None if place is None else self.chain.days[place]

    def end(self, since: date | None, key: Path | None = None) -> None:
        """Mark what was built, since the day that :meth:`begin` gave: all of it succeeded.

        Nothing is marked where something that was read is not at the state wanted, nor where the definitions that were
        built are no longer those on disk (``key`` is the file of the digest key that they stand on, too).
        """
        if key is not None and definitions(key) != self.chain.definitions:
            return
        if not all(self._is_at_state_wanted(name) for name in self.models.before(self.names)):
            return
        followed = None if since is None else self.chain.links[self.chain.days.index(since)]
        self.connection.begin()
        for name in sorted(self.names & set(self.models.parents)):
            self.connection.execute(
                "insert into following.marks values (?, ?, ?)", [name, self._link_wanted(name), followed]
            )
        for name in self.models.outcomes:
            if name in self.names:
                batches_seen.have_seen(self.connection, name, self.models.outcomes)
        self.connection.commit()

    def at(self, connection: duckdb.DuckDBPyConnection) -> Build:
        """The same build, the warehouse opened once more: dbt has written it meanwhile."""
        return replace(self, connection=connection)

    def _since(self) -> int | None:
        """Where the state stands from which these models may follow."""
        first = self._first_after_dimensions()
        if first is None:
            return None
        since = self._since_of_all() if CHANGES in self.names else self._since_of_changes()
        return since if since is not None and since >= first else None

    def _since_of_all(self) -> int | None:
        """Where the relation of changes is built with them: the state before which none of all followers stands.

        Those of subjects must be at one state and be built together: groups that a subject left are told of once.
        """
        subjects = set(self.models.followers) - set(self.models.outcomes)
        places = {self._place(name) for name in subjects}
        if not subjects <= self.names or len(places) != 1 or None in places or not self._are_moments_told():
            return None
        if not all(self._is_at_state_wanted(name) for name in self.models.before(self.names)):
            return None
        behind = [self._place(name) for name in self.models.outcomes]
        return min(place for place in (*places, *behind) if place is not None)

    def _since_of_changes(self) -> int | None:
        """Where the relation of changes stands already: the state from which it tells them."""
        mark = self._marks.get(CHANGES)
        since = self.chain.place(mark.since) if mark else None
        if since is None or not all(self._is_ready(name, since) for name in self.models.before(self.names)):
            return None
        places = [self._place(name) for name in self.names & set(self.models.followers)]
        if not all(place is not None and place >= since for place in places):
            return None
        return None if self._are_batches_unknown() else since

    def _is_ready(self, name: str, since: int) -> bool:
        """Whether a relation that is read is at the state wanted; one of changes also tells them from ``since`` on."""
        if not self._is_at_state_wanted(name):
            return False
        return not name.startswith(CHANGES) or self.chain.place(self._marks[name].since) == since

    def _is_at_state_wanted(self, name: str) -> bool:
        mark = self._marks.get(name)
        return mark is not None and mark.link == self._link_wanted(name)

    def _link_wanted(self, name: str) -> str:
        return self.chain.definitions if name in self.models.seeds else self.chain.links[-1]

    def _place(self, name: str) -> int | None:
        mark = self._marks.get(name)
        return self.chain.place(mark.link) if mark else None

    @cached_property
    def _marks(self) -> Mapping[str, _Mark]:
        rows = self.connection.execute("select relation, link, since from following.marks").fetchall()
        return {relation: _Mark(link, since) for relation, link, since in rows}

    def _first_after_dimensions(self) -> int | None:
        """The first state after which no day changed what everybody is looked up in; None where there is none."""
        days = [row[0] for query in _LAST_CHANGES for row in self.connection.execute(query).fetchall()]
        last = max((day for day in days if day is not None), default=None)
        return next((n for n, day in enumerate(self.chain.days) if last is None or day >= last), None)

    def _are_moments_told(self) -> bool:
        counted = self.connection.execute(
            f"select count(*) - count(recorded_at) <= {_UNTOLD} * count(*) from cleansing.int_subjects"  # noqa: S608
        ).fetchone()
        return bool(counted and counted[0])

    def _are_batches_unknown(self) -> bool:
        """Whether outcomes would stand on batches that the ledger lost or the relation of changes did not know."""
        mine = [name for name in self.models.outcomes if name in self.names]
        if not mine:
            return False
        outcomes = self.models.outcomes
        if batches_seen.is_batch_lost(self.connection, outcomes):
            return True
        return OUTCOME_CHANGES not in self.names and any(
            batches_seen.is_news_missed(self.connection, name, outcomes) for name in mine
        )

    def _forget(self) -> None:
        self.connection.execute(
            "delete from following.marks where list_contains($names::varchar[], relation)",
            {"names": sorted(self.names)},
        )


def started(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], manifest: Mapping[str, Any], key: Path
) -> Build:
    """A build of models of a manifest in an open warehouse; ``key`` is the file of the digest key."""
    chain = Chain.recorded(connection, definitions(key))
    return Build(connection, chain, Models.of(manifest), frozenset(names))
