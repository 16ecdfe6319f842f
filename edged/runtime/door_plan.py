"""From the document to what the helper that holds the doors is told."""

from __future__ import annotations

from typing import Any

from edged.config.access import DoorSettings, PinSettings
from edged.config.document import BrokerSettings, Document
from edged.domain.passage import FRESH_S
from edged.doors.plan import DoorPlan, PinPlan, Plan, RelayPlan


def plan_of(document: Document) -> Plan:
    """All doors of the document. Holds the secrets of their relays."""
    doors = tuple(_door(name, door, document) for name, door in document.access.doors.items())
    return Plan(doors, FRESH_S)


def _door(name: str, door: DoorSettings, document: Document) -> DoorPlan:
    relay = door.relay
    spoken = _broker(name, door, document) if relay.kind == "mqtt" else {}
    plan = RelayPlan(
        relay.kind,
        pin=relay.pin,
        active_low=relay.active_low,
        topic=relay.topic,
        on_payload=relay.on_payload,
        off_payload=relay.off_payload,
        on_url=relay.on_url.get_secret_value() if relay.on_url else "",
        off_url=relay.off_url.get_secret_value() if relay.off_url else "",
        method=relay.method,
        ca_file=str(relay.ca_file or ""),
        **spoken,
    )
    pins = {what: _pin(getattr(door, what)) for what in ("contact", "exit_button", "tamper")}
    return DoorPlan(name, plan, door.fail, **pins)


def _broker(name: str, door: DoorSettings, document: Document) -> dict[str, Any]:
    """A session of the relay's own: the broker says a session's last words when it dies, and there is one will each."""
    relay, mqtt = door.relay, document.mqtt
    base = relay.username or mqtt.username or document.device.name
    settings = mqtt.model_dump(mode="json", include=set(BrokerSettings.model_fields))
    settings["password"] = mqtt.password.get_secret_value() if mqtt.password else None
    if relay.username is not None:
        settings |= {"username": relay.username, "password": None}
        settings["password_file"] = str(relay.password_file) if relay.password_file else None
    return {"broker": settings, "client_id": f"{base}-door-{name}"}


def _pin(settings: PinSettings) -> PinPlan | None:
    if settings.pin is None:
        return None
    return PinPlan(settings.pin, settings.closed_when == "low", settings.debounce_ms / 1000)
