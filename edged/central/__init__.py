"""A centre's client: what it says, what the device makes of it, and what the device tells it. No threads, no clock."""
