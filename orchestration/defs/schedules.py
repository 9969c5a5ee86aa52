"""Schedules: every night, the day that has just ended."""

import dagster as dg

from orchestration.defs.jobs import follow_increment

nightly_increment = dg.build_schedule_from_partitioned_job(
    follow_increment, hour_of_day=2, name="nightly_increment"
)
