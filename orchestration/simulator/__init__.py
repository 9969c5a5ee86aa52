"""The stand-in population register: a real server process that shares nothing with its client but the contract."""
