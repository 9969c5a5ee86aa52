{{ follows("int_changes", narrowed={"int_subjects": "changed"}) }}
-- Nobody is asked about before the gate of the findings has spoken:
-- depends_on: {{ ref("int_subject_findings") }}
with
    subjects as (select * from {{ ref("int_subjects") }}),

    groups as (select * from {{ ref("id_class_groups") }}),

    sex_codes as (select * from {{ ref("register_sex_codes") }}),

    eligible as (
        select *
        from subjects
        where
            not is_held
            and (recorded_at is null or recorded_at < {{ start_of_local_day(as_of()) }})
    ),

    asked as (
        select
            eligible.subject_id,
            groups.request_kind,
            case
                when eligible.id_class = 'cccd12' then eligible.id_number_std
            end as so_dinh_danh,
            case
                when eligible.id_class = 'cmnd9' then eligible.id_number_std
            end as so_cmnd,
            eligible.full_name_std as ho_va_ten,
            case
                when eligible.date_of_birth_precision = 'day'
                then cast(eligible.date_of_birth_std as varchar)
                else left(cast(eligible.date_of_birth_std as varchar), 4)
            end as ngay_thang_nam_sinh,
            sex_codes.code as gioi_tinh,
            case
                when groups.request_kind = 'without_id' then eligible.province_code_std
            end as ma_tinh,
            eligible.province_code_std as province_code
        from eligible
        inner join groups on eligible.id_class = groups.id_class
        left join sex_codes on eligible.sex_std = sex_codes.sex
    )

select
    subject_id,
    request_kind,
    so_dinh_danh,
    so_cmnd,
    ho_va_ten,
    ngay_thang_nam_sinh,
    gioi_tinh,
    ma_tinh,
    province_code,
    {{
        content_digest(
            [
                "request_kind",
                "so_dinh_danh",
                "so_cmnd",
                "ho_va_ten",
                "ngay_thang_nam_sinh",
                "gioi_tinh",
                "ma_tinh",
            ]
        )
    }} as content_digest
from asked
