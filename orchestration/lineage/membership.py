"""Back from a row: which figures hold it, and for the others the first condition it fails.

Belongs here: finding a row and judging it by the figures' definitions as they are counted. Rows are known by address
and by the platform's number of the subject; no personal data is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from orchestration.lineage.conditions import Definition, definition_of, judged
from orchestration.lineage.project import Name, read_project
from orchestration.lineage.rows import Address
from orchestration.reporting.figures import Figure, fact_node, read_figures

STATIONS = ("raw.subjects", "staging.stg_vendor__subjects", "cleansing.int_subjects", "marts.fct_subjects")
"""The relations a subject's row passes, in their order."""
_DOSES = ("raw.doses", "staging.stg_vendor__doses", "cleansing.int_doses", "marts.fct_doses")


class RowUnknown(ValueError):
    """No row of that address or number lies in the warehouse."""


@dataclass(frozen=True)
class Station:
    """A relation, and whether the row itself (by its address) stands in it."""

    relation: str
    is_there: bool


@dataclass(frozen=True)
class Replacement:
    """The row that took a row's place, and the day whose increment brought it (None: the delivery itself)."""

    by: Address
    on: date | None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"by": self.by.as_json(), "on": self.on.isoformat() if self.on else None}


@dataclass(frozen=True)
class Membership:
    """One figure and one row: ``holds`` is said of the row, ``subject_holds`` of the row that counts for its subject.

    ``fails`` is the first condition that keeps the row out, in SQL with the ``values`` it read, or in words.
    """

    figure: Figure
    holds: bool
    subject_holds: bool
    fails: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Whereabouts:
    """A row's way through the relations, its subject, and every figure's word on it."""

    address: Address
    grain: str
    subject_id: int | None
    counted_by: Address | None
    replaced: Replacement | None
    stations: tuple[Station, ...]
    figures: tuple[Membership, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "address": self.address.as_json(),
            "grain": self.grain,
            "subject_id": self.subject_id,
            "counted_by": self.counted_by.as_json() if self.counted_by else None,
            "replaced": self.replaced.as_json() if self.replaced else None,
            "stations": [asdict(each) for each in self.stations],
            "figures": [
                {
                    "id": each.figure.id,
                    "vi": each.figure.vi,
                    "en": each.figure.en,
                    "holds": each.holds,
                    "subject_holds": each.subject_holds,
                    "fails": each.fails,
                    "values": dict(each.values),
                }
                for each in self.figures
            ],
        }


def whereabouts(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], wanted: int | Address
) -> Whereabouts:
    """Find a subject (by its number) or a row of subjects or doses (by its address).

    Raises :class:`RowUnknown` where nothing of it lies in the warehouse.
    """
    grain, address = _found(connection, wanted)
    stations = tuple(
        Station(relation, _stands_in(connection, relation, address))
        for relation in (STATIONS if grain == "subject" else _DOSES)
    )
    subject_id = wanted if isinstance(wanted, int) else _subject_of(connection, grain, stations, address)
    counted_by = _counted_by(connection, subject_id)
    replaced = _replaced(connection, grain, address)
    figures = read_figures(manifest)
    node = fact_node(manifest)
    fact = read_project(manifest).relation(Name(node["schema"], node["name"]))
    definition = definition_of(fact.sql or "", [figure.column for figure in figures])
    verdicts = None if subject_id is None else judged(connection, definition, subject_id)
    excluded = _excluded(stations, replaced)
    return Whereabouts(
        address,
        grain,
        subject_id,
        counted_by,
        replaced,
        stations,
        tuple(_membership(figure, definition, verdicts, excluded) for figure in figures),
    )


def _membership(
    figure: Figure,
    definition: Definition,
    verdicts: Mapping[str, Mapping[str, Any]] | None,
    excluded: str | None,
) -> Membership:
    """``excluded`` says why the row counts in no figure, whatever its subject does."""
    if verdicts is None:
        return _kept_out(figure, excluded or "the subject is not in the fact table")
    conditions = (each.sql for each in definition.conditions[figure.column])
    failed = next((sql for sql in conditions if not verdicts[sql]["is_met"]), None)
    if excluded:
        return _kept_out(figure, excluded, subject_holds=failed is None)
    if failed:
        return _kept_out(figure, failed, verdicts[failed]["values"])
    return Membership(figure, holds=True, subject_holds=True, fails=None, values={})


