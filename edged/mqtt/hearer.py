"""What hears on the session, and what is said there besides events and states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from edged.mqtt.notice import Received, Subscribed


class Subscribes(Protocol):
    """The part of a `Session` that is needed to hear."""

    def subscribe(self, topic: str, *, qos: Literal[0, 1]) -> int:
        """See `Session.subscribe`."""

    def unsubscribe(self, topic: str) -> None:
        """See `Session.unsubscribe`."""


class Hearer(Protocol):
    """Hears some topics. All of it is called on the thread that owns the session; none of it blocks or raises but
    Unavailable, when the connection is gone.
    """

    def listen(self) -> None:
        """After each `connect`, and when what is to be heard has changed: asks for its topics."""

    def heed(self, notice: Received | Subscribed) -> None:
        """Takes note of what came; what is not its own is ignored."""

    def tell(self) -> None:
        """After all that came at once was heeded: passes it on."""


@dataclass(frozen=True, slots=True)
class Word:
    """Something to be said once.

    Attributes:
        correlation: see `Session.publish`.
    """

    topic: str
    payload: bytes
    qos: Literal[0, 1] = 1
    retain: bool = False
    correlation: bytes = b""
