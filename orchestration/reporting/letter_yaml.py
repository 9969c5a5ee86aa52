"""Reading YAML written by strangers: size, depth and plain types are bounded, duplicate keys are reported.

Belongs here: turning bytes into plain Python values without surprises. What a letter must hold does not: that
is :mod:`orchestration.reporting.letters`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 15
"""No figure of a country has more digits; longer ones stay text and are then refused as figures."""

Value = None | bool | int | float | str | list["Value"] | dict[Hashable, "Value"]


class UnreadableYamlError(ValueError):
    """The bytes are not YAML of a bounded, plain kind; the message is one sentence and quotes no content."""


@dataclass(frozen=True)
class Document:
    """One parsed YAML document and the faults that did not keep it from being read (duplicate keys)."""

    value: Value
    faults: tuple[str, ...]


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases, dates, octal or base-60 numbers: what is printed is what is read."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own name)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.faults: list[str] = []
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise UnreadableYamlError("it uses a YAML alias (*name); write every figure out")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableYamlError(f"it is nested more than {MAX_DEPTH} levels deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Value]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                line = key.start_mark.line + 1
                self.faults.append(f"line {line}: the key {shown(key.value)} stands twice in one mapping")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", rf"[-+]?(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,15}\.[0-9]{1,15}", list("-+0123456789")),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


def parse(raw: bytes) -> Document:
    """Parse one YAML document of at most a million bytes of UTF-8; raises :class:`UnreadableYamlError`."""
    if len(raw) > MAX_BYTES:
        raise UnreadableYamlError(f"it holds more than {MAX_BYTES:,} bytes; a letter needs far less")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableYamlError(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from error
    try:
        loader = _PlainLoader(text)
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UnreadableYamlError(f"{line}it is not valid YAML ({_first_line(error.problem)})") from error
    except yaml.YAMLError as error:
        raise UnreadableYamlError("it holds characters that YAML does not allow") from error
    return Document(value, tuple(loader.faults))


def shown(key: object) -> str:
    """A key as an error may quote it: printable and short."""
    text = repr(key)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _first_line(problem: str | None) -> str:
    return (problem or "no further detail").splitlines()[0][:120]
