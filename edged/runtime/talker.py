"""The thread that speaks to the broker: states when they change, events from the outbox in order."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.gallery.shots import ShotStore
from edged.mqtt.hearer import Hearer, Word
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.outbox_reader import OutboxReader, StoredEvent
from edged.mqtt.publisher import Publisher
from edged.mqtt.session import Session
from edged.mqtt.states import States
from edged.runtime import worker
from edged.runtime.backoff import Backoff
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.pulse import Pulse
from edged.runtime.stages import Stages
from edged.runtime.stop import Stop
from edged.wire.topics import Topics

log = logging.getLogger(__name__)

_CONNECT_S: Final = 4.0
"""Less than the watchdog's patience also when it takes two: MQTT 5 and then 3.1.1."""
_ROUND_S: Final = 0.25
_HEALTH_S: Final = 30.0
_LAST_DRAIN_S: Final = 0.5
_LAST_WORDS_S: Final = 0.3
_MOST_NOTICES: Final = 200
"""So many are heeded before events and states get their turn again: a flood of messages must not hold them up."""
MOST_WORDS: Final = 1000
"""So many may wait to be said once."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An event under way, as far as it matters when the broker has it."""

    id: str
    camera: str
    decided: datetime


class Talker:
    """Runs the session with the broker, and tries again when it is away.

    Args:
        outbox: the outbox's file; read on a connection of its own.
        acknowledge: told the numbers of the events that the broker has.
        publish_image: whether the document asks for the best shots' pictures now.
        hearers: gives those who hear on the session.
        holds_events: whether events are to wait although there is a session; asked at every round.
        standing: further topics and what is to stand there, retained; asked at every round, so it must be cheap.
    """

    def __init__(
        self,
        settings: MqttSettings,
        device: str,
        *,
        pulse: Pulse,
        outbox: Path,
        shots: ShotStore,
        acknowledge: Callable[[Sequence[int]], None],
        publish_image: Callable[[], bool],
        clock: Clock,
        conditions: Conditions,
        stages: Stages,
        hearers: Callable[[Session], Sequence[Hearer]] = lambda _session: (),
        standing: Callable[[], Mapping[str, bytes]] = dict,
        holds_events: Callable[[], bool] = lambda: False,
    ) -> None:
        self._session = Session.of_device(settings, device)
        self._topics = Topics(settings.prefix, device)
        self._states = States(self._session, self._topics)
        self._hearers = hearers(self._session)
        self._standing = standing
        self._holds_events = holds_events
        self._held = False
        self._words: SimpleQueue[Word] = SimpleQueue()
        self._listen_anew = False
        self._announce_anew = False
        self._pulse = pulse
        self._outbox = outbox
        self._shots = shots
        self._acknowledge = acknowledge
        self._publish_image = publish_image
        self._clock = clock
        self._conditions = conditions
        self._stages = stages
        self._under_way: dict[int, _Told] = {}
        self._health_told: Moment | None = None
        self._present: dict[str, object] = {}
        self.connected = False
        """Whether there is a session with the broker now."""
        self.alive = clock.now()
        """When this thread last came round: proof of work for the watchdog."""

    def wake(self) -> None:
        """There is something to say. Any thread; returns at once."""
        self._session.wake()

    def say(self, word: Word) -> None:
        """Has something said once, when there is a connection, the oldest first. Any thread; returns at once.

        Whatever waits beyond MOST_WORDS is dropped and logged.
        """
        if self._words.qsize() >= MOST_WORDS:
            log.warning("too much waits to be said: a word to %s is dropped", word.topic)
            return
        self._words.put(word)
        self._session.wake()

    def listen_anew(self) -> None:
        """What the hearers are to hear has changed. Any thread; returns at once."""
        self._listen_anew = True
        self._session.wake()

    def announce_anew(self) -> None:
        """Every retained topic is to be sent again. Any thread; returns at once."""
        self._announce_anew = True
        self._session.wake()

    def run(self, stop: Stop) -> None:
        """Speaks until `stop`, then sends what it can within half a second and says goodbye. Blocks."""
        backoff = Backoff(0.5, 8.0, random.Random())  # noqa: S311  jitter, not a secret
        reader = OutboxReader.open(self._outbox)
        try:
            worker.run(
                "broker",
                lambda: self._run_once(reader, stop, backoff),
                stop=stop,
                backoff=backoff,
                conditions=self._conditions,
            )
        finally:
            self._session.close(_LAST_WORDS_S)
            reader.close()

    def _run_once(self, reader: OutboxReader, stop: Stop, backoff: Backoff) -> None:
        self.alive = self._clock.now()
        connected = self._session.connect(_CONNECT_S)
        log.info("connected to the broker, MQTT %s", connected.protocol)
        self._conditions.end("broker")
        backoff.worked()
        self.connected = True
        try:
            publisher = Publisher(_Noted(reader, self._under_way), self._session, self._topics, self._taken)
            self._under_way.clear()
            publisher.start_over()
            self._health_told = None
            self._update_states(reader)
            self._states.announce()
            for hearer in self._hearers:
                hearer.listen()
            while not stop.is_set():
                self._round(publisher, _ROUND_S)
                self._update_states(reader)
                self._states.publish()
            self._drain(publisher, reader)
        finally:
            self.connected = False

    def _round(self, publisher: Publisher, seconds: float) -> None:
        """Sends what waits, and hears what the broker has to say, waiting so long for it."""
        self.alive = self._clock.now()
        self._send_events(publisher)
        for heeded in range(_MOST_NOTICES):
            notice = self._session.next_notice(0 if heeded else seconds)
            match notice:
                case None:
                    break
                case Published():
                    publisher.heed(notice)
                case Received() | Subscribed():
                    for hearer in self._hearers:
                        hearer.heed(notice)
                case Disconnected():
                    raise Unavailable(f"the broker hung up: {notice.reason}", "Its log says why; edged goes on trying")
                case _:
                    pass
        for hearer in self._hearers:
            hearer.tell()
        self._do_what_was_asked()
        self._say_what_waits()
        self._send_events(publisher)

    def _do_what_was_asked(self) -> None:
        """By other threads."""
        if self._listen_anew:
            self._listen_anew = False
            for hearer in self._hearers:
                hearer.listen()
        if self._announce_anew:
            self._announce_anew = False
            self._states.announce()

    def _send_events(self, publisher: Publisher) -> None:
        if self._holds_events():
            self._held = True
            return
        if self._held:
            self._held = False
            publisher.start_over()  # what has waited is marked so
        publisher.step(self._clock.now().utc)

    def _say_what_waits(self) -> None:
        with suppress(Empty):
            while True:
                word = self._words.get_nowait()
                self._session.publish(
                    word.topic, word.payload, qos=word.qos, retain=word.retain, correlation=word.correlation
                )

    def _drain(self, publisher: Publisher, reader: OutboxReader) -> None:
        """The last events of a daemon that stops; what does not get through waits for the next start."""
        deadline = self._clock.now().mono + _LAST_DRAIN_S
        while (self._under_way or reader.pending(limit=1)) and self._clock.now().mono < deadline:
            self._round(publisher, 0.05)
        self._update_states(reader)
        self._states.publish()

    def _update_states(self, reader: OutboxReader) -> None:
        now = self._clock.now()
        topics, pulse = self._topics, self._pulse
        self._states.put(topics.info, pulse.info())
        self._states.put(topics.index, pulse.index())
        for topic, payload in self._standing().items():
            self._states.put_encoded(topic, payload)
        for camera, status in pulse.cameras().items():
            self._states.put(topics.camera_status(camera), status)
            presence = pulse.presence(camera)
            without_time = presence.model_dump(exclude={"at"})
            if self._present.get(camera) != without_time:
                self._present[camera] = without_time
                self._states.put(topics.camera_presence(camera), presence)
        if self._health_told is None or now.mono - self._health_told.mono >= _HEALTH_S:
            self._health_told = now
            self._states.put(topics.health, pulse.health(reader.counters()))

    def _taken(self, numbers: Sequence[int]) -> None:
        """The broker has these events."""
        self._acknowledge(numbers)
        now = self._clock.now().utc
        for number in numbers:
            told = self._under_way.pop(number)
            self._stages.add("publish", told.camera, max(0.0, now - told.decided.timestamp()))
            picture = self._shots.picture(told.id) if self._publish_image() else None
            if picture is not None:
                for topic in (self._topics.image(told.id), self._topics.camera_face(told.camera)):
                    self._session.publish(topic, picture, qos=0, retain=False)


class _Noted:
    """The outbox's reader, with a note of what was given out for sending."""

    def __init__(self, reader: OutboxReader, under_way: dict[int, _Told]) -> None:
        self._reader = reader
        self._under_way = under_way

    def pending(self, *, after: int = 0, limit: int) -> list[StoredEvent]:
        events = self._reader.pending(after=after, limit=limit)
        for event in events:
            self._under_way[event.number] = _Told(event.record.id, event.record.camera, event.record.at.decided)
        return events

    def newest(self) -> int:
        return self._reader.newest()
