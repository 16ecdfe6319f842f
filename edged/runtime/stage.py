"""A stage for trying edged out: a broker, a configuration and a daemon, each a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import yaml

from edged.accounts.account import Account, Role
from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable, Unsupported
from edged.mqtt.notice import Disconnected, Received
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.state_dir import StateDir
from edged.wire.availability import Availability
from edged.wire.event import EventMessage, parse_event
from edged.wire.topics import Topics

_USUAL_PORT: Final = 1883
_START_S: Final = 60.0
_END_S: Final = 5.0
_DEVICE: Final = "demo"
_VISITOR: Final = "demo"
"""Whoever tries it out: an account without a password."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker to talk to, and who it is, in words."""

    port: int
    what: str
    protocol: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A running daemon with somebody who listens to it.

    Attributes:
        config: the configuration it runs with; other commands can use it too.
        log: what the daemon writes.
        page: address of its page.
        session: hears the device's events.
    """

    config: Path
    log: Path
    page: str
    session: Session
    daemon: subprocess.Popen[bytes]

    def way_in(self) -> str:
        """The page's address with a link that signs in once, as an administrator; another one each time.

        Raises:
            Unavailable: the disk does not let us.
        """
        state = StateDir(self.config.parent / "state")
        with closing(state.open_accounts()) as accounts:
            if accounts.find(_VISITOR) is None:
                accounts.add(Account(_VISITOR, Role.ADMINISTRATOR), None)
            return f"{self.page}sign-in#once={accounts.link(_VISITOR)}"

    def events(self, seconds: float) -> Iterator[EventMessage]:
        """The events as they come, for so long. Blocks between them.

        Raises:
            Unavailable: the daemon or the broker ended.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self.daemon.poll() is not None:
                raise Unavailable(f"the daemon ended; the last it wrote:\n{tail(self.log)}")
            match self.session.next_notice(min(left, 0.5)):
                case Received(topic=topic, payload=payload) if topic.endswith("/event"):
                    yield parse_event(payload)
                case Disconnected(reason=reason):
                    raise Unavailable(f"the broker hung up: {reason}")


@contextmanager
def set_up(
    folder: Path,
    camera: dict[str, Any],
    settings: dict[str, Any],
    say: Callable[[str], None],
    broker: Broker | None = None,
) -> Iterator[Stage]:
    """Starts what is needed and waits until the daemon is online; takes it all down at the end.

    Args:
        folder: for the configuration, the state and the logs.
        camera: the camera's part of the configuration.
        settings: further parts of the configuration.
        say: told what is being done.
        broker: one to use in place of the one that is found or started here.

    Raises:
        Unavailable: something did not start; the message has what it wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        broker = broker or stack.enter_context(_broker(folder))
        say(f"broker: {broker.what}, on 127.0.0.1:{broker.port}")
        mqtt = {"host": "127.0.0.1", "port": broker.port, "protocol": broker.protocol}
        http = {"port": _free_port()}
        config = folder / "edged.yaml"
        config.write_text(
            yaml.safe_dump(
                {
                    "device": {"name": _DEVICE, "state": str((folder / "state").resolve())},
                    "mqtt": mqtt,
                    "http": http,
                    "cameras": {"demo": camera},
                    **settings,
                },
                sort_keys=False,
            ),
            encoding="utf-8",
        )
        topics = Topics("edged", _DEVICE)
        session = Session(MqttSettings.model_validate(mqtt), f"edged-demo-{_free_port()}")
        session.connect(5.0)
        stack.callback(session.close)
        session.subscribe(topics.event)
        log = folder / "edged.log"
        with log.open("wb") as output:
            daemon = stack.enter_context(
                _running([sys.executable, "-m", "edged", "run", "--config", str(config)], output)
            )
        _wait_online(session, topics, daemon, log)
        yield Stage(config, log, f"http://127.0.0.1:{http['port']}/", session, daemon)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in text)


def _wait_online(session: Session, topics: Topics, daemon: subprocess.Popen[bytes], log: Path) -> None:
    # Subscribed here, not before: a retained `online` of an earlier run on the same broker would come at once.
    deadline = time.monotonic() + _START_S
    session.subscribe(topics.available)
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            raise Unavailable(f"the daemon did not start; the last it wrote:\n{tail(log)}")
        match session.next_notice(0.2):
            case Received(topic=topics.available, payload=payload, retained=False):
                if payload == Availability.ONLINE.encode():
                    return
    raise Unavailable(f"the daemon was not ready within {_START_S:.0f} s; the last it wrote:\n{tail(log)}")


@contextmanager
def _broker(folder: Path) -> Iterator[Broker]:
    """The broker that answers on the usual port, else Mosquitto where it is installed, else the embedded one."""
    if _answers(_USUAL_PORT):
        yield Broker(_USUAL_PORT, "the one that runs here already", "5")
        return
    try:
        mosquitto = Mosquitto(folder)
        mosquitto.start()
    except Unsupported:
        with _embedded_broker(folder) as port:
            yield Broker(port, "an embedded one (Mosquitto is the real one: apt-get install mosquitto)", "3.1.1")
        return
    try:
        yield Broker(mosquitto.port, "Mosquitto, started for this", "5")
    finally:
        mosquitto.stop()


@contextmanager
def _embedded_broker(folder: Path) -> Iterator[int]:
    """The port of a broker in a child process."""
    port, log = _free_port(), folder / "broker.log"
    argv = [sys.executable, "-m", "edged.runtime.embedded_broker", str(port)]
    with log.open("wb") as output, _running(argv, output) as process:
        deadline = time.monotonic() + _START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"the broker did not start; the last it wrote:\n{tail(log)}")
            time.sleep(0.05)
        yield port


@contextmanager
def _running(argv: list[str], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that ends with us."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def enroll(stage: Stage, key: str, name: str, photo: Path) -> str:
    """Enrols somebody as a person at the command line would; the daemon that runs takes it over.

    Raises:
        Unavailable: it was refused.
    """
    argv = [sys.executable, "-m", "edged", "enroll", key, str(photo), "--name", name, "--largest", "--json"]
    finished = subprocess.run([*argv, "--config", str(stage.config)], capture_output=True, check=False, timeout=60)
    if finished.returncode:
        raise Unavailable(f"enrolling failed: {finished.stderr.decode(errors='replace')}")
    return str(json.loads(finished.stdout)["id"])
