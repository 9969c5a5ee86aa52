"""A trace in PROV's words is read back equal by the prov library, and walks from the figure to the bag."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from prov.model import ProvDerivation, ProvDocument

from orchestration.interchange.prov import as_prov_json, document_of
from tests.unit.lineage.test_trace import BAGS, traced


@pytest.fixture
def document(manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection) -> ProvDocument:
    return document_of(traced("FIG-CORRECT", manifest, warehouse).as_json())


def test_the_prov_library_reads_back_what_was_written(document: ProvDocument) -> None:
    assert ProvDocument.deserialize(content=as_prov_json(document), format="json") == document


def test_every_delivery_is_reached_from_the_figure_by_derivation(document: ProvDocument) -> None:
    derived: dict[str, set[str]] = {}
    for record in document.get_records(ProvDerivation):
        made, used = (str(value) for _, value in record.formal_attributes[:2])
        derived.setdefault(made, set()).add(used)
    reached, ahead = set(), ["tc:figure/FIG-CORRECT"]
    while ahead:
        name = ahead.pop()
        reached.add(name)
        ahead.extend(derived.get(name, set()) - reached)
    assert {f"tc:bag/{id_}" for id_ in BAGS} <= reached


def test_rows_and_their_addresses_stay_out(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    trace = traced("FIG-CORRECT", manifest, warehouse).as_json()
    assert trace["sample"]
    assert as_prov_json(document_of(trace)) == as_prov_json(document_of(trace | {"sample": []}))


def test_a_trace_without_a_letter_or_delivery_is_still_a_document(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    trace = traced("FIG-WRONG", manifest, warehouse).as_json() | {"deliveries": []}
    text = as_prov_json(document_of(trace))
    assert "tc:letter" not in text
    assert "tc:activity/import" not in text
