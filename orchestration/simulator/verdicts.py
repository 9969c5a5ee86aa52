"""A row's verdict as one small number, and the JSON that each number stands for.

Belongs here: which verdicts there are. Few are possible, so that a batch is carried through SQL as numbers, and the
text of each is written once. What is compared with whom is :mod:`answering`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import duckdb

ERROR_CODES = ("INVALID_NUMBER", "INVALID_NAME", "INVALID_DATE_OF_BIRTH", "INVALID_SEX")
_FITTINGS = (0, 1, 2)
"""Verdicts without comparisons are numbered as the persons that fit."""
_COMPARISONS = ("missing", "equal", "different")
_OF_DATES = (*_COMPARISONS, "year_equal")

_COMPARED = f"""
create macro compared_verdict(name_key, held_name_key, born, held_born, is_male, held_is_male) as
    {len(_FITTINGS)}
    + {len(_OF_DATES) * len(_COMPARISONS)} * case
        when name_key is null then 0 when name_key = held_name_key then 1 else 2
    end
    + {len(_COMPARISONS)} * case
        when born is null then 0
        when (born % 10000 = 0 or held_born % 10000 = 0) and born // 10000 = held_born // 10000 then 3
        when born = held_born then 1 else 2
    end
    + case
        when is_male is null then 0 when is_male = held_is_male then 1 else 2
    end
"""
_REFUSED = """
create macro refused_verdict(error_code) as
    {first} - 1 + coalesce(list_position({codes}, error_code), error('There is no verdict ' || error_code))
"""
# The numbers of comparisons are their places in the tuples above; born is yyyymmdd.


def define_verdicts(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the table ``verdict_texts`` (``verdict, fitting, error_code, text``) and the macros of its numbers.

    ``text`` is a row of the answer from its reference to its token, which is no part of a verdict.
    """
    told = list(_verdicts())
    connection.execute(
        "create table verdict_texts as select unnest($numbers::utinyint[]) as verdict, unnest($fittings::integer[])"
        " as fitting, unnest($codes::varchar[]) as error_code, unnest($texts::varchar[]) as text",
        {
            "numbers": list(range(len(told))),
            "fittings": [each["fitting"] for each in told],
            "codes": [each["error_code"] for each in told],
            "texts": [_text(each) for each in told],
        },
    )
    connection.execute(_COMPARED)
    first = next(number for number, each in enumerate(told) if each["error_code"])
    connection.execute(_REFUSED.format(first=first, codes=list(ERROR_CODES)))


def _verdicts() -> Iterator[dict[str, str | int | None]]:
    """All verdicts in the order of their numbers."""
    for fitting in _FITTINGS:
        yield _verdict(fitting)
    for compared in itertools.product(_COMPARISONS, _OF_DATES, _COMPARISONS):
        yield _verdict(1, *compared)
    for code in ERROR_CODES:
        yield _verdict(None, error_code=code)


def _verdict(
    fitting: int | None,
    name: str | None = None,
    date_of_birth: str | None = None,
    sex: str | None = None,
    error_code: str | None = None,
) -> dict[str, str | int | None]:
    return {
        "acknowledged": error_code is None,
        "fitting": fitting,
        "name": name,
        "date_of_birth": date_of_birth,
        "sex": sex,
        "error_code": error_code,
    }


def _text(verdict: dict[str, str | int | None]) -> str:
    said = {member: value for member, value in verdict.items() if value is not None}
    return f'","{json.dumps(said, separators=(",", ":"))[2:-1]}'
