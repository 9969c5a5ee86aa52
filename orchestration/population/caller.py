"""In whose name the register is asked. One record, checked once; where it comes from is the settings' matter."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from orchestration.population.errors import CallerInvalid

_FORM = re.compile("[0-9A-Za-z._-]{1,64}")


@dataclass(frozen=True)
class Caller:
    """Agency (MaDVC), unit (MaDonVi), named officer (MaCanBo) and purpose (MucDich), as the contract's codes.

    Raises :class:`CallerInvalid` for a code that is empty or holds other than letters, digits, ``.``, ``_``, ``-``.
    """

    agency: str
    unit: str
    officer: str
    purpose: str

    def __post_init__(self) -> None:
        for field in fields(self):
            if not _FORM.fullmatch(getattr(self, field.name)):
                raise CallerInvalid(
                    f"The register asks who asks: the {field.name} should be a code of 1 to 64 letters, digits, "
                    "dots, underscores or hyphens; set it in the settings."
                )
