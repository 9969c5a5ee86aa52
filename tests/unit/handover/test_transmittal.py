"""A package tells what brought it by its vendor's word, and who asked for it by the letters."""

from __future__ import annotations

from datetime import UTC, datetime

from handover.declaration import parse_declaration
from handover.obligations import load_correspondence
from handover.sealed import SealedDelivery
from handover.transmittal import transmittal_of


def sealed(declaration: str) -> SealedDelivery:
    read = parse_declaration(declaration.encode())
    return SealedDelivery(
        read.delivery, read.kind, "0" * 64, datetime(2022, 4, 6, tzinfo=UTC), read.snapshot_at, (), (), read,
        is_accepted=True,
    )  # fmt: skip


def test_requests_for_what_a_package_holds_are_told_from_the_letter_that_brought_it(declaration: str) -> None:
    said = 'letter: {number: "12/BB", sent_on: 2022-04-05, answers: ["141/CNTT-DLYT", "9/X"]}\n'
    told = transmittal_of(sealed(declaration + said), load_correspondence()).as_json()
    assert told["brought_by"] == {
        "number": "12/BB",
        "sent_on": "2022-04-05",
        "answers": ["141/CNTT-DLYT", "9/X"],
    }
    assert [(each["number"], each["is_answered"]) for each in told["asked_by"]] == [
        ("810/BYT-CNTT", False),
        ("141/CNTT-DLYT", True),
    ]
    assert told["unknown"] == ["9/X"]


def test_without_the_vendors_word_no_letter_brought_it_and_later_requests_did_not_ask(
    declaration: str,
) -> None:
    early = declaration.replace("2022-04-05T23:59:59", "2022-03-01T00:00:00")
    told = transmittal_of(sealed(early), load_correspondence()).as_json()
    assert told["brought_by"] is None
    assert [each["number"] for each in told["asked_by"]] == ["810/BYT-CNTT"]
