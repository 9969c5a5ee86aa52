"""A country as a whole: bags that hold, a chain that closes, a key that agrees, the same bytes each time."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bagit
import duckdb
import pytest
import yaml

from handover.bag import canonical_digest
from handover.dump.importer import inspect_dump
from handover.synthetic import country as making
from handover.synthetic.country import make_country
from handover.synthetic.errors import SynthesisError
from handover.synthetic.quotas import figures
from handover.vault import Vault

SCALE = 0.0001
ID = "vn-2022-04-05-s0.0001-n1"
DAYS = [f"2022-04-{day:02}" for day in range(6, 14)]


def bags(country: Path) -> list[Path]:
    return [country / "delivery", *(country / "increments" / day for day in DAYS)]


def declared(bag: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((bag / "data" / "declaration.yml").read_text("utf-8"))
    return content


def digest(bag: Path) -> str:
    lines = (bag / "manifest-sha256.txt").read_text("utf-8").splitlines()
    return canonical_digest(
        (path.removeprefix("data/"), sha256) for sha256, path in (each.split(maxsplit=1) for each in lines)
    )


def content(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_country_holds_what_is_promised_and_nothing_else(country: Path) -> None:
    assert sorted(each.name for each in country.iterdir()) == [
        "answer_key.doses.parquet",
        "answer_key.subjects.parquet",
        "delivery",
        "increments",
        "letter.yml",
        "register.parquet",
    ]
    assert sorted(each.name for each in (country / "increments").iterdir()) == DAYS


@pytest.mark.parametrize("number", range(9))
def test_every_bag_is_valid_and_named(country: Path, number: int) -> None:
    bag = bagit.Bag(str(bags(country)[number]))
    bag.validate()
    assert bag.info["External-Identifier"] == ([ID] + [f"{ID}.{day}" for day in DAYS])[number]


def test_the_vault_receives_the_delivery_and_all_increments(country: Path, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    for bag in bags(country):
        vault.receive(bag, received_at=datetime(2022, 4, 14, tzinfo=UTC))
    assert {each.id: each.bag_sha256 for each in vault.deliveries()} == {
        declared(bag)["delivery"]: digest(bag) for bag in bags(country)
    }


def test_each_increment_names_the_package_before_it_by_digest(country: Path) -> None:
    for before, bag, day in zip(bags(country), bags(country)[1:], DAYS, strict=False):
        said = declared(bag)
        assert said["predecessor"] == {"id": declared(before)["delivery"], "bag_sha256": digest(before)}
        assert (said["kind"], said["baseline"], str(said["covers_on"])) == ("increment", ID, day)


def test_dumps_hold_the_declared_tables(country: Path) -> None:
    for bag in bags(country):
        for parts in declared(bag)["components"].values():
            database = parts["database"]
            dump = inspect_dump(bag / "data" / database["path"])
            assert {t.full_name for t in dump.tables} == {t["table"] for t in database["tables"]}


@pytest.mark.parametrize("number", range(9))
def test_declared_row_counts_are_those_of_the_answer_key(country: Path, number: int) -> None:
    bag = bags(country)[number]
    tables = declared(bag)["components"]["support"]["database"]["tables"]
    rows = {each["table"]: each["rows"] for each in tables}
    day = f"= date '{DAYS[number - 1]}'" if number else "is null"
    with duckdb.connect() as connection:
        counts = [
            connection.sql(
                f"select count(*) from '{country}/answer_key.{key}.parquet' where increment_on {day}"
            ).fetchall()[0][0]
            for key in ("subjects", "doses")
        ]
    assert [rows["tiemchung.doi_tuong"], rows["tiemchung.mui_tiem"]] == counts
    assert min(counts) >= 1


def test_the_answer_key_has_the_letters_figures(country: Path) -> None:
    has_id, matched = "id_class in ('cccd12', 'cmnd9')", "outcome like 'matched%'"
    groups = {
        "on_system": "true",
        "sent": "expected_is_sent",
        "not_sent": "not expected_is_sent",
        "with_id": f"expected_is_sent and {has_id}",
        "without_id": f"expected_is_sent and not {has_id}",
        "with_id_correct": f"expected_is_sent and {has_id} and {matched}",
        "with_id_wrong": f"expected_is_sent and {has_id} and not {matched}",
        "without_id_correct": f"expected_is_sent and not {has_id} and {matched}",
        "without_id_unverified": f"expected_is_sent and not {has_id} and not {matched}",
    }
    with duckdb.connect() as connection:
        for name, condition in groups.items():
            counted = connection.sql(
                f"select count(*), sum(doses) from '{country}/answer_key.subjects.parquet'"
                f" where increment_on is null and {condition}"
            ).fetchall()[0]
            expected = figures(SCALE)[name]
            assert counted == (expected.subjects, expected.doses), name


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_rows(
    country: Path, tmp_path: Path
) -> None:
    make_country(tmp_path / 'nhà Tí\'s "again"', scale=SCALE, seed=1)
    make_country(tmp_path / "other", scale=SCALE, seed=2)
    again, other, first = (
        content(tmp_path / 'nhà Tí\'s "again"'),
        content(tmp_path / "other"),
        content(country),
    )
    assert {name for name in first | again if first.get(name) != again.get(name)} == set()
    assert first.keys() == other.keys()
    assert {"register.parquet", "delivery/data/database/support.dump"} <= {
        name for name in first if first[name] != other[name]
    }


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(SynthesisError, match="holds something already"):
        make_country(tmp_path / "out", scale=SCALE, seed=1)
    assert [each.name for each in tmp_path.rglob("*")] == ["out", "notes.txt"]


@pytest.mark.parametrize("scale", [0.0, 0.00009, 1.1, -1.0, float("nan")])
def test_a_scale_out_of_bounds_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(SynthesisError, match=r"between 0\.0001 and 1"):
        make_country(tmp_path / "out", scale=scale, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "make_rows", fail)
    with pytest.raises(OSError, match="No space left"):
        make_country(tmp_path / "out", scale=SCALE, seed=1)
    assert list(tmp_path.iterdir()) == []
