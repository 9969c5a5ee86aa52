"""Whether a day may be brought into the relations as they stand, and from which day on, or all is built anew.

A relation bears a mark once it was built: the state it holds (the definitions, the delivery, the days up to one) as one
link of a chain of digests. It may follow where its mark is a link on the way to the state wanted; in doubt it is built
anew, which is always right. How a model is brought to a day is told in ``dbt_project/macros/follows.sql``.

Marks are taken away before a build and set after it, so that what was interrupted is built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from orchestration.warehouse.states import Chain, definitions

CHANGES = "int_changes"
"""The relation that says whose rows the days change; all that follow stand behind it."""
OUTCOME_CHANGES = "int_changes__outcomes"
BUILD_TAG, ANEW = "tiemchung/build", "anew"
"""The tag of a run, and its value, that asks for everything to be built anew."""
_SCHEMA = """
create schema if not exists following;
create table if not exists following.marks (relation varchar, link varchar, since varchar);
create table if not exists following.batches (relation varchar, batch_id varchar, batch_state varchar);
create table if not exists following.news (batch_id varchar);
"""
_DIMENSIONS = ("facilities", "vaccines")
"""Every subject and dose is looked up in these: a day that brings rows of them changes more than its own."""
_TOLD = 0.05
"""Where more subjects than this share don't say when they were recorded, each day decides of all of them anew."""


