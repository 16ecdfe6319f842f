"""A session whose broker does what a test says; `test_hub_publisher` holds it to what the real one does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edged.domain.errors import Unavailable
from edged.wire.event import EventMessage, parse_event


@dataclass
class PretendLine:
    """Attributes: said: every event that was published; unanswered: those without the broker's answer, by `mid`."""

    inflight: int = 4
    is_connected: bool = True
    said: list[EventMessage] = field(default_factory=list)
    unanswered: dict[int, EventMessage] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)
    _mid: int = 0

    def publish(self, topic: str, payload: bytes, *, qos: Literal[0, 1], retain: bool) -> int:
        if not self.is_connected:
            raise Unavailable("there is no connection with the broker")
        assert (topic, qos, retain) == ("edged/door/event", 1, False)
        event = parse_event(payload)
        self._mid += 1
        self.said.append(event)
        self.unanswered[self._mid] = event
        return self._mid

    def subscribe(self, topic: str, *, qos: Literal[0, 1]) -> int:
        if not self.is_connected:
            raise Unavailable("there is no connection with the broker")
        self._mid += 1
        self.topics.append(topic)
        return self._mid

    def unsubscribe(self, topic: str) -> None:
        self.topics.remove(topic)

    def reconnect(self) -> None:
        """Answers that were under way are lost."""
        self.unanswered.clear()
        self.is_connected = True
