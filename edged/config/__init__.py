"""The document: one schema, its layers, what a change costs."""
