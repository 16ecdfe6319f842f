"""The screen of a door or a booth as a service, as far as a machine without one goes: its own command line, no cage."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.systemd.machine import Machine, booted

UNIT = ROOT / "systemd" / "edged-kiosk.service"
POLICY = ROOT / "systemd" / "edged-kiosk.policy.json"
SITE = Path(__file__).with_name("small_site.py")

SEATD = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
"""
"""In place of seatd, which a machine without a screen has no work for."""
WATCHER = """\
[Service]
ExecStart=/usr/bin/python3 /srv/small_site.py 8765
StandardOutput=file:/run/asked
"""


def command() -> list[str]:
    """What the unit starts, as words."""
    text = UNIT.read_text(encoding="utf-8").replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    return line.removeprefix("ExecStart=").split()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_it_is_hardened_as_far_as_a_browser_lets_it() -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=19", "--no-pager", str(UNIT)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ignoring" not in done.stderr


def test_nothing_but_the_page_is_allowed() -> None:
    policy = json.loads(POLICY.read_text(encoding="utf-8"))
    address = command()[-1].replace("${EDGED_PORT}", "8765").replace("${EDGED_PAGE}", "kiosk")
    assert policy["URLAllowlist"] == [address]
    assert "*" in policy["URLBlocklist"]
    assert policy["DeveloperToolsAvailability"] == 2
    assert policy["RemoteDebuggingAllowed"] is False
    assert command()[:4] == ["/usr/bin/cage", "-d", "--", "/usr/bin/chromium"]
    assert not {"--no-sandbox", "--disable-web-security", "--remote-debugging-port"} & set(command())


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One with the unit and the policy, but without edged and without a screen."""
    missing = [name for name in ("systemd-nspawn", "nsenter", "chromium") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"booting a machine needs root, systemd-container and chromium; missing: {missing}")
    with booted(tmp_path_factory.mktemp("kiosk"), ROOT) as machine:
        machine.write("/srv/small_site.py", SITE.read_text(encoding="utf-8"))
        machine.write("/etc/systemd/system/site.service", WATCHER)
        machine.write("/etc/systemd/system/seatd.service", SEATD)
        machine.run("bash", f"{ROOT}/scripts/kiosk", "--no-start")
        machine.write("/etc/chromium.d/none", "")  # Debian's start script reads what lies there
        words = [word for word in command()[3:] if not word.startswith("--ozone-platform")]
        headless = " ".join([words[0], "--headless", "--disable-gpu", *words[1:]])
        drop_in = f"[Service]\nExecStart=\nExecStart={headless}\n"
        machine.write("/etc/systemd/system/edged-kiosk.service.d/headless.conf", drop_in)
        machine.run("systemctl", "daemon-reload")
        yield machine


def asked(machine: Machine) -> list[str]:
    return machine.run("sh", "-c", "cat /run/asked 2>/dev/null || true").split()


def wait_for(machine: Machine, path: str, times: int = 1) -> None:
    deadline = time.monotonic() + 60
    while asked(machine).count(path) < times:
        journal = machine.run("journalctl", "--unit=edged-kiosk", "--output=cat", "--no-pager", "--lines=60")
        assert time.monotonic() < deadline, f"{path} was not asked for: {asked(machine)}\n{journal}"
        time.sleep(0.2)


def test_a_locked_browser_shows_the_page_and_nothing_else_until_it_is_removed(machine: Machine) -> None:
    machine.run("systemctl", "start", "--no-block", "edged-kiosk")
    time.sleep(1.5)
    state = machine.run("systemctl", "show", "edged-kiosk", "--property=ActiveState", "--value")
    assert state == "activating", "it waits for the page"
    machine.run("systemctl", "start", "site")
    wait_for(machine, "/leaves")
    time.sleep(2.0)
    seen = [path for path in asked(machine) if path != "/favicon.ico"]  # whenever the browser likes
    assert seen[:3] == ["/kiosk", "/alive", "/sound-running"], "it may sound before anybody touched it"
    assert not {"/elsewhere", "/popup"} & set(seen)

    pid = machine.run("systemctl", "show", "edged-kiosk", "--property=MainPID", "--value")
    user = machine.run("ps", "-o", "user:32=", "-p", pid)
    assert user == "edged-kiosk"
    kinds = machine.run("sh", "-c", "tr '\\0' '\\n' < /proc/*/cmdline 2>/dev/null | grep -c no-sandbox || true")
    assert kinds == "0"

    before = asked(machine).count("/kiosk")
    machine.run("kill", "-KILL", pid)
    wait_for(machine, "/kiosk", before + 1)

    machine.run("bash", f"{ROOT}/scripts/kiosk", "--booth", "--no-start")
    machine.run("systemctl", "restart", "edged-kiosk")
    wait_for(machine, "/booth", 1)
    policy = json.loads(machine.run("cat", "/etc/chromium/policies/managed/edged-kiosk.json"))
    assert policy["URLAllowlist"] == ["http://127.0.0.1:8765/booth"]

    machine.run("bash", f"{ROOT}/scripts/kiosk", "--remove")
    assert "could not be found" in machine.refused("systemctl", "status", "edged-kiosk")
    machine.run("test", "!", "-e", "/etc/chromium/policies/managed/edged-kiosk.json")
