"""The contract is complete, consistent, and refused with every fault when it isn't."""

from __future__ import annotations

import pytest

from handover.contract.mapping import load_mapping, load_mappings, parse_mapping
from handover.errors import MappingError
from handover.parts import Component

CONTRACT = """\
component: support
dump: database/support.dump
tables:
  - name: subjects
    vendor_table: tiemchung.doi_tuong
    grain: one person
    required: true
    key: [subject_id]
    columns:
      - {name: subject_id, vendor_column: id, type: BIGINT, required: true, is_personal: false, meaning: number}
      - {name: full_name, vendor_column: ho_ten, type: VARCHAR, required: true, is_personal: true, meaning: name}
"""

PERSONAL = {"full_name", "date_of_birth", "sex", "id_number", "phone", "address"}


def test_every_component_has_a_contract() -> None:
    assert [each.component for each in load_mappings()] == list(Component)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (
            "subjects",
            "subject_id full_name date_of_birth sex id_number id_type province_code province_name district_code"
            " phone address facility_code recorded_at updated_at",
        ),
        (
            "doses",
            "dose_id subject_id dose_number vaccine_code lot_number injected_on facility_code recorded_at updated_at",
        ),
        ("facilities", "facility_code facility_name province_code district_code is_active"),
        ("vaccines", "vaccine_code vaccine_name licensed_on"),
        ("provinces", "province_code province_name"),
        ("sync_log", "synced_on subject_count dose_count status"),
    ],
)
def test_the_raw_relations_have_these_columns(table: str, columns: str) -> None:
    tables = {each.name: each for each in load_mapping(Component.SUPPORT).tables}

    assert " ".join(each.name for each in tables[table].columns) == columns


def test_what_names_or_describes_a_person_is_marked_personal() -> None:
    subjects = load_mapping(Component.SUPPORT).tables[0]

    assert {each.name for each in subjects.columns if each.is_personal} == PERSONAL


def test_names_of_relations_are_unique_over_all_components() -> None:
    names = [table.name for mapping in load_mappings() for table in mapping.tables]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("component: support", "component: supper", "component should be one of"),
        ("name: subjects", "name: Sub jects", "tables[0].name should match"),
        ("tiemchung.doi_tuong", "doi_tuong", "tables[0].vendor_table should match"),
        ("key: [subject_id]", "key: [subject]", "tables[0].key should name required columns"),
        ("type: BIGINT", "type: INTEGERS", "columns[0].type is no type that we read"),
        ("name: full_name", "name: subject_id", "tables[0].columns names subject_id twice"),
        ("vendor_column: ho_ten", "vendor_column: id", "tables[0].columns names id twice"),
        ("is_personal: true", "is_personal: maybe", "is_personal should be true or false"),
        (", meaning: name", "", "columns[1].meaning is missing"),
        (", meaning: name", ", meaning: name, note: x", "columns[1].note is not known here"),
        ("tables:", "tables: {", "can't be read"),
    ],
)
def test_a_faulty_contract_is_refused_with_the_place(before: str, after: str, said: str) -> None:
    assert before in CONTRACT
    parse_mapping(CONTRACT.encode(), "support.yml")
    with pytest.raises(MappingError, match="Mend the file") as refusal:
        parse_mapping(CONTRACT.replace(before, after).encode(), "support.yml")
    assert said in str(refusal.value)
