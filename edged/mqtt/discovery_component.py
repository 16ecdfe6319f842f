"""One entity of a device, as Home Assistant is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Keys: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Component:
    """One entity.

    Attributes:
        key: names it within the message; never changes its meaning, and has no space.
        platform: Home Assistant's word for its kind.
        name: for people, beside the device's name.
        keys: what else Home Assistant is to know of it, by the names in its documentation.
    """

    key: str
    platform: str
    name: str
    keys: Keys = field(default_factory=dict)
