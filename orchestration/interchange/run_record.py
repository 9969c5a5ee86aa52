"""What a run did, as plain facts that other tools' formats are written from: assets made, rules judged, steps failed.

Belongs here: the words of such a record. Reading it from Dagster is :mod:`orchestration.run_log`, writing it as events
:mod:`orchestration.interchange.openlineage`. Names, counts, types and digests only; no value of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a run or a part of it ended."""

    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Part:
    """A part of a run: one asset, or the rules judged on one. ``error`` is the kind of error, never its words."""

    asset: str
    step: str
    started_at: datetime
    ended_at: datetime
    state: State
    error: str | None


@dataclass(frozen=True)
class AssetMade(Part):
    """An asset (``stage.name``) that was made or was to be. ``reads`` are assets; ``version`` is a digest of it."""

    reads: tuple[str, ...]
    description: str
    rows: int | None
    version: str | None


@dataclass(frozen=True)
class RuleJudged:
    """One rule's result. Not evaluated is not passed; ``measured`` are counts."""

    rule: str
    claim: str
    is_passed: bool
    is_evaluated: bool
    is_blocking: bool
    measured: Mapping[str, int]


@dataclass(frozen=True)
class Judgement(Part):
    """The rules that one step judged on one asset."""

    rules: tuple[RuleJudged, ...]


@dataclass(frozen=True)
class RunRecord:
    """A run that has ended. ``window`` is the time its partition stands for, where that is a time.

    ``relations`` holds the columns and types of every asset that is a relation, as it was last made.
    """

    run_id: str
    job: str
    state: State
    started_at: datetime
    ended_at: datetime
    partition: str | None
    window: tuple[datetime, datetime] | None
    engine_version: str
    assets: tuple[AssetMade, ...]
    judgements: tuple[Judgement, ...]
    relations: Mapping[str, Mapping[str, str]]
