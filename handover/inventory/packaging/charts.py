"""Helm charts: version, the application's version and the commit, from ``Chart.yaml``.

What a chart has to say is in "The Chart.yaml File" of Helm's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from handover.fields import YamlUnreadableError, parse_yaml
from handover.inventory.archives import ArchiveUnreadableError, tar_members
from handover.inventory.packaging.claims import commit_of, versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MAX_BYTES = 1 << 16
"""Largest ``Chart.yaml`` that is read; one with all its dependencies has a few thousand bytes."""

_LARGEST_NUMBER = 10**9
_COMMIT_WORDS = ("revision", "commit", "sha")


def chart_file(names: Iterable[str]) -> str | None:
    """The ``<name>/Chart.yaml`` among a tar's members, or None where it is no chart."""
    return next((each for each in names if each.split("/")[1:] == ["Chart.yaml"]), None)


def helm_chart(location: Path, name: str) -> Insides:
    """What a chart says. Raises :class:`ArchiveUnreadableError`, also where Helm would refuse it."""
    content = tar_members(location, frozenset({name}))[1].get(name, b"")
    if len(content) > MAX_BYTES:
        raise ArchiveUnreadableError(f"has a Chart.yaml of more than {MAX_BYTES} bytes")
    try:
        chart = parse_yaml(content)
    except (YamlUnreadableError, RecursionError) as error:
        raise ArchiveUnreadableError(
            "has a Chart.yaml that can't be read: Helm doesn't install it"
        ) from error
    if not isinstance(chart, dict) or not all(chart.get(each) for each in ("apiVersion", "name", "version")):
        raise ArchiveUnreadableError(
            "has a Chart.yaml without apiVersion, name or version: Helm doesn't install it"
        )
    annotations = chart.get("annotations")
    named = annotations.items() if isinstance(annotations, dict) else ()
    claims = [text for key, text in named if isinstance(key, str) and key.lower().endswith(_COMMIT_WORDS)]
    return Insides(
        InstallerType.HELM_CHART,
        versions_of(_text(chart["version"]), _text(chart.get("appVersion"))),
        commit=commit_of(claims),
    )


def _text(value: object) -> object:
    """A version that YAML took for a number, as the text it was."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_NUMBER:
        return str(value)
    return value
