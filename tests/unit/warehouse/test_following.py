"""When a day may be brought into what stands, and when all is built anew: in doubt, anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.warehouse.followers import Models
from orchestration.warehouse.following import Build, started
from orchestration.warehouse.project import read_manifest
from orchestration.warehouse.states import Chain

DELIVERED_ON = date(2022, 4, 5)
STAGING = ("provinces", "stg_subjects")
CHANGES = ("int_changes", "int_changes__doses")
CLEANSING = (*CHANGES, "int_vaccines", "int_names", "int_subjects", "int_subject_findings")
VERIFICATION = ("int_changes__outcomes", "int_outcomes")
MARTS = ("fct_subjects",)
_MODELS: dict[str, tuple[str, str | None, tuple[str, ...]]] = {
    # name: how it is made, the relation of changes that it follows, what it reads
    "provinces": ("seed", None, ()),
    "stg_subjects": ("view", None, ()),
    "int_changes": ("table", None, ("stg_subjects",)),
    "int_changes__doses": ("table", None, ("int_changes",)),
    "int_vaccines": ("table", None, ("provinces",)),
    "int_names": ("follows", None, ("stg_subjects",)),
    "int_subjects__standardised": ("ephemeral", None, ("int_names", "provinces")),
    "int_subjects": (
        "follows",
        "int_changes",
        ("int_changes", "int_changes__doses", "int_subjects__standardised", "int_vaccines"),
    ),
    "int_subject_findings": ("follows", "int_changes", ("int_changes", "int_subjects")),
    "int_changes__outcomes": ("table", None, ("int_changes", "int_subjects")),
    "int_outcomes": ("follows", "int_changes__outcomes", ("int_changes__outcomes", "int_subjects")),
    "fct_subjects": (
        "follows",
        "int_changes__outcomes",
        ("int_changes__outcomes", "int_outcomes", "int_subjects"),
    ),
}
MANIFEST: dict[str, Any] = {
    "nodes": {
        name: {
            "resource_type": "seed" if made == "seed" else "model",
            "name": name,
            "config": {"materialized": made, "meta": {"follows": {"changes": changes}}},
            "depends_on": {"nodes": list(parents)},
        }
        for name, (made, changes, parents) in _MODELS.items()
    }
}


class Home:
    """A warehouse that is given days and batches; builds are only begun and ended."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.definitions = "first"
        self.bags = ["delivery"]
        connection.execute(
            "create schema raw; create schema verification; create schema cleansing;"
            "create table raw.facilities (facility_code varchar, _increment_on date, _row bigint);"
            "create table raw.vaccines (vaccine_code varchar, vaccine_name varchar, _increment_on date, _row bigint);"
            "insert into raw.facilities values ('F1', null, 1);"
            "insert into raw.vaccines values ('AZ', 'AstraZeneca', null, 1);"
            "create table cleansing.int_subjects as select timestamptz '2022-01-01 00:00+07' as recorded_at;"
            "create table verification.batches (batch_id varchar, state varchar, answered_at timestamptz)"
        )

    def build(self, *names: str, is_broken: bool = False, is_anew: bool = False) -> date | None:
        """The day that such a build follows from; a broken one never ends."""
        since = self._build(names).begin(is_anew=is_anew)
        if not is_broken:
            self._build(names).end(since)
        return since

    def build_all(self) -> list[date | None]:
        """What cleansing, verification and marts follow from; staging is built before them."""
        self.build(*STAGING)
        return [self.build(*stage) for stage in (CLEANSING, VERIFICATION, MARTS)]

    def answer(self, batch_id: str, at: str = "2022-04-06") -> None:
        self.connection.execute("delete from verification.batches where batch_id = ?", [batch_id])
        self.connection.execute(
            "insert into verification.batches values (?, 'answered', cast(? as timestamptz))", [batch_id, at]
        )

    def bring(self, table: str, *row: str | None, on: str) -> None:
        """One more row of a list, on a day."""
        marks = ", ".join("?" * len(row))
        self.connection.execute(
            f"insert into raw.{table} values ({marks}, cast(? as date), 1)",
            [*row, on],
        )

    def prepare(self, batch_id: str) -> None:
        self.connection.execute("insert into verification.batches values (?, 'prepared', null)", [batch_id])

    def news(self) -> list[str]:
        return [name for (name,) in self.connection.execute("from following.news order by all").fetchall()]

    def _build(self, names: tuple[str, ...]) -> Build:
        self.connection.execute(
            "create or replace table raw.scope (bag_sha256 varchar, covers_on date, as_of date)"
        )
        as_of = DELIVERED_ON + timedelta(days=len(self.bags) - 1)
        for n, bag in enumerate(self.bags):
            covered = DELIVERED_ON + timedelta(days=n) if n else None
            self.connection.execute("insert into raw.scope values (?, ?, ?)", [bag, covered, as_of])
        chain = Chain.recorded(self.connection, self.definitions)
        return Build(self.connection, chain, Models.of(MANIFEST), frozenset(names))


