"""HTTP: what the device answers to its own page and to tools."""
