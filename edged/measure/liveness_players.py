"""Who stands before the camera while a challenge runs: hands that hold a picture, and people who turn their heads.

Each sees what is asked for, as anybody at a door does, and does what would help most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image
from edged.liveness.challenge import Progress, Turn
from edged.measure.liveness_view import Pose, Print, View

FPS: Final = 15.0
_TREMOR: Final = 0.012
"""Standard deviation of a hand's steps between two frames, in distances between the eyes."""
_TREMOR_DEGREES: Final = 0.35
_PIVOT: Final = 1.4
"""How far behind the face a head turns, in distances between the eyes."""


class Manner(StrEnum):
    """What is done with a flat sheet."""

    HELD = "held"
    MOVED = "moved"
    TILTED = "tilted"
    ROTATED = "rotated"
    SCALED = "scaled"
    MIXED = "mixed"


class Player(Protocol):
    """Whoever is in front of the camera."""

    def show(self, told: Progress | None) -> Image:
        """The next frame; `told`: what the screen says."""


@dataclass(slots=True, eq=False)
class _Hand:
    """Moves towards where it wants to be, no faster than it can, and trembles."""

    rng: np.random.Generator
    pose: Pose
    speed: float
    _drift: NDArray[np.float64]

    @classmethod
    def of(cls, rng: np.random.Generator) -> _Hand:
        return cls(rng, Pose(size=float(rng.uniform(38, 50))), float(rng.uniform(0.5, 1.0)), np.zeros(5))

    def towards(self, aim: Pose) -> Pose:
        """One frame on, at most `speed` of a right angle, or of a picture's half, a second."""
        step = self.speed / FPS
        now = self.pose
        self.pose = Pose(
            yaw=_nearer(now.yaw, aim.yaw, 90 * step),
            pitch=_nearer(now.pitch, aim.pitch, 90 * step),
            roll=_nearer(now.roll, aim.roll, 90 * step),
            x=_nearer(now.x, aim.x, 3 * step),
            y=_nearer(now.y, aim.y, 3 * step),
            size=now.size * float(np.exp(_nearer(0.0, np.log(aim.size / now.size), step))),
        )
        noise = self.rng.standard_normal(5) * ([_TREMOR_DEGREES] * 3 + [_TREMOR] * 2)
        self._drift = 0.9 * self._drift + noise
        yaw, pitch, roll, x, y = (float(value) for value in self._drift)
        return replace(
            self.pose,
            yaw=self.pose.yaw + yaw,
            pitch=self.pose.pitch + pitch,
            roll=self.pose.roll + roll,
            x=self.pose.x + x,
            y=self.pose.y + y,
        )


class SheetPlayer:
    """Holds up a photograph, or a screen that shows one, and moves it as asked: every sequence in a way of its own."""

    def __init__(self, sheet: Print, manner: Manner, rng: np.random.Generator) -> None:
        self._sheet, self._manner, self._rng = sheet, manner, rng
        self._view, self._hand = View(rng), _Hand.of(rng)
        self._rest = replace(self._hand.pose)
        self._tilt = float(rng.uniform(20, 60)) * float(rng.choice([-1, 1]))
        self._nod, self._lean = float(rng.uniform(-25, 25)), float(rng.uniform(-30, 30))
        self._way = float(rng.uniform(0.3, 0.8))
        self._growth = float(rng.choice([rng.uniform(0.72, 0.9), rng.uniform(1.1, 1.35)]))

    def show(self, told: Progress | None) -> Image:
        aim = self._rest
        if told is not None and told.state == "turning":
            aim = self._aim(1.0 if told.turn is Turn.LEFT else -1.0)
        return self._view.flat(self._sheet, self._hand.towards(aim))

    def _aim(self, side: float) -> Pose:
        rest = self._rest
        changes: dict[Manner, dict[str, float]] = {
            Manner.HELD: {},
            Manner.MOVED: {"x": side * self._way, "y": 0.2 * self._way},
            Manner.TILTED: {"yaw": side * self._tilt, "pitch": self._nod},
            Manner.ROTATED: {"roll": side * self._lean, "yaw": side * self._tilt / 2},
            Manner.SCALED: {"size": rest.size * self._growth},
        }
        mixed = {name: value for own in changes.values() for name, value in own.items() if self._manner is Manner.MIXED}
        return replace(rest, **changes.get(self._manner, mixed))


