"""Dagster definitions, a folder per stage; the only place of the platform that imports Dagster.

Bodies here get things, call one domain function and report facts. No SQL, no HTTP, no frames.
"""
