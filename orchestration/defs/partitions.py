"""Partitions: deliveries as they come, increments by day, reports of the exchange by month."""

import dagster as dg

deliveries = dg.DynamicPartitionsDefinition(name="deliveries")
increment_days = dg.DailyPartitionsDefinition(start_date="2022-04-06", timezone="Asia/Ho_Chi_Minh")
months = dg.MonthlyPartitionsDefinition(start_date="2022-03-01", timezone="Asia/Ho_Chi_Minh")
