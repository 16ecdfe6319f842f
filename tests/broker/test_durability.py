"""The traps of docs/broker.md: what was acknowledged survives a kill, with the settings as shipped and only so."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing, suppress

import pytest

from edged.domain.errors import Unavailable
from edged.measure.peer import Peer
from tests.broker.conftest import Place

MESSAGES = 100
ORDERS = [f"order {number}".encode() for number in range(MESSAGES)]
KEPT_S = 600


def _without(place: Place, *words: str) -> None:
    """Takes settings out of the configuration as shipped."""
    config = place.broker.root / "etc/mosquitto/conf.d/edged.conf"
    text, count = re.subn(rf"(?m)^({'|'.join(words)}) .*\n", "", config.read_text())
    assert count == len(words)
    config.write_text(text)


def _orders_for_a_device_that_is_away(place: Place) -> None:
    with closing(place.peer("door", expiry_s=KEPT_S)) as door:
        door.connect()
        door.hear("edged/door/request/sync", "edged/door/config/desired")
    with closing(place.peer("anna")) as anna:
        anna.connect()
        anna.say("edged/door/config/desired", b"desired", retain=True)
        for order in ORDERS:
            anna.say("edged/door/request/sync", order)
        anna.settle()
        # The broker writes before it turns to what comes next: once this is answered, the above is on its disk.
        anna.say("edged/_group/doors/request/sync", b"one more")
        anna.settle()


def _what_the_device_finds(place: Place) -> list[bytes]:
    with closing(place.peer("door", expiry_s=KEPT_S)) as door:
        door.connect()
        door.hear("edged/door/doctor")
        door.say("edged/door/doctor", b"that was all")
        door.until(b"that was all")
        return [message.payload for message in door.heard[:-1]]


def test_what_was_acknowledged_survives_a_kill(place: Place) -> None:
    with place.broker:
        _orders_for_a_device_that_is_away(place)
        place.broker.kill()
        place.broker.start()
        assert _what_the_device_finds(place) == [b"desired", *ORDERS]


def test_with_debians_settings_it_does_not(place: Place) -> None:
    _without(place, "autosave_on_changes", "autosave_interval")
    with place.broker:
        _orders_for_a_device_that_is_away(place)
        place.broker.kill()
        place.broker.start()
        assert _what_the_device_finds(place) == []


def test_a_session_survives_a_restart_and_hears_what_is_said_before_the_device_is_back(place: Place) -> None:
    with place.broker:
        with closing(place.peer("door", expiry_s=KEPT_S)) as door:
            door.connect()
            door.hear("edged/door/request/sync")
        place.broker.stop()
        place.broker.start()
        # The broker knows the device from its store only: that it may hear this has to stand there, too.
        with closing(place.peer("anna")) as anna:
            anna.connect()
            anna.say("edged/door/request/sync", b"after the restart")
            anna.settle()
        door = place.peer("door", expiry_s=KEPT_S)
        assert door.connect().session_present
        door.until(b"after the restart")
        door.close()


def test_a_desired_document_waits_for_a_device_that_was_never_there(connected: Callable[..., Peer]) -> None:
    anna = connected("anna")
    anna.say("edged/gate/config/desired", b"desired", retain=True)
    anna.settle()
    gate = connected("gate")
    gate.hear("edged/gate/config/desired")
    gate.until(b"desired")
    assert gate.heard[0].retained


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_message_that_is_too_large_is_not_taken(connected: Callable[..., Peer], protocol: str) -> None:
    anna = connected("anna")
    anna.hear("edged/door/#")
    door = connected("door", protocol=protocol)
    door.say("edged/door/image/1", bytes(1_000_000))
    door.settle()
    with suppress(Unavailable):  # the broker may hang up in the middle of it
        door.say("edged/door/image/2", bytes(1_100_000))
    door.collect(15.0)
    assert door.cut
    door.connect()
    door.say("edged/door/log", b"after it")
    door.settle()
    anna.until(b"after it")
    # A client of edged takes no more than 256 KiB, so that what was allowed is in nobody's hands here, either.
    assert [message.topic for message in anna.heard] == ["edged/door/log"]


def test_what_waits_for_a_device_that_is_away_has_an_end(place: Place) -> None:
    config = place.broker.root / "etc/mosquitto/conf.d/edged.conf"
    shipped = config.read_text()
    kept = int(re.findall(r"(?m)^max_queued_messages (\d+)$", shipped)[0])
    assert 0 < kept <= 10_000, "as shipped it is finite, and too much to be filled in a test"
    assert 0 < int(re.findall(r"(?m)^max_queued_bytes (\d+)$", shipped)[0]) <= 16 << 20
    config.write_text(shipped.replace(f"max_queued_messages {kept}", "max_queued_messages 30"))
    with place.broker:
        _orders_for_a_device_that_is_away(place)
        assert _what_the_device_finds(place) == [b"desired", *ORDERS[:29]]
