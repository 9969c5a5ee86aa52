"""A dump that differs from the contract is described, never crashed on."""

from __future__ import annotations

import pytest

from handover.contract.differences import DifferenceKind, differences
from handover.contract.mapping import load_mapping
from handover.contract.types import family
from handover.findings import Severity
from handover.parts import Component

MAPPING = load_mapping(Component.SUPPORT)


def as_agreed() -> dict[str, dict[str, str]]:
    return {
        table.vendor_table: {column.vendor_column: column.type for column in table.columns}
        for table in MAPPING.tables
    }


def test_a_dump_as_agreed_differs_in_nothing() -> None:
    assert differences(MAPPING, as_agreed()) == ()


@pytest.mark.parametrize(
    ("table", "column", "kind", "severity"),
    [
        ("tiemchung.mui_tiem", None, DifferenceKind.TABLE_MISSING, Severity.CRITICAL),
        ("tiemchung.nhat_ky_dong_bo", None, DifferenceKind.TABLE_MISSING, Severity.MINOR),
        ("tiemchung.doi_tuong", "ho_ten", DifferenceKind.COLUMN_MISSING, Severity.CRITICAL),
        ("tiemchung.doi_tuong", "dia_chi", DifferenceKind.COLUMN_MISSING, Severity.MINOR),
    ],
)
def test_what_is_missing_weighs_by_whether_it_is_required(
    table: str, column: str | None, kind: DifferenceKind, severity: Severity
) -> None:
    tables = as_agreed()
    if column:
        del tables[table][column]
    else:
        del tables[table]

    (found,) = differences(MAPPING, tables)

    assert (found.kind, found.vendor_table, found.vendor_column, found.severity) == (
        kind,
        table,
        column,
        severity,
    )


def test_what_nobody_knows_is_mentioned() -> None:
    tables = as_agreed() | {"tiemchung.moi": {"a": "text"}}
    tables["tiemchung.vac_xin"]["gia"] = "numeric(12,2)"

    found = differences(MAPPING, tables)

    assert {(each.kind, each.vendor_table, each.vendor_column) for each in found} == {
        (DifferenceKind.TABLE_EXTRA, "tiemchung.moi", None),
        (DifferenceKind.COLUMN_EXTRA, "tiemchung.vac_xin", "gia"),
    }
    assert {each.severity for each in found} == {Severity.INFO}


@pytest.mark.parametrize(
    ("column", "found_type", "severity"),
    [
        ("ngay_tiem", "date", None),
        ("ngay_tiem", "text", Severity.MAJOR),
        ("ngay_tao", "timestamp with time zone", None),
        ("ngay_tao", "timestamp(3) without time zone", Severity.MAJOR),
        ("mui_so", "smallint", None),
        ("mui_so", "bigint", None),
        ("mui_so", "numeric(5, 0)", Severity.MAJOR),
        ("so_lo", "character varying(30)", None),
        ("so_lo", "integer", Severity.MINOR),
    ],
)
def test_another_type_matters_when_the_cast_may_fail(
    column: str, found_type: str, severity: Severity | None
) -> None:
    tables = as_agreed()
    tables["tiemchung.mui_tiem"][column] = found_type

    found = differences(MAPPING, tables)

    assert [each.severity for each in found] == ([severity] if severity else [])


@pytest.mark.parametrize("name", ["VARCHAR(20)", "character  varying (20)", "TEXT", "bpchar"])
def test_spellings_of_one_kind_of_type_are_equal(name: str) -> None:
    assert family(name) == "text"


def test_no_tables_at_all_are_the_contract_s_required_ones_missing() -> None:
    found = differences(MAPPING, {})

    assert len(found) == len(MAPPING.tables)
    assert sum(each.severity is Severity.CRITICAL for each in found) == 4


def test_a_name_that_is_alike_is_offered_as_the_new_one() -> None:
    tables = as_agreed()
    renamed = tables["tiemchung.doi_tuong"]
    renamed["so_giay_to_tuy_than"] = renamed.pop("so_giay_to")
    tables["tiemchung.doi_tuong_tiem"] = tables.pop("tiemchung.doi_tuong")
    told = [each.message for each in differences(load_mapping(Component.SUPPORT), tables)]
    assert any("may be called tiemchung.doi_tuong_tiem now" in each for each in told)
    tables["tiemchung.doi_tuong"] = tables.pop("tiemchung.doi_tuong_tiem")
    told = [each.message for each in differences(load_mapping(Component.SUPPORT), tables)]
    assert any("may be called so_giay_to_tuy_than now" in each for each in told)
