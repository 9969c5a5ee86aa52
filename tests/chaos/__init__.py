"""The exchange with the register under `kill -9`: nothing lost, nothing doubled."""
