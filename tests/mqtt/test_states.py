"""Whoever sees a device come finds everything else about it in place."""

from collections.abc import Callable
from contextlib import closing

from edged.config.document import MqttSettings
from edged.measure.listener import Listener
from edged.measure.sample_event import SAMPLE_UTC
from edged.mqtt.notice import Received
from edged.mqtt.session import Session
from edged.mqtt.states import States
from edged.runtime.mosquitto import Mosquitto
from edged.wire.camera import CameraState, CameraStatus
from edged.wire.payload import instant
from edged.wire.topics import Topics

TOPICS = Topics("edged", "door")
ONLINE = CameraStatus(state=CameraState.ONLINE, reason="", since=instant(SAMPLE_UTC))
OFFLINE = CameraStatus(state=CameraState.OFFLINE, reason="unplugged", since=instant(SAMPLE_UTC))


def test_online_comes_after_the_states_and_again_on_a_new_connection(
    broker: Mosquitto, listen: Callable[[str], Listener]
) -> None:
    listener = listen("edged/door/#")
    with closing(Session.of_device(MqttSettings(host="127.0.0.1", port=broker.port), "door")) as session:
        states = States(session, TOPICS)
        states.put(TOPICS.camera_status("front"), OFFLINE)
        states.put(TOPICS.camera_status("back"), ONLINE)
        for _ in range(2):
            session.connect(10)
            states.announce()
            listener.until(b"online")
            assert [(message.topic, message.payload) for message in listener.received[-3:]] == [
                (TOPICS.camera_status("front"), OFFLINE.encoded()),
                (TOPICS.camera_status("back"), ONLINE.encoded()),
                (TOPICS.available, b"online"),
            ]
            listener.received.clear()


def test_states_stand_retained_and_only_news_is_sent(broker: Mosquitto, listen: Callable[[str], Listener]) -> None:
    listener = listen("edged/door/cam/#")
    front = TOPICS.camera_status("front")
    with closing(Session.of_device(MqttSettings(host="127.0.0.1", port=broker.port), "door")) as session:
        states = States(session, TOPICS)
        session.connect(10)
        states.announce()
        for state in (OFFLINE, OFFLINE, ONLINE):
            states.put(front, state)
            states.publish()
        listener.until(ONLINE.encoded())
    assert [message.payload for message in listener.received[-3:]] == [OFFLINE.encoded(), ONLINE.encoded()]
    late = listen("edged/door/cam/#")
    late.until(ONLINE.encoded())
    assert late.received == [Received(front, ONLINE.encoded(), retained=True)]
