"""A small sound country in a real DuckDB file, on which every gate passes; tests spoil it one fault at a time."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

FIGURES = (
    "FIG-ON-SYSTEM FIG-SENT FIG-NOT-SENT FIG-WITH-ID FIG-WITHOUT-ID FIG-WITH-ID-CORRECT FIG-WITH-ID-WRONG"
    " FIG-WITH-ID-PENDING FIG-WITHOUT-ID-CORRECT FIG-WITHOUT-ID-UNVERIFIED FIG-WITHOUT-ID-PENDING"
)

# 100 subjects and 200 doses; subject 100 has no name and is held; an increment sends subject 1 once more,
# on the last day, so that it waits for the next night.
SOUND = """
create schema raw; create schema staging; create schema seeds; create schema cleansing;
create schema verification; create schema marts; create schema report;

create table raw.scope as select 'd1' as package, date '2022-04-06' as as_of;

create table raw.subjects as
select
    i as subject_id,
    case when i < 100 then 'Nguyễn Thị ' || chr((65 + i % 26)::integer) end as full_name,
    '01/02/1980' as date_of_birth,
    timestamptz '2021-07-01 08:00:00+07' as recorded_at,
    'd1' as _delivery, 'tiemchung.doi_tuong' as _table, i as _row, null::date as _increment_on
from range(1, 101) as t(i)
union all
select 1, 'Nguyễn Thị B', '01/02/1980', timestamptz '2022-04-06 23:59:59+07',
    'd1.2022-04-06', 'tiemchung.doi_tuong', 1, date '2022-04-06';

create table raw.doses as
select
    i as dose_id, 1 + (i - 1) // 2 as subject_id, timestamptz '2021-07-01 08:00:00+07' as recorded_at,
    'd1' as _delivery, 'tiemchung.mui_tiem' as _table, i as _row, null::date as _increment_on
from range(1, 201) as t(i);

create table raw.facilities as
select
    'CS' || i as facility_code, 'd1' as _delivery, 'tiemchung.co_so_tiem_chung' as _table, i as _row
from range(1, 4) as t(i);

create table raw.vaccines as
select
    'VX' || i as vaccine_code, 'd1' as _delivery, 'tiemchung.vac_xin' as _table, i as _row
from range(1, 4) as t(i);

create table raw.sync_log as
select
    date '2021-07-01' + i::integer as synced_on, 10::bigint as subject_count, 20::bigint as dose_count,
    'd1' as _delivery, 'tiemchung.nhat_ky_dong_bo' as _table, i as _row
from range(1, 6) as t(i);

create view staging.stg_vendor__subjects as select * from raw.subjects;
create view staging.stg_vendor__doses as select * from raw.doses;
create view staging.stg_vendor__facilities as select * from raw.facilities;
create view staging.stg_vendor__vaccines as select * from raw.vaccines;
create view staging.stg_vendor__sync_log as select * from raw.sync_log;

create table seeds.cleansing_rules (rule_id varchar);
insert into seeds.cleansing_rules values ('SUB-NAME-01'), ('SUB-SEX-01'), ('DOSE-GAP-01'), ('FAC-NAME-01');

create table cleansing.int_subjects as
select
    subject_id, full_name, full_name as full_name_std, full_name is null as is_held,
    case subject_id % 4 when 0 then 'cccd12' when 1 then 'cmnd9' when 2 then 'malformed' else 'missing' end as id_class,
    recorded_at, _delivery, _table, _row
from raw.subjects where _increment_on is not null or subject_id <> 1;

create table cleansing.int_subject_findings as
select subject_id, 'SUB-NAME-01' as rule_id, 'full_name' as field, 'critical' as severity
from cleansing.int_subjects where is_held
union all
select 2, 'SUB-SEX-01', 'sex', 'warning';

create table cleansing.int_doses as select *, false as is_orphan from raw.doses;

create table cleansing.int_dose_findings as
select dose_id, 'DOSE-GAP-01' as rule_id, 'injected_on' as field, 'warning' as severity
from cleansing.int_doses where dose_id in (2, 4);

create table cleansing.int_facilities as
select *, if(_row = 3, 'FAC-NAME-01', '') as rule_ids from raw.facilities;

