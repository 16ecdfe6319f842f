"""The thread that speaks to the broker: states when they change, events from the outbox in order."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.gallery.shots import ShotStore
from edged.mqtt.flight import Arrived
from edged.mqtt.hearer import Hearer, Word
from edged.mqtt.hub_publisher import HubPublisher
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.outbox_reader import OutboxReader
from edged.mqtt.publisher import Publisher, Sender
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


class Talker:
    """Runs the session with the broker, and tries again when it is away.

    Args:
        outbox: the outbox's file; read on a connection of its own.
        acknowledge: told the numbers of the events that need not be kept any longer, see `mqtt.acknowledged_by`.
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
        self._settings = settings
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
        self._health_told: Moment | None = None
        self._present: dict[str, object] = {}
        self.connected = False
        """Whether there is a session with the broker now."""
        self.queues: Mapping[str, int] = MappingProxyType({})
        """What waits besides the outbox itself, see `Sender.queues`. Replaced as a whole; any thread may read it."""
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
        sender = self._sender(reader)
        self._hearers = (*self._hearers, *sender.hearers)
        try:
            worker.run(
                "broker",
                lambda: self._run_once(sender, reader, stop, backoff),
                stop=stop,
                backoff=backoff,
                conditions=self._conditions,
            )
        finally:
            self._session.close(_LAST_WORDS_S)
            reader.close()

    def _sender(self, reader: OutboxReader) -> Sender:
        if self._settings.acknowledged_by == "hub":
            return HubPublisher(reader, self._session, self._topics, self._acknowledge, self._arrived)
        return Publisher(reader, self._session, self._topics, self._acknowledge, self._arrived)

    def _run_once(self, sender: Sender, reader: OutboxReader, stop: Stop, backoff: Backoff) -> None:
        self.alive = self._clock.now()
        connected = self._session.connect(_CONNECT_S)
        log.info("connected to the broker, MQTT %s", connected.protocol)
        self._conditions.end("broker")
        backoff.worked()
        self.connected = True
        try:
            sender.start_over()
            self._health_told = None
            self._update_states(reader)
            self._states.announce()
            for hearer in self._hearers:
                hearer.listen()
            while not stop.is_set():
                self._round(sender, _ROUND_S)
                self._update_states(reader)
                self._states.publish()
            self._drain(sender, reader)
        finally:
            self.connected = False

    def _round(self, sender: Sender, seconds: float) -> None:
        """Sends what waits, and hears what the broker has to say, waiting so long for it."""
        self.alive = self._clock.now()
        self._send_events(sender)
        for heeded in range(_MOST_NOTICES):
            notice = self._session.next_notice(0 if heeded else seconds)
            match notice:
                case None:
                    break
                case Published():
                    sender.heed(notice)
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
        self._send_events(sender)

    def _do_what_was_asked(self) -> None:
        """By other threads."""
        if self._listen_anew:
            self._listen_anew = False
            for hearer in self._hearers:
                hearer.listen()
        if self._announce_anew:
            self._announce_anew = False
            self._states.announce()

    def _send_events(self, sender: Sender) -> None:
        if self._holds_events():
            self._held = True
            return
        if self._held:
            self._held = False
            sender.start_over()  # what has waited is marked so
        now = self._clock.now()
        sender.step(now)
        self.queues = sender.queues
        fault = sender.fault(now)
        if fault is None:
            self._conditions.end("hub.events")
        else:
            self._conditions.begin("hub.events", fault)

    def _say_what_waits(self) -> None:
        with suppress(Empty):
            while True:
                word = self._words.get_nowait()
                self._session.publish(
                    word.topic, word.payload, qos=word.qos, retain=word.retain, correlation=word.correlation
                )

    def _drain(self, sender: Sender, reader: OutboxReader) -> None:
        """The last events of a daemon that stops; what does not get through waits for the next start."""
        deadline = self._clock.now().mono + _LAST_DRAIN_S
        while (sender.under_way or reader.pending(limit=1)) and self._clock.now().mono < deadline:
            self._round(sender, 0.05)
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
            self._states.put(topics.health, pulse.health(reader.counters(), self.queues))

    def _arrived(self, event: Arrived) -> None:
        """The broker has it."""
        if event.camera:
            self._stages.add("publish", event.camera, max(0.0, self._clock.now().utc - event.decided))
        picture = self._shots.picture(event.id) if self._publish_image() else None
        if picture is not None:
            for topic in (self._topics.image(event.id), self._topics.camera_face(event.camera)):
                self._session.publish(topic, picture, qos=0, retain=False)
