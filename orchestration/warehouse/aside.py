"""A warehouse beside the installation's: the models built once on other rows, or by an older rule set.

Nothing of it touches the home. dbt runs as a process of its own, because it keeps one database open in each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from handover.contract.mapping import load_mappings
from orchestration.settings import Settings
from orchestration.warehouse.errors import WarehouseError, cleaned, cleaned_text
from orchestration.warehouse.project import PROJECT
from orchestration.warehouse.rules import variables_of

ADDRESS = "_delivery varchar, _table varchar, _row bigint, _increment_on date"


@contextmanager
def scratch_home(settings: Settings) -> Iterator[Settings]:
    """Settings of a home that is gone when the block ends; children of this process see it meanwhile."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="aside-", dir=settings.scratch) as folder:
        aside = settings.at(Path(folder))
        aside.export()
        try:
            yield aside
        finally:
            settings.export()


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse aside; DuckDB's errors leave as :class:`WarehouseError`, without values."""
    try:
        with closing(duckdb.connect(warehouse)) as connection:
            yield connection
    except duckdb.Error as error:
        raise WarehouseError(f"The rows could not be judged: {cleaned(error)}") from None


def create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every raw relation of the contract that is not there yet, without rows."""
    connection.execute("create schema if not exists raw")
    for table in (table for mapping in load_mappings() for table in mapping.tables):
        columns = ", ".join([*(f"{c.name} {c.type}" for c in table.columns), ADDRESS])
        connection.execute(f"create table if not exists raw.{table.name} ({columns})")


def give_addresses(connection: duckdb.DuckDBPyConnection, package: str) -> None:
    """Number the rows of every raw table: the models know a row by its address."""
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    for (table,) in tables:
        set_address = "set _delivery = $package, _table = $name, _row = rowid + 1"
        connection.execute(f"update raw.{table} {set_address}", {"package": package, "name": table})


def build_aside(aside: Settings, models: Iterable[str], as_of: date, rule_set: int) -> None:
    """Build models with all before them (no tests) in a home that is :func:`scratch_home`'s, by a rule set.

    Raises :class:`WarehouseError` with dbt's last words, masked: they may quote values.
    """
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", "--quiet",
        "--exclude-resource-type", "test", "--select", *(f"+{model}" for model in models),
        "--vars", json.dumps({"as_of": as_of.isoformat()} | variables_of(rule_set)),
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(aside.home / "target"), "--log-path", str(aside.home / "logs"),
        "--no-send-anonymous-usage-stats", "--no-version-check",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join(line for line in done.stdout.splitlines() if "Error" in line) or done.stderr
        raise WarehouseError(f"dbt could not build the models: {cleaned_text(said)}")
