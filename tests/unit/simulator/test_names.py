"""The register's own rule of equal names, as a table."""

from __future__ import annotations

import unicodedata

import duckdb
import pytest

from orchestration.simulator.names import define_name_keys

NAME = "Nguyễn Thuý Hoà"


def is_equal(one: str, other: str) -> bool:
    with duckdb.connect() as connection:
        define_name_keys(connection)
        connection.execute(
            "create table spellings as select unnest([$one, $other]) as name", {"one": one, "other": other}
        )
        keys = dict(connection.execute("from name_keys('spellings')").fetchall())
    return keys[one] == keys[other]


@pytest.mark.parametrize(
    "other",
    [
        "NGUYỄN THUÝ HOÀ",
        "  nguyễn   thuý hoà ",
        "Nguyễn\u00a0Thuý\u200b Hoà",
        "Nguyễn Thúy Hòa",
        unicodedata.normalize("NFD", NAME),
        "Nguyễn\tThuý\nHoà",
    ],
)
def test_spellings_of_one_name_are_equal(other: str) -> None:
    assert is_equal(NAME, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NAME, "Nguyễn Thuý Hoá"),
        (NAME, "Nguyễn Thuý Hoa"),
        (NAME, "Nguyen Thuy Hoa"),
        (NAME, "Thuý Nguyễn Hoà"),
        (NAME, "Nguyễn Thuỳ Hoá"),
        (NAME, "Nguyễn Thuý"),
        (NAME, "Nguyễn Thuý Hoà Hoà"),
        ("Lê Lê An", "Lý Lý An"),
        ("Huyền", "Huyển"),
        ("Đạt", "Dạt"),
        ("Tân", "Tăn"),
        ("Lý", "Lí"),
        ("Thư", "Thu"),
        ("Hoà An", "Hoa Àn"),
    ],
)
def test_names_of_different_people_are_not(one: str, other: str) -> None:
    assert not is_equal(one, other)


def test_the_icelandic_eth_is_read_as_d_with_stroke() -> None:
    assert is_equal("Đặng Đạt", "Ðặng ðạt")
