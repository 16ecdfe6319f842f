"""Why a guest does not get what they ask for."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus

from edged.domain.errors import EdgedError


class Why(Enum):
    """Its value is the word under which guests are told, in their language."""

    NO_LINK = "no_link"
    """There never was such a link, or nothing at this address."""
    LINK_OVER = "link_over"
    EVENT_OVER = "event_over"
    FORGOTTEN = "forgotten"
    """They asked to be."""
    PAUSED = "paused"
    """Whoever organises the event shows nothing just now."""
    NO_PHOTO = "no_photo"
    """It is not shown to this guest, whether it is there or not."""
    NOT_OFFERED = "not_offered"
    """The event does not let guests."""
    TOO_OFTEN = "too_often"
    BUSY = "busy"
    FOREIGN = "foreign"
    """Another web site's page asked for it."""
    UNCLEAR = "unclear"
    """The request is not what is asked for here."""

    @property
    def status(self) -> HTTPStatus:
        return _STATUS.get(self, HTTPStatus.BAD_REQUEST)


_STATUS = {
    Why.NO_LINK: HTTPStatus.NOT_FOUND,
    Why.LINK_OVER: HTTPStatus.GONE,
    Why.EVENT_OVER: HTTPStatus.GONE,
    Why.FORGOTTEN: HTTPStatus.GONE,
    Why.PAUSED: HTTPStatus.FORBIDDEN,
    Why.NO_PHOTO: HTTPStatus.NOT_FOUND,
    Why.NOT_OFFERED: HTTPStatus.FORBIDDEN,
    Why.TOO_OFTEN: HTTPStatus.TOO_MANY_REQUESTS,
    Why.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Why.FOREIGN: HTTPStatus.FORBIDDEN,
}


class TurnedAway(EdgedError):
    """A guest does not get what they ask for.

    Attributes:
        retry_after_s: after so many seconds they may come again; 0: that would not help.
    """

    def __init__(self, why: Why, retry_after_s: int = 0) -> None:
        super().__init__(f"a guest is turned away: {why.value}")
        self.why = why
        self.retry_after_s = retry_after_s
