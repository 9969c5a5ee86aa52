"""`python -m tests.chaos [--runs 200] [--seed 1]`: many runs under `kill -9`; exit 1 when one of them lost anything."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.runs import make, run, undisturbed


def main() -> int:
    """Run, tell each fault with its seed, and the sums."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = Path(temporary)
        make(folder)
        calm = undisturbed(folder)
        told = []
        for seed in range(asked.seed, asked.seed + asked.runs):
            told.append(run(folder, seed, calm))
            if told[-1].faults:
                print(
                    f"seed {seed}: {'; '.join(told[-1].faults)} (again: --runs 1 --seed {seed})", flush=True
                )
    faulty = sum(bool(each.faults) for each in told)
    print(
        f"{len(told)} runs, seeds {asked.seed} to {asked.seed + asked.runs - 1}: {sum(t.blows for t in told)} running"
        f" clients struck, {sum(t.repeats for t in told)} batches arrived again, {faulty} runs with faults"
    )
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
