"""The course of a roll-out: what comes next, out of where it is and what can be seen. No threads, no clock, no IO.

Nothing here is told what has happened: each time all that can be seen is looked at anew. So it makes no difference in
which order reports come, whether some are lost or come twice, or whether whoever rolls out was gone meanwhile.

What is to be sent is written down before it is sent: the caller keeps the roll-out of a `Step` on the disk, and sends
its orders only then. One that was never sent is missing when its topic is looked at the next time, and is sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from edged.fleet.census import Census
from edged.fleet.excerpt import excerpt
from edged.fleet.muster import next_version
from edged.fleet.patch import holds, joined, restored
from edged.fleet.rollout import Phase, Rollout, Target, Told
from edged.fleet.verdict import Mark, verdict


@dataclass(frozen=True, slots=True)
class Order:
    """What an address is to be told.

    Attributes:
        patch: all that is to stand there; may hold secrets.
        ground: the version of what stands there now.
    """

    address: str
    version: int
    patch: Mapping[str, Any] = field(repr=False)
    ground: int


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next.

    Attributes:
        rollout: to be kept before the orders are sent.
        orders: to be sent; the same ones come again until they stand on the broker.
    """

    rollout: Rollout
    orders: tuple[Order, ...] = ()


def advance(rollout: Rollout, census: Census, now: float) -> Step:
    """What comes next.

    Args:
        census: everything that stands on the broker; call it only when that is complete.
        now: see `Rollout.entered`.
    """
    match rollout.phase:
        case Phase.ROLLING:
            return _roll(rollout, census, now)
        case Phase.UNDOING:
            return _undo(rollout, census, now)
        case _:
            return Step(rollout)


def taken_back(rollout: Rollout, *why: str) -> Rollout:
    """The roll-out that takes back what it has told so far, or all that it had told."""
    return replace(rollout, phase=Phase.UNDOING, why=(*rollout.why, *why), open={}, entered=None, well=None)


def looked_at_anew(rollout: Rollout) -> Rollout:
    """For when nobody has looked for a while: every time limit begins anew."""
    return replace(rollout, entered=None, well=None)


def _roll(rollout: Rollout, census: Census, now: float) -> Step:
    rollout = rollout if rollout.entered is not None else replace(rollout, entered=now)
    is_last = rollout.batch >= len(rollout.batches)
    batch = rollout.later if is_last else rollout.batches[rollout.batch]
    rollout, orders, taken = _tell(rollout, batch, census)
    failed = [*taken, *_failures(rollout, census)]
    if failed:
        return _undo(taken_back(rollout, *failed), census, now)
    if is_last:
        return Step(rollout, orders) if orders else Step(replace(rollout, phase=Phase.APPLIED, open={}))
    waiting = list(_waiting(rollout, batch, census))
    if waiting and _is_too_late(rollout, now):
        return _undo(taken_back(rollout, *waiting), census, now)
    if waiting:
        return Step(replace(rollout, well=None), orders)
    since = now if rollout.well is None else rollout.well
    if now - since < rollout.hold_s:
        return Step(replace(rollout, well=since))
    return _roll(replace(rollout, batch=rollout.batch + 1, entered=now, well=None), census, now)


def _is_too_late(rollout: Rollout, now: float) -> bool:
    return rollout.entered is not None and now - rollout.entered > rollout.patience_s


def _tell(
    rollout: Rollout, batch: Sequence[Target], census: Census
) -> tuple[Rollout, tuple[Order, ...], tuple[str, ...]]:
    """Whoever of the batch has not the change yet is told it; where somebody took it away again, that is said."""
    told, orders, taken = dict(rollout.told), [], []
    for target in batch:
        standing, known = census.standing(target.address), told.get(target.address)
        if known is not None and holds(standing.patch, rollout.change):
            told[target.address] = replace(known, version=standing.version, stands=True)
            continue
        if known is not None and known.stands and standing.version > known.version:
            taken.append(f"{target.address}: somebody else has changed the same since (version {standing.version})")
            continue
        version = next_version(census, target.address, standing, target.devices)
        if known is None or (known.version < version and not known.stands):
            known = Told(version, standing.patch)
        elif known.version < version:  # the broker has lost what stood there, or somebody else used the same version
            known = replace(known, version=version)
        told[target.address] = known
        ground = standing.patch if standing.version else known.former
        orders.append(Order(target.address, known.version, joined(ground, rollout.change), standing.version))
    return replace(rollout, told=told), tuple(orders), tuple(taken)


