"""The log in memory: what is kept, what is published, and how long a level holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from edged.mqtt.log_teller import LogTeller
from edged.runtime.deeds.log import LogDeeds, newest_within, to_be_said
from edged.runtime.log_ring import LogRing
from edged.wire.commands.journal import LogLevelAsked, LogTailAsked
from tests.runtime.hand_clock import HandClock

ROOM = logging.getLogger("edged.runtime.test_of_the_log")
TALKER = logging.getLogger("edged.runtime.talker")
CALL: Any = None
"""No request of these looks at it."""


@pytest.fixture
def ring() -> Iterator[LogRing]:
    ring = LogRing(lambda text: text.replace("hunter2", "********"))
    root, edged = logging.getLogger(), logging.getLogger("edged")
    before = edged.level
    root.addHandler(ring)
    edged.setLevel(logging.INFO)
    with closing(ring):
        yield ring
    root.removeHandler(ring)
    edged.setLevel(before)


def test_the_latest_lines_are_kept_whole_and_without_secrets(ring: LogRing) -> None:
    for number in range(1500):
        ROOM.info("line %d", number)
    assert [line.message for line in ring.tail(2)] == ["line 1498", "line 1499"]
    assert len(ring.tail(5000)) == 1000
    assert ring.tail(0) == []
    ROOM.warning("the password is %s", "hunter2")
    assert ring.tail(1)[0].message == "the password is ********"
    ROOM.info("x" * 100_000)
    assert len(ring.tail(1)[0].message) == 1000
    try:
        int("hunter2")
    except ValueError:
        ROOM.exception("a bug")
    assert ring.tail(1)[0].message.startswith("a bug\nTraceback")
    assert "hunter2" not in ring.tail(1)[0].message


def test_lines_are_chosen_by_level_and_by_room(ring: LogRing) -> None:
    ROOM.info("one")
    logging.getLogger("edged.runtimes").warning("two")
    ROOM.error("three")
    assert [line.message for line in ring.tail(9, level=logging.WARNING)] == ["two", "three"]
    assert [line.message for line in ring.tail(9, logger="edged.runtime")] == ["one", "three"]


def test_what_is_published_is_bounded_counted_and_never_about_publishing(ring: LogRing) -> None:
    ROOM.error("before")
    ring.publish = logging.INFO
    TALKER.info("a word was published")
    TALKER.warning("the broker hung up")
    for number in range(250):
        ROOM.info("line %d", number)
    ROOM.debug("not asked for")
    said = to_be_said(ring, 500)
    assert (len(said), said[0].dropped, said[1].dropped) == (200, 51, 0)
    assert [line.message for line in said] == [f"line {number}" for number in range(50, 250)]
    assert to_be_said(ring, 500) == []
    TALKER.warning("the broker hung up")
    assert [line.message for line in to_be_said(ring, 1)] == ["the broker hung up"]


class Broker:
    """Where a session would publish."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> int:
        assert (topic, qos, retain) == ("edged/door/log", 0, False)
        self.said.append(payload.decode())
        ROOM.info("published")  # as a careless library would
        return 1


def test_lines_leave_at_a_steady_pace_even_if_each_makes_another(ring: LogRing) -> None:
    clock, broker = HandClock(), Broker()
    teller = LogTeller(broker, "edged/door/log", lambda most: to_be_said(ring, most), lambda: clock.now().mono)
    ring.publish = logging.INFO
    for number in range(100):
        ROOM.info("line %d", number)
    teller.tell()
    assert len(broker.said) == 60
    teller.tell()
    assert len(broker.said) == 60
    for _second in range(10):
        clock.sleep(1)
        teller.tell()
    assert len(broker.said) == 60 + 200


def test_a_level_holds_for_its_time_and_then_the_documents_does(ring: LogRing) -> None:
    clock = HandClock()
    deeds = LogDeeds(ring, lambda: "info", clock)

    def level(**asked: Any) -> dict[str, Any]:
        return deeds.level(LogLevelAsked.model_validate(asked), CALL).model_dump()

    level(room="runtime", level="debug", for_s=60)
    level(level="error", publish="warning", for_s=90)
    assert ROOM.isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("edged.mqtt.session").isEnabledFor(logging.WARNING)
    now = level()
    assert (now["rooms"], now["everywhere"], now["publish"]) == ({"runtime": "debug"}, "error", "warning")
    assert datetime.fromisoformat(now["until"]).timestamp() == pytest.approx(clock.now().utc + 60)
    clock.sleep(61)
    deeds.settle()
    assert not ROOM.isEnabledFor(logging.WARNING), "as everywhere"
    clock.sleep(30)
    deeds.settle()
    now = level()
    assert (now["rooms"], now["everywhere"], now["publish"], now["until"]) == ({}, None, None, None)
    assert ring.publish is None
    assert logging.getLogger("edged").level == logging.NOTSET
    level(room="mqtt", level="debug")
    level(room="mqtt", level=None)
    assert logging.getLogger("edged.mqtt").level == logging.NOTSET


def test_a_tail_is_cut_to_what_fits_into_a_message(ring: LogRing) -> None:
    for number in range(1000):
        ROOM.info("%d %s", number, "ä" * 990)
    deeds = LogDeeds(ring, lambda: "info", HandClock())
    tail = deeds.tail(LogTailAsked(lines=1000), CALL)
    assert len(tail.model_dump_json().encode()) < 250_000
    assert tail.lines[-1].message.startswith("999 ")
    assert len(tail.lines) + tail.left_out == 1000
    assert newest_within(ring.tail(5), 0) == ()


def test_the_name_of_a_file_that_is_no_text_can_be_told(ring: LogRing) -> None:
    ring.publish = logging.INFO
    ROOM.warning("%s is passed over", b"/photos/\xff.jpg".decode(errors="surrogateescape"))
    (entry,), (line,) = newest_within(ring.tail(5), 1000), to_be_said(ring, 5)
    assert entry.message == line.message == "/photos/\\udcff.jpg is passed over"
    assert b"udcff" in line.encoded()
