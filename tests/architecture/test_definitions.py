"""What Dagster sees: every asset where it belongs, and the graph as it was last agreed upon."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

SNAPSHOT = Path(__file__).parent / "graph.json"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    from orchestration.settings import Settings
    from orchestration.warehouse.transformation import prepare_manifest

    before = dict(os.environ)
    Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path_factory.mktemp("home"))}).export()
    try:
        prepare_manifest()
        from orchestration.definitions import defs

        yield defs()
    finally:
        os.environ.clear()
        os.environ.update(before)


def as_data(graph: dg.Definitions) -> dict[str, dict[str, object]]:
    assets = graph.resolve_asset_graph()
    return {
        "/".join(key.path): {
            "group": assets.get(key).group_name,
            "parents": sorted("/".join(parent.path) for parent in assets.get(key).parent_keys),
            "partitions": type(assets.get(key).partitions_def).__name__
            if assets.get(key).partitions_def
            else None,
            "blocking_checks": sorted(
                check.name for check in assets.get(key).check_keys if assets.get_check_spec(check).blocking
            ),
        }
        for key in sorted(assets.get_all_asset_keys())
    }


def test_graph_is_the_one_agreed_upon(graph: dg.Definitions) -> None:
    """To agree upon a change: `python -m tests.architecture.snapshot` and commit the difference."""
    assert as_data(graph) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_lies_in_its_stage_with_owner_and_description(graph: dg.Definitions) -> None:
    assets = graph.resolve_asset_graph()
    for key in assets.get_all_asset_keys():
        node = assets.get(key)
        assert node.is_materializable, f"{key} is referred to but made by nobody"
        assert node.group_name == key.path[0]
        assert len(key.path) == 2
        assert node.owners
        assert node.description, f"{key} has no description"
        assert node.kinds


def test_every_stage_is_guarded_by_a_gate(graph: dg.Definitions) -> None:
    guarded = {name.split("/")[0] for name, facts in as_data(graph).items() if facts["blocking_checks"]}
    assert {"handover", "raw", "staging", "cleansing", "verification", "marts", "report"} <= guarded


def test_schedules_go_by_the_clock_of_viet_nam(graph: dg.Definitions) -> None:
    schedules = {each.name: each for each in graph.get_repository_def().schedule_defs}
    assert {name: (each.cron_schedule, each.execution_timezone) for name, each in schedules.items()} == {
        "nightly_increment": ("0 2 * * *", "Asia/Ho_Chi_Minh"),
        "morning_obligations": ("0 6 * * *", "Asia/Ho_Chi_Minh"),
        "register_month": ("0 3 1 * *", "Asia/Ho_Chi_Minh"),
    }


@pytest.mark.filterwarnings("ignore:.*run_request_for_partition.*:DeprecationWarning")  # Dagster's own call
def test_the_nightly_run_is_of_the_day_that_has_just_ended(graph: dg.Definitions) -> None:
    two_in_the_morning = datetime(2022, 4, 9, 2, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    schedule = graph.get_repository_def().get_schedule_def("nightly_increment")
    with dg.build_schedule_context(scheduled_execution_time=two_in_the_morning) as context:
        asked = schedule.evaluate_tick(context).run_requests or []
    assert [request.partition_key for request in asked] == ["2022-04-08"]


def test_columns_are_told_when_they_are_made(graph: dg.Definitions) -> None:
    """Dagster's UI shows a definition's words on a column in place of those that say where it comes from."""
    assets = graph.resolve_asset_graph()
    told = [key for key in assets.get_all_asset_keys() if "dagster/column_schema" in assets.get(key).metadata]
    assert told == []


def test_every_test_of_dbt_is_a_check_of_an_asset(graph: dg.Definitions) -> None:
    """One that reads several relations is no check unless it says whose; Dagster then only observes it."""
    from orchestration.warehouse.project import read_manifest

    nodes = read_manifest()["nodes"].values()
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    checks = {key.name for key in graph.resolve_asset_graph().asset_check_keys}
    assert sorted(tests - checks) == []


def test_every_run_that_takes_the_warehouse_can_be_told_from_a_killed_one(graph: dg.Definitions) -> None:
    """Whoever takes the installation holds the run's file."""
    everything = graph.resolve_implicit_global_asset_job_def()
    writers = [step for step in everything.all_node_defs if step.pools == {"warehouse"}]
    assert len(writers) > len("layers")
    assert [step.name for step in writers if "installation" not in step.required_resource_keys] == []


def test_a_run_is_one_process(graph: dg.Definitions) -> None:
    """What holds a run's file, and what keeps one step from beside another, is that."""
    jobs = graph.resolve_all_job_defs()
    assert {job.executor_def.name for job in jobs} == {"in_process"}
