"""The installer of each product: a war, a container image, a Debian package, an Android package.

Small, but of the right make: what opens such files finds what it looks for, and the source's version and commit.
Nothing in them was compiled; class files hold a valid head and no code. The Android package is made in ``android``.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import PurePosixPath

from handover.parts import Component
from handover.synthetic.material.android import android_package
from handover.synthetic.material.packing import ar, gzipped, tarred, zipped
from handover.synthetic.material.products import PACKED_AT, Product
from handover.synthetic.material.source import Tree, tree_id
from handover.synthetic.material.templates import data_text, rendered


def installer(product: Product, source: Tree) -> tuple[str, bytes]:
    """File name and content of a product's installer, made from its source."""
    match product.component:
        case Component.SUPPORT:
            return f"{product.code}-{product.version}.war", _war(product, source)
        case Component.PORTAL:
            return f"{product.code}-{product.version}.tar", _image(product, source)
        case Component.COMMAND:
            return f"{product.code}_{product.version}_all.deb", _debian_package(product, source)
        case Component.HEALTH_BOOK:
            return f"{product.code}-{product.version}.apk", android_package(product, source)


def _war(product: Product, source: Tree) -> bytes:
    resources = PurePosixPath("src/main/resources")
    java = PurePosixPath("src/main/java")
    members = {
        "META-INF/MANIFEST.MF": _template("MANIFEST.MF", product),
        "WEB-INF/classes/git.properties": f"git.commit.id={tree_id(source)}\n".encode(),
        "WEB-INF/web.xml": _template("web.xml", product),
    }
    for path, content in source.items():
        if path.is_relative_to(resources):
            members[f"WEB-INF/classes/{path.relative_to(resources)}"] = content
        elif path.is_relative_to(java):
            name = str(path.relative_to(java).with_suffix(""))
            members[f"WEB-INF/classes/{name}.class"] = _class_file(name)
    return zipped(members, first=["META-INF/MANIFEST.MF"])


def _class_file(name: str) -> bytes:
    """A Java 17 class without fields and methods: constant pool, public, its name, its parent."""
    texts = [each.encode() for each in (name, "java/lang/Object")]
    pool = b"".join(
        struct.pack(">BHBH", 7, 2 * index + 2, 1, len(text)) + text for index, text in enumerate(texts)
    )
    return struct.pack(">IHHH", 0xCAFEBABE, 0, 61, 5) + pool + struct.pack(">HHHHHHH", 0x21, 1, 3, 0, 0, 0, 0)


def _image(product: Product, source: Tree) -> bytes:
    """What ``docker save`` writes: the layer, the image's configuration, and the manifest with its tag."""
    layer = tarred({f"srv/{product.code}/{path}": content for path, content in source.items()})
    layer_name = f"{hashlib.sha256(layer).hexdigest()}/layer.tar"
    config = _json(
        {
            "architecture": "amd64",
            "config": {
                "Labels": {
                    "org.opencontainers.image.revision": tree_id(source),
                    "org.opencontainers.image.version": product.version,
                },
                "WorkingDir": f"/srv/{product.code}",
            },
            "created": PACKED_AT.isoformat(),
            "os": "linux",
            "rootfs": {"diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"], "type": "layers"},
        }
    )
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    tag = f"registry.example.invalid/{product.code}:{product.version}"
    manifest = _json([{"Config": config_name, "Layers": [layer_name], "RepoTags": [tag]}])
    return tarred({layer_name: layer, config_name: config, "manifest.json": manifest})


def _debian_package(product: Product, source: Tree) -> bytes:
    files = {f"opt/{product.code}/{path}": content for path, content in source.items()}
    sums = "".join(
        f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {path}\n"
        for path, content in sorted(files.items())
    )
    control = {"control": _template("control", product), "md5sums": sums.encode()}
    return ar(
        {
            "debian-binary": b"2.0\n",
            "control.tar.gz": gzipped(tarred(control)),
            "data.tar.gz": gzipped(tarred(files)),
        }
    )


def _template(name: str, product: Product) -> bytes:
    return rendered(data_text(f"installers/{name}.j2"), product.context).encode()


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
