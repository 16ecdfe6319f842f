"""`request/photo`: a photograph by the booth's camera."""

from __future__ import annotations

from edged.domain.errors import Refused
from edged.photos.photo import Standing
from edged.runtime.booth import Booth, Hand
from edged.runtime.deed import Call
from edged.runtime.deeds.enroll import VIA
from edged.wire.commands.asked import Nothing
from edged.wire.commands.booth import PhotoTaken
from edged.wire.payload import instant


class PhotoDeed:
    """Args:
    booth: takes it; None: the device has none.
    """

    def __init__(self, booth: Booth | None) -> None:
        self._booth = booth

    def __call__(self, _asked: Nothing, call: Call) -> PhotoTaken:
        if self._booth is None:
            raise Refused("no_booth", "this device keeps no photographs", "See photos.enabled in the configuration")
        event = self._booth.current.open()
        photo = self._booth.shutter.take(by=Hand(f"{VIA}:{call.by}", call.by), event=event)
        return PhotoTaken(
            photo=photo.id,
            event=event.id,
            slug=event.slug,
            at=instant(photo.taken or photo.added),
            width=photo.width,
            height=photo.height,
            shown=photo.standing is Standing.SHOWN,
        )
