"""The one session with the broker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from edged.config.document import BrokerSettings, MqttSettings
from edged.domain.errors import EdgedError, Unavailable
from edged.mqtt.line import Answer, Caller, LastWords, Line, Protocol
from edged.mqtt.notice import Disconnected, Notice, Woken
from edged.mqtt.refusal import UNSUPPORTED_VERSION, rejected
from edged.wire.availability import Availability
from edged.wire.topics import Topics

_INFLIGHT: Final = 20
_DEVICE_EXPIRY_S: Final = 86_400
"""For so long the broker keeps what a lost device has subscribed to."""

_VERSIONS: Final[Mapping[Protocol, tuple[Protocol, ...]]] = {"5": ("5", "3.1.1"), "3.1.1": ("3.1.1",)}
"""What to try, by what is configured."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands.

    Attributes:
        protocol: what is spoken: the configured version, or 3.1.1 where the broker does not answer to 5.
        session_present: the broker still knew this client.
    """

    protocol: Protocol
    session_present: bool


class Session:
    """A client of one broker, connected or not.

    Belongs to one thread, which calls everything but `wake`. It makes one connection at a time and never tries again
    on its own: the caller does, with backoff, when `connect` raises or a `Disconnected` comes. What was published on
    a connection and not acknowledged is forgotten with it.

    Args:
        settings: the broker.
        client_id: unique among the broker's clients.
        last_words: what to leave behind.
        expiry_s: for how long the broker keeps the subscriptions of a client that is away; 0 for not at all.
        inflight: how many QoS 1 publications may be unacknowledged at once.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        *,
        last_words: LastWords | None = None,
        expiry_s: int = 0,
        inflight: int = _INFLIGHT,
    ) -> None:
        self._settings = settings
        self._caller = Caller(client_id, last_words, expiry_s)
        self._protocol: Protocol = settings.protocol
        self._inflight = inflight
        self._line: Line | None = None

    @classmethod
    def of_device(cls, settings: MqttSettings, device: str) -> Session:
        """The daemon's session: named after the user, else the device, with `available` as its last words."""
        last_words = LastWords(
            Topics(settings.prefix, device).available,
            left=Availability.STOPPED.encode(),
            lost=Availability.OFFLINE.encode(),
        )
        return cls(
            settings,
            settings.username or device,
            last_words=last_words,
            expiry_s=_DEVICE_EXPIRY_S,
            inflight=settings.inflight,
        )

    @property
    def inflight(self) -> int:
        """How many QoS 1 publications may be unacknowledged at once: as asked for, or fewer if the broker says so."""
        return self._inflight

    def connect(self, timeout: float) -> Connected:
        """Connects anew, giving up a connection that stands. Blocks.

        A broker that does not answer to MQTT 5 is tried with 3.1.1, and so from then on.

        Args:
            timeout: seconds that an attempt may take; with the fall-back there are two.

        Raises:
            Unavailable: the broker, the network or the password file is away.
            Refused: `bad_credentials`, `untrusted_broker`, `bad_certificate`, `bad_client_id`, `banned`,
                `no_username`.
        """
        self._drop()
        answer: Answer | Disconnected | None = None
        for protocol in _VERSIONS[self._protocol]:
            answer = self._greet(protocol, timeout)
            if isinstance(answer, Answer) and answer.code == 0:
                self._protocol = protocol
                return Connected(protocol, answer.session_present)
            self._drop()
            if isinstance(answer, Answer) and answer.code != UNSUPPORTED_VERSION:
                break
        raise self._not_let_in(answer)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: Literal[0, 1],
        retain: bool,
        correlation: bytes = b"",
        expires_s: int | None = None,
    ) -> int:
        """Hands a message to the network thread; never blocks. What is published first arrives first.

        Args:
            topic: where; payload: what, see the standard for `qos` and `retain`.
            correlation: of the request that this answers; 3.1.1 has no such thing, and leaves it out.
            expires_s: whoever is away for longer never gets it; likewise only in MQTT 5.

        Returns:
            The `mid` that its `Published` will have.

        Raises:
            Unavailable: there is no connection.
        """
        return _sent(
            self._connected().publish(topic, payload, qos, retain=retain, correlation=correlation, expires_s=expires_s)
        )

    def subscribe(self, topic: str, *, qos: Literal[0, 1] = 1) -> int:
        """Asks for messages; never blocks. Its `Subscribed` tells whether they will come.

        Some brokers grant what their access list then holds back: only a message that comes back is proof.

        Args:
            topic: of the messages.
            qos: 1: the broker keeps what comes while this client is away, for `expiry_s`; 0: it does not.

        Raises:
            Unavailable: there is no connection.
        """
        return _sent(self._connected().subscribe(topic, qos))

    def unsubscribe(self, topic: str) -> None:
        """Asks for no more of them; never blocks.

        Raises:
            Unavailable: there is no connection.
        """
        self._connected().unsubscribe(topic)

    def next_notice(self, timeout: float) -> Notice | None:
        """The next thing that happened on this connection, waiting up to so many seconds for it.

        Raises:
            Unavailable: `connect` was not called, or `close` was.
        """
        return self._connected().next_notice(timeout)

    def wake(self) -> None:
        """Makes `next_notice` return at once. May be called from any thread, connected or not."""
        line = self._line
        if line is not None:
            line.notices.put(Woken())

    def close(self, timeout: float = 2.0) -> None:
        """Leaves the last words and disconnects, within `timeout` seconds; a broker that hangs is left hanging."""
        if self._line is None:
            return
        deadline = time.monotonic() + timeout
        words = self._caller.last_words
        if words is not None:
            self._line.tell_and_wait(words.topic, words.left, deadline, retain=words.retained)
        self._line.leave(deadline)
        self._drop()

    def break_off(self) -> None:
        """Ends the connection at once: what has not left this machine never does, and the broker says the rest."""
        if self._line is not None:
            self._line.break_off()
            self._line = None

    def _greet(self, protocol: Protocol, timeout: float) -> Answer | Disconnected | None:
        """Opens a line, and another where the broker takes fewer publications at once than we meant to send."""
        self._line = Line(self._settings, self._caller, protocol, self._inflight)
        answer = self._line.open(timeout)
        if isinstance(answer, Answer) and answer.receive_maximum < self._inflight:
            self._inflight = answer.receive_maximum
            self._line.leave(time.monotonic() + timeout)
            self._drop()
            return self._greet(protocol, timeout)
        return answer

    def _not_let_in(self, answer: Answer | Disconnected | None) -> EdgedError:
        broker = f"{self._settings.host}:{self._settings.port}"
        match answer:
            case Answer():
                return rejected(answer.code, answer.name, broker)
            case Disconnected():
                return Unavailable(
                    f"the broker at {broker} hung up before it answered: {answer.reason}",
                    "It may want TLS (mqtt.tls) or a client certificate (mqtt.cert_file); its log says more",
                )
        return Unavailable(f"what listens at {broker} does not answer", "Is it an MQTT broker? Does it hang?")

    def _connected(self) -> Line:
        if self._line is None:
            raise _no_connection()
        return self._line

    def _drop(self) -> None:
        if self._line is not None:
            self._line.drop()
            self._line = None


def _sent(mid: int | None) -> int:
    if mid is None:
        raise _no_connection()
    return mid


def _no_connection() -> Unavailable:
    return Unavailable("there is no connection with the broker")
