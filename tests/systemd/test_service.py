"""The installed service under a real systemd, in its real sandbox."""

from __future__ import annotations

import json

import pytest

from tests.systemd.conftest import Device
from tests.systemd.machine import Machine

pytestmark = pytest.mark.nspawn

DROP_IN = "/etc/systemd/system/edged.service.d/test.conf"
BROKER = "listener 1883 127.0.0.1\nallow_anonymous true\nuser root\n"
NEXT_EVENT = """\
import paho.mqtt.subscribe as listen
print(listen.simple("edged/+/event", hostname="127.0.0.1", qos=1).payload.decode())
"""
PUSH = """\
import json, socket, paho.mqtt.publish as tell
order = json.dumps({"version": 1, "patch": {"mqtt": {"keepalive_s": 33}}})
tell.single(f"edged/{socket.gethostname()}/config/desired", order, qos=1, retain=True, hostname="127.0.0.1")
"""
APPLIED = """\
import json, paho.mqtt.subscribe as listen
while True:
    report = json.loads(listen.simple("edged/+/config/reported", hostname="127.0.0.1", qos=1).payload)
    if report["status"] in {"applied", "rejected", "reverted"}:
        break
print(json.dumps(report))
"""

REBOOT_DROP_IN = "/etc/systemd/system/edged-reboot@.service.d/test.conf"
ASK_FOR_REBOOT = """\
import json, sys
import paho.mqtt.client as mqtt
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
topic = f"edged/{sys.argv[1]}/request/reboot"
client.on_connect = lambda *_: client.subscribe("edged/+/response/reboot", 1)
client.on_subscribe = lambda *_: client.publish(topic, json.dumps({"transaction": sys.argv[2]}))
client.on_message = lambda _client, _userdata, message: (print(message.payload.decode()), client.disconnect())
client.connect("127.0.0.1")
client.loop_forever()
"""


def document(device: Device, **sections: object) -> str:
    """The demo camera and whatever else; JSON is YAML."""
    camera = {"kind": "demo", "photo": str(device.photo), "appear_s": 3, "absent_s": 2}
    return json.dumps({"cameras": {"demo": camera}, "mqtt": {"host": "127.0.0.1"}} | sections)


@pytest.fixture
def machine(device: Device) -> Machine:
    """The device's, with the service running on a document of its own."""
    device.configure(document(device))
    device.machine.run("systemctl", "restart", "edged")
    return device.machine


def test_it_runs_as_its_own_user_with_private_state_and_no_privileges(machine: Machine) -> None:
    process = machine.run("cat", f"/proc/{machine.unit('MainPID')}/status")
    status = dict(line.split(":", 1) for line in process.splitlines())
    user = machine.run("id", "--user", "edged")
    assert user != "0"
    assert status["Uid"].split() == [user] * 4
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert machine.run("stat", "--format=%U %a", "/var/lib/edged") == "edged 700"
    assert machine.run("stat", "--format=%U %G %a", "/etc/edged/edged.yaml") == "root edged 640"


@pytest.mark.parametrize("detector", ["yunet-2023mar", "blazeface-short-range"])
def test_both_runtimes_find_and_compare_faces_in_the_sandbox(device: Device, machine: Machine, detector: str) -> None:
    device.configure(document(device, models={"detector": detector}))
    machine.write("/run/broker.conf", BROKER)
    machine.run("systemd-run", "--unit=broker", "--collect", "mosquitto", "-c", "/run/broker.conf")
    try:
        machine.run("systemctl", "restart", "edged")
        event = json.loads(machine.run("timeout", "60", "/opt/edged/current/bin/python", "-c", NEXT_EVENT))
    finally:
        machine.run("systemctl", "stop", "broker")
    assert event["outcome"] == "unknown"
    assert "Operation not permitted" not in machine.journal()


def test_a_pushed_change_that_wants_a_new_start_is_made_without_systemd_seeing_a_failure(machine: Machine) -> None:
    """It starts again in the place of its own process: the same pid, and no restart that is counted."""
    machine.write("/run/broker.conf", BROKER)
    machine.run("systemd-run", "--unit=broker", "--collect", "mosquitto", "-c", "/run/broker.conf")
    try:
        machine.run("systemctl", "restart", "edged")
        before = machine.unit("MainPID")
        machine.run("timeout", "60", "/opt/edged/current/bin/python", "-c", PUSH)
        reported = json.loads(machine.run("timeout", "60", "/opt/edged/current/bin/python", "-c", APPLIED))
        assert (reported["status"], reported["effective"]["mqtt"]["keepalive_s"]) == ("applied", 33), reported
        assert (machine.unit("MainPID"), machine.unit("NRestarts")) == (before, "0")
        machine.wait_for("ActiveState", "active")
        assert machine.unit("WatchdogUSec") == "30s"
    finally:
        machine.run("systemctl", "stop", "broker")


def test_a_killed_service_comes_back(machine: Machine) -> None:
    before = machine.unit("MainPID")
    machine.run("kill", "-KILL", before)
    machine.wait_for("NRestarts", "1")
    machine.wait_for("ActiveState", "active")
    assert machine.unit("MainPID") != before


