"""Whether Home Assistant is told of this device."""

from __future__ import annotations

from edged.config.field import Section, restart


class HomeAssistantSettings(Section):
    """Home Assistant, on the same broker."""

    enabled: bool = restart(False)
    """Announce this device, so that Home Assistant shows it by itself. Switched off, what was announced is taken
    away."""
    prefix: str = restart("homeassistant", pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=64)
    """First part of the topics that Home Assistant hears announcements on, as set there."""
