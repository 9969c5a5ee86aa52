"""A run's record as events: what was made, what failed, what was judged; read strictly each time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openlineage.client.serde import Serde

from orchestration.interchange.datasets import Datasets
from orchestration.interchange.openlineage import events_of
from orchestration.interchange.run_record import AssetMade, Judgement, RuleJudged, RunRecord, State
from orchestration.lineage.column_lineage import ColumnRef
from orchestration.lineage.origin import VendorColumn
from orchestration.lineage.project import Kind, Name, Project, Relation
from tests.openlineage import read_event

AT = datetime(2022, 4, 8, 2, 0, tzinfo=UTC)
RULE = RuleJudged(
    rule="SUB-ID-03", claim="a claim", is_passed=True, is_evaluated=True, is_blocking=True,
    measured={"breaking": 0, "rows": 7},
)  # fmt: skip
MADE = AssetMade(
    asset="cleansing.people", step="build", started_at=AT, ended_at=AT + timedelta(seconds=3), state=State.DONE,
    error=None, reads=("raw.people",), description="People.", rows=7, version=None,
)  # fmt: skip
JUDGED = Judgement(
    asset="cleansing.people", step="gate", started_at=AT, ended_at=AT + timedelta(seconds=4), state=State.DONE,
    error=None, rules=(RULE,),
)  # fmt: skip
RECORD = RunRecord(
    run_id="5bd4f87e-0888-4020-9fe0-fac431ea3b82", job="follow_increment", state=State.DONE, started_at=AT,
    ended_at=AT + timedelta(seconds=9), partition="2022-04-07", window=(AT - timedelta(days=1), AT),
    engine_version="1", assets=(MADE,), judgements=(JUDGED,),
    relations={"raw.people": {"id": "BIGINT", "name": "VARCHAR"}, "cleansing.people": {"key": "VARCHAR"}},
)  # fmt: skip
PEOPLE = Relation(
    Name("cleansing", "people"),
    Kind.MODEL,
    None,
    "table",
    "select md5(name) as key from w.raw.people where id > 0",
    (),
)
DATASETS = Datasets(
    namespace="here",
    warehouse=Path("/data/warehouse.duckdb"),
    relations=RECORD.relations,
    project=Project({PEOPLE.name: PEOPLE}),
    vendor={
        ColumnRef(Name("raw", "people"), "name"): VendorColumn(
            "support", "v.nguoi", "ten", "name", is_personal=True
        )
    },
)

Event = dict[str, Any]


def told(record: RunRecord = RECORD) -> dict[tuple[str, str], Event]:
    """Every event by its job and state, each read strictly."""
    events = [json.loads(Serde.to_json(event)) for event in events_of(record, DATASETS, "here")]
    for event in events:
        read_event(json.loads(json.dumps(event)))
    return {(event["job"]["name"], event["eventType"]): event for event in events}


def test_a_model_is_told_with_its_select_and_how_its_columns_come_about() -> None:
    events = told()
    start = events["follow_increment.cleansing.people", "START"]
    assert start["job"]["facets"]["sql"]["query"].startswith("select md5(name)")
    (output,) = events["follow_increment.cleansing.people", "COMPLETE"]["outputs"]
    assert (output["namespace"], output["name"]) == (
        "duckdb:///data/warehouse.duckdb",
        "warehouse.cleansing.people",
    )
    lineage = output["facets"]["columnLineage"]
    ((given,), (deciding,)) = lineage["fields"]["key"]["inputFields"], lineage["dataset"]
    assert given["transformations"] == [{"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}]
    assert (deciding["field"], deciding["transformations"][0]["subtype"]) == ("id", "FILTER")


def test_raw_rows_are_told_as_the_vendors_columns_under_our_names() -> None:
    raw = replace(MADE, asset="raw.people", reads=("handover.sealed_delivery",))
    events = told(replace(RECORD, assets=(raw,)))
    event = events["follow_increment.raw.people", "COMPLETE"]
    assert {each["name"] for each in event["inputs"]} == {
        "handover/dump/support/v.nguoi",
        "handover/sealed_delivery",
    }
    (given,) = event["outputs"][0]["facets"]["columnLineage"]["fields"]["name"]["inputFields"]
    assert (given["field"], given["transformations"][0]["subtype"]) == ("ten", "IDENTITY")


def test_the_day_of_a_run_is_its_nominal_time() -> None:
    start = told()["follow_increment", "START"]
    assert start["run"]["facets"]["nominalTime"]["nominalEndTime"] == AT.isoformat()
    assert {(t["key"], t["value"]) for t in start["run"]["facets"]["executionParameters"]["parameters"]} == {
        ("run_id", RECORD.run_id),
        ("partition", "2022-04-07"),
    }


def test_what_failed_is_told_as_failed_with_the_kind_of_its_error_and_makes_no_dataset() -> None:
    failed = replace(MADE, state=State.FAILED, error="ConversionException")
    events = told(replace(RECORD, state=State.FAILED, assets=(failed,)))
    event = events["follow_increment.cleansing.people", "FAIL"]
    assert event["outputs"] == []
    assert "ConversionException" in event["run"]["facets"]["errorMessage"]["message"]
    assert (
        "ConversionException"
        in events["follow_increment", "FAIL"]["run"]["facets"]["errorMessage"]["message"]
    )


def test_what_was_stopped_is_told_as_aborted() -> None:
    stopped = replace(MADE, state=State.STOPPED)
    events = told(replace(RECORD, state=State.STOPPED, assets=(stopped,)))
    assert ("follow_increment.cleansing.people", "ABORT") in events
    assert ("follow_increment", "ABORT") in events


def test_start_and_end_tell_the_same_job_and_only_the_end_what_came_of_it() -> None:
    events = told()
    for name in {name for name, _ in events}:
        start, end = events[name, "START"], events[name, "COMPLETE"]
        assert start["job"] == end["job"]
        assert "jobType" in end["job"]["facets"]
        assert start["outputs"] == []
        assert not any(each["inputFacets"] for each in start["inputs"])


def test_a_rule_that_was_not_evaluated_is_no_success() -> None:
    unread = replace(RULE, is_passed=False, is_evaluated=False, measured={})
    judged = replace(JUDGED, state=State.FAILED, error="RuleNotPassed", rules=(RULE, unread))
    events = told(replace(RECORD, judgements=(judged,)))
    (dataset,) = events["follow_increment.gate.cleansing.people", "FAIL"]["inputs"]
    first, second = dataset["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (first["success"], first["severity"], first["actual"], first["params"]["rows"]) == (
        True,
        "error",
        "0",
        7,
    )
    assert (second["success"], second["params"]) == (False, {"is_evaluated": False})


def test_the_same_record_gives_the_same_events() -> None:
    assert told() == told()