@pytest.fixture
def home() -> Iterator[Home]:
    with duckdb.connect() as connection:
        yield Home(connection)


@pytest.fixture
def built(home: Home) -> Home:
    """Everything built on the delivery."""
    assert home.build_all() == [None, None, None]
    return home


def test_a_day_follows_the_state_before_it_in_every_layer(built: Home) -> None:
    built.bags.append("first day")
    assert built.build_all() == [DELIVERED_ON] * 3
    built.bags += ["second day", "third day"]
    assert built.build_all() == [DELIVERED_ON + timedelta(days=1)] * 3


def test_the_same_scope_again_follows_itself(built: Home) -> None:
    assert built.build_all() == [DELIVERED_ON] * 3


def test_other_definitions_another_delivery_or_an_earlier_day_build_anew(built: Home) -> None:
    built.bags.append("first day")
    built.definitions = "second"
    assert built.build_all() == [None] * 3
    built.bags.pop()
    assert built.build_all() == [None] * 3
    built.bags = ["another delivery"]
    assert built.build_all() == [None] * 3


def test_a_repaired_day_builds_anew(built: Home) -> None:
    built.bags += ["first day", "second day"]
    built.build_all()
    built.bags[1] = "first day, repaired"
    assert built.build_all() == [None] * 3


def test_what_was_interrupted_is_built_anew_with_all_behind_it(built: Home) -> None:
    built.bags.append("first day")
    built.build(*STAGING)
    assert built.build(*CLEANSING, is_broken=True) == DELIVERED_ON
    assert built.build_all() == [None] * 3


def test_a_layer_that_was_not_reached_takes_in_the_days_it_missed(built: Home) -> None:
    built.bags.append("first day")
    built.build(*STAGING)
    assert built.build(*CLEANSING) == DELIVERED_ON
    built.bags.append("second day")
    assert built.build_all() == [DELIVERED_ON] * 3


def test_a_layer_that_failed_is_built_anew_alone(built: Home) -> None:
    built.bags.append("first day")
    built.build(*STAGING)
    built.build(*CLEANSING)
    built.build(*VERIFICATION)
    built.build(*MARTS, is_broken=True)
    assert built.build_all() == [DELIVERED_ON + timedelta(days=1)] * 2 + [None]


@pytest.mark.parametrize(
    ("alone", "then"),
    [
        (("int_subjects",), [None] * 3),
        (("int_changes", "int_subjects"), [None] * 3),
        (CHANGES, [DELIVERED_ON] * 3),
        (("int_changes__outcomes",), [DELIVERED_ON] * 3),
        (MARTS, [DELIVERED_ON, DELIVERED_ON, None]),
    ],
)
def test_a_part_built_alone_after_a_day_came_does_not_follow_and_vouches_for_nothing(
    built: Home, alone: tuple[str, ...], then: list[date | None]
) -> None:
    built.bags.append("first day")
    built.build(*STAGING)
    assert built.build(*alone) is None
    assert built.build_all() == then


def test_groups_that_were_left_are_told_of_once(built: Home) -> None:
    """Subjects brought forward without their findings would have left their old groups unseen the second time."""
    built.bags.append("first day")
    built.build(*STAGING)
    upstream = ("int_changes", "int_changes__doses", "int_vaccines", "int_names", "int_subjects")
    assert built.build(*upstream) is None
    assert built.build(*upstream) is None
    assert built.build_all() == [None] * 3


def test_where_staging_or_a_table_that_is_read_was_not_built_nothing_follows(built: Home) -> None:
    built.bags.append("first day")
    assert built.build(*CLEANSING) is None, "staging is of the day before"
    built.build_all()
    built.bags.append("second day")
    built.build(*STAGING)
    assert built.build(*(name for name in CLEANSING if name != "int_vaccines")) is None
    assert built.build_all() == [None] * 3


