"""A figure's trace ends at the vendor's columns, counts its rows again, and says what it could not evaluate."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from handover.contract.mapping import parse_mapping
from orchestration.lineage.project import ManifestError
from orchestration.lineage.trace import Stated, Trace, TraceError, trace_figure
from orchestration.reporting.letters import parse_letters

BAGS = {"d1": "ab" * 32, "d1.2022-04-06": "cd" * 32, "d1.2022-04-07": "ef" * 32}
CONTRACT = parse_mapping(
    b"""
component: support
dump: database/support.dump
tables:
  - name: subjects
    vendor_table: tiemchung.doi_tuong
    grain: a person
    required: true
    key: [subject_id]
    columns:
      - {name: subject_id, vendor_column: id, type: BIGINT, required: true, is_personal: false, meaning: number}
      - {name: id_number, vendor_column: so_giay_to, type: VARCHAR, required: true, is_personal: true, meaning: paper}
""",
    "support.yml",
)
(LETTER,) = parse_letters(
    b"{as_of: 2022-04-08, source: BYT, figures: {correct: {subjects: 9, paragraph: '1.4'}}}", "letter.yml"
)


def traced(
    figure: str, manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection, **changes: Any
) -> Trace:
    given: dict[str, Any] = {"contracts": [CONTRACT], "deliveries": BAGS, "letter": LETTER} | changes
    return trace_figure(figure, manifest=manifest, connection=warehouse, **given)


@pytest.fixture
def correct(manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection) -> Trace:
    return traced("FIG-CORRECT", manifest, warehouse)


def test_the_relations_lead_from_the_fact_back_to_the_sources(correct: Trace) -> None:
    names = [relation["relation"] for relation in correct.as_json()["lineage"]["relations"]]
    assert names[0] == "marts.fct_subjects"
    assert (
        names.index("cleansing.int_subjects")
        < names.index("staging.stg_subjects")
        < names.index("raw.subjects")
    )
    assert set(names) == {
        "marts.fct_subjects", "cleansing.int_subjects", "verification.int_outcomes", "staging.stg_subjects",
        "raw.subjects", "raw.doses", "seeds.names", "verification.answers",
    }  # fmt: skip


def test_a_relation_reads_what_its_ephemeral_models_read(correct: Trace) -> None:
    reads = {
        relation["relation"]: relation["reads"] for relation in correct.as_json()["lineage"]["relations"]
    }
    assert reads["verification.int_outcomes"] == ["cleansing.int_subjects", "verification.answers"]


def test_the_columns_end_at_what_the_vendor_calls_them(correct: Trace) -> None:
    origins = {
        (o["relation"], o["column"]): (o["use"], o["vendor"]) for o in correct.as_json()["lineage"]["origins"]
    }
    assert origins[("raw.subjects", "id_number")] == (
        "direct",
        {
            "component": "support",
            "table": "tiemchung.doi_tuong",
            "column": "so_giay_to",
            "meaning": "paper",
            "is_personal": True,
        },
    )
    assert origins[("verification.answers", "is_ok")] == ("direct", None)


def test_columns_that_only_filter_or_join_are_on_the_way_too(correct: Trace) -> None:
    origins = {(o["relation"], o["column"]): o["use"] for o in correct.as_json()["lineage"]["origins"]}
    assert origins[("raw.subjects", "deleted")] == "indirect"
    assert origins[("raw.subjects", "full_name")] == "indirect"
    assert origins[("seeds.names", "std")] == "indirect"
    assert origins[("raw.doses", "subject_id")] == "indirect"


def test_a_constant_figure_still_has_the_columns_that_decide_its_rows(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    lineage = traced("FIG-ON-SYSTEM", manifest, warehouse).as_json()["lineage"]
    first = lineage["columns"][0]
    assert (first["column"], first["inputs"], first["status"]) == ("is_on_system", [], "evaluated")
    assert ("raw.subjects", "deleted") in {(o["relation"], o["column"]) for o in lineage["origins"]}


@pytest.mark.parametrize("figure", ["FIG-ON-SYSTEM", "FIG-CORRECT", "FIG-WRONG"])
def test_the_rows_counted_now_make_the_figure_and_its_digest(
    figure: str, manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    trace = traced(figure, manifest, warehouse)
    sql = trace.sql()
    counted = warehouse.execute(sql["count"]).fetchall()
    assert trace.is_as_counted
    assert counted == [(trace.rows.subjects, trace.rows.doses)]
    assert len(warehouse.execute(sql["rows"]).fetchall()) == trace.rows.subjects
    assert sum(trace.rows.by_delivery.values()) == trace.rows.subjects


def test_without_the_digests_key_no_rows_are_those_that_were_counted(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute("reset variable digest_key")
    assert traced("FIG-CORRECT", manifest, warehouse).is_as_counted is False


def test_a_changed_row_shows(
    correct: Trace, manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert correct.is_as_counted
    warehouse.execute("update marts.fct_subjects set _row = _row + 1000 where is_correct")
    trace = traced("FIG-CORRECT", manifest, warehouse)
    assert (trace.rows.subjects, trace.is_as_counted) == (correct.rows.subjects, False)
    assert "KHÔNG · NO" in trace.as_text()


def test_the_sample_is_the_same_every_time_and_holds_addresses_only(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    first, second = (traced("FIG-CORRECT", manifest, warehouse, sample=7) for _ in range(2))
    rows = {tuple(row) for row in warehouse.execute(first.sql()["rows"]).fetchall()}
    sample = first.as_json()["sample"]
    assert first == replace(second, way=first.way)
    assert len(sample) == 7
    assert all(set(address) == {"delivery", "table", "row"} for address in sample)
    assert {tuple(address.values()) for address in sample} <= rows


def test_each_delivery_in_scope_is_named_with_its_bag_and_rows(correct: Trace) -> None:
    deliveries = correct.as_json()["deliveries"]
    assert [(d["id"], d["bag_sha256"]) for d in deliveries] == list(BAGS.items())
    assert deliveries[2]["rows"] == 0
    assert sum(d["rows"] for d in deliveries) == correct.rows.subjects


def test_rows_of_a_delivery_that_nobody_sealed_are_shown_as_such(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    trace = traced("FIG-CORRECT", manifest, warehouse, deliveries={"d1": "ab" * 32})
    assert trace.as_json()["deliveries"][1]["bag_sha256"] is None
    assert "not sealed" in trace.as_text()


def test_the_letters_number_stands_beside_the_figure(
    correct: Trace, manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    letter = correct.as_json()["letter"]
    assert (letter["source"], letter["key"], letter["paragraph"]) == ("BYT", "correct", "1.4")
    assert (letter["subjects"], letter["doses"]) == (9, None)
    assert traced("FIG-WRONG", manifest, warehouse).as_json()["letter"] is None
    assert traced("FIG-CORRECT", manifest, warehouse, letter=None).as_json()["letter"] is None


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (None, "it has no compiled SQL"),
        ("select ((( from", "sqlglot cannot read its SQL"),
        ("pivot x on y", "sqlglot cannot read|not one select|pivots"),
        ("select subject_id from wh.staging.stg_subjects", "no column is_cccd is selected by name"),
    ],
)
def test_what_cannot_be_read_is_not_evaluated_and_nothing_behind_it_is_lost(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection, sql: str | None, reason: str
) -> None:
    manifest["nodes"]["model.tiemchung.cleansing.int_subjects"]["compiled_code"] = sql
    lineage = traced("FIG-CORRECT", manifest, warehouse).as_json()["lineage"]
    steps = {
        step["column"]: step for step in lineage["columns"] if step["relation"] == "cleansing.int_subjects"
    }
    assert not lineage["is_complete"]
    assert steps["is_cccd"]["status"] == "not evaluated"
    assert any(part in steps["is_cccd"]["reason"] for part in reason.split("|"))
    assert {"raw.subjects", "staging.stg_subjects", "seeds.names"} <= {
        r["relation"] for r in lineage["relations"]
    }


def test_a_relation_that_the_project_does_not_know_is_named_as_undeclared(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    del manifest["sources"]["source.tiemchung.verification.answers"]
    lineage = traced("FIG-CORRECT", manifest, warehouse).as_json()["lineage"]
    kinds = {relation["relation"]: relation["kind"] for relation in lineage["relations"]}
    assert kinds["verification.answers"] == "undeclared"
    assert not lineage["is_complete"]


def test_an_unknown_figure_is_refused_with_the_known_ones(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(TraceError, match="FIG-ON-SYSTEM, FIG-CORRECT, FIG-WRONG"):
        traced("FIG-NOWHERE", manifest, warehouse)


def test_models_that_read_each_other_are_refused(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    circle = manifest["nodes"]["model.tiemchung.staging.stg_subjects"]["depends_on"]["nodes"]
    circle.append("model.tiemchung.cleansing.int_subjects")
    with pytest.raises(ManifestError, match="circle"):
        traced("FIG-CORRECT", manifest, warehouse)


def test_a_trace_holds_no_value_of_a_person_and_answers_quickly(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    started = time.perf_counter()
    trace = traced("FIG-WRONG", manifest, warehouse)
    text = json.dumps(trace.as_json(), ensure_ascii=False) + trace.as_text()
    assert time.perf_counter() - started < 3
    assert "name3" not in text
    assert "Name 3" not in text
    assert "1" * 12 not in text


def test_the_digest_recomputed_stands_beside_the_one_that_a_report_sealed(
    correct: Trace, manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = correct.rows
    sealed = Stated("2022-04-05/0123456789ab", "ab" * 32, rows.subjects, rows.doses, rows.digest)
    same = traced("FIG-CORRECT", manifest, warehouse, stated=sealed)
    other = traced("FIG-CORRECT", manifest, warehouse, stated=replace(sealed, digest="0" * 32))
    part = traced("FIG-CORRECT", manifest, warehouse, stated=sealed, where={"_delivery": "d1"})
    assert (correct.is_as_sealed, same.is_as_sealed, other.is_as_sealed) == (None, True, False)
    assert part.is_as_sealed is None
    assert "khớp với báo cáo · as sealed: KHÔNG · NO" in other.as_text()
    assert other.as_json()["rows"]["sealed"]["report"] == "2022-04-05/0123456789ab"
