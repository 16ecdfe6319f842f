"""The doors of the installed service under a real systemd: whatever ends it, the relay ends off."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Final

import pytest

from tests.systemd.conftest import Device
from tests.systemd.machine import Machine

pytestmark = pytest.mark.nspawn

DROP_IN: Final = "/etc/systemd/system/edged.service.d/door.conf"
BROKER: Final = "listener 1883 127.0.0.1\nallow_anonymous true\nuser root\n"
OPENER: Final = """\
import threading, time
from pathlib import Path
from edged.config.layers import load
from edged.runtime.clock import SystemClock
from edged.runtime.door_line import DoorLine
from edged.runtime.stop import Stop
line = DoorLine(load(Path("/etc/edged/edged.yaml")).document, lambda _signal: None, SystemClock())
threading.Thread(target=line.run, args=(Stop(),)).start()
while not line.reachable("front"):
    time.sleep(0.01)
line.pulse("front", 60.0, token="one", made=time.monotonic())
time.sleep(3600)
"""
LISTENER: Final = """\
import paho.mqtt.client as mqtt
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = lambda *_: client.subscribe("shed/relay", 1)
client.on_message = lambda _client, _userdata, message: print(message.payload.decode(), flush=True)
client.connect("127.0.0.1")
client.loop_forever()
"""


@pytest.fixture
def machine(device: Device) -> Iterator[Machine]:
    """The service holds a door open, in the place of the daemon; everything else of the unit is as it is."""
    machine = device.machine
    machine.run("systemctl", "stop", "edged")
    door = {"relay": {"kind": "mqtt", "topic": "shed/relay"}, "pulse_s": 60}
    device.configure(json.dumps({"mqtt": {"host": "127.0.0.1"}, "access": {"doors": {"front": door}}}))
    machine.write("/run/broker.conf", BROKER)
    machine.write("/srv/opener.py", OPENER)
    machine.write("/srv/listener.py", LISTENER)
    python = "/opt/edged/current/bin/python"
    machine.run("systemd-run", "--unit=broker", "--collect", "mosquitto", "-c", "/run/broker.conf")
    machine.run("systemd-run", "--unit=relay", "--collect", "--property=Restart=on-failure", python, "/srv/listener.py")
    machine.write(
        DROP_IN, f"[Service]\nType=simple\nExecStart=\nExecStart={python} /srv/opener.py\nRestart=no\nWatchdogSec=0\n"
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "edged")
    try:
        wait_for_relay(machine, "ON")
        yield machine
    finally:
        machine.run("rm", DROP_IN)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "stop", "edged", "broker", "relay")


def wait_for_relay(machine: Machine, wanted: str) -> None:
    deadline = time.monotonic() + 30
    while (said := machine.run("journalctl", "-u", "relay", "-o", "cat", "--no-pager", "-n", "1")) != wanted:
        assert time.monotonic() < deadline, f"the relay heard {said!r} last\n{machine.journal()}"
        time.sleep(0.1)


@pytest.mark.parametrize("who", ["main", "all"])
def test_a_service_that_is_killed_in_a_pulse_ends_with_the_relay_off(machine: Machine, who: str) -> None:
    machine.run("systemctl", "kill", "--signal=KILL", f"--kill-whom={who}", "edged")
    machine.wait_for("ActiveState", "failed")
    wait_for_relay(machine, "OFF")
    assert "front: off" in machine.journal(), "what the unit does when it has ended"
    left = machine.run("sh", "-c", "pgrep -f edged.runtime.door_helper || true")
    assert not left
