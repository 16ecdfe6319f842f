"""What stands retained on the broker about this device."""

from __future__ import annotations

from typing import Literal, Protocol

from edged.wire.availability import Availability
from edged.wire.payload import Payload
from edged.wire.topics import Topics


class Publishes(Protocol):
    """The part of a `Session` that is needed to speak."""

    def publish(self, topic: str, payload: bytes, *, qos: Literal[0, 1], retain: bool) -> int:
        """See `Session.publish`."""


class States:
    """The retained topics as they should stand. Remembers each, so that a new connection gets them all again.

    Belongs to the thread that owns the session.
    """

    def __init__(self, session: Publishes, topics: Topics) -> None:
        self._session = session
        self._topics = topics
        self._standing: dict[str, bytes] = {}
        self._unsent: set[str] = set()

    def put(self, topic: str, state: Payload) -> None:
        """Sets what stands under a topic; it goes out with the next `publish` if it is news."""
        self.put_encoded(topic, state.encoded())

    def put_encoded(self, topic: str, payload: bytes) -> None:
        """The same of a payload that is encoded already; an empty one takes away what stands there."""
        if self._standing.get(topic) != payload:
            self._standing[topic] = payload
            self._unsent.add(topic)

    def publish(self) -> None:
        """Sends what is news. Call it between notices, on a connection that was announced.

        Raises:
            Unavailable: there is no connection; nothing is forgotten.
        """
        for topic, payload in self._standing.items():
            if topic in self._unsent:
                self._session.publish(topic, payload, qos=1, retain=True)
                self._unsent.discard(topic)

    def announce(self) -> None:
        """Right after each `connect`: sends every state again, and `online` behind them, so that whoever sees the
        device come finds the rest in place.

        Raises:
            Unavailable: there is no connection.
        """
        self._unsent.update(self._standing)
        self.publish()
        self._session.publish(self._topics.available, Availability.ONLINE.encode(), qos=1, retain=True)
