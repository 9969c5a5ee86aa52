"""OpenLineage's facets, each from one of our facts, in the classes that its Python client generates from its schemas.

Belongs here: the words of the standard. Which dataset or run has which facet is decided by who calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    documentation_dataset,
    documentation_job,
    error_message_run,
    execution_parameters_run,
    job_type_job,
    nominal_time_run,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
    sql_job,
)

from orchestration.interchange.run_record import AssetMade, Judgement, RuleJudged, RunRecord, State
from orchestration.lineage.influence import Influence

PRODUCER = "urn:tiemchung:lineage"
Field = tuple[str, str, str]
"""A column of a dataset: the dataset's namespace and name, and the column's name."""


def run_facets(record: RunRecord) -> dict[str, RunFacet]:
    """What made the run, its number in Dagster, its partition, and the time that stands for."""
    engine = processing_engine_run.ProcessingEngineRunFacet(
        record.engine_version, "dagster", openlineageAdapterVersion=version("tiemchung"), producer=PRODUCER
    )
    named = {"run_id": record.run_id, "partition": record.partition}
    parameters = [
        execution_parameters_run.ExecutionParameter(key, value=value) for key, value in named.items() if value
    ]
    facets: dict[str, RunFacet] = {
        "processing_engine": engine,
        "executionParameters": execution_parameters_run.ExecutionParametersRunFacet(
            parameters, producer=PRODUCER
        ),
    }
    if record.window:
        start, end = (moment.isoformat() for moment in record.window)
        facets["nominalTime"] = nominal_time_run.NominalTimeRunFacet(start, end, producer=PRODUCER)
    return facets


def parent_facet(run_id: str, namespace: str, job: str) -> dict[str, RunFacet]:
    """The run that a part belongs to, which is also the root."""
    facet = parent_run.ParentRunFacet(
        run=parent_run.Run(run_id),
        job=parent_run.Job(namespace, job),
        root=parent_run.Root(run=parent_run.RootRun(run_id), job=parent_run.RootJob(namespace, job)),
        producer=PRODUCER,
    )
    return {"parent": facet}


def error_facet(state: State, errors: Iterable[str]) -> dict[str, RunFacet]:
    """That it failed and by which kind of error. Its words stay at home: a library's may quote a person's data."""
    if state is State.DONE:
        return {}
    message = (
        f"It {state}: {', '.join(errors) or 'see the run'}. What was said lies in Dagster's log of the run."
    )
    facet = error_message_run.ErrorMessageRunFacet(message, "Python", producer=PRODUCER)
    return {"errorMessage": facet}


def job_facets(
    integration: str, kind: str, description: str = "", sql: str | None = None
) -> dict[str, JobFacet]:
    """What kind of job it is, what it is for, and its select where it is one."""
    facets: dict[str, JobFacet] = {
        "jobType": job_type_job.JobTypeJobFacet("BATCH", integration, kind, producer=PRODUCER)
    }
    if description:
        facets["documentation"] = documentation_job.DocumentationJobFacet(description, producer=PRODUCER)
    if sql:
        facets["sql"] = sql_job.SQLJobFacet(sql, dialect="duckdb", producer=PRODUCER)
    return facets


def dataset_facets(made: AssetMade, columns: Mapping[str, str]) -> dict[str, DatasetFacet]:
    """What the dataset is, its columns with their types, and its digest where it has one."""
    facets: dict[str, DatasetFacet] = {}
    if made.description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            made.description, producer=PRODUCER
        )
    if columns:
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name, type=type_) for name, type_ in columns.items()
        ]
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER)
    if made.version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
            made.version, producer=PRODUCER
        )
    return facets


Located = tuple[Field, Influence]
"""A column and how it bears on another, or on which rows there are."""


def column_lineage(columns: Mapping[str, Iterable[Located]], rows: Iterable[Located]) -> DatasetFacet:
    """Which columns each one comes from, and which decide the rows, with the kinds of OpenLineage."""
    return column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={
            name: column_lineage_dataset.Fields(inputFields=_input_fields(inputs))
            for name, inputs in columns.items()
        },
        dataset=_input_fields(rows),
        producer=PRODUCER,
    )


def _input_fields(located: Iterable[Located]) -> list[column_lineage_dataset.InputField]:
    by_field: dict[Field, list[column_lineage_dataset.Transformation]] = defaultdict(list)
    for field, influence in located:
        by_field[field].append(_transformation(influence))
    return [column_lineage_dataset.InputField(*field, each) for field, each in by_field.items()]


def _transformation(influence: Influence) -> column_lineage_dataset.Transformation:
    kind = "DIRECT" if influence.is_direct else "INDIRECT"
    return column_lineage_dataset.Transformation(kind, influence.kind.value, masking=influence.is_masked)


def output_statistics(made: AssetMade) -> dict[str, OutputDatasetFacet]:
    """How many rows there are."""
    if made.rows is None:
        return {}
    facet = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=made.rows, producer=PRODUCER
    )
    return {"outputStatistics": facet}


def assertions(judged: Judgement) -> dict[str, InputDatasetFacet]:
    """What each rule of a gate came to, in counts."""
    facet = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
        [_assertion(rule) for rule in judged.rules], producer=PRODUCER
    )
    return {"dataQualityAssertions": facet}


def _assertion(rule: RuleJudged) -> data_quality_assertions_dataset.Assertion:
    breaking = rule.measured.get("breaking")
    return data_quality_assertions_dataset.Assertion(
        assertion=rule.rule,
        name=rule.rule,
        success=rule.is_passed,
        severity="error" if rule.is_blocking else "warn",
        description=rule.claim or None,
        expected=None if breaking is None else "0",
        actual=None if breaking is None else str(breaking),
        params={"is_evaluated": rule.is_evaluated, **rule.measured},
    )
