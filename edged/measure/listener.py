"""Somebody who reads along on the broker, for measuring and for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import token_hex
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.mqtt.notice import Disconnected, Notice, Received, Subscribed
from edged.mqtt.session import Session

_PATIENCE_S: Final = 15.0
_EXPIRY_S: Final = 300


class Listener:
    """A client that keeps what it hears. The broker keeps for it what comes while it is away.

    Attributes:
        received: what came, in order.
    """

    def __init__(self, port: int, topic: str) -> None:
        self.received: list[Received] = []
        self._topic = topic
        self._session = Session(
            MqttSettings(host="127.0.0.1", port=port), f"listener-{token_hex(4)}", expiry_s=_EXPIRY_S
        )

    def connect(self) -> None:
        """Connects, again if need be; on return, nothing that is published is missed."""
        self._session.connect(_PATIENCE_S)
        mid = self._session.subscribe(self._topic)
        self.listen(lambda notice: notice == Subscribed(mid))

    def listen(self, enough: Callable[[Notice], bool], patience_s: float = _PATIENCE_S) -> None:
        """Keeps what comes until a notice is enough.

        Raises:
            Unavailable: it did not come for `patience_s` seconds, or the broker went away.
        """
        if not self._keep(enough, patience_s):
            raise Unavailable(f"what was expected under {self._topic} did not come within {patience_s:.0f} s")

    def collect(self, seconds: float) -> None:
        """Keeps what comes for so long.

        Raises:
            Unavailable: the broker went away.
        """
        self._keep(lambda _: False, seconds)

    def until(self, payload: bytes) -> None:
        """Keeps what comes until this payload was there, now or before; raises as `listen`."""
        if not any(message.payload == payload for message in self.received):
            self.listen(lambda notice: isinstance(notice, Received) and notice.payload == payload)

    def close(self) -> None:
        self._session.close()

    def _keep(self, enough: Callable[[Notice], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            notice = self._session.next_notice(left)
            if isinstance(notice, Disconnected):
                raise Unavailable(notice.reason)
            if isinstance(notice, Received):
                self.received.append(notice)
            if notice is not None and enough(notice):
                return True
        return False
