"""scripts/broker, as it is typed."""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.measure.peer import Peer
from edged.measure.sample_broker import Login, SampleBroker
from tests.broker.conftest import SCRIPT, USERS, Place

STRANGE_NAMES = ("_group", "_hub", "_reply", "+", "#", "a+", "a#", "a/b", "door/config", "", " ", "a b", "-rf", "ä")
STRANGER_NAMES = ("a" * 65, "%u", "a\nb", "a:b", "$SYS", "..")


def test_a_name_that_means_something_in_a_topic_is_refused(place: Place) -> None:
    before = _files(place.broker)
    for name in (*STRANGE_NAMES, *STRANGER_NAMES):
        for words in (("add", "device"), ("add", "admin"), ("remove",), ("password",)):
            with pytest.raises(Unavailable):
                place.broker.run(*words, name)
    assert _files(place.broker) == before


def test_the_list_says_who_is_what(place: Place) -> None:
    lines = [line.split() for line in place.broker.run("list").splitlines()]
    assert dict(lines) == USERS


def test_doing_it_again_changes_nothing(place: Place) -> None:
    before = _files(place.broker)
    place.broker.run("up")
    assert _files(place.broker) == before
    with pytest.raises(Unavailable, match="there already; for a new password"):
        place.broker.run("add", "device", "door")
    with pytest.raises(Unavailable, match="there already, as device"):
        place.broker.run("add", "admin", "door")
    assert _files(place.broker) == before


def test_another_name_of_the_broker_is_certified_beside_the_others_by_the_same_authority(place: Place) -> None:
    files = place.broker.root / "etc/mosquitto/edged"
    authority, key = (files / "ca.crt").read_bytes(), (files / "broker.key").read_bytes()
    place.broker.run("up", "--name", "Broker.Example", "--name", "fe80::1")
    command = ["openssl", "x509", "-in", str(files / "broker.crt"), "-noout", "-ext", "subjectAltName"]
    certified = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "DNS:broker.example, IP Address:FE80:0:0:0:0:0:0:1" in certified
    assert "IP Address:127.0.0.1" in certified
    assert (files / "ca.crt").read_bytes() == authority
    assert (files / "broker.key").read_bytes() != key
    before = _files(place.broker)
    place.broker.run("up", "--name", "broker.example")
    assert _files(place.broker) == before
    for name in ("a,DNS:evil", "a b", "a\nb", "*"):
        with pytest.raises(Unavailable, match="neither a host name nor an address"):
            place.broker.run("up", "--name", name)


def test_secrets_are_for_nobody_else(place: Place) -> None:
    files = place.broker.root / "etc/mosquitto/edged"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.iterdir()}
    assert modes.pop("ca.crt") == modes.pop("names") == 0o644
    assert modes == dict.fromkeys(("acl", "broker.crt", "broker.key", "ca.key", "passwords"), 0o600)
    passwords = (files / "passwords").read_text()
    assert not any(login.password in passwords for login in place.logins.values())
    assert all(len(login.password) >= 32 for login in place.logins.values())
    assert len({login.password for login in place.logins.values()}) == len(place.logins)


