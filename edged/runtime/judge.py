"""The inference thread: takes the newest frame, judges it, hands on what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from edged.cameras.motion import MotionGate
from edged.config.cameras import CameraSettings, MotionSettings
from edged.config.document import Document, StrangerSettings
from edged.domain.event import Event, Phase
from edged.domain.frame import Frame, Moment
from edged.gallery.snapshot import Snapshot
from edged.recognition.recognizer import Look, Recognizer, Rules
from edged.runtime.clock import Clock
from edged.runtime.errand import Errand, Errands
from edged.runtime.intake import Intake
from edged.runtime.recent_faces import RecentFaces
from edged.runtime.stages import Stages
from edged.runtime.stop import Stop

_T = TypeVar("_T")

_IDLE_S: Final = 0.25
_STILL_LOOK_S: Final = 0.5
"""While somebody is watched, a picture in which nothing moves is still looked at so often."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The configuration that frames are judged by, camera by camera; replaced as a whole, never changed."""

    rules: Mapping[str, Rules]
    cameras: Mapping[str, CameraSettings]
    strangers: StrangerSettings

    @classmethod
    def of(cls, document: Document, version: str) -> Standing:
        rules = {name: Rules.of(document, version, name) for name in document.cameras}
        return cls(rules, document.cameras, document.strangers)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The latest frame of a camera with what was found in it, for the page and the presence topic."""

    frame: Frame
    look: Look


class _Gate:
    """A camera's motion gate, held open for a while after the last motion."""

    def __init__(self, settings: MotionSettings) -> None:
        self.settings = settings
        self._gate = MotionGate(settings)
        self._moved = float("-inf")

    def is_open(self, frame: Frame) -> bool:
        if self._gate.moved(frame.image):
            self._moved = frame.at.mono
        return frame.at.mono - self._moved <= self.settings.hold_s


class Judge:
    """Owns the recogniser and the motion gates: nobody else touches them, so they need no locks.

    Args:
        recognizer: judges.
        gallery: gives the snapshot to judge by; read once a frame.
        keep: takes over events for good; heed: is shown every look. Both are called on this thread and must return
            quickly.

    Attributes:
        closely: cameras whose faces are embedded in every frame; replaced as a whole, from any thread.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        standing: Standing,
        *,
        gallery: Callable[[], Snapshot],
        intake: Intake,
        keep: Callable[[tuple[Event, ...]], None],
        heed: Callable[[Seen], None],
        clock: Clock,
        stages: Stages,
    ) -> None:
        self._recognizer = recognizer
        self.standing = standing
        """Replaced by the daemon when the document changes; read once a frame."""
        self._gallery = gallery
        self._intake = intake
        self._keep = keep
        self._heed = heed
        self.closely: frozenset[str] = frozenset()
        self._clock = clock
        self._stages = stages
        self._gates: dict[str, _Gate] = {}
        self._last_look: dict[str, Moment] = {}
        self._errands = Errands()
        self.seen: Mapping[str, Seen] = {}
        """The latest look at each camera; replaced as a whole."""
        self.looked: Counter[str] = Counter()
        self.still: Counter[str] = Counter()
        self.faces = RecentFaces()
        self.alive = clock.now()
        """When this thread last came round: proof of work for the watchdog."""

    @property
    def refusals(self) -> Mapping[str, int]:
        """Faces not judged, counted by what was wrong with them."""
        return {flaw.value: count for flaw, count in sorted(self._recognizer.refusals.items())}

    def ask(self, work: Callable[[Recognizer], _T]) -> Errand[_T]:
        """Has something done on this thread, which owns the models, between two frames. Any thread; returns at once.

        One errand a frame, so each must be short: what it takes, the next frame waits.
        """
        errand = self._errands.add(lambda: work(self._recognizer))
        self._intake.wake()
        return errand

    def run(self, stop: Stop) -> None:
        """Judges until `stop`, then ends all visits. Blocks."""
        while not stop.is_set():
            self.run_once(_IDLE_S)
        self._errands.close()
        for camera in tuple(self._last_look):
            self._hand_on(self._recognizer.leave(camera))

    def run_once(self, seconds: float) -> None:
        """Judges one frame, or lets time pass when none comes for so long, and does one errand."""
        frame = self._intake.take(0.0 if self._errands.waits() else seconds)
        standing = self.standing
        self.alive = now = self._clock.now()
        self._recognizer.mind_strangers(now, standing.strangers, self._gallery())
        if frame is not None and frame.camera in standing.cameras:
            self._judge(frame, standing)
        for camera in tuple(self._last_look):
            if camera not in standing.cameras:
                self._hand_on(self._recognizer.leave(camera))
                del self._last_look[camera]
                self._stages.forget(camera)
                self.faces.forget(camera)
                self.seen = {name: seen for name, seen in self.seen.items() if name != camera}
            elif frame is None or frame.camera != camera:
                self._hand_on(self._recognizer.lapse(camera, now, standing.rules[camera]))
        self._errands.do_one()

    def _judge(self, frame: Frame, standing: Standing) -> None:
        rules = standing.rules[frame.camera]
        if not self._is_worth_a_look(frame, standing.cameras[frame.camera]):
            self.still[frame.camera] += 1
            self._hand_on(self._recognizer.lapse(frame.camera, frame.at, rules))
            return
        begun = self._clock.now()
        if frame.camera in self.closely:
            rules = replace(rules, closely=True)
        look = self._recognizer.look(frame, rules, self._gallery())
        done = self._clock.now()
        self._last_look[frame.camera] = frame.at
        self.looked[frame.camera] += 1
        seen = Seen(frame, look)
        self.seen = {**self.seen, frame.camera: seen}
        self._heed(seen)
        self.faces.add(frame.camera, frame.at, look.sightings)
        self._stages.add("wait", frame.camera, begun.mono - frame.at.mono)
        self._stages.add("look", frame.camera, done.mono - begun.mono)
        self._hand_on(list(look.events))

    def _is_worth_a_look(self, frame: Frame, settings: CameraSettings) -> bool:
        """Whether something moves, or somebody who stands still has not been looked at for a while."""
        if not settings.motion.enabled or frame.camera in self.closely:
            return True
        gate = self._gates.get(frame.camera)
        if gate is None or gate.settings != settings.motion:
            gate = self._gates[frame.camera] = _Gate(settings.motion)
        if gate.is_open(frame):
            return True
        last = self._last_look.get(frame.camera)
        due = last is None or frame.at.mono - last.mono >= _STILL_LOOK_S
        return due and self._recognizer.is_watching(frame.camera)

    def _hand_on(self, events: list[Event]) -> None:
        if events:
            now = self._clock.now()
            for event in events:
                if event.phase is not Phase.END:
                    self._stages.add("decide", event.camera, now.mono - event.captured.mono)
            self._keep(tuple(replace(event, decided=now) for event in events))
