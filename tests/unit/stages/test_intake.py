"""A package in any form is sealed; a hostile one ends the command with a sentence, and nothing is left of either."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration import cli, terminal
from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.stages.intake import PackageNotFound, receive_delivery

NOON = datetime(2022, 4, 8, 12, tzinfo=UTC)
DECLARATION = """\
delivery: vn-test
kind: delivery
vendor: VIETTEL
snapshot_at: "2022-04-05T23:59:59+07:00"
components: {support: {documents: [{path: design.md, kind: design, title: "Thiết kế"}]}}
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path / "home")}))


def a_package(folder: Path, form: str) -> Path:
    files = {"declaration.yml": DECLARATION.encode(), "design.md": b"# Design"}
    package = folder / f"package.{form}"
    if form == "zip":
        with zipfile.ZipFile(package, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    elif form == "tar":
        with tarfile.open(package, "w") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    else:
        package.mkdir()
        for name, content in files.items():
            (package / name).write_bytes(content)
    return package


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["tiemchung", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_package_in_any_form_is_the_same_delivery(installation: Installation, tmp_path: Path) -> None:
    sealed = [
        receive_delivery(installation, "vn-test", a_package(tmp_path, form), NOON)
        for form in ("zip", "tar", "folder")
    ]

    assert len({each.bag_sha256 for each in sealed}) == 1
    assert {str(each.path) for each in sealed[0].files} == {"declaration.yml", "design.md"}
    assert not list(installation.settings.scratch.iterdir())


def test_a_package_of_another_delivery_is_not_taken_for_it(
    installation: Installation, tmp_path: Path
) -> None:
    with pytest.raises(PackageNotFound, match="vn-test, not vn-other"):
        receive_delivery(installation, "vn-other", a_package(tmp_path, "zip"), NOON)

    assert not list(installation.settings.scratch.iterdir())


def test_a_hostile_package_ends_the_command_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("../[/red]escaped", b"evil")
    monkeypatch.setattr(terminal, "err", terminal.console_of(sys.stderr))
    home = tmp_path / "home"

    code = command(
        monkeypatch, "run", "--home", home, "--delivery", package, "--register", "http://127.0.0.1:9"
    )

    said = capsys.readouterr().err
    assert code == 2
    assert "'../[/red]escaped' that leads out of the package" in said
    assert "Traceback" not in said
    assert not list((home / "scratch").iterdir())
    assert not list(tmp_path.rglob("*escaped*"))


def test_a_package_that_is_not_there_ends_the_command_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "err", terminal.console_of(sys.stderr))

    assert command(monkeypatch, "run", "--home", tmp_path / "home", "--delivery", tmp_path / "none.zip") == 2
    assert "none.zip does not exist" in capsys.readouterr().err
