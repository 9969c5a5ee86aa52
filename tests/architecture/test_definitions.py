"""What Dagster sees: every asset where it belongs, and the graph as it was last agreed upon."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

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
