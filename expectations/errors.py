"""Errors of this package: wrong use of the rules. A rule that fails or cannot be judged is a verdict, not an error."""


class ExpectationsError(Exception):
    """Something about the suites themselves is wrong; the message says what to change."""


class CatalogueError(ExpectationsError):
    """Suites contradict each other or break a convention."""


class UnknownRelation(ExpectationsError):
    """A relation was to be judged for which no suite exists."""


class FactError(ExpectationsError):
    """A fact a rule needs was not given, or not in its form; the message names the fact, never its value."""
