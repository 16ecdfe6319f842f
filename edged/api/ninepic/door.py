"""Whom 9Pic's dialect lets in: a key in `X-API-Key`, an organisation that is the key's, an event with the feature."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import Request

from edged.api.access import Cost, Grant, Right, let_in
from edged.api.addresses import segment
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.ninepic.envelope import Failed
from edged.photos.admission import is_slug
from edged.photos.album import EventState, Features, PhotoEvent

_HEX: Final = "[0-9a-fA-F]"
_UUID: Final = re.compile(
    rf"(?:urn:uuid:)?{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}|{_HEX}{{32}}",
    re.IGNORECASE | re.ASCII,
)
"""As RFC 4122 writes it, in either case, with `urn:uuid:` or without; and the 32 digits alone, as many libraries do."""

Feature = Callable[[Features], bool]
"""Whether an event offers something."""


class Door:
    """Lets requests in, and finds what their addresses name.

    Args:
        clock: UTC seconds since the epoch.
    """

    def __init__(self, centre: Centre, clock: Callable[[], float]) -> None:
        self._gate = centre.gate
        self._albums = centre.albums
        self._clock = clock

    @property
    def albums(self) -> Albums:
        """Raises Failed, 404, where there are none: a device has no events."""
        if self._albums is None:
            raise Failed(HTTPStatus.NOT_FOUND, "there are no events here")
        return self._albums

    def let_in(self, request: Request, right: Right, cost: Cost) -> Grant:
        """Whose key it is. Blocks for a moment, on a worker thread.

        Raises:
            Denied: see `edged.api.access.let_in`.
            Failed: 403, the key is another organisation's, or for a gallery of people; whether this organisation
                exists is not told.
        """
        grant = let_in(self._gate, request, request.headers.get("x-api-key", ""), right, cost)
        if grant.organisation is not None and grant.organisation != segment(request, "organisation"):
            raise Failed(HTTPStatus.FORBIDDEN, "this API key is another organisation's")
        if not grant.is_for_albums:
            raise Failed(HTTPStatus.FORBIDDEN, "this API key is for a gallery of people")
        return grant

    def organisation(self, request: Request) -> str:
        """The slug in the address. Blocks for a read.

        Raises:
            Failed: 404, there is none.
        """
        slug = segment(request, "organisation")
        if not is_slug(slug) or self.albums.organisation(slug) is None:
            raise Failed(HTTPStatus.NOT_FOUND, "there is no such organisation")
        return slug

    def event(self, request: Request, feature: Feature | None = None) -> PhotoEvent:
        """The event in the address. Blocks for a read.

        Args:
            feature: what is asked of it; nothing of one that is not enabled, or over. None: that it exists is enough.

        Raises:
            Failed: 404, there is none; 403, it does not offer that.
        """
        organisation, slug = segment(request, "organisation"), segment(request, "event")
        known = is_slug(organisation) and is_slug(slug)
        event = self.albums.event(organisation, slug) if known else None
        if event is None:
            raise Failed(HTTPStatus.NOT_FOUND, "there is no such event")
        if feature and not event.plan.features.enabled:
            raise Failed(HTTPStatus.FORBIDDEN, "this event is not enabled")
        if feature and self.is_over(event):
            raise Failed(HTTPStatus.FORBIDDEN, "this event is over")
        if feature and not feature(event.plan.features):
            raise Failed(HTTPStatus.FORBIDDEN, "this event does not offer that")
        return event

    def is_over(self, event: PhotoEvent) -> bool:
        """Whether it has expired."""
        return event.state(self._clock()) is EventState.EXPIRED


def canonical_uuid(text: str) -> str | None:
    """A UUID as we write it: lower case, with hyphens; None where the text is none."""
    return str(uuid.UUID(text.lower())) if _UUID.fullmatch(text) else None


def read_request_id(text: str) -> str:
    """Raises Failed, 400, where it is no UUID."""
    request_id = canonical_uuid(text.strip())
    if request_id is None:
        raise Failed(HTTPStatus.BAD_REQUEST, "request_id is not a UUID")
    return request_id
