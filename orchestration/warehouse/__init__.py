"""The DuckDB warehouse: its one connection factory, the raw views over the lake, and what is read back from it."""
