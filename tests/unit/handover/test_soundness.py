"""``tiemchung vault verify`` finds any bit of rot and names the file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handover.parts import Component, Deliverable
from handover.vault import Vault
from orchestration import cli, terminal

MakeBag = Callable[..., Path]
Verify = Callable[[], tuple[int, dict[str, Any]]]
NOON = datetime(2022, 4, 8, 12, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path, make_bag: MakeBag) -> Vault:
    """A vault with one accepted delivery and an attestation."""
    from handover.attestations import attest

    vault = Vault(tmp_path / "home/vault")
    vault.receive(make_bag({"source/support/a.py": b"pass\n"}), received_at=NOON)
    vault.accept("vn-test")
    (tmp_path / "build.log").write_text("BUILD SUCCESS")
    place = (Component("support"), Deliverable("source"))
    attest(vault, "vn-test", place, 3, tmp_path / "build.log", "Tổ giám định", NOON)
    return vault


@pytest.fixture
def verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """The command as a person runs it: exit code and JSON."""

    def run() -> tuple[int, dict[str, Any]]:
        home = tmp_path / "home"
        monkeypatch.setattr(sys, "argv", ["tiemchung", "vault", "verify", "--json", "--home", str(home)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return run


def write(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def found(answer: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(each["delivery"], each["path"], each["problem"]) for each in answer["damage"]}


@pytest.mark.usefixtures("vault")
def test_a_sound_vault_is_said_to_be_sound(verify: Verify) -> None:
    code, answer = verify()

    assert code == 0
    assert (answer["is_sound"], answer["deliveries"], answer["damage"], answer["leftovers"]) == (
        True,
        1,
        [],
        [],
    )
    assert answer["objects"] == 3 + 4 + 1  # payload, tag files, evidence


def test_any_flipped_bit_in_any_file_is_found(vault: Vault, tmp_path: Path, verify: Verify) -> None:
    root = tmp_path / "home/vault"
    files = [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]
    assert len(files) == 8 + 2 + 1
    statement = next(root.glob("attestations/*/*.json"))
    for file in files:
        original = file.read_bytes()
        for at in {0, len(original) // 3, len(original) - 1} if file != statement else {0}:
            write(file, original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :])
            code, answer = verify()
            assert code == 1, (file, at)
            assert answer["damage"], (file, at)
        write(file, original)
    assert verify()[0] == 0


@pytest.mark.parametrize("path", ["declaration.yml", "database/support.dump", "source/support/a.py"])
@pytest.mark.parametrize("problem", ["changed", "missing"])
def test_the_delivery_s_file_is_named(vault: Vault, verify: Verify, path: str, problem: str) -> None:
    file = next(each for each in vault.delivery("vn-test").files if str(each.path) == path)
    if problem == "missing":
        file.location.unlink()
    else:
        write(file.location, b"rot")

    code, answer = verify()

    assert code == 1
    assert found(answer) == {("vn-test", path, problem)}


@pytest.mark.parametrize(
    ("name", "problem"), [("seal.json", "missing"), ("seal.json", "changed"), ("accepted", "changed")]
)
def test_a_seal_that_was_touched_is_named(
    vault: Vault, tmp_path: Path, verify: Verify, name: str, problem: str
) -> None:
    file = tmp_path / "home/vault/deliveries/vn-test" / name
    if problem == "missing":
        file.unlink()
    else:
        write(file, file.read_bytes().replace(b"2022-04-08T12", b"2022-04-08T13").replace(b"0", b"1", 1))

    code, answer = verify()

    assert code == 1
    assert ("vn-test", name, problem) in found(answer)


@pytest.mark.usefixtures("vault")
def test_the_time_of_receipt_can_not_be_changed_unseen(tmp_path: Path, verify: Verify) -> None:
    seal = tmp_path / "home/vault/deliveries/vn-test/seal.json"
    write(seal, seal.read_bytes().replace(b"2022-04-08T12", b"2022-04-08T13"))

    assert found(verify()[1]) == {("vn-test", "seal.json", "changed")}


@pytest.mark.usefixtures("vault")
def test_a_seal_without_its_own_digest_is_a_changed_one(tmp_path: Path, verify: Verify) -> None:
    seal = tmp_path / "home/vault/deliveries/vn-test/seal.json"
    facts = json.loads(seal.read_bytes())
    del facts["seal_sha256"]
    write(seal, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())

    assert found(verify()[1]) == {("vn-test", "seal.json", "changed")}


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    "extra", ["objects/ab/note.txt", "objects/ab/" + "ab" * 32, "deliveries/vn-test/b.txt", "c.txt"]
)
def test_a_file_that_nobody_put_there_is_found(tmp_path: Path, verify: Verify, extra: str) -> None:
    file = tmp_path / "home/vault" / extra
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"extra")

    code, answer = verify()

    assert code == 1
    assert found(answer) == {("", extra, "extra")}


def test_a_link_in_the_place_of_an_object_is_found(vault: Vault, tmp_path: Path, verify: Verify) -> None:
    location = vault.delivery("vn-test").files[0].location
    location.rename(tmp_path / "elsewhere")
    location.symlink_to(tmp_path / "elsewhere")

    assert verify()[0] == 1


@pytest.mark.usefixtures("vault")
def test_evidence_that_is_gone_is_found(tmp_path: Path, verify: Verify) -> None:
    from hashlib import sha256

    digest = sha256(b"BUILD SUCCESS").hexdigest()
    (tmp_path / "home/vault/objects" / digest[:2] / digest).unlink()

    code, answer = verify()

    assert code == 1
    assert found(answer) == {("vn-test", "attestations/vn-test/support.source.3.json", "evidence missing")}


@pytest.mark.usefixtures("vault")
def test_a_whole_object_that_a_receipt_left_is_told_but_is_no_damage(tmp_path: Path, verify: Verify) -> None:
    from hashlib import sha256

    digest = sha256(b"left").hexdigest()
    folder = tmp_path / "home/vault/objects" / digest[:2]
    folder.mkdir(exist_ok=True)
    (folder / digest).write_bytes(b"left")

    code, answer = verify()

    assert code == 0
    assert answer["leftovers"] == [digest]


def test_people_read_which_file_it_is(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vault.delivery("vn-test").files[0].location.unlink()
    monkeypatch.setattr(sys, "argv", ["tiemchung", "vault", "verify", "--home", str(tmp_path / "home")])
    monkeypatch.setattr(terminal, "out", terminal.console_of(sys.stdout))

    with pytest.raises(SystemExit, match="1"):
        cli.main()

    assert "vn-test: 'database/support.dump' missing" in capsys.readouterr().out


def test_a_home_without_a_vault_is_no_sound_vault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tiemchung", "vault", "verify", "--home", str(tmp_path)])
    monkeypatch.setattr(terminal, "err", terminal.console_of(sys.stderr))

    with pytest.raises(SystemExit, match="2"):
        cli.main()

    assert "There is no vault" in capsys.readouterr().err
