"""Agree upon the asset graph as it is now: `python -m tests.architecture.snapshot`, then read the difference."""

import json

from orchestration.definitions import defs
from tests.architecture.test_definitions import SNAPSHOT, as_data

if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(as_data(defs()), indent=1) + "\n", encoding="utf-8")
