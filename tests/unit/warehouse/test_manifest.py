"""When the dbt project counts as parsed, and that what was parsed for one home holds for all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from orchestration.settings import Settings
from orchestration.warehouse import project, transformation


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project that was parsed."""
    (tmp_path / "models").mkdir()
    (tmp_path / "target").mkdir()
    for name in ("models/one.sql", "dbt_project.yml", "profiles.yml", "target/manifest.json"):
        (tmp_path / name).write_text("first", encoding="utf-8")
    monkeypatch.setattr(project, "PROJECT", tmp_path)
    monkeypatch.setattr(project, "MANIFEST", tmp_path / "target" / "manifest.json")
    monkeypatch.setattr(project, "PARSED", tmp_path / "target" / "parsed.sha256")
    project.PARSED.write_text(project.inputs_digest(), encoding="ascii")
    return tmp_path


def test_a_manifest_of_the_same_files_is_current_whatever_their_times(here: Path) -> None:
    os.utime(here / "models" / "one.sql")
    assert project.is_manifest_current()


@pytest.mark.parametrize("name", ["models/one.sql", "dbt_project.yml", "profiles.yml"])
def test_another_content_with_an_older_time_is_not_current(name: str, here: Path) -> None:
    (here / name).write_text("other", encoding="utf-8")
    os.utime(here / name, (0, 0))
    assert not project.is_manifest_current()


@pytest.mark.parametrize("name", ["target/manifest.json", "target/parsed.sha256"])
def test_without_manifest_or_digest_it_is_not_current(name: str, here: Path) -> None:
    (here / name).unlink()
    assert not project.is_manifest_current()


def test_the_profile_for_parsing_is_the_same_for_every_home(tmp_path: Path) -> None:
    profiles = yaml.safe_load((transformation.PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    parsing = profiles["tiemchung"]["outputs"]["parsing"]
    assert "env_var" not in str(parsing)
    home = Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path)})
    assert Path(parsing["path"]).stem == home.warehouse.stem
