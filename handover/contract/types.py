"""The column types that a dump and the contract may name, and whether a value of one can become another.

PostgreSQL's and DuckDB's names for the same kind of value share a family; casting itself is done in SQL.
"""

from __future__ import annotations

import re

TYPE_FAMILIES = {
    **dict.fromkeys(("text", "varchar", "character varying", "character", "char", "bpchar", "name"), "text"),
    **dict.fromkeys(("smallint", "int2", "integer", "int", "int4", "bigint", "int8", "hugeint"), "integer"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    "date": "date",
    **dict.fromkeys(("timestamptz", "timestamp with time zone"), "instant"),
    **dict.fromkeys(("timestamp", "timestamp without time zone"), "local time"),
    **dict.fromkeys(("numeric", "decimal"), "decimal"),
    **dict.fromkeys(
        ("real", "float", "float4", "double", "double precision", "float8"), "approximate number"
    ),
    "uuid": "uuid",
    **dict.fromkeys(("json", "jsonb"), "json"),
    **dict.fromkeys(("bytea", "blob"), "bytes"),
}
"""Family of each type name, in lower case and without its length or precision."""

_PRECISION = re.compile(r"\s*\([^)]*\)")


def family(type_name: str) -> str:
    """The family of a type as a dump or the contract spells it; the bare name where it is in none."""
    bare = " ".join(_PRECISION.sub("", type_name).lower().split())
    return TYPE_FAMILIES.get(bare, bare)
