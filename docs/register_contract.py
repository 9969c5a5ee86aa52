"""The register's contract as a page: operations, forms, and what each error code asks of a caller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from tables import table

from orchestration import population
from orchestration.population.remedies import BATCH_REMEDIES, ROW_REMEDIES

CONTRACT = Path(str(population.__file__)).parent / "contract" / "openapi.yaml"
_METHODS = ("get", "post", "put", "patch", "delete")
_OBJECTS = ("Row", "Verdict", "Limits", "Statistics", "Error")


def page() -> Iterator[str]:
    """The whole page, line by line."""
    contract: dict[str, Any] = yaml.safe_load(CONTRACT.read_text("utf-8"))
    info = contract["info"]
    yield f"# {info['title']}\n"
    yield f"Version {info['version']} of [openapi.yaml](../../orchestration/population/contract/openapi.yaml), which"
    yield "decides where this page does not say.\n"
    yield info["description"]
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                yield from _operation(contract, f"{method.upper()} {path}", operation)
    yield "\n## Forms"
    for name in _OBJECTS:
        yield from _object(contract, name, contract["components"]["schemas"][name])
    yield from _codes()


def _operation(contract: dict[str, Any], title: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"\n## `{title}`\n\n{operation['summary']}\n"
    parameters = [_resolved(contract, p) for p in operation.get("parameters", ())]
    if parameters:
        rows = [
            (f"`{p['name']}`", p["in"], _form(contract, p["schema"]), p.get("description", ""))
            for p in parameters
        ]
        yield from table(("parameter", "in", "form", "meaning"), rows)
        yield ""
    if "requestBody" in operation:
        yield f"Body: {_flat(operation['requestBody']['description'])}\n"
    answers = [(status, _resolved(contract, answer)) for status, answer in operation["responses"].items()]
    rows = [
        (status, ", ".join(f"`{name}`" for name in answer.get("headers", ())), _flat(answer["description"]))
        for status, answer in answers
    ]
    yield from table(("status", "headers", "meaning"), rows)


def _object(contract: dict[str, Any], name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"\n### {name}\n"
    if "description" in schema:
        yield f"{schema['description']}\n"
    fields = schema["properties"]
    required = schema.get("required", ())
    if "days" in fields:
        entry = fields["days"]["items"]
        yield "A list `days` of:\n"
        fields, required = entry["properties"], entry["required"]
    rows = []
    for field, told in fields.items():
        form = _resolved(contract, told)
        meaning = _flat(told.get("description") or form.get("description", ""))
        rows.append((f"`{field}`", "yes" if field in required else "", _form(contract, told), meaning))
    yield from table(("field", "always", "form", "meaning"), rows)


def _codes() -> Iterator[str]:
    yield "\n## Error codes, and what each asks of us\n\nOf rows (the others of the batch are answered nevertheless):\n"
    yield from table(
        ("code", "Tiếng Việt", "English"), [(f"`{c}`", r.vi, r.en) for c, r in ROW_REMEDIES.items()]
    )
    yield "\nOf requests and batches; `ANSWER_FAULTY`, `ANSWER_LOST` and `BEYOND_LIMITS` are the ledger's own:\n"
    yield from table(
        ("code", "Tiếng Việt", "English"), [(f"`{c}`", r.vi, r.en) for c, r in BATCH_REMEDIES.items()]
    )


def _resolved(contract: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    found: Any = contract
    for part in told["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _form(contract: dict[str, Any], told: dict[str, Any]) -> str:
    schema = _resolved(contract, told)
    if "enum" in schema:
        return ", ".join("null" if value is None else f"`{value}`" for value in schema["enum"])
    kinds = schema.get("type", "")
    said = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "pattern" in schema:
        return f"`{schema['pattern']}`" + (" or null" if "null" in kinds else "")
    if "maxLength" in schema:
        said += f", at most {schema['maxLength']} characters"
    if "minimum" in schema:
        said += f", from {schema['minimum']}"
    return said


def _flat(text: str) -> str:
    return " ".join(text.split())
