"""Errors of the command line itself; each domain package has a tree of its own."""


class UsageError(Exception):
    """What was asked for cannot be done as asked; the message says what to change."""


class AnotherRunIsActiveError(UsageError):
    """Another process runs on the same home directory."""
