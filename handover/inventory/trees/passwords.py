"""Whether a line sets a password or a key to a real value.

In configuration any value counts that is no reference, no template and no stand-in; in code, where labels and
messages stand under the same names, only a quoted one with a digit or a sign. Nothing here returns the value.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

WORDS = (b"passw", b"pwd", b"khau", b"secret", b"api", b"token", b"identified by")
"""A line without one of these (in lower case) sets none."""

_NAME = (
    r"(?:password|passwd|passphrase|pwd|mat[-_]?khau"
    r"|(?:client|jwt|app|api|auth|shared|consumer)[-_.]?secret|secret[-_.]?key|api[-_.]?key"
    r"|(?:access|auth|bearer|refresh|bot)[-_.]?token)"
)
_CONFIGURED = re.compile(
    _NAME + r"""["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"'#;,][^\s#;,]*))[\s;,}\]]*(?:#.*)?$""",
    re.IGNORECASE,
)
_QUOTED = re.compile(_NAME + r"""["']?\]?\)?\s*(?:=>|:=|[:=])\s*["']([^"'\s]{6,})["']""", re.IGNORECASE)
_MARKUP = re.compile(
    rf"""<[\w.:-]*{_NAME}>([^<]+)</|["'][\w.-]*{_NAME}["']\s+value=["']([^"']+)["']"""
    rf"""|[\w.-]*{_NAME}=["']([^"']+)["']""",
    re.IGNORECASE,
)
_STATED = re.compile(r"(?:password|identified\s+by)\s+'([^']+)'", re.IGNORECASE)

_CONFIGURATION = {".properties", ".yml", ".yaml", ".env", ".ini", ".conf", ".cfg", ".toml", ".sh", ".bat"}
_MARKED_UP = {".xml", ".config"}
_PROSE = {".md", ".rst", ".txt", ".adoc", ".html", ".htm", ".css", ".svg", ".po", ".csv"}
_TRANSLATIONS = {"i18n", "l10n", "locale", "locales", "lang", "langs", "translations"}
_TRANSLATION = re.compile(r"(messages|strings|labels?|translations?)([._-].*)?")
_TESTS = {"test", "tests", "__tests__", "spec"}

_REFERENCE = re.compile(
    r"[$%#]?\{|\$|@\w+@|%\w+%|<|ENC\(|!|\{cipher\}|(?:env|file|vault|arn|classpath):|/|\*", re.I
)
_CALL = re.compile(r"getenv|environ|process\.env|\w\(")
_STAND_IN = re.compile(
    r"(?:x+|\.+|-+|null|none|nil|true|false|yes|no|undefined|string|str|text|number|required|optional|redacted"
    r"|change[-_ ]?(?:me|it)|your.*|my[-_]?(?:password|secret)|.*example.*|dummy|placeholder|todo|tbd|prompt"
    r"|pass|passw(?:or)?d|secret|token|user|mat[-_]?khau|\d)",
    re.IGNORECASE,
)
_LIKE_A_SECRET = re.compile(r"[\d!@#$%^&*+=~?]")


def set_password(path: PurePosixPath, line: str) -> bool:
    """Whether this line of this file sets a password or a key."""
    suffix = path.suffix.lower()
    if suffix in _PROSE or _TRANSLATIONS & set(path.parts) or _TRANSLATION.fullmatch(path.stem):
        return False
    if suffix in _CONFIGURATION or path.name.startswith((".env", "Dockerfile")):
        return _sets(_CONFIGURED, line)
    if suffix in _MARKED_UP:
        return _sets(_MARKUP, line)
    if suffix == ".sql" and _sets(_STATED, line):
        return True
    is_test = bool(_TESTS & set(path.parts))
    return not is_test and _sets(_QUOTED, line, _LIKE_A_SECRET)


def is_sham(value: str) -> bool:
    """Whether a value is a reference to a secret kept elsewhere, or stands in for one."""
    return bool(_REFERENCE.match(value) or "${" in value or _CALL.search(value) or _STAND_IN.fullmatch(value))


def _sets(pattern: re.Pattern[str], line: str, shape: re.Pattern[str] | None = None) -> bool:
    for match in pattern.finditer(line.rstrip()):
        value = next((each for each in match.groups() if each), "").strip()
        if len(value) >= 3 and " " not in value and not is_sham(value) and (not shape or shape.search(value)):
            return True
    return False
