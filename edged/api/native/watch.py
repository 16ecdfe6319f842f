"""`/edged/v1/fleet`: how all devices stand on the broker, and who has told them what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Right
from edged.api.centre import Centre
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in_whole, number
from edged.api.watch import Watch
from edged.domain.errors import Refused
from edged.wire.fleet import FleetDevice, FleetList

_AT_ONCE: Final = 100
_MOST_AT_ONCE: Final = 1000
_COLUMNS: Final = (
    "device",
    "available",
    "state",
    "edged",
    "groups",
    "config",
    "drift",
    "pending",
    "fps",
    "temperature_c",
    "persons",
    "index_age_s",
    "conditions",
)


def watch_routes(centre: Centre) -> Sequence[Route]:
    """Routes under `fleet`."""
    desk = _Desk(centre)
    return (
        Route("/edged/v1/fleet", desk.fleet, methods=["GET"]),
        Route("/edged/v1/fleet/pushes", desk.pushes, methods=["GET"]),
    )


class _Desk:
    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    async def fleet(self, request: Request) -> Response:
        watch = await self._let_in(request)
        fleet = await to_thread.run_sync(watch.fleet)
        if _wants_text(request.headers.get("accept", "")):
            return Response("".join(_lines(fleet)), headers=HEADERS, media_type="text/plain")
        return answer(fleet)

    async def pushes(self, request: Request) -> Response:
        watch = await self._let_in(request)
        limit = max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
        return answer(await to_thread.run_sync(watch.pushes, limit))

    async def _let_in(self, request: Request) -> Watch:
        """Raises Denied where somebody is for a part only: devices and their configuration are about everything."""
        await let_in_whole(self._centre, request, Right.READ)
        if self._centre.watch is None:
            raise Refused(
                "not_found", "this hub does not look at devices on a broker", "Set watch.enabled and mqtt in hub.yaml"
            )
        return self._centre.watch


def _wants_text(accept: str) -> bool:
    """Whether text is named before JSON."""
    for entry in accept.split(","):
        kind = entry.partition(";")[0].strip().lower()
        if kind in {"text/plain", "application/json", "*/*"}:
            return kind == "text/plain"
    return False


def _lines(fleet: FleetList) -> Iterator[str]:
    """Tab-separated values, with a line of names above."""
    yield "\t".join(_COLUMNS) + "\n"
    for device in fleet.devices:
        yield "\t".join(map(_cell, _values(device))) + "\n"


def _values(device: FleetDevice) -> Iterator[object]:
    yield device.name
    yield device.available
    yield device.state
    yield device.edged
    yield ",".join(device.groups)
    yield device.config
    yield device.drift
    yield device.pending
    yield ",".join(f"{name}={fps:.1f}" for name, fps in device.fps.items())
    yield device.temperature_c
    yield None if device.index is None else device.index.persons
    yield None if device.index is None else device.index.age_s
    yield ",".join(condition.name for condition in device.conditions)


def _cell(value: object) -> str:
    """A device's words must not make other cells or lines of themselves."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else "�" for letter in text)
