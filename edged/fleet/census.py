"""What all devices say of themselves, as it stands on the broker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from pydantic import ValidationError

from edged.domain.errors import ConfigInvalid
from edged.fleet.standing import NOTHING, Standing, read_standing
from edged.wire.availability import Availability
from edged.wire.device import Health, Index, Info
from edged.wire.payload import Payload
from edged.wire.reported import Reported
from edged.wire.topics import GROUPS, GroupTopics, Topics

MOST_DEVICES: Final = 10_000
"""More than anybody has; what is beyond is passed over."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_MOST_BYTES: Final = 256 * 1024
_MOST_GROUPS: Final = 16
"""As many as `control.groups` may have: a device that says more is not believed."""

_Said = TypeVar("_Said", bound=Payload)


@dataclass(frozen=True, slots=True)
class Sight:
    """The newest of each that one device has said; None where it has not.

    Attributes:
        standing: what it is told on its own topic.
    """

    name: str
    available: Availability | None = None
    info: Info | None = None
    health: Health | None = None
    index: Index | None = None
    reported: Reported | None = None
    standing: Standing = NOTHING

    @property
    def is_online(self) -> bool:
        return self.available is Availability.ONLINE

    @property
    def conditions(self) -> frozenset[str]:
        """Names of what is not as it should be; empty too where nothing is known."""
        return frozenset() if self.health is None else frozenset(item.name for item in self.health.conditions)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it says it belongs to."""
        control = {} if self.reported is None else self.reported.effective.get("control", {})
        groups = control.get("groups", ()) if isinstance(control, Mapping) else ()
        if not isinstance(groups, list | tuple):
            return ()
        return tuple(group for group in groups[:_MOST_GROUPS] if isinstance(group, str) and _NAME.fullmatch(group))


class Census:
    """Gathers messages into sights, whatever the order they come in; a repeated one changes nothing.

    Whoever may write a topic may write anything there: what is none of ours is passed over and counted.

    Attributes:
        devices: by name.
        orders: what stands on the topics of groups, by the group's name.
        passed_over: how many messages could not be understood.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.devices: dict[str, Sight] = {}
        self.orders: dict[str, Standing] = {}
        self.passed_over = 0

    @property
    def topics(self) -> tuple[str, ...]:
        """What is to be subscribed to; orders first, so that no report is older than what is known of its order."""
        every = Topics(self.prefix, "+")
        return (
            GroupTopics(self.prefix, "+").desired,
            every.desired,
            every.reported,
            every.info,
            every.health,
            every.index,
            every.available,
        )

    def heed(self, topic: str, payload: bytes) -> str:
        """Takes a message in.

        Returns:
            Whom it tells of: a device's name, or `_group/` and a group's; empty: nobody of ours.
        """
        first, _, rest = topic.removeprefix(f"{self.prefix}/").partition("/")
        if not topic.startswith(f"{self.prefix}/") or len(payload) > _MOST_BYTES:
            return ""
        try:
            if first == GROUPS:
                return self._heed_group(rest, payload)
            if not _NAME.fullmatch(first) or (first not in self.devices and len(self.devices) >= MOST_DEVICES):
                return ""
            return self._heed_device(first, rest, payload)
        except (ConfigInvalid, ValidationError, ValueError):
            self.passed_over += 1
            return ""

    def standing(self, address: str) -> Standing:
        """What stands at an address: a device's name, or `_group/` and a group's."""
        group = group_of(address)
        if group is not None:
            return self.orders.get(group, NOTHING)
        sight = self.devices.get(address)
        return NOTHING if sight is None else sight.standing

    def sight(self, device: str) -> Sight:
        """What is known of a device; one that was never heard of has said nothing."""
        return self.devices.get(device, Sight(device))

    def members(self, group: str) -> tuple[str, ...]:
        """Names of the devices that say they belong to a group, sorted."""
        return tuple(sorted(name for name, sight in self.devices.items() if group in sight.groups))

    def forget(self) -> None:
        """Begins anew, as after a connection was lost."""
        self.devices.clear()
        self.orders.clear()

    def _heed_group(self, rest: str, payload: bytes) -> str:
        group, _, what = rest.partition("/")
        is_too_many = group not in self.orders and len(self.orders) >= MOST_DEVICES
        if what != "config/desired" or not _NAME.fullmatch(group) or is_too_many:
            return ""
        self.orders[group] = read_standing(payload)
        return address_of(group)

    def _heed_device(self, name: str, what: str, payload: bytes) -> str:
        sight = self.sight(name)
        match what:
            case "available":
                sight = replace(sight, available=Availability(payload.decode()) if payload else None)
            case "info":
                sight = replace(sight, info=_said(Info, payload))
            case "health":
                sight = replace(sight, health=_said(Health, payload))
            case "index":
                sight = replace(sight, index=_said(Index, payload))
            case "config/reported":
                sight = replace(sight, reported=_said(Reported, payload))
            case "config/desired":
                sight = replace(sight, standing=read_standing(payload))
            case _:
                return ""
        if sight == Sight(name):
            self.devices.pop(name, None)  # everything was taken away: it is gone for good
        else:
            self.devices[name] = sight
        return name


def address_of(group: str) -> str:
    """How a group is called among devices, as in `to` of an order."""
    return f"{GROUPS}/{group}"


def group_of(address: str) -> str | None:
    """The group's name; None: it is a device's."""
    first, slash, group = address.partition("/")
    return group if slash and first == GROUPS else None


def desired_topic(prefix: str, address: str) -> str:
    """Where an address is told what its configuration is to be."""
    group = group_of(address)
    return Topics(prefix, address).desired if group is None else GroupTopics(prefix, group).desired


def source_of(address: str) -> str:
    """What a device calls that address in its report."""
    group = group_of(address)
    return "device" if group is None else f"group:{group}"


def _said(kind: type[_Said], payload: bytes) -> _Said | None:
    """What a device says; None where it has taken it back."""
    return kind.model_validate_json(payload) if payload else None
