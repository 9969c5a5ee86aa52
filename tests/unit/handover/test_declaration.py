"""The declaration is parsed once, and refused once with everything that is wrong with it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import PurePosixPath

import pytest

from handover.declaration import DeclaredLetter, DeclaredTable, parse_declaration
from handover.errors import DeclarationRefused
from handover.parts import Component, DeliveryKind, DocumentKind

INCREMENT = f"""\
delivery: vn-test.2022-04-06
kind: increment
vendor: VIETTEL
snapshot_at: "2022-04-06T23:59:59+07:00"
covers_on: 2022-04-06
baseline: vn-test
predecessor: {{id: vn-test, bag_sha256: {"a" * 64}}}
components:
  support:
    database: {{path: database/support.dump, tables: []}}
"""


def faults_of(text: str) -> str:
    with pytest.raises(DeclarationRefused) as refusal:
        parse_declaration(text.encode())
    assert "vendor" in str(refusal.value)
    return str(refusal.value)


def test_a_delivery_is_read_into_records(declaration: str) -> None:
    read = parse_declaration(declaration.encode())

    support = read.components[Component.SUPPORT]
    assert read.kind is DeliveryKind.DELIVERY
    assert read.snapshot_at == datetime.fromisoformat("2022-04-05T23:59:59+07:00")
    assert set(read.components) == {Component.SUPPORT}
    assert support.database is not None
    assert support.database.tables[0] == DeclaredTable("tiemchung.doi_tuong", 3)
    assert support.documents[0].kind is DocumentKind.DESIGN
    assert support.source is not None
    assert support.source.path == PurePosixPath("source/support")


def test_an_increment_names_its_day_and_its_predecessor() -> None:
    read = parse_declaration(INCREMENT.encode())

    assert read.covers_on == date(2022, 4, 6)
    assert read.baseline == "vn-test"
    assert read.predecessor is not None
    assert read.predecessor.bag_sha256 == "a" * 64
    assert read.repairs is None


def test_a_repaired_increment_names_the_bag_it_takes_the_place_of() -> None:
    read = parse_declaration(f"{INCREMENT}repairs: {'b' * 64}\n".encode())

    assert read.repairs == "b" * 64


@pytest.mark.parametrize("digest", ["B" * 64, "b" * 63, "''", "[]", "7"])
def test_what_is_repaired_is_named_by_a_whole_digest(digest: str) -> None:
    assert "repairs should be" in faults_of(f"{INCREMENT}repairs: {digest}\n")


def test_only_an_increment_repairs_another(declaration: str) -> None:
    assert "repairs is not known here" in faults_of(f"{declaration}repairs: {'b' * 64}\n")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("delivery: vn-test\n", "", "delivery is missing"),
        ("delivery: vn-test", "delivery: ../up", "delivery should be up to 80 letters"),
        ("kind: delivery", "kind: gift", "kind should be one of delivery, increment"),
        ("kind: delivery", "kind: increment", "covers_on should be a date"),
        ("vendor: VIETTEL", "vendor: 7", "vendor should be text, found a number"),
        ("vendor: VIETTEL", "vendor: ' '", "vendor should not be blank"),
        ("+07:00", "", "snapshot_at should be a time with its UTC offset"),
        ("support:", "suport:", "components.suport is not known here"),
        ("rows: 3", "rows: -3", "tables[0].rows should not be negative"),
        ("rows: 3", "rows: yes", "tables[0].rows should be a whole number, found a truth value"),
        ("rows: 3", "rows: many", "tables[0].rows should be a whole number, found text"),
        ("tiemchung.mui_tiem", "tiemchung.doi_tuong", "database.tables names a table twice"),
        ("path: source/support", "path: ../../etc", "source.path should be a plain path"),
        ("path: source/support", "path: /etc", "source.path should be a plain path"),
        ("path: source/support", "path: 'a\\b'", "source.path should be a plain path"),
        ("commit: 0123", "commit: xyz0", "commit should be 40 hexadecimal digits"),
        ("kind: design", "kind: poem", "documents[0].kind should be one of design"),
        ("installers: [", "installers: [7, ", "installers[0] should be a mapping"),
        ("documents: [", "papers: [", "components.support.papers is not known here"),
    ],
)
def test_a_fault_is_named_with_its_place(declaration: str, before: str, after: str, said: str) -> None:
    assert before in declaration
    assert said in faults_of(declaration.replace(before, after))


def test_all_faults_come_in_one_refusal(declaration: str) -> None:
    said = faults_of(declaration.replace("VIETTEL", "7").replace("rows: 3", "rows: -1").replace("+07:00", ""))

    assert "has 3 fault(s)" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "should hold a mapping"),
        ("- a\n", "should hold a mapping"),
        ("a: [", "not well-formed YAML near line"),
        ("a: &x [1]\nb: *x\n", "uses an alias"),
        ("a: 1\na: 2\n", "a key stands twice"),
        ("a: " + "[" * 5000, "nested deeper"),
        ("a: 2022-13-45\n", "can't read"),
        ("a: " + "9" * 5000, "can't read"),
        ("a: !!python/object/apply:os.system [ls]\n", "not well-formed"),
        ("# " + "x" * (1 << 20), "larger than"),
        ("a: \x07\n", "can't read"),
    ],
)
def test_hostile_yaml_is_refused(text: str, said: str) -> None:
    assert said in faults_of(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DeclarationRefused, match="can't be read"):
        parse_declaration(b"\xff\xfe\xfa")


def test_a_refusal_never_repeats_the_value_found(declaration: str) -> None:
    assert "012345678901" not in faults_of(declaration.replace("rows: 3", "rows: '012345678901'"))


def test_the_letter_that_brings_a_package_is_read_and_may_be_left_out(declaration: str) -> None:
    assert parse_declaration(declaration.encode()).letter is None
    said = 'letter: {number: "12/BB", sent_on: 2022-04-05, answers: ["141/CNTT-DLYT"]}\n'
    read = parse_declaration((declaration + said).encode())
    assert read.letter == DeclaredLetter("12/BB", date(2022, 4, 5), ("141/CNTT-DLYT",))
    assert "sent_on" in faults_of(declaration + 'letter: {number: "12/BB", sent_on: soon}\n')
    assert "letter" in faults_of(declaration + "letter: [12]\n")
    for number in (r"\e[2J", "x" * 101):
        said = f'letter: {{number: "{number}", sent_on: 2022-04-05}}\n'
        assert "printable" in faults_of(declaration + said)
