"""What the vault holds is what was received, whatever happens on the way."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from handover.errors import (
    BagRefused,
    DeclarationRefused,
    DeliveryConflict,
    DeliveryUnknown,
    HandoverError,
    VaultDamaged,
)
from handover.parts import DeliveryKind
from handover.vault import Vault

MakeBag = Callable[..., Path]
NOON = datetime(2022, 4, 8, 12, tzinfo=UTC)
LATER = datetime(2022, 4, 9, 12, tzinfo=UTC)


class KilledError(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def everything(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


def test_a_sealed_delivery_says_what_was_received(vault: Vault, make_bag: MakeBag) -> None:
    sealed = vault.receive(make_bag({"source/support/a.py": b"pass\n"}), received_at=NOON)

    assert (sealed.id, sealed.kind, sealed.received_at) == ("vn-test", DeliveryKind.DELIVERY, NOON)
    assert sealed.snapshot_at == datetime.fromisoformat("2022-04-05T23:59:59+07:00")
    assert [str(each.path) for each in sealed.files] == [
        "database/support.dump",
        "declaration.yml",
        "source/support/a.py",
    ]
    assert sealed.files[2].location.read_bytes() == b"pass\n"
    assert sealed.files[2].size == 5
    assert not sealed.is_accepted
    assert vault.deliveries() == (sealed,)


def test_objects_and_seals_are_read_only(vault: Vault, make_bag: MakeBag, tmp_path: Path) -> None:
    vault.receive(make_bag(), received_at=NOON)

    files = [path for path in (tmp_path / "vault").rglob("*") if path.is_file() and path.name != "lock"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}


def test_equal_files_are_kept_once(vault: Vault, make_bag: MakeBag) -> None:
    sealed = vault.receive(make_bag({"a": b"same", "b": b"same"}), received_at=NOON)

    assert sealed.files[0].location == sealed.files[1].location


def test_the_same_bag_again_changes_nothing(vault: Vault, make_bag: MakeBag, tmp_path: Path) -> None:
    bag = make_bag()
    first = vault.receive(bag, received_at=NOON)
    before = everything(tmp_path / "vault")

    assert vault.receive(bag, received_at=LATER) == first
    assert everything(tmp_path / "vault") == before


def test_the_same_bag_with_a_flipped_bit_is_refused_even_when_it_is_known(
    vault: Vault, make_bag: MakeBag
) -> None:
    bag = make_bag({"a": b"1"})
    vault.receive(bag, received_at=NOON)
    (bag / "data/a").write_bytes(b"2")

    with pytest.raises(BagRefused, match="data/a differs"):
        vault.receive(bag, received_at=NOON)


@pytest.mark.parametrize("path", ["data/a", "bag-info.txt", "manifest-sha256.txt", "data/declaration.yml"])
def test_a_refused_bag_leaves_nothing_behind(
    vault: Vault, make_bag: MakeBag, tmp_path: Path, path: str
) -> None:
    bag = make_bag({"a": b"1"})
    with (bag / path).open("ab") as file:
        file.write(b"!")

    with pytest.raises(BagRefused):
        vault.receive(bag, received_at=NOON)

    assert vault.deliveries() == ()
    assert not list((tmp_path / "vault").glob("incoming/*"))
    with pytest.raises(DeliveryUnknown, match="Receive its bag first"):
        vault.delivery("vn-test")


def test_bag_and_declaration_are_refused_together(vault: Vault, make_bag: MakeBag) -> None:
    bag = make_bag({"a": b"1", "declaration.yml": b"kind: gift"})
    (bag / "data/a").write_bytes(b"2")

    with pytest.raises(BagRefused) as refusal:
        vault.receive(bag, received_at=NOON)

    assert "data/a differs" in str(refusal.value)
    assert "kind should be one of" in str(refusal.value)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (b"kind: gift", "kind should be one of"),
        (b"", "should hold a mapping"),
    ],
)
def test_a_bad_declaration_is_refused(vault: Vault, make_bag: MakeBag, declared: bytes, said: str) -> None:
    with pytest.raises(DeclarationRefused, match=said):
        vault.receive(make_bag({"declaration.yml": declared}), received_at=NOON)


def test_a_bag_without_a_declaration_is_refused(
    vault: Vault, make_bag: MakeBag, rewrite_manifests: Callable[[Path], None]
) -> None:
    bag = make_bag()
    (bag / "data/declaration.yml").unlink()
    rewrite_manifests(bag)

    with pytest.raises(DeclarationRefused, match=r"declaration.yml is missing"):
        vault.receive(bag, received_at=NOON)


def test_bag_and_declaration_must_mean_the_same_delivery(
    vault: Vault, make_bag: MakeBag, declaration: str
) -> None:
    bag = make_bag({"declaration.yml": declaration.replace("vn-test", "vn-other").encode()})

    with pytest.raises(DeclarationRefused, match="vn-other"):
        vault.receive(bag, received_at=NOON)


def test_an_id_that_looks_withdrawn_is_refused(vault: Vault, make_bag: MakeBag) -> None:
    with pytest.raises(DeclarationRefused, match="may not contain"):
        vault.receive(make_bag(delivery="vn.withdrawn-1"), received_at=NOON)


def test_other_content_under_an_accepted_id_is_refused(vault: Vault, make_bag: MakeBag) -> None:
    first = vault.receive(make_bag(), received_at=NOON)
    assert vault.accept("vn-test").is_accepted

    with pytest.raises(DeliveryConflict, match="new delivery id"):
        vault.receive(make_bag({"a": b"other"}, name="other"), received_at=LATER)

    assert vault.delivery("vn-test").bag_sha256 == first.bag_sha256


def test_a_mended_bag_takes_the_place_of_one_never_accepted(
    vault: Vault, make_bag: MakeBag, tmp_path: Path
) -> None:
    broken = vault.receive(make_bag({"a": b"broken"}), received_at=NOON)
    mended = vault.receive(make_bag({"a": b"mended"}, name="mended"), received_at=LATER)

    assert vault.deliveries() == (mended,)
    assert mended.received_at == LATER
    withdrawn = tmp_path / "vault/deliveries" / f"vn-test.withdrawn-{broken.bag_sha256[:12]}"
    assert withdrawn.is_dir()
    broken.files[0].location.unlink()
    assert {each.delivery for each in vault.verify()} == {withdrawn.name}


def test_a_bag_that_returns_after_being_withdrawn_keeps_its_first_receipt(
    vault: Vault, make_bag: MakeBag
) -> None:
    first = make_bag({"a": b"1"})
    vault.receive(first, received_at=NOON)
    vault.receive(make_bag({"a": b"2"}, name="second"), received_at=LATER)

    assert vault.receive(first, received_at=LATER).received_at == NOON
    assert len(vault.deliveries()) == 1
    assert vault.verify() == ()


def test_acceptance_of_an_unknown_delivery_is_refused(vault: Vault) -> None:
    with pytest.raises(DeliveryUnknown):
        vault.accept("vn-test")


@pytest.mark.parametrize("delivery_id", ["../vault", "", "a/b", "."])
def test_an_id_never_leads_out_of_the_vault(vault: Vault, make_bag: MakeBag, delivery_id: str) -> None:
    vault.receive(make_bag(), received_at=NOON)

    with pytest.raises(DeliveryUnknown):
        vault.delivery(delivery_id)


@pytest.mark.parametrize("step", range(12))
def test_a_kill_before_any_rename_leaves_the_old_state_and_the_next_receipt_succeeds(
    vault: Vault, make_bag: MakeBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    earlier = vault.receive(make_bag({"a": b"earlier"}), received_at=NOON)
    bag = make_bag({"a": b"new", "b": b"newer"}, name="new")
    renames = iter(range(100))
    rename = os.replace

    def killed(self: Path, target: Path) -> None:
        if next(renames) == step:
            raise KilledError
        rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        try:
            vault.receive(bag, received_at=LATER)
            was_killed = False
        except KilledError:
            was_killed = True

    state = vault.deliveries()
    assert len(state) == 1
    if was_killed:
        assert state[0].bag_sha256 == earlier.bag_sha256
    assert vault.verify() == ()
    assert vault.receive(bag, received_at=LATER).received_at == LATER
    assert vault.verify() == ()
    assert not list((tmp_path / "vault/incoming").iterdir())


def test_a_kill_while_copying_the_first_bag_leaves_no_delivery(
    vault: Vault, make_bag: MakeBag, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = make_bag()

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KilledError):
            vault.receive(bag, received_at=NOON)

    assert vault.deliveries() == ()
    assert vault.receive(bag, received_at=NOON).id == "vn-test"


def test_a_disk_that_fails_is_said_and_nothing_is_registered(
    vault: Vault, make_bag: MakeBag, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(HandoverError, match="No space left on device"):
            vault.receive(make_bag(), received_at=NOON)

    assert vault.deliveries() == ()


def test_a_bag_larger_than_the_free_space_is_refused_before_copying(
    vault: Vault, make_bag: MakeBag, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(make_bag())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3))

    with pytest.raises(HandoverError, match="Free some space"):
        vault.receive(make_bag(name="another"), received_at=NOON)


def test_rot_is_found_and_the_file_named(vault: Vault, make_bag: MakeBag) -> None:
    sealed = vault.receive(make_bag({"a": b"one", "b": b"two", "c": b"three"}), received_at=NOON)
    changed, gone = sealed.files[0], sealed.files[1]
    changed.location.chmod(0o644)
    changed.location.write_bytes(b"oNe")
    gone.location.unlink()

    assert {(each.path, each.problem) for each in vault.verify()} == {
        (PurePosixPath("a"), "changed"),
        (PurePosixPath("b"), "missing"),
    }


def test_what_rotted_is_mended_by_removing_it_and_receiving_the_bag_again(
    vault: Vault, make_bag: MakeBag
) -> None:
    bag = make_bag({"a": b"one"})
    sealed = vault.receive(bag, received_at=NOON)
    sealed.files[0].location.unlink()

    assert vault.receive(bag, received_at=LATER) == sealed
    assert vault.verify() == ()


@pytest.mark.parametrize("change", [("one", "two"), ('"size"', '"sice"'), ("{", "["), ("vn-test", "vn-best")])
def test_a_changed_seal_is_found(
    vault: Vault, make_bag: MakeBag, tmp_path: Path, change: tuple[str, str]
) -> None:
    vault.receive(make_bag({"one": b"1"}), received_at=NOON)
    seal = tmp_path / "vault/deliveries/vn-test/seal.json"
    seal.chmod(0o644)
    seal.write_text(seal.read_text().replace(*change))

    assert [str(each.path) for each in vault.verify()] == ["seal.json"]
    with pytest.raises(VaultDamaged, match="backup"):
        vault.delivery("vn-test")


def test_progress_ends_at_the_whole(vault: Vault, make_bag: MakeBag) -> None:
    seen: list[tuple[int, int]] = []
    vault.receive(make_bag(), received_at=NOON, on_progress=lambda done, total: seen.append((done, total)))

    assert seen[-1][0] == seen[-1][1] > 0


def test_a_receipt_without_a_time_zone_is_a_programming_error(vault: Vault, make_bag: MakeBag) -> None:
    with pytest.raises(ValueError, match="time zone"):
        vault.receive(make_bag(), received_at=datetime(2022, 4, 8))  # noqa: DTZ001
