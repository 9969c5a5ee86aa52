"""A day that follows a delivery, on a real home: received, judged, reported, and bridged to the report before it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bagit
import duckdb
import pytest
import yaml

from orchestration.installation import Installation
from orchestration.stages.intake import import_increment, receive_increment
from orchestration.warehouse.scope import ScopeError
from tests.journey.conftest import DAY, Home, at, build_from, tiemchung
from tests.relations import differences

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]


def told(home: Path, *words: str) -> tuple[int, Any]:
    done = tiemchung(*words, "--home", home, "--json")
    return done.returncode, json.loads(done.stdout)


def test_the_day_stands_and_is_in_use(followed: Path) -> None:
    code, increments = told(followed, "increments")
    assert code == 0
    (day,) = increments["days"]
    assert (day["day"], day["standing"], day["is_in_warehouse"]) == (DAY, "sound", True)
    assert {each["id"] for each in day["findings"]} == {"HND-DAY-06"}
    assert sum(day["rows"].values()) > 0
    assert increments["through"] == DAY
    lines = tiemchung("increments", "--home", followed).stdout
    assert "đủ · sound" in lines
    assert "HND-DAY-06" in lines


def test_both_reports_are_links_of_one_chain_and_hold(followed: Path) -> None:
    code, proof = told(followed, "report", "verify")
    assert code == 0
    results = {each["id"]: each for each in proof["checks"]}
    assert (results["CHAIN"]["result"], results["CHAIN"]["detail"]) == ("passed", "2")
    before = min((followed / "reports").glob("2022-04-05/*"))
    code, proof = told(followed, "report", "verify", str(before))
    assert code == 0
    results = {each["id"]: each["result"] for each in proof["checks"]}
    assert results["SEAL"] == results["LEDGER"] == "passed"
    assert results["WAREHOUSE"] == "not_evaluated"


def test_the_report_derived_anew_is_the_one_that_was_sealed(followed: Path) -> None:
    code, proof = told(followed, "report", "verify", "--rebuild")
    assert code == 0
    results = {each["id"]: each["result"] for each in proof["checks"]}
    assert results["REBUILD"] == results["LAKE"] == results["OBJECTS"] == "passed"
    assert list((followed / "scratch").iterdir()) == []


def test_the_day_was_brought_into_what_stood_and_leaves_what_is_built_anew(
    followed: Path, tmp_path: Path
) -> None:
    def followers(home: Path) -> dict[str, bool]:
        """Which relations of cleansing, verification and marts followed; seeds and views of staging never do."""
        with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
            marks = connection.execute(
                "select relation, since is not null from following.marks where relation similar to '(int|fct)_.*'"
            ).fetchall()
            return dict(marks)

    assert all(followers(followed).values())
    with Home(followed, "").copied(tmp_path / "home") as other:
        assert build_from("staging").success
        assert not any(
            followers(other)[name] for name in ("int_subjects", "int_doses__faulty", "fct_subjects")
        )
        assert differences(followed / "warehouse.duckdb", other / "warehouse.duckdb") == []


def test_the_command_line_goes_on_from_the_day_of_the_latest_report(
    home: Home, followed: Path, tmp_path: Path
) -> None:
    place = tmp_path / "home"
    shutil.copytree(followed, place)
    shutil.copytree(home.country / "increments", place / "inbox" / "country" / "increments")
    ask = (
        "run",
        "--home",
        place,
        "--delivery",
        home.country / "delivery",
        "--through",
        "2022-04-07",
        "--json",
    )
    done = tiemchung(*ask)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert len(told["runs"]) == 1
    assert told["report"]["as_of"] == "2022-04-07"


def test_the_bridge_leads_row_by_row_from_one_report_to_the_next(followed: Path) -> None:
    code, bridge = told(followed, "report", "bridge")
    assert (code, bridge["holds"], bridge["faults"]) == (0, True, [])
    for span in bridge["spans"]:
        came, went = span["new"] + span["moved_in"], span["moved_out"] + span["withdrawn"]
        assert span["opening"] + came - went == span["closing"], span["figure"]
    assert sum(span["moved_in"] for span in bridge["spans"]) == sum(
        span["moved_out"] for span in bridge["spans"]
    )
    whole = {
        day: next(
            figure["subjects"]
            for figure in json.loads(min((followed / "reports").glob(f"{day}/*/report.json")).read_text())[
                "figures"
            ]
            if figure["id"] == "FIG-ON-SYSTEM"
        )
        for day in ("2022-04-05", DAY)
    }
    assert sum(span["opening"] for span in bridge["spans"]) == whole["2022-04-05"]
    assert sum(span["closing"] for span in bridge["spans"]) == whole[DAY]
    reasons = {flow["reason"] for flow in bridge["flows"]}
    assert reasons <= {"stays", "new", "data", "register", "day"}
    assert "new" in reasons
    assert list((followed / "scratch").iterdir()) == []


def test_a_row_that_was_replaced_is_told_from_the_one_that_counts(followed: Path) -> None:
    with duckdb.connect(followed / "warehouse.duckdb") as connection:
        found = connection.execute(
            "select r._delivery, r._table, r._row, r.subject_id, f._delivery, f._row from raw.subjects r"
            " join marts.fct_subjects f using (subject_id)"
            " where f._increment_on is not null and r._increment_on is null order by r._row limit 1"
        ).fetchone()
    assert found is not None
    code, where = told(followed, "where", f"{found[0]}/{found[1]}/{found[2]}")
    assert code == 0
    assert where["subject_id"] == found[3]
    assert where["counted_by"]["delivery"].endswith(DAY)
    assert not where["stations"][-1]["is_there"]
    assert where["replaced"]["on"] == DAY
    assert (where["replaced"]["by"]["delivery"], where["replaced"]["by"]["row"]) == (found[4], found[5])
    assert not any(figure["holds"] for figure in where["figures"])
    assert {figure["fails"] for figure in where["figures"]} == {"a newer row took its place"}
    assert {figure["id"] for figure in where["figures"] if figure["subject_holds"]} >= {"FIG-ON-SYSTEM"}
    (newest, earlier) = where["reports"]
    assert set(newest["figures"].values()) == {False}
    assert None in earlier["figures"].values()
    code, newer = told(followed, "where", f"{found[4]}/{where['address']['table']}/{found[5]}")
    (newest, earlier) = newer["reports"]
    assert (newest["figures"]["FIG-ON-SYSTEM"], earlier["has_package"]) == (True, False)
    assert set(earlier["figures"].values()) == {False}


def test_a_day_altered_on_its_way_is_named_and_leaves_the_warehouse_alone(
    followed: Path, home: Home, tmp_path: Path
) -> None:
    place, inbox = tmp_path / "home", tmp_path / "inbox" / "increments"
    shutil.copytree(followed, place)
    source = home.country / "increments" / "2022-04-07"
    bag = inbox / "2022-04-07"
    shutil.copytree(source, bag)
    declaration = bag / "data" / "declaration.yml"
    said = yaml.safe_load(declaration.read_text("utf-8"))
    said["predecessor"]["bag_sha256"] = "0" * 64
    declaration.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    _seal_again(bag)
    installation = Installation(at(place, inbox.parent))
    receive_increment(installation, date(2022, 4, 7), datetime.now(UTC))
    with pytest.raises(ScopeError, match="HND-DAY-04"):
        import_increment(installation, date(2022, 4, 7))
    code, increments = told(place, "increments")
    assert (code, increments["through"]) == (1, DAY)
    assert [day["standing"] for day in increments["days"]] == ["sound", "broken"]


def _seal_again(bag: Path) -> None:
    """Write the bag's manifests anew, as a sender who altered a file would."""

    for tag in bag.glob("tagmanifest-*.txt"):
        tag.unlink()
    loaded = bagit.Bag(str(bag))
    loaded.save(manifests=True)
