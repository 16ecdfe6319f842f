"""A relay on the broker, as Shelly, Tasmota, Zigbee2MQTT and ESPHome have."""

from __future__ import annotations

import math
import time
from typing import Final

from edged.config.document import BrokerSettings
from edged.domain.errors import EdgedError, Unavailable
from edged.doors.relay import TIMEOUT_S
from edged.mqtt.line import LastWords
from edged.mqtt.notice import Disconnected, Published, Received
from edged.mqtt.session import Session

_KEEPALIVE_S: Final = 5
"""A device that loses its power says nothing: the broker switches its relays off after one and a half of these."""
_EXPIRY_S: Final = 1
"""A relay that is away for longer does not get what was meant for it."""
_SECONDS: Final = b"{seconds}"


class MqttRelay:
    """See `edged.doors.relay.Relay`: a session of its own, whose last words switch it off.

    The broker says them when this process dies. Nothing is retained; what somebody else left retained on the relay's
    topic, to switch it on whenever it comes back, is removed when it is seen. The broker's acknowledgement is all that
    is waited for: whether the relay has switched, it does not say.

    Args:
        broker: where.
        client_id: of this session.
        topic: where the relay is told what to do.
        on, off: the payloads; `{seconds}` in `on` becomes the whole seconds after which it will be told off.
    """

    check_s = 1.0

    def __init__(self, broker: BrokerSettings, client_id: str, topic: str, on: str, off: str) -> None:
        self._topic = topic
        self._on = on.encode()
        self._off = off.encode()
        self._session = Session(
            broker.model_copy(update={"keepalive_s": min(_KEEPALIVE_S, broker.keepalive_s)}),
            client_id,
            last_words=LastWords(topic, left=self._off, lost=self._off, retained=False),
        )
        self._is_connected = False
        self._is_on = False

    def on(self, seconds: float) -> None:
        """See `Relay.on`.

        Off comes first, and must be acknowledged: a broker that hangs never has an `on` in its hands, to say it when it
        wakes up.
        """
        if not self._is_on:
            self._tell(self._off, expires_s=None)
        self._is_on = True
        payload = self._on.replace(_SECONDS, str(math.ceil(seconds)).encode())
        self._tell(payload, expires_s=_EXPIRY_S)

    def off(self) -> None:
        """See `Relay.off`."""
        self._is_on = False
        self._tell(self._off, expires_s=None)

    def check(self) -> None:
        """See `Relay.check`: connects where there is no connection."""
        if not self._is_connected:
            self._session.connect(TIMEOUT_S)
            self._is_connected = True
            self._session.subscribe(self._topic, qos=0)
        self._heed(None, time.monotonic())

    def close(self) -> None:
        """See `Relay.close`. Says `off` once more and leaves; a broker that does not hear it says it itself."""
        if self._is_connected:
            self._session.close(TIMEOUT_S / 2)
            self._is_connected = False

    def _tell(self, payload: bytes, *, expires_s: int | None) -> None:
        if not self._is_connected:
            raise Unavailable("there is no connection with the broker of the relay")
        deadline = time.monotonic() + TIMEOUT_S
        try:
            mid = self._session.publish(self._topic, payload, qos=1, retain=False, expires_s=expires_s)
        except EdgedError:
            self._is_connected = False
            raise
        if not self._heed(mid, deadline):
            # It must not get through later.
            self._session.break_off()
            self._is_connected = False
            raise Unavailable("the broker of the relay does not answer")

    def _heed(self, mid: int | None, deadline: float) -> bool:
        """Hears what the broker says, up to the answer to `mid` or the deadline; whether the answer came.

        Raises:
            Unavailable: the connection is gone, or the broker does not take it.
        """
        while True:
            notice = self._session.next_notice(deadline - time.monotonic())
            match notice:
                case None:
                    return False
                case Published() if notice.mid == mid:
                    if notice.refusal:
                        raise Unavailable(f"the broker does not take orders for the relay: {notice.refusal}")
                    return True
                case Disconnected():
                    self._is_connected = False
                    raise Unavailable(f"the broker of the relay hung up: {notice.reason}")
                case Received(retained=True) if notice.payload not in {b"", self._off}:
                    self._session.publish(self._topic, b"", qos=1, retain=True)
                case _:
                    pass
