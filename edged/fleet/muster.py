"""How each device stands: one line of the list, out of all that it has said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from edged.fleet.census import Census, Sight, address_of, source_of
from edged.fleet.standing import Standing
from edged.wire.fleet import Drift, FleetDevice, FleetGroup, FleetIndex, FleetList, OrderPart
from edged.wire.reported import Reported, ReportStatus

_BROKEN = {ReportStatus.REJECTED: Drift.REJECTED, ReportStatus.REVERTED: Drift.REVERTED}


def muster(census: Census, at: datetime, *, trouble: str = "") -> FleetList:
    """All devices and groups, by name.

    Args:
        trouble: why the broker cannot be heard at the moment; empty: it can.
    """
    told = {group for group, standing in census.orders.items() if standing.version}
    groups = sorted(told | {group for sight in census.devices.values() for group in sight.groups})
    return FleetList(
        at=at,
        connected=not trouble,
        trouble=trouble,
        devices=tuple(device_of(census, name) for name in sorted(census.devices)),
        groups=tuple(
            FleetGroup(
                name=group, version=census.standing(address_of(group)).version, members=len(census.members(group))
            )
            for group in groups
        ),
    )


def device_of(census: Census, name: str) -> FleetDevice:
    """One device; one that has said nothing is there, too."""
    sight = census.sight(name)
    info, health, reported = sight.info, sight.health, sight.reported
    orders = tuple(_orders(census, sight))
    drift = _drift(sight, orders)
    return FleetDevice(
        name=name,
        available=sight.available,
        heard=None if health is None else health.at,
        state=None if health is None else health.state,
        edged="" if info is None else info.versions.get("edged", ""),
        groups=sight.groups,
        config=_config(sight),
        restart_required=info is not None and info.restart_required,
        drift=drift,
        orders=orders,
        pending=sum(order.desired > order.followed for order in orders),
        problems=() if reported is None or drift not in _BROKEN.values() else reported.problems,
        overruled=() if reported is None else reported.overruled,
        conditions=() if health is None else health.conditions,
        fps={} if health is None else {name: camera.fps for name, camera in health.cameras.items()},
        temperature_c=None if health is None else health.temperature_c,
        index=_index(sight),
        events_waiting=None if health is None else health.queues.get("events"),
    )


def followed(reported: Reported | None, source: str) -> int:
    """The version of a source's orders that a device has followed last; 0: none."""
    return 0 if reported is None else reported.versions.get(source, 0)


def _orders(census: Census, sight: Sight) -> Iterator[OrderPart]:
    addresses = [sight.name, *map(address_of, sight.groups)]
    for address in addresses:
        source, standing = source_of(address), census.standing(address)
        part = OrderPart(source=source, desired=standing.version, followed=followed(sight.reported, source))
        if part.desired or part.followed:
            yield part


def _drift(sight: Sight, orders: Iterable[OrderPart]) -> Drift:
    reported = sight.reported
    behind = [order for order in orders if order.desired > order.followed]
    if reported is None:
        return Drift.SILENT if behind else Drift.IN_STEP
    answered = {order.source: order.desired for order in orders}
    if reported.version is not None and answered.get(reported.source) == reported.version:
        if reported.status in _BROKEN:
            return _BROKEN[reported.status]
        if reported.status is ReportStatus.APPLYING:
            return Drift.APPLYING
        behind = [order for order in behind if order.source != reported.source]
    if behind:
        return Drift.PENDING
    return Drift.AHEAD if any(order.followed > order.desired for order in orders) else Drift.IN_STEP


def _config(sight: Sight) -> str:
    if sight.reported is not None:
        return sight.reported.config
    return "" if sight.info is None else sight.info.config


def _index(sight: Sight) -> FleetIndex | None:
    index, central = sight.index, None if sight.health is None else sight.health.central
    if index is None:
        return None
    age = index.stale_s if central is None or central.stale_s is None else central.stale_s
    return FleetIndex(version=index.version, digest=index.digest, persons=index.persons, age_s=age)


def next_version(census: Census, address: str, standing: Standing, devices: Iterable[str]) -> int:
    """A version above all that stands there and that any of the devices has answered: the broker may have lost some."""
    source = source_of(address)
    return max([standing.version, *(_answered(census.sight(device).reported, source) for device in devices)]) + 1


def _answered(reported: Reported | None, source: str) -> int:
    """The newest version of a source that a device knows, whether it follows it or not."""
    newest = followed(reported, source)
    if reported is not None and reported.source == source and reported.version is not None:
        newest = max(newest, reported.version)
    return newest
