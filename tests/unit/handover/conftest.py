"""Small bags, made with the library ``bagit`` as a sender would make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import bagit
import pytest

DECLARATION = """\
delivery: {delivery}
kind: delivery
vendor: VIETTEL
snapshot_at: "2022-04-05T23:59:59+07:00"
components:
  support:
    source: {{path: source/support, version: "3.2.1", commit: {commit}}}
    installers: [{{path: installers/support/app.war, version: "3.2.1"}}]
    database:
      path: database/support.dump
      tables: [{{table: tiemchung.doi_tuong, rows: 3}}, {{table: tiemchung.mui_tiem, rows: 5}}]
    documents: [{{path: documents/support/design.md, kind: design, title: "Thiết kế"}}]
"""

MakeBag = Callable[..., Path]


@pytest.fixture
def declaration() -> str:
    return DECLARATION.format(delivery="vn-test", commit="0123456789abcdef" * 2 + "01234567")


@pytest.fixture
def make_bag(tmp_path: Path, declaration: str) -> MakeBag:
    """A function from files (path below data/ -> content) to the folder of a bag that holds them."""

    def make(
        files: Mapping[str, bytes] | None = None,
        *,
        delivery: str = "vn-test",
        name: str = "bag",
        text: str = "",
    ) -> Path:
        folder = tmp_path / name
        declared = (text or declaration).replace("vn-test", delivery).encode()
        content = {"declaration.yml": declared, "database/support.dump": b"PGDMP dump"} | dict(files or {})
        for path, payload in content.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(payload)
        bagit.make_bag(str(folder), {"External-Identifier": delivery}, checksums=["sha256"])
        return folder

    return make


@pytest.fixture
def rewrite_manifests() -> Callable[[Path], None]:
    """A function that makes a changed bag consistent again, as a sender would who mended it."""

    def rewrite(folder: Path) -> None:
        bagit.Bag(str(folder)).save(manifests=True)

    return rewrite


@pytest.fixture
def zipped() -> Callable[..., bytes]:
    """A function from members (name -> content) to the bytes of a zip."""

    def make(members: Mapping[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    return make


@pytest.fixture
def war(zipped: Callable[..., bytes]) -> bytes:
    manifest = b"Manifest-Version: 1.0\r\nImplementation-Version: 3.2.1\r\n"
    return zipped({"META-INF/MANIFEST.MF": manifest, "WEB-INF/web.xml": b"<web-app/>"})
