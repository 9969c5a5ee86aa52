"""The tables that a component's database dictionaries describe, beside those of its dump.

Names only: whether columns and meanings agree isn't looked at. Nothing is judged without a dump and a dictionary
that were read to their ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from handover.findings import Finding, finding
from handover.inventory.database import Database
from handover.inventory.documents import Document
from handover.parts import DocumentKind


def against_dump(documents: Sequence[Document], database: Database) -> tuple[Finding, ...] | None:
    """What one component's dictionaries and its dump say differently; None where they can't be compared."""
    dictionaries = [each for each in documents if each.kind is DocumentKind.DATABASE_DICTIONARY]
    held = {name.lower() for name in database.tables}
    if not dictionaries or not held or not all(each.has_text and each.is_whole for each in dictionaries):
        return None
    named = frozenset[str]().union(*(each.mentions.tables for each in dictionaries))
    missing = sorted(name for name in held if not named & {name, name.partition(".")[2]})
    lacking = [
        finding("HND-DOC-16", each.path, f"describes {name}, which the dump lacks")
        for each in dictionaries
        for name in sorted(_not_held(each.mentions.entries, held))
    ]
    path = dictionaries[0].path
    if 2 * len(missing) > len(held):
        evidence = f"{len(held) - len(missing)} of {len(held)} tables"
        message = "describes fewer than half of the tables that the dump holds"
        return finding("HND-DOC-15", path, message, evidence), *lacking
    undescribed = (
        finding("HND-DOC-14", path, f"doesn't describe {name}, which the dump holds") for name in missing
    )
    return *undescribed, *lacking


def _not_held(entries: frozenset[str], held: set[str]) -> set[str]:
    """Entries of the dump's schemas that it doesn't hold; bare ones where others of the document are its tables."""
    schemas = {name.partition(".")[0] for name in held}
    qualified = {each for each in entries if each.partition(".")[0] in schemas and "." in each}
    bare = {each for each in entries if "." not in each}
    names = {name.partition(".")[2] for name in held}
    return qualified - held | (
        bare - names - {each.partition(".")[2] for each in qualified} if bare & names else set()
    )
