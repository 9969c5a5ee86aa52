"""A strict reader of OpenLineage events: into the classes that OpenLineage generates from its published schemas.

A facet is read by the class whose schema it names. Unknown fields, missing ones, other types than the schema's, times
without an offset and URIs without a scheme are refused, so an event that is read here is valid by those schemas.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import attr
from cattrs import Converter
from openlineage.client import generated
from openlineage.client.event_v2 import RunEvent
from openlineage.client.generated.base import (
    BaseFacet,
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
)

KINDS = {"DIRECT": {"IDENTITY", "TRANSFORMATION", "AGGREGATION"},
         "INDIRECT": {"JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"}}  # fmt: skip


def _facets() -> dict[str, type[BaseFacet]]:
    names = [module.name for module in pkgutil.iter_modules(generated.__path__)]
    modules = [importlib.import_module(f"openlineage.client.generated.{name}") for name in names]
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    return {each._get_schema(): each for each in classes if issubclass(each, BaseFacet)}


FACETS = _facets()


def _only(kind: type) -> Any:
    def read(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return read


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, float):
        converter.register_structure_hook(kind, _only(kind))
    return converter


CONVERTER = _converter()


def read_event(told: dict[str, Any]) -> RunEvent:
    """The event, every facet of it in its own class; raises where the schemas would refuse it."""
    assert datetime.fromisoformat(told["eventTime"]).tzinfo is not None
    assert told.pop("schemaURL") == RunEvent._get_schema()
    assert urlsplit(told["producer"]).scheme
    for holder, base, facets in _taken(told):
        for name, facet in facets.items():
            kind = FACETS[facet.pop("_schemaURL")]
            assert issubclass(kind, base), f"{name} is no facet of {holder}"
            _read_facet(facet, kind)
    return CONVERTER.structure(told, RunEvent)


def _taken(told: dict[str, Any]) -> Iterator[tuple[str, type[BaseFacet], dict[str, Any]]]:
    """All facets, taken out of the event: its own classes know only what facets have in common."""
    yield "the run", RunFacet, told["run"].pop("facets", {})
    yield "the job", JobFacet, told["job"].pop("facets", {})
    for dataset in told["inputs"] + told["outputs"]:
        yield "a dataset", DatasetFacet, dataset.pop("facets", {})
    for dataset in told["inputs"]:
        yield "an input", InputDatasetFacet, dataset.pop("inputFacets", {})
    for dataset in told["outputs"]:
        yield "an output", OutputDatasetFacet, dataset.pop("outputFacets", {})


def _read_facet(facet: dict[str, Any], kind: type[BaseFacet]) -> None:
    assert urlsplit(facet["_producer"]).scheme
    for each in _transformations(attr.asdict(CONVERTER.structure(facet, kind))):
        assert each["subtype"] in KINDS[each["type"]]


def _transformations(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for each in part:
            yield from _transformations(each)
    elif isinstance(part, dict):
        yield from part.get("transformations") or ()
        for each in part.values():
            yield from _transformations(each)
