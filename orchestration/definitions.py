"""Dagster's entry point: everything is found in ``defs/``."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources of the platform."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
