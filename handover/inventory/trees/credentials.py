"""Secrets in source: keys and tokens by their own shape. A finding tells line and kind, never the secret.

The shapes are detect-secrets' patterns, of which none is ever tried against a service; a file is looked into only
where it holds a word that such a secret holds. Settings that hold a password are read in ``passwords``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.stripe import StripeDetector

from handover.findings import Finding, finding
from handover.inventory.trees.passwords import WORDS, is_sham, set_password
from handover.inventory.trees.reading import Reading

LINES_TOLD = 20
"""Findings per file; a file with more is bad enough."""

_BEFORE, _AFTER = 512, 2048
"""Bytes of a line looked at around a word: minified code has lines of megabytes."""

_DETECTORS: Mapping[bytes, RegexBasedDetector] = {
    b"akia": AWSKeyDetector(),
    b"asia": AWSKeyDetector(),
    b"aws": AWSKeyDetector(),
    b"accountkey=": AzureStorageKeyDetector(),
    b"ghp_": GitHubTokenDetector(),
    b"gho_": GitHubTokenDetector(),
    b"ghs_": GitHubTokenDetector(),
    b"glpat-": GitLabTokenDetector(),
    b"eyj": JwtTokenDetector(),
    b"_authtoken": NpmDetector(),
    b"sg.": SendGridDetector(),
    b"xox": SlackDetector(),
    b"hooks.slack.com": SlackDetector(),
    b"k_live_": StripeDetector(),
    b"://": BasicAuthDetector(),
}
"""A word that a line holds (in lower case) -> who then looks at the line."""

_PRIVATE_KEY = re.compile(
    rb"BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[\"'+])*"
    rb"(?:(?:Proc-Type|Version|Comment):|[A-Za-z0-9+/=]{32})|PuTTY-User-Key-File-\d:"
)
"""The head of a private key with a body behind it: code that reads keys holds the head alone."""

_KEY_STORES = {".jks", ".keystore", ".p12", ".pfx", ".bks"}
_PUBLICLY_KNOWN = {"debug.keystore"}


def secrets(reading: Reading) -> Iterator[Finding]:
    """The secrets of one file, by line, no line twice."""
    if reading.line_count is None:
        if reading.path.suffix.lower() in _KEY_STORES and reading.path.name not in _PUBLICLY_KNOWN:
            yield finding("HND-SRC-08", reading.path, "is a store of private keys")
        return
    kinds = dict(sorted(_kinds(reading)))
    for at, kind in list(kinds.items())[:LINES_TOLD]:
        line = reading.head.count(b"\n", 0, at) + 1
        yield finding("HND-SRC-08", reading.path, f"holds a secret ({kind})", f"line {line}")


def _kinds(reading: Reading) -> Iterator[tuple[int, str]]:
    """Where a line with a secret begins, and its kind."""
    if b"PRIVATE KEY" in reading.head or b"PuTTY" in reading.head:
        for match in _PRIVATE_KEY.finditer(reading.head):
            yield reading.head.rfind(b"\n", 0, match.start()) + 1, "private key"
    for word, detector in _DETECTORS.items():
        for start, line in _lines_with(reading, word):
            if any(not is_sham(each) for each in detector.analyze_string(line)):
                yield start, detector.secret_type
    for word in WORDS:
        for start, line in _lines_with(reading, word):
            if set_password(reading.path, line):
                yield start, "password or key in a setting"


def _lines_with(reading: Reading, word: bytes) -> Iterator[tuple[int, str]]:
    """Lines that hold the word, with their starts; of a long line only what stands around the word."""
    at = reading.folded.find(word)
    while at >= 0:
        start = reading.head.rfind(b"\n", 0, at) + 1
        end = reading.head.find(b"\n", at)
        shown = min(len(reading.head) if end < 0 else end, at + _AFTER)
        yield start, reading.head[max(start, at - _BEFORE) : shown].decode(errors="replace")
        at = reading.folded.find(word, shown)
