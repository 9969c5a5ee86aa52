"""Personal data stays in vault, lake, warehouse, ledger and the country itself: never in logs, metadata, reports."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.journey.conftest import Home

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

DATABASES = {"warehouse.duckdb", "published.duckdb", "ledger.sqlite"}
KEPT_BY_DESIGN = {"vault", "lake", "inbox", "ledger", "secrets", *DATABASES}
NUMBER = re.compile(r"(?<!\d)\d{9,12}(?!\d)")
WORD = re.compile(r"[^\W\d_]+")


def public_texts(home: Home) -> Iterator[tuple[Path, str]]:
    for path in sorted(home.path.rglob("*")):
        top = path.relative_to(home.path).parts[0].split(".sqlite")[0]
        if path.is_file() and not {top, path.relative_to(home.path).parts[0]} & (KEPT_BY_DESIGN | {"ledger"}):
            if path.read_bytes()[:16] == b"SQLite format 3\0":
                with sqlite3.connect(path) as database:
                    yield path, "\n".join(database.iterdump())
            else:
                yield path, path.read_bytes().decode("utf-8", errors="ignore")


def leaks_in(home: Home, texts: Iterable[tuple[object, str]]) -> list[tuple[object, str]]:
    """Where a name, a number or a phone of the home's subjects stands in a text."""
    with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "select full_name, id_number, phone from raw.subjects union all select full_name_std, null, null"
            " from cleansing.int_subjects"
        ).fetchall()
    names = {tuple(word.lower() for word in WORD.findall(row[0])) for row in rows if row[0]}
    names = {name for name in names if len(name) >= 3}
    numbers = {re.sub(r"\D", "", value) for row in rows for value in row[1:] if value}
    assert len(names) > 1000
    assert len(numbers) > 1000
    leaks: list[tuple[object, str]] = []
    for where, text in texts:
        words = [word.lower() for word in WORD.findall(text)]
        spoken = {tuple(words[i : i + n]) for n in (3, 4, 5) for i in range(len(words) - n + 1)}
        leaks += [(where, "name")] if spoken & names else []
        leaks += [(where, "number")] if set(NUMBER.findall(text)) & numbers else []
    return leaks


def test_nothing_public_holds_a_name_a_number_or_a_phone(home: Home) -> None:
    assert leaks_in(home, public_texts(home)) == []
