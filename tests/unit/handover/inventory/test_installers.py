"""An installer is what its content says; hostile archives become findings."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import plistlib
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.findings import Severity
from handover.inventory import archives
from handover.inventory.archives import ArchiveUnreadableError
from handover.inventory.installers import inventory_installers
from handover.inventory.packaging.identification import identify
from handover.inventory.packaging.insides import InstallerType
from handover.parts import Component
from handover.sealed import SealedDelivery
from handover.synthetic.material.android import android_package
from handover.synthetic.material.products import products
from handover.synthetic.material.source import source_tree
from tests.unit.handover.inventory.packaging import made

Deliver = Callable[..., SealedDelivery]
Zipped = Callable[[Mapping[str, bytes]], bytes]
CHART = b"apiVersion: v2\nname: app\nversion: 1.4.0\nappVersion: 3.2.1\ntype: application\n"
IPA = {
    "Payload/App.app/Info.plist": plistlib.dumps({"CFBundleShortVersionString": "3.2.1"}),
    "Payload/App.app/_CodeSignature/CodeResources": b"<plist/>",
}
JAR = {"META-INF/MANIFEST.MF": b"Implementation-Version: 1.2\n"}


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def deb(version: str, mode: str = "w:gz", suffix: str = ".gz") -> bytes:
    control = tarred({"./control": f"Package: app\nVersion: {version}\n".encode()}, mode)
    parts = {"debian-binary": b"2.0\n", f"control.tar{suffix}": control, "data.tar.xz": b"x"}
    body = b"".join(
        f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        + content
        + b"\n" * (len(content) % 2)
        for name, content in parts.items()
    )
    return b"!<arch>\n" + body


def image(tag: str, mode: str = "w") -> bytes:
    manifest = json.dumps([{"Config": "c.json", "RepoTags": [f"moh/app:{tag}"], "Layers": ["l/layer.tar"]}])
    return tarred({"l/": b"", "l/layer.tar": b"x" * 2000, "manifest.json": manifest.encode()}, mode)


@pytest.fixture
def apk() -> bytes:
    product = products()[Component.HEALTH_BOOK]
    return android_package(product, source_tree(product))


@pytest.fixture
def content_of(zipped: Zipped, war: bytes, apk: bytes) -> dict[str, bytes]:
    return {
        "war": war,
        "jar": zipped(JAR),
        "ear": zipped(JAR | {"META-INF/application.xml": b""}),
        "apk": apk,
        "aab": zipped({"BundleConfig.pb": b"x"}),
        "ipa": zipped(IPA),
        "chart": tarred({"app/Chart.yaml": CHART}, "w:gz"),
        "deb": deb("3.2.1-1"),
        "deb.xz": deb("3.2.1-1", "w:xz", ".xz"),
        "image": image("3.2.1"),
        "image.gz": image("3.2.1", "w:gz"),
        "oci": tarred({"oci-layout": b"{}", "index.json": b"{}"}),
        "tar": tarred({"a": b"1"}),
        "zip": zipped({"a": b"1"}),
        "text": b"hello",
    }


@pytest.mark.parametrize(
    ("name", "found", "version"),
    [
        ("war", InstallerType.WAR, "3.2.1"),
        ("jar", InstallerType.JAR, "1.2"),
        ("ear", InstallerType.EAR, "1.2"),
        ("apk", InstallerType.APK, products()[Component.HEALTH_BOOK].version),
        ("aab", InstallerType.AAB, None),
        ("ipa", InstallerType.IPA, "3.2.1"),
        ("chart", InstallerType.HELM_CHART, "1.4.0"),
        ("deb", InstallerType.DEB, "3.2.1-1"),
        ("deb.xz", InstallerType.DEB, "3.2.1-1"),
        ("image", InstallerType.CONTAINER_IMAGE, "3.2.1"),
        ("image.gz", InstallerType.CONTAINER_IMAGE, "3.2.1"),
        ("oci", InstallerType.CONTAINER_IMAGE, None),
        ("tar", InstallerType.TAR, None),
        ("zip", InstallerType.ZIP, None),
        ("text", InstallerType.UNKNOWN, None),
    ],
)
def test_the_type_follows_from_the_content(
    tmp_path: Path, content_of: dict[str, bytes], name: str, found: InstallerType, version: str | None
) -> None:
    file = tmp_path / "file.of-no-telling-name"
    file.write_bytes(content_of[name])

    insides = identify(file)
    assert (insides.type, next(iter(insides.versions), None)) == (found, version)


def test_an_inventory_names_what_was_declared_and_what_was_found(deliver: Deliver, war: bytes) -> None:
    (found,) = inventory_installers(deliver({"installers/support/app.war": war}))

    assert (found.type, found.declared_version, found.version) == (InstallerType.WAR, "3.2.1", "3.2.1")
    assert [each.id for each in found.findings] == ["HND-INS-09"]


@pytest.mark.parametrize(
    ("path", "content", "finding"),
    [
        ("installers/support/app.war", "text", ("HND-INS-02", Severity.MAJOR)),
        ("installers/support/app.war", "zip", ("HND-INS-02", Severity.MAJOR)),
        ("installers/portal/extra.war", "war", ("HND-INS-04", Severity.MINOR)),
    ],
)
def test_what_is_wrong_with_an_installer_is_found(
    deliver: Deliver, content_of: dict[str, bytes], path: str, content: str, finding: tuple[str, Severity]
) -> None:
    (found,) = inventory_installers(deliver({path: content_of[content]}))

    judged = [(each.id, each.severity) for each in found.findings if each.id != "HND-INS-09"]
    assert judged == [finding]


def test_the_version_inside_is_compared_with_the_declared_one_and_the_sources(
    deliver: Deliver, content_of: dict[str, bytes]
) -> None:
    (found,) = inventory_installers(deliver({"installers/support/app.war": content_of["jar"]}))

    assert [each.id for each in found.findings] == ["HND-INS-03", "HND-INS-07", "HND-INS-09"]


def test_an_empty_installer_is_said_to_be_empty(deliver: Deliver) -> None:
    (found,) = inventory_installers(deliver({"installers/support/app.war": b""}))

    assert [each.message for each in found.findings] == ["is empty"]


def test_an_installer_that_the_vault_lost_is_a_finding(deliver: Deliver, war: bytes) -> None:
    delivery = deliver({"installers/support/app.war": war})
    next(each for each in delivery.files if each.path.suffix == ".war").location.unlink()

    (found,) = inventory_installers(delivery)

    assert [each.id for each in found.findings] == ["HND-INS-01"]


@pytest.mark.parametrize("name", ["war", "deb", "deb.xz", "image.gz"])
def test_a_truncated_archive_is_a_critical_finding(
    deliver: Deliver, content_of: dict[str, bytes], name: str
) -> None:
    whole = content_of[name]
    (found,) = inventory_installers(deliver({"installers/support/app.war": whole[: len(whole) // 2]}))

    assert [(each.id, each.severity) for each in found.findings] == [("HND-INS-01", Severity.CRITICAL)]


def test_an_encrypted_zip_is_said_to_be_encrypted(tmp_path: Path, war: bytes) -> None:
    file = tmp_path / "x"
    with zipfile.ZipFile(io.BytesIO(war)) as archive:
        at = archive.infolist()[0].header_offset + 6
    changed = bytearray(war)
    changed[at] |= 1
    changed[war.index(b"PK\1\2") + 8] |= 1
    file.write_bytes(changed)

    with pytest.raises(ArchiveUnreadableError, match="encrypted"):
        identify(file)


def test_a_zip_with_too_many_members_is_not_read_into_memory(
    tmp_path: Path, zipped: Zipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x"
    file.write_bytes(zipped({f"{number}": b"" for number in range(20)}))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)

    with pytest.raises(ArchiveUnreadableError, match="more than 10 members"):
        identify(file)


def test_a_tar_with_too_many_members_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x"
    file.write_bytes(tarred({f"{number}": b"" for number in range(20)}))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)

    with pytest.raises(ArchiveUnreadableError, match="more than 10 members"):
        identify(file)


def test_a_zip_whose_second_end_record_claims_more_is_judged_by_that_one(
    tmp_path: Path, zipped: Zipped
) -> None:
    plain = zipped({"a": b"1"})
    at = plain.index(b"PK\5\6")
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 46, 0)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
    file = tmp_path / "x"
    file.write_bytes(plain[:at] + record + locator + plain[at:])

    with pytest.raises(ArchiveUnreadableError, match="members"):
        identify(file)


def test_a_bomb_is_left_without_unpacking_it_into_memory(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 1 << 40
    file = tmp_path / "x"
    with gzip.open(file, "wb") as packed:
        packed.write(header.tobuf())
        for _ in range(64):
            packed.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(ArchiveUnreadableError):
        identify(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 << 20


def test_a_packed_tar_is_left_when_it_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x"
    file.write_bytes(tarred({"a": bytes(1 << 20), "b": b""}, "w:gz"))
    monkeypatch.setattr(archives, "MAX_STREAM_BYTES", 1 << 16)

    with pytest.raises(ArchiveUnreadableError, match="unpacks to more"):
        identify(file)


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_ever_crashes_the_inventory(
    tmp_path: Path, content_of: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(content_of)))
    whole = bytearray(content_of[name])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "x"
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(ArchiveUnreadableError):
        identify(file)


COMMIT = "0123456789abcdef" * 2 + "01234567"  # the declared one
ELSEWHERE = "ab" * 20
HISTORY = {
    "source/support/.git/HEAD": b"ref: refs/heads/main\n",
    f"source/support/.git/objects/cd/{'cd' * 19}": b"x",
}
WAR = "installers/support/app.war"


def war_of(zipped: Zipped, version: str = "3.2.1", commit: str | None = COMMIT) -> bytes:
    claim = f"Implementation-SCM-Revision: {commit}\n" if commit else ""
    manifest = f"Manifest-Version: 1.0\nImplementation-Version: {version}\n{claim}"
    return zipped({"META-INF/MANIFEST.MF": manifest.encode(), "WEB-INF/web.xml": b"<web-app/>"})


def ids(delivery: SealedDelivery) -> list[str]:
    return [each.id for found in inventory_installers(delivery) for each in found.findings]


def test_an_installer_of_the_declared_version_and_commit_is_clean(deliver: Deliver, zipped: Zipped) -> None:
    (found,) = inventory_installers(deliver({WAR: war_of(zipped)}))

    assert (found.commit, found.findings) == (COMMIT, ())


def test_a_commit_that_the_history_does_not_have_is_named(deliver: Deliver, zipped: Zipped) -> None:
    (found,) = inventory_installers(deliver(HISTORY | {WAR: war_of(zipped, commit=ELSEWHERE)}))

    (fault,) = found.findings
    assert (fault.id, fault.severity, fault.evidence) == ("HND-INS-08", Severity.MAJOR, f"commit {ELSEWHERE}")


@pytest.mark.parametrize("commit", ["cd" * 20, "CD" * 20, "cd" * 5])
def test_a_commit_that_the_history_has_is_right(deliver: Deliver, zipped: Zipped, commit: str) -> None:
    assert ids(deliver(HISTORY | {WAR: war_of(zipped, commit=commit)})) == []


@pytest.mark.parametrize("commit", [COMMIT, COMMIT[:12], COMMIT.upper()])
def test_the_declared_commit_is_right_only_while_no_history_says_otherwise(
    deliver: Deliver, zipped: Zipped, commit: str
) -> None:
    assert ids(deliver({WAR: war_of(zipped, commit=commit)})) == []


def test_the_declared_commit_is_looked_up_where_a_history_came(deliver: Deliver, zipped: Zipped) -> None:
    assert ids(deliver(HISTORY | {WAR: war_of(zipped)})) == ["HND-INS-08"]


@pytest.mark.parametrize("history", [{}, HISTORY | {"source/support/.git/shallow": b"x\n"}])
@pytest.mark.parametrize("commit", [None, ELSEWHERE])
def test_what_can_not_be_traced_to_the_source_is_said(
    deliver: Deliver, zipped: Zipped, history: dict[str, bytes], commit: str | None
) -> None:
    (found,) = inventory_installers(deliver(history | {WAR: war_of(zipped, commit=commit)}))

    assert [(each.id, each.severity) for each in found.findings] == [("HND-INS-09", Severity.INFO)]


def test_each_component_is_compared_with_its_own_history(deliver: Deliver, zipped: Zipped) -> None:
    portal = {path.replace("support", "portal"): content for path, content in HISTORY.items()}

    assert ids(deliver(portal | {WAR: war_of(zipped, commit=ELSEWHERE)})) == ["HND-INS-09"]


@pytest.mark.parametrize(
    "version", ["3.2.1-SNAPSHOT", "3.2.1-debug", "3.2.1.dev", "3.2.1-dev.4", "3.2.1~dev1-1"]
)
def test_a_version_under_development_is_a_debug_build(
    deliver: Deliver, zipped: Zipped, declaration: str, version: str
) -> None:
    text = declaration.replace('"3.2.1"', f'"{version}"')
    (found,) = inventory_installers(deliver({WAR: war_of(zipped, version)}, text))

    assert [(each.id, each.severity) for each in found.findings] == [("HND-INS-10", Severity.MAJOR)]


@pytest.mark.parametrize("version", ["3.2.1", "3.2.1-devices", "3.2.1-rc1", "3.2.1-1~deb11u1"])
def test_any_other_version_is_no_debug_build(
    deliver: Deliver, zipped: Zipped, declaration: str, version: str
) -> None:
    text = declaration.replace('"3.2.1"', f'"{version}"')
    assert ids(deliver({WAR: war_of(zipped, version)}, text)) == []


@pytest.mark.parametrize(
    ("content", "found", "severity"),
    [
        (made.apk(more={}), "HND-INS-11", Severity.MAJOR),
        (made.zipped({"BundleConfig.pb": b"x"}), "HND-INS-11", Severity.MAJOR),
        (made.ipa({"CFBundleShortVersionString": "3.2.1"}, is_signed=False), "HND-INS-11", Severity.MAJOR),
        (made.rpm(is_signed=False), "HND-INS-12", Severity.MINOR),
        (made.program(is_signed=False), "HND-INS-12", Severity.MINOR),
        (made.ole(streams=[]), "HND-INS-12", Severity.MINOR),
    ],
)
def test_what_holds_no_signature_weighs_as_its_platform_has_it(
    deliver: Deliver, content: bytes, found: str, severity: Severity
) -> None:
    (installer,) = inventory_installers(deliver({WAR: content}))

    judged = [(each.id, each.severity) for each in installer.findings if each.id != "HND-INS-09"]
    assert judged == [(found, severity)]


@pytest.mark.parametrize(
    "content",
    [
        made.apk(),
        made.with_signing_block(made.apk(more={})),
        made.ipa({"CFBundleShortVersionString": "3.2.1"}),
        made.rpm(),
        made.program(),
        made.ole(),
        made.chart("apiVersion: v2\nname: app\nversion: 1.4.0\nappVersion: v3.2.1\n"),
        made.image(),
        deb("1:3.2.1-1"),
    ],
)
def test_an_installer_of_each_kind_that_is_whole_is_clean(deliver: Deliver, content: bytes) -> None:
    assert ids(deliver({WAR: content})) == ["HND-INS-09"]


@pytest.mark.parametrize(
    "content",
    [
        made.apk(made.axml(is_debuggable=True)),
        made.apk(more=made.SIGNED | {"META-INF/CERT.RSA": made.DEBUG_CERTIFICATE}),
        made.program(flags=1),
    ],
)
def test_a_mark_of_debugging_makes_a_debug_build(deliver: Deliver, content: bytes) -> None:
    assert ids(deliver({WAR: content})) == ["HND-INS-09", "HND-INS-10"]


@pytest.mark.parametrize(
    "content",
    [
        made.apk(made.axml("9.9")),
        made.ipa({"CFBundleShortVersionString": "9.9"}),
        made.rpm("9.9"),
        made.program((9, 9, 0, 0)),
        made.chart("apiVersion: v2\nname: app\nversion: 1.4.0\nappVersion: 9.9\n"),
        made.image(["app:9.9"]),
        deb("9.9-1"),
    ],
)
def test_a_version_inside_that_is_another_is_found_in_each_kind(deliver: Deliver, content: bytes) -> None:
    assert ids(deliver({WAR: content})) == ["HND-INS-03", "HND-INS-07", "HND-INS-09"]


def test_an_undeclared_installer_is_compared_with_the_source_too(deliver: Deliver) -> None:
    undeclared = {"installers/support/more.rpm": made.rpm("9.9")}

    assert ids(deliver(undeclared)) == ["HND-INS-04", "HND-INS-07", "HND-INS-09"]


def test_where_the_declaration_itself_differs_the_gap_is_not_said_twice(
    deliver: Deliver, zipped: Zipped, declaration: str
) -> None:
    declared = 'path: installers/support/app.war, version: "'
    text = declaration.replace(declared, declared + "9.")

    assert ids(deliver({WAR: war_of(zipped, "9.3.2.1")}, text)) == []


@pytest.mark.parametrize(
    "content",
    [
        made.ole(made.WORD),
        made.apk(b"<manifest/>"),
        made.chart("a: *b\n"),
        made.rpm()[:120],
        made.program()[:-1],
    ],
)
def test_what_nothing_installs_spoils_the_cell(deliver: Deliver, content: bytes) -> None:
    (found,) = inventory_installers(deliver({WAR: content}))

    assert [each.id for each in found.findings if each.severity.spoils] in (["HND-INS-01"], ["HND-INS-02"])
