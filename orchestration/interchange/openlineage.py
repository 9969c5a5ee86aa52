"""A run as OpenLineage events: one run for the job, one below it for each asset made and each gate passed.

Belongs here: which events there are and what each is about. Facets have a module of their own
(:mod:`orchestration.interchange.openlineage_facets`); where events go is :mod:`orchestration.interchange.receiver`.
The same record gives the same events, ids included, so that telling them again changes nothing for a consumer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import JobFacet
from openlineage.client.uuid import generate_static_uuid

from orchestration.interchange.datasets import Datasets
from orchestration.interchange.openlineage_facets import (
    PRODUCER,
    assertions,
    error_facet,
    job_facets,
    output_statistics,
    parent_facet,
    run_facets,
)
from orchestration.interchange.run_record import AssetMade, Judgement, Part, RunRecord, State

_ENDS = {State.DONE: RunState.COMPLETE, State.FAILED: RunState.FAIL, State.STOPPED: RunState.ABORT}


@dataclass(frozen=True)
class _Teller:
    """Tells of one run; ``namespace`` is that of its jobs."""

    record: RunRecord
    datasets: Datasets
    namespace: str

    def events(self) -> Iterator[RunEvent]:
        """Start of the run, its parts in the order of time, its end."""
        record = self.record
        run = Run(self._run_id, facets=run_facets(record))
        job = Job(self.namespace, record.job, facets=job_facets("DAGSTER", "JOB"))
        yield _event(RunState.START, record.started_at, run, job)
        parts = [event for part in record.assets for event in self._asset(part)]
        parts += [event for part in record.judgements for event in self._judgement(part)]
        yield from sorted(parts, key=lambda event: (event.eventTime, event.eventType is not RunState.START))
        errors = sorted({part.error for part in self._parts() if part.error})
        ended = Run(self._run_id, facets=run_facets(record) | error_facet(record.state, errors))
        yield _event(_ENDS[record.state], record.ended_at, ended, job)

    @property
    def _run_id(self) -> str:
        return _id(self.record.started_at, self.record.run_id)

    def _parts(self) -> Iterable[Part]:
        return (*self.record.assets, *self.record.judgements)

    def _asset(self, made: AssetMade) -> Iterator[RunEvent]:
        sql = self.datasets.sql(made.asset)
        kind = ("DBT", "MODEL") if sql else ("DAGSTER", "ASSET")
        inputs = [InputDataset(id_.namespace, id_.name) for id_ in self.datasets.inputs(made)]
        id_ = self.datasets.identity(made.asset)
        facets = self.datasets.facets(made)
        output = OutputDataset(id_.namespace, id_.name, facets=facets, outputFacets=output_statistics(made))
        yield from self._told(made, made.asset, job_facets(*kind, made.description, sql), inputs, [output])

    def _judgement(self, judged: Judgement) -> Iterator[RunEvent]:
        """Rules are told of the dataset they were judged on, as OpenLineage has it: an input of the run of a gate."""
        id_ = self.datasets.identity(judged.asset)
        inputs = [InputDataset(id_.namespace, id_.name, inputFacets=assertions(judged))]
        name = f"{judged.step}.{judged.asset}"
        yield from self._told(judged, name, job_facets("DAGSTER", "CHECK"), inputs, [])

    def _told(
        self,
        part: Part,
        name: str,
        facets: dict[str, JobFacet],
        inputs: list[InputDataset],
        outputs: list[OutputDataset],
    ) -> Iterator[RunEvent]:
        """Start and end of a part; what was not made is no output, and nothing was judged when it started.

        Both tell all facets of the job: consumers take those of the later event for the whole.
        """
        job = Job(self.namespace, f"{self.record.job}.{name}", facets=facets)
        run_id = _id(part.started_at, f"{self.record.run_id}/{name}")
        above = run_facets(self.record) | parent_facet(self._run_id, self.namespace, self.record.job)
        start = Run(run_id, facets=above)
        read = [InputDataset(each.namespace, each.name) for each in inputs]
        yield _event(RunState.START, part.started_at, start, job, read)
        end = Run(run_id, facets=above | error_facet(part.state, [part.error] if part.error else []))
        made = outputs if part.state is State.DONE else []
        yield _event(_ENDS[part.state], part.ended_at, end, job, inputs, made)


def events_of(record: RunRecord, datasets: Datasets, namespace: str) -> list[RunEvent]:
    """Every event of a run that has ended, in the order of time."""
    return list(_Teller(record, datasets, namespace).events())


def _id(at: datetime, of: str) -> str:
    """A UUID of version 7, which consumers sort by: of the time, and always the same for the same thing."""
    return str(generate_static_uuid(at, of.encode()))


def _event(
    state: RunState,
    at: datetime,
    run: Run,
    job: Job,
    inputs: Iterable[InputDataset] = (),
    outputs: Iterable[OutputDataset] = (),
) -> RunEvent:
    return RunEvent(
        eventType=state,
        eventTime=at.isoformat(),
        run=run,
        job=job,
        inputs=list(inputs),
        outputs=list(outputs),
        producer=PRODUCER,
    )
