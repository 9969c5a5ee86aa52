"""The register's statistics are believed only in the contract's form; everything else is refused in a sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.failures import exit_code_of
from orchestration.population.errors import CallerInvalid, RegisterUnavailable, StatisticsInvalid
from orchestration.population.statistics import DayTotals, fetch, parse, read

DAY = {"day": "2022-04-06", "batches": 1, "repeats": 0, "rows": 5, "refused": 0, "found": 3, "several": 1}


def told(**changed: Any) -> bytes:
    return json.dumps({"days": [{**DAY, **changed}]}).encode()


def test_days_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_bytes(told())
    assert read(tmp_path / "s.json") == {date(2022, 4, 6): DayTotals(1, 0, 5, 0, 3, 1)}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no list of days"),
        (b'{"days": {}}', "no list of days"),
        (b'{"days": ["Nguyen Van A"]}', "entry 1"),
        (b'{"days": [{}]}', "entry 1"),
        (told(more=1), "entry 1"),
        (told(rows=-1), "whole numbers"),
        (told(rows=True), "whole numbers"),
        (told(rows=5.0), "whole numbers"),
        (told(rows=10**30), "whole numbers"),
        (told(found=9), "more answers than rows"),
        (told(batches=0), "rows without a batch"),
        (told(day="6.4.2022"), "day of entry 1"),
        (told(day=20220406), "day of entry 1"),
        (told(day="2022-02-30"), "day of entry 1"),
        (json.dumps({"days": [DAY, DAY]}).encode(), "tells a day again"),
        (b" " * 9_000_000, "longer than"),
    ],
)
def test_anything_else_is_refused_in_a_sentence_that_repeats_nothing(content: bytes, problem: str) -> None:
    with pytest.raises(StatisticsInvalid, match=problem) as refused:
        parse(content)
    assert "Nguyen" not in str(refused.value)
    assert exit_code_of(refused.value) == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatisticsInvalid, match="readable"):
        read(tmp_path)


def test_the_token_does_not_travel_in_the_clear() -> None:
    with pytest.raises(CallerInvalid, match="https"):
        fetch("http://register.example", "secret")


def test_a_register_that_is_down_is_said_to_be_down() -> None:
    with pytest.raises(RegisterUnavailable, match="--statistics"):
        fetch("http://127.0.0.1:9", "secret")
