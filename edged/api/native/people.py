"""People, as devices push them and as administrators follow them through the fleet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Cost, Denial, Denied, Grant, Right
from edged.api.account import account_of, departures_of
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.fleet import Fleet
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import for_people, let_in, let_in_whole, number, read_json
from edged.api.native.confinement import is_within, wanted_galleries
from edged.api.native.pushing import Pushes, out_of_sight
from edged.domain.errors import Refused
from edged.wire.feed import PushedPerson

_MOST_BYTES: Final = 12 * 2**20
"""Of a push: 64 faces with a crop and a vector each."""
_AT_ONCE: Final = 50
_MOST_AT_ONCE: Final = 200


def people_routes(centre: Centre, fleet: Fleet) -> Sequence[Route]:
    """Routes under `people`, and `departures`."""
    desk = _Desk(centre, fleet)
    return (
        Route("/edged/v1/people", desk.push, methods=["PUT"]),
        Route("/edged/v1/people/{person}", desk.account, methods=["GET"]),
        Route("/edged/v1/people/{person}", desk.remove, methods=["DELETE"]),
        Route("/edged/v1/departures", desk.departures, methods=["GET"]),
    )


class _Desk:
    def __init__(self, centre: Centre, fleet: Fleet) -> None:
        self._centre = centre
        self._fleet = fleet
        self._pushes = Pushes(centre, fleet)

    async def push(self, request: Request) -> Response:
        """A device enrols or changes somebody."""
        grant = for_people(await let_in(self._centre, request, Right.ENROLL))
        sent = await read_json(request, PushedPerson, _MOST_BYTES)
        admit = partial(self._admit_looking, grant, request)
        return answer(await to_thread.run_sync(self._pushes.take, grant, sent, admit))

    async def remove(self, request: Request) -> Response:
        """Deletes somebody; also where they are gone already."""
        grant = for_people(await let_in(self._centre, request, Right.ENROLL))
        await to_thread.run_sync(self._remove, grant, segment(request, "person"))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def account(self, request: Request) -> Response:
        """On which devices somebody is live, or who has forgotten them."""
        await let_in_whole(self._centre, request, Right.READ)
        account = await to_thread.run_sync(account_of, self._fleet, segment(request, "person"))
        if account is None:
            raise Refused("not_found", "nobody ever had this id")
        return answer(account)

    async def departures(self, request: Request) -> Response:
        """Who was deleted, the newest first, and who has not forgotten them yet."""
        await let_in_whole(self._centre, request, Right.READ)
        below = number(request, "after", 0, 2**62) or None
        limit = max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
        return answer(await to_thread.run_sync(departures_of, self._fleet, below, limit))

    def _remove(self, grant: Grant, person: str) -> None:
        wanted = wanted_galleries(self._fleet, grant)
        if wanted is not None:
            known = self._fleet.standing(person)
            # Nobody and somebody out of sight are answered alike; who is gone, every reader of the changes is told.
            if known is None or not (known.gone or is_within(known.galleries, wanted)):
                raise out_of_sight()
        self._fleet.remove(person, by=grant)

    def _admit_looking(self, grant: Grant, request: Request) -> None:
        address = request.client.host if request.client else ""
        wait_s = self._centre.gate.admit(grant, address, Cost.LOOKING)
        if wait_s:
            raise Denied(Denial.THROTTLED, "too many requests", f"Come again in {wait_s} s", wait_s)
