"""Verbs of the command line, a module per noun. Each imports what it needs, so that --help answers at once."""
