"""`<a peer's python> tests/bench/lineage_peer.py PEER TARGET`: what a peer says of the columns of a dbt project.

TARGET holds manifest.json, catalog.json and compiled/. Prints JSON: the peer's version, the seconds it took after its
imports, and its edges, child to parent, as ``[relation, column, relation, column]`` with ``schema.name`` relations.
Runs under the peer's own interpreter, so it imports nothing of this project.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

Edges = list[tuple[str, str, str, str]]


def relations(manifest: dict[str, Any]) -> dict[str, str]:
    """``schema.name`` by dbt's unique id."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    kinds = ("model", "seed", "source")
    return {id_: f"{n['schema']}.{n['name']}" for id_, n in nodes.items() if n["resource_type"] in kinds}


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def dagster_dbt(target: Path, manifest: dict[str, Any]) -> tuple[str, float, Edges]:
    """The function behind ``.fetch_column_metadata()``, given the columns of the catalogue that it else fetches."""
    from dagster_dbt import DagsterDbtTranslator
    from dagster_dbt.core.dbt_cli_event import EventHistoryMetadata, _build_column_lineage_metadata

    catalog = json.loads((target / "catalog.json").read_text("utf-8"))
    known = {**catalog["nodes"], **catalog["sources"]}
    nodes = {**manifest["nodes"], **manifest["sources"]}

    class Translator(DagsterDbtTranslator):
        def get_asset_key(self, dbt_resource_props: Any) -> Any:
            import dagster as dg

            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def columns(id_: str) -> dict[str, Any]:
        found = known.get(id_, {}).get("columns", {})
        return {name.lower(): {"data_type": column["type"]} for name, column in found.items()}

    edges, begun = [], time.perf_counter()
    for node in models(manifest):
        if node["config"]["materialized"] == "ephemeral":
            continue  # never run, so never asked
        parents = {
            nodes[id_]["relation_name"]: columns(id_) for id_ in node["depends_on"]["nodes"] if columns(id_)
        }
        history = EventHistoryMetadata(columns=columns(node["unique_id"]), parents=parents)
        try:
            told = _build_column_lineage_metadata(history, node, manifest, Translator(), target, None)
        except Exception as error:  # noqa: BLE001 - a peer that fails on a model says nothing of it
            print(f"{node['name']}: {type(error).__name__}", file=sys.stderr)
            continue
        lineage = told["dagster/column_lineage"] if told else None
        for column, deps in (lineage.value if hasattr(lineage, "value") else lineage).deps_by_column.items():
            for dep in deps:
                edges.append(
                    (
                        f"{node['schema']}.{node['name']}",
                        column,
                        ".".join(dep.asset_key.path),
                        dep.column_name,
                    )
                )
    return f"dagster-dbt {version('dagster-dbt')}", time.perf_counter() - begun, edges


def openlineage(target: Path, manifest: dict[str, Any]) -> tuple[str, float, Edges]:
    """The parser behind ``dbt-ol``, called as its processor calls it: the compiled SQL of each model, nothing else."""
    from openlineage_sql import parse

    edges, begun = [], time.perf_counter()
    for node in models(manifest):
        parsed = parse([node["compiled_code"]])
        for item in parsed.column_lineage if parsed else ():
            for meta in item.lineage:
                if meta.origin:
                    parent = ".".join(part for part in (meta.origin.schema, meta.origin.name) if part)
                    edges.append(
                        (f"{node['schema']}.{node['name']}", item.descendant.name, parent, meta.name)
                    )
    return f"openlineage-dbt {version('openlineage-dbt')}", time.perf_counter() - begun, edges


def colibri(target: Path, manifest: dict[str, Any]) -> tuple[str, float, Edges]:
    """``colibri generate`` as a command; an edge to no column tells of a filter or join."""
    command = [str(Path(sys.executable).parent / "colibri"), "generate", "--disable-telemetry", "--light"]
    with tempfile.TemporaryDirectory() as folder:
        places = ["--manifest", str(target / "manifest.json"), "--catalog", str(target / "catalog.json")]
        begun = time.perf_counter()
        subprocess.run([*command, *places, "--output-dir", folder], check=True, stdout=sys.stderr)
        taken = time.perf_counter() - begun
        told = json.loads((Path(folder) / "colibri-manifest.json").read_text("utf-8"))
    names = relations(manifest)
    edges = [
        (
            names[edge["target"]],
            edge["targetColumn"],
            names.get(edge["source"], edge["source"]),
            edge["sourceColumn"],
        )
        for edge in told["lineage"]["edges"]
    ]
    return f"dbt-colibri {version('dbt-colibri')}", taken, edges


def dbt_column_lineage(target: Path, manifest: dict[str, Any]) -> tuple[str, float, Edges]:
    """The class behind its server, asked for every column of every model."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "target").symlink_to(target.resolve())
        os.environ |= {"DBT_PROJECT_DIR": folder, "SQLGLOT_DIALECT": "duckdb"}
        from dbt_column_lineage.lineage import DbtSqlglot

        schemas = {name.split(".")[1]: name for name in relations(manifest).values()}
        begun = time.perf_counter()
        edges: set[tuple[str, str, str, str]] = set()
        for node in models(manifest):
            for column in DbtSqlglot(logging.getLogger("peer")).columns_by_source(node["name"]):
                edges |= _asked(DbtSqlglot(logging.getLogger("peer")), node["name"], column, schemas)
    return f"dbt-column-lineage {version('dbt-column-lineage')}", time.perf_counter() - begun, sorted(edges)


def _asked(peer: Any, name: str, column: str, schemas: dict[str, str]) -> set[tuple[str, str, str, str]]:
    try:
        peer.column_lineage(name, column, revs=False)
    except Exception as error:  # noqa: BLE001 - a peer that fails on a column says nothing of it
        print(f"{name}.{column}: {type(error).__name__}", file=sys.stderr)
    told = peer.ret_edges_nodes()
    nodes = {node["id"]: node["data"]["name"].lower() for node in told["nodes"]}
    found = set()
    for edge in told["edges"]:
        child, parent = (nodes.get(edge[end], edge[end]) for end in ("source", "target"))
        columns = [edge[end].rsplit("__", 1)[0].lower() for end in ("sourceHandle", "targetHandle")]
        found.add((schemas.get(child, child), columns[0], schemas.get(parent, parent), columns[1]))
    return found


PEERS = {each.__name__: each for each in (dagster_dbt, openlineage, colibri, dbt_column_lineage)}

if __name__ == "__main__":
    folder = Path(sys.argv[2])
    with (folder / "manifest.json").open(encoding="utf-8") as file:
        name, seconds, found = PEERS[sys.argv[1]](folder, json.load(file))
    print(
        json.dumps({"peer": name, "seconds": seconds, "edges": [[p.lower() for p in edge] for edge in found]})
    )
