"""What Home Assistant is told of this device: one message that describes all its entities.

Home Assistant's rules for it: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edged.config.control import Command, ControlSettings
from edged.config.document import Document
from edged.mqtt import discovery_templates as templates
from edged.mqtt.discovery_component import Component, Keys
from edged.mqtt.discovery_doors import door_components
from edged.wire.topics import Topics

EVENT_TYPES: Final = ("known", "unknown", "undecided", "no_face", "spoof", "left", "replayed")
"""What a camera's event entity says: how a visit was decided, as it comes; that it is over; that an event is late. Only
the first five stand for somebody who is there now, so that an automation opens nothing for a replayed event."""

_MEGABYTES: Final = {
    "unit_of_measurement": "MB",
    "device_class": "data_size",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
_COUNT: Final = {"state_class": "measurement"}
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}


@dataclass(frozen=True, slots=True)
class _Button:
    name: str
    keys: Keys


_BUTTONS: Final[Mapping[Command, _Button]] = {
    "sync": _Button("sync now", {"icon": "mdi:sync"}),
    "restart": _Button("restart edged", {"device_class": "restart"}),
    "reboot": _Button("reboot", {"device_class": "restart"}),
}
"""Requests that need to be told nothing and whose answer nobody has to read."""


def announcement_topic(prefix: str, device: str) -> str:
    """Where the message stands, retained. The device's name is a level of its own, so that a broker's access list can
    keep each device to its own.

    Args:
        prefix: `homeassistant.prefix` of the document.
        device: the device's name.
    """
    return f"{prefix}/device/{device}/edged/config"


def components(topics: Topics, document: Document) -> tuple[Component, ...]:
    """Every entity of a device with this document, in the order in which people look for them."""
    found: list[Component] = []
    for camera in document.cameras:
        found += _of_camera(topics, camera)
        if document.events.publish_image and document.events.keep_shots:
            found.append(_face(topics, camera))
    may_open = _may_be_pressed("open_door", document.control)
    for name, door in document.access.doors.items():
        found += door_components(topics, name, door, may_open=may_open)
    found += _of_machine(topics)
    found += _buttons(topics, document)
    return tuple(found)


def message(topics: Topics, version: str, present: tuple[Component, ...], departed: Mapping[str, str]) -> bytes:
    """The message that announces a device.

    Args:
        topics: the device's.
        version: of edged.
        present: its entities.
        departed: key and platform of those that were announced before and are no more. Home Assistant takes away
            what it is told of with nothing but its platform; what is only left out it keeps.
    """
    cmps = {key: {"p": platform} for key, platform in departed.items()}
    cmps |= {
        item.key: {"p": item.platform, "unique_id": f"edged.{topics.device}.{item.key}", "name": item.name, **item.keys}
        for item in present
    }
    whole = {
        "dev": {
            "ids": [f"edged.{topics.device}"],
            "name": topics.device,
            "mf": "edged",
            "mdl": "face recognition",
            "sw": version,
        },
        "o": {"name": "edged", "sw": version},
        "availability_topic": topics.available,
        "availability_template": templates.AVAILABLE,
        "cmps": cmps,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _of_camera(topics: Topics, camera: str) -> Iterator[Component]:
    status, presence = topics.camera_status(camera), topics.camera_presence(camera)
    yield Component(
        f"{camera}.visit",
        "event",
        f"{camera} visit",
        {
            "state_topic": topics.event,
            "qos": 1,
            "event_types": list(EVENT_TYPES),
            "value_template": templates.visit(camera),
            "icon": "mdi:face-recognition",
        },
    )
    yield Component(
        f"{camera}.presence",
        "binary_sensor",
        f"{camera} presence",
        {"state_topic": presence, "value_template": templates.PRESENT, "device_class": "occupancy"},
    )
    yield Component(
        f"{camera}.people",
        "sensor",
        f"{camera} people",
        {
            "state_topic": presence,
            "value_template": "{{ value_json.total }}",
            "json_attributes_topic": presence,
            "json_attributes_template": templates.PEOPLE,
            "icon": "mdi:account-group",
            **_COUNT,
        },
    )
    yield Component(
        f"{camera}.last_person",
        "sensor",
        f"{camera} last person",
        {
            "state_topic": topics.event,
            "qos": 1,
            "value_template": templates.last_person(camera),
            "icon": "mdi:account-check",
        },
    )
    yield Component(
        f"{camera}.status",
        "binary_sensor",
        f"{camera} camera",
        {
            "state_topic": status,
            "value_template": templates.CONNECTED,
            "json_attributes_topic": status,
            "json_attributes_template": templates.STATUS,
            "device_class": "connectivity",
            **_DIAGNOSTIC,
        },
    )
    yield Component(
        f"{camera}.fps",
        "sensor",
        f"{camera} frames a second",
        {
            "state_topic": topics.health,
            "value_template": templates.frames(camera),
            "unit_of_measurement": "fps",
            "icon": "mdi:filmstrip",
            **_COUNT,
            **_DIAGNOSTIC,
        },
    )


def _face(topics: Topics, camera: str) -> Component:
    """The last face; only where the device sends pictures at all."""
    keys = {"image_topic": topics.camera_face(camera), "content_type": "image/jpeg"}
    return Component(f"{camera}.face", "image", f"{camera} last face", keys)


def _of_machine(topics: Topics) -> Iterator[Component]:
    def figure(key: str, name: str, template: str, **keys: Any) -> Component:
        keys = {"state_topic": topics.health, "value_template": template, **keys, **_DIAGNOSTIC}
        return Component(key, "sensor", name, keys)

    yield figure(
        "conditions",
        "conditions",
        templates.CONDITIONS,
        json_attributes_topic=topics.health,
        json_attributes_template=templates.CONDITION_LIST,
        icon="mdi:alert-circle-outline",
        **_COUNT,
    )
    yield figure(
        "temperature",
        "temperature",
        "{{ value_json.temperature_c }}",
        unit_of_measurement="°C",
        device_class="temperature",
        **_COUNT,
    )
    yield figure("cpu", "processor", "{{ value_json.cpu_percent }}", unit_of_measurement="%", icon="mdi:chip", **_COUNT)
    yield figure("memory", "memory", "{{ value_json.rss_mb }}", **_MEGABYTES)
    yield figure("disk", "free disk", "{{ value_json.disk_free_mb }}", **_MEGABYTES)
    yield figure("queue", "events waiting", templates.WAITING, icon="mdi:tray-full", **_COUNT)
    yield figure(
        "lost",
        "events lost",
        "{{ value_json.events_dropped }}",
        state_class="total_increasing",
        icon="mdi:tray-remove",
    )
    yield figure(
        "decision_time",
        "decision time",
        templates.DECISION_TIME,
        unit_of_measurement="ms",
        device_class="duration",
        **_COUNT,
    )
    yield figure(
        "enrolled",
        "people enrolled",
        "{{ value_json.persons }}",
        state_topic=topics.index,
        icon="mdi:account",
        **_COUNT,
    )
    yield figure("started", "started", "{{ value_json.started }}", state_topic=topics.info, device_class="timestamp")


def _buttons(topics: Topics, document: Document) -> Iterator[Component]:
    for command, button in _BUTTONS.items():
        if _may_be_pressed(command, document.control) and (command != "sync" or document.central.kind != "none"):
            keys = {
                "command_topic": topics.request(command),
                "command_template": templates.request(topics.device),
                "qos": 1,
                "retain": False,
                "entity_category": "config",
                **button.keys,
            }
            yield Component(f"request.{command}", "button", button.name, keys)


def _may_be_pressed(command: Command, control: ControlSettings) -> bool:
    """Home Assistant cannot sign: where orders must be signed, a button would only be refused."""
    return command in control.allow and control.keys is None
