"""Parsing and building the dbt project, in this process. Where it lies and its manifests are :mod:`project`.

The manifest is built once, by set-up or before a run, never while definitions are loaded: dbt processes that parse the
same project at the same moment disturb each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from shutil import copyfile
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.events.functions import msg_to_dict

from orchestration.warehouse.errors import WarehouseError, cleaned_text
from orchestration.warehouse.project import MANIFEST, PARSED, PROJECT, inputs_digest, is_manifest_current


def prepare_manifest() -> None:
    """Parse the project when its manifest is missing or old; raises :class:`WarehouseError` with dbt's last words."""
    if not is_manifest_current():
        parsed()


@dataclass(frozen=True)
class Build:
    """What dbt said of what it built: its structured events of results, and why it failed where it did."""

    events: tuple[dict[str, Any], ...]
    failure: str | None

    def raise_on_failure(self) -> None:
        """Raise :class:`WarehouseError` when a model or a test failed."""
        if self.failure is not None:
            raise WarehouseError(self.failure)


def build(names: Iterable[str], as_of: date, target: Path, since: date | None = None) -> Build:
    """Build models and seeds with their tests, as of a day, in this process: starting dbt anew costs 5 s a layer.

    Models that can follow take in the days after ``since``; all are built anew without it. The failure names models and
    tests but masks dbt's words: DuckDB quotes cell values in them.
    """
    events: list[dict[str, Any]] = []
    # A copy, for dbt writes what it compiles into the manifest and does not compile it rightly again.
    dbt = dbtRunner(manifest=parsed().deepcopy(), callbacks=[partial(_keep_results, events)])
    variables = {"as_of": as_of.isoformat()} | ({"since": since.isoformat()} if since else {})
    asked = ["--select", *names, "--vars", json.dumps(variables), "--no-write-json", *_flags(target)]
    done = dbt.invoke(["build", *asked])
    DuckDBConnectionManager.close_all_connections()  # dbt keeps the file open otherwise, and gates read it next
    if done.result is not None:
        # dbt would write its own anew after every layer, for as long as some layers take.
        copyfile(MANIFEST, target / MANIFEST.name)
    return Build(tuple(events), None if done.success else _failure(done))


def _keep_results(events: list[dict[str, Any]], event: Any) -> None:
    """Of some thousand events of a build the few that tell of a model, a seed or a test."""
    if event.info.name in _RESULTS:
        events.append(msg_to_dict(event))


def _failure(done: dbtRunnerResult) -> str:
    failed = [result for result in getattr(done.result, "results", []) if result.status in _FAILED]
    if not failed:
        return f"dbt could not start: {cleaned_text(str(done.exception))}"
    reasons = (f"{r.node.name} ({cleaned_text(r.message or str(r.status))})" for r in failed)
    return f"dbt could not build the layer; mend its data or models, then run again: {', '.join(reasons)}"


_RESULTS = {"LogSeedResult", "LogModelResult", "LogTestResult"}
_FAILED = {"error", "fail", "runtime error", "partial success"}


def parsed() -> Any:
    """dbt's own manifest object of the project as it lies on disk: parsed once in this process while that stays."""
    return _parsed(inputs_digest())


@lru_cache(maxsize=1)
def _parsed(inputs: str) -> Any:
    """Parsing needs some day; each build is told its own."""
    is_current = is_manifest_current()
    arguments = ["--target", "parsing", "--vars", "{as_of: '1970-01-01'}", *_flags(MANIFEST.parent)]
    done = dbtRunner().invoke(["parse", *arguments, "--no-write-json" if is_current else "--write-json"])
    if not done.success:
        raise WarehouseError(f"dbt could not parse the project; mend it, then try again: {done.exception}")
    if not is_current:
        PARSED.write_text(inputs, encoding="ascii")
    return done.result


def _flags(target: Path) -> list[str]:
    return [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target),
        "--log-level", "none", "--log-level-file", "none", "--no-send-anonymous-usage-stats", "--no-version-check",
    ]  # fmt: skip
