"""The main job as a person starts it: choose the inputs, have a register, run through Dagster, show what came of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from handover.bag import identify_bag, read_bag
from handover.days import snapshot_day
from handover.packages import opened_package
from orchestration import console, launch
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.instance import active_runs
from orchestration.progress import step_progress
from orchestration.reporting.seal import LATEST, report_json
from orchestration.settings import Register, Settings
from orchestration.simulator.process import StandIn
from orchestration.stages import publication
from orchestration.stages.completeness import completeness_as_of
from orchestration.stages.site import site_of
from orchestration.warehouse.scope import recorded_as_of, recorded_packages

WORKSPACE = Path(__file__).parents[1] / "workspace.yaml"


@dataclass(frozen=True)
class Inputs:
    """What a run starts from: a package, and a register's address in the settings or persons for the stand-in."""

    settings: Settings
    package: Path
    persons: Path | None


@dataclass(frozen=True)
class Journey:
    """What came of it: the outcome of each Dagster run, and the home where everything lies."""

    installation: Installation
    outcomes: tuple[launch.RunOutcome, ...]

    @property
    def exit_code(self) -> int:
        """0 when every run was complete, 1 otherwise."""
        return 0 if all(outcome.is_complete for outcome in self.outcomes) else 1

    def as_json(self) -> dict[str, Any]:
        """Runs with what failed in them, and the report where there is one."""
        runs = [
            {
                "run_id": outcome.run_id,
                "is_complete": outcome.is_complete,
                "failures": list(outcome.failures),
                "failed_checks": list(outcome.failed_checks),
                "missing_assets": list(outcome.missing_assets),
                "notices": list(outcome.notices),
            }
            for outcome in self.outcomes
        ]
        report = report_json(publication.latest_report(self.installation)) if self.exit_code == 0 else None
        return {"runs": runs, "report": report}

    def show(self, out: Console) -> None:
        """Matrix, gates, figures, letter audit, and where to look next; or what stopped the run."""
        for notice in (notice for outcome in self.outcomes for notice in outcome.notices):
            out.print(f"! {notice}", markup=False, highlight=False, soft_wrap=True)
        out.print(console.matrix(completeness_as_of(self.installation, None)))
        out.print(console.gates(publication.latest_verdicts(self.installation)))
        if self.exit_code:
            for outcome in self.outcomes:
                lines = console.failure_lines(outcome.failures, outcome.failed_checks, outcome.missing_assets)
                out.print(*lines, sep="\n", highlight=False, soft_wrap=True)
            return
        report = publication.latest_report(self.installation)
        out.print(console.figures(report.statement))
        for audited in publication.audit_letters(self.installation):
            lines = console.letter_findings(audited["source"], audited["findings"])
            out.print(*lines, sep="\n", highlight=False, soft_wrap=True)
        steps = console.next_steps(
            self.installation.settings.home,
            report.page,
            site_of(self.installation, report) / "index.html",
            next(figure["id"] for figure in report.figures if figure["part_of"]),
        )
        out.print(*steps, sep="\n", highlight=False, soft_wrap=True)


def choose_inputs(
    settings: Settings,
    delivery: Path | None,
    register: str | None,
    letter: Path | None,
    scale: float,
    seed: int,
    err: Console,
) -> Inputs:
    """A synthetic country made in the inbox, or the delivery given with the register and letter that lie beside it.

    Raises :class:`UsageError` when a delivery of one's own comes without any register to ask.
    """
    package = delivery.resolve() if delivery else _synthetic_delivery(settings, scale, seed, err)
    if not package.exists():
        raise UsageError(f"{package} does not exist; name a BagIt bag, a folder, or a zip or tar archive.")
    beside_letter = letter or package.parent / "letter.yml"
    settings = replace(settings, letter=beside_letter.resolve() if beside_letter.exists() else None)
    if register and register.startswith(("http://", "https://")):
        return Inputs(replace(settings, register=replace(settings.register, url=register)), package, None)
    persons = Path(register).resolve() if register else package.parent / "register.parquet"
    if not register and settings.register.url:
        return Inputs(settings, package, None)
    if not persons.is_file():
        raise UsageError(
            f"There is no register to ask: {persons} does not exist. Give --register an address (http…) "
            "or the persons' Parquet file of a stand-in."
        )
    return Inputs(settings, package, persons)


