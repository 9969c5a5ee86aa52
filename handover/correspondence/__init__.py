"""Letters, meetings and published figures as data files; the modules that read them lie elsewhere."""
