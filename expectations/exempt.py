"""Relations of raw, staging and cleansing without a suite, each with the reason; every other one has a suite."""

from collections.abc import Mapping
from types import MappingProxyType

_UNREAD = "No model reads it: no figure, worklist or request stands on it."
_DICTIONARY = (
    "Distinct values judged once; rows are counted where int_subjects has been joined with it (CLN-COUNT-01)."
)
_SUBJECTS = "A step of int_subjects, whose rows are counted against staging (CLN-COUNT-01)."
_BESIDE = "Shows int_subjects beside its raw rows; no figure, worklist or request stands on it."
_FAULTY = "Findings by dose, shown by int_doses, whose orphans are looked for anew (CLN-ORPHAN-02)."
_CHANGES = (
    "What a day changes, of which all is counted where it has been brought into int_subjects and int_doses."
)
_DOSES = "A step of int_doses, whose rows are counted against staging (CLN-COUNT-02)."

EXEMPT: Mapping[str, str] = MappingProxyType(
    {
        "raw.accounts": _UNREAD,
        "raw.articles": _UNREAD,
        "raw.certificates": _UNREAD,
        "raw.citizen_reports": _UNREAD,
        "raw.daily_sums": _UNREAD,
        "raw.provinces": _UNREAD,
        "cleansing.int_changes": _CHANGES,
        "cleansing.int_changes__doses": _CHANGES,
        "cleansing.int_changes__groups": _CHANGES,
        "cleansing.int_changes__neighbours": _CHANGES,
        "cleansing.int_changes__subjects": _CHANGES,
        "cleansing.int_dates_of_birth": _DICTIONARY,
        "cleansing.int_id_numbers": _DICTIONARY,
        "cleansing.int_names": _DICTIONARY,
        "cleansing.int_names__cleaned": _DICTIONARY,
        "cleansing.int_names__legacy": _DICTIONARY,
        "cleansing.int_names__syllables": _DICTIONARY,
        "cleansing.int_province_names": _DICTIONARY,
        "cleansing.int_sexes": _DICTIONARY,
        "cleansing.int_subjects__current": _SUBJECTS,
        "cleansing.int_subjects__typed": _BESIDE,
        "cleansing.int_doses__by_subject": _DOSES,
        "cleansing.int_doses__current": _DOSES,
        "cleansing.int_doses__faulty": _FAULTY,
        "cleansing.int_doses__sequences": _DOSES,
    }
)
