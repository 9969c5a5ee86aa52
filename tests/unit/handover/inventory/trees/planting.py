"""A clean source tree, to plant one defect in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handover.findings import Finding
from handover.inventory.source import SourceTree, inventory_source
from handover.sealed import SealedDelivery

Deliver = Callable[[Mapping[str, bytes]], SealedDelivery]

CLEAN: Mapping[str, bytes] = {
    "pom.xml": b"<project><artifactId>a</artifactId><modules><module>core</module></modules></project>\n",
    "core/pom.xml": b"<project><artifactId>core</artifactId></project>\n",
    "LICENSE": b"ours\n",
    "README.md": "# Hệ thống\n\n## Biên dịch\n\n    mvn package\n".encode(),
    ".git/HEAD": b"ref: refs/heads/main\n",
    "core/src/A.java": b"class A {\n}\n",
    "core/db/migration/V1__first.sql": b"create table tc.a (id int);\n",
    "core/db/migration/V2__second.sql": b"create table tc.b (id int);\n",
}


def tree_with(deliver: Deliver, planted: Mapping[str, bytes], *left_out: str) -> SourceTree:
    """The inventory of the clean tree with these files planted and those left out."""
    kept = {path: content for path, content in CLEAN.items() if path not in left_out}
    files = {f"source/support/{path}": content for path, content in (kept | dict(planted)).items()}
    (tree,) = inventory_source(deliver(files))
    return tree


def said(tree: SourceTree) -> list[tuple[str, str, str]]:
    """Findings as (id, path below the tree, evidence)."""
    return [(each.id, _below(each), each.evidence) for each in tree.findings]


def _below(found: Finding) -> str:
    return str(found.path).removeprefix("source/support/")
