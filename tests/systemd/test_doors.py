"""The doors of the installed service under a real systemd: whatever ends it, the relay ends off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.systemd.machine import Machine, booted

pytestmark = pytest.mark.nspawn

PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/bin:/bin"
INTERPRETER: Final = "/usr/bin/python3"
PYTHON: Final = "/opt/edged/current/bin/python"
LIBRARIES: Final = "/opt/libraries"
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


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with the unit, the user, this tree and the libraries of this one: an installation takes minutes."""
    missing = [name for name in ("systemd-nspawn", "nsenter", "mosquitto") if shutil.which(name, path=PATH) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"booting a machine needs root and systemd-container; missing: {missing}")
    same = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    if subprocess.run([INTERPRETER, "-c", same], check=False).returncode != 0:
        pytest.skip("the libraries that the tests run with are for another Python than Debian's own")
    folder = tmp_path_factory.mktemp("doors")
    for name in ("edged", "systemd"):
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
    libraries = Path(sysconfig.get_path("purelib")).resolve()
    # The service has a /tmp of its own and looks into nobody's home, and this checkout may lie there.
    with booted(folder, folder / "tree", named={LIBRARIES: libraries}) as machine:
        python = f"#!/bin/sh\nPYTHONPATH=/opt/edged/tree:{LIBRARIES} exec {INTERPRETER}"
        machine.run("mkdir", "-p", "/opt/edged")
        machine.run("cp", "-r", f"{folder}/tree", "/opt/edged/tree")
        machine.write("/opt/edged/current/bin/python", f'{python} "$@"\n')
        machine.write("/opt/edged/current/bin/edged", f'{python} -m edged "$@"\n')
        machine.run("chmod", "-R", "a+rx", "/opt/edged")
        machine.run("install", "-D", f"{folder}/tree/systemd/edged.sysusers.conf", "/etc/sysusers.d/edged.conf")
        machine.run("systemd-sysusers", "edged.conf")
        machine.run("install", "-D", f"{folder}/tree/systemd/edged.service", "/etc/systemd/system/edged.service")
        machine.write("/run/broker.conf", BROKER)
        machine.write("/srv/opener.py", OPENER)
        machine.write("/srv/listener.py", LISTENER)
        machine.run("systemd-run", "--unit=broker", "--collect", "mosquitto", "-c", "/run/broker.conf")
        # In the place of the daemon somebody who holds a door open; everything else of the unit is as it is.
        own = ["Type=simple", "ExecStart=", f"ExecStart={PYTHON} /srv/opener.py", "Restart=no", "WatchdogSec=0"]
        machine.write(DROP_IN, "\n".join(["[Service]", *own, ""]))
        door = {"relay": {"kind": "mqtt", "topic": "shed/relay"}, "pulse_s": 60}
        machine.write(
            "/etc/edged/edged.yaml",
            json.dumps({"mqtt": {"host": "127.0.0.1"}, "access": {"doors": {"front": door}}}),
        )
        machine.run("chmod", "-R", "a+rX", "/etc/edged", "/srv")
        machine.run("systemctl", "daemon-reload")
        machine.run(
            "systemd-run", "--unit=relay", "--collect", "--property=Restart=on-failure", PYTHON, "/srv/listener.py"
        )
        yield machine


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """It holds the door open."""
    bare.run("systemctl", "reset-failed")
    bare.run("systemctl", "start", "edged")
    wait_for_relay(bare, "ON")
    return bare


def wait_for_relay(machine: Machine, wanted: str) -> None:
    deadline = time.monotonic() + 30
    while (said := machine.run("journalctl", "-u", "relay", "-o", "cat", "--no-pager", "-n", "1")) != wanted:
        assert time.monotonic() < deadline, f"the relay heard {said!r} last\n{machine.journal()}"
        time.sleep(0.1)


@pytest.mark.parametrize("who", ["main", "all"])
def test_a_service_that_is_killed_in_a_pulse_ends_with_the_relay_off(machine: Machine, who: str) -> None:
    # `all` complains where a process has ended before its turn came; whether they ended is asked below.
    machine.run("sh", "-c", f"systemctl kill --signal=KILL --kill-whom={who} edged || true")
    machine.wait_for("ActiveState", "failed")
    wait_for_relay(machine, "OFF")
    assert "front: off" in machine.journal(), "what the unit does when it has ended"
    left = machine.run("sh", "-c", "pgrep -f '[e]dged.runtime.door_helper' || true")
    assert not left
