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
with arrived as ($arrived),
kept as ($kept),
superseded as ($superseded),
packages as (
    select _delivery from arrived union select _delivery from kept union select _delivery from superseded
),
weighed as (
    select
        coalesce(arrived.row_count, 0) as arrived,
        coalesce(kept.row_count, 0) as kept,
        coalesce(superseded.row_count, 0) as superseded,
        coalesce(arrived.hashes, 0) <> coalesce(kept.hashes, 0) + coalesce(superseded.hashes, 0) as is_other
    from packages
    left join arrived on packages._delivery is not distinct from arrived._delivery
    left join kept on packages._delivery is not distinct from kept._delivery
    left join superseded on packages._delivery is not distinct from superseded._delivery
)
select
    cast(coalesce(sum(greatest(abs(arrived - kept - superseded), cast(is_other as integer))), 0) as bigint) as breaches,
    cast(coalesce(sum(arrived), 0) as bigint) as arrived,
    cast(coalesce(sum(kept), 0) as bigint) as kept,
    cast(coalesce(sum(superseded), 0) as bigint) as superseded
from weighed
)""")
_SIDE = Template(
    "select _delivery, count(*) as row_count, sum(hash(cast(_row as bigint))) as hashes from ($rows) group by _delivery"
)

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
    return _balance(source, target, _NOTHING.substitute(source=source))


def same_or_superseded(source: str, target: str, key: str) -> str:
    """Each row of ``source`` is in ``target``, or a later package's row of the same ``key`` is there in its place.

    Measures ``arrived``, ``kept`` and ``superseded``. Only keys that an increment brought can have been replaced: a
    key that came twice in one package is a fault of that package, and doesn't balance here.
    """
    return _balance(source, target, _SUPERSEDED.substitute(source=source, target=target, key=key))


def same_or_repeated_keys(source: str, target: str, key: str) -> str:
    """The same for a ``target`` without addresses: each key of ``source`` once, and all rows without one."""
    return _KEYS.substitute(source=source, target=target, key=key)


def _balance(source: str, target: str, aside: str) -> str:
    """Each side is summed by itself, for rows of both put together would take twice as long."""
    rows = {"arrived": f"from {source}", "kept": f"from {target}", "superseded": aside}
    return _BALANCE.substitute({side: _SIDE.substitute(rows=query) for side, query in rows.items()})
