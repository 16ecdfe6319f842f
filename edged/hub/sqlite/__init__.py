"""The hub's own storage: one SQLite file, for a centre that one machine is enough for."""
