"""The mapping from the vendor's tables to our names, read from the YAML files beside this module.

Holds what we expect of a dump; how a dump differs from it is the business of ``differences``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from handover.contract.types import TYPE_FAMILIES
from handover.errors import MappingError
from handover.fields import Fields, YamlUnreadableError, parse_yaml
from handover.parts import Component

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VENDOR_TABLE = re.compile(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class ColumnMapping:
    """One column: our name, the vendor's, the DuckDB type it's cast to, whether it is needed and personal."""

    name: str
    vendor_column: str
    type: str
    required: bool
    is_personal: bool
    meaning: str


@dataclass(frozen=True)
class TableMapping:
    """One table: our name, the vendor's (``schema.table``), what a row is, the columns that identify it.

    ``is_recorded_daily``: a system in operation adds rows every day, so a dump without recent ones is stale.
    """

    name: str
    vendor_table: str
    grain: str
    required: bool
    key: tuple[str, ...]
    columns: tuple[ColumnMapping, ...]
    is_recorded_daily: bool = False


@dataclass(frozen=True)
class Mapping:
    """One component's dump (path below ``data/``) and its tables."""

    component: Component
    dump: PurePosixPath
    tables: tuple[TableMapping, ...]


@cache
def load_mappings() -> tuple[Mapping, ...]:
    """The contract of every component, in the order of ``Component``; raises :class:`MappingError`."""
    return tuple(load_mapping(each) for each in Component)


def load_mapping(component: Component) -> Mapping:
    """The contract of one component; raises :class:`MappingError` with every fault of its file."""
    name = f"{component}.yml"
    content = resources.files("handover.contract").joinpath(name).read_bytes()
    mapping = parse_mapping(content, name)
    if mapping.component is not component:
        raise MappingError(
            f"The contract {name} speaks of {mapping.component}. Name the right component in it."
        )
    return mapping


def parse_mapping(content: bytes, name: str) -> Mapping:
    """Parse one contract; ``name`` is the file's, for the message of :class:`MappingError`."""
    faults: list[str] = []
    try:
        fields = Fields.of(parse_yaml(content), faults)
    except YamlUnreadableError as error:
        raise MappingError(f"The contract {name} can't be read: {error}. Mend the file.") from error
    mapping = Mapping(
        component=fields.choice("component", Component),
        dump=PurePosixPath(fields.text("dump")),
        tables=tuple(_table(each) for each in fields.children("tables")),
    )
    fields.refuse_unknown()
    _refuse_doubles(fields, "tables", [each.name for each in mapping.tables])
    _refuse_doubles(fields, "tables", [each.vendor_table for each in mapping.tables])
    if faults:
        raise MappingError(f"The contract {name} has {len(faults)} fault(s). Mend the file:", faults)
    return mapping


def _table(fields: Fields) -> TableMapping:
    table = TableMapping(
        name=_matching(fields, "name", _NAME),
        vendor_table=_matching(fields, "vendor_table", _VENDOR_TABLE),
        grain=fields.text("grain"),
        required=fields.truth("required"),
        key=fields.texts("key"),
        columns=tuple(_column(each) for each in fields.children("columns")),
        is_recorded_daily=fields.has("recorded_daily") and fields.truth("recorded_daily"),
    )
    fields.refuse_unknown()
    names = [each.name for each in table.columns]
    _refuse_doubles(fields, "columns", names)
    _refuse_doubles(fields, "columns", [each.vendor_column for each in table.columns])
    required = {each.name for each in table.columns if each.required}
    if not set(table.key) <= required:
        fields.note("key", "should name required columns of the table")
    return table


def _column(fields: Fields) -> ColumnMapping:
    column = ColumnMapping(
        name=_matching(fields, "name", _NAME),
        vendor_column=_matching(fields, "vendor_column", re.compile(r"[a-z_][a-z0-9_]*")),
        type=fields.text("type"),
        required=fields.truth("required"),
        is_personal=fields.truth("is_personal"),
        meaning=fields.text("meaning"),
    )
    fields.refuse_unknown()
    if column.type and column.type.lower() not in TYPE_FAMILIES:
        fields.note("type", "is no type that we read")
    return column


def _matching(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    text = fields.text(name)
    if text and not pattern.fullmatch(text):
        fields.note(name, f"should match {pattern.pattern}")
    return text


def _refuse_doubles(fields: Fields, place: str, names: list[str]) -> None:
    doubles = sorted({each for each in names if names.count(each) > 1})
    if doubles:
        fields.note(place, f"names {', '.join(doubles)} twice")
