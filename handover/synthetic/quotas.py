"""How many subjects and doses of each group a country has: the letter's figures, scaled so that every identity holds.

The letter's figures come from the correspondence; the one that does not add up is corrected here, openly. The groups
split the letter's leaves further by the shares in ``data/recipes/group_shares.yml``, which are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

import yaml

import handover.correspondence
import handover.synthetic

LETTER = "letter_2022-04-08.yml"
CORRECTION = {("with_id_wrong", "subjects"): 15_693_242}
"""The letter prints 15,963,242; only this number makes its own sum hold."""

PARTS = {
    "on_system": ("sent", "not_sent"),
    "sent": ("with_id", "without_id"),
    "with_id": ("with_id_correct", "with_id_wrong"),
    "without_id": ("without_id_correct", "without_id_unverified"),
}
LEAVES = {"with_id_correct": "correct", "without_id_correct": "fit", "without_id_unverified": "unfit"}
"""Leaves of the letter that are one group of rows; the other two are split by shares."""


@dataclass(frozen=True)
class Quota:
    """Subjects and doses."""

    subjects: int
    doses: int


@cache
def shares() -> dict[str, Any]:
    """The shares that the letter does not give."""
    text = resources.files(handover.synthetic).joinpath("data/recipes/group_shares.yml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@cache
def nation() -> dict[str, Any]:
    """The official letter as printed."""
    text = resources.files(handover.correspondence).joinpath(LETTER).read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def figures(scale: float) -> dict[str, Quota]:
    """The letter's consistent figures at a scale: wholes are rounded, parts share them by largest remainder."""
    exact = Fraction(str(scale))
    counted = {
        measure: _scaled({name: _figure(name, measure) for name in _names()}, exact)
        for measure in ("subjects", "doses")
    }
    return {name: Quota(counted["subjects"][name], counted["doses"][name]) for name in _names()}


def group_quotas(scale: float) -> dict[str, Quota]:
    """Subjects and doses of each group of rows; they add up to ``on_system``."""
    found = figures(scale)
    groups = {group: found[leaf] for leaf, group in LEAVES.items()}
    for leaf in ("with_id_wrong", "not_sent"):
        split: Mapping[str, int] = shares()[leaf]
        subjects = apportion(found[leaf].subjects, list(split.values()))
        doses = apportion(found[leaf].doses, subjects)
        groups |= {g: Quota(s, d) for g, s, d in zip(split, subjects, doses, strict=True)}
    return groups


def apportion(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Split a total by weights into whole numbers by largest remainder; ties go to the earlier one."""
    whole = sum(weights)
    exact = [Fraction(total) * weight / whole for weight in weights]
    counts = [int(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda n: (counts[n] - exact[n], n))
    for n in order[: total - sum(counts)]:
        counts[n] += 1
    return counts


def _names() -> list[str]:
    return ["on_system", *(part for parts in PARTS.values() for part in parts)]


def _figure(name: str, measure: str) -> int:
    count: int = CORRECTION.get((name, measure), nation()["figures"][name][measure])
    return count


def _scaled(national: Mapping[str, int], scale: Fraction) -> dict[str, int]:
    scaled = {"on_system": round(national["on_system"] * scale)}
    for whole, parts in PARTS.items():
        counts = apportion(scaled[whole], [national[part] for part in parts])
        scaled |= dict(zip(parts, counts, strict=True))
    return scaled
