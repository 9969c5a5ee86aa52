"""A PostgreSQL dump read as data: table of contents, data blocks, COPY text, Parquet; nothing is ever executed."""
