"""At the door: is this a bag that says, without a fault, which delivery it is?

Joins the bag's faults and the declaration's into one refusal. Keeps nothing; that is the vault's business.
"""

from __future__ import annotations

from pathlib import Path

from handover.bag import BagContents, Progress, payload_faults, read_bag, refuse
from handover.declaration import DECLARATION_PATH, parse_declaration
from handover.errors import DeclarationRefused

WITHDRAWN = ".withdrawn-"
"""Mark in the vault's folder name of a bag whose place another one took; no delivery id may contain it."""


def checked_bag(bag: Path, on_progress: Progress | None = None) -> BagContents:
    """The contents of a bag whose structure and declaration are without fault; its payload isn't hashed yet.

    Raises :class:`BagRefused` or :class:`DeclarationRefused`; before refusing it hashes the payload too, so
    that the refusal lists every fault.
    """
    contents, faults = read_bag(bag)
    complaint = _complaint(contents)
    if faults or complaint:
        faults = (*faults, *payload_faults(contents, on_progress))
        refuse(bag, (*faults, *(complaint.faults or (str(complaint),) if complaint and faults else ())))
    if complaint:
        raise complaint
    return contents


def _complaint(contents: BagContents) -> DeclarationRefused | None:
    """What is wrong with the declaration in the bag, if anything is."""
    found = [each for each in contents.payload if each.path == "data" / DECLARATION_PATH]
    if not found:
        return DeclarationRefused(
            f"data/{DECLARATION_PATH} is missing: the vendor should say what he delivers."
        )
    try:
        declaration = parse_declaration(found[0].source.read_bytes())
    except DeclarationRefused as refusal:
        return refusal
    except OSError as error:
        return DeclarationRefused(f"data/{DECLARATION_PATH} can't be read ({error.strerror}).")
    if contents.id and declaration.delivery != contents.id:
        return DeclarationRefused(
            f"The bag calls itself {contents.id!r}, its declaration {declaration.delivery!r}."
            " Ask the vendor which delivery it is."
        )
    if WITHDRAWN in declaration.delivery:
        return DeclarationRefused(
            f"A delivery id may not contain {WITHDRAWN!r}. Ask the vendor for another one."
        )
    return None
