"""`doctor` believes only what came back."""

from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.domain.errors import Refused
from edged.mqtt.round_trip import round_trip
from edged.runtime.mosquitto import Mosquitto


def test_a_message_comes_back(broker: Mosquitto) -> None:
    assert 0 < round_trip(MqttSettings(host="127.0.0.1", port=broker.port), "door") < 5


def test_a_broker_that_takes_no_messages_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("topic read #\n")
    listener = ["allow_anonymous true", f"acl_file {tmp_path}/rules"]
    with Mosquitto(tmp_path, listener) as broker, pytest.raises(Refused) as refused:
        round_trip(MqttSettings(host="127.0.0.1", port=broker.port), "door")
    assert refused.value.reason == "not_delivered"
    assert "edged/door/doctor" in refused.value.what
