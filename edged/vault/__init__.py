"""Secrets at rest: the device's key, what is sealed with it, and what is signed with it."""
