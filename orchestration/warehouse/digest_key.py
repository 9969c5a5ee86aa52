"""The installation's secret key for row digests: made once, kept outside the warehouse, refused when unfit."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from orchestration.warehouse.errors import WarehouseError

KEY_BYTES = 32


def ensure_key(path: Path) -> str:
    """Return the key as 64 hex characters, making it (mode 0600) where there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return read_key(path)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    return read_key(path)


def read_key(path: Path) -> str:
    """Return the key; raises :class:`WarehouseError` when it is absent or is not 64 hex characters."""
    try:
        key = path.read_text(encoding="ascii").strip()
        if len(bytes.fromhex(key)) == KEY_BYTES:
            return key
    except FileNotFoundError as error:
        raise WarehouseError(
            f"There is no digest key at {path}; restore it from your safe: reports can be verified with it alone."
        ) from error
    except ValueError:
        pass
    raise WarehouseError(
        f"The digest key at {path} is not {2 * KEY_BYTES} hex characters; restore it from your safe."
    )
