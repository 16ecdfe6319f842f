"""Somebody who asks devices for something over MQTT, and waits for the answers."""

from __future__ import annotations

import json
import queue
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jsonschema
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edged.wire.schemas import schemas

PATIENCE_S = 60.0
DEVICE = "testbed"


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    correlation: bytes
    retained: bool

    @property
    def document(self) -> dict[str, Any]:
        document = json.loads(self.payload)
        assert isinstance(document, dict)
        return document


class Asker:
    """An administrator."""

    def __init__(self, client: Client, heard: queue.SimpleQueue[Message]) -> None:
        self.client = client
        self.heard = heard
        self.schemas = schemas()
        self.kept: list[Message] = []

    def say(
        self,
        topic: str,
        payload: bytes | dict[str, Any],
        *,
        retain: bool = False,
        reply_to: str = "",
        correlation: bytes = b"",
    ) -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if reply_to:
            properties.ResponseTopic = reply_to
        if correlation:
            properties.CorrelationData = correlation
        if isinstance(payload, dict):
            payload = json.dumps(payload).encode()
        self.client.publish(topic, payload, 0, retain, properties)

    def request(self, command: str, data: dict[str, Any] | None = None, **order: Any) -> str:
        """Publishes a request and returns its transaction."""
        order.setdefault("transaction", str(uuid.uuid4()))
        self.say(f"edged/{DEVICE}/request/{command}", {**order, "data": data or {}})
        return str(order["transaction"])

    def ask(self, command: str, data: dict[str, Any] | None = None, **order: Any) -> dict[str, Any]:
        """The answer to a request, which must be what its schema says."""
        transaction = self.request(command, data, **order)
        answer = self.answer(transaction)
        jsonschema.validate(answer, self.schemas[f"response/{command}"])
        return answer

    def done(self, command: str, data: dict[str, Any] | None = None, **order: Any) -> dict[str, Any]:
        """The data of the answer to a request that must be followed."""
        answer = self.ask(command, data, **order)
        assert answer["status"] == "ok", answer
        found = answer["data"]
        assert isinstance(found, dict)
        return found

    def refused(self, command: str, data: dict[str, Any] | None = None, **order: Any) -> str:
        """The code of the refusal of a request."""
        answer = self.ask(command, data, **order)
        assert answer["status"] == "error", answer
        assert answer["error"]["message"]
        return str(answer["error"]["code"])

    def answer(self, transaction: str | None) -> dict[str, Any]:
        """The next answer with this transaction."""
        return self.next(lambda message: is_answer(message) and message.document["transaction"] == transaction).document

    def hear(self) -> None:
        """Keeps what has come."""
        while not self.heard.empty():
            self.kept.append(self.heard.get())

    def next(self, fits: Any, seconds: float = PATIENCE_S) -> Message:
        """The next message that fits, kept or coming."""
        for place, message in enumerate(self.kept):
            if fits(message):
                return self.kept.pop(place)
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self.heard.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing that fits came; last {self.kept[-5:]}") from None
            if fits(message):
                return message
            self.kept.append(message)


def is_answer(message: Message) -> bool:
    return "/response/" in message.topic or "/_reply/" in message.topic


@contextmanager
def asking(port: int) -> Iterator[Asker]:
    """Connects to the broker; whatever devices say from then on is heard."""
    heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
    ready: queue.SimpleQueue[None] = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)

    def take(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", b"")
        heard.put(Message(message.topic, bytes(message.payload), bytes(correlation), message.retain))

    client.on_message = take
    client.on_subscribe = lambda *_: ready.put(None)
    client.connect("127.0.0.1", port)
    client.subscribe("edged/#", 1)
    client.loop_start()
    ready.get(timeout=PATIENCE_S)
    try:
        yield Asker(client, heard)
    finally:
        client.disconnect()
        client.loop_stop()