class ReliefPlayer:
    """Turns a relief: a sheet that is bent or folded, or a head.

    Args:
        depth: of the sheet's pixels, see `View.relief`.
        degrees: how far it is turned; negative where it is turned the other way than asked.
        pivot: how far behind the face it turns, in distances between the eyes.
        delay: frames before anything happens, as people need to read.
    """

    def __init__(
        self,
        sheet: Print,
        depth: NDArray[np.float64],
        degrees: float,
        rng: np.random.Generator,
        *,
        pivot: float = 0.0,
        delay: int = 0,
    ) -> None:
        self._sheet, self._depth, self._degrees, self._pivot, self._delay = sheet, depth, degrees, pivot, delay
        self._view, self._hand = View(rng), _Hand.of(rng)
        self._rest = replace(self._hand.pose)
        self._nod = float(rng.uniform(-6, 6))
        self._waited = 0
        self._aim = self._rest
        self._told = ("", 0)

    def show(self, told: Progress | None) -> Image:
        asked = (told.state, told.step) if told is not None else ("", 0)
        self._waited = self._waited + 1 if asked == self._told else 0
        self._told = asked
        if told is not None and self._waited >= self._delay:
            side = 1.0 if told.turn is Turn.LEFT else -1.0
            is_turning = told.state == "turning"
            self._aim = replace(self._rest, yaw=side * self._degrees, pitch=self._nod) if is_turning else self._rest
        pose = self._hand.towards(self._aim)
        aside = self._pivot * float(np.sin(np.deg2rad(pose.yaw)))
        return self._view.relief(self._sheet, self._depth, replace(pose, x=pose.x + aside))


class DissolvePlayer:
    """Blends a photograph slowly into another one of the same person, who looks to where it is asked.

    Args:
        front: looks straight ahead; aside: to the image's right.
    """

    def __init__(self, front: Print, aside: Print, rng: np.random.Generator) -> None:
        self._front = front
        self._sides = {Turn.LEFT: _laid(aside, front), Turn.RIGHT: _laid(aside.mirrored(), front)}
        self._view, self._hand = View(rng), _Hand.of(rng)
        self._rest = replace(self._hand.pose)
        self._step = 1 / (FPS * float(rng.uniform(0.4, 1.2)))
        self._share = 0.0
        self._side = Turn.LEFT

    def show(self, told: Progress | None) -> Image:
        is_turning = told is not None and told.state == "turning"
        if told is not None and told.turn is not None and self._share == 0:
            self._side = told.turn
        self._share = _nearer(self._share, 1.0 if is_turning else 0.0, self._step)
        blend = cv2.addWeighted(self._front.image, 1 - self._share, self._sides[self._side], self._share, 0.0)
        blended = Print(np.asarray(blend, np.uint8), self._front.landmarks)
        return self._view.flat(blended, self._hand.towards(self._rest))


def turning_head(sheet: Print, depth: NDArray[np.float64], degrees: float, rng: np.random.Generator) -> ReliefPlayer:
    """A person who does what is asked, after a moment."""
    return ReliefPlayer(sheet, depth, degrees, rng, pivot=_PIVOT, delay=int(rng.integers(4, 12)))


def _laid(other: Print, onto: Print) -> NDArray[np.uint8]:
    """A photograph moved so that its face is where the other's is."""
    matrix = np.linalg.inv(onto.to_face) @ other.to_face
    size = onto.image.shape[1], onto.image.shape[0]
    return np.asarray(cv2.warpAffine(other.image, matrix[:2], size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _nearer(now: float, aim: float, step: float) -> float:
    return now + float(np.clip(aim - now, -step, step))
