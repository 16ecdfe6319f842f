"""A session that sees what stands on the broker as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.domain.errors import Refused, Unavailable
from edged.mqtt.lookout import Gathers, Lookout
from edged.mqtt.notice import Published
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto


class Seen:
    """Keeps what it is given."""

    topics = ("a/+", "b/+")

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.forgotten = 0

    def heed(self, topic: str, payload: bytes) -> str:
        self.messages[topic] = payload
        return topic

    def forget(self) -> None:
        self.messages.clear()
        self.forgotten += 1


_seen: Gathers = Seen()  # mypy: it is one


def settings(broker: Mosquitto) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port)


def say(broker: Mosquitto, **messages: bytes) -> None:
    with closing(Session(settings(broker), "somebody")) as session:
        session.connect(10)
        mids = {session.publish(topic.replace("_", "/"), said, qos=1, retain=True) for topic, said in messages.items()}
        while mids:
            notice = session.next_notice(10)
            if isinstance(notice, Published):
                mids.discard(notice.mid)


def look_until(lookout: Lookout, wanted: set[str]) -> set[str]:
    """Of whom something came, until it came of all that are wanted."""
    found: set[str] = set()
    deadline = time.monotonic() + 30
    while not wanted <= found and time.monotonic() < deadline:
        found |= lookout.look(1.0)
    return found


@pytest.fixture
def looking(broker: Mosquitto) -> Iterator[tuple[Lookout, Seen]]:
    seen = Seen()
    with closing(Lookout(settings(broker), "lookout", seen)) as lookout:
        yield lookout, seen


def test_when_it_is_connected_everything_that_stands_was_seen(broker: Mosquitto, looking: tuple[Lookout, Seen]) -> None:
    lookout, seen = looking
    many = {f"{first}_{number}": b"x" * 2000 for first in "abc" for number in range(100)}
    say(broker, **many)
    lookout.connect()
    assert len(seen.messages) == 200
    lookout.say("a/new", b"1")
    say(broker, b_new=b"2")
    assert look_until(lookout, {"a/new", "b/new"}) == {"a/new", "b/new"}


def test_after_the_broker_was_away_it_is_seen_anew(broker: Mosquitto, looking: tuple[Lookout, Seen]) -> None:
    lookout, seen = looking
    say(broker, a_1=b"1")
    lookout.connect()
    broker.stop()
    with pytest.raises(Unavailable):
        look_until(lookout, {"nothing"})
    assert not lookout.is_connected
    assert seen.messages == {"a/1": b"1"}, "what was seen stays until there is something new"
    broker.start()
    say(broker, a_1=b"", a_2=b"2")
    lookout.connect()
    assert seen.messages == {"a/2": b"2"}


def test_what_the_broker_does_not_take_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("topic read #\n")
    with (
        Mosquitto(tmp_path, ("allow_anonymous true", f"acl_file {tmp_path / 'rules'}")) as broker,
        closing(Lookout(settings(broker), "lookout", Seen())) as lookout,
    ):
        lookout.connect()
        lookout.say("a/1", b"1")
        with pytest.raises(Refused, match="does not take what is said under a/1") as caught:
            look_until(lookout, {"nothing"})
    assert caught.value.reason == "not_taken"


@pytest.mark.parametrize("act", [lambda lookout: lookout.say("a/1", b""), Lookout.refresh], ids=["say", "refresh"])
def test_whoever_finds_the_connection_gone_knows_that_it_is(
    broker: Mosquitto, looking: tuple[Lookout, Seen], act: Callable[[Lookout], None]
) -> None:
    def act_on(lookout: Lookout) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            act(lookout)
            time.sleep(0.02)

    lookout, _ = looking
    lookout.connect()
    broker.stop()
    with pytest.raises(Unavailable):
        act_on(lookout)
    assert not lookout.is_connected


def test_two_programs_with_one_login_are_told_what_may_be_wrong(broker: Mosquitto) -> None:
    anna = settings(broker).model_copy(update={"username": "anna"})
    with closing(Lookout(anna, "same", Seen())) as first, closing(Lookout(anna, "same", Seen())) as second:
        first.connect()
        second.connect()
        with pytest.raises(Unavailable, match="so soon; is another program there as anna"):
            look_until(first, {"nothing"})
