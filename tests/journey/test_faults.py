"""Broken input and a register that is down: a sentence, nothing half-registered, and success once it is mended."""

import shutil
from pathlib import Path

import bagit
import pytest

from tests.journey.conftest import tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("faults")]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def bag(country: Path, tmp_path: Path) -> Path:
    """A delivery of one's own beside its register and letter."""
    folder = tmp_path / "own"
    shutil.copytree(country / "delivery", folder / "delivery")
    for name in ("register.parquet", "letter.yml"):
        shutil.copyfile(country / name, folder / name)
    return folder / "delivery"


def run(bag: Path, home: Path, *more: str) -> tuple[int, str]:
    done = tiemchung("run", "--home", home, "--delivery", bag, *more, TIEMCHUNG_REGISTER_TOKEN="t")
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_faults_are_told_and_the_same_command_succeeds_once_they_are_mended(
    bag: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    dump = bag / "data" / "database" / "support.dump"
    whole = dump.read_bytes()

    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    dump.write_bytes(flipped)
    code, said = run(bag, home)
    assert code in (1, 2)
    assert "support.dump" in said
    assert not list((home / "vault" / "deliveries").glob("*"))

    dump.write_bytes(whole[: len(whole) * 2 // 3])
    bagit.Bag(str(bag)).save(manifests=True)
    code, said = run(bag, home)
    assert code in (1, 2)
    assert "support" in said
    assert not list((home / "vault" / "deliveries").glob("*/accepted"))
    assert not (home / "reports").exists()

    dump.write_bytes(whole)
    bagit.Bag(str(bag)).save(manifests=True)
    code, said = run(bag, home, "--register", NOBODY)
    assert code == 1
    assert NOBODY.removeprefix("http://") in said or "register" in said
    assert not (home / "reports").exists()

    code, said = run(bag, home)
    assert code == 0, said
    assert "FIG-SENT" in said


@pytest.mark.parametrize("content", [None, b"", b"not a letter: [", b"figures: {a: {subjects: -1}}\n"])
def test_unusable_letters_are_told_in_a_sentence(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "letter.yml"
    if content is not None:
        file.write_bytes(content)
    done = tiemchung("letter", "audit", file)
    assert done.returncode == 2
    assert "letter.yml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_delivery_without_any_register_is_refused_before_anything_is_done(
    bag: Path, tmp_path: Path
) -> None:
    (bag.parent / "register.parquet").unlink()
    code, said = run(bag, tmp_path / "home")
    assert code == 2
    assert "--register" in said
