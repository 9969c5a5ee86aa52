create schema tc; create schema "Lược đồ.1";
create type tc.mood as enum ('vui', 'buồn'); create domain tc.so as integer check (value > 0);
create type tc.pair as (a integer, b text);
create table tc.van_ban (id serial primary key, t text, v varchar(40) not null default '', c char(5));
insert into tc.van_ban (t, v, c) select x, left(x, 40), left(x, 3) from unnest(array[
  E'\\', E'\\\\', E'a\\nb', E'a\nb', E'\t', E'\r\n', E'\b\f\v', E'\\N', E'\\.', E'\\x41\\101', '', ' ', 'N', '"', '""',
  E'\x01\x7f', 'Nguyễn Thị Huyền', E'Nguye\u0302\u0303n', E'\u00a0\u200b', '𠀀', E'\\\t\\', 'a,b;c''d', '--', E'\\.\n']) x;
insert into tc.van_ban (t, v, c) values (null, '', null), (null, E'\\N', '');
create table tc.so_hoc (s smallint, i integer, b bigint, n numeric(12,3), u numeric, w numeric(40,2), neg numeric(4,-2),
  r real, d double precision, m money, flag boolean, o oid);
insert into tc.so_hoc values (-32768, -2147483648, -9223372036854775808, -123456789.125, 1e-30, 1, 1234, 1.1, 0.1, 5, true, 1),
  (32767, 2147483647, 9223372036854775807, 999999999.999, 'NaN', -0.01, null, 'Infinity', '-Infinity', -1, false, 0),
  (null, null, null, null, null, null, null, 'NaN', 1e-300, null, null, null), (0, 0, 0, 0, 0, 0, 0, 3.4e38, 5e-324, 0, true, 1);
create table tc.khi (d date, ts timestamp, tz timestamptz, p timestamptz(0), t time, i interval);
insert into tc.khi values ('2022-04-05', '2022-04-05 10:00', '2022-04-05 10:00+07', '1975-06-12 23:59:59.5+07', '10:00', '1 mon 2 days'),
  ('0001-01-01', '9999-12-31 23:59:59.999999', '2021-03-08 00:00:00.000001+05:30', now(), null, null), (null, null, null, null, null, null);
create table tc.khi_la (d date, e date, ts timestamp, tz timestamptz, old timestamptz, n numeric(5,1), fine date);
insert into tc.khi_la values ('infinity', '0044-03-15 BC', '-infinity', '294276-12-31 00:00+00', '1890-01-01 00:00+07', 'NaN', '2022-04-05'),
  ('2022-04-05', '5874897-12-31', '2022-04-05 10:00', '0044-03-15 10:00+07 BC', now(), 1.5, null);
create table tc.khac (u uuid, j jsonb, x bytea, a text[], g int4range, e tc.mood, q tc.so, k tc.pair, ip inet, b bit(3), big text);
insert into tc.khac values (gen_random_uuid(), '{"tên": "a\\b\n"}', '\x00ff5c', array['a\b', null, 'c"d'], '[1,5)', 'buồn', 7, row(1, E'x\ty'), '10.0.0.1/8', b'101', repeat('ộ\', 300000));
create table "Lược đồ.1"."Bảng/../""lạ""" ("Họ, tên" text, "select" integer, "_row" bigint, "A" text, a text);
insert into "Lược đồ.1"."Bảng/../""lạ""" values (E'x\\', 1, 99, 'hoa', 'thường');
create table tc.trong (id integer); create table tc.khong_cot (); insert into tc.khong_cot default values; insert into tc.khong_cot default values;
create table tc.cha (id integer, ten text); create table tc.con (tuoi integer) inherits (tc.cha);
insert into tc.cha values (1, 'cha'); insert into tc.con values (2, 'con', 9);
create table tc.ngay (d date, n integer generated always as (extract(year from d)::integer) stored, bo text) partition by range (d);
create table tc.ngay_2021 partition of tc.ngay for values from ('2021-01-01') to ('2022-01-01');
insert into tc.ngay (d) values ('2021-03-08'), ('2021-12-31'); alter table tc.ngay drop column bo;
create table tc.nhieu as select i::bigint as id, 'Dòng ' || i as t, case when i % 7 = 0 then null else i % 100 end as s from generate_series(1, 50000) i;
create view tc.nhin as select 1 as x; create index on tc.nhieu (id); select lo_from_bytea(0, '\x0102');
