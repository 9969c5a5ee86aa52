"""Rows in = rows out + rows set aside, as SQL of one row: ``breaches``, and how many rows stood on each side.

Rows are told apart by their address, package and ordinal, so that one row lost and another doubled don't balance.
What a layer may set aside, and on whose word, is said in its suite.
"""

from __future__ import annotations

from string import Template

ARRIVED, KEPT, SUPERSEDED = "arrived", "kept", "superseded"
# Each query starts with `select`, as Great Expectations asks of one.

# Per package as many rows on both sides, and the same sum of their ordinals' hashes.
_BALANCE = Template("""select * from (
with sides as (
    select _delivery, cast(_row as bigint) as _row, 'arrived' as side from $source
    union all
    select _delivery, _row, 'kept' from $target
    union all
    select _delivery, _row, 'superseded' from ($aside)
),
packages as (
    select
        count(*) filter (where side = 'arrived') as arrived,
        count(*) filter (where side = 'kept') as kept,
        count(*) filter (where side = 'superseded') as superseded,
        coalesce(sum(hash(_row)) filter (where side = 'arrived'), 0) as rows_in,
        coalesce(sum(hash(_row)) filter (where side <> 'arrived'), 0) as rows_out
    from sides
    group by _delivery
),
weighed as (
    select *, greatest(abs(arrived - kept - superseded), cast(rows_in <> rows_out as integer)) as breaches
    from packages
)
select
    cast(coalesce(sum(breaches), 0) as bigint) as breaches,
    cast(coalesce(sum(arrived), 0) as bigint) as arrived,
    cast(coalesce(sum(kept), 0) as bigint) as kept,
    cast(coalesce(sum(superseded), 0) as bigint) as superseded
from weighed
)""")

_NOTHING = Template("select _delivery, _row from $source where false")

# Both sides are cut down to the keys of increments before they are joined.
_SUPERSEDED = Template("""
with later as (select $key from $source where _increment_on is not null)
select versions._delivery, versions._row
from (select * from $source where $key in (from later)) as versions
inner join (select * from $target where $key in (from later)) as latest on versions.$key = latest.$key
where versions._delivery <> latest._delivery or versions._row <> latest._row
""")

_KEYS = Template("""select * from (
with arriving as (
    select count(*) as arrived, count($key) - count(distinct $key) as superseded from $source
),
keeping as (select count(*) as kept from $target),
keyed as (select $key from $source where $key is not null),
losing as (select count(*) as lost from keyed anti join $target using ($key))
select abs(arrived - kept - superseded) + lost as breaches, arrived, kept, superseded
from arriving, keeping, losing
)""")


def same_rows(source: str, target: str) -> str:
    """The rows of ``target`` are those of ``source``, each once; measures ``arrived`` and ``kept``."""
    return _BALANCE.substitute(source=source, target=target, aside=_NOTHING.substitute(source=source))


def same_or_superseded(source: str, target: str, key: str) -> str:
    """Each row of ``source`` is in ``target``, or a later package's row of the same ``key`` is there in its place.

    Measures ``arrived``, ``kept`` and ``superseded``. Only keys that an increment brought can have been replaced: a
    key that came twice in one package is a fault of that package, and doesn't balance here.
    """
    aside = _SUPERSEDED.substitute(source=source, target=target, key=key)
    return _BALANCE.substitute(source=source, target=target, aside=aside)


def same_or_repeated_keys(source: str, target: str, key: str) -> str:
    """The same for a ``target`` without addresses: each key of ``source`` once, and all rows without one."""
    return _KEYS.substitute(source=source, target=target, key=key)
