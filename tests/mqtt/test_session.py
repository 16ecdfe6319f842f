"""The session with real brokers: who gets in, what is said when not, and what stands there afterwards."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.domain.errors import Refused, Unavailable
from edged.measure.listener import Listener
from edged.mqtt.line import MAX_INCOMING_BYTES
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed, Woken
from edged.mqtt.session import Connected, Session
from edged.runtime.mosquitto import Mosquitto

# paho leaves the socket of a failed handshake to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

PATIENCE_S = 15.0
PASSWORD = "correct horse battery staple"


def _session(port: int, **settings: object) -> Session:
    return Session(_settings(port, **settings), "x")


def _settings(port: int, **settings: object) -> MqttSettings:
    return MqttSettings.model_validate({"host": "127.0.0.1", "port": port} | settings)


def _notices(session: Session, count: int) -> list[Notice | None]:
    return [session.next_notice(PATIENCE_S) for _ in range(count)]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_message_goes_out_is_acknowledged_and_comes_back(broker: Mosquitto, protocol: str) -> None:
    with closing(_session(broker.port, protocol=protocol)) as session:
        assert session.connect(PATIENCE_S) == Connected(protocol, session_present=False)  # type: ignore[arg-type]  # parametrised
        subscribed = session.subscribe("a/#")
        assert _notices(session, 1) == [Subscribed(subscribed)]
        published = session.publish("a/b", b"\x00hello", qos=1, retain=False)
        assert set(_notices(session, 2)) == {Published(published), Received("a/b", b"\x00hello", retained=False)}


def test_a_message_too_long_for_us_is_not_taken(broker: Mosquitto) -> None:
    with closing(_session(broker.port, protocol="3.1.1")) as session:
        session.connect(PATIENCE_S)
        session.subscribe("a")
        session.publish("a", bytes(MAX_INCOMING_BYTES + 1), qos=1, retain=False)
        session.publish("a", b"short", qos=1, retain=False)
        received = [notice for notice in _notices(session, 4) if isinstance(notice, Received)]
        assert received == [Received("a", b"short", retained=False)]


def test_no_connection_no_speech(broker: Mosquitto) -> None:
    session = _session(broker.port)
    session.wake()
    session.close()
    with pytest.raises(Unavailable, match="no connection"):
        session.publish("a", b"", qos=1, retain=False)
    session.connect(PATIENCE_S)
    broker.kill()
    lost = session.next_notice(PATIENCE_S)
    assert lost == Disconnected("the connection was lost")
    with pytest.raises(Unavailable, match="no connection"):
        session.publish("a", b"", qos=1, retain=False)
    broker.start()
    assert session.connect(PATIENCE_S)
    session.close()


def test_wake_ends_the_waiting_from_another_thread(broker: Mosquitto) -> None:
    with closing(_session(broker.port)) as session:
        session.connect(PATIENCE_S)
        other = threading.Timer(0.1, session.wake)
        other.start()
        assert session.next_notice(PATIENCE_S) == Woken()
        other.join()
        assert session.next_notice(0.01) is None


def test_a_broker_that_takes_fewer_at_once_gets_fewer(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, ["allow_anonymous true", "max_inflight_messages 3"]) as broker:
        session = _session(broker.port, inflight=20)
        session.connect(PATIENCE_S)
        mids = [session.publish("a", b"%d" % number, qos=1, retain=False) for number in range(50)]
        assert _notices(session, 50) == [Published(mid) for mid in mids]
        assert session.inflight == 3
        session.close()


# Who gets in


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with one user, `door`, who may write below edged/door only."""
    passwords, rules = tmp_path / "passwords", tmp_path / "rules"
    passwords.write_text(f"door:{PASSWORD}\n")
    passwords.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    rules.write_text("pattern write edged/%u/#\n")
    listener = ["use_username_as_clientid true", f"password_file {passwords}", f"acl_file {rules}"]
    with Mosquitto(tmp_path, listener) as broker:
        yield broker


