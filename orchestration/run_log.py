"""What Dagster's log holds of a run, as the plain facts of :mod:`orchestration.interchange.run_record`.

Beside ``defs`` and ``launch`` the only module that imports Dagster. It reads; it neither runs nor sends anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import dagster as dg
from dagster import DagsterEventType as Kind

from orchestration.errors import UsageError
from orchestration.interchange.run_record import AssetMade, Judgement, RuleJudged, RunRecord, State
from orchestration.settings import Settings

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
ROW_COUNT, COLUMN_SCHEMA = "dagster/row_count", "dagster/column_schema"
DIGESTS = ("bag_sha256", "seal")
"""Metadata that tells one content of an asset from another."""
MEASURED = "measured_"
SQL_HEADING = "#### Raw SQL:"
"""What dagster-dbt sets between a model's description and its source."""
_STATES = {dg.DagsterRunStatus.SUCCESS: State.DONE, dg.DagsterRunStatus.FAILURE: State.FAILED}


@dataclass
class _Step:
    started_at: datetime
    ended_at: datetime | None = None
    state: State = State.STOPPED
    error: str | None = None


@dataclass
class _Log:
    """The events of one run, sorted by what they tell."""

    steps: dict[str, _Step] = field(default_factory=dict)
    planned: dict[dg.AssetKey, str] = field(default_factory=dict)
    made: dict[dg.AssetKey, tuple[datetime, Mapping[str, Any]]] = field(default_factory=dict)
    rules: dict[tuple[str, dg.AssetKey], dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    judged_at: dict[tuple[str, dg.AssetKey], datetime] = field(default_factory=dict)

    def add(self, event: dg.DagsterEvent, at: datetime) -> None:
        """Take one event in; those of other kinds tell nothing here."""
        key, step = event.asset_key, event.step_key or ""
        if event.event_type is Kind.STEP_START:
            self.steps.setdefault(step, _Step(at))
        elif event.event_type is Kind.STEP_SUCCESS and step in self.steps:
            self.steps[step].ended_at, self.steps[step].state = at, State.DONE
        elif event.event_type is Kind.STEP_FAILURE and step in self.steps:
            self.steps[step].ended_at, self.steps[step].state = at, State.FAILED
            self.steps[step].error = _kind_of_error(event.step_failure_data.error)
        elif event.event_type is Kind.ASSET_MATERIALIZATION_PLANNED and key:
            self.planned[key] = step
        elif event.event_type is Kind.ASSET_MATERIALIZATION and key:
            self.made[key] = (at, event.step_materialization_data.materialization.metadata)
            self.planned[key] = step
        elif event.event_type is Kind.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            self.rules[step, evaluation.asset_key][evaluation.check_name] = evaluation
            self.judged_at[step, evaluation.asset_key] = at


def read_run(instance: dg.DagsterInstance, run_id: str, graph: Any) -> RunRecord | None:
    """The record of a run that has ended; None for one that is unknown, or goes on. ``graph`` is the asset graph."""
    record = instance.get_run_record_by_id(run_id)
    if record is None or record.dagster_run.status not in FINISHED:
        return None
    run, log = record.dagster_run, _read_log(instance, run_id)
    ended = _at(record.end_time or record.update_timestamp.timestamp())
    started = _at(record.start_time) if record.start_time else ended
    partition = run.tags.get("dagster/partition")
    return RunRecord(
        run_id=run_id,
        job=run.job_name.strip("_").lower(),
        state=_STATES.get(run.status, State.STOPPED),
        started_at=started,
        ended_at=ended,
        partition=partition,
        window=_window(graph, log.planned, partition),
        engine_version=version("dagster"),
        assets=tuple(_assets(log, graph, ended)),
        judgements=tuple(_judgements(log, graph, ended)),
        relations=_relations(instance, log, graph),
    )


def recorded_run(settings: Settings, run_id: str | None) -> RunRecord:
    """What is kept of a run of this home that has ended, the last one where none is named.

    Raises :class:`orchestration.errors.UsageError` where there is none.
    """
    from orchestration.definitions import defs  # noqa: PLC0415  -- it reads the manifest, which a run prepares

    with dg.DagsterInstance.get() as instance:
        ended = dg.RunsFilter(statuses=FINISHED)
        last = None if run_id else next(iter(instance.get_runs(ended, limit=1)), None)
        wanted = last.run_id if last else run_id
        record = read_run(instance, wanted, defs().resolve_asset_graph()) if wanted else None
    if record is None:
        raise UsageError(
            f"No such run has ended in {settings.home}; Dagster's page of runs names those that have."
        )
    return record


def _read_log(instance: dg.DagsterInstance, run_id: str) -> _Log:
    log, cursor, has_more = _Log(), None, True
    while has_more:
        page = instance.get_records_for_run(run_id, cursor=cursor, limit=1000)
        for each in page.records:
            if each.event_log_entry.dagster_event:
                log.add(each.event_log_entry.dagster_event, _at(each.event_log_entry.timestamp))
        cursor, has_more = page.cursor, page.has_more
    return log


def _assets(log: _Log, graph: Any, ended: datetime) -> Iterable[AssetMade]:
    """Assets that were made, or whose step was begun; of those whose step never began there is nothing to tell."""
    for key, step_key in log.planned.items():
        step = log.steps.get(step_key)
        if step is None or not graph.has(key):
            continue
        at, metadata = log.made.get(key, (None, {}))
        node = graph.get(key)
        yield AssetMade(
            asset=".".join(key.path),
            step=step_key,
            started_at=step.started_at,
            ended_at=at or step.ended_at or ended,
            state=State.DONE if at else _unmade(step),
            error=None if at else step.error,
            reads=tuple(sorted(".".join(parent.path) for parent in node.parent_keys)),
            description=(node.description or "").split(SQL_HEADING)[0].strip(),
            rows=_value(metadata, ROW_COUNT),
            version=next((_value(metadata, name) for name in DIGESTS if name in metadata), None),
        )


def _unmade(step: _Step) -> State:
    """An asset its step did not make: failed, also where the step itself calls that a success."""
    return State.STOPPED if step.state is State.STOPPED else State.FAILED


def _judgements(log: _Log, graph: Any, ended: datetime) -> Iterable[Judgement]:
    for (step_key, key), evaluations in log.rules.items():
        step = log.steps.get(step_key)
        rules = tuple(_rule(each, graph) for each in evaluations.values())
        is_open = all(rule.is_passed or not rule.is_blocking for rule in rules)
        yield Judgement(
            asset=".".join(key.path),
            step=step_key,
            started_at=step.started_at if step else ended,
            ended_at=log.judged_at[step_key, key],
            state=State.DONE if is_open else State.FAILED,
            error=None if is_open else "RuleNotPassed",
            rules=rules,
        )


def _rule(evaluation: Any, graph: Any) -> RuleJudged:
    spec = graph.get_check_spec(evaluation.asset_check_key)
    measured = {name.removeprefix(MEASURED): _value(evaluation.metadata, name) for name in evaluation.metadata
                if name.startswith(MEASURED)}  # fmt: skip
    return RuleJudged(
        rule=_value(evaluation.metadata, "rule_id") or evaluation.check_name,
        claim=(spec.description or "") if spec else "",
        is_passed=evaluation.passed,
        is_evaluated=_value(evaluation.metadata, "is_evaluated") is not False,
        is_blocking=evaluation.severity is dg.AssetCheckSeverity.ERROR,
        measured={name: value for name, value in measured.items() if isinstance(value, int)},
    )


def _relations(instance: dg.DagsterInstance, log: _Log, graph: Any) -> dict[str, dict[str, str]]:
    """Columns and types by this run's own word, else by the last time an asset was made."""
    found = {}
    for key in graph.get_all_asset_keys():
        metadata = log.made[key][1] if key in log.made else _last_made(instance, key)
        if schema := _value(metadata, COLUMN_SCHEMA):
            found[".".join(key.path)] = {column.name: column.type for column in schema.columns}
    return found


def _last_made(instance: dg.DagsterInstance, key: dg.AssetKey) -> Mapping[str, Any]:
    event = instance.get_latest_materialization_event(key)
    return event.asset_materialization.metadata if event and event.asset_materialization else {}


def _window(
    graph: Any, keys: Iterable[dg.AssetKey], partition: str | None
) -> tuple[datetime, datetime] | None:
    if partition is None:
        return None
    for key in keys:
        definition = graph.get(key).partitions_def if graph.has(key) else None
        if isinstance(definition, dg.TimeWindowPartitionsDefinition) and definition.has_partition_key(
            partition
        ):
            window = definition.time_window_for_partition_key(partition)
            return window.start, window.end
    return None


def _kind_of_error(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.cls_name) if error is not None and error.cls_name else "Unknown"


def _value(metadata: Mapping[str, Any], name: str) -> Any:
    return metadata[name].value if name in metadata else None


def _at(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
