"""The official letter of a country: its figures as the real one prints them, with the real one's misprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from handover.synthetic.quotas import CORRECTION, figures, nation


def write_letter(target: Path, scale: float) -> None:
    """Write a letter of the shape of the real one; two neighbouring digits of one figure stand in the other order."""
    counted = figures(scale)
    ((misprinted, measure),) = CORRECTION
    stated: dict[str, Any] = {}
    for key, printed in nation()["figures"].items():
        if key not in counted:
            continue
        quota = counted[key]
        stated[key] = {name: printed[name] for name in ("paragraph", "part_of") if name in printed}
        stated[key] |= {"subjects": quota.subjects, "doses": quota.doses}
    stated[misprinted][measure] = misprint(stated[misprinted][measure])
    letter = {
        "as_of": nation()["as_of"],
        "period_end": nation()["period_end"],
        "source": f"Công văn giả lập, tỉ lệ {scale:g} (synthetic letter)",
        "figures": stated,
    }
    target.write_text(yaml.safe_dump(letter, allow_unicode=True, sort_keys=False), encoding="utf-8")


def misprint(number: int) -> int:
    """The number with its third and fourth digit exchanged, as in the real letter; where equal, the next two."""
    digits = list(str(number))
    for place in [2, *range(3, len(digits) - 1), 1, 0]:
        if place + 1 < len(digits) and digits[place] != digits[place + 1]:
            digits[place], digits[place + 1] = digits[place + 1], digits[place]
            return int("".join(digits))
    return number
