"""The rows of a country, made in DuckDB by the SQL files beside: no row is ever an object here.

Every choice is a hash of (seed, purpose, number), so the same seed and scale give the same rows.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path

import duckdb

import handover.synthetic
from handover.synthetic.errors import SynthesisError
from handover.synthetic.quotas import Quota, apportion, group_quotas, shares

LISTS = {
    "population": (
        "ages", "given_names", "legacy_letters", "middle_names", "name_class_shares", "name_classes", "name_pairs",
        "name_structure", "provinces", "surnames",
    ),
    "recipes": ("name_forms", "recipes"),
}  # fmt: skip
CODED = {"provinces", "name_class_shares"}
ROUNDS = 8
"""How often misfits are looked for before giving up; two or three rounds find none left."""

MORE_WORDS = (
    "An",
    "Bảo",
    "Chí",
    "Diệu",
    "Gia",
    "Hải",
    "Khánh",
    "Lam",
    "Minh",
    "Nhã",
    "Phúc",
    "Quỳnh",
    "Thảo",
    "Uyên",
)
IN_MIDDLE = "name_class = 'kinh' and name_as <> 'name_middle_dropped'"
"""Whose further word goes to the middle names; where the record drops those, it would not be seen there."""

INCREMENT_DAYS = 8


@dataclass(frozen=True)
class Recipe:
    """How many subjects of a group are recorded in one way; ``first_n`` is the number of the first."""

    group: str
    fields: Mapping[str, str]
    first_n: int
    subjects: int


def make_rows(
    connection: duckdb.DuckDBPyConnection, scale: float, seed: int, say: Callable[[str], None]
) -> None:
    """Fill the connection with the country's tables and the views ``out_*`` that are to be written."""
    quotas = _quotas(scale)
    recipes = lay_out(quotas)
    _load_lists(connection)
    subjects = sum(quota.subjects for group, quota in quotas.items() if group != "new")
    _set_variables(connection, seed, subjects)
    _load_recipes(connection, recipes, quotas)
    for name in ("slots", "people", "register"):
        say(f"rows: {name}")
        connection.execute(_sql(name))
    resolve_misfits(connection, say)
    for name in ("subjects", "doses", "increments", "outputs"):
        say(f"rows: {name}")
        connection.execute(_sql(name))


def lay_out(quotas: Mapping[str, Quota]) -> list[Recipe]:
    """Subjects per recipe: at least one of each where the group is large enough, the rest by shares."""
    with _data("recipes/recipes.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    laid: list[Recipe] = []
    first_n = 1
    for group, quota in quotas.items():
        rows = [row for row in listed if row["group"] == group]
        counts = _counts(quota.subjects, [row["share"] for row in rows])
        for row, count in zip(rows, counts, strict=True):
            laid.append(Recipe(group, row, first_n, count))
            first_n += count
    return laid


def _counts(subjects: int, given: list[str]) -> list[int]:
    small = sum(Fraction(share) for share in given if share != "rest")
    weights = [1 - small if share == "rest" else Fraction(share) for share in given]
    if subjects < len(given):
        return apportion(subjects, weights)
    return [1 + more for more in apportion(subjects - len(given), weights)]


def _quotas(scale: float) -> dict[str, Quota]:
    quotas = group_quotas(scale)
    subjects = sum(quota.subjects for quota in quotas.values())
    new = INCREMENT_DAYS * max(2, subjects // shares()["increment"]["new_one_in"])
    return quotas | {"new": Quota(new, new)}


def _load_lists(connection: duckdb.DuckDBPyConnection) -> None:
    """Codes are text: a province is 001, not 1."""
    for folder, names in LISTS.items():
        for name in names:
            codes = ", types = {'province_code': 'VARCHAR'}" if name in CODED else ""
            connection.execute(
                f"create or replace table {name} as select * from read_csv($path, header = true{codes})",  # noqa: S608
                {"path": str(_data(f"{folder}/{name}.csv"))},
            )


def _set_variables(connection: duckdb.DuckDBPyConnection, seed: int, subjects: int) -> None:
    chosen = shares()
    letters = [chr(code) for code in (*range(0xC0, 0x250), *range(0x1EA0, 0x1F00))]
    decomposed = {
        each: unicodedata.normalize("NFD", each) for each in letters if unicodedata.decomposition(each)
    }
    variables: dict[str, object] = {
        "seed": seed,
        "subjects": subjects,
        "orphan_one_in": chosen["orphan_doses_one_in"],
        "further_persons": round(subjects * (chosen["register_persons_per_subject"] - 1)),
        "corrected_a_day": max(2, subjects // chosen["increment"]["corrected_one_in"]),
        "doses_a_day": max(2, subjects // chosen["increment"]["dose_one_in"]),
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $value", {"value": value})
    misread = {each: "".join(_misread(byte) for byte in each.encode()) for each in letters}
    for name, spelled in (("decomposed", decomposed), ("misread", misread)):
        connection.execute(
            f"set variable {name} = map($letters, $parts)",
            {"letters": list(spelled), "parts": list(spelled.values())},
        )
    for font in ("vni", "tcvn3"):
        letters_of = f"select map(list(letter), list({font})) from legacy_letters"  # noqa: S608
        connection.execute(f"set variable {font} = ({letters_of})")


def _misread(byte: int) -> str:
    """The sign that a byte is taken for where UTF-8 is read as Windows-1252."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _load_recipes(
    connection: duckdb.DuckDBPyConnection, recipes: list[Recipe], quotas: Mapping[str, Quota]
) -> None:
    fields = ("recipe", "outcome", "id_as", "name_as", "dob_as", "sex_as", "place_as", "person_as")
    connection.execute(
        "create or replace table recipe_counts (group_name varchar, first_n bigint, subjects bigint, "
        + ", ".join(f"{field} varchar" for field in fields)
        + ")"
    )
    connection.executemany(
        f"insert into recipe_counts values ({', '.join('?' * (3 + len(fields)))})",  # noqa: S608  -- marks only
        [[r.group, r.first_n, r.subjects, *(r.fields[f] or None for f in fields)] for r in recipes],
    )
    connection.execute(
        "create or replace table group_quotas (group_name varchar, subjects bigint, doses bigint)"
    )
    connection.executemany(
        "insert into group_quotas values (?, ?, ?)", [[g, q.subjects, q.doses] for g, q in quotas.items()]
    )


def resolve_misfits(connection: duckdb.DuckDBPyConnection, say: Callable[[str], None]) -> None:
    """Give persons who share name, birth, sex and place by chance another word in their name, until none is left."""
    for number in range(ROUNDS):
        connection.execute(_sql("misfits"))
        found = connection.execute("select count(*) from misfits").fetchone()
        if not found or not found[0]:
            return
        say(f"rows: {found[0]} persons fit by chance; renaming them")
        connection.execute(
            f"""
            with more as (select n, $words[1 + cast(hash(n, $round) % len($words) as bigint)] as word from misfits)
            update people set
                middle = case when {IN_MIDDLE} then concat_ws(' ', middle, word) else middle end,
                given = case when {IN_MIDDLE} then given
                    when name_class = 'kinh' then concat_ws(' ', word, given) else concat_ws(' ', given, word) end
            from more
            where people.n = more.n
            """,  # noqa: S608  -- a constant
            {"words": list(MORE_WORDS), "round": number},
        )
    raise SynthesisError("Some persons still fit by chance after all rounds; choose another seed.")


def _sql(name: str) -> str:
    return _data(f"../sql/{name}.sql").read_text(encoding="utf-8")


def _data(name: str) -> Path:
    return Path(str(resources.files(handover.synthetic))).joinpath("data", name)
