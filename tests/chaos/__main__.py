"""`python -m tests.chaos [--runs 200] [--seed 1] [--jobs 2]`: runs under `kill -9`; exit 1 when one lost anything."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.runs import make, run, undisturbed


def main() -> int:
    """Run, tell each fault with its seed, and the sums of each kind of asker."""
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
        told, began = [], time.monotonic()
        with ThreadPoolExecutor(asked.jobs) as jobs:
            for one in jobs.map(lambda seed: run(folder, seed, calm), seeds):
                told.append(one)
                if one.faults:
                    print(
                        f"seed {one.seed}: {'; '.join(one.faults)} (again: --runs 1 --seed {one.seed})",
                        flush=True,
                    )
    faulty = sum(bool(each.faults) for each in told)
    for asker in sorted({each.asker for each in told}):
        of_kind = [each for each in told if each.asker == asker]
        print(
            f"{len(of_kind)} runs asked by {asker}: {sum(t.blows for t in of_kind)} struck while they ran,"
            f" {sum(t.failures for t in of_kind)} sendings came to nothing,"
            f" {sum(t.repeats for t in of_kind)} batches arrived again"
        )
    print(
        f"{len(told)} runs, seeds {asked.seed} to {asked.seed + asked.runs - 1}, in {time.monotonic() - began:.0f} s:"
        f" {faulty} with faults"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
