"""What Home Assistant is told of doors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edged.config.access import DoorSettings
from edged.mqtt import discovery_templates as templates
from edged.mqtt.discovery_component import Component
from edged.wire.topics import Topics

_UNLOCKED: Final = "{{ 'ON' if value_json.unlocked else 'OFF' }}"
_OPEN: Final = "{{ {'open': 'ON', 'shut': 'OFF'}.get(value_json.contact, 'None') }}"
_ALARMED: Final = "{{ 'ON' if value_json.alarms else 'OFF' }}"
_ALARMS: Final = "{{ {'alarms': value_json.alarms, 'mode': value_json.mode, 'since': value_json.since} | to_json }}"


def door_components(topics: Topics, name: str, door: DoorSettings, *, may_open: bool) -> Iterator[Component]:
    """One door's entities.

    Args:
        may_open: the device follows `open_door` of whoever the broker lets ask.
    """
    state = topics.door(name)
    yield Component(
        f"door.{name}.lock",
        "binary_sensor",
        f"{name} unlocked",
        {"state_topic": state, "value_template": _UNLOCKED, "device_class": "lock"},
    )
    if door.contact.pin is not None:
        yield Component(
            f"door.{name}.contact",
            "binary_sensor",
            f"{name} door",
            {"state_topic": state, "value_template": _OPEN, "device_class": "door"},
        )
    yield Component(
        f"door.{name}.alarm",
        "binary_sensor",
        f"{name} alarm",
        {
            "state_topic": state,
            "value_template": _ALARMED,
            "json_attributes_topic": state,
            "json_attributes_template": _ALARMS,
            "device_class": "problem",
        },
    )
    if may_open:
        yield Component(
            f"door.{name}.open",
            "button",
            f"open {name}",
            {
                "command_topic": topics.request("open_door"),
                "command_template": templates.request(topics.device, data=f"{{'door': '{name}'}}"),
                "qos": 1,
                "retain": False,
                "icon": "mdi:door-open",
            },
        )
