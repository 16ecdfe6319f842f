"""A device without eyes: `python -m edged.measure.event_writer flow|drain DATABASE PORT BOOT`.

`flow` accepts events without end and publishes them, and writes the id of each to standard output once it is
accepted; somebody kills it. `drain` accepts none and ends when the broker has everything.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.measure.sample_event import sample_event
from edged.mqtt.notice import Disconnected, Published
from edged.mqtt.outbox import Outbox
from edged.mqtt.publisher import Publisher
from edged.mqtt.session import Session
from edged.wire.topics import Topics

TOPICS: Final = Topics("edged", "bench")
_CONNECT_S: Final = 10.0
_PACE_S: Final = 0.002


@dataclass(frozen=True, slots=True)
class Writer:
    """An outbox and the session that empties it, on one thread."""

    outbox: Outbox
    session: Session
    publisher: Publisher

    @classmethod
    def start(cls, database: Path, port: int, boot: str) -> Writer:
        """Opens the outbox and connects to the broker on a loopback port."""
        outbox = Outbox.open(database, boot, now=time.time())
        session = Session.of_device(MqttSettings(host="127.0.0.1", port=port), TOPICS.device)
        session.connect(_CONNECT_S)
        publisher = Publisher(outbox, session, TOPICS, outbox.acknowledge)
        publisher.start_over()
        return cls(outbox, session, publisher)

    def turn(self, wait_s: float) -> None:
        """One turn of the loop: sends what may be sent, then waits so long for answers and takes all there are."""
        self.publisher.step(Moment(time.monotonic(), time.time()))
        notice = self.session.next_notice(wait_s)
        while notice is not None:
            if isinstance(notice, Disconnected):
                raise Unavailable(notice.reason)
            if isinstance(notice, Published):
                self.publisher.heed(notice)
            notice = self.session.next_notice(0.0)

    def drain(self) -> None:
        """Runs until the broker has everything."""
        while self.outbox.pending(limit=1):
            self.turn(1.0 if self.publisher.under_way else 0.0)

    def close(self) -> None:
        self.session.close()
        self.outbox.close()


def _flow(writer: Writer) -> None:
    numbers = itertools.count(1)
    for turn in itertools.count():
        events = [sample_event(next(numbers), utc=time.time()) for _ in range(1 + turn % 4)]
        writer.outbox.append(events)
        os.write(sys.stdout.fileno(), "".join(f"{event.id}\n" for event in events).encode())
        writer.turn(_PACE_S)


def main(mode: str, database: str, port: str, boot: str) -> None:
    """See the module."""
    writer = Writer.start(Path(database), int(port), boot)
    if mode == "flow":
        _flow(writer)
    writer.drain()
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
