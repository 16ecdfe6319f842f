"""The broker that scripts/broker sets up, below a folder of its own: what is measured and tested is what is shipped."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from pydantic import SecretStr

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable, Unsupported
from edged.mqtt.line import Protocol
from edged.runtime.mosquitto import Mosquitto, free_port

Role: TypeAlias = Literal["device", "admin", "hub", "homeassistant", "homeassistant-buttons"]

SCRIPT: Final = Path("scripts/broker")
"""In a checkout, which is where measuring is done."""
_SCRIPT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody whom the broker lets in."""

    name: str
    password: str = field(repr=False)


class SampleBroker:
    """Mosquitto, set up by scripts/broker on a free loopback port, with TLS, users and rights.

    Attributes:
        root: what the script took for the root of a file system.
        port: where it listens.

    Args:
        root: an empty folder.
        script: see `SCRIPT`.

    Raises:
        Unsupported: there is no such script here.
        Unavailable: it fails; its words are in the message.
    """

    def __init__(self, root: Path, script: Path = SCRIPT) -> None:
        if not script.is_file():
            raise Unsupported(f"there is no {script} here", "Run this in a checkout of edged")
        self.root = root
        self.port = free_port()
        self._script = script.absolute()
        self.run("up", "--listen", "127.0.0.1", "--port", str(self.port))
        self._broker = Mosquitto.of_file(root, root / "etc/mosquitto/mosquitto.conf", self.port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def run(self, *words: str, typed: str = "") -> str:
        """Calls the script, as it is called by people, but below `root`; gives what it writes on its standard output.

        Raises:
            Unavailable: it fails; its words are in the message.
        """
        command = [str(self._script), "--root", str(self.root), *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True, input=typed, timeout=_SCRIPT_S)
        if done.returncode != 0:
            raise Unavailable(f"{self._script} {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def add(self, role: Role, name: str) -> Login:
        """A new user. A broker that runs lets them in a moment later."""
        return Login(name, self.run("add", role, name))

    def settings(self, login: Login, protocol: Protocol = "5") -> MqttSettings:
        """What such a user has to know to get in."""
        return MqttSettings(
            host="127.0.0.1",
            port=self.port,
            tls=True,
            ca_file=self.root / "etc/mosquitto/edged/ca.crt",
            username=login.name,
            password=SecretStr(login.password),
            protocol=protocol,
        )

    def start(self) -> None:
        """See `Mosquitto.start`."""
        self._broker.start()

    def stop(self) -> None:
        """See `Mosquitto.stop`."""
        self._broker.stop()

    def kill(self) -> None:
        """SIGKILL."""
        self._broker.kill()

    def log(self) -> str:
        """What it has written into its log."""
        return (self.root / "var/log/mosquitto/mosquitto.log").read_text(errors="replace")
