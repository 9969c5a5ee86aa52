"""One whole run as a person starts it, shared by the tests that look at what it left behind."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from handover.synthetic.country import make_country
from orchestration import launch
from orchestration.definitions import defs
from orchestration.launch import QUIET
from orchestration.settings import Settings
from orchestration.simulator.process import StandIn

SCALE = "0.0001"
SEED = "1"
TIEMCHUNG = Path(sys.executable).parent / "tiemchung"


def tiemchung(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own; its environment holds no other home."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TIEMCHUNG_", "DAGSTER_"))}
    return subprocess.run(
        [TIEMCHUNG, *arguments], env=clean | environ, capture_output=True, text=True, timeout=280, check=False
    )


@dataclass(frozen=True)
class Home:
    """A home after a complete run, and what the run printed."""

    path: Path
    printed: str

    @property
    def country(self) -> Path:
        """Where the run made its synthetic country."""
        return self.path / "inbox" / f"country-s{SCALE}-n{SEED}"

    def ask(self, *arguments: str) -> Any:
        """The JSON that a verb prints."""
        done = tiemchung(*arguments, "--home", self.path, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def copied(self, to: Path) -> Iterator[Path]:
        """A copy of the home without its inbox, which this process takes for its own while the block lasts."""
        shutil.copytree(self.path, to, ignore=shutil.ignore_patterns("inbox"))
        before = dict(os.environ)
        Settings.from_environ({"TIEMCHUNG_HOME": str(to)}).export()
        try:
            yield to
        finally:
            os.environ.clear()
            os.environ.update(before)


LAYERS = ("seeds", "staging", "cleansing", "verification", "marts", "report")
BY_THE_REGISTER = ("outbox", "batches", "transfers", "answers")


def build_from(layer: str) -> dg.ExecuteInProcessResult:
    """Build a layer and all behind it anew, without the register, in a real run of the home this process has taken."""
    definitions = defs()
    first = 0 if layer == "staging" else LAYERS.index(layer)
    selected = [
        key
        for key in definitions.resolve_asset_graph().get_all_asset_keys()
        if key.path[0] in LAYERS[first:]
        and key.path[1] not in (*BY_THE_REGISTER, "int_requests", "letter_audit", "register_month")
    ]
    with dg.DagsterInstance.get() as instance:
        return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            run_config=QUIET,
            instance=instance,
            asset_selection=selected,
            raise_on_error=False,
            tags=launch.ANEW_TAG,
        )


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The country of the home, for tests that need no finished home."""
    folder = tmp_path_factory.mktemp("country") / "made"
    make_country(folder, scale=float(SCALE), seed=int(SEED))
    return folder


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which ``tiemchung run`` has just succeeded."""
    path = tmp_path_factory.mktemp("journey") / "home"
    done = tiemchung("run", "--home", path, "--scale", SCALE, "--seed", SEED)
    assert done.returncode == 0, done.stdout + done.stderr
    return Home(path, done.stdout)


DAY = "2022-04-06"
TOKEN = "journey"
"""Of every register here: with the same one, registers give the same persons the same superseding tokens."""


@pytest.fixture(scope="session")
def followed(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the home after one more day; its packages lie in the first one's inbox."""
    place = tmp_path_factory.mktemp("days") / "home"
    shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("inbox"))
    follow(home, place, DAY)
    return place


def follow(home: Home, place: Path, day: str) -> None:
    """Run the daily job on a copy of the home."""
    before = dict(os.environ)
    try:
        with StandIn(home.country / "register.parquet", token=TOKEN) as register:
            settings = at(place, home.path / "inbox", register)
            outcome = launch.run_increment(settings, day, lambda *_: None)
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert outcome.is_complete, outcome


def at(home: Path, inbox: Path, register: StandIn | None = None) -> Settings:
    """Settings of a home whose packages come from another one's inbox."""
    values = {"HOME": str(home), "INBOX": str(inbox)}
    if register is not None:
        values |= {"REGISTER_URL": register.url, "REGISTER_TOKEN": register.token}
    return Settings.from_environ({f"TIEMCHUNG_{name}": value for name, value in values.items()})
