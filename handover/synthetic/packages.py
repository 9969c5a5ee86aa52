"""What is delivered: the declaration, and folders made into BagIt bags that are the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import bagit
import yaml

from handover.bag import canonical_digest
from handover.parts import Component
from handover.synthetic.material.delivered import MaterialOfComponent

VENDOR = "VIETTEL"
MINUTES = "BB-BG/giả lập (synthetic minutes)"
"""The minutes with which the synthetic delivery is handed over: made up, as all of it."""
ANSWERED = "141/CNTT-DLYT"
"""The request that it is said to answer; the real one never was."""
Counts = Mapping[Component, Mapping[str, int]]


def declare_delivery(
    data: Path,
    delivery: str,
    snapshot_at: datetime,
    material: Mapping[Component, MaterialOfComponent],
    counts: Counts,
) -> None:
    """Write the declaration of a whole delivery."""
    components = {
        str(component): {
            "source": {"path": str(m.source.path), "version": m.source.version, "commit": m.source.commit},
            "installers": [{"path": str(each.path), "version": each.version} for each in m.installers],
            "database": _database(component, counts[component]),
            "documents": [
                {"path": str(each.path), "kind": str(each.kind), "title": each.title} for each in m.documents
            ],
        }
        for component, m in material.items()
    }
    letter = {"number": MINUTES, "sent_on": snapshot_at.date(), "answers": [ANSWERED]}
    _write(data, {**_head(delivery, "delivery", snapshot_at), "letter": letter, "components": components})


def declare_increment(
    data: Path,
    increment: str,
    covers_on: date,
    snapshot_at: datetime,
    baseline: str,
    predecessor: tuple[str, str],
    counts: Mapping[str, int],
) -> None:
    """Write the declaration of one day; ``predecessor`` is the id and bag digest of the package before it."""
    said = {
        **_head(increment, "increment", snapshot_at),
        "covers_on": covers_on,
        "baseline": baseline,
        "predecessor": {"id": predecessor[0], "bag_sha256": predecessor[1]},
        "components": {"support": {"database": _database(Component.SUPPORT, counts)}},
    }
    _write(data, said)


def make_bag(folder: Path, identifier: str, bagged_on: date) -> str:
    """Turn a folder that holds ``data/`` into a bag; returns its digest."""
    data = folder / "data"
    for child in sorted(data.iterdir()):
        child.rename(folder / child.name)
    data.rmdir()
    info = {
        "External-Identifier": identifier,
        "Source-Organization": "Nhà phát triển giả lập (synthetic vendor)",
        "Bagging-Date": bagged_on.isoformat(),
        "Bag-Software-Agent": "tiemchung synth",
    }
    bag = bagit.make_bag(str(folder), info, checksums=["sha256"])
    below = ((path.removeprefix("data/"), hashes["sha256"]) for path, hashes in bag.payload_entries().items())
    return canonical_digest(below)


def _head(identifier: str, kind: str, snapshot_at: datetime) -> dict[str, Any]:
    return {"delivery": identifier, "kind": kind, "vendor": VENDOR, "snapshot_at": snapshot_at.isoformat()}


def _database(component: Component, counts: Mapping[str, int]) -> dict[str, Any]:
    tables = [{"table": table, "rows": rows} for table, rows in counts.items()]
    return {"path": f"database/{component}.dump", "tables": tables}


def _write(data: Path, said: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(said), allow_unicode=True, sort_keys=False)
    (data / "declaration.yml").write_text(text, encoding="utf-8")
