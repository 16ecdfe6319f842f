"""Which event photographs are added to now."""

from __future__ import annotations

from collections.abc import Callable

from edged.api.albums import Albums
from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused
from edged.photos.album import EventState, PhotoEvent
from edged.photos.event_list import all_events
from edged.runtime.clock import Clock


class CurrentEvent:
    """The event that takes photographs: the one that is set, or the newest that is open. Any thread.

    Args:
        settings: as they are now.
    """

    def __init__(self, albums: Albums, settings: Callable[[], PhotoSettings], clock: Clock) -> None:
        self._albums = albums
        self._settings = settings
        self._clock = clock

    def now(self) -> PhotoEvent | None:
        """It; None where none takes photographs. Blocks for a read."""
        settings = self._settings()
        if settings.event:
            event = self._albums.event(settings.organisation, settings.event)
            return event if event and self._is_open(event) else None
        return next(filter(self._is_open, all_events(self._albums, settings.organisation)), None)

    def open(self) -> PhotoEvent:
        """It; blocks for a read.

        Raises:
            Refused: `event_closed`: the one that is set takes no more; `no_event`: there is none.
        """
        event = self.now()
        if event is not None:
            return event
        settings = self._settings()
        if settings.event and self._albums.event(settings.organisation, settings.event):
            raise Refused(
                "event_closed",
                f"the event {settings.event} takes no more photographs",
                "Open it again: edged event open",
            )
        what = f"there is no event {settings.event}" if settings.event else "no event is open"
        raise Refused("no_event", what, "Make one: edged event create")

    def _is_open(self, event: PhotoEvent) -> bool:
        return event.state(self._clock.now().utc) is EventState.OPEN
