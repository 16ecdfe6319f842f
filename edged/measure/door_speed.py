"""From a face in front of the camera to the relay, and how many people a minute get through."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edged.config.document import ModelSettings
from edged.config.problems import checked
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.domain.person import Person
from edged.domain.progress import Progress
from edged.measure.camera_feed import command
from edged.measure.daemon_trial import SIZE
from edged.measure.door_site import DOOR
from edged.measure.few_cores import few_cores
from edged.measure.latency import EMPTY_S, SHOWN_S, Spread
from edged.measure.liveness_stand_in import with_stand_in
from edged.measure.photo_set import read_photos
from edged.mqtt.notice import Disconnected, Received
from edged.recognition.enrolment import portray
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.stage import Broker, Stage, enroll, set_up
from edged.runtime.state_dir import StateDir
from edged.vision.photo import read_photo
from edged.vision.sight import open_sight

FPS: Final = 15.0
_RELAY: Final = "bench/relay"
_VISITS: Final = {"leave_s": 0.3, "reentry_s": 0.0}
_FRAMES: Final = 9
_EMPTY: Final = 5
_INTERVAL_S: Final = 1 / FPS
_QUEUE_FACE: Final = 300
"""The photograph's side in the picture, pixels."""


@dataclass(frozen=True, slots=True)
class DoorSpeed:
    """Attributes:
    liveness: how the door told a living face from a picture: `off` or `passive`.
    appearances: how often an enrolled face came; opened: how often the relay was switched on for it.
    to_relay: from the first frame that shows the face, as the camera handed it out, to the relay's message at the
        broker.
    """

    liveness: str
    appearances: int
    opened: int
    to_relay: Spread


@dataclass(frozen=True, slots=True)
class DoorQueue:
    """Attributes:
    people: came one after another, each for `shown_s`; opened: for whom the door opened; wrongly: for another's name.
    seconds: from the first to the last.
    """

    people: int
    opened: int
    wrongly: int
    seconds: float
    shown_s: float

    @property
    def a_minute(self) -> float:
        """People who were let through, a minute."""
        return self.opened / self.seconds * 60


def measure_door_speed(
    models: ModelSettings, photo: Path, appearances: int, progress: Progress, *, passive: bool
) -> DoorSpeed:
    """A daemon on two cores with a camera of 640 × 480 at 15 frames a second and a relay on a real broker; an enrolled
    face comes again and again. Blocks for about two seconds each. With `passive` a stand-in scores its liveness.

    Raises:
        Unsupported: Mosquitto is not installed. Unavailable: something did not start.
    """
    with tempfile.TemporaryDirectory(prefix="edged-door-") as name, few_cores(), Mosquitto(Path(name)) as mosquitto:
        diary = Path(name) / "diary"
        width, height = SIZE
        argv = command(photo, diary, fps=FPS, size=SIZE, shown_s=SHOWN_S, empty_s=EMPTY_S)
        camera = {"kind": "command", "argv": argv, "width": width, "height": height, "fps": FPS}
        broker = Broker(mosquitto.port, "Mosquitto", "5")
        if passive:
            models = with_stand_in(models, Path(name) / "models")
        liveness = "passive" if passive else "off"
        # The shortest there is: the same person comes every other second.
        settings = _settings(models, liveness=liveness, again_s=1)
        with set_up(Path(name), camera, settings, lambda _: None, broker) as stage:
            enroll(stage, "astronaut", "", photo)
            stage.session.subscribe(_RELAY)
            openings = _openings(stage, appearances, progress)
        marks = np.array([float(line) for line in diary.read_text(encoding="ascii").split()])
    places = np.searchsorted(marks, openings) - 1
    delays = [opening - float(marks[place]) for opening, place in zip(openings, places, strict=True)]
    return DoorSpeed(liveness, int(places[-1] - places[0] + 1), len(set(places.tolist())), Spread.of(delays))


