"""A device that is configured over MQTT: a real daemon, a real broker, and an administrator's session."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import yaml

from edged.config.document import ModelSettings, MqttSettings
from edged.config.kept import PUSHED
from edged.domain.errors import Unavailable
from edged.mqtt.notice import Disconnected, Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.availability import Availability
from edged.wire.reported import Reported, ReportStatus
from edged.wire.topics import Topics

DEVICE: Final = "door"
_WRITTEN_S: Final = 3.0
_START_S: Final = 60.0
_ANSWER_S: Final = 70.0
_UNDECIDED: Final = (ReportStatus.NONE, ReportStatus.APPLYING)


class ControlSite:
    """Owns a broker, a device that may be killed and started again, and a session that pushes and reads along.

    Attributes:
        broker: the broker; state: the device's state directory; config: its owner's file; folder: for everything.
    """

    def __init__(self, folder: Path, broker: Mosquitto, models: ModelSettings, probation_s: float) -> None:
        self.folder = folder
        self.broker = broker
        self.state = folder / "state"
        self._topics = Topics("edged", DEVICE)
        self.config = folder / "edged.yaml"
        self._log = folder / "edged.log"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._version = 0
        self._session = self._connect(broker.port)
        pictures = self.pictures("still")
        self.camera = {"kind": "stills", "folder": str(pictures), "interval_s": 0.2, "loop": True}
        self.config.write_text(
            yaml.safe_dump(
                {
                    "device": {"name": DEVICE, "state": str(self.state)},
                    "models": {"directory": str(models.directory)},
                    "mqtt": {"prefix": "edged"},
                    "http": {"enabled": False},
                    "control": {"probation_s": probation_s},
                }
            )
        )
        # Where the broker is, is pushed too, so that a push can lose it; a device needs to know one to begin with.
        self.state.mkdir()
        first = {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "cameras": {"front": self.camera}}
        (self.state / PUSHED).write_text(json.dumps({"layers": {"device": first}}))

    def pictures(self, name: str) -> Path:
        """A folder with a grey picture in it."""
        folder = self.folder / name
        folder.mkdir()
        cv2.imwrite(str(folder / "grey.jpg"), np.full((240, 320, 3), 128, np.uint8))
        return folder

    def start(self) -> None:
        """Starts the device; returns once it is online.

        Raises:
            Unavailable: it ended or did not come.
        """
        with self._log.open("ab") as log:
            argv = [sys.executable, "-m", "edged", "run", "--config", str(self.config)]
            self._daemon = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.await_online()

    def await_online(self) -> None:
        """Blocks until the device says `online`; raises as `start`."""
        self._await(Availability.ONLINE)

    def await_leaving(self) -> None:
        """Blocks until the device, about to start again, says `stopped` at this broker; raises as `start`."""
        self._await(Availability.STOPPED)

    def has_ended(self) -> bool:
        return self._daemon is None or self._daemon.poll() is not None

    def kill(self) -> None:
        """SIGKILL."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None

    def next_version(self) -> int:
        self._version += 1
        return self._version

    def push(self, patch: Mapping[str, Any]) -> int:
        """Sends an order, and does not wait; gives its version."""
        version = self.next_version()
        self.send(json.dumps({"version": version, "patch": patch}).encode())
        return version

    def send(self, order: bytes) -> None:
        self._session.publish(self._topics.desired, order, qos=1, retain=False)

    def next_report(self, seconds: float = _ANSWER_S) -> Reported:
        """The next that the device says of its configuration.

        Raises:
            Unavailable: it says nothing.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            match self._session.next_notice(left):
                case Received(topic=self._topics.reported, payload=payload):
                    return Reported.model_validate_json(payload)
                case Disconnected(reason):
                    raise Unavailable(reason)
        raise Unavailable(f"the device does not answer; its log is {self._tail()}")

    def outcome(self, version: int, seconds: float = _ANSWER_S) -> Reported:
        """What became of a version in the end; raises as `next_report`."""
        deadline = time.monotonic() + seconds
        while True:
            report = self.next_report(deadline - time.monotonic())
            if report.version == version and report.status not in _UNDECIDED:
                return report

    def layers(self) -> bytes:
        """What was pushed and holds, as bytes that can be compared."""
        return json.dumps(json.loads((self.state / PUSHED).read_bytes())["layers"]).encode()

    def holds_again(self, layers: bytes, seconds: float = _WRITTEN_S) -> bool:
        """Whether that is what was pushed and holds. A device says at once that a change is taken back, and writes it
        down when the disk lets it: so long is waited for that.
        """
        deadline = time.monotonic() + seconds
        while self.layers() != layers:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def forget(self) -> None:
        """Passes over what came so far."""
        while self._session.next_notice(0.0) is not None:
            pass

    def close(self) -> None:
        self.kill()
        self._session.close()

    def _await(self, awaited: Availability) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self.has_ended():
                raise Unavailable(f"the daemon ended; its log is {self._tail()}")
            match self._session.next_notice(0.1):
                case Received(topic=self._topics.available, payload=payload) if payload == awaited.encode():
                    return
                case Disconnected(reason):
                    raise Unavailable(reason)
        raise Unavailable(f"the daemon did not say {awaited}; its log is {self._tail()}")

    def _connect(self, port: int) -> Session:
        session = Session(MqttSettings(host="127.0.0.1", port=port), f"admin-{secrets.token_hex(4)}")
        session.connect(_START_S)
        for topic in (self._topics.reported, self._topics.available):
            mid = session.subscribe(topic)
            while session.next_notice(_START_S) != Subscribed(mid):
                pass
        return session

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])


@contextmanager
def control_site(folder: Path, models: ModelSettings, probation_s: float) -> Iterator[ControlSite]:
    """A site whose device is not started yet; taken down at the end.

    Raises:
        Unsupported: Mosquitto is not installed.
    """
    with Mosquitto(folder) as broker:
        site = ControlSite(folder, broker, models, probation_s)
        try:
            yield site
        finally:
            site.close()
