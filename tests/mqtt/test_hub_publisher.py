"""Whatever becomes of the broker's answers, the hub's acknowledgements and the connection: an event leaves the outbox
when the hub has stored it, and not before.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edged.config.document import EventSettings, MqttSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Moment
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.flight import Arrived, Line
from edged.mqtt.forgetting import forget_person
from edged.mqtt.hub_publisher import LATE_S, PATIENCE_S, UNACKNOWLEDGED, HubPublisher
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.outbox import Outbox
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.event import message_of, record_of
from edged.wire.event_ack import MAX_ACK_BYTES, MOST_IDS, EventAck
from edged.wire.topics import Topics
from tests.mqtt.pretend_line import PretendLine

TOPICS = Topics("edged", "door")
WINDOW = 6
DAY_S = 86_400.0
PAYLOAD = message_of(
    record_of(sample_event(9)), device="door", boot="b1", seq=9, published=SAMPLE_UTC, replayed=False
).encoded()


class Site:
    """A device with an outbox, a broker that is only pretended, and what the hub has."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.db"
        self.outbox = Outbox.open(self.path, "b1", now=SAMPLE_UTC, reserve_bytes=65_536)
        self.line = PretendLine()
        self.settled: list[int] = []
        self.arrived: list[Arrived] = []
        self.keeps = True
        self.publisher = HubPublisher(
            self.outbox, self.line, TOPICS, self._acknowledge, self.arrived.append, window=WINDOW
        )
        self.mono = 1000.0
        self.publisher.start_over()

    @property
    def now(self) -> Moment:
        return Moment(self.mono, SAMPLE_UTC + self.mono)

    def append(self, *numbers: int) -> None:
        self.outbox.append([sample_event(number) for number in numbers])

    def step(self, seconds: float = 0.0) -> None:
        self.mono += seconds
        self.publisher.step(self.now)

    def answer(self, mid: int | None = None, refusal: str = "") -> str:
        """The broker answers a publication, the oldest unless one is named; the event's id."""
        mid = next(iter(self.line.unanswered)) if mid is None else mid
        event = self.line.unanswered.pop(mid)
        self.publisher.heed(Published(mid, refusal))
        return event.id

    def answer_all(self) -> list[str]:
        ids = []
        while self.line.unanswered:
            ids += [self.answer() for _ in tuple(self.line.unanswered)]
            self.step()
        return ids

    def hear(self, payload: bytes, *, topic: str = TOPICS.event_ack, retained: bool = False) -> None:
        (ear,) = self.publisher.hearers
        ear.heed(Received(topic, payload, retained))
        ear.tell()

    def acknowledge(self, *ids: str) -> None:
        self.hear(EventAck(ids=ids).encoded())
        self.step()

    def reconnect(self) -> None:
        self.line.reconnect()
        self.publisher.start_over()

    @property
    def waiting(self) -> int:
        return self.publisher.queues[UNACKNOWLEDGED]

    def pending(self) -> list[int]:
        return [event.number for event in self.outbox.pending(limit=1000)]

    def said(self) -> list[tuple[int, bool]]:
        return [(event.seq, event.replayed) for event in self.line.said]

    def _acknowledge(self, numbers: Sequence[int]) -> None:
        self.settled += numbers
        if self.keeps:
            self.outbox.acknowledge(numbers)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with closing(site.outbox):
        yield site


def _ids(*numbers: int) -> list[str]:
    return [sample_event(number).id for number in numbers]


def test_the_brokers_answer_makes_room_and_frees_nothing(site: Site) -> None:
    site.append(*range(1, 6))
    site.step()
    assert site.said() == [(number, False) for number in range(1, 5)], "as many as may be under way"
    assert site.answer_all() == _ids(1, 2, 3, 4, 5)
    assert (site.pending(), site.waiting) == ([1, 2, 3, 4, 5], 5)
    site.acknowledge(*_ids(2, 1))
    assert (site.pending(), site.waiting) == ([3, 4, 5], 3)


def test_no_more_than_the_window_is_sent_before_the_hub_says_something(site: Site) -> None:
    site.append(*range(1, 11))
    site.step()
    site.answer_all()
    assert len(site.line.said) == WINDOW
    site.acknowledge(*_ids(1))
    assert site.said()[-1] == (WINDOW + 1, False)


