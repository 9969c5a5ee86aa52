"""The bridge between two sealed reports: how every class came from what it was to what it is, row by row.

Both reports are derived anew (or taken from the warehouse where it stands at one of them), so that a bridge needs
nothing kept beside vault and ledger. Every subject stands in one class: the figure without parts that holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.reporting.chain import links
from orchestration.reporting.figures import Figure, read_figures
from orchestration.reporting.seal import SealedReport, read_report
from orchestration.stages.rebuild import derived_anew, figures_of
from orchestration.warehouse.connection import attach
from orchestration.warehouse.errors import WarehouseError, cleaned
from orchestration.warehouse.project import compiled_manifest

SQL = Path(__file__).with_name("bridge.sql")
_FLOWS = """
select from_class, to_class, reason, count(*), sum(doses_then)::bigint, sum(doses_now)::bigint
from moves group by all order by all
"""


@dataclass(frozen=True)
class Flow:
    """Subjects of one class then and one now (None: not on the system), why, and their doses then and now."""

    origin: str | None
    target: str | None
    reason: str
    subjects: int
    doses_then: int
    doses_now: int


@dataclass(frozen=True)
class Span:
    """One class: opening + new + moved in - moved out - withdrawn = closing, in subjects; doses at both ends."""

    figure: str
    opening: int
    new: int
    moved_in: int
    moved_out: int
    withdrawn: int
    closing: int
    opening_doses: int
    closing_doses: int


@dataclass(frozen=True)
class Bridge:
    """The spans of all classes and the matrix of flows; ``faults`` name what isn't as it was sealed."""

    earlier: str
    later: str
    spans: tuple[Span, ...]
    flows: tuple[Flow, ...]
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"holds": not self.faults}


def bridge(installation: Installation, earlier: str | None, later: str | None) -> Bridge:
    """Lead from one sealed report to another, by their names; None: the last, and the one sealed before it.

    Raises :class:`UsageError` for names that no link of the chain has, and what :func:`derived_anew` raises.
    """
    first, second = _reports(installation, earlier, later)
    figures = read_figures(compiled_manifest(installation.dbt_target))
    leaves = [each for each in figures if each.id not in {other.part_of for other in figures}]
    with ExitStack() as stack:
        places = [_warehouse(installation, each, stack) for each in (first, second)]
        flows = _flows(places, leaves)
    spans = tuple(_span(leaf.id, flows) for leaf in leaves)
    faults = [*_faults(first, spans, "opening"), *_faults(second, spans, "closing")]
    return Bridge(first.name, second.name, spans, flows, tuple(faults))


def _reports(
    installation: Installation, earlier: str | None, later: str | None
) -> tuple[SealedReport, SealedReport]:
    reports = installation.settings.reports
    names = [link.name for link in links(reports)]
    if later is None and names:
        later = names[0]
    if earlier is None and later in names[:-1]:
        earlier = names[names.index(later) + 1]
    for name in (earlier, later):
        if name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(
                f"A bridge leads from one sealed report to another; the sealed ones are: {known}."
            )
    return read_report(reports / str(earlier)), read_report(reports / str(later))


def _warehouse(installation: Installation, report: SealedReport, stack: ExitStack) -> Path:
    """A warehouse that stands at the report: the home's where its figures are made of the very rows."""
    stated = {each["id"]: (each["subjects"], each["doses"], each["digest"]) for each in report.figures}
    home = installation.settings.warehouse
    if home.exists() and figures_of(home) == stated:
        return home
    aside, _ = stack.enter_context(derived_anew(installation, report))
    return aside.warehouse


def _flows(places: Sequence[Path], leaves: Sequence[Figure]) -> tuple[Flow, ...]:
    classes = " ".join(f"when f.{leaf.column} then '{leaf.id}'" for leaf in leaves)
    query = SQL.read_text(encoding="utf-8").replace("$class", f"case {classes} end")
    try:
        with duckdb.connect() as connection:
            for place, name in zip(places, ("earlier", "later"), strict=True):
                attach(connection, place, name)
            connection.execute(query)
            return tuple(Flow(*row) for row in connection.execute(_FLOWS).fetchall())
    except duckdb.Error as error:
        raise WarehouseError(f"The two reports' rows could not be compared: {cleaned(error)}") from None


def _span(figure: str, flows: Sequence[Flow]) -> Span:
    def total(measure: str, **wanted: Any) -> int:
        chosen = (each for each in flows if all(getattr(each, k) == v for k, v in wanted.items()))
        return sum(int(getattr(each, measure)) for each in chosen)

    stays = total("subjects", origin=figure, target=figure)
    opening, closing = total("subjects", origin=figure), total("subjects", target=figure)
    new, withdrawn = (
        total("subjects", origin=None, target=figure),
        total("subjects", origin=figure, target=None),
    )
    return Span(
        figure=figure,
        opening=opening,
        new=new,
        moved_in=closing - stays - new,
        moved_out=opening - stays - withdrawn,
        withdrawn=withdrawn,
        closing=closing,
        opening_doses=total("doses_then", origin=figure),
        closing_doses=total("doses_now", target=figure),
    )


def _faults(report: SealedReport, spans: Sequence[Span], end: str) -> list[str]:
    """Classes whose end of the bridge isn't what the report states."""
    stated: Mapping[str, Mapping[str, Any]] = {each["id"]: each for each in report.figures}
    faults = []
    for span in spans:
        found = (getattr(span, end), getattr(span, f"{end}_doses"))
        sealed = (
            (stated[span.figure]["subjects"], stated[span.figure]["doses"]) if span.figure in stated else None
        )
        if found != sealed:
            faults.append(f"{span.figure} of {report.name}: sealed {sealed}, found {found}")
    return faults
