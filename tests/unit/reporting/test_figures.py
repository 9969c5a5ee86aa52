"""The registry and the counted figures are sound, or refused with every reason."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from orchestration.reporting.figures import (
    Counted,
    FigureError,
    faults_of_sums,
    read_counted,
    read_figures,
)


def columns_of(manifest: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = manifest["nodes"]["model.tiemchung.fct_subjects"]["columns"]
    return columns


def figure_of(manifest: dict[str, Any], column: str) -> dict[str, Any]:
    meta: dict[str, Any] = columns_of(manifest)[column]["config"]["meta"]["figure"]
    return meta


def test_the_registry_holds_the_documented_columns_in_their_order(manifest: dict[str, Any]) -> None:
    figures = read_figures(manifest)
    assert [figure.column for figure in figures] == list(columns_of(manifest))[1:]
    assert (figures[1].id, figures[1].part_of, figures[1].letter) == ("FIG-SENT", "FIG-ON-SYSTEM", "sent")


@pytest.mark.parametrize(
    ("column", "changes", "fault"),
    [
        ("is_sent", {"id": "FIG-ON-SYSTEM"}, "FIG-ON-SYSTEM is registered by 2 columns"),
        ("is_sent", {"id": "fig-sent"}, "`id` should look like FIG-NAME"),
        ("is_sent", {"id": None}, "`id` should be text"),
        ("is_sent", {"vi": " "}, "column is_sent: `vi` should be text"),
        ("is_sent", {"part_of": "FIG-NOWHERE"}, "names FIG-NOWHERE, which is not registered"),
        ("is_on_system", {"part_of": "FIG-SENT"}, "FIG-ON-SYSTEM -> FIG-SENT -> FIG-ON-SYSTEM"),
        ("is_sent", {"part_of": ["FIG-ON-SYSTEM"]}, "`part_of` should be text or null"),
        ("is_sent", {"letter": "on_system"}, "the letter's figure on_system is claimed by 2 figures"),
        ("is_sent", {"partof": "x"}, "unknown fields partof"),
    ],
)
def test_a_faulty_registration_is_refused(
    manifest: dict[str, Any], column: str, changes: dict[str, Any], fault: str
) -> None:
    figure_of(manifest, column).update(changes)
    with pytest.raises(FigureError) as caught:
        read_figures(manifest)
    assert any(fault in found for found in caught.value.faults), caught.value.faults


def test_all_faults_of_the_registry_come_at_once(manifest: dict[str, Any]) -> None:
    figure_of(manifest, "is_sent")["vi"] = None
    figure_of(manifest, "is_with_id")["en"] = None
    columns_of(manifest)["is_not_sent"]["config"]["meta"]["figure"] = "FIG-NOT-SENT"
    with pytest.raises(FigureError) as caught:
        read_figures(manifest)
    assert len(caught.value.faults) >= 3


def test_a_manifest_without_the_fact_or_without_figures_is_refused(manifest: dict[str, Any]) -> None:
    with pytest.raises(FigureError, match="found 0"):
        read_figures({"nodes": {}})
    columns_of(manifest).clear()
    with pytest.raises(FigureError, match="no column"):
        read_figures(manifest)


def counted_in(rows: list[tuple[str | None, ...]], manifest: dict[str, Any]) -> tuple[Counted, ...]:
    with duckdb.connect() as connection:
        connection.execute("create schema report")
        connection.execute(
            "create table report.rpt_figures (figure_id text, subjects bigint, doses bigint, row_digest text)"
        )
        if rows:
            connection.executemany("insert into report.rpt_figures values (?, ?, ?, ?)", rows)
        return read_counted(connection, read_figures(manifest))


def rows_of(manifest: dict[str, Any]) -> list[Any]:
    return [(figure.id, 2, 5, "0f" * 16) for figure in reversed(read_figures(manifest))]


def test_counted_values_come_in_the_registrys_order(manifest: dict[str, Any]) -> None:
    counted = counted_in(rows_of(manifest), manifest)
    assert [value.figure for value in counted] == list(read_figures(manifest))
    assert {(value.subjects, value.doses, value.digest) for value in counted} == {(2, 5, "0f" * 16)}


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], "FIG-SENT is registered but not counted"),
        ([("FIG-OTHER", 1, 1, "0f" * 16)], "FIG-OTHER is counted but not registered"),
        ([("FIG-SENT", 1, 1, "0f" * 16)] * 2, "FIG-SENT is counted 2 times"),
        ([("FIG-SENT", None, 1, "0f" * 16)], "FIG-SENT holds no count"),
        ([("FIG-SENT", 1, 1, "0F")], "FIG-SENT holds no count or no digest"),
    ],
)
def test_unsound_counts_are_refused(manifest: dict[str, Any], rows: list[Any], fault: str) -> None:
    with pytest.raises(FigureError) as caught:
        counted_in(rows, manifest)
    assert fault in str(caught.value)


def test_parts_that_do_not_make_their_parent_are_named(manifest: dict[str, Any]) -> None:
    on_system, sent, not_sent, *_ = read_figures(manifest)
    counted = (
        Counted(on_system, 10, 20, ""),
        Counted(sent, 7, 15, ""),
        Counted(not_sent, 2, 5, ""),
    )
    assert faults_of_sums(counted) == ("FIG-ON-SYSTEM: 10 subjects, but its parts make 9",)
