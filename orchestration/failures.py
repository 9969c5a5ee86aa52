"""Which errors are sentences for the person at the keyboard, and the exit code each ends the command with."""

from __future__ import annotations

from handover.errors import HandoverError
from handover.synthetic.errors import SynthesisError
from orchestration.errors import UsageError
from orchestration.interchange.errors import NotReceivedError
from orchestration.lineage.membership import RowUnknown
from orchestration.lineage.project import ManifestError
from orchestration.lineage.trace import TraceError
from orchestration.population.errors import RegisterError, StatisticsInvalid
from orchestration.population.month import MonthInvalid
from orchestration.reporting.figures import FigureError
from orchestration.reporting.letters import LetterError
from orchestration.reporting.report import ReportError
from orchestration.simulator.errors import SimulatorError
from orchestration.variables import SettingsError
from orchestration.warehouse.errors import WarehouseError

BAD_INPUT = (
    HandoverError,
    LetterError,
    ManifestError,
    MonthInvalid,
    RowUnknown,
    SettingsError,
    SimulatorError,
    StatisticsInvalid,
    SynthesisError,
    TraceError,
    UsageError,
    WarehouseError,
)
NO = (FigureError, NotReceivedError, RegisterError, ReportError)


def exit_code_of(error: Exception) -> int | None:
    """2 for bad usage or input, 1 where the answer is no, None for what nobody foresaw."""
    if isinstance(error, BAD_INPUT):
        return 2
    return 1 if isinstance(error, NO) else None
