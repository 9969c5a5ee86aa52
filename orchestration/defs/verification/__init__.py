"""Stage verification: what is asked of the population register, and what it answered."""