@dataclass(frozen=True)
class Models:
    """What dbt's manifest says of models: who follows whose changes, and who reads whom."""

    changes: Mapping[str, str | None]
    """By model that follows: the relation of changes it takes its subjects from; None for distinct values."""
    parents: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Models:
        """Read them from a manifest."""
        nodes = {id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] == "model"}
        names = {id_: str(node["name"]) for id_, node in nodes.items()}
        parents = {
            names[id_]: frozenset(names[parent] for parent in node["depends_on"]["nodes"] if parent in names)
            for id_, node in nodes.items()
        }
        follow = {
            str(node["name"]): node["config"]["meta"]["follows"]["changes"]
            for node in nodes.values()
            if node["config"]["materialized"] == "follows"
        }
        return cls(follow, parents)

    def marked(self) -> frozenset[str]:
        """All that bear marks: those that follow, and the relations of changes."""
        return frozenset(self.changes) | {name for name in self.parents if name.startswith(CHANGES)}

    def before(self, names: Iterable[str]) -> frozenset[str]:
        """Models that bear marks and are read by these, however far, without themselves."""
        reached: set[str] = set()
        waiting = list(names)
        while waiting:
            new = self.parents.get(waiting.pop(), frozenset()) - reached
            reached |= new
            waiting += new
        return frozenset(reached & self.marked()) - frozenset(names)


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
        if OUTCOME_CHANGES in self.names:
            self._tell_news()
        self._forget()
        return None if place is None else self.chain.days[place]

    def end(self, since: date | None) -> None:
        """Mark what was built, since the day that :meth:`begin` gave: all of it succeeded."""
        marks = self._marks
        upstream = self.models.before(self.names)
        if any(name not in marks or marks[name].link != self.chain.links[-1] for name in upstream):
            return
        followed = None if since is None else self.chain.links[self.chain.days.index(since)]
        self.connection.begin()
        for name in sorted(self.names & self.models.marked()):
            self.connection.execute(
                "insert into following.marks values (?, ?, ?)", [name, self.chain.links[-1], followed]
            )
        for name in sorted(self.names & self._outcomes, key=lambda name: len(self.models.before([name]))):
            self._have_seen(name)
        self.connection.commit()

    def _since(self) -> int | None:
        """Where the state stands from which these models may follow."""
        own = self.names & frozenset(self.models.changes)
        places = {name: self._place(name) for name in own}
        first = self._first_place()
        if None in places.values() or first is None or self._is_batch_lost() or self._is_news_missed():
            return None
        known = [place for place in places.values() if place is not None]
        if CHANGES in self.names:
            others = (self._place(name) for name in self.models.changes if name not in own)
            behind = min([*known, *(place for place in others if place is not None)], default=None)
            is_whole = own and len(set(known)) == 1
            return behind if is_whole and behind is not None and behind >= first else None
        mark = self._marks.get(CHANGES)
        since = self.chain.place(mark.since) if mark else None
        if since is None or not all(self._is_ready(name, since) for name in self.models.before(self.names)):
            return None
        return since if all(place >= since for place in known) else None

    def _is_ready(self, name: str, since: int) -> bool:
        """Whether a relation that is read is at the state wanted; one of changes also tells them from ``since`` on."""
        mark = self._marks.get(name)
        if mark is None or mark.link != self.chain.links[-1]:
            return False
        return not name.startswith(CHANGES) or self.chain.place(mark.since) == since

    def _place(self, name: str) -> int | None:
        mark = self._marks.get(name)
        return self.chain.place(mark.link) if mark else None

    @cached_property
    def _marks(self) -> Mapping[str, _Mark]:
        rows = self.connection.execute("select relation, link, since from following.marks").fetchall()
        return {relation: _Mark(link, since) for relation, link, since in rows}

    @property
    def _outcomes(self) -> frozenset[str]:
        return frozenset(name for name, changes in self.models.changes.items() if changes == OUTCOME_CHANGES)

    def _first_place(self) -> int | None:
        """The first state from which only the rows of a day can change; None where there is none."""
        days = [
            row[0]
            for table in _DIMENSIONS
            for row in self.connection.execute(f"select max(_increment_on) from raw.{table}").fetchall()  # noqa: S608
        ]
        last = max((day for day in days if day is not None), default=None)
        places = (n for n, day in enumerate(self.chain.days) if last is None or day >= last)
        return next(places, None) if self._are_days_told() else None

    def _are_days_told(self) -> bool:
        if CHANGES not in self.names or CHANGES not in self._marks:
            return True
        counted = self.connection.execute(
            f"select count(*) - count(recorded_at) <= {_TOLD} * count(*) from cleansing.int_subjects"  # noqa: S608
        ).fetchone()
        return bool(counted and counted[0])

    def _is_batch_lost(self) -> bool:
        """Whether outcomes stand on a batch that the ledger does not have."""
        if not self.names & self._outcomes:
            return False
        lost = self.connection.execute(
            "select count(*) from following.batches anti join verification.batches using (batch_id)"
        ).fetchone()
        return not lost or bool(lost[0])

    def _is_news_missed(self) -> bool:
        """Whether outcomes would stand on batches that the relation of their changes, built before, did not know."""
        if OUTCOME_CHANGES in self.names:
            return False
        return any(
            self.connection.execute(
                f"select count(*) from ({self._batches_for(name)}) as now (batch_id, batch_state)"  # noqa: S608
                " anti join (from following.batches where relation = $name) as seen using (batch_id, batch_state)"
                " anti join following.news using (batch_id)",
                {"name": name},
            ).fetchone()
            != (0,)
            for name in self.names & self._outcomes
        )

    def _tell_news(self) -> None:
        """Keep for the models which batches came to something that not all relations of outcomes have seen."""
        seen_by = sorted(self._outcomes & frozenset(self._marks))
        self.connection.execute(
            "create or replace table following.news as select batch_id from verification.batches as now"
            " where (select count(*) from following.batches as seen where seen.batch_id = now.batch_id"
            " and seen.batch_state = now.state and list_contains($seen_by::varchar[], relation)) < len($seen_by)",
            {"seen_by": seen_by},
        )

    def _have_seen(self, name: str) -> None:
        """Note the batches that a relation of outcomes stands on: the ledger's, or those of the outcomes it reads."""
        self.connection.execute("delete from following.batches where relation = ?", [name])
        given = self._batches_for(name)
        self.connection.execute(f"insert into following.batches select ?, * from ({given})", [name])  # noqa: S608

    def _batches_for(self, name: str) -> str:
        read = self.models.before([name]) & self._outcomes
        for first in (each for each in read if not self.models.before([each]) & self._outcomes):
            return f"select batch_id, batch_state from following.batches where relation = '{first}'"  # noqa: S608
        return "select batch_id, state from verification.batches"

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
