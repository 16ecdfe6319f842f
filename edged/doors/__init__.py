"""Doors as hardware: relays, contacts, buttons. One driver a kind, and the helper that lets go when edged dies."""
