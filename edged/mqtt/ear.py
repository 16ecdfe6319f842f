"""What the centre tells of itself on the broker, heard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from edged.mqtt.hearer import Subscribes
from edged.mqtt.notice import Received, Subscribed
from edged.wire.feed import Announcement

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 1024
"""An announcement is a tenth of this."""


class Ear:
    """Hears the centre's announcements: a `Hearer`.

    Whoever may write to the topic can say anything there. What is no announcement is passed over; of a true one only
    that there may be something to ask for is to be believed.

    Attributes:
        passed_over: how many messages were no announcements.
    """

    def __init__(self, session: Subscribes, topic: str, heard: Callable[[Announcement], None]) -> None:
        """
        Args:
            session: the broker's.
            topic: where the centre speaks, see `edged.wire.topics.announcements`.
            heard: called from `tell` with the newest announcement; must not block, nor raise.
        """
        self._session = session
        self._topic = topic
        self._heard = heard
        self._mid: int | None = None
        self._newest: Announcement | None = None
        self._is_refused = False
        self.passed_over = 0

    def listen(self) -> None:
        """After each `connect`: asks for what stands there, and for what comes.

        The broker keeps nothing for us while we are away: what stands there then says it all.

        Raises:
            Unavailable: there is no connection.
        """
        self._mid = self._session.subscribe(self._topic, qos=0)

    def heed(self, notice: Received | Subscribed) -> None:
        """Takes note. What is not about announcements is ignored."""
        match notice:
            case Received(topic, payload) if topic == self._topic:
                self._read(payload)
            case Subscribed(mid, refusal) if mid == self._mid and refusal and not self._is_refused:
                self._is_refused = True
                log.warning("the broker does not let us read %s (%s): see its access list", self._topic, refusal)

    def tell(self) -> None:
        """Passes on the newest of what was heard since the last time, if anything was."""
        newest, self._newest = self._newest, None
        if newest is not None:
            self._heard(newest)

    def _read(self, payload: bytes) -> None:
        announcement = _announcement(payload)
        if announcement is not None:
            self._newest = announcement
            return
        if not self.passed_over:  # without its words: anybody may have written them
            log.warning("what came under %s is no announcement of a hub, and is passed over", self._topic)
        self.passed_over += 1


def _announcement(payload: bytes) -> Announcement | None:
    if len(payload) > _MOST_BYTES:
        return None
    try:
        return Announcement.model_validate_json(payload)
    except ValidationError:
        return None
