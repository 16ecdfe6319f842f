"""Memory: people and templates in SQLite (the truth) and a searchable snapshot of them (a disposable cache)."""
