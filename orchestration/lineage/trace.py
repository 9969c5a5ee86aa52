"""The trace of a figure: from its number to its definition, SQL, columns, rows, deliveries and letter.

Belongs here: bringing the parts together and their JSON. Each part has a module of its own; how a trace is told
to people is :mod:`orchestration.lineage.telling`. A trace holds no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from handover.contract.mapping import Mapping as Contract
from orchestration.lineage.column_lineage import DIALECT, ColumnRef
from orchestration.lineage.origin import Origin, origins_of, vendor_columns
from orchestration.lineage.path import Way, way_of
from orchestration.lineage.project import Name, read_project
from orchestration.lineage.rows import (
    BREAKDOWNS,
    RowSet,
    count_statement,
    known_columns,
    read_rows,
    rows_statement,
)
from orchestration.lineage.telling import tell
from orchestration.reporting.figures import Counted, Figure, fact_node, read_counted, read_figures
from orchestration.reporting.letters import Letter, LetterFigure

if TYPE_CHECKING:
    from orchestration.reporting.seal import SealedReport

SAMPLE = 5
"""Row addresses shown where nobody asks for more or fewer."""


class TraceError(ValueError):
    """The figure cannot be traced; the message says why and what to do."""


@dataclass(frozen=True)
class Stated:
    """What a sealed report states of a figure: the report's name and seal (64 hex), the counts, the rows' digest."""

    report: str
    seal: str
    subjects: int
    doses: int
    digest: str

    @classmethod
    def of(cls, report: SealedReport, figure: Mapping[str, Any]) -> Stated:
        """From a figure of a sealed report's statement."""
        return cls(report.name, report.seal, figure["subjects"], figure["doses"], figure["digest"])


@dataclass(frozen=True)
class Trace:
    """One figure's trace. ``deliveries`` maps ids to the bags' digests (64 hex), ``None`` where none is sealed.

    ``stated`` is what the sealed report that the trace answers for says, None where none was sealed.
    """

    figure: Figure
    fact: Name
    reported: Counted
    rows: RowSet
    way: Way
    origins: tuple[Origin, ...]
    deliveries: Mapping[str, str | None]
    letter: Letter | None
    stated: Stated | None
    where: Mapping[str, str]
    gates: tuple[Mapping[str, Any], ...]

    @property
    def is_as_counted(self) -> bool | None:
        """Whether the rows still make the counts and the digest that dbt counted; None for a part of them."""
        return None if self.where else self._now == _values(self.reported)

    @property
    def is_as_sealed(self) -> bool | None:
        """Whether they make what the sealed report states; None for a part of them, and without such a report."""
        return None if self.where or self.stated is None else self._now == _values(self.stated)

    @property
    def _now(self) -> tuple[int, int, str]:
        return self.rows.subjects, self.rows.doses, self.rows.digest

    @property
    def printed(self) -> LetterFigure | None:
        """The letter's figure, where it prints one."""
        return self.letter.figures.get(self.figure.letter) if self.letter and self.figure.letter else None

    def sql(self) -> dict[str, str]:
        """The select that counts the figure, the one that gives its rows, and its condition."""
        return {
            "count": count_statement(self.fact, self.figure.column).sql(DIALECT),
            "rows": rows_statement(self.fact, self.figure.column).sql(DIALECT),
            "where": self.figure.column,
        }

    def as_json(self) -> dict[str, Any]:
        """What ``tiemchung trace --json`` prints."""
        return {
            "figure": self.figure.id,
            "definition": asdict(self.figure) | {"relation": str(self.fact)},
            "sql": self.sql(),
            "lineage": self._lineage_json(),
            "rows": {
                "count": self.rows.subjects,
                "doses": self.rows.doses,
                "digest": self.rows.digest,
                "counted": {
                    "subjects": self.reported.subjects,
                    "doses": self.reported.doses,
                    "digest": self.reported.digest,
                },
                "is_as_counted": self.is_as_counted,
                "sealed": asdict(self.stated) if self.stated else None,
                "is_as_sealed": self.is_as_sealed,
            },
            "where": dict(self.where),
            "gates": list(self.gates),
            "sample": [address.as_json() for address in self.rows.sample],
            "deliveries": [
                {"id": id_, "bag_sha256": digest, "rows": self.rows.by_delivery.get(id_, 0)}
                for id_, digest in self.deliveries.items()
            ],
            "letter": self._letter_json(),
        }

    def as_text(self) -> str:
        """What ``tiemchung trace`` prints for people."""
        return tell(self.as_json())

    def _lineage_json(self) -> dict[str, Any]:
        return {
            "is_complete": self.way.is_complete,
            "relations": [
                {
                    "relation": str(relation.name),
                    "schema": relation.name.schema,
                    "kind": relation.kind.value,
                    "materialized": relation.materialized,
                    "file": relation.file,
                    "reads": [str(name) for name in relation.reads],
                }
                for relation in self.way.relations
            ],
            "columns": [step.as_json() for step in self.way.columns],
            "filters": [step.as_json() for step in self.way.rows],
            "origins": [origin.as_json() for origin in self.origins],
        }

    def _letter_json(self) -> dict[str, Any] | None:
        if self.letter is None or self.printed is None:
            return None
        return {
            "source": self.letter.source,
            "as_of": self.letter.as_of,
            "key": self.printed.key,
            "paragraph": self.printed.paragraph,
            "subjects": self.printed.subjects,
            "doses": self.printed.doses,
        }