def test_while_the_hub_is_silent_the_oldest_alone_is_sent_again_and_ever_more_seldom(site: Site) -> None:
    site.append(1, 2, 3)
    site.step()
    site.answer_all()
    for wait in (PATIENCE_S, 2 * PATIENCE_S, 4 * PATIENCE_S, 8 * PATIENCE_S, 240, 240):
        said = len(site.line.said)
        site.step(wait - 1)
        assert len(site.line.said) == said
        site.step(1)
        assert site.said()[said:] == [(1, True)]
        site.answer()


def test_what_the_hub_has_passed_over_is_sent_again(site: Site) -> None:
    site.append(1, 2, 3)
    site.step()
    site.answer_all()
    site.step(1)
    site.acknowledge(*_ids(2))
    site.step(PATIENCE_S)
    assert site.said()[3:] == [(1, True), (3, True)]
    assert site.publisher.under_way == 2
    site.answer_all()
    site.step(2 * PATIENCE_S)
    assert site.said()[5:] == [(1, True)], "since then the hub has said nothing"


def test_what_the_broker_has_not_answered_is_not_sent_beside_it(site: Site) -> None:
    site.append(1)
    site.step()
    site.step(100 * PATIENCE_S)
    assert len(site.line.said) == 1


def test_after_a_lost_connection_all_is_sent_again_in_order_before_what_is_new(site: Site) -> None:
    site.append(*range(1, 6))
    site.step()
    site.answer_all()
    site.acknowledge(*_ids(3))
    site.append(6, 7)
    site.reconnect()
    site.step()
    site.answer_all()
    assert site.said()[5:] == [(seq, True) for seq in (1, 2, 4, 5, 6, 7)]


def test_an_acknowledgement_that_comes_after_the_connection_broke_counts(site: Site) -> None:
    site.append(1, 2)
    site.step()
    site.reconnect()
    site.hear(EventAck(ids=tuple(_ids(1))).encoded())
    site.step()
    assert site.pending() == [2]
    assert site.said()[2:] == [(2, True)]


def test_an_acknowledgement_before_the_brokers_own_answer_counts(site: Site) -> None:
    site.append(1)
    site.step()
    site.acknowledge(*_ids(1))
    assert (site.pending(), site.publisher.under_way) == ([], 1)
    site.answer()
    assert [arrived.id for arrived in site.arrived] == _ids(1)


def test_an_event_arrives_once_however_often_it_is_sent(site: Site) -> None:
    site.append(1)
    site.step()
    site.answer()
    site.step(PATIENCE_S)
    site.answer()
    site.reconnect()
    site.step()
    site.answer()
    assert [(arrived.number, arrived.published) for arrived in site.arrived] == [(1, SAMPLE_UTC + 1000.0)]


def test_what_the_outbox_could_not_note_is_noted_after_the_next_connection_and_not_sent_again(site: Site) -> None:
    site.append(1, 2)
    site.step()
    site.keeps = False
    site.acknowledge(*_ids(1))
    assert site.pending() == [1, 2]
    site.keeps = True
    site.reconnect()
    site.step()
    site.step()
    assert site.pending() == [2]
    assert [seq for seq, _ in site.said()] == [1, 2, 2]


def test_what_had_to_go_from_the_outbox_makes_room(site: Site) -> None:
    site.append(*range(1, WINDOW + 1))
    site.step()
    site.answer_all()
    site.outbox.trim(SAMPLE_UTC + 40 * DAY_S, EventSettings())
    site.outbox.append([sample_event(99, utc=SAMPLE_UTC + 40 * DAY_S)])
    site.step(PATIENCE_S)
    site.step()
    assert site.waiting <= WINDOW
    assert site.said()[WINDOW:] == [(WINDOW + 1, False)]
    site.reconnect()
    site.step()
    assert (site.waiting, site.said()[-1]) == (1, (WINDOW + 1, True))


