"""Every kind of relay against what is really behind it (a broker, a server, pretended pins); one contract for all."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from edged.config.document import BrokerSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.doors.gpio import GpioRelay
from edged.doors.http_relay import HttpRelay
from edged.doors.plan import RelayPlan
from edged.doors.relay import TIMEOUT_S, NoRelay, Relay
from edged.measure.listener import Listener
from edged.mqtt.relay import MqttRelay
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto

TOPIC = "shed/relay"


@dataclass
class Web:
    """A relay that speaks HTTP: what it was asked, and what it answers."""

    server: HTTPServer
    status: int = 200
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def relay(self, on: str = "/on?timer={seconds}", **fields: Any) -> HttpRelay:
        return HttpRelay(RelayPlan("http", on_url=self.url + on, off_url=self.url + "/off", **fields))


@pytest.fixture
def web() -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.asked.append(f"{self.command} {self.path} {self.headers.get('Authorization', '')}".strip())
            self.send_response(made.status)
            self.send_header("Location", f"{made.url}/elsewhere")
            self.end_headers()

        do_GET = do_POST  # noqa: N815  the library's name

        def log_message(self, *_args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Web(server)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = gpiozero.Device.pin_factory = MockFactory()
    yield factory
    factory.close()
    gpiozero.Device.pin_factory = None


def mqtt_relay(broker: Mosquitto, on: str = "ON") -> MqttRelay:
    settings = BrokerSettings(enabled=True, host="127.0.0.1", port=broker.port)
    return MqttRelay(settings, "device-door-front", TOPIC, on, "OFF")


@contextmanager
def heard_on(broker: Mosquitto) -> Iterator[Listener]:
    with closing(Listener(broker.port, TOPIC)) as listener:
        listener.connect()
        yield listener


def wait_for(listener: Listener, *payloads: bytes) -> None:
    deadline = time.monotonic() + 10
    while said(listener) != list(payloads) and time.monotonic() < deadline:
        listener.collect(0.1)
    assert said(listener) == list(payloads)


def said(listener: Listener) -> list[bytes]:
    return [message.payload for message in listener.received]


def contract(relay: Relay) -> None:
    """What every kind can: reached, switched as often as wanted, let go."""
    relay.check()
    relay.off()
    relay.on(4.0)
    relay.on(2.0)
    relay.off()
    relay.off()
    assert relay.check_s > 0
    relay.check()
    relay.close()


def test_a_pin_fits_the_port(pins: MockFactory) -> None:
    contract(GpioRelay(17, active_low=False))


def test_nothing_fits_the_port() -> None:
    contract(NoRelay())


def test_http_fits_the_port(web: Web) -> None:
    contract(web.relay())
    assert web.asked == [f"POST {path}" for path in ("/off", "/on?timer=4", "/on?timer=2", "/off", "/off")]


def test_mqtt_fits_the_port(broker: Mosquitto) -> None:
    with heard_on(broker) as listener:
        contract(mqtt_relay(broker, '{"on_time": {seconds}}'))
        wait_for(listener, b"OFF", b"OFF", b'{"on_time": 4}', b'{"on_time": 2}', b"OFF", b"OFF", b"OFF")


@pytest.mark.parametrize("active_low", [False, True])
def test_a_pin_is_off_from_the_first_moment_and_when_it_is_let_go(pins: MockFactory, active_low: bool) -> None:
    relay = GpioRelay(17, active_low=active_low)
    pin = pins.pin("GPIO17")
    assert pin.state is active_low
    relay.on(1.0)
    assert pin.state is not active_low
    relay.off()
    assert pin.state is active_low
    relay.close()
    assert pin.function == "input"


def test_a_pin_that_another_device_has_is_unavailable(pins: MockFactory) -> None:
    first = GpioRelay(17, active_low=False)
    with pytest.raises(Unavailable, match="pin 17"):
        GpioRelay(17, active_low=False)
    first.close()


def test_without_a_chip_there_is_no_pin() -> None:
    gpiozero.Device.pin_factory = None
    with pytest.raises(Unavailable, match="chip"):
        GpioRelay(17, active_low=False)


@pytest.mark.parametrize("status", [301, 302, 401, 404, 500])
def test_an_http_relay_that_says_no_is_not_followed_elsewhere(web: Web, status: int) -> None:
    web.status = status
    with pytest.raises(Refused, match=str(status)):
        web.relay().on(1.0)
    assert web.asked == ["POST /on?timer=1"]


def test_a_password_in_the_address_is_used_and_never_shown(web: Web) -> None:
    url = web.url.replace("http://", "http://door:s%40cret@") + "/on"
    relay = HttpRelay(RelayPlan("http", on_url=url, off_url=url, method="GET"))
    relay.on(1.0)
    assert web.asked == ["GET /on Basic ZG9vcjpzQGNyZXQ="]
    web.status = 500
    with pytest.raises(Refused) as caught:
        relay.on(1.0)
    assert "s@cret" not in str(caught.value)
    assert "s%40cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://a/b c", "http://a/\r\nX: y", "ftp://a/", "http:///x", "http://a:0/", "", "http://[x/"]
)
def test_an_address_that_cannot_be_asked_is_refused_unsaid(url: str) -> None:
    with pytest.raises(Refused) as caught:
        HttpRelay(RelayPlan("http", on_url=url, off_url=url))
    assert caught.value.reason == "bad_address"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2000 OK\r\n", b"x" * 9000])
def test_what_is_no_http_is_no_yes(answer: bytes) -> None:
    with listening(lambda line: line.sendall(answer)) as port, pytest.raises(EdgedError):
        dripping(port).off()


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for() -> None:
    def drip(line: socket.socket) -> None:
        for _ in range(100):
            line.send(b"H")
            time.sleep(0.1)

    with listening(drip) as port:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="in time"):
            dripping(port).off()
        assert time.monotonic() - begun < TIMEOUT_S + 5


def test_https_asks_only_whom_the_authority_has_signed(web: Web, tmp_path: Path) -> None:
    for name in ("relay", "stranger"):
        words = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ]
        words += ["-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", "/CN=relay"]
        subprocess.run(
            [*words, "-addext", "subjectAltName=IP:127.0.0.1"], cwd=tmp_path, check=True, capture_output=True
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "relay.crt", tmp_path / "relay.key")
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    url = web.url.replace("http:", "https:")
    for name in ("stranger", "relay"):
        relay = HttpRelay(RelayPlan("http", on_url=f"{url}/on", off_url=f"{url}/off", ca_file=f"{tmp_path}/{name}.crt"))
        if name == "stranger":
            with pytest.raises(Unavailable, match="certificate"):
                relay.on(1.0)
            assert web.asked == []
        else:
            relay.on(1.0)
    assert web.asked == ["POST /on"]
    with pytest.raises(Refused, match="ca_file"):
        HttpRelay(RelayPlan("http", on_url=url, off_url=url, ca_file="/nowhere.pem"))


def dripping(port: int) -> HttpRelay:
    url = f"http://127.0.0.1:{port}/"
    return HttpRelay(RelayPlan("http", on_url=url, off_url=url))


@contextmanager
def listening(answer: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                try:
                    line.recv(4096)
                    answer(line)
                except OSError:
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_nobody_there_is_unavailable(broker: Mosquitto) -> None:
    mqtt = mqtt_relay(broker)
    broker.stop()
    for relay in (dripping(1), mqtt):
        for word in (relay.check, relay.off, partial(relay.on, 1.0)):
            with pytest.raises(Unavailable):
                word()
        relay.close()


def test_nothing_is_retained_and_what_somebody_else_left_is_removed(broker: Mosquitto) -> None:
    with heard_on(broker) as listener:
        leave_retained(broker, b"ON")
        wait_for(listener, b"ON")
        relay = mqtt_relay(broker)
        relay.check()
        deadline = time.monotonic() + 10
        while b"" not in said(listener) and time.monotonic() < deadline:
            relay.check()
            listener.collect(0.05)
        relay.on(1.0)
        relay.off()
        relay.close()
    with heard_on(broker) as late:
        late.collect(0.3)
        assert late.received == []


def leave_retained(broker: Mosquitto, payload: bytes) -> None:
    session = Session(BrokerSettings(enabled=True, host="127.0.0.1", port=broker.port), "somebody")
    session.connect(5.0)
    session.publish(TOPIC, payload, qos=1, retain=True)
    session.close()


def test_a_broker_that_hangs_is_not_waited_for_and_opens_nothing_when_it_wakes_up(broker: Mosquitto) -> None:
    with heard_on(broker) as listener:
        relay = mqtt_relay(broker)
        relay.check()
        relay.off()
        wait_for(listener, b"OFF")
        broker.freeze()
        with pytest.raises(Unavailable, match="does not answer"):
            relay.on(4.0)
        broker.thaw()
        relay.check()
        relay.off()
        listener.collect(0.5)
        assert set(said(listener)) == {b"OFF"}
        relay.close()


def test_a_relay_that_was_away_does_not_get_what_was_meant_for_it_then(broker: Mosquitto) -> None:
    """The broker keeps for it what comes while it is away: all but what has expired."""
    away = Listener(broker.port, TOPIC)
    away.connect()
    away.close()
    relay = mqtt_relay(broker)
    relay.check()
    relay.on(30.0)
    time.sleep(2.2)
    with closing(away):
        away.connect()
        away.collect(0.3)
        assert set(said(away)) == {b"OFF"}
    relay.close()


def test_the_broker_switches_off_when_whoever_held_the_relay_is_gone(broker: Mosquitto) -> None:
    with heard_on(broker) as listener:
        relay = mqtt_relay(broker)
        relay.check()
        relay.on(30.0)
        relay._session.break_off()
        wait_for(listener, b"OFF", b"ON", b"OFF")
