"""Events, passages and alarms that devices hand in on the broker: kept first, and acknowledged then."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from edged.api.fleet import NewEvent
from edged.domain.errors import Refused
from edged.mqtt.notice import Published, Received, Subscribed
from edged.mqtt.session import Session
from edged.wire.event_ack import MOST_IDS, EventAck
from edged.wire.record import Kind, parse_message
from edged.wire.topics import Topics

_log = logging.getLogger(__name__)

AT_ONCE: Final = 500
"""So many events are kept in one transaction at most."""

_TELL_EVERY_S: Final = 0.1
"""Acknowledgements are gathered for so long: each is a message that a broker may write to its disk."""

_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_OWN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MOST_NAMED: Final = 100
"""Devices of which the log says that their messages are passed over."""


class EventTaker:
    """Keeps what devices publish under `event`, `passage` and `alarm`, and tells each under `event/ack` what is kept.
    They are called events here, whichever they are.

    An event counts for the device that its topic names, since that is what the broker's access list guards; one that
    names another device inside is passed over, as is everything that is no event. What is passed over is counted, named
    in the log once for each device, and never acknowledged: the device keeps it, and says so. A device need not be
    known here: whom the broker lets speak as a device is one, as with a token of its own over HTTPS.

    The acknowledgement goes from the hub's disk to the device's outbox. MQTT's own acknowledgements between hub and
    broker may therefore be sent at once, by the library, before anything is kept: what is lost on the way is never
    acknowledged to the device, which sends it again.

    Belongs to the thread that owns the session.

    Args:
        prefix: first part of every topic.
        keep: see `Fleet.keep_all`; blocks.

    Attributes:
        kept: how many events were kept, each as often as it came; passed_over: how many messages were not.
    """

    def __init__(self, prefix: str, keep: Callable[[Sequence[NewEvent]], None]) -> None:
        self._prefix = prefix
        self._keep = keep
        self._came: list[NewEvent] = []
        self._owed: list[NewEvent] = []
        self._acknowledged = float("-inf")
        self._asked: dict[int, str] = {}
        self._told: set[int] = set()
        self._named: set[str] = set()
        self._is_refused = False
        self.kept = 0
        self.passed_over = 0

    def listen(self, session: Session) -> None:
        """After each `connect`: asks for events, and for those that came while we were away.

        Raises:
            Unavailable: there is no connection.
        """
        self._told.clear()
        topics = [Topics(self._prefix, "+").told(kind) for kind in Kind]
        self._asked = {session.subscribe(topic, qos=1): topic for topic in topics}

    def heed(self, notice: Received | Published | Subscribed) -> None:
        """Takes note of what came; what is not about events is ignored. At most AT_ONCE events between two `keep`s:
        more are dropped, and come again.
        """
        match notice:
            case Received():
                if len(self._came) < AT_ONCE:
                    self._read(notice)
            case Published(mid, refusal) if mid in self._told:
                self._told.discard(mid)
                self._complain(Topics(self._prefix, "+").event_ack, "write", refusal)
            case Subscribed(mid, refusal) if mid in self._asked:
                self._complain(self._asked[mid], "read", refusal)
            case _:
                pass

    def keep(self) -> None:
        """Keeps all that came, in one transaction; blocks for the disk.

        Raises:
            Unavailable, Corrupt: the store is away; nothing is forgotten.
        """
        if self._came:
            self._keep(self._came)
            self.kept += len(self._came)
            self._owed += self._came
            self._came = []

    def acknowledge(self, session: Session) -> None:
        """Tells each device which of its events are kept; a few times a second, however often it is called.

        Raises:
            Unavailable: there is no connection; they send them again.
        """
        now = time.monotonic()
        if not self._owed or now - self._acknowledged < _TELL_EVERY_S:
            return
        self._acknowledged = now
        owed, self._owed = self._owed, []
        ids: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for event in owed:
            ids[event.device][event.id] = None
        for device, own in ids.items():
            names = tuple(own)
            for first in range(0, len(names), MOST_IDS):
                payload = EventAck(ids=names[first : first + MOST_IDS]).encoded()
                topic = Topics(self._prefix, device).event_ack
                self._told.add(session.publish(topic, payload, qos=1, retain=False))

    def _read(self, received: Received) -> None:
        device, _, word = received.topic.removeprefix(f"{self._prefix}/").partition("/")
        kind = next((kind for kind in Kind if received.topic == Topics(self._prefix, device).told(kind)), None)
        if kind is None or word != kind or not _DEVICE.fullmatch(device):
            return
        try:
            self._came.append(_event(received.payload, kind, device))
        except Refused as refused:
            self.passed_over += 1
            if device not in self._named and len(self._named) < _MOST_NAMED:
                self._named.add(device)
                _log.warning("an event of the device %s is not kept, and perhaps others: %s", device, refused.what)

    def _complain(self, topic: str, may_not: str, refusal: str) -> None:
        if refusal and not self._is_refused:
            self._is_refused = True
            _log.warning(
                "the broker does not let us %s %s (%s): see its access list; devices keep their events",
                *(may_not, topic, refusal),
            )


def _event(payload: bytes, kind: Kind, device: str) -> NewEvent:
    """An event, passage or alarm as it was published; what is unknown in it is kept, too.

    Raises:
        Refused: it is none, or says that it is of another device.
    """
    message = parse_message(payload, kind)
    if message.device != device:
        raise Refused("other_device", "it names another device inside")
    if not _OWN_ID.fullmatch(message.id):
        raise Refused("bad_id", "the id of an event is 1 to 64 letters, digits, _ or -")
    try:
        document = json.loads(payload)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):  # an infinite or endless number, half of a character, where we look at nothing
        raise Refused("bad_event", "it holds what is no JSON of ours") from None
    return NewEvent(device, message.id, text)
