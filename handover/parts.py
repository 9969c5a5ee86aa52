"""The names of what is handed over: components, deliverables, kinds of deliveries and of documents.

Only the closed lists that the letters and the declaration share; their labels for people lie with the
correspondence, and what is done with each part lies with the module that does it.
"""

from __future__ import annotations

from enum import StrEnum


class Component(StrEnum):
    """The four systems that are handed over."""

    PORTAL = "portal"
    SUPPORT = "support"
    COMMAND = "command"
    HEALTH_BOOK = "health_book"


class Deliverable(StrEnum):
    """What is handed over of each component."""

    SOURCE = "source"
    INSTALLERS = "installers"
    DATABASE = "database"
    DOCUMENTS = "documents"


class DeliveryKind(StrEnum):
    """A whole delivery, or one day's new and changed rows after it."""

    DELIVERY = "delivery"
    INCREMENT = "increment"


class DocumentKind(StrEnum):
    """The kinds of documents that each component owes."""

    DESIGN = "design"
    DATABASE_DICTIONARY = "database_dictionary"
    API = "api"
    INSTALLATION = "installation"
    OPERATION = "operation"
    USER_GUIDE = "user_guide"
