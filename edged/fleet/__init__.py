"""Many devices: how they stand, and how a change is rolled out to them, step by step."""
