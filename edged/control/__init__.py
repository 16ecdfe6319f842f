"""Orders from afar: who may give them, what they ask, and what was answered."""
