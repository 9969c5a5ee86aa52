-- The vendor's tables, the register and the answer key, as they are written. In: everything made before.
create or replace view out_subjects as
select
    subjects.subject_id as id, full_name as ho_ten, date_of_birth as ngay_sinh, sex as gioi_tinh, id_number as so_giay_to,
    case id_class when 'cccd12' then 'CCCD' when 'cmnd9' then 'CMND' end as loai_giay_to,
    subjects.province_code as ma_tinh,
    case
        when place_form = 'province_text_other' then if(subjects.province_code = '001', 'Thành phố Hồ Chí Minh', 'Thành phố Hà Nội')
        else provinces.province_name
    end as ten_tinh,
    district_code as ma_huyen, phone as so_dien_thoai, 'Tổ ' || (1 + n % 30) as dia_chi,
    case when place_form = 'facility_unknown' then 'CS999998' else facility_code end as ma_co_so,
    recorded_at as ngay_tao, recorded_at as ngay_cap_nhat
from subjects
left join provinces on subjects.province_code = provinces.province_code
left join misplaced on subjects.subject_id = misplaced.subject_id
where increment_on is null order by id;

create or replace view out_doses as
select
    dose_id as id, subject_id as doi_tuong_id, dose_number as mui_so, vaccine_code as ma_vac_xin, lot_number as so_lo,
    injected_on as ngay_tiem, facility_code as ma_co_so, recorded_at as ngay_tao, recorded_at as ngay_cap_nhat
from doses where increment_on is null order by id;

create or replace view out_facilities as
select
    'CS' || province_code || lpad(cast(number as varchar), 3, '0') as ma_co_so,
    'Trạm y tế số ' || number || ' ' || province_name as ten_co_so, province_code as ma_tinh,
    province_code || lpad(cast(1 + number % 12 as varchar), 2, '0') as ma_huyen, number <> 9 as dang_hoat_dong
from provinces cross join range(1, 10) as t (number) order by ma_co_so;

create or replace view out_sync_log as
with daily as (
    select cast(recorded_at at time zone 'Asia/Ho_Chi_Minh' as date) + 1 as ngay, count(*) as so_doi_tuong,
        sum(dose_count)::bigint as so_mui_tiem
    from subjects where group_name not in ('held', 'late', 'new') group by ngay
)
-- One planted discrepancy: the vendor's log counts three subjects too many on its fullest day.
select ngay, so_doi_tuong + case when row_number() over (order by so_doi_tuong desc, ngay) = 1 then 3 else 0 end as so_doi_tuong,
    so_mui_tiem, 'THANH_CONG' as trang_thai
from daily order by ngay;

create or replace view out_register as
select
    personal_id, cmnd9, case when cmnd9 is not null then is_superseded end as is_cmnd9_superseded, full_name,
    case when is_year_only then cast(year(born_on) as varchar) else cast(born_on as varchar) end as date_of_birth,
    sex, province_code
from (
    select * replace (case when kind = 'namesake9' then (select x.cmnd9 from persons as x where x.n = persons.n and x.kind = 'self') else cmnd9 end as cmnd9)
    from persons
)
order by personal_id;

create or replace view out_key_subjects as
select
    subject_id, null::date as increment_on, group_name not in ('held', 'late') as expected_is_sent,
    case when group_name in ('held', 'late') then group_name end as hold_reason, id_class,
    case when group_name not in ('held', 'late') then outcome end as outcome, outcome as later_outcome, group_name, recipe,
    dose_count as doses, person_id,
    list_filter([id_form, name_as, dob_as, sex_as, place_as, person_as, place_form, case when dose_count > 4 then 'too_many_doses' end],
        lambda f: f is not null and f not in ('cccd12', 'exact', 'registered')) as faults
from subjects left join misplaced using (subject_id) where increment_on is null
union all
select
    subject_id, increment_on, outcome is not null, null, id_class, outcome, outcome, group_name, recipe, dose_count, person_id, []