def test_a_seed_that_was_not_loaded_under_the_definitions_keeps_all_from_being_marked(built: Home) -> None:
    built.definitions = "second"
    for _ in range(2):
        built.build("stg_subjects")
        assert built.build(*CLEANSING) is None
    built.build_all()
    assert built.build_all() == [DELIVERED_ON] * 3


def test_definitions_that_changed_while_they_were_built_are_marked_by_nobody(
    built: Home, tmp_path: Path
) -> None:
    key = tmp_path / "digest.key"
    key.write_text("ab" * 32, encoding="ascii")
    build = built._build(STAGING)
    build.begin()
    build.at(built.connection).end(None, key)
    assert built.build(*CLEANSING) is None


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("facilities", ("F2",)),
        ("vaccines", ("PFIZER", "Comirnaty")),
        ("vaccines", ("AZ", "Vaxzevria")),
        ("vaccines", ("AZ", None)),
    ],
)
def test_a_day_that_changes_a_list_builds_anew_and_later_days_follow_it(
    built: Home, table: str, row: tuple[str | None, ...]
) -> None:
    built.bags.append("first day")
    built.bring(table, *row, on="2022-04-06")
    assert built.build_all() == [None] * 3
    built.bags.append("second day")
    built.bring(table, *row, on="2022-04-07")
    assert built.build_all() == [DELIVERED_ON + timedelta(days=1)] * 3


def test_a_day_that_brings_the_lists_as_they_were_follows(built: Home) -> None:
    built.bags.append("first day")
    built.bring("facilities", "F1", on="2022-04-06")
    built.bring("vaccines", "AZ", "AstraZeneca", on="2022-04-06")
    assert built.build_all() == [DELIVERED_ON] * 3


def test_where_many_do_not_say_when_they_were_recorded_all_is_built_anew(built: Home) -> None:
    built.connection.execute("insert into cleansing.int_subjects values (null)")
    built.bags.append("first day")
    assert built.build_all() == [None] * 3


def test_news_are_batches_that_not_all_outcomes_have_seen_in_their_state(built: Home) -> None:
    built.answer("a")
    built.prepare("b")
    built.build_all()
    assert built.news() == ["a", "b"]
    built.answer("b")
    built.build(*CLEANSING)
    built.build(*VERIFICATION)
    assert built.news() == ["b"]
    built.prepare("c")
    built.build_all()
    assert built.news() == ["b", "c"], "the marts have seen neither"
    built.build_all()
    assert built.news() == []
    built.answer("a", at="2022-04-07")
    built.build_all()
    assert built.news() == ["a"], "it was answered once more"


def test_outcomes_of_a_batch_that_the_ledger_lost_are_built_anew(built: Home) -> None:
    built.answer("a")
    built.build_all()
    built.connection.execute("delete from verification.batches")
    assert built.build_all() == [DELIVERED_ON, None, None]


def test_batches_of_a_relation_that_is_no_more_hold_up_nothing(built: Home) -> None:
    built.build_all()
    built.connection.execute("insert into following.batches values ('int_gone', 'lost', 'answered', now())")
    assert built.build_all() == [DELIVERED_ON] * 3


def test_outcomes_built_alone_do_not_follow_over_answers_that_came_since(built: Home) -> None:
    built.build_all()
    assert built.build("int_outcomes") == DELIVERED_ON
    built.answer("a")
    assert built.build("int_outcomes") is None
    assert built.build(*MARTS) is None
    assert built.build_all() == [DELIVERED_ON] * 3


def test_it_can_be_asked_for(built: Home) -> None:
    built.bags.append("first day")
    assert built.build(*CLEANSING, is_anew=True) is None
    assert built.build(*VERIFICATION) is None


def test_the_projects_models_follow_relations_of_changes_that_are_there(tmp_path: Path) -> None:
    manifest = read_manifest()
    models = Models.of(manifest)
    assert set(models.followers.values()) <= {None, *models.parents}
    assert models.outcomes == ("int_outcomes__evidence", "fct_subjects", "fct_doses")
    assert {"provinces", "int_vaccines", "stg_vendor__doses"} <= models.before(["int_doses__faulty"])
    key = tmp_path / "digest.key"
    with duckdb.connect() as connection:
        home = Home(connection)
        home._build(())
        links = []
        for secret in ("ab" * 32, "cd" * 32):
            key.write_text(secret, encoding="ascii")
            links.append(started(connection, ["int_names"], manifest, key).chain.links)
        assert links[0] != links[1], "row hashes stand on the key"
