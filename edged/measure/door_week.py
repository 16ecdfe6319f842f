"""A week without network, hub and broker, on a clock moved by hand: all are decided about, and all is told after."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import EventSettings, MqttSettings
from edged.domain.event import Outcome
from edged.domain.face import Box
from edged.domain.frame import Frame, Moment
from edged.domain.person import Person
from edged.domain.progress import Progress
from edged.measure.door_site import CAMERA, CountingLine, HandClock, door_document, door_site
from edged.measure.listener import Listener
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.notice import Published
from edged.mqtt.outbox import News, Outbox
from edged.mqtt.publisher import Publisher
from edged.mqtt.session import Session
from edged.recognition.recognizer import Look, Sighting
from edged.runtime.judge import Seen
from edged.runtime.mosquitto import Mosquitto
from edged.vision.sight import Sight
from edged.wire.record import Kind
from edged.wire.topics import Topics

_WEEK_S: Final = 7 * 86_400.0
_PEOPLE: Final = 1000
_TRIM_EVERY: Final = 5000
_TOPICS: Final = Topics("edged", "door")
_TOLD: Final = (_TOPICS.event, _TOPICS.told(Kind.PASSAGE))
_LANDMARKS: Final = np.array([[290, 200], [350, 200], [320, 240], [295, 275], [345, 275]], np.float32)
_EMBEDDING: Final = np.full(128, 128**-0.5, np.float32)
_BLACK: Final = np.zeros((480, 640, 3), np.uint8)
_PATIENCE_S: Final = 600.0
_CONNECT_S: Final = 10.0
_HALF_S: Final = 5.0
"""A visit lasts so long, and it takes as long until the next one may begin."""
_STRANGERS: Final = 0.1


@dataclass(frozen=True, slots=True)
class DoorWeek:
    """Attributes:
    passages: people who came, a tenth of them strangers; decided: decisions; opened: openings of the relay;
        expected_openings: people who came and are enrolled.
    kept: events and passages that waited when the week was over; dropped: that had to go before.
    heard: different ones that a subscriber had afterwards; out_of_order: passages behind a later one.
    deciding_ms: median processor time from a sighting to the relay's order; telling_s: how long the telling took.
    """

    passages: int
    decided: int
    opened: int
    expected_openings: int
    kept: int
    dropped: int
    heard: int
    out_of_order: int
    deciding_ms: float
    telling_s: float

    @property
    def is_good(self) -> bool:
        all_decided = self.decided == self.passages and self.opened == self.expected_openings
        return all_decided and not self.dropped and self.heard == self.kept and not self.out_of_order


def live_a_week(sight: Sight, passages: int, progress: Progress) -> DoorWeek:
    """Lets so many people come within seven days, then connects to a real broker.

    Each visit has its two events, and its passage, as the daemon keeps them, in a real outbox with the default bounds.
    Blocks for a minute or two at 50,000.

    Args:
        sight: for its curve only; faces are made up.
    """
    with tempfile.TemporaryDirectory(prefix="edged-week-") as name, Mosquitto(Path(name)) as broker:
        folder = Path(name)
        clock, line = HandClock(SAMPLE_UTC), CountingLine()
        people = {f"p{number}": Person(f"p{number}", f"key-{number}", f"N {number}") for number in range(_PEOPLE)}
        settings = EventSettings()
        with closing(Outbox.open(folder / "events.db", "b1", now=clock.now().utc)) as outbox:
            decided: Counter[str] = Counter()

            def tell(news: tuple[News, ...]) -> None:
                outbox.append(news)
                decided.update(type(item).__name__ for item in news)

            doorman = door_site(
                folder, door_document(), clock=clock, curve=sight.curve, line=line, people=people.get, tell=tell
            )
            doorman.run_once(0)  # from now on there is a door
            dropped, expected, spent = 0, 0, []
            chance = np.random.default_rng(1)
            gaps = chance.exponential(1.0, passages)
            gaps *= (_WEEK_S - 2 * _HALF_S * passages) / gaps.sum()
            for number in range(passages):
                clock.sleep(float(gaps[number]))
                person = None if chance.random() < _STRANGERS else people[f"p{chance.integers(_PEOPLE)}"]
                outcome = Outcome.KNOWN if person else Outcome.UNKNOWN
                expected += person is not None
                outbox.append([sample_event(2 * number, outcome=outcome, utc=clock.now().utc)])
                begun = time.process_time()
                doorman.heed(_seen(number, person, clock.now()))
                doorman.run_once(0)
                spent.append(time.process_time() - begun)
                clock.sleep(_HALF_S)
                doorman.run_once(0)
                outbox.append([sample_event(2 * number + 1, outcome=outcome, utc=clock.now().utc)])
                clock.sleep(_HALF_S)
                if number % _TRIM_EVERY == 0:
                    progress("a week passes", 0.7 * number / passages)
                    dropped += outbox.trim(clock.now().utc, settings).dropped
            dropped += outbox.trim(clock.now().utc, settings).dropped
            kept = outbox.counters().pending
            begun = time.monotonic()
            heard, disorder = _told(outbox, broker.port, kept)
            telling = time.monotonic() - begun
    progress("the week is over", 1.0)
    return DoorWeek(
        passages=passages,
        decided=decided["PassageRecord"],
        opened=len(line.tokens),
        expected_openings=expected,
        kept=kept,
        dropped=dropped,
        heard=heard,
        out_of_order=disorder,
        deciding_ms=float(np.median(spent)) * 1000,
        telling_s=telling,
    )


def _told(outbox: Outbox, port: int, kept: int) -> tuple[int, int]:
    """Has everything told to the broker; how many different ones a subscriber hears, and how many in a wrong place."""
    with closing(Listener(port, "edged/door/+")) as listener:
        listener.connect()
        listening = threading.Thread(target=_hear, args=(listener, kept))
        listening.start()
        session = Session.of_device(MqttSettings(host="127.0.0.1", port=port), _TOPICS.device)
        session.connect(_CONNECT_S)
        with closing(session):
            publisher = Publisher(outbox, session, _TOPICS, outbox.acknowledge)
            publisher.start_over()
            while outbox.pending(limit=1):
                publisher.step(Moment(time.monotonic(), time.time()))
                notice = session.next_notice(1.0 if publisher.under_way else 0.0)
                while notice is not None:
                    if isinstance(notice, Published):
                        publisher.heed(notice)
                    notice = session.next_notice(0.0)
        listening.join()
        told = [item for item in listener.received if item.topic in _TOLD]
        messages = [(item.topic, json.loads(item.payload)) for item in told]
    disorder = 0
    for topic in {topic for topic, _ in messages}:
        numbers = list(dict.fromkeys(message["seq"] for its, message in messages if its == topic))
        disorder += sum(later < earlier for earlier, later in itertools.pairwise(numbers))
    return len({message["id"] for _, message in messages}), disorder


def _hear(listener: Listener, most: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while len(listener.received) < most and time.monotonic() < deadline:
        listener.collect(0.2)


def _seen(number: int, person: Person | None, at: Moment) -> Seen:
    """A face that has had its votes."""
    sighting = Sighting(
        track=number + 1,
        box=Box(250, 140, 390, 330),
        landmarks=_LANDMARKS,
        outcome=Outcome.KNOWN if person else Outcome.UNKNOWN,
        person=person,
        similarity=0.7 if person else 0.2,
        margin=0.1,
        threshold=0.45,
        confidence=0.99 if person else 0.0,
        visit=f"visit-{number}",
        face=_EMBEDDING if person else None,
        flaw=None,
    )
    return Seen(Frame(CAMERA, number, at, _BLACK), Look((), (sighting,)))
