"""A bag is taken only when it is whole; whatever is wrong is said at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.bag import canonical_digest, verify_bag
from handover.errors import BagRefused

MakeBag = Callable[..., Path]


def faults_of(bag: Path) -> str:
    with pytest.raises(BagRefused) as refusal:
        verify_bag(bag)
    assert refusal.value.faults
    assert "try again" in str(refusal.value)
    return "\n".join(refusal.value.faults)


def test_a_whole_bag_is_read_with_id_files_and_digest(make_bag: MakeBag) -> None:
    contents = verify_bag(make_bag({"source/support/a.py": b"pass\n"}))

    assert contents.id == "vn-test"
    assert [str(each.path) for each in contents.payload] == [
        "data/database/support.dump",
        "data/declaration.yml",
        "data/source/support/a.py",
    ]
    lines = b"".join(f"{each.digests['sha256']}  {each.path}\n".encode() for each in contents.payload)
    assert contents.bag_sha256 == hashlib.sha256(lines).hexdigest()


def test_the_order_and_spelling_of_the_manifest_do_not_change_the_digest(make_bag: MakeBag) -> None:
    bag = make_bag({"a": b"1", "b": b"2"})
    before = verify_bag(bag).bag_sha256
    manifest = bag / "manifest-sha256.txt"
    lines = manifest.read_text().splitlines()
    manifest.write_text("".join(f"{line.split()[0].upper()} *{line.split()[1]}\n" for line in lines[::-1]))
    (bag / "tagmanifest-sha256.txt").unlink()

    assert verify_bag(bag).bag_sha256 == before


@given(st.permutations([("é/b", "1" * 64), ("a b", "2" * 64), ("z", "3" * 64), ("A", "4" * 64)]))
def test_the_digest_is_the_same_in_any_order(files: list[tuple[str, str]]) -> None:
    assert canonical_digest(files) == canonical_digest(sorted(files))


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_is_found_and_its_file_named(
    make_bag: MakeBag, tmp_path: Path, position: int, bit: int
) -> None:
    bag = tmp_path / "bag"
    if not bag.exists():
        make_bag({"source/support/a.bin": bytes(range(256)) * 8})
    names = sorted(
        path for path in bag.rglob("*") if path.is_file() and not path.name.startswith("tagmanifest")
    )
    victim = names[position % len(names)]
    original = victim.read_bytes()
    at = position % len(original)
    victim.write_bytes(original[:at] + bytes([original[at] ^ (1 << bit)]) + original[at + 1 :])
    try:
        assert str(victim.relative_to(bag)) in faults_of(bag)
    finally:
        victim.write_bytes(original)


def test_every_fault_is_named_in_one_refusal(make_bag: MakeBag) -> None:
    bag = make_bag({"one": b"1", "two": b"2", "three": b"3"})
    (bag / "data/one").write_bytes(b"X")
    (bag / "data/two").unlink()
    (bag / "data/extra").write_bytes(b"")

    faults = faults_of(bag)

    assert "data/one differs" in faults
    assert "data/two is missing" in faults
    assert "data/extra isn't listed" in faults


def test_a_refusal_never_quotes_what_a_file_holds(make_bag: MakeBag) -> None:
    bag = make_bag({"names.csv": "Nguyễn Văn A,012345678901".encode()})
    (bag / "data/names.csv").write_bytes("Nguyễn Văn B,012345678902".encode())

    with pytest.raises(BagRefused) as refusal:
        verify_bag(bag)

    assert "Nguyễn" not in str(refusal.value)


@pytest.mark.parametrize("missing", ["manifest-sha256.txt", "bagit.txt", "bag-info.txt", "data"])
def test_a_bag_without_a_required_part_is_refused(make_bag: MakeBag, missing: str) -> None:
    bag = make_bag()
    (bag / missing).rename(bag.parent / "elsewhere")

    assert missing in faults_of(bag)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in faults_of(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "path",
    [
        "data/../../outside",
        "/etc/passwd",
        "data/./a",
        "data//a",
        "~/a",
        "data\\..\\a",
        "../bag-evil/a",
        "bagit.txt",
    ],
)
def test_a_manifest_path_that_escapes_is_refused(make_bag: MakeBag, path: str) -> None:
    bag = make_bag()
    (bag.parent / "outside").write_bytes(b"")
    with (bag / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{hashlib.sha256().hexdigest()}  {path}\n")

    assert "manifest-sha256.txt line 3" in faults_of(bag)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("abc  data/a", "isn't '<sha256>  <path>'"),
        ("no digest at all", "isn't '<sha256>  <path>'"),
        (f"{'0' * 64}  data/declaration.yml", "a second time"),
    ],
)
def test_a_manifest_line_that_is_not_understood_is_refused(make_bag: MakeBag, line: str, said: str) -> None:
    bag = make_bag()
    with (bag / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(line + "\n")

    assert said in faults_of(bag)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/etc/hostname", "leaves the bag"),
        ("../../outside", "leaves the bag"),
        ("../bagit.txt", "leaves the bag"),
        ("nowhere", "to nothing"),
        ("database", "to a folder"),
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(make_bag: MakeBag, target: str, said: str) -> None:
    bag = make_bag()
    (bag.parent / "outside").write_bytes(b"secret")
    (bag / "data/link").symlink_to(target)

    assert said in faults_of(bag)


def test_a_link_to_a_file_inside_the_data_counts_as_that_file(make_bag: MakeBag, tmp_path: Path) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / "declaration.yml").write_bytes(b"x")
    (folder / "again.yml").symlink_to("declaration.yml")
    bagit.make_bag(str(folder), {"External-Identifier": "vn-test"}, checksums=["sha256"])

    first, second = verify_bag(folder).payload

    assert first.digests == second.digests


def test_a_pipe_is_refused_and_never_opened(make_bag: MakeBag) -> None:
    bag = make_bag()
    os.mkfifo(bag / "data/pipe")

    assert "data/pipe is a device, pipe or socket" in faults_of(bag)


def test_a_second_manifest_is_checked_too(make_bag: MakeBag) -> None:
    bag = make_bag({"a": b"1"})
    (bag / "manifest-md5.txt").write_text(
        "".join(
            f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(bag)}\n"  # noqa: S324
            for path in sorted((bag / "data").rglob("*"))
            if path.is_file()
        )
    )
    verify_bag(bag)
    (bag / "manifest-md5.txt").write_text(f"{'0' * 32}  data/a\n")

    faults = faults_of(bag)
    assert "data/a differs from the md5" in faults
    assert "data/declaration.yml isn't listed for md5" in faults


def test_a_changed_tag_file_is_found(make_bag: MakeBag) -> None:
    bag = make_bag()
    with (bag / "bag-info.txt").open("a") as info:
        info.write("Contact-Name: somebody\n")

    assert "bag-info.txt differs from the sha256" in faults_of(bag)


def test_the_library_has_the_last_word_on_the_payload_s_size(make_bag: MakeBag) -> None:
    bag = make_bag()
    info = (bag / "bag-info.txt").read_text().splitlines()
    (bag / "bag-info.txt").write_text(
        "\n".join(line for line in info if "Oxum" not in line) + "\nPayload-Oxum: 1.1\n"
    )
    (bag / "tagmanifest-sha256.txt").unlink()

    assert "Payload-Oxum" in faults_of(bag)


@pytest.mark.parametrize("identifier", ["", "../up", "two words", "x" * 81])
def test_a_bag_needs_a_delivery_id(make_bag: MakeBag, identifier: str) -> None:
    bag = make_bag()
    info = (bag / "bag-info.txt").read_text().replace("vn-test", identifier)
    (bag / "bag-info.txt").write_text(info)
    (bag / "tagmanifest-sha256.txt").unlink()

    assert "External-Identifier" in faults_of(bag)


def test_progress_ends_at_the_whole(make_bag: MakeBag) -> None:
    seen: list[tuple[int, int]] = []
    verify_bag(make_bag({"a": b"12345"}), lambda done, total: seen.append((done, total)))

    assert seen[-1][0] == seen[-1][1] > 0


@pytest.mark.parametrize(
    ("first", "second"),
    [("README", "readme"), ("Docs/a", "docs/b"), ("e\u0301.md", "\u00e9.md")],
)
def test_names_that_some_disks_take_for_one_are_a_fault(make_bag: MakeBag, first: str, second: str) -> None:
    said = faults_of(make_bag({first: b"1", second: b"2"}))

    assert f"data/{first.partition('/')[0]}" in said
    assert "in another case or Unicode form" in said