def _kept_out(
    figure: Figure, fails: str, values: Mapping[str, Any] | None = None, *, subject_holds: bool = False
) -> Membership:
    return Membership(figure, holds=False, subject_holds=subject_holds, fails=fails, values=values or {})


def _excluded(stations: Sequence[Station], replaced: Replacement | None) -> str | None:
    if stations[-1].is_there:
        return None
    return "a newer row took its place" if replaced else f"the row is not in {stations[-1].relation}"


def _replaced(connection: duckdb.DuckDBPyConnection, grain: str, address: Address) -> Replacement | None:
    """The next row of the same subject or dose, in the order in which the newest is chosen."""
    relation, key = (STATIONS[1], "subject_id") if grain == "subject" else (_DOSES[1], "dose_id")
    query = f"""
        select _delivery, _table, _row, _increment_on from {relation}
        where {key} = (
            select {key} from {relation} where _delivery = $d and _table = $t and _row = $r limit 1
        )
        order by _increment_on nulls first, updated_at nulls first, _row
    """  # noqa: S608 - names of our own relations
    values = {"d": address.delivery, "t": address.table, "r": address.row}
    rows = connection.execute(query, values).fetchall()
    after = [n for n, row in enumerate(rows, start=1) if Address(*row[:3]) == address]
    if not after or after[0] == len(rows):
        return None
    *place, on = rows[after[0]]
    return Replacement(Address(*place), on)


def _found(connection: duckdb.DuckDBPyConnection, wanted: int | Address) -> tuple[str, Address]:
    if isinstance(wanted, int):
        query = (
            "select _delivery, _table, _row from raw.subjects where subject_id = $id"
            " order by _increment_on desc nulls last, _row desc limit 1"
        )
        if not (rows := connection.execute(query, {"id": wanted}).fetchall()):
            raise RowUnknown("No row of a subject with that number lies in the packages in scope.")
        return "subject", Address(*rows[0])
    for grain, (raw, *_) in (("subject", STATIONS), ("dose", _DOSES)):
        if _stands_in(connection, raw, wanted):
            return grain, wanted
    raise RowUnknown(
        f"No row {wanted.row} of {wanted.table} lies in {wanted.delivery} as the warehouse stands; an address is "
        "delivery/table/row, such as those that `tiemchung trace` prints."
    )


def _stands_in(connection: duckdb.DuckDBPyConnection, relation: str, address: Address) -> bool:
    query = f"select 1 from {relation} where _delivery = $d and _table = $t and _row = $r limit 1"  # noqa: S608
    values = {"d": address.delivery, "t": address.table, "r": address.row}
    return bool(connection.execute(query, values).fetchall())


def _subject_of(
    connection: duckdb.DuckDBPyConnection, grain: str, stations: Sequence[Station], address: Address
) -> int | None:
    """The subject that a row is about; for a dose, the one it counts with."""
    last = next((each.relation for each in reversed(stations) if each.is_there), None)
    if last is None:
        return None
    relation = last if grain == "dose" else STATIONS[0]
    query = f"select subject_id from {relation} where _delivery = $d and _table = $t and _row = $r"  # noqa: S608
    values = {"d": address.delivery, "t": address.table, "r": address.row}
    found: int | None = connection.execute(query, values).fetchall()[0][0]
    return found


def _counted_by(connection: duckdb.DuckDBPyConnection, subject_id: int | None) -> Address | None:
    """The row that speaks for the subject in the figures: its newest."""
    rows = connection.execute(
        "select _delivery, _table, _row from marts.fct_subjects where subject_id = $id", {"id": subject_id}
    ).fetchall()
    return Address(*rows[0]) if rows else None