def _values(stated: Counted | Stated) -> tuple[int, int, str]:
    return stated.subjects, stated.doses, stated.digest


def trace_figure(
    figure_id: str,
    *,
    manifest: Mapping[str, Any],
    connection: duckdb.DuckDBPyConnection,
    contracts: Iterable[Contract],
    deliveries: Mapping[str, str],
    letter: Letter | None,
    stated: Stated | None = None,
    sample: int = SAMPLE,
    where: Mapping[str, str] | None = None,
    gates: Iterable[Mapping[str, Any]] = (),
    rows: RowSet | None = None,
) -> Trace:
    """Trace one figure on the warehouse as it stands.

    ``manifest`` is dbt's, with ``compiled_code`` for every model; ``contracts`` give the vendor's names of raw
    columns; ``deliveries`` maps the ids in scope to the digests of their bags, the delivery first; ``stated`` is what
    a sealed report says of the figure; ``where`` narrows the rows; of ``gates`` those count that guard a relation on
    the way; ``rows`` are the figure's where they were read already. Raises :class:`TraceError` for an unknown figure,
    or a column that rows can't be narrowed by.
    """
    figures = read_figures(manifest)
    figure = _asked_for(figures, figure_id, where or {})
    reported = {counted.figure: counted for counted in read_counted(connection, figures)}[figure]
    node = fact_node(manifest)
    fact = Name(node["schema"], node["name"])
    project = read_project(manifest)
    rows = rows or read_rows(connection, fact, [figure.column], sample, where)[figure.column]
    way = way_of(project, known_columns(connection), ColumnRef(fact, figure.column))
    unsealed = dict.fromkeys(id_ for id_ in rows.by_delivery if id_ not in deliveries)
    origins = origins_of(way, project, vendor_columns(contracts))
    on_way = {str(relation.name) for relation in way.relations}
    return Trace(
        figure=figure,
        fact=fact,
        reported=reported,
        rows=rows,
        way=way,
        origins=origins,
        deliveries={**deliveries, **unsealed},
        letter=letter,
        stated=stated,
        where=where or {},
        gates=tuple(gate for gate in gates if gate["relation"] in on_way),
    )


def _asked_for(figures: Sequence[Figure], figure_id: str, where: Mapping[str, str]) -> Figure:
    figure = next((known for known in figures if known.id == figure_id), None)
    if figure is None:
        known_ids = ", ".join(known.id for known in figures)
        raise TraceError(f"There is no such figure; ask for one of {known_ids}.")
    if unknown := sorted(set(where) - set(BREAKDOWNS)):
        raise TraceError(
            f"Rows can't be narrowed by {', '.join(unknown)}; take one of {', '.join(BREAKDOWNS)}."
        )
    return figure
