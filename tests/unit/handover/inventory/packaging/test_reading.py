"""Each format says its version, its commit, its marks of a debug build, and whether a signature is there."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from handover.inventory.archives import ArchiveUnreadableError
from handover.inventory.packaging.identification import identify
from handover.inventory.packaging.insides import Insides, InstallerType
from tests.unit.handover.inventory.packaging import made
from tests.unit.handover.inventory.packaging.made import COMMIT

Read = Callable[[bytes], Insides]
CHART = "apiVersion: v2\nname: app\nversion: 1.4.0\ntype: application\n"
CERTIFICATE = "it is signed with Android's certificate for debugging"
SWITCH = "the manifest switches debugging on"
REVISION = "org.opencontainers.image.revision"
VERSION = "org.opencontainers.image.version"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes) -> Insides:
        file = tmp_path / "file.of-no-telling-name"
        file.write_bytes(content)
        return identify(file)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("has_map", [True, False])
def test_an_apk_says_version_build_and_debug_switch(read: Read, encoding: str, has_map: bool) -> None:
    found = read(made.apk(made.axml(is_debuggable=True, encoding=encoding, has_map=has_map)))

    assert (found.type, found.versions, found.build) == (InstallerType.APK, ("3.2.1",), "321")
    assert found.debug_marks == (SWITCH,)


@pytest.mark.parametrize("is_debuggable", [None, False])
def test_an_apk_for_release_has_no_mark(read: Read, is_debuggable: bool | None) -> None:
    assert read(made.apk(made.axml(is_debuggable=is_debuggable))).debug_marks == ()


@pytest.mark.parametrize(
    ("content", "is_signed", "marks"),
    [
        (made.apk(), True, ()),
        (made.apk(more={}), False, ()),
        (made.apk(more={"META-INF/CERT.RSA": b"block"}), False, ()),
        (made.apk(more={"META-INF/CERT.SF": b"digests"}), False, ()),
        (made.apk(more={"META-INF/A.SF": b"", "META-INF/A.EC": b""}), True, ()),
        (made.with_signing_block(made.apk(more={})), True, ()),
        (made.with_signing_block(made.apk(more={}), made.DEBUG_CERTIFICATE), True, (CERTIFICATE,)),
        (made.apk(more=made.SIGNED | {"META-INF/CERT.RSA": made.DEBUG_CERTIFICATE}), True, (CERTIFICATE,)),
    ],
)
def test_an_apk_is_signed_by_either_scheme(
    read: Read, content: bytes, is_signed: bool, marks: tuple[str]
) -> None:
    found = read(content)

    assert (found.is_signed, found.debug_marks) == (is_signed, marks)


def test_an_apk_says_the_commit_that_gradle_noted(read: Read) -> None:
    noted = f'repositories {{\n  system: GIT\n  revision: "{COMMIT}"\n}}\n'.encode()
    assert read(made.apk(more={"META-INF/version-control-info.textproto": noted})).commit == COMMIT


@pytest.mark.parametrize(
    "manifest", [b'<?xml version="1.0"?><manifest/>', b"", b"\3\0", made.chunk(3, b"", b"")]
)
def test_an_apk_whose_manifest_no_device_reads_is_unreadable(read: Read, manifest: bytes) -> None:
    with pytest.raises(ArchiveUnreadableError, match="no device installs it"):
        read(made.apk(manifest))


def test_an_android_library_is_no_installer(read: Read) -> None:
    library = {"AndroidManifest.xml": b"<manifest/>", "classes.jar": b"x"}
    assert read(made.zipped(library)).type is InstallerType.ZIP


@pytest.mark.parametrize(("more", "is_signed"), [({}, False), (made.SIGNED, True)])
def test_a_bundle_needs_the_signature_of_a_jar(read: Read, more: dict[str, bytes], is_signed: bool) -> None:
    found = read(made.zipped({"BundleConfig.pb": b"x"} | more))

    assert (found.type, found.is_signed) == (InstallerType.AAB, is_signed)


@pytest.mark.parametrize("is_binary", [True, False])
@pytest.mark.parametrize("is_signed", [True, False])
def test_an_ipa_says_version_and_build(read: Read, is_binary: bool, is_signed: bool) -> None:
    said = {"CFBundleShortVersionString": "3.2.1", "CFBundleVersion": "77"}
    found = read(made.ipa(said, is_signed, is_binary))

    assert found == Insides(InstallerType.IPA, ("3.2.1",), "77", is_signed=is_signed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"bplist00",
        b"<plist><date>x</date></plist>",
        b"<plist><array/></plist>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><plist><string>&b;</string></plist>',
        b" " * (1 << 20) + b"<plist><dict/></plist>",
    ],
)
def test_an_ipa_whose_list_no_device_reads_is_unreadable(read: Read, content: bytes) -> None:
    with pytest.raises(ArchiveUnreadableError, match=r"Info\.plist"):
        read(made.zipped({"Payload/App.app/Info.plist": content}))


def test_an_ipa_without_a_list_is_unreadable(read: Read) -> None:
    with pytest.raises(ArchiveUnreadableError, match=r"without Info\.plist"):
        read(made.zipped({"Payload/App.app/App": b"x"}))


@pytest.mark.parametrize("is_signed", [True, False])
def test_an_rpm_says_version_release_commit_and_signature(read: Read, is_signed: bool) -> None:
    found = read(made.rpm(is_signed=is_signed, vcs=f"git+https://git.example.invalid/app#{COMMIT}:app"))

    versions = ("3.2.1-2.el8", "3.2.1")
    assert found == Insides(InstallerType.RPM, versions, "2.el8", COMMIT, is_signed=is_signed)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_windows_program_says_version_and_signature(read: Read, bits: int, is_signed: bool) -> None:
    found = read(made.program(is_signed=is_signed, bits=bits))

    assert found == Insides(InstallerType.EXE, ("3.2.1.0", "3.2.1"), is_signed=is_signed)


def test_a_windows_program_says_that_it_is_for_debugging(read: Read) -> None:
    assert read(made.program(flags=1)).debug_marks == ("its version calls it a debug build",)


@pytest.mark.parametrize(("streams", "is_signed"), [(["\x05DigitalSignature"], True), (["Binary"], False)])
def test_an_msi_is_told_by_its_class_and_signed_by_a_stream(
    read: Read, streams: list[str], is_signed: bool
) -> None:
    assert read(made.ole(streams=streams)) == Insides(InstallerType.MSI, is_signed=is_signed)


def test_a_section_without_content_in_the_file_cuts_nothing_off(read: Read) -> None:
    whole = made.program()
    at = whole.index(b".rsrc")
    section = struct.pack("<8sIIII", b".bss", 1 << 30, 0x1000, 1 << 30, 0)

    assert read(whole[:at] + section + whole[at + 24 :]).type is InstallerType.EXE


def test_an_old_office_document_is_no_msi(read: Read) -> None:
    assert read(made.ole(made.WORD)) == Insides(InstallerType.OLE)


@pytest.mark.parametrize(
    ("tags", "labels", "versions", "commit"),
    [
        (["r.invalid:5000/app:3.2.1"], {VERSION: "22.04"}, ("3.2.1",), None),
        (["app:latest"], {VERSION: "3.2.1", REVISION: COMMIT.upper()}, ("3.2.1",), COMMIT),
        (["app:latest", "app:3.2.1"], None, ("3.2.1",), None),
        (["app:latest"], {REVISION: "main"}, ("latest",), None),
        ([], {}, (), None),
    ],
)
def test_an_image_says_its_version_by_tag_before_label(
    read: Read, tags: list[str], labels: dict[str, str] | None, versions: tuple[str, ...], commit: str | None
) -> None:
    found = read(made.image(tags, labels))

    assert (found.type, found.versions, found.commit) == (InstallerType.CONTAINER_IMAGE, versions, commit)


def test_an_image_packed_from_its_folder_is_an_image(read: Read) -> None:
    assert (
        read(made.tarred({"./oci-layout": b"{}", "./index.json": b"{}"})).type
        is InstallerType.CONTAINER_IMAGE
    )


def test_an_oci_layout_says_tag_and_commit(read: Read) -> None:
    found = read(made.oci_layout("3.2.1", {REVISION: COMMIT}))

    assert found == Insides(InstallerType.CONTAINER_IMAGE, ("3.2.1",), commit=COMMIT)


@pytest.mark.parametrize(
    "index", [b"{}", b"[1]", b'{"manifests": 1}', b"[" * 100_000, b'{"manifests": [{}]}']
)
def test_an_oci_layout_of_another_form_says_nothing(read: Read, index: bytes) -> None:
    found = read(made.tarred({"oci-layout": b"{}", "index.json": index}))

    assert found == Insides(InstallerType.CONTAINER_IMAGE)


def test_a_chart_says_both_versions_and_its_commit(read: Read) -> None:
    more = f"appVersion: 3.2.1\nannotations:\n  {REVISION}: {COMMIT}\n"

    assert read(made.chart(CHART + more)) == Insides(
        InstallerType.HELM_CHART, ("1.4.0", "3.2.1"), commit=COMMIT
    )


def test_a_version_that_yaml_takes_for_a_number_is_a_version(read: Read) -> None:
    assert read(made.chart(CHART + "appVersion: 3.2\n")).versions == ("1.4.0", "3.2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "name: app\nversion: 1.0.0\n",
        CHART + "a: &a [x]\nb: [*a, *a]\n",
        CHART + "a: !!python/object/apply:os.system [id]\n",
        CHART + "a: " + "[" * 5000,
        CHART + "#" * (1 << 20),
        CHART + "name: other\n",
        "\0",
    ],
)
def test_a_chart_that_helm_or_we_would_not_read_is_unreadable(read: Read, text: str) -> None:
    with pytest.raises(ArchiveUnreadableError, match=r"Chart\.yaml"):
        read(made.chart(text))


@pytest.mark.parametrize("place", ["", "BOOT-INF/classes/", "WEB-INF/classes/"])
@pytest.mark.parametrize("key", ["git.commit.id", "git.commit.id.full", "git.commit.id.abbrev"])
def test_a_jar_says_the_commit_of_its_git_properties(read: Read, place: str, key: str) -> None:
    properties = f"#Generated\ngit.branch=main\n{key} = {COMMIT}\n".encode()
    members = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", f"{place}git.properties": properties}

    assert read(made.zipped(members)).commit == COMMIT


@pytest.mark.parametrize(
    "key",
    ["Implementation-SCM-Revision", "Git-Commit", "Build-Revision", "SCM-Revision", "Implementation-Build"],
)
def test_a_jar_says_the_commit_of_its_manifest_also_over_two_lines(read: Read, key: str) -> None:
    manifest = f"Manifest-Version: 1.0\r\n{key}: {COMMIT[:9]}\r\n {COMMIT[9:]}\r\n".encode()

    assert read(made.zipped({"META-INF/MANIFEST.MF": manifest})).commit == COMMIT


@pytest.mark.parametrize(
    "claim", ["main", "1234", "${buildNumber}", COMMIT * 2, "UNKNOWN", "20140411", "1234567"]
)
def test_what_is_no_commit_is_no_claim(read: Read, claim: str) -> None:
    manifest = f"Git-Commit: {claim}\n".encode()

    assert read(made.zipped({"META-INF/MANIFEST.MF": manifest})).commit is None


@pytest.mark.parametrize(
    ("claim", "commit"),
    [
        (COMMIT + "-dirty", COMMIT),
        (COMMIT[:7].upper(), COMMIT[:7]),
        ("1" * 40, "1" * 40),
        (f" {COMMIT} ", COMMIT),
    ],
)
def test_a_commit_may_be_short_or_marked_as_changed(read: Read, claim: str, commit: str) -> None:
    assert read(made.image(labels={REVISION: claim})).commit == commit
