"""A sealed report is proven on a real home, and broken on purpose: every change is found by the check that is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.stages import proof
from orchestration.stages.proof import prove
from tests.journey.conftest import Home, tiemchung

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "report-seal.md"
pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]


def judged(home: Path, place: Path | None = None, *, rebuild: bool = False) -> dict[str, list[str]]:
    """Checks by what they came to."""
    installation = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(home)}))
    found: dict[str, list[str]] = {}
    for check in prove(installation, place, None, rebuild).checks:
        found.setdefault(str(check.result), []).append(check.id)
    return found


def report_of(home: Path) -> Path:
    return home / "reports" / (home / "reports" / "latest").read_text().strip()


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.chmod(0o644)
    path.write_bytes(change(path.read_bytes()))


def in_ledger(home: Path, statement: str) -> None:
    engine = sa.create_engine(f"sqlite:///{home / 'ledger.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def in_warehouse(home: Path, statement: str, file: str = "warehouse.duckdb") -> None:
    with duckdb.connect(home / file) as connection:
        connection.execute(statement)


def in_parquet(folder: Path, change: str) -> None:
    """Write the rows of a folder's first file anew, changed by a select over ``given``."""
    path = min(folder.glob("*.parquet"))
    path.chmod(0o644)
    with duckdb.connect() as connection:
        connection.execute(f"create table given as from read_parquet('{path}')")
        connection.execute(f"copy ({change}) to '{path}' (format parquet)")


def report_put_in(home: Path) -> None:
    shutil.copytree(report_of(home), report_of(home).with_name("0" * 12))


@dataclass(frozen=True)
class Break:
    """Something done to a home, and the checks that fail of it."""

    name: str
    do: Callable[[Path], None]
    found_by: tuple[str, ...]


SWAPPED = """
with places as (
    select min(_row) filter (where is_with_id_correct) as a, min(_row) filter (where is_with_id_wrong) as b
    from marts.fct_subjects
)
update marts.fct_subjects set _row = a + b - _row from places where _row in (a, b)
"""
"""Counts and stored hashes stay: only the address tells that other people are counted."""
BREAKS = (
    Break(
        "a number of the statement",
        lambda home: rewritten(
            report_of(home) / "report.json", lambda b: b.replace(b'"doses":1', b'"doses":2', 1)
        ),
        ("SEAL", "CHAIN"),
    ),
    Break(
        "a number of the page",
        lambda home: rewritten(report_of(home) / "report.html", lambda b: b.replace(b"8.2", b"8.3", 1)),
        ("SEAL", "CHAIN"),
    ),
    Break(
        "what the seal says of the ledger",
        lambda home: rewritten(report_of(home) / "seal.json", lambda b: b.replace(b"A", b"B", 1)),
        ("CHAIN",),
    ),
    Break("a report put in", report_put_in, ("STRANGERS",)),
    Break(
        "the last link",
        lambda home: rewritten(home / "reports" / "head", lambda b: b[:-9] + b"00000000\n"),
        ("CHAIN",),
    ),
    Break(
        "an answer",
        lambda home: rewritten(min((home / "ledger" / "answers").glob("*.gz")), bytes.swapcase),
        ("LEDGER",),
    ),
    Break(
        "a row of the ledger",
        lambda home: in_ledger(home, "update batches set row_count = row_count + 1"),
        ("LEDGER",),
    ),
    Break("an attempt", lambda home: in_ledger(home, "update attempts set officer = 'CB99'"), ("LEDGER",)),
    Break(
        "a batch taken away",
        lambda home: in_ledger(home, "update batches set batch_id = 'x' || batch_id"),
        ("LEDGER",),
    ),
    Break(
        "a figure of the mart",
        lambda home: in_warehouse(
            home, "update marts.fct_subjects set is_sent = not is_sent where rowid = 0"
        ),
        ("WAREHOUSE",),
    ),
    Break(
        "a row of the copy that traces read",
        lambda home: in_warehouse(
            home,
            "update marts.fct_subjects set dose_count = dose_count + 1 where rowid = 0",
            "published.duckdb",
        ),
        ("SNAPSHOT",),
    ),
    Break(
        "two rows of the copy that changed places",
        lambda home: in_warehouse(home, SWAPPED, "published.duckdb"),
        ("SNAPSHOT",),
    ),
    Break(
        "an object of a package",
        lambda home: rewritten(min((home / "vault" / "objects").rglob("*/*")), lambda b: b[:-1] + b"\0"),
        ("OBJECTS",),
    ),
    Break(
        "a package's seal",
        lambda home: rewritten(
            min((home / "vault" / "deliveries").glob("*/seal.json")),
            lambda b: b.replace(json.loads(b)["bag_sha256"].encode(), b"0" * 64),
        ),
        ("VAULT",),
    ),
    Break(
        "the digest's key taken away",
        lambda home: (home / "secrets" / "digest.key").unlink(),
        ("WAREHOUSE", "SNAPSHOT"),
    ),
)


