"""A small project of five models over two raw tables, built in DuckDB, and its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

HASH = (
    "md5_number(getvariable('digest_key') || '|' || i._delivery || '|' || i._table || '|' || i._row || '|' || "
    "i.subject_id)"
)
# schema.model -> (parents, compiled SQL)
MODELS: dict[str, tuple[tuple[str, ...], str]] = {
    "staging.stg_subjects": (
        ("raw.subjects",),
        'with s as (select * from "wh"."raw"."subjects") select * from s',
    ),
    "cleansing.int_subjects": (
        ("staging.stg_subjects", "seeds.names"),
        "select s.subject_id, n.std as name_std, length(s.id_number) = 12 as is_cccd, "
        "s._delivery, s._table, s._row from wh.staging.stg_subjects s "
        "left join wh.seeds.names n on n.raw = s.full_name where s.deleted is null",
    ),
    "verification.int_outcomes": (
        ("cleansing.int_subjects", "verification.answers"),
        "select i.subject_id, a.is_ok from wh.cleansing.int_subjects i "
        "join wh.verification.answers a using (subject_id) where i.name_std is not null",
    ),
    "marts.fct_subjects": (
        ("cleansing.int_subjects", "verification.int_outcomes", "raw.doses"),
        "with d as (select subject_id, count(*) as dose_count from wh.raw.doses group by all) "
        "select i.subject_id, true as is_on_system, i.is_cccd and coalesce(o.is_ok, false) as is_correct, "
        "not (i.is_cccd and coalesce(o.is_ok, false)) as is_wrong, "
        "coalesce(d.dose_count, 0) as dose_count, "
        f"cast({HASH} >> 64 as ubigint) as row_hash_high, "
        f"cast({HASH} & 18446744073709551615::uhugeint as ubigint) as row_hash_low, "
        "i._delivery, i._table, i._row from wh.cleansing.int_subjects i "
        "left join wh.verification.int_outcomes o on o.subject_id = i.subject_id "
        "left join d on d.subject_id = i.subject_id",
    ),
    "report.rpt_figures": (("marts.fct_subjects",), ""),
}
LEAVES = {
    "raw.subjects": "source",
    "raw.doses": "source",
    "verification.answers": "source",
    "seeds.names": "seed",
}
FIGURES = (
    ("is_on_system", "FIG-ON-SYSTEM", None, "on_system"),
    ("is_correct", "FIG-CORRECT", "FIG-ON-SYSTEM", "correct"),
    ("is_wrong", "FIG-WRONG", "FIG-ON-SYSTEM", None),
)
DIGEST = " || ".join(
    f"lpad(lower(to_hex((coalesce(sum({half}) filter (where #), 0) % 18446744073709551616)::ubigint)), 16, '0')"
    for half in ("row_hash_high", "row_hash_low")
)
COUNT = (
    "select '@' as figure_id, count(*) filter (where #) as subjects, "
    "coalesce(sum(dose_count) filter (where #), 0)::bigint as doses, ~ as row_digest from wh.marts.fct_subjects"
).replace("~", DIGEST)
RPT = " union all ".join(COUNT.replace("@", id_).replace("#", column) for column, id_, *_ in FIGURES)
ROWS = """
create table raw.subjects as select n as subject_id, 'name' || n % 7 as full_name,
    repeat('1', case when n % 3 = 0 then 9 else 12 end) as id_number,
    case when n % 11 = 0 then true end as deleted,
    case when n % 5 = 0 then 'd1.2022-04-06' else 'd1' end as _delivery, 'tiemchung.doi_tuong' as _table,
    n as _row from range(1, 201) t(n);
create table raw.doses as select n % 150 as subject_id from range(400) t(n);
create table seeds.names as select 'name' || n as raw, 'Name ' || n as std from range(6) t(n);
create table verification.answers as select n as subject_id, n % 2 = 0 as is_ok from range(1, 150) t(n);
"""


def _node(name: str, kind: str, parents: tuple[str, ...], sql: str | None) -> dict[str, Any]:
    schema, relation = name.split(".")
    return {
        "resource_type": kind,
        "name": relation,
        "schema": schema,
        "original_file_path": f"models/{schema}/{relation}.sql",
        "config": {"materialized": "table"},
        "depends_on": {"nodes": [_id(parent) for parent in parents]},
        "compiled_code": sql,
        "columns": {},
    }


def _id(name: str) -> str:
    return f"{LEAVES.get(name, 'model')}.tiemchung.{name}"


@pytest.fixture
def manifest() -> dict[str, Any]:
    nodes = {_id(name): _node(name, "model", parents, sql or RPT) for name, (parents, sql) in MODELS.items()}
    nodes[_id("marts.fct_subjects")]["columns"] = {
        column: {
            "meta": {"figure": {"id": id_, "vi": column, "en": column, "part_of": parent, "letter": letter}}
        }
        for column, id_, parent, letter in FIGURES
    }
    nodes[_id("seeds.names")] = _node("seeds.names", "seed", (), None)
    sources = {
        _id(name): _node(name, "source", (), None) for name, kind in LEAVES.items() if kind == "source"
    }
    ephemeral = _node("verification.int_evidence", "model", ("verification.answers",), "select 1")
    ephemeral["config"]["materialized"] = "ephemeral"
    nodes[_id("verification.int_evidence")] = ephemeral
    parents = nodes[_id("verification.int_outcomes")]["depends_on"]["nodes"]
    parents[parents.index(_id("verification.answers"))] = _id("verification.int_evidence")
    nodes["test.tiemchung.some"] = {"resource_type": "test", "name": "some"}
    return {"nodes": nodes, "sources": sources}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as wh; use wh; set variable digest_key = 'secret'")
        for schema in ("raw", "seeds", "staging", "cleansing", "verification", "marts", "report"):
            connection.execute(f"create schema {schema}")
        connection.execute(ROWS)
        for name, (_, sql) in MODELS.items():
            connection.execute(f"create table {name} as {sql or RPT}")
        yield connection
