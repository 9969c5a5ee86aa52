"""Where events go: a file, one event a line, or an HTTP receiver such as Marquez or DataHub.

Belongs here: sending. What is sent is made elsewhere. A receiver that does not take events is told of by
:class:`NotReceivedError`; whoever sends decides what becomes of it. The token stands in no message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import (
    ApiKeyTokenProvider,
    HttpConfig,
    HttpTransport,
    TokenProvider,
)
from openlineage.client.transport.transport import Transport

from orchestration.interchange.errors import NotReceivedError

TIMEOUT_SECONDS = 5.0
PATIENCE_SECONDS = 45.0
"""For all events of a run: Dagster ends a sensor's look after 60 s."""
RETRY = {"total": 2, "backoff_factor": 0.3, "status_forcelist": [502, 503, 504], "allowed_methods": ["POST"]}


def send(
    events: Iterable[RunEvent],
    receiver: str,
    token: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Send events in their order to a path or an ``http(s)://`` address; gives how many were taken.

    Stops at the first that is not, or when all together took too long (``clock`` in seconds): raises
    :class:`NotReceivedError` with how many went before it and why.
    """
    taken, last = 0, clock() + PATIENCE_SECONDS
    with _opened(receiver, token) as transport:
        for event in events:
            if clock() > last:
                raise NotReceivedError(
                    receiver, taken, f"it took more than {PATIENCE_SECONDS:.0f} s for them"
                )
            try:
                transport.emit(event)
            except (requests.RequestException, RuntimeError, OSError, ValueError) as error:
                raise NotReceivedError(receiver, taken, _reason(error)) from None
            taken += 1
    return taken


@contextmanager
def _opened(receiver: str, token: str | None) -> Iterator[Transport]:
    """A redirect is refused: to a login page it would end in a success of which nothing was kept."""
    if not receiver.startswith(("http://", "https://")):
        yield FileTransport(FileConfig(log_file_path=str(Path(receiver)), append=True))
        return
    auth = ApiKeyTokenProvider({"apiKey": token}) if token else TokenProvider({})
    with requests.Session() as session:
        session.max_redirects = 0
        session.trust_env = False  # or a .netrc would send its own credential in the token's place
        config = HttpConfig(
            url=f"{receiver.rstrip('/')}/",
            timeout=TIMEOUT_SECONDS,
            auth=auth,
            session=session,
            retry=RETRY,
        )
        yield HttpTransport(config)


def _reason(error: Exception) -> str:
    """The kind of failure alone: a library's words may hold an address with a secret in it."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answered with status {error.response.status_code}"
    if isinstance(error, requests.TooManyRedirects):
        return "it redirects elsewhere"
    if isinstance(error, requests.Timeout):
        return f"it did not answer in {TIMEOUT_SECONDS:.0f} s"
    if isinstance(error, requests.RequestException):
        return f"it can't be reached ({type(error).__name__})"
    return "it can't be written"
