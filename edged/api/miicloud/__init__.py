"""miiCloud."""
