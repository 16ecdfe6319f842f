"""The addresses of the console's photographs: events, what came in, moderation, figures, and the end."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import asked_of, queried, told
from edged.api.console.photo_forms import (
    CloseForm,
    DeleteForm,
    EventForm,
    ListQuery,
    NewEventForm,
    PurgeForm,
    StandingForm,
)
from edged.api.console.photo_parts import (
    Changed,
    EventAnswer,
    EventPart,
    PhotoAnswer,
    PhotoListing,
    PhotoPart,
    PhotosOverview,
    PurgePart,
    Purging,
    ReportAnswer,
)
from edged.api.entrance import name_of, needs
from edged.api.refusal import refusal
from edged.api.request_body import read_body
from edged.domain.errors import Refused
from edged.photos.admission import is_slug
from edged.photos.photo import PhotoFile, PhotoKind
from edged.photos.photo_format import disposition

PHOTOS: Final = "/api/v1/console/photos"
MAX_PHOTO_BYTES: Final = 32 * 1024 * 1024
"""Of one photograph: a JPEG of 24 megapixels has 10 to 20."""
_FORM_BYTES: Final = 64 * 1024

_ID: Final = re.compile(r"[0-9a-f-]{36}")
_NO_STORE: Final = {"cache-control": "no-store"}
_KINDS: Final = frozenset(kind.value for kind in PhotoKind)
_OFF: Final = PhotosOverview(on=False, organisation="", events=(), more=False, storage=None, intake=None, purges=())


class PhotosDesk(Protocol):
    """What the photographs' page asks of the device.

    Called on worker threads; blocks for the disk, where nothing else is said. Raises Unavailable where the disk does
    not let us, and Refused in words for whoever filled in the form: nothing was changed then. `by` is the name of the
    account.
    """

    def overview(self) -> PhotosOverview: ...
    def create(self, asked: NewEventForm, *, by: str) -> EventPart: ...
    def change(self, slug: str, asked: EventForm, *, by: str) -> EventPart: ...
    def close(self, slug: str, closed: bool, *, by: str) -> EventPart: ...
    def photos(self, slug: str, asked: ListQuery) -> PhotoListing: ...
    def picture(self, photo: str, kind: PhotoKind) -> PhotoFile | None:
        """A file of a photograph, whether it is shown or not; None where it is gone."""

    def add(self, slug: str, content: bytes, filename: str, *, by: str) -> PhotoPart:
        """Adds a photograph; one that is there already is returned. Blocks for seconds: all faces are looked for.

        One at a time for each account.

        Raises:
            Refused: it is none, or the event takes none; the reason is a stable word.
            Unavailable: too many are being added at once.
        """

    def stand(self, slug: str, asked: StandingForm, *, by: str) -> int:
        """Shows photographs, or takes them away from guests; how many there were."""

    def delete(self, slug: str, asked: DeleteForm, *, by: str) -> int: ...
    def sign_off(self, slug: str) -> Mapping[str, Any]:
        """The figures of an event, signed."""

    def purge(self, slug: str, typed: str, *, by: str) -> PurgePart:
        """Purges an event; its files go after it."""

    def report(self, event_id: str) -> Mapping[str, Any] | None:
        """What was signed of a purge; None: nothing yet."""

    def copies(self, event_id: str) -> Sequence[Mapping[str, Any]]:
        """What hubs said of their copies of a purged event, signed here; none where none has."""


def photos_routes(desk: PhotosDesk | None) -> list[Route]:
    """Guards look; installers make events, add, let through and take away; administrators delete and purge.

    Args:
        desk: None where photographs are switched off: the list says so then.
    """
    if desk is None:
        return [Route(PHOTOS, needs(Role.GUARD)(_off))]
    answers = _Answers(desk)
    guard, installer, administrator = needs(Role.GUARD), needs(Role.INSTALLER), needs(Role.ADMINISTRATOR)
    one = f"{PHOTOS}/events/{{slug}}"
    return [
        Route(PHOTOS, guard(answers.overview)),
        Route(f"{PHOTOS}/events", installer(answers.create), methods=["POST"]),
        Route(f"{one}/change", installer(answers.change), methods=["POST"]),
        Route(f"{one}/close", installer(answers.close), methods=["POST"]),
        Route(f"{one}/photos", guard(answers.photos)),
        Route(f"{one}/upload", installer(answers.upload), methods=["POST"]),
        Route(f"{one}/stand", installer(answers.stand), methods=["POST"]),
        Route(f"{one}/delete", administrator(answers.delete), methods=["POST"]),
        Route(f"{one}/sign-off", guard(answers.sign_off)),
        Route(f"{one}/purge", administrator(answers.purge), methods=["POST"]),
        Route(f"{PHOTOS}/pictures/{{id}}/{{kind}}", guard(answers.picture)),
        Route(f"{PHOTOS}/purges/{{id}}", guard(answers.report)),
    ]


async def _off(_request: Request) -> Response:
    return told(_OFF)


class _Answers:
    """One method an address. `Guard` has seen to it that a request that writes comes from a page of ours."""

    def __init__(self, desk: PhotosDesk) -> None:
        self._desk = desk

    async def overview(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.overview))

    async def create(self, request: Request) -> Response:
        asked = await asked_of(request, NewEventForm, _FORM_BYTES)
        event = await to_thread.run_sync(partial(self._desk.create, asked, by=name_of(request)))
        return told(EventAnswer(event=event))

    async def change(self, request: Request) -> Response:
        asked = await asked_of(request, EventForm, _FORM_BYTES)
        event = await to_thread.run_sync(partial(self._desk.change, _slug(request), asked, by=name_of(request)))
        return told(EventAnswer(event=event))

    async def close(self, request: Request) -> Response:
        asked = await asked_of(request, CloseForm)
        event = await to_thread.run_sync(partial(self._desk.close, _slug(request), asked.closed, by=name_of(request)))
        return told(EventAnswer(event=event))

    async def photos(self, request: Request) -> Response:
        asked = queried(request, ListQuery, "Open /photos without it")
        return told(await to_thread.run_sync(self._desk.photos, _slug(request), asked))

    async def upload(self, request: Request) -> Response:
        slug = _slug(request)
        body = await read_body(request, MAX_PHOTO_BYTES)
        if len(body.files) != 1:
            raise Refused("bad_request", "the form has no photograph, or several", "Send one at a time")
        _name, part = body.files[0]
        work = partial(self._desk.add, slug, part.content, (part.filename or "")[:128], by=name_of(request))
        return told(PhotoAnswer(photo=await to_thread.run_sync(work)))

    async def stand(self, request: Request) -> Response:
        asked = await asked_of(request, StandingForm)
        work = partial(self._desk.stand, _slug(request), asked, by=name_of(request))
        return told(Changed(changed=await to_thread.run_sync(work)))

    async def delete(self, request: Request) -> Response:
        asked = await asked_of(request, DeleteForm)
        work = partial(self._desk.delete, _slug(request), asked, by=name_of(request))
        return told(Changed(changed=await to_thread.run_sync(work)))

    async def sign_off(self, request: Request) -> Response:
        slug = _slug(request)
        report = await to_thread.run_sync(self._desk.sign_off, slug)
        return _reported(request, report, f"{slug}-sign-off.json")

    async def purge(self, request: Request) -> Response:
        asked = await asked_of(request, PurgeForm)
        work = partial(self._desk.purge, _slug(request), asked.typed, by=name_of(request))
        return told(Purging(purge=await to_thread.run_sync(work)))

    async def picture(self, request: Request) -> Response:
        photo, kind = request.path_params["id"], request.path_params["kind"]
        file = None
        if _ID.fullmatch(photo) and kind in _KINDS:
            file = await to_thread.run_sync(self._desk.picture, photo, PhotoKind(kind))
        if file is None:
            return refusal(HTTPStatus.NOT_FOUND, "there is no such photograph, or not any more")
        manner = "attachment" if "download" in request.query_params else "inline"
        headers = {**_NO_STORE, "content-disposition": disposition(manner, file.filename)}
        return Response(file.content, media_type=file.media_type, headers=headers)

    async def report(self, request: Request) -> Response:
        event = request.path_params["id"]
        report = await to_thread.run_sync(self._desk.report, event) if _ID.fullmatch(event) else None
        if report is None:
            return refusal(HTTPStatus.NOT_FOUND, "there is no report of this purge yet", "It comes in a moment")
        copies = await to_thread.run_sync(self._desk.copies, event)
        return _reported(request, report, f"{report['slug']}-purge.json", copies)


def _reported(
    request: Request, report: Mapping[str, Any], filename: str, copies: Sequence[Mapping[str, Any]] = ()
) -> Response:
    """A report as a page reads it; as a file, exactly what was signed, where the query has `download`."""
    if "download" not in request.query_params:
        return told(ReportAnswer(report=report, copies=tuple(copies)))
    headers = {**_NO_STORE, "content-disposition": disposition("attachment", filename)}
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    return Response(text, media_type="application/json", headers=headers)


def _slug(request: Request) -> str:
    slug: str = request.path_params["slug"]
    if not is_slug(slug):
        raise Refused("no_event", "there is no such event", "Choose one in the list")
    return slug
