-- Pairs of names as subjects: the first of row n is subject 2n, the second 2n + 1. In: given. Out: raw.subjects.
insert into raw.subjects by name
select 2 * n as subject_id, a as full_name from given
union all
select 2 * n + 1, b from given;
