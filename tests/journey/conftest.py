"""One whole run as a person starts it, shared by the tests that look at what it left behind."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which ``tiemchung run`` has just succeeded."""
    path = tmp_path_factory.mktemp("journey") / "home"
    done = tiemchung("run", "--home", path, "--scale", SCALE, "--seed", SEED)
    assert done.returncode == 0, done.stdout + done.stderr
    return Home(path, done.stdout)