def _failures(rollout: Rollout, census: Census) -> Iterator[str]:
    """What devices say of the change that stops it, in any batch so far."""
    for target in (target for batch in rollout.batches for target in batch):
        told = rollout.told.get(target.address)
        if told is None or not told.stands:
            continue
        for device in target.devices:
            found = verdict(census.sight(device), target.address, told.version)
            if found.mark is Mark.FAILED:
                yield f"{device}: {found.words}"


def _waiting(rollout: Rollout, batch: Sequence[Target], census: Census) -> Iterator[str]:
    """Who is not well yet, and why."""
    for target in batch:
        told = rollout.told[target.address]
        if not told.stands:
            yield f"{target.address}: the broker does not have the change yet"
            continue
        for device in target.devices:
            sight = census.sight(device)
            found = verdict(sight, target.address, told.version)
            worse = sorted(sight.conditions - rollout.before.get(device, frozenset()))
            if found.mark is Mark.TRYING:
                yield f"{device}: still trying it"
            elif found.mark is not Mark.APPLIED and found.words:
                yield f"{device}: {found.words}"
            elif found.mark is not Mark.APPLIED:
                yield f"{device}: no answer" + ("" if sight.is_online else ", it is not online")
            elif not sight.is_online:
                yield f"{device}: went away"
            elif worse:
                yield f"{device}: has trouble that it did not have before ({', '.join(map(excerpt, worse[:5]))})"


def _undo(rollout: Rollout, census: Census, now: float) -> Step:
    rollout = rollout if rollout.entered is not None else replace(rollout, entered=now)
    undone, orders = dict(rollout.undone), []
    for target in rollout.targets:
        told = rollout.told.get(target.address)
        if told is None:
            continue
        standing = census.standing(target.address)
        # An order of ours that is not there may still be on its way, or the broker has lost it and devices follow it.
        is_missing = standing.version < told.version
        there = joined(told.former, rollout.change) if is_missing else standing.patch
        patch = restored(there, rollout.change, told.former)
        if patch == there and not is_missing:
            if target.address in undone:
                undone[target.address] = standing.version
            continue
        least = next_version(census, target.address, standing, target.devices)
        version = max(undone.get(target.address, 0), told.version + 1, least)
        undone[target.address] = version
        orders.append(Order(target.address, version, patch, standing.version))
    rollout = replace(rollout, undone=undone)
    if orders:
        return Step(rollout, tuple(orders))
    unsure = dict(_unsure(rollout, census))
    waits = any(mark is not Mark.FAILED for mark, _ in unsure.values())
    if waits and not _is_too_late(rollout, now):
        return Step(rollout)
    return Step(
        replace(rollout, phase=Phase.ROLLED_BACK, open={device: words for device, (_, words) in unsure.items()})
    )


def _unsure(rollout: Rollout, census: Census) -> Iterator[tuple[str, tuple[Mark, str]]]:
    """Which devices have not confirmed that they are back, and what they say."""
    for target in rollout.targets:
        if target.address not in rollout.undone:
            continue
        for device in target.devices:
            sight = census.sight(device)
            found = verdict(sight, target.address, rollout.undone[target.address])
            if found.mark is Mark.FAILED:
                yield device, (found.mark, found.words)
            elif found.mark is not Mark.APPLIED:
                words = "no answer yet" if sight.is_online else "not online: it goes back when it comes"
                yield device, (found.mark, found.words or words)
