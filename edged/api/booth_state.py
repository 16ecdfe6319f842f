"""How things stand at the booth, for its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anyio import to_thread

from edged.api import outage
from edged.api.booth_message import guide_of, look_of
from edged.api.booth_port import BoothDesk
from edged.api.news import Told
from edged.api.streams import Streams
from edged.domain.errors import Unavailable
from edged.photos.album import PhotoEvent

_ASK_S: Final = 1.0
"""How often the disk is asked which event is on."""


class BoothState:
    """Says how things stand. Belongs to the event loop.

    Args:
        mirrors: whether anybody looks into one.
        ticks: seconds of a clock that never goes back.
    """

    def __init__(self, desk: BoothDesk, mirrors: Streams, ticks: Callable[[], float]) -> None:
        self._desk = desk
        self._mirrors = mirrors
        self._ticks = ticks
        self._event: PhotoEvent | None = None
        self._asked = float("-inf")

    async def now(self) -> list[Told]:
        """`look`, at most a second late, and `guide` while somebody looks into a mirror."""
        event, camera = await self._event_on(), self._desk.camera()
        trouble = ""
        if event is None:
            trouble = "no_event"
        elif camera is None:
            trouble = "no_camera"
        elif self._desk.frame() is None:
            trouble = "camera_away"
        look = look_of(self._desk.settings(), event, trouble, mirrored=camera is not None and camera.mirrored)
        holding = [Told("look", look, look)]
        if self._mirrors.running:
            guide = guide_of(self._desk.guide())
            holding.append(Told("guide", guide, guide))
        return holding

    async def _event_on(self) -> PhotoEvent | None:
        """The event that is on; None also while the disk does not answer."""
        if self._ticks() - self._asked >= _ASK_S:
            self._asked = self._ticks()  # others need not ask meanwhile
            try:
                self._event = await to_thread.run_sync(self._desk.event)
            except Unavailable as error:
                outage.keep(error)
                self._event = None
        return self._event
