"""A device without eyes that goes on whatever becomes of its broker and its hub:
`python -m edged.measure.steady_writer DATABASE PORT`.

It accepts events until its standard input ends, publishes them, and ends when the hub has acknowledged all of them.
Lines of its standard output: `accepted ID` when an event is on the disk; `taken ID TIME` when the broker has it for the
first time, with `at.published` of that sending; `sent N` at the end, how many sendings there were.
"""

from __future__ import annotations

import itertools
import os
import select
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.measure.event_writer import TOPICS
from edged.measure.sample_event import sample_event
from edged.mqtt.flight import Arrived
from edged.mqtt.hub_publisher import HubPublisher
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.outbox import Outbox
from edged.mqtt.session import Session
from edged.wire.payload import instant

_CONNECT_S: Final = 4.0
_AGAIN_S: Final = 0.1
_PACE_S: Final = 0.05
"""Between two acceptances of one to four events: about fifty a second. A Mosquitto that writes its store at every
change, as docs/mqtt.md has it, takes little more on a busy disk."""
_WAIT_S: Final = 0.01


class _Counted(Session):
    """A session that counts what it publishes."""

    published = 0

    def publish(self, *args: Any, **keys: Any) -> int:
        mid = super().publish(*args, **keys)
        self.published += 1
        return mid


class SteadyWriter:
    """An outbox and the session that empties it, on one thread."""

    def __init__(self, database: Path, port: int) -> None:
        self.outbox = Outbox.open(database, "steady", now=time.time())
        settings = MqttSettings(host="127.0.0.1", port=port, acknowledged_by="hub")
        self._session = _Counted(settings, TOPICS.device, expiry_s=300)
        self._publisher = HubPublisher(self.outbox, self._session, TOPICS, self.outbox.acknowledge, _taken)
        self._is_connected = False

    @property
    def sendings(self) -> int:
        """How many there were."""
        return self._session.published

    def turn(self) -> None:
        """Goes on where it is, for a moment; a broker that is away is tried again."""
        try:
            if not self._is_connected:
                self._connect()
            self._publisher.step(Moment(time.monotonic(), time.time()))
            self._heed()
        except Unavailable:
            self._is_connected = False
            time.sleep(_AGAIN_S)

    def close(self) -> None:
        self._session.close()
        self.outbox.close()

    def _connect(self) -> None:
        self._session.connect(_CONNECT_S)
        self._publisher.start_over()
        for hearer in self._publisher.hearers:
            hearer.listen()
        self._is_connected = True

    def _heed(self) -> None:
        notice = self._session.next_notice(_WAIT_S)
        while notice is not None:
            match notice:
                case Disconnected(reason):
                    raise Unavailable(reason)
                case Published():
                    self._publisher.heed(notice)
                case Received() | Subscribed():
                    for hearer in self._publisher.hearers:
                        hearer.heed(notice)
                case _:
                    pass
            notice = self._session.next_notice(0.0)


def _taken(arrived: Arrived) -> None:
    published = instant(arrived.published).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    _say(f"taken {arrived.id} {published}\n")


def _say(lines: str) -> None:
    os.write(sys.stdout.fileno(), lines.encode())


def _is_told_to_end() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main(database: str, port: str) -> None:
    """See the module."""
    numbers, turns = itertools.count(1), itertools.count()
    with closing(SteadyWriter(Path(database), int(port))) as writer:
        due = time.monotonic()
        while not _is_told_to_end():
            if time.monotonic() >= due:
                due = time.monotonic() + _PACE_S
                events = [sample_event(next(numbers), utc=time.time()) for _ in range(1 + next(turns) % 4)]
                writer.outbox.append(events)
                _say("".join(f"accepted {event.id}\n" for event in events))
            writer.turn()
        while writer.outbox.pending(limit=1):
            writer.turn()
        _say(f"sent {writer.sendings}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
