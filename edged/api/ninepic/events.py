"""9Pic's events: which there are, and what they offer."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from edged.api.access import Cost, Right
from edged.api.ninepic.door import Door
from edged.api.ninepic.envelope import Failed, success
from edged.api.ninepic.images import Images
from edged.api.ninepic.paging import read_page
from edged.photos.album import PhotoEvent


class Events:
    """Answers what is asked about events, one method an address."""

    def __init__(self, door: Door, images: Images) -> None:
        self._door = door
        self._images = images

    async def listed(self, request: Request) -> Response:
        """The events of an organisation, the newest first."""
        return await to_thread.run_sync(self._listed, request)

    async def ping(self, request: Request) -> Response:
        """That the key is good for an event, also for one that is not enabled, or over."""
        event = await to_thread.run_sync(self._event, request)
        return success({"event": event.slug, "event_enabled": self._is_enabled(event)}, "pong")

    async def details(self, request: Request) -> Response:
        return success(self._details(await to_thread.run_sync(self._event, request)), "the event")

    async def images(self, request: Request) -> Response:
        """All photographs of an event, by the time they were taken, those without one last."""
        return await to_thread.run_sync(self._all_images, request)

    async def not_offered(self, request: Request) -> Response:
        """Searches by bib, name, time and in videos: 403, as for an event that has them switched off.

        Raises:
            Failed: always.
        """
        await to_thread.run_sync(self._event, request)
        raise Failed(HTTPStatus.FORBIDDEN, "this event does not offer that search")

    def _event(self, request: Request) -> PhotoEvent:
        self._door.let_in(request, Right.READ, Cost.READING)
        return self._door.event(request)

    def _listed(self, request: Request) -> Response:
        self._door.let_in(request, Right.READ, Cost.READING)
        organisation = self._door.organisation(request)
        page = read_page(request.query_params, size=10, most=100)
        total, events = self._door.albums.events(organisation, page.offset, page.size)
        data = {"events": [self._details(event) for event in events], "pagination": page.pagination(total)}
        return success(data, f"{total} events")

    def _all_images(self, request: Request) -> Response:
        self._door.let_in(request, Right.READ, Cost.READING)
        event = self._door.event(request, lambda features: features.enabled)
        page = read_page(request.query_params, size=32, most=100)
        found = self._door.albums.photos(event, page.offset, page.size)
        data = {"images": self._images.shown(request, found.photos), "pagination": page.pagination(found.total)}
        return success(data, f"{found.total} photographs")

    def _details(self, event: PhotoEvent) -> dict[str, Any]:
        features = event.plan.features
        return {
            "organisation": event.organisation,
            "event": event.slug,
            "name": event.plan.name,
            "created_at": datetime.fromtimestamp(event.created, UTC).isoformat(timespec="seconds"),
            "total_images": event.photos,
            "event_enabled": self._is_enabled(event),
            "selfie_search": features.selfie_search,
            "bib_search": False,
            "name_search": features.name_search,
            "video_search": False,
            "video_selfie_search": False,
            "timeline_search": False,
        }

    def _is_enabled(self, event: PhotoEvent) -> bool:
        """One that is over is like one that is not enabled."""
        return event.plan.features.enabled and not self._door.is_over(event)
