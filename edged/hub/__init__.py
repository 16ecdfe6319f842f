"""The centre: a directory of people on disk or in PostgreSQL, who may use it, and the commands that run it."""
