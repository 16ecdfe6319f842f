"""Which entry each row of a damaged chain was, and what was therefore done to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from edged.audit.mark import Marker, is_same
from edged.audit.verification import Fault, Kind

_MOST_TRIES: Final = 60_000
"""Marks that are made to find out where displaced rows belong; a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row as it lies there: its number, the hash and the mark it bears."""

    number: int
    hash: bytes
    mark: bytes


def origins_of(found: Sequence[Found], after: int, through: int, marker: Marker) -> list[int | None]:
    """Which entry each row was when the device wrote it; None where the device never did.

    A mark is of a number and a hash, so it tells, wherever the row lies now.

    Args:
        found: the rows, by their numbers; after: number that the first entry follows; through: of the newest.
    """
    origins: list[int | None] = []
    shift = 0
    for row in found:
        near = (row.number + shift, row.number, row.number + shift - 1, row.number + shift + 1)
        origin = next((number for number in near if _is(row, number, marker)), None)
        shift = shift if origin is None else origin - row.number
        origins.append(origin)
    here = set(origins)
    wanted = [number for number in range(after + 1, through + 1) if number not in here]
    tries = _MOST_TRIES
    for candidates in (wanted, range(after + 1, through + 1)):
        for place, row in enumerate(found):
            if origins[place] is None and tries >= len(candidates):
                tries -= len(candidates)
                origins[place] = next((number for number in candidates if _is(row, number, marker)), None)
    return origins


def faults_of(found: Sequence[Found], origins: Sequence[int | None], after: int, through: int) -> Iterator[Fault]:
    """What was done, as far as the places of the rows tell.

    Args:
        found, after, through: as for `origins_of`, which gave `origins`.
    """
    copies = _copies(found, origins)
    for place in copies:
        row, origin = found[place], origins[place]
        yield Fault(Kind.INSERTED, row.number, row.number, f"entry {row.number} is entry {origin} a second time")
    settled = [place for place, origin in enumerate(origins) if origin is not None and place not in copies]
    in_order = _longest_rise(settled, origins)
    yield from _swapped(found, origins, (place for place in settled if place not in in_order))
    missing = set(range(after + 1, through + 1)) - {origin for origin in origins if origin is not None}
    yield from _between(found, origins, in_order, missing, (after, through + 1))


def _is(row: Found, number: int, marker: Marker) -> bool:
    return is_same(row.mark, marker.entry(number, row.hash))


def _copies(found: Sequence[Found], origins: Sequence[int | None]) -> set[int]:
    """Places of rows that are there a second time; the one that has its own number stays."""
    stays: dict[int, int] = {}
    copies = set()
    for place, origin in enumerate(origins):
        if origin is None:
            continue
        former = stays.get(origin)
        if former is None:
            stays[origin] = place
        elif found[place].number == origin:
            copies.add(former)
            stays[origin] = place
        else:
            copies.add(place)
    return copies


def _longest_rise(places: Sequence[int], origins: Sequence[int | None]) -> Mapping[int, int]:
    """The most rows whose entries follow one another, as place and number: whoever is not among them was moved."""
    ends: list[int] = []
    at_end: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        origin = origins[place] or 0
        length = bisect_left(ends, origin)
        before[place] = at_end[length - 1] if length else None
        if length == len(ends):
            ends.append(origin)
            at_end.append(place)
        else:
            ends[length], at_end[length] = origin, place
    rise: dict[int, int] = {}
    newest = at_end[-1] if at_end else None
    while newest is not None:
        rise[newest] = origins[newest] or 0
        newest = before[newest]
    return dict(sorted(rise.items()))


def _swapped(found: Sequence[Found], origins: Sequence[int | None], moved: Iterator[int]) -> Iterator[Fault]:
    told = set()
    for place in moved:
        number, origin = found[place].number, origins[place] or 0
        pair = (min(number, origin), max(number, origin))
        if pair not in told:
            told.add(pair)
            yield Fault(Kind.SWAPPED, *pair, f"entry {origin} lies in the place of entry {number}")


def _between(
    found: Sequence[Found],
    origins: Sequence[int | None],
    in_order: Mapping[int, int],
    missing: set[int],
    bounds: tuple[int, int],
) -> Iterator[Fault]:
    """What is missing between the rows that are in order, and what is there that is none of ours."""
    anchors = [(-1, bounds[0]), *in_order.items(), (len(found), bounds[1])]
    for (place, number), (next_place, next_number) in pairwise(anchors):
        gaps = [item for item in range(number + 1, next_number) if item in missing]
        strange = [found[item].number for item in range(place + 1, next_place) if origins[item] is None]
        altered = [item for item in strange if item in gaps]
        rest = [item for item in strange if item not in gaps]
        free = [item for item in gaps if item not in altered]
        altered += free[: len(rest)]
        for item in sorted(altered):
            yield Fault(Kind.ALTERED, item, item, f"entry {item} is not as the device wrote it")
        for item in rest[len(free) :]:
            yield Fault(Kind.INSERTED, item, item, f"entry {item} was never written by the device")
        kind = Kind.TAIL_REMOVED if next_place == len(found) else Kind.REMOVED
        for first, last in _ranges(free[len(rest) :]):
            words = f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
            yield Fault(kind, first, last, words)


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = None
    for number, following in pairwise((*numbers, -1)):
        first = number if first is None else first
        if following != number + 1:
            yield first, number
            first = None
