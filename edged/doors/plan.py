"""What the helper is told when it starts: which doors there are, and by what they are switched.

The modules of this room that the helper needs import the standard library only: it must stay small.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from edged.domain.errors import Refused

MAX_PLAN_BYTES: Final = 128 * 1024
"""A longer plan is not taken."""
WARM: Final = b"warm"
"""Instead of a plan: load the drivers of pins, and wait for it."""
MAX_PULSE_S: Final = 60.0
"""Nobody is let through for longer at once; what stands open for longer is held."""

Kind = Literal["none", "gpio", "mqtt", "http"]
Fail = Literal["secure", "safe"]


@dataclass(frozen=True, slots=True)
class RelayPlan:
    """How one relay is reached; see `edged.config.access.RelaySettings`, whose names these are.

    Attributes:
        broker: mqtt: its settings as JSON, see `edged.config.document.BrokerSettings`.
        client_id: mqtt: unique among the broker's clients.
    """

    kind: Kind
    pin: int | None = None
    active_low: bool = False
    topic: str = ""
    on_payload: str = ""
    off_payload: str = ""
    on_url: str = field(default="", repr=False)
    off_url: str = field(default="", repr=False)
    method: str = "POST"
    ca_file: str = ""
    broker: Mapping[str, Any] = field(default_factory=dict, repr=False)
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class PinPlan:
    """A contact at a pin: its line, whether a low level means closed, and what is too short to be believed."""

    pin: int
    is_low_closed: bool
    debounce_s: float


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """One door. `contact`, `exit_button` and `tamper` are None where there is no such pin."""

    name: str
    relay: RelayPlan
    fail: Fail = "secure"
    contact: PinPlan | None = None
    exit_button: PinPlan | None = None
    tamper: PinPlan | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All doors.

    Attributes:
        fresh_s: an order that rests on something older is refused.
    """

    doors: tuple[DoorPlan, ...]
    fresh_s: float

    def encoded(self) -> bytes:
        """As JSON, for the helper. Holds secrets: never logged, never written."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Plan:
        """What `encoded` gave.

        Raises:
            Refused: `bad_plan`.
        """
        if len(data) > MAX_PLAN_BYTES:
            raise Refused("bad_plan", f"the plan of the doors is longer than {MAX_PLAN_BYTES} bytes")
        try:
            tree = json.loads(data)
            doors = tuple(_door(door) for door in tree["doors"])
            return cls(doors, float(tree["fresh_s"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Refused("bad_plan", f"the plan of the doors cannot be read ({type(error).__name__})") from None


def _door(tree: dict[str, Any]) -> DoorPlan:
    pins = {name: _pin(tree[name]) for name in ("contact", "exit_button", "tamper")}
    return DoorPlan(tree["name"], RelayPlan(**tree["relay"]), tree["fail"], **pins)


def _pin(tree: dict[str, Any] | None) -> PinPlan | None:
    return None if tree is None else PinPlan(**tree)
