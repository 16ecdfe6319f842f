"""Mouth and ear: one session with the broker, and the outbox that loses no event."""
