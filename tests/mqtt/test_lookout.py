"""A session that sees what stands on many topics, on a real broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from edged.config.document import BrokerSettings
from edged.domain.errors import Unavailable
from edged.fleet.census import Census
from edged.mqtt.lookout import Lookout
from edged.runtime.mosquitto import Mosquitto


@pytest.fixture
def lookout(broker: Mosquitto) -> Iterator[Lookout]:
    settings = BrokerSettings(enabled=True, host="127.0.0.1", port=broker.port)
    with closing(Lookout(settings, "somebody", Census("edged"))) as found:
        found.connect()
        yield found


def say(lookout: Lookout) -> None:
    lookout.say("edged/door/config/desired", b"")


@pytest.mark.parametrize("act", [say, Lookout.refresh])
def test_whoever_finds_the_connection_gone_knows_that_it_is(
    lookout: Lookout, broker: Mosquitto, act: Callable[[Lookout], None]
) -> None:
    def act_on() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            act(lookout)
            time.sleep(0.02)

    broker.stop()
    with pytest.raises(Unavailable):
        act_on()
    assert not lookout.is_connected


def test_two_programs_with_one_login_are_told_what_may_be_wrong(broker: Mosquitto) -> None:
    settings = BrokerSettings(enabled=True, host="127.0.0.1", port=broker.port, username="anna")
    with (
        closing(Lookout(settings, "same", Census("edged"))) as first,
        closing(Lookout(settings, "same", Census("edged"))) as second,
    ):
        first.connect()
        second.connect()
        with pytest.raises(Unavailable, match="so soon; is another program there as anna"):
            first.look(30)
