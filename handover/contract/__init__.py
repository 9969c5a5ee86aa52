"""The contract: which tables and columns a dump must hold, what we call them, and what a dump differs in."""