def test_whoever_was_forgotten_meanwhile_is_not_named_again(site: Site) -> None:
    event = sample_event(1)
    assert event.best is not None
    site.append(1)
    site.step()
    site.answer()
    assert forget_person(site.path, event.best.person.id).events == 1
    with closing(sqlite3.connect(site.path)) as connection:
        assert connection.execute("SELECT json_extract(record, '$.best') FROM event").fetchall() == [(None,)]
    site.step(PATIENCE_S)
    assert site.said() == [(1, False), (1, True)]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"v":2,"ids":[]}',
        b'{"v":1}',
        b'{"v":1,"ids":"all"}',
        b'{"v":1,"ids":[7]}',
        b'{"v":1,"ids":["' + b"a" * 65 + b'"]}',
        b'{"v":1,"ids":["*"]}',
        b'{"v":1,"ids":' + b"[" * 5000,
        EventAck(ids=tuple(_ids(1))).encoded() + b" " * MAX_ACK_BYTES,
        b'{"v":1,"ids":[' + b",".join([b'"a"'] * (MOST_IDS + 1)) + b"]}",
    ],
)
def test_what_is_no_acknowledgement_frees_nothing(site: Site, payload: bytes, caplog: pytest.LogCaptureFixture) -> None:
    site.append(1)
    site.step()
    for _ in range(3):
        site.hear(payload)
    site.step()
    assert site.pending() == [1]
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_what_was_not_sent_or_is_retained_or_elsewhere_frees_nothing(site: Site) -> None:
    site.append(*range(1, 10))
    site.step()
    site.acknowledge(*_ids(9, 77))
    assert site.publisher.strange == 2
    site.hear(EventAck(ids=tuple(_ids(1))).encoded(), retained=True)
    site.hear(EventAck(ids=tuple(_ids(1))).encoded(), topic="edged/gate/event/ack")
    site.step()
    assert site.pending() == list(range(1, 10))
    site.acknowledge(*_ids(1), *_ids(1))
    site.acknowledge(*_ids(1))
    assert (site.settled, site.publisher.strange) == ([1], 4)


def test_a_broker_that_does_not_take_events_is_named(site: Site) -> None:
    site.append(1)
    site.step()
    with pytest.raises(Refused, match="does not take what is said"):
        site.answer(refusal="not authorized")


def test_a_hub_that_says_nothing_is_a_fault_after_a_while_until_it_does(site: Site) -> None:
    site.append(1)
    site.step()
    site.answer()
    site.step(LATE_S - 1)
    assert site.publisher.fault(site.now) is None
    site.step(1)
    fault = site.publisher.fault(site.now)
    assert fault is not None
    assert "no hub has acknowledged" in fault.what
    assert "mqtt.events: true" in fault.remedy
    site.reconnect()
    site.step()
    assert site.publisher.fault(site.now) is not None, "a new connection alone makes nothing well"
    site.acknowledge(*_ids(1))
    assert site.publisher.fault(site.now) is None


def test_a_broker_that_was_away_is_not_the_hubs_fault(site: Site) -> None:
    site.append(1)
    site.step()
    site.mono += 10 * LATE_S
    site.reconnect()
    site.step()
    assert site.publisher.fault(site.now) is None
    site.step(LATE_S)
    assert site.publisher.fault(site.now) is not None


def test_an_event_that_the_hub_leaves_out_is_another_fault(site: Site) -> None:
    site.append(*range(1, 5))
    site.step()
    site.answer_all()
    site.step(LATE_S)
    site.acknowledge(*_ids(2, 3))
    fault = site.publisher.fault(site.now)
    assert fault is not None
    assert "leaves some out" in fault.what


def test_a_broker_that_does_not_let_us_read_acknowledgements_is_a_fault(site: Site) -> None:
    (ear,) = site.publisher.hearers
    ear.listen()
    assert site.line.topics == [TOPICS.event_ack]
    ear.heed(Subscribed(1, "not authorized"))
    fault = site.publisher.fault(site.now)
    assert isinstance(fault, Refused)
    assert TOPICS.event_ack in fault.what
    ear.heed(Subscribed(1))
    assert site.publisher.fault(site.now) is None


