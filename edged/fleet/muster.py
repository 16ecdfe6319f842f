"""How each device stands: one line of the list, out of all that it has said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from edged.fleet.census import Census, Sight, address_of, source_of
from edged.fleet.excerpt import excerpt
from edged.fleet.standing import Standing
from edged.wire.device import ConditionPart, Health
from edged.wire.fleet import Drift, FleetDevice, FleetGroup, FleetIndex, FleetList, OrderPart
from edged.wire.reported import ProblemPart, Reported, ReportStatus

_MOST_ENTRIES: Final = 64
_MOST_COUNT: Final = 2**53 - 1
_MOST_FIGURE: Final = 1e5
_MOST_PEOPLE: Final = 10**9
_LONGEST_S: Final = 1e9
"""Far above what an honest device says: a list of all devices has to stay readable whatever one of them says."""

_BELIEVED: Final = 2**52
"""Half of the versions that there are. A device that says it has answered more than that is not believed: it could use
up the versions of a whole group."""

_BROKEN = {ReportStatus.REJECTED: Drift.REJECTED, ReportStatus.REVERTED: Drift.REVERTED}


def muster(census: Census, at: datetime, *, trouble: str = "") -> FleetList:
    """All devices and groups, by name.

    Args:
        trouble: why the broker cannot be heard at the moment; empty: it can.
    """
    told = {group for group, standing in census.orders.items() if standing.version}
    members = Counter(group for sight in census.devices.values() for group in set(sight.groups))
    return FleetList(
        at=at,
        connected=not trouble,
        trouble=trouble,
        devices=tuple(device_of(census, name) for name in sorted(census.devices)),
        groups=tuple(
            FleetGroup(name=group, version=census.standing(address_of(group)).version, members=members[group])
            for group in sorted(told | members.keys())
        ),
    )


def device_of(census: Census, name: str) -> FleetDevice:
    """One device; one that has said nothing is there, too. What is beyond measure in its words is cut."""
    sight = census.sight(name)
    info, health, reported = sight.info, sight.health, sight.reported
    orders = tuple(_orders(census, sight))
    drift = _drift(sight, orders)
    return FleetDevice(
        name=name,
        available=sight.available,
        heard=None if health is None else health.at,
        state=None if health is None else health.state,
        edged="" if info is None else excerpt(info.versions.get("edged", "")),
        groups=sight.groups,
        config=_config(sight),
        restart_required=info is not None and info.restart_required,
        drift=drift,
        orders=orders,
        pending=sum(order.desired > order.followed for order in orders),
        problems=() if reported is None or drift not in _BROKEN.values() else _problems(reported),
        overruled=() if reported is None else tuple(map(excerpt, reported.overruled[:_MOST_ENTRIES])),
        conditions=() if health is None else tuple(map(_condition, health.conditions[:_MOST_ENTRIES])),
        fps={} if health is None else _paces(health),
        temperature_c=None if health is None or health.temperature_c is None else _bounded(health.temperature_c),
        index=_index(sight),
        events_waiting=None if health is None else _count(health.queues.get("events")),
    )


def followed(reported: Reported | None, source: str) -> int:
    """The version of a source's orders that a device has followed last; 0: none."""
    return 0 if reported is None else reported.versions.get(source, 0)


def _orders(census: Census, sight: Sight) -> Iterator[OrderPart]:
    addresses = [sight.name, *map(address_of, sight.groups)]
    for address in addresses:
        source, standing = source_of(address), census.standing(address)
        part = OrderPart(
            source=source, desired=standing.version, followed=_count(followed(sight.reported, source)) or 0
        )
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
        return excerpt(sight.reported.config)
    return "" if sight.info is None else excerpt(sight.info.config)


def _index(sight: Sight) -> FleetIndex | None:
    index, central = sight.index, None if sight.health is None else sight.health.central
    if index is None:
        return None
    age = index.stale_s if central is None or central.stale_s is None else central.stale_s
    return FleetIndex(
        version=_count(index.version) or 0,
        digest=excerpt(index.digest),
        persons=min(index.persons, _MOST_PEOPLE),
        age_s=None if age is None else min(age, _LONGEST_S),
    )


def next_version(census: Census, address: str, standing: Standing, devices: Iterable[str]) -> int:
    """A version above all that stands there and that any of the devices has answered: the broker may have lost some."""
    source = source_of(address)
    answered = (_answered(census.sight(device).reported, source) for device in devices)
    return max([standing.version, *(version for version in answered if version <= _BELIEVED)]) + 1


def _answered(reported: Reported | None, source: str) -> int:
    """The newest version of a source that a device knows, whether it follows it or not."""
    newest = followed(reported, source)
    if reported is not None and reported.source == source and reported.version is not None:
        newest = max(newest, reported.version)
    return newest


def _problems(reported: Reported) -> tuple[ProblemPart, ...]:
    return tuple(
        ProblemPart(
            path=excerpt(one.path), message=excerpt(one.message), got=excerpt(one.got), allowed=excerpt(one.allowed)
        )
        for one in reported.problems[:_MOST_ENTRIES]
    )


def _condition(said: ConditionPart) -> ConditionPart:
    return ConditionPart(
        name=excerpt(said.name), what=excerpt(said.what), remedy=excerpt(said.remedy), since=said.since
    )


def _paces(health: Health) -> dict[str, float]:
    return {excerpt(name): _bounded(camera.fps) for name, camera in islice(health.cameras.items(), _MOST_ENTRIES)}


def _count(said: int | None) -> int | None:
    return None if said is None else max(-_MOST_COUNT, min(_MOST_COUNT, said))


def _bounded(figure: float) -> float:
    return max(-_MOST_FIGURE, min(_MOST_FIGURE, figure))
