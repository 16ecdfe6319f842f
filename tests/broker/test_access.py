"""The traps of docs/broker.md: who may say and hear what, and whose session is whose, on the broker as shipped."""

from __future__ import annotations

import socket
import ssl
import subprocess
import warnings
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from edged.domain.errors import Refused, Unavailable
from edged.measure.peer import Peer
from edged.mqtt.line import LastWords, Protocol
from edged.runtime.mosquitto import free_port
from tests.broker.conftest import Place

Connect = Callable[..., Peer]

DEVICE_SAYS = (
    *(f"edged/door/{rest}" for rest in ("available", "info", "health", "index", "cam/front/status", "event", "log")),
    *(f"edged/door/{rest}" for rest in ("image/1", "config/reported", "response/sync", "doctor")),
    "edged/_reply/anna/1",
    "homeassistant/device/door/edged/config",
)
ORDERS = ("edged/door/config/desired", "edged/_group/doors/config/desired", "edged/_group/doors/request/sync")
REQUEST = "edged/door/request/open_door"
ACKNOWLEDGED = "edged/door/event/ack"
HUB_SAYS = ("edged/_hub/revision", ACKNOWLEDGED)
STATUS = "homeassistant/status"

MAY_SAY = {
    "door": {*DEVICE_SAYS},
    "anna": {*ORDERS, REQUEST},
    "hub": {*HUB_SAYS},
    "homeassistant": {STATUS},
    "panel": {STATUS, REQUEST},
}
for _topics in MAY_SAY.values():
    _topics.add("edged/_reply/anna/1")  # its rule is for all

FOR_ALL = {*ORDERS[1:], "edged/_hub/revision", STATUS}
SEEN_BY_HOME_ASSISTANT = {
    topic for topic in DEVICE_SAYS if not topic.endswith(("log", "reported", "doctor", "_reply/anna/1"))
}
MAY_HEAR = {
    "door": {ORDERS[0], REQUEST, ACKNOWLEDGED, "edged/door/doctor", *FOR_ALL},
    "gate": {*FOR_ALL},
    "anna": {*(topic for topic in (*DEVICE_SAYS, *ORDERS, REQUEST, *HUB_SAYS) if topic.startswith("edged/")), *FOR_ALL},
    "homeassistant": {*SEEN_BY_HOME_ASSISTANT, *FOR_ALL},
}
MAY_HEAR |= {"hub": MAY_HEAR["anna"], "panel": MAY_HEAR["homeassistant"]}
ALL = {topic for topics in MAY_SAY.values() for topic in topics}


def test_everybody_may_say_their_own_and_nothing_else(connected: Connect) -> None:
    bert, listener = connected("bert"), connected("homeassistant")
    bert.hear("edged/#")
    listener.hear("homeassistant/#")
    said: dict[str, set[str]] = {}
    for name, may in MAY_SAY.items():
        peer = listener if name == "homeassistant" else connected(name)
        for topic in sorted(ALL):
            peer.say(topic, f"{name} {topic}".encode())
        peer.settle()
        assert peer.refused == len(ALL - may), "MQTT 5 says so, too"
        said[name] = set()
    panel = connected("panel")
    panel.say(STATUS, b"that was all")
    panel.say(REQUEST, b"that was all")
    for peer in (bert, listener):
        peer.until(b"that was all")
        for message in peer.heard:
            name, _, topic = message.payload.decode().partition(" ")
            if name in said:
                said[name].add(topic)
    assert said == MAY_SAY


def test_everybody_hears_what_they_may_and_nothing_else(connected: Connect) -> None:
    listeners = {name: connected(name) for name in MAY_HEAR}
    for peer in listeners.values():
        # The broker grants all of it, as it grants everything: a granted subscription proves nothing.
        peer.hear("#", "edged/door/doctor")
    for speaker, topics in MAY_SAY.items():
        for topic in topics:
            listeners[speaker].say(topic, b"something")
        listeners[speaker].settle()
    listeners["hub"].say("edged/_hub/revision", b"that was all")
    for name, peer in listeners.items():
        peer.until(b"that was all")
        assert {message.topic for message in peer.heard} == MAY_HEAR[name], name


def test_only_administrators_hear_about_the_broker_itself(connected: Connect) -> None:
    door, anna = connected("door"), connected("anna")
    for peer in (door, anna):
        peer.hear("$SYS/broker/version", "edged/door/request/sync")
    anna.say("edged/door/request/sync", b"that was all")
    for peer in (door, anna):
        peer.until(b"that was all")
    assert [message.topic for message in anna.heard] == ["$SYS/broker/version", "edged/door/request/sync"]
    assert [message.topic for message in door.heard] == ["edged/door/request/sync"]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_client_id_takes_nobodys_session(connected: Connect, protocol: str) -> None:
    gate = connected("gate", protocol=protocol, expiry_s=600)
    gate.hear("edged/gate/request/sync")
    thief = connected("door", client_id="gate", protocol=protocol, expiry_s=600)
    thief.hear("edged/gate/request/sync", "edged/door/doctor")
    connected("anna").say("edged/gate/request/sync", b"for the gate")
    gate.until(b"for the gate")
    thief.say("edged/door/doctor", b"that was all")
    thief.until(b"that was all")
    assert not gate.cut
    assert [message.payload for message in thief.heard] == [b"that was all"]


