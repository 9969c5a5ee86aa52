"""One suite per relation, in the module of the relation's name: ``RELATION`` (schema.name) and its ``RULES``."""
