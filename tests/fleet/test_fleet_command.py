"""`edged fleet` against a real broker and simulated devices with the real steward."""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.commands.fleet_word import broker_of
from edged.config.document import MqttSettings
from edged.control.signing import make_pair
from edged.domain.errors import ConfigInvalid, Refused
from edged.measure.fleet_device import BROKEN_MARGIN
from edged.measure.fleet_site import FleetSite, fleet_site
from edged.mqtt.notice import Published
from edged.mqtt.session import Session
from edged.wire.fleet import FleetList
from edged.wire.order import MOST_VERSIONS, Desired
from edged.wire.topics import Topics

PACE = ("--hold", "0s", "--patience", "60s")
Run = Callable[..., tuple[int, dict[str, Any]]]
MARGIN = "decision.margin"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetSite]:
    """Twelve devices, the first of which has a file that sets quality.max_yaw."""
    with fleet_site(tmp_path_factory.mktemp("fleet"), 12, pinned=1) as found:
        yield found


@pytest.fixture
def here(site: FleetSite, capsys: pytest.CaptureFixture[str]) -> Run:
    """The tool in this process, which saves its start: exit code, and what it says for programs."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(site.command(*words))
        return code, json.loads(capsys.readouterr().out)

    return run


def push(site: FleetSite, device: str, payload: bytes) -> None:
    """Somebody else has something stand for a device."""
    with closing(Session(MqttSettings(host="127.0.0.1", port=site.broker.port), "somebody")) as session:
        session.connect(10)
        mid = session.publish(Topics("edged", device).desired, payload, qos=1, retain=True)
        while session.next_notice(10) != Published(mid):
            pass


def test_a_good_change_reaches_all_and_is_taken_back_from_all(site: FleetSite, here: Run) -> None:
    code, said = here("push", "--set", f"{MARGIN}=0.05", "--all", "--batches", "1,50%", *PACE)
    assert (code, said["outcome"], said["batches"], said["told"]) == (0, "applied", [1, 5, 6], 12)
    assert set(site.values(MARGIN).values()) == {0.05}
    devices = FleetList.model_validate(here("list")[1]).devices
    assert {(device.drift.value, device.pending) for device in devices} == {("in_step", 0)}

    code, said = here("rollback", said["id"])
    assert (code, said["outcome"], said["taken_back"], said["open"]) == (0, "rolled_back", 12, {})
    assert set(site.values(MARGIN).values()) == {0.03}
    code, said = here("rollback", site.rollouts()[0])
    assert (code, said["error"]["reason"]) == (1, "rolled_back")


def test_a_bad_change_stops_at_the_first_batch_and_is_taken_back(site: FleetSite, here: Run) -> None:
    code, said = here("push", "--set", f"{MARGIN}={BROKEN_MARGIN}", "--all", *PACE)
    assert (code, said["outcome"], said["told"], said["open"]) == (1, "rolled_back", 1, {})
    assert said["why"] == ["door-000: reverted: the judge does not come round"]
    code, said = here("push", "--set", "quality.max_yaw=0.7", "--all", "--unchecked", *PACE)
    assert (code, said["outcome"], said["told"], said["open"]) == (1, "rolled_back", 1, {})
    assert said["why"][0].startswith("door-000: rejected: quality.max_yaw: is set by the device's own file")
    assert set(site.values(MARGIN).values()) == {0.03}


def test_what_the_schema_or_a_devices_file_forbids_is_not_even_sent(here: Run) -> None:
    wrong = ("--set", "quality.max_yaw=0.7", "--set", f"{MARGIN}=much", "--to", "door-00[01]")
    code, said = here("push", *wrong, *PACE)
    assert code == 78
    problems = {problem["path"]: problem["message"] for problem in said["error"]["problems"]}
    assert problems["quality.max_yaw"] == "is set by the device's own file and cannot be pushed over (on door-000)"
    assert problems[MARGIN] == "has the wrong type (on door-000, door-001)"
    code, said = here("push", *wrong, "--dry-run")
    assert (code, [device["device"] for device in said["devices"]]) == (78, ["door-000", "door-001"])


def test_a_group_is_told_at_once_and_devices_that_must_begin_anew_are_waited_for(site: FleetSite, here: Run) -> None:
    change = ("--set", "mqtt.keepalive_s=25", "--set", "mqtt.password=S3CRET", "--set", "mqtt.username=x")
    code, said = here("push", *change, "--group", "doors", *PACE)
    assert (code, said["batches"]) == (0, [12])
    assert set(site.values("mqtt.keepalive_s").values()) == {25}
    assert here("rollback", said["id"])[0] == 0
    text = (site.state / "history.jsonl").read_text()
    assert "S3CRET" not in text
    assert '"password":"********","username":"x"' in text


def test_whoever_interrupts_it_can_go_on(site: FleetSite, here: Run) -> None:
    words = ("push", "--set", f"{MARGIN}=0.07", "--all", "--batches", "6", "--hold", "2s")
    known = len(site.rollouts())
    with site.tool(*words) as process:
        deadline = time.monotonic() + 60
        while len(site.rollouts()) == known:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    with site.tool("push", "--resume", site.rollouts()[0]) as process:
        time.sleep(2)
        process.kill()
    code, said = here("push", "--resume", site.rollouts()[0])
    assert (code, said["outcome"]) == (0, "applied")
    assert set(site.values(MARGIN).values()) == {0.07}
    code, said = here("push", "--resume", site.rollouts()[0])
    assert (code, said["error"]["reason"]) == (1, "over")
    assert here("rollback")[0] == 0
    code, said = here("history", "--last", "3")
    assert [entry["what"] for entry in said["history"]] == ["rolled back", "taken back", "applied"]


def test_what_is_signed_is_built_upon_only_where_it_is_trusted(site: FleetSite, here: Run, tmp_path: Path) -> None:
    for name in ("anna", "ben"):
        make_pair(tmp_path / f"{name}.key", tmp_path / f"{name}.pem")
    words = ("push", "--set", f"{MARGIN}=0.04", "--to", "door-011", *PACE)
    standing = Desired(version=40, to="door-011", patch={"decision": {"frames": 9}})
    push(site, "door-011", standing.encoded())
    code, said = here(*words, "--key", str(tmp_path / "anna.key"))
    assert (code, said["error"]["reason"]) == (1, "not_signed"), "anybody at the broker may have put it there"

    push(site, "door-011", b"")
    assert here(*words, "--key", str(tmp_path / "anna.key"))[0] == 0
    assert site.values(MARGIN)["door-011"] == 0.04
    assert here(*words)[1]["error"]["reason"] == "signed"
    assert here(*words, "--dry-run")[1]["error"]["reason"] == "signed", "it would not be sent"
    assert here(*words, "--key", str(tmp_path / "ben.key"))[1]["error"]["reason"] == "unknown_key"
    trusted = tmp_path / "trusted"
    trusted.mkdir(mode=0o700)
    (trusted / "anna.pem").write_bytes((tmp_path / "anna.pem").read_bytes())
    code, said = here(*words, "--key", str(tmp_path / "ben.key"), "--trust", str(trusted))
    assert (code, said["outcome"]) == (0, "applied")


def test_where_no_version_is_left_that_is_said(site: FleetSite, here: Run) -> None:
    push(site, "door-010", Desired(version=MOST_VERSIONS, patch={}).encoded())
    code, said = here("push", "--set", f"{MARGIN}=0.05", "--to", "door-010", *PACE)
    assert (code, said["error"]["reason"]) == (1, "no_version_left")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("push", "--set", f"{MARGIN}=0.05", "--to", "window"), "unknown_device"),
        (("push", "--set", f"{MARGIN}=0.05", "--to", "window-*"), "unknown_device"),
        (("push", "--set", f"{MARGIN}=0.05", "--group", "windows"), "empty_group"),
        (("push", "--set", f"{MARGIN}=0.05"), "bad_target"),
        (("push", "--all"), "no_change"),
        (("push", "--set", MARGIN, "--all"), "bad_set"),
        (("push", "--resume", "x", "--all"), "bad_option"),
        (("push", "--resume", "x"), "unknown_rollout"),
        (("status", "window"), "unknown_device"),
    ],
)
def test_what_cannot_be_done_is_said(here: Run, words: tuple[str, ...], reason: str) -> None:
    code, said = here(*words)
    assert (code, said["error"]["reason"]) == (1, reason)


class TestBroker:
    """Which one is meant."""

    def of(self, **options: object) -> argparse.Namespace:
        names = ("config", "broker", "user", "password_file", "tls", "ca", "prefix")
        return argparse.Namespace(**{**dict.fromkeys(names), **options})

    @pytest.fixture(autouse=True)
    def _at_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        for name in [name for name in os.environ if name.startswith("EDGED_FLEET")]:
            monkeypatch.delenv(name)

    def test_flags_go_before_the_environment_and_that_before_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usual = tmp_path / ".config/edged/fleet.yaml"
        usual.parent.mkdir(parents=True)
        usual.write_text("mqtt: {host: file, username: file, tls: true, ca_file: ca.crt, inflight: 5}")
        found = broker_of(self.of())
        assert (found.host, found.port, found.ca_file) == ("file", 8883, usual.parent / "ca.crt")
        monkeypatch.setenv("EDGED_FLEET_BROKER", "environment:1234")
        monkeypatch.setenv("EDGED_FLEET_PASSWORD", "pw")
        found = broker_of(self.of(user="flag"))
        assert (found.host, found.port, found.username) == ("environment", 1234, "flag")
        assert found.password is not None
        assert broker_of(self.of(broker="[::1]:9")).host == "::1"
        assert broker_of(self.of(broker="::1")).host == "::1"

    def test_what_is_wrong_with_it_is_named(self, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong.yaml"
        wrong.write_text("mqtt: {port: 0, prefix: 'a#'}")
        with pytest.raises(ConfigInvalid) as caught:
            broker_of(self.of(config=wrong))
        assert [problem.path for problem in caught.value.problems] == ["port", "prefix"]
        with pytest.raises(ConfigInvalid, match="no such file"):
            broker_of(self.of(config=tmp_path / "nothing.yaml"))
        with pytest.raises(Refused, match="HOST:PORT"):
            broker_of(self.of(broker="host:port"))
