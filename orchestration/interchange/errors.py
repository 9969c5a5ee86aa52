"""Errors of what other tools are told."""


class NotReceivedError(Exception):
    """Events were not taken; the message says by whom, how many went before, why, and how to send them again."""

    def __init__(self, receiver: str, taken: int, reason: str) -> None:
        super().__init__(
            f"OpenLineage events were not taken by {receiver}: {reason}; {taken} went before. "
            "The run itself is not touched; send them again with `tiemchung lineage openlineage`."
        )
