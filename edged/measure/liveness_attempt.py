"""One attempt before a real camera: somebody, or a picture, and what the liveness checks make of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.cameras.capture import Capture, Ended
from edged.cameras.kinds import open_capture
from edged.config.cameras import CameraSettings, StillsCamera, VideoCamera
from edged.domain.errors import Refused, Unavailable
from edged.domain.event import Outcome
from edged.domain.frame import Frame, Image, Moment
from edged.domain.identity import uuid7
from edged.domain.person import Candidate
from edged.domain.survey import NO_SURVEY, Survey
from edged.liveness.challenge import Challenge, ChallengeSettings, Head, Progress, Turn
from edged.recognition.recognizer import Look, Recognizer, Rules, Sighting
from edged.runtime.clock import Clock, SystemClock
from edged.vision.sight import Sight

_LONGEST_S: Final = 30.0
_PASSIVE_S: Final = 8.0
"""So long a passive model may take to say something."""
_STILLS_S: Final = 1 / 15
_BACKGROUND: Final = 0.5
"""Faces with less than so much of the main one's width stand behind it."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What the challenge said.

    Attributes:
        turns: that were asked for; steps: passed, so many.
        why: it failed; empty where it passed. `ended`: the recording was over before.
    """

    passed: bool
    turns: tuple[Turn, ...]
    steps: int
    why: str
    is_attack: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """What the passive model said: of the frames that voted when the door would have decided."""

    passed: bool
    score: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt.

    Attributes:
        turned: None where the challenge was not asked for; scored: None where the model was not, or said nothing.
        frames: that were looked at; fps: so many a second.
    """

    turned: Turned | None
    scored: Scored | None
    frames: int
    fps: float


class _Nobody:
    """A gallery without people: who it is does not matter here."""

    version = 0
    persons = 0
    templates = 0
    survey: Survey = NO_SURVEY

    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]:  # noqa: ARG002  nobody is near
        return [()] * len(probes)


class RecordedClock:
    """The time of a recording: goes on by what somebody waits, and does not wait."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> Moment:
        return Moment(self._now, self._now)

    def sleep(self, seconds: float) -> None:
        self._now += max(0.0, seconds)


def of_recording(source: Path) -> CameraSettings:
    """A camera that plays a video file, or the pictures of a folder at 15 a second.

    Raises:
        Refused: there is neither.
    """
    path = source.resolve()
    if path.is_dir():
        return StillsCamera(kind="stills", folder=path, interval_s=_STILLS_S)
    if path.is_file():
        return VideoCamera(kind="video", path=path)
    raise Refused("no_recording", f"{source} is neither a video file nor a folder of pictures")


def attempt(
    camera: CameraSettings,
    sight: Sight,
    rules: Rules,
    turns: Sequence[Turn],
    *,
    clock: Clock | None = None,
    told: Callable[[Progress], None] = lambda _progress: None,
    keep: Path | None = None,
) -> Attempt:
    """Opens the camera, and asks the challenge, the passive model, or both.

    Blocks until all is said, at most half a minute.

    Args:
        camera: as the daemon would open it.
        sight: with the passive model, where it is to be asked.
        rules: that the camera's frames are judged by.
        turns: of the challenge; none: it is not asked.
        clock: the system's; a `RecordedClock` for a recording.
        told: called with each change of what the challenge waits for.
        keep: a folder for the frames, as JPEG; it is made.

    Raises:
        Unavailable: the camera gives no pictures.
    """
    clock = clock or SystemClock()
    closely = replace(rules, closely=True, passive=sight.liveness is not None)
    settings = ChallengeSettings.of(sight.curve, mirrored=camera.mirror)
    ids = itertools.count(1)
    recognizer = Recognizer(
        sight,
        lambda at: uuid7(max(0.0, at.utc), next(ids).to_bytes(10, "big")),
        lambda: next(ids).to_bytes(32, "big"),
    )
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    begin = clock.now()
    course = _Course(Challenge(turns, begin, settings) if turns else None, sight, told)
    frames, last = 0, begin
    with closing(open_capture(camera, clock=lambda: clock.now().mono, wait=clock.sleep)) as capture:
        for image in _frames(capture):
            last = clock.now()
            if keep is not None:
                cv2.imwrite(str(keep / f"{frames:05d}.jpg"), image)
            look = recognizer.look(Frame("camera", frames, last, image), closely, _Nobody())
            frames += 1
            course.see(look, last)
            if course.is_over(last.mono - begin.mono):
                break
    if not frames:
        raise Unavailable("the camera gave no picture", "Check the camera: edged doctor.")
    seconds = last.mono - begin.mono
    return Attempt(course.turned(turns), course.scored, frames, frames / seconds if seconds > 0 else 0.0)


class _Course:
    """What has been said so far."""

    def __init__(self, challenge: Challenge | None, sight: Sight, told: Callable[[Progress], None]) -> None:
        self._challenge, self._sight, self._told = challenge, sight, told
        self._progress: Progress | None = None
        self._said: tuple[object, ...] = ()
        self.scored: Scored | None = None

    def see(self, look: Look, at: Moment) -> None:
        main = max(look.sightings, key=lambda one: one.box.area, default=None)
        if main is not None and main.outcome is not None and main.liveness is not None and self.scored is None:
            self.scored = Scored(main.outcome is not Outcome.SPOOF, round(main.liveness, 4))
        if self._challenge is None:
            return
        head = None if main is None else Head(main.track, main.box, main.landmarks, main.face)
        self._progress = self._challenge.see(head, _others(look.sightings, main), at)
        said = self._progress.state, self._progress.step
        if said != self._said:
            self._said = said
            self._told(self._progress)

    def is_over(self, seconds: float) -> bool:
        turned = self._challenge is None or (
            self._progress is not None and self._progress.state in ("passed", "failed")
        )
        scored = self._sight.liveness is None or self.scored is not None or seconds > _PASSIVE_S
        return (turned and scored) or seconds > _LONGEST_S

    def turned(self, turns: Sequence[Turn]) -> Turned | None:
        if self._challenge is None:
            return None
        progress = self._progress
        if progress is None or progress.state not in ("passed", "failed"):
            steps = progress.step - 1 if progress else 0
            return Turned(passed=False, turns=tuple(turns), steps=steps, why="ended", is_attack=False)
        passed = progress.state == "passed"
        steps = progress.step if passed else progress.step - 1
        return Turned(passed, tuple(turns), steps, progress.why, progress.is_attack)


def _frames(capture: Capture) -> Iterator[Image]:
    try:
        while True:
            capture.grab()
            yield capture.retrieve()
    except Ended:
        return


def _others(sightings: Sequence[Sighting], main: Sighting | None) -> int:
    if main is None:
        return 0
    return sum(one is not main and one.box.width >= _BACKGROUND * main.box.width for one in sightings)
