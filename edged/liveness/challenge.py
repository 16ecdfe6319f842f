"""The head-turn challenge: somebody turns their head to one side and back, twice, in an order nobody can foresee.

A head that turns moves its nose out of the plane of eyes and mouth to one side, and its outline to the other; a
photograph, a screen or a printed sheet does not, however it is moved. What this does not tell from a head: a video of
the person, played when they turn the right way; a mask; two photographs of one person, blended into each other; some
sheets that are bent around the middle of the face. Whoever relies on it is told so, in docs/liveness.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.face import Box
from edged.domain.frame import Moment
from edged.liveness.motion import Pose, is_jump
from edged.liveness.plane import Departure, departure, eye_distance, upright

_SAME_RATE: Final = 1e-2
"""A turned face counts as the same person's from the cosine to the frontal one that strangers reach in one of so many
comparisons: one that is turned by 35 degrees is less like itself."""
_STEADY_RATE: Final = 1e-3
"""The same from one frame to the next, which are far more alike."""
_NO_FACE_S: Final = 0.35
"""A face may be missed for so long, as in a frame that is blurred by its motion."""
_NARROWED: Final = 0.75
"""Eyes are so many times as far apart, at least, in a head that turns by 40 degrees."""
_UNCOMPARED: Final = 3
"""So many frames in a row may come without an embedding."""
_RATE_FRAMES: Final = 10
"""The frame rate is that of so many frames."""
_FLAT_STRETCH: Final = 1.15
"""A plane that was turned by 30 degrees or more, and whose outline stayed in it, is flat."""
_FLAT_SHARE: Final = 0.35
"""Of the threshold: an outline that has not left its plane by more is in it."""


class Turn(StrEnum):
    """To which side, of the person: whoever turns to their left looks to the right of the camera's picture."""

    LEFT = "left"
    RIGHT = "right"


Stand = Literal["frontal", "turning", "back", "passed", "failed"]
"""What a challenge waits for (the face to look straight ahead, to turn, to come back), or how it ended."""

_ATTACKS: Final = frozenset({"flat", "jump", "other_person"})


@dataclass(frozen=True, slots=True)
class ChallengeSettings:
    """By what a challenge is judged.

    Attributes:
        same: the cosine to the face seen from the front from which a face is still that person's.
        steady: the same to the face of the frame before.
        mirrored: whether the pictures are mirrored, as a camera may be set to do.
        nose: how far the nose must leave its plane, in distances between the eyes.
        outline: how far the outline must, to the other side.
        excess: how many times narrower the face may have become than that of a head which has turned as far as nose and
            outline say: a picture that is tilted steeply becomes narrower and shows little else.
        returned: how near the nose must come back.
        frontal: how far from the middle, in distances between the eyes, the nose may be of a face that looks straight
            ahead.
        hold: frames in a row for which a turn is held.
        frontal_frames: frames in a row that the face looks straight ahead, before the first step and between two.
        frontal_s, step_s, back_s: how long each may take.
        min_eyes_px: the least distance between the eyes, of a face from the front; of one that turns, three quarters
            of it.
        min_fps: the least frame rate; with fewer nothing could be said about what happened in between.
    """

    same: float
    steady: float
    mirrored: bool = False
    nose: float = 0.16
    outline: float = 0.24
    excess: float = 1.3
    returned: float = 0.09
    frontal: float = 0.14
    hold: int = 3
    frontal_frames: int = 5
    frontal_s: float = 5.0
    step_s: float = 3.5
    back_s: float = 3.5
    min_eyes_px: float = 34.0
    min_fps: float = 10.0

    def share(self, moved: Departure) -> float:
        """How much of a turn to the image's right this is, by whichever of the two measures says less: 1 is enough."""
        return min(moved.nose / self.nose, moved.outline / self.outline)

    @classmethod
    def of(cls, curve: Curve, *, mirrored: bool = False) -> Self:
        """Settings whose cosines fit a model.

        Args:
            curve: of the embedder.
            mirrored: see above; the camera's `view.mirror`.
        """
        return cls(curve.cosine_at(_SAME_RATE), curve.cosine_at(_STEADY_RATE), mirrored)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One face in one frame.

    Attributes:
        track: of the tracker: the same as long as it is the same face.
        landmarks: see `Face`.
        face: its embedding, unit length; None where it was not compared.
    """

    track: int
    box: Box
    landmarks: NDArray[np.float32]
    face: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a challenge has come.

    Attributes:
        state: see `Stand`.
        step: the step it is at, from 1; steps: how many there are.
        turn: which way to turn in this step; None once it has ended.
        part: how far what is waited for has come, 0–1, for the screen.
        why: where it failed, a stable word: `wrong_way`, `lost`, `second_face`, `jump`, `other_person`, `flat`,
            `too_slow`, `too_small`, `slow_camera`; else empty.
        is_attack: what was seen is not what a person does who did not understand: a flat picture was turned, or a face
            jumped, or became another.
    """

    state: Stand
    step: int
    steps: int
    turn: Turn | None
    part: float
    why: str = ""
    is_attack: bool = False


