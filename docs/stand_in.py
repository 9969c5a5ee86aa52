"""The stand-in register as a page: how to serve it, and its faults as the code knows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tables import table

from orchestration.simulator.faults import Kind, Parameter

EXAMPLE = Path(__file__).parent / "reference" / "faults.yaml"

_HEAD = """# The stand-in register

A server of its own that keeps the [contract](register-contract.md) and shares no code with its caller.
`tiemchung register serve --persons register.parquet` serves it on loopback; `--book FILE` remembers what was received
over restarts, `--certificate` and `--key` make it https, `--rows`, `--batches-at-once`, `--rows-per-second` and
`--rows-per-day` bound what it takes.

## Faults

`--faults FILE` lets it misbehave. Requests to `/v1/verifications` are counted from 1, sendings and fetchings alike; a
fault falls on the `requests` it lists or by `chance`, the same for the same `seed`, and the first of the file that
falls wins. The book stays true: a batch is counted exactly when it was read whole and judged.

"""


def page() -> Iterator[str]:
    """The whole page, line by line."""
    yield from _HEAD.splitlines()
    yield f"```yaml\n{EXAMPLE.read_text('utf-8').rstrip()}\n```\n"
    rows = [(f"`{kind.label}`", kind.meaning, _parameters(kind.parameters)) for kind in Kind]
    yield from table(("kind", "what happens", "parameters"), rows)


def _parameters(parameters: dict[str, Parameter]) -> str:
    return ", ".join(f"`{name}` ({_told(parameter)})" for name, parameter in parameters.items())


def _told(parameter: Parameter) -> str:
    if parameter.default is None:
        return f"{parameter.form}; needed"
    choices = f" {', '.join(str(choice) for choice in parameter.choices)}" if parameter.choices else ""
    left_out = "none" if parameter.default == -1 else parameter.default
    return f"{parameter.form}{choices}; {left_out}"
