"""What a session has to say to the one who runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Published:
    """The broker has answered a publication.

    Attributes:
        mid: what `publish` returned.
        refusal: why the broker does not take it, in its own words; empty when it has it. Only MQTT 5 can refuse: a
            3.1.1 broker acknowledges what it then throws away.
    """

    mid: int
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The broker has answered a subscription; `refusal` as in `Published`."""

    mid: int
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message came in.

    Attributes:
        retained: it was there before we subscribed.
        reply_to: the topic that whoever sent it wants the answer on; empty: they say nothing.
        correlation: what the answer is to carry, so that they find it again.
    """

    topic: str
    payload: bytes
    retained: bool
    reply_to: str = ""
    correlation: bytes = b""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone; nothing more comes from it. `reason` says why, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody called `wake`."""


Notice: TypeAlias = Published | Subscribed | Received | Disconnected | Woken
