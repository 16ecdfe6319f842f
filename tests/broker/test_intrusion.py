"""`edged bench broker`: what it finds on the broker as shipped, and that it finds what is there to be found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from edged.domain.progress import quiet
from edged.measure import intrusion
from edged.measure.broker_site import logins_for
from edged.measure.intrusion import Attempts, Intrusion, try_everything
from edged.measure.sample_broker import SampleBroker
from tests.broker.conftest import SCRIPT

DEVICES = ("door", "gate")


def test_another_devices_login_is_good_for_nothing(tmp_path: Path) -> None:
    broker = SampleBroker(tmp_path, SCRIPT)
    logins = logins_for(broker, DEVICES)
    with broker:
        found = try_everything(broker, logins, quiet, ["3.1.1"])
    assert [one for one in (*found.delivered, *found.taken_over) if one.succeeded or not one.tried] == []
    assert found.arrived == found.allowed > 0


def test_with_the_traps_open_each_attempt_succeeds(tmp_path: Path) -> None:
    broker = SampleBroker(tmp_path, SCRIPT)
    logins = logins_for(broker, DEVICES)
    files = tmp_path / "etc/mosquitto"
    config, acl = files / "conf.d/edged.conf", files / "edged/acl"
    config.write_text(config.read_text().replace("use_username_as_clientid true\n", ""))
    acl.write_text("pattern readwrite edged/#\npattern readwrite homeassistant/#\n" + acl.read_text())
    with broker:
        found = try_everything(broker, logins, quiet, ["5"])
    succeeded = {one.what for one in (*found.delivered, *found.taken_over) if one.succeeded > one.tried // 2}
    assert {one.what for one in (*found.delivered, *found.taken_over)} - succeeded == {"logged in as another"}
    assert found.arrived == found.allowed


@pytest.mark.parametrize(
    ("delivered", "taken", "arrived", "code"), [(0, 0, 9, 0), (1, 0, 9, 1), (0, 1, 9, 1), (0, 0, 8, 1)]
)
def test_one_that_succeeds_fails_the_command(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    delivered: int,
    taken: int,
    arrived: int,
    code: int,
) -> None:
    found = Intrusion(6, 9, arrived, (Attempts("said", "5", 1000, delivered),), (Attempts("took", "5", 20, taken),))
    monkeypatch.setattr(intrusion, "measure_intrusion", lambda *_: found)
    assert main(["bench", "broker"]) == code
    text = capsys.readouterr().out
    assert f"{delivered} of 1,000" in text
    assert ("missed" in text) == bool(code)
    assert main(["bench", "broker", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["taken_over"][0]["succeeded"] == taken


def test_it_wants_a_checkout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["bench", "broker", "--quick", "--script", str(tmp_path / "broker")]) == 1
    assert "Run this in a checkout" in capsys.readouterr().err
