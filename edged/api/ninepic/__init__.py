"""9Pic face search."""
