"""The contact, the exit button and the tamper contact of one door, in the helper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from edged.domain.errors import EdgedError
from edged.doors.debounce import Debounce
from edged.doors.plan import DoorPlan, PinPlan


class Contact(Protocol):
    """A contact at a pin: `edged.doors.gpio.GpioContact`."""

    def is_closed(self) -> bool:
        """What it shows at this instant. Raises Unavailable."""


@dataclass(slots=True)
class _Pin:
    contact: Contact
    debounce: Debounce


class DoorPins:
    """Belongs to one thread.

    Args:
        door: whose.
        open_contact: reaches for a pin; raises Unavailable.

    Attributes:
        exits: how often the exit button was pressed.
        why: what is wrong with the pins; empty: nothing.
    """

    def __init__(self, door: DoorPlan, open_contact: Callable[[PinPlan], Contact]) -> None:
        self._open = open_contact
        self._plans = {
            name: plan
            for name, plan in (("contact", door.contact), ("exit", door.exit_button), ("tamper", door.tamper))
            if plan is not None
        }
        self._pins: dict[str, _Pin] = {}
        self.exits = 0
        self.why = ""

    def look(self, now: float) -> None:
        """Reads them all. What is pressed or open when it is first seen is taken as it is, and as no event."""
        self.why = ""
        for name, plan in self._plans.items():
            try:
                self._look_at(name, plan, now)
            except EdgedError as error:
                self._pins.pop(name, None)
                self.why = error.what

    def _look_at(self, name: str, plan: PinPlan, now: float) -> None:
        pin = self._pins.get(name)
        if pin is None:
            contact = self._open(plan)
            self._pins[name] = _Pin(contact, Debounce(contact.is_closed(), plan.debounce_s))
        elif pin.debounce.see(pin.contact.is_closed(), now) and name == "exit" and pin.debounce.level:
            self.exits += 1

    @property
    def contact(self) -> Literal["shut", "open", "none"]:
        """What the door contact says."""
        pin = self._pins.get("contact")
        if pin is None:
            return "none"
        return "shut" if pin.debounce.level else "open"

    @property
    def is_tampered(self) -> bool:
        """Whether the case is open, where there is a contact for it."""
        pin = self._pins.get("tamper")
        return pin is not None and not pin.debounce.level

    @property
    def due(self) -> float | None:
        """When to look again though no pin changes."""
        return min((pin.debounce.due for pin in self._pins.values() if pin.debounce.due is not None), default=None)
