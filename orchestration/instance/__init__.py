"""Dagster's instance: its files for one machine and for a server, and how the former keeps its event log."""
