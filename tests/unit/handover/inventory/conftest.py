"""Deliveries and hostile files for the inventories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handover.sealed import SealedDelivery
from handover.vault import Vault


@pytest.fixture
def deliver(tmp_path: Path, make_bag: Callable[..., Path]) -> Callable[..., SealedDelivery]:
    """A function from files (path below data/ -> content), and a declaration, to the sealed delivery of them."""

    def deliver(files: Mapping[str, bytes], text: str = "") -> SealedDelivery:
        return Vault(tmp_path / "vault").receive(
            make_bag(files, text=text), received_at=datetime(2022, 4, 8, tzinfo=UTC)
        )

    return deliver
