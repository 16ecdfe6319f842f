"""The addresses of the console's people: looking them up, enrolling, changing, blocking and deleting them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import asked_of, queried, told
from edged.api.console.people_forms import (
    Blocked,
    Code,
    Delete,
    Deleted,
    DraftAnswer,
    Enrol,
    Facts,
    FromCamera,
    PeopleAsked,
    PeopleList,
    PersonDetail,
    Photograph,
    Receipt,
    Saved,
)
from edged.api.entrance import name_of, needs
from edged.api.refusal import refusal
from edged.api.request_body import read_body
from edged.domain.errors import Refused

PEOPLE: Final = "/api/v1/console/people"
MAX_PHOTO_BYTES: Final = 16 * 1024 * 1024
"""Of one photograph."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NO_STORE: Final = {"cache-control": "no-store"}


class PeopleDesk(Protocol):
    """What the people's page asks of the device.

    Called on worker threads; each method blocks for some seconds at most. Raises Unavailable where the thread that owns
    the models or the database does not come round to it, and Refused in words for whoever filled in the form: nothing
    was changed then. `by` is the name of the account.
    """

    def people(self, asked: PeopleAsked) -> PeopleList: ...
    def person(self, person: str) -> PersonDetail:
        """By our id. Refused `unknown_person`."""

    def face(self, person: str, photo_hash: str) -> bytes | None:
        """The JPEG of one enrolled face; without a hash of the best. None where none is kept."""

    def look(self, photo: bytes, file: str, person: str, *, by: str) -> DraftAnswer:
        """Judges a photograph and keeps it in memory for a while.

        Args:
            photo: the file as it came.
            file: as it is called.
            person: our id of whose it is said to be; empty: of somebody new.
        """

    def look_at_camera(self, camera: str, person: str, *, by: str) -> DraftAnswer:
        """The same for what a camera sees now."""

    def draft_picture(self, draft: str, *, by: str) -> bytes | None:
        """The JPEG of what was seen; None where it is gone, or somebody else's."""

    def enroll(self, asked: Enrol, *, by: str) -> Saved: ...
    def change(self, person: str, facts: Facts, *, by: str) -> None: ...
    def remove_photograph(self, person: str, photo_hash: str, *, by: str) -> None: ...
    def block(self, person: str, asked: Blocked, *, by: str) -> None: ...
    def set_code(self, person: str, asked: Code, *, by: str) -> None: ...
    def delete(self, person: str, typed: str, *, by: str) -> Deleted: ...
    def receipt(self, person: str) -> Receipt:
        """How far the deletion of somebody is."""


def people_routes(desk: PeopleDesk) -> list[Route]:
    """Guards look; installers enrol, change and block; administrators delete."""
    answers = _Answers(desk)
    guard, installer, administrator = needs(Role.GUARD), needs(Role.INSTALLER), needs(Role.ADMINISTRATOR)
    one = f"{PEOPLE}/{{id}}"

    return [
        Route(PEOPLE, guard(answers.people)),
        Route(f"{PEOPLE}/drafts", installer(answers.look), methods=["POST"]),
        Route(f"{PEOPLE}/drafts/camera", installer(answers.look_at_camera), methods=["POST"]),
        Route(f"{PEOPLE}/drafts/{{draft}}.jpg", installer(answers.draft_picture)),
        Route(f"{PEOPLE}/enroll", installer(answers.enroll), methods=["POST"]),
        Route(one, guard(answers.person)),
        Route(f"{one}/receipt", administrator(answers.receipt)),
        Route(f"{one}/face.jpg", guard(answers.face)),
        Route(f"{one}/faces/{{hash}}.jpg", guard(answers.face)),
        Route(f"{one}/change", installer(answers.change), methods=["POST"]),
        Route(f"{one}/remove-photograph", installer(answers.remove_photograph), methods=["POST"]),
        Route(f"{one}/block", installer(answers.block), methods=["POST"]),
        Route(f"{one}/code", installer(answers.set_code), methods=["POST"]),
        Route(f"{one}/delete", administrator(answers.delete), methods=["POST"]),
    ]


class _Answers:
    """One method an address. `Guard` has seen to it that a request that writes comes from a page of ours."""

    def __init__(self, desk: PeopleDesk) -> None:
        self._desk = desk

    async def people(self, request: Request) -> Response:
        asked = queried(request, PeopleAsked, "Open /people without it")
        return told(await to_thread.run_sync(self._desk.people, asked))

    async def person(self, request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.person, _person(request)))

    async def face(self, request: Request) -> Response:
        photo_hash = request.path_params.get("hash", "")
        jpeg = None
        if not photo_hash or _HASH.fullmatch(photo_hash):
            jpeg = await to_thread.run_sync(self._desk.face, _person(request), photo_hash)
        return _jpeg(jpeg)

    async def look(self, request: Request) -> Response:
        body = await read_body(request, MAX_PHOTO_BYTES)
        if len(body.files) != 1:
            raise Refused("bad_request", "the form has no photograph, or several", "Send one at a time")
        _name, part = body.files[0]
        person = dict(body.fields).get("person", "")[:128]
        work = partial(self._desk.look, part.content, (part.filename or "")[:128], person, by=name_of(request))
        return told(await to_thread.run_sync(work))

    async def look_at_camera(self, request: Request) -> Response:
        asked = await asked_of(request, FromCamera)
        work = partial(self._desk.look_at_camera, asked.camera, asked.person, by=name_of(request))
        return told(await to_thread.run_sync(work))

    async def draft_picture(self, request: Request) -> Response:
        return _jpeg(self._desk.draft_picture(request.path_params["draft"], by=name_of(request)))

    async def enroll(self, request: Request) -> Response:
        asked = await asked_of(request, Enrol)
        return told(await to_thread.run_sync(partial(self._desk.enroll, asked, by=name_of(request))))

    async def change(self, request: Request) -> Response:
        facts = await asked_of(request, Facts)
        return await _done(partial(self._desk.change, _person(request), facts, by=name_of(request)))

    async def remove_photograph(self, request: Request) -> Response:
        asked = await asked_of(request, Photograph)
        return await _done(partial(self._desk.remove_photograph, _person(request), asked.hash, by=name_of(request)))

    async def block(self, request: Request) -> Response:
        asked = await asked_of(request, Blocked)
        return await _done(partial(self._desk.block, _person(request), asked, by=name_of(request)))

    async def set_code(self, request: Request) -> Response:
        asked = await asked_of(request, Code)
        return await _done(partial(self._desk.set_code, _person(request), asked, by=name_of(request)))

    async def delete(self, request: Request) -> Response:
        asked = await asked_of(request, Delete)
        work = partial(self._desk.delete, _person(request), asked.typed, by=name_of(request))
        return told(await to_thread.run_sync(work))

    async def receipt(self, request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.receipt, _person(request)))


async def _done(work: Callable[[], None]) -> Response:
    await to_thread.run_sync(work)
    return Response(b'{"ok": true}', media_type="application/json", headers=_NO_STORE)


def _person(request: Request) -> str:
    person: str = request.path_params["id"]
    if not _ID.fullmatch(person):
        raise Refused("unknown_person", "this is nobody's id", "Look them up in the list")
    return person


def _jpeg(jpeg: bytes | None) -> Response:
    if jpeg is None:
        return refusal(HTTPStatus.NOT_FOUND, "no picture is kept")
    return Response(jpeg, media_type="image/jpeg", headers=_NO_STORE)
