"""The broker that is shipped, with one user of each kind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from edged.measure.peer import Peer
from edged.measure.sample_broker import Login, Role, SampleBroker
from edged.mqtt.line import LastWords, Protocol
from tests.conftest import ROOT

SCRIPT = ROOT / "scripts" / "broker"
USERS: dict[str, Role] = {
    "door": "device",
    "gate": "device",
    "anna": "admin",
    "bert": "admin",
    "hub": "hub",
    "homeassistant": "homeassistant",
    "panel": "homeassistant-buttons",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A broker that is set up, with its users."""

    broker: SampleBroker
    logins: dict[str, Login]

    def peer(
        self,
        name: str,
        client_id: str = "",
        protocol: Protocol = "5",
        *,
        will: LastWords | None = None,
        expiry_s: int = 0,
    ) -> Peer:
        settings = self.broker.settings(self.logins[name], protocol)
        return Peer(settings, client_id or name, will=will, expiry_s=expiry_s)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Never started and never changed."""
    broker = SampleBroker(tmp_path_factory.mktemp("made"), SCRIPT)
    return Place(broker, {name: broker.add(role, name) for name, role in USERS.items()})


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    """One of its own with the same users, not started yet."""
    root = tmp_path / "root"
    shutil.copytree(made.broker.root / "etc/mosquitto/edged", root / "etc/mosquitto/edged")
    return Place(SampleBroker(root, SCRIPT), dict(made.logins))


@pytest.fixture
def running(place: Place) -> Iterator[Place]:
    with place.broker:
        yield place


@pytest.fixture
def connected(running: Place) -> Iterator[Callable[..., Peer]]:
    """Connects somebody."""
    with ExitStack() as stack:

        def connect(name: str, client_id: str = "", protocol: Protocol = "5", expiry_s: int = 0) -> Peer:
            peer = running.peer(name, client_id, protocol, expiry_s=expiry_s)
            stack.enter_context(closing(peer))
            peer.connect()
            return peer

        yield connect
