"""One connection with the broker, and the only importer of paho.

A paho client is used for one connection and thrown away: one that reconnects would send its unacknowledged messages
again on its own, unmarked, beside ours from the outbox.

paho's network thread runs the callbacks below. They only put a notice on a queue: paho calls them with its own lock
held, which `publish` takes too, so a lock of ours around both would deadlock.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final, Literal, TypeAlias

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edged.config.document import BrokerSettings
from edged.domain.errors import Refused, Unavailable
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed
from edged.mqtt.refusal import loss, unreachable

Protocol: TypeAlias = Literal["5", "3.1.1"]

MAX_INCOMING_BYTES: Final = 256 * 1024
"""Longer messages are not taken."""

_MAX_WAITING: Final = 100_000
_MAX_WAITING_BYTES: Final = 8 * 2**20
"""Messages that come in while so many notices, or messages of so many bytes, wait are dropped."""
_MAX_SECRET_BYTES: Final = 4096
_FAILURE: Final = 0x80
"""Reason codes from here on are failures (MQTT 5, section 2.4)."""


@dataclass(frozen=True, slots=True)
class LastWords:
    """What is left under `topic`: `left` after a clean end, else `lost`, by the broker (the will).

    Attributes:
        retained: it stays there for whoever subscribes later.
    """

    topic: str
    left: bytes
    lost: bytes
    retained: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Who connects, and how.

    Attributes:
        client_id: unique among the broker's clients.
        last_words: None for no will.
        expiry_s: for how long the broker keeps the subscriptions of a client that is away; 0 for not at all.
    """

    client_id: str
    last_words: LastWords | None
    expiry_s: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the broker said to the greeting.

    Attributes:
        code: MQTT 5 reason code, 0 for welcome; `name` is the same in words.
        session_present: it still knew us.
        receive_maximum: how many unacknowledged publications it accepts.
    """

    code: int
    name: str
    session_present: bool
    receive_maximum: int


class Line:
    """One connection. Everything is called by the thread that owns the session.

    Attributes:
        notices: what happened, in order; any thread may put.
    """

    def __init__(self, settings: BrokerSettings, caller: Caller, protocol: Protocol, inflight: int) -> None:
        self.notices: SimpleQueue[Notice] = SimpleQueue()
        self._answers: SimpleQueue[Answer | Disconnected] = SimpleQueue()
        self._trouble = ""
        self._came = 0
        """Bytes of all messages so far, counted by paho's thread; `_taken` by ours, of those that it has taken."""
        self._taken = 0
        self._settings = settings
        self._expiry_s = caller.expiry_s
        self._client = self._make_client(caller, protocol, inflight)

    def open(self, timeout: float) -> Answer | Disconnected | None:
        """Connects and greets.

        Returns:
            The broker's answer; or its hanging up without one; or None when it kept silent for `timeout` seconds.

        Raises:
            Unavailable, Refused: see `edged.mqtt.refusal.unreachable`.
        """
        settings = self._settings
        self._client.connect_timeout = timeout
        password = _password(settings)
        if settings.username is not None:
            self._client.username_pw_set(settings.username, password)
        elif password is not None:
            # paho would leave it out without a word.
            raise Refused("no_username", "mqtt has a password and no username", "Set mqtt.username")
        if settings.tls:
            self._client.tls_set_context(_tls_context(settings))
        try:
            self._client.connect(settings.host, settings.port, settings.keepalive_s, **self._greeting())
        except (OSError, UnicodeError) as error:
            raise unreachable(error, f"{settings.host}:{settings.port}") from error
        self._client.loop_start()
        try:
            return self._answers.get(timeout=timeout)
        except Empty:
            return None
        finally:
            self._client.on_log = None

    def publish(
        self,
        topic: str,
        payload: bytes,
        qos: Literal[0, 1],
        *,
        retain: bool,
        correlation: bytes = b"",
        expires_s: int | None = None,
    ) -> int | None:
        """Gives the `mid`, or None when the connection is gone."""
        info = self._client.publish(topic, payload, qos, retain, self._properties(correlation, expires_s))
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, topic: str, qos: Literal[0, 1]) -> int | None:
        """Gives the `mid`, or None when the connection is gone."""
        result, mid = self._client.subscribe(topic, qos)
        return mid if result == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def unsubscribe(self, topic: str) -> None:
        """Asks for no more of these messages."""
        self._client.unsubscribe(topic)

    def next_notice(self, timeout: float) -> Notice | None:
        """The next notice, waiting so many seconds for it."""
        try:
            notice = self.notices.get(timeout=max(0.0, timeout))
        except Empty:
            return None
        if isinstance(notice, Received):
            self._taken += _weight(notice)
        return notice

    def tell_and_wait(self, topic: str, payload: bytes, deadline: float, *, retain: bool) -> None:
        """Publishes a message and waits until it is acknowledged, `time.monotonic()` at the latest."""
        mid = self.publish(topic, payload, 1, retain=retain)
        if mid is not None:
            self._wait_for_end(mid, deadline)

    def leave(self, deadline: float) -> None:
        """Says good-bye, so that the broker publishes no will, and waits likewise for it to go out."""
        if self._client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._wait_for_end(None, deadline)

    def drop(self) -> None:
        """Ends the connection and paho's thread, whatever state they are in."""
        self._hang_up(unsent="deliver")

    def break_off(self) -> None:
        """Likewise, and what has not left this machine never does. The broker says the last words."""
        self._hang_up(unsent="discard")

    def _hang_up(self, unsent: Literal["deliver", "discard"]) -> None:
        open_socket = self._client.socket()
        if isinstance(open_socket, socket.socket):
            with suppress(OSError):  # closed already
                if unsent == "discard":
                    # The kernel would go on to deliver what waits, minutes later if need be. A reset drops it.
                    open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Not SSLSocket's own shutdown: it takes TLS off first, under the hands of the network thread.
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
        self._client.loop_stop()

    def _wait_for_end(self, mid: int | None, deadline: float) -> None:
        """Drops notices until `mid` is answered or the connection ends."""
        while (notice := self.next_notice(deadline - time.monotonic())) is not None:
            if isinstance(notice, Disconnected) or (isinstance(notice, Published) and notice.mid == mid):
                return

    def _make_client(self, caller: Caller, protocol: Protocol, inflight: int) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=caller.client_id,
            clean_session=caller.expiry_s == 0 if protocol == "3.1.1" else None,
            protocol=MQTTProtocolVersion.MQTTv5 if protocol == "5" else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(inflight)
        if caller.last_words is not None:
            client.will_set(caller.last_words.topic, caller.last_words.lost, qos=1, retain=caller.last_words.retained)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_log = self._on_log
        return client

    def _greeting(self) -> dict[str, Any]:
        """What only MQTT 5 has."""
        if self._client.protocol != MQTTProtocolVersion.MQTTv5:
            return {}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it untyped
        properties.SessionExpiryInterval = self._expiry_s
        properties.MaximumPacketSize = MAX_INCOMING_BYTES
        return {"clean_start": self._expiry_s == 0, "properties": properties}

    def _properties(self, correlation: bytes, expires_s: int | None) -> Properties | None:
        """What only MQTT 5 has."""
        if (not correlation and expires_s is None) or self._client.protocol != MQTTProtocolVersion.MQTTv5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
        if correlation:
            properties.CorrelationData = correlation
        if expires_s is not None:
            properties.MessageExpiryInterval = expires_s
        return properties

    def _on_connect(
        self, _client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        receive_maximum = getattr(properties, "ReceiveMaximum", 0xFFFF)  # absent means 65,535: section 3.2.2.3.3
        self._answers.put(Answer(reason.value, reason.getName(), flags.session_present, receive_maximum))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        words = loss(reason.value, reason.getName())
        disconnected = Disconnected(f"{words} ({self._trouble})" if self._trouble else words)
        self._answers.put(disconnected)
        self.notices.put(disconnected)

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self.notices.put(Published(mid, _refusal(reason)))

    def _on_subscribe(
        self, _client: Client, _userdata: object, mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self.notices.put(Subscribed(mid, _refusal(reasons[0])))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if (
            len(message.payload) > MAX_INCOMING_BYTES
            or self.notices.qsize() >= _MAX_WAITING
            or self._came - self._taken > _MAX_WAITING_BYTES
        ):
            return
        with suppress(UnicodeDecodeError):  # no topic that anybody could have asked for
            reply_to = getattr(message.properties, "ResponseTopic", "")
            correlation = getattr(message.properties, "CorrelationData", b"")
            received = Received(message.topic, bytes(message.payload), message.retain, reply_to, bytes(correlation))
            self._came += _weight(received)
            self.notices.put(received)

    def _on_log(self, _client: Client, _userdata: object, level: int, text: str) -> None:
        """Until the broker has answered: the only place where paho says what went wrong on the socket."""
        if level == LogLevel.MQTT_LOG_ERR:
            self._trouble = text


def _weight(message: Received) -> int:
    return len(message.payload) + len(message.topic) + len(message.reply_to) + len(message.correlation)


def _refusal(reason: ReasonCode) -> str:
    return reason.getName().lower() if reason.value >= _FAILURE else ""


def _password(settings: BrokerSettings) -> str | None:
    if settings.password is not None:
        return settings.password.get_secret_value()
    if settings.password_file is None:
        return None
    try:
        with settings.password_file.open(encoding="utf-8") as file:
            return file.read(_MAX_SECRET_BYTES).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            f"cannot read mqtt.password_file {settings.password_file}",
            "It must be a text file that the user edged runs as may read",
        ) from error


def _tls_context(settings: BrokerSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert_file is not None:
            # With a password given, OpenSSL never asks for one on the terminal.
            context.load_cert_chain(settings.cert_file, settings.key_file, password="")
    except OSError as error:
        files = [str(file) for file in (settings.ca_file, settings.cert_file, settings.key_file) if file is not None]
        raise Refused(
            "bad_certificate",
            f"cannot use the certificates in {', '.join(files)} ({error.strerror or error})",
            "mqtt.ca_file, cert_file and key_file must be PEM files that edged may read, the key without a passphrase",
        ) from error
    return context
