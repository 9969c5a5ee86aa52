"""`python -m tests.chaos [--runs 200] [--seed 1] [--jobs 2]`: runs under `kill -9`; exit 1 when one lost anything."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.runs import make, run, undisturbed


def main() -> int:
    """Run, tell each fault with its seed, and the sums."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = Path(temporary)
        make(folder)
        calm = undisturbed(folder)
        seeds = range(asked.seed, asked.seed + asked.runs)
        told = []
        with ThreadPoolExecutor(asked.jobs) as jobs:
            for one in jobs.map(lambda seed: run(folder, seed, calm), seeds):
                told.append(one)
                if one.faults:
                    print(
                        f"seed {one.seed}: {'; '.join(one.faults)} (again: --runs 1 --seed {one.seed})",
                        flush=True,
                    )
    faulty = sum(bool(each.faults) for each in told)
    print(
        f"{len(told)} runs, seeds {asked.seed} to {asked.seed + asked.runs - 1}: {sum(t.blows for t in told)} running"
        f" clients struck, {sum(t.failures for t in told)} sendings came to nothing, {sum(t.repeats for t in told)}"
        f" batches arrived again, {faulty} runs with faults"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
