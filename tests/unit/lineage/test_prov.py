"""A trace in PROV's words is read back equal by the prov library, and walks from the figure to the bag."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from prov.model import ProvAgent, ProvDerivation, ProvDocument, ProvGeneration, ProvInfluence

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


def test_raw_rows_are_derived_from_the_bag_through_the_dump_of_their_component(
    document: ProvDocument,
) -> None:
    derived = {
        tuple(str(value) for _, value in record.formal_attributes[:2])
        for record in document.get_records(ProvDerivation)
    }
    for bag in BAGS:
        assert ("tc:relation/raw.subjects", f"tc:dump/{bag}/support") in derived
        assert (f"tc:dump/{bag}/support", f"tc:bag/{bag}") in derived


def test_the_registers_answers_are_generated_by_an_exchange_that_names_no_officer(
    document: ProvDocument,
) -> None:
    text = as_prov_json(document)
    made = {
        tuple(str(value) for _, value in record.formal_attributes[:2])
        for record in document.get_records(ProvGeneration)
    }
    assert ("tc:relation/verification.answers", "tc:activity/exchange") in made
    assert {str(agent.identifier) for agent in document.get_records(ProvAgent)} == {
        "tc:agent/vendor", "tc:agent/software", "tc:agent/register",
    }  # fmt: skip
    assert "officer" not in text


def test_a_gate_is_an_activity_that_used_its_relation_and_counts_what_its_rules_came_to(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    gates = [
        {
            "relation": "marts.fct_subjects",
            "rule_id": f"MART-KEY-0{n}",
            "severity": "critical",
            "state": state,
        }
        for n, state in enumerate(("passed", "passed", "failed"))
    ]
    document = document_of(traced("FIG-CORRECT", manifest, warehouse, gates=gates).as_json())
    told = json.loads(as_prov_json(document))["activity"]["tc:activity/gate/marts.fct_subjects"]
    assert (told["tc:passed"]["$"], told["tc:failed"]["$"]) == ("2", "1")


def test_a_bag_came_about_by_the_letters_that_brought_it_and_asked_for_it(
    manifest: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    trace = traced("FIG-CORRECT", manifest, warehouse).as_json()
    asked, brought = (
        {"number": number, "sent_on": "2022-03-08"} for number in ("141/CNTT-DLYT", "BB 1/bàn giao")
    )
    letter = {"brought_by": brought, "asked_by": [asked], "unknown": []}
    document = document_of(
        trace | {"deliveries": [each | {"letter": letter} for each in trace["deliveries"]]}
    )
    influences = {
        (
            *(str(value) for _, value in record.formal_attributes[:2]),
            *map(str, record.get_attribute("prov:type")),
        )
        for record in document.get_records(ProvInfluence)
    }
    letters = {
        ("tc:correspondence/141/CNTT-DLYT", "tc:asked_for"),
        ("tc:correspondence/BB%201/b%C3%A0n%20giao", "tc:brought"),
    }
    assert influences == {(f"tc:bag/{id_}", *letter) for id_ in BAGS for letter in letters}
    assert ProvDocument.deserialize(content=as_prov_json(document), format="json") == document
