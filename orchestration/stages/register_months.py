"""The monthly report of the exchange: counted from the ledger, written as page, spreadsheet and JSON."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from orchestration.installation import Installation
from orchestration.population.account import account_of
from orchestration.population.month import Month
from orchestration.population.reading import read_ledger
from orchestration.reporting.files import replace_file
from orchestration.reporting.register_month import RegisterMonth, register_month
from orchestration.warehouse.project import province_names

PAGE, SPREADSHEET, STATEMENT = "report.html", "report.xlsx", "report.json"


def report_month(installation: Installation, month: Month, at: datetime) -> RegisterMonth:
    """The report of a month as it stands at ``at``; writes nothing.

    Raises :class:`orchestration.population.month.MonthInvalid` for a month that has not begun.
    """
    settings = installation.settings
    with read_ledger(settings.ledger_url) as reading:
        account = account_of(reading, settings.ledger_folder, month, at)
    return register_month(account, province_names(), settings.small_cells)


def keep_month(report: RegisterMonth, folder: Path) -> Path:
    """Write the three forms into ``folder``, each at once or not at all; the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        (SPREADSHEET, report.spreadsheet),
        (STATEMENT, report.json),
        (PAGE, report.page.encode("utf-8")),
    ):
        replace_file(folder / name, content)
    return folder / PAGE


def folder_of(installation: Installation, month: Month) -> Path:
    """Where a month's report lies."""
    return installation.settings.home / "register_months" / str(month)
