"""Home Assistant's rules for what a device announces, stated again, for machines on which it cannot be installed.

From its documentation: https://www.home-assistant.io/integrations/ and then the page that each rule names, as of
Home Assistant 2026.2. Stricter than it is: what it would pass over without a word is a mistake here. That the rules are
the real ones is shown by tests/mqtt/test_real_home_assistant.py, where it is installed.
"""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_TEMPLATE: Final = {"type": "string", "pattern": r"^\{[{%].*[}%]\}$"}
_READ: Final = {"type": "string", "pattern": r"^[^#+]+$"}
_WRITTEN: Final = _READ

# mqtt/#device-discovery-payload; the same keys on every entity's page.
_COMMON: Final[dict[str, Any]] = {
    "unique_id": _TEXT,
    "name": _TEXT,
    "icon": {"type": "string", "pattern": "^mdi:[a-z0-9-]+$"},
    "entity_category": {"enum": ["config", "diagnostic"]},
    "qos": {"enum": [0, 1, 2]},
    "json_attributes_topic": _READ,
    "json_attributes_template": _TEMPLATE,
}


def _platform(name: str, required: list[str], **keys: Any) -> dict[str, Any]:
    """A component. With its platform alone it is taken away (mqtt/#device-discovery-payload)."""
    return {
        "anyOf": [
            {"type": "object", "properties": {"p": {"const": name}}, "required": ["p"], "additionalProperties": False},
            {
                "type": "object",
                "properties": {"p": {"const": name}, **_COMMON, **keys},
                # unique_id: an entity announced with its device must have one (mqtt/#device-discovery-payload)
                "required": ["p", "unique_id", "name", *required],
                "additionalProperties": False,
            },
        ]
    }


# sensor/#device-class: which units go with which class
_UNITS: Final = {"data_size": "MB", "temperature": "°C", "duration": "ms"}

_PLATFORMS: Final = [
    # page event.mqtt, both of these are required
    _platform(
        "event",
        ["state_topic", "event_types", "value_template"],
        state_topic=_READ,
        event_types={"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True},
        value_template=_TEMPLATE,
    ),
    # page binary_sensor.mqtt, state_topic is required
    _platform(
        "binary_sensor",
        ["state_topic", "value_template"],
        state_topic=_READ,
        value_template=_TEMPLATE,
        device_class={"enum": ["occupancy", "connectivity", "lock", "door", "problem"]},
    ),
    # page sensor.mqtt, state_topic is required
    _platform(
        "sensor",
        ["state_topic", "value_template"],
        state_topic=_READ,
        value_template=_TEMPLATE,
        device_class={"enum": [*_UNITS, "timestamp"]},
        state_class={"enum": ["measurement", "total_increasing"]},
        unit_of_measurement=_TEXT,
        suggested_display_precision={"type": "integer", "minimum": 0},
    ),
    # page image.mqtt, a topic of pictures or one of addresses
    _platform("image", ["image_topic"], image_topic=_READ, content_type={"const": "image/jpeg"}),
    # page button.mqtt, the topic is required
    _platform(
        "button",
        ["command_topic", "command_template", "retain"],
        command_topic=_WRITTEN,
        command_template=_TEMPLATE,
        device_class={"enum": ["identify", "restart", "update"]},
        retain={"const": False},  # ours: a retained request is refused
    ),
]

MESSAGE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        # mqtt/#device-discovery-payload: `dev` needs one of identifiers and connections
        "dev": {
            "type": "object",
            "properties": {
                "ids": {"type": "array", "items": _TEXT, "minItems": 1},
                "name": _TEXT,
                "mf": _TEXT,
                "mdl": _TEXT,
                "sw": _TEXT,
            },
            "required": ["ids", "name"],
            "additionalProperties": False,
        },
        # the same: `o` is required, with a name
        "o": {
            "type": "object",
            "properties": {"name": _TEXT, "sw": _TEXT},
            "required": ["name"],
            "additionalProperties": False,
        },
        # mqtt/#availability: these hold for all components that say nothing else
        "availability_topic": _READ,
        "availability_template": _TEMPLATE,
        "cmps": {
            "type": "object",
            "propertyNames": {"pattern": "^[^ ]+$"},  # ours: it joins ids with spaces
            "additionalProperties": {"anyOf": _PLATFORMS},
        },
    },
    "required": ["dev", "o", "cmps"],
    "additionalProperties": False,
}

TOPIC: Final = r"^[^#+]+/device/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config$"
"""mqtt/#discovery-topic: node id and object id have letters, digits, `_` and `-` only."""


def faults_of_units(cmps: dict[str, dict[str, Any]]) -> list[str]:
    """Sensors whose unit does not go with their class, or whose class of state does not go with theirs.

    sensor/#device-class, sensor.mqtt: a unit must be one of the class's; `timestamp` has none, and no state class.
    """
    faults = []
    for key, item in cmps.items():
        kind, unit = item.get("device_class"), item.get("unit_of_measurement")
        if kind in _UNITS and unit != _UNITS[kind]:
            faults.append(f"{key}: {unit} for {kind}")
        if kind == "timestamp" and (unit or "state_class" in item):
            faults.append(f"{key}: a timestamp is no number")
    return faults
