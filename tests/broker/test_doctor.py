"""What `edged doctor` finds on a broker: nothing on the one that is shipped, and each hole where there is one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from edged.config.document import Document, MqttSettings
from edged.domain.errors import EdgedError
from edged.measure.sample_broker import Login
from edged.mqtt.broker_trial import Trespass, try_login, try_stranger
from edged.mqtt.line import Protocol
from edged.runtime.broker_checkup import broker_findings
from edged.runtime.finding import Finding, Mark
from edged.runtime.mosquitto import Mosquitto
from tests.broker.conftest import Place


def _document(mqtt: MqttSettings, **more: object) -> Document:
    return Document.model_validate({"device": {"name": "door"}, "mqtt": mqtt, **more})


def _findings(mqtt: MqttSettings, **more: object) -> dict[str, Finding]:
    return {finding.name: finding for finding in broker_findings(_document(mqtt, **more))}


def _marks(findings: dict[str, Finding]) -> dict[str, Mark]:
    return {name: finding.mark for name, finding in findings.items()}


def _rules(place: Place, *lines: str) -> None:
    """Adds rules for all in front of those that are shipped."""
    acl = place.broker.root / "etc/mosquitto/edged/acl"
    acl.write_text("".join(f"{line}\n" for line in lines) + acl.read_text())


def _setting(place: Place, old: str, new: str) -> None:
    config = place.broker.root / "etc/mosquitto/conf.d/edged.conf"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_on_the_broker_that_is_shipped_all_is_well(running: Place, protocol: Protocol) -> None:
    with closing(running.peer("gate")) as gate:
        gate.connect()
        gate.say("edged/gate/available", b"online", retain=True)
        gate.settle()
    findings = _findings(running.broker.settings(running.logins["door"], protocol))
    assert _marks(findings) == dict.fromkeys(
        ("broker", "broker.access", "broker.sessions", "broker.strangers"), Mark.OK
    )
    assert ("3.1.1" in findings["broker.access"].what) == (protocol == "3.1.1")


def test_a_daemon_that_takes_its_place_back_does_not_disturb(running: Place) -> None:
    with _daemon(running, "door"):
        findings = _findings(running.broker.settings(running.logins["door"]))
    assert set(_marks(findings).values()) == {Mark.OK}


@contextmanager
def _daemon(place: Place, name: str) -> Iterator[None]:
    """Connects again and again, as soon as the daemon does at the earliest."""
    over = threading.Event()

    def stay() -> None:
        with closing(place.peer(name)) as peer:
            while not over.is_set():
                with suppress(EdgedError):
                    peer.connect()
                    while not over.is_set() and not peer.cut:
                        peer.collect(0.05)
                over.wait(0.25)

    thread = threading.Thread(target=stay)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_without_rules_is_worth_a_warning(broker: Mosquitto, protocol: Protocol) -> None:
    mqtt = MqttSettings(host="127.0.0.1", port=broker.port, protocol=protocol)
    findings = _findings(mqtt)
    assert _marks(findings) == {"broker": Mark.OK, "broker.access": Mark.WARN}
    assert "anybody who reaches this broker can configure this device" in findings["broker.access"].what
    assert "docs/broker.md" in findings["broker.access"].remedy
    signed = _findings(mqtt, control={"keys": "/etc/edged/keys"})
    assert "orders need a signature" in signed["broker.access"].what


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_rights_that_mqtt_md_once_gave_are_too_many(place: Place, protocol: Protocol) -> None:
    (place.broker.root / "etc/mosquitto/edged/acl").write_text(
        "pattern write edged/%u/#\npattern read edged/%u/doctor\npattern read edged/%u/request/#\n"
    )
    with place.broker:
        findings = _findings(place.broker.settings(place.logins["door"], protocol))
    access = findings["broker.access"]
    assert access.mark is Mark.FAIL
    assert access.what == (
        "whoever has this device's password can configure this device and ask it for anything"
        " (edged/door/request/doctor)"
    )
    assert "none for edged/%u/#" in access.remedy


@pytest.mark.parametrize(
    ("rule", "possible"),
    [
        ("pattern write edged/%u/request/#", {Trespass.ORDER_ITSELF}),
        ("pattern write edged/%u/config/#", {Trespass.ORDER_ITSELF}),
        ("pattern write edged/_group/#", {Trespass.ORDER_OTHERS}),
        ("pattern write edged/+/config/#", {Trespass.ORDER_ITSELF, Trespass.ORDER_OTHERS}),
        ("pattern write edged/+/doctor", {Trespass.SPEAK_AS_OTHERS, Trespass.SPEAK_AS_HUB}),
        ("pattern write edged/_hub/#", {Trespass.SPEAK_AS_HUB}),
        ("pattern read edged/+/config/desired", {Trespass.HEAR_OTHERS}),
        ("pattern read edged/+/available", {Trespass.HEAR_OTHERS}),
    ],
)
def test_each_hole_is_found(place: Place, rule: str, possible: set[Trespass]) -> None:
    _rules(place, rule)
    with place.broker, closing(place.peer("gate")) as gate, closing(place.peer("anna")) as anna:
        for peer, topic in ((gate, "edged/gate/available"), (anna, "edged/gate/config/desired")):
            peer.connect()
            peer.say(topic, b"something", retain=True)
            peer.settle()
        settings = place.broker.settings(place.logins["door"])
        assert set(try_login(settings, "door").possible) == possible
        assert _findings(settings)["broker.access"].mark is Mark.FAIL


def test_what_it_tries_is_kept_by_nobody_and_done_by_nobody(running: Place) -> None:
    with closing(running.peer("anna")) as anna:
        anna.connect()
        anna.hear("edged/#")
        list(broker_findings(_document(running.broker.settings(running.logins["door"]))))
        anna.say("edged/gate/request/sync", b"that was all")
        anna.until(b"that was all")
        assert {message.topic for message in anna.heard[:-1]} == {"edged/door/doctor"}
        late = running.peer("bert")
        with closing(late):
            late.connect()
            late.hear("edged/#")
            anna.say("edged/gate/request/sync", b"for bert, too")
            late.until(b"for bert, too")
            assert [message for message in late.heard if message.retained] == []


def test_sessions_that_anybody_can_take_over_are_worth_a_warning(place: Place) -> None:
    _setting(place, "use_username_as_clientid true\n", "")
    with place.broker:
        findings = _findings(place.broker.settings(place.logins["door"]))
    assert findings["broker.sessions"].mark is Mark.WARN
    assert "use_username_as_clientid true" in findings["broker.sessions"].remedy
    assert findings["broker.access"].mark is Mark.OK


@pytest.mark.parametrize(
    ("rules", "mark", "words"),
    [
        ((), Mark.WARN, "can do nothing that was tried"),
        (("topic write edged/door/request/#",), Mark.FAIL, "without a login, and can configure this device"),
    ],
)
def test_whoever_comes_in_without_a_login_is_found_out(
    place: Place, rules: tuple[str, ...], mark: Mark, words: str
) -> None:
    _setting(place, "allow_anonymous false", "allow_anonymous true")
    _setting(place, "use_username_as_clientid true\n", "")  # with it, nobody without a name comes in, either
    _rules(place, *rules)
    with place.broker:
        settings = place.broker.settings(place.logins["door"])
        strangers = _findings(settings)["broker.strangers"]
        assert (strangers.mark, strangers.remedy) == (mark, "In mosquitto.conf: allow_anonymous false")
        assert words in strangers.what
        old = try_stranger(settings.model_copy(update={"protocol": "3.1.1"}), "door")
        assert old is not None
        assert not old.possible, "it hears nothing, and 3.1.1 does not tell"


def test_a_login_that_does_not_fit_is_one_finding(running: Place) -> None:
    findings = _findings(running.broker.settings(Login("door", "a wrong password")))
    assert _marks(findings) == {"broker": Mark.FAIL}
    assert "mqtt.username" in findings["broker"].remedy
    other = _findings(running.broker.settings(running.logins["gate"]))
    assert _marks(other) == {"broker": Mark.FAIL}
    assert "edged/door/doctor" in other["broker"].what
