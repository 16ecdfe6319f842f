"""How far a change has come: on which devices somebody is live, and which of them have forgotten whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edged.api.cursor import read_cursor
from edged.api.directory import DEFAULT_GALLERY
from edged.api.fleet import Departure, Device, Fed, Fleet, KeptReceipt, Place
from edged.wire.departure import MOST_MISSING, DepartureItem, DepartureList
from edged.wire.feed import Account, DeviceReport, DeviceTrace, Trace
from edged.wire.payload import instant


@dataclass(frozen=True, slots=True)
class _Watermark:
    """A device and how far it has read, in this life of the directory."""

    device: Device
    report: DeviceReport
    place: Place

    def departed(self, person: str, place: Place, receipt: int | None) -> Trace:
        """How far a deletion has come.

        Args:
            place: of the deletion in the list.
            receipt: at which revision one was handed in; None: there is none. One from before the deletion counts when
                the device has read of it: until then it may know the person again.
        """
        if receipt is not None and (receipt >= place.revision or self.place >= place):
            return Trace.DONE
        if person in self.report.pending:
            return Trace.HELD
        return Trace.TOLD if self.place >= place else Trace.BEHIND


def account_of(fleet: Fleet, person: str) -> Account | None:
    """The account of somebody by our id; None where nobody ever had it. Blocks as the fleet does."""
    known = fleet.standing(person)
    if known is None:
        return None
    marks = _watermarks(fleet)
    traces = _gone(known, marks, fleet.receipts(person)) if known.gone else _live(known, marks)
    return Account(
        id=person, customer_person_id="" if known.gone else known.key, deleted=known.gone, devices=tuple(traces)
    )


def departures_of(fleet: Fleet, below: int | None, limit: int) -> DepartureList:
    """Those who were deleted, the newest first, with lower numbers than `below`. Blocks as the fleet does."""
    found = fleet.departures(below, limit + 1)
    marks = _watermarks(fleet)
    items = tuple(_departure(departure, marks) for departure in found[:limit])
    return DepartureList(departures=items, more=len(found) > limit)


def report_of(device: Device) -> DeviceReport:
    """What a device last said of itself."""
    return DeviceReport.model_validate_json(device.report or "{}")


def _watermarks(fleet: Fleet) -> Sequence[_Watermark]:
    epoch = fleet.epoch()
    marks = []
    for device in fleet.devices():
        report = report_of(device)
        read = read_cursor(report.cursor)
        marks.append(_Watermark(device, report, read[1] if read and read[0] == epoch else Place()))
    return marks


def _live(known: Fed, marks: Sequence[_Watermark]) -> list[DeviceTrace]:
    groups = {DEFAULT_GALLERY, *known.galleries}
    return [
        _live_on(known, mark) for mark in marks if mark.device.galleries is None or groups & set(mark.device.galleries)
    ]


def _live_on(known: Fed, mark: _Watermark) -> DeviceTrace:
    state, what = Trace.BEHIND, ""
    if mark.place >= known.place:
        refused = {one.id: one.what for one in mark.report.refused}
        state, what = (Trace.REFUSED, refused[known.id]) if known.id in refused else (Trace.DONE, "")
    return DeviceTrace(device=mark.device.name, state=state, what=what, seen=seen(mark.device))


def _gone(known: Fed, marks: Sequence[_Watermark], receipts: Sequence[KeptReceipt]) -> list[DeviceTrace]:
    kept = {receipt.device: receipt for receipt in receipts}
    traces = []
    for mark in marks:
        receipt = kept.pop(mark.device.name, None)
        state = mark.departed(known.id, known.place, receipt.revision if receipt else None)
        shown = json.loads(receipt.document) if receipt and state is Trace.DONE else None
        traces.append(DeviceTrace(device=mark.device.name, state=state, seen=seen(mark.device), receipt=shown))
    traces += [
        DeviceTrace(device=name, state=Trace.DONE, seen=None, receipt=json.loads(receipt.document))
        for name, receipt in kept.items()
    ]
    return sorted(traces, key=lambda trace: trace.device)


def _departure(departure: Departure, marks: Sequence[_Watermark]) -> DepartureItem:
    counts: Counter[Trace] = Counter()
    missing = []
    for mark in marks:
        state = mark.departed(departure.id, departure.place, departure.receipts.get(mark.device.name))
        counts[state] += 1
        if state in {Trace.HELD, Trace.BEHIND}:
            missing.append(mark.device.name)
    forgotten = len(departure.receipts.keys() - {mark.device.name for mark in marks})
    return DepartureItem(
        number=departure.number,
        id=departure.id,
        deleted=instant(departure.at),
        receipts=counts[Trace.DONE] + forgotten,
        told=counts[Trace.TOLD],
        behind=len(missing),
        missing=tuple(missing[:MOST_MISSING]),
    )


def seen(device: Device) -> datetime | None:
    """When a device last reported; None: never."""
    return instant(device.seen) if device.seen else None