def travel(inputs: Inputs, through: date | None, err: Console, *, is_anew: bool = False) -> Journey:
    """Run the main job, then the daily job for each day up to ``through``; stops at the first run that fails.

    Where the latest report is of this delivery and an earlier day, only the days after it are run. ``is_anew`` starts
    with the delivery whatever there is, and builds every relation anew.
    """
    with ExitStack() as stack:
        bag = stack.enter_context(opened_package(inputs.package, inputs.settings.scratch))
        delivery = identify_bag(bag)
        settings = stack.enter_context(_register(inputs.settings, inputs.persons))
        installation = Installation(settings)
        _keep_letter(installation)
        with step_progress(err) as on_step:
            reported = None if is_anew or through is None else _reported_day(installation, delivery, bag)
            outcomes = []
            if through is None or reported is None or reported >= through:
                outcomes.append(launch.run_delivery(settings, delivery, bag, on_step, is_anew=is_anew))
                reported = None
            for day in _days(installation, delivery, reported, through):
                if not outcomes or outcomes[-1].is_complete:
                    outcomes.append(launch.run_increment(settings, day, on_step))
    return Journey(installation, tuple(outcomes))


def serve_interface(settings: Settings, port: int, err: Console) -> int:
    """Dagster's UI and daemon on this home until interrupted; a stand-in register beside it where none is set."""
    launch.prepare(settings)
    active_runs.free_what_killed_runs_hold(settings)
    persons = max(settings.inbox.glob("*/register.parquet"), key=lambda p: p.stat().st_mtime, default=None)
    with _register(settings, None if settings.register.url else persons) as configured:
        configured.export()
        err.print(f"Dagster: http://127.0.0.1:{port}  (Ctrl-C: kết thúc · stop)", highlight=False)
        command = [
            sys.executable,
            "-m",
            "dagster",
            "dev",
            "-w",
            str(WORKSPACE),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ]
        try:
            return subprocess.run(command, check=False).returncode
        except KeyboardInterrupt:
            return 0


@contextmanager
def _register(settings: Settings, persons: Path | None) -> Iterator[Settings]:
    if persons is None:
        yield settings
        return
    with StandIn(persons) as stand_in:
        yield replace(settings, register=_at(settings.register, stand_in.url, stand_in.token))


def _at(register: Register, url: str, token: str) -> Register:
    return replace(register, url=url, token=token)


def _synthetic_delivery(settings: Settings, scale: float, seed: int, err: Console) -> Path:
    """Make the country in a process of its own, and load what the run needs meanwhile."""
    country = settings.inbox / f"country-s{scale:g}-n{seed}"
    if (country / "delivery").is_dir():
        return country / "delivery"
    err.print(f"  Tạo quốc gia giả lập · making a synthetic country of scale {scale:g}", highlight=False)
    command = [sys.executable, "-m", "orchestration.cli", "synth", "--json"]
    command += ["--out", str(country), "--scale", str(scale), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as maker:
        launch.warm_up(settings)
        said = maker.communicate()[1]
    if maker.returncode != 0:
        raise UsageError(f"The synthetic country could not be made: {said.strip().splitlines()[-1:]}")
    return country / "delivery"


def _keep_letter(installation: Installation) -> None:
    installation.settings.home.mkdir(parents=True, exist_ok=True)
    if installation.settings.letter is None:
        installation.kept_letter.unlink(missing_ok=True)
    elif installation.settings.letter != installation.kept_letter:
        shutil.copyfile(installation.settings.letter, installation.kept_letter)


def _reported_day(installation: Installation, delivery: str, bag: Path) -> date | None:
    """The day of the latest report, where it is of this very package and the warehouse stands there; else None."""
    if not (installation.settings.reports / LATEST).exists() or not installation.settings.warehouse.exists():
        return None
    report = publication.latest_report(installation)
    with installation.warehouse.connect() as connection:
        stands_at = recorded_as_of(connection), recorded_packages(connection)
    is_same = (
        read_bag(bag)[0].bag_sha256
        == installation.vault.delivery(report.statement["deliveries"][0]["id"]).bag_sha256
    )
    is_there = is_same and stands_at == (
        report.as_of,
        [each["id"] for each in report.statement["deliveries"]],
    )
    return report.as_of if is_there and stands_at[1][0] == delivery else None


def _days(
    installation: Installation, delivery: str, reported: date | None, through: date | None
) -> list[str]:
    """The days after the one reported (None: after the delivery's own) up to ``through``."""
    if through is None:
        return []
    first = (reported or snapshot_day(installation.vault.delivery(delivery))) + timedelta(days=1)
    return [str(first + timedelta(days=n)) for n in range((through - first).days + 1)]