from changed_subjects
order by increment_on nulls first, subject_id;

create or replace view out_key_doses as
select dose_id, subject_id, null::date as increment_on, faults from doses where increment_on is null
union all select dose_id, subject_id, increment_on, faults from changed_doses
order by increment_on nulls first, dose_id;

create or replace view out_vaccines as
select * from (values
    ('AstraZeneca', 'COVID-19 Vaccine AstraZeneca', date '2021-02-01'), ('Sputnik V', 'Gam-COVID-Vac', date '2021-03-23'),
    ('Vero Cell', 'Vero Cell', date '2021-06-03'), ('Comirnaty', 'Comirnaty', date '2021-06-12'),
    ('Moderna', 'Spikevax', date '2021-06-28'), ('Janssen', 'Janssen', date '2021-07-15'),
    ('Hayat-Vax', 'Hayat-Vax', date '2021-09-10'), ('Abdala', 'Abdala', date '2021-09-17')
) as t (ma_vac_xin, ten_vac_xin, ngay_cap_phep)
order by ma_vac_xin;

-- Of the day that the variable `day` names.
create or replace view out_changed_subjects as
select
    subject_id as id, full_name as ho_ten, date_of_birth as ngay_sinh, sex as gioi_tinh, id_number as so_giay_to,
    case id_class when 'cccd12' then 'CCCD' when 'cmnd9' then 'CMND' end as loai_giay_to,
    changed_subjects.province_code as ma_tinh, provinces.province_name as ten_tinh, district_code as ma_huyen,
    phone as so_dien_thoai, 'Tổ ' || (1 + n % 30) as dia_chi, facility_code as ma_co_so, recorded_at as ngay_tao,
    updated_at as ngay_cap_nhat
from changed_subjects left join provinces on changed_subjects.province_code = provinces.province_code
where increment_on = getvariable('day') order by id;

create or replace view out_changed_doses as
select
    dose_id as id, subject_id as doi_tuong_id, dose_number as mui_so, vaccine_code as ma_vac_xin,
    lot_number as so_lo, injected_on as ngay_tiem, facility_code as ma_co_so, recorded_at as ngay_tao,
    recorded_at as ngay_cap_nhat
from changed_doses where increment_on = getvariable('day') order by id;

-- The other components' databases: small, without persons.
create or replace view out_reports as
select number as id, 'Đề nghị cập nhật mũi tiêm ' || (1 + number % 3) as noi_dung,
    timestamptz '2021-09-01 08:00:00+07' + to_hours(number * 7) as ngay_tao,
    (['MOI', 'DANG_XU_LY', 'DA_XU_LY'])[1 + number % 3] as trang_thai
from range(1, 40 + getvariable('subjects') // 2000) as t (number);

create or replace view out_articles as
select number as id, 'Tin tiêm chủng số ' || number as tieu_de,
    timestamptz '2021-03-08 08:00:00+07' + to_days(cast(number * 12 as integer)) as ngay_dang
from range(1, 33) as t (number);

create or replace view out_daily_sums as
select injected_on as ngay, province_code as ma_tinh, count(*) as so_mui
from doses inner join subjects using (subject_id)
where doses.increment_on is null and injected_on between date '2021-03-08' and date '2022-04-05'
group by all order by ngay, ma_tinh;

create or replace view out_accounts as
select 'soyte.' || province_code as ten_dang_nhap, 'XEM_SO_LIEU' as vai_tro, province_code as ma_tinh
from provinces order by ten_dang_nhap;

create or replace view out_certificates as
select row_number() over (order by subject_id) as id, subject_id as doi_tuong_id,
    recorded_at + interval 30 day as ngay_cap, md5('qr' || subject_id) as ma_qr
from subjects
where group_name = 'correct' and pick('certificate', n, 100) = 0 and recorded_at < timestamptz '2022-03-01 00:00:00+07'
order by subject_id;
