"""What the hub acknowledges on the broker, heard."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from edged.mqtt.hearer import Subscribes
from edged.mqtt.notice import Received, Subscribed
from edged.wire.event_ack import MAX_ACK_BYTES, EventAck

log = logging.getLogger(__name__)


class AckEar:
    """Hears which events the hub has stored: a `Hearer`.

    Whoever may write to the topic can make events leave the outbox: the broker's access list must let the hub only.
    What is no acknowledgement is passed over, and so is a retained one, since it is from another time.

    Attributes:
        refusal: why the broker does not let us read there, in its own words; empty where it does.
        passed_over: how many messages were no acknowledgements.
    """

    def __init__(self, session: Subscribes, topic: str, heard: Callable[[Sequence[str]], None]) -> None:
        """
        Args:
            session: the broker's.
            topic: see `Topics.event_ack`.
            heard: called from `heed` with the ids as somebody sent them; must not block, nor raise.
        """
        self._session = session
        self._topic = topic
        self._heard = heard
        self._mid: int | None = None
        self.refusal = ""
        self.passed_over = 0

    def listen(self) -> None:
        """After each `connect`: asks for acknowledgements, and for those that came while we were away.

        Raises:
            Unavailable: there is no connection.
        """
        self._mid = self._session.subscribe(self._topic, qos=1)

    def heed(self, notice: Received | Subscribed) -> None:
        """Passes on what is acknowledged. What is not about that is ignored."""
        match notice:
            case Received(topic=topic) if topic == self._topic:
                self._read(notice)
            case Subscribed(mid, refusal) if mid == self._mid:
                self.refusal = refusal

    def tell(self) -> None:
        """Nothing: all was passed on already."""

    def _read(self, received: Received) -> None:
        ack = None if received.retained else _ack(received.payload)
        if ack is not None:
            self._heard(ack.ids)
            return
        if not self.passed_over:  # without its words: anybody may have written them
            log.warning("what came under %s is no acknowledgement of a hub, and is passed over", self._topic)
        self.passed_over += 1


def _ack(payload: bytes) -> EventAck | None:
    if len(payload) > MAX_ACK_BYTES:
        return None
    try:
        return EventAck.model_validate_json(payload)
    except ValidationError:
        return None
