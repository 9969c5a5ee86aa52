"""Stage raw: dumps read into the lake, one asset per mapped vendor table."""
