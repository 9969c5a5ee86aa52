"""What one statement of a plain SQL dump does: set, bring rows, or make an object of which kind, schema and name.

Read, never run. Cutting a script into statements belongs to ``script``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice

from handover.dump.definitions import Token, Unreadable, tokens

COPY_OF_ROWS = re.compile(rb"COPY\s.*\sFROM\s+stdin\s*(?:WITH\s*\(?[^;'\"]*)?;\Z", re.DOTALL | re.IGNORECASE)
SETTING = re.compile(rb"SET\s+(client_encoding|standard_conforming_strings)\s*(?:=|TO)\s*'?([\w-]+)'?;", re.I)
SETS_OTHERWISE = re.compile(
    rb"SET\s+(?:SESSION\s+|LOCAL\s+)?\"?(?:NAMES|client_encoding|standard_conforming_strings)\b"
    rb"|RESET\s+(?:ALL\b|\"?client_encoding|\"?standard_conforming_strings)|DISCARD\s+ALL"
    rb"|SELECT\b.*?\bset_config\s*\(\s*'(?:client_encoding|standard_conforming_strings)'",
    re.IGNORECASE | re.DOTALL,
)
CHANGES_ROWS = re.compile(
    rb"(?:INSERT\s*INTO|DO\b|CALL\b|EXECUTE\b|UPDATE(?:\s+ONLY)?|DELETE\s*FROM(?:\s+ONLY)?|TRUNCATE|MERGE|COPY|WITH)\s*+(?!pg_catalog\.)",
    re.IGNORECASE,
)
"""Without a space, too: a comment may have stood there."""

_MOST_TOKENS = 400  # an ALTER TABLE … ADD CONSTRAINT is known long before
_BEFORE_KIND = {"OR", "REPLACE", "UNLOGGED", "TEMPORARY", "TEMP", "GLOBAL", "LOCAL", "UNIQUE", "RECURSIVE"}
_BEFORE_KIND |= {"TRUSTED", "PROCEDURAL", "CONSTRAINT", "IF", "NOT", "EXISTS"}
_TWO_WORDS = {"FOREIGN", "MATERIALIZED", "EVENT", "ACCESS", "TEXT", "OPERATOR", "USER", "DEFAULT"}
_BEFORE_NAME = {"CONCURRENTLY", "IF", "NOT", "EXISTS", "ONLY"}
_INSIDE_A_SCHEMA = {"TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "TYPE", "DOMAIN"}
_INSIDE_A_SCHEMA |= {"FUNCTION", "PROCEDURE", "AGGREGATE", "INDEX", "CONSTRAINT", "FK CONSTRAINT", "DEFAULT"}
_INSIDE_A_SCHEMA |= {"SEQUENCE OWNED BY", "SEQUENCE SET", "TABLE ATTACH", "INDEX ATTACH", "TRIGGER", "RULE"}
_SILENT = {"SET", "BEGIN", "COMMIT", "START", "ROLLBACK", "RESET", "DROP"}

Name = tuple[str, str]
"""Schema (empty where it isn't written) and name."""


def made_by(statement: str) -> tuple[str, Name] | None:
    """Return kind and name of what a statement makes; None for one that makes nothing."""
    found = _first_tokens(statement)
    words = [token.keyword for token in found]
    if not words or words[0] in _SILENT:
        return None
    match words[0]:
        case "CREATE":
            return _created(found, words)
        case "ALTER":
            return _altered(found, words)
        case "COMMENT":
            return "COMMENT", ("", "")
        case "GRANT" | "REVOKE":
            return "ACL", ("", "")
        case "SELECT":
            return _selected(found)
        case "REFRESH":
            return "MATERIALIZED VIEW DATA", name_at(found, 3)
        case _:
            return None


def makes_rows(statement: str) -> bool:
    """Whether it makes a table with rows in it: CREATE TABLE … AS, SELECT … INTO; pg_dump writes neither."""
    words = [token.keyword for token in islice(_first_tokens(statement), 4)]
    if not (words[:1] == ["SELECT"] or (words[:1] == ["CREATE"] and "TABLE" in words)):
        return False
    sought, depth = {"SELECT": "INTO", "CREATE": "AS"}[words[0]], 0
    with suppress(Unreadable):
        for token in tokens(statement):
            depth += (token.keyword == "(") - (token.keyword == ")")
            if depth == 0 and token.keyword == sought:
                return True
    return False


def _first_tokens(statement: str) -> list[Token]:
    """The tokens it begins with, up to a quote whose end another setting of strings puts elsewhere."""
    found: list[Token] = []
    with suppress(Unreadable):
        found.extend(islice(tokens(statement), _MOST_TOKENS))
    return found


def is_inside_a_schema(kind: str) -> bool:
    """Whether such an object has a schema, the first of the search path where none is written."""
    return kind in _INSIDE_A_SCHEMA


def name_at(found: list[Token], at: int) -> Name:
    """Return the name, qualified or not, that stands at a place."""
    if at >= len(found) or found[at].kind not in {"word", "quoted"}:
        return "", ""
    if at + 2 < len(found) and found[at + 1].keyword == "." and found[at + 2].kind in {"word", "quoted"}:
        return found[at].identifier, found[at + 2].identifier
    return "", found[at].identifier


def _created(found: list[Token], words: list[str]) -> tuple[str, Name]:
    at = 1
    while at < len(words) and words[at] in _BEFORE_KIND:
        at += 1
    length = 2 if words[at : at + 1] and words[at] in _TWO_WORDS else 1
    kind = " ".join(words[at : at + length])
    at += length
    while at < len(words) and words[at] in _BEFORE_NAME:
        at += 1
    if kind == "INDEX" and words[at : at + 1] == ["ON"]:
        return kind, ("", "")
    return kind, name_at(found, at)


def _altered(found: list[Token], words: list[str]) -> tuple[str, Name] | None:
    at = 2 if words[1:2] != ["FOREIGN"] else 3
    while at < len(words) and words[at] in _BEFORE_NAME:
        at += 1
    name = name_at(found, at)
    after = words[at + (3 if name[0] else 1) :]
    kind = None
    if words[1:2] == ["PUBLICATION"] and after[:2] == ["ADD", "TABLE"]:
        kind = "PUBLICATION TABLE"
    elif after[:2] == ["ADD", "CONSTRAINT"]:
        kind = "FK CONSTRAINT" if after[3:5] == ["FOREIGN", "KEY"] else "CONSTRAINT"
    elif after[:2] == ["ATTACH", "PARTITION"]:
        kind = f"{words[1]} ATTACH"
    elif after[:2] == ["OWNED", "BY"]:
        kind = "SEQUENCE OWNED BY"
    elif after[:1] == ["ALTER"] and "DEFAULT" in after[:6]:
        kind = "DEFAULT"
    elif after[:1] == ["ALTER"] and after[3:5] == ["ADD", "GENERATED"]:
        kind = "SEQUENCE"
    return (kind, name) if kind else None


def _selected(found: list[Token]) -> tuple[str, Name] | None:
    called = next((t.identifier for t in found[1:4] if t.identifier not in {"pg_catalog", "."}), "")
    if called == "setval":
        return "SEQUENCE SET", ("", "")
    oid = next((t.text.strip("'") for t in found[4:8] if t.kind == "string"), "")
    return ("BLOB", ("", oid)) if called == "lo_create" else None


def search_path(statement: str) -> str | None:
    """Return the first schema of the search path that a statement sets; None where it sets none."""
    found = _first_tokens(statement)[:12]
    words = [token.keyword for token in found]
    if words[:2] == ["SET", "SEARCH_PATH"] and len(found) > 3:
        first = found[3]
        return first.text[1:-1] if first.kind == "string" else first.identifier
    is_call = "set_config" in [token.identifier for token in found[1:4]]
    values = [token.text for token in found if token.kind == "string"]
    if is_call and values[:1] == ["'search_path'"] and len(values) > 1:
        return values[1][1:-1].split(",")[0].strip()
    return None
