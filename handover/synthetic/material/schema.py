"""The vendor's tables, and the statements that make them.

One YAML file is read here, from which the migrations, the database dictionaries and the real tables of the
dumps are made. Rows are the business of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from handover.parts import Component
from handover.synthetic.material.templates import data_yaml


@dataclass(frozen=True)
class VendorColumn:
    """One column: PostgreSQL type, whether it belongs to the primary key, and its meaning in Vietnamese."""

    name: str
    type: str
    is_key: bool
    meaning: str


@dataclass(frozen=True)
class VendorTable:
    """One table: its name inside the schema, its meaning in Vietnamese, its columns in order."""

    name: str
    meaning: str
    columns: tuple[VendorColumn, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(each.name for each in self.columns if each.is_key)


@dataclass(frozen=True)
class VendorSchema:
    """The one schema of a component's database, and its tables in the order in which they are made."""

    name: str
    tables: tuple[VendorTable, ...]


@cache
def vendor_schema() -> Mapping[Component, VendorSchema]:
    """The schema of every component's database, in the order of ``Component``."""
    document = data_yaml("vendor_schema.yml")
    return MappingProxyType({each: _schema(document[each]) for each in Component})


def create_statements(component: Component) -> str:
    """SQL that makes the component's schema and tables in an empty database: all its migrations in order."""
    return "\n".join(migrations(component).values())


def migrations(component: Component) -> Mapping[str, str]:
    """The component's migrations, file name (``V001__...sql``) to SQL, in order; one table each."""
    schema = vendor_schema()[component]
    return {
        f"V{number:03}__tao_bang_{table.name}.sql": _migration(schema.name, table, is_first=number == 1)
        for number, table in enumerate(schema.tables, start=1)
    }


def _migration(schema: str, table: VendorTable, *, is_first: bool) -> str:
    qualified = f"{schema}.{table.name}"
    lines = [f"    {each.name} {each.type}" for each in table.columns]
    lines.append(f"    constraint {table.name}_pkey primary key ({', '.join(table.key)})")
    statements = [f"create schema {schema};"] if is_first else []
    statements.append(f"create table {qualified} (\n" + ",\n".join(lines) + "\n);")
    statements.append(f"comment on table {qualified} is '{table.meaning}';")
    statements += [
        f"comment on column {qualified}.{each.name} is '{each.meaning}';" for each in table.columns
    ]
    return f"-- {table.meaning}\n" + "\n".join(statements) + "\n"


def _schema(document: Any) -> VendorSchema:
    tables = document["tables"].items()
    return VendorSchema(document["schema"], tuple(_table(name, fields) for name, fields in tables))


def _table(name: str, fields: Any) -> VendorTable:
    columns = tuple(
        VendorColumn(each["name"], each["type"], each.get("key", False), each["meaning"])
        for each in fields["columns"]
    )
    return VendorTable(name, fields["meaning"], columns)
