"""The month's report keeps small counts to itself, also where what was asked tells what was answered."""

from __future__ import annotations

from typing import Any

from orchestration.population.account import TABLES, MonthAccount
from orchestration.population.month import Month
from orchestration.reporting.register_month import WORDS, register_month

MONTH = Month.parsed("2022-04")
VERDICTS = ("found_one", "found_several", "found_none", "refused")


def provinces(*rows: tuple[str, int, int, int, int]) -> list[dict[str, Any]]:
    """What is shown of provinces in which everything asked was answered."""
    told = [
        {
            "province_code": code,
            "asked": sum(counts),
            "answered": sum(counts),
            **dict(zip(VERDICTS, counts, strict=True)),
        }
        for code, *counts in rows
    ]
    empty: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    account = MonthAccount(
        MONTH,
        MONTH.ends_at,
        "0" * 64,
        0,
        None,
        empty | {"totals": [dict.fromkeys(WORDS, 0)], "provinces": told},
    )
    shown: list[dict[str, Any]] = register_month(account, {}, 5).statement["tables"]["provinces"]
    return shown


def test_what_was_answered_is_not_told_by_what_was_asked() -> None:
    shown = provinces(("001", 6, 0, 0, 0), ("002", 3, 0, 100, 0), ("003", 50, 0, 60, 0))
    assert shown[0]["found_one"] is None
    assert [(row["asked"] is None, row["answered"] is None) for row in shown] in (
        [(True, True), (True, True), (False, False)],
        [(True, True), (False, False), (True, True)],
    )


def test_a_province_without_small_counts_is_shown_whole_where_none_is_small() -> None:
    (row,) = provinces(("001", 60, 5, 7, 0))
    assert [row[name] for name in ("asked", "answered", *VERDICTS)] == [72, 72, 60, 5, 7, 0]
