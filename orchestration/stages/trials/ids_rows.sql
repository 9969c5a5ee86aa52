-- Numbers as subjects; a province is told by its code or by its name. In: given. Out: raw.subjects.
insert into raw.subjects by name
select
    n as subject_id,
    id_number,
    date_of_birth,
    sex,
    case when regexp_full_match(trim(province), '[0-9]{1,3}') then lpad(trim(province), 3, '0') end as province_code,
    case when not regexp_full_match(trim(province), '[0-9]{1,3}') then province end as province_name
from given;
