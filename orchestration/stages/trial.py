"""Trying values against the cleansing rules: the very models of the warehouse, built on the rows of a CSV file.

What a rule says of a value is the models' business; here files are read, laid out as raw rows, and answers collected.
Answers name rows by their number in the file and carry no other value of it than a proposed repair.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from handover.days import COUNTRY_TIME
from orchestration.settings import Settings
from orchestration.warehouse.aside import build_aside, create_raw, give_addresses, opened, scratch_home
from orchestration.warehouse.errors import WarehouseError
from orchestration.warehouse.rules import newest_rule_set

Answer = dict[str, object]
SQL = Path(__file__).parent / "trials"


@dataclass(frozen=True)
class _Kind:
    """Files of one kind: ``<name>_rows.sql`` makes raw rows of them, ``<name>_answers.sql`` reads the answers."""

    name: str
    columns: tuple[str, ...]
    models: tuple[str, ...]


NAMES = _Kind("names", ("a", "b"), ("int_names",))
IDS = _Kind(
    "ids", ("id_number", "date_of_birth", "sex", "province"), ("int_subject_findings", "int_subjects__typed")
)
DOSES = _Kind("doses", ("subject", "date_of_birth", "vaccine", "injected_on"), ("int_dose_findings",))


def try_names(file: Path, settings: Settings, rule_set: int | None = None) -> list[Answer]:
    """Per row of ``a,b``: whether the names are equal, by which rules, and the class of the pair."""
    return _tried(NAMES, file, settings, None, rule_set)


def try_ids(
    file: Path, settings: Settings, as_of: date | None = None, rule_set: int | None = None
) -> list[Answer]:
    """Per row of ``id_number,date_of_birth,sex,province``: kind, reason, findings and the proposed repair."""
    return _tried(IDS, file, settings, as_of, rule_set)


def try_doses(
    file: Path, settings: Settings, as_of: date | None = None, rule_set: int | None = None
) -> list[Answer]:
    """Per row of ``subject,date_of_birth,vaccine,injected_on``: the findings. A subject's rows are its doses."""
    return _tried(DOSES, file, settings, as_of, rule_set)


def _tried(
    kind: _Kind, file: Path, settings: Settings, as_of: date | None, rule_set: int | None
) -> list[Answer]:
    day = as_of or datetime.now(COUNTRY_TIME).date()
    with scratch_home(settings) as aside:
        with opened(aside.warehouse) as connection:
            _read(connection, file, kind.columns)
            create_raw(connection)
            connection.execute((SQL / f"{kind.name}_rows.sql").read_text(encoding="utf-8"))
            give_addresses(connection, "trial")
        build_aside(aside, kind.models, day, rule_set or newest_rule_set())
        with opened(aside.warehouse) as connection:
            found = connection.execute((SQL / f"{kind.name}_answers.sql").read_text(encoding="utf-8"))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _read(connection: duckdb.DuckDBPyConnection, file: Path, columns: tuple[str, ...]) -> None:
    """The file's rows as the table ``given``, numbered from 1; raises :class:`WarehouseError` for what isn't one."""
    expected = f"a CSV file in UTF-8 whose first line is {','.join(columns)}"
    with _refused(file, expected):
        connection.execute(
            "create table given as select row_number() over () as n, * from read_csv($file, header = true,"
            " all_varchar = true, delim = ',', quote = '\"', escape = '\"', encoding = 'utf-8', comment = '')",
            {"file": str(file)},
        )
        described = connection.execute("describe given").fetchall()
    missing = [column for column in columns if column not in {row[0] for row in described}]
    if missing:
        raise WarehouseError(f"{file.name} has no column {', '.join(missing)}; give {expected}.")


@contextmanager
def _refused(file: Path, expected: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        kind = type(error).__name__
        raise WarehouseError(f"{file.name} could not be read ({kind}); give {expected}.") from None