def measure_door_queue(models: ModelSettings, faces: Path, people: int, progress: Progress) -> DoorQueue:
    """Different people come one after another, each in a photograph that is not the enrolled one. Blocks for about a
    second each, and as long before.

    Raises:
        Refused: too few people have two photographs.
    """
    with tempfile.TemporaryDirectory(prefix="edged-queue-") as name, few_cores(), Mosquitto(Path(name)) as mosquitto:
        folder = Path(name)
        sight = open_sight(models)
        tree = {"device": {"state": str(folder / "state")}, "models": models.model_dump(mode="json")}
        own = checked(tree, "bench")
        shown: list[tuple[str, Image]] = []
        with closing(StateDir.of(own).open_gallery(own, sight.model)) as gallery:
            for key, first, second in _twice(faces):
                try:
                    portrait = portray(sight, first.read_bytes(), own.quality, largest=True)
                except Refused:
                    continue
                gallery.enroll(Person("", key, key), [portrait.template])
                shown.append((key, read_photo(second)))
                progress("enrolling a queue of people", 0.3 * len(shown) / people)
                if len(shown) == people:
                    break
        if len(shown) < people:
            raise Refused("too_few_faces", f"{len(shown)} people have two photographs", f"It needs {people}.")
        _pictures(folder / "queue", [image for _, image in shown])
        camera = {"kind": "stills", "folder": str(folder / "queue"), "interval_s": _INTERVAL_S, "fps": 30}
        broker = Broker(mosquitto.port, "Mosquitto", "5")
        with set_up(folder, camera, _settings(models), lambda _: None, broker) as stage:
            stage.session.subscribe("edged/+/passage")
            said = _passages(stage, [key for key, _ in shown], progress)
    shown_s = (_FRAMES + _EMPTY) * _INTERVAL_S
    let_through = [item for item in said if item["verdict"] == "granted"]
    # A name is right if it is among those who came, in the order in which they came.
    keys = [item["person"]["customer_person_id"] for item in let_through]
    order = {key: place for place, (key, _) in enumerate(shown)}
    places = [order[key] for key in keys]
    wrongly = sum(later <= earlier for earlier, later in itertools.pairwise(places))
    return DoorQueue(people, len(let_through), wrongly, people * shown_s, shown_s)


def _settings(models: ModelSettings, **of_the_door: Any) -> dict[str, Any]:
    door = {"camera": "demo", "relay": {"kind": "mqtt", "topic": _RELAY}, "pulse_s": 0.3} | of_the_door
    return {"models": models.model_dump(mode="json"), "visits": _VISITS, "access": {"doors": {DOOR: door}}}


def _openings(stage: Stage, appearances: int, progress: Progress) -> list[float]:
    """When the relay was switched on, monotonic seconds."""
    openings: list[float] = []
    deadline = time.monotonic() + (SHOWN_S + EMPTY_S) * (appearances + 1) * 1.5 + 20
    while len(openings) <= appearances and time.monotonic() < deadline:
        match stage.session.next_notice(0.5):
            case Received(topic=topic, payload=b"ON") if topic == _RELAY:
                openings.append(time.monotonic())
                progress("somebody comes to the door", len(openings) / (appearances + 1))
            case Disconnected(reason=reason):
                raise Unavailable(f"the broker hung up: {reason}")
    if len(openings) < 2:
        raise Unavailable("the door did not open", "Is the machine very busy?")
    return openings[1:]


def _passages(stage: Stage, keys: Sequence[str], progress: Progress) -> list[dict[str, Any]]:
    """Every passage until the queue is over."""
    said: list[dict[str, Any]] = []
    quiet = time.monotonic() + 20
    while time.monotonic() < quiet:
        match stage.session.next_notice(0.5):
            case Received(topic=topic, payload=payload) if topic.endswith("/passage"):
                said.append(json.loads(payload))
                quiet = time.monotonic() + 8
                progress("a queue of people", 0.3 + 0.7 * min(1.0, len(said) / len(keys)))
            case Disconnected(reason=reason):
                raise Unavailable(f"the broker hung up: {reason}")
    return said


def _twice(faces: Path) -> list[tuple[str, Path, Path]]:
    by_person: dict[str, list[Path]] = {}
    for photo in read_photos(faces):
        by_person.setdefault(photo.person, []).append(photo.path)
    return [(key, paths[0], paths[1]) for key, paths in by_person.items() if len(paths) > 1]


def _pictures(folder: Path, images: Sequence[Image]) -> None:
    """What the camera sees: each photograph for some frames, moved a little from one to the next, and then nobody."""
    folder.mkdir()
    width, height = SIZE
    empty = np.full((height, width, 3), 128, np.uint8)
    number = 0
    for place in range(3 * _FRAMES):  # the daemon is ready before the first comes
        number = place
        cv2.imwrite(str(folder / f"{number:06d}.png"), empty)
    for image in images:
        face = cv2.resize(image, (_QUEUE_FACE, _QUEUE_FACE))
        for frame in range(_FRAMES + _EMPTY):
            number += 1
            picture = empty.copy()
            if frame < _FRAMES:
                left, top = (width - _QUEUE_FACE) // 2 + 2 * frame, (height - _QUEUE_FACE) // 2
                picture[top : top + _QUEUE_FACE, left : left + _QUEUE_FACE] = face
            cv2.imwrite(str(folder / f"{number:06d}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
