"""The screen at a door."""

from __future__ import annotations

from typing import Literal

from edged.config.field import Section, live


class KioskSettings(Section):
    """The page /kiosk, in a locked browser at the door."""

    door: str = live("", max_length=32)
    """Which door it stands at; the only one unless set."""
    language: Literal["en", "de", "es", "fr"] = live("en")
    """What it speaks."""
    greeting: str = live("", max_length=120)
    """Said to whoever may pass, as `Good morning, {name}`; the language's own unless set."""
    show_names: bool = live(True)
    """Greet by name."""
    sounds: bool = live(True)
    """Short tones for yes and no."""
    theme: Literal["auto", "light", "dark"] = live("auto")
    """Colours; auto follows the light that the camera sees."""
