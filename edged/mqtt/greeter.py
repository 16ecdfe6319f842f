"""Home Assistant has come: it is told everything again. And what it is no longer to know is taken away."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from edged.mqtt.hearer import Subscribes
from edged.mqtt.notice import Received, Subscribed
from edged.mqtt.states import Publishes

log = logging.getLogger(__name__)

SPREAD_S: Final = 5.0
"""Hundreds of devices hear of a birth at the same moment, and answer it within so many seconds."""
REST_S: Final = 30.0
"""Between two answers at least; whoever may write there cannot have us talk without end."""
_BORN: Final = b"online"


class Speaks(Subscribes, Publishes, Protocol):
    """The part of a `Session` that is needed."""


class Greeter:
    """Hears of Home Assistant's births: a `Hearer`.

    A birth that the broker kept for us is none: it was before we came, and we have just told everything.

    Args:
        session: the broker's.
        status: where Home Assistant says `online`.
        leftovers: topics on which an announcement stands that is to be taken away.
        born: called from `tell`, some time after a birth; must not block, nor raise.
        cleared: called from `tell` when the broker has taken the leftovers away; must not raise.
        now: a clock that only goes forward, seconds.
        chance: for the delay.
        spread_s: the longest delay.
    """

    def __init__(
        self,
        session: Speaks,
        status: str,
        *,
        leftovers: Sequence[str],
        born: Callable[[], None],
        cleared: Callable[[], None],
        now: Callable[[], float],
        chance: random.Random,
        spread_s: float = SPREAD_S,
    ) -> None:
        self._session = session
        self._status = status
        self._leftovers = tuple(leftovers)
        self._born = born
        self._cleared = cleared
        self._now = now
        self._chance = chance
        self._spread_s = spread_s
        self._mid: int | None = None
        self._has_cleared = False
        self._due: float | None = None
        self._rested = float("-inf")

    def listen(self) -> None:
        """After each `connect`: takes the leftovers away and asks for births.

        The broker answers in order: when it answers the second, it has done the first.

        Raises:
            Unavailable: there is no connection.
        """
        for topic in self._leftovers:
            self._session.publish(topic, b"", qos=1, retain=True)
        self._mid = self._session.subscribe(self._status, qos=0)

    def heed(self, notice: Received | Subscribed) -> None:
        """Takes note. What is no birth is ignored."""
        match notice:
            case Received(topic, payload, retained) if topic == self._status:
                if payload == _BORN and not retained and self._due is None:
                    self._due = max(self._now(), self._rested) + self._chance.uniform(0, self._spread_s)
            case Subscribed(mid, refusal) if mid == self._mid:
                self._has_cleared = bool(self._leftovers)
                if refusal:
                    log.warning("the broker does not let us read %s (%s): see its access list", self._status, refusal)

    def tell(self) -> None:
        """Answers a birth whose time has come, and passes on that the leftovers are gone."""
        if self._has_cleared:
            self._has_cleared = False
            self._leftovers = ()
            self._cleared()
        if self._due is not None and self._now() >= self._due:
            self._due = None
            self._rested = self._now() + REST_S
            self._born()