def test_a_password_stands_in_no_command_line(place: Place, tmp_path: Path) -> None:
    """Every program that the script starts tells how it was called."""
    called = tmp_path / "called"
    spies = tmp_path / "spies"
    spies.mkdir()
    for tool in ("mosquitto_passwd", "openssl", "grep", "sed", "cat", "tr", "mv", "cut"):
        real = subprocess.run(["which", tool], check=True, capture_output=True, text=True).stdout.strip()
        (spies / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >> {called}\nexec {real} "$@"\n')
        (spies / tool).chmod(0o755)
    root = str(place.broker.root)
    for words, typed in (
        (["add", "device", "yard"], ""),
        (["password", "yard", "--password-stdin"], "my-own-password\n"),
    ):
        done = subprocess.run(
            [str(SCRIPT), "--root", root, *words],
            check=True,
            capture_output=True,
            text=True,
            input=typed,
            env={"PATH": f"{spies}:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        password = typed.strip() or done.stdout.strip()
        told = called.read_text()
        assert "mosquitto_passwd -U" in told
        assert password not in told + done.stderr
        assert done.stdout.strip() == ("" if typed else password)


def test_a_password_that_would_not_do_is_refused(place: Place) -> None:
    before = _files(place.broker)
    for password in ("short", "with a space in it", "with:a:colon", "pässword-long", "", "a" * 129):
        with pytest.raises(Unavailable) as refused:
            place.broker.run("add", "device", "yard", "--password-stdin", typed=password)
        assert not password or password not in str(refused.value)
    assert _files(place.broker) == before


def test_a_password_that_was_typed_lets_in_and_may_be_typed_again(place: Place) -> None:
    typed = r"aA1!$\"'`%*~{}-_"
    for _ in range(2):
        assert place.broker.run("add", "admin", "carl", "--password-stdin", typed=typed + "\n") == ""
    with place.broker, closing(Peer(place.broker.settings(Login("carl", typed)), "carl")) as carl:
        carl.connect()
        carl.say("edged/door/config/desired", b"something")
        carl.settle()
        assert carl.refused == 0


def test_who_is_added_comes_in_and_who_is_removed_is_thrown_out_while_others_stay(
    running: Place, connected: Callable[..., Peer]
) -> None:
    gate, door = connected("gate"), connected("door")
    running.logins["yard"] = running.broker.add("device", "yard")
    _until_let_in(running, "yard")
    running.broker.run("remove", "door")
    door.collect(15.0)
    assert door.cut
    with pytest.raises(Refused, match="does not let us in"):
        running.peer("door").connect()
    running.broker.run("remove", "anna")
    assert "anna" not in running.broker.run("list")
    assert "anna" not in (running.broker.root / "etc/mosquitto/edged/acl").read_text()
    gate.hear("edged/gate/doctor")
    gate.say("edged/gate/doctor", b"still here")
    gate.until(b"still here")


def test_a_new_password_ends_the_former_one(running: Place, connected: Callable[..., Peer]) -> None:
    door = connected("door")
    running.logins["door"] = Login("door", running.broker.run("password", "door"))
    door.collect(15.0)
    assert door.cut
    _until_let_in(running, "door")


def test_a_broker_that_runs_takes_a_new_certificate_without_a_restart(
    running: Place, connected: Callable[..., Peer]
) -> None:
    gate = connected("gate")
    before = _shown_certificate(running.broker)
    running.broker.run("up", "--name", "broker.example")
    for _ in range(100):
        if _shown_certificate(running.broker) != before:
            break
    assert "broker.example" in _shown_certificate(running.broker)
    gate.hear("edged/gate/doctor")
    assert not gate.cut


def test_what_the_broker_does_not_understand_would_be_in_its_log(
    running: Place, connected: Callable[..., Peer]
) -> None:
    connected("door")
    warnings = re.findall(r"(?m)^\d+: ((?:Warning|Error).*)$", running.broker.log())
    assert warnings == [
        f"Warning: ACL pattern '{topic}' does not contain '%c' or '%u'."
        for topic in ("edged/_group/#", "edged/_hub/#", "homeassistant/status", "edged/_reply/#")
    ]


def test_it_says_how_it_is_used() -> None:
    done = subprocess.run([str(SCRIPT), "-h"], check=True, capture_output=True, text=True)
    assert "sudo scripts/broker add device NAME" in done.stdout
    for words in ([], ["add"], ["add", "king", "arthur"], ["--root"], ["up", "down"], ["--frobnicate"]):
        done = subprocess.run([str(SCRIPT), *words], check=False, capture_output=True, text=True)
        assert done.returncode == 2, words
        assert "sudo scripts/broker" in done.stderr


def test_without_a_broker_nobody_is_added(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(SCRIPT), "--root", str(tmp_path), "add", "device", "door"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "there is no broker of edged here yet" in done.stderr


def _files(broker: SampleBroker) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (broker.root / "etc").rglob("*") if path.is_file()}


def _until_let_in(place: Place, name: str) -> None:
    """A broker takes its new list over a moment after it was told to."""
    for _ in range(200):
        try:
            with closing(place.peer(name)) as peer:
                peer.connect()
                return
        except EdgedError as error:
            refused = error
    raise refused


def _shown_certificate(broker: SampleBroker) -> str:
    command = f"openssl s_client -connect 127.0.0.1:{broker.port} </dev/null 2>/dev/null | openssl x509 -noout -text"
    return subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