class AnyOrder(RuleBasedStateMachine):
    """What happens to an event comes in any order, twice, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.site = Site(Path(self.folder.name))
        self.accepted = 0
        self.at_hub: set[str] = set()
        self.stored: set[str] = set()
        self.acks: list[tuple[str, ...]] = []
        self.checked = 0

    def teardown(self) -> None:
        try:
            self.end_well()
        finally:
            self.site.outbox.close()
            self.folder.cleanup()

    @rule(count=some.integers(1, 4))
    def append(self, count: int) -> None:
        self.site.append(*range(self.accepted + 1, self.accepted + count + 1))
        self.accepted += count

    @rule(seconds=some.sampled_from([0.0, 1.0, PATIENCE_S, 100.0]))
    def step(self, seconds: float) -> None:
        self.site.step(seconds)

    @precondition(lambda self: self.site.line.unanswered)
    @rule(which=some.integers(0, 99), comes_through=some.booleans())
    def broker_answers(self, which: int, comes_through: bool) -> None:
        mids = list(self.site.line.unanswered)
        event = self.site.answer(mids[which % len(mids)])
        if comes_through:  # else it is one of those that a broker has taken and forgets
            self.at_hub.add(event)

    @precondition(lambda self: self.at_hub)
    @rule()
    def hub_stores(self) -> None:
        self.stored |= self.at_hub
        self.acks.append(tuple(sorted(self.at_hub)))
        self.at_hub = set()

    @precondition(lambda self: self.acks)
    @rule(which=some.integers(0, 99), again=some.booleans())
    def acknowledgement_comes(self, which: int, again: bool) -> None:
        ack = self.acks[which % len(self.acks)]
        if not again:
            self.acks.remove(ack)
        self.site.hear(EventAck(ids=ack).encoded())

    @precondition(lambda self: self.acks)
    @rule()
    def acknowledgement_is_lost(self) -> None:
        self.acks.pop()

    @precondition(lambda self: self.at_hub)
    @rule()
    def hub_is_killed(self) -> None:
        self.at_hub = set()

    @rule(payload=some.sampled_from([b"", EventAck(ids=("nobodys",)).encoded(), b'{"v":1,"ids":[1]}']))
    def somebody_talks(self, payload: bytes) -> None:
        self.site.hear(payload)

    @rule(some_came=some.booleans())
    def connection_breaks(self, some_came: bool) -> None:
        if some_came:  # the broker had them, and only its answers are lost
            self.at_hub |= {event.id for event in self.site.line.unanswered.values()}
        self.site.reconnect()

    @rule(keeps=some.booleans())
    def disk(self, keeps: bool) -> None:
        self.site.keeps = keeps

    @invariant()
    def nothing_leaves_before_the_hub_has_it(self) -> None:
        ids = set(_ids(*self.site.settled))  # numbers and sample events count alike
        assert ids <= self.stored
        assert set(range(1, self.accepted + 1)) - set(self.site.settled) <= set(self.site.pending())

    @invariant()
    def bounds_are_kept(self) -> None:
        assert len(self.site.line.unanswered) <= self.site.line.inflight
        assert self.site.waiting <= WINDOW

    @invariant()
    def seq_rises_without_the_repeats_and_repeats_are_marked(self) -> None:
        said = self.site.said()
        first = list(dict.fromkeys(seq for seq, _ in said))
        assert first == sorted(first)
        for place in range(self.checked, len(said)):
            seq, replayed = said[place]
            assert replayed or seq not in {before for before, _ in said[:place]}
        self.checked = len(said)

    def end_well(self) -> None:
        """From now on everything works."""
        self.site.keeps = True
        self.site.reconnect()
        for _ in range(self.accepted + 10):
            self.site.step(2 * PATIENCE_S)
            while self.site.line.unanswered:
                event = self.site.answer()
                self.stored.add(event)
                self.site.hear(EventAck(ids=(event,)).encoded())
        self.site.step()
        assert self.site.pending() == []
        assert self.site.waiting == 0
        self.nothing_leaves_before_the_hub_has_it()
        assert sorted({seq for seq, _ in self.site.said()}) == list(range(1, self.accepted + 1))


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase


@pytest.fixture(params=["pretended", "real"])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Line, Callable[[], None]]]:
    """A line, and what ends its connection."""
    if request.param == "pretended":
        pretended = PretendLine()

        def hang_up() -> None:
            pretended.is_connected = False

        yield pretended, hang_up
        return
    with (
        Mosquitto(tmp_path) as broker,
        closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "door", inflight=4)) as session,
    ):
        session.connect(15.0)

        def stop() -> None:
            broker.kill()
            deadline = time.monotonic() + 15.0
            while not isinstance(session.next_notice(1.0), Disconnected):
                assert time.monotonic() < deadline

        yield session, stop


def test_a_pretended_line_is_like_a_real_one(tmp_path: Path, line: tuple[Line, Callable[[], None]]) -> None:
    session, hang_up = line
    assert session.inflight == 4
    subscribed = session.subscribe(TOPICS.event_ack, qos=1)
    with closing(Outbox.open(tmp_path / "events.db", "b1", now=SAMPLE_UTC, reserve_bytes=65_536)) as outbox:
        outbox.append([sample_event(1), sample_event(2)])
        publisher = HubPublisher(outbox, session, TOPICS, outbox.acknowledge, lambda _: None)
        publisher.start_over()
        publisher.step(Moment(0.0, SAMPLE_UTC))
        assert publisher.under_way == 2
        assert session.publish(TOPICS.event, PAYLOAD, qos=1, retain=False) != subscribed
        hang_up()
        publisher.start_over()
        with pytest.raises(Unavailable):
            publisher.step(Moment(1.0, SAMPLE_UTC))
        with pytest.raises(Unavailable):
            session.subscribe(TOPICS.event_ack, qos=1)
