"""The sensor notices what comes into the inbox, whatever its form, and asks for each delivery once."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bagit
import dagster as dg
import pytest

from orchestration.defs.partitions import deliveries
from orchestration.defs.sensors import inbox
from orchestration.installation import Installation
from orchestration.settings import Settings

NOON = datetime(2022, 4, 8, 12, tzinfo=UTC)
LONG_AGO = (NOON - timedelta(hours=1)).timestamp()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    (tmp_path / "inbox").mkdir()
    return Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path)}))


def a_bag(folder: Path, delivery: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "a").write_text("1")
    bagit.make_bag(str(folder), {"External-Identifier": delivery}, checksums=["sha256"])
    return folder


def an_archive(installation: Installation, delivery: str, form: str = "zip") -> Path:
    bag = a_bag(installation.settings.home / "elsewhere" / delivery, delivery)
    package = Path(shutil.make_archive(str(installation.settings.inbox / delivery), form, bag))
    os.utime(package, (LONG_AGO, LONG_AGO))
    return package


def look(
    installation: Installation, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"installation": installation, "clock": lambda: NOON}
    )
    result = inbox(context)
    assert isinstance(result, dg.SensorResult)
    return result


def asked(result: dg.SensorResult) -> list[str | None]:
    return [each.partition_key for each in result.run_requests or ()]


def test_bags_and_archives_are_asked_for_by_their_own_ids(installation: Installation) -> None:
    a_bag(installation.settings.inbox / "from the vendor", "vn-a")
    an_archive(installation, "vn-b", "zip")
    an_archive(installation, "vn-c", "gztar")
    with dg.DagsterInstance.ephemeral() as instance:
        assert asked(look(installation, instance)) == ["vn-a", "vn-b", "vn-c"]


def test_a_delivery_is_asked_for_once(installation: Installation) -> None:
    an_archive(installation, "vn-b")
    with dg.DagsterInstance.ephemeral() as instance:
        first = look(installation, instance)
        instance.add_dynamic_partitions(deliveries.name or "", ["vn-b"])
        assert asked(look(installation, instance, first.cursor)) == []


def test_an_unchanged_archive_is_not_opened_again(installation: Installation) -> None:
    package = an_archive(installation, "vn-b")
    with dg.DagsterInstance.ephemeral() as instance:
        first = look(installation, instance)
        package.write_bytes(bytes(package.stat().st_size))
        os.utime(package, (LONG_AGO, LONG_AGO))
        assert asked(look(installation, instance, first.cursor)) == ["vn-b"]


def test_an_archive_on_its_way_in_waits(installation: Installation) -> None:
    package = an_archive(installation, "vn-b")
    os.utime(package, (NOON.timestamp() - 5, NOON.timestamp() - 5))
    with dg.DagsterInstance.ephemeral() as instance:
        assert asked(look(installation, instance)) == []


def test_what_has_no_name_is_counted_and_stops_nobody(installation: Installation) -> None:
    an_archive(installation, "vn-b").with_name("a.zip").write_bytes(b"cut")
    os.utime(installation.settings.inbox / "a.zip", (LONG_AGO, LONG_AGO))
    (installation.settings.inbox / "note.txt").write_text("hello")
    with dg.DagsterInstance.ephemeral() as instance:
        assert asked(look(installation, instance)) == ["vn-b"]
        (installation.settings.inbox / "vn-b.zip").unlink()
        result = look(installation, instance)
        assert "1 package(s) there don't say" in str(result.skip_reason)