create table cleansing.int_facility_findings as
select facility_code, 'FAC-NAME-01' as rule_id, 'facility_name' as field, 'info' as severity, _delivery, _table, _row
from cleansing.int_facilities where rule_ids <> '';

create table cleansing.int_vaccines as select vaccine_code, 'moderna' as vaccine from raw.vaccines;

create table verification.int_requests as
select
    subject_id, case when id_class in ('cccd12', 'cmnd9') then 'with_id' else 'without_id' end as request_kind,
    case id_class when 'cccd12' then lpad(subject_id::varchar, 12, '0') end as so_dinh_danh,
    case id_class when 'cmnd9' then lpad(subject_id::varchar, 9, '1') end as so_cmnd,
    full_name_std as ho_va_ten, case when subject_id % 2 = 0 then '1980-02-01' else '1980' end as ngay_thang_nam_sinh,
    case when subject_id % 3 = 0 then null else '1' end as gioi_tinh,
    case when id_class in ('cccd12', 'cmnd9') then null else '01' end as ma_tinh,
    md5(subject_id::varchar)::uuid as content_digest
from cleansing.int_subjects where not is_held and recorded_at < timestamptz '2022-04-06 00:00:00+07';

create table verification.int_outcomes as
select subject_id, 'matched' as outcome, 1 as rule_version from verification.int_requests;

create table marts.fct_subjects as
select
    subject_id, 2 as dose_count, true as is_on_system, not is_held as is_sent, is_held as is_not_sent, is_held,
    subject_id::ubigint as row_hash_high, subject_id::ubigint as row_hash_low, _delivery, _table, _row
from cleansing.int_subjects;

create table marts.fct_doses as
select dose_id, subject_id, false as is_orphan, _delivery, _table, _row from cleansing.int_doses;

create table marts.fct_identity_breaks as
select parent_figure_id, measure, 0::bigint as breaking_count
from unnest(['FIG-ON-SYSTEM', 'FIG-SENT', 'FIG-WITH-ID', 'FIG-WITHOUT-ID']) as p(parent_figure_id),
    unnest(['subjects', 'doses']) as m(measure);

create table report.rpt_figures as
select figure_id, 100::bigint as subjects, 200::bigint as doses, md5(figure_id) as row_digest
from unnest(string_split($figures, ' ')) as t(figure_id);

create table report.rpt_breakdowns as
select
    figure_id, case when figure_id = 'FIG-SENT' then 'FIG-ON-SYSTEM' end as part_of, breakdown, value,
    case when breakdown not in ('vaccine', 'dose_number', 'injected_on') then share end as subjects,
    2 * share as doses
from unnest(string_split($figures, ' ')) as t(figure_id),
    unnest(['province', 'district', 'facility', 'id_class', 'increment_on', 'vaccine', 'dose_number', 'injected_on'])
        as b(breakdown),
    (values ('one', 60::bigint), ('other', 40::bigint)) as v(value, share);
"""


@pytest.fixture(scope="session")
def sound_country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound country's file, built once; tests work on copies."""
    path = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(SOUND.replace("$figures", f"'{FIGURES}'"))
    return path


@pytest.fixture
def build(sound_country: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies the sound country, spoils it by SQL and returns the file, closed."""

    def build_warehouse(fault: str = "", folder: str = "warehouse") -> Path:
        path = tmp_path / folder / "warehouse.duckdb"
        path.parent.mkdir(exist_ok=True)
        shutil.copy(sound_country, path)
        if fault:
            with duckdb.connect(path) as connection:
                connection.execute(fault)
        return path

    return build_warehouse


@pytest.fixture
def facts_of() -> Callable[[str], Mapping[str, int | str]]:
    """What the sound country's vendor declared about a relation, and the day it stands at."""

    def facts(relation: str) -> Mapping[str, int | str]:
        declared = {"raw.doses": 200, "raw.facilities": 3, "raw.vaccines": 3, "raw.sync_log": 5}
        by_package = (
            {"d1": 100, "d1.2022-04-06": 1}
            if relation == "raw.subjects"
            else {"d1": declared.get(relation, 0)}
        )
        return {
            "declared_rows": sum(by_package.values()),
            "declared_by_package": "\n".join(f"{name}={rows}" for name, rows in by_package.items()),
            "as_of": "2022-04-06",
            "figure_ids": FIGURES,
        }

    return facts
