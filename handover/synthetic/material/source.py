"""The source tree of a product: templates rendered, migrations added, and the commit it claims to be.

Files are held as bytes by path; who writes them where is decided by the caller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from handover.synthetic.material.products import Product
from handover.synthetic.material.schema import migrations
from handover.synthetic.material.templates import rendered_tree

Tree = Mapping[PurePosixPath, bytes]
"""Files by path relative to the tree's root."""


def source_tree(product: Product) -> Tree:
    """All files of a product's source, sorted by path."""
    files = rendered_tree("source/shared", product.context)
    files |= rendered_tree(f"source/{product.component}", product.context)
    for name, statements in migrations(product.component).items():
        files[product.migrations / name] = statements.encode()
    return dict(sorted(files.items()))


def tree_id(tree: Tree) -> str:
    """The id (40 hex digits) that git gives this tree when every file in it is an ordinary one.

    Equals ``git rev-parse HEAD:./`` after the files were committed: anybody can check it.
    """
    entries: dict[str, tuple[bytes, str]] = {}
    folders: dict[str, dict[PurePosixPath, bytes]] = {}
    for path, content in tree.items():
        if len(path.parts) == 1:
            entries[path.name] = (b"100644", _object_id(b"blob", content))
        else:
            folders.setdefault(path.parts[0], {})[PurePosixPath(*path.parts[1:])] = content
    # git sorts folders as if their names ended in a slash
    entries |= {f"{name}/": (b"40000", tree_id(files)) for name, files in folders.items()}
    body = b"".join(
        mode + b" " + name.rstrip("/").encode() + b"\0" + bytes.fromhex(object_id)
        for name, (mode, object_id) in sorted(entries.items(), key=lambda entry: entry[0].encode())
    )
    return _object_id(b"tree", body)


def _object_id(kind: bytes, content: bytes) -> str:
    header = kind + b" " + str(len(content)).encode() + b"\0"
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