def test_above_the_listener_the_setting_does_nothing(place: Place) -> None:
    """The trap: a valid login takes any session over."""
    config = place.broker.root / "etc/mosquitto/conf.d/edged.conf"
    text = config.read_text()
    setting = "use_username_as_clientid true\n"
    assert text.index("\nlistener ") < text.index(setting)
    config.write_text(setting + text.replace(setting, ""))
    with place.broker, closing(place.peer("gate")) as gate, closing(place.peer("door", client_id="gate")) as thief:
        gate.connect()
        thief.connect()
        gate.collect(15.0)
        assert gate.cut


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_will_is_left_under_ones_own_name_only(running: Place, connected: Connect, protocol: Protocol) -> None:
    anna = connected("anna")
    anna.hear("edged/#")
    topics = ("edged/gate/available", "edged/door/config/desired", "edged/_hub/revision", "edged/door/available")
    with ExitStack() as stack:
        for topic in topics:
            door = running.peer("door", protocol=protocol, will=LastWords(topic, b"", topic.encode()))
            stack.enter_context(closing(door))
            door.connect()
            door.connect()  # lets go of the first connection
        anna.until(b"edged/door/available")
    assert [message.topic for message in anna.heard] == ["edged/door/available"]


def test_nobody_comes_in_without_a_login(running: Place) -> None:
    settings = running.broker.settings(running.logins["door"])
    nobody = settings.model_copy(update={"username": None, "password": None})
    with closing(Peer(nobody, "door")) as peer, pytest.raises(Refused, match="does not let us in"):
        peer.connect()
    plain = settings.model_copy(update={"tls": False, "ca_file": None})
    with closing(Peer(plain, "door")) as peer, pytest.raises(Unavailable, match="hung up"):
        peer.connect()


def test_a_certificate_in_place_of_a_password_is_as_good(place: Place, tmp_path: Path) -> None:
    """As docs/broker.md has it, in a file beside ours."""
    for name in ("door", "gate"):
        words = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            f"/CN={name}",
        ]
        files = ["-keyout", str(tmp_path / f"{name}.key"), "-out", str(tmp_path / f"{name}.crt")]
        subprocess.run(["openssl", *words, *files], check=True, capture_output=True)
    (tmp_path / "both.crt").write_bytes((tmp_path / "door.crt").read_bytes() + (tmp_path / "gate.crt").read_bytes())
    port, files_of_broker = free_port(), place.broker.root / "etc/mosquitto"
    (files_of_broker / "conf.d/own.conf").write_text(
        f"""\
listener {port} 127.0.0.1
certfile {files_of_broker}/edged/broker.crt
keyfile {files_of_broker}/edged/broker.key
cafile {tmp_path}/both.crt
require_certificate true
use_identity_as_username true
use_username_as_clientid true
"""
    )
    with place.broker, ExitStack() as stack:

        def certified(name: str, client_id: str) -> Peer:
            files = {"cert_file": tmp_path / f"{name}.crt", "key_file": tmp_path / f"{name}.key"}
            by_password = place.broker.settings(place.logins[name])
            settings = by_password.model_copy(update={"port": port, "username": None, "password": None, **files})
            peer = Peer(settings, client_id)
            stack.enter_context(closing(peer))
            peer.connect()
            return peer

        stack.enter_context(closing(place.peer("anna"))).connect()  # it answers when all listeners are open
        gate = certified("gate", "whatever")
        door = certified("door", "gate")
        for peer, name in ((gate, "gate"), (door, "door")):
            peer.hear("edged/gate/doctor", "edged/door/doctor")
            peer.say("edged/gate/doctor", b"as the gate")
            peer.say(f"edged/{name}/doctor", b"that was all")
            peer.until(b"that was all")
            assert {message.topic for message in peer.heard} == {f"edged/{name}/doctor"}
        assert not gate.cut


def test_old_tls_is_refused(place: Place) -> None:
    config = place.broker.root / "etc/mosquitto/conf.d/edged.conf"
    config.write_text(config.read_text() + "ciphers ALL:@SECLEVEL=0\n")  # else Debian's OpenSSL would refuse it first
    wanted = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    with place.broker:
        assert [_agreed(place, version) for version in wanted] == [None, "TLSv1.2", "TLSv1.3"]


def _agreed(place: Place, version: ssl.TLSVersion) -> str | None:
    """What the broker speaks with a client who can do this version only, and has no objections."""
    context = ssl.create_default_context(cafile=place.broker.root / "etc/mosquitto/edged/ca.crt")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # an old version is what is asked for
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", place.broker.port), timeout=15) as raw,
        suppress(ssl.SSLError, ConnectionError),
        context.wrap_socket(raw, server_hostname="127.0.0.1") as line,
    ):
        return line.version()
    return None