def test_a_stuck_service_is_replaced_and_says_what_it_was_doing(machine: Machine) -> None:
    machine.write(DROP_IN, "[Service]\nWatchdogSec=4\n")
    machine.run("systemctl", "daemon-reload")
    try:
        machine.run("systemctl", "restart", "edged")
        stuck = machine.unit("MainPID")
        machine.run("kill", "-STOP", stuck)
        machine.wait_for("NRestarts", "1")
        machine.wait_for("ActiveState", "active")
        journal = machine.journal()
        assert "Watchdog timeout" in journal
        assert "most recent call first" in journal
    finally:
        machine.run("rm", DROP_IN)
        machine.run("systemctl", "daemon-reload")


def test_reload_takes_a_new_document_over_in_the_same_process(device: Device, machine: Machine) -> None:
    machine.wait_for("StatusText", "ready; cameras 1/1; broker: nothing listens at 127.0.0.1:1883")
    before = machine.unit("MainPID")
    device.configure(document(device, cameras={}))
    machine.run("systemctl", "reload", "edged")
    machine.wait_for("StatusText", "ready; cameras 0/0; broker: nothing listens at 127.0.0.1:1883")
    assert machine.unit("MainPID") == before


def test_the_machine_starts_again_where_the_owner_lets_it_and_nobody_else_may_knock(
    device: Device, machine: Machine
) -> None:
    named = {"device": {"name": "door"}, "control": {"allow": ["reboot"]}}
    device.configure(json.dumps(json.loads(document(device)) | named))
    machine.write("/run/broker.conf", BROKER)
    machine.run("systemd-run", "--unit=broker", "--collect", "mosquitto", "-c", "/run/broker.conf")
    ask = ("/opt/edged/current/bin/python", "-c", ASK_FOR_REBOOT, "door")
    try:
        machine.run("systemctl", "restart", "edged")
        machine.wait_for("StatusText", "ready; cameras 1/1")
        refused = json.loads(machine.run("timeout", "60", *ask, "t1"))
        assert refused["error"]["code"] == "not_permitted"
        assert "edged-reboot.socket" in refused["error"]["remedy"]

        machine.write(REBOOT_DROP_IN, "[Service]\nExecStart=\nExecStart=/usr/bin/touch /run/started-again\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "edged-reboot.socket")
        assert machine.run("stat", "--format=%U %a", "/run/edged-reboot.sock") == "edged 600"
        machine.run("systemd-run", "--unit=asking", "--collect", *ask, "t2")
        machine.run("timeout", "60", "sh", "-c", "until [ -e /run/started-again ]; do sleep 0.1; done")
    finally:
        machine.run("sh", "-c", "systemctl stop asking edged-reboot.socket broker; rm -f /run/started-again")
        machine.run("rm", "-rf", "/etc/systemd/system/edged-reboot@.service.d")
        machine.run("systemctl", "daemon-reload")


def test_stop_ends_it_in_good_order(machine: Machine) -> None:
    machine.run("systemctl", "stop", "edged")
    # Had it not ended by itself within TimeoutStopSec, the result would be `timeout`.
    assert (machine.unit("Result"), machine.unit("ExecMainStatus")) == ("success", "0")


def test_an_invalid_document_without_a_good_one_before_it_is_final(device: Device, machine: Machine) -> None:
    machine.run("systemctl", "stop", "edged")
    machine.run("mv", "/var/lib/edged", "/var/lib/edged.aside")
    device.configure("cameras: 3\n")
    try:
        machine.refused("systemctl", "start", "edged")
        machine.wait_for("ActiveState", "failed")
        # Had systemd begun a restart, the unit would be `activating` for RestartSec, never `failed`.
        assert (machine.unit("ExecMainStatus"), machine.unit("NRestarts")) == ("78", "0")
        assert "cameras: has the wrong type" in machine.journal()
    finally:
        machine.run("sh", "-c", "rm -r /var/lib/edged && mv /var/lib/edged.aside /var/lib/edged")


def test_systemd_holds_the_key_and_the_state_directory_holds_none(device: Device, machine: Machine) -> None:
    machine.run("systemctl", "stop", "edged")
    machine.run("mv", "/var/lib/edged", "/var/lib/edged.aside")
    # Sealed by a TPM it would be LoadCredentialEncrypted=, which gives the service the same.
    machine.run("sh", "-c", "umask 077 && openssl rand -hex 32 > /root/edged.key")
    machine.write(DROP_IN, "[Service]\nLoadCredential=edged.key:/root/edged.key\n")
    machine.run("systemctl", "daemon-reload")
    try:
        machine.run("systemctl", "start", "edged")
        machine.run("edged", "enroll", "4711", str(device.photo))
        machine.wait_for("ActiveState", "active")
        assert "key" not in machine.run("ls", "/var/lib/edged").split()
        assert "4711" in machine.run("edged", "people", "list")
        machine.run("systemctl", "stop", "edged")
        assert "key is missing" in machine.refused("edged", "people", "list")
    finally:
        machine.run("rm", DROP_IN)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "stop", "edged")
        machine.run("sh", "-c", "rm -r /var/lib/edged && mv /var/lib/edged.aside /var/lib/edged")
