"""Which database tables a file of the source names: in SQL, in SQL within code's strings, in mappings of classes.

Names are in lower case, without quotes, with their schema where it is written. Nothing is judged here, and SQL is
not parsed: what is put together while the program runs is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from handover.inventory.trees.reading import Reading

_PART = r"""["`\[]?[a-z_][\w$]*["`\]]?"""
_TABLE = rf"{_PART}(?:\.{_PART})?"
_ALIASED = rf"{_TABLE}(?:\s+(?:as\s+)?[a-z_]\w*)?"
_READ = re.compile(
    rf"(?<!distinct )\b(?:from|join)\s+(?:only\s+)?({_ALIASED}(?:\s*,\s*{_ALIASED})*)(?!\s*[\w.]*\()", re.I
)
_WRITTEN = re.compile(
    rf"\b(?:insert\s+into|merge\s+into|delete\s+from|truncate\s+table|alter\s+table(?:\s+if\s+exists)?(?:\s+only)?"
    rf"|create\s+(?:unlogged\s+)?table(?:\s+if\s+not\s+exists)?)\s+({_TABLE})"
    r"|(?<!for )(?<!on )(?<!do )(?<!or )(?<!after )(?<!before )\bupdate\s+(?:only\s+)?"
    rf"({_TABLE})\s+(?:as\s+)?(?:\w+\s+)?set\b",
    re.I,
)
_NAMED_QUERY = re.compile(
    rf"(?:\bwith(?:\s+recursive)?|,|\))\s+({_PART})\s*(?:\([^()]*\)\s*)?as\s+(?:not\s+)?(?:materialized\s+)?\(",
    re.I,
)
_NOT_A_TABLE = {
    "select", "set", "lateral", "unnest", "values", "dual", "where", "only", "table", "the", "as", "on",
    "new", "old", "excluded", "current_date", "current_timestamp", "information_schema", "pg_catalog",
}  # fmt: skip
_SQL_NOISE = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*+'?|\b(?:extract|trim|substring|overlay)\s*\([^()]*\bfrom\b",
    re.S | re.I,
)

# An end that doesn't come is the end of the line or file: so each is read once, whatever stands in it.
_LINE_STRINGS = r'"((?:[^"\\\n]|\\.)*+)"?' r"|'((?:[^'\\\n]|\\.)*+)'?"
_STRING = re.compile(r'"""(.*?)(?:"""|\Z)' r"|'''(.*?)(?:'''|\Z)|" + _LINE_STRINGS, re.S)
_STRING_OR_TEMPLATE = re.compile(_LINE_STRINGS + r"|`([^`]*+)`?", re.S)
_WITH_TEMPLATES = {".go", ".js", ".jsx", ".mjs", ".ts", ".tsx"}
_STATEMENT = re.compile(
    r"\s*(?:\(\s*)?(?:select|insert\s+into|update|delete\s+from|with|merge\s+into|create\s+table|alter\s+table|truncate)\s",
    re.I,
)
_FRAGMENT = re.compile(r"\s*(?:from|(?:(?:left|right|inner|full|cross)\s+(?:outer\s+)?)?join)\s", re.I)
_ANNOTATION = re.compile(r"@(?:Table|JoinTable|CollectionTable|SecondaryTable)\s*\(([^)@]*)")
_ATTRIBUTE = re.compile(r"""(name|schema)\s*=\s*"([^"]+)\"""")
_DECLARED = re.compile(
    r"""(?:__tablename__|\bdb_table|\$table)\s*=\s*["']([\w.]+)["']|Schema::(?:create|table)\(\s*["']([\w.]+)["']"""
)
_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>")

_CODE = {
    ".java", ".kt", ".kts", ".groovy", ".scala", ".py", ".php", ".go", ".js", ".jsx", ".mjs", ".ts", ".tsx",
    ".cs", ".vb", ".rb", ".rs",
}  # fmt: skip
_VERBS = (b"select", b"insert into", b"delete from", b"create table", b"join ", b" set ")


def tables_named(reading: Reading) -> frozenset[str]:
    """The tables that this file names."""
    if reading.line_count is None:
        return frozenset()
    suffix = reading.path.suffix.lower()
    if suffix == ".sql":
        return _in_sql(reading.text)
    if suffix == ".xml" and b"<mapper" in reading.folded:
        return _in_sql(_TAG.sub(" ", reading.text))
    if suffix not in _CODE:
        return frozenset()
    mapped = frozenset(_mapped(reading.text)) if b"table" in reading.folded else frozenset()
    if any(verb in reading.folded for verb in _VERBS):
        return mapped | _in_strings(reading.text, suffix)
    return mapped


def _in_sql(sql: str) -> frozenset[str]:
    sql = _SQL_NOISE.sub(" ", sql)
    own = {_plain(each) for each in _NAMED_QUERY.findall(sql)}
    read = (table.split()[0] for each in _READ.findall(sql) for table in each.split(","))
    written = (first or second for first, second in _WRITTEN.findall(sql))
    names = {_plain(each) for each in (*read, *written)} - own
    return frozenset(each for each in names if each.partition(".")[0] not in _NOT_A_TABLE)


def _in_strings(code: str, suffix: str) -> frozenset[str]:
    pattern = _STRING_OR_TEMPLATE if suffix in _WITH_TEMPLATES else _STRING
    found: set[str] = set()
    for literal in ("".join(match) for match in pattern.findall(code)):
        if _STATEMENT.match(literal):
            found |= _in_sql(literal)
        elif _FRAGMENT.match(literal):  # "from us" may be prose; with a schema it is a table
            found |= {each for each in _in_sql(literal) if "." in each}
    return frozenset(found)


def _mapped(code: str) -> Iterator[str]:
    for attributes in _ANNOTATION.findall(code):
        named = dict(_ATTRIBUTE.findall(attributes))
        if "name" in named:
            yield _plain(".".join(named[key] for key in ("schema", "name") if key in named))
    for match in _DECLARED.findall(code):
        yield _plain("".join(match))


def _plain(name: str) -> str:
    return re.sub(r'["`\[\]]', "", name).lower()
