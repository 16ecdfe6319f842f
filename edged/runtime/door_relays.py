"""From what is planned to what switches."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType

from edged.domain.errors import Unsupported
from edged.doors.plan import DoorPlan, PinPlan, RelayPlan
from edged.doors.relay import NoRelay, Relay
from edged.runtime.door_pins import Contact


def open_relay(plan: RelayPlan) -> Relay:
    """Reaches for a relay. The one place that knows the kinds; each is imported where it is used, for a small helper.

    Raises:
        Unavailable, Refused: it cannot be had.
    """
    match plan.kind:
        case "gpio" if plan.pin is not None:
            relay: Relay = _gpio().GpioRelay(plan.pin, active_low=plan.active_low)
            return relay
        case "mqtt":
            from edged.config.document import BrokerSettings  # noqa: PLC0415
            from edged.mqtt.relay import MqttRelay  # noqa: PLC0415

            broker = BrokerSettings.model_validate_json(json.dumps(plan.broker))
            return MqttRelay(broker, plan.client_id, plan.topic, plan.on_payload, plan.off_payload)
        case "http":
            from edged.doors.http_relay import HttpRelay  # noqa: PLC0415

            return HttpRelay(plan)
    return NoRelay()


def open_contact(plan: PinPlan, changed: Callable[[], None]) -> Contact:
    """Reaches for a contact at a pin; see `edged.doors.gpio.GpioContact`."""
    contact: Contact = _gpio().GpioContact(plan, changed)
    return contact


def uses_gpio(door: DoorPlan) -> bool:
    """Whether anything of it is at a pin: then `edged.doors.gpio.take_chip` comes first."""
    return door.relay.kind == "gpio" or any((door.contact, door.exit_button, door.tamper))


def load_drivers() -> None:
    """Imports the drivers of pins, and touches none.

    Raises:
        Unsupported: the library is not installed.
    """
    _gpio()


def take_chip() -> None:
    """Opens the chip, before any pin; see `edged.doors.gpio.take_chip`.

    Raises:
        Unavailable: there is none.
        Unsupported: the library is not installed.
    """
    _gpio().take_chip()


def _gpio() -> ModuleType:
    """The drivers of pins; raises Unsupported."""
    try:
        from edged.doors import gpio  # noqa: PLC0415
    except ImportError as error:
        raise Unsupported(
            "pins need gpiozero and lgpio", "pip install 'edged[gpio]', or requirements/gpio.txt"
        ) from error
    return gpio
