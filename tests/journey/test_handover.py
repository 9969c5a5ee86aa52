"""An engineer assesses a package before receiving it: good, damaged, and beside the delivery before."""

import json
import shutil
from pathlib import Path
from typing import Any

import bagit
import pytest
import yaml

from tests.journey.conftest import Home, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]


def assess(package: Path, home: Path) -> tuple[int, Any]:
    done = tiemchung("handover", "assess", package, "--home", home, "--json")
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


@pytest.fixture
def bag(home: Home, tmp_path: Path) -> Path:
    shutil.copytree(home.country / "delivery", tmp_path / "delivery")
    return tmp_path / "delivery"


def test_a_clean_package_is_good_and_nothing_is_kept_of_it(bag: Path, tmp_path: Path) -> None:
    code, told = assess(bag, tmp_path / "other")
    assert code == 0
    assert {cell["status"] for cell in told["cells"]} == {"received"}
    found = [finding for cell in told["cells"] for finding in cell["findings"]]
    assert [finding for finding in found if finding["severity"] in ("critical", "major")] == []
    assert [
        file for file in (tmp_path / "other").rglob("*") if file.is_file() and file.suffix != ".lock"
    ] == []


def test_a_truncated_dump_is_a_critical_finding_of_its_cell(bag: Path, tmp_path: Path) -> None:
    dump = bag / "data" / "database" / "support.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    bagit.Bag(str(bag)).save(manifests=True)
    code, told = assess(bag, tmp_path / "other")
    assert code == 1
    (cell,) = (cell for cell in told["cells"] if cell["status"] != "received")
    assert (cell["component"], cell["deliverable"], cell["status"]) == ("support", "database", "partial")
    assert [(each["id"], each["severity"]) for each in cell["findings"]] == [("HND-DB-01", "critical")]


def test_a_flipped_bit_is_refused_in_a_sentence(bag: Path, tmp_path: Path) -> None:
    dump = bag / "data" / "database" / "support.dump"
    flipped = bytearray(dump.read_bytes())
    flipped[1000] ^= 1
    dump.write_bytes(flipped)
    code, said = assess(bag, tmp_path / "other")
    assert code in (1, 2)
    assert "support.dump" in said
    assert "Traceback" not in said


def test_a_redelivery_is_set_beside_the_delivery_before(home: Home, bag: Path, tmp_path: Path) -> None:
    declaration = bag / "data" / "declaration.yml"
    said = yaml.safe_load(declaration.read_text(encoding="utf-8"))
    before = said["delivery"]
    said["delivery"] = f"{before}-again"
    declaration.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    changed = next((bag / "data" / "source" / "portal").rglob("*.md"))
    changed.write_text(changed.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    whole = bagit.Bag(str(bag))
    if "External-Identifier" in whole.info:
        whole.info["External-Identifier"] = said["delivery"]
    whole.save(manifests=True)
    _, told = assess(bag, home.path)
    assert told["previous"] == before
    (change,) = told["changes"]
    assert (change["component"], change["deliverable"]) == ("portal", "source")
    assert change["changed"] == [str(changed.relative_to(bag / "data"))]
