"""Answers to requests: how they are made, where they go, and how long they may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from edged.domain.errors import Busy, ConfigInvalid, Corrupt, EdgedError, Refused, Unavailable, Unsupported
from edged.mqtt.hearer import Word
from edged.mqtt.inbox import Heard
from edged.runtime.clock import Clock
from edged.wire.order import ErrorPart, Response
from edged.wire.payload import Part, instant
from edged.wire.topics import Topics

MAX_ANSWER_BYTES: Final = 250_000
"""Below the 256 KB that edged takes itself, and that a broker may be set to."""
_LONGEST_WORDS: Final = 2000
_LONGEST_TOPIC: Final = 256
_LONGEST_CORRELATION: Final = 1024
_COMMAND: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_NO_COMMAND: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request, before it is made a payload."""

    transaction: str | None
    data: Part | None = None
    error: ErrorPart | None = None


def succeeded(transaction: str, data: Part) -> Answer:
    """It was done."""
    return Answer(transaction, data=data)


def failed(transaction: str | None, error: EdgedError) -> Answer:
    """It was not; the reason in a stable word and in sentences."""
    message = "; ".join(map(str, error.problems)) if isinstance(error, ConfigInvalid) else error.what
    words = [text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…" for text in (message, error.remedy)]
    return Answer(transaction, error=ErrorPart(code=_code(error), message=words[0], remedy=words[1]))


_CODES: Final = (
    (Busy, "busy"),
    (ConfigInvalid, "invalid"),
    (Corrupt, "corrupt"),
    (Unsupported, "unsupported"),
    (Unavailable, "unavailable"),
)
"""The first kind that an error is of counts."""


def _code(error: EdgedError) -> str:
    if isinstance(error, Refused):
        return error.reason
    return next((code for kind, code in _CODES if isinstance(error, kind)), "failed")


class Replies:
    """Sends answers. Any thread.

    Args:
        topics: of the device.
        say: has something published; see `Talker.say`.
    """

    def __init__(self, topics: Topics, say: Callable[[Word], None], clock: Clock) -> None:
        self._topics = topics
        self._say = say
        self._clock = clock

    def check_way(self, heard: Heard) -> None:
        """That the answer may go where the request wants it.

        Raises:
            Refused: `reply_topic`: it may not, and nobody who asked would see it.
        """
        if heard.reply_to and not self._may_go(heard):
            raise Refused(
                "reply_topic",
                "answers go below the device's own response/, or below _reply/, and nowhere else",
                f"Have it answered below {self._topics.response('')} or leave the response topic out",
            )

    def way(self, heard: Heard) -> tuple[str, bytes]:
        """Topic and correlation data of the answer: where the request wants it, as far as it may want that."""
        correlation = heard.correlation if len(heard.correlation) <= _LONGEST_CORRELATION else b""
        if heard.reply_to and self._may_go(heard):
            return heard.reply_to, correlation
        return self._topics.response(self.name(heard)), correlation

    def name(self, heard: Heard) -> str:
        """What the request is for, fit for a topic and for the log."""
        return heard.command if _COMMAND.fullmatch(heard.command) else _NO_COMMAND

    def made(self, command: str, answer: Answer) -> Response:
        """The payload; one that would be too long says so in its place."""
        data: dict[str, Any] = {} if answer.data is None else answer.data.model_dump(mode="json")
        response = Response(
            transaction=answer.transaction,
            device=self._topics.device,
            command=command,
            status="error" if answer.error else "ok",
            at=instant(self._clock.now().utc),
            data=data,
            error=answer.error,
        )
        size = len(response.encoded())
        if size <= MAX_ANSWER_BYTES:
            return response
        too_long = Refused("too_large", f"the answer would have {size:,} bytes", f"{MAX_ANSWER_BYTES:,} go out at once")
        return self.made(command, failed(answer.transaction, too_long))

    def send(self, heard: Heard, answer: Answer) -> None:
        """Makes the answer and publishes it where it belongs. Returns at once."""
        self.publish(*self.way(heard), self.made(self.name(heard), answer))

    def publish(self, topic: str, correlation: bytes, response: Response) -> None:
        """Has an answer published, at QoS 1, never retained. Returns at once."""
        self._say(Word(topic, response.encoded(), correlation=correlation))

    def _may_go(self, heard: Heard) -> bool:
        return len(heard.reply_to) <= _LONGEST_TOPIC and self._topics.may_reply_to(heard.reply_to)