def test_the_reference_lists_every_break_and_what_finds_it() -> None:
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    told = {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in lines if line.startswith("|")}
    assert {(each.name, ", ".join(each.found_by)) for each in BREAKS} <= told


@pytest.fixture(scope="module")
def copy(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home without its inbox; every test puts back what it changed."""
    place = tmp_path_factory.mktemp("proof") / "home"
    shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("inbox", "dagster"))
    return place


def test_a_report_nobody_touched_holds_in_every_check(copy: Path) -> None:
    found = judged(copy)
    assert found.pop("not_evaluated") == ["SIGNATURE"]
    assert list(found) == ["passed"]
    assert {
        "SEAL",
        "CHAIN",
        "PAGE",
        "VAULT",
        "LEDGER",
        "OBJECTS",
        "DEFINITIONS",
        "WAREHOUSE",
        "SNAPSHOT",
    } <= set(found["passed"])


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.name)
def test_a_change_is_found_by_the_check_named(copy: Path, broken: Break, tmp_path: Path) -> None:
    parts = ("reports", "ledger", "ledger.sqlite", "warehouse.duckdb", "published.duckdb", "vault", "secrets")
    for part in parts:
        _copied(copy / part, tmp_path / part)
    try:
        broken.do(copy)
        found = judged(copy)
        assert set(broken.found_by) <= set(found.get("failed", []))
    finally:
        for part in parts:
            _removed(copy / part)
            _copied(tmp_path / part, copy / part)


def test_changed_raw_rows_and_answers_are_found_by_deriving_all_anew(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "home"
    shutil.copytree(copy, place)
    subjects = min((place / "lake").rglob("*doi_tuong*"))
    in_parquet(subjects, "select * replace (_row + 1 as _row) from given")
    in_parquet(place / "ledger" / "answers", "select * replace (2 as fitting_count) from given")
    assert set(judged(place, rebuild=True)["failed"]) == {"LAKE", "REBUILD"}


def test_a_changed_definition_is_named_with_the_version_that_made_the_report(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(proof.project.PROJECT, project)
    rewritten(project / "models/marts/fct_subjects.sql", lambda b: b.replace(b"not is_sent", b"is_sent", 1))
    monkeypatch.setattr(proof.project, "PROJECT", project)
    assert judged(copy)["failed"] == ["DEFINITIONS"]


def test_the_verb_says_no_where_something_does_not_hold(copy: Path, tmp_path: Path) -> None:
    done = tiemchung("report", "verify", "--home", copy, "--json")
    assert (done.returncode, json.loads(done.stdout)["holds"]) == (0, True)
    alone = tmp_path / "sent" / report_of(copy).parent.name / report_of(copy).name
    shutil.copytree(report_of(copy), alone)
    sent = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path / "nothing")}))
    results = {each.id: str(each.result) for each in prove(sent, alone, None, is_rebuilt=False).checks}
    assert {results[id_] for id_ in ("VAULT", "OBJECTS", "LEDGER", "SNAPSHOT")} == {"not_evaluated"}
    assert "failed" not in results.values()
    rewritten(alone / "report.html", lambda b: b + b" ")
    done = tiemchung("report", "verify", alone / "report.html", "--home", tmp_path / "nothing", "--json")
    assert done.returncode == 1
    checks = {each["id"]: each["result"] for each in json.loads(done.stdout)["checks"]}
    assert (checks["SEAL"], checks["CHAIN"]) == ("failed", "not_evaluated")
    assert tiemchung("report", "verify", tmp_path / "absent", "--home", copy).returncode == 2


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _removed(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
