"""Schedules: every night the day that has just ended, every morning what is overdue,
after every month what was exchanged with the register."""

import dagster as dg

from orchestration.defs.jobs import follow_increment, judge_obligations, report_month

nightly_increment = dg.build_schedule_from_partitioned_job(
    follow_increment, hour_of_day=2, name="nightly_increment"
)

morning_obligations = dg.ScheduleDefinition(
    name="morning_obligations",
    job=judge_obligations,
    cron_schedule="0 6 * * *",
    execution_timezone="Asia/Ho_Chi_Minh",
)

register_month = dg.build_schedule_from_partitioned_job(
    report_month, hour_of_day=3, day_of_month=1, name="register_month"
)
