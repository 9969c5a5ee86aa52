"""A seeded synthetic country: a delivery, its increments, the register's persons, a letter, and the answer key."""
