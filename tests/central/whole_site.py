"""A hub over HTTPS, a broker and a device, each a process of its own, as they are at a customer's."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from edged.measure.listener import Listener
from edged.mqtt.notice import Notice, Received
from edged.runtime.mosquitto import Mosquitto
from tests.hub.running import Running, edged, made_hub, running
from tests.runtime.daemon import RunningDaemon
from tests.runtime.daemon import running as running_daemon

DEVICE = "testbed"
TOPIC = f"edged/{DEVICE}"
LONG_S = 30.0


@dataclass
class WholeSite:
    """Attributes: made: what `edged hub init` said; config: the hub's, with a broker; token: the device's."""

    folder: Path
    made: dict[str, Any]
    config: Path
    token: str
    broker: Mosquitto
    hub: Running
    port: int

    @property
    def central(self) -> dict[str, Any]:
        """The section of a device's document."""
        return {
            "kind": "hub",
            "url": self.hub.url,
            "token": self.token,
            "ca_file": str(self.hub.ca),
            "every_s": 5.0,
        }

    def enrol(self, key: str, photo: Path, **fields: str) -> None:
        with self.hub.client(self.made["token"]["text"]) as client:
            answer = client.post(
                "/miicloud/person",
                data={"customer_person_id": key, **fields},
                files={"image_path": ("me.png", photo.read_bytes())},
            )
        assert answer.status_code == 200, answer.text

    def delete(self, key: str) -> None:
        with self.hub.client(self.made["token"]["text"]) as client:
            answer = client.delete(f"/miicloud/person/{key}")
        assert answer.status_code == 200, answer.text

    def show(self, key: str) -> Mapping[str, Any] | None:
        """The person as miiCloud has them."""
        with self.hub.client(self.made["token"]["text"]) as client:
            answer = client.get(f"/miicloud/person/{key}")
        found: dict[str, Any] = answer.json()
        return found if answer.status_code == 200 else None

    def ask(self, path: str) -> Any:
        """What `/edged/v1` says to an administrator."""
        with self.hub.client() as client:
            answer = client.get(path, headers={"authorization": f"Bearer {self.made['token']['text']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextmanager
    def device(self, models: Path, **settings: Any) -> Iterator[RunningDaemon]:
        document: dict[str, Any] = {"mqtt": {"host": "127.0.0.1", "port": self.broker.port}, "central": self.central}
        folder = self.folder / "device"
        folder.mkdir(exist_ok=True)
        (folder / "notify").unlink(missing_ok=True)
        with running_daemon(folder, models, **(document | settings)) as daemon:
            yield daemon

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        with closing(Listener(self.broker.port, f"{TOPIC}/#")) as listener:
            listener.connect()
            yield listener


@contextmanager
def whole_site(folder: Path, models: Path, *, events: bool = False) -> Iterator[WholeSite]:
    """Args: events: the hub takes the devices' events on the broker."""
    with ExitStack() as stack:
        made = made_hub(folder / "hub", models)
        (folder / "mosquitto").mkdir()
        broker = stack.enter_context(Mosquitto(folder / "mosquitto"))
        config = Path(made["config"])
        document = yaml.safe_load(config.read_text())
        document["mqtt"] = {"enabled": True, "host": "127.0.0.1", "port": broker.port, "events": events}
        config.write_text(yaml.safe_dump(document))
        named = ("--name", DEVICE, "--device", DEVICE, "--right", "enroll", "--json", "--config", str(config))
        token = json.loads(edged("hub", "token", "create", *named).stdout)["token"]["text"]
        hub = stack.enter_context(running(config, folder / "hub.log"))
        yield WholeSite(folder, made, config, token, broker, hub, int(hub.url.rpartition(":")[2]))


def is_event(**wanted: object) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != f"{TOPIC}/event":
            return False
        event = json.loads(notice.payload)
        return all(event.get(key) == value for key, value in wanted.items())

    return matches


def is_index(persons: int) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != f"{TOPIC}/index":
            return False
        return bool(json.loads(notice.payload)["persons"] == persons)

    return matches


def sync(daemon: RunningDaemon, *words: str) -> dict[str, Any]:
    """What `edged sync` says about the device."""
    finished = subprocess.run(
        [sys.executable, "-m", "edged", "sync", *words, "--json", "--config", str(daemon.config)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    found: dict[str, Any] = json.loads(finished.stdout or b"{}")
    return found


def eventually(ask: Callable[[], object], seconds: float = LONG_S) -> None:
    """Waits until the answer is true."""
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.1)
