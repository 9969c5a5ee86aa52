"""Read small YAML files field by field: safely, with every fault collected before anything is refused.

It knows YAML and types only; what the fields mean is the business of the modules that read a declaration, a
contract or the correspondence. Messages name places and types, never the values found there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import yaml

MAX_BYTES = 1 << 20
"""Largest YAML file that is read; a declaration of 20,000 tables has about 1 MiB."""

MAX_DEPTH = 24
"""Deepest nesting that is followed; our own files need eight levels."""

Choice = TypeVar("Choice", bound=StrEnum)


class YamlUnreadableError(ValueError):
    """The bytes aren't the YAML we accept: too large, too deep, aliases, a key twice, or no YAML at all."""


class _StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases (no bombs), without repeated keys, and of limited depth."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise YamlUnreadableError("it uses an alias (*name); write the value out instead")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise YamlUnreadableError(f"it is nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise YamlUnreadableError(f"a key stands twice near line {node.start_mark.line + 1}")
        return mapping


def parse_yaml(content: bytes) -> object:
    """Parse one YAML document of at most ``MAX_BYTES``; raises :class:`YamlUnreadableError`."""
    if len(content) > MAX_BYTES:
        raise YamlUnreadableError(f"it is larger than {MAX_BYTES} bytes")
    loader = None
    try:
        loader = _StrictLoader(content)
        return loader.get_single_data()
    except YamlUnreadableError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" near line {mark.line + 1}" if mark else ""
        raise YamlUnreadableError(f"it is not well-formed YAML{where}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise YamlUnreadableError("it holds bytes, a date or a number that YAML can't read") from error
    finally:
        if loader is not None:
            loader.dispose()


@dataclass
class Fields:
    """One mapping of a YAML document.

    Reading a field that is wrong notes a fault and returns a neutral value. The caller
    reads everything, then looks at ``faults`` once. ``where`` is the place in the document.
    """

    content: Mapping[Any, object]
    where: str
    faults: list[str]
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: object, faults: list[str]) -> Fields:
        """The outermost mapping of a document; a document that isn't a mapping is a fault."""
        if not isinstance(document, Mapping):
            faults.append(f"the file should hold a mapping (name: value), found {_kind(document)}")
            document = {}
        return cls(document, "", faults)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        self._asked.add(name)
        return self.content.get(name) is not None

    def text(self, name: str) -> str:
        """A text that isn't blank."""
        value = self._get(name, str, "text")
        if isinstance(value, str) and not value.strip():
            self._fault(name, "should not be blank")
        return value if isinstance(value, str) else ""

    def text_or_none(self, name: str) -> str | None:
        """A text, or None where the field is absent or null."""
        return self.text(name) if self.has(name) else None

    def count(self, name: str) -> int:
        """A whole number, zero or more."""
        value = self._get(name, int, "a whole number")
        if isinstance(value, int) and not isinstance(value, bool):
            if value < 0:
                self._fault(name, "should not be negative")
            return value
        if isinstance(value, bool):
            self._fault(name, "should be a whole number, found a truth value")
        return 0

    def truth(self, name: str) -> bool:
        """A truth value."""
        return self._get(name, bool, "true or false") is True

    def day(self, name: str) -> date:
        """A date like 2022-04-06, quoted or not."""
        value = self.content.get(name)
        self._asked.add(name)
        if isinstance(value, str):
            value = _parsed(date.fromisoformat, value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self._fault(name, "should be a date like 2022-04-06")
        return date.min

    def moment(self, name: str) -> datetime:
        """A time with its offset from UTC, like 2022-04-05T23:59:59+07:00."""
        value = self.content.get(name)
        self._asked.add(name)
        if isinstance(value, str):
            value = _parsed(datetime.fromisoformat, value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        self._fault(name, "should be a time with its UTC offset, like 2022-04-05T23:59:59+07:00")
        return datetime.min.replace(tzinfo=UTC)

    def choice(self, name: str, among: type[Choice]) -> Choice:
        """One of an enumeration's values."""
        value = self._get(name, str, "text")
        try:
            return among(value if isinstance(value, str) else "")
        except ValueError:
            if isinstance(value, str):
                self._fault(name, f"should be one of {', '.join(among)}")
            return next(iter(among))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.content.get(name)
        self._asked.add(name)
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) and item for item in items):
            return tuple(items)
        self._fault(name, f"should be a list of texts, found {_kind(value)}")
        return ()

    def child(self, name: str) -> Fields:
        """A nested mapping; an empty one where it is absent or of another type (a fault)."""
        value = self._get(name, Mapping, "a mapping (name: value)")
        return self._nested(name, value if isinstance(value, Mapping) else {})

    def children(self, name: str) -> Iterator[Fields]:
        """The mappings of a list."""
        value = self._get(name, list, "a list")
        for position, item in enumerate(value if isinstance(value, list) else ()):
            place = f"{name}[{position}]"
            if isinstance(item, Mapping):
                yield self._nested(place, item)
            else:
                self._fault(place, f"should be a mapping (name: value), found {_kind(item)}")

    def named_children(self, name: str) -> Iterator[tuple[str, Fields]]:
        """The mappings of a mapping, each with its name."""
        inner = self.child(name)
        for key in inner.content:
            yield str(key), inner.child(key)

    def refuse_unknown(self) -> None:
        """Note every field that nobody asked for: most often a misspelt name."""
        unknown = sorted(str(name) for name in self.content if name not in self._asked)
        for name in unknown[:20]:
            self._fault(name[:60], f"is not known here (known: {', '.join(sorted(self._asked))})")

    def note(self, name: str, message: str) -> None:
        """Note a fault of the caller's own rule about this field."""
        self._fault(name, message)

    def _nested(self, place: str, value: Mapping[Any, object]) -> Fields:
        return Fields(value, f"{self.where}{place}.", self.faults)

    def _get(self, name: str, kind: type, words: str) -> object:
        self._asked.add(name)
        value = self.content.get(name)
        if value is None:
            self._fault(name, f"is missing; expected {words}")
        elif not isinstance(value, kind):
            self._fault(name, f"should be {words}, found {_kind(value)}")
        return value

    def _fault(self, name: str, message: str) -> None:
        self.faults.append(f"{self.where}{name} {message}")


def _parsed(parse: Any, text: str) -> object:
    try:
        return parse(text)
    except ValueError:
        return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "a truth value"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case _:
            return "a date or another value"
