"""Partitions: deliveries as they come, increments by day."""

import dagster as dg

deliveries = dg.DynamicPartitionsDefinition(name="deliveries")
increment_days = dg.DailyPartitionsDefinition(start_date="2022-04-06", timezone="Asia/Ho_Chi_Minh")
