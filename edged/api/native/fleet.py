"""Devices: whom each is to know, what it says of itself, and the events it hands in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from anyio import to_thread
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.api.access import Denial, Denied, Grant, Right
from edged.api.account import report_of, seen
from edged.api.centre import Centre
from edged.api.fleet import Device, Fleet
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import as_device, device_name, let_in, let_in_whole, number, read_json
from edged.api.native.confinement import wanted_galleries
from edged.api.native.roster import RosterBook
from edged.domain.errors import Refused
from edged.wire.event import MAX_EVENT_BYTES, EventRecord
from edged.wire.feed import Acknowledged, Assignment, DeviceItem, DeviceReport, HandedIn

_OWN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""Of an event: a UUID, as a rule."""
_MOST_REPORT_BYTES: Final = 512 * 1024
"""With as many pending and refused people as there may be."""
_EVENTS_AT_ONCE: Final = 100
_MOST_EVENTS_AT_ONCE: Final = 1000


def fleet_routes(centre: Centre, fleet: Fleet) -> Sequence[Route]:
    """Routes under `devices` and `events`."""
    desk = _Desk(centre, fleet)
    return (
        Route("/edged/v1/devices", desk.devices, methods=["GET"]),
        Route("/edged/v1/devices/{name}", desk.device, methods=["GET"]),
        Route("/edged/v1/devices/{name}", desk.forget, methods=["DELETE"]),
        Route("/edged/v1/devices/{name}/report", desk.report, methods=["PUT"]),
        Route("/edged/v1/devices/{name}/groups", desk.assign, methods=["PUT"]),
        Route("/edged/v1/events", desk.hand_in, methods=["POST"]),
        Route("/edged/v1/events", desk.events, methods=["GET"]),
    )


class _Desk:
    def __init__(self, centre: Centre, fleet: Fleet) -> None:
        self._centre = centre
        self._fleet = fleet
        self._rosters = RosterBook(fleet)

    async def devices(self, request: Request) -> Response:
        grant = await self._watcher(request)
        known = await to_thread.run_sync(self._fleet.devices)
        devices = [device for device in known if grant.device in {"", device.name}]
        return _json({"v": 1, "devices": [_item(device).model_dump(mode="json", exclude={"v"}) for device in devices]})

    async def device(self, request: Request) -> Response:
        grant, name = await self._watcher(request), device_name(request)
        _check_own(grant, name)
        device = await to_thread.run_sync(self._fleet.device, name)
        if device is None:
            raise Refused("not_found", f"no device {name} is known")
        return answer(_item(device))

    async def report(self, request: Request) -> Response:
        """A device tells where it stands, and learns whom it is to know."""
        name = device_name(request)
        grant = await let_in(self._centre, request, Right.DEVICE)
        as_device(grant, name)
        report = await read_json(request, DeviceReport, _MOST_REPORT_BYTES)
        device = await to_thread.run_sync(self._fleet.report, name, report.model_dump_json())
        roster = None
        if report.roster and grant.is_for_people:
            wanted = await to_thread.run_sync(wanted_galleries, self._fleet, replace(grant, device=name))
            roster = await self._rosters.digest(report.cursor, wanted)
        return answer(_item(device, roster))

    async def assign(self, request: Request) -> Response:
        name = device_name(request)
        grant = await let_in_whole(self._centre, request, Right.ADMIN)
        groups = (await read_json(request, Assignment, _MOST_REPORT_BYTES)).groups
        return answer(_item(await to_thread.run_sync(partial(self._fleet.assign, name, groups, by=grant))))

    async def forget(self, request: Request) -> Response:
        name = device_name(request)
        grant = await let_in_whole(self._centre, request, Right.ADMIN)
        await to_thread.run_sync(self._end_tokens, name, grant)
        if not await to_thread.run_sync(partial(self._fleet.forget_device, name, by=grant)):
            raise Refused("not_found", f"no device {name} is known")
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def hand_in(self, request: Request) -> Response:
        """Keeps events; those that are acknowledged are on the disk, and may leave the device's outbox."""
        grant = await let_in(self._centre, request, Right.DEVICE)
        if not grant.device:
            raise Denied(Denial.NO_RIGHT, "events are handed in with a device's own token")
        handed = await read_json(request, HandedIn)
        good, refused = [], []
        for place, document in enumerate(handed.events):
            try:
                good.append(_event(document))
            except (ValidationError, Refused) as error:
                refused.append(f"{place}: {_reason(error)}")
        await to_thread.run_sync(self._fleet.keep_events, grant.device, good)
        return answer(Acknowledged(acknowledged=tuple(own_id for own_id, _text in good), refused=tuple(refused)))

    async def events(self, request: Request) -> Response:
        """Events of all devices or of one, the oldest first."""
        grant = await self._watcher(request)
        device = request.query_params.get("device", "") or grant.device
        _check_own(grant, device)
        after = number(request, "after", 0, 2**62)
        limit = max(1, number(request, "limit", _EVENTS_AT_ONCE, _MOST_EVENTS_AT_ONCE))
        kept = await to_thread.run_sync(self._fleet.events, after, limit, device)
        events = [
            {"number": item.number, "device": item.device, **_by_kind(json.loads(item.document))} for item in kept
        ]
        return _json({"v": 1, "events": events})

    def _end_tokens(self, device: str, by: Grant) -> None:
        """Revokes a device's tokens: with its groups forgotten, they would be good for everybody."""
        tokens = self._centre.tokens
        if tokens is None:
            return
        for token in tokens.all():
            if token.device == device:
                tokens.revoke(token.id, by=by)

    async def _watcher(self, request: Request) -> Grant:
        """Who may see devices and their events: nobody who is for a part of the people, or for photographs only."""
        grant = await let_in(self._centre, request, Right.READ)
        if grant.gallery is not None or not grant.is_for_people:
            raise Denied(Denial.NO_RIGHT, "this token is for a part only, and sees no devices")
        return grant


def _check_own(grant: Grant, device: str) -> None:
    """Raises Denied where a device asks for another one."""
    if grant.device not in {"", device}:
        raise Denied(Denial.NO_RIGHT, f"this token is the one of the device {grant.device}")


def _by_kind(document: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept, under the word for what it is: each kind has a field that no other has."""
    if "verdict" in document:
        return {"passage": document}
    return {"alarm": document} if "raised" in document else {"event": document}


def _event(document: Any) -> tuple[str, str]:
    """Id and text of an event as devices keep it; what is unknown in it is kept, too."""
    record = EventRecord.model_validate(document)
    if not _OWN_ID.fullmatch(record.id):
        raise Refused("bad_id", "the id of an event is 1 to 64 letters, digits, _ or -")
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:  # pydantic reads NaN and Infinity, which are no JSON
        raise Refused("bad_number", "an event has a number that is none") from None
    if len(text.encode()) > MAX_EVENT_BYTES:
        raise Refused("too_large", f"an event is longer than {MAX_EVENT_BYTES} bytes")
    return record.id, text


def _reason(error: ValidationError | Refused) -> str:
    if isinstance(error, Refused):
        return error.what
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _item(device: Device, roster: str | None = None) -> DeviceItem:
    return DeviceItem(
        name=device.name,
        groups=device.galleries,
        seen=seen(device),
        report=report_of(device),
        roster=roster,
    )


def _json(document: Any) -> Response:
    return JSONResponse(document, headers=HEADERS)
