"""What other tools read of our lineage. Not here: finding it (``lineage``)."""
