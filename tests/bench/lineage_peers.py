"""`python -m tests.bench.lineage_peers --home HOME --peer NAME=PYTHON …`: what others say of the same twelve figures.

Takes a finished home, has dbt write manifest and catalogue for it, asks every peer (``tests/bench/lineage_peer.py``,
each under the Python it is installed in), and sets what they say beside columns proven by experiment
(:mod:`tests.bench.lineage_truth`). Prints Markdown for docs/reference/column-lineage-peers.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lineage.column_lineage import ColumnRef
from orchestration.lineage.project import Name, Project, read_project
from orchestration.lineage.relation import lineage_of
from orchestration.lineage.rows import known_columns
from orchestration.settings import Settings
from orchestration.warehouse.project import PROJECT
from tests.bench.lineage_truth import FACT, Proven, proven

FIGURES = (
    "is_sent", "is_with_id", "is_without_id", "is_with_id_correct", "is_with_id_wrong", "is_with_id_wrong_no_person",
    "is_with_id_wrong_name_dob", "is_with_id_wrong_dob", "is_with_id_wrong_name", "is_with_id_wrong_other",
    "is_without_id_correct", "is_without_id_unverified",
)  # fmt: skip
COUNT = ColumnRef(Name("report", "rpt_figures"), "subjects")
ROWS = ""
"""The column of an edge that tells what decides the rows of a relation."""


@dataclass(frozen=True)
class Said:
    """What one tool says: the parents of each column, and of :data:`ROWS` where it tells what decides rows."""

    peer: str
    seconds: float
    columns: Mapping[ColumnRef, set[ColumnRef]]

    def ends(self, start: ColumnRef, project: Project, *, with_rows: bool) -> set[ColumnRef]:
        """The columns behind ``start`` behind which there is nothing more: of sources, seeds, or of what is unknown."""
        found, waiting, seen = set(), [start], {start}
        while waiting:
            ref = waiting.pop()
            parents = set(self.columns.get(ref, ()))
            if with_rows:
                parents |= self.columns.get(ColumnRef(ref.name, ROWS), set())
            if project.relation(ref.name).sql is None:
                found.add(ref)
                continue
            waiting += parents - seen
            seen |= parents
        return found


def main() -> None:
    """Ask, prove, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lineage_peers", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument(
        "--peer", action="append", default=[], help="NAME=PYTHON, such as colibri=/venv/bin/python"
    )
    asked = parser.parse_args()
    Settings.from_environ({"TIEMCHUNG_HOME": str(asked.home)}).export()
    with tempfile.TemporaryDirectory(prefix="lineage-peers-") as folder:
        manifest = _documented(Path(folder))
        project = read_project(manifest)
        with duckdb.connect(asked.home / "warehouse.duckdb", read_only=True) as connection:
            known = known_columns(connection)
        said = [_ours(project, known)]
        said += [
            _asked(*peer.split("=", 1), Path(folder))
            for peer in ["dagster_dbt=" + sys.executable, *asked.peer]
        ]
    found = proven(asked.home, project, FIGURES)
    print("\n".join(_table(said, found, project, known)))


def _documented(target: Path) -> dict[str, Any]:
    """Manifest with all compiled SQL, and the catalogue, as ``dbt docs generate`` writes them."""
    flags = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target)]
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "docs", "generate", *flags]
    subprocess.run([*command, "--vars", "{as_of: '2022-04-05'}"], check=True)
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text("utf-8"))
    return manifest


def _ours(project: Project, known: Mapping[Name, tuple[str, ...]]) -> Said:
    begun, columns = time.perf_counter(), {}
    for name in project.relations:
        if lineage := lineage_of(project, known, name):
            columns |= {
                ColumnRef(name, c): {each.ref for each in inputs} for c, inputs in lineage.columns.items()
            }
            columns[ColumnRef(name, ROWS)] = {each.ref for each in lineage.rows}
    return Said("this project", time.perf_counter() - begun, columns)


def _asked(peer: str, python: str, target: Path) -> Said:
    script = Path(__file__).with_name("lineage_peer.py")
    done = subprocess.run([python, script, peer, target], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    columns: dict[ColumnRef, set[ColumnRef]] = defaultdict(set)
    for child, column, parent, parent_column in told["edges"]:
        columns[_ref(child, column)].add(_ref(parent, parent_column))
    return Said(told["peer"], told["seconds"], columns)


def _ref(relation: str, column: str) -> ColumnRef:
    schema, _, name = relation.rpartition(".")
    return ColumnRef(Name(schema, name), column)


def _table(
    said: Iterable[Said], truth: Proven, project: Project, known: Mapping[Name, tuple[str, ...]]
) -> Iterator[str]:
    yield f"{sum(map(len, truth.values()))} pairs of a figure and a column were proven."
    yield ""
    yield "| tool | figures in the report's count | found | missed | not proven | no such column | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for each in said:
        counted = {ref.column for ref in each.columns.get(COUNT, ()) if ref.name == FACT} & set(FIGURES)
        for with_rows in (False, True):
            if with_rows and not any(ref.column == ROWS for ref in each.columns):
                continue
            claimed = {f: each.ends(ColumnRef(FACT, f), project, with_rows=with_rows) for f in FIGURES}
            wrong = {f: {ref for ref in refs if not _is_column(ref, known)} for f, refs in claimed.items()}
            numbers = [
                sum(len(claimed[f] & truth[f]) for f in FIGURES),
                sum(len(truth[f] - claimed[f]) for f in FIGURES),
                sum(len(claimed[f] - truth[f] - wrong[f]) for f in FIGURES),
                sum(map(len, wrong.values())),
            ]
            told = f"{each.peer}{', with what decides rows' if with_rows else ''}"
            cells = " | ".join(map(str, numbers))
            yield f"| {told} | {len(counted)} of {len(FIGURES)} | {cells} | {each.seconds:.1f} |"


def _is_column(ref: ColumnRef, known: Mapping[Name, tuple[str, ...]]) -> bool:
    return ref.column in known.get(ref.name, ())


if __name__ == "__main__":
    main()
