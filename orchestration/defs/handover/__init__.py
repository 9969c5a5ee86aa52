"""Stage handover: sealed packages, inventories, the matrix of 16 cells."""