def test_user_and_password_from_a_file(guarded: Mosquitto, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    session = _session(guarded.port, username="door", password_file=secret)
    session.connect(PATIENCE_S)
    session.close()
    secret.unlink()
    with pytest.raises(Unavailable, match=r"cannot read mqtt\.password_file"):
        session.connect(PATIENCE_S)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("settings", [{"username": "door", "password": f"not {PASSWORD}"}, {}])
def test_whoever_is_not_let_in_is_told_so_without_the_password(
    guarded: Mosquitto, settings: dict[str, str], protocol: str
) -> None:
    with pytest.raises(Refused) as refused:
        _session(guarded.port, protocol=protocol, **settings).connect(PATIENCE_S)
    assert refused.value.reason == "bad_credentials"
    assert "mqtt.username" in refused.value.remedy
    assert PASSWORD not in str(refused.value)


def test_a_password_without_a_name_is_not_left_out_in_silence(guarded: Mosquitto) -> None:
    with pytest.raises(Refused) as refused:
        _session(guarded.port, password=PASSWORD).connect(PATIENCE_S)
    assert refused.value.reason == "no_username"


def test_what_the_access_list_forbids_is_refused_by_name(guarded: Mosquitto) -> None:
    with closing(_session(guarded.port, username="door", password=PASSWORD)) as session:
        session.connect(PATIENCE_S)
        allowed = session.publish("edged/door/event", b"", qos=1, retain=False)
        forbidden = session.publish("edged/gate/event", b"", qos=1, retain=False)
        assert _notices(session, 2) == [Published(allowed), Published(forbidden, "not authorized")]


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a broker on 127.0.0.1 and a device signed by it, and an authority that signed nobody."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    for name in ("ca", "stranger"):
        openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")
    for name, names in (("broker", "IP:127.0.0.1"), ("device", "DNS:door")):
        sign = ("-CA", "ca.crt", "-CAkey", "ca.key", "-addext", f"subjectAltName={names}")
        openssl("req", "-x509", *key, *sign, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")
    return folder


@contextmanager
def _tls_broker(folder: Path, certificates: Path, *more: str) -> Iterator[Mosquitto]:
    listener = [f"certfile {certificates}/broker.crt", f"keyfile {certificates}/broker.key", "allow_anonymous true"]
    with Mosquitto(folder, [*listener, *more]) as broker:
        yield broker


def test_tls_with_our_authority(tmp_path: Path, certificates: Path) -> None:
    with (
        _tls_broker(tmp_path, certificates) as broker,
        closing(_session(broker.port, tls=True, ca_file=certificates / "ca.crt")) as session,
    ):
        assert session.connect(PATIENCE_S).protocol == "5"
        mid = session.publish("a", b"secret", qos=1, retain=False)
        assert _notices(session, 1) == [Published(mid)]


def test_a_broker_that_somebody_else_signed_is_refused(tmp_path: Path, certificates: Path) -> None:
    with _tls_broker(tmp_path, certificates) as broker, pytest.raises(Refused) as refused:
        _session(broker.port, tls=True, ca_file=certificates / "stranger.crt").connect(PATIENCE_S)
    assert refused.value.reason == "untrusted_broker"
    assert "mqtt.ca_file" in refused.value.remedy


def test_a_broker_under_another_name_is_refused(tmp_path: Path, certificates: Path) -> None:
    with _tls_broker(tmp_path, certificates) as broker, pytest.raises(Refused, match=r"[Hh]ostname mismatch"):
        _session(broker.port, host="localhost", tls=True, ca_file=certificates / "ca.crt").connect(PATIENCE_S)


def test_a_client_certificate_opens_and_its_absence_does_not(tmp_path: Path, certificates: Path) -> None:
    wants = (f"cafile {certificates}/ca.crt", "require_certificate true", "use_identity_as_username true")
    tls = {"tls": True, "ca_file": certificates / "ca.crt"}
    device = {"cert_file": certificates / "device.crt", "key_file": certificates / "device.key"}
    with _tls_broker(tmp_path, certificates, *wants) as broker:
        session = _session(broker.port, **tls, **device)
        session.connect(PATIENCE_S)
        session.close()
        with pytest.raises(Unavailable) as unavailable:
            _session(broker.port, **tls).connect(PATIENCE_S)
    assert "hung up" in unavailable.value.what
    assert "mqtt.cert_file" in unavailable.value.remedy


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path, certificates: Path) -> None:
    absent = tmp_path / "absent.pem"
    with pytest.raises(Refused, match=r"absent\.pem"):
        _session(1, tls=True, ca_file=absent).connect(PATIENCE_S)
    swapped = {"cert_file": certificates / "device.key", "key_file": certificates / "device.crt"}
    with pytest.raises(Refused) as refused:
        _session(1, tls=True, **swapped).connect(PATIENCE_S)
    assert refused.value.reason == "bad_certificate"


# Who does not answer


def test_nobody_there(broker: Mosquitto) -> None:
    broker.kill()
    with pytest.raises(Unavailable, match="nothing listens"):
        _session(broker.port).connect(PATIENCE_S)


def test_a_name_nobody_knows() -> None:
    for host in ("no-such-host.invalid", "a..b"):
        with pytest.raises(Unavailable, match="name is not known"):
            _session(1, host=host).connect(PATIENCE_S)


def test_tls_with_a_broker_that_has_none(broker: Mosquitto) -> None:
    with pytest.raises(Unavailable, match=f"127.0.0.1:{broker.port}"):
        _session(broker.port, tls=True).connect(PATIENCE_S)


@contextmanager
def _server(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """Something on a port that answers the first packet of each connection so, and then waits to be left."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.sendall(answer(connection.recv(1024)))
                while connection.recv(1024):
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(PATIENCE_S)


def _level(connect: bytes) -> int:
    """The protocol level of a short CONNECT packet: 4 for 3.1.1, 5 for 5."""
    return connect[8]


def test_a_broker_that_refuses_mqtt_5_is_spoken_to_in_3_1_1() -> None:
    welcome, wrong_version = b"\x20\x02\x00\x00", b"\x20\x02\x00\x01"
    with _server(lambda connect: welcome if _level(connect) == 4 else wrong_version) as port:
        session = _session(port)
        assert session.connect(PATIENCE_S).protocol == "3.1.1"
        session.close(0.2)


def test_being_pushed_out_by_another_device_of_the_same_name_is_called_so() -> None:
    welcome, session_taken_over = b"\x20\x03\x00\x00\x00", b"\xe0\x02\x8e\x00"
    with _server(lambda _: welcome + session_taken_over) as port, closing(_session(port)) as session:
        session.connect(PATIENCE_S)
        lost = session.next_notice(PATIENCE_S)
        assert isinstance(lost, Disconnected)
        assert "under the same name" in lost.reason


def test_something_that_never_answers_is_given_up() -> None:
    with _server(lambda _: b"") as port, pytest.raises(Unavailable, match="does not answer"):
        _session(port).connect(0.3)


def test_a_broker_that_hangs_does_not_hold_up_the_end(broker: Mosquitto) -> None:
    session = Session.of_device(_settings(broker.port), "door")
    session.connect(PATIENCE_S)
    broker.freeze()
    for _ in range(30):
        session.publish("a", bytes(100_000), qos=1, retain=False)
    began = time.monotonic()
    session.close(0.3)
    assert time.monotonic() - began < 5


def test_a_broker_that_keeps_silent_to_mqtt_5_is_spoken_to_in_3_1_1() -> None:
    """amqtt, which `scripts/run` starts where there is no broker, is such a one."""
    program = (
        "import asyncio, logging, sys\n"
        "logging.disable()\n"
        "from amqtt.broker import Broker\n"
        "async def serve():\n"
        "    listener = {'type': 'tcp', 'bind': '127.0.0.1:0'}\n"
        "    broker = Broker({'listeners': {'default': listener},\n"
        "        'plugins': {'amqtt.plugins.authentication.AnonymousAuthPlugin': {'allow_anonymous': True}}})\n"
        "    await broker.start()\n"
        "    print(broker._servers['default'].instance.sockets[0].getsockname()[1], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(serve())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            session = _session(int(child.stdout.readline()))
            assert session.connect(1).protocol == "3.1.1"
            mid = session.publish("a", b"hello", qos=1, retain=False)
            assert _notices(session, 1) == [Published(mid)]
            session.close()
        finally:
            child.kill()


# What stands there afterwards


def test_a_clean_end_says_stopped(broker: Mosquitto, listen: Callable[[str], Listener]) -> None:
    listener = listen("edged/door/available")
    session = Session.of_device(_settings(broker.port), "door")
    session.connect(PATIENCE_S)
    session.close()
    listener.until(b"stopped")
    assert [message.payload for message in listener.received] == [b"stopped"]
    late = listen("edged/door/available")
    late.until(b"stopped")
    assert late.received[0].retained


def test_a_killed_device_is_offline(broker: Mosquitto, listen: Callable[[str], Listener]) -> None:
    listener = listen("edged/door/available")
    program = (
        "import sys, time\n"
        "from edged.config.document import MqttSettings\n"
        "from edged.mqtt.session import Session\n"
        "session = Session.of_device(MqttSettings(host='127.0.0.1', port=int(sys.argv[1])), 'door')\n"
        "session.connect(10)\n"
        "session.publish('edged/door/available', b'online', qos=1, retain=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(broker.port)])
    try:
        listener.until(b"online")
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    listener.until(b"offline")
