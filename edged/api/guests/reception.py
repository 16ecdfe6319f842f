"""Who has a link: whose search it leads to, and whether it still does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from edged.api.guests.port import GuestAlbums
from edged.api.guests.turned_away import TurnedAway, Why
from edged.photos.album import EventState, PhotoEvent
from edged.photos.event_list import all_events
from edged.photos.guest_link import GuestLinks
from edged.photos.photo import OpenPhoto, Photo, PhotoKind
from edged.photos.search import Search

MOST_PHOTOS: Final = 2000
"""Of one guest; who is in more sees the likest ones."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_KNOWN_S: Final = 10.0
"""For so long it is not looked up again which events there are: strangers with bad links would make us."""


def is_id(text: str) -> bool:
    """Whether it is a UUID in canonical text, as searches and photographs have."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Visit:
    """A guest with a good link.

    Attributes:
        end: when the link is over, UTC seconds since the epoch.
        token: of the link.
    """

    event: PhotoEvent
    search: Search
    end: float
    token: str = field(repr=False)

    @property
    def photos(self) -> Sequence[str]:
        """Ids of what was found, shown or not, the likest first."""
        return self.search.photos[:MOST_PHOTOS]


class Reception:
    """Lets guests in. Any thread; every method blocks for some reads.

    Args:
        clock: UTC seconds since the epoch; ticks: seconds of a clock that never goes back.
    """

    def __init__(
        self, albums: GuestAlbums, links: GuestLinks, *, clock: Callable[[], float], ticks: Callable[[], float]
    ) -> None:
        self._albums = albums
        self._links = links
        self._clock = clock
        self._ticks = ticks
        # Replaced as a whole: two threads at once only read them twice.
        self._known: tuple[float, Sequence[str], Sequence[str]] = (float("-inf"), (), ())

    def visit(self, request_id: str, token: str) -> Visit:
        """Whoever has this link.

        Raises:
            TurnedAway: NO_LINK: it is none of ours; LINK_OVER, EVENT_OVER, FORGOTTEN, PAUSED: it was a good one.
        """
        if not is_id(request_id):
            raise TurnedAway(Why.NO_LINK)
        now = self._clock()
        for event, search in self._albums.searches_by_id(request_id):
            end = self._links.end_of(event.id, request_id, token)
            if end is None:
                continue
            if event.state(now) is EventState.EXPIRED:
                raise TurnedAway(Why.EVENT_OVER)
            if now >= end:
                raise TurnedAway(Why.LINK_OVER)
            if not event.plan.features.enabled:
                raise TurnedAway(Why.PAUSED)
            expires = event.plan.terms.expires
            return Visit(event, search, end if expires is None else min(end, expires), token)
        raise TurnedAway(self._fate(request_id, token))

    def again(self, visit: Visit) -> Visit:
        """The same guest a while later. Raises as `visit`."""
        return self.visit(visit.search.request_id, visit.token)

    def shown(self, visit: Visit, photos: Sequence[str]) -> Sequence[Photo]:
        """Those of these photographs that this guest may see now, in the order asked."""
        theirs = frozenset(visit.photos)
        return self._albums.photos_by_id(visit.event, [photo for photo in photos if photo in theirs])

    def shown_one(self, visit: Visit, photo: str) -> Photo:
        """A photograph that this guest may see now. Raises TurnedAway NO_PHOTO."""
        for found in self.shown(visit, [photo]):
            return found
        raise TurnedAway(Why.NO_PHOTO)

    def opened(self, visit: Visit, photo: str, kind: PhotoKind) -> OpenPhoto:
        """A file of a photograph that this guest may see now; close it. Raises TurnedAway NO_PHOTO."""
        opened = self._albums.opened(self.shown_one(visit, photo).id, kind)
        if opened is None:
            raise TurnedAway(Why.NO_PHOTO)
        return opened

    def _fate(self, request_id: str, token: str) -> Why:
        """What became of a link whose search is not there. Nothing is kept of who asked to be forgotten: that the link
        was ours its signature tells, and the search is gone.
        """
        known_at, events, purged = self._known
        if self._ticks() - known_at > _KNOWN_S:
            events, purged = tuple(self._events()), tuple(self._albums.purged_events())
            self._known = (self._ticks(), events, purged)
        for ids, why in ((purged, Why.EVENT_OVER), (events, Why.FORGOTTEN)):
            if any(self._links.end_of(event, request_id, token) is not None for event in ids):
                return why
        return Why.NO_LINK

    def _events(self) -> Iterator[str]:
        for organisation in self._albums.organisations():
            yield from (event.id for event in all_events(self._albums, organisation.slug))
