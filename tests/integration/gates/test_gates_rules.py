"""Every rule of every suite passes on sound tables and fails on its own fault."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from expectations import catalogue
from expectations.runner import judge

Build = Callable[..., Path]
FactsOf = Callable[[str], Mapping[str, int | str]]

ALL_RULES = [(relation, rule.id) for relation, rules in catalogue.suites().items() for rule in rules]

# The fault each rule exists for.
FAULTS = {
    "RAW-COUNT-01": "delete from raw.subjects where _row = 100",
    "RAW-PACKAGE-01": "update raw.subjects set _delivery = 'd1.2022-04-06' where _row = 100",
    "RAW-PACKAGE-02": "update raw.doses set _delivery = 'd2' where _row = 7",
    "RAW-PACKAGE-03": "update raw.facilities set _delivery = 'd2' where _row = 3",
    "RAW-COUNT-06": "delete from raw.vaccines where _row = 3",
    "RAW-PACKAGE-04": "update raw.vaccines set _delivery = 'd2' where _row = 3",
    "RAW-KEY-07": "update raw.vaccines set vaccine_code = null where _row = 2",
    "RAW-KEY-08": "update raw.vaccines set vaccine_code = 'VX1'",
    "RAW-ADDRESS-07": "update raw.vaccines set _row = null where _row = 2",
    "RAW-ADDRESS-08": "delete from raw.vaccines where _row = 2",
    "RAW-COUNT-07": "delete from raw.sync_log where _row = 5",
    "RAW-PACKAGE-05": "update raw.sync_log set _delivery = 'd2' where _row = 5",
    "RAW-KEY-09": "update raw.sync_log set synced_on = null where _row = 2",
    "RAW-KEY-10": "update raw.sync_log set synced_on = date '2021-07-02'",
    "RAW-ADDRESS-09": "update raw.sync_log set _row = null where _row = 2",
    "RAW-ADDRESS-10": "delete from raw.sync_log where _row = 2",
    "STG-COUNT-03": "create or replace view staging.stg_vendor__facilities as from raw.facilities where _row > 1",
    "STG-KEY-04": "update raw.facilities set facility_code = null where _row = 2",
    "STG-COUNT-04": "create or replace view staging.stg_vendor__vaccines as from raw.vaccines where _row > 1",
    "STG-KEY-05": "update raw.vaccines set vaccine_code = null where _row = 2",
    "STG-COUNT-05": "create or replace view staging.stg_vendor__sync_log as from raw.sync_log where _row > 1",
    "STG-SYNC-01": "update raw.sync_log set dose_count = -1 where _row = 2",
    "CLN-COUNT-03": "delete from cleansing.int_facilities where _row = 2",
    "CLN-ADDRESS-03": "update cleansing.int_facilities set _table = null where _row = 2",
    "CLN-FAC-01": "update cleansing.int_facilities set rule_ids = null where _row = 2",
    "CLN-COUNT-04": "delete from cleansing.int_vaccines where vaccine_code = 'VX2'",
    "CLN-KEY-05": "update cleansing.int_vaccines set vaccine_code = 'VX1'",
    "CLN-VAC-01": "update cleansing.int_vaccines set vaccine = null where vaccine_code = 'VX2'",
    "CLN-FINDING-07": "update cleansing.int_dose_findings set rule_id = null where dose_id = 2",
    "CLN-FINDING-08": "update cleansing.int_dose_findings set rule_id = 'DOSE-NONE-99' where dose_id = 2",
    "CLN-FINDING-09": "update cleansing.int_dose_findings set severity = null where dose_id = 2",
    "CLN-FINDING-10": "update cleansing.int_dose_findings set severity = 'fatal' where dose_id = 2",
    "CLN-FINDING-11": "update cleansing.int_dose_findings set dose_id = 1000 where dose_id = 2",
    "CLN-FINDING-12": "update cleansing.int_facility_findings set rule_id = null",
    "CLN-FINDING-13": "update cleansing.int_facility_findings set rule_id = 'FAC-NONE-99'",
    "CLN-FINDING-14": "update cleansing.int_facility_findings set severity = null",
    "CLN-FINDING-15": "update cleansing.int_facility_findings set severity = 'fatal'",
    "CLN-FINDING-16": "update cleansing.int_facility_findings set _row = 9",
    "REQ-COUNT-01": "delete from verification.int_requests where subject_id = 7",
    "MART-COUNT-02": "delete from marts.fct_doses where dose_id = 7",
    "RAW-KEY-01": "update raw.subjects set subject_id = null where _row = 7",
    "RAW-COUNT-05": "delete from raw.subjects",
    "RAW-KEY-02": "update raw.subjects set subject_id = 8 where _row = 7",
    "RAW-ADDRESS-01": "update raw.subjects set _delivery = null where _row = 7",
    "RAW-ADDRESS-02": "update raw.subjects set _row = 101 where _row = 7",
    "RAW-COUNT-02": "insert into raw.doses from raw.doses where _row = 7",
    "RAW-KEY-03": "update raw.doses set dose_id = null where _row = 7",
    "RAW-KEY-04": "update raw.doses set dose_id = 8 where _row = 7",
    "RAW-ADDRESS-03": "update raw.doses set _table = null where _row = 7",
    "RAW-ADDRESS-04": "update raw.doses set _row = 0 where _row = 1",
    "RAW-COUNT-03": "delete from raw.facilities where _row = 3",
    "RAW-KEY-05": "update raw.facilities set facility_code = null where _row = 2",
    "RAW-KEY-06": "update raw.facilities set facility_code = 'CS1'",
    "RAW-ADDRESS-05": "update raw.facilities set _row = null where _row = 2",
    "RAW-ADDRESS-06": "delete from raw.facilities where _row = 2",
    "STG-COUNT-01": "create or replace view staging.stg_vendor__subjects as select * from raw.subjects where _row > 1",
    "STG-KEY-01": "update raw.subjects set subject_id = null where _row = 7",
    "STG-TIME-01": "update raw.subjects set recorded_at = null where _row = 7",
    "STG-TIME-02": "update raw.subjects set recorded_at = timestamptz '2022-04-07 00:00:00+07' where _row = 7",
    "STG-TIME-03": "update raw.subjects set recorded_at = timestamptz '2021-03-07 23:59:59+07' where _row < 4",
    "STG-COUNT-02": "create or replace view staging.stg_vendor__doses as from raw.doses union all from raw.doses",
    "STG-KEY-02": "update raw.doses set dose_id = null where _row = 7",
    "STG-KEY-03": "update raw.doses set subject_id = null where _row < 4",
    "STG-TIME-04": "update raw.doses set recorded_at = null where _row = 7",
    "STG-TIME-05": "update raw.doses set recorded_at = timestamptz '2022-04-07 00:00:00+07' where _row = 7",
    "CLN-COUNT-01": "delete from cleansing.int_subjects where subject_id = 7",
    "CLN-KEY-01": "update cleansing.int_subjects set subject_id = null where subject_id = 7",
    "CLN-KEY-02": "update cleansing.int_subjects set subject_id = 8 where subject_id = 7",
    "CLN-ADDRESS-01": "update cleansing.int_subjects set _row = null where subject_id = 7",
    "CLN-ID-01": "update cleansing.int_subjects set id_class = null where subject_id = 7",
    "CLN-ID-02": "update cleansing.int_subjects set id_class = 'cccd' where subject_id = 7",
    "CLN-HELD-01": "update cleansing.int_subjects set is_held = null where subject_id = 7",
    "CLN-HELD-02": "update cleansing.int_subjects set is_held = true where subject_id = 7",
    "CLN-HELD-03": "update cleansing.int_subjects set is_held = false",
    "CLN-HELD-04": "update cleansing.int_subjects set is_held = true where subject_id <= 5",
    "CLN-HELD-05": "update cleansing.int_subjects set is_held = true where subject_id <= 2",
    "CLN-COUNT-02": "delete from cleansing.int_doses where dose_id = 7",
    "CLN-KEY-03": "update cleansing.int_doses set dose_id = null where dose_id = 7",
    "CLN-KEY-04": "update cleansing.int_doses set dose_id = 8 where dose_id = 7",
    "CLN-ADDRESS-02": "update cleansing.int_doses set _delivery = null where dose_id = 7",
    "CLN-ORPHAN-01": "update cleansing.int_doses set is_orphan = true where dose_id < 4",
    "CLN-ORPHAN-02": "update cleansing.int_doses set subject_id = 1000 where dose_id = 7",
    "CLN-FINDING-01": "update cleansing.int_subject_findings set rule_id = null where subject_id = 2",
    "CLN-FINDING-02": "update cleansing.int_subject_findings set rule_id = 'SUB-NONE-99' where subject_id = 2",
    "CLN-FINDING-03": "update cleansing.int_subject_findings set severity = null where subject_id = 2",
    "CLN-FINDING-04": "update cleansing.int_subject_findings set severity = 'Critical' where subject_id = 100",
    "CLN-FINDING-05": "update cleansing.int_subject_findings set subject_id = 1000 where subject_id = 2",
    "CLN-FINDING-06": "insert into cleansing.int_subject_findings from cleansing.int_subject_findings",
    "REQ-KEY-01": "update verification.int_requests set subject_id = null where subject_id = 7",
    "REQ-KEY-02": "update verification.int_requests set subject_id = 8 where subject_id = 7",
    "REQ-HELD-01": "update verification.int_requests set subject_id = 100 where subject_id = 7",
    "REQ-KIND-01": "update verification.int_requests set request_kind = null where subject_id = 7",
    "REQ-KIND-02": "update verification.int_requests set request_kind = 'by_name' where subject_id = 7",
    "REQ-ID-01": "update verification.int_requests set so_dinh_danh = '00108000000' where subject_id = 4",
    "REQ-ID-02": "update verification.int_requests set so_cmnd = '012345678' where subject_id = 4",
    "REQ-NAME-01": "update verification.int_requests set ho_va_ten = chr(160) where subject_id = 7",
    "REQ-DOB-01": "update verification.int_requests set ngay_thang_nam_sinh = '1980-02' where subject_id = 7",
    "REQ-PROVINCE-01": "update verification.int_requests set ma_tinh = '01' where so_cmnd is not null",
    "REQ-SEX-01": "update verification.int_requests set gioi_tinh = '2' where subject_id = 7",
    "REQ-DIGEST-01": "update verification.int_requests set content_digest = null where subject_id = 7",
    "OUT-KEY-01": "update verification.int_outcomes set subject_id = null where subject_id = 7",
    "OUT-KEY-02": "update verification.int_outcomes set subject_id = 8 where subject_id = 7",
    "OUT-KEY-03": "update verification.int_outcomes set subject_id = 1000 where subject_id = 7",
    "OUT-CLASS-01": "update verification.int_outcomes set outcome = null where subject_id = 7",
    "OUT-CLASS-02": "update verification.int_outcomes set outcome = 'probably' where subject_id = 7",
    "OUT-OPEN-01": "update verification.int_outcomes set outcome = 'pending' where subject_id < 4",
    "OUT-VERSION-01": "update verification.int_outcomes set rule_version = null where subject_id = 7",
    "MART-COUNT-01": "delete from marts.fct_subjects where subject_id = 7",
    "MART-KEY-01": "update marts.fct_subjects set subject_id = null where subject_id = 7",
    "MART-KEY-02": "update marts.fct_subjects set subject_id = 8 where subject_id = 7",
    "MART-CLASS-01": "update marts.fct_subjects set is_not_sent = null where subject_id = 7",
    "MART-DOSES-01": "update marts.fct_subjects set dose_count = -1 where subject_id = 7",
    "MART-DIGEST-01": "update marts.fct_subjects set row_hash_low = null where subject_id = 7",
    "MART-ADDRESS-01": "update marts.fct_subjects set _table = null where subject_id = 7",
    "MART-PRIVACY-01": "alter table marts.fct_subjects add column date_of_birth_std date",
    "MART-KEY-03": "update marts.fct_doses set dose_id = null where dose_id = 7",
    "MART-KEY-04": "update marts.fct_doses set dose_id = 8 where dose_id = 7",
    "MART-DOSES-02": "delete from marts.fct_doses where dose_id = 7",
    "MART-ADDRESS-02": "update marts.fct_doses set _row = -1 where dose_id = 7",
    "MART-IDENTITY-01": "update marts.fct_identity_breaks set breaking_count = 1 where measure = 'doses'",
    "MART-IDENTITY-02": "update marts.fct_identity_breaks set breaking_count = null where measure = 'doses'",
    "MART-IDENTITY-03": "delete from marts.fct_identity_breaks where parent_figure_id = 'FIG-SENT'",
    "MART-IDENTITY-04": "update marts.fct_identity_breaks set measure = 'people' where measure = 'doses'",
    "RPT-FIGURE-01": "delete from report.rpt_figures where figure_id = 'FIG-SENT'",
    "RPT-FIGURE-02": "insert into report.rpt_figures from report.rpt_figures where figure_id = 'FIG-SENT'",
    "RPT-COUNT-01": "update report.rpt_figures set doses = null where figure_id = 'FIG-SENT'",
    "RPT-COUNT-02": "update report.rpt_figures set subjects = 99",
    "RPT-DIGEST-01": "update report.rpt_figures set row_digest = 'none' where figure_id = 'FIG-SENT'",
    "RPT-BREAKDOWN-01": "delete from report.rpt_breakdowns where figure_id = 'FIG-WITH-ID' and breakdown = 'vaccine'",
    "RPT-BREAKDOWN-02": "update report.rpt_breakdowns set doses = doses + if(value = 'one', 1, -1)"
    " where figure_id = 'FIG-SENT' and breakdown = 'province'",
    "RPT-BREAKDOWN-03": "update report.rpt_breakdowns set subjects = 1 where breakdown = 'vaccine'",
    "RPT-BREAKDOWN-04": "delete from report.rpt_breakdowns where breakdown = 'district'",
}


def test_every_rule_has_a_fault_it_must_find() -> None:
    assert sorted(FAULTS) == sorted(rule_id for _, rule_id in ALL_RULES)


@pytest.mark.parametrize("relation", catalogue.suites())
def test_a_sound_relation_passes_every_rule(relation: str, build: Build, facts_of: FactsOf) -> None:
    verdicts = judge(build(), relation, facts_of(relation))
    assert [v.rule_id for v in verdicts] == [rule.id for rule in catalogue.suites()[relation]]
    assert [v.problem for v in verdicts if not (v.is_evaluated and v.is_passed)] == []


@pytest.mark.parametrize(("relation", "rule_id"), ALL_RULES)
def test_a_rule_fails_on_its_fault(relation: str, rule_id: str, build: Build, facts_of: FactsOf) -> None:
    warehouse = build(FAULTS[rule_id])
    verdicts = {v.rule_id: v for v in judge(warehouse, relation, facts_of(relation))}
    assert all(v.is_evaluated for v in verdicts.values())
    assert not verdicts[rule_id].is_passed
    assert verdicts[rule_id].problem
    assert rule_id in str(verdicts[rule_id].problem)
