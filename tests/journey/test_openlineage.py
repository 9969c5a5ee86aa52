"""A whole run told as OpenLineage events: valid by the schemas, complete, true, and without personal data."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from openlineage.client.serde import Serde
from typer.testing import CliRunner

from expectations.verdict import State
from orchestration.cli import app
from orchestration.definitions import defs
from orchestration.defs.sensors import openlineage
from orchestration.installation import Installation
from orchestration.interchange.errors import NotReceivedError
from orchestration.launch import QUIET
from orchestration.run_log import recorded_run
from orchestration.settings import Settings
from orchestration.stages.judgement import latest_outcomes
from orchestration.stages.lineage_events import openlineage_events
from tests.journey.conftest import Home
from tests.journey.test_personal_data import leaks_in
from tests.openlineage import read_event

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

Event = dict[str, Any]
UNREAD = ("int_subjects__current", "int_subjects__typed", "int_doses__current", "int_doses", "int_outcomes")
"""Views whose rows are not counted when they are made, for that would be to make them."""


@pytest.fixture(scope="module")
def settings(home: Home) -> Iterator[Settings]:
    before = dict(os.environ)
    settings = Settings.from_environ({"TIEMCHUNG_HOME": str(home.path)})
    settings.export()
    yield settings
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def events(settings: Settings) -> list[Event]:
    settings.export()
    told = openlineage_events(Installation(settings), recorded_run(settings, None))
    return [json.loads(Serde.to_json(event)) for event in told]


def facets(events: list[Event], asset: str, job: str = "import_delivery") -> Event:
    """The dataset facets of an asset as it was made."""
    return next(event["outputs"][0]["facets"] for event in events if made(event) == f"{job}.{asset}")


def made(event: Event) -> str | None:
    return event["job"]["name"] if event["outputs"] else None


def test_every_event_is_valid_by_the_published_schemas(events: list[Event]) -> None:
    for event in events:
        read_event(json.loads(json.dumps(event)))


def test_every_run_starts_once_and_ends_once_below_the_run_of_the_job(events: list[Event]) -> None:
    states = defaultdict(list)
    for event in events:
        states[event["run"]["runId"]].append(event["eventType"])
    assert {tuple(told) for told in states.values()} == {("START", "COMPLETE")}
    root = events[0]["run"]["runId"]
    parents = {event["run"]["facets"].get("parent", {}).get("run", {}).get("runId") for event in events[1:-1]}
    assert (events[-1]["run"]["runId"], parents) == (root, {root})
    assert [event["eventTime"] for event in events] == sorted(event["eventTime"] for event in events)


def test_every_asset_of_the_job_is_told_of(events: list[Event]) -> None:
    selected = defs().resolve_job_def("import_delivery").asset_layer.executable_asset_keys
    assert {made(event) for event in events} - {None} == {
        f"import_delivery.{'.'.join(k.path)}" for k in selected
    }


def test_every_model_has_its_columns_their_inputs_and_its_select(events: list[Event]) -> None:
    models = {
        e["job"]["name"] for e in events if e["job"]["facets"].get("jobType", {}).get("jobType") == "MODEL"
    }
    assert len(models) > 25
    for event in (event for event in events if made(event) in models):
        told = event["outputs"][0]["facets"]
        assert {field["name"] for field in told["schema"]["fields"]} == set(told["columnLineage"]["fields"])
        if not str(made(event)).endswith(UNREAD):
            assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] >= 0


def test_models_that_follow_a_day_have_columns_and_inputs_too(followed: Path, settings: Settings) -> None:
    there = Settings.from_environ({"TIEMCHUNG_HOME": str(followed)})
    there.export()
    try:
        told = openlineage_events(Installation(there), recorded_run(there, None))
    finally:
        settings.export()
    events = [json.loads(Serde.to_json(event)) for event in told]
    assert facets(events, "verification.int_changes__outcomes", "follow_increment")["columnLineage"]["fields"]
    test_every_model_has_its_columns_their_inputs_and_its_select(events)
    inputs = facets(events, "verification.int_changes__outcomes", "follow_increment")["columnLineage"]
    named = {each["name"] for each in inputs["fields"]["subject_id"]["inputFields"] + inputs["dataset"]}
    assert named == {"warehouse.cleansing.int_changes", "warehouse.verification.transfers"}


def test_every_input_of_a_column_is_a_column_of_a_dataset_that_was_told_of(events: list[Event]) -> None:
    known = {
        (output["namespace"], output["name"], field["name"])
        for event in events
        for output in event["outputs"]
        for field in output["facets"].get("schema", {}).get("fields", [])
    }
    for event in events:
        for output in event["outputs"]:
            lineage = output["facets"].get("columnLineage", {"fields": {}, "dataset": []})
            fields = [each for field in lineage["fields"].values() for each in field["inputFields"]]
            for each in fields + lineage["dataset"]:
                is_vendors = each["name"].startswith("handover/dump/")
                assert is_vendors or (each["namespace"], each["name"], each["field"]) in known


def kinds(fields: list[Event]) -> set[tuple[str, str, str, bool]]:
    return {
        (each["name"].split(".")[-1], each["field"], way["subtype"], way["masking"])
        for each in fields
        for way in each["transformations"]
    }


def test_a_figures_way_is_told_with_what_only_filters_and_what_is_masked(events: list[Event]) -> None:
    fact = facets(events, "marts.fct_subjects")["columnLineage"]
    assert ("outcome_classes", "report_class", "TRANSFORMATION", False) in kinds(
        fact["fields"]["is_with_id_correct"]["inputFields"]
    )
    assert ("int_subjects", "subject_id", "TRANSFORMATION", True) in kinds(
        fact["fields"]["row_hash_high"]["inputFields"]
    )
    assert ("int_outcomes", "subject_id", "JOIN", False) in kinds(fact["dataset"])
    counted = facets(events, "report.rpt_figures")["columnLineage"]["fields"]["subjects"]["inputFields"]
    assert ("fct_subjects", "is_with_id_correct", "FILTER", False) in kinds(counted)


def test_raw_rows_lead_to_the_vendors_table_in_the_sealed_delivery(
    settings: Settings, events: list[Event]
) -> None:
    (given,) = facets(events, "raw.subjects")["columnLineage"]["fields"]["full_name"]["inputFields"]
    assert (given["name"], given["field"]) == ("handover/dump/support/tiemchung.doi_tuong", "ho_ten")
    sealed = facets(events, "handover.sealed_delivery")["version"]["datasetVersion"]
    assert sealed in {package.bag_sha256 for package in Installation(settings).vault.deliveries()}


def test_every_rule_of_every_gate_is_told_with_its_result(settings: Settings, events: list[Event]) -> None:
    told = {
        (dataset["name"].removeprefix("warehouse."), each["name"], each["success"])
        for event in events
        for dataset in event["inputs"]
        for each in dataset.get("inputFacets", {}).get("dataQualityAssertions", {}).get("assertions", [])
    }
    kept = latest_outcomes(Installation(settings), None)
    assert {(each.relation, each.rule_id, each.state is State.PASSED) for each in kept} <= told


def test_no_event_holds_a_name_a_number_or_a_phone(home: Home, events: list[Event]) -> None:
    assert leaks_in(home, [("events", json.dumps(events, ensure_ascii=False))]) == []


def test_the_verb_writes_the_same_run_as_the_same_events_in_place_of_what_the_file_held(
    settings: Settings, events: list[Event], tmp_path: Path
) -> None:
    named = {
        tag["key"]: tag["value"] for tag in events[0]["run"]["facets"]["executionParameters"]["parameters"]
    }
    out = tmp_path / "events.ndjson"
    for _ in range(2):
        asked = [
            "lineage",
            "openlineage",
            "--home",
            str(settings.home),
            "--run",
            named["run_id"],
            "--out",
            str(out),
        ]
        done = CliRunner().invoke(app, [*asked, "--json"])
        assert json.loads(done.stdout)["events"] == len(events)
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == events


def test_dagster_shows_where_a_column_comes_from(settings: Settings) -> None:
    with dg.DagsterInstance.get() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey(["marts", "fct_subjects"]))
    assert made is not None
    assert made.asset_materialization is not None
    metadata = made.asset_materialization.metadata
    deps = metadata["dagster/column_lineage"].value.deps_by_column["is_with_id_correct"]
    assert dg.TableColumnDep(dg.AssetKey(["seeds", "outcome_classes"]), "report_class") in deps
    assert "cleansing.int_subjects.id_class" in str(metadata["rows_decided_by"].value)
    (told,) = (c for c in metadata["dagster/column_schema"].value.columns if c.name == "is_with_id_correct")
    documented, _, inputs = (told.description or "").partition(" ← ")
    assert documented
    assert "seeds.outcome_classes.report_class" in inputs


def test_a_run_of_the_daemon_is_told_by_the_sensor_and_waits_for_a_receiver_that_is_down(
    home: Home, tmp_path: Path
) -> None:
    with home.copied(tmp_path / "home") as path, dg.DagsterInstance.get() as instance:
        definitions = defs()
        repository = definitions.get_repository_def()

        def look(receiver: Path, cursor: str | None) -> Any:
            told = Settings.from_environ(
                {"TIEMCHUNG_HOME": str(path), "TIEMCHUNG_OPENLINEAGE": str(receiver)}
            )
            context = dg.build_sensor_context(instance, cursor, repository_def=repository)
            return openlineage(context, installation=Installation(told), clock=definitions.resources["clock"])

        before = look(tmp_path / "events.ndjson", None).cursor
        job = definitions.resolve_job_def("judge_obligations")
        run = job.execute_in_process(run_config=QUIET, instance=instance)
        with pytest.raises(NotReceivedError):
            look(tmp_path / "missing" / "events.ndjson", before)
        after = look(tmp_path / "events.ndjson", before).cursor
        look(tmp_path / "events.ndjson", after)
    lines = [json.loads(line) for line in (tmp_path / "events.ndjson").read_text("utf-8").splitlines()]
    told = [(line["job"]["name"], line["eventType"]) for line in lines]
    assert (told[0], told[-1]) == (("judge_obligations", "START"), ("judge_obligations", "COMPLETE"))
    assert told.count(("judge_obligations.handover.obligations", "COMPLETE")) == 1
    assert {tag["value"] for tag in lines[0]["run"]["facets"]["executionParameters"]["parameters"]} == {
        run.run_id
    }
