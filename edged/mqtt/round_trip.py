"""A message to the broker and back: the only proof that it lets one through."""

from __future__ import annotations

import secrets
import time
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import Refused, Unavailable
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.session import Session

_WAIT_S: Final = 5.0


def round_trip(settings: MqttSettings, device: str) -> float:
    """Publishes a word below the device's own topics and waits for it to come back. Blocks for some seconds at most.

    A broker that ties client ids to user names lets go of the daemon for this moment; it reconnects and loses nothing.

    Returns:
        The seconds it took.

    Raises:
        Unavailable, Refused: as `Session.connect`.
        Refused: `not_delivered`: the broker took the message and did not deliver it, so its access list forbids one of
            the two directions.
    """
    topic = f"{settings.prefix}/{device}/doctor"
    word = secrets.token_hex(8).encode()
    session = Session(settings, f"{device}-doctor")
    session.connect(_WAIT_S)
    try:
        session.subscribe(topic)
        begun = time.monotonic()
        while (left := begun + _WAIT_S - time.monotonic()) > 0:
            match session.next_notice(left):
                case Subscribed(refusal=""):
                    begun = time.monotonic()
                    session.publish(topic, word, qos=1, retain=False)
                case Subscribed(refusal=refusal) | Published(refusal=refusal) if refusal:
                    raise forbidden(topic, refusal)
                case Received(payload=payload) if payload == word:
                    return time.monotonic() - begun
                case Disconnected(reason=reason):
                    raise Unavailable(f"the broker hung up: {reason}", "Its log says why")
    finally:
        session.close()
    raise forbidden(topic, "it took the message and did not deliver it")


def forbidden(topic: str, words: str) -> Refused:
    """That a device may not say or hear its own words.

    Args:
        topic: of the word.
        words: why it is believed.
    """
    return Refused(
        "not_delivered",
        f"the broker does not let messages through under {topic}: {words}",
        "Let this user write and read below its own device's topics in the broker's access list",
    )
