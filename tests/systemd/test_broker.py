"""scripts/broker as root on a machine with systemd and what Debian's package of Mosquitto brings."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.systemd.machine import Machine, booted

DEBIANS_CONFIG: Final = """\
# Place your local configuration in /etc/mosquitto/conf.d/
pid_file /run/mosquitto/mosquitto.pid

persistence true
persistence_location /var/lib/mosquitto/

log_dest file /var/log/mosquitto/mosquitto.log

include_dir /etc/mosquitto/conf.d
"""
LET_IN, NOT_LET_IN = 0, 5


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    missing = [name for name in ("systemd-nspawn", "nsenter", "mosquitto", "openssl") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"booting a machine needs root and systemd-container; missing: {missing}")
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "config", checkout / "config")
    (checkout / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "broker", checkout / "scripts")
    with booted(tmp_path, checkout) as machine:
        machine.write("/etc/sysusers.d/mosquitto.conf", 'u mosquitto - "" /var/lib/mosquitto\n')
        machine.run("systemd-sysusers", "mosquitto.conf")
        machine.write("/etc/mosquitto/mosquitto.conf", DEBIANS_CONFIG)
        machine.run("install", "-d", "-o", "mosquitto", "/var/lib/mosquitto", "/etc/mosquitto/conf.d")
        yield machine


def test_from_nothing_to_a_broker_that_runs(machine: Machine, tmp_path: Path) -> None:
    script = ("bash", f"{tmp_path}/checkout/scripts/broker")
    machine.run(*script, "up", "--name", "broker.example")
    assert machine.run("systemctl", "is-active", "mosquitto") == "active"
    assert machine.run("systemctl", "is-enabled", "mosquitto") == "enabled"
    password = machine.run(*script, "add", "device", "door")
    machine.run(*script, "add", "hub")
    assert _answer(machine, "door", password) == LET_IN
    assert _answer(machine, "hub", password, wanted=NOT_LET_IN) == NOT_LET_IN
    owners = machine.run("sh", "-c", "cd /etc/mosquitto/edged && stat -c '%n %U %a' *").splitlines()
    assert owners == [
        "acl mosquitto 600",
        "broker.crt mosquitto 600",
        "broker.key mosquitto 600",
        "ca.crt root 644",
        "ca.key root 600",
        "names root 644",
        "passwords mosquitto 600",
    ]
    process = _process(machine)
    machine.run(*script, "up")
    assert _process(machine) == process, "nothing was changed, so nobody is to be disconnected"
    machine.run(*script, "up", "--port", "8884")
    assert _process(machine) != process
    assert _answer(machine, "door", password, port=8884) == LET_IN
    machine.run(*script, "remove", "door")
    assert _answer(machine, "door", password, port=8884, wanted=NOT_LET_IN) == NOT_LET_IN
    assert "8884" in machine.run("sh", "-c", "grep -h ^listener /etc/mosquitto/conf.d/edged.conf")


def _process(machine: Machine) -> str:
    return machine.run("systemctl", "show", "mosquitto", "--property=MainPID", "--value")


def _answer(machine: Machine, name: str, password: str, *, port: int = 8883, wanted: int = LET_IN) -> int:
    """What the broker answers to this login: the code of its CONNACK, tried again until it has read its lists anew."""
    fields = b"".join(struct.pack(">H", len(text)) + text.encode() for text in ("", name, password))
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c" + fields
    packet = b"\x10" + bytes([len(body)]) + body
    octal = "".join(f"\\{byte:03o}" for byte in packet)
    trust = "-CAfile /etc/mosquitto/edged/ca.crt -verify_return_error -verify_hostname broker.example"
    line = f"openssl s_client -quiet -no_ign_eof -connect 127.0.0.1:{port} {trust} 2>/dev/null"
    command = f"(printf '{octal}'; sleep 1) | {line} | od -An -tx1"
    code = -1
    for _ in range(10):
        answer = bytes.fromhex(machine.run("sh", "-c", command))
        assert answer[:2] == b"\x20\x02", answer
        if (code := answer[3]) == wanted:
            break
    return code
