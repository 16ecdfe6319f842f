"""How soon a daemon knows whom its hub knows, and forgets whom it has deleted."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.hub_client import HubClient, with_file
from edged.measure.listener import Listener
from edged.measure.sync_hub import SyncHub
from edged.mqtt.notice import Notice, Received
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.stage import Broker, set_up

EVERY_S: Final = 5.0
"""The device asks so often where it hears nothing: the least that may be set."""
_DEVICE: Final = "demo"
_PATIENCE_S: Final = 90.0
_AWAY_S: Final = 6.0
_AFTER_S: Final = 16.0
_REST_S: Final = 1.5
_COMES_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class SyncSpeed:
    """Seconds, of a real daemon with a real broker.

    Attributes:
        enrolled, deleted: from the hub's disk to the daemon's gallery, the broker up.
        polled: the same of enrolments where nothing is announced and the device asks every `EVERY_S` seconds.
        offline: of a deletion while the hub was away, since it could be reached again.
        matches_offline: times that a face was matched with whoever had been deleted before the device had read of it;
            matches_after: after that; seen_after: times that the face came after that.
    """

    enrolled: tuple[float, ...]
    deleted: tuple[float, ...]
    polled: tuple[float, ...]
    offline: float
    matches_offline: int
    matches_after: int
    seen_after: int


def measure_speed(models: ModelSettings, photo: Path, times: int, progress: Progress) -> SyncSpeed:
    """Runs a hub, Mosquitto and a daemon that watches a camera on which the face of a photograph comes and goes.

    Args:
        models: whose folder and embedder are used.
        photo: a portrait.
        times: how often each is measured.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: something did not start, or did not come to pass.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edged-sync-")))
        mosquitto = stack.enter_context(Mosquitto(folder))
        hub = stack.enter_context(SyncHub.founded(folder / "hub", models))
        trial = _Trial(folder, models, photo, hub, mosquitto, hub.device_token(_DEVICE))
        hub.announce(mosquitto.port)
        hub.start()
        with trial.device("announced", 60.0) as listener:
            progress("enrolling and deleting at the hub", 0.1)
            enrolled = [trial.enrolled(listener, f"announced-{number}") for number in range(times)]
            deleted = [trial.deleted(listener, f"announced-{number}") for number in range(times)]
            progress("deleting while the hub is away", 0.4)
            offline = trial.deleted_offline(listener)
        hub.stop()
        hub.announce(None)
        hub.start()
        with trial.device("polling", EVERY_S) as listener:
            polled = []
            for number in range(times):
                progress("enrolling at a hub that announces nothing", 0.6 + 0.4 * number / times)
                polled.append(trial.enrolled(listener, f"polled-{number}"))
        return SyncSpeed(tuple(enrolled), tuple(deleted), tuple(polled), *offline)


class _Trial:
    def __init__(
        self, folder: Path, models: ModelSettings, photo: Path, hub: SyncHub, mosquitto: Mosquitto, token: str
    ) -> None:
        self._folder = folder
        self._models = models
        self._photo = photo
        self._hub = hub
        self._mosquitto = mosquitto
        self._token = token
        self._people = 0
        self._chance = random.Random(1)  # noqa: S311  moments, not secrets

    @contextmanager
    def device(self, name: str, every_s: float) -> Iterator[Listener]:
        """A daemon with nobody in its gallery that knows everybody when the block begins, and who listens to it."""
        camera = {"kind": "demo", "photo": str(self._photo.absolute()), "appear_s": _COMES_S, "absent_s": _COMES_S}
        central = {"kind": "hub", "url": self._hub.url, "token": self._token, "ca_file": str(self._hub.ca)}
        settings: dict[str, Any] = {
            "models": self._models.model_dump(mode="json"),
            "visits": {"leave_s": 0.5, "reentry_s": 0.0},
            "central": {**central, "every_s": every_s},
        }
        self._hub.enroll(f"first of {name}", [0])
        self._people += 1
        broker = Broker(self._mosquitto.port, "Mosquitto", "5")
        with (
            set_up(self._folder / name, camera, settings, lambda _: None, broker),
            closing(Listener(self._mosquitto.port, f"edged/{_DEVICE}/#")) as listener,
        ):
            listener.connect()
            listener.listen(_has(self._people), _PATIENCE_S)  # its first round is left to chance within ten seconds
            yield listener

    def enrolled(self, listener: Listener, key: str) -> float:
        self._pause(listener)
        began = time.monotonic()
        self._hub.enroll(key, [0])
        return self._until(listener, began, 1)

    def deleted(self, listener: Listener, key: str) -> float:
        self._pause(listener)
        began = time.monotonic()
        self._hub.delete(key)
        return self._until(listener, began, -1)

    def deleted_offline(self, listener: Listener) -> tuple[float, int, int, int]:
        """See `SyncSpeed`: `offline` and what follows it."""
        self._enrol_photo("known")
        self._until(listener, time.monotonic(), 1)
        listener.listen(_is_new("known"), _PATIENCE_S)
        self._hub.stop()
        self._hub.delete("known")
        listener.received.clear()
        listener.collect(_AWAY_S)
        self._hub.start()
        seconds = self._until(listener, time.monotonic(), -1)
        before = sum(map(_is_new("known"), listener.received))
        listener.collect(1.0)  # a visit that was decided before may still be told
        listener.received.clear()
        listener.collect(_AFTER_S)
        after = sum(map(_is_new("known"), listener.received))
        return seconds, before, after, after + sum(map(_is_new("unknown"), listener.received))

    def _pause(self, listener: Listener) -> None:
        """Until the device has come to rest after a change, and a random moment between two times that it asks."""
        listener.collect(_REST_S + self._chance.uniform(0.0, EVERY_S))

    def _until(self, listener: Listener, began: float, more: int) -> float:
        """Seconds until the daemon has so many more people."""
        self._people += more
        listener.listen(_has(self._people), _PATIENCE_S)
        return time.monotonic() - began

    def _enrol_photo(self, key: str) -> None:
        boundary_body, media_type = with_file("image_path", self._photo.read_bytes())
        boundary = media_type.partition("boundary=")[2]
        field = f'--{boundary}\r\nContent-Disposition: form-data; name="customer_person_id"\r\n\r\n{key}\r\n'
        with HubClient(self._hub.url, self._hub.ca, [f"Authorization: Token {self._hub.token}"]) as client:
            body = field.encode() + boundary_body
            answer = client.ask(client.written("POST", "/miicloud/person", body, media_type))
        if answer.status != 200:
            raise Unavailable(f"the hub answered {answer.status} to an enrolment", answer.body.decode()[:200])


def _has(persons: int) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != f"edged/{_DEVICE}/index":
            return False
        return bool(json.loads(notice.payload)["persons"] == persons)

    return matches


def _is_new(outcome: str) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != f"edged/{_DEVICE}/event":
            return False
        event = json.loads(notice.payload)
        return bool(event["type"] == "new" and event["outcome"] == outcome)

    return matches