class Challenge:
    """One try. Belongs to one thread; computes only, for well under a millisecond a frame.

    Give it every frame of its camera from the moment it begins, also those without a face: it judges what happens in
    between. It ends with `passed` or `failed` and says the same from then on; for another try make another one, with
    turns drawn anew.

    Args:
        turns: what to ask for, as `draw` gives it; one step at least.
        at: when it begins.
        settings: what it is judged by.
    """

    def __init__(self, turns: Sequence[Turn], at: Moment, settings: ChallengeSettings) -> None:
        if not turns:
            raise ValueError("a challenge has one step at least")
        self._turns = tuple(turns)
        self._settings = settings
        self._stand: Stand = "frontal"
        self._step = 0
        self._since = at
        self._last = at
        self._seen_at: Moment | None = None
        self._times: deque[float] = deque(maxlen=_RATE_FRAMES)
        self._pose: Pose | None = None
        self._face: NDArray[np.float32] | None = None
        self._uncompared = 0
        self._fronts: list[tuple[NDArray[np.float64], NDArray[np.float32]]] = []
        self._start: NDArray[np.float64] | None = None
        self._held = 0
        self._wrong = 0
        self._flat = 0
        self._part = 0.0
        self._why = ""
        self.frontal: NDArray[np.float32] | None = None
        """Whose head it is that turns: the unit embedding seen from the front; None until the first step begins."""

    @staticmethod
    def draw(entropy: bytes, steps: int = 2) -> tuple[Turn, ...]:
        """Chooses what to ask for.

        Args:
            entropy: from the system's secure source, eight bits a byte; each step takes one.
            steps: how many.

        Raises:
            ValueError: too few bits.
        """
        if len(entropy) * 8 < steps:
            raise ValueError("too few bits to draw from")
        bits = int.from_bytes(entropy, "big")
        return tuple(Turn.LEFT if bits >> step & 1 else Turn.RIGHT for step in range(steps))

    def see(self, head: Head | None, others: int, at: Moment) -> Progress:
        """Takes in one frame.

        Args:
            head: the face that is to turn; None where it was not found.
            others: how many more faces there are that count: the caller leaves out those too far away.
            at: when the picture was taken.
        """
        if self._stand not in ("passed", "failed"):
            why = self._judge(head, others, at)
            if why:
                self._stand, self._why = "failed", why
        return self._progress()

    def _judge(self, head: Head | None, others: int, at: Moment) -> str:
        """Why it has failed; empty while it goes on."""
        gap, self._last = at.mono - self._last.mono, at
        if others:
            return "second_face"
        if self._is_slow(gap, at):
            return "slow_camera"
        if self._seen_at is not None and at.mono - self._seen_at.mono > _NO_FACE_S:
            return "lost"
        if head is None:
            self._held = 0
        why = self._take(head, at) if head is not None else ""
        return why or self._overdue(at)

    def _overdue(self, at: Moment) -> str:
        limits = {"frontal": self._settings.frontal_s, "turning": self._settings.step_s, "back": self._settings.back_s}
        if at.mono - self._since.mono <= limits.get(self._stand, float("inf")):
            return ""
        return "flat" if self._flat >= 2 * self._settings.hold else "too_slow"

    def _is_slow(self, gap: float, at: Moment) -> bool:
        self._times.append(at.mono)
        if self._start is None:
            return False
        rest = len(self._times) - 1
        return gap > _NO_FACE_S or (
            rest == _RATE_FRAMES - 1 and rest / (self._times[-1] - self._times[0] + 1e-9) < self._settings.min_fps * 0.9
        )

    def _take(self, head: Head, at: Moment) -> str:
        points = upright(head.landmarks, head.box)
        least = self._settings.min_eyes_px * (1.0 if self._start is None else _NARROWED)
        if points is None or eye_distance(head.landmarks) < least:
            return "too_small" if self._start is not None else self._begin_again()
        if self._pose is not None and head.track != self._pose.track:
            return "lost"
        moved = None if self._start is None else departure(self._start, points)
        pose = Pose(head.track, head.box, head.landmarks, points, moved.nose if moved else None, at)
        before, self._pose, self._seen_at = self._pose, pose, at
        why = self._compare(head)
        if not why and before is not None and is_jump(before, pose):
            why = "jump" if self._start is not None else self._begin_again()
        elif not why:
            why = self._hold_still(points, head, at) if moved is None else self._turn(moved, head, at)
        return why

    def _compare(self, head: Head) -> str:
        """Whether it is still the same person."""
        face, before = head.face, self._face
        if face is None:
            self._uncompared += 1
            return "lost" if self._start is not None and self._uncompared > _UNCOMPARED else ""
        self._uncompared, self._face = 0, face
        if before is not None and float(face @ before) < self._settings.steady:
            return "other_person"
        if self.frontal is not None and float(face @ self.frontal) < self._settings.same:
            return "other_person"
        return ""

    def _begin_again(self) -> str:
        self._fronts.clear()
        self._part = 0.0
        return ""

    def _hold_still(self, points: NDArray[np.float64], head: Head, at: Moment) -> str:
        if self._start is not None:
            return "lost"
        if head.face is None or abs(float(points[2][0])) > self._settings.frontal:
            return self._begin_again()
        self._fronts.append((points, head.face))
        self._part = len(self._fronts) / self._settings.frontal_frames
        if len(self._fronts) >= self._settings.frontal_frames:
            self._start = np.asarray(np.mean([points for points, _ in self._fronts], axis=0))
            mean = np.mean([face for _, face in self._fronts], axis=0)
            self.frontal = np.asarray(mean / np.linalg.norm(mean), np.float32)
            self._go_on("turning", at)
        return ""

    def _turn(self, moved: Departure, head: Head, at: Moment) -> str:
        settings = self._settings
        right = (self._turns[self._step] is Turn.LEFT) != settings.mirrored
        share = settings.share(moved) if right else settings.share(moved.mirrored())
        wrong = settings.share(moved.mirrored()) if right else settings.share(moved)
        self._wrong = self._wrong + 1 if wrong >= 1 else 0
        if self._wrong >= settings.hold:
            return "wrong_way"
        if moved.stretch > _FLAT_STRETCH and abs(moved.outline) < _FLAT_SHARE * settings.outline:
            self._flat += 1
        is_compared = head.face is not None
        if self._stand == "turning":
            self._hold(is_compared and share >= 1 and moved.excess <= settings.excess, share)
            if self._held >= settings.hold:
                is_last = self._step == len(self._turns) - 1
                self._go_on("passed" if is_last else "back", at)
        else:
            self._hold(is_compared and abs(moved.nose) <= settings.returned, 1 - share)
            if self._held >= settings.frontal_frames:
                self._step += 1
                self._go_on("turning", at)
        return ""

    def _hold(self, is_there: bool, part: float) -> None:
        self._held = self._held + 1 if is_there else 0
        wanted = self._settings.hold if self._stand == "turning" else self._settings.frontal_frames
        self._part = max(0.0, min(0.8, 0.8 * part)) + 0.2 * self._held / wanted

    def _go_on(self, stand: Stand, at: Moment) -> None:
        self._stand, self._since = stand, at
        self._held = self._wrong = 0
        self._part = 0.0

    def _progress(self) -> Progress:
        has_ended = self._stand in ("passed", "failed")
        turn = None if has_ended else self._turns[self._step]
        part = 1.0 if self._stand == "passed" else self._part
        steps = len(self._turns)
        return Progress(self._stand, self._step + 1, steps, turn, part, self._why, self._why in _ATTACKS)
