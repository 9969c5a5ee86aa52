"""The official letter of a country: its figures as the real one prints them, with the real one's misprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from handover.synthetic.quotas import CORRECTION, PARTS, figures, nation


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
    (beside,) = (
        part for part in next(parts for parts in PARTS.values() if misprinted in parts) if part != misprinted
    )
    stated[misprinted][measure] = misprint(stated[misprinted][measure], stated[beside][measure])
    letter = {
        "as_of": nation()["as_of"],
        "period_end": nation()["period_end"],
        "source": f"Công văn giả lập, tỉ lệ {scale:g} (synthetic letter)",
        "figures": stated,
    }
    target.write_text(yaml.safe_dump(letter, allow_unicode=True, sort_keys=False), encoding="utf-8")


def misprint(number: int, beside: int) -> int:
    """The number with its third and fourth digit exchanged, as in the real letter; else the next place that will do.

    A place will do when the digits differ, no zero comes to the front, and ``beside``, the other part of the same
    whole, could not be the misprinted one: no single slip in it explains the difference. Where no such place is,
    the first that changes the number is taken.
    """
    digits = str(number)
    places = [*range(2, len(digits) - 1), 1, 0]
    exchanged = [
        digits[:n] + digits[n + 1] + digits[n] + digits[n + 2 :] for n in places if n + 1 < len(digits)
    ]
    changed = [int(each) for each in exchanged if each != digits and each[0] != "0"]
    clear = [each for each in changed if not is_slip(beside, beside - (each - number))]
    return next(iter([*clear, *changed]), number)


def is_slip(printed: int, meant: int) -> bool:
    """Whether one changed digit, or two exchanged ones, turn one number into the other."""
    if meant < 0 or len(str(printed)) != len(str(meant)):
        return False
    differing = [pair for pair in zip(str(printed), str(meant), strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 or (len(differing) == 2 and differing[0] == differing[1][::-1])
